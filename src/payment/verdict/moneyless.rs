//! The results of what moves no money: questions at a terminal, and errands. Here a failure needs no proof; the only thing
//! that must not be told wrongly is that something was done.

use super::{ended_without, failed, plain};
use crate::payment::Kind;
use crate::payment::fact::Failure;
use crate::payment::plan::{self, Rules};
use crate::payment::proof;
use crate::payment::report::Outcome;
use crate::payment::rules::CANCEL_QUIET_MS;
use crate::payment::snapshot::{Advice, MoneyMoved, State};
use crate::payment::state::{Payment, SendResult};
use crate::status::Status;

const MAY_BE_SHOWING: &str =
    "The connection broke. The terminal may be showing the question; it can be canceled there.";
const MAY_BE_DONE: &str = "The answer was lost. It may have been done all the same: look before you repeat it.";
/// So many failed reads end a reconciliation: half a list is none.
const READS: u32 = 4;
const NO_IMAGE: &str = "Signed. The image could not be fetched; ask for it by the signature's id.";

/// A question that may have reached its terminal.
pub(super) fn question(payment: &Payment, rules: &Rules, now: u64) -> Option<Outcome> {
    if let Some(answered) = &payment.answered {
        let given_up = now >= plan::image_patience_ends(payment) || will_not_heal(payment);
        let message = if answered.whole { success(payment.kind()) } else { NO_IMAGE };
        return (answered.whole || given_up).then(|| completed(message));
    }
    if let Some(ended) = &payment.ended {
        let busy = || failed(&Failure::new(Status::DeviceBusy, ""));
        let how = ended.how.as_ref();
        return Some(if ended.busy { busy() } else { how.map_or_else(canceled, |how| ended_without(Some(how))) });
    }
    if payment.offline_proven && !payment.reached_customer {
        return Some(failed(&Failure::new(Status::DeviceOffline, "")));
    }
    if payment.lost_since().is_some() {
        return lost(payment, rules);
    }
    if payment.request_gone && !proof::watchable(payment) {
        return Some(failed(&Failure::new(Status::RequestNotFound, "")));
    }
    let quiet_since = payment.cancel_sent_at? + CANCEL_QUIET_MS;
    (now >= quiet_since && proof::read_since(payment, quiet_since)).then(canceled)
}

/// Nobody knows the request's id, so nobody can ever read its answer.
fn lost(payment: &Payment, rules: &Rules) -> Option<Outcome> {
    if payment.cleared_at.is_some() && payment.cancel_asked.is_some() {
        return Some(canceled());
    }
    if plan::may_clear_terminal(payment, rules) {
        return None;
    }
    let road = Failure::new(Status::ConnectionLost, "");
    let outcome = failed(payment.lost_by().unwrap_or(&road));
    Some(Outcome { message: MAY_BE_SHOWING.to_owned(), ..outcome })
}

/// An errand.
pub(super) fn errand(payment: &Payment, rules: &Rules, now: u64) -> Option<Outcome> {
    if payment.answered.as_ref().is_some_and(|answered| answered.whole) {
        return Some(completed(success(payment.kind())));
    }
    match payment.send.as_ref().map(|send| &send.result) {
        Some(SendResult::Unclear { failure, .. }) => {
            return Some(Outcome { message: MAY_BE_DONE.to_owned(), ..failed(failure) });
        }
        Some(SendResult::Refused { failure, .. } | SendResult::NotSent { failure, again_at: None }) => {
            return Some(failed(failure));
        }
        _ => {}
    }
    if payment.cancel_asked.is_some() {
        return Some(Outcome { advice: Advice::Done, ..canceled() });
    }
    if lacks_transaction(payment) {
        return Some(failed(&Failure::new(Status::NotFound, "")));
    }
    let over = plan::gives_up_at(payment, rules).is_some_and(|ends| now >= ends);
    let late = Failure::new(Status::Timeout, "");
    match &payment.trouble {
        // The installer wants to know what is wrong, not whether it heals.
        Some(failure) if payment.kind() == Kind::SelfCheck && failure.status != Status::RateLimited => {
            let message = format!("{} {}", failure.status.text(), failure.text);
            Some(Outcome { message: message.trim_end().to_owned(), ..failed(failure) })
        }
        Some(failure) if payment.kind() == Kind::Reconcile && payment.looked.failures >= READS => Some(failed(failure)),
        _ if over || will_not_heal(payment) => Some(failed(payment.trouble.as_ref().unwrap_or(&late))),
        _ => None,
    }
}

/// A payment that only a person called paid has no transaction that could be asked for.
fn lacks_transaction(payment: &Payment) -> bool {
    let by_transaction = matches!(payment.kind(), Kind::FetchReceipt | Kind::SendReceipt | Kind::FetchSignature);
    by_transaction && payment.intent.original_id.is_none() && payment.intent.request.text("signature").is_none()
}

/// Asking again would bring the same answer.
fn will_not_heal(payment: &Payment) -> bool {
    payment.trouble.as_ref().is_some_and(|failure| {
        matches!(
            failure.status,
            Status::Unauthorized
                | Status::Forbidden
                | Status::NotFound
                | Status::Rejected
                | Status::UnknownDevice
                | Status::Tls
                | Status::Proxy
                | Status::Unsupported
                | Status::Config
                | Status::Journal
                | Status::Internal
        )
    })
}

fn completed(message: &str) -> Outcome {
    let outcome = plain(State::Completed, Status::Ok, MoneyMoved::NotMoved, Advice::Done);
    Outcome { message: message.to_owned(), ..outcome }
}

fn canceled() -> Outcome {
    let outcome = plain(State::Canceled, Status::Canceled, MoneyMoved::NotMoved, Advice::Retry);
    Outcome { message: String::from("Canceled. There is no answer."), ..outcome }
}

/// What the cashier reads when it went well.
fn success(kind: Kind) -> &'static str {
    match kind {
        Kind::Signature => "Signed.",
        Kind::Prompt | Kind::Input => "The customer has answered.",
        Kind::CardRead => "The card was read.",
        Kind::SendReceipt => "The receipt was sent.",
        Kind::PairTerminal => "Enter the code on the terminal.",
        Kind::UnpairTerminal => "The terminal was removed.",
        Kind::SetTerminal => "The terminal was changed.",
        Kind::IdentifyTerminal => "The terminal shows its name.",
        _ => "Done.",
    }
}
