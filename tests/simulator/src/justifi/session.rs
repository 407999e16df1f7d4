//! A terminal session: what `/terminals/pay` set going, and how far it is.

use crate::justifi::issuer::Card;
use crate::justifi::scenario::Scenario;
use serde::Serialize;
use serde_json::Value;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum SessionKind {
    Payment,
    /// A card is given back money for a payment intent.
    Refund,
}

/// What is paid: places in the cloud's lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(super) enum Target {
    Checkout(usize),
    Intent(usize),
}

/// How far a session is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Progress {
    /// Another session has the terminal.
    Queued,
    Created,
    Processing,
    Succeeded,
    Failed,
    /// Ended by the X key.
    Canceled,
    TimedOut,
    /// Thrown out by another session.
    Replaced,
}

/// A session. No endpoint tells of it.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    pub id: String,
    pub kind: SessionKind,
    pub terminal_id: String,
    pub checkout_id: Option<String>,
    pub payment_intent_id: String,
    /// The payment it will make, if it makes one.
    pub payment_id: String,
    pub amount: i64,
    /// Metadata of the checkout or intent as the client had sent it when the session began.
    pub sent_metadata: Value,
    /// The `Idempotency-Key` the call came with.
    pub idempotency_key: Option<String>,
    pub scenario: Scenario,
    pub progress: Progress,
    /// Places in the ledger of the payments it made: of one card, or of two.
    pub payments: Vec<usize>,
    pub created_ms: u64,
    pub ended_ms: Option<u64>,
    pub(super) target: Target,
    pub(super) terminal: usize,
    /// Place among the checkout's completions of the one that is told next.
    pub(super) completion: Option<usize>,
    /// Steps planned under another number are void.
    pub(super) plan: u32,
    pub(super) card: Option<Card>,
    pub(super) second_card: bool,
    /// The line is cut while a card is in: what happens is not told.
    pub(super) lost: bool,
    /// The terminal's limit was told as the end, and the processor works on.
    pub(super) given_up: bool,
    /// Place in the ledger of what was decided, told or not.
    pub(super) decided: Option<usize>,
    pub(super) refused_with: Option<u16>,
}

/// What happens to a session next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The amount has reached the terminal.
    Connect,
    /// The terminal is reached after all.
    Reconnect,
    /// A word no document knows.
    Unheard,
    Insert(Card),
    Authorize,
    /// The terminal is done with it.
    Finish,
    /// The X key.
    Abandon,
    Unplug,
    /// Ends with a code no document has.
    Fail,
}
