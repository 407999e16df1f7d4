//! Truth, section 1, for the second step of a payment with `capture` "later": the hold has a shelf life of its own, from
//! the approval on. When it is over, the till is told that the money is taken, and no hold leaves any more.

use super::world::World;
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::fact::{Action, Fact};
use crate::payment::snapshot::{MoneyMoved, State, flag};
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

/// The vendor wants a pause before the hold, of so many seconds.
fn held_up(seconds: u32) -> (World, Arc<Request>) {
    let mut world = World::new();
    world.warm_up();
    world.cloud.fail_next(CallKind::Hold, When::Before, Fault::RateLimited(Some(seconds)));
    let texts = [("reference", "4711"), ("capture", "later")];
    let sale = world.ask(Kind::Payment, &texts, &[("amount", 5_000)]).expect("it may start");
    let approved = |fact: &Fact| matches!(fact, Fact::Dispatched { action: Action::Hold });
    world.run_until_fact(&sale, 60_000, "approved", approved);
    (world, sale)
}

#[test]
fn a_hold_that_has_to_wait_leaves_within_its_shelf_life() {
    let (mut world, sale) = held_up(10);
    let result = world.finish(&sale, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Pending));
    assert_eq!(world.cloud.count(CallKind::Hold), 2);
}

/// The result does not wait for the vendor's pause to end: after the shelf life nothing more can come of the hold.
#[test]
fn a_hold_that_has_to_wait_longer_than_its_shelf_life_never_leaves_and_is_told_at_its_end() {
    let (mut world, sale) = held_up(60);
    let approved = world.now;
    let result = world.finish(&sale, 120_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(result.has(flag::CAPTURED));
    let waited = world.now - approved;
    assert!((14_000..17_000).contains(&waited), "{waited}");
    world.run(300_000);
    assert_eq!(world.cloud.count(CallKind::Hold), 1, "the one that was turned away");
    let holds = |fact: &&Fact| matches!(fact, Fact::Dispatched { action: Action::Hold });
    assert_eq!(world.facts(sale.payment).iter().filter(holds).count(), 1);
}

/// Sleep counts: what was to be held before the machine slept is not held after.
#[test]
fn a_hold_that_slept_through_its_shelf_life_never_leaves() {
    let (mut world, sale) = held_up(10);
    world.run(1_000);
    world.sleep(60_000);
    let result = world.finish(&sale, 120_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    world.run(300_000);
    assert_eq!(world.cloud.count(CallKind::Hold), 1);
}
