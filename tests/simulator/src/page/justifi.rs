//! JustiFi's cloud in the words the page has for every vendor.

use super::last;
use crate::justifi::{AMOUNTS, Cloud};
use serde_json::{Value, json};

pub fn state(cloud: &Cloud) -> Value {
    let setup = cloud.setup();
    json!({
        "now_ms": cloud.now_ms(),
        "setup": {
            "client_id": setup.client_id, "client_secret": setup.client_secret, "sub_account": setup.sub_account,
        },
        "terminals": terminals(cloud),
        "requests": requests(cloud),
        "transactions": transactions(cloud),
        "calls": last(cloud.calls()),
        "violations": last(cloud.violations()),
        "events": last(cloud.events()),
        "switches": cloud.switches,
        "scripts": cloud.scripts().collect::<Vec<_>>(),
        "faults": cloud.faults().queue(),
        "rates": cloud.faults().rates,
        "amounts": AMOUNTS.map(|(cents, scenario, text)| json!({"cents": cents, "scenario": scenario, "text": text})),
    })
}

fn terminals(cloud: &Cloud) -> Vec<Value> {
    let known = cloud.terminals().iter().filter(|t| !t.archived);
    known
        .map(|t| {
            json!({
                "id": t.id, "name": t.nickname, "plugged": t.plugged, "touch": t.touch, "screen": t.screen.text(),
            })
        })
        .collect()
}

fn requests(cloud: &Cloud) -> Vec<Value> {
    let rows = last(cloud.requests()).into_iter();
    rows.map(|s| {
        let made: Vec<&str> = s.payments.iter().map(|p| cloud.ledger()[*p].id.as_str()).collect();
        json!({
            "id": s.id, "created_ms": s.created_ms,
            "purchase_order_number": s.checkout_id.as_ref().unwrap_or(&s.payment_intent_id),
            "scenario": s.scenario, "status": s.progress, "transaction_id": made.join(" "),
        })
    })
    .collect()
}

fn transactions(cloud: &Cloud) -> Vec<Value> {
    let payments = last(cloud.ledger()).into_iter().map(|p| {
        let code = p.verdict.network_code.as_deref().unwrap_or("approved");
        json!({
            "id": p.id, "action": "payment", "total": p.amount, "status": p.state,
            "settlement_id": p.settled.then_some(1),
            "verdict": {"code": code, "approved": p.is_approved()},
            "invoice_number": p.description,
            "purchase_order_number": p.checkout_id.as_ref().unwrap_or(&p.payment_intent_id),
            "card": {"brand": p.card.brand, "last_four": p.card.last_four},
        })
    });
    let refunds = last(cloud.refunds()).into_iter().map(|r| {
        json!({
            "id": r.id, "action": "refund", "total": r.amount, "status": r.status,
            "verdict": {"code": "", "approved": r.moved() > 0},
            "invoice_number": r.description, "purchase_order_number": r.payment_id,
            "card": {"brand": "", "last_four": ""},
        })
    });
    refunds.chain(payments).collect()
}
