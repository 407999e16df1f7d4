//! What the bodies say: the till's fields in JustiFi's terms.

use super::report::{KEY, REFERENCE};
use crate::payment::Payment;
use crate::payment::fields::Checked;
use serde_json::{Map, Value, json};

/// Texts of the till for which JustiFi has no field of its own. They go into `metadata`, under their own names.
pub(super) const NOTED: &[&str] = &["invoice", "purchase_order", "order", "customer", "clerk", "table", "lane", "note"];

/// POST /checkouts. The currency follows the sub account.
pub(super) fn checkout(payment: &Payment) -> Value {
    let request = &payment.intent.request;
    let (description, metadata) = (description(request), metadata(payment));
    let mut of_payment = json!({"description": description, "metadata": metadata});
    if request.text("expedited").is_some() {
        of_payment["expedited"] = json!(request.flag("expedited"));
    }
    if let Some(fees) = fees(request) {
        of_payment["fees"] = fees;
    }
    let mut body = json!({
        "amount": request.amount,
        "description": description,
        "metadata": metadata,
        "payment": of_payment,
    });
    if let Some(text) = request.text("statement_descriptor") {
        body["statement_descriptor"] = json!(text);
    }
    if let Some(amount) = request.text("application_fee_amount").and_then(|text| text.parse::<i64>().ok()) {
        body["application_fees"] = json!({"card": {"amount": amount}});
    }
    with_raw(body, request)
}

/// POST /payment_intents.
pub(super) fn intent(payment: &Payment) -> Value {
    let request = &payment.intent.request;
    let body = json!({
        "amount": request.amount,
        "currency": request.currency.code().to_ascii_lowercase(),
        "description": description(request),
        "metadata": metadata(payment),
    });
    with_raw(body, request)
}

/// POST /payments/{id}/refunds. The amount is always said: what "all of it" means is the library's business.
pub(super) fn refund(payment: &Payment) -> Value {
    let request = &payment.intent.request;
    let mut body = json!({"amount": request.amount.or(payment.rest()), "metadata": metadata(payment)});
    for name in ["reason", "description"] {
        if let Some(text) = request.text(name) {
            body[name] = json!(text);
        }
    }
    if let Some(fees) = fees(request) {
        body["fees"] = fees;
    }
    with_raw(body, request)
}

/// Required, "such as an order number".
fn description(request: &Checked) -> String {
    let said = ["description", "order", "invoice"].into_iter().find_map(|key| request.text(key));
    said.unwrap_or(&request.reference).to_owned()
}

/// Our key, by which a lost answer is found again, the till's reference, and what the till wants to be noted.
fn metadata(payment: &Payment) -> Value {
    let request = &payment.intent.request;
    let mut notes = Map::new();
    for (key, text) in &request.texts {
        let custom = key.starts_with("custom.").then_some(key.as_str());
        let name = key.strip_prefix("metadata.").or(custom).or(NOTED.contains(&key.as_str()).then_some(key.as_str()));
        if let Some(name) = name {
            notes.insert(name.to_owned(), json!(text));
        }
    }
    notes.insert(KEY.to_owned(), json!(payment.intent.wire_key));
    notes.insert(REFERENCE.to_owned(), json!(request.reference));
    Value::Object(notes)
}

fn fees(request: &Checked) -> Option<Value> {
    let fees = request.groups.get("fees")?;
    let fee = |fee: &std::collections::BTreeMap<String, String>| {
        let amount: i64 = fee.get("amount").and_then(|text| text.parse().ok()).unwrap_or(0);
        json!({"type": fee.get("type"), "amount": amount})
    };
    Some(Value::Array(fees.iter().map(fee).collect()))
}

/// Parameters that the till passes through by `vendor.NAME`.
fn with_raw(mut body: Value, request: &Checked) -> Value {
    for (key, text) in &request.texts {
        if let Some(name) = key.strip_prefix("vendor.") {
            body[name] = json!(text);
        }
    }
    body
}
