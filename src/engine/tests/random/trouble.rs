//! What goes wrong around the till: road, disk, power, clock, hands, the vendor's habits, the post, other tills.

use super::play::Play;
use super::shops::{LANES, Shop};
use crate::engine::core::Command;
use crate::engine::tests::world::Road;
use posjunction_simulator::rng::Rng;
use posjunction_simulator::webhooks::Event;
use posjunction_simulator::{Fault, FaultRates, When};

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

/// What the vendor posts to the till's web server, and how badly it travels. Every third world has one.
pub struct Post {
    pub open: bool,
    rng: Rng,
    taken: usize,
    waiting: Vec<Event>,
}

impl Post {
    pub fn new(seed: u64, open: bool) -> Post {
        Post { open, rng: Rng::new(seed ^ 0xB0B), taken: 0, waiting: Vec::new() }
    }
}

impl<C: Shop> Play<C> {
    pub(super) fn pass(&mut self, ms: u64) {
        self.world.run(ms);
        self.judge.look(&self.world);
        if self.post.open {
            self.deliver();
        }
    }

    /// Events arrive in any order, some of them late, some twice, some never.
    fn deliver(&mut self) {
        self.post.waiting.extend(self.world.cloud.post(&mut self.post.taken));
        self.post.rng.shuffle(&mut self.post.waiting);
        for event in std::mem::take(&mut self.post.waiting) {
            match self.post.rng.below(10) {
                0..=1 => {
                    self.post.waiting.push(event);
                    self.judge.counts.add("webhooks late");
                }
                2 => self.judge.counts.add("webhooks lost"),
                fate => {
                    let times = if fate == 3 { 2 } else { 1 };
                    if times == 2 {
                        self.judge.counts.add("webhooks twice");
                    }
                    for _ in 0..times {
                        self.world.command(Command::Webhook(event.body.clone()));
                        self.judge.look(&self.world);
                        self.count("webhooks");
                    }
                }
            }
        }
    }

    pub(super) fn repair(&mut self) {
        self.world.road = Road::Open;
        let terminal = C::lane(self.rng.below(LANES));
        self.world.cloud.plug(&terminal);
    }

    pub(super) fn heal(&mut self) {
        self.world.cloud.mend();
        self.world.road = Road::Open;
        self.world.disk_fails = false;
        self.world.flush_ms = 1;
        self.world.cloud.no_switches();
        for number in 0..LANES {
            self.world.cloud.plug(&C::lane(number));
        }
    }

    pub(super) fn change_road(&mut self) {
        self.world.road = match self.rng.below(4) {
            0 => Road::Closed,
            1 => Road::LosesRequests,
            _ => Road::Open,
        };
        self.count(&format!("road {:?}", self.world.road));
    }

    pub(super) fn spoil_calls(&mut self) {
        if self.chance(500) {
            self.world.cloud.mend();
            return;
        }
        let when = if self.chance(500) { When::Before } else { When::After };
        let refused = when == When::Before && self.chance(400);
        let choice = if refused { REFUSALS } else { FAULTS };
        let fault = choice[self.rng.below(choice.len() as u64) as usize];
        if self.chance(500) {
            let kind = C::CALLS[self.rng.below(C::CALLS.len() as u64) as usize];
            self.note(&format!("the next {kind:?} fails: {when:?} {fault:?}"));
            self.world.cloud.fail_next(kind, when, fault);
        } else {
            let rate = self.rng.below(300) as u32;
            let (before_per_mille, after_per_mille) = if refused { (rate, 0) } else { (rate / 2, rate / 2) };
            self.note(&format!("{rate} of 1000 calls fail"));
            self.world.cloud.fail_at_random(FaultRates { before_per_mille, after_per_mille, faults: choice.to_vec() });
        }
    }

    pub(super) fn change_disk(&mut self) {
        self.world.flush_ms = [1, 1, 30, 700, 12_000][self.rng.below(5) as usize];
        self.world.disk_fails = self.chance(250);
        let state = if self.world.disk_fails { "disk fails" } else { "disk works" };
        self.count(state);
    }

    /// One of the things that nobody outside knows is played the other way.
    pub(super) fn throw_switch(&mut self) {
        let on = self.chance(500);
        let usable: Vec<_> = C::SWITCHES
            .iter()
            .filter(|switch| (switch.honest || !self.honest) && (!switch.blinds || self.blind_search))
            .filter(|switch| !switch.hides || !self.blind_search)
            .collect();
        let switch = usable[self.rng.below(usable.len() as u64) as usize];
        (switch.throw)(&mut self.world.cloud, on, &mut self.rng);
        self.count(&format!("switch {}: {}", switch.name, if on { "on" } else { "off" }));
    }

    pub(super) fn power_cut(&mut self) {
        self.world.commits_survive = self.rng.below(3) as usize;
        let pause = [5, 50, 3_000, 120_000][self.rng.below(4) as usize];
        let pause = self.rng.below(pause) + 1;
        self.world.power_cut(pause);
        self.judge.power_cut(&self.world);
        self.judge.look(&self.world);
        self.count("power cuts");
    }

    /// The till's program ends as it should, in the middle of whatever goes on, and starts again.
    pub(super) fn close_and_start(&mut self) {
        self.world.close();
        self.world.commits_survive = usize::MAX;
        let pause = self.rng.below(60_000) + 1;
        self.world.power_cut(pause);
        self.judge.power_cut(&self.world);
        self.judge.look(&self.world);
        self.count("closes and starts again");
    }

    pub(super) fn sleep(&mut self) {
        let ms = 1_000 + self.rng.below(200_000);
        self.world.sleep(ms);
        self.judge.look(&self.world);
        self.count("sleeps");
    }

    /// Somebody sets the PC's clock, or the season does.
    pub(super) fn move_clock(&mut self) {
        let hours = [-9_000, -1, 1, 26, 9_000][self.rng.below(5) as usize];
        self.world.wall_shift_ms += hours * 3_600_000;
        self.count("clock jumps");
    }

    pub(super) fn touch_terminal(&mut self) {
        let terminal = C::lane(self.rng.below(LANES));
        self.world.cloud.hand(&terminal, self.honest, &mut self.rng);
        self.count("hands at terminals");
    }

    pub(super) fn settle(&mut self) {
        self.world.cloud.batch();
        self.count("settlements");
    }

    /// Another till of the same account sells, perhaps for the very sum of one of ours.
    pub(super) fn stranger(&mut self) {
        let amounts: Vec<i64> = self
            .judge
            .attempts
            .values()
            .filter_map(|a| a.request.as_ref())
            .map(|request| request.snapshot())
            .filter(|told| !told.state.is_final() && told.requested_amount > 100)
            .map(|told| told.requested_amount)
            .collect();
        let amount = amounts.first().copied().unwrap_or(1_500);
        self.world.cloud.stranger(self.world.now, amount, &mut self.pocket);
        self.count("another till sells");
    }
}
