//! JustiFi's events (API reference, Event Types and Webhook Delivery).

use crate::vendors::webhook::{Hint, Scheme, id, word};
use serde_json::Value;

/// `<timestamp>.<body>`, the timestamp as it stands in its header. How old it may be is not documented.
pub const SCHEME: Scheme = Scheme { signature: "JUSTIFI-SIGNATURE", timestamp: Some("JUSTIFI-TIMESTAMP"), read };

/// Under this name the key of an attempt stands in the metadata of what we make.
pub const WIRE_KEY: &str = "posjunction_key";

/// `data` is the bare checkout, completion, payment intent or payment, as the name of the event says.
fn read(event: &Value) -> Option<Hint> {
    let data = event.get("data")?;
    let mut hint =
        Hint { event_id: id(event, "id").unwrap_or_default(), event: word(event, "event_name"), ..Hint::default() };
    let word = hint.event.clone();
    if word.starts_with("checkout.completion.") {
        hint.request_ids.extend(id(data, "checkout_id"));
        hint.transaction_ids.extend(id(data, "payment_id"));
        hint.terminal = id(data, "terminal_id");
        if let Some(checkout) = data.get("checkout") {
            add(&mut hint.request_ids, id(checkout, "id"));
            hint.wire_key = key_of(checkout);
        }
    } else if word.starts_with("checkout.") || word.starts_with("payment_intent.") {
        hint.request_ids.extend(id(data, "id"));
        hint.transaction_ids.extend(id(data, "successful_payment_id"));
        hint.wire_key = key_of(data);
    } else if word.starts_with("payment.") {
        // Of the events about refunds and disputes some have the refund or the dispute as their data.
        let payment = id(data, "payment_id").or_else(|| id(data, "id").filter(|id| id.starts_with("py_")));
        hint.transaction_ids.extend(payment);
        for name in ["payment_intent_id", "checkout_id"] {
            add(&mut hint.request_ids, id(data, name));
        }
        hint.wire_key = key_of(data);
    } else {
        return None;
    }
    Some(hint)
}

fn add(ids: &mut Vec<String>, id: Option<String>) {
    ids.extend(id.filter(|id| !ids.contains(id)));
}

fn key_of(made: &Value) -> Option<String> {
    let own = made.get("metadata").and_then(|metadata| id(metadata, WIRE_KEY));
    own.or_else(|| id(made.get("payment")?.get("metadata")?, WIRE_KEY))
}
