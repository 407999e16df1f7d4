//! Transactions that somebody else than the vendor's answers named, such as a webhook. They are read, and nothing more: one
//! that turns out not to carry our key is left to the searches.

use super::{Attempts, Payment};
use crate::payment::report::{Ownership, TransactionReport};

/// A transaction that may be this payment's.
#[derive(Clone, PartialEq, Debug)]
pub struct Hinted {
    pub id: String,
    pub reads: Attempts,
    /// It was read, and is not known to be ours.
    pub is_other: bool,
}

/// So many of them are held at a time.
const KEPT: usize = 32;
/// Tries to read one. The vendor may not know a fresh id for a moment.
const TRIES: u32 = 8;

impl Payment {
    /// Those that wait to be read.
    pub fn hints_to_read(&self) -> impl Iterator<Item = &Hinted> {
        self.hinted.iter().filter(|hinted| !hinted.is_other && hinted.reads.failures < TRIES)
    }

    /// Whether the payment has heard of this transaction, from wherever.
    pub fn has_heard_of(&self, id: &str) -> bool {
        self.transactions.iter().any(|seen| seen.id == id) || self.hinted.iter().any(|hinted| hinted.id == id)
    }

    pub(super) fn apply_hint(&mut self, id: &str) {
        if self.has_heard_of(id) {
            return;
        }
        if self.hinted.len() >= KEPT {
            self.hinted.remove(0);
        }
        self.hinted.push(Hinted { id: id.to_owned(), reads: Attempts::default(), is_other: false });
    }

    /// The request itself names it: that is worth more than a hint.
    pub(super) fn forget_hint(&mut self, id: &str) {
        self.hinted.retain(|hinted| hinted.id != id);
    }

    /// Takes in what was read of a hinted transaction. True when that is all: it is not known to be ours.
    pub(super) fn settles_hint(&mut self, report: &TransactionReport) -> bool {
        let Some(hinted) = self.hinted.iter_mut().find(|hinted| hinted.id == report.id) else { return false };
        if report.ownership == Ownership::Candidate {
            hinted.is_other = true;
            return true;
        }
        self.forget_hint(&report.id);
        false
    }

    /// The tries to read a transaction, whoever named it.
    pub(super) fn reads_of(&mut self, id: &str) -> &mut Attempts {
        match self.hinted.iter().position(|hinted| hinted.id == id) {
            Some(index) => &mut self.hinted[index].reads,
            None => &mut self.seen(id).reads,
        }
    }
}
