//! What a result says: state, money, advice and words, of an approval, a decline and a failure.

use super::super::Kind;
use super::super::fact::Failure;
use super::super::report::{Outcome, TransactionReport};
use super::super::snapshot::{Advice, MoneyMoved, State, flag};
use super::super::state::Payment;
use crate::status::Status;

/// Where the money is when it went well.
pub(super) fn moved(kind: Kind) -> MoneyMoved {
    if matches!(kind, Kind::Void | Kind::Reverse) { MoneyMoved::Reversed } else { MoneyMoved::Moved }
}

/// What the cashier reads when it went well.
pub(super) fn success(kind: Kind) -> &'static str {
    match kind {
        Kind::Void => "The payment was undone. The customer is not charged.",
        Kind::Refund | Kind::TerminalRefund | Kind::Reverse => "The money was given back.",
        Kind::Capture => "The money was taken.",
        Kind::AdjustTip => "The tip was changed.",
        _ => "Approved.",
    }
}

/// Money moved. Compares what the vendor reports with what was asked.
pub fn approved(payment: &Payment, report: &TransactionReport) -> Outcome {
    let request = &payment.intent.request;
    let mut outcome = plain(State::Approved, Status::Ok, MoneyMoved::Moved, Advice::Done);
    outcome.money = if report.authorized_only { MoneyMoved::Pending } else { moved(payment.kind()) };
    if let Some(asked) = request.amount.or_else(|| payment.rest().filter(|_| report.is_refund)) {
        // A tip that the till has put into the amount is in it already.
        let tip = if request.prompt_tip == Some(false) { 0 } else { report.tip - request.parts.tip.unwrap_or(0) };
        let surcharge = if request.parts.surcharge.is_some() { 0 } else { report.surcharge };
        let added = matches!(payment.kind(), Kind::Payment | Kind::Capture);
        let expected = asked + if added { tip + surcharge } else { 0 };
        if report.total < asked {
            outcome.flags |= flag::PARTIAL;
            outcome.status = Status::Partial;
        }
        if report.total != expected && !(report.total < asked && request.allow_partial) {
            outcome.flags |= flag::AMOUNT_DIFFERS;
        }
    }
    let found_by_search = payment.lost_since().is_some() || payment.request_gone;
    if found_by_search || payment.send.as_ref().is_some_and(|s| s.earlier_run) {
        outcome.flags |= flag::RECOVERED;
    }
    outcome.message = match outcome.status {
        Status::Ok if report.authorized_only => "Approved. The money is reserved and not taken yet.".into(),
        Status::Ok => success(payment.kind()).into(),
        other => other.text().into(),
    };
    if request.capture_later && !report.authorized_only {
        outcome.flags |= flag::CAPTURED;
        if outcome.status == Status::Ok {
            outcome.message = "The money was taken at once: it could not be reserved for a later capture.".into();
        }
    }
    outcome.report = Some(report.clone());
    outcome
}

pub(super) fn declined(report: &TransactionReport) -> Outcome {
    if report.failed {
        let vendor_code = report.response_code.parse().unwrap_or(0);
        let text = report.response_text.clone();
        let mut outcome = failed(&Failure { vendor_code, ..Failure::new(Status::Vendor, text) });
        outcome.report = Some(report.clone());
        return outcome;
    }
    let mut outcome = plain(State::Declined, Status::Declined, MoneyMoved::NotMoved, Advice::NewCard);
    if report.held {
        outcome.flags |= flag::HELD;
    }
    if !report.response_text.is_empty() {
        outcome.message = report.response_text.clone();
    }
    if let Some(reason) = &report.reason {
        outcome.status = reason.status;
        outcome.advice = reason.advice;
        outcome.vendor_code = reason.vendor_code;
        if reason.status == Status::DuplicateSuspected {
            outcome.flags |= flag::DUPLICATE_SUSPECTED;
        }
        if !reason.sentence.is_empty() {
            outcome.message = reason.sentence.clone();
        }
    }
    outcome.report = Some(report.clone());
    outcome
}

/// Failed, with proof that no money moved.
pub fn failed(failure: &Failure) -> Outcome {
    let advice = failure.advice.unwrap_or_else(|| usual_advice(failure.status));
    let mut outcome = plain(State::Failed, failure.status, MoneyMoved::NotMoved, advice);
    outcome.vendor_code = failure.vendor_code;
    outcome.http_status = failure.http_status;
    if !failure.sentence.is_empty() {
        outcome.message = failure.sentence.clone();
    }
    if matches!(failure.status, Status::Rejected | Status::Forbidden | Status::Vendor) && !failure.text.is_empty() {
        outcome.message = format!("{} {}", outcome.message, failure.text);
    }
    outcome
}

/// What is done about a failure of which no vendor's table says more.
fn usual_advice(status: Status) -> Advice {
    match status {
        Status::Rejected | Status::InvalidAmount | Status::InvalidField => Advice::FixRequest,
        Status::Unauthorized | Status::Forbidden | Status::UnknownDevice | Status::NoDevice | Status::Config => {
            Advice::FixSetup
        }
        Status::Tls | Status::Proxy | Status::Journal => Advice::FixSetup,
        Status::NotFound | Status::Unsupported => Advice::FixRequest,
        // Another attempt has paid.
        Status::DuplicateReference => Advice::Done,
        Status::Integrity | Status::Internal => Advice::CallSupport,
        _ => Advice::Retry,
    }
}

pub(super) fn plain(state: State, status: Status, money: MoneyMoved, advice: Advice) -> Outcome {
    Outcome {
        state,
        status,
        money,
        advice,
        flags: 0,
        vendor_code: 0,
        http_status: 0,
        message: status.text().to_owned(),
        report: None,
    }
}
