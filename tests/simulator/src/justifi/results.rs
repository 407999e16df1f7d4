//! What checkouts and payment intents are told of the terminals.

use crate::justifi::checkout::{CheckoutStatus, Completion};
use crate::justifi::cloud::Cloud;
use crate::justifi::errors;
use crate::justifi::intents::IntentStatus;
use crate::justifi::payment::{PaymentState, RefundStatus};
use crate::justifi::scenario::Scenario;
use crate::justifi::session::{Progress, SessionKind, Target};
use crate::justifi::switches::Abandoned;
use serde_json::{Value, json};

/// Why an attempt ended without money.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    payment_status: &'static str,
    code: Option<String>,
    description: Option<String>,
    response: Value,
    payment_method_id: Option<String>,
}

impl Failure {
    fn of_code(payment_status: &'static str, code: &str) -> Failure {
        Failure {
            payment_status,
            code: Some(code.into()),
            description: Some(errors::text(code).into()),
            response: errors::body(code),
            payment_method_id: None,
        }
    }

    /// A code no document has.
    pub fn unheard() -> Failure {
        Failure::of_code("failed", "terminal_error")
    }
}

impl Cloud {
    /// How the X key, the 90 seconds, or another session ends an attempt.
    pub(super) fn abandoned(&self, code: &str) -> Failure {
        let payment_status = match self.switches.abandoned {
            Abandoned::Canceled => "canceled",
            Abandoned::Failed => "failed",
        };
        if self.switches.abandoned_codes {
            return Failure::of_code(payment_status, code);
        }
        Failure { payment_status, code: None, description: None, response: Value::Null, payment_method_id: None }
    }

    /// The amount is at the terminal: a completion begins.
    pub(super) fn open_attempt(&mut self, s: usize) {
        self.sessions[s].progress = Progress::Processing;
        if self.sessions[s].kind == SessionKind::Refund {
            return;
        }
        let marked = self.switches.attempted_while_processing;
        match self.sessions[s].target {
            Target::Checkout(c) => {
                let completion = self.new_completion(&self.sessions[s].terminal_id.clone());
                let checkout = &mut self.checkouts[c];
                checkout.completions.push(completion);
                let place = checkout.completions.len() - 1;
                if marked && checkout.status == CheckoutStatus::Created {
                    checkout.status = CheckoutStatus::Attempted;
                }
                self.sessions[s].completion = Some(place);
                self.publish_completion("checkout.completion.processing", c, place);
            }
            Target::Intent(i) if marked && self.intents[i].status == IntentStatus::RequiresPaymentMethod => {
                self.intents[i].status = IntentStatus::Pending;
            }
            Target::Intent(_) => {}
        }
    }

    fn new_completion(&mut self, terminal_id: &str) -> Completion {
        Completion {
            id: self.id("chc"),
            status: "processing",
            payment_status: "pending",
            error_code: None,
            error_description: None,
            payment_response: Value::Null,
            payment_id: None,
            payment_method_id: None,
            terminal_id: terminal_id.into(),
            created_ms: self.now,
            updated_ms: self.now,
        }
    }

    /// A word no document knows.
    pub(super) fn unheard(&mut self, s: usize) {
        let now = self.now;
        if let (Target::Checkout(c), Some(place)) = (self.sessions[s].target, self.sessions[s].completion) {
            let completion = &mut self.checkouts[c].completions[place];
            (completion.status, completion.updated_ms) = ("selecting_application", now);
        }
    }

    /// The attempt ends without money.
    pub(super) fn fail(&mut self, s: usize, progress: Progress, failure: &Failure) {
        self.end(s, progress);
        let (now, completion) = (self.now, self.sessions[s].completion);
        match (self.sessions[s].target, completion) {
            // The log is never changed: the decline of a first card stands.
            (Target::Checkout(c), Some(place)) if self.checkouts[c].completions[place].is_decided() => {}
            (Target::Checkout(c), Some(place)) => {
                let checkout = &mut self.checkouts[c];
                let completion = &mut checkout.completions[place];
                (completion.status, completion.payment_status) = ("failed", failure.payment_status);
                completion.error_code = failure.code.clone();
                completion.error_description = failure.description.clone();
                completion.payment_response = failure.response.clone();
                completion.payment_method_id = failure.payment_method_id.clone();
                completion.updated_ms = now;
                if checkout.status == CheckoutStatus::Created {
                    (checkout.status, checkout.updated_ms) = (CheckoutStatus::Attempted, now);
                }
                self.publish_completion("checkout.completion.failed", c, place);
            }
            (Target::Intent(i), _) if self.intents[i].status == IntentStatus::Pending => {
                self.intents[i].status = IntentStatus::RequiresPaymentMethod;
            }
            _ => {}
        }
    }

    fn end(&mut self, s: usize, progress: Progress) {
        let session = &mut self.sessions[s];
        session.progress = progress;
        session.ended_ms = Some(self.now);
    }

    /// The decline of the card that is in.
    pub(super) fn tell_decline(&mut self, s: usize) {
        let failure = match self.sessions[s].decided {
            Some(place) => {
                let payment = &self.payments[place];
                Failure {
                    payment_status: "failed",
                    code: Some(payment.verdict.code.into()),
                    description: Some(payment.verdict.message.into()),
                    response: payment.verdict.error(&payment.card),
                    payment_method_id: Some(payment.method_id.clone()),
                }
            }
            // The checkout or intent was paid at another terminal meanwhile.
            None => Failure::of_code("failed", "payment_intent_unexpected_state"),
        };
        self.fail(s, Progress::Failed, &failure);
    }

    /// Tells what was decided. Yields whether it is an approval.
    pub(super) fn tell(&mut self, s: usize) -> bool {
        if self.sessions[s].kind == SessionKind::Refund {
            return self.tell_refund(s);
        }
        let decided = self.sessions[s].decided.filter(|place| self.payments[*place].is_approved());
        let (scenario, given_up) = (self.sessions[s].scenario, self.sessions[s].given_up);
        let Some(place) = decided else {
            // What was told as the end is not told again, unless it has an attempt of its own.
            if !given_up || scenario == Scenario::ApproveAfterTimeout {
                self.tell_decline(s);
            }
            return false;
        };
        self.end(s, Progress::Succeeded);
        if given_up && scenario == Scenario::OnlyPaymentTells {
            return true;
        }
        let log_is_closed = given_up && scenario == Scenario::GiveUp || scenario == Scenario::HiddenApproval;
        match self.sessions[s].target {
            Target::Checkout(c) => self.complete(s, c, place, !log_is_closed),
            Target::Intent(i) => self.pay_intent(i, place, scenario != Scenario::HiddenApproval),
        }
        true
    }

    fn complete(&mut self, s: usize, c: usize, place: usize, write_log: bool) {
        let payment = &self.payments[place];
        let response = self.envelope("payment", self.payment_json(payment));
        let authorized = payment.state == PaymentState::Authorized;
        let (id, method) = (payment.id.clone(), payment.method_id.clone());
        let (now, links_null) = (self.now, self.switches.links_null);
        let checkout = &mut self.checkouts[c];
        (checkout.status, checkout.updated_ms) = (CheckoutStatus::Completed, now);
        checkout.successful_payment_id = Some(id.clone());
        if let Some(at) = self.sessions[s].completion.filter(|_| write_log) {
            let completion = &mut self.checkouts[c].completions[at];
            completion.status = "succeeded";
            completion.payment_status = if authorized { "pending" } else { "succeeded" };
            completion.payment_response = response;
            completion.payment_id = (!links_null).then_some(id);
            completion.payment_method_id = Some(method);
            completion.updated_ms = now;
            self.publish_completion("checkout.completion.succeeded", c, at);
        }
        self.publish_checkout("checkout.completed", c);
    }

    fn pay_intent(&mut self, i: usize, place: usize, tell_id: bool) {
        let payment = &self.payments[place];
        let authorized = payment.state == PaymentState::Authorized;
        let id = payment.id.clone();
        let intent = &mut self.intents[i];
        intent.status = if authorized { IntentStatus::RequiresCapture } else { IntentStatus::Succeeded };
        intent.successful_payment_id = Some(id).filter(|_| tell_id);
        intent.updated_ms = self.now;
        let name = if authorized { "payment_intent.requires_capture" } else { "payment_intent.succeeded" };
        self.publish_intent(name, i);
    }

    /// A card was given its money back, or refused it.
    fn tell_refund(&mut self, s: usize) -> bool {
        let (intent, amount) = match self.sessions[s].target {
            Target::Intent(i) => (i, self.sessions[s].amount),
            Target::Checkout(_) => return false,
        };
        let paid = self.intents[intent].successful_payment_id.clone();
        let place = self.payments.iter().position(|p| Some(&p.id) == paid.as_ref());
        let declined = !self.verdict(s).approved;
        let booked = place.filter(|place| !declined && amount <= self.refundable(&self.payments[*place]));
        self.end(s, if booked.is_some() { Progress::Succeeded } else { Progress::Failed });
        let failed = place.filter(|_| booked.is_none() && self.switches.declined_refund_booked);
        let Some(place) = booked.or(failed) else { return false };
        let terminal = self.sessions[s].terminal_id.clone();
        let blank = self.blank_refund(place, amount);
        let refund = super::payment::Refund {
            status: if booked.is_some() { RefundStatus::Succeeded } else { RefundStatus::Failed },
            terminal_id: Some(terminal),
            idempotency_key: self.sessions[s].idempotency_key.clone(),
            metadata: json!({}),
            ..blank
        };
        self.book_refund(refund);
        booked.is_some()
    }
}
