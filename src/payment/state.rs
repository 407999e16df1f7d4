//! A payment as the fold of its facts.

mod apply;
mod confirming;
mod hinted;
mod hold;
mod late;
mod parts;
mod reading;
mod result;
mod sending;
mod terminal;

pub use confirming::{Confirming, StepEnd};
pub use hinted::Hinted;
pub use hold::{HOLD_TURNS_UP_MS, Hold};
pub use late::{LATE_WATCH_AFTER_RESTART_MS, LATE_WATCH_MS};
pub use parts::{Answered, Attempts, Decided, Ended, Folded, Seen, Send, SendResult, TerminalStatus};

use super::Kind;
use super::fact::{Decision, Entry, Fact, Failure, Intent, LookupDone, Phase};
use super::report::{Candidate, TransactionReport};
use super::snapshot::EventKind;
use crate::status::Status;

/// What the facts say of a payment, as of one run of the library.
///
/// Times are elapsed milliseconds of this run; what an earlier run saw counts as seen when this run began, so that every
/// waiting period starts anew after a restart.
#[derive(Clone, PartialEq, Debug)]
pub struct Payment {
    pub id: u64,
    pub intent: Intent,
    pub run: u32,
    pub run_began: u64,
    /// Number of the newest fact.
    pub newest: u64,
    pub asked_at: u64,
    pub asked_wall: i64,
    /// The intent was written by an earlier run: it is too old to be sent, however short the time.
    pub asked_earlier: bool,
    pub prior_clear: Option<bool>,
    pub sends: u32,
    pub send: Option<Send>,
    /// The second step of a payment that is to be captured later, where there is one.
    pub hold: Option<Hold>,
    /// When the vendor first showed its charge as approved.
    pub approved_at: Option<u64>,
    /// The answer of an earlier or the newest submit is lost since then; an acceptance ends it.
    pub lost_at: Option<u64>,
    /// What was made at the vendor for this payment, and the tries to make and read what must be there before the submit.
    pub prepared: Option<String>,
    pub preparing: Attempts,
    /// What was at the vendor before the submit.
    pub baseline: Option<Vec<String>>,
    pub terminal_status: Option<TerminalStatus>,
    /// Since when it has said that it is busy.
    pub busy_since: Option<u64>,
    pub request_id: Option<String>,
    /// The id under which its transaction will be, if there is one.
    pub named: Option<String>,
    /// Submits that were not executed because the vendor did not take the account's token.
    pub tokens_refused: u32,
    pub accepted_at: u64,
    pub phase: Option<Phase>,
    /// The terminal has shown the request to the customer, or more.
    pub reached_customer: bool,
    pub watched: Attempts,
    /// When the request was last read at the customer, if it was since the last wake-up or restart.
    pub shown_at: Option<u64>,
    pub offline_since: Option<u64>,
    pub offline_proven: bool,
    pub ended: Option<Ended>,
    /// The answer of a question or an errand has come.
    pub answered: Option<Answered>,
    pub request_gone: bool,
    /// A card may have been read: the vendor said so, or said nothing that rules it out.
    pub card_read: bool,
    /// The terminal was occupied after the vendor had said that the request was over.
    pub busy_after_end: bool,
    pub folded: Option<Folded>,
    pub transactions: Vec<Seen>,
    /// Transactions that a webhook named. They are kept apart until a read shows that they are ours.
    pub hinted: Vec<Hinted>,
    pub looked: Attempts,
    pub lookups: Vec<LookupDone>,
    /// Looks of the late watch that are done: in earlier runs or the run that decided, and in this one if it is a later
    /// one. A look that a new attempt wanted is none of them unless one was due.
    pub late_rounds_then: u32,
    pub late_rounds_now: u32,
    /// The newest look of a run between the one that decided and this one: its run, and when.
    late_look: Option<(u32, u64)>,
    pub late_watch_ended: bool,
    pub duplicate_search: Option<(bool, Vec<Candidate>)>,
    pub cancel_asked: Option<u64>,
    pub cancels: Attempts,
    pub cancel_sent_at: Option<u64>,
    pub cleared_at: Option<u64>,
    pub decided: Option<Decided>,
    pub terminal_free: bool,
    pub freed_at: Option<u64>,
    pub overdue: bool,
    pub unknown: Option<(Status, u64)>,
    pub acknowledged: bool,
    /// The till has stored some result of it, if not the newest.
    pub was_acknowledged: bool,
    /// Since when the till could have acknowledged what it was told last.
    pub silent_since: u64,
    /// The policy's own step.
    pub confirming: Option<Confirming>,
    pub resolved: Option<Decision>,
    pub resolved_at: u64,
    /// The newest fact about money that came up after the result, and how it is told.
    pub told_anew: Option<(u64, EventKind)>,
    pub late: Option<TransactionReport>,
    pub changed: Option<TransactionReport>,
    /// What other requests of this journal have given back of it, in all and each.
    pub reversed: i64,
    pub reversed_by: Vec<(String, i64)>,
    /// The transaction as another request of this journal left it, and since when.
    pub updated: Option<TransactionReport>,
    pub updated_at: u64,
    /// Of a change: the payment that was worked on knows.
    pub original_told: bool,
    /// The original as it was read before the first submit.
    pub before: Option<TransactionReport>,
    /// Since when a wake-up or restart is followed by no completed read that was begun after it.
    pub unread_since: Option<u64>,
    pub unreadable: bool,
    /// It belongs to a former account of this journal: what is read from the present one says nothing about it.
    pub former_account: bool,
    /// The last failure of the road or the vendor, until something succeeds.
    pub trouble: Option<Failure>,
}

impl Payment {
    /// A payment that only its intent is known of. `None` when the first fact is not an intent.
    pub fn begin(id: u64, run: u32, run_began: u64, first: &Entry) -> Option<Payment> {
        let Fact::Intent(intent) = &first.fact else { return None };
        let earlier = first.run != run;
        Some(Payment {
            id,
            intent: (**intent).clone(),
            run,
            run_began,
            newest: first.number,
            asked_at: if earlier { run_began } else { first.at_ms },
            asked_wall: first.wall_ms,
            asked_earlier: earlier,
            prior_clear: None,
            sends: 0,
            send: None,
            hold: None,
            approved_at: None,
            lost_at: None,
            prepared: None,
            preparing: Attempts::default(),
            baseline: None,
            terminal_status: None,
            busy_since: None,
            request_id: None,
            named: None,
            tokens_refused: 0,
            accepted_at: 0,
            phase: None,
            reached_customer: false,
            watched: Attempts::default(),
            shown_at: None,
            offline_since: None,
            offline_proven: false,
            ended: None,
            answered: None,
            request_gone: false,
            card_read: false,
            busy_after_end: false,
            folded: None,
            transactions: Vec::new(),
            hinted: Vec::new(),
            looked: Attempts::default(),
            lookups: Vec::new(),
            late_rounds_then: 0,
            late_rounds_now: 0,
            late_look: None,
            late_watch_ended: false,
            duplicate_search: None,
            cancel_asked: None,
            cancels: Attempts::default(),
            cancel_sent_at: None,
            cleared_at: None,
            decided: None,
            terminal_free: false,
            freed_at: None,
            overdue: false,
            unknown: None,
            acknowledged: false,
            was_acknowledged: false,
            silent_since: 0,
            confirming: None,
            resolved: None,
            resolved_at: 0,
            told_anew: None,
            late: None,
            changed: None,
            reversed: 0,
            reversed_by: Vec::new(),
            updated: None,
            updated_at: 0,
            original_told: false,
            before: None,
            unread_since: None,
            unreadable: false,
            former_account: false,
            trouble: None,
        })
    }

    /// The fold: a payment from its list of facts.
    pub fn fold(id: u64, run: u32, run_began: u64, entries: &[Entry]) -> Option<Payment> {
        let (first, rest) = entries.split_first()?;
        let mut payment = Payment::begin(id, run, run_began, first)?;
        rest.iter().for_each(|entry| payment.apply(entry));
        Some(payment)
    }

    pub fn kind(&self) -> Kind {
        self.intent.request.kind
    }
}
