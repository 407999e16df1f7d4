//! What the vendor's table says of a failure reaches the till, beside the vendor's own number and text.

use super::world::World;
use crate::payment::fact::Failure;
use crate::payment::report::{Reason, TransactionReport};
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, State};
use crate::payment::verdict;
use crate::payment::{Fact, Kind};
use crate::status::Status;
use posjunction_simulator::{CallKind, When};

/// The labs' trigger amounts choose the issuer's answer.
#[test]
fn a_decline_tells_the_cashier_what_to_do_and_keeps_the_vendors_code_and_text() {
    for (amount, code, advice, words) in [
        (8, "51", Advice::NewCard, "not enough money"),
        (3, "54", Advice::NewCard, "expired"),
        (5, "05", Advice::NewCard, "only the cardholder can ask the bank"),
        (12, "04", Advice::NewCard, "Do not confront"),
        (98, "10", Advice::NewCard, "only a part"),
        (91, "91", Advice::Retry, "Try again"),
    ] {
        let mut world = World::new();
        let request = world.pay("4711", amount);
        let result = world.finish(&request, 60_000);
        assert_eq!(
            (result.state, result.status, result.money),
            (State::Declined, Status::Declined, MoneyMoved::NotMoved)
        );
        assert_eq!((result.response_code.as_str(), result.advice), (code, advice));
        assert!(result.message.contains(words), "{code}: {}", result.message);
        assert_eq!(result.vendor_code.to_string(), code.trim_start_matches('0'), "the vendor's own number");
        let text = result.details.get("transaction.response_text");
        assert!(matches!(text, Some(Detail::Text(text)) if text.starts_with("Declined (")), "{code}: {text:?}");
    }
}

#[test]
fn a_refusal_takes_its_advice_from_the_parameter_that_is_wrong() {
    let error = |parameter: &str| {
        format!(r#"{{"errors":[{{"message":"This is not right.","parameter":"{parameter}","type":"invalid"}}]}}"#)
    };
    for (parameter, advice) in
        [("amountBase", Advice::FixRequest), ("something", Advice::FixRequest), ("terminalId", Advice::FixSetup)]
    {
        let mut world = World::new();
        world.forge(CallKind::Submit, When::Before, 400, &error(parameter));
        let request = world.pay("4711", 1234);
        let result = world.finish(&request, 5_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::Rejected), "{parameter}");
        assert_eq!((result.advice, result.http_status), (advice, 400), "{parameter}");
        assert!(result.message.contains(&format!("{parameter}: This is not right.")), "{}", result.message);
    }
}

/// The original is read after a refusal; that it can be read takes nothing away.
#[test]
fn what_the_vendor_said_outlives_the_reading_of_the_original() {
    let mut world = World::new();
    let sale = world.pay("4711", 5_000);
    world.finish(&sale, 60_000);
    world.run(10_000);
    world.acknowledge(&sale);
    world.cloud.settle();
    let void = world.ask(Kind::Void, &[("reference", "4712"), ("original", "4711")], &[]);
    let void = void.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    let result = world.finish(&void, 60_000);
    assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::Rejected, Advice::FixRequest));
    let text = result.details.get("vendor_text");
    assert!(matches!(text, Some(Detail::Text(text)) if text.contains("has been settled")), "{text:?}");
}

#[test]
fn a_failure_with_words_of_its_own_tells_them_and_the_vendors() {
    let mut failure = Failure::new(Status::Vendor, "Request failed (Printer out of paper)");
    failure.vendor_code = 21_150;
    let plain = verdict::failed(&failure);
    assert_eq!((plain.advice, plain.vendor_code), (Advice::Retry, 21_150));
    assert_eq!(plain.message, "The payment service reported a failure. Request failed (Printer out of paper)");
    failure.advice = Some(Advice::CallSupport);
    failure.sentence = "The terminal has no paper.".to_owned();
    let told = verdict::failed(&failure);
    assert_eq!(told.advice, Advice::CallSupport);
    assert_eq!(told.message, "The terminal has no paper. Request failed (Printer out of paper)");
}

/// Truth, section 13: a journal of an earlier version knows no reasons.
#[test]
fn facts_without_advice_are_read_as_before() {
    let old = r#"{"fact":"refused","failure":{"status":303,"vendor_code":0,"http_status":400,"text":"no"}}"#;
    let Fact::Refused { failure } = Fact::from_json(1, old) else { panic!("{old}") };
    assert_eq!((failure.advice, failure.sentence.as_str()), (None, ""));
    assert_eq!(verdict::failed(&failure).advice, Advice::FixRequest);
    let report = TransactionReport { response_code: "51".into(), ..TransactionReport::default() };
    let fact = Fact::TransactionRead { report: Box::new(report) };
    assert!(!fact.to_json().contains("reason"), "{}", fact.to_json());
    assert_eq!(Fact::from_json(1, &fact.to_json()), fact);
    let reason = Reason { status: Status::Declined, advice: Advice::Retry, vendor_code: 91, sentence: String::new() };
    let report = TransactionReport { reason: Some(reason), ..TransactionReport::default() };
    let fact = Fact::TransactionRead { report: Box::new(report) };
    assert_eq!(Fact::from_json(1, &fact.to_json()), fact);
}
