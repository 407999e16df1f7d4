//! What the till gets to see of a payment whose money is captured when it has acknowledged the result.

use crate::payment::Payment;
use crate::payment::fact::{Action, Failure};
use crate::payment::snapshot::{Advice, MoneyMoved, Snapshot, State, flag};
use crate::status::Status;

const TAKING: &str = "The sale is stored. The reserved money is being taken.";
const UNDOING: &str = "The sale was not confirmed in time. The payment is being undone.";
const UNDONE: &str = "The sale was not confirmed in time. The payment was undone, and the customer is not charged.";

/// Adds what the policy does to the payment, and what came of it.
pub(super) fn show(payment: &Payment, snapshot: &mut Snapshot) {
    if payment.was_undone_for_silence() {
        snapshot.state = State::Canceled;
        snapshot.status = Status::Canceled;
        snapshot.advice = Advice::Done;
        snapshot.flags &= !flag::CAPTURED;
        snapshot.approved_amount = 0;
        snapshot.tip_amount = 0;
        snapshot.surcharge_amount = 0;
        snapshot.message = UNDONE.to_owned();
        return;
    }
    if let Some((action, failure)) = payment.confirm_failure() {
        return show_failure(action, failure, snapshot);
    }
    if payment.captured_other_sum() {
        snapshot.flags |= flag::AMOUNT_DIFFERS;
    }
    let wanted = payment.owes_policy_step().then(|| payment.policy_wants()).flatten();
    match wanted {
        Some((Action::Void, _)) => snapshot.message = UNDOING.to_owned(),
        Some(_) if snapshot.money == MoneyMoved::Pending => snapshot.message = TAKING.to_owned(),
        _ => {}
    }
}

/// The authorization stands, or the vendor says otherwise: what is to be done, the till has to say.
fn show_failure(action: Action, failure: &Failure, snapshot: &mut Snapshot) {
    // What somebody else did to it since is the newer word.
    if snapshot.money == MoneyMoved::Reversed || (action == Action::Capture && snapshot.money == MoneyMoved::Moved) {
        return;
    }
    snapshot.status = failure.status;
    snapshot.vendor_code = failure.vendor_code;
    snapshot.http_status = failure.http_status;
    snapshot.advice = Advice::CallSupport;
    snapshot.message = match action {
        Action::Void => "The sale was not confirmed in time, and the payment could not be undone.".to_owned(),
        _ => "The sale is stored, but the reserved money could not be taken.".to_owned(),
    };
}
