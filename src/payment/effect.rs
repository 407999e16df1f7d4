//! What work on an existing transaction means for that transaction, and what the transaction was told of it.

use super::Kind;
use super::fact::{Action, Entry, Fact};
use super::report::{TransactionReport, Verdict};
use super::snapshot::State;
use super::state::Payment;

/// What a change means for its original, as things stand.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Nothing, or nothing any more: it was not done, or is undone itself.
    Nothing,
    /// So much went back, in minor units. `None`: all that was left, by a person's word.
    GaveBack(Option<i64>),
    /// The transaction is now as reported: another tip, or its money was taken.
    Updated(Box<TransactionReport>),
}

impl Payment {
    /// The transaction as the till was told of it last.
    pub fn told(&self) -> Option<&TransactionReport> {
        let decided = self.decided.as_ref()?;
        let newer = self.updated.as_ref().or(self.changed.as_ref()).or(self.late.as_ref());
        newer.or(decided.outcome.report.as_ref())
    }

    /// Work on an existing transaction that was done.
    fn is_done_change(&self) -> bool {
        let approved = self.decided.as_ref().is_some_and(|decided| decided.outcome.state == State::Approved);
        // A refund at the terminal may be one of a payment that is named.
        let works_on_one = self.kind() == Kind::TerminalRefund && self.intent.original_id.is_some();
        (self.kind().changes_original() || works_on_one) && (approved || self.late.is_some())
    }

    /// What this change means for its original.
    pub fn effect(&self) -> Effect {
        let told = self.told();
        if !self.is_done_change() {
            return Effect::Nothing;
        }
        let refund = matches!(self.kind(), Kind::Refund | Kind::TerminalRefund);
        let refund = refund || self.send.as_ref().is_some_and(|s| s.action == Action::Refund);
        match (self.kind(), told) {
            (Kind::Capture | Kind::AdjustTip, Some(report)) if report.verdict == Verdict::Approved => {
                Effect::Updated(Box::new(report.clone()))
            }
            (Kind::Capture | Kind::AdjustTip, _) => Effect::Nothing,
            (_, None) => Effect::GaveBack(self.intent.request.amount),
            (_, Some(report)) => {
                let stands = if refund {
                    report.verdict == Verdict::Approved && self.reversed < report.total
                } else {
                    report.verdict == Verdict::Voided
                };
                // Without a record of its own, a person's word stands.
                let by_word = self.resolved.is_some() && self.changed.is_none();
                if stands || by_word { Effect::GaveBack(Some(report.total)) } else { Effect::Nothing }
            }
        }
    }

    /// A change that is done, or undone, and its original has not been told yet.
    pub fn owes_word(&self) -> bool {
        self.is_done_change() && !self.original_told
    }

    /// Whether this change, which runs or of which its original has not heard, accounts for what the record of its original shows now.
    pub fn explains(&self, told: &TransactionReport, now: &TransactionReport) -> bool {
        let open = !self.is_final() && self.may_be_executed();
        if self.intent.original_id.as_deref() != Some(now.id.as_str()) || !(open || self.owes_word()) {
            return false;
        }
        let request = &self.intent.request;
        match self.kind() {
            Kind::Void | Kind::Reverse => now.verdict == Verdict::Voided && now.total == told.total,
            Kind::AdjustTip => request.parts.tip == Some(now.tip) && now.total - now.tip == told.total - told.tip,
            Kind::Capture => {
                let whole = request.amount.unwrap_or(told.total - told.tip - told.surcharge);
                let taken = now.verdict == Verdict::Approved && !now.authorized_only;
                taken && now.total - now.tip - now.surcharge == whole
            }
            _ => false,
        }
    }

    /// An answer that was asked for before another request of this journal changed the transaction.
    pub fn is_outdated(&self, report: &TransactionReport, asked: u64) -> bool {
        asked < self.updated_at && self.told().is_some_and(|told| told.id == report.id)
    }

    /// The transaction is now as our own work left it.
    pub(super) fn take_updated(&mut self, report: &TransactionReport, at: u64) {
        let seen = self.seen(&report.id);
        let ownership = seen.report.as_ref().map_or(report.ownership, |old| old.ownership);
        let report = TransactionReport { ownership, ..report.clone() };
        seen.report = Some(report.clone());
        seen.read_at = at;
        self.updated = Some(report);
        self.updated_at = at;
    }

    /// Takes in what other requests of this journal did to the transaction.
    pub(super) fn apply_word(&mut self, entry: &Entry, at: u64) {
        match &entry.fact {
            Fact::ReversedBy { reference, amount } => {
                self.reversed += amount;
                self.reversed_by.push((reference.clone(), *amount));
            }
            Fact::ReversalUndone { reference, amount } => {
                self.reversed -= amount;
                self.reversed_by.retain(|(by, _)| by != reference);
            }
            Fact::UpdatedBy { report, .. } => {
                self.silent_since = at;
                self.take_updated(report, at);
            }
            _ => {}
        }
        // What undoes a refund is news for the payment that was refunded.
        self.original_told = matches!(entry.fact, Fact::OriginalTold);
    }
}
