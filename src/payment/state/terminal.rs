//! The fold of what the terminal and the request at the vendor say: made ready, shown to the customer, answered, ended.

use super::{Answered, Attempts, Ended, Payment, TerminalStatus};
use crate::payment::Kind;
use crate::payment::fact::{Fact, Phase};
use crate::status::Status;

/// NO_CONNECTION is believed when it was read twice, this far apart.
const OFFLINE_CONFIRM_MS: u64 = 10_000;

impl Payment {
    pub(super) fn apply_preparation(&mut self, fact: &Fact, at: u64, asked: u64) {
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

    pub(super) fn apply_phase(&mut self, phase: Phase, at: u64, asked: u64) {
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
    pub(super) fn apply_answer(&mut self, id: &str, whole: bool, at: u64, current: bool) {
        self.note_trouble(None);
        self.looked = Attempts::default();
        if current || !id.is_empty() {
            self.answered = Some(Answered { id: id.to_owned(), whole: whole && current, at });
        }
    }

    /// The vendor's newer word is that the request runs: an end without a transaction, told before, was none.
    pub(super) fn goes_on(&mut self) {
        if self.decided.is_none() {
            self.ended = self.ended.take().filter(|ended| ended.how.is_none());
        }
    }

    pub(super) fn read_succeeded(&mut self, at: u64, asked: u64) {
        self.watched.done(at);
        self.request_gone = false;
        if self.transactions.iter().all(|t| !t.by_request || t.report.is_some()) {
            self.read_since_resume(asked);
        }
        self.note_trouble(None);
    }

    /// An errand that must not be done twice: after a lost answer it is not sent again.
    pub fn is_sent_once(&self) -> bool {
        let kicks = self.kind() == Kind::SetTerminal && self.intent.request.flag("reconnect");
        kicks || matches!(self.kind(), Kind::SendReceipt | Kind::PairTerminal | Kind::UnpairTerminal)
    }

    /// A request that was told as failed for want of a connection, and has reached the customer after all.
    pub fn came_back(&self) -> bool {
        let offline = self.decided.as_ref().is_some_and(|d| d.outcome.status == Status::DeviceOffline);
        offline && self.reached_customer && self.ended.is_none()
    }
}
