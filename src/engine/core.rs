//! The engine without thread, clock, socket or disk: what comes in, what goes out, what is due.

use super::admission::Admission;
use super::flush::Flushing;
use super::gate::{Gate, Readings};
use super::hints::Hints;
use super::kinship::AfterLoad;
use super::lane::{FLUSH_PATIENCE_MS, Lane};
use super::news::News;
use super::pace::Pace;
use super::request::Request;
use super::session::Desk;
use super::writing::index_row;
use crate::http::HttpRequest;
use crate::journal::{self, Batch, Leaf};
use crate::observe::Log;
use crate::payment::fact::{Action, Earlier, Failure, Landmark};
use crate::payment::fields::Checked;
use crate::payment::plan::{self, Context, Plan, Rules, Step};
use crate::payment::{Decision, Fact, Payment};
use crate::status::Status;
use crate::transport;
use crate::vendors::Vendor;
use crossbeam_channel::Sender;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What the till wants.
pub enum Command {
    Start {
        request: Arc<Request>,
        checked: Box<Checked>,
        earlier: Vec<Earlier>,
        original: Option<u64>,
    },
    Cancel(u64),
    /// The same, if nothing of it can have left. Otherwise nothing can be done from here, and the till was told so.
    CancelUnsent(u64),
    /// The till has stored the result that it was shown under this event number.
    Acknowledge {
        payment: u64,
        shown: u32,
    },
    Resolve {
        payment: u64,
        decision: Decision,
        by: String,
        reason: String,
    },
    /// Fill in a request of an old payment from the journal.
    Show(Arc<Request>),
    /// The body of a webhook whose signature was checked.
    Webhook(Vec<u8>),
    /// Say where everything stands, for the diagnostics. Whoever asked may have lost patience.
    Describe(Sender<String>),
}

/// What comes in.
pub enum Input {
    Command(Command),
    Transport(transport::Report),
    Journal(journal::Report),
}

/// What goes out.
pub enum Effect {
    Append(Batch),
    Load(u64),
    /// The next payments of a span of time.
    Leaf(Leaf),
    Send {
        call: u64,
        request: HttpRequest,
    },
}

/// Everything the engine is made of.
pub struct Setup {
    pub vendor: Box<dyn Vendor>,
    pub rules: Rules,
    pub identity: String,
    pub admission: Arc<Admission>,
    /// The pace of the account, which other clients of the process may share.
    pub pace: Arc<Pace>,
    pub news: Arc<News>,
    pub log: Arc<Log>,
    /// Twenty random bytes, whenever a key is made.
    pub entropy: Box<dyn FnMut() -> [u8; 20] + Send>,
    pub run: u32,
    pub next_number: u64,
    /// False for a journal in memory.
    pub durable_journal: bool,
    pub now: u64,
}

/// Between two turns with a live payment there is never more time than this, unless the machine slept.
const SLEEP_MS: u64 = 5_000;
const HEARTBEAT_MS: u64 = 4_000;
/// When a policy looks again whether it may work on a transaction.
pub(super) const BUSY_MS: u64 = 2_000;

pub struct Core {
    pub(super) vendor: Box<dyn Vendor>,
    pub(super) rules: Rules,
    pub(super) identity: String,
    pub(super) admission: Arc<Admission>,
    pub(super) news: Arc<News>,
    pub(super) log: Arc<Log>,
    pub(super) entropy: Box<dyn FnMut() -> [u8; 20] + Send>,
    pub(super) run: u32,
    pub(super) run_began: u64,
    pub(super) now: u64,
    pub(super) wall: i64,
    pub(super) durable_journal: bool,
    pub(super) lanes: HashMap<u64, Lane>,
    /// How many of them are watched.
    pub(super) watched: usize,
    pub(super) schedule: BTreeSet<(u64, u64)>,
    pub(super) ready: BTreeSet<u64>,
    pub(super) gate: Gate,
    pub(super) session: Desk,
    pub(super) readings: Readings,
    /// Why nothing new is begun at the moment, and until when.
    pub(super) shut: Option<(Failure, u64)>,
    /// How far this PC's clock is ahead of the vendor's, by the newest reply that said the time. For people.
    pub(super) clock_ahead_seconds: Option<i64>,
    pub(super) calls: HashMap<u64, u64>,
    pub(super) next_call: u64,
    pub(super) next_number: u64,
    // Writing.
    pub(super) batch: Batch,
    pub(super) next_ticket: u64,
    pub(super) dirty: BTreeSet<u64>,
    pub(super) flushing: Flushing,
    // Kinship.
    pub(super) after_load: HashMap<u64, Vec<AfterLoad>>,
    pub(super) claimed: HashSet<String>,
    /// By merchant account.
    pub(super) landmarks: BTreeMap<String, Landmark>,
    pub(super) by_terminal: BTreeMap<String, BTreeSet<u64>>,
    pub(super) hints: Hints,
    /// The last turn, while a payment was live.
    last_beat: Option<u64>,
    /// While a reply is taken in: when it was asked for.
    pub(super) asked_at: Option<u64>,
    pub(super) effects: Vec<Effect>,
}

impl Core {
    pub fn new(setup: Setup) -> Core {
        // Another run, or another program, may have called for this account a moment ago.
        setup.pace.pause(setup.now + setup.vendor.policy().call_gap_ms);
        let called = setup.pace.sent_so_far();
        Core {
            vendor: setup.vendor,
            rules: setup.rules,
            identity: setup.identity,
            gate: Gate::new(setup.pace, setup.admission.client()),
            admission: setup.admission,
            news: setup.news,
            log: setup.log,
            entropy: setup.entropy,
            run: setup.run,
            run_began: setup.now,
            now: setup.now,
            wall: 0,
            durable_journal: setup.durable_journal,
            lanes: HashMap::new(),
            watched: 0,
            schedule: BTreeSet::new(),
            ready: BTreeSet::new(),
            session: Desk::default(),
            readings: Readings::default(),
            shut: None,
            clock_ahead_seconds: None,
            calls: HashMap::new(),
            next_call: 1,
            next_number: setup.next_number,
            batch: Batch::default(),
            next_ticket: 1,
            dirty: BTreeSet::new(),
            flushing: Flushing::new(called),
            after_load: HashMap::new(),
            claimed: HashSet::new(),
            landmarks: BTreeMap::new(),
            by_terminal: BTreeMap::new(),
            hints: Hints::default(),
            last_beat: None,
            asked_at: None,
            effects: Vec::new(),
        }
    }

    /// Takes in what happened, at this moment.
    pub fn input(&mut self, now: u64, wall: i64, input: Input) {
        self.set_time(now, wall);
        match input {
            Input::Command(command) => self.command(command),
            Input::Transport(report) => self.transport_report(report),
            Input::Journal(report) => self.journal_report(report),
        }
    }

    /// One turn: everything that is due is done. Returns what goes out, and when the next turn is due at the latest.
    pub fn turn(&mut self, now: u64, wall: i64) -> (Vec<Effect>, Option<u64>) {
        self.set_time(now, wall);
        self.notice_sleep();
        loop {
            while let Some((due, payment)) = self.schedule.first().copied().filter(|(due, _)| *due <= now) {
                self.schedule.remove(&(due, payment));
                if let Some(lane) = self.lanes.get_mut(&payment) {
                    lane.due = None;
                }
                self.ready.insert(payment);
            }
            while let Some(payment) = self.ready.pop_first() {
                self.advance(payment);
            }
            self.flush();
            self.open_gate();
            if self.ready.is_empty() && self.schedule.first().is_none_or(|(due, _)| *due > now) {
                break;
            }
        }
        self.flush();
        let times = [self.schedule.first().map(|(due, _)| *due), self.gate.opens_at(self.now), self.retries_at()];
        // A payment that waits for an answer needs no turn, but a sleep meanwhile must be noticed.
        self.last_beat = self.lanes.values().any(|lane| lane.payment.minds_sleep()).then_some(self.now);
        let heartbeat = self.last_beat.map(|beat| beat + HEARTBEAT_MS);
        let wake = times.into_iter().flatten().chain(heartbeat).min();
        (std::mem::take(&mut self.effects), wake)
    }

    /// The end: facts that arrived are written; nothing is sent any more. The caller has waited for the batch under way.
    pub fn last_words(&mut self) -> Vec<Effect> {
        // Of another account's payment, and of one with a fact that cannot be read, nobody here knows what was sent.
        let known = |p: &Payment| !p.former_account && !p.unreadable;
        let unsent = |p: &Payment| p.awaits_handing_over() || !(p.is_final() || p.may_be_executed());
        let unsent: Vec<u64> =
            self.lanes.values().map(|lane| &lane.payment).filter(|p| known(p) && unsent(p)).map(|p| p.id).collect();
        for payment in unsent {
            let failure = Failure::new(Status::Expired, "the client was closed before it was sent");
            self.record(payment, Fact::NotSent { failure, again: false, pause_ms: 0 });
        }
        self.effects.clear();
        self.flush_all();
        std::mem::take(&mut self.effects)
    }

    fn set_time(&mut self, now: u64, wall: i64) {
        self.now = self.now.max(now);
        self.wall = wall;
    }

    /// A turn that comes much later than the one before means that the machine slept: read before judging deadlines.
    fn notice_sleep(&mut self) {
        let Some(beat) = self.last_beat else { return };
        if self.now <= beat.saturating_add(SLEEP_MS) {
            return;
        }
        self.log.info(|| format!("the machine slept for about {} s", (self.now - beat) / 1000));
        // The disk slept too.
        let now = self.now;
        self.lanes.values_mut().for_each(|lane| lane.waits_for = lane.waits_for.map(|(ticket, _)| (ticket, now)));
        let live: Vec<u64> =
            self.lanes.iter().filter(|(_, lane)| lane.payment.minds_sleep()).map(|(id, _)| *id).collect();
        for payment in live {
            self.note(payment, Fact::Resumed { restart: false });
            self.ready.insert(payment);
        }
    }

    /// Does what the plan of a payment says until it has to wait for something.
    pub(super) fn advance(&mut self, payment: u64) {
        loop {
            let Some(lane) = self.lanes.get(&payment) else { return };
            let patience_ends = lane.waits_for.map(|(_, since)| since + FLUSH_PATIENCE_MS);
            if lane.is_held(self.now) || lane.flight.is_some() || lane.is_comparing() {
                self.schedule_at(payment, patience_ends.filter(|ends| *ends > self.now));
                self.tell_if_patience_is_over(payment);
                if self.waits_for_word(payment) {
                    continue;
                }
                return;
            }
            self.tell_if_patience_is_over(payment);
            match self.plan(payment) {
                Plan::Record(fact) => {
                    if !self.may_record(payment, &fact) {
                        return self.wait(payment, Some(self.now + BUSY_MS));
                    }
                    self.record(payment, fact);
                }
                // A word that is due is told before the call takes its place in the queue, or it would be due for ever.
                Plan::Call(_) if self.waits_for_word(payment) => {}
                Plan::Call(step) => return self.queue_call(payment, &step),
                Plan::CheckPrior => {
                    if !self.check_prior(payment) {
                        return;
                    }
                }
                Plan::WaitUntil(time) => return self.wait(payment, Some(time)),
                Plan::Done => return self.wait(payment, None),
            }
        }
    }

    /// What the payment's facts and the time call for.
    pub(super) fn plan(&self, payment: u64) -> Plan {
        let lane = &self.lanes[&payment];
        let plan = plan::next(&lane.payment, &self.rules, self.context(payment));
        // A policy's step begins only when everything before it is on disk.
        let unsafe_step = lane.payment.is_final() && lane.undurable;
        if lane.waits_for.is_none() && !unsafe_step { plan } else { self.without_disk(&lane.payment, plan) }
    }

    /// The journal does not answer. Reads and words go on, but nothing is sent, and what was never sent fails when its
    /// shelf life is over: it ends there even if the flush comes through later.
    fn without_disk(&self, payment: &Payment, plan: Plan) -> Plan {
        match plan {
            // Of a payment that has ended: its policy's step.
            Plan::Record(Fact::Dispatched { .. }) | Plan::Call(Step::Submit(_)) if payment.is_final() => Plan::Done,
            Plan::Record(Fact::NotSent { .. }) => {
                let failure = Failure::new(Status::Journal, "the journal does not answer");
                Plan::Record(Fact::NotSent { failure, again: false, pause_ms: 0 })
            }
            Plan::Record(Fact::Dispatched { action: Action::Hold }) | Plan::Call(Step::Submit(Action::Hold)) => {
                Plan::WaitUntil(payment.hold_expires(&self.rules))
            }
            // A repetition has no shelf life. What it repeats may have been executed, and the till is told so in time.
            Plan::Record(Fact::Dispatched { .. }) | Plan::Call(Step::Submit(_)) if payment.lost_at.is_some() => {
                match plan::next_word(payment, &self.rules) {
                    Some((time, word)) if time <= self.now => Plan::Record(word),
                    Some((time, _)) => Plan::WaitUntil(time),
                    None => Plan::Done,
                }
            }
            Plan::Record(Fact::Dispatched { .. }) | Plan::Call(Step::Submit(_)) | Plan::CheckPrior => {
                Plan::WaitUntil(payment.asked_at + self.rules.send_within_ms)
            }
            other => other,
        }
    }

    /// A call is on its way. True when the till had to be told meanwhile that its patience is over.
    fn waits_for_word(&mut self, payment: u64) -> bool {
        let lane = &self.lanes[&payment];
        if lane.is_held(self.now) {
            return false;
        }
        let Some((time, fact)) = plan::next_word(&lane.payment, &self.rules) else { return false };
        if time > self.now {
            self.schedule_at(payment, Some(time));
            return false;
        }
        self.record(payment, fact);
        true
    }

    pub(super) fn context(&self, payment: u64) -> Context {
        let lane = &self.lanes[&payment];
        debug_assert_eq!(self.watched, self.lanes.values().filter(|lane| lane.is_watched()).count());
        let read_every_ms = self.gate.pace().read_every_ms(self.watched);
        let payment = &lane.payment;
        let done_by_other = plan::needs_late_watch(payment)
            && payment.shows_on_original()
            && (self.admission.was_changed(&payment.intent.request, payment.id) || self.is_being_changed(payment));
        let explained = self.is_explained(payment);
        Context {
            now: self.now,
            read_every_ms,
            lookup_wanted_since: lane.lookup_wanted_since,
            look_wanted: lane.look_wanted_since.is_some(),
            done_by_other,
            explained,
            quiet_until: self.quiet_until(lane),
        }
    }

    fn wait(&mut self, payment: u64, until: Option<u64>) {
        self.leave_gate(payment);
        self.schedule_at(payment, until);
        if let Some(lane) = self.lanes.get_mut(&payment) {
            lane.wanted_at = until;
        }
        if self.lanes.get(&payment).is_some_and(Lane::is_over) {
            self.forget(payment);
        }
    }

    pub(super) fn schedule_at(&mut self, payment: u64, time: Option<u64>) {
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        if let Some(old) = lane.due.take() {
            self.schedule.remove(&(old, payment));
        }
        lane.due = time;
        if let Some(time) = time {
            self.schedule.insert((time, payment));
        }
    }

    /// The payment is settled and stored by the till: the journal is its home from now on.
    fn forget(&mut self, payment: u64) {
        let Some(lane) = self.lanes.remove(&payment) else { return };
        self.watched -= usize::from(lane.is_watched());
        if self.dirty.remove(&payment) && lane.journaled {
            self.batch.index.push(index_row(&lane.payment));
        }
        self.admission.release_request(payment);
        if let Some(payments) = self.by_terminal.get_mut(&lane.payment.intent.request.terminal) {
            payments.remove(&payment);
        }
    }

    /// What came after the till was shown a result, or waits for its flush, cannot be what the till has stored: it is told
    /// again.
    fn acknowledge(&mut self, payment: u64, shown: u32) {
        let Some(lane) = self.lanes.get_mut(&payment).filter(|lane| lane.payment.is_final()) else { return };
        self.ready.insert(payment);
        // The void is on record: it is too late.
        if lane.payment.is_being_undone() {
            return lane.request.set_acknowledged(false);
        }
        match lane.payment.told_anew {
            Some((number, kind)) if u32::try_from(number).unwrap_or(u32::MAX) > shown => {
                lane.request.set_acknowledged(false);
                if !lane.untold.contains(&kind) {
                    lane.untold.push(kind);
                }
                if !lane.is_held(self.now) {
                    self.tell(payment);
                }
            }
            _ if lane.payment.acknowledged => {}
            _ => self.record(payment, Fact::Acknowledged),
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Start { request, checked, earlier, original } => {
                self.start(request, *checked, earlier, original);
            }
            Command::Cancel(payment) => {
                if self.lanes.get(&payment).is_some_and(|lane| !lane.payment.is_final()) {
                    self.record(payment, Fact::CancelAsked);
                    self.ready.insert(payment);
                }
            }
            Command::Acknowledge { payment, shown } => self.acknowledge(payment, shown),
            Command::CancelUnsent(payment) => {
                if self.lanes.get(&payment).is_some_and(|lane| !lane.payment.may_be_executed()) {
                    self.command(Command::Cancel(payment));
                }
            }
            Command::Resolve { payment, decision, by, reason } => {
                let unknown = |lane: &Lane| lane.payment.unknown.is_some() && !lane.payment.is_final();
                if self.lanes.get(&payment).is_some_and(unknown) {
                    self.record(payment, Fact::Resolved { decision, by, reason });
                    self.ready.insert(payment);
                }
            }
            Command::Show(request) => self.show(request),
            Command::Webhook(body) => self.webhook(&body),
            Command::Describe(answer) => drop(answer.send(self.describe())),
        }
    }
}
