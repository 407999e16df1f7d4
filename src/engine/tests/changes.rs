//! Truth, section 7: work on an existing transaction.

use super::world::World;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{MoneyMoved, State};
use crate::payment::{Decision, Kind};
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, When};

/// Promise 4.
#[test]
fn a_void_of_an_unknown_transaction_ends() {
    let mut world = World::new();
    let void = world.ask(Kind::Void, &[("reference", "V1"), ("transaction", "999999")], &[]).unwrap();
    world.run(3_600_000);
    assert!(void.snapshot().state.is_final() || void.snapshot().state == State::Unknown, "{:?}", void.snapshot());
}

/// Promise 4.
#[test]
fn a_void_that_is_refused_for_its_credentials_ends() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.change_login("wrong");
    // the same account in the journal's eyes would be another identity: forge instead
    world.change_login(pj::LOGIN);
    world.cloud.switches.forbidden = vec![CallKind::Void, CallKind::GetTransaction];
    let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).unwrap();
    world.run(3_600_000);
    assert!(void.snapshot().state.is_final() || void.snapshot().state == State::Unknown, "{:?}", void.snapshot().state);
}

/// Promise 6 and 7.
#[test]
fn a_void_that_failed_after_a_lost_answer_may_be_asked_again() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    for _ in 0..3 {
        world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
    }
    let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).unwrap();
    world.finish(&void, 600_000);
    world.cloud.heal();
    for _ in 0..3 {
        let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).unwrap();
        let r = world.finish(&void, 600_000);
        if r.state == State::Approved {
            return;
        }
    }
    panic!("never sent");
}

/// Promise 6 and 7.
#[test]
fn a_reversal_is_told_to_its_original_although_power_went_between() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.acknowledge(&sale);
    world.run(5_000);
    let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).unwrap();
    let payment = void.payment;
    while !world.has_fact(payment, |f| matches!(f, Fact::Decided { .. })) {
        world.run(1);
    }
    world.power_cut(1_000);
    world.run(60_000);
    assert!(world.has_fact(sale.payment, |f| matches!(f, Fact::ReversedBy { .. })), "the sale never learns");
}

/// Promise 6 and 7.
#[test]
fn a_void_that_a_person_saw_done_says_reversed() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.cloud.fail_next(CallKind::Void, When::After, Fault::Reset);
    for _ in 0..1000 {
        world.cloud.fail_next(CallKind::GetTransaction, When::Before, Fault::BadGateway);
    }
    let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).unwrap();
    world.until_unknown(&void, 300_000);
    world.resolve(&void, Decision::Paid);
    world.run(1_000);
    assert_eq!(void.snapshot().money, MoneyMoved::Reversed);
}
