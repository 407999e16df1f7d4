//! Reading and changing the books.

use crate::bench::Bench;
use posjunction_simulator::ebizcharge::SearchOrder;
use serde_json::{Value, json};

fn code(answer: &Value) -> u64 {
    assert_eq!(answer["result_code"], "E", "{answer}");
    answer["error_code"].as_u64().unwrap_or_default()
}

#[test]
fn pages_newest_first() {
    let mut bench = Bench::new();
    let keys: Vec<String> = ["1.00", "2.00", "3.00"].map(|amount| bench.paid(amount)).to_vec();
    let list = bench.get("/transactions?limit=2");
    assert_eq!((&list["type"], &list["total"]), (&json!("list"), &json!("3")));
    let told: Vec<&str> = list["data"].as_array().into_iter().flatten().filter_map(|t| t["key"].as_str()).collect();
    assert_eq!(told, [keys[2].as_str(), keys[1].as_str()]);
    let rest = bench.get("/transactions?limit=2&offset=2");
    assert_eq!(rest["data"][0]["key"], keys[0].as_str());
    // The filters of the official kits change nothing.
    assert_eq!(bench.get("/transactions?filters=@trantype_code&limit=1000")["limit"], 100);
    bench.clean();
    bench.cloud.settle();
    assert_eq!(bench.get("/batches/current/transactions")["total"], "0");
    bench.cloud.switches.search_order = SearchOrder::Oldest;
    assert_eq!(bench.get("/transactions")["data"][0]["key"], keys[0].as_str());
}

#[test]
fn times_are_the_merchants() {
    let mut bench = Bench::new();
    let key = bench.paid("1.00");
    let row = bench.get(&format!("/transactions/{key}"));
    assert_eq!(row["created"], "2025-11-20 04:00:07");
    assert_eq!((&row["status_code"], &row["trantype_code"]), (&json!("P"), &json!("S")));
    assert_eq!(row["available_actions"][0], "void");
    assert_eq!(bench.call("GET", "/transactions/nobody", &Value::Null).value()["errorcode"], 20_001);
}

#[test]
fn void_before_and_refund_after_settlement() {
    let mut bench = Bench::new();
    let key = bench.paid("10.00");
    assert_eq!(code(&bench.change("refund", &key, &[])), 115);
    let voided = bench.change("void", &key, &[]);
    assert_eq!((&voided["key"], &voided["result_code"]), (&json!(key), &json!("A")));
    assert_eq!(bench.cloud.moved_cents(), 0);
    assert_eq!(code(&bench.change("void", &key, &[])), 24);
    assert_eq!(bench.change("unvoid", &key, &[])["result_code"], "A");
    assert_eq!(code(&bench.change("unvoid", &key, &[])), 102);
    bench.cloud.settle();
    assert_eq!(code(&bench.change("void", &key, &[])), 103);
    assert_eq!(code(&bench.change("refund", &key, &[("amount", "10.01")])), 114);
    let part = bench.change("refund", &key, &[("amount", "4.00"), ("orderid", "mine")]);
    let refund = part["key"].as_str().unwrap_or_default().to_string();
    assert_ne!(refund, key);
    assert_eq!(code(&bench.change("refund", &key, &[])), 114);
    assert_eq!(bench.cloud.moved_cents(), 600);
    // A refund inherits, whatever is sent.
    let row = bench.get(&format!("/transactions/{refund}"));
    assert_eq!((&row["orderid"], &row["invoice"]), (&json!("order 1"), &json!("4711")));
    assert_eq!(row["trantype_code"], "C");
    bench.clean();
}

#[test]
fn creditvoid_lets_the_gateway_choose() {
    let mut bench = Bench::new();
    let key = bench.paid("10.00");
    assert_eq!(bench.change("creditvoid", &key, &[])["key"], key.as_str());
    let key = bench.paid("11.00");
    bench.cloud.settle();
    assert_ne!(bench.change("creditvoid", &key, &[])["key"], key.as_str());
    assert_eq!(bench.cloud.moved_cents(), 0);
    assert_eq!(code(&bench.change("creditvoid", "nobody", &[])), 113);
    bench.clean();
}

#[test]
fn a_credit_may_exceed_the_original() {
    let mut bench = Bench::new();
    let key = bench.paid("10.00");
    assert_eq!(bench.change("cc:credit", &key, &[("amount", "12.00")])["result_code"], "A");
    assert_eq!(bench.cloud.moved_cents(), -200);
    assert_eq!(bench.change("refund:adjust", &key, &[("amount", "3.00")])["auth_amount"], "7.00");
    bench.clean();
}

#[test]
fn capture_and_tip() {
    let mut bench = Bench::new();
    let held = bench.pay(&json!({"command": "authonly", "amount": "20.00", "orderid": "o"}));
    let key = held["transaction"]["key"].as_str().unwrap_or_default().to_string();
    assert_eq!((bench.cloud.moved_cents(), bench.cloud.charges("o").len()), (0, 1));
    assert_eq!(bench.change("cc:capture", &key, &[("amount", "18.00")])["auth_amount"], "18.00");
    assert_eq!(bench.get(&format!("/transactions/{key}"))["trantype_code"], "L");
    assert_eq!(code(&bench.change("cc:capture", &key, &[])), 10_124);
    let body = json!({"command": "cc:adjust", "trankey": key, "amount": "21.00", "amount_detail": {"tip": "3.00"}});
    assert_eq!(bench.call("POST", "/transactions", &body).value()["auth_amount"], "21.00");
    assert_eq!(bench.get(&format!("/transactions/{key}"))["amount_detail"]["tip"], "3.00");
    bench.cloud.settle();
    assert_eq!(code(&bench.change("cc:adjust", &key, &[("amount", "22.00")])), 10_126);
    assert_eq!(bench.cloud.moved_cents(), 2_100);
    bench.clean();
}

#[test]
fn an_old_authorization() {
    let mut bench = Bench::new();
    let held = bench.pay(&json!({"command": "authonly", "amount": "20.00"}));
    let key = held["transaction"]["key"].as_str().unwrap_or_default().to_string();
    bench.wait(8 * 86_400_000);
    assert_eq!(code(&bench.change("cc:capture", &key, &[])), 10_142);
    assert_eq!(bench.change("cc:capture:override", &key, &[])["result_code"], "A");
}

#[test]
fn wrong_commands() {
    let mut bench = Bench::new();
    assert_eq!(code(&bench.change("nonsense", "x", &[])), 20_019);
    assert_eq!(bench.cloud.violations().len(), 1);
    bench.call("POST", "/transactions", &json!({"command": "cc:sale", "creditcard": {"number": "4000100011112224"}}));
    assert!(bench.cloud.violations().len() > 1, "card numbers are not ours to send");
}

#[test]
fn receipts() {
    let mut bench = Bench::new();
    let key = bench.paid("1.00");
    let sent = bench.call("POST", &format!("/transactions/{key}/send"), &json!({"toemail": "ann@example.com"}));
    assert_eq!(sent.value(), json!({"status": "success"}));
    assert!(bench.get(&format!("/transactions/{key}/receipts/vterm")).is_string());
    bench.clean();
}
