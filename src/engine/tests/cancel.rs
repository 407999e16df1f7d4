//! Truth, section 8: cancel, on a device that others may use.

use super::world::{Road, World};
use crate::payment::fact::Fact;
use crate::payment::snapshot::{Advice, MoneyMoved, State, flag};
use crate::payment::{Kind, snapshot::Snapshot};
use posjunction_simulator::payjunction::{self as pj, MainReply, Scenario, Touch};
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

type Request = Arc<crate::engine::Request>;

fn mains(world: &World) -> Vec<u64> {
    world.calls_of(CallKind::Main).iter().map(|call| call.at_ms).collect()
}

/// A payment that waits for a card for ever, read as IN_PROGRESS.
fn waiting(world: &mut World) -> Request {
    world.cloud.script(Scenario::Stuck);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    request
}

fn assert_canceled(result: &Snapshot) {
    assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved));
    assert!(result.has(flag::CANCEL_REQUESTED));
}

/// Promise 5, and truth section 8.
#[test]
fn a_cancel_before_dispatch_sends_nothing() {
    for flush_ms in [1, 300] {
        let mut world = World::new();
        world.flush_ms = flush_ms;
        let request = world.pay("4711", 1234);
        world.cancel(&request);
        let result = world.finish(&request, 5_000);
        assert_canceled(&result);
        world.run(60_000);
        assert_eq!(world.cloud.calls().len(), 0);
    }
    // Also when the dispatch is on its way to the disk.
    let mut world = World::new();
    world.flush_ms = 300;
    let request = world.pay("4711", 1234);
    world.run(400);
    world.cancel(&request);
    assert_canceled(&world.finish(&request, 5_000));
    world.run(60_000);
    assert_eq!(world.cloud.calls().len(), 0);
}

/// Promise 5.
#[test]
fn a_cancel_between_dispatch_and_acceptance_is_kept_and_carried_out() {
    let mut world = World::new();
    world.cloud.script(Scenario::Stuck);
    world.cloud.fail_next(CallKind::Submit, When::After, Fault::Delay(3_000));
    let request = world.pay("4711", 1234);
    world.run_until(1_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 1);
    world.cancel(&request);
    world.run(2_000);
    assert!(mains(&world).is_empty() && !request.snapshot().state.is_final());
    assert!(request.snapshot().has(flag::CANCEL_REQUESTED));
    assert_canceled(&world.finish(&request, 20_000));
    assert_eq!(mains(&world).len(), 1);
    world.assert_polite();
}

/// Promise 11: `/main` acts on the whole device, whoever uses it.
#[test]
fn a_cancel_goes_out_only_when_our_request_was_just_seen_on_the_device() {
    let mut world = World::with(pj::Setup::default(), &[("poll_interval_ms", 20_000)]);
    let request = waiting(&mut world);
    world.run(7_000);
    world.cancel(&request);
    world.finish(&request, 60_000);
    let calls = world.cloud.calls();
    let main = calls.iter().position(|call| call.kind == CallKind::Main).unwrap();
    let before = &calls[main - 1];
    assert_eq!(before.kind, CallKind::Poll);
    assert!(before.answer.contains("IN_PROGRESS") && calls[main].at_ms - before.at_ms <= 2_000);
}

/// Promise 11.
#[test]
fn a_cancel_does_not_go_out_while_the_device_cannot_be_seen() {
    for (status, body) in [(502, ""), (200, r#"{"status": "CONNECTING"}"#), (200, r#"{"status": "SOMETHING"}"#)] {
        let mut world = World::new();
        let request = waiting(&mut world);
        world.run(2_500);
        for _ in 0..200 {
            world.forge(CallKind::Poll, When::Before, status, body);
        }
        world.run(3_000);
        world.cancel(&request);
        world.run(30_000);
        assert!(mains(&world).is_empty(), "{status} {body}");
        assert!(!request.snapshot().state.is_final());
    }
}

/// Promise 11: the newest word of the device counts, however fresh the one before is.
#[test]
fn a_cancel_does_not_go_out_when_the_device_has_just_said_something_else() {
    for word in ["CONNECTING", "NO_CONNECTION"] {
        let mut world = World::new();
        let request = waiting(&mut world);
        for _ in 0..200 {
            world.forge(CallKind::Poll, When::Before, 200, &format!("{{\"status\": \"{word}\"}}"));
        }
        world.run(900);
        assert!(world.calls_of(CallKind::Poll).last().is_some_and(|call| call.at_ms + 800 > world.now));
        world.cancel(&request);
        world.run(5_000);
        assert!(mains(&world).is_empty(), "{word}");
    }
}

/// Promise 5: a refused `/main` proves nothing about the terminal.
#[test]
fn a_cancel_that_the_vendor_refuses_clears_no_terminal() {
    let mut world = World::with(pj::Setup::default(), &[("terminal_shared", 0)]);
    world.warm_up();
    world.cloud.switches.forbidden = vec![CallKind::Main];
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.run(5_000);
    world.cancel(&request);
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    assert_eq!(mains(&world).len(), 5);
}

/// Truth, section 8.
#[test]
fn a_cancel_is_repeated_every_three_seconds_five_times_at_most() {
    let mut world = World::new();
    world.cloud.switches.main_ignored = true;
    let request = waiting(&mut world);
    world.cancel(&request);
    world.run(120_000);
    let times = mains(&world);
    assert_eq!(times.len(), 5);
    for pair in times.windows(2) {
        assert!((3_000..4_500).contains(&(pair[1] - pair[0])), "{times:?}");
    }
    world.assert_polite();
}

/// Promise 5: the answer to `/main` is lost, late, or one of two words.
#[test]
fn whatever_main_answers_the_request_itself_is_watched() {
    for reply in [MainReply::Ok, MainReply::NoContent, MainReply::Late(5_000), MainReply::Late(60_000)] {
        let mut world = World::new();
        world.cloud.switches.main_reply = reply;
        let request = waiting(&mut world);
        world.cancel(&request);
        assert_canceled(&world.finish(&request, 60_000));
    }
    for fault in [Fault::Reset, Fault::BadGateway] {
        let mut world = World::new();
        world.cloud.fail_next(CallKind::Main, When::Before, fault);
        let request = waiting(&mut world);
        world.cancel(&request);
        world.run(2_000);
        assert!(!request.snapshot().state.is_final());
        assert_canceled(&world.finish(&request, 30_000));
    }
}

/// The unknown: a canceled request is COMPLETE, or IN_PROGRESS for ever.
#[test]
fn a_canceled_request_that_stays_in_progress_is_proven_by_two_searches() {
    let mut world = World::new();
    world.warm_up();
    world.canceled_stays_in_progress();
    let request = waiting(&mut world);
    world.cancel(&request);
    world.run_until(5_000, "sent", |w| !mains(w).is_empty());
    let last = |world: &World| *mains(world).last().unwrap();
    let result = world.finish(&request, 300_000);
    assert_canceled(&result);
    assert!(world.now - last(&world) >= 120_000, "sixty seconds, and two searches a minute apart");
    world.assert_polite();
}

/// Promise 3: without the proof it stays unknown.
#[test]
fn a_canceled_request_that_stays_in_progress_is_unknown_without_proof() {
    let mut world = World::new();
    world.canceled_stays_in_progress();
    let request = waiting(&mut world);
    world.cancel(&request);
    world.until_unknown(&request, 200_000);
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
}

/// Promise 5: canceled, and the card was in already.
#[test]
fn a_card_that_was_faster_than_the_cancel_is_approved_and_nothing_is_voided() {
    let mut world = World::new();
    let texts = [("reference", "4711"), ("terminal", pj::TOUCH_SMART_TERMINAL_ID)];
    let request = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).unwrap();
    world.until_state(&request, 10_000, State::AtTerminal);
    assert!(world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, Touch::Tap));
    world.cancel(&request);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money, result.advice), (State::Approved, MoneyMoved::Moved, Advice::Done));
    assert!(result.has(flag::CANCEL_REQUESTED));
    assert!(result.message.contains("Reverse"), "{}", result.message);
    world.run(600_000);
    assert_eq!(world.cloud.count(CallKind::Void) + world.cloud.count(CallKind::Refund), 0);
    assert_eq!(world.cloud.moved_cents(), 1234);
}

/// Promise 5: a cancel that the device ignored.
#[test]
fn a_customer_who_pays_after_the_cancel_is_approved() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.switches.main_ignored = true;
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.cancel(&request);
    let result = world.finish(&request, 90_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(result.has(flag::CANCEL_REQUESTED));
}

/// A transaction's id is there: too late for `/main`.
#[test]
fn no_cancel_goes_out_once_a_transaction_is_known() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowReceipt);
    for _ in 0..10 {
        world.cloud.fail_next(CallKind::GetTransaction, When::Before, Fault::BadGateway);
    }
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::Processing);
    world.cancel(&request);
    assert_eq!(world.finish(&request, 90_000).state, State::Approved);
    assert!(mains(&world).is_empty());
}

/// Promise 11: after a lost answer only if nobody else uses the terminal.
#[test]
fn after_a_lost_answer_a_cancel_goes_out_only_to_a_terminal_of_our_own() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.run(5_000);
    world.cancel(&request);
    world.run(600_000);
    assert!(mains(&world).is_empty());
    assert_eq!(request.snapshot().state, State::Unknown);

    let mut world = World::with(pj::Setup::default(), &[("terminal_shared", 0)]);
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.run(5_000);
    world.cancel(&request);
    world.run(2_000);
    let sent = mains(&world);
    assert_eq!(sent.len(), 1);
    // The terminal is proven clear: absence is proven L later, by two searches.
    let result = world.finish(&request, 400_000);
    assert_canceled(&result);
    assert!(world.now - sent[0] >= 180_000);
    assert_eq!(mains(&world).len(), 1);
}

/// Promise 11: the terminal has gone on to a later payment of ours.
#[test]
fn a_cancel_of_a_lost_payment_never_hits_a_later_one() {
    let mut world = World::with(pj::Setup::default(), &[("terminal_shared", 0)]);
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    world.cloud.script(Scenario::SlowCard);
    let texts = [("reference", "4712")];
    let next = world.ask(Kind::Payment, &texts, &[("amount", 500), ("despite_unknown", 1)]).unwrap();
    world.until_state(&next, 10_000, State::AtTerminal);
    world.cancel(&request);
    assert_eq!(world.finish(&next, 90_000).state, State::Approved);
    assert!(mains(&world).is_empty());
}

/// Promise 4: UNKNOWN permits the cancel that the caller asks for.
#[test]
fn an_unknown_request_can_be_canceled() {
    let mut world = World::new();
    let request = waiting(&mut world);
    world.until_unknown(&request, 200_000);
    world.cancel(&request);
    assert_canceled(&world.finish(&request, 30_000));
}

/// The cancel is kept over a restart.
#[test]
fn a_cancel_survives_a_power_cut() {
    let mut world = World::new();
    let request = waiting(&mut world);
    world.cancel(&request);
    world.run_until_fact(&request, 1_000, "the wish is written", |f| matches!(f, Fact::CancelAsked));
    let sent = mains(&world).len();
    assert_eq!(sent, 0, "not yet sent");
    world.power_cut(1_000);
    let again = world.again(request.payment);
    assert_canceled(&world.finish(&again, 30_000));
    assert!(!mains(&world).is_empty());
}

/// Promise 11: what an earlier run saw on the device is no reason to clear it now.
#[test]
fn a_cancel_after_a_restart_reads_the_device_first() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.road = Road::Closed;
    world.run(3_000);
    world.cancel(&request);
    world.run(100);
    assert!(world.has_fact(request.payment, |f| matches!(f, Fact::CancelAsked)));
    world.road = Road::Open;
    world.power_cut(600_000);
    let since = world.now;
    world.run(3_000);
    let calls: Vec<_> =
        world.cloud.calls().iter().filter(|c| c.at_ms >= since).map(|c| (c.at_ms - since, c.kind)).collect();
    assert!(calls.first().is_some_and(|(_, k)| *k == CallKind::Poll), "{calls:?}");
}

/// Promise 15: an impatient thumb does not starve the cancel.
#[test]
fn a_cancel_pressed_again_and_again_goes_out() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.flush_ms = 150;
    for _ in 0..200 {
        world.cancel(&request);
        world.run(100);
    }
    assert!(world.cloud.count(CallKind::Main) > 0, "20 s of cancel, and none was sent");
}
