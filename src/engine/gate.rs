//! The gate through which an account's calls leave: one at a time, never closer together than the vendor allows.

use super::pace::Pace;
use crate::http::{HttpRequest, Method};
use crate::payment::plan::Step;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    pace: Arc<Pace>,
    client: u64,
    waiting: BTreeMap<(Priority, u64), u64>,
    arrivals: u64,
    /// Everybody waits for something that all of them need.
    held: bool,
}

impl Gate {
    pub(super) fn new(pace: Arc<Pace>, client: u64) -> Gate {
        Gate { pace, client, waiting: BTreeMap::new(), arrivals: 0, held: false }
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

    /// The next payment whose turn it is, if the gate is open for it.
    pub(super) fn next(&mut self, now: u64) -> Option<(Priority, u64)> {
        if self.opens_at(now)? > now {
            return None;
        }
        self.waiting.pop_first().map(|((priority, _), payment)| (priority, payment))
    }

    /// When the gate opens for the first who waits. `None`: nobody waits, or a departure opens it.
    pub(super) fn opens_at(&self, now: u64) -> Option<u64> {
        let ((priority, _), _) = self.waiting.first_key_value().filter(|_| !self.held)?;
        Some(self.pace.opens_at(*priority, self.client, now)).filter(|at| *at < u64::MAX)
    }

    /// A call goes through. Returns since when the gate was open.
    pub(super) fn sent(&mut self, priority: Priority, call: u64, now: u64) -> u64 {
        self.pace.sent(priority, self.client, call, now)
    }

    /// The call's first byte has left, or it is over.
    pub(super) fn departed(&mut self, call: u64, now: u64) {
        self.pace.departed(self.client, call, now);
    }

    /// Closes the gate for all, or opens it again.
    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// The vendor asked for a pause.
    pub(super) fn pause(&mut self, until: u64) {
        self.pace.pause(until);
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.pace.abandon(self.client);
    }
}

/// When each thing was last read, for vendors that want the reads of one thing apart, whichever payments they are for.
#[derive(Default)]
pub(super) struct Readings {
    by_path: BTreeMap<String, u64>,
    /// The last run may have read anything until then.
    since: u64,
}

impl Readings {
    /// Notes a read that leaves now. Too soon after the last one of the same path: from when on it may.
    pub(super) fn too_early(&mut self, request: &HttpRequest, gap_ms: u64, now: u64) -> Option<u64> {
        if gap_ms == 0 || request.method != Method::Get {
            return None;
        }
        self.by_path.retain(|_, read_at| now < *read_at + gap_ms);
        match self.by_path.get(&request.path) {
            Some(read_at) => Some(read_at + gap_ms),
            None if now < self.since + gap_ms => Some(self.since + gap_ms),
            None => {
                self.by_path.insert(request.path.clone(), now);
                None
            }
        }
    }

    /// An earlier run of this account ended at this moment at the latest.
    pub(super) fn begin_after(&mut self, moment: u64) {
        self.since = moment;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::pace::Limits;
    use crate::vendors::Used;

    fn gate(gap_ms: u64, per_minute: u32, per_day: u32) -> Gate {
        Gate::new(Arc::new(Pace::new(Limits { gap_ms, per_minute, per_day, share: 1 })), 1)
    }

    /// Lets calls of one importance leave as fast as they may, and says when each left.
    fn departures(gate: &mut Gate, priority: Priority, count: u64, from: u64) -> Vec<u64> {
        let mut now = from;
        let mut times = Vec::new();
        for call in 0..count {
            gate.join(priority, call);
            now = now.max(gate.opens_at(now).expect("somebody waits"));
            assert!(gate.next(now).is_some());
            gate.sent(priority, call, now);
            gate.departed(call, now);
            times.push(now);
        }
        times
    }

    #[test]
    fn reads_of_one_thing_keep_apart_and_nothing_else_waits() {
        let call = |method, path: &str| HttpRequest {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            submit: false,
            timeout_ms: 0,
            leave_by_ms: u64::MAX,
        };
        let mut readings = Readings::default();
        let one = call(Method::Get, "/one");
        assert_eq!(readings.too_early(&one, 100, 1_000), None);
        assert_eq!(readings.too_early(&one, 100, 1_040), Some(1_100));
        assert_eq!(readings.too_early(&call(Method::Get, "/two"), 100, 1_040), None);
        assert_eq!(readings.too_early(&call(Method::Post, "/one"), 100, 1_040), None);
        assert_eq!(readings.too_early(&one, 0, 1_040), None, "most vendors do not ask for it");
        assert_eq!(readings.too_early(&one, 100, 1_100), None);
        let mut next_run = Readings::default();
        next_run.begin_after(2_000);
        assert_eq!(next_run.too_early(&one, 100, 2_001), Some(2_100));
        assert_eq!(next_run.too_early(&one, 100, 2_100), None);
    }

    #[test]
    fn calls_leave_in_order_of_importance_and_never_too_close() {
        let mut gate = gate(100, 0, 0);
        gate.join(Priority::Watch, 1);
        gate.join(Priority::Submit, 2);
        gate.join(Priority::Cancel, 3);
        let gone = gate.join(Priority::Cancel, 4);
        gate.leave(gone);
        assert_eq!(gate.next(1_000), Some((Priority::Cancel, 3)));
        gate.sent(Priority::Cancel, 7, 1_000);
        assert_eq!(gate.next(1_200), None, "the first byte has not left");
        gate.departed(7, 1_300);
        assert_eq!((gate.opens_at(1_300), gate.next(1_399)), (Some(1_400), None));
        assert_eq!(gate.next(1_400), Some((Priority::Submit, 2)));
        gate.pause(5_000);
        assert_eq!((gate.next(4_999), gate.next(5_000)), (None, Some((Priority::Watch, 1))));
    }

    #[test]
    fn no_minute_holds_more_calls_than_the_vendor_allows() {
        for priority in [Priority::Cancel, Priority::Settle, Priority::Submit, Priority::Watch, Priority::Background] {
            let times = departures(&mut gate(10, 45, 0), priority, 200, 1_000);
            let most = times.iter().map(|from| times.iter().filter(|at| (*from..*from + 60_000).contains(at)).count());
            let most = most.max().expect("calls");
            assert!(most <= 45, "{priority:?}: {most}");
            assert!(priority != Priority::Background || most <= 4, "background: {most}");
        }
    }

    #[test]
    fn reads_leave_room_for_what_matters() {
        let mut gate = gate(10, 45, 0);
        departures(&mut gate, Priority::Watch, 36, 1_000);
        gate.join(Priority::Watch, 1);
        assert!(gate.opens_at(2_000).is_some_and(|at| at > 60_000), "the reads' part of the minute is used up");
        gate.join(Priority::Submit, 2);
        assert_eq!(gate.next(2_000), Some((Priority::Submit, 2)));
    }

    #[test]
    fn the_last_part_of_the_day_is_for_what_may_have_moved_money() {
        let mut gate = gate(10, 0, 100);
        departures(&mut gate, Priority::Watch, 95, 1_000);
        gate.join(Priority::Submit, 1);
        assert_eq!(gate.next(10_000), None);
        gate.join(Priority::Settle, 2);
        assert_eq!(gate.next(10_000), Some((Priority::Settle, 2)));
    }

    #[test]
    fn what_others_use_up_is_learned_from_the_vendors_own_count() {
        let gate = gate(10, 45, 5_000);
        assert!(gate.pace().admits_sale(0, 1_000));
        gate.pace().learn(Some(Used { used: 40, limit: 45 }), None, 1_000);
        assert!(!gate.pace().admits_sale(0, 1_000), "no sale begins in a minute that cannot hold it");
        assert!(gate.pace().admits_sale(0, 70_000), "the next minute is another one");
        gate.pace().learn(None, Some(Used { used: 4_740, limit: 5_000 }), 70_000);
        assert!(!gate.pace().admits_sale(0, 70_000), "nor in such a day");
        gate.pace().learn(Some(Used { used: 1, limit: 600 }), Some(Used { used: 1, limit: 90_000 }), 70_000);
        assert!(gate.pace().admits_sale(40, 70_000), "an endpoint key has limits of its own");
    }

    #[test]
    fn clients_of_one_account_keep_their_distance_from_each_other() {
        let limits = Limits { gap_ms: 100, per_minute: 0, per_day: 0, share: 1 };
        let pace = Pace::shared("distance", limits);
        let (mut first, mut second) = (Gate::new(pace, 1), Gate::new(Pace::shared("distance", limits), 2));
        first.join(Priority::Watch, 1);
        second.join(Priority::Watch, 2);
        assert!(first.next(1_000).is_some());
        first.sent(Priority::Watch, 1, 1_000);
        assert_eq!(second.next(1_500), None, "the other one's first byte has not left");
        first.departed(1, 1_600);
        assert_eq!((second.next(1_699), second.next(1_700).is_some()), (None, true));
        second.sent(Priority::Watch, 1, 1_700);
        drop(second);
        assert!(first.opens_at(2_000).is_none(), "nobody waits");
        first.join(Priority::Watch, 3);
        assert!(first.next(2_000).is_some(), "a client that is gone holds nobody up");
    }
}
