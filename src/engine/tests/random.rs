//! A random world: tills, customers, roads, disks and power as a seed has it, and a judge who sees the cloud's books.
//!
//! `PJ_SEED=7` repeats the world of one seed, `PJ_WORLDS=2000` plays more of them. A history that goes wrong is shrunk to
//! the few steps that matter; `PJ_SEED=7 PJ_STEPS=12,40,41` plays just these.

mod judge;
mod shrink;

use super::world::{Road, World};
use crate::engine::core::Command;
use crate::payment::snapshot::{EventKind, MoneyMoved, Snapshot, State, flag};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use judge::{Counts, Judge};
use posjunction_simulator::payjunction::{self as pj, CanceledRequest, MainReply, Scenario, SearchOrder, Touch};
use posjunction_simulator::rng::Rng;
use posjunction_simulator::webhooks::Event;
use posjunction_simulator::{CallKind, Fault, FaultRates, When};
use std::panic::{AssertUnwindSafe, catch_unwind};

const LANES: u64 = 8;
const PAYMENTS: u64 = 100;
/// Enough to notice a new fault at once. The long search is a part of its own, in an optimized build.
const WORLDS: u64 = 24;

const FAULTS: &[Fault] = &[
    Fault::Drop,
    Fault::Reset,
    Fault::ServerError,
    Fault::BadGateway,
    Fault::HalfBody,
    Fault::Garbage,
    Fault::Silence(5_000),
    Fault::Silence(60_000),
    Fault::Delay(3_000),
    Fault::Delay(25_000),
];

/// The rate limit and the firewall stand before the work: what they turn away was not executed.
const REFUSALS: &[Fault] = &[Fault::RateLimited(None), Fault::RateLimited(Some(2)), Fault::Forbidden];

/// A till with its chance, in its world.
struct Play {
    seed: u64,
    world: World,
    judge: Judge,
    rng: Rng,
    references: u64,
    /// What was done, for a person.
    diary: Vec<String>,
    /// The search may lag or hide an account. Such a world has no approvals whose id the request never tells: the two
    /// together cannot be told from a cancel by any means.
    blind_search: bool,
    /// The vendor keeps its word: what it says has ended has ended. In such a world bad news is true when it is told, and
    /// stays true.
    honest: bool,
    post: Post,
}

/// What the vendor posts to the till's web server, and how badly it travels. Every third world has one.
struct Post {
    rng: Rng,
    waiting: Vec<Event>,
}

fn lane(number: u64) -> String {
    format!("{number:08}-0000-4000-8000-000000000000")
}

impl Play {
    fn new(seed: u64) -> Play {
        let mut rng = Rng::new(seed);
        let mut setup = pj::Setup { seed, card_history_cents: 100_000_000, ..pj::Setup::default() };
        let like = setup.terminals[0].clone();
        setup.terminals = (0..LANES).map(|n| pj::TerminalSetup { id: lane(n), ..like.clone() }).collect();
        setup.device_speed = [1, 2, 4, 4][rng.below(4) as usize];
        let interval = [1_000, 2_000, 3_000, 5_000][rng.below(4) as usize];
        let shared = i64::from(rng.below(2) == 0);
        let mut play = Play {
            seed,
            diary: Vec::new(),
            world: World::with(setup, &[("terminal_shared", shared), ("poll_interval_ms", interval)]),
            judge: Judge::default(),
            rng,
            references: 0,
            blind_search: seed.is_multiple_of(2),
            honest: seed % 4 == honest_seed(0),
            post: Post { rng: Rng::new(seed ^ 0xB0B), waiting: Vec::new() },
        };
        if seed.is_multiple_of(3) {
            let mut kinds = pj::EventKind::PRESENT.to_vec();
            kinds.push(pj::EventKind::SmartterminalTransaction);
            play.world.cloud.subscribe(&kinds);
        }
        // Where the vendor hides money, the judge of this file follows bad news to the late approval.
        play.world.checks.vendor_hides_money = !play.honest;
        for _ in 0..3 {
            play.throw_switch();
        }
        play
    }

    fn chance(&mut self, of_a_thousand: u64) -> bool {
        self.rng.below(1000) < of_a_thousand
    }

    fn count(&mut self, what: &str) {
        self.judge.counts.add(what);
        self.note(what);
    }

    fn note(&mut self, what: &str) {
        self.diary.push(format!("{:>9} ms  {what}", self.world.now));
    }

    /// One thing happens, and then some time passes. Every step draws its own chances, so that the others stay as they
    /// were when one is left out.
    fn step(&mut self, number: u64) {
        self.rng = Rng::new(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (number + 1));
        match self.rng.below(100) {
            0..=37 => self.sell(),
            38..=43 => self.repeat(),
            44..=53 => self.undo(),
            54..=58 => self.cancel(),
            59..=82 => self.acknowledge(),
            83..=84 => self.resolve(),
            85..=87 => self.change_road(),
            88..=91 => self.spoil_calls(),
            92..=93 => self.change_disk(),
            94..=95 => self.throw_switch(),
            96 => self.power_cut(),
            97 => self.sleep(),
            98 => self.touch_terminal(),
            _ => self.settle(),
        }
        let pause = match self.rng.below(10) {
            0..=3 => self.rng.below(300),
            4..=8 => self.rng.below(4_000),
            _ => self.rng.below(20_000),
        };
        self.pass(pause);
        // What is broken is repaired sooner or later.
        if self.chance(150) {
            self.world.road = Road::Open;
            let terminal = lane(self.rng.below(LANES));
            self.world.cloud.touch(&terminal, Touch::Plug);
        }
    }

    fn pass(&mut self, ms: u64) {
        self.world.run(ms);
        self.judge.look(&self.world);
        self.deliver();
    }

    /// Events arrive in any order, some of them late, some twice, some never.
    fn deliver(&mut self) {
        self.post.waiting.extend(self.world.cloud.take_events());
        self.post.rng.shuffle(&mut self.post.waiting);
        for event in std::mem::take(&mut self.post.waiting) {
            match self.post.rng.below(10) {
                0..=1 => self.post.waiting.push(event),
                2 => {}
                fate => {
                    for _ in 0..if fate == 3 { 2 } else { 1 } {
                        self.world.command(Command::Webhook(event.body.clone()));
                        self.judge.look(&self.world);
                        self.count("webhooks");
                    }
                }
            }
        }
    }

    fn ask(&mut self, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Option<Status> {
        let get = |wanted: &str| texts.iter().find(|(key, _)| *key == wanted).map(|(_, text)| *text);
        match self.world.ask(kind, texts, numbers) {
            Ok(request) => {
                self.note(&format!("payment {}: {} {texts:?} {numbers:?}", request.payment, kind.name()));
                self.judge.began(&request, get("reference").unwrap_or_default(), kind, get("original"));
                self.judge.look(&self.world);
                None
            }
            Err((status, ..)) => {
                self.count(&format!("refused {}", status.name()));
                Some(status)
            }
        }
    }

    fn amount(&mut self) -> i64 {
        match self.rng.below(20) {
            0..=12 => 100 + self.rng.below(30_000) as i64,
            13..=17 => match pj::AMOUNTS[self.rng.below(pj::AMOUNTS.len() as u64) as usize] {
                (_, Scenario::HiddenApproval | Scenario::UnplugAfterCard | Scenario::OfflineThenSuccess, _)
                    if self.honest =>
                {
                    100
                }
                (_, Scenario::HiddenApproval, _) if self.blind_search => 100,
                (cents, ..) => cents,
            },
            18 => 1 + self.rng.below(98) as i64,
            _ => 499_900 + self.rng.below(10) as i64,
        }
    }

    fn sell(&mut self) {
        self.references += 1;
        let reference = format!("{:04}", self.references);
        let kind = if self.chance(60) { Kind::TerminalRefund } else { Kind::Payment };
        let amount = self.amount();
        self.start(kind, &reference, amount);
    }

    fn start(&mut self, kind: Kind, reference: &str, amount: i64) -> Option<Status> {
        let account = if self.chance(100) { "12346" } else { "12345" };
        let terminal = self.choose_lane();
        let mut numbers = vec![("amount", amount)];
        if self.chance(300) {
            numbers.push(("despite_unknown", 1));
        }
        if self.chance(50) {
            numbers.push(("interrupt_busy", 1));
        }
        if self.chance(100) {
            numbers.push(("prompt_tip", i64::from(self.rng.below(2) == 0)));
        }
        if self.chance(100) && amount > 10 {
            numbers.push(("tax_amount", amount / 10));
        }
        let mut texts = vec![("reference", reference), ("terminal", &terminal), ("merchant_terminal", account)];
        if self.chance(120) && kind == Kind::Payment {
            texts.push(("capture", "later"));
            self.count("capture later");
        }
        self.ask(kind, &texts, &numbers)
    }

    /// Mostly a terminal that nobody uses, as a cashier would.
    fn choose_lane(&mut self) -> String {
        let first = self.rng.below(LANES);
        if self.chance(100) {
            return lane(first);
        }
        let busy = |id: &str| {
            self.judge.attempts.values().filter_map(|a| a.request.as_ref()).any(|request| {
                let snapshot = request.snapshot();
                snapshot.terminal == id && !(snapshot.has(flag::FINAL) && snapshot.has(flag::TERMINAL_FREE))
            })
        };
        let free = (0..LANES).map(|n| lane((first + n) % LANES)).find(|id| !busy(id));
        free.unwrap_or_else(|| lane(first))
    }

    /// The same reference again: a new attempt if the last one ended without money, else the request that exists.
    fn repeat(&mut self) {
        let Some(payment) = self.pick(|_| true) else { return };
        let attempt = &self.judge.attempts[&payment];
        let (reference, kind) = (attempt.reference.clone(), attempt.kind);
        if attempt.original.is_some() {
            return;
        }
        let asked = attempt.request.as_ref().map(|r| r.snapshot().requested_amount);
        let amount = if self.chance(900) { asked.unwrap_or(500) } else { self.amount() };
        let moved = self.judge.attempts.values().any(|a| {
            a.reference == reference && a.ended.as_ref().is_some_and(|told| told.money != MoneyMoved::NotMoved)
        });
        let refused = self.start(kind, &reference, amount.max(1));
        assert!(!moved || refused.is_some(), "{reference} was paid, and is taken again");
        self.count("repeated references");
    }

    /// A void, a refund, a reversal, a capture or another tip of something that was paid.
    fn undo(&mut self) {
        let paid = |told: &Snapshot| told.state == State::Approved;
        let sale = self.pick(|a| a.kind == Kind::Payment && a.ended.as_ref().is_some_and(paid));
        let Some(sale) = sale else { return };
        let original = self.judge.attempts[&sale].reference.clone();
        let amount = self.judge.attempts[&sale].ended.as_ref().map_or(0, |told| told.approved_amount);
        self.references += 1;
        let reference = format!("{:04}", self.references);
        let texts = [("reference", reference.as_str()), ("original", original.as_str())];
        let part = 1 + self.rng.below(amount.unsigned_abs()) as i64;
        let tip = self.rng.below(2_000) as i64;
        match self.rng.below(7) {
            4 => self.ask(Kind::AdjustTip, &texts, &[("tip_amount", tip)]),
            5 => self.ask(Kind::Capture, &texts, &[]),
            6 => self.ask(Kind::Capture, &texts, &[("amount", part)]),
            0 => self.ask(Kind::Void, &texts, &[]),
            1 => self.ask(Kind::Reverse, &texts, &[]),
            2 => self.ask(Kind::Refund, &texts, &[]),
            _ => self.ask(Kind::Refund, &texts, &[("amount", part)]),
        };
    }

    /// A random attempt of those that fit.
    fn pick(&mut self, fits: impl Fn(&judge::Attempt) -> bool) -> Option<u64> {
        let all: Vec<u64> = self.judge.attempts.iter().filter(|(_, a)| fits(a)).map(|(payment, _)| *payment).collect();
        (!all.is_empty()).then(|| all[self.rng.below(all.len() as u64) as usize])
    }

    fn cancel(&mut self) {
        let live = |a: &judge::Attempt| a.request.as_ref().is_some_and(|r| !r.snapshot().state.is_final());
        let Some(payment) = self.pick(live) else { return };
        if let Some(request) = self.judge.attempts[&payment].request.clone() {
            self.world.cancel(&request);
            self.count("cancels");
        }
    }

    fn acknowledge(&mut self) {
        let told: Vec<u64> = self
            .judge
            .attempts
            .iter()
            .filter(|(_, a)| a.ended.is_some() && !a.acknowledged && a.request.is_some())
            .map(|(payment, _)| *payment)
            .collect();
        for payment in told {
            let Some(attempt) = self.judge.attempts.get_mut(&payment) else { continue };
            let Some(request) = attempt.request.clone() else { continue };
            // The till acknowledges what it was told, not what has come since.
            if self.rng.below(10) == 0 || attempt.ended.as_ref() != Some(&request.snapshot()) {
                continue;
            }
            attempt.acknowledged = true;
            self.world.acknowledge(&request);
            self.count("acknowledged");
        }
    }

    /// A person who has looked into the vendor's books decides.
    fn resolve(&mut self) {
        let unknown = |a: &judge::Attempt| a.request.as_ref().is_some_and(|r| r.snapshot().state == State::Unknown);
        let Some(payment) = self.pick(unknown) else { return };
        let Some(request) = self.judge.attempts[&payment].request.clone() else { return };
        if !matches!(self.judge.attempts[&payment].kind, Kind::Payment | Kind::TerminalRefund | Kind::Refund) {
            return;
        }
        let key = self.judge.attempts[&payment].key.clone();
        let running =
            self.world.cloud.requests().iter().any(|r| r.purchase_order_number == key && r.ended_ms.is_none());
        let old = self.world.now > request.snapshot().started_ms + 300_000;
        let decision = match self.judge.executed(&self.world, payment).len() {
            1 => Decision::Paid,
            0 if !running && old => Decision::NotPaid,
            _ => Decision::KeepLooking,
        };
        self.world.resolve(&request, decision);
        self.count("resolutions");
    }

    fn change_road(&mut self) {
        self.world.road = match self.rng.below(4) {
            0 => Road::Closed,
            1 => Road::LosesRequests,
            _ => Road::Open,
        };
        self.count(&format!("road {:?}", self.world.road));
    }

    fn spoil_calls(&mut self) {
        if self.chance(500) {
            self.world.cloud.heal();
            return;
        }
        let when = if self.chance(500) { When::Before } else { When::After };
        let refused = when == When::Before && self.chance(400);
        let choice = if refused { REFUSALS } else { FAULTS };
        let fault = choice[self.rng.below(choice.len() as u64) as usize];
        if self.chance(500) {
            let money = [CallKind::Submit, CallKind::Void, CallKind::Refund, CallKind::Hold, CallKind::Capture];
            let others = [CallKind::Adjust, CallKind::Main, CallKind::GetTransaction];
            let kinds: Vec<CallKind> = money.into_iter().chain(others).collect();
            let kind = kinds[self.rng.below(kinds.len() as u64) as usize];
            self.world.cloud.fail_next(kind, when, fault);
        } else {
            let rate = self.rng.below(300) as u32;
            let (before_per_mille, after_per_mille) = if refused { (rate, 0) } else { (rate / 2, rate / 2) };
            let rates = FaultRates { before_per_mille, after_per_mille, faults: choice.to_vec() };
            self.world.cloud.fail_randomly(rates);
        }
    }

    fn change_disk(&mut self) {
        self.world.flush_ms = [1, 1, 30, 700, 12_000][self.rng.below(5) as usize];
        self.world.disk_fails = self.chance(250);
        let state = if self.world.disk_fails { "disk fails" } else { "disk works" };
        self.count(state);
    }

    /// One of the things that nobody outside knows is played the other way.
    fn throw_switch(&mut self) {
        let (on, roll) = (self.chance(500), self.rng.below(13));
        let lag = [0, 0, 2_000, 30_000, 119_000][self.rng.below(5) as usize];
        let (blind, honest) = (self.blind_search, self.honest);
        let switches = &mut self.world.cloud.switches;
        match roll {
            0 => {
                switches.canceled_request =
                    if on { CanceledRequest::StaysInProgress } else { CanceledRequest::Complete };
            }
            1 if !honest => switches.no_connection_then_success = on,
            2 => switches.second_card_after_decline = on,
            3 => switches.fresh_request_404_ms = if on { 3_000 } else { 0 },
            4 => switches.fresh_transaction_404_ms = if on { 4_000 } else { 0 },
            5 if blind => switches.search_lag_ms = lag,
            6 => switches.search_order = if on { SearchOrder::Shuffled } else { SearchOrder::Oldest },
            7 => switches.drops_leading_zeros = on,
            8 if blind => switches.search_hides_accounts = if on { vec![12345] } else { Vec::new() },
            9 => switches.main_reply = if on { MainReply::NoContent } else { MainReply::Late(6_000) },
            10 if !honest => switches.main_ignored = on,
            1 | 5 | 8 | 10 | 11 => switches.partial_approvals = on,
            _ => switches.ids_as_strings = on,
        }
        self.count(&format!("switch {roll:02}"));
    }

    fn power_cut(&mut self) {
        self.world.commits_survive = self.rng.below(3) as usize;
        let pause = [5, 50, 3_000, 120_000][self.rng.below(4) as usize];
        let pause = self.rng.below(pause) + 1;
        self.world.power_cut(pause);
        self.judge.power_cut(&self.world);
        self.judge.look(&self.world);
        self.count("power cuts");
    }

    fn sleep(&mut self) {
        let ms = 1_000 + self.rng.below(200_000);
        self.world.sleep(ms);
        self.judge.look(&self.world);
        self.count("sleeps");
    }

    fn touch_terminal(&mut self) {
        let (terminal, touch) = (lane(self.rng.below(LANES)), self.rng.below(3));
        let touch = [Touch::Unplug, Touch::Plug, Touch::Cancel][touch as usize];
        self.world.cloud.touch(&terminal, touch);
        if !self.honest && self.chance(500) {
            self.world.cloud.script(Scenario::UnplugAfterCard);
        }
        self.count("hands at terminals");
    }

    fn settle(&mut self) {
        self.world.cloud.settle();
        self.count("settlements");
    }

    /// For a person: the facts of all attempts of the reference that went wrong.
    fn story(&self, payment: Option<u64>) -> String {
        let reference = |payment: &u64| self.judge.attempts.get(payment).map(|a| a.reference.clone());
        let Some(wanted) = payment.as_ref().and_then(reference) else { return String::new() };
        let same = self.judge.attempts.keys().filter(|payment| reference(payment).as_ref() == Some(&wanted));
        same.map(|payment| format!("payment {payment}\n{}", self.world.story(*payment))).collect()
    }

    /// Everything heals, and every request must come to its end.
    fn close(&mut self) {
        self.world.cloud.heal();
        self.world.road = Road::Open;
        self.world.disk_fails = false;
        self.world.flush_ms = 1;
        self.world.cloud.switches = pj::Switches::default();
        for number in 0..LANES {
            self.world.cloud.touch(&lane(number), Touch::Plug);
        }
        for _ in 0..8 {
            self.pass(60_000);
            self.acknowledge();
        }
        self.pass(900_000);
        self.acknowledge();
        self.judge.close(&self.world);
        let late = |told: &&(u64, EventKind, Snapshot)| told.1 == EventKind::LateApproval;
        if let Some((payment, ..)) = self.world.told.iter().find(late).filter(|_| self.honest) {
            panic!("payment {payment} was told as not paid without proof");
        }
    }
}

/// What went wrong, and in which step.
struct Wrong {
    text: String,
    step: u64,
    /// What was done, and what became known of the payment in question.
    history: String,
}

/// Plays a world: the steps given, or as many as its payments need.
fn play_steps(seed: u64, steps: Option<&[u64]>) -> Result<Counts, Wrong> {
    let mut play = Play::new(seed);
    let mut at = 0;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        match steps {
            Some(steps) => steps.iter().for_each(|step| {
                at = *step;
                play.step(*step);
            }),
            None => {
                while play.judge.accepted < PAYMENTS {
                    play.step(at);
                    at += 1;
                }
            }
        }
        play.close();
    }));
    if let Err(panic) = outcome {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
        let about = text.split("payment ").nth(1).and_then(|rest| rest.split([' ', ':']).next()?.parse::<u64>().ok());
        let history = format!("{}\n{}", play.diary.join("\n"), play.story(about));
        return Err(Wrong { text, step: at, history });
    }
    let mut counts = play.judge.counts;
    for call in play.world.cloud.calls() {
        counts.add(&format!("calls {:?}{}", call.kind, if call.fault.is_some() { " that went wrong" } else { "" }));
    }
    Ok(counts)
}

/// The seeds of worlds whose vendor keeps its word.
pub(super) fn honest_seed(number: u64) -> u64 {
    4 * number + 1
}

/// What the judge says of the world of a seed, if anything goes wrong in it.
pub(super) fn goes_wrong(seed: u64) -> Option<String> {
    play_steps(seed, None).err().map(|wrong| wrong.text)
}

fn play(seed: u64) -> Counts {
    play_steps(seed, None).unwrap_or_else(|wrong| {
        let shrunk = shrink::shrink(seed, wrong);
        panic!("{shrunk}");
    })
}

/// What a person repeats with `PJ_SEED` is what the test has seen.
#[test]
fn the_same_seed_is_the_same_history() {
    for seed in 1..=6 {
        assert_eq!(play(seed).0, play(seed).0, "seed {seed}");
    }
}

/// Promises 1 to 8, in whatever order the world breaks.
#[test]
fn whatever_happens_the_till_is_told_the_truth() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds: Vec<u64> = match (number("PJ_SEED"), std::env::var("PJ_STEPS").ok()) {
        (Some(seed), Some(steps)) => return play_a_few(seed, &steps),
        (Some(seed), None) => vec![seed],
        (None, _) => (1..=number("PJ_WORLDS").unwrap_or(WORLDS)).collect(),
    };
    let threads: Vec<_> = (0..2)
        .map(|part| {
            let mine: Vec<u64> = seeds.iter().copied().filter(|seed| seed % 2 == part).collect();
            std::thread::spawn(move || {
                let mut counts = Counts::default();
                mine.into_iter().for_each(|seed| counts.merge(&play(seed)));
                counts
            })
        })
        .collect();
    let mut counts = Counts::default();
    for thread in threads {
        counts.merge(&thread.join().expect("a seed failed; see above"));
    }
    let payments: u64 = ["payment", "terminal_refund", "refund", "void", "reverse", "capture", "adjust_tip"]
        .map(|kind| counts.of(kind))
        .iter()
        .sum();
    println!("{payments:>8} payments and changes of payments in {} worlds", seeds.len());
    assert!(payments >= PAYMENTS * seeds.len() as u64);
    for (what, number) in &counts.0 {
        println!("{number:>8} {what}");
    }
}

/// The steps that a shrunk history names, and nothing else.
fn play_a_few(seed: u64, steps: &str) {
    let steps: Vec<u64> = steps.split(',').filter_map(|step| step.trim().parse().ok()).collect();
    if let Err(wrong) = play_steps(seed, Some(&steps)) {
        panic!("PJ_SEED={seed}, {} steps: {}\n{}", steps.len(), wrong.text, wrong.history);
    }
}
