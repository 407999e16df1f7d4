//! What a vendor's books say of one sale, in the same words for every vendor.

use crate::faults::CallKind;
use crate::http::Request;
use crate::payjunction::Action;
use crate::records::Call;
use crate::{ebizcharge, justifi, payjunction};
use serde::Serialize;
use serde_json::Value;

/// One sale, by the invoice number that the till gave it, or by the client's own key on the wire.
#[derive(Serialize)]
pub struct Sale {
    /// Approved charges, voided ones too: more than one is a double charge.
    charges: usize,
    /// Payments at terminals that arrived, executed or not.
    submits: usize,
    /// Cents that moved, net of voids and refunds.
    moved: i64,
}

pub fn payjunction(cloud: &payjunction::Cloud, key: &str) -> Sale {
    let ours = |t: &&payjunction::Transaction| {
        t.invoice_number.as_deref() == Some(key) || t.sent_purchase_order_number.as_deref() == Some(key)
    };
    let charges = cloud.ledger().iter().filter(ours).filter(|t| t.action == Action::Charge && t.verdict.approved);
    let submits = submits(cloud.calls()).filter(|call| {
        let pairs = Request::new("POST", "/").with_body(call.body.as_str()).form_pairs();
        pairs
            .iter()
            .any(|(name, value)| matches!(name.as_str(), "invoiceNumber" | "purchaseOrderNumber") && value == key)
    });
    let ids: Vec<u64> = cloud.ledger().iter().filter(ours).map(|t| t.id).collect();
    let of_it = |t: &&payjunction::Transaction| ours(t) || t.original_id.is_some_and(|id| ids.contains(&id));
    let moved = cloud.ledger().iter().filter(of_it).map(payjunction::Transaction::moved).sum();
    Sale { charges: charges.count(), submits: submits.count(), moved }
}

pub fn ebizcharge(cloud: &ebizcharge::Cloud, key: &str) -> Sale {
    use ebizcharge::Kind;
    let ours = |t: &&ebizcharge::Transaction| t.invoice() == Some(key) || t.sent_orderid.as_deref() == Some(key);
    let charges = cloud.ledger().iter().filter(ours).filter(|t| t.kind != Kind::Refund && t.verdict.is_approved());
    let submits = submits(cloud.calls()).filter(|call| {
        let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
        body["invoice"] == key || body["orderid"] == key
    });
    let moved = cloud.ledger().iter().filter(ours).map(ebizcharge::Transaction::moved).sum();
    Sale { charges: charges.count(), submits: submits.count(), moved }
}

/// Here a key is any text in the metadata, where the till's invoice number stands too.
pub fn justifi(cloud: &justifi::Cloud, key: &str) -> Sale {
    Sale { charges: cloud.charges(key).len(), submits: cloud.submits(key), moved: cloud.moved_of(key) }
}

fn submits(calls: &[Call]) -> impl Iterator<Item = &Call> {
    calls.iter().filter(|call| call.kind == CallKind::Submit)
}
