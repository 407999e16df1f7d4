//! Truth, section 4: the late watch over attempts that ended without money.

use super::world::{Road, World};
use crate::payment::fact::Fact;
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario};
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

type Request = Arc<crate::engine::Request>;

/// When the searches arrived, relative to a moment, in milliseconds.
fn searches_since(world: &World, since: u64) -> Vec<u64> {
    world.calls_of(CallKind::Search).iter().filter(|c| c.at_ms >= since).map(|c| c.at_ms - since).collect()
}

fn declined(world: &mut World, reference: &str) -> Request {
    let request = world.pay(reference, 20_051);
    assert_eq!(world.finish(&request, 60_000).state, State::Declined);
    request
}

/// Promise 7.
#[test]
fn an_attempt_without_money_is_looked_up_after_2_10_and_60_minutes() {
    let mut world = World::new();
    world.warm_up();
    let request = declined(&mut world, "4711");
    let ended = world.now;
    world.acknowledge(&request);
    world.run(7_200_000);
    let looks: Vec<u64> = searches_since(&world, ended).iter().map(|ms| ms / 10_000).collect();
    assert_eq!(looks, [12, 60, 360]);
    assert!(world.pending().is_empty());
    world.assert_polite();
}

/// A look that a new attempt wanted does not stand in for the later ones.
#[test]
fn a_look_before_the_next_attempt_is_one_more() {
    let mut world = World::new();
    world.warm_up();
    let request = declined(&mut world, "4711");
    let ended = world.now;
    world.acknowledge(&request);
    world.run(20_000);
    let second = declined(&mut world, "4711");
    world.acknowledge(&second);
    world.run(7_200_000);
    let first = world.key(request.payment);
    let looks = world.calls_of(CallKind::Search);
    let looks = looks.iter().filter(|c| c.at_ms >= ended && c.query.contains(&first));
    let looks: Vec<u64> = looks.map(|c| (c.at_ms - ended) / 10_000).collect();
    assert_eq!(looks, [2, 12, 60, 360]);
}

/// A look that failed is made up for.
#[test]
fn a_late_look_that_fails_is_repeated() {
    let mut world = World::new();
    world.warm_up();
    let request = declined(&mut world, "4711");
    world.acknowledge(&request);
    world.road = Road::Closed;
    world.run(300_000);
    world.road = Road::Open;
    let healed = world.now;
    world.run(30_000);
    assert_eq!(searches_since(&world, healed).len(), 1);
}

/// Promise 6 and 7.
#[test]
pub(super) fn an_approval_that_turns_up_late_is_told_and_acknowledged_anew() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.switches.no_connection_then_success = true;
    let request = world.pay("4711", 20_004);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::DeviceOffline));
    world.acknowledge(&request);
    world.run(5_000);
    assert!(world.pending().is_empty());
    world.run(150_000);
    let late = request.snapshot();
    assert_eq!((late.state, late.money, late.advice), (State::Approved, MoneyMoved::Moved, Advice::Done));
    assert!(late.has(flag::LATE) && late.has(flag::FINAL));
    assert_eq!(late.approved_amount, 20_004);
    assert_eq!(world.news_of(request.payment).last(), Some(&EventKind::LateApproval));
    assert_eq!(world.pending().len(), 1);
    // It is told again after a restart, until it is acknowledged.
    world.power_cut(1_000);
    assert_eq!(world.news_of(request.payment).last(), Some(&EventKind::LateApproval));
    let again = world.again(request.payment);
    world.acknowledge(&again);
    world.run(5_000);
    let told = world.told.len();
    world.power_cut(1_000);
    world.run(5_000);
    assert_eq!(world.told.len(), told, "{:?}", world.told.last());
    assert!(world.pending().is_empty());
    let refused = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 20_004)]).unwrap_err();
    assert_eq!(refused.0, Status::DuplicateReference);
}

/// Promise 2: always before the next attempt of the reference; the new one is refused unsent.
#[test]
fn a_late_approval_found_before_the_next_attempt_refuses_it_unsent() {
    for (acknowledged, restarted) in [(false, false), (true, false), (true, true), (false, true)] {
        let mut world = World::new();
        world.warm_up();
        world.checks.vendor_hides_money = true;
        world.cloud.switches.no_connection_then_success = true;
        let first = world.pay("4711", 20_004);
        world.finish(&first, 60_000);
        if acknowledged {
            world.acknowledge(&first);
        }
        world.run_cloud_until(60_000, "charged after all", |cloud| cloud.ledger().len() == 2);
        world.run(4_000);
        if restarted {
            world.road = Road::Closed;
            world.power_cut(1_000);
            world.run(1_000);
            world.road = Road::Open;
        }
        let second = world.pay("4711", 20_004);
        let result = world.finish(&second, 60_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::DuplicateReference));
        assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Done));
        assert_eq!(world.submits(second.payment), 0);
        let told = world.again(first.payment);
        assert_eq!((told.snapshot().state, told.snapshot().money), (State::Approved, MoneyMoved::Moved));
        assert!(world.news_of(first.payment).contains(&EventKind::LateApproval));
        assert_eq!(world.cloud.moved_cents(), 20_104);
    }
}

/// Promise 2: the earlier attempt was long forgotten by the engine.
#[test]
fn an_attempt_of_long_ago_is_looked_up_before_the_next_one() {
    let mut world = World::new();
    world.warm_up();
    let first = declined(&mut world, "4711");
    world.acknowledge(&first);
    world.run(7_200_000);
    let before = world.now;
    let second = world.pay("4711", 20_051);
    world.run_until(60_000, "sent", |w| w.cloud.count(CallKind::Submit) == 3);
    assert_eq!(world.submits(second.payment), 1);
    assert_eq!(searches_since(&world, before).len(), 1);
    let search = world.calls_of(CallKind::Search).last().unwrap().query.clone();
    assert!(search.contains(&world.key(first.payment)));
}

/// An id that the request reveals after its end leads to a read, though the search cannot see the key.
#[test]
fn an_id_that_a_late_look_reveals_is_read() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.switches.purchase_order_dropped = true;
    world.cloud.switches.no_connection_then_success = true;
    let request = world.pay("4711", 20_004);
    assert_eq!(world.finish(&request, 60_000).state, State::Failed);
    world.acknowledge(&request);
    world.run(200_000);
    assert_eq!((request.snapshot().state, request.snapshot().money), (State::Approved, MoneyMoved::Moved));
    assert!(world.news_of(request.payment).contains(&EventKind::LateApproval));
}

/// Promise 2: before the next attempt such an id is read, and one that is still at the customer is waited for.
#[test]
fn the_next_attempt_waits_while_the_earlier_one_came_back_to_life() {
    let timing = pj::Timing { card: 20_000, ..pj::Timing::default() };
    for dropped in [false, true] {
        let mut world = World::with(pj::Setup { timing: timing.clone(), ..pj::Setup::default() }, &[]);
        world.warm_up();
        world.checks.vendor_hides_money = true;
        world.cloud.switches.purchase_order_dropped = dropped;
        world.cloud.switches.no_connection_then_success = true;
        let first = world.pay("4711", 20_004);
        world.finish(&first, 60_000);
        world.acknowledge(&first);
        // The terminal is reached after all and waits for the card.
        world.run(8_000);
        let texts = [("reference", "4711"), ("terminal", pj::SECOND_SMART_TERMINAL_ID)];
        let second = world.ask(Kind::Payment, &texts, &[("amount", 20_004)]).unwrap();
        let result = world.finish(&second, 60_000);
        assert_eq!(result.state, State::Failed, "{dropped}");
        assert_eq!(world.submits(second.payment), 0);
        world.run(200_000);
        assert_eq!(world.cloud.moved_cents(), 20_104);
        assert!(world.news_of(first.payment).contains(&EventKind::LateApproval));
    }
}

/// Every attempt that may have been executed is looked up at the next start-up, and in a journal from a backup too.
#[test]
fn at_start_up_an_ended_attempt_is_looked_up_at_once() {
    let mut world = World::new();
    world.warm_up();
    let request = declined(&mut world, "4711");
    world.acknowledge(&request);
    world.run(7_200_000);
    world.power_cut(3_600_000);
    let started = world.now;
    world.run(7_200_000);
    let looks: Vec<u64> = searches_since(&world, started).iter().map(|ms| ms / 10_000).collect();
    assert_eq!(looks, [0], "once, since the three looks of the first run were complete");
    world.power_cut(1_000);
    let started = world.now;
    world.run(60_000);
    assert!(searches_since(&world, started).is_empty(), "the late watch is over");
}

/// Promise 10: a restart in the middle of the late watch starts it anew.
#[test]
fn a_restart_within_the_late_watch_starts_it_anew() {
    let mut world = World::new();
    world.warm_up();
    let request = declined(&mut world, "4711");
    world.acknowledge(&request);
    world.run(130_000);
    let told = world.told.len();
    world.power_cut(1_000);
    let started = world.now;
    world.run(7_200_000);
    assert_eq!(world.told.len(), told, "what is acknowledged is not told again: {:?}", world.told.last());
    let looks: Vec<u64> = searches_since(&world, started).iter().map(|ms| ms / 10_000).collect();
    assert_eq!(looks, [0, 60, 360]);
}

/// What is proven unsent needs no late watch.
#[test]
fn what_never_left_is_not_watched() {
    let mut world = World::new();
    world.road = Road::Closed;
    let request = world.pay("4711", 1234);
    world.finish(&request, 60_000);
    world.road = Road::Open;
    world.acknowledge(&request);
    world.run(7_200_000);
    assert_eq!(world.cloud.count(CallKind::Search), 0);
}

/// The late watch goes on over a person's NOT_PAID.
#[test]
fn a_persons_not_paid_is_watched_and_contradicted_by_an_event() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.switches.search_lag_ms = 150_000;
    world.lose_next_answer();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    world.resolve(&request, Decision::NotPaid);
    let result = world.finish(&request, 1_000);
    assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
    assert!(result.has(flag::RESOLVED));
    world.acknowledge(&request);
    world.run(1_000);
    assert!(
        world.ask(Kind::Payment, &[("reference", "9"), ("invoice", "9")], &[("amount", 5)]).is_ok(),
        "terminal free"
    );
    world.run(200_000);
    assert_eq!((request.snapshot().state, request.snapshot().money), (State::Approved, MoneyMoved::Moved));
    assert!(world.news_of(request.payment).contains(&EventKind::LateApproval));
}

/// Truth, section 4: an earlier attempt that the engine had forgotten is told when the duplicate check reveals it.
#[test]
fn a_duplicate_decline_reveals_an_attempt_of_long_ago() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    let first = declined(&mut world, "4711");
    world.acknowledge(&first);
    world.run(7_200_000);
    // The earlier request's card went through after all, under our key, and the search by key lags.
    let key = world.key(first.payment);
    let form = [
        ("amountBase", "200.51"),
        ("terminalId", "12345"),
        ("purchaseOrderNumber", key.as_str()),
        ("invoiceNumber", "4711"),
    ];
    world.cloud.script(Scenario::Approve);
    let path = format!("/smartterminals/{}/request-payment", pj::SECOND_SMART_TERMINAL_ID);
    world.by_hand("POST", &path, &form);
    world.run(8_000);
    world.cloud.switches.search_lag_ms = 10_000;
    let second = world.pay("4711", 20_051);
    let result = world.finish(&second, 60_000);
    assert_eq!(
        (result.state, result.status, result.advice),
        (State::Declined, Status::DuplicateSuspected, Advice::Done)
    );
    world.run(5_000);
    assert!(world.news_of(first.payment).contains(&EventKind::LateApproval), "{:?}", world.told.last());
    assert_eq!(world.again(first.payment).snapshot().state, State::Approved);
    assert!(!world.has_fact(second.payment, |f| matches!(f, Fact::LateApproval { .. })));
}

/// A charge without our key is never taken for an earlier attempt whose key is not known any more.
#[test]
fn a_duplicate_decline_never_claims_a_charge_without_a_key() {
    let mut world = World::new();
    world.warm_up();
    let first = declined(&mut world, "4711");
    world.acknowledge(&first);
    world.run(7_200_000);
    world.power_cut(1_000);
    world.run(7_200_000);
    world.power_cut(1_000);
    world.cloud.switches.purchase_order_dropped = true;
    let form = [("amountBase", "200.51"), ("terminalId", "12345"), ("invoiceNumber", "4711")];
    world.cloud.script(Scenario::Approve);
    let path = format!("/smartterminals/{}/request-payment", pj::SECOND_SMART_TERMINAL_ID);
    world.by_hand("POST", &path, &form);
    world.run(8_000);
    world.cloud.fail_next(CallKind::Poll, When::Before, Fault::BadGateway);
    let second = world.pay("4711", 20_051);
    let result = world.finish(&second, 60_000);
    assert_eq!((result.status, result.advice), (Status::DuplicateSuspected, Advice::Resolve));
    world.run(5_000);
    assert!(!world.news_of(first.payment).contains(&EventKind::LateApproval));
}

/// Promise 8: a key that the till itself filled in claims nothing either.
#[test]
fn a_duplicate_decline_never_claims_a_charge_by_the_tills_own_key() {
    let mut world = World::new();
    world.warm_up();
    // The permanent check goes by the key, which here is not ours alone.
    world.checks.vendor_hides_money = true;
    let texts = [("reference", "4711"), ("purchase_order", "PO-77")];
    let first = world.ask(Kind::Payment, &texts, &[("amount", 20_051)]).unwrap();
    assert_eq!(world.finish(&first, 60_000).state, State::Declined);
    world.acknowledge(&first);
    world.run(5_000);
    let form = [
        ("amountBase", "200.51"),
        ("terminalId", "12345"),
        ("invoiceNumber", "4711"),
        ("purchaseOrderNumber", "PO-77"),
    ];
    world.cloud.script(Scenario::Approve);
    let path = format!("/smartterminals/{}/request-payment", pj::SECOND_SMART_TERMINAL_ID);
    world.by_hand("POST", &path, &form);
    world.run(8_000);
    let second = world.ask(Kind::Payment, &texts, &[("amount", 20_051)]).unwrap();
    let result = world.finish(&second, 60_000);
    assert_eq!((result.status, result.advice), (Status::DuplicateSuspected, Advice::Resolve));
    world.run(5_000);
    assert!(!world.news_of(first.payment).contains(&EventKind::LateApproval));
}

/// Promise 7: what waits for its flush is not what the till has stored.
#[test]
fn an_old_acknowledgement_does_not_swallow_a_late_approval() {
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
    assert!(!request.snapshot().has(flag::LATE));
    world.acknowledge(&request);
    world.run(1_500);
    world.flush_ms = 1;
    let before = world.told.len();
    world.run(2_000);
    world.power_cut(1_000);
    world.run(2_000);
    assert!(world.told[before..].iter().any(|t| t.0 == payment && t.1 == EventKind::LateApproval), "not told again");
}

/// Promise 2: a person's word does not take the first attempt off the terminal.
#[test]
fn after_not_paid_nothing_is_sent_while_the_customer_still_sees_the_first() {
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
    world.finish(&second, 60_000);
    world.run(200_000);
    assert!(world.cloud.moved_cents() <= 1_334, "charged twice: {}", world.cloud.moved_cents());
}

/// Promise 2: the same where the vendor guards too.
#[test]
fn a_duplicate_charge_after_not_paid_is_refused_too() {
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
    world.finish(&second, 60_000);
    world.run(200_000);
    assert!(world.cloud.moved_cents() <= 1_334, "charged twice: {}", world.cloud.moved_cents());
}

/// Promise 7: or every later start would read it again.
#[test]
fn the_journal_is_told_that_the_late_watch_is_over() {
    let mut world = World::new();
    world.warm_up();
    let request = world.pay("4711", 20_051);
    world.finish(&request, 60_000);
    world.run(5_000);
    world.acknowledge(&request);
    world.run(7_200_000);
    world.power_cut(1_000);
    world.run(7_200_000);
    assert!(world.has_fact(request.payment, |f| matches!(f, Fact::LateWatchEnded)));
    world.power_cut(1_000);
    world.run(7_200_000);
    assert!(!world.index_of(request.payment).attention, "read at every start, never pruned");
}

/// Promise 7: the other attempt of the void did it, and the sale tells nothing new.
#[test]
fn a_void_that_was_done_by_the_next_attempt_is_no_late_approval_of_the_first() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    for _ in 0..3 {
        world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
    }
    let texts = [("reference", "V"), ("original", "4711")];
    let first = world.ask(Kind::Void, &texts, &[]).map_err(|e| e.0).unwrap();
    assert_eq!(world.finish(&first, 600_000).state, State::Failed);
    world.cloud.heal();
    let second = world.ask(Kind::Void, &texts, &[]).map_err(|e| e.0).unwrap();
    assert_eq!(world.finish(&second, 60_000).state, State::Approved);
    world.run(7_200_000);
    world.power_cut(1_000);
    world.run(7_200_000);
    assert!(!world.has_fact(first.payment, |f| matches!(f, Fact::LateApproval { .. })));
    assert!(world.has_fact(first.payment, |f| matches!(f, Fact::LateWatchEnded)));
}

/// Promise 7: a void that was told as failed, and arrived after all.
#[test]
fn a_void_that_is_done_after_its_end_is_told() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    let id = world.finish(&sale, 60_000).transaction_id;
    world.run(5_000);
    for _ in 0..3 {
        world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
    }
    let void = world.ask(Kind::Void, &[("reference", "V"), ("original", "4711")], &[]).map_err(|e| e.0).unwrap();
    assert_eq!(world.finish(&void, 600_000).state, State::Failed);
    world.cloud.heal();
    world.by_hand("PUT", &format!("/transactions/{id}"), &[("status", "VOID")]);
    world.run(600_000);
    let late = void.snapshot();
    assert_eq!((late.state, late.money), (State::Approved, MoneyMoved::Reversed));
    assert!(late.has(flag::LATE) && world.news_of(void.payment).contains(&EventKind::LateApproval));
    assert_eq!(sale.snapshot().money, MoneyMoved::Reversed);
}

/// Promise 6: a partial refund does not hide that the sale's record was changed by somebody else.
#[test]
fn a_change_after_a_partial_refund_is_told() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    world.cloud.script(Scenario::SlowReceipt);
    let sale = world.pay("4711", 1234);
    let id = world.finish(&sale, 60_000).transaction_id;
    let texts = [("reference", "R"), ("original", "4711")];
    let refund = world.ask(Kind::Refund, &texts, &[("amount", 500)]).map_err(|e| e.0).unwrap();
    world.finish(&refund, 20_000);
    world.by_hand("PUT", &format!("/transactions/{id}"), &[("status", "VOID")]);
    world.run(90_000);
    assert!(world.news_of(sale.payment).contains(&EventKind::ResultChanged));
}

/// Promise 2: an approval of the first attempt that turns up after the look, and before the second has left.
#[test]
fn a_late_approval_between_the_look_and_the_send_refuses_the_next_attempt() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    let first = declined(&mut world, "4711");
    world.run(5_000);
    world.flush_ms = 500;
    let second = world.pay("4711", 20_051);
    let payment = second.payment;
    while world.core.lanes[&payment].payment.prior_clear.is_none() {
        world.run(10);
    }
    let approved = TransactionReport {
        id: "4242".into(),
        verdict: Verdict::Approved,
        ownership: Ownership::Ours,
        total: 20_051,
        ..TransactionReport::default()
    };
    world.core.record(first.payment, Fact::TransactionRead { report: Box::new(approved) });
    world.core.ready.insert(first.payment);
    let result = world.finish(&second, 60_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::DuplicateReference));
    assert_eq!(world.submits(payment), 0);
    assert!(world.news_of(first.payment).contains(&EventKind::LateApproval));
}

/// Promise 7. What comes up between the till's look and its acknowledgment was not stored: it is told again.
#[test]
fn a_late_approval_is_not_acknowledged_with_the_result_before_it() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.switches.no_connection_then_success = true;
    let request = world.pay("4711", 20_004);
    let shown = world.finish(&request, 60_000).event_number;
    world.run(155_000);
    assert!(request.snapshot().has(flag::LATE) && request.is_news_unseen());
    let told = world.news_of(request.payment).len();
    world.acknowledge_as_of(&request, shown);
    world.run(100);
    assert!(!request.is_acknowledged() && world.pending().len() == 1, "the old result was acknowledged, not this one");
    assert_eq!(world.news_of(request.payment)[told..], [EventKind::LateApproval], "told again");
    world.acknowledge(&request);
    world.run(100);
    assert!(request.is_acknowledged() && world.pending().is_empty());
}
