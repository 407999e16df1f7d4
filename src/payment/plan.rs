//! What to do next about a payment. A pure function of its facts and the time; every rule of truth stands here once.

mod confirm;
mod errand;
mod hold;
mod original;
mod question;
mod terminal;
mod watch;

pub use errand::gives_up_at;
pub use question::{image_patience_ends, may_clear_terminal};
pub use terminal::{contradiction, may_still_run, needs_late_watch};
pub use watch::next_word;

pub use super::rules::{Absence, CancelScope, Context, Rules, Step, Ways};

use super::Kind;
use super::fact::{Fact, Failure};
use super::proof;
use super::report::Outcome;
use super::state::{Attempts, Payment, SendResult};
use super::verdict;
use crate::status::Status;

/// The next thing to do about a payment.
#[derive(Clone, PartialEq, Debug)]
pub enum Plan {
    /// Write this fact down; it is a conclusion from the others.
    Record(Fact),
    /// Call the vendor.
    Call(Step),
    /// The earlier attempts of this reference must be looked up before this one may leave.
    CheckPrior,
    /// Nothing until this moment of elapsed time, unless something happens.
    WaitUntil(u64),
    /// Nothing any more, unless something happens.
    Done,
}

const BACKOFF_MS: [u64; 5] = [1_000, 2_000, 4_000, 8_000, 10_000];

/// The plan: what the facts and the time call for.
pub fn next(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    if let Some(outcome) = verdict::of(payment, rules, context.now) {
        return Plan::Record(unsent(payment, &outcome).unwrap_or_else(|| Fact::Decided { outcome: Box::new(outcome) }));
    }
    if payment.kind().is_errand() {
        return errand::next(payment, rules, context);
    }
    if payment.former_account && (payment.is_final() || payment.may_be_executed()) {
        return out_of_reach(payment);
    }
    if payment.is_final() {
        return terminal::after_decision(payment, rules, context);
    }
    if payment.unreadable {
        return unreadable(payment, rules, context);
    }
    if let Some(plan) = hold::running(payment, rules, context) {
        return plan;
    }
    if payment.awaits_handing_over() || (!payment.may_be_executed() && needs_sending(payment)) {
        return send(payment, rules, context);
    }
    match payment.kind() {
        kind if kind.is_question() => question::running(payment, rules, context),
        Kind::Payment | Kind::TerminalRefund => terminal::running(payment, rules, context),
        Kind::Refund => original::refund(payment, rules, context),
        Kind::FetchTransaction => original::fetch(payment, rules, context),
        _ => original::change(payment, rules, context),
    }
}

/// What was dispatched and ends before its first byte is on record as not sent: a later run could not tell.
fn unsent(payment: &Payment, outcome: &Outcome) -> Option<Fact> {
    let waits = payment.send.as_ref().is_some_and(|send| send.result == SendResult::Pending);
    let failure = || Failure::new(outcome.status, "it ended before it was sent");
    let held_back = waits && !payment.may_be_executed() && !payment.kind().is_errand();
    held_back.then(|| Fact::NotSent { failure: failure(), again: false, pause_ms: 0 })
}

/// Of a former account: visible, and only a person can decide it while the journal belongs to another one.
fn out_of_reach(payment: &Payment) -> Plan {
    if payment.is_final() || payment.unknown.is_some() {
        return Plan::Done;
    }
    Plan::Record(Fact::UnknownTold { status: Status::OutcomeUnknown })
}

/// A fact of a newer version stands in the way of judging: the till is told so, and only reads go on.
fn unreadable(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    if payment.unknown.is_none() {
        return Plan::Record(Fact::UnknownTold { status: Status::OutcomeUnknown });
    }
    // Without its own key and account a search would only find what belongs to others.
    let readable_intent = !payment.intent.wire_key.is_empty();
    if readable_intent && payment.kind().is_card_present() {
        terminal::running(payment, rules, context)
    } else {
        Plan::Done
    }
}

/// Reads and requests that were refused need no sending (again).
fn needs_sending(payment: &Payment) -> bool {
    payment.kind() != Kind::FetchTransaction
        && !matches!(payment.send.as_ref().map(|s| &s.result), Some(SendResult::Refused { .. }))
}

/// The way to the first byte: shelf life, earlier attempts, a durable record, and then the call.
fn send(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let expires = payment.asked_at + rules.send_within_ms;
    // A repetition of a call that may be repeated has no shelf life: its first send is still in question.
    let repetition = payment.lost_at.is_some();
    if !repetition && (payment.asked_earlier || context.now >= expires) {
        return Plan::Record(expired(payment));
    }
    if !payment.intent.earlier.is_empty() && payment.prior_clear.is_none() {
        return Plan::CheckPrior;
    }
    if let Some(plan) = terminal::before_submit(payment, rules, context, expires) {
        return plan;
    }
    if let Some(plan) = original::before_submit(payment, rules, context, expires) {
        return plan;
    }
    match payment.send.as_ref().map(|s| (s.action, &s.result)) {
        Some((action, SendResult::Pending)) => Plan::Call(Step::Submit(action)),
        Some((_, SendResult::NotSent { again_at: None, .. })) => Plan::Done,
        Some((_, SendResult::NotSent { again_at: Some(again_at), .. })) if context.now < *again_at => {
            Plan::WaitUntil((*again_at).min(expires))
        }
        _ => Plan::Record(Fact::Dispatched { action: proof::action(payment) }),
    }
}

/// An intent older than its shelf life is never sent.
fn expired(payment: &Payment) -> Fact {
    let failure = match &payment.trouble {
        Some(failure) if !payment.asked_earlier => failure.clone(),
        _ => Failure::new(Status::Expired, "not sent within send_within"),
    };
    Fact::NotSent { failure, again: false, pause_ms: 0 }
}

/// When to try again at something that has failed a few times.
fn backoff(tries: &Attempts) -> u64 {
    let pause = BACKOFF_MS[(tries.failures.saturating_sub(1) as usize).min(BACKOFF_MS.len() - 1)];
    (tries.last_at + pause).max(tries.not_before)
}

/// Collects what could be done next, in order of importance, and when.
struct Agenda {
    now: u64,
    earliest: Option<u64>,
    chosen: Option<Plan>,
}

impl Agenda {
    fn new(now: u64) -> Agenda {
        Agenda { now, earliest: None, chosen: None }
    }

    /// The first thing that is due wins; what is not due sets the alarm.
    fn at(&mut self, time: u64, plan: impl FnOnce() -> Plan) {
        if time > self.now {
            self.earliest = Some(self.earliest.map_or(time, |e| e.min(time)));
        } else if self.chosen.is_none() {
            self.chosen = Some(plan());
        }
    }

    fn call_at(&mut self, time: u64, step: Step) {
        self.at(time, || Plan::Call(step));
    }

    fn close(self) -> Plan {
        self.chosen.unwrap_or(match self.earliest {
            Some(time) => Plan::WaitUntil(time),
            None => Plan::Done,
        })
    }
}
