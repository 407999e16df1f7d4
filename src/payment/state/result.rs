//! The fold of the result: told, stored, decided by a person, and what came up after it.

use super::{Decided, Payment};
use crate::payment::fact::{Entry, Fact};
use crate::payment::snapshot::EventKind;

impl Payment {
    pub(super) fn apply_result(&mut self, entry: &Entry, at: u64, current: bool) {
        match &entry.fact {
            Fact::Decided { outcome } => {
                let (run, run_at, earlier_run) = (entry.run, entry.at_ms, !current);
                self.silent_since = at;
                self.know_transaction(outcome);
                self.decided = Some(Decided { outcome: (**outcome).clone(), at, earlier_run, run, run_at });
            }
            Fact::TerminalFree { .. } => {
                self.terminal_free = true;
                self.freed_at = self.freed_at.or(Some(at));
            }
            Fact::Acknowledged => {
                self.acknowledged = true;
                self.was_acknowledged = true;
            }
            Fact::Resolved { decision, .. } => {
                self.resolved = Some(*decision);
                self.resolved_at = at;
            }
            Fact::LateApproval { report } => {
                self.late = Some((**report).clone());
                self.told_anew = Some((entry.number, EventKind::LateApproval));
                self.acknowledged = false;
            }
            Fact::ResultChanged { report } => {
                self.changed = Some((**report).clone());
                self.updated = None;
                self.told_anew = Some((entry.number, EventKind::ResultChanged));
                self.acknowledged = false;
                self.original_told = false;
                self.silent_since = at;
                self.overtake_step(report);
            }
            Fact::Captured { .. } | Fact::VoidedForSilence { .. } | Fact::ConfirmFailed { .. } => {
                self.apply_step_end(entry, at);
            }
            Fact::ReversedBy { .. } | Fact::ReversalUndone { .. } | Fact::UpdatedBy { .. } | Fact::OriginalTold => {
                self.apply_word(entry, at);
            }
            Fact::LateWatchEnded => self.late_watch_ended = true,
            _ => {}
        }
    }

    pub fn is_final(&self) -> bool {
        self.decided.is_some()
    }

    /// Final and told, but the till has not stored it; or not final at all.
    pub fn is_pending(&self) -> bool {
        !self.acknowledged
    }
}
