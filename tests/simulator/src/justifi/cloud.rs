//! The cloud: its state, the way a call takes through it, and what tests ask it.

use crate::date;
use crate::faults::{self, CallKind, Fault, FaultPlan, FaultRates, Matcher, When};
use crate::http::{Answer, Request};
use crate::justifi::checkout::Checkout;
use crate::justifi::errors::{not_found, refusal};
use crate::justifi::idempotency::Kept;
use crate::justifi::intents::Intent;
use crate::justifi::payment::{Payment, Refund};
use crate::justifi::route::Route;
use crate::justifi::scenario::Scenario;
use crate::justifi::session::{Session, Step};
use crate::justifi::setup::{Setup, Timing};
use crate::justifi::switches::Switches;
use crate::justifi::terminal::Terminal;
use crate::justifi::token::Tokens;
use crate::justifi::webhook::{Cause, Published};
use crate::records::Call;
use crate::rng::Rng;
use std::collections::{BTreeMap, VecDeque};

/// Something that will happen by itself.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A step of a session, void when its plan has changed.
    Step { session: usize, plan: u32, step: Step },
    /// The terminal's limit for a session.
    Expire { session: usize },
    /// A checkout was not paid in its week.
    CheckoutExpires { checkout: usize },
    /// A pending refund is decided.
    RefundEnds { refund: usize },
    /// A terminal stops showing its name.
    NameGoes { terminal: usize },
    /// Somebody else is done with a terminal.
    NeighborLeaves { terminal: usize },
    /// A call that was stuck on the road is carried out after all.
    Late(Box<Request>),
}

/// JustiFi's cloud with its terminals. Pure: time is handed in, chance comes from the seed.
#[derive(Clone, Debug)]
pub struct Cloud {
    pub switches: Switches,
    pub(super) setup: Setup,
    pub(super) rng: Rng,
    pub(super) now: u64,
    pub(super) terminals: Vec<Terminal>,
    pub(super) sessions: Vec<Session>,
    pub(super) checkouts: Vec<Checkout>,
    pub(super) intents: Vec<Intent>,
    pub(super) payments: Vec<Payment>,
    pub(super) refunds: Vec<Refund>,
    pub(super) scripts: VecDeque<Scenario>,
    pub(super) tokens: Tokens,
    pub(super) keys: BTreeMap<String, Kept>,
    pub(super) published: Vec<Published>,
    /// So many of them were taken for delivery. `None`: nobody subscribed.
    pub(super) taken: Option<usize>,
    /// The call that is being carried out, for the events it causes.
    pub(super) cause: Option<Cause>,
    /// By path, when it was last read.
    last_read: BTreeMap<String, u64>,
    agenda: BTreeMap<(u64, u64), Event>,
    events: u64,
    faults: FaultPlan,
    calls: Vec<Call>,
    pub(super) submits: Vec<super::books::Submit>,
    violations: Vec<String>,
}

impl Cloud {
    pub fn new(setup: Setup) -> Cloud {
        Cloud {
            switches: setup.switches.clone(),
            rng: Rng::new(setup.seed),
            now: 0,
            terminals: setup.terminals.iter().map(Terminal::new).collect(),
            sessions: Vec::new(),
            checkouts: Vec::new(),
            intents: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            scripts: VecDeque::new(),
            tokens: Tokens::default(),
            keys: BTreeMap::new(),
            published: Vec::new(),
            taken: None,
            cause: None,
            last_read: BTreeMap::new(),
            agenda: BTreeMap::new(),
            events: 0,
            faults: FaultPlan::default(),
            calls: Vec::new(),
            submits: Vec::new(),
            violations: Vec::new(),
            setup,
        }
    }

    /// Whether a path on a shared port is for this cloud.
    pub fn is_for(path: &str) -> bool {
        path == "/oauth/token" || path.starts_with("/v1/")
    }

    /// Answers one call that arrives at `now_ms`.
    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Answer {
        self.handle_paced(now_ms, now_ms, request)
    }

    /// The same with a second clock for the poll floor, which stays honest when the first one is moved by hand.
    pub fn handle_paced(&mut self, now_ms: u64, pace_ms: u64, request: &Request) -> Answer {
        self.advance(now_ms);
        let route = Route::of(request);
        let kind = route.kind();
        if kind == CallKind::Submit {
            self.note_submit(request);
        }
        if kind == CallKind::Poll {
            self.note_read(&request.path, pace_ms);
        }
        let (mut answer, fault) = self.answer(&route, kind, request);
        self.dress(&mut answer);
        answer.set_header("Date", &date::http(self.setup.epoch_ms + self.now));
        let id = self.id("req");
        answer.set_header("Request-Id", &id);
        if matches!(answer.fault, None | Some(Fault::Delay(_))) {
            self.note_arrival(&route, request, answer.status, answer.fault.is_some());
        }
        self.calls.push(Call::new(self.now, kind, request, &answer, fault));
        answer
    }

    /// One checkout or intent is not read more often than the floor allows.
    fn note_read(&mut self, path: &str, pace_ms: u64) {
        let floor = self.setup.poll_floor_ms;
        let before = self.last_read.insert(path.into(), pace_ms);
        if before.is_some_and(|at| pace_ms + self.setup.tolerance_ms < at + floor) {
            self.violate(format!("{path} was read twice within {floor} ms"));
        }
    }

    fn answer(&mut self, route: &Route, kind: CallKind, request: &Request) -> (Answer, Option<(When, Fault)>) {
        let drawn = self.faults.draw(kind, &mut self.rng);
        let answer = match drawn {
            Some((When::Before, Fault::Delay(ms))) => {
                self.plan_in(ms, Event::Late(Box::new(request.clone())));
                spoiled(faults::gateway_page(), Fault::Silence(ms))
            }
            Some((When::Before, fault)) => spoiled(faults::gateway_page(), fault),
            Some((When::After, fault)) => {
                let answer = self.execute(route, kind, request);
                if let Fault::Delay(ms) = fault {
                    self.busy(request, ms);
                }
                spoiled(answer, fault)
            }
            None => self.execute(route, kind, request),
        };
        (answer, drawn)
    }

    fn execute(&mut self, route: &Route, kind: CallKind, request: &Request) -> Answer {
        if *route == Route::Token {
            return self.token(request);
        }
        if let Err(refusal) = self.gate(route, kind, request) {
            return refusal;
        }
        self.cause = Some(Cause::new(request, self.id("req")));
        let answer = self.keyed(route, request);
        self.cause = None;
        answer
    }

    /// Carries out a call that passed the gate.
    pub(super) fn serve(&mut self, route: &Route, request: &Request) -> Answer {
        let served = match route {
            Route::NewCheckout => self.new_checkout(request),
            Route::Checkouts => self.list_checkouts(request),
            Route::Checkout(id) => self.get_checkout(id),
            Route::ChangeCheckout(id) => self.change_checkout(id, request),
            Route::RefundCheckout(id) => self.refund_checkout(id, request),
            Route::NewIntent => self.new_intent(request),
            Route::Intents => self.list_intents(request),
            Route::Intent(id) => self.get_intent(id),
            Route::ChangeIntent(id) => self.change_intent(id, request),
            Route::CaptureIntent(id) => self.capture_intent(id, request),
            Route::IntentPayments(id) => self.list_intent_payments(id, request),
            Route::Pay => self.pay(request),
            Route::RefundAtTerminal => self.refund_at_terminal(request),
            Route::Terminals => self.list_terminals(request),
            Route::Terminal(id) => self.get_terminal(id),
            Route::ChangeTerminal(id) => self.change_terminal(id, request),
            Route::TerminalStatus(id) => self.terminal_status(id),
            Route::Identify(id) => self.identify(id),
            Route::Payments => self.list_payments(request),
            Route::Payment(id) => self.get_payment(id),
            Route::ChangePayment(id) => self.change_payment(id, request),
            Route::Capture(id) => self.capture(id),
            Route::Void(id) => self.void(id),
            Route::NewRefund(id) => self.new_refund(id, request),
            Route::Refunds => self.list_refunds(request),
            Route::Refund(id) => self.get_refund(id),
            Route::ChangeRefund(id) => self.change_refund(id, request),
            Route::Token | Route::Unknown => {
                self.violate(format!("no such path: {} {}", request.method, request.path));
                Err(not_found())
            }
        };
        served.unwrap_or_else(|refusal| refusal)
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
            Event::Step { session, plan, step } if self.sessions[session].plan == plan => self.step(session, step),
            Event::Step { .. } => {}
            Event::Expire { session } => self.expire(session),
            Event::CheckoutExpires { checkout } => self.expire_checkout(checkout),
            Event::RefundEnds { refund } => self.end_refund(refund),
            Event::NameGoes { terminal } => self.name_goes(terminal),
            Event::NeighborLeaves { terminal } => self.neighbor_leaves(terminal),
            Event::Late(request) => {
                let route = Route::of(&request);
                self.tokens.late = true;
                self.execute(&route, route.kind(), &request);
                self.tokens.late = false;
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

    /// The next payment at any terminal plays this story; called again, the one after it.
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

    /// The payments, approved and failed, in the order of their decisions.
    pub fn ledger(&self) -> &[Payment] {
        &self.payments
    }

    /// The same, for a test that plays somebody else who works on the books.
    pub fn ledger_mut(&mut self) -> &mut Vec<Payment> {
        &mut self.payments
    }

    pub fn refunds(&self) -> &[Refund] {
        &self.refunds
    }

    /// What the terminals were asked to do.
    pub fn requests(&self) -> &[Session] {
        &self.sessions
    }

    pub fn checkouts(&self) -> &[Checkout] {
        &self.checkouts
    }

    pub fn intents(&self) -> &[Intent] {
        &self.intents
    }

    pub fn terminals(&self) -> &[Terminal] {
        &self.terminals
    }

    /// The events that the vendor publishes, in order, for whoever delivers them.
    pub fn events(&self) -> &[Published] {
        &self.published
    }
}

fn spoiled(answer: Answer, fault: Fault) -> Answer {
    match fault {
        Fault::ServerError => refusal(500, "internal_server_error"),
        Fault::RateLimited(wait) => {
            let mut answer = refusal(429, "gateway_rate_limit_error");
            if let Some(seconds) = wait {
                answer.set_header("Retry-After", &seconds.to_string());
            }
            answer
        }
        _ => fault.as_answer().unwrap_or(Answer { fault: Some(fault), ..answer }),
    }
}
