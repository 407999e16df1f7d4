use super::world::{Road, World, own_error};
use crate::engine::core::Input;
use crate::journal::Report as JournalReport;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{EventKind, MoneyMoved, State, flag};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario};
use posjunction_simulator::{CallKind, Fault, When};

#[test]
fn t01_cancel_after_restart_reads_first() {
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
    println!("{calls:?}");
    assert!(calls.first().is_some_and(|(_, k)| *k == CallKind::Poll), "{calls:?}");
}

#[test]
fn t03_a_hung_disk_after_the_submit_does_not_hide_the_outcome() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(5_000, "d", |w| w.has_fact(payment, |f| matches!(f, Fact::Dispatched { .. })));
    world.flush_ms = 100_000_000;
    world.run(600_000);
    println!("polls {} charged {:?}", world.cloud.count(CallKind::Poll), world.cloud.ledger().len());
    let s = request.snapshot();
    assert!(
        s.state.is_final() || s.state == State::Unknown,
        "{:?} {:?} flags {:#x} advice {:?}",
        s.state,
        s.money,
        s.flags,
        s.advice
    );
}

#[test]
fn t04_closing_under_another_account_does_not_write_not_sent() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.until_state(&request, 10_000, State::AtTerminal);
    world.run(1_000);
    world.change_login("somebody-else");
    world.power_cut(1_000);
    world.run(5_000);
    world.change_login(pj::LOGIN);
    world.close();
    world.power_cut(1_000);
    println!("{}", world.story(payment));
    println!(
        "{:?}",
        world.admission.live().iter().map(|r| (r.payment, r.snapshot().state, r.snapshot().status)).collect::<Vec<_>>()
    );
    world.run(60_000);
    println!("{}", world.story(payment));
    println!("moved {}", world.cloud.moved_cents());
    let again = world.again(payment);
    assert_ne!(again.snapshot().state, State::Failed);
}

#[test]
fn t07_polite_when_the_till_retries_at_once() {
    let mut world = World::new();
    world.warm_up();
    let texts = [("reference", "4711"), ("terminal", pj::OFFLINE_SMART_TERMINAL_ID)];
    let request = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).unwrap();
    world.finish(&request, 60_000);
    world.run(3);
    let _second = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).map_err(|e| e.0).unwrap();
    world.run(10_000);
    world.assert_polite();
}

#[test]
fn t08_an_old_acknowledgement_does_not_swallow_a_late_approval() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.switches.no_connection_then_success = true;
    let request = world.pay("4711", 20_004);
    world.finish(&request, 60_000);
    let payment = request.payment;
    world.run_cloud_until(60_000, "charged after all", |cloud| cloud.ledger().len() == 2);
    world.run(5_000);
    world.flush_ms = 1_000;
    // until the engine knows, but the disk does not
    let end = world.now + 300_000;
    while world.core.lanes[&payment].payment.late.is_none() {
        assert!(world.now < end);
        world.run(100);
    }
    println!("{:?} {:#x}", request.snapshot().state, request.snapshot().flags);
    assert!(!request.snapshot().has(flag::LATE));
    world.acknowledge(&request);
    world.run(1_500);
    world.flush_ms = 1;
    let before = world.told.len();
    world.run(2_000);
    println!("news {:?}", world.news_of(payment));
    world.power_cut(1_000);
    world.run(2_000);
    println!("{:?}", world.told[before..].iter().map(|t| (t.0, t.1)).collect::<Vec<_>>());
    assert!(world.told[before..].iter().any(|t| t.0 == payment && t.1 == EventKind::LateApproval), "not told again");
}

#[test]
fn t11_a_wrong_paid_is_contradicted() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 20)]);
    world.warm_up();
    let texts = [("reference", "4711"), ("terminal", pj::TOUCH_SMART_TERMINAL_ID)];
    let request = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).map_err(|e| e.0).unwrap();
    world.until_unknown(&request, 60_000);
    world.resolve(&request, Decision::Paid);
    world.finish(&request, 1_000);
    world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, pj::Touch::Decline(51));
    world.run(3_600_000);
    println!(
        "ledger {:?}",
        world.cloud.ledger().iter().map(|t| (t.id, t.verdict.approved, t.status)).collect::<Vec<_>>()
    );
    println!("{}", world.story(request.payment));
    let s = request.snapshot();
    println!("{:?} {:?} {:#x} tx {}", s.state, s.money, s.flags, s.transaction_id);
    assert!(world.news_of(request.payment).contains(&EventKind::ResultChanged));
}

#[test]
fn t12_a_decline_is_read_again_after_the_end_also_after_a_restart() {
    let mut world = World::new();
    world.cloud.script(Scenario::Decline(51));
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    // Read while the receipt shows, then the end arrives, and power goes before the second read.
    world.run_until(20_000, "ended", |w| {
        w.has_fact(payment, |f| matches!(f, Fact::TerminalShows { phase: crate::payment::fact::Phase::Ended }))
    });
    assert!(!request.snapshot().state.is_final());
    let reads = world.cloud.count(CallKind::GetTransaction);
    world.road = Road::Closed;
    world.power_cut(1_000);
    world.run(100);
    let again = world.again(payment);
    println!(
        "reads before {reads} after {}; state {:?}",
        world.cloud.count(CallKind::GetTransaction),
        again.snapshot().state
    );
    assert!(!again.snapshot().state.is_final(), "DECLINED without a read after the end");
}

#[test]
fn t13_an_unreadable_record_of_an_earlier_attempt_is_no_clearance() {
    let mut world = World::new();
    world.warm_up();
    let first = world.pay("4711", 20_051);
    world.finish(&first, 60_000);
    world.run(5_000);
    world.acknowledge(&first);
    world.run(7_200_000);
    let payment = first.payment;
    assert!(!world.core.lanes.contains_key(&payment));
    let searches = world.cloud.count(CallKind::Search);
    world.flush_ms = 5;
    let second = world.pay("4711", 20_051);
    world.run_until(5_000, "asked", |w| w.core.after_load.contains_key(&payment));
    let now = world.now;
    world.core.input(
        now,
        0,
        Input::Journal(JournalReport::LoadFailed { payment, status: Status::Journal, text: "damaged".into() }),
    );
    world.run(2_000);
    println!("{}", world.story(second.payment));
    assert!(
        world.submits(second.payment) == 0 || world.cloud.count(CallKind::Search) > searches,
        "sent without a look at the first attempt"
    );
}

#[test]
fn t14_a_decline_found_by_search_needs_a_look_after_the_terminal_is_clear() {
    let timing = pj::Timing { second_card: 95_000, ..pj::Timing::default() };
    let mut world = World::with(pj::Setup { timing, ..pj::Setup::default() }, &[]);
    world.warm_up();
    world.cloud.script(pj::Scenario::DeclineThenApprove);
    world.lose_next_answer();
    let asked = world.now;
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    println!("unknown at {} ledger {}", world.now - asked, world.cloud.ledger().len());
    for _ in 0..1_000 {
        world.cloud.fail_next(CallKind::Search, When::Before, Fault::BadGateway);
    }
    world.run_cloud_until(60_000, "second card approved", |c| c.ledger().len() == 3);
    println!("approved at {}", world.now - asked);
    world.run(10_000);
    let next = world
        .ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500), ("despite_unknown", 1)])
        .map_err(|e| e.0)
        .unwrap();
    println!("{:?}", world.finish(&next, 60_000).state);
    world.run(300_000);
    println!("{:?}", request.snapshot().state);
}

#[test]
fn t15_a_resend_at_a_closed_gate_at_the_deadline() {
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
    println!("second dispatched at {}", world.now - asked);
    world.cloud.fail_next(CallKind::Poll, When::Before, Fault::RateLimited(Some(5)));
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if is_done.recv_timeout(std::time::Duration::from_secs(30)).is_err() {
            eprintln!("HANG: the engine's turn does not end");
            std::process::exit(77);
        }
    });
    world.run(20_000);
    done.send(()).unwrap();
    watchdog.join().unwrap();
    println!("{:?}", void.snapshot().state);
}

#[test]
fn t17_a_fetch_of_a_sale_resolved_as_paid_ends() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    world.resolve(&request, Decision::Paid);
    world.run(1_000);
    let fetch = world.ask(Kind::FetchTransaction, &[("original", "4711")], &[]).map_err(|e| e.1).unwrap();
    world.run(3_600_000);
    assert!(fetch.snapshot().state.is_final(), "{:?}", fetch.snapshot().state);
}

#[test]
fn t18_cancel_pressed_again_and_again() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.flush_ms = 150;
    for _ in 0..200 {
        world.cancel(&request);
        world.run(100);
    }
    let facts = world.facts(request.payment).iter().filter(|f| matches!(f, Fact::CancelAsked)).count();
    println!("facts {facts} mains {}", world.cloud.count(CallKind::Main));
    assert!(world.cloud.count(CallKind::Main) > 0, "20 s of cancel, and none was sent");
}

#[test]
fn t20_a_newer_intent_is_unknown_not_gone() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(5_000, "accepted", |w| w.has_fact(payment, |f| matches!(f, Fact::Accepted { .. })));
    world.make_intent_newer(payment);
    world.power_cut(1_000);
    world.run(300_000);
    println!("{:?}", world.pending().len());
    let refused = world
        .ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)])
        .map(|_| ())
        .map_err(|e| (e.0, e.2.map(|r| r.snapshot().state)));
    println!("{refused:?}");
    assert_eq!(world.pending().len(), 1);
    assert_eq!(world.again(payment).snapshot().state, State::Unknown);
}

#[test]
fn t22_not_paid_while_the_request_is_at_the_customer() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 15)]);
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.script(Scenario::SlowCard);
    let first = world.pay("4711", 1234);
    world.until_unknown(&first, 60_000);
    assert!(world.now < 1_200_000);
    world.resolve(&first, Decision::NotPaid);
    world.run(500);
    let texts = [("reference", "4711"), ("terminal", pj::SECOND_SMART_TERMINAL_ID)];
    let second = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).map_err(|e| e.0).unwrap();
    let r = world.finish(&second, 60_000);
    world.run(200_000);
    println!(
        "second {:?} {:?}; first {:?}; moved {}",
        r.state,
        r.status,
        first.snapshot().state,
        world.cloud.moved_cents()
    );
    assert!(world.cloud.moved_cents() <= 1_334, "charged twice: {}", world.cloud.moved_cents());
}

#[test]
fn t22b_not_paid_while_the_request_is_at_the_customer() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 15)]);
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.switches.duplicate_check = false;
    world.cloud.script(Scenario::SlowCard);
    let first = world.pay("4711", 1234);
    world.until_unknown(&first, 60_000);
    world.resolve(&first, Decision::NotPaid);
    world.run(500);
    let texts = [("reference", "4711"), ("terminal", pj::SECOND_SMART_TERMINAL_ID)];
    let second = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).map_err(|e| e.0).unwrap();
    let r = world.finish(&second, 60_000);
    world.run(200_000);
    println!(
        "second {:?} {:?}; first {:?}; moved {}",
        r.state,
        r.status,
        first.snapshot().state,
        world.cloud.moved_cents()
    );
    assert!(world.cloud.moved_cents() <= 1_334, "charged twice: {}", world.cloud.moved_cents());
}

#[test]
fn t04b_and_then_the_reference_is_charged_again() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.until_state(&request, 10_000, State::AtTerminal);
    world.change_login("somebody-else");
    world.power_cut(1_000);
    world.run(5_000);
    world.change_login(pj::LOGIN);
    world.close();
    world.power_cut(1_000);
    world.run(700_000);
    let again = world.again(payment);
    println!("told {:?}", again.snapshot().state);
    let second = world.pay("4711", 1234);
    let r = world.finish(&second, 60_000);
    println!(
        "second {:?} {:?}; moved {}; news of first {:?}",
        r.state,
        r.status,
        world.cloud.moved_cents(),
        world.news_of(payment)
    );
    assert!(world.cloud.moved_cents() <= 1_334, "charged twice: {}", world.cloud.moved_cents());
}

#[test]
fn t29_a_queued_request_on_a_hung_disk() {
    let mut world = World::new();
    world.flush_ms = 100_000_000;
    let request = world.pay("4711", 1234);
    world.run(600_000);
    println!("{:?} {:#x}", request.snapshot().state, request.snapshot().flags);
    assert!(request.snapshot().state.is_final());
}

#[test]
fn t31_a_landmark_of_another_merchant_account() {
    let mut world = World::new();
    world.warm_up();
    let other =
        world.ask(Kind::Payment, &[("reference", "7"), ("merchant_terminal", "12346")], &[("amount", 700)]).unwrap();
    world.finish(&other, 60_000);
    world.run(5_000);
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    let next = world
        .ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500), ("despite_unknown", 1)])
        .map_err(|e| e.0)
        .unwrap();
    world.finish(&next, 60_000);
    world.run(7_200_000);
    assert_eq!(request.snapshot().state, State::Failed, "absence can never be proven");
}

#[test]
fn t34_a_changed_result_is_pending_again() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowReceipt);
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 60_000);
    world.acknowledge(&request);
    world.run(2_000);
    world.by_hand("PUT", &format!("/transactions/{}", result.transaction_id), &[("status", "VOID")]);
    world.run(90_000);
    println!("{:?}", world.news_of(request.payment));
    assert_eq!(world.pending().len(), 1);
}
