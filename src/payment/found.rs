//! What a payment knows of transactions: the one that it works on, and those that came up.

use super::Kind;
use super::fact::Action;
use super::report::{Candidate, Ownership, TransactionReport, Verdict};
use super::state::{Payment, Seen};

impl Payment {
    /// The transaction that is worked on, once the vendor has shown it.
    pub fn original(&self) -> Option<&Seen> {
        let id = self.intent.original_id.as_deref()?;
        self.transactions.iter().find(|t| t.id == id)
    }

    /// The merchant account: the till's word, else that of the original. Empty while it is not known.
    pub fn account(&self) -> &str {
        let said = &self.intent.request.merchant_terminal;
        let original = self.original().and_then(|seen| seen.report.as_ref());
        original.filter(|_| said.is_empty()).map_or(said, |report| &report.merchant_terminal)
    }

    /// What was done to the original shows on the original itself, and on nothing else.
    pub fn shows_on_original(&self) -> bool {
        let refunds = self.send.as_ref().is_some_and(|send| send.action == Action::Refund);
        self.kind().changes_original() && self.kind() != Kind::Refund && !refunds
    }

    /// A read of the original after the end looks whether the change was done after all.
    pub(super) fn is_late_look(&self, report: &TransactionReport) -> bool {
        let original = self.intent.original_id.as_deref() == Some(report.id.as_str());
        self.decided.is_some() && original && self.shows_on_original()
    }

    /// What is left of the original to give back.
    pub fn rest(&self) -> Option<i64> {
        let report = self.original()?.report.as_ref()?;
        Some(report.total - self.intent.given_back)
    }

    /// The transaction with the given verdict that is proven ours.
    pub fn ours(&self, verdict: Verdict) -> Option<&Seen> {
        self.transactions
            .iter()
            .rev()
            .find(|t| t.report.as_ref().is_some_and(|r| r.verdict == verdict && r.ownership == Ownership::Ours))
    }

    pub fn foreign(&self) -> bool {
        self.transactions.iter().any(|t| t.report.as_ref().is_some_and(|r| r.ownership == Ownership::Foreign))
    }

    /// Transactions that may be this one, as the newest search saw them.
    pub fn candidates(&self) -> &[Candidate] {
        match (&self.duplicate_search, self.lookups.last()) {
            (Some((_, candidates)), _) if !candidates.is_empty() => candidates,
            (_, Some(lookup)) => &lookup.candidates,
            _ => &[],
        }
    }
}
