//! Truth, section 11: the vendor's limits are never exceeded, and what matters goes first.

use super::world::World;
use crate::payment::Kind;
use crate::payment::snapshot::{State, flag};
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use std::sync::Arc;

fn lane(number: usize) -> String {
    format!("{number:08}-0000-4000-8000-000000000000")
}

fn many_lanes(lanes: usize) -> World {
    let mut setup = pj::Setup::default();
    let like = setup.terminals[0].clone();
    setup.terminals = (0..lanes).map(|n| pj::TerminalSetup { id: lane(n), ..like.clone() }).collect();
    World::with(setup, &[("deadline", 600)])
}

fn pay_at(world: &mut World, number: usize, amount: i64) -> Arc<crate::engine::Request> {
    let texts = [("reference", format!("9{number:04}")), ("terminal", lane(number))];
    let texts: Vec<(&str, &str)> = texts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    world.ask(Kind::Payment, &texts, &[("amount", amount)]).expect("is taken")
}

/// Promise 14.
#[test]
fn many_lanes_at_once_never_exceed_the_vendor_s_limits() {
    let mut world = many_lanes(40);
    let requests: Vec<_> = (0..40).map(|n| pay_at(&mut world, n, 500 + n as i64)).collect();
    world.run(120_000);
    for request in &requests {
        assert_eq!(request.snapshot().state, State::Approved);
        assert!(request.snapshot().has(flag::TERMINAL_FREE));
    }
    world.assert_polite();
}

/// Promise 14: an earlier run may have called a moment ago.
#[test]
fn a_restart_keeps_the_distance_of_calls_and_of_reads() {
    for pause in [1, 20, 60, 100, 300] {
        let mut world = many_lanes(4);
        for number in 0..4 {
            pay_at(&mut world, number, 20_016);
        }
        world.run(5_000 + pause * 7);
        world.power_cut(pause);
        world.run(20_000);
        world.assert_polite();
    }
}

/// Promise 14: what the new run looks up at once comes a gap after what the old one asked last.
#[test]
fn the_first_search_of_a_run_keeps_its_distance_too() {
    for pause in [1, 20, 60] {
        let mut world = many_lanes(2);
        let declined = pay_at(&mut world, 0, 20_051);
        world.finish(&declined, 60_000);
        world.run(10_000);
        pay_at(&mut world, 1, 20_016);
        let polls = world.calls_of(CallKind::Poll).len();
        world.run_until(20_000, "a poll has arrived", |w| w.calls_of(CallKind::Poll).len() > polls + 1);
        world.power_cut(pause);
        world.run(10_000);
        world.assert_polite();
    }
}

#[test]
fn a_submit_and_a_cancel_pass_the_polls_of_a_busy_account() {
    let mut world = many_lanes(60);
    let requests: Vec<_> = (0..50).map(|n| pay_at(&mut world, n, 20_016)).collect();
    world.run(60_000);
    let before = world.now;
    pay_at(&mut world, 55, 1_234);
    world.run(2_000);
    let submit = world.calls_of(CallKind::Submit).last().map(|call| call.at_ms);
    assert!(submit.is_some_and(|at| at < before + 400), "{submit:?} after {before}");
    let asked = world.now;
    world.cancel(&requests[7]);
    world.run(20_000);
    let main = world.calls_of(CallKind::Main).last().map(|call| call.at_ms);
    // A cancel may have to read the terminal first.
    assert!(main.is_some_and(|at| at < asked + 12_000), "{main:?} after {asked}");
    world.assert_polite();
}

/// What is looked up again for safety waits for what a cashier waits for.
#[test]
fn looks_in_the_background_do_not_delay_a_sale() {
    let mut world = many_lanes(60);
    for number in 0..60 {
        let request = pay_at(&mut world, number, 20_051);
        world.run(100);
        if number % 10 == 9 {
            world.run(20_000);
        }
        drop(request);
    }
    world.run(60_000);
    world.power_cut(1_000);
    let began = world.now;
    let request = world.ask(Kind::Payment, &[("reference", "1"), ("terminal", &lane(3))], &[("amount", 777)]);
    let result = world.finish(&request.expect("is taken"), 20_000);
    assert_eq!(result.state, State::Approved);
    assert!(world.now < began + 8_000, "the sale took {} ms", world.now - began);
    world.run(60_000);
    let looks = world.calls_of(CallKind::Search).iter().filter(|call| call.at_ms >= began).count();
    assert!(looks >= 60, "every declined attempt was looked up: {looks}");
    world.assert_polite();
}

/// A lock-out or a rate limit pauses all calls and ends no request.
#[test]
fn a_refusal_by_the_limiter_pauses_every_call_as_long_as_the_vendor_says() {
    let mut world = many_lanes(4);
    let requests: Vec<_> = (0..4).map(|n| pay_at(&mut world, n, 20_006)).collect();
    world.run(4_000);
    world.cloud.fail_next(CallKind::Poll, When::Before, Fault::RateLimited(Some(9)));
    let refused = world.cloud.calls().len();
    world.run_until(5_000, "a poll is refused", |w| w.cloud.calls()[refused..].iter().any(|c| c.status == 429));
    let at = world.cloud.calls().iter().rev().find(|c| c.status == 429).map(|c| c.at_ms).expect("it was");
    world.run(8_900);
    // The answer is on the road for a moment, in which one more call may leave.
    let meanwhile = world.cloud.calls().iter().filter(|c| c.at_ms > at + 50).count();
    assert_eq!(meanwhile, 0, "calls within the pause");
    for request in &requests {
        assert_eq!(world.finish(request, 120_000).state, State::Approved);
    }
    world.assert_polite();
}

#[test]
fn a_limiter_that_refuses_again_and_again_ends_nothing() {
    let mut world = World::new();
    let request = world.pay("4711", 20_006);
    world.run(4_000);
    world.cloud.fail_next(Matcher::any().times(8), When::Before, Fault::RateLimited(None));
    assert_eq!(world.finish(&request, 180_000).state, State::Approved);
    world.assert_polite();
}

#[test]
fn a_till_that_shares_the_limit_takes_its_part_of_it() {
    let mut world = World::with(pj::Setup::default(), &[("rate_share", 4)]);
    let request = world.pay("4711", 20_006);
    assert_eq!(world.finish(&request, 120_000).state, State::Approved);
    let times: Vec<u64> = world.cloud.calls().iter().map(|call| call.at_ms).collect();
    let closest = times.windows(2).map(|pair| pair[1] - pair[0]).min();
    assert!(closest.is_some_and(|gap| gap >= 400), "{closest:?}");
}

/// Promise 14: a journal that knows nothing does not mean that nobody has called.
#[test]
fn the_first_call_of_a_new_journal_keeps_its_distance_too() {
    let mut world = many_lanes(1);
    let began = world.now;
    pay_at(&mut world, 0, 1_000);
    world.run(5_000);
    let first = world.calls_of(CallKind::Submit)[0].at_ms;
    assert!(first >= began + 100, "{first}");
}
