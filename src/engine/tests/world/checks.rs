//! What holds in every world at every moment, and tools for the tests of the rules of truth.

use super::{Cloud, World};
use crate::engine::Request;
use crate::engine::core::Effect;
use crate::http::HttpRequest;
use crate::journal::{Batch, IndexRow, Row};
use crate::payment::Fact;
use crate::payment::snapshot::{EventKind, MoneyMoved, Snapshot, State, flag};
use posjunction_simulator::payjunction::{self as pj, CanceledRequest};
use posjunction_simulator::records::Call;
use posjunction_simulator::{Answer, CallKind, Fault, Request as SimRequest, When};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the permanent checks remember.
#[derive(Default)]
pub struct Checks {
    /// Set by a test in which the vendor itself hides money for a while: bad news may then be wrong, and is put right.
    pub vendor_hides_money: bool,
    forged: Vec<Forged>,
    handed_over: BTreeMap<u64, usize>,
    /// Of the present run: the highest running state and the final result that were told.
    told: BTreeMap<u64, (State, Option<(State, MoneyMoved)>)>,
    run: u32,
    /// Of the present run, the numbers of each payment's facts that were handed to the journal. It may drop an intent, with
    /// all that follows, or a Dispatched whose submit then never leaves.
    handed_to_journal: BTreeMap<u64, BTreeSet<u64>>,
}

impl Checks {
    pub(super) fn begin_run(&mut self) {
        self.handed_to_journal.clear();
    }
}

/// An answer that somebody on the way puts in the place of the cloud's.
struct Forged {
    kind: CallKind,
    executed: bool,
    status: u16,
    body: String,
}

/// A copy of the journal.
pub struct Backup {
    rows: BTreeMap<u64, Row>,
    index: BTreeMap<u64, IndexRow>,
    meta: BTreeMap<String, String>,
}

/// PayJunction's own error body.
pub fn own_error(text: &str) -> String {
    format!("{{\"errors\": [{{\"message\": \"{text}\"}}]}}")
}

impl<C: Cloud> World<C> {
    /// Promises 1 and 4: whatever can move money has its own durable `Dispatched` before its first byte.
    pub(super) fn check_sent(&mut self, call: u64, request: &HttpRequest) {
        if !request.submit {
            return;
        }
        let payment = self.core.calls[&call];
        if self.core.lanes[&payment].payment.kind().is_errand() {
            return;
        }
        assert!(request.leave_by_ms > self.now, "payment {payment} is handed over when it may not leave any more");
        let handed_over = self.checks.handed_over.entry(payment).or_default();
        *handed_over += 1;
        let times = *handed_over;
        let dispatched = self.facts(payment).iter().filter(|f| matches!(f, Fact::Dispatched { .. })).count();
        assert!(dispatched >= times, "send {times} of payment {payment} has no durable Dispatched");
    }

    /// Promises 3, 6 and 7: states rise, a result is told once in a run, it never changes silently, and it is true.
    pub(super) fn check_told(&mut self, payment: u64, kind: EventKind, snapshot: &Snapshot) {
        if self.checks.run != self.run {
            self.checks.run = self.run;
            self.checks.told.clear();
        }
        let (highest, result) = self.checks.told.entry(payment).or_insert((State::Queued, None));
        if snapshot.state.is_running() {
            assert!(snapshot.state >= *highest, "payment {payment} went back from {highest:?} to {:?}", snapshot.state);
            *highest = snapshot.state;
        }
        if let Some((state, money)) = result {
            let changes = !matches!(kind, EventKind::State | EventKind::Result | EventKind::TerminalFree);
            let same = *state == snapshot.state && *money == snapshot.money;
            assert!(same || changes, "payment {payment}: {state:?} became {:?} silently", snapshot.state);
            assert!(kind != EventKind::Result, "payment {payment}: a result was told twice");
        }
        if snapshot.state.is_final() {
            let first = result.is_none();
            *result = Some((snapshot.state, snapshot.money));
            if first {
                self.check_truth(payment, snapshot);
            }
        } else {
            assert!(result.is_none(), "payment {payment}: a final result was taken back");
        }
    }

    /// What the journal is given to write.
    pub(super) fn note_handed(&mut self, batch: &Batch) {
        let dropped =
            |row: &&Row| matches!(Fact::from_json(row.version, &row.body), Fact::Intent(_) | Fact::Dispatched { .. });
        for row in batch.rows.iter().filter(|row| !dropped(row)) {
            self.checks.handed_to_journal.entry(row.payment).or_default().insert(row.number);
        }
    }

    /// Of each payment the journal always has the beginning of what became known.
    pub(super) fn check_stored(&self, row: &Row) {
        let handed = self.checks.handed_to_journal.get(&row.payment);
        let before = handed.into_iter().flat_map(|numbers| numbers.range(..row.number));
        let missing: Vec<&u64> = before.filter(|number| !self.rows.contains_key(number)).collect();
        assert!(missing.is_empty(), "payment {}: fact {} is written before {missing:?}", row.payment, row.number);
    }

    fn check_truth(&self, payment: u64, snapshot: &Snapshot) {
        let by_person = snapshot.has(flag::RESOLVED);
        let keyed =
            self.has_fact(payment, |f| matches!(f, Fact::Intent(i) if i.request.kind == crate::payment::Kind::Payment));
        if by_person || !keyed || self.checks.vendor_hides_money {
            return;
        }
        let (charged, stands) = self.cloud.charges(&self.key(payment));
        match snapshot.money {
            MoneyMoved::NotMoved => assert!(stands == 0, "payment {payment}: {:?} is a lie", snapshot.state),
            MoneyMoved::Moved => assert!(charged > 0, "payment {payment}: {:?} is a lie", snapshot.state),
            _ => {}
        }
    }

    /// The next call of this kind gets this answer, after or instead of being executed.
    pub fn forge(&mut self, kind: CallKind, when: When, status: u16, body: &str) {
        let executed = when == When::After;
        let forged = Forged { kind, executed, status, body: body.to_owned() };
        self.checks.forged.push(forged);
    }

    /// The cloud answers for itself again.
    pub fn forge_no_more(&mut self) {
        self.checks.forged.clear();
    }

    pub(super) fn cloud_answers(&mut self, request: &SimRequest) -> Answer {
        let kind = self.cloud.kind_of(request);
        let index = self.checks.forged.iter().position(|forged| Some(forged.kind) == kind);
        let Some(forged) = index.map(|index| self.checks.forged.remove(index)) else {
            return self.cloud.handle(self.now, request);
        };
        if !forged.executed {
            self.cloud.fail_next(forged.kind, When::Before, Fault::BadGateway);
        }
        let mut answer = self.cloud.handle(self.now, request);
        answer.status = forged.status;
        answer.body = forged.body.into_bytes();
        answer.fault = None;
        answer
    }

    // Tools.

    /// A sale that is paid, stored and done: later searches have something to be sighted by.
    pub fn warm_up(&mut self) -> Arc<Request> {
        let sale = self.pay("1", 100);
        self.finish(&sale, 60_000);
        self.run_until(60_000, "the terminal is free", |_| sale.snapshot().has(flag::TERMINAL_FREE));
        self.acknowledge(&sale);
        self.run(2_000);
        sale
    }

    /// Calls of a kind that arrived, oldest first.
    pub fn calls_of(&self, kind: CallKind) -> Vec<&Call> {
        self.cloud.calls().iter().filter(|call| call.kind == kind).collect()
    }

    /// Loses the answer to the next submit, which is executed.
    pub fn lose_next_answer(&mut self) {
        self.cloud.fail_next(CallKind::Submit, When::After, Fault::Reset);
    }

    /// The next submit never reaches the terminal, and nobody knows it.
    pub fn lose_next_submit(&mut self) {
        self.cloud.fail_next(CallKind::Submit, When::Before, Fault::Reset);
    }

    pub fn run_until_fact(&mut self, request: &Request, ms: u64, what: &str, holds: impl Fn(&Fact) -> bool) {
        let payment = request.payment;
        self.run_until(ms, what, |w| w.has_fact(payment, &holds));
    }

    /// Lets time pass until the request shows this state.
    pub fn until_state(&mut self, request: &Request, ms: u64, state: State) {
        self.run_until(ms, state.name(), |_| request.snapshot().state == state);
    }

    /// The client is closed: what is on its way is lost, what is known is written.
    pub fn close(&mut self) {
        while let Some(batch) = self.take_commit() {
            self.write(batch);
        }
        for effect in self.core.last_words() {
            if let Effect::Append(batch) = effect {
                self.note_handed(&batch);
                self.write(batch);
            }
        }
    }

    /// Writes a fact of a newer version of the library into the journal.
    pub fn write_newer_fact(&mut self, payment: u64) {
        let number = self.rows.keys().last().map_or(1, |number| number + 1);
        let body = r#"{"fact":"teleported","to":"Mars"}"#.to_owned();
        let (at_ms, wall_ms) = (self.now, self.wall());
        self.rows.insert(number, Row { number, payment, run: self.run, at_ms, wall_ms, version: 99, body });
    }

    /// The facts of a payment are past retention.
    pub fn forget_facts(&mut self, payment: u64) {
        self.rows.retain(|_, row| row.payment != payment);
    }

    /// The journal knows nothing of a payment.
    pub fn forget_index(&mut self, payment: u64) {
        self.index.remove(&payment);
    }

    /// The journal of a version that did not write down what payments led to.
    pub fn forget_names(&mut self) {
        self.index.values_mut().for_each(|row| row.transaction.clear());
    }

    /// A copy of the journal as it is now.
    pub fn backup(&self) -> Backup {
        Backup { rows: self.rows.clone(), index: self.index.clone(), meta: self.meta.clone() }
    }

    /// Puts a copy in the journal's place. The next power cut reads it.
    pub fn restore(&mut self, backup: Backup) {
        (self.rows, self.index, self.meta) = (backup.rows, backup.index, backup.meta);
    }

    /// The intent of a payment becomes one of a newer version of the library.
    pub fn make_intent_newer(&mut self, payment: u64) {
        let row = self.rows.values_mut().find(|row| row.payment == payment).expect("the journal has the intent");
        row.version = 99;
    }

    /// The requests of the pending list that belong to this payment.
    pub fn again(&self, payment: u64) -> Arc<Request> {
        self.admission.live().into_iter().find(|r| r.payment == payment).expect("the engine holds the payment")
    }

    /// Lets time pass, at the terminals too, until the cloud looks like this.
    pub fn run_cloud_until(&mut self, ms: u64, what: &str, holds: impl Fn(&C) -> bool) {
        let end = self.now + ms;
        while !holds(&self.cloud) {
            assert!(self.now < end, "{what}: not within {ms} ms");
            self.run(100);
        }
    }
}

/// What only PayJunction's worlds do.
impl World {
    /// A canceled request stays IN_PROGRESS for ever.
    pub fn canceled_stays_in_progress(&mut self) {
        self.cloud.switches.canceled_request = CanceledRequest::StaysInProgress;
    }

    /// Somebody else calls the vendor with this account's login.
    pub fn by_hand(&mut self, method: &str, path: &str, form: &[(&str, &str)]) {
        self.answered_by_hand(method, path, form);
    }

    /// The same, and what the vendor answers.
    pub fn by_hand_text(&mut self, method: &str, path: &str) -> String {
        self.answered_by_hand(method, path, &[]).text().to_owned()
    }

    fn answered_by_hand(&mut self, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        for _ in 0..50 {
            let (now, request) = (self.now, pj::request(method, path, form));
            let answer = self.cloud.handle(now, &request);
            if answer.status == 429 {
                self.run(70);
                continue;
            }
            assert_eq!(answer.status, 200);
            return answer;
        }
        panic!("the cloud never answers");
    }
}
