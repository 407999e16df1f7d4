//! Each sample of the documents, and the facts it gives.

use super::{fixture, payment, read, sale};
use crate::payment::fact::{Action, Phase};
use crate::payment::plan::Step;
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::snapshot::Advice;
use crate::payment::{Fact, Kind};
use crate::status::Status;

fn watch(name: &str, status: u16) -> Vec<Fact> {
    read(&sale(), &Step::Watch, status, fixture(name).as_bytes()).facts
}

fn settle(name: &str, id: &str) -> Vec<Fact> {
    read(&sale(), &Step::Settle { id: id.to_owned() }, 200, fixture(name).as_bytes()).facts
}

fn report_of(facts: &[Fact]) -> &TransactionReport {
    match facts {
        [Fact::TransactionRead { report }] => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_polls_samples_tell_where_the_terminal_stands() {
    let shows = |phase| vec![Fact::TerminalShows { phase }];
    let seen = |phase| vec![Fact::TransactionSeen { id: "123".into() }, Fact::TerminalShows { phase }];
    assert_eq!(watch("connecting", 200), shows(Phase::Connecting));
    assert_eq!(watch("busy", 200), shows(Phase::Busy));
    assert_eq!(watch("no_connection", 200), shows(Phase::Offline));
    assert_eq!(watch("in_progress", 200), seen(Phase::AtTerminal));
    assert_eq!(watch("complete", 200), seen(Phase::Ended));
    assert_eq!(watch("complete_canceled", 200), shows(Phase::Ended));
    for other in ["complete_input", "complete_prompt", "complete_signature"] {
        assert_eq!(watch(other, 200), shows(Phase::Ended), "{other}");
    }
}

/// Promise 5: an unknown status word means "still running". The workflow article names one that no other page knows.
#[test]
fn a_word_that_only_one_page_knows_means_still_running() {
    assert_eq!(watch("workflow_pending", 200), [Fact::UnknownWord { word: "Pending".into() }]);
}

#[test]
fn a_purged_request_is_gone_and_a_rate_limit_is_only_a_failed_read() {
    assert_eq!(watch("not_found", 404), [Fact::RequestGone]);
    let limited = watch("rate_limited", 429);
    let [Fact::ReadFailed { failure, pause_ms }] = &limited[..] else { panic!("{limited:?}") };
    assert_eq!((failure.status, failure.http_status), (Status::RateLimited, 429));
    assert!(*pause_ms >= 500);
}

#[test]
fn the_answer_to_request_payment_is_the_request_s_id() {
    let step = Step::Submit(Action::Start);
    let facts = read(&sale(), &step, 200, fixture("request_payment").as_bytes()).facts;
    assert_eq!(facts, [Fact::Accepted { request_id: "422900dc-25bb-4b56-94f4-d7f5c9646e54".into() }]);
}

#[test]
fn a_validation_error_is_a_refusal_that_names_every_parameter() {
    let step = Step::Submit(Action::Start);
    let facts = read(&sale(), &step, 400, fixture("validation_error").as_bytes()).facts;
    let [Fact::Refused { failure }] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((failure.status, failure.http_status), (Status::Rejected, 400));
    assert!(failure.text.contains("amountBase") && failure.text.contains("terminalId"), "{}", failure.text);
}

#[test]
fn a_rate_limited_submit_was_not_executed() {
    let step = Step::Submit(Action::Start);
    let facts = read(&sale(), &step, 429, fixture("rate_limited").as_bytes()).facts;
    assert!(matches!(facts[..], [Fact::NotSent { again: true, .. }]), "{facts:?}");
}

/// Promise 5: HTTP 200 is not approved. A body of something else says nothing about money.
#[test]
fn a_body_of_something_else_leaves_a_submit_unclear() {
    let step = Step::Submit(Action::Start);
    for name in ["webhook_transaction", "webhook_signature", "connecting", "workflow_approved", "transaction", "search"]
    {
        let facts = read(&sale(), &step, 200, fixture(name).as_bytes()).facts;
        assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{name}: {facts:?}");
    }
}

#[test]
fn every_field_of_a_transaction_finds_its_place() {
    let facts = settle("transaction", "8350");
    let report = report_of(&facts);
    assert_eq!((report.verdict, report.ownership), (Verdict::Approved, Ownership::Ours));
    assert_eq!((report.total, report.tip, report.surcharge), (1471, 200, 37));
    assert_eq!((report.card_last4.as_str(), report.card_brand.as_str()), ("0111", "VISA"));
    assert_eq!((report.authorization_code.as_str(), report.response_code.as_str()), ("PJ20AP", "00"));
    assert_eq!((report.entry_method.as_str(), report.invoice.as_str()), ("CHIP", "4711"));
    assert_eq!((report.merchant_terminal.as_str(), report.vendor_status.as_str()), ("12345", "CAPTURE"));
    assert!(!report.settled && !report.held && !report.authorized_only && !report.duplicate && !report.is_refund);
}

#[test]
fn what_the_words_of_a_transaction_mean() {
    let read = |from: &str, to: &str| {
        let body = fixture("transaction").replace(from, to);
        let step = Step::Settle { id: "8350".into() };
        let facts = super::read(&sale(), &step, 200, body.as_bytes()).facts;
        report_of(&facts).clone()
    };
    assert_eq!(read("CAPTURE", "VOID").verdict, Verdict::Voided);
    assert_eq!(read("CAPTURE", "SOMETHING").verdict, Verdict::Open, "an unknown word decides nothing");
    let hold = read("CAPTURE", "HOLD");
    assert_eq!((hold.verdict, hold.authorized_only), (Verdict::Approved, true));
    let held = read("\"approved\" : true", "\"approved\" : false");
    assert_eq!((held.verdict, held.held), (Verdict::Declined, true));
    let duplicate = read("\"code\" : \"00\"", "\"code\" : \"DT\"");
    assert!(duplicate.duplicate);
    assert!(read("\"settled\" : false", "\"settled\" : true").settled);
    assert_eq!(read("8350,", "\"8350\",").id, "8350", "ids come as numbers and as texts");
    assert_eq!(read("\"0111\"", "\"4444333322221111\"").card_last4, "1111", "never more than four digits");
}

/// Promise 8: another account or kind is no transaction of ours, whatever key it carries.
#[test]
fn a_transaction_is_ours_by_key_and_foreign_with_the_wrong_account_or_kind() {
    let ownership = |from: &str, to: &str| {
        let body = fixture("transaction").replace(from, to);
        let facts = read(&sale(), &Step::Settle { id: "8350".into() }, 200, body.as_bytes()).facts;
        report_of(&facts).ownership
    };
    assert_eq!(ownership("", ""), Ownership::Ours);
    assert_eq!(ownership("PJ-HHHHHHHHHHHHHHHHHHHH", "4711"), Ownership::Candidate);
    assert_eq!(ownership("12345", "12346"), Ownership::Foreign);
    assert_eq!(ownership("CHARGE", "REFUND"), Ownership::Foreign);
}

#[test]
fn a_transaction_without_an_amount_or_with_another_id_is_not_read() {
    for (name, id) in [("workflow_approved", "123"), ("workflow_declined", "124"), ("transaction", "8351")] {
        let facts = settle(name, id);
        assert!(matches!(facts[..], [Fact::ReadFailed { .. }]), "{name}: {facts:?}");
    }
}

#[test]
fn a_search_with_another_page_asks_for_it() {
    let reading = read(&sale(), &Step::Lookup, 200, fixture("search").as_bytes());
    assert!(reading.facts.is_empty());
    let next = reading.next.expect("there is another page");
    assert_eq!((next.offset, next.found.len()), (50, 1));
    let last = fixture("search").replace("\"next\"", "\"previous\"");
    let reading = read(&sale(), &Step::Lookup, 200, last.as_bytes());
    let [Fact::TransactionRead { .. }, Fact::LookedUp(done)] = &reading.facts[..] else {
        panic!("{:?}", reading.facts)
    };
    assert!(done.complete && done.found == ["8350"]);
}

/// Work on a transaction answers with the transaction: a void with the original, a refund with a new one.
#[test]
fn the_answer_to_a_void_is_the_original_and_that_to_a_refund_is_not() {
    let void = payment(Kind::Void, &[("transaction", "8350")], &[]);
    let body = fixture("transaction").replace("CAPTURE", "VOID");
    let facts = read(&void, &Step::Submit(Action::Start), 200, body.as_bytes()).facts;
    assert!(matches!(facts[..], [Fact::Accepted { .. }, Fact::TransactionRead { .. }]), "{facts:?}");
    let refund = payment(Kind::Refund, &[("transaction", "8350")], &[("amount", 100)]);
    let facts = read(&refund, &Step::Submit(Action::Start), 200, body.as_bytes()).facts;
    assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{facts:?}");
}

/// The table's advice goes with a result. An answer that leaves everything open has none to give.
#[test]
fn only_a_refusal_carries_advice() {
    let step = Step::Submit(Action::Start);
    let own = br#"{"errors":[{"message":"no"}]}"#;
    for (status, advice) in [(400, Advice::FixRequest), (401, Advice::FixSetup), (404, Advice::FixSetup)] {
        let facts = read(&sale(), &step, status, own).facts;
        let [Fact::Refused { failure }] = &facts[..] else { panic!("{status}: {facts:?}") };
        assert_eq!(failure.advice, Some(advice), "{status}");
    }
    for status in [200, 402, 408, 409, 418, 500, 503] {
        let facts = read(&sale(), &step, status, own).facts;
        let [Fact::Unclear { failure }] = &facts[..] else { panic!("{status}: {facts:?}") };
        assert_eq!((failure.advice, failure.text.as_str()), (None, "no"), "{status}");
    }
}

#[test]
fn of_several_wrong_parameters_the_first_that_is_listed_counts() {
    let body = br#"{"errors":[{"message":"a","parameter":"note"},{"message":"b","parameter":"terminalId"}]}"#;
    let facts = read(&sale(), &Step::Submit(Action::Start), 400, body).facts;
    let [Fact::Refused { failure }] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!(failure.advice, Some(Advice::FixSetup));
    assert_eq!(failure.text, "note: a terminalId: b");
}

#[test]
fn a_declined_transaction_brings_its_reason_and_an_approved_one_none() {
    let approved = settle("transaction", "8350");
    assert_eq!(report_of(&approved).reason, None);
    let body = fixture("transaction").replace("\"approved\" : true", "\"approved\" : false");
    for (code, status, advice) in [
        ("91", Status::Declined, Advice::Retry),
        ("04", Status::Declined, Advice::NewCard),
        ("00", Status::Declined, Advice::NewCard),
        ("DT", Status::DuplicateSuspected, Advice::Resolve),
    ] {
        let body = body.replace("\"code\" : \"00\"", &format!("\"code\" : \"{code}\""));
        let facts = read(&sale(), &Step::Settle { id: "8350".into() }, 200, body.as_bytes()).facts;
        let reason = report_of(&facts).reason.as_ref().expect("a decline has a reason");
        assert_eq!((reason.status, reason.advice), (status, advice), "{code}");
    }
}
