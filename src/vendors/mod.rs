//! Vendors: a step becomes an HTTP request, a reply becomes facts. They decide nothing. Pure.
//!
//! To add a vendor: one module here with its rows and fixtures, and one line each in [`ALL`] and [`FAILURES`].

pub mod codes;
pub mod ebizcharge;
pub mod justifi;
#[cfg(test)]
mod manual;
pub mod payjunction;
mod span;
#[cfg(test)]
mod tests;
pub mod webhook;

#[cfg(test)]
pub use manual::print_manual;

use crate::config::Config;
use crate::http::{HttpReply, HttpRequest};
use crate::payment::fact::{Failure, Landmark};
use crate::payment::fields::{Checked, Fault};
use crate::payment::plan::{Step, Ways};
use crate::payment::reconcile::Listed;
use crate::payment::report::{Candidate, TransactionReport};
use crate::payment::{Fact, Kind, Payment, Volatile};
use crate::secret::Secret;
use crate::status::Status;
use std::collections::HashSet;

/// A vendor's name in the configuration, and how to make its module for an account.
pub struct Entry {
    pub name: &'static str,
    pub open: fn(&Config) -> Box<dyn Vendor>,
}

/// The vendors of this version.
pub const ALL: &[Entry] = &[
    Entry { name: "payjunction", open: payjunction::open },
    Entry { name: "ebizcharge", open: ebizcharge::open },
    // The same gateway under its own name.
    Entry { name: "usaepay", open: ebizcharge::open },
    Entry { name: "justifi", open: justifi::open },
];

/// What each vendor's codes mean, in the library's numbers.
pub static FAILURES: &[&codes::Table] =
    &[&payjunction::codes::TABLE, &ebizcharge::codes::TABLE, &justifi::codes::TABLE];

/// Numbers of a vendor's interface: pacing, patience and what searches prove.
#[derive(Clone, PartialEq, Debug)]
pub struct Policy {
    /// Between any two calls of the account.
    pub call_gap_ms: u64,
    /// Between two reads of one request.
    pub read_floor_ms: u64,
    pub first_read_ms: u64,
    /// See `payment::plan::Rules`.
    pub absence_after_ms: u64,
    pub refund_absence_ms: u64,
    pub resend_on_original: bool,
    pub ways: Ways,
    /// Milliseconds until a request counts as overdue, when the till does not say.
    pub deadline_ms: u64,
    /// The most calls in a minute and in a day. 0: the vendor names no such limit.
    pub calls_per_minute: u32,
    pub calls_per_day: u32,
}

/// What the vendor gave this account for a while: a token in place of the credentials. Lives in memory only.
pub struct Session {
    pub token: Secret,
    /// How long it lasts, from its request on.
    pub lasts_ms: u64,
}

/// What a request needs besides the payment.
pub struct Account<'a> {
    /// There for vendors that open one.
    pub session: Option<&'a Session>,
    /// Random bytes, fresh for every call.
    pub entropy: [u8; 20],
}

/// How much of a limit is used up, by the vendor's own count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Used {
    pub used: u32,
    pub limit: u32,
}

/// One vendor's interface for one account.
pub trait Vendor: Send + Sync {
    fn policy(&self) -> Policy;

    /// Whether this vendor can do this kind of work, in this version of the library.
    fn can_do(&self, kind: Kind) -> bool;

    /// The field of the till that takes the place of our key on the wire when the till fills it itself.
    fn key_field(&self) -> Option<&'static str>;

    /// Whether this vendor has it, in this version of the library.
    fn has(&self, feature: Feature) -> bool;

    /// Refuses, before anything is sent, what this vendor cannot do or would not take.
    fn admit(&self, request: &Checked) -> Result<(), Fault>;

    /// Milliseconds between two reads of the same thing, whichever payments they are for. 0: as often as the plan says.
    fn same_read_gap_ms(&self) -> u64 {
        0
    }

    /// The call that opens a session, for a vendor that wants one before everything else.
    fn open_session(&self) -> Option<HttpRequest> {
        None
    }

    /// What the answer to that call says.
    fn read_session(&self, reply: &HttpReply) -> Result<Session, Failure> {
        Err(Failure { http_status: i32::from(reply.status), ..Failure::new(Status::BadReply, "unexpected session") })
    }

    /// The request of a step. `search` tells where a search of several requests stands.
    fn request(
        &self,
        step: &Step,
        payment: &Payment,
        search: &Search,
        account: &Account,
    ) -> Result<HttpRequest, Failure>;

    /// How this vendor signs what it posts by itself. `None`: it posts nothing that we could read.
    fn webhooks(&self) -> Option<&'static webhook::Scheme> {
        None
    }

    /// What a reply says.
    fn read(&self, step: &Step, payment: &Payment, search: Search, reply: &HttpReply, known: &Known) -> Reading;
}

/// What a vendor may or may not have, beside kinds of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Feature {
    /// A running request at a terminal can be canceled from the till.
    Cancel,
    Tips,
    /// The card number may be keyed on the terminal.
    ManualEntry,
    Surcharge,
    InterruptBusy,
    /// Part of the amount may be approved.
    Partial,
    /// The money can be reserved at the terminal and taken later.
    CaptureLater,
    /// The money is charged and put on hold at once, where it cannot be reserved at the terminal.
    HoldAfter,
    SaveCard,
    WaitForTerminal,
    LineItems,
    Webhooks,
}

/// What a reply has led to.
#[derive(Default)]
pub struct Reading {
    pub facts: Vec<Fact>,
    /// What came beside them, for the till only.
    pub volatile: Volatile,
    /// The step needs another request, from here.
    pub next: Option<Search>,
    /// Transactions of other payments of this journal that came up.
    pub elsewhere: Vec<(u64, TransactionReport)>,
    /// The session is no longer taken: the next call opens a new one.
    pub session_over: bool,
    /// No call of the account for so long.
    pub pause_ms: u32,
    /// While that pause lasts, nothing new is begun: it would be refused for this reason.
    pub shut: Option<Failure>,
    /// The vendor's count of the account's calls in this minute, and in this day.
    pub minute: Option<Used>,
    pub day: Option<Used>,
    /// The vendor's list of a span of time, complete.
    pub books: Option<Vec<Listed>>,
}

impl Reading {
    fn of(fact: Fact) -> Reading {
        Reading { facts: vec![fact], ..Reading::default() }
    }

    /// What the reply says, as it may be journaled, logged and shown: no text of the vendor has a card number.
    pub fn masked(mut self) -> Reading {
        self.facts = self.facts.into_iter().map(Fact::masked).collect();
        self.elsewhere.iter_mut().for_each(|(_, report)| report.mask());
        self.shut.iter_mut().for_each(Failure::mask);
        self
    }
}

/// Where a search of several requests stands. Lives in memory only.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Search {
    /// When its first request began.
    pub began_ms: u64,
    /// Past the search by key, in the list of all transactions.
    pub listing: bool,
    /// Results skipped so far in the present part.
    pub offset: u32,
    pub sighted: bool,
    pub found: Vec<TransactionReport>,
    pub candidates: Vec<Candidate>,
    /// The list begins at this moment of the vendor's time.
    pub since: String,
    /// The next page begins here.
    pub cursor: String,
    /// Past the transaction that the vendor had named beforehand.
    pub beyond: bool,
    /// What all that is looked for comes to, by the vendor's own word. Minor units.
    pub sum: Option<i64>,
    /// The vendor's word for where it stands, from an earlier request of the search.
    pub word: String,
    /// What the requests of an errand have brought so far.
    pub volatile: Volatile,
    /// Pages read so far, of a list that can only be leafed through.
    pub pages: u32,
    /// The number of its last row, and whether the rows were ever out of order.
    pub lowest: Option<u64>,
    pub unordered: bool,
    /// A transaction that this journal knows has come up, under its key.
    pub seen_landmark: bool,
    /// What a reconciliation has read so far.
    pub listed: Vec<Listed>,
    /// What is ours if it stays the only one.
    pub kin: Vec<TransactionReport>,
}

/// What the journal knows beyond the payment at hand.
pub struct Known<'a> {
    /// Ids of transactions that belong to other payments of this journal.
    pub claimed: &'a HashSet<String>,
    /// The newest transaction that the vendor has shown under its key.
    pub landmark: Option<&'a Landmark>,
    /// What turns up and was not named to this payment is more likely a later one's: an attempt that shares what was prepared
    /// at the vendor, or a refund of the same original.
    pub handed_on: bool,
}
