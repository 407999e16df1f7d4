//! The gate through which an account's calls leave: one at a time, never closer together than the vendor allows.

use crate::payment::plan::Step;
use std::collections::BTreeMap;

/// The order at the gate. What may have moved money, and what the cashier waits for, goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Priority {
    Cancel,
    Settle,
    Submit,
    Watch,
    Background,
}

impl Priority {
    pub(super) fn of(step: &Step, ended: bool) -> Priority {
        match step {
            _ if ended => Priority::Background,
            Step::Cancel => Priority::Cancel,
            Step::Settle { .. } | Step::Lookup | Step::SearchDuplicate => Priority::Settle,
            Step::Submit(_) | Step::Prepare | Step::Baseline | Step::TerminalStatus => Priority::Submit,
            Step::Watch | Step::FetchAnswer { .. } | Step::Errand => Priority::Watch,
        }
    }
}

/// The queue of payments that want to call the vendor.
pub(super) struct Gate {
    gap_ms: u64,
    waiting: BTreeMap<(Priority, u64), u64>,
    arrivals: u64,
    opens_at: u64,
    /// The call whose first byte has not left yet. How long the road to the vendor takes is not known before it has.
    departing: Option<u64>,
    /// Everybody waits for something that all of them need.
    held: bool,
}

impl Gate {
    pub(super) fn new(gap_ms: u64) -> Gate {
        Gate { gap_ms, waiting: BTreeMap::new(), arrivals: 0, opens_at: 0, departing: None, held: false }
    }

    /// Queues a payment. The key takes it out again.
    pub(super) fn join(&mut self, priority: Priority, payment: u64) -> (Priority, u64) {
        self.arrivals += 1;
        let key = (priority, self.arrivals);
        self.waiting.insert(key, payment);
        key
    }

    pub(super) fn leave(&mut self, key: (Priority, u64)) {
        self.waiting.remove(&key);
    }

    /// The next payment whose turn it is, if the gate is open.
    pub(super) fn next(&mut self, now: u64) -> Option<u64> {
        if now < self.opens_at || self.departing.is_some() || self.held {
            return None;
        }
        self.waiting.pop_first().map(|(_, payment)| payment)
    }

    /// When the gate opens for somebody who waits. `None`: nobody waits, or a departure opens it.
    pub(super) fn opens_at(&self) -> Option<u64> {
        (!self.waiting.is_empty() && self.departing.is_none() && !self.held).then_some(self.opens_at)
    }

    /// A call goes through. Returns since when the gate was open.
    pub(super) fn sent(&mut self, call: u64, now: u64) -> u64 {
        self.departing = Some(call);
        let opened_at = self.opens_at;
        self.opens_at = self.opens_at.max(now + self.gap_ms);
        opened_at
    }

    /// The call's first byte has left, or it is over.
    pub(super) fn departed(&mut self, call: u64, now: u64) {
        if self.departing == Some(call) {
            self.departing = None;
            self.opens_at = self.opens_at.max(now + self.gap_ms);
        }
    }

    /// Closes the gate for all, or opens it again.
    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// The vendor asked for a pause.
    pub(super) fn pause(&mut self, until: u64) {
        self.opens_at = self.opens_at.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_leave_in_order_of_importance_and_never_too_close() {
        let mut gate = Gate::new(100);
        gate.join(Priority::Watch, 1);
        gate.join(Priority::Submit, 2);
        gate.join(Priority::Cancel, 3);
        let gone = gate.join(Priority::Cancel, 4);
        gate.leave(gone);
        assert_eq!(gate.next(1_000), Some(3));
        gate.sent(7, 1_000);
        assert_eq!(gate.next(1_200), None, "the first byte has not left");
        gate.departed(7, 1_300);
        assert_eq!((gate.opens_at(), gate.next(1_399)), (Some(1_400), None));
        assert_eq!(gate.next(1_400), Some(2));
        gate.pause(5_000);
        assert_eq!((gate.next(4_999), gate.next(5_000)), (None, Some(1)));
    }
}
