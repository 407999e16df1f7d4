//! Sentences for the cashier about what moves no money.

use crate::payment::fact::Phase;
use crate::payment::snapshot::State;
use crate::payment::{Kind, Payment};

pub(super) const UNKNOWN: &str =
    "It is not known whether the customer has answered. No money hangs on it. Look at the card terminal.";
const GONE: &str = "The customer has answered, but the answer was kept in memory only and is gone.";
const IMAGE_GONE: &str =
    "Signed. The image was kept in memory only and is gone; it can be fetched by the signature's id.";

pub(super) fn preparing(kind: Kind) -> &'static str {
    if kind.moves_money() { "Preparing the payment." } else { "Preparing the request." }
}

/// A restart forgets an answer, but not the vendor's id of a signature.
pub(super) fn answer_gone(payment: &Payment) -> &'static str {
    let named = payment.answered.as_ref().is_some_and(|answered| !answered.id.is_empty());
    if named { IMAGE_GONE } else { GONE }
}

pub(super) fn running(payment: &Payment, state: State) -> &'static str {
    if !payment.kind().is_question() {
        return if state == State::Queued { "Preparing the request." } else { "Waiting for the payment service." };
    }
    if payment.lost_since().is_some() {
        return "The connection broke. The terminal may be showing the question.";
    }
    match (state, payment.cancel_asked.is_some(), payment.phase) {
        (_, _, Some(Phase::Offline)) => "The card terminal does not answer. Waiting for it.",
        (_, true, _) => "Canceling.",
        (State::Queued, ..) => "Preparing the request.",
        (State::Sending, ..) => "Sending the question to the card terminal.",
        (State::Accepted | State::Connecting, ..) => "Connecting to the card terminal.",
        (State::AtTerminal, ..) => match payment.kind() {
            Kind::Signature => "Please sign at the terminal.",
            Kind::CardRead => "Please swipe the card at the terminal.",
            _ => "Please answer at the terminal.",
        },
        _ => "Fetching the answer.",
    }
}
