//! The judge: what the till was told, held against the cloud's own books.

use super::super::world::World;
use super::counts::Counts;
use super::shops::{Entry, Ran, Shop};
use crate::engine::Request;
use crate::payment::fact::Action;
use crate::payment::snapshot::{EventKind, MoneyMoved, Snapshot, State, flag};
use crate::payment::{Fact, Kind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One attempt, as the till and the judge know it.
pub struct Attempt {
    pub reference: String,
    pub kind: Kind,
    /// The transaction worked on, by its reference.
    pub original: Option<String>,
    /// Gone when a power cut took the handle and the journal has no more use for the payment.
    pub request: Option<Arc<Request>>,
    /// The key on the wire, once the journal has the intent.
    pub key: Option<String>,
    /// The highest running state told in this run of the program.
    running: Option<State>,
    /// The final result that was told last, and how.
    pub ended: Option<Snapshot>,
    pub acknowledged: bool,
    /// The program started anew: what was not acknowledged is told again.
    retell: bool,
    /// Told as not paid while the books say otherwise: a late approval must follow.
    owes_late: bool,
    /// The last word was not on disk when the power went: what comes again may be older.
    pub forgotten: bool,
}

#[derive(Default)]
pub struct Judge {
    /// Payments and changes of payments that were taken.
    pub accepted: u64,
    pub attempts: BTreeMap<u64, Attempt>,
    pub counts: Counts,
    heard: usize,
    /// The vendor's books as they are now.
    books: Vec<Entry>,
    requested: usize,
    /// What the attempts of a reference share at the vendor is paid once, and which of them tells it does not matter.
    pub shared: bool,
    by_key: BTreeMap<String, u64>,
}

impl Judge {
    pub fn began(&mut self, request: &Arc<Request>, reference: &str, kind: Kind, original: Option<&str>) {
        let attempt = Attempt {
            reference: reference.to_owned(),
            kind,
            original: original.map(str::to_owned),
            request: Some(request.clone()),
            key: None,
            running: None,
            ended: None,
            acknowledged: false,
            retell: false,
            owes_late: false,
            forgotten: false,
        };
        self.counts.add(kind.name());
        self.accepted += u64::from(kind.moves_money());
        let old = self.attempts.insert(request.payment, attempt);
        assert!(old.is_none(), "payment {} stands for two attempts", request.payment);
    }

    /// Looks at everything that has happened since the last look.
    pub fn look(&mut self, world: &World<impl Shop>) {
        self.learn_keys(world);
        self.read_books(world);
        while self.heard < world.told.len() {
            let (payment, kind, snapshot) = &world.told[self.heard];
            self.heard += 1;
            self.hear(world, *payment, *kind, snapshot);
        }
    }

    fn learn_keys(&mut self, world: &World<impl Shop>) {
        let unknown = |attempt: &Attempt| attempt.key.is_none() && attempt.ended.is_none();
        for (payment, attempt) in self.attempts.iter_mut().filter(|(_, attempt)| unknown(attempt)) {
            if let Some(Fact::Intent(intent)) = world.first_fact(*payment) {
                self.by_key.insert(intent.wire_key.clone(), *payment);
                attempt.key = Some(intent.wire_key);
            }
        }
    }

    /// Promise 1: what arrives has a durable intent. Promise 2: one execution for an attempt, one approval for a reference.
    fn read_books(&mut self, world: &World<impl Shop>) {
        self.books = world.cloud.books();
        let ran = world.cloud.ran();
        for Ran { key, .. } in &ran[self.requested..] {
            let payment =
                self.by_key.get(key).unwrap_or_else(|| panic!("{key} was sent before its intent was durable"));
            let executed = ran.iter().filter(|other| other.key == *key).count();
            assert_eq!(executed, 1, "the submit of payment {payment} was executed {executed} times");
        }
        self.requested = ran.len();
        let mut approved: BTreeMap<(&str, bool), Vec<&str>> = BTreeMap::new();
        for row in &self.books {
            let Some(key) = row.key.as_deref() else { continue };
            let payment =
                self.by_key.get(key).unwrap_or_else(|| panic!("{key} was sent before its intent was durable"));
            if row.approved {
                let attempt = &self.attempts[payment];
                let ids = approved.entry((&attempt.reference, row.refund)).or_default();
                ids.push(&row.id);
                let reference = &attempt.reference;
                assert!(ids.len() <= 1, "payment {payment}: {reference} was approved more than once: {ids:?}");
            }
        }
    }

    fn reference_of(&self, row: &Entry) -> Option<&String> {
        let payment = self.by_key.get(row.key.as_deref()?)?;
        self.attempts.get(payment).map(|attempt| &attempt.reference)
    }

    fn hear(&mut self, world: &World<impl Shop>, payment: u64, kind: EventKind, told: &Snapshot) {
        let attempt = self.attempts.get_mut(&payment).unwrap_or_else(|| panic!("news of payment {payment}, not asked"));
        let what = format!("payment {payment} ({}): {kind:?} {}", attempt.reference, brief(told));
        self.counts.add(&format!("told {kind:?} {:?}", told.state));
        match (kind, attempt.ended.take()) {
            (EventKind::State, None) => {
                assert!(!told.state.is_final(), "a final result came as a mere change of state: {what}");
                let rising = attempt.running.is_none_or(|before| told.state >= before);
                assert!(rising || told.state == State::Unknown, "a state went back: {what}");
                if told.state.is_running() {
                    attempt.running = Some(told.state);
                }
            }
            (EventKind::Result, None) => {
                assert!(told.state.is_final(), "{what}");
                attempt.ended = Some(told.clone());
                attempt.retell = false;
                self.judge_result(world, payment, told, &what);
            }
            (EventKind::Result, Some(before)) => {
                assert!(attempt.retell && !attempt.acknowledged, "a result was told twice: {what}");
                // The till's own tip, capture or refund is part of what is told again, also when its own event went down with
                // the power.
                let updated = world.has_fact(payment, is_own_work)
                    && (before.state == told.state || world.has_fact(payment, is_undone));
                let same = same_result(&before, told) || attempt.forgotten || updated;
                assert!(same, "a result changed silently: {} {what}", brief(&before));
                attempt.forgotten = false;
                attempt.retell = false;
                attempt.ended = Some(told.clone());
            }
            (EventKind::State | EventKind::TerminalFree, Some(before)) => {
                assert!(kind != EventKind::State || !attempt.acknowledged, "news of what is settled: {what}");
                // The event of the till's own change went down with the power after the till had stored the sale: the
                // change's own result says it.
                let updated = attempt.acknowledged && world.has_fact(payment, is_own_work);
                let same = same_result(&before, told) || updated;
                assert!(same, "a result changed silently: {} {what}", brief(&before));
                attempt.ended = Some(told.clone());
            }
            (EventKind::LateApproval, Some(before)) => {
                assert!(told.state == State::Approved && told.has(flag::LATE), "{what}");
                assert!(before.money == MoneyMoved::NotMoved || attempt.retell, "{} {what}", brief(&before));
                attempt.acknowledged = false;
                attempt.owes_late = false;
                attempt.ended = Some(told.clone());
                self.judge_result(world, payment, told, &what);
            }
            (EventKind::ResultChanged | EventKind::Reversed | EventKind::Updated, Some(before)) => {
                let undone = told.state == State::Canceled && world.has_fact(payment, is_undone);
                assert!(before.state == told.state || undone, "{what}");
                assert!(!(undone && attempt.acknowledged), "it was stored, and then undone: {what}");
                if kind == EventKind::ResultChanged {
                    attempt.acknowledged = false;
                }
                attempt.ended = Some(told.clone());
            }
            (_, None) => panic!("an event about the end of what has not ended: {what}"),
            (EventKind::None, _) => panic!("{what}"),
        }
    }

    /// A result is what the cloud's books say, or a late approval must follow.
    fn judge_result(&mut self, world: &World<impl Shop>, payment: u64, told: &Snapshot, what: &str) {
        let attempt = &self.attempts[&payment];
        if told.has(flag::RESOLVED) && !told.has(flag::LATE) {
            self.counts.add("resolved by a person");
        }
        let rows = self.executed(payment);
        let changes = matches!(attempt.kind, Kind::Capture | Kind::AdjustTip);
        let on_original = matches!(attempt.kind, Kind::Void) || (attempt.kind == Kind::Reverse && rows.is_empty());
        if told.state == State::Approved && on_original {
            let original = self.original_row(payment);
            assert!(original.is_some_and(|row| row.voided), "not voided: {original:#?} {what}");
        } else if told.state == State::Approved && changes {
            let row = self.original_row(payment).expect("what was changed is in the books");
            assert!(told.approved_amount == row.total, "{row:#?} {what}");
            let tip = row.tip;
            assert!(attempt.kind != Kind::AdjustTip || told.tip_amount == tip, "{row:#?} {what}");
            // By now it may have been given back.
            let undone = self
                .attempts
                .values()
                .any(|other| other.original == attempt.original && matches!(other.kind, Kind::Void | Kind::Reverse));
            assert!(attempt.kind != Kind::Capture || !row.held && (!row.voided || undone), "{row:#?} {what}");
        } else if told.state == State::Approved {
            let rows = if rows.is_empty() { self.executed_by_kin(payment) } else { rows };
            let [row] = rows[..] else { panic!("approved, and the books have {rows:#?}: {what}") };
            let id_known = !told.has(flag::RESOLVED) || !told.transaction_id.is_empty();
            assert!(!id_known || told.transaction_id == row.id, "{row:#?} {what}");
            assert!(!id_known || told.approved_amount == row.total, "{row:#?} {what}");
            let undone = row.voided && world.has_fact(payment, is_undone);
            assert!(told.money != MoneyMoved::Pending || row.held || undone, "{row:#?} {what}");
        } else {
            let standing = rows.iter().any(|row| !row.voided);
            assert!(told.money != MoneyMoved::Moved && told.money != MoneyMoved::Pending, "{what}");
            if standing {
                self.counts.add("bad news that a late approval must correct");
            }
            if let Some(attempt) = self.attempts.get_mut(&payment) {
                attempt.owes_late = standing;
            }
        }
    }

    /// The approved rows that this attempt has led to, whether the vendor tells its key or not.
    pub fn executed(&self, payment: u64) -> Vec<&Entry> {
        let Some(key) = self.attempts[&payment].key.as_deref() else { return Vec::new() };
        let refund = self.attempts[&payment].kind != Kind::Payment;
        let ours = |row: &&Entry| row.key.as_deref() == Some(key) && row.approved && row.refund == refund;
        self.books.iter().filter(ours).collect()
    }

    /// What another attempt of the reference has led to and does not tell, where they share it.
    fn executed_by_kin(&self, payment: u64) -> Vec<&Entry> {
        let own = &self.attempts[&payment];
        let approved = |a: &Attempt| a.ended.as_ref().is_some_and(|told| told.state == State::Approved);
        let kin = |a: &Attempt| a.reference == own.reference && a.kind == own.kind && a.key != own.key && !approved(a);
        let others = self.attempts.iter().filter(|(_, a)| self.shared && kin(a)).map(|(payment, _)| *payment);
        others.flat_map(|other| self.executed(other)).collect()
    }

    /// Another attempt of the reference has told this transaction.
    fn is_told_by_kin(&self, payment: u64, row: &Entry) -> bool {
        let own = &self.attempts[&payment];
        let tells = |told: &Snapshot| told.state == State::Approved && told.transaction_id == row.id;
        let kin = |a: &Attempt| a.reference == own.reference && a.key != own.key;
        self.shared && self.attempts.values().any(|a| kin(a) && a.ended.as_ref().is_some_and(tells))
    }

    fn original_row(&self, payment: u64) -> Option<&Entry> {
        let reference = self.attempts[&payment].original.as_ref()?;
        let ours = |row: &&Entry| row.approved && !row.refund && self.reference_of(row) == Some(reference);
        self.books.iter().find(ours)
    }

    /// The program starts anew. What the journal does not have never happened; what was told undurably may be forgotten.
    pub fn power_cut(&mut self, world: &World<impl Shop>) {
        let unwritten: Vec<u64> =
            self.attempts.keys().copied().filter(|payment| !is_intent(world.first_fact(*payment))).collect();
        for payment in unwritten {
            assert!(self.attempts[&payment].key.is_none(), "the journal lost payment {payment}");
            self.attempts.remove(&payment);
            self.counts.add("lost before its intent was durable");
        }
        for (payment, attempt) in &mut self.attempts {
            attempt.running = None;
            attempt.retell = true;
            attempt.request = world.admission.request(*payment);
            let facts = world.facts(*payment);
            // The newest of these facts decides whether the result is acknowledged.
            let newest = facts.iter().rev().find_map(|fact| match fact {
                Fact::Acknowledged => Some(true),
                Fact::LateApproval { .. } | Fact::ResultChanged { .. } => Some(false),
                _ => None,
            });
            attempt.acknowledged = newest.unwrap_or(false);
            let decided = facts.iter().any(|fact| matches!(fact, Fact::Decided { .. }));
            attempt.forgotten = attempt.ended.as_ref().is_some_and(|told| told.has(flag::NOT_DURABLE));
            if !decided && attempt.forgotten {
                attempt.ended = None;
                attempt.owes_late = false;
            }
        }
    }

    /// The end of the world: everything has come out.
    pub fn close(&mut self, world: &World<impl Shop>) {
        for (payment, attempt) in &self.attempts {
            let Some(request) = &attempt.request else { continue };
            let state = request.snapshot().state;
            assert!(state.is_final() || state == State::Unknown, "payment {payment} is still {state:?}");
            if state == State::Unknown {
                self.counts.add("unknown at the end");
            }
        }
        for (payment, attempt) in &self.attempts {
            let rows = self.executed(*payment);
            let elsewhere = rows.iter().any(|row| self.is_told_by_kin(*payment, row));
            let paid = !elsewhere && rows.iter().any(|row| !row.voided);
            let told = attempt.ended.as_ref();
            let denied = told.is_some_and(|told| told.money == MoneyMoved::NotMoved && told.state != State::Completed);
            self.judge_last_word(world, *payment, attempt);
            let told = told.map(brief);
            assert!(!(paid && denied), "payment {payment} was paid, and the till was told {told:?}");
            assert!(!attempt.owes_late || elsewhere, "payment {payment}: no late approval followed {told:?}");
        }
        world.assert_polite();
    }
}

impl Judge {
    /// The till's last word about a payment is what the books say, whatever was done to it meanwhile.
    fn judge_last_word(&self, world: &World<impl Shop>, payment: u64, attempt: &Attempt) {
        let told = attempt.ended.as_ref().filter(|told| told.state == State::Approved && !told.has(flag::RESOLVED));
        let open = |other: &Attempt| {
            other.original.as_ref() == Some(&attempt.reference)
                && other.ended.as_ref().is_none_or(|told| told.money == MoneyMoved::Unknown)
        };
        let Some(told) = told.filter(|_| attempt.kind == Kind::Payment) else { return };
        let [row] = self.executed(payment)[..] else { return };
        if self.attempts.values().any(open) {
            return;
        }
        // What was done to a payment that the till has stored is told once. If the program ends before that, the till has it
        // from the change itself, whose result comes again.
        let ends = self.counts.of("power cuts") + self.counts.of("closes and starts again");
        if attempt.acknowledged && ends > 0 && world.has_fact(payment, is_own_work) {
            return;
        }
        let what = format!("payment {payment}: {} {row:#?}", brief(told));
        assert!(told.approved_amount == row.total, "the sum: {what}");
        let reserved = row.held;
        assert!(reserved == (told.money == MoneyMoved::Pending), "reserved or taken: {what}");
    }
}

/// One line for a message that a person reads.
fn brief(s: &Snapshot) -> String {
    let number = &s.transaction_id;
    format!(
        "{:?} {:?} {:?} {} flags {:#x} transaction {number}",
        s.state, s.status, s.money, s.approved_amount, s.flags
    )
}

fn is_intent(fact: Option<Fact>) -> bool {
    matches!(fact, Some(Fact::Intent(_)))
}

/// What the till, or its policy, has done to a payment.
fn is_own_work(fact: &Fact) -> bool {
    let by_policy = matches!(fact, Fact::Captured { .. } | Fact::VoidedForSilence { .. } | Fact::ConfirmFailed { .. });
    by_policy || matches!(fact, Fact::UpdatedBy { .. } | Fact::ReversedBy { .. })
}

/// The policy has undone it, or is about to: its void is on record before it leaves, what came of it perhaps not yet.
fn is_undone(fact: &Fact) -> bool {
    matches!(fact, Fact::VoidedForSilence { .. } | Fact::Dispatched { action: Action::Void })
}

fn same_result(a: &Snapshot, b: &Snapshot) -> bool {
    let essence =
        |s: &Snapshot| (s.state, s.status, s.money, s.approved_amount, s.tip_amount, s.transaction_id.clone());
    essence(a) == essence(b)
}
