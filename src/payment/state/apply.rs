//! The fold itself: which fact goes where, and which fact says nothing new.

use super::{Attempts, Folded, Payment, Seen};
use crate::payment::fact::{Ending, Entry, Fact, Failure, Phase, Whose};
use crate::payment::report::Candidate;

impl Payment {
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

    fn apply_resume(&mut self, restart: bool, at: u64) {
        self.unread_since = Some(at);
        self.shown_at = None;
        self.silent_since = at;
        if restart {
            self.forget_reads_before_step();
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
    pub(super) fn note_trouble(&mut self, failure: Option<&Failure>) {
        if self.decided.is_none() {
            self.trouble = failure.cloned();
        }
    }

    pub(super) fn read_since_resume(&mut self, asked: u64) {
        // An answer to a question from before the sleep tells how things stood then.
        self.unread_since = self.unread_since.filter(|since| asked < *since);
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
}
