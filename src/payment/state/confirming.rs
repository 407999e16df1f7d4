//! The fold of a policy's own step on a payment: the capture of what the till has acknowledged, or the void for silence.

use super::{Payment, Send, SendResult};
use crate::payment::Kind;
use crate::payment::confirm::{Confirm, OnSilence};
use crate::payment::fact::{Action, Entry, Fact, Failure};
use crate::payment::report::{Outcome, TransactionReport, Verdict};
use crate::payment::snapshot::{EventKind, State};

/// Pauses before a step that did not leave is tried again. It has no shelf life: what the till was promised stays promised.
const UNSENT_PAUSES_MS: [u64; 7] = [1_000, 2_000, 4_000, 8_000, 15_000, 60_000, 300_000];
/// The same after a failure that does not heal by itself, such as a refused certificate.
const LASTING_PAUSE_MS: u64 = 60_000;

/// The step, from its first `Dispatched` on.
#[derive(Clone, PartialEq, Debug)]
pub struct Confirming {
    /// `Capture` or `Void`.
    pub action: Action,
    /// The newest send.
    pub send: Send,
    /// Sends of this run that left, or may have left.
    pub sends: u32,
    /// Tries in a row that are proven not to have left.
    pub unsent: u32,
    /// When the newest answer was lost, if one was.
    pub lost_at: Option<u64>,
    /// When the vendor said that it is done.
    pub accepted_at: u64,
    /// The sum that the till was told before it, in minor units.
    pub total: i64,
    /// The vendor's record was changed by somebody else meanwhile: it is not sent any more.
    pub overtaken: bool,
    pub end: Option<StepEnd>,
}

/// How a policy's step ended.
#[derive(Clone, PartialEq, Debug)]
pub enum StepEnd {
    Done,
    /// It was not done and will not be tried again.
    Failed(Failure),
    /// Somebody else changed the transaction, and there is nothing left to do.
    Needless,
}

impl Confirming {
    pub fn is_live(&self) -> bool {
        self.end.is_none()
    }

    /// Since when only reading can tell what became of it: it is said to be done, or its answer is lost.
    pub fn in_question_since(&self) -> Option<u64> {
        match &self.send.result {
            SendResult::Accepted => Some(self.accepted_at),
            SendResult::Pending if self.send.earlier_run => Some(self.send.at),
            // It is about to leave again.
            SendResult::Pending if !self.overtaken => None,
            _ => self.lost_at,
        }
    }
}

impl Payment {
    /// A fact about the sends of the policy's step, and not about the payment's own.
    pub(super) fn is_about_confirming(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Dispatched { action: Action::Capture | Action::Void } => self.kind() == Kind::Payment,
            Fact::Dispatched { .. } => false,
            _ => self.confirming.is_some(),
        }
    }

    /// `Dispatched` of the step, and what became of that send.
    pub(super) fn apply_confirming(&mut self, fact: &Fact, at: u64, current: bool) {
        if let Fact::Dispatched { action } = fact {
            let old = self.confirming.take().filter(|step| step.action == *action);
            let open = old.as_ref().is_some_and(|old| old.send.result == SendResult::Pending && old.send.may_have_left);
            self.confirming = Some(Confirming {
                action: *action,
                send: Send {
                    action: *action,
                    at,
                    may_have_left: !current,
                    earlier_run: !current,
                    result: SendResult::Pending,
                },
                sends: old.as_ref().map_or(0, |old| old.sends) + u32::from(current),
                unsent: old.as_ref().map_or(0, |old| old.unsent),
                lost_at: old.and_then(|old| old.lost_at).or(open.then_some(at)),
                accepted_at: 0,
                total: self.told().map_or(0, |told| told.total),
                overtaken: false,
                end: None,
            });
            return;
        }
        let Some(step) = &mut self.confirming else { return };
        step.send.result = match fact {
            Fact::NotSent { failure, again, pause_ms } => {
                let pause = UNSENT_PAUSES_MS[(step.unsent as usize).min(UNSENT_PAUSES_MS.len() - 1)];
                let pause = pause.max(u64::from(*pause_ms)).max(if *again { 0 } else { LASTING_PAUSE_MS });
                step.unsent += 1;
                step.sends = step.sends.saturating_sub(1);
                // A new start is a new chance.
                let again_at = if current { at + pause } else { at };
                SendResult::NotSent { failure: failure.clone(), again_at: Some(again_at) }
            }
            Fact::Refused { failure } => SendResult::Refused { failure: failure.clone(), at },
            Fact::Unclear { failure } => {
                step.unsent = 0;
                step.lost_at = Some(at);
                SendResult::Unclear { failure: failure.clone(), closed_at: at }
            }
            _ => {
                step.unsent = 0;
                step.accepted_at = at;
                SendResult::Accepted
            }
        };
    }

    /// The vendor may have answered with the transaction of an earlier attempt: the policy works on that.
    pub(super) fn know_transaction(&mut self, outcome: &Outcome) {
        if let Some(report) = outcome.report.as_ref().filter(|_| self.intent.confirm.is_some()) {
            let seen = self.seen(&report.id);
            seen.report.get_or_insert_with(|| report.clone());
        }
    }

    /// What reading has shown of the step.
    pub(super) fn apply_step_end(&mut self, entry: &Entry, at: u64) {
        let Some(step) = &mut self.confirming else { return };
        match &entry.fact {
            Fact::Captured { report } => {
                step.end = Some(StepEnd::Done);
                self.take_updated(report, at);
            }
            Fact::VoidedForSilence { amount } => {
                step.end = Some(StepEnd::Done);
                let reference = self.intent.request.reference.clone();
                self.reversed = self.reversed.saturating_add(*amount);
                self.reversed_by.push((reference, *amount));
                self.must_be_told(entry, EventKind::Reversed);
            }
            Fact::ConfirmFailed { failure } => {
                step.end = Some(StepEnd::Failed(failure.clone()));
                self.must_be_told(entry, EventKind::ResultChanged);
            }
            _ => {}
        }
    }

    fn must_be_told(&mut self, entry: &Entry, kind: EventKind) {
        self.told_anew = Some((entry.number, kind));
        self.acknowledged = false;
    }

    /// After a new start, how the transaction stood before the step cannot be told from how it stands since.
    pub(super) fn forget_reads_before_step(&mut self) {
        if self.confirming.as_ref().is_some_and(Confirming::is_live) {
            self.transactions.iter_mut().for_each(|seen| seen.read_at = 0);
        }
    }

    /// The policy under which the payment stands, as long as there is anything that it may do. A payment that was found
    /// after it had been told as not paid, or that a person decided, is the till's alone.
    pub fn policy(&self) -> Option<Confirm> {
        let policy = self.intent.confirm?;
        let approved = self.decided.as_ref().is_some_and(|decided| decided.outcome.state == State::Approved);
        let plain = self.resolved.is_none() && !self.unreadable && !self.former_account;
        let stands = self.reversed == 0 && self.confirmed_transaction().is_some();
        let stands = stands && self.told().is_some_and(|told| told.verdict == Verdict::Approved);
        let over = self.confirming.as_ref().is_some_and(|step| !step.is_live());
        (approved && plain && stands && !over).then_some(policy)
    }

    /// What the policy wants done, and from when on. A capture, once begun, is never followed by a void for silence.
    pub fn policy_wants(&self) -> Option<(Action, u64)> {
        let policy = self.policy()?;
        if let Some(step) = &self.confirming {
            return Some((step.action, 0));
        }
        let told = self.told()?;
        if self.acknowledged {
            return told.authorized_only.then_some((Action::Capture, 0));
        }
        // Money that was taken by somebody's own hand since is nobody's silence.
        let as_decided = self.updated.is_none() && self.changed.is_none();
        let silent = !self.was_acknowledged && policy.on_silence == OnSilence::Void;
        let voids = silent && (told.authorized_only || as_decided);
        voids.then_some((Action::Void, self.silent_since.saturating_add(policy.within_ms)))
    }

    /// The policy's step is at the vendor, or on its way there.
    pub fn is_confirming(&self) -> bool {
        self.confirming.as_ref().is_some_and(Confirming::is_live)
    }

    /// The payment is being undone, because the till did not acknowledge it in time.
    pub fn is_being_undone(&self) -> bool {
        self.confirming.as_ref().is_some_and(|step| step.is_live() && step.action == Action::Void)
    }

    /// Its waiting times begin anew after a sleep: it has no result, or the till, which slept too, has yet to answer.
    pub fn minds_sleep(&self) -> bool {
        !self.is_final()
            || (!self.acknowledged && self.policy_wants().is_some_and(|(action, _)| action == Action::Void))
    }

    /// It was undone for that reason.
    pub fn was_undone_for_silence(&self) -> bool {
        let done = |step: &Confirming| step.end == Some(StepEnd::Done) && step.action == Action::Void;
        self.confirming.as_ref().is_some_and(done)
    }

    /// The engine must keep it in mind even if the till has acknowledged it.
    pub fn owes_policy_step(&self) -> bool {
        self.is_confirming() || (self.acknowledged && self.policy_wants().is_some())
    }

    /// The transaction that the policy's step works on, as the vendor showed it last.
    pub fn confirmed_transaction(&self) -> Option<&super::Seen> {
        let id = &self.told()?.id;
        self.transactions.iter().find(|seen| seen.id == *id)
    }

    /// The policy has captured another sum than the till had been told.
    pub fn captured_other_sum(&self) -> bool {
        let done = self.confirming.as_ref().filter(|step| step.end == Some(StepEnd::Done));
        let step = done.filter(|step| step.action == Action::Capture);
        step.is_some_and(|step| self.updated.as_ref().is_some_and(|updated| updated.total != step.total))
    }

    /// How the step failed, if it did.
    pub fn confirm_failure(&self) -> Option<(Action, &Failure)> {
        match self.confirming.as_ref().map(|step| (step.action, &step.end))? {
            (action, Some(StepEnd::Failed(failure))) => Some((action, failure)),
            _ => None,
        }
    }

    /// Somebody else changed the transaction. What may have left is read to its end and not sent again; otherwise the
    /// policy begins anew with what the till is told now.
    pub(super) fn overtake_step(&mut self, report: &TransactionReport) {
        let Some(step) = self.confirming.as_mut().filter(|step| step.is_live()) else { return };
        step.overtaken = true;
        if report.verdict != Verdict::Approved {
            step.end = Some(StepEnd::Needless);
        } else if step.in_question_since().is_none() {
            // Nothing of it can have been executed.
            self.confirming = None;
        }
    }
}
