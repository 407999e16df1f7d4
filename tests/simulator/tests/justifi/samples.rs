//! Every reply that the newest documents print: the simulator's own has the same members, of the same types.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{self as jf, Scenario};
use serde_json::{Value, json};

pub fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("the sample is JSON")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What in the reply differs from the sample, member by member. What either leaves null has no type.
fn differences(at: &str, sample: &Value, reply: &Value) -> Vec<String> {
    match (sample, reply) {
        (Value::Null, _) | (_, Value::Null) => Vec::new(),
        (Value::Object(sample), Value::Object(reply)) if at.ends_with("metadata") || sample.is_empty() => {
            if reply.is_empty() || at.ends_with("metadata") { Vec::new() } else { vec![format!("{at}: not empty")] }
        }
        (Value::Object(sample), Value::Object(reply)) => {
            let missing = sample.keys().filter(|name| !reply.contains_key(*name));
            let strange = reply.keys().filter(|name| !sample.contains_key(*name));
            let mut found: Vec<String> = missing.map(|name| format!("{at}.{name} is missing")).collect();
            found.extend(strange.map(|name| format!("{at}.{name} is in no sample")));
            for (name, value) in sample.iter().filter(|(name, _)| reply.contains_key(*name)) {
                found.extend(differences(&format!("{at}.{name}"), value, &reply[name]));
            }
            found
        }
        (Value::Array(sample), Value::Array(reply)) => match (sample.first(), reply.first()) {
            (Some(sample), Some(reply)) => differences(&format!("{at}[]"), sample, reply),
            _ => Vec::new(),
        },
        _ if kind(sample) == kind(reply) => Vec::new(),
        _ => vec![format!("{at}: {} instead of {}", kind(reply), kind(sample))],
    }
}

pub fn same(sample: &str, reply: &Value) {
    assert_eq!(differences("", &parse(sample), reply), Vec::<String>::new(), "{reply:#}");
}

#[test]
fn the_comparison_can_fail() {
    let wrong = differences("", &json!({"a": 1, "b": {"c": "x"}}), &json!({"a": "1", "b": {"d": "x"}}));
    assert_eq!(
        wrong,
        [": string instead of number", ".b.c is missing", ".b.d is in no sample"]
            .map(|line| { if line.starts_with(':') { format!(".a{line}") } else { line.to_string() } })
    );
}

pub const PAYMENT_METHOD: &str = r#"{"card": {
    "id": "pm_123xyz", "acct_last_four": "4242", "brand": "Visa", "name": "Amanda Kessel", "token": "pm_123xyz",
    "month": "5", "year": "2042", "metadata": {}, "created_at": "2021-01-01T12:00:00Z",
    "updated_at": "2021-01-01T12:00:00Z", "address_line1_check": "unchecked",
    "address_postal_code_check": "unchecked"},
    "customer_id": "cust_xyz", "signature": "4guAJNkVA3lRLVlanNVoBK", "account_id": "acc_123"}"#;

#[test]
fn a_token() {
    let mut bench = Bench::new();
    bench.wait(60_000);
    let reply = bench.send(&jf::token_request());
    same(r#"{"access_token": "a very long string"}"#, &reply.value());
    bench.wait(60_000);
    bench.cloud.switches.token_tells_life = true;
    let reply = bench.send(&jf::token_request()).value();
    assert_eq!((&reply["expires_in"], &reply["token_type"]), (&json!(86_400), &json!("Bearer")));
    bench.clean();
}

#[test]
fn errors() {
    let mut bench = Bench::new();
    let reply = bench.call("GET", "/payments/py_nobody", &Value::Null);
    assert_eq!(reply.value(), parse(r#"{"error":{"code":"resource_not_found","message":"Resource Not Found"}}"#));
    assert_eq!((reply.status, code(&reply)), (404, "resource_not_found".into()));
    let checkout = bench.play(30_504, "w");
    let sample = r#"{"error":{"code":"card_declined","decline_code":"do_not_retry","message":"This card has been rejected. Please try a different card or payment method","network":"VISA","network_error_category":"1","network_error_code":"504"}}"#;
    assert_eq!(checkout["completions"][0]["payment_response"], parse(sample));
    bench.clean();
}

const CHECKOUT: &str = r#"{
  "id": "cho_xyz", "account_id": "acc_xyz", "platform_account_id": "acc_xyz",
  "payment_intent_id": "pi_xyz",
  "payment_amount": 10000, "payment_currency": "USD",
  "payment_description": "my order xyz",
  "payment_methods": [], "payment_method_group_id": "pmg_xyz",
  "status": "created", "mode": "test",
  "successful_payment_id": "py_123xyz",
  "statement_descriptor": "Big Business", "metadata": {},
  "application_fees": {"card": {"amount": 300}, "bank_account": {"amount": 150}},
  "payment_settings": {"ach_payments": true, "bnpl_payments": false, "credit_card_payments": true, "insurance_payments": false, "bank_account_verification": false},
  "payment": {"description": "my order xyz", "metadata": {"new": "info"}, "expedited": true, "fees": []},
  "created_at": "2024-01-01T12:00:00Z", "updated_at": "2024-01-01T12:00:00Z",
  "completions": []
}"#;

#[test]
fn a_checkout() {
    let mut bench = Bench::new();
    let body = json!({
        "amount": 10000, "description": "my order xyz", "origin_url": "http://localhost:3000",
        "payment_method_group_id": "pmg_xyz", "statement_descriptor": "Big Business", "metadata": {},
        "application_fees": {"card": {"amount": 300}, "bank_account": {"amount": 150}},
        "payment": {"description": "my order xyz", "metadata": {"new": "info"}, "expedited": true},
    });
    let reply = bench.post("/checkouts", &body).value();
    same(&format!(r#"{{"id": "cho_xyz", "type": "checkout", "data": {CHECKOUT}, "page_info": null}}"#), &reply);
    let mut expected = parse(CHECKOUT);
    for name in ["id", "account_id", "platform_account_id", "payment_intent_id", "created_at", "updated_at"] {
        expected[name] = reply["data"][name].clone();
    }
    expected["successful_payment_id"] = Value::Null;
    assert_eq!(reply["data"], expected);
    assert_eq!(reply["id"], reply["data"]["id"]);
    bench.clean();
}

#[test]
fn a_session() {
    let sample = r#"{
      "id": "tses_FQz6I0hMTrcU9Ur7TpOPZ",
      "type": "terminal_sessions",
      "data": {
        "id": "tses_FQz6I0hMTrcU9Ur7TpOPZ",
        "session_type": "payment",
        "status": "created",
        "payment_id": "py_abc123",
        "payment_intent_id": "pi_abc123",
        "terminal_id": "trm_abc123",
        "account_id": "acc_abc123",
        "platform_account_id": "acc_abc123",
        "checkout_id": "cho_abc123"
      },
      "page_info": null
    }"#;
    let mut bench = Bench::new();
    let id = bench.checkout(10_000, "w");
    let answer = bench.pay(&id);
    let reply = answer.value();
    same(sample, &reply);
    assert_eq!((answer.status, reply["id"].as_str().map(str::len)), (201, Some(26)));
    let told = ["type", "session_type", "status"].map(|name| reply.get(name).unwrap_or(&reply["data"][name]).clone());
    assert_eq!(told, ["terminal_sessions", "payment", "created"].map(|word| json!(word)));
    bench.clean();
}

/// The members of a payment, one by one, as the specification has them.
fn payment_members() -> Vec<&'static str> {
    "id account_id amount amount_disputed amount_refunded amount_returned amount_refundable balance fee_amount \
     financial_transaction_id captured capture_strategy currency description disputed disputes error_code \
     error_description is_test metadata payment_intent_id checkout_id payment_method application_fee \
     application_fee_rate_id fees refunded returned refunds status payment_mode terminal_id transaction_hold expedited \
     statement_descriptor created_at updated_at"
        .split_whitespace()
        .collect()
}

#[test]
fn a_completion_and_its_payment() {
    let sample = r#"{
      "id": "chc_xyz", "payment_mode": "card_present", "payment_token": null,
      "status": "succeeded", "payment_status": "succeeded",
      "payment_error_code": "card_declined", "payment_error_description": "Your card was declined",
      "payment_response": null,
      "checkout_id": "cho_xyz123", "additional_transactions": [],
      "payment_id": "py_xyz123", "payment_method_id": "pm_xyz123", "terminal_id": "trm_xyz123",
      "created_at": "2024-01-01T12:00:00Z", "updated_at": "2024-01-01T12:00:00Z"
    }"#;
    let mut bench = Bench::new();
    let checkout = bench.play(10_000, "w");
    let completion = &checkout["completions"][0];
    same(sample, completion);
    let response = &completion["payment_response"];
    assert_eq!((&response["type"], &response["page_info"]), (&json!("payment"), &Value::Null));
    assert_eq!(
        (&response["id"], &completion["payment_id"]),
        (&response["data"]["id"], &checkout["successful_payment_id"])
    );
    let mut members = payment_members();
    members.sort_unstable();
    let told: Vec<&str> = response["data"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert_eq!(told, members);
    bench.clean();
}

#[test]
fn a_payment() {
    let sample = r#"{"id":"py_123xyz","type":"payment","data":{"id":"py_123xyz","account_id":"acc_123xyz","amount_disputed":0,"amount_refunded":0,"amount_returned":0,"amount":10000,"amount_refundable":10000,"application_fee_rate_id":"afr_123xyz","balance":99850,"capture_strategy":"automatic","captured":true,"created_at":"2021-01-01T12:00:00Z","currency":"usd","description":"my order xyz","disputed":false,"error_code":null,"error_description":null,"fee_amount":150,"financial_transaction_id":"ft_123xyz","is_test":true,"metadata":{},"payment_intent_id":"pi_xyz","checkout_id":"cho_123","refunded":false,"returned":false,"status":"succeeded","payment_mode":"ecom","terminal_id":"trm_123_xyz","updated_at":"2021-01-01T12:00:00Z","payment_method":null,"application_fee":null,"transaction_hold":null,"refunds":[],"disputes":[],"fees":[{"id":"pyfee_abc","type":"processing_fee","amount":350,"currency":"usd","remaining_amount":350}],"expedited":null,"statement_descriptor":null},"page_info":null}"#;
    let mut bench = Bench::new();
    let body = json!({
        "amount": 10000, "description": "o",
        "payment": {"description": "my order xyz", "metadata": {"a": "b"}, "fees": [{"type": "processing_fee", "amount": 350}]},
    });
    let id = bench.post("/checkouts", &body).value()["data"]["id"].as_str().unwrap_or_default().to_string();
    bench.pay(&id);
    bench.wait(30_000);
    let payment = bench.cloud.ledger()[0].id.clone();
    let reply = bench.get(&format!("/payments/{payment}"));
    same(sample, &reply);
    let data = &reply["data"];
    assert_eq!((&data["description"], &data["metadata"]), (&json!("my order xyz"), &json!({"a": "b"})));
    assert_eq!((&data["checkout_id"], &data["terminal_id"]), (&json!(id), &json!(jf::TERMINAL_ID)));
    let mut members = payment_members();
    members.sort_unstable();
    let told: Vec<&str> = data.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert_eq!(told, members);
    bench.clean();
}

#[test]
fn a_card_present_method_and_a_keyed_one() {
    let present = r#"{"id":"pm_123xyz","status":"valid","invalid_reason":null,"created_at":"2024-01-01T12:00:00Z","updated_at":"2024-01-01T12:00:00Z",
        "card_present":{"id":"cp_7SdSRKRMADOn2Yi5expjej","brand":"visa","cardholder_name":"CARDHOLDER/VISA","last4":"2970","expiry":"11/30","type":"card_present"},
        "customer_id":null,"signature":null,"account_id":"acc_123"}"#;
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    let method = bench.data(&format!("/payments/{id}"))["payment_method"].clone();
    same(present, &method);
    let sample = parse(present);
    for name in ["brand", "cardholder_name", "last4", "expiry", "type"] {
        assert_eq!(method["card_present"][name], sample["card_present"][name], "{name}");
    }
    bench.cloud.switches.card_as_keyed = true;
    same(PAYMENT_METHOD, &bench.data(&format!("/payments/{id}"))["payment_method"]);
    bench.clean();
}

#[test]
fn a_refund() {
    let sample = r#"{"id":"re_xyz","type":"refund","data":{"id":"re_xyz","payment_id":"py_xyz","amount":100,"description":"d","reason":"duplicate","status":"succeeded","metadata":{},"returned_fees":[],"created_at":"2021-01-01T12:00:00Z","updated_at":"2021-01-01T12:00:00Z"},"page_info":null}"#;
    let mut bench = Bench::new();
    let id = bench.paid(1_000);
    let body = json!({"amount": 100, "reason": "duplicate", "description": "d", "metadata": {"posjunction": "r1"}});
    let answer = bench.post(&format!("/payments/{id}/refunds"), &body);
    let reply = answer.value();
    same(sample, &reply);
    assert_eq!((answer.status, &reply["data"]["metadata"]), (201, &json!({"posjunction": "r1"})));
    let refund = reply["id"].as_str().unwrap_or_default();
    assert_eq!(bench.get(&format!("/refunds/{refund}")), reply);
    bench.clean();
}

#[test]
fn a_refund_of_a_checkout() {
    let sample = r#"{"id":"chr_xyz","type":"checkout_refund","data":{"id":"chr_xyz","checkout_id":"cho_xyz","status":"succeeded","refund_response":null,"refund_amount":4900,"returned_fees":[{"type":"processing_fee","amount":147}],"created_at":"2024-01-01T12:00:00Z","updated_at":"2024-01-01T12:00:00Z"},"page_info":null}"#;
    let mut bench = Bench::new();
    let fees = json!([{"type": "processing_fee", "amount": 150}]);
    let body = json!({"amount": 5000, "description": "o", "payment": {"fees": fees}});
    let id = bench.post("/checkouts", &body).value()["data"]["id"].as_str().unwrap_or_default().to_string();
    bench.pay(&id);
    bench.wait(30_000);
    let body = json!({"amount": 4900, "fees": [{"type": "processing_fee", "amount": 147}]});
    let answer = bench.post(&format!("/checkouts/{id}/refunds"), &body);
    same(sample, &answer.value());
    let data = &answer.value()["data"];
    assert_eq!((answer.status, &data["refund_amount"], &data["status"]), (200, &json!(4900), &json!("succeeded")));
    assert_eq!((answer.value()["type"].as_str(), bench.cloud.moved_cents()), (Some("checkout_refund"), 100));
    bench.clean();
}

#[test]
fn a_terminal_and_its_status() {
    let sample = r#"{
      "id": "trm_abc123", "account_id": "acc_123xyz", "platform_account_id": "acct_789abc",
      "provider": "verifone", "status": "disconnected",
      "provider_id": "23456789", "provider_serial_number": "888-222-444",
      "nickname": "My Favorite Terminal", "model_name": "e285",
      "verified_at": "2024-01-01T15:00:00Z",
      "terminal_order_created_at": "2024-01-01T15:00:00Z",
      "status_last_requested_at": "2024-01-01T15:00:00Z",
      "created_at": "2021-01-01T12:00:00Z", "updated_at": "2021-01-01T12:00:00Z"
    }"#;
    let mut bench = Bench::new();
    let target = format!("/terminals/{}", jf::TERMINAL_ID);
    let status = bench.get(&format!("{target}/status"));
    same(
        r#"{"id":"trm_abc123","type":"terminal","data":{"id":"trm_abc123","status":"CONNECTED","last_date_time_connected":"2021-01-01T12:00:00Z","last_date_time_active":"2021-01-01T12:00:00Z"},"page_info":null}"#,
        &status,
    );
    let one = bench.get(&target);
    same(&format!(r#"{{"id": "trm_abc123", "type": "terminal", "data": {sample}, "page_info": null}}"#), &one);
    let list = bench.get("/terminals");
    same(
        &format!(
            r#"{{"id": null, "type": "array", "data": [{sample}],
            "page_info": {{"has_previous": false, "has_next": true, "start_cursor": "x", "end_cursor": "x"}}}}"#
        ),
        &list,
    );
    bench.clean();
}

const INTENT: &str = r#"{"id":"pi_xyz","account_id":"acc_xyz","amount":10000,"currency":"usd","description":"my_order_xyz","metadata":{},"payment_method":null,"status":"requires_payment_method","successful_payment_id":"py_xyz","created_at":"2021-01-01T12:00:00Z","updated_at":"2021-01-01T12:00:00Z"}"#;

#[test]
fn a_payment_intent_with_and_without_its_envelope() {
    let mut bench = Bench::new();
    let body = json!({"amount": 10000, "currency": "usd", "description": "my_order_xyz", "metadata": {}});
    let reply = bench.post("/payment_intents", &body).value();
    same(&format!(r#"{{"id":"pi_xyz","type":"payment_intent","data":{INTENT},"page_info":null}}"#), &reply);
    bench.cloud.switches.intents_bare = true;
    same(INTENT, &bench.post("/payment_intents", &body).value());
    bench.clean();
}

#[test]
fn an_event() {
    let sample = r#"{
      "id": "evt_123xyz", "account_id": "acc_123xyz", "account_type": "test",
      "platform_account_id": "acc_987zyx", "idempotency_key": "a key", "request_id": "req_123",
      "version": "v1", "data": null, "event_name": "payment.created"
    }"#;
    let mut bench = Bench::new();
    bench.cloud.script(Scenario::Approve);
    bench.paid(1_000);
    for event in bench.cloud.events() {
        same(sample, &event.payload);
        assert_eq!(event.payload["event_name"], event.name.as_str());
    }
}
