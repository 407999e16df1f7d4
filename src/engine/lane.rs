//! One payment as the engine holds it.

use super::gate::Priority;
use super::reconcile::Comparing;
use super::request::Request;
use crate::journal::IndexRow;
use crate::payment::plan::Step;
use crate::payment::snapshot::EventKind;
use crate::payment::{Payment, Volatile};
use crate::vendors::Search;
use std::collections::HashSet;
use std::sync::Arc;

/// A flush that takes longer holds back nothing but what would send.
pub(super) const FLUSH_PATIENCE_MS: u64 = 10_000;

pub(super) struct Lane {
    pub payment: Payment,
    pub request: Arc<Request>,
    /// False for work that leaves no trace in the journal, and for a payment whose intent could not be written.
    pub journaled: bool,
    /// The newest state is not known to be on disk and will be told so.
    pub undurable: bool,
    /// The batch that must be on disk before the payment goes on, and since when it waits.
    pub waits_for: Option<(u64, u64)>,
    /// What the till is told once that batch is on disk.
    pub untold: Vec<EventKind>,
    /// The call that runs.
    pub flight: Option<Flight>,
    /// Its place at the gate.
    pub at_gate: Option<(Priority, u64)>,
    /// When the plan wants to be asked again.
    pub due: Option<u64>,
    /// When the call that comes next should leave, by the plan.
    pub wanted_at: Option<u64>,
    /// Where a search of several requests stands.
    pub search: Option<Search>,
    /// What came beside the facts. The till gets it; the journal does not.
    pub volatile: Volatile,
    pub index: IndexRow,
    /// A new attempt waits for a lookup of this one, since then.
    pub lookup_wanted_since: Option<u64>,
    /// A hint said that there is news of it, at that time, and no look since then has begun.
    pub look_wanted_since: Option<u64>,
    /// Payments that wait for that lookup.
    pub waited_for_by: Vec<u64>,
    /// Earlier attempts whose lookup this payment waits for.
    pub prior_open: HashSet<u64>,
    pub prior_asked: bool,
    /// What the newest of them had made at the vendor for the same amount: the attempts of a reference share it.
    pub prior_prepared: Option<(u64, String)>,
    /// The payment of this journal that is worked on.
    pub original: Option<u64>,
    pub tries_unsent: u32,
    /// Of a reconciliation: the vendor's list is there, and the journal is being read.
    pub comparing: Option<Comparing>,
}

pub(super) struct Flight {
    pub call: u64,
    pub step: Step,
    /// The account's session by which it was sent.
    pub session: u64,
    pub began: u64,
    /// When the plan wanted it to leave, and when the gate let it.
    pub wanted_at: u64,
    pub allowed_at: u64,
    /// When its first byte left.
    pub departed_at: Option<u64>,
}

impl Flight {
    /// How late its first byte left, for the log: in all, and how much of it was for the vendor's pace.
    pub(super) fn lateness(&self) -> String {
        let late = self.departed_at.unwrap_or(self.began).saturating_sub(self.wanted_at);
        format!("{late} ms late, {} ms of it for the vendor's pace", self.allowed_at - self.wanted_at)
    }
}

impl Lane {
    pub(super) fn new(payment: Payment, request: Arc<Request>, journaled: bool) -> Lane {
        Lane {
            payment,
            request,
            journaled,
            undurable: false,
            waits_for: None,
            untold: Vec::new(),
            flight: None,
            at_gate: None,
            due: None,
            wanted_at: None,
            search: None,
            volatile: Volatile::default(),
            index: IndexRow::default(),
            lookup_wanted_since: None,
            look_wanted_since: None,
            waited_for_by: Vec::new(),
            prior_open: HashSet::new(),
            prior_asked: false,
            prior_prepared: None,
            original: None,
            tries_unsent: 0,
            comparing: None,
        }
    }

    /// The journal is being read for it.
    pub(super) fn is_comparing(&self) -> bool {
        self.comparing.is_some() && !self.payment.is_final()
    }

    /// Its request is read again and again.
    pub(super) fn is_watched(&self) -> bool {
        self.payment.request_id.is_some() && self.payment.ended.is_none() && !self.payment.former_account
    }

    /// A flush must come through first, and it is not overdue.
    pub(super) fn is_held(&self, now: u64) -> bool {
        self.waits_for.is_some_and(|(_, since)| now < since + FLUSH_PATIENCE_MS)
    }

    /// Nothing can happen any more that the till does not start: the engine may forget the payment.
    pub(super) fn is_over(&self) -> bool {
        let settled = self.payment.is_final() && (self.payment.acknowledged || !self.journaled);
        let idle = self.due.is_none() && self.flight.is_none() && self.at_gate.is_none() && self.waits_for.is_none();
        // What is not on disk yet is known nowhere else.
        settled
            && idle
            && !self.undurable
            && !self.payment.owes_word()
            && !self.payment.owes_policy_step()
            && self.waited_for_by.is_empty()
            && self.untold.is_empty()
    }
}
