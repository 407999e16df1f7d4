//! What a request looks like from outside at one moment: the answer to every question a cashier or a program asks.

use super::money::Currency;
use crate::secret::Secret;
use crate::status::Status;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Builds an enum of fixed, append-only numbers with the names that the header and `pj_*_name` use.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal, $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(i32)]
        pub enum $name { $($(#[$vdoc])* $variant = $number,)+ }
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            pub fn number(self) -> i32 { self as i32 }
            /// The name of the header's constant.
            pub fn name(self) -> &'static str { match self { $($name::$variant => $text,)+ } }
            pub fn from_number(number: i32) -> Option<$name> { match number { $($number => Some($name::$variant),)+ _ => None } }
        }
    };
}

numbered! {
    /// Where a request stands. The running states stand in rising order and never go back.
    State {
        /// Accepted by the library; the intent is on its way into the journal.
        Queued = 1, "PJ_STATE_QUEUED";
        /// Being sent to the vendor.
        Sending = 2, "PJ_STATE_SENDING";
        /// The vendor has taken the request.
        Accepted = 3, "PJ_STATE_ACCEPTED";
        /// The vendor's cloud is connecting to the terminal.
        Connecting = 4, "PJ_STATE_CONNECTING";
        /// The terminal shows the request to the customer.
        AtTerminal = 5, "PJ_STATE_AT_TERMINAL";
        /// A transaction exists and is being read.
        Processing = 6, "PJ_STATE_PROCESSING";
        /// Money moved as reported in the approved amount.
        Approved = 10, "PJ_STATE_APPROVED";
        /// A request that moves no money has its answer.
        Completed = 11, "PJ_STATE_COMPLETED";
        /// Declined by the issuer or the vendor; no money moved.
        Declined = 12, "PJ_STATE_DECLINED";
        /// Canceled; no money moved.
        Canceled = 13, "PJ_STATE_CANCELED";
        /// The terminal or the vendor gave up waiting; no money moved.
        TimedOut = 14, "PJ_STATE_TIMED_OUT";
        /// Failed; no money moved.
        Failed = 15, "PJ_STATE_FAILED";
        /// Not known yet whether money moved. Not final.
        Unknown = 20, "PJ_STATE_UNKNOWN";
    }
}

impl State {
    pub fn is_final(self) -> bool {
        (State::Approved..=State::Failed).contains(&self)
    }

    pub fn is_running(self) -> bool {
        self < State::Approved
    }
}

numbered! {
    /// Did money move?
    MoneyMoved {
        /// Proven: no money moved.
        NotMoved = 1, "PJ_MONEY_NOT_MOVED";
        /// Money moved, by the approved amount.
        Moved = 2, "PJ_MONEY_MOVED";
        /// Money had moved, or was reserved, and was given back.
        Reversed = 3, "PJ_MONEY_REVERSED";
        /// Not known.
        Unknown = 4, "PJ_MONEY_UNKNOWN";
        /// Reserved on the card but not taken: an authorization that waits for its capture.
        Pending = 5, "PJ_MONEY_PENDING";
    }
}

numbered! {
    /// What does the cashier do now?
    Advice {
        /// Nothing yet: the request is running.
        Wait = 1, "PJ_ADVICE_WAIT";
        /// The sale is settled one way or the other; nothing more to do.
        Done = 2, "PJ_ADVICE_DONE";
        /// Try again with the same reference: no money moved.
        Retry = 3, "PJ_ADVICE_RETRY";
        /// Ask for another card or another way to pay.
        NewCard = 4, "PJ_ADVICE_NEW_CARD";
        /// The program's request is wrong: correct it.
        FixRequest = 5, "PJ_ADVICE_FIX_REQUEST";
        /// The set-up is wrong: credentials, terminal, network.
        FixSetup = 6, "PJ_ADVICE_FIX_SETUP";
        /// A person must look at the terminal and the vendor's records, then the program calls pj_resolve.
        Resolve = 7, "PJ_ADVICE_RESOLVE";
        /// Call the vendor's or the integrator's support.
        CallSupport = 8, "PJ_ADVICE_CALL_SUPPORT";
    }
}

numbered! {
    /// Why news is told.
    EventKind {
        /// There is no event.
        None = 0, "PJ_EVENT_NONE";
        /// The request's running state, flags or message changed.
        State = 1, "PJ_EVENT_STATE";
        /// The final result. Told again after a restart until it is acknowledged.
        Result = 2, "PJ_EVENT_RESULT";
        /// A request that had ended without money was found approved. Acknowledge it anew.
        LateApproval = 3, "PJ_EVENT_LATE_APPROVAL";
        /// The vendor's record of a finished request changed: another amount, or declined after approval.
        ResultChanged = 4, "PJ_EVENT_RESULT_CHANGED";
        /// The transaction of a finished request was voided or refunded, by another request or because a payment was not
        /// acknowledged in time (`confirm`).
        Reversed = 5, "PJ_EVENT_REVERSED";
        /// The terminal has finished with a request whose result was told before.
        TerminalFree = 6, "PJ_EVENT_TERMINAL_FREE";
        /// A finished payment is changed: another tip, its money was taken, by another request or by `confirm`, or what was
        /// given back is taken again.
        Updated = 7, "PJ_EVENT_UPDATED";
    }
}

/// The flags of a result, one bit each.
pub mod flag {
    pub const FINAL: u32 = 1;
    pub const TERMINAL_FREE: u32 = 1 << 1;
    pub const PARTIAL: u32 = 1 << 2;
    pub const AMOUNT_DIFFERS: u32 = 1 << 3;
    pub const RECOVERED: u32 = 1 << 4;
    pub const CANCEL_REQUESTED: u32 = 1 << 5;
    pub const OVERDUE: u32 = 1 << 6;
    pub const DUPLICATE_SUSPECTED: u32 = 1 << 7;
    pub const NOT_DURABLE: u32 = 1 << 8;
    pub const LATE: u32 = 1 << 9;
    pub const RESOLVED: u32 = 1 << 10;
    pub const HELD: u32 = 1 << 11;
    pub const CAPTURED: u32 = 1 << 12;
}

/// The whole state of a request at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    pub state: State,
    pub status: Status,
    pub money: MoneyMoved,
    pub advice: Advice,
    /// Bits of [`flag`].
    pub flags: u32,
    /// Minor units.
    pub requested_amount: i64,
    pub approved_amount: i64,
    pub tip_amount: i64,
    pub surcharge_amount: i64,
    pub currency: Option<Currency>,
    /// The vendor's own number, 0 when there is none.
    pub vendor_code: i32,
    /// HTTP status of the last answer, 0 when there was none.
    pub http_status: i32,
    /// When the request was made, on the clock of `os::elapsed_ms`; and when it became final.
    pub started_ms: u64,
    pub ended_ms: Option<u64>,
    /// Number of the newest fact in this snapshot; rises per journal.
    pub event_number: u32,
    pub card_last4: String,
    pub card_brand: String,
    pub entry_method: String,
    pub authorization_code: String,
    pub response_code: String,
    pub reference: String,
    pub request_id: String,
    pub transaction_id: String,
    pub terminal: String,
    /// One sentence for the cashier.
    pub message: String,
    /// Everything else the getters give, by key: `transaction.status`, `candidates.0.transaction`, ...
    pub details: BTreeMap<String, Detail>,
}

/// A value behind the getters.
#[derive(Clone, PartialEq)]
pub enum Detail {
    Text(String),
    Int(i64),
    Bytes(Arc<[u8]>),
    /// A text for the program only. It is in no JSON and is never printed.
    Private(Secret),
}

impl std::fmt::Debug for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Detail::Text(text) => write!(f, "Text({text:?})"),
            Detail::Int(number) => write!(f, "Int({number})"),
            Detail::Bytes(bytes) => write!(f, "Bytes({} of them)", bytes.len()),
            Detail::Private(_) => write!(f, "Private"),
        }
    }
}

impl Snapshot {
    pub fn has(&self, bit: u32) -> bool {
        self.flags & bit != 0
    }
}
