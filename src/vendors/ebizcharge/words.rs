//! The status of a payment request (GET /paymentengine/payrequests/:requestkey:, status). Fifteen words are documented,
//! and an older page has three, of which `pending` is no other one. Compared trimmed and without regard to case.

use crate::payment::fact::{Ending, Phase};

/// What a word says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    Running(Phase),
    /// Running, and no telling how far it is.
    Pending,
    /// All is done; the transaction has the result.
    Complete,
    /// It ended without success, but look for a transaction.
    Failed(Ending),
}

pub(super) fn read(word: &str) -> Word {
    match word.trim().to_ascii_lowercase().as_str() {
        "sending to device" | "sent to device" => Word::Running(Phase::Connecting),
        "waiting for card dip" | "changing interfaces" | "customer see phone and tap again" => {
            Word::Running(Phase::AtTerminal)
        }
        "processing payment" | "completing payment" | "capturing signature" => Word::Running(Phase::Processing),
        "transaction complete" => Word::Complete,
        "canceled" | "transaction canceled" => Word::Failed(Ending::Canceled),
        "timeout" => Word::Failed(Ending::TimedOut),
        // Whatever broke off may have been approved a moment before.
        "transaction failed" | "error" | "signature capture error" => Word::Failed(Ending::Broken),
        _ => Word::Pending,
    }
}
