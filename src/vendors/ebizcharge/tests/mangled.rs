//! Whatever comes, parsing never fails loudly, and nothing that is cut short says that money moved.

use super::{FIXTURES, ORIGINAL, accepted, payment, read, sale, with};
use crate::payment::fact::Action;
use crate::payment::plan::Step;
use crate::payment::report::Verdict;
use crate::payment::{Fact, Kind, Payment};

/// A span that samples lie in.
const SPAN: [(&str, &str); 2] = [("from", "2025-11-20T00:00:00Z"), ("until", "2025-11-20T23:59:59Z")];

fn steps() -> [Step; 9] {
    let id = "kdbbjsn49jsjy3gm".to_owned();
    [
        Step::Submit(Action::Start),
        Step::Submit(Action::Refund),
        Step::Watch,
        Step::Settle { id },
        Step::Cancel,
        Step::Lookup,
        Step::Baseline,
        Step::SearchDuplicate,
        Step::TerminalStatus,
    ]
}

fn payments() -> [Payment; 4] {
    let refund = payment(Kind::Refund, &[("transaction", ORIGINAL)], &[("amount", 100)]);
    let folded = with(accepted(), vec![Fact::Folded { id: "kdbbjsn49jsjy3gm".to_owned() }]);
    [accepted(), folded, payment(Kind::Void, &[("transaction", ORIGINAL)], &[]), refund]
}

fn says_moved(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| match fact {
        Fact::TransactionRead { report } | Fact::FoldedOnto { report, .. } => report.verdict == Verdict::Approved,
        Fact::Accepted { .. } | Fact::TransactionSeen { .. } => true,
        _ => false,
    })
}

fn ends(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::RequestEnded { .. } | Fact::Refused { .. }))
}

/// Promise 13.
#[test]
fn a_body_that_is_cut_anywhere_is_read_calmly_moves_no_money_and_ends_nothing() {
    let [accepted, .., refund] = payments();
    let cut = [sale(), accepted, refund];
    for (name, text) in FIXTURES {
        let whole = text.trim_end();
        for end in 0..whole.len() {
            for payment in &cut {
                for step in steps() {
                    let facts = read(payment, &step, 200, &whole.as_bytes()[..end]).facts;
                    assert!(!says_moved(&facts) && !ends(&facts), "{name} up to {end}: {facts:?}");
                }
            }
        }
    }
}

/// Promise 13.
#[test]
fn a_body_with_any_byte_changed_is_read_calmly() {
    let mut draw = 1_u64;
    for (_, text) in FIXTURES {
        for round in 0..120 {
            let mut body = text.as_bytes().to_vec();
            for _ in 0..=round % 3 {
                draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (draw >> 33) as usize % body.len();
                match round % 4 {
                    0 => body[place] = (draw >> 20) as u8,
                    1 => body.truncate(place + 1),
                    2 => body.insert(place, b"{[]\"0e-,"[(draw >> 12) as usize % 8]),
                    _ => drop(body.remove(place)),
                }
            }
            let status = [200, 201, 204, 302, 400, 401, 404, 429, 500, 502, 0, 65_535][(draw >> 8) as usize % 12];
            for (payment, step) in payments().iter().flat_map(|payment| steps().map(|step| (payment.clone(), step))) {
                read(&payment, &step, status, &body);
            }
        }
    }
}

#[test]
fn deep_and_endless_json_is_read_calmly() {
    let deep = format!("{}1{}", "{\"data\":[".repeat(5_000), "]}".repeat(5_000));
    let wide = format!("{{\"data\":[{}1]}}", "1,".repeat(200_000));
    let digits = format!("{{\"key\":{},\"amount\":\"{}\",\"total\":{0}}}", "9".repeat(500), "9".repeat(500));
    for body in [deep, wide, digits] {
        for step in steps().into_iter().filter(|step| !matches!(step, Step::Submit(_))) {
            assert!(!says_moved(&read(&accepted(), &step, 200, body.as_bytes()).facts));
        }
    }
}

/// A header that is no count is none.
#[test]
fn a_strange_rate_limit_header_is_read_calmly() {
    for header in ["", ";", "45/min", "x of y/min; z", "99999999999999999999 of 45/min", "-8 of -45/min", "8 of 45/min"]
    {
        super::read_with(&accepted(), &Step::Watch, 200, b"{}", &[("x-rate-limit", header), ("retry-after", header)]);
    }
}

/// A list that is cut anywhere is no list: half of one would hide what is missing.
#[test]
fn the_books_are_read_whole_or_not_at_all() {
    let asked = payment(Kind::Reconcile, &SPAN, &[]);
    let whole = FIXTURES.iter().find(|(name, _)| *name == "list").expect("the sample").1.trim_end();
    let listed = |body: &[u8]| read(&asked, &Step::Errand, 200, body).books.map(|books| books.len());
    assert_eq!(listed(whole.as_bytes()), Some(1));
    for end in 0..whole.len() {
        assert_eq!(listed(&whole.as_bytes()[..end]), None, "up to {end}");
    }
    // A row that cannot be read may be the one that differs.
    let strange = whole.replacen("\"data\":[", "\"data\":[{},", 1);
    assert!(strange != whole && listed(strange.as_bytes()).is_none());
}
