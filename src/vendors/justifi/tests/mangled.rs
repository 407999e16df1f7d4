//! Whatever comes, parsing never fails loudly, and nothing that is cut short says that money moved.

use super::{CHECKOUT, FIXTURES, INTENT, Till};
use crate::payment::fact::Action;
use crate::payment::plan::Step;
use crate::payment::report::Verdict;
use crate::payment::{Fact, Kind, Payment};
use crate::vendors::Search;

/// A span that samples lie in.
const SPAN: [(&str, &str); 2] = [("from", "2021-01-01T00:00:00Z"), ("until", "2021-01-31T23:59:59Z")];

fn steps() -> [Step; 9] {
    let id = |id: &str| Step::Settle { id: id.to_owned() };
    [
        Step::Submit(Action::Start),
        Step::Prepare,
        Step::Baseline,
        Step::TerminalStatus,
        Step::Watch,
        Step::Lookup,
        id("py_xyz"),
        id("chc_xyz"),
        id("re_xyz"),
    ]
}

fn cases() -> Vec<(Till, Payment)> {
    let on = |till: Till, kind| (till, till.asks(kind, &[("transaction", "py_xyz")], &[]));
    let refund = INTENT.asks(Kind::TerminalRefund, &[("transaction", "py_xyz")], &[("amount", 100)]);
    vec![
        (CHECKOUT, CHECKOUT.sale()),
        (INTENT, INTENT.sale()),
        on(CHECKOUT, Kind::Void),
        on(CHECKOUT, Kind::Refund),
        on(CHECKOUT, Kind::FetchTransaction),
        (INTENT, refund),
    ]
}

fn moves_money(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| match fact {
        Fact::TransactionRead { report } => report.verdict == Verdict::Approved,
        Fact::Accepted { .. } | Fact::TransactionSeen { .. } => true,
        _ => false,
    })
}

/// Promise 13.
#[test]
fn a_body_that_is_cut_anywhere_is_read_calmly_and_says_nothing() {
    for (name, text) in FIXTURES {
        let whole = text.trim_end();
        for (till, payment) in cases() {
            for end in (0..whole.len()).step_by(whole.len() / 30 + 1).chain([whole.len() - 1]) {
                for step in steps() {
                    for listing in [false, true] {
                        let search = Search { listing, ..Search::default() };
                        let reading = till.read_of(&payment, &step, search, 200, &whole.as_bytes()[..end]);
                        let what = format!("{name} up to {end}, {step:?}: {:?}", reading.facts);
                        assert!(!moves_money(&reading.facts), "{what}");
                        let bad = |f: &Fact| {
                            matches!(f, Fact::RequestEnded { .. } | Fact::Refused { .. } | Fact::LookedUp(_))
                        };
                        assert!(!reading.facts.iter().any(bad), "{what}");
                    }
                }
            }
        }
    }
}

/// Promise 13.
#[test]
fn a_body_with_any_byte_changed_is_read_calmly() {
    let mut draw = 1_u64;
    let cases = cases();
    for (_, text) in FIXTURES {
        for round in 0..60 {
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
            let status =
                [200, 201, 204, 302, 400, 401, 404, 409, 422, 429, 500, 502, 0, 65_535][(draw >> 8) as usize % 14];
            for (till, payment) in &cases {
                for step in steps() {
                    let search = Search { listing: draw & 1 == 0, ..Search::default() };
                    till.read_of(payment, &step, search, status, &body);
                }
            }
        }
    }
}

#[test]
fn deep_and_endless_json_is_read_calmly() {
    let deep = format!("{}1{}", "{\"data\":[".repeat(5_000), "]}".repeat(5_000));
    let wide = format!("{{\"data\":[{}1]}}", "1,".repeat(200_000));
    let digits =
        format!("{{\"id\":\"py_xyz\",\"currency\":\"usd\",\"status\":\"succeeded\",\"amount\":{}}}", "9".repeat(500));
    let float = r#"{"id":"py_xyz","currency":"usd","status":"succeeded","amount":9e308}"#.to_owned();
    for body in [deep, wide, digits, float] {
        for (till, payment) in cases() {
            for step in steps() {
                assert!(!moves_money(&till.read(&payment, &step, 200, &body).facts));
            }
        }
    }
}

/// A list that is cut anywhere is no list: half of one would hide what is missing.
#[test]
fn the_books_are_read_whole_or_not_at_all() {
    let asked = CHECKOUT.asks(Kind::Reconcile, &SPAN, &[]);
    let whole = FIXTURES.iter().find(|(name, _)| *name == "refunds").expect("the sample").1.trim_end();
    let listed = |body: &[u8]| {
        let search = Search { listing: true, ..Search::default() };
        CHECKOUT.read_of(&asked, &Step::Errand, search, 200, body).books.map(|books| books.len())
    };
    assert_eq!(listed(whole.as_bytes()), Some(2));
    for end in 0..whole.len() {
        assert_eq!(listed(&whole.as_bytes()[..end]), None, "up to {end}");
    }
    // A row that cannot be read may be the one that differs.
    let strange = whole.replacen("\"data\": [", "\"data\": [{},", 1);
    assert!(strange != whole && listed(strange.as_bytes()).is_none());
}
