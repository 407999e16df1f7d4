//! A payment request: what was asked, how far it is, and how GET tells it.

use crate::ebizcharge::issuer::Card;
use crate::ebizcharge::scenario::Scenario;
use crate::ebizcharge::transaction::{Amounts, Kind};
use serde::Serialize;
use serde_json::{Map, Value};

/// The status of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Status {
    SendingToDevice,
    SentToDevice,
    WaitingForCardDip,
    ChangingInterfaces,
    SeePhone,
    ProcessingPayment,
    CompletingPayment,
    CapturingSignature,
    SignatureCaptureError,
    TransactionComplete,
    Canceled,
    TransactionCanceled,
    TransactionFailed,
    Timeout,
    Error,
    /// A word no document knows.
    Unheard,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::SendingToDevice => "sending to device",
            Status::SentToDevice => "sent to device",
            Status::WaitingForCardDip => "waiting for card dip",
            Status::ChangingInterfaces => "changing interfaces",
            Status::SeePhone => "customer see phone and tap again",
            Status::ProcessingPayment => "processing payment",
            Status::CompletingPayment => "completing payment",
            Status::CapturingSignature => "capturing signature",
            Status::SignatureCaptureError => "signature capture error",
            Status::TransactionComplete => "transaction complete",
            Status::Canceled => "canceled",
            Status::TransactionCanceled => "transaction canceled",
            Status::TransactionFailed => "transaction failed",
            Status::Timeout => "timeout",
            Status::Error => "error",
            Status::Unheard => "selecting application",
        }
    }

    /// Whether a card has been decided on.
    pub(super) fn is_decision(self) -> bool {
        matches!(
            self,
            Status::TransactionComplete | Status::TransactionFailed | Status::Error | Status::SignatureCaptureError
        )
    }

    /// The same in the three words of the oldest page.
    pub fn old_word(self) -> &'static str {
        match self {
            Status::TransactionComplete => "transaction complete",
            Status::Canceled | Status::TransactionCanceled | Status::Timeout => "canceled",
            Status::TransactionFailed | Status::Error => "canceled",
            _ => "pending",
        }
    }
}

/// A request that a device carries out.
#[derive(Clone, Debug, Serialize)]
pub struct PayRequest {
    pub key: String,
    pub device_key: String,
    pub kind: Kind,
    pub asked: Amounts,
    pub orderid: Option<String>,
    /// Everything that passes through to the transaction, as sent.
    pub details: Map<String, Value>,
    pub flow: Vec<String>,
    pub prompt_tip: bool,
    pub save_card: bool,
    pub enable_partialauth: bool,
    pub ignore_duplicate: bool,
    pub scenario: Scenario,
    pub status: Status,
    /// All screens are done.
    pub complete: bool,
    /// Place in the ledger of what GET tells.
    pub transaction: Option<usize>,
    /// The transaction is an earlier one.
    pub is_duplicate: bool,
    /// A number that stands beside the status.
    pub error: Option<u32>,
    pub created_ms: u64,
    pub expires_ms: u64,
    pub ended_ms: Option<u64>,
    pub(super) device: usize,
    /// Steps planned under another number are void.
    pub(super) plan: u32,
    pub(super) card: Option<Card>,
    pub(super) second_card: bool,
    /// The line is cut while a card is in: what happens is not told.
    pub(super) lost: bool,
    /// The word stays what it is, whatever happens.
    pub(super) frozen: bool,
    /// Place in the ledger of what was decided, told or not.
    pub(super) decided: Option<usize>,
    pub(super) tip: Option<i64>,
    pub(super) refused_with: Option<u32>,
}

impl PayRequest {
    pub(super) fn signs(&self) -> bool {
        self.flow.iter().any(|screen| screen.starts_with("signature"))
    }

    pub(super) fn must_sign(&self) -> bool {
        self.flow.iter().any(|screen| screen == "signature_required")
    }
}

/// What happens to a request next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The device has heard of it.
    Show,
    /// Only the word changes.
    Say(Status),
    Insert(Card),
    Authorize,
    /// The EMV dialogue is over.
    Complete,
    Signed,
    /// The red X.
    Abandon,
    Unplug,
    Fail(u32),
    /// The device stops waiting for the processor.
    GiveUp,
}
