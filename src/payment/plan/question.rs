//! The plan of a question at a terminal: a signature, a prompt, an input, a card read. No money hangs on it, so nothing is
//! searched for and nothing is looked at again.

use super::terminal::{CANCEL_TRIES, cancel};
use super::watch::{deadlines, next_read};
use super::{Agenda, Context, Plan, Rules, Step, backoff};
use crate::payment::fact::Fact;
use crate::payment::proof::watchable;
use crate::payment::rules::CancelScope;
use crate::payment::state::Payment;

/// So long after the customer has signed the image is asked for. After that it can still be fetched by its id.
const IMAGE_PATIENCE_MS: u64 = 30_000;

/// The question is, or may be, at the vendor and has no result.
pub(super) fn running(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let mut agenda = Agenda::new(context.now);
    deadlines(payment, rules, &mut agenda);
    cancel(payment, rules, context, &mut agenda);
    if let Some(answered) = &payment.answered {
        let retry = if payment.looked.failures > 0 { backoff(&payment.looked) } else { 0 };
        agenda.call_at(retry, Step::FetchAnswer { id: answered.id.clone() });
        agenda.at(image_patience_ends(payment).max(context.now + 1), || Plan::Done);
    } else if watchable(payment) {
        agenda.call_at(next_read(payment, rules, context), Step::Watch);
    }
    agenda.close()
}

/// The result is told: the terminal is free, or nobody can tell when it will be.
pub(super) fn after_decision(payment: &Payment) -> Plan {
    if payment.terminal_free {
        return Plan::Done;
    }
    let proven = payment.ended.is_some() || payment.offline_proven || !payment.may_be_executed();
    Plan::Record(Fact::TerminalFree { proven })
}

/// When the image of a signature is no longer waited for.
pub fn image_patience_ends(payment: &Payment) -> u64 {
    payment.answered.as_ref().map_or(0, |answered| answered.at + IMAGE_PATIENCE_MS)
}

/// The answer to the submit is lost, but the till has asked to cancel and the terminal can still be sent back.
pub fn may_clear_terminal(payment: &Payment, rules: &Rules) -> bool {
    payment.cancel_asked.is_some()
        && payment.cleared_at.is_none()
        && payment.cancels.count < CANCEL_TRIES
        && rules.ways.cancel == CancelScope::Terminal
        && !rules.terminal_shared
}
