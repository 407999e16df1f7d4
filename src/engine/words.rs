//! What a payment is told of the work on it: voided, refunded, captured, another tip. Once, and for good.

use super::core::Core;
use super::kinship::AfterLoad;
use crate::payment::effect::Effect;
use crate::payment::report::TransactionReport;
use crate::payment::{Fact, Payment, plan};

impl Core {
    /// A change is done, or undone: its original learns of it.
    pub(super) fn tell_original(&mut self, change: u64) {
        let Some(lane) = self.lanes.get(&change).filter(|lane| lane.payment.owes_word()) else { return };
        match lane.original {
            Some(original) if self.lanes.contains_key(&original) => self.word(change, original),
            Some(original) => self.load_for(original, AfterLoad::Word(change)),
            // A transaction that no payment of this journal stands for.
            None => self.record(change, Fact::OriginalTold),
        }
    }

    /// Both facts are written together: neither is on disk without the other.
    pub(super) fn word(&mut self, change: u64, original: u64) {
        let payment = |id: u64| self.lanes.get(&id).map(|lane| &lane.payment);
        let (Some(done), Some(worked_on)) = (payment(change), payment(original)) else { return };
        if !done.owes_word() {
            return;
        }
        if let Some(fact) = word(done, worked_on) {
            self.record(original, fact);
        }
        self.record(change, Fact::OriginalTold);
        self.ready.extend([change, original]);
    }

    /// The last run may have ended between the end of a change and the word of it to its original.
    pub(super) fn words_of_last_run(&mut self) {
        let owing = self.lanes.values().filter(|lane| lane.journaled && lane.payment.owes_word());
        let mut owing: Vec<u64> = owing.map(|lane| lane.payment.id).collect();
        owing.sort_unstable();
        owing.into_iter().for_each(|change| self.tell_original(change));
    }

    /// Our own work accounts for what the vendor's record of a finished payment shows now.
    pub(super) fn is_explained(&self, payment: &Payment) -> bool {
        if !payment.is_final() {
            return false;
        }
        let (Some(told), Some(Fact::ResultChanged { report })) = (payment.told(), plan::contradiction(payment, false))
        else {
            return false;
        };
        self.lanes.values().any(|lane| lane.payment.id != payment.id && lane.payment.explains(told, &report))
    }
}

/// What the original is told, if that is news to it. What a person decided has no amount: it is what was left.
fn word(change: &Payment, original: &Payment) -> Option<Fact> {
    let reference = change.intent.request.reference.clone();
    let known = original.reversed_by.iter().find(|(by, _)| *by == reference).map(|(_, amount)| *amount);
    match (change.effect(), known) {
        (Effect::GaveBack(amount), None) => {
            let left = || original.told().map_or(0, |report| report.total - original.reversed);
            Some(Fact::ReversedBy { reference, amount: amount.unwrap_or_else(left) })
        }
        (Effect::Nothing, Some(amount)) => Some(Fact::ReversalUndone { reference, amount }),
        (Effect::Updated(report), _) => {
            let of = |r: &TransactionReport| (r.id.clone(), r.total, r.tip, r.verdict, r.authorized_only);
            let same = original.told().is_some_and(|told| of(told) == of(&report));
            (!same).then_some(Fact::UpdatedBy { reference, report })
        }
        (Effect::GaveBack(_), Some(_)) | (Effect::Nothing, None) => None,
    }
}
