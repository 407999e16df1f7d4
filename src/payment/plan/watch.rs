//! When the till is told that a payment is overdue or unknown, and how often the truth is looked for.

use super::{Agenda, Context, Plan, Rules, Step, backoff};
use crate::payment::fact::Fact;
use crate::payment::state::{Payment, Seen};
use crate::status::Status;

/// Pauses between the first lookups after a lost answer, in milliseconds.
const LOOKUP_PAUSES_MS: [u64; 7] = [2_000, 3_000, 5_000, 10_000, 20_000, 20_000, 30_000];
/// An unknown payment is looked for this often in its first half hour, then ten times as rarely.
const PATIENT_MS: u64 = 60_000;
/// After a sleep or a restart, deadlines wait so long for a read: the network has to wake up too.
const WAKING_MS: u64 = 30_000;
const HALF_HOUR_MS: u64 = 1_800_000;

/// Looks that somebody wants are never closer together than this.
pub(super) const WANTED_GAP_MS: u64 = 2_000;

/// Reads the transactions that a webhook named.
pub(super) fn hinted(payment: &Payment, agenda: &mut Agenda) {
    for hinted in payment.hints_to_read() {
        let due = if hinted.reads.failures > 0 { backoff(&hinted.reads) } else { 0 };
        agenda.call_at(due, Step::Settle { id: hinted.id.clone() });
    }
}

/// Puts "overdue" and "unknown" on the agenda.
pub(super) fn deadlines(payment: &Payment, rules: &Rules, agenda: &mut Agenda) {
    if let Some((time, fact)) = next_word(payment, rules) {
        agenda.at(time, || Plan::Record(fact));
    }
}

/// What the till is told next for want of a result, and when. After a restart or sleep a read comes first. It is told
/// while a call waits at the gate or for its answer.
pub fn next_word(payment: &Payment, rules: &Rules) -> Option<(u64, Fact)> {
    if payment.is_final() || !payment.may_be_executed() {
        return None;
    }
    if payment.foreign() && payment.unknown.is_none() {
        return Some((0, Fact::UnknownTold { status: Status::Integrity }));
    }
    let unclaimed = payment.folded.as_ref().is_some_and(|folded| folded.onto.is_some());
    if unclaimed && payment.unknown.is_none() {
        return Some((0, Fact::UnknownTold { status: Status::DuplicateSuspected }));
    }
    let deadline = payment.asked_at + rules.deadline_ms;
    let not_before = payment.unread_since.map_or(0, |since| since + WAKING_MS);
    let lost = payment.lost_since().is_some() || payment.request_gone;
    let unknown_at = if lost { deadline } else { deadline + rules.deadline_ms };
    if !payment.overdue {
        Some((deadline.max(not_before), Fact::Overdue))
    // A charge that waits for its hold is known to be paid.
    } else if payment.unknown.is_none() && payment.hold.is_none() {
        Some((unknown_at.max(not_before), Fact::UnknownTold { status: unknown_status(payment) }))
    } else {
        None
    }
}

fn unknown_status(payment: &Payment) -> Status {
    payment.trouble.as_ref().map_or(Status::OutcomeUnknown, |failure| failure.status)
}

/// When the request is to be read next.
pub(super) fn next_read(payment: &Payment, rules: &Rules, context: Context) -> u64 {
    let tries = &payment.watched;
    if tries.failures > 0 {
        return backoff(tries);
    }
    if tries.count > 0 && context.look_wanted {
        return tries.last_at + rules.read_floor_ms;
    }
    if tries.count == 0 {
        // After a restart the first read is due as soon as it may be; a fresh request gets a second to reach the terminal.
        let resumed = payment.unread_since.is_some();
        let patience = if context.look_wanted { 0 } else { rules.first_read_ms };
        let due = if resumed { 0 } else { payment.accepted_at + patience };
        // The last run may have read it a moment before, also where something else was read since.
        let known_before = resumed || payment.accepted_at <= payment.run_began;
        return if known_before { due.max(first_in_run(payment, rules)) } else { due };
    }
    let waiting_for_card = payment.reached_customer && payment.transactions.is_empty();
    let wanted = match payment.unknown {
        Some((_, told)) if context.now > told + HALF_HOUR_MS => PATIENT_MS,
        Some(_) => rules.poll_interval_ms.max(5_000),
        None if waiting_for_card => rules.poll_interval_ms / 2,
        None => rules.poll_interval_ms,
    };
    tries.last_at + wanted.max(rules.read_floor_ms).max(context.read_every_ms)
}

/// When a transaction that has no verdict is read again. Some take days.
pub(super) fn open_at(payment: &Payment, seen: &Seen) -> u64 {
    let pause = if payment.unknown.is_some() { PATIENT_MS } else { 2_000 };
    if seen.reads.count == 0 { 0 } else { seen.reads.last_at + pause }
}

/// The earliest read of a request in this run: the last run may have read it a moment before.
pub(super) fn first_in_run(payment: &Payment, rules: &Rules) -> u64 {
    payment.run_began + rules.read_floor_ms
}

/// When to look for the submit's trace next, if the search began to make sense at `base`.
pub(super) fn next_lookup(payment: &Payment, base: u64, context: Context) -> u64 {
    let tries = &payment.looked;
    let base = base.max(payment.resolved_at);
    if tries.failures > 0 {
        return backoff(tries).max(base);
    }
    if context.look_wanted {
        return if tries.count == 0 { base } else { base.max(tries.last_at + WANTED_GAP_MS) };
    }
    if tries.count == 0 || tries.last_at < base {
        return if payment.unread_since.is_some() { context.now } else { base + LOOKUP_PAUSES_MS[0] };
    }
    // A till whose patience is short is told "unknown" early; the search goes on at its own pace all the same.
    let early = LOOKUP_PAUSES_MS.get(tries.count as usize).copied();
    let pause = match (payment.unknown, early) {
        (Some((_, told)), _) if context.now > told.max(payment.resolved_at) + HALF_HOUR_MS => 10 * PATIENT_MS,
        (_, Some(pause)) => pause,
        (Some(_), None) => PATIENT_MS,
        (None, None) => LOOKUP_PAUSES_MS[LOOKUP_PAUSES_MS.len() - 1],
    };
    tries.last_at + pause
}
