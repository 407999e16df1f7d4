//! The cloud: its state, the way a call takes through it, and what tests ask it.

use crate::date;
use crate::ebizcharge::device::Device;
use crate::ebizcharge::envelope::{nested, refusal};
use crate::ebizcharge::limits::Spent;
use crate::ebizcharge::payrequest::{PayRequest, Step};
use crate::ebizcharge::route::{self, Route};
use crate::ebizcharge::scenario::Scenario;
use crate::ebizcharge::setup::{Endpoint, Setup, Timing};
use crate::ebizcharge::switches::Switches;
use crate::ebizcharge::transaction::{Kind, State, Transaction};
use crate::ebizcharge::webhook::Announced;
use crate::faults::{self, CallKind, Fault, FaultPlan, FaultRates, Matcher, When};
use crate::http::{Answer, Request};
use crate::records::Call;
use crate::rng::Rng;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Something that will happen by itself.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A step of a request, void when its plan has changed.
    Step { request: usize, plan: u32, step: Step },
    /// The `timeout` of a request is over.
    Expire { request: usize },
    /// A device hears that a request was called off.
    Canceled { request: usize },
    /// A device has its line again.
    Reconnect { device: usize },
    /// A clerk types the pairing code.
    Paired { device: usize },
    /// A pairing code has not been used.
    Unpaired { device: usize },
    /// A call that was stuck on the road is carried out after all.
    Late(Box<Request>),
}

/// EBizCharge's cloud with its devices. Pure: time is handed in, chance comes from the seed.
#[derive(Clone, Debug)]
pub struct Cloud {
    pub switches: Switches,
    pub(super) setup: Setup,
    pub(super) rng: Rng,
    pub(super) now: u64,
    /// The clock of the rate limits, as of the last call.
    pub(super) pace: u64,
    pub(super) devices: Vec<Device>,
    pub(super) requests: Vec<PayRequest>,
    pub(super) transactions: Vec<Transaction>,
    pub(super) scripts: VecDeque<Scenario>,
    pub(super) seeds: BTreeSet<String>,
    pub(super) failed_logins: Vec<u64>,
    pub(super) blocked_until: Option<u64>,
    pub(super) spent: BTreeMap<String, Spent>,
    /// What `X-Rate-Limit` says.
    pub(super) budget: String,
    pub(super) batch: u64,
    pub(super) announced: Announced,
    agenda: BTreeMap<(u64, u64), Event>,
    events: u64,
    faults: FaultPlan,
    calls: Vec<Call>,
    submits: BTreeMap<String, usize>,
    violations: Vec<String>,
}

impl Cloud {
    pub fn new(setup: Setup) -> Cloud {
        Cloud {
            switches: setup.switches.clone(),
            rng: Rng::new(setup.seed),
            now: 0,
            pace: 0,
            devices: setup.devices.iter().map(Device::new).collect(),
            requests: Vec::new(),
            transactions: Vec::new(),
            scripts: VecDeque::new(),
            seeds: BTreeSet::new(),
            failed_logins: Vec::new(),
            blocked_until: None,
            spent: BTreeMap::new(),
            budget: String::new(),
            batch: 1,
            announced: Announced::default(),
            agenda: BTreeMap::new(),
            events: 0,
            faults: FaultPlan::default(),
            calls: Vec::new(),
            submits: BTreeMap::new(),
            violations: Vec::new(),
            setup,
        }
    }

    /// Whether a path on a shared port is for this cloud.
    pub fn is_for(path: &str) -> bool {
        path == "/ping" || path.starts_with("/api/")
    }

    /// Answers one call that arrives at `now_ms`.
    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Answer {
        self.handle_paced(now_ms, now_ms, request)
    }

    /// The same with a second clock for the rate limits, which stay honest when the first one is moved by hand.
    pub fn handle_paced(&mut self, now_ms: u64, pace_ms: u64, request: &Request) -> Answer {
        self.advance(now_ms);
        if request.path == "/ping" {
            return Answer::html(200, "UP:sim");
        }
        let (endpoint, route) = route::of(request).unwrap_or((String::new(), Route::Unknown));
        let kind = route.kind(request);
        if kind == CallKind::Submit {
            *self.submits.entry(orderid(request)).or_default() += 1;
        }
        self.note_seed(request);
        let (mut answer, fault) = match self.endpoint(&endpoint) {
            Some(endpoint) => self.answer(&endpoint, &route, kind, pace_ms, request),
            None => (self.no_path(request), None),
        };
        if self.switches.nested_errors {
            answer = nested(answer);
        }
        answer.set_header("Date", &date::http(self.setup.epoch_ms + self.now));
        self.calls.push(Call::new(self.now, kind, request, &answer, fault));
        answer
    }

    fn endpoint(&self, key: &str) -> Option<Endpoint> {
        self.setup.endpoints.iter().find(|e| e.key == key).cloned()
    }

    fn answer(
        &mut self,
        endpoint: &Endpoint,
        route: &Route,
        kind: CallKind,
        pace_ms: u64,
        request: &Request,
    ) -> (Answer, Option<(When, Fault)>) {
        let spent = self.spend(endpoint, pace_ms);
        let budget = self.budget.clone();
        let told = |mut answer: Answer| {
            answer.set_header("X-Rate-Limit", &budget);
            answer
        };
        if let Err(limited) = spent {
            return (told(limited), None);
        }
        let drawn = self.faults.draw(kind, &mut self.rng);
        match drawn {
            Some((When::Before, Fault::Delay(ms))) => {
                self.plan_in(ms, Event::Late(Box::new(request.clone())));
                (spoiled(faults::gateway_page(), Fault::Silence(ms)), drawn)
            }
            Some((When::Before, fault)) => (spoiled(faults::gateway_page(), fault), drawn),
            Some((When::After, fault)) => (spoiled(told(self.execute(endpoint, route, kind, request)), fault), drawn),
            None => (told(self.execute(endpoint, route, kind, request)), None),
        }
    }

    fn execute(&mut self, endpoint: &Endpoint, route: &Route, kind: CallKind, request: &Request) -> Answer {
        match self.gate(endpoint, kind, request) {
            Err(refusal) => refusal,
            Ok(()) => self.serve(route, request),
        }
    }

    fn serve(&mut self, route: &Route, request: &Request) -> Answer {
        match route {
            Route::NewPayRequest => self.new_payrequest(request),
            Route::PayRequest(key) | Route::Confirm(key) => self.get_payrequest(key),
            Route::CancelPayRequest(key) => self.cancel_payrequest(key),
            Route::Devices => self.list_devices(request),
            Route::NewDevice => self.new_device(request),
            Route::Device(key) => self.get_device(key, None),
            Route::DevicePart(key, part) => self.get_device(key, Some(*part)),
            Route::ChangeDevice(key) => self.change_device(key, request),
            Route::ChangePart(key, part) => self.change_part(key, *part, request),
            Route::DeleteDevice(key) => self.delete_device(key),
            Route::Kick(key) => self.kick(key),
            Route::Transactions => self.list_transactions(request, false),
            Route::OpenBatch => self.list_transactions(request, true),
            Route::NewTransaction => self.new_transaction(request),
            Route::Transaction(key) => self.get_transaction(key),
            Route::Send(_) if self.switches.receipts_by_email_path => refusal(404, 21_001),
            Route::SendByEmail(_) if !self.switches.receipts_by_email_path => self.no_path(request),
            Route::Send(key) | Route::SendByEmail(key) => self.send_receipt(key, request),
            Route::Receipt(key) => self.get_receipt(key),
            Route::Probe => refusal(404, 21_001),
            Route::Unknown => self.no_path(request),
        }
    }

    fn no_path(&mut self, request: &Request) -> Answer {
        self.violate(format!("no such path: {} {}", request.method, request.path));
        refusal(404, 21_001)
    }

    /// Lets everything happen that is due by `now_ms`. Time never goes back.
    pub fn advance(&mut self, now_ms: u64) {
        while let Some(entry) = self.agenda.first_entry().filter(|e| e.key().0 <= now_ms) {
            let ((at, _), event) = entry.remove_entry();
            self.now = self.now.max(at);
            self.happen(event);
        }
        self.now = self.now.max(now_ms);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Step { request, plan, step } if self.requests[request].plan == plan => self.step(request, step),
            Event::Step { .. } => {}
            Event::Expire { request } => self.expire(request),
            Event::Canceled { request } => self.obey(request),
            Event::Reconnect { device } => self.plug(device),
            Event::Paired { device } => self.paired(device),
            Event::Unpaired { device } => self.unpaired(device),
            Event::Late(request) => {
                let Some((endpoint, route)) = route::of(&request) else { return };
                if let Some(endpoint) = self.endpoint(&endpoint) {
                    self.execute(&endpoint, &route, route.kind(&request), &request);
                }
            }
        }
    }

    /// When the next thing happens by itself, for tests that jump from event to event.
    pub fn next_event_ms(&self) -> Option<u64> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn plan_in(&mut self, delay_ms: u64, event: Event) {
        self.events += 1;
        self.agenda.insert((self.now + delay_ms, self.events), event);
    }

    /// A duration of the timing table at this cloud's device speed.
    pub(super) fn takes(&self, of: impl Fn(&Timing) -> u64) -> u64 {
        of(&self.setup.timing) / self.setup.device_speed.max(1)
    }

    /// The merchant's wall clock.
    pub(super) fn local(&self, ms: u64) -> String {
        date::local(self.setup.epoch_ms + ms, self.setup.utc_offset_minutes)
    }

    pub(super) fn violate(&mut self, what: impl Into<String>) {
        self.violations.push(format!("{} ms: {}", self.now, what.into()));
    }
}

/// What tests say to the cloud and ask of it.
impl Cloud {
    pub fn now_ms(&self) -> u64 {
        self.now
    }

    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The next payment at any device plays this story; called again, the one after it.
    pub fn script(&mut self, scenario: Scenario) {
        self.scripts.push_back(scenario);
    }

    pub fn scripts(&self) -> impl Iterator<Item = &Scenario> {
        self.scripts.iter()
    }

    /// The matching call fails: `fail_next(CallKind::Submit, When::After, Fault::Reset)`.
    pub fn fail_next(&mut self, matcher: impl Into<Matcher>, when: When, fault: Fault) {
        self.faults.push(matcher.into(), when, fault);
    }

    /// Calls fail at random, from the seed.
    pub fn fail_randomly(&mut self, rates: FaultRates) {
        self.faults.rates = rates;
    }

    /// No more faults.
    pub fn heal(&mut self) {
        self.faults.clear();
    }

    pub fn faults(&self) -> &FaultPlan {
        &self.faults
    }

    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    pub fn count(&self, kind: CallKind) -> usize {
        self.calls.iter().filter(|call| call.kind == kind).count()
    }

    /// What the client did that the vendor forbids. A test of a client ends with this being empty.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    pub fn ledger(&self) -> &[Transaction] {
        &self.transactions
    }

    /// The same, for a test that plays somebody else who works on the books.
    pub fn ledger_mut(&mut self) -> &mut Vec<Transaction> {
        &mut self.transactions
    }

    pub fn requests(&self) -> &[PayRequest] {
        &self.requests
    }

    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// How many payment requests with this `orderid` arrived, executed or not.
    pub fn submits(&self, orderid: &str) -> usize {
        self.submits.get(orderid).copied().unwrap_or(0)
    }

    /// Approved charges with this `orderid`: more than one is a double charge.
    pub fn charges(&self, orderid: &str) -> Vec<&Transaction> {
        let ours = |t: &&Transaction| t.sent_orderid.as_deref() == Some(orderid);
        let charge = |t: &&Transaction| t.kind != Kind::Refund && t.verdict.is_approved();
        self.transactions.iter().filter(ours).filter(charge).collect()
    }

    /// Cents that moved from the cards to the merchant, net of voids and refunds.
    pub fn moved_cents(&self) -> i64 {
        self.transactions.iter().map(Transaction::moved).sum()
    }

    /// Settles the batch: what is in it can no longer be voided or changed.
    pub fn settle(&mut self) {
        for t in self.transactions.iter_mut().filter(|t| t.state == State::Pending) {
            t.state = State::Settled;
        }
        self.batch += 1;
    }
}

fn orderid(request: &Request) -> String {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    body["orderid"].as_str().unwrap_or_default().into()
}

fn spoiled(answer: Answer, fault: Fault) -> Answer {
    match fault {
        Fault::ServerError => refusal(500, 900_001),
        Fault::RateLimited(wait) => {
            let mut answer = refusal(429, 155);
            if let Some(seconds) = wait {
                answer.set_header("Retry-After", &seconds.to_string());
            }
            answer
        }
        _ => fault.as_answer().unwrap_or(Answer { fault: Some(fault), ..answer }),
    }
}
