//! The parts of a payment's state: a send, the end, an answer, a transaction, tries at reading, the result.

use crate::payment::fact::{Action, Ending, Failure, Whose};
use crate::payment::report::{Outcome, Ownership, TransactionReport};

/// The newest submit.
#[derive(Clone, PartialEq, Debug)]
pub struct Send {
    pub action: Action,
    pub at: u64,
    /// Handed to the transport in this run, or written by an earlier run, which may have handed it over.
    pub may_have_left: bool,
    pub earlier_run: bool,
    pub result: SendResult,
}

#[derive(Clone, PartialEq, Debug)]
pub enum SendResult {
    Pending,
    NotSent {
        failure: Failure,
        again_at: Option<u64>,
    },
    Accepted,
    Refused {
        failure: Failure,
        at: u64,
    },
    /// The connection was known to be closed at that time.
    Unclear {
        failure: Failure,
        closed_at: u64,
    },
}

/// How the terminal ended the request by itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Ended {
    pub busy: bool,
    pub at: u64,
    /// When the call began that told it.
    pub asked: u64,
    /// By the vendor's word. `None` where it only said that the terminal is done.
    pub how: Option<(Ending, Failure)>,
}

/// The answer of a question or an errand, of which the facts know no more than this.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    /// The vendor's id of an answer that has to be fetched, else empty.
    pub id: String,
    /// All of it is there.
    pub whole: bool,
    pub at: u64,
}

/// The earlier transaction that the vendor answered with, and whose it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Folded {
    pub id: String,
    pub onto: Option<(Whose, TransactionReport)>,
}

/// What the terminal said of itself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TerminalStatus {
    pub busy: bool,
    /// How long it waits for an authorization.
    pub authorization_ms: Option<u64>,
    pub at: u64,
    pub asked_at: u64,
}

/// A transaction of this payment, or one that came up in a search.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    pub id: String,
    /// Named by the request itself, not by a search.
    pub by_request: bool,
    pub report: Option<TransactionReport>,
    pub reads: Attempts,
    pub read_at: u64,
}

/// Tries at something that is read again and again.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Attempts {
    pub count: u32,
    pub failures: u32,
    pub last_at: u64,
    /// The vendor asked for a pause until then.
    pub not_before: u64,
}

/// The sealed result.
#[derive(Clone, PartialEq, Debug)]
pub struct Decided {
    pub outcome: Outcome,
    pub at: u64,
    pub earlier_run: bool,
    /// Which run decided, and when on its own clock.
    pub run: u32,
    pub run_at: u64,
}

impl Attempts {
    pub(super) fn done(&mut self, at: u64) {
        self.count += 1;
        self.failures = 0;
        self.last_at = at;
    }

    pub(super) fn failed(&mut self, at: u64, pause_ms: u32) {
        self.count += 1;
        self.failures += 1;
        self.last_at = at;
        self.not_before = at + u64::from(pause_ms);
    }
}

impl Seen {
    /// Named by the request itself, or proven ours by the key.
    pub fn is_mine(&self) -> bool {
        self.by_request || self.report.as_ref().is_some_and(|report| report.ownership == Ownership::Ours)
    }
}
