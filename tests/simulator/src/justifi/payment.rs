//! Payments and refunds as the books hold them, and as the API prints them.

use crate::justifi::cloud::Cloud;
use crate::justifi::issuer::{Card, Verdict};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum PaymentState {
    /// The card is not charged yet.
    Authorized,
    Succeeded,
    /// Voided.
    Canceled,
    Failed,
}

/// One row of the ledger.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Payment {
    pub id: String,
    pub amount: i64,
    pub state: PaymentState,
    pub verdict: Verdict,
    pub card: Card,
    pub method_id: String,
    pub description: String,
    /// As stored and told: empty when the switch drops it.
    pub metadata: Value,
    /// As the client sent it with the checkout or intent, whatever became of it.
    pub sent_metadata: Value,
    pub checkout_id: Option<String>,
    pub payment_intent_id: String,
    pub terminal_id: String,
    /// The session that made it.
    pub session_id: String,
    /// The `Idempotency-Key` of the call that began the session.
    pub idempotency_key: Option<String>,
    pub statement_descriptor: Option<String>,
    /// Type, amount, and what of it has not been returned.
    pub fees: Vec<(String, i64, i64)>,
    pub void_id: Option<String>,
    /// Too old for a void, by the clock or by [`Cloud::settle`].
    pub settled: bool,
    pub created_ms: u64,
    pub updated_ms: u64,
}

impl Payment {
    pub fn is_approved(&self) -> bool {
        self.verdict.approved
    }

    /// Cents that left the card, before refunds: 0 for what was declined, voided or only authorized.
    pub fn moved(&self) -> i64 {
        if self.state == PaymentState::Succeeded { self.amount } else { 0 }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

impl RefundStatus {
    pub fn word(self) -> &'static str {
        match self {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed => "failed",
        }
    }
}

/// Money on its way back.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Refund {
    pub id: String,
    pub payment_id: String,
    /// Set when it was asked of a checkout.
    pub checkout_refund_id: Option<String>,
    /// Set when it was made at a terminal.
    pub terminal_id: Option<String>,
    pub amount: i64,
    pub reason: Option<String>,
    pub description: Option<String>,
    pub metadata: Value,
    pub returned_fees: Value,
    pub status: RefundStatus,
    pub idempotency_key: Option<String>,
    pub created_ms: u64,
    pub updated_ms: u64,
}

impl Refund {
    /// Cents that came back to the card.
    pub fn moved(&self) -> i64 {
        if self.status == RefundStatus::Succeeded { self.amount } else { 0 }
    }
}

impl Cloud {
    fn refunds_with(&self, payment: &Payment, wanted: impl Fn(RefundStatus) -> bool) -> i64 {
        let of = self.refunds.iter().filter(|r| r.payment_id == payment.id && wanted(r.status));
        of.map(|refund| refund.amount).sum()
    }

    /// Cents of a payment that have been given back.
    pub(super) fn refunded(&self, payment: &Payment) -> i64 {
        self.refunds_with(payment, |status| status == RefundStatus::Succeeded)
    }

    /// Cents of a payment that can still be given back.
    pub(super) fn refundable(&self, payment: &Payment) -> i64 {
        payment.moved() - self.refunds_with(payment, |status| status != RefundStatus::Failed)
    }

    pub(super) fn payment_word(&self, payment: &Payment) -> &'static str {
        match payment.state {
            PaymentState::Authorized => "authorized",
            PaymentState::Canceled => "canceled",
            PaymentState::Failed => "failed",
            PaymentState::Succeeded => match self.refunded(payment) {
                0 => "succeeded",
                cents if cents >= payment.amount => "fully_refunded",
                _ => "partially_refunded",
            },
        }
    }

    pub(super) fn payment_json(&self, payment: &Payment) -> Value {
        let refunded = self.refunded(payment);
        let refunds: Vec<Value> =
            self.refunds.iter().filter(|r| r.payment_id == payment.id).map(|r| self.refund_json(r)).collect();
        let error = (!payment.is_approved()).then_some((payment.verdict.code, payment.verdict.message));
        let mut body = json!({
            "id": payment.id,
            "account_id": self.setup.sub_account,
            "amount": payment.amount,
            "amount_disputed": 0,
            "amount_refunded": refunded,
            "amount_returned": 0,
            "amount_refundable": self.refundable(payment),
            "balance": payment.moved() - refunded,
            "fee_amount": payment.fees.iter().map(|(_, cents, _)| cents).sum::<i64>(),
            "financial_transaction_id": self.link(&payment.id.replacen("py_", "ft_", 1)),
            "captured": payment.state == PaymentState::Succeeded,
            "capture_strategy": if payment.state == PaymentState::Authorized { "manual" } else { "automatic" },
            "currency": "usd",
            "description": payment.description,
            "disputed": false,
            "disputes": [],
            "error_code": error.map(|(code, _)| code),
            "error_description": error.map(|(_, message)| message),
            "is_test": true,
            "metadata": payment.metadata,
        });
        self.add_payment_links(&mut body, payment);
        body["refunded"] = json!(refunded > 0);
        body["refunds"] = json!(refunds);
        body["status"] = json!(self.payment_word(payment));
        body
    }

    fn add_payment_links(&self, body: &mut Value, payment: &Payment) {
        let more = json!({
            "payment_intent_id": self.link(&payment.payment_intent_id),
            "checkout_id": payment.checkout_id.as_ref().map(|id| self.link(id)),
            "payment_method": self.method_json(&payment.method_id, &payment.card, payment.created_ms),
            "application_fee": null,
            "application_fee_rate_id": null,
            "fees": self.fees_json(payment),
            "returned": false,
            "payment_mode": "card_present",
            "terminal_id": payment.terminal_id,
            "transaction_hold": null,
            "expedited": null,
            "statement_descriptor": payment.statement_descriptor,
            "created_at": self.time(payment.created_ms),
            "updated_at": self.time(payment.updated_ms),
        });
        if let (Value::Object(body), Value::Object(more)) = (body, more) {
            body.extend(more);
        }
    }

    fn fees_json(&self, payment: &Payment) -> Vec<Value> {
        let id = |place: usize| format!("pyfee_{place}{}", payment.id.trim_start_matches("py_"));
        let fees = payment.fees.iter().enumerate();
        fees.map(|(place, (kind, amount, remaining))| {
            json!({
                "id": id(place), "type": kind, "amount": amount, "currency": "usd", "remaining_amount": remaining,
            })
        })
        .collect()
    }

    pub(super) fn refund_json(&self, refund: &Refund) -> Value {
        json!({
            "id": refund.id,
            "payment_id": refund.payment_id,
            "amount": refund.amount,
            "description": refund.description,
            "reason": refund.reason,
            "status": refund.status.word(),
            "metadata": refund.metadata,
            "returned_fees": refund.returned_fees,
            "created_at": self.time(refund.created_ms),
            "updated_at": self.time(refund.updated_ms),
        })
    }
}
