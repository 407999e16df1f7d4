//! Every reply that the older page of the terminals prints.

use crate::bench::Bench;
use crate::samples::{PAYMENT_METHOD, parse, same};
use posjunction_simulator::justifi::{self as jf, Setup};
use serde_json::json;

/// The older page's reply to pay and to refund, which are alike.
fn old_session() -> String {
    format!(
        r#"{{"id": "tmses_abc123", "type": "terminal_payment_intent", "data": {{
            "payment_intent": {{
                "id": "pi_xyz", "account_id": "acc_xyz", "amount": 10000, "currency": "usd",
                "description": "my_order_xyz", "metadata": {{}}, "payment_method": {PAYMENT_METHOD},
                "status": "requires_payment_method", "created_at": "2021-01-01T12:00:00Z",
                "updated_at": "2021-01-01T12:00:00Z"}},
            "terminal": {{"id": "trm_abc123"}}}}, "page_info": "string"}}"#
    )
}

fn old_bench() -> Bench {
    let mut setup = Setup::default();
    setup.switches.seed_replies = true;
    Bench::with(setup)
}

#[test]
fn pay() {
    let mut bench = old_bench();
    let id = bench.intent(10_000, "w");
    let mut reply = bench.pay(&id).value();
    assert!(reply["id"].as_str().is_some_and(|id| id.starts_with("tmses_")));
    assert_eq!(reply["data"]["payment_intent"]["status"], "requires_payment_method");
    same(&old_session(), &reply);
    // The sample prints the last four digits as a number.
    bench.cloud.switches.last_four_as_number = true;
    bench.wait(30_000);
    let two = bench.intent(10_001, "w");
    reply = bench.pay(&two).value();
    assert_eq!(reply["data"]["payment_intent"]["payment_method"]["card"]["acct_last_four"], 2_970);
    bench.clean();
}

#[test]
fn refund() {
    let mut bench = old_bench();
    let id = bench.intent(10_000, "w");
    bench.pay(&id);
    bench.wait(30_000);
    let body = json!({"payment_intent_id": id, "terminal_id": jf::TERMINAL_ID, "amount": 1000});
    let reply = bench.post("/terminals/refund", &body);
    assert_eq!(reply.status, 201);
    let mut sample = parse(&old_session());
    sample["data"]["payment_intent"]["successful_payment_id"] = json!("py_xyz");
    same(&sample.to_string(), &reply.value());
    bench.clean();
}

const OLD_TERMINAL: &str = r#"{"id": "trm_abc123", "account_id": "449e7a5c-69d3-4b8a-aaaf-5c9b713ebc65",
    "created_at": "2021-01-01T12:00:00Z", "updated_at": "2021-01-01T12:00:00Z"}"#;

#[test]
fn terminals() {
    let mut bench = old_bench();
    let list = bench.get("/terminals");
    same(
        &format!(
            r#"{{"id": 1, "type": "array", "data": [{OLD_TERMINAL}], "page_info": {{
            "end_cursor": "WyIyMDIyLTAyLTA4IDE5OjUyOjM3LjEwNDE3MzAwMCIsIjY4MDliYTU5LTYxYjctNDg3MS05YWFiLWE2Y2MyNmY3M2M1ZCJd",
            "has_next": false, "has_previous": false,
            "start_cursor": "WyIyMDIyLTAyLTA4IDIwOjAxOjU4LjEyMDIzMjAwMCIsIjU5ZTFjNGI1LWFlOWQtNDIyZC04MTVkLWNjNzQ5NzdlYmFjYSJd"}}}}"#
        ),
        &list,
    );
    let one = bench.get(&format!("/terminals/{}", jf::TERMINAL_ID));
    same(&format!(r#"{{"id": 1, "type": "terminal", "data": {OLD_TERMINAL}, "page_info": "string"}}"#), &one);
    let status = bench.get(&format!("/terminals/{}/status", jf::TERMINAL_ID));
    same(
        r#"{"id": 1, "type": "terminal", "data": {"id": "trm_abc123", "status": "CONNECTED",
            "last_date_time_connected": "2021-01-01T12:00:00Z", "last_date_time_active": "2021-01-01T12:00:00Z"},
            "page_info": "string"}"#,
        &status,
    );
    assert_eq!(status["data"]["status"], "CONNECTED");
    bench.clean();
}
