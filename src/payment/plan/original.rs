//! The plan of work on an existing transaction: void, capture, a new tip, refund by reference, reverse; and of a plain read.

use super::watch::WANTED_GAP_MS;
use super::watch::{deadlines, hinted, next_lookup, open_at};
use super::{Agenda, Context, Plan, Rules, Step, backoff};
use crate::payment::Kind;
use crate::payment::fact::{Action, Fact, Failure};
use crate::payment::proof::{action, original_read_since, refund_instead};
use crate::payment::report::Verdict;
use crate::payment::state::{Payment, SendResult};
use crate::status::Status;

/// Reads of the original after a lost answer, from the moment the connection was closed.
pub(super) const REREAD_MS: [u64; 4] = [2_000, 5_000, 15_000, 60_000];
/// Sends of one void or capture at most.
pub(super) const SENDS: u32 = 3;

/// A refund, a capture and a new tip read their original first: it says what there is to give back or to change, and by
/// what it will show that it is done.
pub(super) fn before_submit(payment: &Payment, rules: &Rules, context: Context, expires: u64) -> Option<Plan> {
    if payment.kind().changes_original() && payment.intent.original_id.is_none() {
        return Some(nameless());
    }
    let refunds = payment.kind() == Kind::Refund || action(payment) == Action::Refund;
    let compares = matches!(payment.kind(), Kind::Capture | Kind::AdjustTip) && payment.sends == 0;
    if !(refunds || compares) {
        return None;
    }
    let mut agenda = Agenda::new(context.now);
    if payment.original().is_none_or(|seen| seen.report.is_none()) {
        agenda.call_at(reread_at(payment, 0), Step::Settle { id: payment.intent.original_id.clone()? });
    } else if refunds && rules.ways.refund_baseline && payment.baseline.is_none() {
        let retry = if payment.preparing.failures > 0 { backoff(&payment.preparing) } else { 0 };
        agenda.call_at(retry, Step::Baseline);
    } else {
        return None;
    }
    agenda.at(expires.max(context.now + 1), || Plan::Done);
    Some(agenda.close())
}

/// The vendor's id of the original is not known, as when a person's word stands for its result: there is no call to make.
fn nameless() -> Plan {
    let failure = Failure::new(Status::NotFound, "the original's transaction is not known");
    Plan::Record(Fact::NotSent { failure, again: false, pause_ms: 0 })
}

fn reread_at(payment: &Payment, due: u64) -> u64 {
    match payment.original() {
        Some(seen) if seen.reads.failures > 0 => backoff(&seen.reads).max(due),
        _ => due,
    }
}

/// Void, capture, a new tip and the void half of a reverse: judged by reading the original.
pub(super) fn change(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let Some(id) = payment.intent.original_id.clone() else { return nameless() };
    let Some(send) = &payment.send else { return Plan::Done };
    if send.action == Action::Refund && payment.kind() == Kind::Reverse {
        return refund(payment, rules, context);
    }
    let mut agenda = Agenda::new(context.now);
    deadlines(payment, rules, &mut agenda);
    match &send.result {
        SendResult::Refused { at, .. } if original_read_since(payment, *at).is_none() => {
            agenda.call_at(reread_at(payment, *at), Step::Settle { id });
            agenda.at((payment.asked_at + rules.deadline_ms).max(context.now + 1), || Plan::Done);
        }
        SendResult::Refused { .. } if payment.kind() == Kind::Reverse && refund_instead(payment) => {
            return reverse_by_refund(payment, rules, context);
        }
        _ => {
            let since = payment.lost_since().unwrap_or(payment.accepted_at);
            if context.look_wanted {
                let read_at = payment.original().map_or(0, |seen| seen.reads.last_at);
                agenda.call_at(reread_at(payment, read_at + WANTED_GAP_MS), Step::Settle { id: id.clone() });
            }
            reread(payment, rules, since, &id, &mut agenda);
        }
    }
    agenda.close()
}

/// The void was refused and the transaction stands: give the money back by a refund. The shelf life counts as for any
/// submit.
fn reverse_by_refund(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let expires = payment.asked_at + rules.send_within_ms;
    if payment.asked_earlier || context.now >= expires {
        return Plan::Done;
    }
    if let Some(plan) = before_submit(payment, rules, context, expires) {
        return plan;
    }
    Plan::Record(Fact::Dispatched { action: Action::Refund })
}

/// Reads the original at growing distances; when it is not done at the last of them, the same call may go again.
fn reread(payment: &Payment, rules: &Rules, since: u64, id: &str, agenda: &mut Agenda) {
    let read_at = payment.original().map_or(0, |seen| if seen.report.is_some() { seen.read_at } else { 0 });
    let done = payment.send.as_ref().is_some_and(|send| send.result == SendResult::Accepted);
    let due = next_read_of_change(since, done, read_at);
    let may_send_again = rules.resend_on_original
        && payment.sends < SENDS
        && payment.send.as_ref().is_some_and(|s| !s.earlier_run)
        && payment.unknown.is_none();
    match due {
        Some(due) => agenda.call_at(reread_at(payment, due), Step::Settle { id: id.to_owned() }),
        None if may_send_again => agenda.at(0, || Plan::Record(Fact::Dispatched { action: action(payment) })),
        None => {
            let due = (read_at + 60_000).min(since + rules.absence_after_ms).max(read_at + 10_000);
            agenda.call_at(reread_at(payment, due), Step::Settle { id: id.to_owned() });
        }
    }
}

/// When the transaction is read next to see whether a change of it was done, as long as the reads are close together.
pub(super) fn next_read_of_change(since: u64, done: bool, read_at: u64) -> Option<u64> {
    // The answer that it is done may not show how the transaction stands now: that is read at once.
    let pauses = done.then_some(0).into_iter().chain(REREAD_MS);
    pauses.map(|pause| since + pause).find(|due| read_at < *due)
}

/// A refund by reference whose answer is lost, or whose answer has no verdict yet.
pub(super) fn refund(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let mut agenda = Agenda::new(context.now);
    deadlines(payment, rules, &mut agenda);
    let own = payment.transactions.iter().filter(|t| Some(t.id.as_str()) != payment.intent.original_id.as_deref());
    for seen in own {
        let wanted = seen.report.as_ref().is_none_or(|r| r.verdict == Verdict::Open);
        if wanted {
            let due = if seen.reads.failures > 0 { backoff(&seen.reads) } else { open_at(payment, seen) };
            agenda.call_at(due, Step::Settle { id: seen.id.clone() });
        }
    }
    hinted(payment, &mut agenda);
    if let Some(closed) = payment.lost_since() {
        agenda.call_at(next_lookup(payment, closed, context), Step::Lookup);
    }
    agenda.close()
}

/// A plain read of a transaction: no money, no journal.
pub(super) fn fetch(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let Some(id) = payment.intent.original_id.clone() else { return Plan::Done };
    if context.now >= payment.asked_at + rules.deadline_ms {
        return Plan::Done;
    }
    let mut agenda = Agenda::new(context.now);
    agenda.call_at(reread_at(payment, 0), Step::Settle { id });
    agenda.close()
}
