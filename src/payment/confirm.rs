//! The till's policy for a payment that is authorized first and captured when the till has stored the sale.

use serde::{Deserialize, Serialize};

/// The policy, as it stood when the payment was asked for. It is part of the intent: a later run under another
/// configuration keeps to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Confirm {
    /// Milliseconds from the result, or from the start of a later run, in which the till must acknowledge it.
    pub within_ms: u64,
    pub on_silence: OnSilence,
}

/// What becomes of a payment that the till did not acknowledge in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSilence {
    Void,
    /// The authorization stays as it is.
    Keep,
}
