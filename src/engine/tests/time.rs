//! Truth, sections 10 and 13: sleep, restarts, and what the journal may meet.

use super::world::World;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{EventKind, MoneyMoved, State, flag};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario};
use posjunction_simulator::{CallKind, Fault, When};

fn was_unknown(world: &World) -> bool {
    world.told.iter().any(|(_, _, snapshot)| snapshot.state == State::Unknown || snapshot.has(flag::OVERDUE))
}

/// Promise 10: wherever the sleep falls, the truth is read before a deadline is judged.
#[test]
fn after_a_sleep_the_request_is_read_before_deadlines_are_judged() {
    for slept_at in (50..6_000).step_by(133) {
        let mut world = World::new();
        let request = world.pay("4711", 1234);
        world.run(slept_at);
        if request.snapshot().state.is_final() {
            break;
        }
        let sent = world.cloud.count(CallKind::Submit) == 1;
        world.sleep(3_600_000);
        let result = world.finish(&request, 60_000);
        let expected = if sent { State::Approved } else { State::Failed };
        assert_eq!(result.state, expected, "slept after {slept_at} ms");
        assert!(!was_unknown(&world), "slept after {slept_at} ms");
    }
}

/// The same while a read hangs: nothing else is planned, and the sleep must be noticed all the same.
#[test]
fn a_sleep_is_noticed_while_an_answer_is_awaited() {
    for kind in [CallKind::Poll, CallKind::Submit] {
        let mut world = World::new();
        world.cloud.fail_next(kind, When::After, Fault::Silence(30_000));
        let request = world.pay("4711", 1234);
        world.run(10_000);
        world.sleep(3_600_000);
        assert_eq!(world.finish(&request, 120_000).state, State::Approved, "{kind:?}");
        assert!(!was_unknown(&world), "{kind:?}");
    }
}

/// Promise 10: the vendor forgets a request after a day; what became of it takes a search.
#[test]
fn after_two_days_of_sleep_the_payment_is_searched_for_before_deadlines_are_judged() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.sleep(2 * 86_400_000);
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    assert!(!was_unknown(&world));
}

/// Promise 10: after a lost answer too.
#[test]
fn after_a_sleep_a_lost_payment_is_searched_for_first() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_answer();
    let request = world.pay("4711", 1234);
    world.run(200);
    world.sleep(3_600_000);
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    assert!(!was_unknown(&world));
}

/// Promise 10: an id that the vendor does not know (any more) does not keep the till waiting for ever.
#[test]
fn after_a_sleep_a_missing_transaction_still_becomes_unknown() {
    let mut world = World::new();
    world.cloud.switches.fresh_transaction_404_ms = 86_400_000;
    let request = world.pay("4711", 1234);
    world.run(30_000);
    assert_eq!(request.snapshot().state, State::Processing);
    world.sleep(3_600_000);
    world.until_unknown(&request, 60_000);
}

/// Promise 4: sleep counts against the shelf life.
#[test]
fn an_intent_that_slept_is_never_sent() {
    for slept_at in [0, 5, 120, 250] {
        let mut world = World::new();
        world.flush_ms = 100;
        let request = world.pay("4711", 1234);
        world.run(slept_at);
        let sent = world.cloud.count(CallKind::Submit) > 0;
        world.sleep(60_000);
        let result = world.finish(&request, 60_000);
        if !sent && world.cloud.count(CallKind::Submit) == 0 {
            assert_eq!((result.state, result.status), (State::Failed, Status::Expired));
        }
    }
    let mut world = World::new();
    world.flush_ms = 100;
    let request = world.pay("4711", 1234);
    world.run(120);
    world.sleep(60_000);
    assert_eq!(world.finish(&request, 60_000).status, Status::Expired);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
}

/// Promise 10: after a restart lifetimes count from the restart.
#[test]
fn after_a_restart_deadlines_count_anew() {
    let mut world = World::new();
    world.cloud.script(Scenario::Stuck);
    let request = world.pay("4711", 1234);
    world.run(85_000);
    world.power_cut(3_600_000);
    let restarted = world.now;
    let again = world.again(request.payment);
    assert!(!again.snapshot().has(flag::OVERDUE));
    world.run_until(91_000, "overdue", |_| again.snapshot().has(flag::OVERDUE));
    assert!(world.now - restarted >= 89_000);
    world.until_unknown(&again, 91_000);
    assert!(world.now - restarted >= 179_000);
}

/// Promise 6: a payment goes on from its facts, wherever the power was cut.
#[test]
fn a_power_cut_at_any_moment_loses_and_doubles_nothing() {
    for cut_at in (0..9_000).step_by(61) {
        let mut world = World::new();
        world.warm_up();
        let request = world.pay("4711", 1234);
        let payment = request.payment;
        world.run(cut_at);
        world.power_cut(1_000);
        world.run(300_000);
        let charged = world.cloud.moved_cents() - 100;
        let Some(again) = world.admission.live().into_iter().find(|r| r.payment == payment) else {
            assert_eq!(charged, 0, "cut after {cut_at} ms: the intent was never written");
            continue;
        };
        let (state, money) = (again.snapshot().state, again.snapshot().money);
        match charged {
            0 => assert!(state == State::Failed || state == State::Unknown, "cut after {cut_at} ms: {state:?}"),
            _ => assert_eq!((state, money), (State::Approved, MoneyMoved::Moved), "cut after {cut_at} ms"),
        }
        assert!(world.cloud.count(CallKind::Submit) <= 2);
    }
}

/// Truth, section 13: a fact of a newer version.
#[test]
fn a_fact_of_a_newer_version_makes_the_payment_unknown_and_only_reads_go_on() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.until_state(&request, 10_000, State::AtTerminal);
    world.write_newer_fact(payment);
    world.power_cut(1_000);
    let again = world.again(payment);
    world.until_unknown(&again, 1_000);
    let polls = world.cloud.count(CallKind::Poll);
    world.run(300_000);
    assert_eq!(again.snapshot().state, State::Unknown);
    assert!(world.cloud.count(CallKind::Poll) > polls, "reads go on");
    assert_eq!(world.cloud.count(CallKind::Submit), 1);
    assert!(world.has_fact(payment, |f| matches!(f, Fact::Unreadable)), "it is kept");
    world.resolve(&again, Decision::Paid);
    assert_eq!(world.finish(&again, 1_000).state, State::Approved);
}

/// Truth, section 13.
#[test]
fn with_a_fact_of_a_newer_version_nothing_is_sent() {
    let mut world = World::new();
    world.flush_ms = 500;
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until_fact(&request, 5_000, "the intent is written", |f| matches!(f, Fact::Intent(_)));
    world.write_newer_fact(payment);
    world.power_cut(1);
    let again = world.again(payment);
    world.until_unknown(&again, 1_000);
    world.run(600_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
    assert_eq!(again.snapshot().state, State::Unknown);
    // Its terminal and its reference are taken until a person decides.
    let refused = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]).unwrap_err();
    assert_eq!(refused.0, Status::DuplicateReference);
}

/// Truth, section 13: a journal restored from a backup forgot what came later.
#[test]
fn a_journal_from_a_backup_finds_at_start_up_what_it_forgot() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.switches.no_connection_then_success = true;
    let request = world.pay("4711", 20_004);
    assert_eq!(world.finish(&request, 60_000).state, State::Failed);
    world.acknowledge(&request);
    world.run(1_000);
    let backup = world.backup();
    world.run(200_000);
    assert_eq!(request.snapshot().state, State::Approved);
    let now_approved = world.again(request.payment);
    world.acknowledge(&now_approved);
    world.run(10_000);
    world.restore(backup);
    world.power_cut(1_000);
    world.run(30_000);
    assert_eq!(world.news_of(request.payment).last(), Some(&EventKind::LateApproval));
    assert_eq!(world.again(request.payment).snapshot().money, MoneyMoved::Moved);
    assert_eq!(world.cloud.moved_cents(), 20_104);
}

/// The same for a submit of which the backup knows only that it left.
#[test]
fn a_journal_from_a_backup_reads_and_never_sends() {
    let mut world = World::new();
    world.warm_up();
    let request = world.pay("4711", 1234);
    world.run_until_fact(&request, 5_000, "dispatched", |f| matches!(f, Fact::Dispatched { .. }));
    let backup = world.backup();
    world.finish(&request, 60_000);
    world.run(10_000);
    world.restore(backup);
    world.power_cut(86_400_000);
    let again = world.again(request.payment);
    assert_eq!(world.finish(&again, 60_000).state, State::Approved);
    assert_eq!(world.cloud.count(CallKind::Submit), 2);
}

/// Promise 10: after a wake-up the network needs a moment; a read that fails meanwhile judges nothing.
#[test]
fn a_read_that_fails_right_after_a_sleep_judges_no_deadline() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.run(2_000);
    world.sleep(3_600_000);
    world.road = super::world::Road::Closed;
    world.run(20_000);
    assert!(!was_unknown(&world));
    world.road = super::world::Road::Open;
    assert_eq!(world.finish(&request, 30_000).state, State::Approved);
    assert!(!was_unknown(&world));
    // But it is not waited for without end.
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.run(2_000);
    world.sleep(3_600_000);
    world.road = super::world::Road::Closed;
    world.until_unknown(&request, 40_000);
}

/// Truth, section 13: the intent itself is of a newer version. The index still knows reference, amount and terminal.
#[test]
fn an_intent_of_a_newer_version_is_unknown_and_blocks_its_reference_and_terminal() {
    // Only the intent is written; the dispatch too; the acceptance too.
    for after_ms in [150, 300, 4_000] {
        let mut world = World::new();
        world.flush_ms = 100;
        world.cloud.script(Scenario::Stuck);
        let request = world.pay("4711", 1234);
        let payment = request.payment;
        world.run(after_ms);
        world.make_intent_newer(payment);
        world.power_cut(1_000);
        let again = world.again(payment);
        let snapshot = world.until_unknown(&again, 1_000);
        assert_eq!((snapshot.reference.as_str(), snapshot.requested_amount), ("4711", 1234));
        let submits = world.cloud.count(CallKind::Submit);
        world.run(600_000);
        assert_eq!(again.snapshot().state, State::Unknown);
        assert_eq!(world.cloud.count(CallKind::Submit), submits);
        assert_eq!(world.cloud.count(CallKind::Main) + world.cloud.count(CallKind::Search), 0, "{after_ms}");
        let same = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]).unwrap_err();
        assert_eq!(same.0, Status::DuplicateReference);
        let other = world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 5)]).unwrap_err();
        assert_eq!(other.0, Status::TerminalInUse);
        world.resolve(&again, Decision::NotPaid);
        assert_eq!(world.finish(&again, 1_000).state, State::Failed);
        world.run(1_000);
        assert!(world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]).is_ok());
    }
}

/// Promise 15: an alarm in the past does not keep the engine busy for ever.
#[test]
fn a_resend_at_a_closed_gate_at_the_deadline_does_not_spin() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 63)]);
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
    let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).unwrap();
    let asked = world.now;
    let payment = void.payment;
    world.run(55_000);
    world.cloud.script(Scenario::SlowCard);
    let _other = world
        .ask(Kind::Payment, &[("reference", "4712"), ("terminal", pj::SECOND_SMART_TERMINAL_ID)], &[("amount", 700)])
        .map_err(|e| e.0)
        .unwrap();
    world.flush_ms = 1;
    world.run(4_000);
    world.flush_ms = 900;
    while world.core.lanes[&payment].payment.sends < 2 {
        world.run(10);
        assert!(world.now < asked + 70_000);
    }
    world.cloud.fail_next(CallKind::Poll, When::Before, Fault::RateLimited(Some(5)));
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if is_done.recv_timeout(std::time::Duration::from_secs(30)).is_err() {
            std::process::exit(77);
        }
    });
    world.run(20_000);
    done.send(()).unwrap();
    watchdog.join().unwrap();
}
