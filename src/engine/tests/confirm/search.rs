//! Stories from a seed: faults, closed roads, power cuts and a till that acknowledges early, late or never, all at once.
//! Whatever happens, a payment is captured or undone and never both, and what the till is told is what the books say.

use super::*;
use crate::engine::core::Command;
use crate::engine::tests::world::Road;
use crate::payment::face;

const STORIES: u64 = 60;
const CALLS: [CallKind; 3] = [CallKind::Capture, CallKind::Void, CallKind::GetTransaction];
const FAULTS: [Fault; 6] = [
    Fault::Drop,
    Fault::BadGateway,
    Fault::HalfBody,
    Fault::Silence(40_000),
    Fault::Delay(20_000),
    Fault::RateLimited(Some(2)),
];

/// A plain generator: the same numbers for the same seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn chance(&mut self, of_ten: u64) -> bool {
        self.below(10) < of_ten
    }
}

/// What the judge has seen so far.
#[derive(Default)]
struct Seen {
    taken: bool,
    /// The till was answered with success in the present run.
    promised: bool,
}

struct Story<C: Books> {
    till: Till<C>,
    sale: Arc<Request>,
    draws: Draws,
    seen: Seen,
    /// Losses of the step: after three the policy gives up by proof.
    faults: u64,
}

impl<C: Books> Story<C> {
    fn new(seed: u64) -> Story<C> {
        let mut till = Till::<C>::new(&[("confirm_within", "60")]);
        till.what = format!("seed {seed}");
        let sale = till.reserved();
        let mut draws = Draws(seed * 7_919 + 17);
        till.world.flush_ms = 1 + draws.below(60);
        till.world.commits_survive = draws.below(2) as usize;
        let faults = draws.below(3);
        for _ in 0..faults {
            let (kind, fault) = (CALLS[draws.below(3) as usize], FAULTS[draws.below(6) as usize]);
            let limited = matches!(fault, Fault::RateLimited(_));
            let when = if draws.chance(5) || limited { When::Before } else { When::After };
            till.world.cloud.fail_next(kind, when, fault);
        }
        Story { till, sale, draws, seen: Seen::default(), faults }
    }

    /// Lets time pass, and looks at the books all the while.
    fn run(&mut self, ms: u64) {
        let end = self.till.world.now + ms;
        while self.till.world.now < end {
            let step = if ms > 600_000 { 20_000 } else { 500 };
            self.till.world.run(step.min(end - self.till.world.now));
            let (row, what) = (self.till.row(&self.sale), &self.till.what);
            self.seen.taken |= !row.reserved && !row.voided;
            assert!(!(self.seen.taken && row.voided), "{what}: captured and voided\n{}", self.story());
            assert!(!(self.seen.promised && row.voided), "{what}: PJ_OK, and then undone\n{}", self.story());
        }
    }

    fn story(&self) -> String {
        self.till.world.story(self.sale.payment)
    }

    fn acknowledge(&mut self) {
        let is_voided = self.sale.snapshot().state == State::Canceled;
        let shown = self.sale.snapshot().event_number;
        if !self.sale.is_news_unseen() && self.sale.acknowledge() {
            self.seen.promised |= !is_voided;
            let payment = self.sale.payment;
            self.till.world.command(Command::Acknowledge { payment, shown });
        }
    }

    fn cut(&mut self) {
        let pause = self.draws.below(3_000);
        self.till.world.power_cut(pause);
        self.seen.promised = false;
        let live = self.till.world.admission.live();
        if let Some(again) = live.into_iter().find(|request| request.payment == self.sale.payment) {
            self.sale = again;
        }
    }

    fn play(&mut self) {
        for _ in 0..4 {
            let near_the_end = self.draws.chance(5);
            let pause = if near_the_end { 59_800 + self.draws.below(500) } else { self.draws.below(20_000) };
            self.run(pause);
            match self.draws.below(6) {
                0 | 1 => self.acknowledge(),
                2 => self.cut(),
                3 => {
                    self.acknowledge();
                    let moment = self.draws.below(300);
                    self.run(moment);
                    self.cut();
                }
                4 => {
                    self.till.world.road = [Road::Closed, Road::LosesRequests][self.draws.below(2) as usize];
                    let closed = self.draws.below(5_000);
                    self.run(closed);
                    self.till.world.road = Road::Open;
                    self.faults += 1;
                }
                _ => self.till.world.sleep(10_000),
            }
        }
        self.run(900_000);
        self.judge();
    }

    fn judge(&mut self) {
        // Only bad news comes again after a restart: the rest is in the journal.
        let shown = Arc::new(Request::new(self.sale.payment, face::from_index("4711", MoneyMoved::Unknown, 0, 0)));
        if !self.till.world.core.lanes.contains_key(&self.sale.payment) {
            self.till.world.command(Command::Show(shown.clone()));
            self.till.world.run(1_000);
            self.sale = shown;
        }
        let (row, now) = (self.till.row(&self.sale), self.sale.snapshot());
        let facts = self.till.world.facts(self.sale.payment);
        let place = |wanted: fn(&Fact) -> bool| facts.iter().position(wanted);
        let stored_at = place(|fact| matches!(fact, Fact::Acknowledged));
        let undone_at = place(|fact| matches!(fact, Fact::Dispatched { action: Action::Void }));
        let never_both = stored_at.zip(undone_at).is_none_or(|(stored, undone)| undone < stored && row.voided);
        assert!(never_both, "{}: stored, and then undone\n{}", self.till.what, self.story());
        let books = match (row.reserved, row.voided) {
            (_, true) => (State::Canceled, MoneyMoved::Reversed),
            (true, _) => (State::Approved, MoneyMoved::Pending),
            _ => (State::Approved, MoneyMoved::Moved),
        };
        assert_eq!((now.state, now.money), books, "{}\n{}", self.till.what, self.story());
        let stored = stored_at.is_some();
        let failed = self.till.world.has_fact(self.sale.payment, |fact| matches!(fact, Fact::ConfirmFailed { .. }));
        assert!(books.1 != MoneyMoved::Pending || failed, "{}: left alone\n{}", self.till.what, self.story());
        assert!(!failed || self.faults > 1, "{}: given up\n{}", self.till.what, self.story());
        assert!(stored || books.1 != MoneyMoved::Moved, "{}: taken unasked\n{}", self.till.what, self.story());
        self.till.world.assert_polite();
    }
}

pub fn stories_from_a_seed_take_or_undo_and_never_both<C: Books>() {
    (0..STORIES).for_each(|seed| Story::<C>::new(seed).play());
}
