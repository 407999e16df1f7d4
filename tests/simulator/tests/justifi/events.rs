//! The events the vendor publishes.

use crate::bench::Bench;
use posjunction_simulator::justifi::{self as jf, Scenario};
use serde_json::{Value, json};

fn names(bench: &Bench, from: usize) -> Vec<&str> {
    bench.cloud.events()[from..].iter().map(|event| event.name.as_str()).collect()
}

#[test]
fn a_sale_and_its_refund() {
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    let told = [
        "checkout.created",
        "checkout.completion.processing",
        "payment.created",
        "payment.succeeded",
        "checkout.completion.succeeded",
        "checkout.completed",
    ];
    assert_eq!(names(&bench, 0), told);
    bench.call_with_key("POST", &format!("/payments/{id}/refunds"), &json!({"amount": 1}), "my key");
    assert_eq!(names(&bench, told.len()), ["payment.refunded"]);
    let event = &bench.cloud.events()[told.len()];
    assert_eq!(
        (&event.payload["idempotency_key"], &event.payload["data"]["amount_refunded"]),
        (&json!("my key"), &json!(1))
    );
    assert!(event.payload["request_id"].as_str().is_some_and(|id| id.starts_with("req_")));
    assert_eq!(event.at_ms, bench.cloud.refunds()[0].created_ms);
}

#[test]
fn a_decline_and_a_void() {
    let mut bench = Bench::new();
    bench.play(30_116, "w");
    assert_eq!(names(&bench, 2), ["payment.created", "payment.failed", "checkout.completion.failed"]);
    let id = bench.paid(1_000);
    let before = bench.cloud.events().len();
    bench.post(&format!("/payments/{id}/void"), &Value::Null);
    assert_eq!(names(&bench, before), ["payment.canceled"]);
    bench.play(20_027, "w");
    assert!(names(&bench, before).contains(&"payment.authorized"));
    let id = bench.cloud.ledger()[2].id.clone();
    bench.post(&format!("/payments/{id}/capture"), &Value::Null);
    assert_eq!(names(&bench, before).last(), Some(&"payment.captured"));
}

#[test]
fn what_an_event_carries() {
    let mut bench = Bench::new();
    let checkout = bench.play(1_000, "w");
    let completion = &bench.cloud.events()[4].payload;
    assert_eq!((&completion["account_id"], &completion["account_type"]), (&json!(jf::SUB_ACCOUNT), &json!("test")));
    assert_eq!((&completion["idempotency_key"], &completion["request_id"]), (&Value::Null, &Value::Null));
    let data = &completion["data"];
    assert_eq!((&data["id"], &data["terminal_id"]), (&checkout["completions"][0]["id"], &json!(jf::TERMINAL_ID)));
    assert_eq!((&data["checkout"]["id"], &data["checkout"]["status"]), (&checkout["id"], &json!("completed")));
    assert_eq!(data["checkout"]["payment"]["metadata"], json!({"posjunction": "w"}));
    let mut ids: Vec<&str> = bench.cloud.events().iter().filter_map(|event| event.payload["id"].as_str()).collect();
    ids.dedup();
    assert_eq!(ids.len(), bench.cloud.events().len());
    assert!(bench.cloud.events().is_sorted_by_key(|event| event.at_ms));
}

#[test]
fn payment_intents_have_events_of_their_own() {
    let mut bench = Bench::new();
    let id = bench.intent(1_000, "w");
    bench.cloud.script(Scenario::Decline(5));
    bench.pay(&id);
    bench.wait(20_000);
    bench.pay(&id);
    bench.wait(20_000);
    let told =
        ["payment.created", "payment.failed", "payment.created", "payment.succeeded", "payment_intent.succeeded"];
    assert_eq!((names(&bench, 0)[0], names(&bench, 1)), ("payment_intent.created", told.to_vec()));
    let id = bench.intent(20_027, "x");
    bench.pay(&id);
    bench.wait(20_000);
    assert_eq!(names(&bench, 6).last(), Some(&"payment_intent.requires_capture"));
}
