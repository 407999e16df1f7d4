//! A charge that is put on hold at once, where the vendor cannot reserve money at the terminal: the second step of a
//! payment with `capture` "later".

use super::{Payment, Seen, Send, SendResult};
use crate::payment::Kind;
use crate::payment::fact::{Action, Fact};
use crate::payment::report::Verdict;
use crate::payment::rules::Rules;

/// How long after its answer was lost, or did not show it, a hold can still turn up.
pub const HOLD_TURNS_UP_MS: u64 = 120_000;
/// And how much longer a read is waited for.
const HOLD_PATIENCE_MS: u64 = 60_000;

/// The second step, from its `Dispatched` on.
#[derive(Clone, PartialEq, Debug)]
pub struct Hold {
    pub send: Send,
    /// When its fate became a matter of reading: the answer is lost, or did not show it, or was a refusal.
    pub in_question_since: Option<u64>,
    /// The transaction was read long enough after that, or is on hold.
    pub proven: bool,
}

impl Payment {
    /// `Dispatched` of the hold, and what became of that send.
    pub(super) fn apply_hold(&mut self, fact: &Fact, at: u64, current: bool) {
        if matches!(fact, Fact::Dispatched { .. }) {
            let (may_have_left, earlier_run) = (!current, !current);
            let send = Send { action: Action::Hold, at, may_have_left, earlier_run, result: SendResult::Pending };
            self.hold = Some(Hold { send, in_question_since: (!current).then_some(at), proven: false });
            return;
        }
        let Some(hold) = &mut self.hold else { return };
        hold.in_question_since = Some(at);
        hold.send.result = match fact {
            Fact::NotSent { failure, again, pause_ms } => {
                hold.in_question_since = None;
                let again_at = again.then_some(at + u64::from(*pause_ms));
                SendResult::NotSent { failure: failure.clone(), again_at }
            }
            Fact::Refused { failure } => SendResult::Refused { failure: failure.clone(), at },
            Fact::Unclear { failure } => SendResult::Unclear { failure: failure.clone(), closed_at: at },
            _ => SendResult::Accepted,
        };
    }

    /// The transaction was read.
    pub(super) fn note_hold(&mut self, asked: u64, authorized_only: bool) {
        let Some(hold) = &mut self.hold else { return };
        let late_enough = hold.in_question_since.is_some_and(|since| asked >= since + HOLD_TURNS_UP_MS);
        hold.proven = hold.proven || authorized_only || late_enough;
    }

    /// The approved charge that is to be held and is not on hold yet.
    pub fn to_be_held(&self, rules: &Rules) -> Option<&Seen> {
        let wanted = self.kind() == Kind::Payment && self.intent.request.capture_later && rules.ways.hold_after;
        let charge = self.ours(Verdict::Approved).filter(|_| wanted)?;
        charge.report.as_ref().is_some_and(|report| !report.authorized_only).then_some(charge)
    }

    /// When it is too late to send the hold: its shelf life begins with the approval.
    pub fn hold_expires(&self, rules: &Rules) -> u64 {
        self.approved_at.unwrap_or(0) + rules.send_within_ms
    }

    /// A hold may still leave. A later run only reads, and so does a payment whose outcome was told as unknown.
    pub fn may_send_hold(&self, rules: &Rules, now: u64) -> bool {
        let settled = self.ours(Verdict::Approved).and_then(|seen| seen.report.as_ref()).is_some_and(|r| r.settled);
        !self.asked_earlier && self.unknown.is_none() && !settled && now < self.hold_expires(rules)
    }

    /// Nothing more will come of the hold: what the transaction shows now is the result.
    pub fn hold_is_over(&self, rules: &Rules, now: u64) -> bool {
        let Some(charge) = self.to_be_held(rules) else { return true };
        let Some(hold) = &self.hold else { return !self.may_send_hold(rules, now) };
        match (&hold.send.result, hold.in_question_since) {
            (SendResult::NotSent { again_at: None, .. }, _) => true,
            (SendResult::NotSent { again_at: Some(_), .. }, _) => !self.may_send_hold(rules, now),
            (SendResult::Refused { at, .. }, _) => charge.read_at >= *at || now >= at + HOLD_PATIENCE_MS,
            (_, Some(since)) => hold.proven || now >= since + HOLD_TURNS_UP_MS + HOLD_PATIENCE_MS,
            (_, None) => false,
        }
    }

    /// The result was told although nobody could read what became of the hold.
    pub fn hold_in_doubt(&self) -> bool {
        let refused = |hold: &Hold| matches!(hold.send.result, SendResult::Refused { .. });
        self.hold.as_ref().is_some_and(|hold| hold.in_question_since.is_some() && !hold.proven && !refused(hold))
    }
}
