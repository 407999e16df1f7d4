//! A payment's policy among the other requests: when it may begin its capture or its void.

use super::core::{BUSY_MS, Core};
use super::lane::Lane;
use crate::payment::Fact;
use crate::payment::fact::Action;

impl Core {
    /// A policy's step begins only if nobody else works on the transaction; a void for silence, only if there is silence.
    pub(super) fn may_record(&self, payment: u64, fact: &Fact) -> bool {
        let lane = &self.lanes[&payment];
        let (Fact::Dispatched { action }, true) = (fact, lane.payment.is_final()) else { return true };
        let reference = &lane.payment.intent.request.reference;
        let free = lane.payment.told().is_some_and(|told| self.admission.claim_own(reference, &told.id, payment));
        let may = free && (*action != Action::Void || lane.request.begin_undo());
        if free && !may && !lane.payment.is_confirming() {
            self.admission.release_original(payment);
        }
        may
    }

    /// Until when a policy must not begin its step: somebody else works on the transaction, or work whose answer was lost
    /// may still be done, or the till has just acknowledged what would be voided.
    pub(super) fn quiet_until(&self, lane: &Lane) -> u64 {
        let payment = &lane.payment;
        let (Some((action, _)), Some(told)) = (payment.policy_wants(), payment.told()) else { return 0 };
        let free = self.admission.is_free(&payment.intent.request.reference, &told.id, payment.id);
        if !free || (action == Action::Void && lane.request.is_acknowledged()) {
            return self.now + BUSY_MS;
        }
        let works_on_it = |lane: &&Lane| {
            let by_id = lane.payment.intent.original_id.as_ref() == Some(&told.id);
            lane.payment.kind().changes_original() && (by_id || lane.original == Some(payment.id))
        };
        let lost = self.lanes.values().filter(works_on_it).filter_map(|lane| lane.payment.lost_since());
        lost.max().map_or(0, |since| since + self.rules.absence_after_ms)
    }
}
