//! Batches on their way to the disk: one at a time, and of each payment always the beginning of what became known of it.
//!
//! A fact that is on disk while an earlier one of the same payment is not would tell the next run another story. So there is
//! never more than one batch under way, and what follows a fact that could not be written waits behind it.

use super::core::{Core, Effect};
use crate::journal::{Batch, IndexRow, Row};
use crate::payment::Fact;
use crate::payment::fact::Failure;
use crate::status::Status;
use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

/// Facts that could not be written are tried again this often.
const RETRY_MS: u64 = 2_000;

/// The journal keeps under this when the account's calls of the last minute left: the vendor goes on counting through a power
/// cut.
const SPENT: &str = "spent";

/// What is under way to the disk, and what the disk did not take.
#[derive(Default)]
pub(super) struct Flushing {
    pub under_way: Option<Batch>,
    /// It is the backlog's.
    retrying: bool,
    /// What could not be written, and what has become known of the same payments since.
    pub backlog: Batch,
    /// When that is tried again.
    pub retry_at: Option<u64>,
    /// How many calls the journal has heard of.
    spent: u64,
}

impl Flushing {
    /// `called`: how many calls the account has behind it. They are written down with the first one of this client.
    pub(super) fn new(called: u64) -> Flushing {
        Flushing { spent: called, ..Flushing::default() }
    }

    fn backlogged(&self) -> HashSet<u64> {
        self.backlog.rows.iter().map(|row| row.payment).collect()
    }
}

impl Core {
    /// Hands what has become known to the journal, unless it still works on the last batch.
    pub(super) fn flush(&mut self) {
        if self.flushing.under_way.is_some() {
            return;
        }
        self.note_spent();
        self.join_backlog();
        let due = self.flushing.retry_at.is_some_and(|at| self.now >= at);
        // In turn: neither the backlog nor what is new keeps the other from the disk.
        let first = due && !self.flushing.retrying;
        let retry = first.then(|| self.next_retry()).flatten();
        let fresh = if retry.is_none() { self.next_batch() } else { None };
        let retry = if due && !first && fresh.is_none() { self.next_retry() } else { retry };
        self.flushing.retrying = retry.is_some();
        if let Some(batch) = retry.or(fresh) {
            self.flushing.under_way = Some(batch.clone());
            self.effects.push(Effect::Append(batch));
        }
    }

    /// Writes down what the vendor has counted so far, when it has grown enough or something is written anyway.
    fn note_spent(&mut self) {
        let pace = self.gate.pace();
        let at_least = if self.batch.rows.is_empty() { pace.unspoken() } else { 1 };
        if let Some((sent, times)) = pace.spent(self.flushing.spent, at_least, self.now) {
            let times: Vec<String> = times.iter().map(u64::to_string).collect();
            self.flushing.spent = sent;
            self.batch.meta.push((SPENT.to_owned(), times.join(" ")));
        }
    }

    /// What an earlier run has called still counts, and what it did not come to write down. Elapsed time begins anew when the
    /// machine does, and no call is younger than that.
    pub(super) fn recall_spent(&mut self, meta: &[(String, String)]) {
        let Some((_, times)) = meta.iter().find(|(key, _)| key == SPENT) else { return };
        let known = times.split(' ').filter_map(|time| time.parse::<u64>().ok());
        let known = known.map(|at| if at > self.now { 0 } else { at });
        let unspoken = std::iter::repeat_n(self.now, self.gate.pace().unspoken() as usize);
        self.gate.pace().recall(known.chain(unspoken).collect(), self.now);
    }

    /// The end: everything that is known, whatever the disk did not take before included.
    pub(super) fn flush_all(&mut self) {
        self.join_backlog();
        for batch in [self.next_retry(), self.next_batch()].into_iter().flatten() {
            self.effects.push(Effect::Append(batch));
        }
    }

    /// What follows a fact that could not be written waits behind it. If the payment waits for that, it is tried at once.
    fn join_backlog(&mut self) {
        let backlogged = self.flushing.backlogged();
        if backlogged.is_empty() {
            return;
        }
        let rows = std::mem::take(&mut self.batch.rows);
        let (behind, others): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| backlogged.contains(&row.payment));
        self.batch.rows = others;
        let waits = |row: &Row| self.lanes.get(&row.payment).is_some_and(|lane| lane.waits_for.is_some());
        if behind.iter().any(waits) {
            self.flushing.retry_at = Some(self.now);
        }
        self.flushing.backlog.rows.extend(behind);
    }

    /// What is new, but for the payments that wait behind the backlog.
    fn next_batch(&mut self) -> Option<Batch> {
        let backlogged = self.flushing.backlogged();
        let fit = std::mem::take(&mut self.dirty).into_iter().partition(|payment| !backlogged.contains(payment));
        let (dirty, later): (BTreeSet<u64>, BTreeSet<u64>) = fit;
        self.dirty = later;
        let index = self.index_rows(dirty);
        self.batch.index.extend(index);
        let batch = std::mem::take(&mut self.batch);
        self.numbered_batch(batch)
    }

    /// What could not be written, in a batch of its own: it drags nothing new down with it.
    fn next_retry(&mut self) -> Option<Batch> {
        self.flushing.retry_at = None;
        let backlogged = self.flushing.backlogged();
        let mut batch = std::mem::take(&mut self.flushing.backlog);
        let dirty = self.dirty.iter().copied().filter(|payment| backlogged.contains(payment)).collect();
        self.dirty.retain(|payment| !backlogged.contains(payment));
        batch.index.extend(self.index_rows(dirty));
        self.numbered_batch(batch)
    }

    fn index_rows(&mut self, dirty: BTreeSet<u64>) -> Vec<IndexRow> {
        let mut rows = Vec::new();
        for payment in dirty {
            let Some(lane) = self.lanes.get_mut(&payment).filter(|lane| lane.journaled) else { continue };
            let mut index = super::writing::index_row(&lane.payment);
            // What could not be written is known to the memory alone.
            index.attention |= lane.undurable;
            if index != lane.index {
                lane.index = index.clone();
                rows.push(index);
            }
        }
        rows
    }

    fn numbered_batch(&mut self, mut batch: Batch) -> Option<Batch> {
        if !batch.says_something() {
            return None;
        }
        batch.ticket = self.next_ticket;
        self.next_ticket += 1;
        Some(batch)
    }

    /// A batch is under way, and its fate not known.
    pub fn awaits_journal(&self) -> bool {
        self.flushing.under_way.is_some()
    }

    /// When the disk is to be tried again. While a batch is under way its report comes first.
    pub(super) fn retries_at(&self) -> Option<u64> {
        self.flushing.retry_at.filter(|_| !self.awaits_journal())
    }

    /// The batch under way, if this is its ticket.
    fn arrived(&mut self, ticket: u64) -> Option<Batch> {
        self.flushing.under_way.take_if(|batch| batch.ticket == ticket)
    }

    pub(super) fn durable(&mut self, ticket: u64) {
        let Some(batch) = self.arrived(ticket) else { return };
        let backlogged = self.flushing.backlogged();
        for payment in payments_of(&batch) {
            let Some(lane) = self.lanes.get_mut(&payment) else { continue };
            let repaired = lane.undurable && !backlogged.contains(&payment);
            lane.undurable = lane.undurable && !repaired;
            let waited_for = lane.waits_for.is_some_and(|(waited, _)| waited <= ticket);
            // A disk that answers gets its patience anew.
            let now = self.now;
            lane.waits_for = lane.waits_for.filter(|_| !waited_for).map(|(newer, _)| (newer, now));
            if waited_for || (repaired && lane.waits_for.is_none()) {
                self.tell(payment);
            }
            if repaired {
                self.dirty.insert(payment);
            }
            self.ready.insert(payment);
        }
    }

    /// A batch could not be written. What has not left does not leave; what has left is told all the same.
    pub(super) fn not_durable(&mut self, ticket: u64, status: Status, text: &str) {
        let Some(mut batch) = self.arrived(ticket) else { return };
        self.log.error(|| format!("the journal cannot be written: {text}"));
        let failure = Failure::new(status, text);
        for payment in payments_of(&batch) {
            let Some(lane) = self.lanes.get_mut(&payment) else { continue };
            if lane.waits_for.is_some_and(|(waited, _)| waited <= ticket) {
                lane.waits_for = None;
            }
            lane.undurable = true;
            let unwritten_intent = batch.rows.iter().any(|row| row.payment == payment && is_intent(row));
            if unwritten_intent || lane.payment.awaits_handing_over() {
                // Promise 1: the request ends here, and nothing of it was sent.
                lane.journaled = lane.journaled && !unwritten_intent;
                let drop = |row: &Row| row.payment == payment && (unwritten_intent || is_dispatch(row));
                batch.rows.retain(|row| !drop(row));
                self.batch.rows.retain(|row| !drop(row));
                batch.index.retain(|row| !(unwritten_intent && row.payment == payment));
                self.note(payment, Fact::NotSent { failure: failure.clone(), again: false, pause_ms: 0 });
            } else {
                self.tell(payment);
            }
            self.dirty.insert(payment);
            self.ready.insert(payment);
        }
        let other = std::mem::take(&mut self.flushing.backlog);
        let (mut older, newer) = if self.flushing.retrying { (batch, other) } else { (other, batch) };
        older.rows.extend(newer.rows);
        older.index.extend(newer.index);
        older.meta.extend(newer.meta);
        // Of rows that replace each other the last one counts; a disk that fails for long must not pile them up.
        keep_newest(&mut older.index, |row| row.payment);
        keep_newest(&mut older.meta, |(key, _)| key.clone());
        self.flushing.retry_at = older.says_something().then_some(self.now + RETRY_MS);
        self.flushing.backlog = older;
    }
}

impl Batch {
    fn says_something(&self) -> bool {
        !(self.rows.is_empty() && self.index.is_empty() && self.meta.is_empty())
    }
}

fn keep_newest<T, K: Eq + Hash>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = HashSet::new();
    list.reverse();
    list.retain(|one| seen.insert(key(one)));
    list.reverse();
}

/// Rows of several payments alternate in a batch; each payment is dealt with once.
fn payments_of(batch: &Batch) -> BTreeSet<u64> {
    batch.rows.iter().map(|row| row.payment).collect()
}

fn is_intent(row: &Row) -> bool {
    matches!(Fact::from_json(row.version, &row.body), Fact::Intent(_))
}

fn is_dispatch(row: &Row) -> bool {
    matches!(Fact::from_json(row.version, &row.body), Fact::Dispatched { .. })
}
