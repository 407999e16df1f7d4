//! The endpoints of the payments: read, list, describe, capture, void.

use crate::http::{Answer, Request};
use crate::justifi::cloud::Cloud;
use crate::justifi::errors::{invalid, not_found};
use crate::justifi::intents::IntentStatus;
use crate::justifi::params::{Rule, Shape};
use crate::justifi::payment::{Payment, PaymentState};

const CHANGE: [Rule; 2] = [("description", Shape::Text(255)), ("metadata", Shape::Metadata)];
const FILTERS: [&str; 9] = [
    "payment_method_id",
    "void_id",
    "created_before",
    "created_after",
    "payment_status",
    // What the vendor's own web components send besides.
    "payment_id",
    "terminal_id",
    "payment_mode",
    "checkout_id",
];

impl Cloud {
    fn payment_index(&self, id: &str) -> Result<usize, Answer> {
        self.payments.iter().position(|p| p.id == id).ok_or_else(not_found)
    }

    fn payment_answer(&self, status: u16, place: usize) -> Answer {
        self.single(status, "payment", self.payment_json(&self.payments[place]))
    }

    /// The place of a payment that the API already knows.
    pub(super) fn known_payment(&self, id: &str) -> Result<usize, Answer> {
        let place = self.payment_index(id)?;
        let known = self.now >= self.payments[place].created_ms + self.switches.fresh_payment_404_ms;
        if known { Ok(place) } else { Err(not_found()) }
    }

    pub(super) fn get_payment(&self, id: &str) -> Result<Answer, Answer> {
        self.known_payment(id).map(|place| self.payment_answer(200, place))
    }

    pub(super) fn list_payments(&mut self, request: &Request) -> Result<Answer, Answer> {
        let query = self.query(request, &FILTERS);
        let epoch = self.setup.epoch_ms;
        let wanted = |p: &Payment| {
            let word = self.payment_word(p);
            let status = if word.ends_with("_refunded") { "refunded" } else { word };
            query.allows("payment_method_id", Some(&p.method_id))
                && query.allows("void_id", p.void_id.as_deref())
                && query.allows("payment_status", Some(status))
                && query.allows("payment_id", Some(&p.id))
                && query.allows("terminal_id", Some(&p.terminal_id))
                && query.allows("payment_mode", Some("card_present"))
                && query.allows("checkout_id", p.checkout_id.as_deref())
                && query.allows_time("created", epoch + p.created_ms)
        };
        let found = self.payments.iter().enumerate().filter(|(_, p)| self.is_listed(p.created_ms) && wanted(p));
        let rows = found.map(|(place, p)| (place, p.id.clone(), p.created_ms)).collect();
        Ok(self.page(&query, rows, |cloud, place| cloud.payment_json(&cloud.payments[place])))
    }

    pub(super) fn change_payment(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let place = self.known_payment(id)?;
        let params = self.params(request, &CHANGE)?;
        let now = self.now;
        let payment = &mut self.payments[place];
        if let Some(description) = params.owned("description") {
            payment.description = description;
        }
        if let Some(metadata) = params.object("metadata") {
            payment.metadata = metadata;
        }
        payment.updated_ms = now;
        Ok(self.payment_answer(200, place))
    }

    pub(super) fn capture(&mut self, id: &str) -> Result<Answer, Answer> {
        let place = self.known_payment(id)?;
        self.capture_payment(place)?;
        Ok(self.payment_answer(201, place))
    }

    /// The whole of what was authorized, within its seven days.
    pub(super) fn capture_payment(&mut self, place: usize) -> Result<(), Answer> {
        let (now, life) = (self.now, self.setup.authorization_ms);
        let payment = &mut self.payments[place];
        match payment.state {
            PaymentState::Succeeded => return Err(invalid("payment_already_captured")),
            PaymentState::Canceled | PaymentState::Failed => return Err(invalid("payment_intent_unexpected_state")),
            PaymentState::Authorized if now >= payment.created_ms + life => {
                payment.state = PaymentState::Canceled;
                return Err(invalid("charge_expired_for_capture"));
            }
            PaymentState::Authorized => {}
        }
        (payment.state, payment.updated_ms) = (PaymentState::Succeeded, now);
        let intent = payment.payment_intent_id.clone();
        self.publish_payment("payment.captured", place);
        if let Some(i) = self.intents.iter().position(|i| i.id == intent) {
            (self.intents[i].status, self.intents[i].updated_ms) = (IntentStatus::Succeeded, now);
            self.publish_intent("payment_intent.succeeded", i);
        }
        Ok(())
    }

    /// Within 25 minutes, captured or not, and before anything was refunded.
    pub(super) fn void(&mut self, id: &str) -> Result<Answer, Answer> {
        let place = self.known_payment(id)?;
        let (now, window) = (self.now, self.setup.void_window_ms);
        let payment = &self.payments[place];
        if matches!(payment.state, PaymentState::Canceled | PaymentState::Failed) {
            return Err(invalid("payment_intent_unexpected_state"));
        }
        if payment.settled || now >= payment.created_ms + window {
            return Err(invalid("payment_outside_void_window"));
        }
        if payment.state == PaymentState::Succeeded && self.refundable(payment) < payment.amount {
            return Err(invalid("payment_intent_unexpected_state"));
        }
        let void_id = self.id("vo");
        let payment = &mut self.payments[place];
        (payment.state, payment.updated_ms) = (PaymentState::Canceled, now);
        payment.void_id = Some(void_id);
        // Fees come back with a void.
        payment.fees.iter_mut().for_each(|(_, _, remaining)| *remaining = 0);
        self.publish_payment("payment.canceled", place);
        Ok(self.payment_answer(200, place))
    }
}
