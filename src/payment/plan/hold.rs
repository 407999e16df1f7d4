//! The plan of a charge that is put on hold at once: one send, and reads. It is never sent again after a lost answer: a
//! copy that is stuck on the road could undo the capture that the till asks for meanwhile.

use super::original::REREAD_MS;
use super::watch::deadlines;
use super::{Agenda, Context, Plan, Rules, Step, backoff};
use crate::payment::fact::{Action, Fact, Failure};
use crate::payment::state::{HOLD_TURNS_UP_MS, Payment, Seen, SendResult};
use crate::status::Status;

/// `None` when there is nothing to hold.
pub(super) fn running(payment: &Payment, rules: &Rules, context: Context) -> Option<Plan> {
    let charge = payment.to_be_held(rules)?;
    let mut agenda = Agenda::new(context.now);
    deadlines(payment, rules, &mut agenda);
    let dispatch = || Plan::Record(Fact::Dispatched { action: Action::Hold });
    let Some(hold) = &payment.hold else { return Some(dispatch()) };
    match (&hold.send.result, hold.in_question_since) {
        (SendResult::Pending, None) if context.now >= payment.hold_expires(rules) && !hold.send.may_have_left => {
            let failure = Failure::new(Status::Expired, "the hold was not sent within send_within");
            return Some(Plan::Record(Fact::NotSent { failure, again: false, pause_ms: 0 }));
        }
        (SendResult::Pending, None) => return Some(Plan::Call(Step::Submit(Action::Hold))),
        (SendResult::NotSent { again_at: Some(again_at), .. }, _) => {
            agenda.at(*again_at, dispatch);
            agenda.at(payment.hold_expires(rules).max(context.now + 1), || Plan::Done);
        }
        // When nobody can read it, the verdict ends the wait.
        (_, Some(since)) => reread(charge, since, &mut agenda),
        (_, None) => {}
    }
    Some(agenda.close())
}

/// Reads of the transaction, from the moment its hold is in question.
fn reread(charge: &Seen, since: u64, agenda: &mut Agenda) {
    let dues = REREAD_MS.iter().copied().chain([HOLD_TURNS_UP_MS]);
    let due = dues.map(|pause| since + pause).find(|due| charge.read_at < *due);
    let retry = if charge.reads.failures > 0 { backoff(&charge.reads) } else { 0 };
    if let Some(due) = due {
        agenda.call_at(due.max(retry), Step::Settle { id: charge.id.clone() });
    }
}
