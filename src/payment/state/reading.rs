//! The fold of what was read: transactions, searches, and reads that failed.

use super::{Attempts, Payment, Seen};
use crate::payment::fact::{Entry, LookupDone};
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::rules::Step;

const KEPT_LOOKUPS: usize = 16;

impl Payment {
    pub(super) fn apply_report(&mut self, report: &TransactionReport, at: u64, asked: u64) {
        self.note_trouble(None);
        self.read_since_resume(asked);
        let outdated = self.is_outdated(report, asked);
        let seen = self.seen(&report.id);
        seen.reads.done(at);
        if outdated {
            return;
        }
        seen.read_at = asked;
        // What the request itself named is ours by that; a search can only add to it.
        let ownership = match (&seen.report, report.ownership) {
            (Some(old), Ownership::Candidate) => old.ownership,
            (_, new) => new,
        };
        seen.report = Some(TransactionReport { ownership, ..report.clone() });
        if ownership == Ownership::Ours && report.verdict == Verdict::Approved {
            self.approved_at = self.approved_at.or(Some(at));
            self.note_hold(asked, report.authorized_only);
        }
    }

    pub(super) fn apply_lookup(&mut self, lookup: &LookupDone, entry: &Entry, at: u64, current: bool) {
        if lookup.complete {
            self.looked.done(at);
            self.note_trouble(None);
            self.read_since_resume(lookup.began_ms);
            self.count_late_round(entry, current);
        } else {
            self.looked.failed(at, 0);
        }
        if current {
            self.lookups.push(lookup.clone());
            let excess = self.lookups.len().saturating_sub(KEPT_LOOKUPS);
            // The oldest is kept: it is the first half of a proof by two lookups that lie apart.
            self.lookups.drain(1..1 + excess);
        }
    }

    /// The record of this transaction, new if need be.
    pub fn seen(&mut self, id: &str) -> &mut Seen {
        let index = self.transactions.iter().position(|t| t.id == id).unwrap_or_else(|| {
            self.transactions.push(Seen {
                id: id.to_owned(),
                by_request: false,
                report: None,
                reads: Attempts::default(),
                read_at: 0,
            });
            self.transactions.len() - 1
        });
        &mut self.transactions[index]
    }

    /// Notes that a read has failed; it says nothing about money.
    pub fn note_failed_read(&mut self, step: &Step, at: u64, pause_ms: u32) {
        match step {
            Step::Watch => self.watched.failed(at, pause_ms),
            Step::Settle { id } => self.reads_of(id).failed(at, pause_ms),
            Step::Cancel => self.cancels.failed(at, pause_ms),
            Step::Prepare | Step::Baseline | Step::TerminalStatus => self.preparing.failed(at, pause_ms),
            _ => self.looked.failed(at, pause_ms),
        }
    }
}
