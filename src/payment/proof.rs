//! What the facts prove: the predicates that the plan and the verdict share.

use super::Kind;
use super::fact::{Action, LookupDone};
use super::report::Verdict;
use super::rules::{ABSENCE_GAP_MS, Absence, Rules};
use super::state::{Payment, Seen, SendResult};

/// How long the vendor may not know an id that it has just given out.
const FRESH_MS: u64 = 30_000;

pub(super) fn watchable(payment: &Payment) -> bool {
    readable(payment) && payment.ended.is_none()
}

/// The request has an id that the vendor knows.
fn readable(payment: &Payment) -> bool {
    // A fresh id may be unknown for a moment.
    let gone = payment.request_gone && payment.watched.last_at >= payment.accepted_at + FRESH_MS;
    payment.request_id.is_some() && !gone
}

/// The request is said to have ended without a transaction, where that may still change.
pub(super) fn may_turn(payment: &Payment, rules: &Rules) -> bool {
    let without = payment.ended.as_ref().is_some_and(|ended| ended.how.is_some() && !ended.busy);
    without && !rules.ways.ends_for_good && !payment.transactions.iter().any(|t| t.by_request)
}

/// The same, and the request can still be asked.
pub(super) fn tells_if_it_turns(payment: &Payment, rules: &Rules) -> bool {
    may_turn(payment, rules) && readable(payment)
}

/// The newest word about the request was asked for after this moment, unless there is nothing that could be read.
pub(super) fn read_since(payment: &Payment, after: u64) -> bool {
    !watchable(payment) || (payment.watched.failures == 0 && payment.watched.last_at >= after)
}

/// Since when the terminal is out of it: by the vendor's word, or long enough after it was proven clear.
pub(super) fn out_of_it(payment: &Payment, rules: &Rules) -> Option<u64> {
    match &payment.ended {
        Some(ended) if ended.busy => None,
        // A refused card is no end either: another one may be in the reader.
        Some(ended) if may_turn(payment, rules) => end_stands_since(payment, rules, ended.at),
        // The answer that told the end may have told the transaction, too.
        Some(ended) => Some(ended.asked),
        None => unreachable_since(payment, rules),
    }
}

/// Since when an end that may turn is believed: the terminal is idle, and what may have been with the processor has had its
/// time to show.
fn end_stands_since(payment: &Payment, rules: &Rules, ended_at: u64) -> Option<u64> {
    let in_authorization = payment.card_read || payment.busy_after_end;
    let quiet = quiet_since(payment, rules, ended_at)?;
    Some(if in_authorization { quiet + rules.authorized_within(payment) } else { quiet })
}

/// When the request, of whose end the vendor has not told, cannot reach the customer any more.
fn unreachable_since(payment: &Payment, rules: &Rules) -> Option<u64> {
    let since = match rules.ways.absence {
        Absence::Cleared => payment.cleared_at,
        Absence::Time => payment.lost_since().or_else(|| gone_since(payment, rules)),
    };
    since.map(|since| since + rules.turns_up_within(payment))
}

/// The terminal was found idle after that moment, where its own word is part of the proof.
pub(super) fn terminal_idle_since(payment: &Payment, rules: &Rules, since: u64) -> bool {
    rules.ways.absence == Absence::Cleared || payment.terminal_status.is_some_and(|s| !s.busy && s.asked_at >= since)
}

/// Since when nothing was heard of a submit, or of a request that leads to nothing where that counts as proof.
pub(super) fn silent_since(payment: &Payment, rules: &Rules) -> Option<u64> {
    let accepted = || rules.ways.absence_after_acceptance && payment.request_id.is_some();
    payment.lost_since().or_else(|| accepted().then_some(payment.accepted_at)).or_else(|| gone_since(payment, rules))
}

/// Since when the vendor no longer knows the request, where time proves something.
fn gone_since(payment: &Payment, rules: &Rules) -> Option<u64> {
    let gone = rules.ways.absence == Absence::Time && payment.request_gone && !watchable(payment);
    gone.then_some(payment.watched.last_at)
}

/// What is known of the transaction was asked for before this moment.
pub(super) fn unread_since(seen: &Seen, since: u64) -> bool {
    seen.read_at < since
}

/// A decline by the vendor's duplicate check is never a plain decline.
pub(super) fn is_duplicate_decline(payment: &Payment) -> bool {
    payment.ours(Verdict::Declined).is_some_and(|seen| seen.report.as_ref().is_some_and(|r| r.duplicate))
        && payment.ours(Verdict::Approved).is_none()
}

/// Whether a search begun after the request ended without an id found neither us nor a look-alike. Where an end may turn,
/// the terminal must have been idle by then; and what may have been with the processor has its time to show.
pub(super) fn end_confirmed(payment: &Payment, rules: &Rules, ended_at: u64) -> bool {
    let Some(since) = quiet_since(payment, rules, ended_at) else { return false };
    if !rules.ways.ends_for_good && (payment.card_read || payment.busy_after_end) {
        let after = since + rules.authorized_within(payment);
        return absence_proven(payment, after, after);
    }
    let empty = |l: &LookupDone| l.complete && l.began_ms >= since && l.found.is_empty() && l.candidates.is_empty();
    payment.lookups.iter().any(empty)
}

/// Since when a request that ended is known to be off its terminal.
pub(super) fn quiet_since(payment: &Payment, rules: &Rules, ended_at: u64) -> Option<u64> {
    if rules.ways.ends_for_good {
        return Some(ended_at);
    }
    payment.terminal_status.filter(|status| !status.busy && status.asked_at >= ended_at).map(|status| status.asked_at)
}

/// Whether two complete, sighted searches begun after `after` and a minute apart found neither us nor a look-alike.
pub(super) fn absence_proven(payment: &Payment, after: u64, last_after: u64) -> bool {
    let empty: Vec<u64> = payment
        .lookups
        .iter()
        .filter(|l| l.began_ms >= after && l.complete && l.sighted && l.found.is_empty() && l.candidates.is_empty())
        .map(|l| l.began_ms)
        .collect();
    let contradicted = payment.lookups.iter().any(|l| l.began_ms >= after && !l.found.is_empty());
    match (empty.iter().min(), empty.iter().max()) {
        (Some(first), Some(last)) => !contradicted && *last >= first + ABSENCE_GAP_MS && *last >= last_after,
        _ => false,
    }
}

/// When the first search after that moment found nothing, if one has.
pub(super) fn first_absence(payment: &Payment, after: u64) -> Option<u64> {
    let empty = |l: &&LookupDone| l.complete && l.sighted && l.found.is_empty() && l.candidates.is_empty();
    payment.lookups.iter().filter(empty).map(|l| l.began_ms).filter(|began| *began >= after).min()
}

/// What the next submit of this payment does.
pub(super) fn action(payment: &Payment) -> Action {
    match payment.kind() {
        // A void of what was partly given back would give that part twice.
        Kind::Reverse if payment.intent.given_back > 0 || refund_instead(payment) => Action::Refund,
        Kind::Reverse => Action::Void,
        _ => Action::Start,
    }
}

/// The vendor refused the void, and a read after that shows a transaction that is approved and not voided. If the answer
/// to an earlier void was lost, it must also be settled: what is settled is voided no more.
pub(super) fn refund_instead(payment: &Payment) -> bool {
    let Some(send) = &payment.send else { return false };
    match (&send.result, send.action) {
        (SendResult::Refused { at, .. }, Action::Void) => {
            let settled = payment.original().and_then(|seen| seen.report.as_ref()).is_some_and(|r| r.settled);
            let read = original_read_since(payment, *at).is_some_and(|verdict| verdict == Verdict::Approved);
            read && (settled || payment.lost_at.is_none())
        }
        (_, Action::Refund) => true,
        _ => false,
    }
}

/// The original's verdict, if it was read at or after that moment.
pub(super) fn original_read_since(payment: &Payment, since: u64) -> Option<Verdict> {
    let seen = payment.original()?;
    let report = seen.report.as_ref()?;
    (seen.read_at >= since).then_some(report.verdict)
}
