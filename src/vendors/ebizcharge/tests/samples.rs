//! What the documents' samples mean.

use super::{ORIGINAL, REQUEST, TERMINAL, accepted, fixture, payment, read, read_with, sale, with};
use crate::payment::fact::{Action, Ending, Phase, Whose};
use crate::payment::plan::Step;
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::{Fact, Kind, Payment};
use crate::status::Status;
use crate::vendors::Used;

fn watch(name: &str) -> Vec<Fact> {
    read(&accepted(), &Step::Watch, 200, fixture(name).as_bytes()).facts
}

fn submit(status: u16, body: &str) -> Vec<Fact> {
    read(&sale(), &Step::Submit(Action::Start), status, body.as_bytes()).facts
}

fn report(facts: &[Fact]) -> TransactionReport {
    let read = facts.iter().find_map(|fact| match fact {
        Fact::TransactionRead { report } => Some((**report).clone()),
        _ => None,
    });
    read.unwrap_or_else(|| panic!("{facts:?}"))
}

#[test]
fn the_answer_to_a_payment_request_is_its_key() {
    assert_eq!(submit(200, fixture("payrequest")), [Fact::Accepted { request_id: REQUEST.to_owned() }]);
    assert_eq!(watch("payrequest"), [Fact::TerminalShows { phase: Phase::Connecting }]);
}

#[test]
fn the_approved_sample_is_ours_by_the_requests_own_word() {
    let facts = watch("approved");
    assert_eq!(facts[0], Fact::TransactionSeen { id: "kdbbjsn49jsjy3gm".to_owned() });
    assert_eq!(facts[2], Fact::TerminalShows { phase: Phase::Ended }, "`complete` is absent, and the word says so");
    let report = report(&facts);
    assert_eq!((report.verdict, report.ownership, report.total), (Verdict::Approved, Ownership::Ours, 500));
    assert_eq!((report.authorization_code.as_str(), report.response_code.as_str()), ("019930", "00000"));
}

#[test]
fn numbers_for_texts_and_members_in_other_places_are_read() {
    let facts = watch("approved_inside");
    let report = report(&facts);
    assert_eq!((report.total, report.tip, report.card_last4.as_str()), (500, 100, "2224"));
    assert_eq!((report.entry_method.as_str(), report.card_token.as_str()), ("Contactless", "abcd-efgh-ijkl-mnop"));
    assert!(facts.contains(&Fact::TerminalShows { phase: Phase::Ended }));
}

#[test]
fn a_partial_approval_counts_what_was_authorized() {
    let report = report(&watch("partial"));
    assert_eq!((report.verdict, report.total), (Verdict::Approved, 250));
}

#[test]
fn a_decline_and_an_error_keep_their_numbers() {
    let declined = report(&watch("declined"));
    assert_eq!(
        (declined.verdict, declined.failed, declined.response_code.as_str()),
        (Verdict::Declined, false, "10127")
    );
    let error = report(&watch("gateway_error"));
    assert_eq!((error.verdict, error.failed, error.response_code.as_str()), (Verdict::Declined, true, "20019"));
}

#[test]
fn a_duplicate_is_no_new_money() {
    let facts = watch("duplicate");
    assert_eq!(facts[0], Fact::Folded { id: "kdbbjsn49jsjy3gm".to_owned() });
    assert!(!facts.iter().any(|f| matches!(f, Fact::TransactionRead { .. } | Fact::TransactionSeen { .. })));
    for (orderid, whose) in
        [("PJ-HHHHHHHHHHHHHHHHHHH2", Whose::OtherReference), ("", Whose::Nobody), ("7", Whose::Nobody)]
    {
        let body = fixture("transaction").replace("PJ-HHHHHHHHHHHHHHHHHHHH", orderid);
        let payment = with(accepted(), vec![Fact::Folded { id: "kdbbjsn49jsjy3gm".to_owned() }]);
        let facts = read(&payment, &Step::SearchDuplicate, 200, body.as_bytes()).facts;
        assert!(matches!(&facts[..], [Fact::FoldedOnto { whose: w, .. }] if *w == whose), "{orderid}: {facts:?}");
    }
}

/// All fifteen, and the older page's three.
#[test]
fn every_documented_word_has_its_meaning() {
    let running = |phase| vec![Fact::TerminalShows { phase }];
    for (word, phase) in [
        ("sending to device", Phase::Connecting),
        ("sent to device", Phase::Connecting),
        ("waiting for card dip", Phase::AtTerminal),
        ("changing interfaces", Phase::AtTerminal),
        ("customer see phone and tap again", Phase::AtTerminal),
        ("processing payment", Phase::Processing),
        ("completing payment", Phase::Processing),
        ("capturing signature", Phase::Processing),
    ] {
        assert_eq!(word_alone(word), running(phase), "{word}");
    }
    for (word, ending) in [
        ("canceled", Ending::Canceled),
        ("transaction canceled", Ending::Canceled),
        ("timeout", Ending::TimedOut),
        ("transaction failed", Ending::Broken),
        ("error", Ending::Broken),
        ("signature capture error", Ending::Broken),
        ("transaction complete", Ending::Broken),
    ] {
        assert!(matches!(&word_alone(word)[..], [Fact::RequestEnded { how, .. }] if *how == ending), "{word}");
    }
    assert_eq!(word_alone("pending"), [Fact::UnknownWord { word: "pending".to_owned() }]);
}

fn word_alone(word: &str) -> Vec<Fact> {
    let body = format!(r#"{{"type":"request","key":"{REQUEST}","status":"{word}"}}"#);
    read(&accepted(), &Step::Watch, 200, body.as_bytes()).facts
}

/// The number beside the word knows more than the word.
#[test]
fn a_number_beside_an_end_says_whether_a_card_may_have_been_read() {
    for (word, code, ending, status) in [
        ("error", 21144, Ending::TimedOut, Status::RequestTimedOut),
        ("timeout", 21144, Ending::TimedOut, Status::RequestTimedOut),
        ("error", 21143, Ending::Failed, Status::BatteryLow),
        ("error", 21145, Ending::Failed, Status::DeviceOffline),
        ("error", 21102, Ending::Broken, Status::DeviceCommunication),
        ("canceled", 21102, Ending::Broken, Status::DeviceCommunication),
        ("error", 21133, Ending::Broken, Status::Vendor),
    ] {
        let body = format!(r#"{{"key":"{REQUEST}","status":"{word}","error":"x","errorcode":{code}}}"#);
        let facts = read(&accepted(), &Step::Watch, 200, body.as_bytes()).facts;
        let fits =
            |f: &Fact| matches!(f, Fact::RequestEnded { how, failure } if *how == ending && failure.status == status);
        assert!(facts.len() == 1 && fits(&facts[0]), "{word} {code}: {facts:?}");
    }
}

/// An approval beside a word of failure is read from the books before anything is said.
#[test]
fn an_approval_beside_a_word_of_failure_is_only_a_name() {
    for word in ["canceled", "transaction canceled", "error", "timeout", "signature capture error"] {
        let body = fixture("approved").replace("transaction complete", word);
        let facts = read(&accepted(), &Step::Watch, 200, body.as_bytes()).facts;
        let name = Fact::TransactionSeen { id: "kdbbjsn49jsjy3gm".to_owned() };
        assert_eq!(facts, [name, Fact::TerminalShows { phase: Phase::Ended }], "{word}");
    }
}

/// Neither ends the request nor says anything about money.
#[test]
fn an_answer_without_status_ends_nothing() {
    for (status, name) in [
        (429, "rate_limited"),
        (401, "access_denied"),
        (401, "unknown_key"),
        (404, "unknown_device"),
        (200, "unknown_device"),
        (409, "offline"),
        (200, "line_items"),
        (200, "list"),
        (500, "offline"),
    ] {
        let facts = read(&accepted(), &Step::Watch, status, fixture(name).as_bytes()).facts;
        assert!(matches!(&facts[..], [Fact::ReadFailed { .. }]), "{status} {name}: {facts:?}");
    }
    for status in [200, 404] {
        let gone = br#"{"error":"Checkout request not found","errorcode":21104}"#;
        assert_eq!(read(&accepted(), &Step::Watch, status, gone).facts, [Fact::RequestGone]);
    }
}

#[test]
fn whatever_answers_a_cancel_it_is_only_a_reason_to_read() {
    let cancel = |status, body: &str| read(&accepted(), &Step::Cancel, status, body.as_bytes()).facts;
    assert_eq!(cancel(200, fixture("success")), [Fact::CancelTaken]);
    assert_eq!(cancel(404, r#"{"error":"Checkout request not found","errorcode":21104}"#), [Fact::CancelTaken]);
    for (status, body) in [(404, "<html>"), (500, ""), (429, fixture("rate_limited"))] {
        assert!(matches!(&cancel(status, body)[..], [Fact::CancelUnclear { .. }]), "{status}");
    }
}

#[test]
fn only_listed_refusals_of_a_payment_request_are_believed() {
    let error = |code: i64| format!(r#"{{"error":"x","errorcode":{code}}}"#);
    for (status, code) in [
        (404, 21121),
        (409, 21145),
        (409, 21146),
        (400, 21143),
        (200, 21146),
        (401, 23),
        (401, 21002),
        (401, 0),
        (403, 80),
        (400, 71),
        (400, 20019),
        (404, 21001),
        (400, 21133),
        (200, 21199),
    ] {
        let facts = submit(status, &error(code));
        assert!(
            matches!(&facts[..], [Fact::Refused { failure }] if i64::from(failure.vendor_code) == code),
            "{status} {code}: {facts:?}"
        );
    }
    for (status, code) in [
        (400, 12345),
        (401, 77),
        (500, 21145),
        (409, 93),
        (408, 21145),
        (500, 21133),
        (500, 71),
        (200, 21102),
        (409, 21106),
        (400, 21144),
        (503, 90909),
        (400, 900001),
        (429, 21146),
        (404, 20001),
    ] {
        assert!(matches!(&submit(status, &error(code))[..], [Fact::Unclear { .. }]), "{status} {code}");
    }
    for (status, body) in [(400, "<html>"), (401, "<html>"), (404, "{}"), (409, r#"{"error":"busy"}"#), (429, "no")] {
        assert!(matches!(&submit(status, body)[..], [Fact::Unclear { .. }]), "{status} {body}");
    }
    for (status, body) in [(429, fixture("rate_limited").to_owned()), (401, error(10140)), (403, error(10140))] {
        assert!(matches!(&submit(status, &body)[..], [Fact::NotSent { again: true, .. }]), "{status} {body}");
    }
    assert!(matches!(&submit(409, fixture("nested_error"))[..], [Fact::Refused { failure }]
        if failure.status == Status::DeviceOffline && failure.text == "Device is currently offline"));
    assert!(matches!(&submit(200, r#"{"key":"","status":"sent to device"}"#)[..], [Fact::Unclear { .. }]));
}

#[test]
fn logins_that_are_refused_and_limits_make_long_and_short_pauses() {
    let reading = |status, body: &str| read(&accepted(), &Step::Watch, status, body.as_bytes());
    let pause = |status, body: &str| (reading(status, body).pause_ms, reading(status, body).shut.is_some());
    assert_eq!(pause(401, fixture("unknown_key")), (900_000, true));
    assert_eq!(pause(401, r#"{"error":"Host blocked","errorcode":10140}"#), (3_600_000, true));
    assert_eq!(pause(429, fixture("rate_limited")), (5_000, false));
    assert_eq!(pause(401, "<html>"), (0, false), "not the vendor's own word");
    assert_eq!(pause(200, fixture("approved")), (0, false));
}

#[test]
fn the_vendors_count_of_calls_is_read_leniently() {
    let counts = |header: &str| {
        let reading = read_with(&accepted(), &Step::Watch, 200, b"{}", &[("x-rate-limit", header)]);
        (reading.minute, reading.day)
    };
    let used = |used, limit| Some(Used { used, limit });
    assert_eq!(counts("8 of 45/min; 9 of 5000/day"), (used(8, 45), used(9, 5_000)));
    assert_eq!(counts("9 of 5000/DAY,8 of 45/Minute"), (used(8, 45), used(9, 5_000)));
    assert_eq!(counts("8/45 min"), (used(8, 45), None));
    assert_eq!(counts("nonsense"), (None, None));
}

#[test]
fn a_terminal_is_busy_only_by_one_word_and_says_how_long_it_waits_for_the_bank() {
    let device = fixture("device").replace("sa_WKwzyQawBG0RMy0XpDGFXb6pXA23r", TERMINAL);
    for (word, busy) in
        [("connected", false), ("online", false), ("offline", false), ("Processing Transaction", true), ("x", false)]
    {
        let body = device.replace("connected", word);
        let facts = read(&accepted(), &Step::TerminalStatus, 200, body.as_bytes()).facts;
        let word = word.to_owned();
        assert_eq!(facts, [Fact::TerminalStatus { busy, authorization_ms: Some(30_000), word }]);
    }
    let other = read(&accepted(), &Step::TerminalStatus, 200, fixture("device").as_bytes()).facts;
    assert!(matches!(&other[..], [Fact::ReadFailed { .. }]), "another terminal's word");
    let silent = device.replace("\"timeout\":30,", "");
    let facts = read(&accepted(), &Step::TerminalStatus, 200, silent.as_bytes()).facts;
    assert!(matches!(&facts[..], [Fact::TerminalStatus { authorization_ms: Some(120_000), .. }]));
}

#[test]
fn the_books_say_what_became_of_a_transaction() {
    let settle = |body: &str| {
        report(&read(&sale(), &Step::Settle { id: "kdbbjsn49jsjy3gm".into() }, 200, body.as_bytes()).facts)
    };
    let sample = fixture("transaction");
    let ours = settle(sample);
    assert_eq!((ours.verdict, ours.ownership, ours.total, ours.tip), (Verdict::Approved, Ownership::Ours, 1234, 134));
    assert_eq!((ours.created.as_str(), ours.settled, ours.authorized_only), ("2025-11-20 04:00:05", false, false));
    let with_code = |code: &str, status: &str| {
        sample
            .replace(r#""trantype_code":"S""#, &format!(r#""trantype_code":"{code}""#))
            .replace(r#""status_code":"P""#, &format!(r#""status_code":"{status}""#))
    };
    for (code, status, verdict) in [
        ("V", "V", Verdict::Voided),
        ("W", "V", Verdict::Voided),
        ("S", "V", Verdict::Voided),
        ("A", "R", Verdict::Voided),
        ("D", "S", Verdict::Approved),
        ("L", "P", Verdict::Approved),
        ("S", "T", Verdict::Open),
        ("S", "M", Verdict::Approved),
    ] {
        assert_eq!(settle(&with_code(code, status)).verdict, verdict, "{code} {status}");
    }
    assert!(settle(&with_code("A", "N")).authorized_only && settle(&with_code("S", "S")).settled);
    let refund = settle(&with_code("C", "P"));
    assert_eq!((refund.is_refund, refund.ownership), (true, Ownership::Candidate), "a refund carries its sale's key");
    let other = read(&sale(), &Step::Settle { id: "another".into() }, 200, sample.as_bytes()).facts;
    assert!(matches!(&other[..], [Fact::ReadFailed { .. }]));
    let by_number = read(&sale(), &Step::Settle { id: "2226860110".into() }, 200, sample.as_bytes()).facts;
    assert_eq!(report(&by_number).id, "2226860110");
    let missing = br#"{"error":"Specified transactions was not found.","errorcode":20001}"#;
    let facts = read(&sale(), &Step::Settle { id: "x".into() }, 404, missing).facts;
    assert_eq!(facts, [Fact::TransactionMissing { id: "x".to_owned() }]);
}

#[test]
fn a_search_of_the_sample_list_finds_our_key() {
    let facts = read(&sale(), &Step::Lookup, 200, fixture("list").as_bytes()).facts;
    assert!(matches!(&facts[1], Fact::LookedUp(l) if l.complete && l.found == ["kdbbjsn49jsjy3gm"] && !l.sighted));
    let strange = fixture("list").replace("\"key\"", "\"kex\"").replace("\"refnum\"", "\"refnux\"");
    let facts = read(&sale(), &Step::Lookup, 200, strange.as_bytes()).facts;
    assert!(matches!(&facts[..], [Fact::ReadFailed { .. }]), "what cannot be read may be the one");
}

fn change(kind: Kind) -> Payment {
    payment(kind, &[("transaction", ORIGINAL)], &[])
}

#[test]
fn a_change_that_was_taken_is_read_from_the_original() {
    let facts = read(&change(Kind::Void), &Step::Submit(Action::Start), 200, fixture("void").as_bytes()).facts;
    assert_eq!(facts, [Fact::Accepted { request_id: String::new() }]);
    let facts = read(&change(Kind::Void), &Step::Submit(Action::Start), 200, fixture("not_voidable").as_bytes()).facts;
    assert!(
        matches!(&facts[..], [Fact::Refused { failure }] if failure.vendor_code == 103 && failure.status == Status::Rejected)
    );
}

#[test]
fn a_refund_is_a_transaction_of_its_own() {
    let submit =
        |name: &str| read(&change(Kind::Refund), &Step::Submit(Action::Start), 200, fixture(name).as_bytes()).facts;
    let refund = report(&submit("refund"));
    assert_eq!((refund.total, refund.ownership, refund.is_refund), (100, Ownership::Ours, true));
    assert_eq!(
        submit("void"),
        [Fact::Accepted { request_id: String::new() }],
        "the sale's own key: it was voided instead"
    );
}
