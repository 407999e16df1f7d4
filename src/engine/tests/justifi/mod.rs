//! JustiFi's worlds: the real engine against the simulator's cloud.

mod attempts;
mod basics;
mod cancel;
mod errands;
mod hints;
mod lost;
mod originals;
mod session;
mod sweep;
mod terminal;
mod terminal_refunds;
mod unknowns;

pub(super) use session::a_submit_refused_for_its_token_is_sent_once_more_with_a_new_one;

use super::world::World;
use crate::engine::Request;
use crate::payment::Fact;
use posjunction_simulator::justifi as jf;
use std::sync::Arc;

type JustiFi = World<jf::Cloud>;

fn world() -> JustiFi {
    World::of(jf::Cloud::new(jf::Setup::default()), &[])
}

/// A world in which the vendor does one of the things that nobody knows.
fn world_where(switch: impl FnOnce(&mut jf::Switches)) -> JustiFi {
    let mut setup = jf::Setup::default();
    switch(&mut setup.switches);
    World::of(jf::Cloud::new(setup), &[])
}

/// A world of the older way to pay.
fn world_of_intents() -> JustiFi {
    intents_where(|_| {})
}

fn intents_where(switch: impl FnOnce(&mut jf::Switches)) -> JustiFi {
    let mut world = world_where(switch);
    world.configure("flow", "payment_intent");
    world.power_cut(0);
    world
}

/// Both ways to pay, in worlds that are otherwise the same.
fn both_where(switch: impl Fn(&mut jf::Switches)) -> [(&'static str, JustiFi); 2] {
    [("checkout", world_where(&switch)), ("payment_intent", intents_where(&switch))]
}

fn both() -> [(&'static str, JustiFi); 2] {
    both_where(|_| {})
}

/// The terminal's next payments play these stories.
fn script(world: &mut JustiFi, scenarios: &[jf::Scenario]) {
    scenarios.iter().for_each(|scenario| world.cloud.script(*scenario));
}

/// A sale that was approved, and its transaction.
fn paid(world: &mut JustiFi, reference: &str, amount: i64) -> (Arc<Request>, String) {
    let sale = world.pay(reference, amount);
    let result = world.finish(&sale, 120_000);
    assert_eq!(result.approved_amount, amount, "{result:#?}");
    world.run_until(120_000, "the terminal is free", |_| {
        sale.snapshot().has(crate::payment::snapshot::flag::TERMINAL_FREE)
    });
    world.acknowledge(&sale);
    (sale, result.transaction_id)
}

/// What the till must have been told, an hour after everything: the truth, or that it is not known.
fn judge(world: &mut JustiFi, what: &str, payment: u64) {
    let request = world.again(payment);
    world.run_until(30 * 60_000, what, |_| {
        let told = request.snapshot();
        told.state.is_final() || told.state == crate::payment::snapshot::State::Unknown
    });
    world.run(2 * 3_600_000);
    let told = request.snapshot();
    let (charged, stands) = crate::engine::tests::world::Cloud::charges(&world.cloud, &world.key(payment));
    let story = || format!("{what}\n{}", world.story(payment));
    use crate::payment::snapshot::MoneyMoved::{Moved, NotMoved, Pending, Unknown};
    match told.money {
        NotMoved => assert_eq!(stands, 0, "{}", story()),
        Moved | Pending => assert_eq!(charged, 1, "{}", story()),
        Unknown => {}
        other => panic!("{other:?}: {}", story()),
    }
    let again = |f: &Fact| matches!(f, Fact::NotSent { again: true, .. });
    let unsent = world.facts(payment).into_iter().filter(again).count();
    assert!(charged <= 1 && world.submits(payment) <= 1 + unsent, "{}", story());
    assert!(world.cloud.violations().is_empty(), "{:#?}\n{}", world.cloud.violations(), story());
}

impl JustiFi {
    /// The request as the engine holds it now, or as the till has it when the engine has put it away.
    fn again_or(&self, request: &Arc<Request>) -> Arc<Request> {
        self.admission.live().into_iter().find(|r| r.payment == request.payment).unwrap_or_else(|| request.clone())
    }

    fn until_unknown_or_final(&mut self, request: &Arc<Request>, ms: u64) -> crate::payment::snapshot::State {
        use crate::payment::snapshot::State;
        self.run_until(ms, "an answer", |_| {
            let state = request.snapshot().state;
            state.is_final() || state == State::Unknown
        });
        request.snapshot().state
    }
}
