//! What nobody knows, played the other way.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{
    self as jf, Abandoned, ActivePay, AmountType, ErrorShape, Progress, Scenario, Switches, Touch,
};
use serde_json::{Value, json};

fn bench_with(change: impl Fn(&mut Switches)) -> Bench {
    let mut bench = Bench::new();
    change(&mut bench.cloud.switches);
    bench
}

fn words(checkout: &Value, name: &str) -> Vec<String> {
    let told = checkout["completions"].as_array().into_iter().flatten();
    told.map(|completion| completion[name].as_str().unwrap_or("-").to_string()).collect()
}

/// Two checkouts, one after the other, for one terminal.
fn two_at_once(active_pay: ActivePay, wait: u64) -> (Bench, [String; 2]) {
    let mut bench = bench_with(|s| s.active_pay = active_pay);
    let ids = [bench.checkout(1_000, "a"), bench.checkout(2_000, "b")];
    assert_eq!(bench.pay(&ids[0]).status, 201);
    bench.wait(wait);
    bench.pay(&ids[1]);
    bench.wait(60_000);
    (bench, ids)
}

#[test]
fn pay_while_active_refuses_replaces_or_queues() {
    let progress = |bench: &Bench| bench.cloud.requests().iter().map(|s| s.progress).collect::<Vec<_>>();
    let (bench, _) = two_at_once(ActivePay::Refuses, 1_000);
    assert_eq!((progress(&bench), bench.cloud.moved_cents()), (vec![Progress::Succeeded], 1_000));
    let (mut bench, ids) = two_at_once(ActivePay::Replaces, 1_000);
    assert_eq!(progress(&bench), [Progress::Replaced, Progress::Succeeded]);
    assert_eq!(
        (words(&bench.poll(&ids[0]), "payment_status"), bench.cloud.moved_cents()),
        (vec!["canceled".into()], 2_000)
    );
    let (bench, _) = two_at_once(ActivePay::Queues, 1_000);
    assert_eq!(progress(&bench), [Progress::Succeeded, Progress::Succeeded]);
    assert_eq!(bench.cloud.moved_cents(), 3_000);
    // It is a breach each time.
    assert_eq!(bench.cloud.violations().len(), 1);
}

#[test]
fn a_card_that_is_in_goes_on_behind_the_next_payment() {
    let (mut bench, ids) = two_at_once(ActivePay::Replaces, 4_000);
    assert_eq!(bench.cloud.moved_cents(), 3_000);
    assert_eq!(ids.map(|id| bench.poll(&id)["status"].clone()), ["completed", "completed"].map(|word| json!(word)));
}

#[test]
fn a_queue_behind_a_terminal_that_hangs() {
    let mut bench = bench_with(|s| s.active_pay = ActivePay::Queues);
    let id = bench.checkout(1_000, "a");
    assert_eq!(bench.pay_at(jf::BUSY_TERMINAL_ID, &id).status, 201);
    bench.wait(200_000);
    assert_eq!(
        (bench.cloud.requests()[0].progress, bench.poll(&id)["completions"].clone()),
        (Progress::Queued, json!([]))
    );
    assert!(bench.cloud.touch(jf::BUSY_TERMINAL_ID, Touch::Cancel));
    bench.wait(20_000);
    assert_eq!(bench.poll(&id)["status"], "completed");
}

#[test]
fn an_offline_terminal_is_accepted_or_refused() {
    for (refused, status) in [(false, 201), (true, 422)] {
        let mut bench = bench_with(|s| s.offline_refused = refused);
        let id = bench.checkout(1_000, "a");
        assert_eq!(bench.pay_at(jf::OFFLINE_TERMINAL_ID, &id).status, status);
        bench.wait(100_000);
        assert_eq!(words(&bench.poll(&id), "status"), if refused { vec![] } else { vec!["failed"] });
        let id = bench.checkout(20_005, "b");
        assert_eq!(bench.pay(&id).status, status);
        bench.wait(100_000);
        assert_eq!(bench.cloud.moved_cents(), if refused { 0 } else { 20_005 });
        bench.clean();
    }
}

#[test]
fn attempted_while_processing() {
    for (early, word) in [(false, "created"), (true, "attempted")] {
        let mut bench = bench_with(|s| s.attempted_while_processing = early);
        let id = bench.checkout(1_000, "a");
        bench.pay(&id);
        assert_eq!(bench.poll(&id)["status"], word);
        bench.wait(20_000);
        assert_eq!(bench.poll(&id)["status"], "completed");
        bench.clean();
    }
}

#[test]
fn a_completion_comes_late_or_only_at_its_end() {
    let mut bench = bench_with(|s| s.completion_lag_ms = 10_000);
    let id = bench.checkout(1_000, "a");
    bench.pay(&id);
    bench.wait(8_000);
    let early = bench.poll(&id);
    assert_eq!((&early["status"], words(&early, "status").len()), (&json!("completed"), 0));
    bench.wait(10_000);
    assert_eq!(words(&bench.poll(&id), "status"), ["succeeded"]);
    let mut bench = bench_with(|s| s.completion_at_end = true);
    let id = bench.checkout(1_000, "a");
    bench.pay(&id);
    bench.wait(1_000);
    assert!(words(&bench.poll(&id), "status").is_empty());
    bench.wait(8_000);
    assert_eq!(words(&bench.poll(&id), "status"), ["succeeded"]);
    bench.clean();
}

#[test]
fn each_card_may_be_a_completion() {
    let mut bench = bench_with(|s| s.declined_card_is_attempt = true);
    let id = bench.checkout(20_008, "a");
    bench.pay(&id);
    bench.wait(8_000);
    assert_eq!(words(&bench.poll(&id), "status"), ["failed"]);
    assert_eq!(bench.data(&format!("/terminals/{}/status", jf::TERMINAL_ID))["status"], "ACTIVE");
    bench.wait(20_000);
    bench.cloud.switches.completions_newest_first = true;
    let done = bench.poll(&id);
    assert_eq!(
        (words(&done, "status"), &done["status"]),
        (vec!["succeeded".into(), "failed".into()], &json!("completed"))
    );
    assert_eq!((bench.cloud.moved_cents(), bench.cloud.requests()[0].payments.len()), (20_008, 2));
    bench.clean();
}

#[test]
fn the_log_keeps_the_decline_of_a_card_when_the_next_one_never_comes() {
    let mut bench = bench_with(|s| s.declined_card_is_attempt = true);
    let id = bench.checkout(20_008, "a");
    bench.pay(&id);
    bench.wait(8_000);
    let first = bench.poll(&id)["completions"].clone();
    assert!(bench.cloud.touch(jf::TERMINAL_ID, Touch::Cancel));
    bench.wait(100_000);
    assert_eq!(
        (bench.poll(&id)["completions"].clone(), bench.cloud.requests()[0].progress),
        (first, Progress::Canceled)
    );
    assert_eq!(bench.cloud.events().iter().filter(|e| e.name == "checkout.completion.failed").count(), 1);
    bench.clean();
}

#[test]
fn how_the_x_key_and_the_90_seconds_are_told() {
    for (abandoned, word) in [(Abandoned::Canceled, "canceled"), (Abandoned::Failed, "failed")] {
        for (codes, x, timeout) in [(false, "-", "-"), (true, "canceled_on_terminal", "terminal_timeout")] {
            let mut bench = bench_with(|s| (s.abandoned, s.abandoned_codes) = (abandoned, codes));
            for (amount, code) in [(20_001, x), (20_002, timeout)] {
                let checkout = bench.play(amount, "a");
                assert_eq!(words(&checkout, "payment_status"), [word]);
                assert_eq!(words(&checkout, "payment_error_code"), [code]);
            }
            bench.clean();
        }
    }
}

#[test]
fn ids_that_are_null() {
    let mut bench = bench_with(|s| (s.session_payment_null, s.links_null) = (true, true));
    let id = bench.checkout(1_000, "a");
    let session = bench.pay(&id).value()["data"].take();
    assert_eq!((&session["payment_id"], &session["payment_intent_id"]), (&Value::Null, &Value::Null));
    assert_eq!(session["checkout_id"], json!(id));
    bench.wait(20_000);
    let checkout = bench.poll(&id);
    let completion = &checkout["completions"][0];
    assert_eq!((&completion["payment_id"], &completion["payment_method_id"]), (&Value::Null, &Value::Null));
    let told = ["successful_payment_id", "payment_intent_id"].map(|name| checkout[name].is_null());
    assert_eq!((told, completion["terminal_id"].is_null()), ([false, true], false));
    assert_eq!(bench.data(&format!("/payments/{}", bench.cloud.ledger()[0].id))["checkout_id"], Value::Null);
    bench.clean();
}

#[test]
fn numbers_that_are_texts_and_texts_that_are_numbers() {
    for (amounts, told) in
        [(AmountType::Text, json!("1000")), (AmountType::Decimal, json!(1000.0)), (AmountType::Integer, json!(1000))]
    {
        let mut bench = bench_with(|s| (s.amounts, s.last_four_as_number) = (amounts, true));
        let body = json!({"amount": 1000, "description": "d", "metadata": {"amount": 5, "last4": "0001"}});
        let answer = bench.post("/checkouts", &body).value();
        assert_eq!((&answer["data"]["payment_amount"], &answer["data"]["metadata"]["amount"]), (&told, &json!(5)));
        assert_eq!(answer["data"]["metadata"]["last4"], "0001", "what the client put in comes out as it was");
        let id = answer["id"].as_str().unwrap_or_default().to_string();
        bench.pay_at(jf::TOUCH_TERMINAL_ID, &id);
        bench.wait(2_000);
        assert!(bench.cloud.touch(jf::TOUCH_TERMINAL_ID, Touch::TapOther));
        bench.wait(10_000);
        let payment = bench.data(&format!("/payments/{}", bench.cloud.ledger()[0].id));
        assert_eq!((&payment["amount"], &payment["amount_refundable"]), (&told, &told));
        assert_eq!(payment["payment_method"]["card_present"]["last4"], 49, "the zeros are gone");
        bench.clean();
    }
}

#[test]
fn a_terminal_that_always_says_connected() {
    let mut bench = bench_with(|s| (s.terminal_always_connected, s.status_in_lower_case) = (true, true));
    for id in [jf::BUSY_TERMINAL_ID, jf::OFFLINE_TERMINAL_ID] {
        assert_eq!(bench.data(&format!("/terminals/{id}/status"))["status"], "connected");
    }
    bench.clean();
}

#[test]
fn errors_in_other_shapes() {
    let text = "Resource Not Found";
    for (shape, expected) in [
        (ErrorShape::Text, json!({"error": text})),
        (ErrorShape::Message, json!({"message": text})),
        (ErrorShape::List, json!({"errors": [text]})),
        (ErrorShape::Object, json!({"error": {"code": "resource_not_found", "message": text}})),
    ] {
        let mut bench = bench_with(|s| s.error_shape = shape);
        assert_eq!(bench.call("GET", "/payments/py_1", &Value::Null).value(), expected);
        // What is inside a 200 stays as it is.
        assert_eq!(bench.play(30_116, "a")["completions"][0]["payment_response"]["error"]["code"], "card_declined");
        bench.clean();
    }
}

#[test]
fn what_is_new_is_not_found_for_a_moment() {
    let mut bench = bench_with(|s| (s.fresh_checkout_404_ms, s.fresh_payment_404_ms) = (3_000, 5_000));
    let (checkout, intent) = (bench.checkout(1_000, "a"), bench.intent(1_000, "b"));
    for (target, status) in [(format!("/checkouts/{checkout}"), 404), (format!("/payment_intents/{intent}"), 404)] {
        assert_eq!(bench.call("GET", &target, &Value::Null).status, status);
    }
    bench.wait(3_000);
    assert_eq!(
        (bench.poll(&checkout)["status"].as_str(), bench.poll(&intent)["amount"].as_i64()),
        (Some("created"), Some(1_000))
    );
    bench.pay(&checkout);
    bench.wait(8_000);
    let payment = bench.poll(&checkout)["successful_payment_id"].as_str().unwrap_or_default().to_string();
    assert_eq!(bench.call("GET", &format!("/payments/{payment}"), &Value::Null).status, 404);
    bench.wait(5_000);
    assert_eq!(bench.data(&format!("/payments/{payment}"))["status"], "succeeded");
    bench.clean();
}

#[test]
fn metadata_does_not_reach_the_payment() {
    let mut bench = bench_with(|s| s.metadata_dropped = true);
    let id = bench.paid(1_000);
    assert_eq!(bench.data(&format!("/payments/{id}"))["metadata"], json!({}));
    assert_eq!((bench.cloud.charges("wire").len(), bench.cloud.submits("wire")), (1, 1), "the books know");
    bench.clean();
}

#[test]
fn times_with_milliseconds_and_lists_with_an_id() {
    let mut bench = bench_with(|s| (s.times_with_ms, s.list_id_one) = (true, true));
    bench.wait(234);
    let id = bench.checkout(1_000, "a");
    assert_eq!(bench.poll(&id)["created_at"], "2025-11-20T12:00:01.234Z");
    assert_eq!(bench.get("/checkouts")["id"], 1);
    let sale = bench.paid(1_000);
    bench.cloud.switches.checkout_refund_as_completion = true;
    let of = bench.cloud.ledger()[0].checkout_id.clone().unwrap_or_default();
    let refund = bench.post(&format!("/checkouts/{of}/refunds"), &json!({}));
    assert_eq!((refund.value()["type"].as_str(), bench.cloud.moved_of(&sale)), (Some("checkout_completion"), 0));
    bench.clean();
}

#[test]
fn a_late_approval_finds_its_checkout_paid() {
    let mut bench = Bench::new();
    let id = bench.checkout(1_000, "a");
    bench.cloud.script(Scenario::ApproveAfterTimeout);
    bench.pay(&id);
    bench.wait(95_000);
    bench.cloud.script(Scenario::Approve);
    assert_eq!(bench.pay(&id).status, 201);
    bench.wait(60_000);
    let done = bench.poll(&id);
    assert_eq!(
        (words(&done, "status"), bench.cloud.moved_cents()),
        (vec!["failed", "succeeded", "failed"].into_iter().map(String::from).collect(), 1_000)
    );
    assert_eq!(code(&bench.pay(&id)), "payment_intent_unexpected_state");
    bench.clean();
}
