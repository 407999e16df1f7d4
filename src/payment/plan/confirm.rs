//! The plan of a payment whose money is captured when the till has stored the sale: the capture, or the void for silence.
//! The transaction itself is the proof of either, as for work that the till asks for.

use super::original::{SENDS, next_read_of_change};
use super::{Agenda, Context, Plan, Rules, Step, backoff};
use crate::payment::fact::{Action, Fact, Failure};
use crate::payment::report::{TransactionReport, Verdict};
use crate::payment::state::{Confirming, Payment, Seen, SendResult};
use crate::status::Status;

/// What the facts prove about the policy's step.
pub(super) fn conclusion(payment: &Payment, rules: &Rules, now: u64) -> Option<Fact> {
    let step = payment.confirming.as_ref().filter(|step| step.is_live())?;
    let seen = payment.confirmed_transaction()?;
    let report = seen.report.as_ref()?;
    // Whatever had shown it before the step would have been told.
    if is_done(step.action, report) {
        return Some(match step.action {
            Action::Capture => Fact::Captured { report: Box::new(report.clone()) },
            _ => Fact::VoidedForSilence { amount: step.total },
        });
    }
    match (&step.send.result, step.in_question_since()) {
        (SendResult::Refused { failure, at }, None) => {
            // The vendor never looked at the transaction; or it shows what the refusal means; or nobody can read it.
            let needless = matches!(failure.http_status, 401 | 403 | 404 | 405 | 406);
            let answered = needless || seen.read_at >= *at || now >= at + rules.deadline_ms;
            answered.then(|| Fact::ConfirmFailed { failure: failure.clone() })
        }
        (result, Some(since)) if !may_send_again(rules, step, report) => {
            let unchanged = seen.read_at >= since + rules.absence_after_ms && report.verdict != Verdict::Open;
            let failure = match result {
                SendResult::Refused { failure, .. } | SendResult::Unclear { failure, .. } => failure.clone(),
                SendResult::Accepted => {
                    Failure::new(Status::Vendor, "said to be done, but the transaction is unchanged")
                }
                _ => Failure::new(Status::ConnectionLost, "the transaction is unchanged"),
            };
            unchanged.then_some(Fact::ConfirmFailed { failure })
        }
        _ => None,
    }
}

fn is_done(action: Action, report: &TransactionReport) -> bool {
    match action {
        Action::Capture => report.verdict == Verdict::Approved && !report.authorized_only,
        _ => report.verdict == Verdict::Voided,
    }
}

/// Puts the policy's next step, and the reads that judge it, on the agenda.
pub(super) fn step(payment: &Payment, rules: &Rules, context: Context, agenda: &mut Agenda) {
    let Some((action, due)) = payment.policy_wants() else { return };
    let dispatch = || Plan::Record(Fact::Dispatched { action });
    let (Some(step), Some(seen)) = (&payment.confirming, payment.confirmed_transaction()) else {
        return agenda.at(due.max(context.quiet_until), dispatch);
    };
    match (&step.send.result, step.in_question_since()) {
        (SendResult::Pending, None) if !step.send.may_have_left => agenda.call_at(0, Step::Submit(action)),
        (SendResult::NotSent { again_at: Some(again_at), .. }, _) if !step.overtaken => agenda.at(*again_at, dispatch),
        (SendResult::Refused { at, .. }, None) => {
            agenda.call_at(read_at(seen, *at), Step::Settle { id: seen.id.clone() });
            agenda.at((at + rules.deadline_ms).max(context.now + 1), || Plan::Done);
        }
        (_, Some(since)) => reread(rules, step, seen, since, agenda),
        _ => {}
    }
}

/// When a read that is due then may be tried.
fn read_at(seen: &Seen, due: u64) -> u64 {
    if seen.reads.failures > 0 { backoff(&seen.reads).max(due) } else { due }
}

/// Reads the transaction at growing distances; when it is not done at the last of them, the same call may go again.
fn reread(rules: &Rules, step: &Confirming, seen: &Seen, since: u64, agenda: &mut Agenda) {
    let done = step.send.result == SendResult::Accepted;
    let again = seen.report.as_ref().is_some_and(|report| may_send_again(rules, step, report));
    match next_read_of_change(since, done, seen.read_at) {
        Some(due) => agenda.call_at(read_at(seen, due), Step::Settle { id: seen.id.clone() }),
        None if again => agenda.at(0, || Plan::Record(Fact::Dispatched { action: step.action })),
        None => {
            let due = (seen.read_at + 60_000).min(since + rules.absence_after_ms).max(seen.read_at + 10_000);
            agenda.call_at(read_at(seen, due), Step::Settle { id: seen.id.clone() });
        }
    }
}

/// Capture and void are absolute: what a read shows as not done may be asked for again, a few times in a run.
fn may_send_again(rules: &Rules, step: &Confirming, report: &TransactionReport) -> bool {
    let refused = matches!(step.send.result, SendResult::Refused { .. });
    let may = rules.resend_on_original && !step.overtaken && !refused;
    may && step.sends < SENDS && report.verdict == Verdict::Approved
}
