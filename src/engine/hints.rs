//! What webhooks say, and whom it wakes. A hint decides nothing: it makes the library look at once, and its transaction
//! ids are read like any other.

use super::core::Core;
use super::lane::Flight;
use crate::payment::plan::Step;
use crate::payment::{Fact, Payment};
use crate::vendors::webhook::{self, Hint};
use std::collections::{HashSet, VecDeque};

/// An event can come before the answer to the request that it is about. It is kept so long.
const KEPT_MS: u64 = 600_000;
/// Of very many events in that time the oldest are dropped.
const KEPT: usize = 1_000;
/// So long after its answer was lost, every transaction that somebody names may be the payment's.
const LOST_MS: u64 = 600_000;
/// Events are known again so long: the most patient vendor repeats them for three days (Receiving Webhooks).
const KNOWN_WALL_MS: i64 = 7 * 86_400_000;
const KNOWN: usize = 20_000;
/// The journal keeps the id of an event under this, with the time of its arrival.
const EVENT: &str = "webhook.";

/// What the engine remembers of webhooks.
#[derive(Default)]
pub(super) struct Hints {
    /// Events that pointed at nothing yet, and since when they are kept.
    kept: VecDeque<(u64, Hint)>,
    known: HashSet<String>,
    /// The known ones, oldest first, with the PC's time of their arrival.
    arrivals: VecDeque<(i64, String)>,
}

impl Hints {
    /// Takes over the events that earlier runs have seen.
    pub(super) fn recover(&mut self, meta: &[(String, String)]) {
        let event = |(key, wall): &(String, String)| Some((wall.parse().ok()?, key.strip_prefix(EVENT)?.to_owned()));
        let mut arrivals: Vec<(i64, String)> = meta.iter().filter_map(event).collect();
        arrivals.sort();
        self.known = arrivals.iter().map(|(_, id)| id.clone()).collect();
        self.arrivals = arrivals.into();
    }

    /// Remembers an event. Returns what the journal must do for it, or `None` for one that was seen before.
    fn learn(&mut self, id: &str, wall: i64) -> Option<Vec<(String, String)>> {
        if !self.known.insert(id.to_owned()) {
            return None;
        }
        self.arrivals.push_back((wall, id.to_owned()));
        let mut meta = vec![(format!("{EVENT}{id}"), wall.to_string())];
        let too_old = |(arrived, _): &(i64, String)| arrived.saturating_add(KNOWN_WALL_MS) < wall;
        while self.arrivals.len() > KNOWN || self.arrivals.front().is_some_and(too_old) {
            let Some((_, old)) = self.arrivals.pop_front() else { break };
            self.known.remove(&old);
            meta.push((format!("{EVENT}{old}"), String::new()));
        }
        Some(meta)
    }

    fn keep(&mut self, now: u64, hint: Hint) {
        self.drop_expired(now);
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((now, hint));
    }

    fn drop_expired(&mut self, now: u64) {
        while self.kept.front().is_some_and(|(since, _)| now > since + KEPT_MS) {
            self.kept.pop_front();
        }
    }
}

impl Core {
    /// Takes in the body of a webhook that the vendor has signed.
    pub(super) fn webhook(&mut self, body: &[u8]) {
        let Some(scheme) = self.vendor.webhooks() else { return };
        let hint = match webhook::read(scheme, body) {
            Ok(Some(hint)) => hint,
            Ok(None) => return self.log.debug(|| String::from("webhook: of no concern")),
            Err(fault) => return self.log.warning(|| format!("webhook: signed, but {fault}")),
        };
        if !hint.event_id.is_empty() {
            let Some(meta) = self.hints.learn(&hint.event_id, self.wall) else {
                return self.log.debug(|| format!("webhook {}: came before", hint.event_id));
            };
            self.batch.meta.extend(meta);
        }
        let concerned = self.payments_that(|payment| is_about(&hint, payment));
        self.log.info(|| format!("webhook {}: {} concerns payments {concerned:?}", hint.event_id, hint.event));
        let named = !concerned.is_empty();
        for payment in concerned {
            self.wake(payment, &hint);
        }
        if !named {
            self.wake_possible(&hint);
            self.hints.keep(self.now, hint);
        }
    }

    /// Kept events may be about what has just become known of a payment.
    pub(super) fn try_kept_hints(&mut self, payment: u64) {
        self.hints.drop_expired(self.now);
        let Some(lane) = self.lanes.get(&payment) else { return };
        let kept = std::mem::take(&mut self.hints.kept).into_iter();
        let (ours, others): (VecDeque<_>, VecDeque<_>) = kept.partition(|(_, hint)| is_about(hint, &lane.payment));
        self.hints.kept = others;
        for (_, hint) in ours {
            self.log.info(|| format!("webhook {}: {} concerns payment {payment}", hint.event_id, hint.event));
            self.wake(payment, &hint);
        }
    }

    /// The payment is looked at as soon as the vendor's pace allows, and so is every transaction that is new to it.
    fn wake(&mut self, payment: u64, hint: &Hint) {
        self.want_look(payment);
        let Some(lane) = self.lanes.get(&payment) else { return };
        let new =
            |id: &&String| !lane.payment.has_heard_of(id) && lane.payment.intent.original_id.as_ref() != Some(*id);
        let new: Vec<String> = hint.transaction_ids.iter().filter(new).cloned().collect();
        for id in new {
            self.record(payment, Fact::TransactionHinted { id });
        }
    }

    fn want_look(&mut self, payment: u64) {
        if let Some(lane) = self.lanes.get_mut(&payment) {
            lane.look_wanted_since = Some(self.now);
            self.ready.insert(payment);
        }
    }

    /// An event that names a transaction, and no request, key or terminal of ours. The transaction may belong to a payment
    /// whose answer was lost a while ago: it is read for that. It may be what a customer at one of our terminals has just
    /// paid: the request tells.
    fn wake_possible(&mut self, hint: &Hint) {
        if hint.transaction_ids.is_empty() || hint.terminal.is_some() || hint.wire_key.is_some() {
            return;
        }
        let now = self.now;
        let lost = |p: &Payment| is_lost(p) && p.lost_since().is_some_and(|since| now < since + LOST_MS);
        for payment in self.payments_that(lost) {
            self.wake(payment, hint);
        }
        if hint.request_ids.is_empty() {
            for payment in self.payments_that(waits_for_card) {
                self.want_look(payment);
            }
        }
    }

    fn payments_that(&self, fit: impl Fn(&Payment) -> bool) -> Vec<u64> {
        let mut found: Vec<u64> =
            self.lanes.values().map(|lane| &lane.payment).filter(|p| fit(p)).map(|p| p.id).collect();
        found.sort_unstable();
        found
    }

    /// A look that somebody wanted has been taken, if it began after that.
    pub(super) fn looked(&mut self, payment: u64, flight: &Flight) {
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        let look = match &flight.step {
            Step::Watch | Step::Lookup => true,
            Step::Settle { id } => lane.payment.intent.original_id.as_ref() == Some(id),
            _ => false,
        };
        if look && lane.search.is_none() {
            lane.look_wanted_since = lane.look_wanted_since.filter(|since| flight.began < *since);
        }
    }
}

/// The request named, or the key of the attempt, or a transaction of it; or the terminal of one whose answer was lost.
fn is_about(hint: &Hint, payment: &Payment) -> bool {
    if payment.former_account || payment.unreadable || !payment.may_be_executed() {
        return false;
    }
    let known = [&payment.request_id, &payment.prepared];
    let request = known.into_iter().flatten().any(|id| hint.request_ids.contains(id));
    let keyed = payment.intent.key_on_wire && hint.wire_key.as_ref() == Some(&payment.intent.wire_key);
    let transaction = payment.transactions.iter().any(|seen| seen.is_mine() && hint.transaction_ids.contains(&seen.id));
    let at_terminal = hint.terminal.as_ref() == Some(&payment.intent.request.terminal);
    request || keyed || transaction || (at_terminal && is_lost(payment))
}

fn waits_for_card(payment: &Payment) -> bool {
    payment.reached_customer && !payment.is_final() && payment.ended.is_none() && payment.transactions.is_empty()
}

/// Its answer is lost, and nobody knows what became of it.
fn is_lost(payment: &Payment) -> bool {
    let readable = !payment.former_account && !payment.unreadable;
    readable && !payment.is_final() && payment.request_id.is_none() && payment.lost_since().is_some()
}
