//! Filters, pages, order, and what lists hide.

use crate::bench::Bench;
use posjunction_simulator::justifi::{self as jf, ListOrder, Scenario};
use serde_json::Value;

fn ids(list: &Value) -> Vec<String> {
    let rows = list["data"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_str().map(String::from)).collect()
}

/// Three payments, the second one declined, the third at another terminal.
fn three() -> (Bench, Vec<String>) {
    let mut bench = Bench::new();
    bench.paid(1_000);
    bench.cloud.script(Scenario::Decline(116));
    bench.play(2_000, "b");
    let id = bench.checkout(3_000, "c");
    bench.pay_at(jf::SECOND_TERMINAL_ID, &id);
    bench.wait(20_000);
    let ids = bench.cloud.ledger().iter().map(|p| p.id.clone()).collect();
    (bench, ids)
}

#[test]
fn payments_are_filtered() {
    let (mut bench, all) = three();
    let checkout = bench.cloud.checkouts()[1].id.clone();
    let method = bench.cloud.ledger()[0].method_id.clone();
    for (filter, places) in [
        (String::new(), &[2, 1, 0][..]),
        ("payment_status=succeeded".into(), &[2, 0]),
        ("payment_status=failed".into(), &[1]),
        (format!("terminal_id={}", jf::SECOND_TERMINAL_ID), &[2]),
        (format!("checkout_id={checkout}"), &[1]),
        (format!("payment_id={}", all[0]), &[0]),
        (format!("payment_method_id={method}"), &[0]),
        ("payment_mode=ecom".into(), &[]),
        ("created_after=2025-11-20T12:02:00Z".into(), &[2, 1]),
        ("created_before=2025-11-20T12:02:00Z".into(), &[0]),
        ("created_after=2025-11-20T12:02:00Z&payment_status=failed".into(), &[1]),
    ] {
        let expected: Vec<String> = places.iter().map(|place| all[*place].clone()).collect();
        assert_eq!(ids(&bench.get(&format!("/payments?{filter}"))), expected, "{filter}");
    }
    bench.clean();
    bench.get("/payments?metadata=x");
    bench.get("/payments?created_after=yesterday");
    assert_eq!(bench.cloud.violations().len(), 2);
}

#[test]
fn voided_and_refunded_payments_are_filtered() {
    let (mut bench, all) = three();
    bench.post(&format!("/payments/{}/void", all[2]), &Value::Null);
    bench.post(&format!("/payments/{}/refunds", all[0]), &serde_json::json!({"amount": 1}));
    let void = bench.cloud.ledger()[2].void_id.clone().unwrap_or_default();
    assert_eq!(ids(&bench.get(&format!("/payments?void_id={void}"))), [all[2].clone()]);
    assert_eq!(ids(&bench.get("/payments?payment_status=refunded")), [all[0].clone()]);
    bench.clean();
}

#[test]
fn pages_go_forth_and_back() {
    let (mut bench, all) = three();
    let first = bench.get("/payments?limit=2");
    assert_eq!(ids(&first), [all[2].clone(), all[1].clone()]);
    let info = &first["page_info"];
    assert_eq!((info["has_next"].as_bool(), info["has_previous"].as_bool()), (Some(true), Some(false)));
    let after = info["end_cursor"].as_str().unwrap_or_default();
    let second = bench.get(&format!("/payments?limit=2&after_cursor={after}"));
    assert_eq!(ids(&second), [all[0].clone()]);
    let info = &second["page_info"];
    assert_eq!((info["has_next"].as_bool(), info["has_previous"].as_bool()), (Some(false), Some(true)));
    let before = info["start_cursor"].as_str().unwrap_or_default();
    assert_eq!(ids(&bench.get(&format!("/payments?limit=2&before_cursor={before}"))), ids(&first));
    bench.clean();
    assert_eq!(ids(&bench.get("/payments?limit=many")).len(), 3, "a wrong limit is 25");
    bench.get("/payments?after_cursor=bm9ib2R5");
    assert_eq!(bench.cloud.violations().len(), 2);
}

#[test]
fn the_order_may_be_any() {
    let (mut bench, mut all) = three();
    bench.cloud.switches.list_order = ListOrder::Oldest;
    assert_eq!(ids(&bench.get("/payments")), all);
    bench.cloud.switches.list_order = ListOrder::Shuffled;
    let orders: std::collections::BTreeSet<Vec<String>> = (0..20).map(|_| ids(&bench.get("/payments"))).collect();
    assert!(orders.len() > 2);
    let mut told = ids(&bench.get("/payments"));
    told.sort();
    all.sort();
    assert_eq!(told, all);
    bench.clean();
}

#[test]
fn lists_lag_and_hide() {
    let (mut bench, all) = three();
    bench.cloud.switches.list_lag_ms = 60_000;
    assert_eq!(ids(&bench.get("/payments")), [all[1].clone(), all[0].clone()]);
    bench.wait(60_000);
    assert_eq!(ids(&bench.get("/payments")).len(), 3);
    bench.cloud.switches.lists_hide_all = true;
    for list in ["/payments", "/checkouts", "/refunds", "/payment_intents"] {
        assert!(ids(&bench.get(list)).is_empty(), "{list}");
    }
    assert_eq!(bench.data(&format!("/payments/{}", all[0]))["status"], "succeeded");
    bench.clean();
}

#[test]
fn checkouts_are_filtered() {
    let (mut bench, all) = three();
    let open = bench.checkout(4_000, "d");
    let checkouts: Vec<String> = bench.cloud.checkouts().iter().map(|c| c.id.clone()).collect();
    for (filter, places) in [
        ("status=completed".to_string(), &[2, 0][..]),
        ("status=created".into(), &[3]),
        ("payment_status=failed".into(), &[1]),
        ("payment_mode=card_present".into(), &[2, 1, 0]),
        (format!("checkout_id={open}"), &[3]),
        (format!("successful_payment_id={}", all[0]), &[0]),
    ] {
        let expected: Vec<String> = places.iter().map(|place| checkouts[*place].clone()).collect();
        assert_eq!(ids(&bench.get(&format!("/checkouts?{filter}"))), expected, "{filter}");
    }
    bench.clean();
}
