//! The cloud: its state, the way a call takes through it, and what tests ask it.

use crate::date;
use crate::faults::{self, CallKind, Fault, FaultPlan, FaultRates, Matcher, When};
use crate::http::{Answer, Request};
use crate::payjunction::documents::Email;
use crate::payjunction::route::Route;
use crate::payjunction::scenario::Scenario;
use crate::payjunction::setup::{Setup, Timing};
use crate::payjunction::switches::Switches;
use crate::payjunction::terminal::{Step, Terminal, TerminalRequest};
use crate::payjunction::transaction::{Action, Status, Transaction};
use crate::payjunction::webhook::Announced;
use crate::records::Call;
use crate::rng::Rng;
use std::collections::{BTreeMap, VecDeque};

/// Something that will happen by itself.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A step of a request, void when its plan has changed.
    Step { request: usize, plan: u32, step: Step },
    /// A terminal hears `/main`.
    Main { terminal: usize },
    /// A call that was stuck on the road is carried out after all.
    Late(Box<Request>),
}

/// PayJunction's cloud with its terminals. Pure: time is handed in, chance comes from the seed.
#[derive(Clone, Debug)]
pub struct Cloud {
    pub switches: Switches,
    pub(super) setup: Setup,
    pub(super) rng: Rng,
    pub(super) now: u64,
    pub(super) terminals: Vec<Terminal>,
    pub(super) requests: Vec<TerminalRequest>,
    pub(super) transactions: Vec<Transaction>,
    pub(super) emails: Vec<Email>,
    pub(super) scripts: VecDeque<Scenario>,
    pub(super) violations: Vec<String>,
    pub(super) last_call: BTreeMap<String, u64>,
    pub(super) last_poll: BTreeMap<String, u64>,
    agenda: BTreeMap<(u64, u64), Event>,
    events: u64,
    faults: FaultPlan,
    calls: Vec<Call>,
    submits: BTreeMap<String, usize>,
    settlements: u64,
    pub(super) announced: Announced,
}

impl Cloud {
    pub fn new(setup: Setup) -> Cloud {
        Cloud {
            switches: setup.switches.clone(),
            rng: Rng::new(setup.seed),
            now: 0,
            terminals: setup.terminals.iter().map(Terminal::new).collect(),
            requests: Vec::new(),
            transactions: Vec::new(),
            emails: Vec::new(),
            scripts: VecDeque::new(),
            violations: Vec::new(),
            last_call: BTreeMap::new(),
            last_poll: BTreeMap::new(),
            agenda: BTreeMap::new(),
            events: 0,
            faults: FaultPlan::default(),
            calls: Vec::new(),
            submits: BTreeMap::new(),
            settlements: 0,
            announced: Announced::default(),
            setup,
        }
    }

    /// Answers one call that arrives at `now_ms`.
    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Answer {
        self.handle_paced(now_ms, now_ms, request)
    }

    /// The same for a call of somebody else, who has a rate limit of his own.
    pub fn neighbor_calls(&mut self, now_ms: u64, request: &Request) -> Answer {
        let ours = std::mem::take(&mut self.last_call);
        let answer = self.handle(now_ms, request);
        self.last_call = ours;
        answer
    }

    /// The same with a second clock for the rate limits, which stay honest when the first one is moved by hand.
    pub fn handle_paced(&mut self, now_ms: u64, pace_ms: u64, request: &Request) -> Answer {
        self.advance(now_ms);
        let route = Route::of(request);
        let kind = route.kind(request);
        if kind == CallKind::Submit {
            *self.submits.entry(purchase_order(request)).or_default() += 1;
        }
        let (mut answer, fault) = self.answer(&route, kind, pace_ms, request);
        self.stamp(&mut answer);
        self.announce();
        self.calls.push(Call::new(self.now, kind, request, &answer, fault));
        answer
    }

    fn answer(
        &mut self,
        route: &Route,
        kind: CallKind,
        pace_ms: u64,
        request: &Request,
    ) -> (Answer, Option<(When, Fault)>) {
        if self.too_fast(route, pace_ms, request) {
            return (faults::rate_limited(), None);
        }
        let drawn = self.faults.draw(kind, &mut self.rng);
        match drawn {
            Some((When::Before, Fault::Delay(ms))) => {
                self.plan_in(ms, Event::Late(Box::new(request.clone())));
                (spoiled(faults::gateway_page(), Fault::Silence(ms)), drawn)
            }
            Some((When::Before, fault)) => (spoiled(faults::gateway_page(), fault), drawn),
            Some((When::After, fault)) => (spoiled(self.execute(route, kind, request), fault), drawn),
            None => (self.execute(route, kind, request), None),
        }
    }

    fn execute(&mut self, route: &Route, kind: CallKind, request: &Request) -> Answer {
        match self.gate(kind, request) {
            Err(refusal) => refusal,
            Ok(version) => self.serve(route, request, &version),
        }
    }

    fn stamp(&mut self, answer: &mut Answer) {
        answer.set_header("Date", &date::http(self.setup.epoch_ms + self.now));
        answer.set_header("Server", "cloudflare");
        answer.set_header("CF-RAY", &format!("{:016x}-SIM", self.rng.next_u64()));
        let id = self.rng.uuid();
        answer.set_header("X-Pj-Request-Id", &id);
    }

    /// Lets everything happen that is due by `now_ms`. Time never goes back.
    pub fn advance(&mut self, now_ms: u64) {
        while let Some(entry) = self.agenda.first_entry().filter(|e| e.key().0 <= now_ms) {
            let ((at, _), event) = entry.remove_entry();
            self.now = self.now.max(at);
            self.happen(event);
            self.announce();
        }
        self.now = self.now.max(now_ms);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Step { request, plan, step } if self.requests[request].plan == plan => self.step(request, step),
            Event::Step { .. } => {}
            Event::Main { terminal } => self.main_screen(terminal),
            Event::Late(request) => {
                let route = Route::of(&request);
                self.execute(&route, route.kind(&request), &request);
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

    pub fn set_base_url(&mut self, url: &str) {
        self.setup.base_url = url.into();
    }

    /// The next request to any terminal plays this story; called again, the one after it.
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

    pub fn requests(&self) -> &[TerminalRequest] {
        &self.requests
    }

    pub fn terminals(&self) -> &[Terminal] {
        &self.terminals
    }

    /// How many request-payment calls with this purchase order number arrived, executed or not.
    pub fn submits(&self, purchase_order_number: &str) -> usize {
        self.submits.get(purchase_order_number).copied().unwrap_or(0)
    }

    /// Approved charges with this purchase order number: more than one is a double charge.
    pub fn charges(&self, purchase_order_number: &str) -> Vec<&Transaction> {
        let ours = |t: &&Transaction| t.sent_purchase_order_number.as_deref() == Some(purchase_order_number);
        let charge = |t: &&Transaction| t.action == Action::Charge && t.verdict.approved;
        self.transactions.iter().filter(ours).filter(charge).collect()
    }

    /// Cents that moved from the cards to the merchant, net of voids and refunds.
    pub fn moved_cents(&self) -> i64 {
        self.transactions.iter().map(Transaction::moved).sum()
    }

    /// Settles the batch: what is captured now can no longer be voided or changed.
    pub fn settle(&mut self) {
        self.settlements += 1;
        for t in self.transactions.iter_mut().filter(|t| t.status == Status::Capture) {
            t.settlement_id.get_or_insert(self.settlements);
        }
    }
}

fn purchase_order(request: &Request) -> String {
    let pairs = request.form_pairs();
    pairs.into_iter().find(|(name, _)| name == "purchaseOrderNumber").map(|(_, value)| value).unwrap_or_default()
}

fn spoiled(answer: Answer, fault: Fault) -> Answer {
    fault.as_answer().unwrap_or(Answer { fault: Some(fault), ..answer })
}
