//! The world: a till, the engine, a journal that can lose its last writes, a road that can break, and the vendor's cloud.

mod checks;
mod clouds;
mod posts;
mod questions;

pub use checks::own_error;
pub use clouds::Cloud;

use super::sabotage;
use crate::config::Config;
use crate::engine::core::{Command, Core, Effect, Input, Setup};
use crate::engine::{Admission, Event, Limits, News, Pace, Request};
use crate::http::{Delivery, HttpReply, HttpRequest, RoadError};
use crate::journal::{Batch, IndexRow, Leaf, Report as JournalReport, Row};
use crate::observe::Log;
use crate::payment::fields::{self, Checked, Defaults};
use crate::payment::plan::Rules;
use crate::payment::snapshot::{EventKind, Snapshot, State};
use crate::payment::{Decision, Fields, Kind, face};
use crate::status::Status;
use crate::transport::Report as TransportReport;
use crate::vendors::{self, Vendor};
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{Fault, Request as SimRequest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// From the till to the cloud, and back, in milliseconds.
const ROAD_MS: u64 = 20;
/// How long the engine waits for an answer before it gives a call up.
const CALL_MS: u64 = 30_000;

/// Something that will happen.
enum Coming {
    Departs { call: u64 },
    Arrives { run: u32, call: u64, request: SimRequest },
    Answers { run: u32, call: u64, delivery: Delivery },
    Written { batch: Batch },
    Loaded { payment: u64 },
    Leafed { leaf: Leaf },
}

/// What the road does with the next calls, before the cloud sees them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Road {
    Open,
    /// No connection can be made.
    Closed,
    /// The request leaves, and the connection breaks before the cloud has all of it.
    LosesRequests,
}

/// PayJunction's cloud unless a test says otherwise.
pub struct World<C: Cloud = pj::Cloud> {
    pub now: u64,
    pub cloud: C,
    pub road: Road,
    /// How long a commit takes.
    pub flush_ms: u64,
    /// How much longer than a commit the journal takes to find old facts.
    pub load_ms: u64,
    /// No commit succeeds.
    pub disk_fails: bool,
    /// Of the commits that a power cut meets, so many are on the disk although nobody was told.
    pub commits_survive: usize,
    pub core: Core,
    pub admission: Arc<Admission>,
    pub news: Arc<News>,
    coming: BTreeMap<(u64, u64), Coming>,
    order: u64,
    /// When the newest commit is through: commits keep their order.
    written_by: u64,
    run: u32,
    rows: BTreeMap<u64, Row>,
    index: BTreeMap<u64, IndexRow>,
    meta: BTreeMap<String, String>,
    wake: Option<u64>,
    config: Fields,
    /// Everything the till was told, in order, over all runs.
    pub told: Vec<(u64, EventKind, Snapshot)>,
    /// Calls of the present run.
    calls: BTreeSet<u64>,
    client: u64,
    next_payment: u64,
    seed: u64,
    pub checks: checks::Checks,
    /// How far the PC's wall clock was moved by hand.
    pub wall_shift_ms: i64,
}

/// Why a request was refused, and the request that stands in the way.
pub type Refused = (Status, String, Option<Arc<Request>>);

static WORLDS: AtomicU64 = AtomicU64::new(1_000);

impl World {
    pub fn new() -> World {
        World::with(pj::Setup::default(), &[])
    }

    /// A world with this cloud, and with these settings beyond the usual ones.
    pub fn with(setup: pj::Setup, settings: &[(&str, i64)]) -> World {
        World::of(pj::Cloud::new(setup), settings)
    }
}

impl<C: Cloud> World<C> {
    /// A world with any vendor's cloud.
    pub fn of(cloud: C, settings: &[(&str, i64)]) -> World<C> {
        let mut config = Fields::new();
        config.set_text("base_url", "http://127.0.0.1:9");
        for (key, value) in cloud.settings() {
            config.set_text(key, &value);
        }
        for (key, value) in settings {
            config.set_int(key, *value);
        }
        let client = WORLDS.fetch_add(1, Ordering::Relaxed);
        let seed = cloud.seed();
        let news = Arc::new(News::new());
        let (core, admission) = boot(&config, client, &news, 1, 1, 1, 1_000_000, seed);
        World {
            now: 1_000_000,
            cloud,
            road: Road::Open,
            flush_ms: 1,
            load_ms: 0,
            disk_fails: false,
            commits_survive: 0,
            written_by: 0,
            core,
            admission,
            news,
            coming: BTreeMap::new(),
            order: 0,
            run: 1,
            rows: BTreeMap::new(),
            index: BTreeMap::new(),
            meta: BTreeMap::new(),
            wake: None,
            config,
            told: Vec::new(),
            calls: BTreeSet::new(),
            client,
            next_payment: 1,
            seed,
            checks: checks::Checks::default(),
            wall_shift_ms: 0,
        }
    }

    // The till.

    /// Asks for a payment of so many cents at the default terminal.
    pub fn pay(&mut self, reference: &str, amount: i64) -> Arc<Request> {
        self.ask(Kind::Payment, &[("reference", reference)], &[("amount", amount)]).unwrap_or_else(|(status, ..)| {
            panic!("{reference} was refused: {}", status.name());
        })
    }

    /// Asks for any work. The refusal comes with the request that stands in the way.
    pub fn ask(
        &mut self,
        kind: Kind,
        texts: &[(&str, &str)],
        numbers: &[(&str, i64)],
    ) -> Result<Arc<Request>, Refused> {
        let mut given = Fields::new();
        // Only lists of texts are added to.
        let (lists, texts): (Vec<_>, Vec<_>) = texts.iter().partition(|(key, _)| *key == "buttons");
        texts.iter().for_each(|(key, text)| given.set_text(key, text));
        lists.iter().for_each(|(key, text)| given.add_text(key, text));
        numbers.iter().for_each(|(key, number)| given.set_int(key, *number));
        self.ask_with(kind, &given)
    }

    fn ask_with(&mut self, kind: Kind, given: &Fields) -> Result<Arc<Request>, Refused> {
        let config = Config::read(&self.config).expect("the configuration is good");
        let defaults: &Defaults = &config.defaults;
        let vendor = open(&config);
        let fault = |fault: fields::Fault| (fault.status, fault.text, None);
        let checked: Checked = fields::check(kind, given, defaults).map_err(fault)?;
        vendor.admit(&checked).map_err(fault)?;
        let original = self.admission.find_original(&checked).map(|attempt| attempt.payment);
        let now = self.now;
        let make = |payment| {
            let request = Request::new(payment, face::queued(&checked, now));
            if !kind.is_kept() {
                request.set_unkept();
            }
            Arc::new(request)
        };
        let (request, earlier) = self.admission.reserve(&checked, make).map_err(|d| (d.status, d.text, d.existing))?;
        self.next_payment = self.next_payment.max(request.payment + 1);
        let start = Command::Start { request: request.clone(), checked: Box::new(checked), earlier, original };
        self.command(start);
        Ok(request)
    }

    pub fn command(&mut self, command: Command) {
        self.core.input(self.now, self.wall(), Input::Command(command));
        self.turn();
    }

    pub fn cancel(&mut self, request: &Request) {
        self.command(Command::Cancel(request.payment));
    }

    pub fn acknowledge(&mut self, request: &Request) {
        let shown = request.snapshot().event_number;
        self.acknowledge_as_of(request, shown);
    }

    /// The till acknowledges what it was shown under that number, whatever has come up since.
    pub fn acknowledge_as_of(&mut self, request: &Request, shown: u32) {
        assert!(request.acknowledge(), "it is being undone");
        self.news.forget(request.payment);
        self.command(Command::Acknowledge { payment: request.payment, shown });
    }

    /// The same, if it is not being undone for want of just that.
    pub fn acknowledges(&mut self, request: &Request) -> bool {
        let in_time = request.acknowledge();
        if in_time {
            self.acknowledge(request);
        }
        in_time
    }

    pub fn resolve(&mut self, request: &Request, decision: Decision) {
        let (by, reason) = ("manager".to_owned(), "looked at the terminal".to_owned());
        self.command(Command::Resolve { payment: request.payment, decision, by, reason });
    }

    /// The requests of the pending list.
    pub fn pending(&self) -> Vec<Arc<Request>> {
        let mut live = self.admission.live();
        live.retain(|request| !request.is_acknowledged() && request.is_kept());
        live
    }

    // Time.

    /// Lets so much time pass.
    pub fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        self.turn();
        while let Some(next) = self.next_moment().filter(|next| *next <= end) {
            self.go_to(next);
        }
        self.now = end;
        self.cloud.advance(self.now);
        self.turn();
    }

    /// Lets time pass until this holds. Panics when it does not within `ms`.
    pub fn run_until(&mut self, ms: u64, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = self.now + ms;
        self.turn();
        while !holds(self) {
            let Some(next) = self.next_moment().filter(|next| *next <= end) else {
                panic!("{what}: not within {ms} ms; told: {:#?}", self.told.last());
            };
            self.go_to(next);
        }
    }

    /// Lets time pass until the request has a final result, and returns it.
    pub fn finish(&mut self, request: &Arc<Request>, ms: u64) -> Snapshot {
        self.run_until(ms, "a final result", |_| request.snapshot().state.is_final());
        (*request.snapshot()).clone()
    }

    /// Lets time pass until the request is unknown.
    pub fn until_unknown(&mut self, request: &Arc<Request>, ms: u64) -> Snapshot {
        self.run_until(ms, "unknown", |_| request.snapshot().state == State::Unknown);
        (*request.snapshot()).clone()
    }

    /// The machine sleeps: time passes and nothing runs. What has left it goes on.
    pub fn sleep(&mut self, ms: u64) {
        let end = self.now + ms;
        let on_the_road = |(key, coming): (&(u64, u64), &Coming)| {
            (key.0 <= end && matches!(coming, Coming::Arrives { .. })).then_some(*key)
        };
        let arriving: Vec<(u64, u64)> = self.coming.iter().filter_map(on_the_road).collect();
        for key in arriving {
            if let Some(coming) = self.coming.remove(&key) {
                self.now = self.now.max(key.0);
                self.happen(coming);
            }
        }
        self.now = end;
        self.cloud.advance(self.now);
        self.turn();
    }

    fn next_moment(&self) -> Option<u64> {
        let coming = self.coming.first_key_value().map(|((time, _), _)| *time);
        [coming, self.wake].into_iter().flatten().min().map(|time| time.max(self.now))
    }

    fn go_to(&mut self, time: u64) {
        self.now = time;
        while let Some(entry) = self.coming.first_entry().filter(|entry| entry.key().0 <= time) {
            let coming = entry.remove();
            self.happen(coming);
        }
        self.turn();
    }

    // Power.

    /// A power cut: what the journal has not reported is lost, and the program starts again after `pause` milliseconds.
    pub fn power_cut(&mut self, pause: u64) {
        for _ in 0..self.commits_survive {
            let Some(batch) = self.take_commit() else { break };
            self.store(batch);
        }
        self.written_by = 0;
        self.coming.retain(|_, coming| matches!(coming, Coming::Arrives { .. }));
        self.calls.clear();
        self.wake = None;
        let end = self.now + pause;
        while let Some(entry) = self.coming.first_entry().filter(|entry| entry.key().0 <= end) {
            let (time, _) = *entry.key();
            let coming = entry.remove();
            self.now = self.now.max(time);
            self.happen(coming);
        }
        self.now = end;
        self.cloud.advance(end);
        self.run += 1;
        self.checks.begin_run();
        self.cloud.till_restarts();
        self.news = Arc::new(News::new());
        self.admission.release_all_terminals();
        let next_number = self.rows.keys().last().map_or(1, |number| number + 1);
        let known = self.index.keys().copied().chain(self.rows.values().map(|row| row.payment)).max();
        let next_payment = known.map_or(1, |payment| payment + 1);
        let (core, admission) =
            boot(&self.config, self.client, &self.news, self.run, next_number, next_payment, self.now, self.seed);
        self.core = core;
        self.admission = admission;
        let index: Vec<IndexRow> = self.index.values().cloned().collect();
        let wanted: BTreeSet<u64> = index.iter().filter(|row| row.attention).map(|row| row.payment).collect();
        let rows: Vec<Row> = self.rows.values().filter(|row| wanted.contains(&row.payment)).cloned().collect();
        let meta: Vec<(String, String)> = self.meta.clone().into_iter().collect();
        let rows = sabotage::recovered(rows, self.run, self.now);
        self.core.recover(&index, &rows, &sabotage::recalled(meta));
        self.turn();
    }

    /// The till is configured anew. The next start reads it.
    pub fn configure(&mut self, key: &str, value: &str) {
        self.config.set_text(key, value);
    }

    pub fn configure_int(&mut self, key: &str, value: i64) {
        self.config.set_int(key, value);
    }

    pub fn change_login(&mut self, login: &str) {
        self.config.set_text("login", login);
    }

    pub fn index_of(&self, payment: u64) -> IndexRow {
        self.index[&payment].clone()
    }

    // Inside.

    fn wall(&self) -> i64 {
        1_790_000_000_000 + self.now as i64 + self.wall_shift_ms
    }

    fn turn(&mut self) {
        let (effects, wake) = self.core.turn(self.now, self.wall());
        self.wake = wake;
        effects.into_iter().for_each(|effect| self.carry_out(effect));
        while let Ok(Some(event)) = self.news.next(0) {
            let Event { kind, request, snapshot, .. } = event;
            for _ in 0..sabotage::times_told(kind) {
                self.check_told(request.payment, kind, &snapshot);
                self.told.push((request.payment, kind, (*snapshot).clone()));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Append(batch) => {
                self.note_handed(&batch);
                if sabotage::reports_early() {
                    self.journal(JournalReport::Durable { ticket: batch.ticket });
                }
                self.written_by = self.written_by.max(self.now + self.flush_ms);
                self.come(self.written_by - self.now, Coming::Written { batch });
            }
            // The journal's thread answers in the order in which it was asked.
            Effect::Load(payment) => {
                self.written_by = self.written_by.max(self.now + 1);
                self.come(self.written_by - self.now + self.load_ms, Coming::Loaded { payment });
            }
            Effect::Leaf(leaf) => {
                self.written_by = self.written_by.max(self.now + 1);
                self.come(self.written_by - self.now + self.load_ms, Coming::Leafed { leaf });
            }
            Effect::Send { call, request } => self.send(call, &request),
        }
    }

    fn send(&mut self, call: u64, request: &HttpRequest) {
        self.calls.insert(call);
        self.check_sent(call, request);
        let run = self.run;
        let broken = |status, sent_bytes| RoadError { status, text: "the road is broken".to_owned(), sent_bytes };
        match self.road {
            Road::Closed => {
                let delivery = Delivery::NotSent(broken(Status::Connect, 0));
                self.come(5, Coming::Answers { run, call, delivery });
            }
            Road::LosesRequests => {
                self.come(1, Coming::Departs { call });
                let delivery = Delivery::Lost(broken(Status::ConnectionLost, 50));
                self.come(ROAD_MS, Coming::Answers { run, call, delivery });
            }
            Road::Open => {
                let mut sim = SimRequest::new(request.method.as_str(), &request.path);
                for (name, value) in &request.headers {
                    sim = sim.with_header(name, value.reveal());
                }
                sim = sim.with_header("Content-Length", &request.body.len().to_string());
                let sim = sim.with_body(request.body.clone());
                self.come(1, Coming::Departs { call });
                self.come(ROAD_MS, Coming::Arrives { run, call, request: sim });
            }
        }
    }

    fn come(&mut self, after: u64, coming: Coming) {
        self.order += 1;
        self.coming.insert((self.now + after, self.order), coming);
    }

    fn happen(&mut self, coming: Coming) {
        match coming {
            Coming::Departs { call } => self.transport(TransportReport::Departed { id: call }),
            Coming::Arrives { run, call, request } => self.arrive(run, call, &request),
            // An answer to an earlier run finds nobody.
            Coming::Answers { run, call, delivery } => {
                if run == self.run && self.calls.remove(&call) {
                    self.transport(TransportReport::Finished { id: call, delivery });
                }
            }
            Coming::Written { batch } => self.write(batch),
            Coming::Loaded { payment } => {
                let rows = self.rows.values().filter(|row| row.payment == payment).cloned().collect();
                self.journal(JournalReport::Loaded { payment, rows });
            }
            Coming::Leafed { leaf } => self.leaf(leaf),
        }
    }

    /// A few payments at a time, so that every test leafs.
    fn leaf(&mut self, leaf: Leaf) {
        let span = leaf.from_wall_ms..=leaf.until_wall_ms;
        let inside = |row: &&IndexRow| row.payment > leaf.after && span.contains(&row.wall_ms);
        let found: Vec<u64> = self.index.values().filter(inside).map(|row| row.payment).take(2).collect();
        let next = found.last().copied().filter(|_| found.len() == 2);
        let of = |payment| self.rows.values().filter(|row| row.payment == payment).cloned().collect();
        let payments = found.into_iter().map(|payment| (payment, of(payment))).collect();
        self.journal(JournalReport::Leafed { request: leaf.request, payments, next });
    }

    fn arrive(&mut self, run: u32, call: u64, request: &SimRequest) {
        let answer = self.cloud_answers(request);
        let broken =
            |status| Delivery::Lost(RoadError { status, text: "the answer was lost".to_owned(), sent_bytes: 400 });
        let reply = Delivery::Reply(HttpReply {
            status: answer.status,
            headers: answer.headers.iter().map(|(n, v)| (n.to_ascii_lowercase(), v.clone())).collect(),
            body: answer.body.clone(),
        });
        let (after, delivery) = match answer.fault {
            Some(Fault::Drop | Fault::Reset | Fault::HalfBody) => (ROAD_MS, broken(Status::ConnectionLost)),
            Some(Fault::Garbage) => (ROAD_MS, broken(Status::BadReply)),
            Some(Fault::Silence(_)) => (CALL_MS, broken(Status::Timeout)),
            Some(Fault::Delay(ms)) if ms < CALL_MS => (ms + ROAD_MS, reply),
            Some(Fault::Delay(_)) => (CALL_MS, broken(Status::Timeout)),
            _ => (ROAD_MS, reply),
        };
        let delivery = sabotage::delivered(request, delivery);
        self.come(after, Coming::Answers { run, call, delivery });
    }

    /// The oldest batch that is on its way to the disk.
    fn take_commit(&mut self) -> Option<Batch> {
        let commit = self.coming.iter().find(|(_, coming)| matches!(coming, Coming::Written { .. }));
        let key = commit.map(|(key, _)| *key)?;
        match self.coming.remove(&key) {
            Some(Coming::Written { batch }) => Some(batch),
            _ => None,
        }
    }

    fn write(&mut self, batch: Batch) {
        let ticket = batch.ticket;
        if self.disk_fails {
            let text = "the disk is full".to_owned();
            return self.journal(JournalReport::Failed { ticket, status: Status::Journal, text });
        }
        self.store(batch);
        self.journal(JournalReport::Durable { ticket });
    }

    fn store(&mut self, batch: Batch) {
        for row in batch.rows.into_iter().filter(|row| !sabotage::forgets(row)) {
            self.check_stored(&row);
            let old = self.rows.insert(row.number, row);
            assert!(old.is_none(), "a number of the journal was used twice");
        }
        self.index.extend(batch.index.into_iter().map(|row| (row.payment, row)));
        self.meta.extend(batch.meta);
        self.meta.retain(|_, value| !value.is_empty());
    }

    fn transport(&mut self, report: TransportReport) {
        self.core.input(self.now, self.wall(), Input::Transport(report));
    }

    fn journal(&mut self, report: JournalReport) {
        self.core.input(self.now, self.wall(), Input::Journal(report));
    }
}

impl<C: Cloud> Drop for World<C> {
    fn drop(&mut self) {
        self.admission.release_all_terminals();
    }
}

/// The vendor's module for this configuration.
fn open(config: &Config) -> Box<dyn Vendor> {
    let entry = vendors::ALL.iter().find(|entry| entry.name == config.vendor.name()).expect("the vendor is built in");
    (entry.open)(config)
}

/// A new run of the engine.
#[allow(clippy::too_many_arguments)]
fn boot(
    config: &Fields,
    client: u64,
    news: &Arc<News>,
    run: u32,
    next_number: u64,
    next_payment: u64,
    now: u64,
    seed: u64,
) -> (Core, Arc<Admission>) {
    let config = Config::read(config).unwrap_or_else(|fault| panic!("{}", fault.text));
    let vendor = sabotage::vendor(open(&config));
    // Every world has its own host, because terminals are compared across all clients of the process.
    let admission = Arc::new(Admission::new(client, &format!("world-{client}"), next_payment));
    let mut draws = seed.wrapping_mul(1_000_003) + u64::from(run) * 7_919;
    let entropy = Box::new(move || {
        let mut bytes = [0; 20];
        for byte in &mut bytes {
            draws = draws.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (draws >> 33) as u8;
        }
        bytes
    });
    let pace = Arc::new(Pace::new(Limits::of(&vendor.policy(), config.rate_share)));
    let core = Core::new(Setup {
        rules: rules(&config, vendor.as_ref()),
        vendor,
        identity: sabotage::identity(config.identity()),
        admission: admission.clone(),
        pace,
        news: news.clone(),
        log: Arc::new(Log::silent()),
        entropy,
        run,
        next_number,
        durable_journal: true,
        now,
    });
    (core, admission)
}

fn rules(config: &Config, vendor: &dyn Vendor) -> Rules {
    let policy = vendor.policy();
    Rules {
        ways: policy.ways,
        first_read_ms: policy.first_read_ms,
        read_floor_ms: policy.read_floor_ms,
        absence_after_ms: policy.absence_after_ms,
        resend_on_original: policy.resend_on_original,
        refund_absence_ms: policy.refund_absence_ms,
        send_within_ms: u64::from(config.send_within) * 1000,
        deadline_ms: config.deadline.map_or(policy.deadline_ms, |seconds| u64::from(seconds) * 1000),
        poll_interval_ms: u64::from(config.poll_interval_ms),
        terminal_shared: config.terminal_shared,
        confirm: config.confirm,
    }
}
