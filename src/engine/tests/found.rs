//! What the random world found, each as a story of its own.

use super::world::{Road, World};
use crate::payment::fact::Phase;
use crate::payment::snapshot::{MoneyMoved, State, flag};
use crate::payment::{Fact, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario};
use posjunction_simulator::{CallKind, Fault, When};

const SECOND: &str = pj::SECOND_SMART_TERMINAL_ID;

/// Facts of several payments in one batch that fails come back once each; the world's journal refuses a number twice.
#[test]
fn what_could_not_be_written_is_written_once_when_the_disk_works_again() {
    let mut world = World::new();
    let one = world.pay("4711", 20_017);
    let texts = [("reference", "4712"), ("terminal", SECOND)];
    let two = world.ask(Kind::Payment, &texts, &[("amount", 20_017)]).expect("is taken");
    world.run(2_000);
    world.disk_fails = true;
    world.flush_ms = 2_500;
    world.run(15_000);
    world.cancel(&one);
    world.cancel(&two);
    world.run(30_000);
    for request in [&one, &two] {
        assert!(request.snapshot().state == State::Approved && request.snapshot().has(flag::NOT_DURABLE));
    }
    world.disk_fails = false;
    world.run(60_000);
    for request in [&one, &two] {
        assert!(!request.snapshot().has(flag::NOT_DURABLE));
        let decided = world.facts(request.payment);
        let decided = decided.iter().filter(|fact| matches!(fact, Fact::Decided { .. })).count();
        assert_eq!(decided, 1);
    }
}

/// Promise 7. A payment whose result is not on disk is known nowhere but in memory.
#[test]
fn a_stored_result_that_is_not_on_disk_is_not_forgotten() {
    let mut world = World::new();
    let sale = world.pay("4711", 1_234);
    world.run(2_000);
    world.disk_fails = true;
    assert_eq!(world.finish(&sale, 60_000).state, State::Approved);
    world.run(10_000);
    world.acknowledge(&sale);
    world.run(10_000);
    let refused = world.ask(Kind::Void, &[("reference", "4712"), ("original", "4711")], &[]).expect("is taken");
    world.finish(&refused, 60_000);
    assert_eq!((refused.snapshot().status, world.cloud.count(CallKind::Void)), (Status::Journal, 0));
    assert_eq!((sale.snapshot().state, sale.snapshot().money), (State::Approved, MoneyMoved::Moved));
    world.disk_fails = false;
    world.run(10_000);
    world.power_cut(1_000);
    assert!(world.pending().is_empty(), "what the till has stored does not come back");
}

/// Promise 3. Two answers NO_CONNECTION prove something only if the second was asked for ten seconds after the first.
#[test]
fn an_answer_that_was_long_on_its_way_is_no_second_look() {
    let mut world = World::new();
    world.cloud.script(Scenario::OfflineThenSuccess);
    let request = world.pay("4711", 1_234);
    // The terminal is offline from 8.4 s on and back at 23.4 s.
    let payment = request.payment;
    world.run_until(12_000, "it is offline", |w| {
        w.has_fact(payment, |fact| matches!(fact, Fact::TerminalShows { phase: Phase::Offline }))
    });
    world.cloud.fail_next(CallKind::Poll, When::After, Fault::Delay(25_000));
    let result = world.finish(&request, 120_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
}

/// A till that waits at a closed gate beyond its deadline is told so, and the engine's turn ends.
#[test]
fn a_deadline_that_passes_at_the_gate_is_told() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 5)]);
    let request = world.pay("4711", 20_006);
    world.run(3_000);
    world.cloud.fail_next(CallKind::Poll, When::Before, Fault::RateLimited(Some(120)));
    world.run(20_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    assert_eq!(world.finish(&request, 300_000).state, State::Approved);
}

/// Promise 7. Start-ups in quick succession do not use up the looks at an ended attempt.
#[test]
fn many_short_runs_do_not_end_the_late_watch() {
    let mut world = World::new();
    world.warm_up();
    let request = world.pay("4711", 20_051);
    world.finish(&request, 60_000);
    world.run(5_000);
    world.acknowledge(&request);
    world.run(100);
    let key = world.key(request.payment);
    for _ in 0..6 {
        world.power_cut(1_000);
        world.run(8_000);
    }
    let began = world.now;
    world.run(7_200_000);
    let looks = world.calls_of(CallKind::Search);
    let looks = looks.iter().filter(|call| call.at_ms > began && call.query.contains(&key)).count();
    assert!(looks >= 2, "ten minutes and an hour later it is looked up all the same: {looks}");
}

/// Promise 4.
#[test]
fn a_void_on_a_closed_road_ends_in_its_shelf_life() {
    let mut world = World::new();
    let sale = world.pay("4711", 1_234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.road = Road::Closed;
    let void = world.ask(Kind::Void, &[("reference", "4712"), ("original", "4711")], &[]).expect("is taken");
    let result = world.finish(&void, 20_000);
    assert_eq!((result.state, result.money, result.status), (State::Failed, MoneyMoved::NotMoved, Status::Connect));
    world.road = Road::Open;
    world.run(60_000);
    assert_eq!(world.cloud.count(CallKind::Void), 0);
}
