//! The plan of a payment or refund at a terminal, from acceptance to the last look.

use super::confirm;
use super::watch::{deadlines, first_in_run, hinted, next_lookup, next_read, open_at};
use super::{Agenda, Context, Plan, Rules, Step, backoff};
use crate::payment::Kind;
use crate::payment::fact::{Decision, Fact, Failure};
use crate::payment::proof::{
    end_confirmed, first_absence, is_duplicate_decline, may_turn, out_of_it, quiet_since, silent_since,
    tells_if_it_turns, terminal_idle_since, unread_since, watchable,
};
use crate::payment::report::{Ownership, Verdict};
use crate::payment::rules::{ABSENCE_GAP_MS, Absence, CANCEL_QUIET_MS, CancelScope};
use crate::payment::snapshot::MoneyMoved;
use crate::payment::state::{HOLD_TURNS_UP_MS, LATE_WATCH_AFTER_RESTART_MS, LATE_WATCH_MS, Payment, Seen};
use crate::payment::verdict;
use crate::status::Status;

/// A cancel acts on the whole device: only while our request was seen on it this short a time ago.
const CANCEL_FRESH_MS: u64 = 2_000;
const CANCEL_REPEAT_MS: u64 = 3_000;
pub(super) const CANCEL_TRIES: u32 = 5;
/// What the terminal said of itself counts so long before a submit.
const STATUS_FRESH_MS: u64 = 10_000;
/// A terminal that is busy before a submit may still show the end of the last payment: it is asked again so soon, and so long.
const BUSY_AGAIN_MS: u64 = 1_500;
const BUSY_PATIENCE_MS: u64 = 6_000;
/// How often an occupied terminal is asked whether it is idle again.
const STATUS_EVERY_MS: u64 = 30_000;
/// The same when its request is said to be over, and how often that word is read again.
const STATUS_AFTER_END_MS: u64 = 10_000;
const TURNING_MS: u64 = 5_000;
/// Tries to read a transaction once more after the result.
const SECOND_LOOKS: u32 = 40;

/// The request is, or may be, at the vendor and has no result.
pub(super) fn running(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let mut agenda = Agenda::new(context.now);
    deadlines(payment, rules, &mut agenda);
    cancel(payment, rules, context, &mut agenda);
    settle(payment, rules, &mut agenda);
    hinted(payment, &mut agenda);
    // A request that can still be read may yet take another card.
    let over = payment.ended.is_some() || payment.request_id.is_none() || payment.request_gone;
    let folded = payment.folded.as_ref().is_some_and(|folded| folded.onto.is_none());
    if folded || (is_duplicate_decline(payment) && payment.duplicate_search.is_none() && over) {
        agenda.call_at(lookup_retry(payment), Step::SearchDuplicate);
    }
    if watchable(payment) {
        agenda.call_at(next_read(payment, rules, context), Step::Watch);
    } else if tells_if_it_turns(payment, rules) {
        let due = next_read(payment, rules, context).max(payment.watched.last_at + TURNING_MS);
        agenda.call_at(due, Step::Watch);
    }
    if let Some(base) = lookup_base(payment, rules) {
        agenda.call_at(next_lookup(payment, base, context), Step::Lookup);
    }
    ask_terminal(payment, rules, &mut agenda);
    if let Some(at) = second_proof_at(payment, rules) {
        agenda.call_at(at, Step::Lookup);
    }
    agenda.close()
}

/// What must be made and read at the vendor before a payment may start at the terminal.
pub(super) fn before_submit(payment: &Payment, rules: &Rules, context: Context, expires: u64) -> Option<Plan> {
    if !payment.kind().is_card_present() || payment.awaits_handing_over() {
        return None;
    }
    let ways = &rules.ways;
    let fresh = |at: u64| context.now < at + STATUS_FRESH_MS;
    let status = payment.terminal_status.filter(|status| fresh(status.at));
    let busy = status.filter(|status| ways.status_first && status.busy);
    let mut retry = if payment.preparing.failures > 0 { backoff(&payment.preparing) } else { 0 };
    let step = if ways.prepare && payment.prepared.is_none() {
        Step::Prepare
    } else if ways.baseline && payment.baseline.is_none() {
        Step::Baseline
    } else if ways.status_first && status.is_none() {
        Step::TerminalStatus
    } else {
        let status = busy?;
        if payment.busy_since.is_none_or(|since| context.now >= since + BUSY_PATIENCE_MS) {
            let failure = Failure::new(Status::DeviceBusy, "the terminal says that it is occupied");
            return Some(Plan::Record(Fact::NotSent { failure, again: false, pause_ms: 0 }));
        }
        retry = retry.max(status.at + BUSY_AGAIN_MS);
        Step::TerminalStatus
    };
    let mut agenda = Agenda::new(context.now);
    agenda.call_at(retry, step);
    agenda.at(expires.max(context.now + 1), || Plan::Done);
    Some(agenda.close())
}

/// Where time proves absence, the terminal must say that it is idle after that time.
fn ask_terminal(payment: &Payment, rules: &Rules, agenda: &mut Agenda) {
    let retry = if payment.preparing.failures > 0 { backoff(&payment.preparing) } else { 0 };
    if let Some(ended) = &payment.ended {
        // Only an end that may turn needs the terminal's word.
        if may_turn(payment, rules) && quiet_since(payment, rules, ended.at).is_none() {
            let asked = payment.terminal_status.filter(|status| status.asked_at >= ended.at);
            agenda.call_at(
                asked.map_or(ended.at, |status| status.at + STATUS_AFTER_END_MS).max(retry),
                Step::TerminalStatus,
            );
        }
        return;
    }
    let Some(since) = silent_since(payment, rules).filter(|_| rules.ways.absence == Absence::Time) else { return };
    // How long it waits for an authorization is part of that time: it is asked at once, too.
    let after = since + rules.turns_up_within(payment);
    let known = payment.terminal_status;
    if terminal_idle_since(payment, rules, after) {
        return;
    }
    let due = match known {
        None => since,
        Some(status) if status.asked_at >= after => status.at + STATUS_EVERY_MS,
        Some(_) => after,
    };
    agenda.call_at(due.max(retry), Step::TerminalStatus);
}

/// Where time proves absence, the second search that the proof needs comes as soon as it counts.
fn second_proof_at(payment: &Payment, rules: &Rules) -> Option<u64> {
    let since = silent_since(payment, rules).filter(|_| rules.ways.absence == Absence::Time)?;
    let at = first_absence(payment, since + rules.turns_up_within(payment))? + ABSENCE_GAP_MS;
    let looked = payment.lookups.iter().any(|lookup| lookup.began_ms >= at) || payment.looked.failures > 0;
    (!looked && payment.ended.is_none()).then_some(at)
}

fn lookup_retry(payment: &Payment) -> u64 {
    if payment.looked.failures > 0 { backoff(&payment.looked) } else { 0 }
}

/// Since when a search can tell something that the request itself does not.
fn lookup_base(payment: &Payment, rules: &Rules) -> Option<u64> {
    if let Some(closed) = payment.lost_since() {
        return Some(closed);
    }
    if payment.request_gone && !watchable(payment) {
        return Some(payment.watched.last_at);
    }
    match &payment.ended {
        Some(_) if payment.folded.is_some() => None,
        // An end without an id is confirmed by a lookup, where need be after the terminal's own word.
        Some(ended) if !ended.busy && payment.transactions.is_empty() => {
            let base = quiet_since(payment, rules, ended.at).unwrap_or(ended.at + 3_000);
            (!end_confirmed(payment, rules, ended.at)).then_some(base.saturating_sub(2_000))
        }
        // What was found of it may not be all.
        Some(_) if may_turn(payment, rules) => {
            let since = out_of_it(payment, rules)?;
            let searched = payment.lookups.iter().any(|l| l.complete && l.began_ms >= since);
            (!searched).then_some(since.saturating_sub(2_000))
        }
        Some(_) => None,
        // A terminal that died after the card never says so, but the vendor's books do.
        None => {
            let unknown = payment.unknown.map(|(_, told)| told);
            let canceled = payment.cancel_sent_at.map(|sent| sent + CANCEL_QUIET_MS);
            // Where a request has a cancel of its own, the request itself tells whether it came in time.
            let canceled = canceled.filter(|_| rules.ways.cancel == CancelScope::Terminal);
            let silent = silent_since(payment, rules).map(|since| since + rules.turns_up_within(payment));
            // A request with a time limit should have ended by now. Where its silence is proof, that has its own time.
            let ways = &rules.ways;
            let limited = ways.absence == Absence::Time && !ways.absence_after_acceptance && payment.overdue;
            let overdue = limited.then_some(payment.asked_at + rules.deadline_ms);
            [unknown, canceled, silent, overdue, out_of_it(payment, rules)].into_iter().flatten().min()
        }
    }
}

/// Transactions whose answer is wanted: never read, read without a verdict, or read before the request ended.
fn settle(payment: &Payment, rules: &Rules, agenda: &mut Agenda) {
    let out_of_it = out_of_it(payment, rules);
    for seen in &payment.transactions {
        let due = match &seen.report {
            None => Some(0),
            Some(report) if report.verdict == Verdict::Open => Some(0),
            Some(_) => out_of_it.filter(|since| seen.is_mine() && unread_since(seen, *since)),
        };
        if let Some(due) = due {
            agenda.call_at(settle_at(payment, seen).max(due), Step::Settle { id: seen.id.clone() });
        }
    }
}

fn settle_at(payment: &Payment, seen: &Seen) -> u64 {
    match &seen.report {
        _ if seen.reads.failures > 0 => backoff(&seen.reads),
        Some(report) if report.verdict == Verdict::Open => open_at(payment, seen),
        _ => 0,
    }
}

/// Carries out the cancel that the till asked for, if it cannot hit somebody else's payment.
pub(super) fn cancel(payment: &Payment, rules: &Rules, context: Context, agenda: &mut Agenda) {
    let tries = &payment.cancels;
    let wanted = payment.cancel_asked.is_some() && payment.ended.is_none() && payment.transactions.is_empty();
    if !wanted || tries.count >= CANCEL_TRIES {
        return;
    }
    if rules.ways.cancel == CancelScope::Nothing {
        return;
    }
    let repeat_at = if tries.count == 0 { 0 } else { (tries.last_at + CANCEL_REPEAT_MS).max(tries.not_before) };
    if rules.ways.cancel == CancelScope::Request {
        if payment.request_id.is_some() {
            agenda.call_at(repeat_at, Step::Cancel);
        }
        return;
    }
    if payment.lost_since().is_some() {
        // Without the request's id the device cannot be looked at first.
        if !rules.terminal_shared && payment.cleared_at.is_none() {
            agenda.call_at(repeat_at, Step::Cancel);
        }
        return;
    }
    if payment.request_id.is_none() || payment.phase != Some(crate::payment::fact::Phase::AtTerminal) {
        return;
    }
    if payment.shown_at.is_some_and(|shown| context.now <= shown + CANCEL_FRESH_MS) {
        agenda.call_at(repeat_at, Step::Cancel);
    } else {
        let read_at = (payment.watched.last_at + rules.read_floor_ms).max(context.now.min(repeat_at));
        let read_at = read_at.max(first_in_run(payment, rules));
        let read_at = if payment.watched.failures > 0 { backoff(&payment.watched) } else { read_at };
        agenda.call_at(read_at, Step::Watch);
    }
}

/// The result is told. What remains: the terminal, a second look at the transaction, and the late watch.
pub(super) fn after_decision(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let Some(decided) = &payment.decided else { return Plan::Done };
    let kind = payment.kind();
    if kind.is_question() {
        return super::question::after_decision(payment);
    }
    let wanted = needs_late_watch(payment) || context.lookup_wanted_since.is_some();
    if !kind.is_card_present() && kind != Kind::Refund && !(kind.changes_original() && wanted) {
        return Plan::Done;
    }
    if let Some(fact) = confirm::conclusion(payment, rules, context.now) {
        return Plan::Record(fact);
    }
    let fact = contradiction(payment, context.done_by_other);
    // What our own work accounts for is told as that, once it is done.
    if let Some(fact) = fact.filter(|fact| !context.explained || !matches!(fact, Fact::ResultChanged { .. })) {
        return Plan::Record(fact);
    }
    let mut agenda = Agenda::new(context.now);
    confirm::step(payment, rules, context, &mut agenda);
    if !payment.terminal_free && (kind.is_card_present() || kind == Kind::Refund) {
        free_terminal(payment, rules, context, decided.at, &mut agenda);
    }
    second_look(payment, &mut agenda);
    hinted(payment, &mut agenda);
    look_for_hold(payment, &mut agenda);
    if wanted {
        late_watch(payment, rules, context, &mut agenda);
    }
    agenda.close()
}

/// An id that came up after the result is read, and once more what was told, when the terminal is done with it.
fn second_look(payment: &Payment, agenda: &mut Agenda) {
    let done_at = payment.ended.as_ref().map(|ended| ended.at).or(payment.freed_at);
    for seen in payment.transactions.iter().filter(|seen| seen.reads.failures < SECOND_LOOKS) {
        let wanted = match &seen.report {
            None => seen.by_request,
            Some(report) => report.ownership == Ownership::Ours && done_at.is_some_and(|at| seen.read_at < at),
        };
        if wanted {
            agenda.call_at(settle_at(payment, seen), Step::Settle { id: seen.id.clone() });
        }
    }
}

/// The result was told although nobody could read what became of the hold: it is looked for until somebody can.
fn look_for_hold(payment: &Payment, agenda: &mut Agenda) {
    let (Some(hold), Some(charge)) = (&payment.hold, payment.ours(Verdict::Approved)) else { return };
    if let Some(since) = hold.in_question_since.filter(|_| payment.hold_in_doubt()) {
        let rest = if charge.reads.failures > SECOND_LOOKS { LATE_WATCH_MS[1] } else { 0 };
        let due = settle_at(payment, charge).max(since + HOLD_TURNS_UP_MS).max(charge.reads.last_at + rest);
        agenda.call_at(due, Step::Settle { id: charge.id.clone() });
    }
}

/// The vendor's record says something else than the result that was told.
pub fn contradiction(payment: &Payment, done_by_other: bool) -> Option<Fact> {
    let decided = payment.decided.as_ref()?;
    if decided.outcome.money == MoneyMoved::NotMoved && payment.late.is_none() {
        if payment.shows_on_original() {
            let done = verdict::change_done(payment).filter(|_| needs_late_watch(payment) && !done_by_other)?;
            return Some(Fact::LateApproval { report: Box::new(done.report?) });
        }
        let report = payment.ours(Verdict::Approved)?.report.clone()?;
        return Some(Fact::LateApproval { report: Box::new(report) });
    }
    let Some(told) = payment.told() else { return beside_a_persons_word(payment) };
    if told.verdict != Verdict::Approved
        && let Some(report) = payment.ours(Verdict::Approved).and_then(|seen| seen.report.as_ref())
        && payment.resolved == Some(Decision::Paid)
    {
        return Some(Fact::ResultChanged { report: Box::new(report.clone()) });
    }
    let now = payment.transactions.iter().find(|t| t.id == told.id)?.report.as_ref()?;
    let sums = now.total != told.total || now.tip != told.tip;
    let differs = now.verdict != told.verdict || sums || now.authorized_only != told.authorized_only;
    let meaningful = now.verdict != Verdict::Open;
    // The void that this journal did itself is told as a reversal.
    let explained = now.verdict == Verdict::Voided && now.total == told.total && payment.reversed >= told.total;
    (differs && meaningful && !explained).then(|| Fact::ResultChanged { report: Box::new(now.clone()) })
}

/// A person said that it was paid, without a record that shows it: the vendor's own record is told when it turns up. What
/// is not an approval counts only when the terminal is done with the request; another card may follow.
fn beside_a_persons_word(payment: &Payment) -> Option<Fact> {
    if !says_paid_without_record(payment) {
        return None;
    }
    let done = payment.ended.is_some() || payment.freed_at.is_some();
    let other = || payment.ours(Verdict::Voided).or_else(|| payment.ours(Verdict::Declined)).filter(|_| done);
    let report = payment.ours(Verdict::Approved).or_else(other)?.report.clone()?;
    Some(Fact::ResultChanged { report: Box::new(report) })
}

fn says_paid_without_record(payment: &Payment) -> bool {
    let without_record = payment.decided.as_ref().is_some_and(|decided| decided.outcome.report.is_none());
    payment.resolved == Some(Decision::Paid) && without_record && payment.changed.is_none()
}

fn free_terminal(payment: &Payment, rules: &Rules, context: Context, decided_at: u64, agenda: &mut Agenda) {
    // Silence was no proof before the terminal itself said that it is idle.
    let silent = silent_since(payment, rules).map(|since| since + rules.turns_up_within(payment));
    let says_idle =
        rules.ways.absence == Absence::Time && silent.is_some_and(|at| terminal_idle_since(payment, rules, at));
    let by_itself = payment.ended.is_some() || payment.offline_proven || !payment.may_be_executed() || says_idle;
    if by_itself || !payment.kind().is_card_present() {
        agenda.at(0, || Plan::Record(Fact::TerminalFree { proven: true }));
    } else if let (Some(_), false) = (&payment.request_id, payment.request_gone) {
        agenda.call_at(next_read(payment, rules, context), Step::Watch);
        agenda.at(decided_at + rules.deadline_ms, || Plan::Record(Fact::TerminalFree { proven: false }));
    } else {
        // Found by search: the terminal counts as free when the payment cannot be on it any more.
        let free_at = payment.lost_since().unwrap_or(decided_at) + rules.turns_up_within(payment);
        agenda.at(free_at, || Plan::Record(Fact::TerminalFree { proven: false }));
    }
}

/// A person said that an ended attempt was not paid, or the vendor said that it did not reach the terminal; but the
/// customer may still have it before him. Only a read since the end, or a later request on the terminal, proves otherwise.
pub fn may_still_run(payment: &Payment) -> bool {
    let by_person = payment.resolved == Some(Decision::NotPaid) && payment.request_id.is_some();
    payment.came_back() || (by_person && payment.cleared_at.is_none() && watchable(payment))
}

/// Every attempt that may have been executed and ended without money, or was paid by a person's word alone, is looked up
/// again.
pub fn needs_late_watch(payment: &Payment) -> bool {
    let Some(decided) = &payment.decided else { return false };
    let without_money = decided.outcome.money == MoneyMoved::NotMoved && payment.late.is_none();
    let searchable = !payment.intent.wire_key.is_empty();
    payment.kind().moves_money()
        && (without_money || says_paid_without_record(payment))
        && searchable
        && payment.may_be_executed()
        && !payment.late_watch_ended
        && decided.outcome.status != Status::Expired
}

fn late_watch(payment: &Payment, rules: &Rules, context: Context, agenda: &mut Agenda) {
    let Some(decided) = &payment.decided else { return };
    let (base, rounds, schedule): (u64, u32, &[u64]) = if !decided.earlier_run {
        (decided.at, payment.late_rounds_then, &LATE_WATCH_MS)
    } else if payment.late_rounds_then as usize >= LATE_WATCH_MS.len() {
        (payment.run_began, payment.late_rounds_now, &LATE_WATCH_AFTER_RESTART_MS[..1])
    } else {
        (payment.run_began, payment.late_rounds_now, &LATE_WATCH_AFTER_RESTART_MS)
    };
    let done_in_this_run = rounds as usize >= schedule.len();
    if done_in_this_run && decided.earlier_run && !payment.late_watch_ended {
        agenda.at(0, || Plan::Record(Fact::LateWatchEnded));
    }
    // What was done to an original shows there, everything else in a search.
    let original = payment.intent.original_id.clone().filter(|_| payment.shows_on_original());
    let looked = match original {
        Some(_) => payment.original().map(|seen| seen.reads).unwrap_or_default(),
        None => payment.looked,
    };
    let retry = if looked.failures > 0 { backoff(&looked) } else { 0 };
    let wanted = context.lookup_wanted_since.filter(|since| looked.last_at <= *since || looked.failures > 0);
    let next_round = schedule.get(rounds as usize).map(|offset| base + offset);
    let due = wanted.or(next_round.filter(|_| needs_late_watch(payment)));
    if let Some(due) = due {
        let tells = watchable(payment) || tells_if_it_turns(payment, rules);
        let read_first = tells && payment.watched.last_at < due && payment.watched.failures == 0;
        if let Some(id) = original {
            agenda.call_at(due.max(retry), Step::Settle { id });
        } else if read_first {
            let floor = payment.watched.last_at.max(payment.run_began) + rules.read_floor_ms;
            agenda.call_at(due.max(retry).max(floor), Step::Watch);
        } else {
            agenda.call_at(due.max(retry), Step::Lookup);
        }
    }
}
