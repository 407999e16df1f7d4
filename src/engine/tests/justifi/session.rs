//! The account's token: one for all, opened by one call, renewed in time, and never written down.

use super::*;
use crate::engine::tests::world::Road;
use crate::observe::Log;
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, MoneyMoved, State};
use crate::status::Status;
use posjunction_simulator::justifi::{TERMINAL_ID, TerminalSetup};
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Mutex;

const DAY_MS: u64 = 86_400_000;

/// A cloud with so many terminals.
fn store(terminals: usize) -> JustiFi {
    let mut setup = jf::Setup::default();
    let first = setup.terminals[0].clone();
    setup.terminals =
        (0..terminals).map(|number| TerminalSetup { id: format!("{TERMINAL_ID}{number}"), ..first.clone() }).collect();
    World::of(jf::Cloud::new(setup), &[])
}

fn everybody_pays(world: &mut JustiFi, tills: usize) -> Vec<Arc<Request>> {
    (0..tills)
        .map(|till| {
            let (reference, terminal) = (format!("S{till}"), format!("{TERMINAL_ID}{till}"));
            let texts = [("reference", reference.as_str()), ("terminal", terminal.as_str())];
            world.ask(Kind::Payment, &texts, &[("amount", 1_000)]).map_err(|r| r.1).expect("it may start")
        })
        .collect()
}

#[test]
fn many_payments_wait_for_one_token() {
    let mut world = store(20);
    let requests = everybody_pays(&mut world, 20);
    for request in &requests {
        assert_eq!(world.finish(request, 120_000).state, State::Approved);
    }
    assert_eq!((world.cloud.tokens_given(), world.cloud.moved_cents()), (1, 20_000));
    world.assert_polite();
}

#[test]
fn a_token_that_cannot_be_had_fails_nobody_who_waits_until_the_shelf_life_ends() {
    for (fault, times) in [(Fault::Reset, 1), (Fault::ServerError, 2), (Fault::BadGateway, 2)] {
        let mut world = store(5);
        for _ in 0..times {
            world.cloud.fail_next(CallKind::Authenticate, When::Before, fault);
        }
        let requests = everybody_pays(&mut world, 5);
        for request in &requests {
            assert_eq!(world.finish(request, 120_000).state, State::Approved, "{fault:?}");
        }
        assert_eq!(world.cloud.tokens_given(), 1);
    }
}

#[test]
fn a_wrong_key_pair_is_told_at_once_and_not_tried_in_a_loop() {
    let mut world = store(5);
    world.configure("client_secret", "wrong");
    world.power_cut(0);
    let requests = everybody_pays(&mut world, 5);
    for request in &requests {
        let result = world.finish(request, 2_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::Unauthorized));
        assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::FixSetup));
    }
    world.run(50_000);
    assert_eq!(world.cloud.count(CallKind::Authenticate), 1);
    world.assert_polite();
}

/// "Tokens last 24 hours": a new one is asked for a minute before, and nothing is refused for it.
#[test]
fn a_token_is_renewed_before_its_day_is_over() {
    for told in [false, true] {
        let mut world = world_where(|s| s.token_tells_life = told);
        for hour in 0..50 {
            paid(&mut world, &format!("H{hour}"), 1_000);
            world.run(3_600_000);
        }
        let refused = world.cloud.calls().iter().filter(|call| call.status == 401).count();
        assert_eq!((refused, world.cloud.tokens_given()), (0, 3), "{told}");
        world.assert_polite();
    }
}

/// A payment that runs across the end of the token's day is not disturbed.
#[test]
fn a_renewal_in_the_middle_of_a_payment_changes_nothing() {
    for before in [500, 1_000, 3_000, 8_000] {
        for (flow, mut world) in both() {
            paid(&mut world, "1", 1_000);
            let opened = world.calls_of(CallKind::Authenticate).last().expect("a token was asked for").at_ms;
            world.run(opened + DAY_MS - 60_000 - before - world.now);
            let request = world.pay("2", 1_000);
            assert_eq!(world.finish(&request, 60_000).state, State::Approved, "{flow}");
            assert_eq!(world.submits(request.payment), 1);
            world.assert_polite();
        }
    }
}

/// Truth, section 1: 401 with the vendor's own body, once, with a new token.
#[test]
pub fn a_submit_refused_for_its_token_is_sent_once_more_with_a_new_one() {
    for (flow, mut world) in both() {
        paid(&mut world, "1", 1_000);
        world.run(5_000);
        let request = world.pay("2", 1_000);
        world.run_until_fact(&request, 5_000, "ready", |f| matches!(f, crate::payment::Fact::TerminalStatus { .. }));
        world.cloud.revoke_tokens();
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, world.cloud.moved_cents()), (State::Approved, 2_000), "{flow}");
        assert_eq!(world.submits(request.payment), 2, "the first one was not executed");
        world.assert_polite();
    }
}

#[test]
fn a_submit_refused_for_its_token_a_second_time_is_refused_for_good() {
    const REFUSED: &str = r#"{"error":{"code":"not_authenticated","message":"Not Authenticated"}}"#;
    for (flow, mut world) in both() {
        world.forge(CallKind::Submit, When::Before, 401, REFUSED);
        world.forge(CallKind::Submit, When::Before, 401, REFUSED);
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 20_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::Unauthorized), "{flow}");
        assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::FixSetup));
        assert_eq!((world.submits(request.payment), world.cloud.moved_cents()), (2, 0));
    }
}

/// A 401 of something that stands in between proves nothing.
#[test]
fn a_401_without_the_vendor_s_body_is_unclear() {
    for (flow, mut world) in both() {
        world.forge(CallKind::Submit, When::After, 401, "<html>log in to the network</html>");
        let request = world.pay("4711", 1_000);
        judge(&mut world, flow, request.payment);
        assert_eq!(request.snapshot().state, State::Approved, "{flow}");
        assert_eq!(world.submits(request.payment), 1);
    }
}

#[test]
fn a_token_that_ends_in_mid_flight_ends_no_request() {
    for after in (200..9_000).step_by(450) {
        for (flow, mut world) in both() {
            let request = world.pay("4711", 1_000);
            world.run(after);
            world.cloud.revoke_tokens();
            let result = world.finish(&request, 120_000);
            assert_eq!((result.state, world.cloud.moved_cents()), (State::Approved, 1_000), "{flow} {after}");
            world.assert_polite();
        }
    }
}

/// Many calls learn at once that the token has ended: one new one is asked for.
#[test]
fn a_token_that_ends_under_many_payments_is_renewed_once() {
    let mut world = store(20);
    let requests = everybody_pays(&mut world, 20);
    world.run(4_000);
    world.cloud.revoke_tokens();
    for request in &requests {
        assert_eq!(world.finish(request, 120_000).state, State::Approved);
    }
    assert_eq!(world.cloud.tokens_given(), 2);
    world.assert_polite();
}

/// A token that is always refused, though it was just given out: no call of it is repeated in a loop.
#[test]
fn a_token_that_is_never_taken_does_not_start_a_loop() {
    const REFUSED: &str = r#"{"error":{"code":"not_authenticated","message":"Not Authenticated"}}"#;
    let mut world = world();
    let request = world.pay("4711", 1_000);
    world.run_until(10_000, "it is at the vendor", |_| request.snapshot().state >= State::Accepted);
    let before = world.cloud.count(CallKind::Authenticate);
    for _ in 0..200 {
        world.forge(CallKind::Poll, When::Before, 401, REFUSED);
    }
    world.run(3_600_000);
    let tokens = world.cloud.count(CallKind::Authenticate) - before;
    assert!(tokens <= 130, "{tokens} tokens in an hour");
    assert!(request.snapshot().state == State::Unknown || request.snapshot().state.is_final());
}

#[test]
fn a_road_that_is_closed_while_the_token_is_asked_for_sends_nothing_and_says_so() {
    let mut world = store(3);
    world.road = Road::LosesRequests;
    let requests = everybody_pays(&mut world, 3);
    for request in &requests {
        let result = world.finish(request, 20_000);
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
    }
    world.road = Road::Open;
    world.run(600_000);
    assert_eq!((world.cloud.count(CallKind::Submit), world.cloud.moved_cents()), (0, 0));
}

/// Promise 12.
#[test]
fn neither_token_nor_secret_reaches_log_journal_or_news() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    for (flow, mut world) in both() {
        let sink = lines.clone();
        let keep = Arc::new(move |_, line: String| sink.lock().expect("no panic holds it").push(line));
        world.core.log = Arc::new(Log::new(Vec::new(), None, 0, Arc::new(|| 5), keep, || 0));
        script(&mut world, &[jf::Scenario::Approve, jf::Scenario::Approve]);
        let first = world.pay("1", 1_000);
        world.run(3_000);
        world.cloud.revoke_tokens();
        world.finish(&first, 60_000);
        world.run(86_400_000);
        world.cloud.fail_next(CallKind::Authenticate, When::Before, Fault::ServerError);
        let second = world.pay("2", 1_000);
        world.finish(&second, 60_000);
        assert!(world.cloud.tokens_given() >= 3);
        let journal: String = [&first, &second].map(|request| world.story(request.payment)).concat();
        // The simulator's tokens are made of ids that begin so.
        let told = format!("{journal}{:?}{}", world.told, lines.lock().expect("no panic holds it").join("\n"));
        assert!(told.contains("opening a session"), "{flow}: the log was listened to");
        for secret in ["sim_", jf::CLIENT_ID, jf::CLIENT_SECRET, "Bearer"] {
            assert!(!told.contains(secret), "{flow}: {secret}");
        }
    }
}

/// A refusal of the old token that was long on its way does not cost the new one.
#[test]
fn a_late_refusal_of_the_old_token_does_not_end_the_new_one() {
    let mut world = store(2);
    let requests = everybody_pays(&mut world, 2);
    world.run(3_000);
    world.cloud.revoke_tokens();
    world.cloud.fail_next(CallKind::Poll, When::After, Fault::Delay(4_000));
    for request in &requests {
        assert_eq!(world.finish(request, 120_000).state, State::Approved);
    }
    assert_eq!(world.cloud.tokens_given(), 2);
    world.assert_polite();
}
