//! What an `Idempotency-Key` does, and what it does not.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{self as jf, Scenario};
use posjunction_simulator::{CallKind, Fault, When};
use serde_json::{Value, json};

#[test]
fn a_repeat_gets_the_first_answer() {
    let mut bench = Bench::new();
    let target = format!("/payments/{}/refunds", bench.paid(1_000));
    let body = json!({"amount": 300, "metadata": {"a": 1, "b": 2}});
    let first = bench.call_with_key("POST", &target, &body, "k1");
    // The order of the members means nothing.
    let again =
        jf::request(&bench.token, "POST", &target, &body, "k1").with_body(r#"{"metadata":{"b":2,"a":1},"amount":300}"#);
    let again = bench.send(&again);
    assert_eq!((first.status, again.status, first.value()), (201, 201, again.value()));
    assert_eq!(bench.cloud.moved_cents(), 700);
    bench.call_with_key("POST", &target, &body, "k2");
    assert_eq!(bench.cloud.moved_cents(), 400);
    bench.clean();
}

#[test]
fn a_lost_answer_is_had_again() {
    let mut bench = Bench::new();
    let target = format!("/payments/{}/refunds", bench.paid(1_000));
    for when in [When::Before, When::After] {
        bench.cloud.fail_next(CallKind::Refund, when, Fault::Reset);
        bench.call_with_key("POST", &target, &json!({"amount": 300}), "k");
    }
    assert_eq!(bench.call_with_key("POST", &target, &json!({"amount": 300}), "k").status, 201);
    assert_eq!((bench.cloud.moved_cents(), bench.cloud.refunds().len()), (700, 1));
    bench.clean();
}

#[test]
fn a_key_of_another_call_is_refused_and_a_breach() {
    let mut bench = Bench::new();
    let target = format!("/payments/{}/refunds", bench.paid(1_000));
    bench.call_with_key("POST", &target, &json!({"amount": 300}), "k");
    let other = bench.call_with_key("POST", &target, &json!({"amount": 301}), "k");
    assert_eq!((other.status, code(&other)), (409, "idempotency_params_mismatch".into()));
    assert_eq!((bench.cloud.violations().len(), bench.cloud.moved_cents()), (1, 700));
    // Where keys are ignored it is a breach all the same.
    let (one, two) = (bench.checkout(1_000, "a"), bench.checkout(1_000, "b"));
    for (id, violations) in [(one, 1), (two, 2)] {
        let body = json!({"checkout_id": id, "terminal_id": jf::TERMINAL_ID});
        assert_eq!(bench.call_with_key("POST", "/terminals/pay", &body, "p").status, 201);
        assert_eq!(bench.cloud.violations().len(), violations);
        bench.wait(30_000);
    }
}

#[test]
fn a_failure_leaves_the_key_free() {
    let mut bench = Bench::new();
    let target = format!("/payments/{}/refunds", bench.paid(1_000));
    let body = json!({"amount": 2_000});
    assert_eq!(code(&bench.call_with_key("POST", &target, &body, "k")), "refund_exceeds_payment_amount");
    assert_eq!(bench.call_with_key("POST", &target, &json!({"amount": 1_000}), "k").status, 201);
    bench.clean();
}

#[test]
fn a_call_that_is_still_running() {
    let mut bench = Bench::new();
    let target = format!("/payments/{}/void", bench.paid(1_000));
    bench.cloud.switches.key_busy_ms = 5_000;
    assert_eq!(bench.call_with_key("POST", &target, &Value::Null, "k").status, 200);
    let running = bench.call_with_key("POST", &target, &Value::Null, "k");
    assert_eq!((running.status, code(&running)), (409, "idempotency_request_in_progress".into()));
    bench.wait(5_000);
    assert_eq!(bench.call_with_key("POST", &target, &Value::Null, "k").status, 200);
    bench.cloud.switches.key_busy_ms = 0;
    let target = format!("/payments/{}/void", bench.paid(2_000));
    bench.cloud.fail_next(CallKind::Void, When::After, Fault::Delay(3_000));
    bench.call_with_key("POST", &target, &Value::Null, "l");
    assert_eq!(bench.call_with_key("POST", &target, &Value::Null, "l").status, 409, "the first answer is on its way");
    bench.clean();
}

#[test]
fn a_key_that_is_too_long_or_missing() {
    let mut bench = Bench::new();
    let target = format!("/payments/{}/refunds", bench.paid(1_000));
    let body = json!({"amount": 100});
    assert_eq!(bench.call_with_key("POST", &target, &body, &"k".repeat(100)).status, 201);
    bench.clean();
    let long = bench.call_with_key("POST", &target, &body, &"k".repeat(101));
    let message = "Validation failed: Idempotency key is too long (maximum is 100 characters)";
    assert_eq!((long.status, long.value()["error"]["message"].as_str()), (422, Some(message)));
    let none = bench.call_with_key("POST", &target, &body, "");
    assert_eq!((none.status, code(&none)), (400, "idempotency_key_required".into()));
    assert_eq!((bench.cloud.violations().len(), bench.cloud.moved_cents()), (2, 900));
}

#[test]
fn where_a_key_is_required() {
    let mut bench = Bench::new();
    let payment = bench.paid(1_000);
    let checkout = bench.cloud.checkouts()[0].id.clone();
    let writes = [
        ("POST", format!("/payments/{payment}/refunds"), json!({"amount": 100})),
        ("POST", format!("/payments/{payment}/void"), Value::Null),
        ("POST", format!("/payments/{payment}/capture"), Value::Null),
        ("PATCH", format!("/payments/{payment}"), json!({"description": "x"})),
        ("POST", format!("/checkouts/{checkout}/refunds"), json!({})),
        ("POST", "/payment_intents".into(), json!({"amount": 100, "currency": "usd"})),
        ("PATCH", "/refunds/re_1".into(), json!({})),
    ];
    for (method, target, body) in &writes {
        let answer = bench.call_with_key(method, target, body, "");
        assert_eq!(code(&answer), "idempotency_key_required", "{method} {target}");
    }
    assert_eq!(bench.cloud.violations().len(), writes.len());
    let body = json!({"amount": 100, "description": "d"});
    assert_eq!(bench.call_with_key("POST", "/checkouts", &body, "").status, 201);
    assert_eq!(bench.cloud.violations().len(), writes.len());
}

#[test]
fn a_captured_payment_replays_as_200() {
    let mut bench = Bench::new();
    bench.play(20_027, "w");
    let target = format!("/payments/{}/capture", bench.cloud.ledger()[0].id);
    let statuses = [0, 1].map(|_| bench.call_with_key("POST", &target, &Value::Null, "k").status);
    assert_eq!((statuses, bench.cloud.moved_cents()), ([201, 200], 20_027));
    bench.clean();
}

#[test]
fn pay_ignores_the_key_or_honors_it() {
    for (honored, sessions) in [(false, 2), (true, 1)] {
        let mut bench = Bench::new();
        bench.cloud.switches.idempotent_pay = honored;
        bench.cloud.script(Scenario::CustomerCancel);
        let id = bench.checkout(1_000, "w");
        let body = json!({"checkout_id": id, "terminal_id": jf::TERMINAL_ID});
        let first = bench.call_with_key("POST", "/terminals/pay", &body, "k");
        bench.wait(30_000);
        let again = bench.call_with_key("POST", "/terminals/pay", &body, "k");
        assert_eq!((first.status, again.status, first.value() == again.value()), (201, 201, honored));
        bench.wait(30_000);
        let told = [bench.cloud.submits("k"), bench.cloud.submits("w"), bench.cloud.requests().len()];
        assert_eq!(told, [2, 2, sessions]);
        assert_eq!(bench.cloud.moved_cents() > 0, !honored, "the repeat was a new session");
        bench.clean();
    }
}

#[test]
fn checkouts_may_honor_the_key() {
    for (honored, checkouts) in [(false, 2), (true, 1)] {
        let mut bench = Bench::new();
        bench.cloud.switches.idempotent_checkouts = honored;
        let body = json!({"amount": 100, "description": "d"});
        let ids = [0, 1].map(|_| bench.call_with_key("POST", "/checkouts", &body, "k").value()["id"].clone());
        assert_eq!((ids[0] == ids[1], bench.cloud.checkouts().len()), (honored, checkouts));
        bench.clean();
    }
}

#[test]
fn a_key_is_forgotten_after_an_hour() {
    let mut bench = Bench::new();
    bench.cloud.switches.key_lifetime_ms = Some(3_600_000);
    let target = format!("/payments/{}/refunds", bench.paid(1_000));
    let body = json!({"amount": 300});
    for (wait, moved) in [(0, 700), (3_500_000, 700), (200_000, 400)] {
        bench.wait(wait);
        assert_eq!(bench.call_with_key("POST", &target, &body, "k").status, 201);
        assert_eq!(bench.cloud.moved_cents(), moved);
    }
    bench.clean();
}
