//! Truth, sections 6 and 7: never give back more than was taken.

use super::world::World;
use crate::payment::Kind;
use crate::payment::snapshot::{State, flag};
use crate::status::Status;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, When};

/// Promise 2.
#[test]
fn the_rest_of_a_partly_refunded_sale_is_all_that_goes_back() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    for kind in [Kind::Refund, Kind::Reverse] {
        let mut world = World::with(setup.clone(), &[]);
        let sale = world.pay("4711", 1234);
        world.finish(&sale, 60_000);
        world.run(5_000);
        world.cloud.settle();
        let part = world.ask(Kind::Refund, &[("reference", "R1"), ("original", "4711")], &[("amount", 500)]).unwrap();
        assert_eq!(world.finish(&part, 60_000).state, State::Approved);
        world.run(5_000);
        let rest = world.ask(kind, &[("reference", "R2"), ("original", "4711")], &[]).unwrap();
        world.finish(&rest, 60_000);
        assert!(world.cloud.moved_cents() >= 0, "more was given back than taken: {}", world.cloud.moved_cents());
    }
}

/// Promise 2.
#[test]
fn a_refund_of_a_sale_with_surcharge_gives_back_what_was_taken() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let sale = world
        .ask(Kind::Payment, &[("reference", "4711"), ("merchant_terminal", "12346")], &[("amount", 10_000)])
        .unwrap();
    world.finish(&sale, 60_000);
    world.run(5_000);
    let refund = world
        .ask(Kind::Refund, &[("reference", "R"), ("original", "4711"), ("merchant_terminal", "12346")], &[])
        .unwrap();
    world.finish(&refund, 60_000);
    assert_eq!(world.cloud.moved_cents(), 0);
}

/// Promise 2.
#[test]
fn a_reverse_of_a_partly_refunded_sale_gives_back_the_rest() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup.clone(), &[]);
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.cloud.settle();
    let part = world.ask(Kind::Refund, &[("reference", "R1"), ("original", "4711")], &[("amount", 500)]).unwrap();
    world.finish(&part, 60_000);
    world.run(5_000);
    let rest = world.ask(Kind::Reverse, &[("reference", "R2"), ("original", "4711")], &[]).unwrap();
    world.finish(&rest, 60_000);
    assert!(world.cloud.moved_cents() >= 0);
}

/// Promise 8.
#[test]
fn a_capture_of_an_amount_is_done_only_when_the_vendor_shows_that_amount() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    for _ in 0..5 {
        world.cloud.fail_next(CallKind::Capture, When::Before, Fault::Reset);
    }
    let c = world.ask(Kind::Capture, &[("reference", "C"), ("original", "4711")], &[("amount", 500)]).unwrap();
    let r = world.finish(&c, 600_000);
    assert!(r.state != State::Approved || r.has(flag::AMOUNT_DIFFERS));
}

/// Promise 3.
#[test]
fn a_refund_of_another_merchant_accounts_sale_has_a_result() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let sale = world
        .ask(Kind::Payment, &[("reference", "4711"), ("merchant_terminal", "12346")], &[("amount", 10_000)])
        .unwrap();
    world.finish(&sale, 60_000);
    world.run(5_000);
    let refund = world.ask(Kind::Refund, &[("reference", "R"), ("original", "4711")], &[]).unwrap();
    world.run(3_600_000);
    let s = refund.snapshot();
    assert_eq!((s.state, s.status), (State::Approved, Status::Ok), "{:?}", world.cloud.ledger().last());
}
