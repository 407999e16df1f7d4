//! Whatever comes, parsing never fails loudly, and nothing that is cut short says that money moved.

use super::{FIXTURES, payment, read, sale};
use crate::payment::fact::Action;
use crate::payment::plan::Step;
use crate::payment::report::Verdict;
use crate::payment::{Fact, Kind, Payment};

/// A span that samples lie in.
const SPAN: [(&str, &str); 2] = [("from", "2013-11-18T00:00:00Z"), ("until", "2013-11-19T00:00:00Z")];

fn steps() -> [Step; 6] {
    let id = "8350".to_owned();
    [Step::Submit(Action::Start), Step::Watch, Step::Settle { id }, Step::Cancel, Step::Lookup, Step::SearchDuplicate]
}

/// Every call that there is, and a payment that makes it.
fn calls() -> Vec<(Payment, Step)> {
    let refund = payment(Kind::Refund, &[("transaction", "8349")], &[("amount", 100)]);
    let money = [sale(), payment(Kind::Void, &[("transaction", "8350")], &[]), refund];
    let mail = [("transaction", "8350"), ("email", "a@b.example"), ("reply_to", "c@d.example")];
    let errands = [
        payment(Kind::ListTerminals, &[], &[]),
        payment(Kind::FetchTerminal, &[], &[]),
        payment(Kind::SelfCheck, &[], &[]),
        payment(Kind::Reconcile, &SPAN, &[]),
        payment(Kind::FetchReceipt, &[("transaction", "8350")], &[]),
        payment(Kind::FetchSignature, &[("transaction", "8350")], &[]),
        payment(Kind::SendReceipt, &mail, &[]),
    ];
    let prompt = payment(Kind::Prompt, &[("text", "Coffee?"), ("buttons", "Yes")], &[]);
    let signature = payment(Kind::Signature, &[("terms", "I agree.")], &[]);
    let questions = [prompt, payment(Kind::CardRead, &[], &[]), signature.clone()];
    let mut calls: Vec<(Payment, Step)> = Vec::new();
    calls.extend(money.iter().flat_map(|payment| steps().map(|step| (payment.clone(), step))));
    calls.extend(errands.into_iter().map(|payment| (payment, Step::Errand)));
    calls.extend(questions.into_iter().map(|payment| (payment, Step::Watch)));
    calls.push((signature, Step::FetchAnswer { id: "2f0b".to_owned() }));
    calls
}

fn says_approved(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::TransactionRead { report } if report.verdict == Verdict::Approved))
}

/// Promise 13.
#[test]
fn a_body_that_is_cut_anywhere_is_read_calmly_and_moves_no_money() {
    for (name, text) in FIXTURES {
        let whole = text.trim_end();
        for end in 0..whole.len() {
            for step in steps() {
                let facts = read(&sale(), &step, 200, &whole.as_bytes()[..end]).facts;
                assert!(!says_approved(&facts), "{name} up to {end}: {facts:?}");
                assert!(!facts.iter().any(|f| matches!(f, Fact::Accepted { .. })), "{name} up to {end}: {facts:?}");
            }
        }
    }
}

/// Promise 13.
#[test]
fn a_body_with_any_byte_changed_is_read_calmly() {
    let calls = calls();
    let mut draw = 1_u64;
    for (_, text) in FIXTURES {
        for round in 0..400 {
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
            for (payment, step) in &calls {
                read(payment, step, status, &body);
            }
        }
    }
}

#[test]
fn deep_and_endless_json_is_read_calmly() {
    let deep = format!("{}1{}", "{\"results\":[".repeat(5_000), "]}".repeat(5_000));
    let wide = format!("{{\"results\":[{}1]}}", "1,".repeat(200_000));
    let digits = format!("{{\"transactionId\":{},\"amountTotal\":\"{}\"}}", "9".repeat(500), "9".repeat(500));
    for body in [deep, wide, digits] {
        for step in steps() {
            assert!(!says_approved(&read(&sale(), &step, 200, body.as_bytes()).facts));
        }
    }
}

/// A list that is cut anywhere is no list: half of one would hide what is missing.
#[test]
fn the_books_are_read_whole_or_not_at_all() {
    let asked = payment(Kind::Reconcile, &SPAN, &[]);
    let whole = FIXTURES.iter().find(|(name, _)| *name == "search").expect("the sample").1.trim_end();
    let listed = |body: &[u8]| {
        let reading = read(&asked, &Step::Errand, 200, body);
        // The sample has a page after it.
        reading.books.or(reading.next.map(|next| next.listed)).map(|books| books.len())
    };
    assert_eq!(listed(whole.as_bytes()), Some(1));
    for end in 0..whole.len() {
        assert_eq!(listed(&whole.as_bytes()[..end]), None, "up to {end}");
    }
    // A row that cannot be read may be the one that differs.
    let strange = whole.replacen("\"results\" : [", "\"results\" : [{},", 1);
    assert!(strange != whole && listed(strange.as_bytes()).is_none());
}
