//! List, read, rename, live status, identify.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{self as jf, Scenario, Screen, Touch};
use serde_json::{Value, json};

fn ids(list: &Value) -> Vec<&str> {
    list["data"].as_array().into_iter().flatten().filter_map(|row| row["id"].as_str()).collect()
}

fn status(bench: &mut Bench, id: &str) -> String {
    bench.data(&format!("/terminals/{id}/status"))["status"].as_str().unwrap_or_default().into()
}

#[test]
fn live_words_are_in_upper_case() {
    let mut bench = Bench::new();
    for (id, word) in [
        (jf::TERMINAL_ID, "CONNECTED"),
        (jf::OFFLINE_TERMINAL_ID, "DISCONNECTED"),
        (jf::BUSY_TERMINAL_ID, "ACTIVE"),
        (jf::ARCHIVED_TERMINAL_ID, "UNKNOWN"),
    ] {
        assert_eq!(status(&mut bench, id), word);
    }
    bench.clean();
}

#[test]
fn the_list_is_stale_until_somebody_asks() {
    let mut bench = Bench::new();
    let told = |bench: &mut Bench| {
        let row = bench.data(&format!("/terminals/{}", jf::OFFLINE_TERMINAL_ID));
        (row["status"].as_str().unwrap_or_default().to_string(), row["status_last_requested_at"].is_null())
    };
    assert_eq!(told(&mut bench), ("connected".into(), true));
    assert_eq!(status(&mut bench, jf::OFFLINE_TERMINAL_ID), "DISCONNECTED");
    assert_eq!(told(&mut bench), ("disconnected".into(), false));
    assert!(bench.cloud.touch(jf::OFFLINE_TERMINAL_ID, Touch::Plug));
    assert_eq!(told(&mut bench), ("disconnected".into(), false));
    bench.clean();
}

#[test]
fn filters_and_pages() {
    let mut bench = Bench::new();
    assert_eq!(ids(&bench.get("/terminals?status=archived")), [jf::ARCHIVED_TERMINAL_ID]);
    assert_eq!(ids(&bench.get("/terminals?status=archived,connected")).len(), 6);
    assert_eq!(ids(&bench.get(&format!("/terminals?terminal_id={}", jf::TERMINAL_ID))), [jf::TERMINAL_ID]);
    assert_eq!(ids(&bench.get("/terminals?provider_id=23456782,23456781")).len(), 2);
    assert_eq!(ids(&bench.get("/terminals?serial_number=888-222-443")), [jf::OFFLINE_TERMINAL_ID]);
    assert!(ids(&bench.get("/terminals?terminal_order_id=tord_1")).is_empty());
    assert!(ids(&bench.get("/terminals?verified_after=2030-01-01")).is_empty());
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = bench.get(&format!("/terminals?limit=2{cursor}"));
        seen.extend(ids(&page).into_iter().map(String::from));
        cursor = format!("&after_cursor={}", page["page_info"]["end_cursor"].as_str().unwrap_or_default());
        assert_eq!(page["page_info"]["has_next"], seen.len() < 6);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 6);
    bench.clean();
    bench.get("/terminals?status=online");
    bench.get("/terminals?color=blue");
    assert_eq!(bench.cloud.violations().len(), 2);
}

#[test]
fn a_nickname() {
    let mut bench = Bench::new();
    let target = format!("/terminals/{}", jf::TERMINAL_ID);
    let answer = bench.call("PATCH", &target, &json!({"nickname": "Bar"}));
    assert_eq!((answer.status, answer.value()["data"]["nickname"].as_str()), (200, Some("Bar")));
    assert_eq!(bench.data(&target)["nickname"], "Bar");
    bench.clean();
    bench.call("PATCH", &target, &json!({"name": "Bar"}));
    assert_eq!(bench.cloud.violations().len(), 1);
    let nobody = bench.call("PATCH", "/terminals/trm_nobody", &json!({"nickname": "Bar"}));
    assert_eq!((nobody.status, code(&nobody)), (404, "resource_not_found".into()));
}

#[test]
fn a_terminal_shows_its_name_for_twenty_seconds() {
    let mut bench = Bench::new();
    let answer = bench.post(&format!("/terminals/{}/identify", jf::TERMINAL_ID), &Value::Null);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    bench.wait(18_000);
    assert_eq!(bench.cloud.terminals()[0].screen, Screen::Name("Lane 1".into()));
    bench.wait(2_000);
    assert_eq!(bench.cloud.terminals()[0].screen, Screen::Idle);
    // A payment that begins meanwhile is not disturbed.
    bench.post(&format!("/terminals/{}/identify", jf::TERMINAL_ID), &Value::Null);
    bench.wait(16_500);
    let id = bench.checkout(1_000, "a");
    bench.pay(&id);
    bench.wait(20_000);
    assert_eq!(bench.cloud.moved_cents(), 1_000);
    assert_eq!(bench.post("/terminals/trm_nobody/identify", &Value::Null).status, 404);
    bench.clean();
}

#[test]
fn a_session_on_an_active_terminal_is_a_breach() {
    let mut bench = Bench::new();
    bench.cloud.script(Scenario::Timeout);
    let (one, two) = (bench.checkout(1_000, "a"), bench.checkout(2_000, "b"));
    bench.pay(&one);
    let answer = bench.pay(&two);
    assert_eq!((answer.status, code(&answer)), (422, "terminal_busy".into()));
    assert_eq!(bench.cloud.violations().len(), 1);
    bench.pay_at(jf::BUSY_TERMINAL_ID, &two);
    assert_eq!(bench.cloud.violations().len(), 2);
    // A terminal that never says so cannot be blamed on the client.
    bench.cloud.switches.terminal_always_connected = true;
    bench.pay(&two);
    assert_eq!(bench.cloud.violations().len(), 2);
}

#[test]
fn a_neighbor_who_comes_between_is_nobodys_fault() {
    let mut bench = Bench::new();
    let id = bench.checkout(1_000, "a");
    assert!(bench.cloud.neighbor_pays(jf::TERMINAL_ID, 10_000));
    assert_eq!(code(&bench.pay(&id)), "terminal_busy");
    bench.clean();
    assert_eq!(status(&mut bench, jf::TERMINAL_ID), "ACTIVE");
    assert_eq!(code(&bench.pay(&id)), "terminal_busy");
    assert_eq!(bench.cloud.violations().len(), 1, "it said ACTIVE");
    bench.wait(10_000);
    assert_eq!(bench.pay(&id).status, 201);
}

#[test]
fn who_cannot_be_paid_at() {
    let mut bench = Bench::new();
    let id = bench.checkout(1_000, "a");
    let cases = [
        (json!({"checkout_id": id, "terminal_id": "trm_nobody"}), 404, "resource_not_found", 0),
        (json!({"checkout_id": "cho_nobody", "terminal_id": jf::TERMINAL_ID}), 404, "resource_not_found", 0),
        (json!({"payment_intent_id": "pi_nobody", "terminal_id": jf::TERMINAL_ID}), 404, "payment_intent_not_found", 0),
        (json!({"checkout_id": id, "terminal_id": jf::ARCHIVED_TERMINAL_ID}), 422, "service_not_allowed", 0),
        (json!({"checkout_id": id}), 422, "parameter_missing", 1),
        (json!({"terminal_id": jf::TERMINAL_ID}), 422, "parameter_missing", 2),
        (json!({"checkout_id": id, "terminal_id": jf::TERMINAL_ID, "amount": 100}), 201, "", 3),
    ];
    for (body, status, expected, violations) in cases {
        let answer = bench.post("/terminals/pay", &body);
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{body}");
        assert_eq!(bench.cloud.violations().len(), violations, "{body}");
    }
}
