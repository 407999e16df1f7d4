//! Reading and changing the books: refunds, voids, captures.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{PaymentState, RefundStatus};
use serde_json::{Value, json};

const MINUTE_MS: u64 = 60_000;

fn refund(bench: &mut Bench, payment: &str, body: &Value) -> String {
    let answer = bench.post(&format!("/payments/{payment}/refunds"), body);
    if answer.status == 201 { "201".into() } else { code(&answer) }
}

#[test]
fn a_payment_is_refunded_in_parts_and_no_further() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    let target = format!("/payments/{id}");
    let told = |bench: &mut Bench| {
        let data = bench.data(&target);
        let amounts = ["amount_refunded", "amount_refundable"].map(|name| data[name].as_i64().unwrap_or(-1));
        (data["status"].as_str().unwrap_or_default().to_string(), amounts, data["refunds"].as_array().map(Vec::len))
    };
    assert_eq!(told(&mut bench), ("succeeded".into(), [0, 1_000], Some(0)));
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 1_001})), "refund_exceeds_payment_amount");
    // Two equal parts are two refunds.
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 300, "reason": "duplicate"})), "201");
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 300, "reason": "customer_request"})), "201");
    assert_eq!(told(&mut bench), ("partially_refunded".into(), [600, 400], Some(2)));
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 401})), "refund_exceeds_amount_available");
    assert_eq!(refund(&mut bench, &id, &json!({})), "201", "without an amount: all that is left");
    assert_eq!(told(&mut bench), ("fully_refunded".into(), [1_000, 0], Some(3)));
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 1})), "payment_fully_refunded");
    assert_eq!(bench.cloud.moved_cents(), 0);
    assert_eq!(refund(&mut bench, "py_nobody", &json!({})), "resource_not_found");
    bench.clean();
}

#[test]
fn what_a_refund_must_not_say() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    for (body, expected) in [
        (json!({"reason": "whim"}), "refund_reason_invalid"),
        (json!({"amount": "100"}), "amount_must_be_an_integer"),
        (json!({"amount": 0}), "amount_too_small"),
        (json!({"fees": [{"type": "platform_fee", "amount": 5}]}), "fee_type_must_exist_on_payment_fees"),
        (json!({"amount": 100, "tip": 1}), "201"),
    ] {
        assert_eq!(refund(&mut bench, &id, &body), expected, "{body}");
    }
    // The fee is a matter of the books, not of the specification.
    assert_eq!(bench.cloud.violations().len(), 4, "{:#?}", bench.cloud.violations());
}

#[test]
fn refunds_are_found_by_their_own_key() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    for key in ["r1", "r2"] {
        assert_eq!(refund(&mut bench, &id, &json!({"amount": 100, "metadata": {"posjunction": key}})), "201");
    }
    assert_eq!([bench.cloud.refunds_of("r1").len(), bench.cloud.refunds_of(&id).len()], [1, 2]);
    assert_eq!((bench.cloud.moved_of("wire"), bench.cloud.moved_of(&id)), (800, 800));
    let re = bench.cloud.refunds()[0].id.clone();
    let changed = bench.call("PATCH", &format!("/refunds/{re}"), &json!({"metadata": {"posjunction": "r3"}}));
    assert_eq!(changed.value()["data"]["metadata"], json!({"posjunction": "r3"}));
    assert_eq!(bench.get("/refunds")["data"].as_array().map(Vec::len), Some(2));
    bench.clean();
}

#[test]
fn a_void_within_25_minutes() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    let born = bench.cloud.ledger()[0].created_ms;
    bench.now = born + 25 * MINUTE_MS - 1;
    let answer = bench.post(&format!("/payments/{id}/void"), &Value::Null);
    assert_eq!((answer.status, answer.value()["data"]["status"].as_str()), (200, Some("canceled")));
    assert_eq!((bench.cloud.moved_cents(), bench.cloud.charges("wire").len()), (0, 1));
    let again = bench.post(&format!("/payments/{id}/void"), &Value::Null);
    assert_eq!((again.status, code(&again)), (422, "payment_intent_unexpected_state".into()));
    assert_eq!(refund(&mut bench, &id, &json!({})), "refund_error");
    bench.clean();
}

#[test]
fn a_void_after_25_minutes() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    let target = format!("/payments/{id}/void");
    bench.now = bench.cloud.ledger()[0].created_ms + 25 * MINUTE_MS;
    assert_eq!(code(&bench.post(&target, &Value::Null)), "payment_outside_void_window");
    let id = bench.paid(2_000);
    bench.cloud.settle();
    let late = bench.post(&format!("/payments/{id}/void"), &Value::Null);
    assert_eq!((late.status, code(&late)), (422, "payment_outside_void_window".into()));
    assert_eq!(refund(&mut bench, &id, &json!({})), "201");
    bench.clean();
    bench.post(&target, &json!({"amount": 5}));
    assert_eq!(bench.cloud.violations().len(), 1, "a void has no body");
}

#[test]
fn what_was_partly_refunded_cannot_be_voided() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 1})), "201");
    assert_eq!(bench.post(&format!("/payments/{id}/void"), &Value::Null).status, 422);
    assert_eq!(bench.cloud.moved_cents(), 999);
    bench.clean();
}

#[test]
fn an_authorization_is_captured_voided_or_dies() {
    let authorized = || {
        let mut bench =
            Bench::with(posjunction_simulator::justifi::Setup { token_life_ms: u64::MAX / 2, ..Default::default() });
        bench.play(20_027, "w");
        let target = format!("/payments/{}", bench.cloud.ledger()[0].id);
        assert_eq!((bench.data(&target)["status"].as_str(), bench.cloud.moved_cents()), (Some("authorized"), 0));
        (bench, target)
    };
    let (mut bench, target) = authorized();
    let captured = bench.post(&format!("{target}/capture"), &Value::Null);
    assert_eq!((captured.status, &captured.value()["data"]["captured"]), (201, &json!(true)));
    assert_eq!(bench.cloud.moved_cents(), 20_027);
    assert_eq!(code(&bench.post(&format!("{target}/capture"), &Value::Null)), "payment_already_captured");
    bench.clean();
    let (mut bench, target) = authorized();
    assert_eq!(bench.post(&format!("{target}/void"), &Value::Null).status, 200);
    assert_eq!(code(&bench.post(&format!("{target}/capture"), &Value::Null)), "payment_intent_unexpected_state");
    assert_eq!(bench.cloud.moved_cents(), 0);
    let (mut bench, target) = authorized();
    bench.wait(7 * 24 * 60 * MINUTE_MS);
    assert_eq!(code(&bench.post(&format!("{target}/capture"), &Value::Null)), "charge_expired_for_capture");
    assert_eq!(bench.cloud.ledger()[0].state, PaymentState::Canceled);
    bench.clean();
}

#[test]
fn a_checkouts_refund_that_fails_says_so_inside_a_200() {
    let mut bench = Bench::new();
    let checkout = bench.play(1_000, "w");
    let target = format!("/checkouts/{}/refunds", checkout["id"].as_str().unwrap_or_default());
    let told = |bench: &mut Bench, body: &Value| {
        let answer = bench.post(&target, body);
        let data = answer.value()["data"].take();
        (answer.status, data["status"].clone(), data["refund_response"].clone())
    };
    let failed = (200, json!("failed"), json!("refund_exceeds_payment_amount"));
    assert_eq!(told(&mut bench, &json!({"amount": 1_001})), failed);
    assert_eq!(told(&mut bench, &json!({"amount": 400})), (200, json!("succeeded"), Value::Null));
    assert_eq!(told(&mut bench, &Value::Null), (200, json!("succeeded"), Value::Null));
    let empty = (200, json!("failed"), json!("payment_fully_refunded"));
    assert_eq!((told(&mut bench, &json!({})), bench.cloud.moved_cents()), (empty, 0));
    assert_eq!(bench.cloud.refunds().len(), 2);
    let open = bench.checkout(500, "x");
    let answer = bench.post(&format!("/checkouts/{open}/refunds"), &Value::Null);
    assert_eq!((answer.status, &answer.value()["data"]["status"]), (200, &json!("failed")));
    bench.clean();
}

#[test]
fn refunds_that_take_their_time_and_refunds_that_fail() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    bench.cloud.switches.refund_pending_ms = 10_000;
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 400})), "201");
    assert_eq!((bench.cloud.refunds()[0].status, bench.cloud.moved_cents()), (RefundStatus::Pending, 1_000));
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 100})), "refund_in_progress");
    bench.wait(10_000);
    assert_eq!((bench.cloud.refunds()[0].status, bench.cloud.moved_cents()), (RefundStatus::Succeeded, 600));
    bench.cloud.switches.refunds_fail = true;
    assert_eq!(refund(&mut bench, &id, &json!({"amount": 100})), "201");
    bench.wait(10_000);
    let re = bench.cloud.refunds()[1].id.clone();
    assert_eq!(bench.data(&format!("/refunds/{re}"))["status"], "failed");
    assert_eq!(bench.data(&format!("/payments/{id}"))["amount_refundable"], 600);
    assert_eq!(bench.cloud.moved_cents(), 600);
    bench.clean();
}

#[test]
fn a_payment_is_described_anew() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    let body = json!({"description": "new", "metadata": {"a": "b"}});
    let changed = bench.call("PATCH", &format!("/payments/{id}"), &body).value();
    assert_eq!((&changed["data"]["description"], &changed["data"]["metadata"]), (&json!("new"), &json!({"a": "b"})));
    assert_eq!(bench.cloud.charges("wire").len(), 1, "the books keep what was sent at first");
    bench.clean();
}
