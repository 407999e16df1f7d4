//! Refunds of payments: ask, read, list, describe.

use crate::http::{Answer, Request};
use crate::justifi::cloud::{Cloud, Event};
use crate::justifi::errors::{invalid, not_found};
use crate::justifi::params::{Params, Rule, Shape};
use crate::justifi::payment::{PaymentState, Refund, RefundStatus};
use serde_json::{Value, json};

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "customer_request"];
const NEW: [Rule; 5] = [
    ("amount", Shape::Cents),
    ("reason", Shape::OneOf(&REASONS)),
    ("description", Shape::Text(255)),
    ("metadata", Shape::Metadata),
    ("fees", Shape::Fees),
];
const CHANGE: [Rule; 1] = [("metadata", Shape::Metadata)];

impl Cloud {
    /// What can be given back of the payment for this body: the amount it names, or all that is left.
    pub(super) fn checked_refund(&mut self, place: usize, params: &Params) -> Result<i64, Answer> {
        let payment = &self.payments[place];
        let pending = |r: &&Refund| r.payment_id == payment.id && r.status == RefundStatus::Pending;
        let (left, whole) = (self.refundable(payment), payment.amount);
        let code = match params.value("amount").map(Value::as_i64) {
            _ if payment.state != PaymentState::Succeeded => "refund_error",
            _ if self.refunds.iter().any(|r| pending(&r)) => "refund_in_progress",
            _ if left == 0 => "payment_fully_refunded",
            _ if self.now >= payment.created_ms + self.setup.refund_window_ms => "payment_outside_refund_window",
            Some(None) => "amount_must_be_an_integer",
            Some(Some(..=0)) => {
                self.violate("a refund of nothing");
                "amount_too_small"
            }
            Some(Some(cents)) if cents > whole => "refund_exceeds_payment_amount",
            Some(Some(cents)) if cents > left => "refund_exceeds_amount_available",
            Some(Some(cents)) => return Ok(cents),
            None => return Ok(left),
        };
        Err(invalid(code))
    }

    /// The fees that come back with a refund; what is left of them shrinks.
    pub(super) fn returned_fees(&mut self, place: usize, params: &Params) -> Result<Value, Answer> {
        let mut fees = self.payments[place].fees.clone();
        let mut returned = Vec::new();
        for fee in params.value("fees").and_then(Value::as_array).into_iter().flatten() {
            let (kind, cents) = (fee["type"].as_str().unwrap_or_default(), fee["amount"].as_i64().unwrap_or_default());
            let Some(at) = fees.iter().position(|(known, _, _)| known == kind) else {
                return Err(invalid("fee_type_must_exist_on_payment_fees"));
            };
            if cents > fees[at].2 {
                return Err(invalid("returned_fee_exceeds_remaining_amount"));
            }
            fees[at].2 -= cents;
            returned.push(json!({
                "id": self.id("rtfee"), "payment_fee_id": format!("pyfee_{at}{}", self.payments[place].id.trim_start_matches("py_")),
                "type": kind, "returned_amount": cents, "original_amount": fees[at].1, "currency": "usd",
                "remaining_amount": fees[at].2,
            }));
        }
        self.payments[place].fees = fees;
        Ok(json!(returned))
    }

    /// A refund of so much that says nothing else yet.
    pub(super) fn blank_refund(&mut self, place: usize, amount: i64) -> Refund {
        Refund {
            id: self.id("re"),
            payment_id: self.payments[place].id.clone(),
            checkout_refund_id: None,
            terminal_id: None,
            amount,
            reason: None,
            description: None,
            metadata: json!({}),
            returned_fees: json!([]),
            status: RefundStatus::Succeeded,
            idempotency_key: None,
            created_ms: self.now,
            updated_ms: self.now,
        }
    }

    /// Writes a refund into the books.
    pub(super) fn book_refund(&mut self, refund: Refund) -> usize {
        let (of, status) = (refund.payment_id.clone(), refund.status);
        self.refunds.push(refund);
        if status == RefundStatus::Succeeded
            && let Some(place) = self.payments.iter().position(|p| p.id == of)
        {
            self.payments[place].updated_ms = self.now;
            self.publish_payment("payment.refunded", place);
        }
        self.refunds.len() - 1
    }

    pub(super) fn new_refund(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let place = self.known_payment(id)?;
        let params = self.params(request, &NEW)?;
        if params.has("reason") && !params.text("reason").is_some_and(|reason| REASONS.contains(&reason)) {
            return Err(invalid("refund_reason_invalid"));
        }
        let amount = self.checked_refund(place, &params)?;
        let returned_fees = self.returned_fees(place, &params)?;
        let wait = self.switches.refund_pending_ms;
        let status = match (wait, self.switches.refunds_fail) {
            (1.., _) => RefundStatus::Pending,
            (0, true) => RefundStatus::Failed,
            (0, false) => RefundStatus::Succeeded,
        };
        let blank = self.blank_refund(place, amount);
        let r = self.book_refund(Refund {
            reason: params.owned("reason"),
            description: params.owned("description"),
            metadata: params.object("metadata").unwrap_or_else(|| json!({})),
            returned_fees,
            status,
            idempotency_key: request.header("idempotency-key").map(String::from),
            ..blank
        });
        if status == RefundStatus::Pending {
            self.plan_in(wait, Event::RefundEnds { refund: r });
        }
        Ok(self.refund_answer(201, r))
    }

    /// A pending refund is decided.
    pub(super) fn end_refund(&mut self, r: usize) {
        let failed = self.switches.refunds_fail;
        self.refunds[r].status = if failed { RefundStatus::Failed } else { RefundStatus::Succeeded };
        self.refunds[r].updated_ms = self.now;
        let of = self.refunds[r].payment_id.clone();
        if let Some(place) = self.payments.iter().position(|p| p.id == of) {
            self.publish_payment(if failed { "payment.refund.updated" } else { "payment.refunded" }, place);
        }
    }

    fn refund_answer(&self, status: u16, r: usize) -> Answer {
        self.single(status, "refund", self.refund_json(&self.refunds[r]))
    }

    fn refund_index(&self, id: &str) -> Result<usize, Answer> {
        let found = self.refunds.iter().position(|r| r.id == id).ok_or_else(not_found)?;
        let known = self.now >= self.refunds[found].created_ms + self.switches.fresh_payment_404_ms;
        if known { Ok(found) } else { Err(not_found()) }
    }

    pub(super) fn get_refund(&self, id: &str) -> Result<Answer, Answer> {
        self.refund_index(id).map(|r| self.refund_answer(200, r))
    }

    pub(super) fn list_refunds(&mut self, request: &Request) -> Result<Answer, Answer> {
        let query = self.query(request, &[]);
        let found = self.refunds.iter().enumerate().filter(|(_, r)| self.is_listed(r.created_ms));
        let rows = found.map(|(place, r)| (place, r.id.clone(), r.created_ms)).collect();
        Ok(self.page(&query, rows, |cloud, place| cloud.refund_json(&cloud.refunds[place])))
    }

    pub(super) fn change_refund(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let r = self.refund_index(id)?;
        let params = self.params(request, &CHANGE)?;
        if let Some(metadata) = params.object("metadata") {
            (self.refunds[r].metadata, self.refunds[r].updated_ms) = (metadata, self.now);
        }
        Ok(self.refund_answer(200, r))
    }
}
