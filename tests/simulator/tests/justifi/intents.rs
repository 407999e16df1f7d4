//! The older flow: payment intents.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{self as jf, Progress, Scenario};
use serde_json::{Value, json};

fn payments(bench: &mut Bench, id: &str) -> Vec<String> {
    let list = bench.get(&format!("/payment_intents/{id}/payments"));
    let rows = list["data"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["status"].as_str().map(String::from)).collect()
}

#[test]
fn an_intent_is_paid() {
    let mut bench = Bench::new();
    let id = bench.intent(1_000, "w");
    let answer = bench.pay(&id);
    assert_eq!((answer.status, &answer.value()["data"]["checkout_id"]), (201, &Value::Null));
    assert_eq!(bench.poll(&id)["status"], "requires_payment_method");
    bench.wait(20_000);
    let done = bench.poll(&id);
    assert_eq!(done["status"], "succeeded");
    assert_eq!(done["payment_method"]["card_present"]["last4"], "2970");
    assert_eq!(done["successful_payment_id"], bench.cloud.ledger()[0].id.as_str());
    assert_eq!(payments(&mut bench, &id), ["succeeded"]);
    let row = bench.data(&format!("/payments/{}", bench.cloud.ledger()[0].id));
    assert_eq!((&row["payment_intent_id"], &row["checkout_id"]), (&json!(id), &Value::Null));
    assert_eq!((&row["metadata"], bench.cloud.moved_of("w")), (&json!({"posjunction": "w"}), 1_000));
    assert_eq!((bench.cloud.submits("w"), bench.pay(&id).status), (1, 422));
    bench.clean();
}

#[test]
fn a_decline_is_a_payment_and_an_x_is_none() {
    let mut bench = Bench::new();
    let id = bench.intent(1_000, "w");
    for (scenario, told) in [
        (Scenario::CustomerCancel, &[][..]),
        (Scenario::Decline(116), &["failed"]),
        (Scenario::Timeout, &["failed"]),
        (Scenario::Approve, &["succeeded", "failed"]),
    ] {
        bench.cloud.script(scenario);
        assert_eq!(bench.pay(&id).status, 201);
        bench.wait(100_000);
        assert_eq!(payments(&mut bench, &id), told, "{scenario:?}");
    }
    let progress: Vec<Progress> = bench.cloud.requests().iter().map(|s| s.progress).collect();
    assert_eq!(progress, [Progress::Canceled, Progress::Failed, Progress::TimedOut, Progress::Succeeded]);
    assert_eq!(bench.cloud.charges(&id).len(), 1);
    bench.clean();
}

#[test]
fn an_intent_is_pending_while_the_terminal_works_if_so_switched() {
    let mut bench = Bench::new();
    bench.cloud.switches.attempted_while_processing = true;
    let id = bench.intent(1_000, "w");
    bench.cloud.script(Scenario::CustomerCancel);
    bench.pay(&id);
    assert_eq!(bench.poll(&id)["status"], "pending");
    bench.wait(10_000);
    assert_eq!(bench.poll(&id)["status"], "requires_payment_method");
    bench.clean();
}

#[test]
fn authorized_then_captured() {
    let mut bench = Bench::new();
    let id = bench.intent(20_027, "w");
    let target = format!("/payment_intents/{id}/capture");
    assert_eq!(code(&bench.post(&target, &Value::Null)), "payment_intent_cannot_be_captured");
    bench.pay(&id);
    bench.wait(20_000);
    assert_eq!((bench.poll(&id)["status"].as_str(), bench.cloud.moved_cents()), (Some("requires_capture"), 0));
    let captured = bench.post(&target, &Value::Null);
    assert_eq!((captured.status, captured.value()["data"]["status"].as_str()), (201, Some("succeeded")));
    assert_eq!(bench.cloud.moved_cents(), 20_027);
    bench.clean();
}

#[test]
fn a_refund_at_the_terminal() {
    let mut bench = Bench::new();
    let id = bench.intent(1_000, "w");
    bench.pay(&id);
    bench.wait(20_000);
    let refund = |bench: &mut Bench, amount: i64| {
        let body = json!({"payment_intent_id": id, "terminal_id": jf::TERMINAL_ID, "amount": amount});
        let answer = bench.post("/terminals/refund", &body);
        bench.wait(20_000);
        (answer.status, code(&answer))
    };
    assert_eq!(refund(&mut bench, 1_001), (422, "refund_exceeds_payment_amount".into()));
    assert_eq!((refund(&mut bench, 400).0, bench.cloud.moved_cents()), (201, 600));
    bench.cloud.script(Scenario::Decline(5));
    assert_eq!((refund(&mut bench, 100).0, bench.cloud.moved_cents()), (201, 600));
    bench.cloud.script(Scenario::CustomerCancel);
    assert_eq!((refund(&mut bench, 100).0, bench.cloud.moved_cents()), (201, 600));
    let row = bench.data(&format!("/payments/{}", bench.cloud.ledger()[0].id));
    assert_eq!((&row["status"], &row["amount_refunded"]), (&json!("partially_refunded"), &json!(400)));
    assert_eq!(bench.cloud.refunds()[0].terminal_id.as_deref(), Some(jf::TERMINAL_ID));
    bench.clean();
}

#[test]
fn a_refund_at_the_terminal_is_for_intents_only() {
    let mut bench = Bench::new();
    let checkout = bench.play(1_000, "w");
    let body = json!({"checkout_id": checkout["id"], "terminal_id": jf::TERMINAL_ID});
    assert_eq!(code(&bench.post("/terminals/refund", &body)), "parameter_missing");
    let of_checkout = json!({"payment_intent_id": checkout["payment_intent_id"], "terminal_id": jf::TERMINAL_ID});
    assert_eq!(code(&bench.post("/terminals/refund", &of_checkout)), "payment_intent_not_found");
    let open = json!({"payment_intent_id": bench.intent(1_000, "x"), "terminal_id": jf::TERMINAL_ID});
    assert_eq!(code(&bench.post("/terminals/refund", &open)), "payment_intent_unexpected_state");
    assert_eq!(bench.cloud.moved_cents(), 1_000);
}

#[test]
fn an_intent_is_changed_while_it_is_open() {
    let mut bench = Bench::new();
    let id = bench.intent(1_000, "w");
    let target = format!("/payment_intents/{id}");
    let changed = bench.call("PATCH", &target, &json!({"amount": 1_200, "description": "new"})).value();
    assert_eq!((&changed["data"]["amount"], &changed["data"]["description"]), (&json!(1_200), &json!("new")));
    bench.pay(&id);
    bench.wait(20_000);
    assert_eq!(bench.call("PATCH", &target, &json!({"amount": 1_300})).status, 422);
    assert_eq!(bench.call("PATCH", &target, &json!({"metadata": {"a": 1}})).status, 200);
    assert_eq!(bench.cloud.moved_cents(), 1_200);
    assert_eq!(bench.get("/payment_intents")["data"].as_array().map(Vec::len), Some(1));
    bench.clean();
    for (body, expected) in [
        (json!({"amount": 100, "description": "d"}), "currency_required"),
        (json!({"amount": 100, "currency": "eur"}), "currency_invalid"),
        (json!({"amount": 50, "currency": "usd"}), "amount_below_minimum"),
    ] {
        assert_eq!(code(&bench.post("/payment_intents", &body)), expected);
    }
    bench.call("PATCH", &target, &json!({"payment_method": {"card": {"number": "4242424242424242"}}}));
    assert_eq!(bench.cloud.violations().len(), 4, "card data is not ours to send");
}
