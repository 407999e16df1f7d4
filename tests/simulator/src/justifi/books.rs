//! The books: what really happened to money, for tests that judge what a client said of it.

use crate::http::Request;
use crate::justifi::cloud::Cloud;
use crate::justifi::idempotency::key_of;
use crate::justifi::payment::{Payment, PaymentState, Refund};
use serde_json::{Value, json};

/// A call that wants a terminal to work, executed or not.
#[derive(Clone, Debug)]
pub(super) struct Submit {
    /// The checkout or payment intent.
    of: String,
    idempotency_key: Option<String>,
    sent_metadata: Value,
}

/// Whether this text stands anywhere in what the client sent along.
fn holds(metadata: &Value, key: &str) -> bool {
    match metadata {
        Value::String(text) => text == key,
        Value::Array(items) => items.iter().any(|item| holds(item, key)),
        Value::Object(members) => members.values().any(|member| holds(member, key)),
        _ => false,
    }
}

impl Cloud {
    pub(super) fn note_submit(&mut self, request: &Request) {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let of = body["checkout_id"].as_str().or(body["payment_intent_id"].as_str()).unwrap_or_default();
        let checkout = self.checkouts.iter().find(|c| c.id == of).map(|c| sent(&c.metadata, &c.payment["metadata"]));
        let intent = self.intents.iter().find(|i| i.id == of).map(|i| sent(&i.metadata, &Value::Null));
        let submit = Submit {
            of: of.into(),
            idempotency_key: key_of(request).map(String::from),
            sent_metadata: checkout.or(intent).unwrap_or_default(),
        };
        self.submits.push(submit);
    }

    /// How many `/terminals/pay` and `/terminals/refund` calls arrived, executed or not, for this wire key: a text in the
    /// metadata of the checkout or intent, or its id, or the `Idempotency-Key` of the call.
    pub fn submits(&self, key: &str) -> usize {
        let ours =
            |s: &&Submit| s.of == key || s.idempotency_key.as_deref() == Some(key) || holds(&s.sent_metadata, key);
        self.submits.iter().filter(ours).count()
    }

    /// Payments approved for this wire key, voided ones too: more than one is a double charge. The key is a text in the
    /// metadata that was sent with the checkout or intent, or the id of the checkout, the intent or the payment.
    pub fn charges(&self, key: &str) -> Vec<&Payment> {
        self.payments.iter().filter(|p| p.is_approved() && self.is_of(p, key)).collect()
    }

    /// Refunds of this wire key, which stands in their own metadata, or of this payment id, failed ones too.
    pub fn refunds_of(&self, key: &str) -> Vec<&Refund> {
        self.refunds.iter().filter(|r| r.payment_id == key || holds(&r.metadata, key)).collect()
    }

    fn is_of(&self, payment: &Payment, key: &str) -> bool {
        payment.id == key
            || payment.checkout_id.as_deref() == Some(key)
            || payment.payment_intent_id == key
            || holds(&payment.sent_metadata, key)
    }

    /// Cents that moved from the cards to the merchant, net of voids and refunds.
    pub fn moved_cents(&self) -> i64 {
        let paid: i64 = self.payments.iter().map(Payment::moved).sum();
        paid - self.refunds.iter().map(Refund::moved).sum::<i64>()
    }

    /// The same for one wire key, checkout, intent or payment: what [`Cloud::charges`] finds, less its refunds.
    pub fn moved_of(&self, key: &str) -> i64 {
        let net = |p: &&Payment| {
            let back = self.refunds.iter().filter(|r| r.payment_id == p.id).map(Refund::moved).sum::<i64>();
            p.moved() - back
        };
        self.charges(key).iter().map(net).sum()
    }

    /// Ends the time in which what is paid now can be voided.
    pub fn settle(&mut self) {
        for payment in self.payments.iter_mut().filter(|p| p.state == PaymentState::Succeeded) {
            payment.settled = true;
        }
    }
}

/// The client's metadata, of the checkout itself and of its payment.
pub(super) fn sent(metadata: &Value, payment: &Value) -> Value {
    json!({"metadata": metadata, "payment": payment})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_anywhere() {
        let metadata = json!({"a": [{"key": "wire 1"}], "b": 7});
        assert!(holds(&metadata, "wire 1") && !holds(&metadata, "wire") && !holds(&metadata, "7"));
    }
}
