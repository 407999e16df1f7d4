//! Each sample of the documents, and the facts it gives.

use super::{CHECKOUT, INTENT, KEY, TERMINAL, apply, fixture};
use crate::payment::fact::{Action, Phase};
use crate::payment::plan::Step;
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::{Fact, Kind};
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::Search;

const SUBMIT: Step = Step::Submit(Action::Start);

fn report_of<'a>(facts: &'a [Fact]) -> &'a TransactionReport {
    let read = |fact: &'a Fact| match fact {
        Fact::TransactionRead { report } => Some(report.as_ref()),
        _ => None,
    };
    facts.iter().find_map(read).unwrap_or_else(|| panic!("{facts:?}"))
}

#[test]
fn a_token_lasts_a_day_unless_it_says_otherwise() {
    let read = |status, body: &str| {
        let reply = crate::http::HttpReply { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        CHECKOUT.vendor().read_session(&reply)
    };
    let session = read(200, fixture("token")).unwrap_or_else(|failure| panic!("{}", failure.text));
    assert_eq!((session.token.reveal(), session.lasts_ms), (Secret::from("very.long.string").reveal(), 86_400_000));
    let lasts = |told: &str| {
        let body = format!("{{\"access_token\":\"t\",\"expires_in\":{told}}}");
        read(200, &body).ok().map(|session| session.lasts_ms)
    };
    assert_eq!((lasts("3600"), lasts("\"soon\""), lasts("-1")), (Some(3_600_000), Some(86_400_000), Some(86_400_000)));
    assert_eq!(lasts("99999999999"), Some(86_400_000));
    let failed = |status, body: &str| read(status, body).err().expect("no token").status;
    assert_eq!(failed(401, r#"{"error":{"code":"not_authenticated","message":"no"}}"#), Status::Unauthorized);
    assert_eq!(failed(400, r#"{"message":"bad client"}"#), Status::Unauthorized);
    assert_eq!(failed(403, r#"{"error":{"code":"not_authorized","message":"no"}}"#), Status::Forbidden);
    assert_eq!(failed(401, "<html></html>"), Status::BadReply, "somebody else's page");
    assert_eq!(failed(500, "{}"), Status::Unavailable);
    for body in ["", "{}", r#"{"access_token":""}"#, r#"{"access_token":7}"#, "{\"access_token\":\"a\\r\\nb\"}"] {
        assert_eq!(failed(200, body), Status::BadReply, "{body}");
    }
    let leaking = read(200, "{\"access_token\":\"s3cret\\n\",\"message\":\"s3cret\"}").err().expect("no token");
    assert!(!leaking.text.contains("s3cret"), "{}", leaking.text);
}

#[test]
fn a_new_checkout_comes_with_its_baseline() {
    let sale = CHECKOUT.asks(Kind::Payment, &[], &[("amount", 10_000)]);
    let prepared = Fact::Prepared { id: "cho_xyz".into() };
    let facts = CHECKOUT.facts(&sale, &Step::Prepare, 201, "checkout");
    assert_eq!(facts, [prepared.clone(), Fact::Baseline { ids: Vec::new() }]);
    // Whatever is not as it should be is read once more before anything is sent.
    for (from, to) in [("10000", "9999"), ("USD", "CAD"), ("\"completions\"", "\"others\""), ("created", "attempting")]
    {
        let body = fixture("checkout").replacen(from, to, 1);
        assert_eq!(CHECKOUT.read(&sale, &Step::Prepare, 201, &body).facts, std::slice::from_ref(&prepared), "{to}");
    }
}

#[test]
fn a_new_intent_is_read_in_both_envelopes() {
    let sale = INTENT.asks(Kind::Payment, &[], &[("amount", 10_000)]);
    for name in ["intent", "intent_in_envelope"] {
        assert_eq!(INTENT.facts(&sale, &Step::Prepare, 201, name), [Fact::Prepared { id: "pi_xyz".into() }]);
    }
}

#[test]
fn the_baseline_is_what_was_tried_before() {
    let mut sale = CHECKOUT.asks(Kind::Payment, &[], &[("amount", 10_000)]);
    apply(&mut sale, Fact::Prepared { id: "cho_xyz".into() });
    let read = |name: &str| CHECKOUT.facts(&sale, &Step::Baseline, 200, name);
    assert_eq!(read("checkout_attempted"), [Fact::Baseline { ids: vec!["chc_xyz".into()] }]);
    assert_eq!(read("checkout_expired"), [Fact::PreparedGone { id: "cho_xyz".into() }]);
    let other = fixture("checkout").replace("10000", "20000");
    let facts = CHECKOUT.read(&sale, &Step::Baseline, 200, &other).facts;
    assert_eq!(facts, [Fact::PreparedGone { id: "cho_xyz".into() }], "another payment's checkout is left alone");
    let own = other.replacen("\"metadata\": {}", &format!("\"metadata\": {{\"posjunction_key\": \"{KEY}\"}}"), 1);
    let facts = CHECKOUT.read(&sale, &Step::Baseline, 200, &own).facts;
    assert!(matches!(&facts[..], [Fact::NotSent { failure, again: false, .. }] if failure.status == Status::Integrity));
}

/// Paid before this attempt was sent: the earlier attempt has it, and this one is not sent.
#[test]
fn a_baseline_that_is_paid_is_an_earlier_attempt_s_approval() {
    let mut sale = CHECKOUT.asks(Kind::Payment, &[], &[("amount", 10_000)]);
    sale.intent.earlier = [(7, true), (8, true), (9, false)]
        .map(|(payment, dispatched)| crate::payment::fact::Earlier { payment, wire_key: String::new(), dispatched })
        .into();
    apply(&mut sale, Fact::Prepared { id: "cho_xyz".into() });
    let reading = CHECKOUT.read(&sale, &Step::Baseline, 200, fixture("checkout_completed"));
    assert_eq!(reading.facts, [Fact::PriorChecked { clear: false }]);
    let [(earlier, report)] = &reading.elsewhere[..] else { panic!("{:?}", reading.elsewhere.len()) };
    assert_eq!((*earlier, report.id.as_str(), report.total), (8, "py_xyz", 10_000));
    assert_eq!((report.verdict, report.card_last4.as_str()), (Verdict::Approved, "2970"));
}

#[test]
fn the_answer_to_pay_is_the_session_of_today_and_the_older_one() {
    let session = fixture("session").replace("cho_abc123", "cho_xyz");
    let facts = CHECKOUT.read(&CHECKOUT.sale(), &SUBMIT, 201, &session).facts;
    let accepted = Fact::Accepted { request_id: "tses_FQz6I0hMTrcU9Ur7TpOPZ".into() };
    assert_eq!(facts, [accepted, Fact::TransactionNamed { id: "py_abc123".into() }]);
    let facts = INTENT.facts(&INTENT.sale(), &SUBMIT, 201, "seed_session");
    assert_eq!(facts, [Fact::Accepted { request_id: "tmses_abc123".into() }]);
}

#[test]
fn what_a_checkout_says_of_an_attempt() {
    let watch = |name: &str| CHECKOUT.facts(&CHECKOUT.sale(), &Step::Watch, 200, name);
    assert_eq!(watch("checkout"), [Fact::TerminalShows { phase: Phase::Connecting }]);
    assert_eq!(watch("checkout_processing"), [Fact::TerminalShows { phase: Phase::AtTerminal }]);
    let seen = Fact::TransactionSeen { id: "py_xyz".into() };
    assert_eq!(watch("checkout_completed"), [seen, Fact::TerminalShows { phase: Phase::Ended }]);
    let declined = watch("checkout_attempted");
    let report = report_of(&declined);
    assert_eq!((report.id.as_str(), report.verdict, report.ownership), ("chc_xyz", Verdict::Declined, Ownership::Ours));
    assert_eq!((report.response_code.as_str(), report.response_text.as_str()), ("504", "Your card was declined"));
    assert_eq!(CHECKOUT.facts(&CHECKOUT.sale(), &Step::Watch, 404, "error_not_found"), [Fact::RequestGone]);
}

#[test]
fn an_intent_is_read_with_its_payments() {
    let sale = INTENT.sale();
    for name in ["intent", "intent_in_envelope"] {
        let reading = INTENT.read(&sale, &Step::Watch, 200, fixture(name));
        assert!(reading.facts.is_empty() && reading.next.as_ref().is_some_and(|next| next.listing), "{name}");
    }
    let seen = Fact::TransactionSeen { id: "py_xyz".into() };
    let ended = Fact::TerminalShows { phase: Phase::Ended };
    assert_eq!(INTENT.facts(&sale, &Step::Watch, 200, "intent_paid"), [seen.clone(), ended.clone()]);
    let list = Search { listing: true, word: "requires_payment_method".into(), ..Search::default() };
    let read = |body: &str| INTENT.read_of(&sale, &Step::Watch, list.clone(), 200, body.as_bytes()).facts;
    let declined = read(fixture("intent_payments"));
    let report = report_of(&declined);
    assert_eq!(
        (report.id.as_str(), report.verdict, report.ownership),
        ("py_failed", Verdict::Declined, Ownership::Ours)
    );
    assert_eq!(report.response_code, "insufficient_funds");
    assert_eq!(declined.last(), Some(&ended));
    assert_eq!(read(&fixture("intent_payments").replace("\"failed\"", "\"succeeded\""))[1], ended);
    assert_eq!(
        read(&fixture("intent_payments").replace(TERMINAL, "trm_other")),
        [Fact::TerminalShows { phase: Phase::Connecting }]
    );
    let more = fixture("intent_payments").replace("\"has_next\": false", "\"has_next\": true");
    assert!(matches!(read(&more)[..], [Fact::ReadFailed { .. }]), "half of a list proves nothing");
}

#[test]
fn every_field_of_a_payment_finds_its_place() {
    let settle = |name: &str| CHECKOUT.facts(&CHECKOUT.sale(), &Step::Settle { id: "py_xyz".into() }, 200, name);
    let facts = settle("payment");
    let report = report_of(&facts);
    assert_eq!((report.verdict, report.ownership, report.total), (Verdict::Approved, Ownership::Ours, 10_000));
    assert_eq!((report.card_last4.as_str(), report.card_brand.as_str()), ("2970", "visa"));
    assert_eq!((report.wire_key.as_str(), report.invoice.as_str()), (KEY, "654321"));
    assert_eq!((report.merchant_terminal.as_str(), report.vendor_status.as_str()), ("acc_xyz", "succeeded"));
    assert_eq!(report_of(&settle("payment_keyed")).card_last4, "4242", "a number in the older shape");
    let short = fixture("payment_keyed").replace("4242", "42");
    let step = Step::Settle { id: "py_xyz".into() };
    assert_eq!(report_of(&CHECKOUT.read(&CHECKOUT.sale(), &step, 200, &short).facts).card_last4, "0042");
    let missing = CHECKOUT.facts(&CHECKOUT.sale(), &step, 404, "error_not_found");
    assert_eq!(missing, [Fact::TransactionMissing { id: "py_xyz".into() }]);
}

/// Promise 8.
#[test]
fn a_payment_of_another_account_currency_reference_or_checkout_is_foreign() {
    let ownership = |from: &str, to: &str| {
        let body = fixture("payment").replace(from, to);
        let step = Step::Settle { id: "py_xyz".into() };
        report_of(&CHECKOUT.read(&CHECKOUT.sale(), &step, 200, &body).facts).ownership
    };
    assert_eq!(ownership("", ""), Ownership::Ours);
    assert_eq!(ownership(KEY, "PJ-AAAAAAAAAAAAAAAAAAAA"), Ownership::Candidate, "another attempt's key");
    assert_eq!(ownership("acc_xyz", "acc_other"), Ownership::Foreign);
    assert_eq!(ownership("usd", "cad"), Ownership::Foreign);
    assert_eq!(ownership("4711", "4712"), Ownership::Foreign);
    assert_eq!(ownership("cho_xyz", "cho_other"), Ownership::Foreign);
    assert_eq!(ownership("\"cho_xyz\"", "null"), Ownership::Ours);
    assert_eq!(ownership("acc_xyz", "449e7a5c-69d3-4b8a-aaaf-5c9b713ebc65"), Ownership::Ours, "the older page's ids");
}

#[test]
fn a_refund_answers_with_itself_and_a_void_with_the_payment() {
    let refund = CHECKOUT.asks(Kind::Refund, &[("transaction", "py_xyz")], &[("amount", 100)]);
    let facts = CHECKOUT.facts(&refund, &SUBMIT, 201, "refund");
    assert!(matches!(facts[..], [Fact::Accepted { .. }, Fact::TransactionSeen { .. }, Fact::TransactionRead { .. }]));
    let report = report_of(&facts);
    assert_eq!((report.id.as_str(), report.total, report.is_refund), ("re_xyz", 100, true));
    assert_eq!((report.verdict, report.ownership), (Verdict::Approved, Ownership::Ours));
    for name in ["payment", "checkout_refund", "checkout", "session"] {
        let facts = CHECKOUT.facts(&refund, &SUBMIT, 201, name);
        assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{name}: {facts:?}");
    }
    let void = CHECKOUT.asks(Kind::Void, &[("transaction", "py_xyz")], &[]);
    let body = fixture("payment").replace("\"succeeded\"", "\"canceled\"");
    let facts = CHECKOUT.read(&void, &SUBMIT, 200, &body).facts;
    assert_eq!(report_of(&facts).verdict, Verdict::Voided);
}

/// What was given back before is known before anything is sent, from one reading of the payment.
#[test]
fn the_original_of_a_refund_comes_with_the_refunds_that_are_there() {
    let refund = CHECKOUT.asks(Kind::Refund, &[("transaction", "py_xyz")], &[("amount", 100)]);
    let step = Step::Settle { id: "py_xyz".into() };
    let facts = CHECKOUT.facts(&refund, &step, 200, "payment_refunded");
    assert_eq!(facts[0], Fact::Baseline { ids: vec!["re_xyz".into()] });
    let facts = CHECKOUT.facts(&refund, &step, 200, "payment_without_refunds");
    assert!(matches!(facts[..], [Fact::TransactionRead { .. }]), "the account's list will tell");
}

#[test]
fn refunds_are_looked_up_in_the_payment_or_in_the_account_s_list() {
    let mut refund = CHECKOUT.asks(Kind::Refund, &[("transaction", "py_xyz")], &[("amount", 100)]);
    apply(&mut refund, Fact::Baseline { ids: Vec::new() });
    let ours =
        |text: &str| text.replace("\"metadata\": {}", &format!("\"metadata\": {{\"posjunction_key\": \"{KEY}\"}}"));
    let read = |search: Search, body: &str| CHECKOUT.read_of(&refund, &Step::Lookup, search, 200, body.as_bytes());
    let lookup = |reading: &crate::vendors::Reading| match reading.facts.last() {
        Some(Fact::LookedUp(done)) => done.clone(),
        other => panic!("{other:?}"),
    };
    let done = lookup(&read(Search::default(), &ours(fixture("payment_refunded"))));
    assert!(done.complete && done.sighted && done.found == ["re_xyz"] && done.candidates.is_empty());
    // Without our key it is a look-alike, for a person.
    let done = lookup(&read(Search::default(), fixture("payment_refunded")));
    assert!(done.found.is_empty() && done.candidates.len() == 1);
    // What does not add up is not all.
    let hidden = fixture("payment_refunded").replace("\"amount_refunded\": 100", "\"amount_refunded\": 200");
    assert!(!lookup(&read(Search::default(), &hidden)).sighted);
    let next = read(Search::default(), fixture("payment_without_refunds")).next.expect("the account's list");
    assert!(next.listing && next.sum == Some(100));
    let done = lookup(&read(next.clone(), &ours(fixture("refunds"))));
    assert!(done.complete && done.sighted && done.found == ["re_xyz"], "{done:?}");
    let more = fixture("refunds").replace("\"has_next\": false", "\"has_next\": true");
    let second = read(next.clone(), &more).next.expect("another page");
    assert_eq!((second.cursor.as_str(), second.found.len()), ("b", 1));
    let empty = r#"{"type":"array","data":[],"page_info":{"has_next":false}}"#;
    assert!(!lookup(&read(next, empty)).sighted, "a hidden list looks empty");
}

#[test]
fn the_terminal_s_samples_are_read() {
    let status = |name: &str| CHECKOUT.facts(&CHECKOUT.sale(), &Step::TerminalStatus, 200, name);
    for name in ["terminal_status", "seed_terminal_status"] {
        assert!(matches!(status(name)[..], [Fact::TerminalStatus { busy: false, .. }]), "{name}");
    }
    // The older page's terminal has no status, and its list is no terminal.
    for name in ["seed_terminal", "seed_terminals"] {
        assert!(matches!(status(name)[..], [Fact::ReadFailed { .. }]), "{name}");
    }
    let unknown = CHECKOUT.facts(&CHECKOUT.sale(), &Step::TerminalStatus, 404, "error_not_found");
    assert!(matches!(&unknown[..], [Fact::NotSent { failure, .. }] if failure.status == Status::UnknownDevice));
}
