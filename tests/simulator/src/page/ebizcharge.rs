//! EBizCharge's cloud in the words the page has for every vendor.

use super::last;
use crate::ebizcharge::{AMOUNTS, Cloud, State};
use serde_json::{Value, json};

pub fn state(cloud: &Cloud) -> Value {
    let setup = cloud.setup();
    json!({
        "now_ms": cloud.now_ms(),
        "setup": {"api_key": setup.api_key, "pin": setup.pin},
        "terminals": terminals(cloud),
        "requests": requests(cloud),
        "transactions": transactions(cloud),
        "calls": last(cloud.calls()),
        "violations": last(cloud.violations()),
        "switches": cloud.switches,
        "scripts": cloud.scripts().collect::<Vec<_>>(),
        "faults": cloud.faults().queue(),
        "rates": cloud.faults().rates,
        "amounts": AMOUNTS.map(|(cents, scenario, text)| json!({"cents": cents, "scenario": scenario, "text": text})),
    })
}

fn terminals(cloud: &Cloud) -> Vec<Value> {
    let known = cloud.devices().iter().filter(|d| !d.deleted);
    known
        .map(|d| {
            json!({
                "id": d.key, "name": d.name, "plugged": d.plugged, "touch": d.touch, "screen": d.screen.text(),
                "pairing_code": d.pairing_code,
            })
        })
        .collect()
}

fn requests(cloud: &Cloud) -> Vec<Value> {
    let rows = last(cloud.requests()).into_iter();
    rows.map(|r| {
        let told = r.transaction.map(|t| &cloud.ledger()[t].key);
        json!({
            "id": r.key, "created_ms": r.created_ms, "purchase_order_number": r.orderid, "scenario": r.scenario,
            "status": r.status.word(), "transaction_id": told,
        })
    })
    .collect()
}

fn transactions(cloud: &Cloud) -> Vec<Value> {
    let rows = last(cloud.ledger()).into_iter();
    rows.map(|t| {
        let code = format!("{} {:05}", t.verdict.result_code, t.verdict.error_code);
        json!({
            "id": t.key, "action": t.kind, "total": t.amounts.total, "status": t.state,
            "settlement_id": (t.state == State::Settled).then_some(t.batch),
            "verdict": {"code": code, "approved": t.verdict.is_approved()},
            "invoice_number": t.invoice(), "purchase_order_number": t.orderid,
            "card": {"brand": t.card.brand, "last_four": &t.card.masked[12..]},
        })
    })
    .collect()
}
