//! A payment as the fold of its facts.

mod hinted;
mod hold;
mod late;

pub use hinted::Hinted;
pub use hold::{HOLD_TURNS_UP_MS, Hold};
pub use late::{LATE_WATCH_AFTER_RESTART_MS, LATE_WATCH_MS};

use super::Kind;
use super::fact::{Action, Decision, Ending, Entry, Fact, Failure, Intent, LookupDone, Phase, Whose};
use super::report::{Candidate, Outcome, Ownership, TransactionReport, Verdict};
use super::rules::Step;
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

/// The newest submit.
#[derive(Clone, PartialEq, Debug)]
pub struct Send {
    pub action: Action,
    pub at: u64,
    /// Handed to the transport in this run, or written by an earlier run, which may have handed it over.
    pub may_have_left: bool,
    pub earlier_run: bool,
    pub result: SendResult,
}

#[derive(Clone, PartialEq, Debug)]
pub enum SendResult {
    Pending,
    NotSent {
        failure: Failure,
        again_at: Option<u64>,
    },
    Accepted,
    Refused {
        failure: Failure,
        at: u64,
    },
    /// The connection was known to be closed at that time.
    Unclear {
        failure: Failure,
        closed_at: u64,
    },
}

/// How the terminal ended the request by itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Ended {
    pub busy: bool,
    pub at: u64,
    /// When the call began that told it.
    pub asked: u64,
    /// By the vendor's word. `None` where it only said that the terminal is done.
    pub how: Option<(Ending, Failure)>,
}

/// The answer of a question or an errand, of which the facts know no more than this.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    /// The vendor's id of an answer that has to be fetched, else empty.
    pub id: String,
    /// All of it is there.
    pub whole: bool,
    pub at: u64,
}

/// The earlier transaction that the vendor answered with, and whose it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Folded {
    pub id: String,
    pub onto: Option<(Whose, TransactionReport)>,
}

/// What the terminal said of itself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TerminalStatus {
    pub busy: bool,
    /// How long it waits for an authorization.
    pub authorization_ms: Option<u64>,
    pub at: u64,
    pub asked_at: u64,
}

/// A transaction of this payment, or one that came up in a search.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    pub id: String,
    /// Named by the request itself, not by a search.
    pub by_request: bool,
    pub report: Option<TransactionReport>,
    pub reads: Attempts,
    pub read_at: u64,
}

/// Tries at something that is read again and again.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Attempts {
    pub count: u32,
    pub failures: u32,
    pub last_at: u64,
    /// The vendor asked for a pause until then.
    pub not_before: u64,
}

/// The sealed result.
#[derive(Clone, PartialEq, Debug)]
pub struct Decided {
    pub outcome: Outcome,
    pub at: u64,
    pub earlier_run: bool,
    /// Which run decided, and when on its own clock.
    pub run: u32,
    pub run_at: u64,
}

impl Attempts {
    fn done(&mut self, at: u64) {
        self.count += 1;
        self.failures = 0;
        self.last_at = at;
    }

    fn failed(&mut self, at: u64, pause_ms: u32) {
        self.count += 1;
        self.failures += 1;
        self.last_at = at;
        self.not_before = at + u64::from(pause_ms);
    }
}

impl Seen {
    /// Named by the request itself, or proven ours by the key.
    pub fn is_mine(&self) -> bool {
        self.by_request || self.report.as_ref().is_some_and(|report| report.ownership == Ownership::Ours)
    }
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

    /// Takes in one more fact.
    pub fn apply(&mut self, entry: &Entry) {
        let current = entry.run == self.run;
        let (at, asked) = if current { (entry.at_ms, entry.asked_ms) } else { (self.run_began, self.run_began) };
        self.newest = self.newest.max(entry.number);
        match &entry.fact {
            Fact::Intent(_) => {}
            Fact::PriorChecked { clear } => self.prior_clear = Some(*clear),
            Fact::Dispatched { .. }
            | Fact::NotSent { .. }
            | Fact::Accepted { .. }
            | Fact::Refused { .. }
            | Fact::Unclear { .. } => self.apply_send(&entry.fact, at, current),
            Fact::TerminalShows { phase } => self.apply_phase(*phase, at, asked),
            Fact::Prepared { .. } | Fact::PreparedGone { .. } | Fact::Baseline { .. } | Fact::TerminalStatus { .. } => {
                self.apply_preparation(&entry.fact, at, asked)
            }
            Fact::RequestEnded { how, failure } => {
                self.apply_phase(Phase::Ended, at, asked);
                self.card_read = self.card_read || *how == Ending::Broken;
                if let Some(ended) = &mut self.ended {
                    ended.how = ended.how.take().or(Some((*how, failure.clone())));
                }
            }
            Fact::Answered { id, whole } => self.apply_answer(id, *whole, at, current),
            Fact::UnknownWord { .. } => {
                self.read_succeeded(at, asked);
                self.offline_since = None;
                self.card_read = true;
                self.goes_on();
            }
            Fact::Folded { id } => {
                let known = self.folded.take().filter(|folded| folded.id == *id);
                self.folded = known.or(Some(Folded { id: id.clone(), onto: None }));
            }
            Fact::FoldedOnto { whose, report } => {
                self.looked.done(at);
                if *whose == Whose::Nobody {
                    self.duplicate_search = Some((false, vec![Candidate::from(&**report)]));
                }
                self.folded = Some(Folded { id: report.id.clone(), onto: Some((*whose, (**report).clone())) });
            }
            Fact::RequestGone => {
                let unread_since = self.unread_since;
                self.read_succeeded(at, asked);
                self.request_gone = true;
                // It takes a search to know what became of it.
                self.unread_since = unread_since;
            }
            Fact::ReadFailed { failure, .. } => self.note_trouble(Some(failure)),
            Fact::TransactionNamed { id } => self.named = Some(id.clone()),
            Fact::TransactionSeen { id } => {
                self.forget_hint(id);
                self.seen(id).by_request = true;
            }
            Fact::TransactionHinted { id } => self.apply_hint(id),
            Fact::TransactionRead { report } if self.settles_hint(report) => self.note_trouble(None),
            Fact::TransactionRead { report } => {
                self.apply_report(report, at, asked);
                if self.is_late_look(report) {
                    self.count_late_round(entry, current);
                }
            }
            Fact::TransactionMissing { id } => self.reads_of(id).failed(at, 0),
            Fact::LookedUp(lookup) => self.apply_lookup(lookup, entry, at, current),
            Fact::DuplicateSearched { earlier_attempt, candidates } => {
                self.duplicate_search = Some((*earlier_attempt, candidates.clone()));
            }
            Fact::CancelAsked => self.cancel_asked = self.cancel_asked.or(Some(at)),
            Fact::CancelSent => {
                self.cancels.done(at);
                self.cancel_sent_at = Some(at);
                self.cleared_at = Some(at);
            }
            Fact::CancelTaken => {
                self.cancels.done(at);
                self.cancel_sent_at = Some(at);
            }
            Fact::CancelUnclear { failure } => {
                self.cancels.failed(at, 0);
                self.note_trouble(Some(failure));
            }
            Fact::TerminalCleared => self.cleared_at = self.cleared_at.or(Some(at)),
            Fact::Overdue => self.overdue = true,
            Fact::UnknownTold { status } => self.unknown = Some((*status, at)),
            Fact::Resumed { restart } => self.apply_resume(*restart, at),
            Fact::Unreadable => self.unreadable = true,
            _ => self.apply_result(entry, at, current),
        }
    }

    fn apply_send(&mut self, fact: &Fact, at: u64, current: bool) {
        let dispatched = matches!(fact, Fact::Dispatched { .. });
        if matches!(fact, Fact::Dispatched { action: Action::Hold }) || (self.hold.is_some() && !dispatched) {
            return self.apply_hold(fact, at, current);
        }
        if let Fact::Dispatched { action } = fact {
            self.sends += 1;
            if self.sends == 1 {
                self.before = self.original().and_then(|seen| seen.report.clone());
            }
            // A reverse goes on from void to refund only on proof that the void was not executed.
            if self.send.as_ref().is_some_and(|s| s.action != *action) {
                self.lost_at = None;
                self.lookups.clear();
                self.looked = Attempts::default();
                self.send = None;
            }
            if self.send.as_ref().is_some_and(|s| s.result == SendResult::Pending && s.may_have_left) {
                self.lost_at = self.lost_at.or(Some(at));
            }
            let (may_have_left, earlier_run) = (!current, !current);
            self.send = Some(Send { action: *action, at, may_have_left, earlier_run, result: SendResult::Pending });
            return;
        }
        if let Fact::Accepted { request_id } = fact {
            self.accepted_at = at;
            self.lost_at = None;
            self.note_trouble(None);
            if !request_id.is_empty() {
                self.request_id = Some(request_id.clone());
            }
        }
        let result = match fact {
            Fact::NotSent { failure, again, pause_ms } => {
                self.note_trouble(Some(failure));
                self.tokens_refused += u32::from(failure.status == Status::Unauthorized);
                let again_at = again.then_some(at + u64::from(*pause_ms));
                SendResult::NotSent { failure: failure.clone(), again_at }
            }
            Fact::Refused { failure } => SendResult::Refused { failure: failure.clone(), at },
            Fact::Unclear { failure } => {
                self.note_trouble(Some(failure));
                self.lost_at = Some(at);
                SendResult::Unclear { failure: failure.clone(), closed_at: at }
            }
            _ => SendResult::Accepted,
        };
        let action = Action::Start;
        let send = self.send.get_or_insert(Send {
            action,
            at,
            may_have_left: false,
            earlier_run: !current,
            result: SendResult::Pending,
        });
        send.result = result;
    }

    fn apply_preparation(&mut self, fact: &Fact, at: u64, asked: u64) {
        self.preparing.done(at);
        self.note_trouble(None);
        match fact {
            Fact::Prepared { id } => self.prepared = Some(id.clone()),
            Fact::PreparedGone { .. } => {
                self.prepared = None;
                self.baseline = None;
            }
            Fact::Baseline { ids } => self.baseline = Some(ids.clone()),
            Fact::TerminalStatus { busy, authorization_ms, .. } => {
                let (busy, authorization_ms) = (*busy, *authorization_ms);
                self.busy_since = busy.then_some(self.busy_since.unwrap_or(at));
                self.busy_after_end |= busy && self.ended.as_ref().is_some_and(|ended| asked >= ended.at);
                self.terminal_status = Some(TerminalStatus { busy, authorization_ms, at, asked_at: asked });
            }
            _ => {}
        }
    }

    fn apply_phase(&mut self, phase: Phase, at: u64, asked: u64) {
        let unread_since = self.unread_since;
        self.read_succeeded(at, asked);
        if phase == Phase::Ended && self.transactions.is_empty() {
            // It takes a search to know what the end means.
            self.unread_since = unread_since;
        }
        match phase {
            Phase::Offline => {
                let since = *self.offline_since.get_or_insert(at);
                self.offline_proven = self.offline_proven || asked >= since + OFFLINE_CONFIRM_MS;
            }
            _ => {
                self.offline_since = None;
                self.offline_proven = false;
            }
        }
        // A word that says nothing was started is not believed once the customer has seen the request.
        let busy_after_start = phase == Phase::Busy && self.reached_customer;
        if !busy_after_start {
            self.phase = Some(phase);
        }
        match phase {
            Phase::AtTerminal | Phase::Processing => {
                self.reached_customer = true;
                self.card_read = self.card_read || phase == Phase::Processing;
                self.shown_at = Some(asked);
                self.goes_on();
            }
            Phase::Busy if !self.reached_customer => {
                self.ended = self.ended.take().or(Some(Ended { busy: true, at, asked, how: None }));
            }
            Phase::Ended => {
                let ended = Ended { busy: false, at, asked, how: None };
                self.ended = self.ended.take().filter(|e| !e.busy).or(Some(ended));
            }
            Phase::Connecting => self.goes_on(),
            _ => {}
        }
    }

    /// What an earlier run was answered is gone with it, but for what can be fetched again.
    fn apply_answer(&mut self, id: &str, whole: bool, at: u64, current: bool) {
        self.note_trouble(None);
        self.looked = Attempts::default();
        if current || !id.is_empty() {
            self.answered = Some(Answered { id: id.to_owned(), whole: whole && current, at });
        }
    }

    /// An errand that must not be done twice: after a lost answer it is not sent again.
    pub fn is_sent_once(&self) -> bool {
        let kicks = self.kind() == Kind::SetTerminal && self.intent.request.flag("reconnect");
        kicks || matches!(self.kind(), Kind::SendReceipt | Kind::PairTerminal | Kind::UnpairTerminal)
    }

    /// The vendor's newer word is that the request runs: an end without a transaction, told before, was none.
    fn goes_on(&mut self) {
        if self.decided.is_none() {
            self.ended = self.ended.take().filter(|ended| ended.how.is_none());
        }
    }

    fn apply_report(&mut self, report: &TransactionReport, at: u64, asked: u64) {
        self.note_trouble(None);
        self.read_since_resume(asked);
        let outdated = self.is_outdated(report, asked);
        let seen = self.seen(&report.id);
        seen.reads.done(at);
        if outdated {
            return;
        }
        seen.read_at = asked;
        // What the request itself named is ours by that; a search can only add to it.
        let ownership = match (&seen.report, report.ownership) {
            (Some(old), Ownership::Candidate) => old.ownership,
            (_, new) => new,
        };
        seen.report = Some(TransactionReport { ownership, ..report.clone() });
        if ownership == Ownership::Ours && report.verdict == Verdict::Approved {
            self.approved_at = self.approved_at.or(Some(at));
            self.note_hold(asked, report.authorized_only);
        }
    }

    fn apply_lookup(&mut self, lookup: &LookupDone, entry: &Entry, at: u64, current: bool) {
        if lookup.complete {
            self.looked.done(at);
            self.note_trouble(None);
            self.read_since_resume(lookup.began_ms);
            self.count_late_round(entry, current);
        } else {
            self.looked.failed(at, 0);
        }
        if current {
            self.lookups.push(lookup.clone());
            let excess = self.lookups.len().saturating_sub(KEPT_LOOKUPS);
            // The oldest is kept: it is the first half of a proof by two lookups that lie apart.
            self.lookups.drain(1..1 + excess);
        }
    }

    fn apply_result(&mut self, entry: &Entry, at: u64, current: bool) {
        match &entry.fact {
            Fact::Decided { outcome } => {
                let (run, run_at, earlier_run) = (entry.run, entry.at_ms, !current);
                self.decided = Some(Decided { outcome: (**outcome).clone(), at, earlier_run, run, run_at });
            }
            Fact::TerminalFree { .. } => {
                self.terminal_free = true;
                self.freed_at = self.freed_at.or(Some(at));
            }
            Fact::Acknowledged => self.acknowledged = true,
            Fact::Resolved { decision, .. } => {
                self.resolved = Some(*decision);
                self.resolved_at = at;
            }
            Fact::LateApproval { report } => {
                self.late = Some((**report).clone());
                self.told_anew = Some((entry.number, EventKind::LateApproval));
                self.acknowledged = false;
            }
            Fact::ResultChanged { report } => {
                self.changed = Some((**report).clone());
                self.updated = None;
                self.told_anew = Some((entry.number, EventKind::ResultChanged));
                self.acknowledged = false;
                self.original_told = false;
            }
            Fact::ReversedBy { .. } | Fact::ReversalUndone { .. } | Fact::UpdatedBy { .. } | Fact::OriginalTold => {
                self.apply_word(entry, at);
            }
            Fact::LateWatchEnded => self.late_watch_ended = true,
            _ => {}
        }
    }

    fn apply_resume(&mut self, restart: bool, at: u64) {
        self.unread_since = Some(at);
        self.shown_at = None;
        if restart {
            self.lookups.clear();
            self.looked = Attempts::default();
            self.watched = Attempts::default();
            self.cancels = Attempts::default();
            self.preparing = Attempts::default();
            self.terminal_status = None;
            self.hinted.iter_mut().for_each(|hinted| hinted.reads = Attempts::default());
            if self.decided.is_none() {
                // Whether it was read before or after the end cannot be told from another run's clock.
                self.transactions.iter_mut().for_each(|seen| seen.read_at = 0);
            }
        }
    }

    /// A result keeps the trouble that led to it; what the late watch meets later is no part of it.
    fn note_trouble(&mut self, failure: Option<&Failure>) {
        if self.decided.is_none() {
            self.trouble = failure.cloned();
        }
    }

    fn read_since_resume(&mut self, asked: u64) {
        // An answer to a question from before the sleep tells how things stood then.
        self.unread_since = self.unread_since.filter(|since| asked < *since);
    }

    fn read_succeeded(&mut self, at: u64, asked: u64) {
        self.watched.done(at);
        self.request_gone = false;
        if self.transactions.iter().all(|t| !t.by_request || t.report.is_some()) {
            self.read_since_resume(asked);
        }
        self.note_trouble(None);
    }

    /// The record of this transaction, new if need be.
    pub fn seen(&mut self, id: &str) -> &mut Seen {
        let index = self.transactions.iter().position(|t| t.id == id).unwrap_or_else(|| {
            self.transactions.push(Seen {
                id: id.to_owned(),
                by_request: false,
                report: None,
                reads: Attempts::default(),
                read_at: 0,
            });
            self.transactions.len() - 1
        });
        &mut self.transactions[index]
    }

    /// Notes that a read has failed; it says nothing about money.
    pub fn note_failed_read(&mut self, step: &Step, at: u64, pause_ms: u32) {
        match step {
            Step::Watch => self.watched.failed(at, pause_ms),
            Step::Settle { id } => self.reads_of(id).failed(at, pause_ms),
            Step::Cancel => self.cancels.failed(at, pause_ms),
            Step::Prepare | Step::Baseline | Step::TerminalStatus => self.preparing.failed(at, pause_ms),
            _ => self.looked.failed(at, pause_ms),
        }
    }

    /// Notes that the dispatched submit is being handed to the transport.
    pub fn note_handed_over(&mut self) {
        if let Some(send) = self.hold.as_mut().map(|hold| &mut hold.send).or(self.send.as_mut()) {
            send.may_have_left = true;
        }
    }

    /// True when the fact says nothing that is not known: it is taken in, but need not be written.
    pub fn repeats(&self, fact: &Fact) -> bool {
        match fact {
            Fact::TerminalShows { phase } => {
                let again = *phase == Phase::Ended || self.ended.is_none();
                self.phase == Some(*phase) && !self.request_gone && again
            }
            Fact::RequestGone => self.request_gone,
            Fact::CancelAsked => self.cancel_asked.is_some(),
            Fact::TransactionNamed { id } => self.named.as_ref() == Some(id),
            Fact::TransactionSeen { id } => self.transactions.iter().any(|t| t.id == *id && t.by_request),
            Fact::TransactionHinted { id } => self.has_heard_of(id),
            Fact::TransactionRead { report } => {
                let known = |t: &Seen| t.report.as_ref() == Some(report) && t.id == report.id;
                self.transactions.iter().any(known) && !self.is_late_look(report)
            }
            Fact::TransactionMissing { .. } => true,
            // The first one says that nothing is ruled out.
            Fact::UnknownWord { .. } => self.card_read && self.ended.is_none(),
            Fact::Folded { id } => self.folded.as_ref().is_some_and(|folded| folded.id == *id),
            Fact::RequestEnded { .. } => self.ended.as_ref().is_some_and(|ended| ended.how.is_some()),
            Fact::ReadFailed { .. } if self.decided.is_some() => true,
            Fact::ReadFailed { failure, .. } => {
                self.trouble.as_ref().is_some_and(|known| known.status == failure.status)
            }
            _ => false,
        }
    }

    /// Whether some submit may have been executed: it left, or may have left, and was not refused.
    pub fn may_be_executed(&self) -> bool {
        let newest = self.send.as_ref().is_some_and(|send| match send.result {
            SendResult::Pending => send.may_have_left,
            SendResult::NotSent { .. } | SendResult::Refused { .. } => false,
            SendResult::Accepted | SendResult::Unclear { .. } => true,
        });
        newest || self.lost_at.is_some()
    }

    /// The newest submit is on record and has not been handed to the transport.
    pub fn awaits_handing_over(&self) -> bool {
        let newest = self.hold.as_ref().map(|hold| &hold.send).or(self.send.as_ref());
        newest.is_some_and(|s| s.result == SendResult::Pending && !s.may_have_left)
    }

    /// When the connection of a submit was known to be closed, if its answer is lost.
    pub fn lost_since(&self) -> Option<u64> {
        let pending_from_earlier_run =
            self.send.as_ref().is_some_and(|s| s.result == SendResult::Pending && s.earlier_run);
        self.lost_at.or(pending_from_earlier_run.then_some(self.run_began))
    }

    /// How the road or the vendor failed when the answer to the submit was lost.
    pub fn lost_by(&self) -> Option<&Failure> {
        match self.send.as_ref().map(|send| &send.result) {
            Some(SendResult::Unclear { failure, .. }) => Some(failure),
            _ => None,
        }
    }

    /// How the vendor refused the submit.
    pub fn refused_by(&self) -> Option<&Failure> {
        match self.send.as_ref().map(|send| &send.result) {
            Some(SendResult::Refused { failure, .. }) => Some(failure),
            _ => None,
        }
    }

    /// A request that was told as failed for want of a connection, and has reached the customer after all.
    pub fn came_back(&self) -> bool {
        let offline = self.decided.as_ref().is_some_and(|d| d.outcome.status == Status::DeviceOffline);
        offline && self.reached_customer && self.ended.is_none()
    }

    pub fn is_final(&self) -> bool {
        self.decided.is_some()
    }

    /// Final and told, but the till has not stored it; or not final at all.
    pub fn is_pending(&self) -> bool {
        !self.acknowledged
    }
}

/// NO_CONNECTION is believed when it was read twice, this far apart.
pub const OFFLINE_CONFIRM_MS: u64 = 10_000;
const KEPT_LOOKUPS: usize = 16;
