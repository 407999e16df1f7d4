//! What one payment means for another: earlier attempts of its reference, its terminal, its original.

use super::core::{Core, Effect};
use super::lane::Lane;
use super::request::Request;
use super::writing::{led_to, standing};
use crate::engine::Standing;
use crate::journal::Row;
use crate::payment::fact::{Earlier, Entry, Failure, Intent};
use crate::payment::fields::Checked;
use crate::payment::plan;
use crate::payment::report::{Ownership, TransactionReport};
use crate::payment::snapshot::State;
use crate::payment::{Fact, Kind, Payment, face, wire};
use crate::status::Status;
use std::collections::HashSet;
use std::sync::Arc;

/// What waits for the facts of an old payment.
pub(super) enum AfterLoad {
    /// A request that works on it.
    Start { request: Arc<Request>, checked: Box<Checked>, earlier: Vec<Earlier> },
    /// Another payment has changed its transaction.
    Word(u64),
    /// A new attempt of its reference waits for its lookup.
    Prior(u64),
    /// A search for another payment came upon its transaction.
    Found(Box<TransactionReport>),
    /// The till asked to see it.
    Show(Arc<Request>),
}

impl Core {
    /// Takes in a new request. Work on an old payment waits until that one's facts are there.
    pub(super) fn start(
        &mut self,
        request: Arc<Request>,
        checked: Checked,
        earlier: Vec<Earlier>,
        original: Option<u64>,
    ) {
        match original {
            Some(payment) if !self.lanes.contains_key(&payment) => {
                let waiting = AfterLoad::Start { request, checked: Box::new(checked), earlier };
                self.load_for(payment, waiting);
            }
            _ => self.begin(request, checked, earlier, original),
        }
    }

    fn begin(&mut self, request: Arc<Request>, mut checked: Checked, earlier: Vec<Earlier>, original: Option<u64>) {
        let original = original.or_else(|| self.payment_of(checked.transaction.as_deref()?));
        let own_key = self.vendor.key_field().and_then(|field| checked.text(field)).map(str::to_owned);
        let worked_on = original.and_then(|id| self.lanes.get(&id));
        let known = worked_on.and_then(|lane| lane.payment.told());
        let given_back = worked_on.map(|lane| lane.payment.reversed);
        // Of a sale that this journal has no facts of, the index still knows what was done to it.
        let given_back = given_back.unwrap_or_else(|| self.admission.given_back(&checked));
        if let Some((lane, id)) = worked_on.and_then(|lane| Some((lane, led_to(&lane.payment)?))) {
            self.admission.name_transaction(&lane.payment.intent.request.reference, lane.payment.id, id);
        }
        let said = Some(checked.merchant_terminal.as_str()).filter(|account| !account.is_empty());
        let account = said.or(known.map(|report| report.merchant_terminal.as_str())).unwrap_or_default();
        let landmark = self.landmark_of(account).cloned();
        let of_index =
            || checked.original.as_ref().filter(|_| worked_on.is_none()).and_then(|r| self.admission.led_to(r));
        let original_id = checked.transaction.clone().or_else(|| known.map(|report| report.id.clone()));
        let original_id = original_id.or_else(of_index);
        // A payment that the till wants to capture itself is no business of the policy.
        let confirm = self.rules.confirm.filter(|_| checked.kind == Kind::Payment && !checked.capture_later);
        checked.capture_later |= confirm.is_some();
        let intent = Intent {
            key_on_wire: own_key.is_none(),
            wire_key: own_key.unwrap_or_else(|| wire::key(&(self.entropy)())),
            attempt: earlier.len() as u32 + 1,
            earlier,
            identity: self.identity.clone(),
            original_id,
            given_back,
            reserved: known.is_some_and(|report| report.authorized_only),
            confirm,
            landmark,
            request: checked,
        };
        let journaled = intent.request.kind.is_kept();
        let mut entry = self.entry(Fact::Intent(Box::new(intent)));
        // It is as old as the till's call, even if this thread, or the whole program, slept since then.
        entry.at_ms = request.snapshot().started_ms.min(self.now);
        let payment = request.payment;
        let Some(folded) = Payment::begin(payment, self.run, self.run_began, &entry) else { return };
        let (asked, id) = (&folded.intent.request, folded.intent.original_id.clone());
        let changes = id.filter(|_| asked.kind.changes_original());
        let in_use = changes.is_some_and(|id| !self.admission.claim_original(asked, &id, payment));
        let mut lane = Lane::new(folded, request, journaled);
        lane.original = original;
        if journaled {
            self.batch.rows.push(Row {
                number: entry.number,
                payment,
                run: entry.run,
                at_ms: entry.at_ms,
                wall_ms: entry.wall_ms,
                version: crate::payment::fact::VERSION,
                body: entry.fact.to_json(),
            });
            lane.waits_for = Some((self.next_ticket, self.now));
            self.dirty.insert(payment);
        }
        self.insert(lane);
        if in_use {
            let failure =
                Failure::new(Status::TransactionInUse, "another change of the original is running or unknown");
            self.record(payment, Fact::NotSent { failure, again: false, pause_ms: 0 });
        }
        self.report_standing(payment);
        self.ready.insert(payment);
    }

    /// The payment at hand that led to a transaction: the till may name either.
    fn payment_of(&self, transaction: &str) -> Option<u64> {
        let mut lanes = self.lanes.values();
        lanes.find(|lane| led_to(&lane.payment) == Some(transaction)).map(|lane| lane.payment.id)
    }

    pub(super) fn insert(&mut self, lane: Lane) {
        let payment = lane.payment.id;
        let terminal = lane.payment.intent.request.terminal.clone();
        self.by_terminal.entry(terminal).or_default().insert(payment);
        self.watched += usize::from(lane.is_watched());
        self.lanes.insert(payment, lane);
    }

    /// Asks for a lookup of the earlier attempts. True when that is settled and the plan can be asked again.
    pub(super) fn check_prior(&mut self, payment: u64) -> bool {
        let Some(lane) = self.lanes.get_mut(&payment) else { return false };
        if !lane.prior_asked {
            lane.prior_asked = true;
            let earlier = lane.payment.intent.earlier.clone();
            let open: HashSet<u64> = earlier.iter().filter(|e| e.dispatched).map(|e| e.payment).collect();
            lane.prior_open = open.clone();
            for prior in open {
                if self.lanes.contains_key(&prior) {
                    self.want_lookup(prior, payment);
                } else {
                    self.load_for(prior, AfterLoad::Prior(payment));
                }
            }
        }
        let Some(lane) = self.lanes.get(&payment) else { return false };
        if lane.prior_open.is_empty() {
            let prepared = lane.prior_prepared.clone().filter(|_| lane.payment.prepared.is_none());
            if let Some((_, id)) = prepared {
                self.record(payment, Fact::Prepared { id });
            }
            self.record(payment, Fact::PriorChecked { clear: true });
            return true;
        }
        // The plan ends the wait when the shelf life is over.
        let expires = lane.payment.asked_at + self.rules.send_within_ms;
        self.schedule_at(payment, Some(expires));
        false
    }

    fn want_lookup(&mut self, prior: u64, waiter: u64) {
        let now = self.now;
        let Some(lane) = self.lanes.get_mut(&prior) else { return };
        if lane.payment.former_account {
            return self.refuse_waiter(waiter, Status::Config, OTHER_ACCOUNT);
        }
        if lane.payment.unreadable || lane.payment.intent.wire_key.is_empty() {
            return self.refuse_waiter(waiter, Status::Journal, UNREADABLE);
        }
        if !lane.payment.may_be_executed() || lane.payment.late.is_some() {
            return self.answer_waiter(prior, waiter);
        }
        lane.lookup_wanted_since = Some(now);
        lane.waited_for_by.push(waiter);
        self.ready.insert(prior);
    }

    /// Tells a waiting attempt what the lookup of an earlier one has shown.
    fn answer_waiter(&mut self, prior: u64, waiter: u64) {
        let moved = self.lanes.get(&prior).is_some_and(|lane| standing(&lane.payment) == Standing::Moved);
        // The index of an earlier run knows the attempt, not its key.
        let key = self.lanes.get(&prior).map(|lane| lane.payment.intent.wire_key.clone());
        let earlier = self.lanes.get_mut(&waiter).map(|lane| &mut lane.payment.intent.earlier);
        for attempt in earlier.into_iter().flatten().filter(|attempt| attempt.payment == prior) {
            attempt.wire_key = key.clone().unwrap_or_default();
        }
        if moved {
            self.record(waiter, Fact::PriorChecked { clear: false });
        } else {
            self.inherit_prepared(prior, waiter);
        }
        if !moved && let Some(lane) = self.lanes.get_mut(&waiter) {
            lane.prior_open.remove(&prior);
        }
        self.ready.insert(waiter);
    }

    /// What was made at the vendor belongs to reference and amount: the vendor lets it be paid once only.
    fn inherit_prepared(&mut self, prior: u64, waiter: u64) {
        let Some(earlier) = self.lanes.get(&prior).map(|lane| &lane.payment) else { return };
        let (asked, prepared) = (earlier.intent.request.clone(), earlier.prepared.clone());
        let Some(lane) = self.lanes.get_mut(&waiter) else { return };
        let same = lane.payment.intent.request.is_same_payment(&asked);
        let newest = lane.prior_prepared.as_ref().is_none_or(|(known, _)| *known < prior);
        if let Some(id) = prepared.filter(|_| same && newest) {
            lane.prior_prepared = Some((prior, id));
        }
    }

    /// What turns up without a name is more likely a later payment's: an attempt that was sent with what this one had
    /// prepared, or a refund of the same original whose outcome is open or which seems not to have come about either.
    pub(super) fn handed_on(&self, payment: &Payment) -> bool {
        let later_attempt = |p: &Payment| {
            let shares = p.prepared.is_some() && p.prepared == payment.prepared;
            shares && p.intent.earlier.iter().any(|earlier| earlier.payment == payment.id)
        };
        let gives_back = |p: &Payment| matches!(p.kind(), Kind::Refund | Kind::Reverse);
        let later_refund = |p: &Payment| {
            let same = p.intent.original_id.is_some() && p.intent.original_id == payment.intent.original_id;
            p.id > payment.id && gives_back(p) && same && p.told().is_none()
        };
        let likelier = |p: &Payment| match payment.kind() {
            Kind::Payment => later_attempt(p),
            Kind::Refund | Kind::Reverse => later_refund(p),
            _ => false,
        };
        self.lanes.values().map(|lane| &lane.payment).any(|p| p.may_be_executed() && likelier(p))
    }

    /// Another change of the same original is under way, and may be what its record shows.
    pub(super) fn is_being_changed(&self, payment: &Payment) -> bool {
        let Some(original) = &payment.intent.original_id else { return false };
        let undoes = |kind: Kind| matches!(kind, Kind::Void | Kind::Reverse | Kind::Refund);
        let alike = |kind: Kind| kind == payment.kind() || (undoes(kind) && undoes(payment.kind()));
        let open = |p: &Payment| !p.is_final() && p.may_be_executed() && alike(p.kind());
        let mut others = self.lanes.values().map(|lane| &lane.payment).filter(|p| p.id != payment.id);
        others.any(|p| p.intent.original_id.as_ref() == Some(original) && open(p))
    }

    /// What became of an earlier attempt cannot be looked up: the new one is not sent.
    fn refuse_waiter(&mut self, waiter: u64, status: Status, text: &str) {
        let failure = Failure::new(status, text);
        if self.lanes.get(&waiter).is_some_and(|lane| !lane.payment.is_final()) {
            self.record(waiter, Fact::NotSent { failure, again: false, pause_ms: 0 });
            self.ready.insert(waiter);
        }
    }

    /// An earlier attempt turned out to be paid after it was found clear: what has not left yet does not leave.
    fn refuse_later_attempts(&mut self, prior: u64) {
        let waits = |p: &Payment| {
            let later = p.intent.earlier.iter().any(|earlier| earlier.payment == prior);
            later && p.prior_clear == Some(true) && !p.is_final() && !p.may_be_executed()
        };
        let later: Vec<u64> =
            self.lanes.values().map(|lane| &lane.payment).filter(|p| waits(p)).map(|p| p.id).collect();
        for attempt in later {
            self.record(attempt, Fact::PriorChecked { clear: false });
            self.ready.insert(attempt);
        }
    }

    /// What a fact of one payment means for others.
    pub(super) fn follow(&mut self, payment: u64, entry: &Entry, reached_customer: bool) {
        match &entry.fact {
            Fact::TransactionRead { report } => {
                let known = |lane: &Lane| lane.payment.transactions.iter().any(|t| t.id == report.id && t.by_request);
                let ours = report.ownership == Ownership::Ours || self.lanes.get(&payment).is_some_and(known);
                if ours {
                    self.claimed.insert(report.id.clone());
                }
                self.note_landmark(payment, report);
                let is_original = |lane: &Lane| {
                    lane.payment.shows_on_original()
                        && lane.payment.intent.original_id.as_deref() == Some(report.id.as_str())
                };
                if self.lanes.get(&payment).is_some_and(is_original) {
                    self.lookup_answers(payment);
                }
            }
            // Named in the answer to our own submit: nobody else's, even before it is there to be read.
            Fact::TransactionNamed { id } => {
                self.claimed.insert(id.clone());
            }
            Fact::Accepted { .. } | Fact::Prepared { .. } | Fact::Unclear { .. } => self.try_kept_hints(payment),
            Fact::LookedUp(lookup) if lookup.complete => self.lookup_answers(payment),
            Fact::LateApproval { .. } => {
                self.lookup_answers(payment);
                self.tell_original(payment);
                self.end_watches_of_same(payment);
                self.refuse_later_attempts(payment);
            }
            Fact::Decided { outcome } => {
                self.tell_original(payment);
                if outcome.state == State::Approved {
                    self.end_earlier_watches(payment);
                    self.end_watches_of_same(payment);
                }
                // What the original's record shows need not wait for this one any more.
                let original = self.lanes.get(&payment).and_then(|lane| lane.original);
                self.ready.extend(original);
            }
            Fact::ReversedBy { .. } | Fact::ReversalUndone { .. } | Fact::ResultChanged { .. } => {
                self.tell_original(payment);
            }
            _ => {}
        }
        if reached_customer {
            self.terminal_cleared(payment);
        }
    }

    /// The vendor answered with an earlier attempt's transaction, and this one has told it: once is enough.
    fn end_earlier_watches(&mut self, payment: u64) {
        let Some(lane) = self.lanes.get(&payment).filter(|lane| lane.payment.folded.is_some()) else { return };
        let earlier: Vec<u64> = lane.payment.intent.earlier.iter().map(|earlier| earlier.payment).collect();
        for attempt in earlier {
            if self.lanes.get(&attempt).is_some_and(|lane| plan::needs_late_watch(&lane.payment)) {
                self.record(attempt, Fact::LateWatchEnded);
                self.ready.insert(attempt);
            }
        }
    }

    /// What the attempts of a reference share at the vendor can be paid once, and this one was. What is found there later is
    /// this one's payment, also when nobody remembers that any more.
    fn end_watches_of_same(&mut self, payment: u64) {
        let Some(paid) = self.lanes.get(&payment).map(|lane| &lane.payment) else { return };
        let Some(prepared) = paid.prepared.clone() else { return };
        let reference = paid.intent.request.reference.clone();
        let same = |p: &Payment| {
            let shared = p.prepared.as_ref() == Some(&prepared) && p.intent.request.reference == reference;
            shared && p.id != payment && p.is_final() && plan::needs_late_watch(p)
        };
        let others: Vec<u64> =
            self.lanes.values().map(|lane| &lane.payment).filter(|p| same(p)).map(|p| p.id).collect();
        for attempt in others {
            self.record(attempt, Fact::LateWatchEnded);
            self.ready.insert(attempt);
        }
    }

    /// A lookup that others waited for is complete; what it found is judged first.
    fn lookup_answers(&mut self, payment: u64) {
        let Some(lane) = self.lanes.get(&payment) else { return };
        let unread = lane.payment.transactions.iter().any(|t| t.by_request && t.report.is_none());
        if lane.waited_for_by.is_empty() {
            return;
        }
        let done_by_other = self.context(payment).done_by_other;
        let approved = plan::contradiction(&lane.payment, done_by_other).is_some();
        let running = plan::may_still_run(&lane.payment);
        let undecided = lane.payment.late.is_none() && (approved || unread || running);
        if undecided {
            return;
        }
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        lane.lookup_wanted_since = None;
        for waiter in std::mem::take(&mut lane.waited_for_by) {
            self.answer_waiter(payment, waiter);
        }
        self.ready.insert(payment);
    }

    /// A request of ours has reached the customer: earlier ones on that terminal are off its screen.
    fn terminal_cleared(&mut self, payment: u64) {
        let Some(lane) = self.lanes.get(&payment) else { return };
        let terminal = &lane.payment.intent.request.terminal;
        let others: Vec<u64> = self.by_terminal.get(terminal).into_iter().flatten().copied().collect();
        for other in others.into_iter().filter(|other| *other < payment) {
            let open = |lane: &Lane| {
                !lane.payment.is_final() && !lane.payment.former_account && lane.payment.cleared_at.is_none()
            };
            if self.lanes.get(&other).is_some_and(open) {
                self.record(other, Fact::TerminalCleared);
                self.ready.insert(other);
            }
        }
    }

    /// Fills in a request of an old payment.
    pub(super) fn show(&mut self, request: Arc<Request>) {
        if !self.lanes.contains_key(&request.payment) {
            self.load_for(request.payment, AfterLoad::Show(request));
        }
    }

    pub(super) fn load_for(&mut self, payment: u64, waiting: AfterLoad) {
        let waiters = self.after_load.entry(payment).or_default();
        waiters.push(waiting);
        if waiters.len() == 1 {
            self.effects.push(Effect::Load(payment));
        }
    }

    /// The facts of an old payment have come: none if they are past retention, `None` if they cannot be read.
    pub(super) fn loaded(&mut self, payment: u64, rows: Option<&[Row]>) {
        let waiting = self.after_load.remove(&payment).unwrap_or_default();
        if !self.lanes.contains_key(&payment) {
            let shown = waiting.iter().find_map(|w| match w {
                AfterLoad::Show(request) => Some(request.clone()),
                _ => None,
            });
            self.adopt(payment, rows.unwrap_or_default(), shown);
        }
        let adopted = self.lanes.contains_key(&payment);
        // Facts without an intent that this version can read are as good as damaged.
        let past_retention = rows.is_some_and(<[Row]>::is_empty);
        for waiter in waiting {
            match waiter {
                AfterLoad::Start { request, checked, earlier } => {
                    self.begin(request, *checked, earlier, Some(payment));
                }
                AfterLoad::Word(change) if adopted => self.word(change, payment),
                // Past retention there is nobody to tell; of a damaged record the next start may know more.
                AfterLoad::Word(change) if past_retention => self.record(change, Fact::OriginalTold),
                AfterLoad::Prior(attempt) if adopted => self.want_lookup(payment, attempt),
                AfterLoad::Prior(attempt) if past_retention => self.answer_waiter(payment, attempt),
                AfterLoad::Prior(attempt) => self.refuse_waiter(attempt, Status::Journal, UNREADABLE),
                AfterLoad::Found(report) if adopted => self.found_elsewhere(payment, *report),
                AfterLoad::Show(request) if !adopted => {
                    let told = face::without_record(&request.snapshot(), past_retention);
                    request.publish(Arc::new(told));
                }
                AfterLoad::Found(_) | AfterLoad::Show(_) | AfterLoad::Word(_) => {}
            }
        }
        self.ready.insert(payment);
    }
}

const UNREADABLE: &str =
    "the record of an earlier attempt cannot be read; look whether it was paid, then use another reference";
const OTHER_ACCOUNT: &str =
    "an earlier attempt was made under another account and cannot be looked up; use another reference";
