//! Facts: what became known about a payment, one after the other. The journal is a list of them.

use super::confirm::Confirm;
use super::fields::Checked;
use super::report::{Candidate, Outcome, TransactionReport};
use super::snapshot::Advice;
use crate::status::Status;
use serde::{Deserialize, Serialize};

/// The version written beside each fact. A reader meets a newer one by keeping it and only reading.
pub const VERSION: u32 = 1;

/// What became known.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The till asked, and everything a later run needs to know of it.
    Intent(Box<Intent>),
    /// The earlier attempts of the reference were looked up just before this one may leave.
    PriorChecked { clear: bool },
    /// The next submit is about to leave. Durable before its first byte.
    Dispatched { action: Action },
    /// Proof that the last submit was not executed. `again` says that it may be sent once more within its shelf life.
    NotSent { failure: Failure, again: bool, pause_ms: u32 },
    /// The vendor has taken the request, under its own id.
    Accepted { request_id: String },
    /// The vendor refused the submit before anything started.
    Refused { failure: Failure },
    /// The submit may have been executed; its answer is lost or makes no sense. The connection is closed by now.
    Unclear { failure: Failure },
    /// The vendor told where the terminal stands.
    TerminalShows { phase: Phase },
    /// A word of the vendor that this version does not know. It means: still running.
    UnknownWord { word: String },
    /// What the payment needs at the vendor before it can start has been made, under the vendor's id of it.
    Prepared { id: String },
    /// What had been made can no longer be used.
    PreparedGone { id: String },
    /// What was there before the submit, by the vendor's ids. None of it is the submit's doing.
    Baseline { ids: Vec<String> },
    /// What the terminal is doing, by its own word.
    TerminalStatus { busy: bool, authorization_ms: Option<u64>, word: String },
    /// The vendor says that the request ended without a transaction.
    RequestEnded { how: Ending, failure: Failure },
    /// The customer has answered a question, or an errand is done. What was answered is no fact: it travels beside. `id`
    /// is the vendor's id of an answer that has to be fetched, else empty; `whole` says that all of it is there.
    Answered { id: String, whole: bool },
    /// The vendor took the request for a repetition, and answered with an earlier transaction. No new money.
    Folded { id: String },
    /// Whose that transaction is.
    FoldedOnto { whose: Whose, report: Box<TransactionReport> },
    /// The vendor no longer knows the request's id.
    RequestGone,
    /// A read failed. It says nothing about money.
    ReadFailed { failure: Failure, pause_ms: u32 },
    /// The vendor said at the start under which id the transaction will be, if there is one.
    TransactionNamed { id: String },
    /// The request has led to a transaction.
    TransactionSeen { id: String },
    /// A webhook named a transaction that may be this payment's. It is a reason to read it, and proves nothing.
    TransactionHinted { id: String },
    /// A transaction as the vendor reports it.
    TransactionRead { report: Box<TransactionReport> },
    /// The vendor does not know the transaction (yet).
    TransactionMissing { id: String },
    /// A search for the submit's trace has ended.
    LookedUp(LookupDone),
    /// The vendor's duplicate check fired and the earlier charge was searched for.
    DuplicateSearched { earlier_attempt: bool, candidates: Vec<Candidate> },
    /// The till asked to cancel.
    CancelAsked,
    /// The vendor confirmed that the terminal was sent back to its idle screen.
    CancelSent,
    /// The vendor took the cancel of one request. Whether it came in time, the request itself tells.
    CancelTaken,
    /// The cancel may or may not have arrived.
    CancelUnclear { failure: Failure },
    /// A later request of ours reached the customer on the same terminal: this one is off its screen.
    TerminalCleared,
    /// The result, sealed: a newer version's rules do not change it.
    Decided { outcome: Box<Outcome> },
    /// The terminal has finished with the request. `proven` is false when the time for it just ran out.
    TerminalFree { proven: bool },
    /// The request runs longer than the till wanted to wait.
    Overdue,
    /// The till is told that the outcome is unknown.
    UnknownTold { status: Status },
    /// The till has stored the final result.
    Acknowledged,
    /// A person decided an unknown outcome.
    Resolved { decision: Decision, by: String, reason: String },
    /// A request that had ended without money was found approved.
    LateApproval { report: Box<TransactionReport> },
    /// The vendor's record of a finished request differs from what was told.
    ResultChanged { report: Box<TransactionReport> },
    /// The transaction was voided or refunded by another request of this journal.
    ReversedBy { reference: String, amount: i64 },
    /// That request was a refund and is voided itself: what it gave back is taken again.
    ReversalUndone { reference: String, amount: i64 },
    /// Another request of this journal changed the transaction: its tip, or its money was taken.
    UpdatedBy { reference: String, report: Box<TransactionReport> },
    /// The policy's capture of this payment is done.
    Captured { report: Box<TransactionReport> },
    /// The till did not acknowledge the payment in time, and the policy's void is done. Minor units.
    VoidedForSilence { amount: i64 },
    /// The policy's capture or void was refused, or never got through. It is not tried again.
    ConfirmFailed { failure: Failure },
    /// The original of this change has been told of it.
    OriginalTold,
    /// The late watch over an ended attempt is over.
    LateWatchEnded,
    /// A new run of the library, or a wake-up from sleep: waiting periods start anew, and reads come before deadlines.
    Resumed { restart: bool },
    /// A fact of a newer version. Kept as it is; the payment is unknown and only reads are allowed.
    #[serde(skip)]
    Unreadable,
}

impl Fact {
    /// True for the facts that must be on disk before the payment goes on or the till is told.
    pub fn must_be_durable(&self) -> bool {
        matches!(
            self,
            Fact::Intent(_)
                | Fact::PriorChecked { .. }
                | Fact::Dispatched { .. }
                | Fact::NotSent { .. }
                | Fact::Accepted { .. }
                | Fact::Prepared { .. }
                | Fact::Baseline { .. }
                | Fact::Decided { .. }
                | Fact::Acknowledged
                | Fact::Resolved { .. }
                | Fact::LateApproval { .. }
                | Fact::ResultChanged { .. }
                | Fact::ReversedBy { .. }
                | Fact::ReversalUndone { .. }
                | Fact::UpdatedBy { .. }
                | Fact::Captured { .. }
                | Fact::VoidedForSilence { .. }
                | Fact::ConfirmFailed { .. }
                | Fact::CancelAsked
        )
    }

    /// Reads a fact of the journal. What cannot be read becomes [`Fact::Unreadable`]; the journal keeps the original.
    pub fn from_json(version: u32, body: &str) -> Fact {
        if version > VERSION {
            return Fact::Unreadable;
        }
        serde_json::from_str(body).unwrap_or(Fact::Unreadable)
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| String::from("{}"))
    }
}

/// A fact and when it became known.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Counts all facts of the journal.
    pub number: u64,
    /// Which run of the library saw it; elapsed time is comparable within one run only.
    pub run: u32,
    /// Milliseconds of elapsed time.
    pub at_ms: u64,
    /// When the call began that told it: an answer can be long on its way, and says how things stood before. Without a
    /// call the same as `at_ms`.
    pub asked_ms: u64,
    /// Milliseconds since 1970, for people.
    pub wall_ms: i64,
    pub fact: Fact,
}

/// What the till asked, and the keys under which the attempt can be found again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Intent {
    pub request: Checked,
    /// The random key of this attempt, sent in a field that the vendor gives back.
    pub wire_key: String,
    /// False when the till filled the key's field itself: the attempt can then be matched only as a candidate.
    pub key_on_wire: bool,
    /// Counts the attempts of the reference from 1.
    pub attempt: u32,
    /// The earlier attempts of the reference.
    pub earlier: Vec<Earlier>,
    /// The vendor account: vendor, host and a hash of the login.
    pub identity: String,
    /// The vendor's id of the transaction worked on, for void, refund, capture and reads.
    pub original_id: Option<String>,
    /// What earlier work of this journal has given back of the original, in minor units.
    #[serde(default)]
    pub given_back: i64,
    /// The till was told that the original's money is only reserved.
    #[serde(default)]
    pub reserved: bool,
    /// The money is captured when the till acknowledges the result: the till's policy at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirm>,
    /// A transaction known before this submit, by which a search proves that it reaches far enough.
    pub landmark: Option<Landmark>,
}

/// An earlier attempt of the same reference.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Earlier {
    pub payment: u64,
    pub wire_key: String,
    /// False when it is proven that nothing of it left: it needs no lookup.
    pub dispatched: bool,
}

/// A transaction of this journal that the vendor has shown under its wire key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Landmark {
    pub transaction_id: String,
    pub wire_key: String,
    /// The vendor's own time of the transaction.
    pub created: String,
    /// A search is confined to one merchant account, and sees no landmark of another one.
    #[serde(default)]
    pub merchant_terminal: String,
}

/// What a submit does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Starts a payment or refund at the terminal, or does the one thing the kind stands for.
    Start,
    Void,
    /// Takes the money of a payment that its till has acknowledged.
    Capture,
    Refund,
    /// Puts the charge that was just approved on hold.
    Hold,
}

/// Where the terminal stands with a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Connecting,
    AtTerminal,
    /// The card was read and the issuer is asked.
    Processing,
    /// The terminal was occupied; nothing was started. An end.
    Busy,
    /// The vendor cannot reach the terminal.
    Offline,
    /// The terminal is done with the request. An end.
    Ended,
}

/// How a request ended without a transaction, by the vendor's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Done with it, and nothing came of it: somebody canceled.
    Canceled,
    /// Nobody presented a card in time.
    TimedOut,
    /// Something went wrong at the terminal or the vendor before a card was read.
    Failed,
    /// It broke off. What had been begun may go through all the same.
    Broken,
}

/// Whose transaction it is that the vendor answered with in place of a new one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// An earlier attempt's at the same reference: the payment that is asked for has been made.
    EarlierAttempt,
    /// Another payment's.
    OtherReference,
    /// That is not known.
    Nobody,
}

/// How a call failed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Failure {
    pub status: Status,
    /// The vendor's own number, or 0.
    #[serde(default)]
    pub vendor_code: i32,
    /// The HTTP status, or 0 when there was no answer.
    #[serde(default)]
    pub http_status: i32,
    /// What the vendor or the system said, masked and shortened.
    pub text: String,
    /// What is done about it when it is the result, if the vendor's table says so. Else the status tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
    /// For the cashier, if the vendor's table has something better than the status.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sentence: String,
}

impl Failure {
    pub fn new(status: Status, text: impl Into<String>) -> Failure {
        Failure { status, vendor_code: 0, http_status: 0, text: text.into(), advice: None, sentence: String::new() }
    }
}

/// The end of one search for a submit's trace.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LookupDone {
    /// When its first request began, in elapsed time of the run.
    pub began_ms: u64,
    /// All pages came, without error, back to a landmark older than the submit.
    pub complete: bool,
    /// A transaction that this journal knows was among the answers, with its wire key.
    pub sighted: bool,
    /// The ids of transactions that carry our key.
    pub found: Vec<String>,
    pub candidates: Vec<Candidate>,
}

/// A person's word about a request whose outcome is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
pub enum Decision {
    Paid = 1,
    NotPaid = 2,
    KeepLooking = 3,
}
