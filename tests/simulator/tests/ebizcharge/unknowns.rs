//! What nobody knows, played the other way.

use crate::bench::Bench;
use posjunction_simulator::ebizcharge::{
    Cancel, CompletePlace, CompleteType, Duplicates, ExpiredKey, Scenario, Setup, SumRule, TimeoutReply, TokenPlace,
};
use serde_json::{Value, json};

fn delete(bench: &mut Bench, key: &str) {
    let answer = bench.call("DELETE", &format!("/paymentengine/payrequests/{key}"), &Value::Null);
    assert_eq!(answer.value(), json!({"status": "success"}));
}

#[test]
fn canceled_turns_approved_or_hides_it() {
    for (cancel, word, code) in [
        (Cancel::TurnsApproved, "transaction complete", json!("A")),
        (Cancel::HidesApproval, "canceled", Value::Null),
        (Cancel::Ignored, "transaction complete", json!("A")),
    ] {
        let mut bench = Bench::new();
        bench.cloud.switches.cancel = cancel;
        let key = bench.sale("5.00");
        delete(&mut bench, &key);
        assert_eq!(bench.poll(&key)["status"] == "canceled", cancel != Cancel::Ignored);
        bench.wait(30_000);
        let end = bench.poll(&key);
        assert_eq!((&end["status"], &end["transaction"]["result_code"]), (&json!(word), &code));
        assert_eq!(bench.cloud.moved_cents(), 500, "the money moved in any case");
        bench.clean();
    }
}

#[test]
fn an_expired_key() {
    for (kind, status, word) in
        [(ExpiredKey::Kept, 200, "timeout"), (ExpiredKey::WithoutStatus, 200, ""), (ExpiredKey::NotFound, 404, "")]
    {
        let mut bench = Bench::new();
        bench.cloud.switches.expired_key = kind;
        bench.cloud.switches.key_lifetime_ms = 60_000;
        bench.cloud.script(Scenario::Timeout);
        let key = bench.sale("5.00");
        bench.wait(300_000);
        let answer = bench.call("GET", &format!("/paymentengine/payrequests/{key}"), &Value::Null);
        assert_eq!((answer.status, answer.value()["status"].as_str().unwrap_or_default()), (status, word));
        assert_eq!(answer.value()["errorcode"] == 21_104, kind != ExpiredKey::Kept);
    }
}

#[test]
fn how_a_timeout_is_told() {
    for (reply, word, code) in [
        (TimeoutReply::Status, json!("timeout"), Value::Null),
        (TimeoutReply::StatusAndError, json!("timeout"), json!(21_144)),
        (TimeoutReply::ErrorOnly, Value::Null, json!(21_144)),
    ] {
        let mut bench = Bench::new();
        bench.cloud.switches.timeout_reply = reply;
        bench.cloud.script(Scenario::Timeout);
        let key = bench.request(&json!({"command": "sale", "amount": "1.00", "timeout": "30"}));
        bench.wait(30_000);
        let end = bench.poll(&key);
        assert_eq!((&end["status"], &end["errorcode"]), (&word, &code));
        bench.clean();
    }
}

#[test]
fn shapes_that_samples_disagree_about() {
    let mut bench = Bench::new();
    let switches = &mut bench.cloud.switches;
    switches.complete_place = CompletePlace::Inside;
    switches.complete_type = CompleteType::Text;
    switches.token_place = TokenPlace::CreditCard;
    (switches.bare_amounts, switches.entrymode_in_one_word, switches.declined_is_failed) = (true, true, true);
    let key = bench.request(&json!({"command": "sale", "amount": "5.00", "save_card": true}));
    bench.wait(30_000);
    let end = bench.poll(&key);
    let t = &end["transaction"];
    assert_eq!((end.get("complete"), &t["complete"], &t["auth_amount"]), (None, &json!("true"), &json!("5")));
    assert!(t["creditcard"]["token"].is_string() && t["creditcard"]["entrymode"].is_string());
    bench.cloud.script(Scenario::Decline(10_251));
    let key = bench.sale("5.00");
    bench.wait(30_000);
    assert_eq!(bench.poll(&key)["status"], "transaction failed");
    bench.cloud.switches.old_status_words = true;
    let key = bench.sale("6.00");
    assert_eq!(bench.poll(&key)["status"], "pending");
    bench.cloud.switches.nested_errors = true;
    let busy = bench.submit(&json!({"command": "sale", "amount": "7.00"})).value();
    assert_eq!(
        busy["error"],
        json!({"message": "Device is currently processing another transaction.", "code": 21_146})
    );
}

#[test]
fn told_early_and_deleted_late() {
    let mut bench = Bench::new();
    bench.cloud.switches.told_early = true;
    bench.cloud.switches.delete_of_ended_succeeds = true;
    let key = bench.sale("5.00");
    let early = bench.poll_until(&key, |v| v["status"] == "completing payment");
    assert_eq!((&early["complete"], &early["transaction"]["result_code"]), (&json!(false), &json!("A")));
    bench.wait(30_000);
    delete(&mut bench, &key);
    assert_eq!(bench.poll(&key)["status"], "transaction complete");
    bench.clean();
}

#[test]
fn refunds_of_another_kind() {
    let mut bench = Bench::new();
    let switches = &mut bench.cloud.switches;
    (switches.refund_of_unsettled, switches.refund_takes_orderid) = (true, true);
    switches.writes_answer_201 = true;
    let key = bench.paid("5.00");
    let body = json!({"command": "refund", "trankey": key, "orderid": "mine"});
    let answer = bench.call("POST", "/transactions", &body);
    let refund = answer.value()["key"].as_str().unwrap_or_default().to_string();
    assert_eq!((answer.status, bench.cloud.moved_cents()), (201, 0));
    assert_eq!(bench.get(&format!("/transactions/{refund}"))["orderid"], "mine");
    bench.clean();
}

#[test]
fn an_unreached_device_says_so() {
    let mut bench = Bench::new();
    bench.sale("200.05");
    assert_eq!(bench.get("/paymentengine/devices")["data"][0]["status"], "offline");
    bench.wait(20_000);
    assert_eq!(bench.get("/paymentengine/devices")["data"][0]["status"], "processing transaction");
    bench.clean();
}

#[test]
fn orderid_is_not_passed_through() {
    let mut bench = Bench::new();
    bench.cloud.switches.orderid_dropped = true;
    let key = bench.paid("5.00");
    assert_eq!(bench.get(&format!("/transactions/{key}"))["orderid"], "");
    assert_eq!(bench.cloud.charges("order 1").len(), 1);
}

#[test]
fn lists_that_lag_and_hide() {
    let mut bench = Bench::new();
    bench.cloud.switches.search_lag_ms = 60_000;
    let key = bench.paid("5.00");
    assert_eq!(bench.get("/transactions")["data"], json!([]));
    assert_eq!(bench.get(&format!("/transactions/{key}"))["key"], key.as_str());
    bench.wait(60_000);
    assert_eq!(bench.get("/transactions")["total"], "1");
    bench.cloud.switches.search_hides_all = true;
    assert_eq!(bench.get("/transactions")["total"], "0");
}

#[test]
fn fresh_ids_are_unknown_for_a_moment() {
    let mut bench = Bench::new();
    bench.cloud.switches.fresh_request_404_ms = 3_000;
    bench.cloud.switches.fresh_transaction_404_ms = 20_000;
    let key = bench.sale("5.00");
    let target = format!("/paymentengine/payrequests/{key}");
    assert_eq!(bench.call("GET", &target, &Value::Null).status, 404);
    let done = bench.poll_until(&key, |v| v["complete"] == true);
    let target = format!("/transactions/{}", done["transaction"]["key"].as_str().unwrap_or_default());
    assert_eq!(bench.call("GET", &target, &Value::Null).status, 404);
    bench.wait(20_000);
    assert_eq!(bench.call("GET", &target, &Value::Null).status, 200);
}

#[test]
fn the_device_always_says_connected() {
    let mut bench = Bench::new();
    bench.cloud.switches.device_always_connected = true;
    bench.cloud.switches.device_says_online = true;
    bench.sale("5.00");
    let list = bench.get("/paymentengine/devices");
    assert!(list["data"].as_array().into_iter().flatten().all(|d| d["status"] == "online"));
}

#[test]
fn duplicates_are_folded_or_blocked() {
    let mut bench = Bench::new();
    bench.cloud.switches.duplicates = Duplicates::Fold;
    let first = bench.paid("5.00");
    let body = json!({"command": "sale", "amount": "5.00", "invoice": "4711", "orderid": "another"});
    let again = bench.pay(&body);
    assert_eq!((&again["transaction"]["is_duplicate"], &again["transaction"]["key"]), (&json!("Y"), &json!(first)));
    assert_eq!((bench.cloud.moved_cents(), bench.cloud.charges("another").len()), (500, 0));
    bench.cloud.switches.duplicates = Duplicates::Block;
    assert_eq!(bench.pay(&body)["transaction"]["error_code"], 31);
    let mut bypass = body.clone();
    bypass["ignore_duplicate"] = json!(true);
    assert_eq!(bench.pay(&bypass)["transaction"]["is_duplicate"], "N");
    assert_eq!(bench.cloud.moved_cents(), 1_000);
    bench.clean();
}

#[test]
fn numbers_and_sums_that_documents_disagree_about() {
    let mut bench = Bench::new();
    bench.cloud.switches.offline_is_21101 = true;
    bench.cloud.switches.device_error_status = 400;
    let offline = bench.submit(&json!({"command": "sale", "amount": "200.04", "block_offline": true}));
    assert_eq!((offline.status, &offline.value()["errorcode"]), (409, &json!(21_101)));
    assert_eq!(bench.submit(&json!({"command": "sale", "amount": "200.03"})).status, 400);
    let tip = json!({"command": "sale", "amount": "12.00", "amount_detail": {"subtotal": "10.00", "tip": "2.00"}});
    bench.clean();
    bench.cloud.switches.sum_rule = SumRule::WithoutTip;
    assert_eq!(bench.submit(&tip).value()["errorcode"], 71);
    bench.cloud.switches.sum_rule = SumRule::WithTip;
    assert_eq!(bench.submit(&tip).status, 200);
}

#[test]
fn an_invoice_that_is_too_long() {
    let mut bench = Bench::new();
    let body = json!({"command": "sale", "amount": "5.00", "invoice": "123456789012"});
    assert_eq!(bench.pay(&body)["transaction"]["invoice"], "12345678901");
    bench.cloud.switches.long_invoice_refused = true;
    assert_eq!(bench.submit(&body).status, 400);
    assert_eq!(bench.cloud.violations().len(), 2, "the document says 11");
}

#[test]
fn the_same_seed_is_the_same_history() {
    let history = |seed| {
        let mut bench = Bench::with(Setup { seed, ..Setup::default() });
        bench.paid("5.00");
        bench.cloud.ledger().to_vec()
    };
    assert_eq!(history(3), history(3));
    assert_ne!(history(3), history(4));
}
