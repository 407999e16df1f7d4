//! One card meets one amount: a new row in the ledger.

use crate::justifi::cloud::Cloud;
use crate::justifi::issuer::{VISA, Verdict};
use crate::justifi::payment::{Payment, PaymentState};
use crate::justifi::scenario::Scenario;
use crate::justifi::session::{SessionKind, Target};
use serde_json::{Value, json};

impl Cloud {
    /// What the network says to the card that is in.
    pub(super) fn verdict(&self, s: usize) -> Verdict {
        let session = &self.sessions[s];
        match (session.refused_with, session.scenario) {
            (Some(code), _) | (None, Scenario::Decline(code)) => Verdict::declined(code),
            (None, Scenario::DeclineThenApprove) if !session.second_card => Verdict::declined(5),
            _ => Verdict::approved(),
        }
    }

    /// Whether what is paid was paid meanwhile, told or not: a checkout and an intent succeed once.
    fn is_paid(&self, target: Target) -> bool {
        let intent = match target {
            Target::Checkout(c) => &self.checkouts[c].payment_intent_id,
            Target::Intent(i) => &self.intents[i].id,
        };
        self.payments.iter().any(|p| p.is_approved() && p.payment_intent_id == *intent)
    }

    /// Runs the card that is in the reader. Yields the place of the payment in the ledger, if one was made.
    pub(super) fn authorize(&mut self, s: usize) -> Option<usize> {
        let session = self.sessions[s].clone();
        if session.kind == SessionKind::Refund || self.is_paid(session.target) {
            return None;
        }
        let verdict = self.verdict(s);
        let state = match (verdict.approved, session.scenario) {
            (false, _) => PaymentState::Failed,
            (true, Scenario::AuthorizeOnly) => PaymentState::Authorized,
            (true, _) => PaymentState::Succeeded,
        };
        let first = session.payments.is_empty();
        let id = if first { session.payment_id } else { self.id("py") };
        let (description, handed_on, fees) = self.handed_on(session.target, &session.sent_metadata);
        let payment = Payment {
            id,
            amount: session.amount,
            state,
            verdict,
            card: session.card.unwrap_or(VISA),
            method_id: self.id("pm"),
            description,
            metadata: if self.switches.metadata_dropped { json!({}) } else { handed_on },
            sent_metadata: session.sent_metadata,
            checkout_id: session.checkout_id,
            payment_intent_id: session.payment_intent_id,
            terminal_id: session.terminal_id,
            session_id: session.id,
            idempotency_key: session.idempotency_key,
            statement_descriptor: self.descriptor(session.target),
            fees,
            void_id: None,
            settled: false,
            created_ms: self.now,
            updated_ms: self.now,
        };
        self.payments.push(payment);
        let place = self.payments.len() - 1;
        self.publish_payment("payment.created", place);
        let word = match state {
            PaymentState::Authorized => "payment.authorized",
            PaymentState::Failed => "payment.failed",
            _ => "payment.succeeded",
        };
        self.publish_payment(word, place);
        Some(place)
    }

    fn descriptor(&self, target: Target) -> Option<String> {
        match target {
            Target::Checkout(c) => self.checkouts[c].statement_descriptor.clone(),
            Target::Intent(_) => None,
        }
    }

    /// What a checkout or intent hands to its payment: words, metadata, fees.
    fn handed_on(&self, target: Target, sent: &Value) -> (String, Value, Vec<(String, i64, i64)>) {
        match target {
            Target::Checkout(c) => {
                let checkout = &self.checkouts[c];
                let own = checkout.payment["description"].as_str().map(String::from);
                let fees = checkout.payment["fees"].as_array().into_iter().flatten();
                let fees = fees.map(|fee| {
                    let cents = fee["amount"].as_i64().unwrap_or_default();
                    (fee["type"].as_str().unwrap_or_default().to_string(), cents, cents)
                });
                let metadata = Some(sent["payment"].clone()).filter(Value::is_object).unwrap_or_else(|| json!({}));
                (own.unwrap_or_else(|| format!("Checkout {}", checkout.id)), metadata, fees.collect())
            }
            Target::Intent(i) => (self.intents[i].description.clone(), sent["metadata"].clone(), Vec::new()),
        }
    }
}
