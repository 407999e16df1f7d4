//! JustiFi's worlds: the real engine against the simulator's cloud.

mod basics;

use super::world::World;
use crate::engine::Request;
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
