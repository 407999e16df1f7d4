//! Work on an existing transaction: the original itself is the proof.

use super::super::Kind;
use super::super::fact::{Action, Failure};
use super::super::proof;
use super::super::report::{Outcome, TransactionReport, Verdict};
use super::super::rules::Rules;
use super::super::snapshot::{Advice, MoneyMoved, State, flag};
use super::super::state::{Payment, SendResult};
use super::{by_reference, failed, moved, plain, success};
use crate::status::Status;

/// A void or capture was repeated after a lost answer, and refused: the original's state decides. Settled and unchanged,
/// the lost one has not been executed and never will be.
pub(super) fn refused_after_loss(payment: &Payment, rules: &Rules, now: u64) -> Option<Outcome> {
    let send = payment.send.as_ref()?;
    let SendResult::Refused { failure, at } = &send.result else { return None };
    let report = payment.original()?.report.as_ref()?;
    let on_original = payment.kind().changes_original() && send.action != Action::Refund;
    (on_original && report.settled).then(|| refused(payment, rules, now, failure, *at, send.action)).flatten()
}

/// A refusal ends the request; on an existing transaction only after the original was read ("already" is success).
pub(super) fn refused(
    payment: &Payment,
    rules: &Rules,
    now: u64,
    failure: &Failure,
    at: u64,
    action: Action,
) -> Option<Outcome> {
    if !payment.kind().changes_original() || payment.kind() == Kind::Refund || action == Action::Refund {
        return Some(failed(failure));
    }
    let needless = matches!(failure.http_status, 401 | 403 | 404 | 405 | 406) && payment.lost_at.is_none();
    let Some(verdict) = proof::original_read_since(payment, at).filter(|_| !needless) else {
        // The vendor never looked at the transaction; or nobody can read it, and the till waits no longer.
        let patience_over = payment.lost_at.is_none() && now >= payment.asked_at + rules.deadline_ms;
        return (needless || patience_over).then(|| failed(failure));
    };
    if let Some(done) = change_done(payment).or_else(|| taken_otherwise(payment)) {
        return Some(done);
    }
    let may_refund_instead = payment.kind() == Kind::Reverse
        && verdict == Verdict::Approved
        && failure.status == Status::Rejected
        && !payment.asked_earlier
        && now < payment.asked_at + rules.send_within_ms;
    (!may_refund_instead).then(|| failed(failure))
}

/// Work that its original does not allow is refused before anything is sent.
pub(super) fn unfit(payment: &Payment) -> Option<Outcome> {
    let refuse = |fault| Some(failed(&Failure::new(Status::Rejected, fault)));
    if payment.kind() == Kind::Void && payment.intent.given_back > 0 {
        return refuse("a part of it was given back already; refund the rest");
    }
    let changes = matches!(payment.kind(), Kind::Capture | Kind::AdjustTip);
    if !changes && payment.kind() != Kind::Refund && proof::action(payment) != Action::Refund {
        return None;
    }
    let (report, rest) = (payment.original()?.report.as_ref()?, payment.rest()?);
    let too_much = || payment.intent.request.amount.is_some_and(|amount| amount > rest);
    match report.verdict {
        Verdict::Approved if report.is_refund => refuse("the original is itself a refund"),
        Verdict::Approved if changes => None,
        Verdict::Approved if rest <= 0 => refuse("all of it was given back already"),
        Verdict::Approved if too_much() => refuse("the amount is more than what is left of the original's"),
        Verdict::Approved | Verdict::Open => None,
        Verdict::Declined => refuse("the original was declined"),
        // Given back whole looks like a void at some vendors.
        Verdict::Voided if payment.intent.given_back > 0 => refuse("all of it was given back already"),
        Verdict::Voided => refuse("the original is voided"),
    }
}

/// Void, capture, a new tip, reverse.
pub(super) fn on_original(payment: &Payment, rules: &Rules) -> Option<Outcome> {
    let send = payment.send.as_ref()?;
    if send.action == Action::Refund {
        return by_reference(payment, rules);
    }
    if let Some(done) = change_done(payment) {
        return Some(done);
    }
    let since = payment.lost_since()?;
    let verdict = proof::original_read_since(payment, since + rules.absence_after_ms)?;
    let lost = Failure::new(Status::ConnectionLost, "the transaction is unchanged");
    let unchanged = || failed(payment.trouble.as_ref().unwrap_or(&lost));
    (verdict != Verdict::Open).then(|| taken_otherwise(payment).unwrap_or_else(unchanged))
}

/// The original, read since the submit was recorded, shows that the change is done.
pub(in crate::payment) fn change_done(payment: &Payment) -> Option<Outcome> {
    let send = payment.send.as_ref()?;
    let report = shown_since_submit(payment)?;
    let request = &payment.intent.request;
    match (payment.kind(), report.verdict) {
        (Kind::Void | Kind::Reverse, Verdict::Voided) => Some(done(payment, report, false)),
        (Kind::Capture, Verdict::Approved) if !report.authorized_only => {
            let differs = request.amount.is_some_and(|a| a != report.total - report.tip - report.surcharge);
            // Another sum proves nothing, unless the vendor's own answer stands behind it.
            let proven = !differs || send.result == SendResult::Accepted;
            proven.then(|| done(payment, report, differs))
        }
        (Kind::AdjustTip, Verdict::Approved) if request.parts.tip == Some(report.tip) => {
            let differs = expected_total(payment).is_some_and(|total| total != report.total);
            Some(done(payment, report, differs))
        }
        _ => None,
    }
}

/// The money was only reserved before, and is taken now, in another sum than asked, and not by the vendor's word for this
/// request: somebody else was faster. To say that it failed would leave the till without the money's trace.
fn taken_otherwise(payment: &Payment) -> Option<Outcome> {
    let reserved = payment.intent.reserved || payment.before.as_ref().is_some_and(|before| before.authorized_only);
    let report = shown_since_submit(payment).filter(|r| r.verdict == Verdict::Approved && !r.authorized_only)?;
    (payment.kind() == Kind::Capture && reserved).then(|| done(payment, report, true))
}

fn shown_since_submit(payment: &Payment) -> Option<&TransactionReport> {
    let (send, seen) = (payment.send.as_ref()?, payment.original()?);
    seen.report.as_ref().filter(|_| seen.read_at >= send.at)
}

/// The whole that goes with the new tip.
pub(in crate::payment) fn expected_total(payment: &Payment) -> Option<i64> {
    let before = payment.before.as_ref()?;
    Some(before.total - before.tip + payment.intent.request.parts.tip?)
}

fn done(payment: &Payment, report: &TransactionReport, differs: bool) -> Outcome {
    let mut outcome = plain(State::Approved, Status::Ok, moved(payment.kind()), Advice::Done);
    if payment.kind() == Kind::Capture {
        outcome.flags |= flag::CAPTURED;
    }
    if payment.kind() == Kind::AdjustTip && report.authorized_only {
        outcome.money = MoneyMoved::Pending;
    }
    outcome.flags |= if differs { flag::AMOUNT_DIFFERS } else { 0 };
    outcome.message = success(payment.kind()).into();
    outcome.report = Some(report.clone());
    outcome
}
