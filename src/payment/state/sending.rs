//! The fold of what was sent: each submit from its record on, and whether it may have been executed.

use super::{Attempts, Payment, Send, SendResult};
use crate::payment::fact::{Action, Fact, Failure};
use crate::status::Status;

impl Payment {
    pub(super) fn apply_send(&mut self, fact: &Fact, at: u64, current: bool) {
        if self.is_about_confirming(fact) {
            return self.apply_confirming(fact, at, current);
        }
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

    /// Notes that the dispatched submit is being handed to the transport.
    pub fn note_handed_over(&mut self) {
        let own = self.confirming.as_mut().map(|step| &mut step.send);
        if let Some(send) = own.or(self.hold.as_mut().map(|hold| &mut hold.send)).or(self.send.as_mut()) {
            send.may_have_left = true;
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
        let own = self.confirming.as_ref().map(|step| &step.send);
        let newest = own.or(self.hold.as_ref().map(|hold| &hold.send)).or(self.send.as_ref());
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
}
