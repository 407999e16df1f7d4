//! PayJunction's events (Webhooks: available webhooks, HTTP headers, securing your webhooks).

use crate::vendors::webhook::{Hint, Scheme, id, word};
use serde_json::Value;

/// The signature covers the raw body alone (POST /webhooks, secret).
pub const SCHEME: Scheme = Scheme { signature: "X-Pj-Signature", timestamp: None, read };

/// The event tells ids and never an outcome: for that the transaction must be read.
fn read(event: &Value) -> Option<Hint> {
    let data = event.get("data")?;
    let mut hint =
        Hint { event_id: id(event, "id").unwrap_or_default(), event: word(event, "type"), ..Hint::default() };
    hint.transaction_ids.extend(id(data, "transactionId"));
    match hint.event.as_str() {
        // Every change of a request's status.
        "SMARTTERMINAL_REQUEST" => hint.request_ids.extend(id(data, "requestId")),
        // Of older subscriptions: after the authorization.
        "SMARTTERMINAL_TRANSACTION" => {
            hint.request_ids.extend(id(data, "requestPaymentId"));
            hint.terminal = id(data, "smartTerminalId");
        }
        // Any transaction of the account, from wherever; and any that was signed.
        "TRANSACTION" | "TRANSACTION_SIGNATURE" => {}
        // CUSTOMER, DEPOSIT, SETTLEMENT, and what is still to come.
        _ => return None,
    }
    Some(hint)
}
