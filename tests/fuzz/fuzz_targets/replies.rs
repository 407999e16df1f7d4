//! Any body, as the answer to any step of any payment at any vendor: it is read calmly, the same twice, it approves
//! nothing without the vendor's words for it, and no card number gets into a fact.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posjunction::http::HttpReply;
use posjunction::payment::fact::Action;
use posjunction::payment::plan::Step;
use posjunction::payment::report::Verdict;
use posjunction::payment::{Fact, Payment, cardmask};
use posjunction::vendors::{Known, Reading, Search, webhook};
use posjunction_fuzz::{CARD, Subject, has_word, is_one, subjects};
use serde_json::Value;
use std::collections::HashSet;

const STATUSES: [u16; 8] = [200, 201, 204, 400, 401, 404, 429, 500];

fn steps() -> [Step; 13] {
    let id = "8350".to_owned();
    let answer = Step::FetchAnswer { id: id.clone() };
    [
        Step::Submit(Action::Start),
        Step::Submit(Action::Void),
        Step::Submit(Action::Refund),
        Step::Watch,
        Step::Settle { id },
        Step::Cancel,
        Step::Lookup,
        Step::SearchDuplicate,
        Step::Prepare,
        Step::Baseline,
        Step::TerminalStatus,
        answer,
        Step::Errand,
    ]
}

fuzz_target!(|body: &[u8]| {
    let pause = String::from_utf8_lossy(&body[..body.len().min(12)]).into_owned();
    let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let claimed = HashSet::new();
    let handed_on = body.len() % 2 == 1;
    let known = Known { claimed: &claimed, landmark: None, handed_on };
    for subject in subjects() {
        let may_approve = has_word(&json, subject.approval);
        // Each input has one status, mostly that of success: all of them at once would only be slow.
        let draw = body.iter().fold(0, |sum: usize, byte| sum + usize::from(*byte));
        let status = if draw % 4 == 0 { STATUSES[draw / 4 % STATUSES.len()] } else { 200 };
        let headers = vec![("retry-after".to_owned(), pause.clone()), ("date".to_owned(), pause.clone())];
        let reply = HttpReply { status, headers, body: body.to_vec() };
        let _ = subject.vendor.read_session(&reply);
        if let Some(scheme) = subject.vendor.webhooks() {
            let _ = (scheme.read)(&json);
            let signed = format!("{}: {}", scheme.signature, "0".repeat(64));
            for headers in [pause.as_str(), signed.as_str()] {
                assert!(webhook::verify(scheme, &"secret".into(), headers, body).is_err(), "a forged webhook passed");
            }
        }
        // And at each vendor one payment: all of them with every input take a quarter of a second.
        let payment = &subject.payments[draw / 7 % subject.payments.len()];
        read_all(subject, payment, &reply, &known, may_approve);
        if may_approve {
            let body = strip(&json, subject.approval).to_string().into_bytes();
            read_all(subject, payment, &HttpReply { body, ..reply.clone() }, &known, false);
        }
        if let Some(body) = planted(&json, body).filter(|_| draw % 2 == 0) {
            read_all(subject, payment, &HttpReply { body, ..reply }, &known, may_approve);
        }
    }
});

/// The same body without these words.
fn strip(json: &Value, words: &[&str]) -> Value {
    let other = |text: &str| {
        if is_one(text, words) { "something".to_owned() } else { text.to_owned() }
    };
    match json {
        Value::String(text) => Value::String(other(text)),
        Value::Array(list) => list.iter().map(|one| strip(one, words)).collect(),
        Value::Object(map) => map.iter().map(|(key, one)| (other(key), strip(one, words))).collect(),
        plain => plain.clone(),
    }
}

/// The same body with a card number in one of its texts. Not right behind a digit: then it is another number.
fn planted(json: &Value, body: &[u8]) -> Option<Vec<u8>> {
    let mut json = json.clone();
    let mut texts = Vec::new();
    gather(&mut json, &mut texts);
    let place = body.iter().fold(7, |sum: usize, byte| sum * 31 % 65_537 + usize::from(*byte)) % texts.len().max(1);
    texts.get_mut(place)?.push_str(&format!("x{CARD}"));
    Some(json.to_string().into_bytes())
}

fn gather<'a>(json: &'a mut Value, texts: &mut Vec<&'a mut String>) {
    match json {
        Value::String(text) => texts.push(text),
        Value::Array(list) => list.iter_mut().for_each(|one| gather(one, texts)),
        Value::Object(map) => map.iter_mut().for_each(|(_, one)| gather(one, texts)),
        _ => {}
    }
}

fn read_all(subject: &Subject, payment: &Payment, reply: &HttpReply, known: &Known, may_approve: bool) {
    for step in steps() {
        let read = |search: Search| subject.vendor.read(&step, payment, search, reply, known).masked();
        let first = read(Search::default());
        let again = read(Search::default());
        assert!(first.facts == again.facts && first.next == again.next, "{}: read differently", subject.name);
        let what = || format!("{}: {step:?}, {}: {:?}", subject.name, reply.status, first.facts);
        assert!(may_approve || !approves(&first), "approved without a word for it: {}", what());
        assert!(!shows_card(&first), "a card number came through: {}", what());
        if let Some(next) = first.next.clone() {
            // The next page is this body again.
            assert!(next != Search::default(), "the search goes round: {}", what());
            let second = read(next);
            assert!(may_approve || !approves(&second), "approved without a word for it: {}", what());
        }
        let mut payment = payment.clone();
        for (fact, number) in first.facts.iter().zip(10..) {
            let written = fact.to_json();
            assert_eq!(Fact::from_json(1, &written), *fact, "the journal does not give it back");
            payment.apply(&posjunction_fuzz::entry(number, 1, fact.clone()));
        }
    }
}

fn approves(reading: &Reading) -> bool {
    let is = |verdict: Verdict| matches!(verdict, Verdict::Approved | Verdict::Voided);
    let facts = reading.facts.iter().any(|fact| match fact {
        Fact::TransactionRead { report } => is(report.verdict),
        Fact::LookedUp(done) => done.candidates.iter().any(|candidate| candidate.approved),
        Fact::DuplicateSearched { candidates, .. } => candidates.iter().any(|candidate| candidate.approved),
        _ => false,
    });
    facts || reading.elsewhere.iter().any(|(_, report)| is(report.verdict))
}

/// Ids are left out: they are the vendor's, and changing one loses a payment.
fn shows_card(reading: &Reading) -> bool {
    reading.facts.iter().any(|fact| {
        let texts: Vec<String> = match fact {
            Fact::TransactionRead { report } => {
                let r = report.as_ref().clone();
                vec![
                    r.vendor_status,
                    r.response_code,
                    r.response_text,
                    r.authorization_code,
                    r.card_last4,
                    r.card_brand,
                    r.entry_method,
                ]
            }
            Fact::UnknownWord { word } => vec![word.clone()],
            Fact::Refused { failure }
            | Fact::Unclear { failure }
            | Fact::NotSent { failure, .. }
            | Fact::ReadFailed { failure, .. }
            | Fact::CancelUnclear { failure } => vec![failure.text.clone()],
            _ => Vec::new(),
        };
        texts.iter().any(|text| text.contains(&CARD[..13]) || cardmask::holds_card_number(text))
    })
}
