//! Truth, section 7, and promise 2: who holds a terminal or an original.

use super::world::World;
use crate::payment::Kind;
use crate::payment::snapshot::State;
use crate::status::Status;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, When};

/// Promise 2.
#[test]
fn the_hold_of_an_unknown_payment_outlives_the_next_one() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    let next = world
        .ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500), ("despite_unknown", 1)])
        .map_err(|e| e.0)
        .unwrap();
    world.finish(&next, 60_000);
    world.run(5_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    let third = world.ask(Kind::Payment, &[("reference", "4713")], &[("amount", 600)]);
    assert!(third.is_err(), "terminal has an UNKNOWN request and the caller did not say despite_unknown");
}

/// Promise 2.
#[test]
fn the_hold_of_an_unknown_refund_outlives_the_next_one() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.cloud.switches.search_hides_accounts = vec![12345];
    world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
    let a = world.ask(Kind::Refund, &[("reference", "R1"), ("original", "4711")], &[("amount", 100)]).unwrap();
    world.until_unknown(&a, 200_000);
    let b = world
        .ask(Kind::Refund, &[("reference", "R2"), ("original", "4711")], &[("amount", 100), ("despite_unknown", 1)])
        .map_err(|e| e.0)
        .unwrap();
    world.finish(&b, 60_000);
    world.run(2_000);
    assert_eq!(a.snapshot().state, State::Unknown);
    assert!(world.ask(Kind::Refund, &[("reference", "R3"), ("original", "4711")], &[("amount", 100)]).is_err());
}

/// Promise 2.
#[test]
fn an_original_that_is_being_refunded_is_in_use_under_its_other_name() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let sale = world.pay("4711", 1234);
    let id = world.finish(&sale, 60_000).transaction_id;
    world.run(5_000);
    world.acknowledge(&sale);
    world.run(5_000);
    world.power_cut(1_000);
    world.run(1_000);
    let r = world.ask(Kind::Refund, &[("reference", "R"), ("original", "4711")], &[]).map_err(|e| e.0).unwrap();
    world.run_until(250, "begun", |w| w.core.lanes.contains_key(&r.payment));
    let v = world.ask(Kind::Void, &[("reference", "V"), ("transaction", &id)], &[]).map_err(|e| e.0).map(|v| v.payment);
    assert_eq!(v.err(), Some(Status::TransactionInUse));
    world.run(60_000);
    assert_eq!((r.snapshot().state, world.cloud.moved_cents()), (State::Approved, 0));
}

/// Promise 2.
#[test]
fn one_original_under_two_names_is_worked_on_once() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let sale = world.pay("4711", 1234);
    let id = world.finish(&sale, 60_000).transaction_id;
    world.run(5_000);
    world.acknowledge(&sale);
    world.run(5_000);
    world.forget_names();
    world.power_cut(1_000);
    world.run(1_000);
    // A journal of an older version: the engine must read the sale's record first; until then nobody knows that both names mean one transaction.
    let refund = world.ask(Kind::Refund, &[("reference", "R"), ("original", "4711")], &[]).map_err(|e| e.0).unwrap();
    let void = world.ask(Kind::Void, &[("reference", "V"), ("transaction", &id)], &[]).map_err(|e| e.0).unwrap();
    world.run(60_000);
    let (refund, void) = (refund.snapshot(), void.snapshot());
    assert_eq!((refund.state, refund.status), (State::Failed, Status::TransactionInUse));
    assert_eq!((void.state, world.cloud.moved_cents()), (State::Approved, 0));
}
