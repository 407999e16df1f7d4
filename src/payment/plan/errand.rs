//! The plan of an errand: one or a few calls that move no money. Reads are repeated while there is time; what must not be
//! done twice is sent once.

use super::{Agenda, Context, Plan, Rules, Step, backoff};
use crate::payment::Kind;
use crate::payment::state::{Payment, SendResult};

/// The pages of a long list are read in the background, with a tenth of the calls.
const RECONCILE_MS: u64 = 3_600_000;

/// What is next for an errand without a result.
pub(super) fn next(payment: &Payment, rules: &Rules, context: Context) -> Plan {
    let Some(ends) = gives_up_at(payment, rules).filter(|_| !payment.is_final()) else { return Plan::Done };
    let retry = match payment.send.as_ref().map(|send| &send.result) {
        Some(SendResult::NotSent { again_at: Some(again_at), .. }) => *again_at,
        _ if payment.looked.failures > 0 => backoff(&payment.looked),
        _ => 0,
    };
    let mut agenda = Agenda::new(context.now);
    agenda.call_at(retry, Step::Errand);
    // The verdict is asked first at that time.
    agenda.at(ends.max(context.now + 1), || Plan::Done);
    agenda.close()
}

/// When work that moves no money is given up for want of an answer. `None` for all other work.
pub fn gives_up_at(payment: &Payment, rules: &Rules) -> Option<u64> {
    match payment.kind() {
        _ if payment.is_final() => None,
        Kind::FetchTransaction => Some(payment.asked_at + rules.deadline_ms),
        kind if !kind.is_errand() => None,
        Kind::Reconcile => Some(payment.asked_at + RECONCILE_MS),
        _ if payment.is_sent_once() => Some(payment.asked_at + rules.send_within_ms),
        _ => Some(payment.asked_at + rules.deadline_ms),
    }
}
