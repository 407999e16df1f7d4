//! The events of USAePay's Payment Engine, which EBizCharge runs on (merchant guide, Settings, Webhooks).

use crate::vendors::webhook::{Hint, Scheme, id, word};
use serde_json::Value;

/// The signature covers the raw body alone.
pub const SCHEME: Scheme = Scheme { signature: "X-Signature", timestamp: None, read };

/// There are no events of payment requests or devices: a transaction is found by our key in its `orderid`.
fn read(event: &Value) -> Option<Hint> {
    let event_type = word(event, "event_type");
    if !event_type.starts_with("transaction.sale.") && !event_type.starts_with("transaction.refund.") {
        return None;
    }
    let object = event.get("event_body")?.get("object")?;
    Some(Hint {
        event_id: id(event, "event_id").unwrap_or_default(),
        event: event_type,
        transaction_ids: id(object, "key").or_else(|| id(object, "refnum")).into_iter().collect(),
        wire_key: id(object, "orderid"),
        ..Hint::default()
    })
}
