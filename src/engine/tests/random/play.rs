//! A till in its world: what it asks, repeats, cancels, stores, and what a person decides.

use super::counts::Counts;
use super::judge::{Attempt, Judge};
use super::shops::{Asked, LANES, Pocket, Shop};
use super::trouble::Post;
use crate::engine::tests::world::World;
use crate::payment::snapshot::{EventKind, MoneyMoved, Snapshot, State, flag};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::records::Call;
use posjunction_simulator::rng::Rng;

/// A till with its chance, in its world.
pub struct Play<C: Shop> {
    pub(super) seed: u64,
    pub(super) world: World<C>,
    pub judge: Judge,
    pub(super) rng: Rng,
    references: u64,
    /// What was done, for a person.
    pub diary: Vec<String>,
    /// The search may lag or hide an account. Such a world has no approvals whose id the request never tells: the two
    /// together cannot be told from a cancel by any means.
    pub(super) blind_search: bool,
    /// The vendor keeps its word: what it says has ended has ended. In such a world bad news is true when it is told, and
    /// stays true.
    pub(super) honest: bool,
    slowness: u64,
    pub(super) post: Post,
    pub(super) pocket: Pocket,
}

impl<C: Shop> Play<C> {
    pub fn new(seed: u64) -> Play<C> {
        let mut rng = Rng::new(seed);
        let number = seed / super::VENDORS;
        let opening = C::open(seed, &mut rng);
        let interval = [1_000, 2_000, 3_000, 5_000][rng.below(4) as usize];
        let shared = i64::from(rng.below(2) == 0);
        let mut world = World::of(opening.cloud, &[("terminal_shared", shared), ("poll_interval_ms", interval)]);
        let mut texts = opening.texts;
        let confirms = C::CONFIRMS && number % 5 == 2;
        if confirms {
            let on_silence = if number.is_multiple_of(3) { "keep" } else { "void" };
            texts.extend([("confirm", "on_acknowledge"), ("on_silence", on_silence)]);
        }
        texts.iter().for_each(|(key, text)| world.configure(key, text));
        if confirms {
            world.configure_int("confirm_within", 60);
        }
        if !texts.is_empty() {
            world.power_cut(0);
        }
        let mut play = Play {
            seed,
            diary: Vec::new(),
            world,
            judge: Judge::default(),
            rng,
            references: 0,
            blind_search: number.is_multiple_of(2),
            honest: number % 4 == 1,
            slowness: opening.slowness,
            post: Post::new(seed, number.is_multiple_of(3)),
            pocket: Pocket::default(),
        };
        play.judge.shared = C::SHARES_BY_AMOUNT;
        if confirms {
            play.count("tills that leave the capture to the policy");
        }
        if play.post.open {
            play.world.cloud.listen();
        }
        // Where the vendor hides money, the judge follows bad news to the late approval.
        play.world.checks.vendor_hides_money = !play.honest;
        for _ in 0..3 {
            play.throw_switch();
        }
        play
    }

    pub(super) fn chance(&mut self, of_a_thousand: u64) -> bool {
        self.rng.below(1000) < of_a_thousand
    }

    pub(super) fn count(&mut self, what: &str) {
        self.judge.counts.add(what);
        self.note(what);
    }

    pub(super) fn note(&mut self, what: &str) {
        self.diary.push(format!("{:>9} ms  {what}", self.world.now));
    }

    /// One thing happens, and then some time passes. Every step draws its own chances, so that the others stay as they
    /// were when one is left out.
    pub fn step(&mut self, number: u64) {
        self.rng = Rng::new(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (number + 1));
        match self.rng.below(100) {
            0..=35 => self.sell(),
            36..=41 => self.repeat(),
            42..=50 => self.undo(),
            51..=55 => self.cancel(),
            56..=77 => self.acknowledge(),
            78..=79 => self.resolve(),
            80..=82 => self.change_road(),
            83..=86 => self.spoil_calls(),
            87..=88 => self.change_disk(),
            89..=90 => self.throw_switch(),
            91 => self.power_cut(),
            92 => self.close_and_start(),
            93 => self.sleep(),
            94 => self.touch_terminal(),
            95 => self.settle(),
            96..=97 => self.ask_aside(),
            98 => self.stranger(),
            _ => self.move_clock(),
        }
        let pause = match self.rng.below(10) {
            0..=3 => self.rng.below(300),
            4..=8 => self.rng.below(4_000),
            _ => self.rng.below(20_000),
        };
        self.pass(pause * self.slowness);
        // What is broken is repaired sooner or later.
        if self.chance(150) {
            self.repair();
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
        let stories = C::stories();
        let amount = match self.rng.below(20) {
            0..=9 => 100 + self.rng.below(30_000) as i64,
            // The same sum again and again, for look-alikes.
            10..=12 => 1_500,
            13..=17 => stories[self.rng.below(stories.len() as u64) as usize],
            18 => 1 + self.rng.below(98) as i64,
            _ => 499_900 + self.rng.below(10) as i64,
        };
        if C::may_play(amount, self.honest, !self.blind_search) { amount } else { 100 }
    }

    fn sell(&mut self) {
        self.references += 1;
        let reference = format!("{:04}", self.references);
        let kind = if self.chance(60) { Kind::TerminalRefund } else { Kind::Payment };
        let amount = self.amount();
        self.start(kind, &reference, amount);
    }

    fn start(&mut self, kind: Kind, reference: &str, amount: i64) -> Option<Status> {
        let terminal = self.choose_lane();
        let (more, mut numbers) = C::extras(kind, amount, &mut self.rng);
        numbers.push(("amount", amount));
        if self.chance(300) {
            numbers.push(("despite_unknown", 1));
        }
        let mut texts = vec![("reference", reference), ("terminal", &terminal)];
        texts.extend(more.iter().map(|(key, text)| (*key, text.as_str())));
        self.ask(kind, &texts, &numbers)
    }

    /// Mostly a terminal that nobody uses, as a cashier would.
    fn choose_lane(&mut self) -> String {
        let first = self.rng.below(LANES);
        if self.chance(100) {
            return C::lane(first);
        }
        let busy = |id: &str| {
            self.judge.attempts.values().filter_map(|a| a.request.as_ref()).any(|request| {
                let snapshot = request.snapshot();
                snapshot.terminal == id && !(snapshot.has(flag::FINAL) && snapshot.has(flag::TERMINAL_FREE))
            })
        };
        let free = (0..LANES).map(|n| C::lane((first + n) % LANES)).find(|id| !busy(id));
        free.unwrap_or_else(|| C::lane(first))
    }

    /// The same reference again: a new attempt if the last one ended without money, else the request that exists.
    fn repeat(&mut self) {
        let again = |a: &Attempt| a.kind.is_card_present() && a.original.is_none();
        let Some(payment) = self.pick(again) else { return };
        let attempt = &self.judge.attempts[&payment];
        let (reference, kind) = (attempt.reference.clone(), attempt.kind);
        let asked = attempt.request.as_ref().map(|r| r.snapshot().requested_amount);
        // After a vendor's lie only what the attempts share keeps the customer from paying twice.
        let same = C::SHARES_BY_AMOUNT && !self.honest;
        let amount = if self.chance(900) || same { asked.unwrap_or(500) } else { self.amount() };
        let moved = self.judge.attempts.values().any(|a| {
            // What was told and did not reach the disk before the power went is found again before anything is sent.
            let told = a.ended.as_ref().filter(|_| !a.forgotten);
            a.reference == reference && told.is_some_and(|told| told.money != MoneyMoved::NotMoved)
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
        let lane = self.choose_lane();
        let (kind, (more, numbers)): (Kind, Asked) = C::undo(amount.max(1), lane, &mut self.rng);
        let mut texts = vec![("reference", reference.as_str()), ("original", original.as_str())];
        texts.extend(more.iter().map(|(key, text)| (*key, text.as_str())));
        self.ask(kind, &texts, &numbers);
    }

    /// A question at a terminal, or an errand: no money, and no harm to any.
    fn ask_aside(&mut self) {
        let (kind, given) = C::ASIDES[self.rng.below(C::ASIDES.len() as u64) as usize];
        let lane = self.choose_lane();
        let paid = |told: &Snapshot| told.state == State::Approved;
        let sale = self.pick(|a| a.kind == Kind::Payment && a.ended.as_ref().is_some_and(paid));
        let mut texts = given.to_vec();
        let original = sale.map(|sale| self.judge.attempts[&sale].reference.clone());
        match kind {
            Kind::FetchReceipt | Kind::FetchTransaction => {
                let Some(original) = original.as_deref() else { return };
                texts.push(("original", original));
                self.ask(kind, &texts, &[]);
            }
            Kind::ListTerminals => {
                self.ask(kind, &texts, &[]);
            }
            _ => {
                texts.push(("terminal", lane.as_str()));
                self.ask(kind, &texts, &[]);
            }
        }
    }

    /// A random attempt of those that fit.
    fn pick(&mut self, fits: impl Fn(&Attempt) -> bool) -> Option<u64> {
        let all: Vec<u64> = self.judge.attempts.iter().filter(|(_, a)| fits(a)).map(|(payment, _)| *payment).collect();
        (!all.is_empty()).then(|| all[self.rng.below(all.len() as u64) as usize])
    }

    fn cancel(&mut self) {
        let live = |a: &Attempt| a.request.as_ref().is_some_and(|r| !r.snapshot().state.is_final());
        let Some(payment) = self.pick(live) else { return };
        if let Some(request) = self.judge.attempts[&payment].request.clone() {
            self.note(&format!("cancel payment {payment}"));
            self.world.cancel(&request);
            self.count("cancels");
        }
    }

    pub(super) fn acknowledge(&mut self) {
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
            // The policy was faster: it is being undone.
            let stored = self.world.acknowledges(&request);
            attempt.acknowledged = stored;
            self.count(if stored { "acknowledged" } else { "acknowledged too late" });
        }
    }

    /// A person who has looked into the vendor's books decides.
    fn resolve(&mut self) {
        let unknown = |a: &Attempt| a.request.as_ref().is_some_and(|r| r.snapshot().state == State::Unknown);
        let Some(payment) = self.pick(unknown) else { return };
        let Some(request) = self.judge.attempts[&payment].request.clone() else { return };
        if !matches!(self.judge.attempts[&payment].kind, Kind::Payment | Kind::TerminalRefund | Kind::Refund) {
            return;
        }
        let key = self.judge.attempts[&payment].key.clone();
        let running = self.world.cloud.ran().iter().any(|ran| Some(&ran.key) == key.as_ref() && ran.running);
        let old = self.world.now > request.snapshot().started_ms + 300_000;
        let decision = match self.judge.executed(payment).len() {
            1 => Decision::Paid,
            0 if !running && old => Decision::NotPaid,
            _ => Decision::KeepLooking,
        };
        self.note(&format!("a person decides about payment {payment}"));
        self.world.resolve(&request, decision);
        self.count(&format!("resolved {decision:?}"));
    }

    /// For a person: the facts of all attempts of the reference that went wrong. Without one, of the newest attempts.
    pub fn story(&self, payment: Option<u64>) -> String {
        let attempt = payment.and_then(|payment| self.judge.attempts.get(&payment));
        let wanted = attempt.map(|attempt| attempt.reference.clone());
        let original = attempt.and_then(|attempt| attempt.original.clone());
        let newest = self.judge.attempts.keys().rev().nth(7).copied().unwrap_or(0);
        let told = |payment: &u64, a: &Attempt| match &wanted {
            Some(wanted) => {
                let same_original = original.is_some() && a.original == original;
                a.reference == *wanted || a.original.as_ref() == Some(wanted) || same_original
            }
            None => *payment >= newest,
        };
        let same = self.judge.attempts.iter().filter(|(payment, a)| told(payment, a));
        same.map(|(payment, _)| format!("payment {payment}\n{}", self.world.story(*payment))).collect()
    }

    /// For a person: what arrived at the cloud in the two minutes before the moment that a complaint names.
    pub fn calls_before(&self, complaint: &str) -> String {
        let moment = complaint.split(|c: char| !c.is_ascii_digit()).find_map(|number| number.parse::<u64>().ok());
        let recent = |call: &&Call| moment.is_some_and(|at| call.at_ms <= at && call.at_ms + 120_000 > at);
        let line =
            |call: &Call| format!("  call at {:>8}: {:?} {} {:?}\n", call.at_ms, call.kind, call.status, call.fault);
        self.world.cloud.calls().iter().filter(recent).map(line).collect()
    }

    /// Everything heals, and every request must come to its end.
    pub fn close(&mut self) {
        self.heal();
        for _ in 0..8 {
            self.pass(60_000);
            self.acknowledge();
        }
        // The late watch looks for the last time an hour after the end.
        for ms in [900_000, 3_700_000] {
            self.pass(ms);
            self.acknowledge();
        }
        self.judge.close(&self.world);
        let late = |told: &&(u64, EventKind, Snapshot)| told.1 == EventKind::LateApproval;
        if let Some((payment, ..)) = self.world.told.iter().find(late).filter(|_| self.honest) {
            panic!("payment {payment} was told as not paid without proof");
        }
    }

    /// What happened in this world, with what the cloud saw of it.
    pub fn counted(self) -> Counts {
        let mut counts = self.judge.counts;
        for call in self.world.cloud.calls() {
            counts.add(&format!("calls {:?}", call.kind));
            if let Some((when, fault)) = call.fault {
                counts.add(&format!("fault {when:?} {}", super::shops::name_of(&format!("{fault:?}"))));
            }
        }
        self.world.cloud.played().iter().for_each(|story| counts.add(&format!("story {story}")));
        counts
    }
}
