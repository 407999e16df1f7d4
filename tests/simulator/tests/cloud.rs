//! The pure cloud against the documents.

mod common;

use common::Bench;
use posjunction_simulator::payjunction::{self as pj, Scenario, Setup, Touch};
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use serde_json::{Value, json};

#[test]
fn a_sale_as_the_documents_tell_it() {
    let mut bench = Bench::new();
    let id = bench.sale(&[("amountBase", "1.00"), ("invoiceNumber", "654321"), ("showReceiptPrompt", "true")]);
    assert_eq!(bench.poll(&id), json!({"status": "CONNECTING"}));
    assert_eq!(bench.poll(&id), json!({"status": "IN_PROGRESS"}));
    let early = bench.poll_until(&id, |v| v["transactionId"].is_number());
    assert_eq!(early, json!({"status": "IN_PROGRESS", "transactionId": 8350}));
    let done = bench.poll_until(&id, |v| v["status"] == "COMPLETE");
    assert_eq!(done, json!({"status": "COMPLETE", "transactionId": 8350}));
    let sale = bench.get("/transactions/8350");
    assert_eq!(sale["amountTotal"], "1.00");
    assert_eq!(sale["response"]["approved"], true);
    assert_eq!(sale["response"]["processor"]["approvalCode"], "PJ20AP");
    assert_eq!(sale["service"], "SMART_TERMINAL");
    bench.clean();
}

#[test]
fn missing_parameters_are_named() {
    let mut bench = Bench::new();
    let path = format!("/smartterminals/{}/request-payment", pj::SMART_TERMINAL_ID);
    let answer = bench.call("POST", &path, &[]);
    assert_eq!(answer.status, 400);
    let expected = json!({"errors": [
        {"message": "This field is required.", "parameter": "amountBase", "type": "required"},
        {"message": "This field is required.", "parameter": "terminalId", "type": "required"},
    ]});
    assert_eq!(answer.value(), expected);
}

#[test]
fn the_gate() {
    let mut bench = Bench::new();
    let call = || pj::request("GET", "/smartterminals", &[]);
    let message = |v: Value| v["errors"][0]["message"].as_str().unwrap_or_default().to_string();
    let wrong = bench.send(&call().with_header("X-PJ-Application-Key", "wrong"));
    assert_eq!(wrong.status, 401);
    assert_eq!(message(wrong.value()), "Authentication failed. The API login and/or password is wrong.");
    assert!(bench.cloud.violations().is_empty());
    assert_eq!(bench.send(&call().with_header("Accept", "text/html")).status, 406);
    assert_eq!(bench.send(&pj::request("PUT", "/smartterminals", &[])).status, 405);
    let purged = bench.send(&pj::request("GET", "/smartterminals/requests/none", &[]));
    assert_eq!((purged.status, purged.value()), (404, json!({"errors": [{"message": "404 Not Found"}]})));
    assert_eq!(bench.send(&call().without_header("PJ-Version")).status, 200);
    assert_eq!(bench.cloud.violations().len(), 3, "{:?}", bench.cloud.violations());
}

#[test]
fn rate_limits_are_kept_to_the_millisecond() {
    let mut bench = Bench::new();
    let id = bench.sale(&[("amountBase", "1.00")]);
    bench.pause = 100;
    bench.call("GET", &format!("/smartterminals/requests/{id}"), &[]);
    let slow_down = bench.call("GET", &format!("/smartterminals/requests/{id}"), &[]);
    assert_eq!(slow_down.status, 429);
    let text = "Your request has been rate limited. Please wait longer between subsequent requests.";
    assert_eq!(slow_down.value(), json!({"errors": [{"message": text}]}));
    bench.pause = 99;
    bench.send(&pj::request("GET", "/terminals", &[]));
    assert_eq!(bench.send(&pj::request("GET", "/terminals", &[])).status, 429);
    assert_eq!(bench.cloud.violations().len(), 2, "{:?}", bench.cloud.violations());
}

#[test]
fn a_repeat_within_ten_minutes_is_a_duplicate() {
    let mut bench = Bench::new();
    assert_eq!(bench.pay(&[("amountBase", "5.00")])["response"]["code"], "00");
    assert_eq!(bench.pay(&[("amountBase", "5.00")])["response"]["code"], "DT");
    assert_eq!(bench.pay(&[("amountBase", "5.00"), ("invoiceNumber", "7")])["response"]["code"], "00");
    bench.wait(600_000);
    assert_eq!(bench.pay(&[("amountBase", "5.00")])["response"]["code"], "00");
    assert_eq!(bench.cloud.moved_cents(), 1500);
    bench.clean();
}

#[test]
fn a_partial_refund_copies_what_is_not_sent() {
    let mut bench = Bench::new();
    let sale = bench.pay(&[("amountBase", "10.00"), ("amountTax", "1.00"), ("amountShipping", "2.00")]);
    let id = sale["transactionId"].to_string();
    let form = [("action", "REFUND"), ("transactionId", id.as_str()), ("amountBase", "4.00")];
    let trapped = bench.call("POST", "/transactions", &form).value();
    assert_eq!(trapped["amountTotal"], "7.00");
    assert_eq!(trapped["response"]["approved"], true);
    assert_eq!(trapped["response"]["processor"]["authorized"], false);
    let careful = [&form[..2], &[("amountBase", "6.00"), ("amountTax", "0.00"), ("amountShipping", "0.00")]].concat();
    assert_eq!(bench.call("POST", "/transactions", &careful).value()["amountTotal"], "6.00");
    let over = bench.call("POST", "/transactions", &careful);
    assert_eq!((over.status, over.value()["errors"][0]["parameter"].as_str()), (400, Some("amountBase")));
    assert_eq!(bench.cloud.moved_cents(), 0);
}

#[test]
fn voids_and_settlement() {
    let mut bench = Bench::new();
    let first = bench.pay(&[("amountBase", "5.00"), ("invoiceNumber", "1")])["transactionId"].to_string();
    let second = bench.pay(&[("amountBase", "5.00"), ("invoiceNumber", "2")])["transactionId"].to_string();
    let void = bench.call("PUT", &format!("/transactions/{first}"), &[("status", "VOID")]).value();
    assert_eq!((void["status"].as_str(), void["response"]["approved"].as_bool()), (Some("VOID"), Some(true)));
    bench.cloud.settle();
    let refused = bench.call("PUT", &format!("/transactions/{second}"), &[("status", "VOID")]);
    assert_eq!(refused.status, 400);
    let message = "Status can not be updated because the Transaction has been settled.";
    let error = json!({"message": message, "parameter": "status", "type": "invalid"});
    assert_eq!(refused.value(), json!({"errors": [error]}));
    bench.cloud.script(Scenario::PinDebit);
    let debit = bench.pay(&[("amountBase", "5.00")])["transactionId"].to_string();
    assert_eq!(bench.call("PUT", &format!("/transactions/{debit}"), &[("status", "VOID")]).status, 400);
    bench.clean();
}

#[test]
fn a_lost_answer_leaves_one_charge_that_the_search_finds() {
    let mut bench = Bench::new();
    bench.cloud.switches.search_lag_ms = 20_000;
    bench.cloud.fail_next(CallKind::Submit, When::After, Fault::Reset);
    let lost = bench.submit(&[("amountBase", "5.00"), ("purchaseOrderNumber", "PJ-1")]);
    assert_eq!(lost.fault, Some(Fault::Reset));
    bench.wait(10_000);
    let search = "/transactions?purchaseOrderNumber=PJ-1&limit=1";
    assert_eq!(bench.get(search), json!({"results": []}));
    bench.wait(20_000);
    assert_eq!(bench.get(search)["results"][0]["amountTotal"], "5.00");
    assert_eq!((bench.cloud.submits("PJ-1"), bench.cloud.charges("PJ-1").len()), (1, 1));
    bench.cloud.fail_next(Matcher::from(CallKind::Submit), When::Before, Fault::Delay(30_000));
    bench.submit(&[("amountBase", "6.00"), ("purchaseOrderNumber", "PJ-2")]);
    bench.wait(20_000);
    assert_eq!(bench.cloud.requests().len(), 1);
    bench.wait(20_000);
    assert_eq!(bench.cloud.charges("PJ-2").len(), 1, "a call stuck on the road arrives late");
    bench.clean();
}

#[test]
fn pages_lead_to_each_other() {
    let mut bench = Bench::new();
    for invoice in ["1", "2", "3"] {
        bench.pay(&[("amountBase", "5.00"), ("invoiceNumber", invoice)]);
    }
    let first = bench.get("/transactions?terminalId=12345&limit=2");
    assert_eq!(first["results"].as_array().map(Vec::len), Some(2));
    let next = first["next"]
        .as_str()
        .unwrap_or_default()
        .strip_prefix("https://api.payjunctionlabs.com")
        .unwrap_or_default()
        .to_string();
    let second = bench.get(&next);
    assert_eq!(second["results"][0]["invoiceNumber"], "1");
    assert!(second.get("next").is_none());
    assert_eq!(bench.call("GET", "/transactions?limit=51", &[]).status, 400);
}

#[test]
fn the_hand_at_the_terminal() {
    let mut bench = Bench::new();
    let terminal = pj::TOUCH_SMART_TERMINAL_ID;
    let id = bench.sale_at(terminal, &[("amountBase", "5.00")]);
    bench.wait(1_000);
    assert!(bench.cloud.touch(terminal, Touch::Tip(100)));
    assert!(bench.cloud.touch(terminal, Touch::Tap));
    let done = bench.poll_until(&id, |v| v["status"] == "COMPLETE");
    assert_eq!(bench.get(&format!("/transactions/{}", done["transactionId"]))["amountTotal"], "6.00");
    let id = bench.sale_at(terminal, &[("amountBase", "5.00")]);
    bench.wait(1_000);
    assert!(bench.cloud.touch(terminal, Touch::Cancel));
    assert_eq!(bench.poll(&id), json!({"status": "COMPLETE"}));
    bench.clean();
}

#[test]
fn the_same_seed_is_the_same_history() {
    let history = |seed| {
        let mut bench = Bench::with(Setup { seed, ..Setup::default() });
        for _ in 0..5 {
            bench.pay(&[("amountBase", "5.00")]);
        }
        serde_json::to_string(bench.cloud.calls()).unwrap_or_default()
    };
    assert_eq!(history(3), history(3));
    assert_ne!(history(3), history(4));
}
