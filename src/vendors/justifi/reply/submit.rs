//! The answer to whatever can move money: what was started, refused, or is not known.

use super::{Reader, facts};
use crate::config::Flow;
use crate::payment::fact::Action;
use crate::payment::report::Ownership;
use crate::payment::{Fact, Kind, wire};
use crate::vendors::Reading;
use crate::vendors::codes::{Call, Meaning};
use crate::vendors::justifi::answer::{id, word};
use crate::vendors::justifi::report;

impl Reader<'_> {
    /// The answer to whatever can move money. Refused only where the vendor's own words say that nothing was started.
    pub(super) fn submit(&self, action: Action) -> Reading {
        if self.answer.is_own_error() {
            return self.submit_failed(action);
        }
        let accepted = match self.answer.data() {
            None => None,
            Some(data) if self.payment.kind().is_card_present() => self.started(data),
            Some(data) => self.changed(action, data),
        };
        accepted.map_or_else(|| facts(vec![Fact::Unclear { failure: self.answer.failure(Call::Start) }]), facts)
    }

    fn submit_failed(&self, action: Action) -> Reading {
        let call = match (self.payment.kind(), action) {
            (Kind::Payment | Kind::TerminalRefund, _) => Call::Start,
            (Kind::Refund, _) | (_, Action::Refund) => Call::Refund,
            _ => Call::Change,
        };
        let failure = self.answer.failure(call);
        let session_over = self.answer.is_token_refused();
        let fact = if session_over && self.payment.tokens_refused == 0 {
            Fact::NotSent { failure, again: true, pause_ms: 0 }
        } else {
            match self.answer.row(call).means {
                Meaning::Refused => Fact::Refused { failure },
                // What a payment at a terminal started from, its own checkout tells.
                Meaning::ReadOriginal if call != Call::Start => Fact::Refused { failure },
                Meaning::Pause => Fact::NotSent { failure, again: true, pause_ms: self.answer.pause_ms() },
                _ => Fact::Unclear { failure },
            }
        };
        Reading { session_over, ..facts(vec![fact]) }
    }

    /// The session at the terminal, in today's envelope or the older one (payTerminal).
    fn started(&self, data: &serde_json::Value) -> Option<Vec<Fact>> {
        let body = self.answer.body()?;
        if !word(body, "type").starts_with("terminal_") || !body.get("data")?.is_object() {
            return None;
        }
        let request_id = id(data, "id").or_else(|| id(body, "id"))?;
        let named = |key: &str| id(data, key).or_else(|| id(data.get(key.strip_suffix("_id")?)?, "id"));
        let prepared = if self.account.flow == Flow::Checkout { "checkout_id" } else { "payment_intent_id" };
        let same = |key: &str, ours: Option<&str>| named(key).is_none_or(|told| Some(told.as_str()) == ours);
        let terminal = Some(self.payment.intent.request.terminal.as_str());
        if !same(prepared, self.payment.prepared.as_deref()) || !same("terminal_id", terminal) {
            return None;
        }
        let payment = id(data, "payment_id").filter(|_| self.payment.kind() == Kind::Payment);
        let accepted = Fact::Accepted { request_id };
        Some(std::iter::once(accepted).chain(payment.map(|id| Fact::TransactionNamed { id })).collect())
    }

    /// Void and capture answer with the payment, a refund with the refund.
    fn changed(&self, action: Action, data: &serde_json::Value) -> Option<Vec<Fact>> {
        let accepted = Fact::Accepted { request_id: String::new() };
        if self.payment.kind() != Kind::Refund && action != Action::Refund {
            let report = report::payment(self.account, data, self.payment)?;
            let original = self.payment.intent.original_id.as_deref() == Some(report.id.as_str());
            return original.then(|| vec![accepted, Fact::TransactionRead { report: Box::new(report) }]);
        }
        let kind = word(self.answer.body()?, "type");
        let mut report = report::refund(data, self.payment).filter(|_| kind.is_empty() || kind == "refund")?;
        let of = id(data, "payment_id");
        if of.is_some_and(|of| Some(&of) != self.payment.intent.original_id.as_ref())
            || self.payment.intent.original_id.as_deref() == Some(report.id.as_str())
        {
            return None;
        }
        // The answer to our own submit names the refund: that makes it ours.
        if report.ownership == Ownership::Candidate && !wire::is_key(&report.wire_key) {
            report.ownership = Ownership::Ours;
        }
        let seen = Fact::TransactionSeen { id: report.id.clone() };
        Some(vec![accepted, seen, Fact::TransactionRead { report: Box::new(report) }])
    }
}
