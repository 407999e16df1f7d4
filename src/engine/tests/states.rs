//! Truth, section 5: states as the POS sees them; what a person may decide.

use super::world::World;
use crate::payment::Decision;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::payment::{Decision::*, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario};
use posjunction_simulator::{CallKind, Fault, When};

/// Truth, section 5.
#[test]
fn a_request_that_runs_long_is_overdue_at_the_deadline_and_unknown_at_twice_the_deadline() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 60)]);
    world.cloud.script(Scenario::Stuck);
    let request = world.pay("4711", 1234);
    let asked = world.now;
    world.run(59_000);
    assert!(!request.snapshot().has(flag::OVERDUE));
    world.run_until(2_000, "overdue", |_| request.snapshot().has(flag::OVERDUE));
    let snapshot = request.snapshot();
    assert_eq!((snapshot.state, snapshot.advice), (State::AtTerminal, Advice::Wait));
    let snapshot = world.until_unknown(&request, 61_000);
    assert!((120_000..121_000).contains(&(world.now - asked)), "{}", world.now - asked);
    assert_eq!((snapshot.money, snapshot.advice), (MoneyMoved::Unknown, Advice::Resolve));
    assert!(snapshot.has(flag::OVERDUE) && !snapshot.has(flag::FINAL));
    // Watching goes on: the customer turns up in the end.
    let path = format!("/smartterminals/{}/main", pj::SMART_TERMINAL_ID);
    world.by_hand("POST", &path, &[]);
    assert_eq!(world.finish(&request, 20_000).state, State::Canceled);
}

/// Promise 6.
#[test]
fn an_unknown_request_goes_to_its_result() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 60)]);
    let request = world.pay("4711", 20_007);
    world.until_unknown(&request, 121_000);
    assert_eq!(world.cloud.moved_cents(), 0);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(!result.has(flag::OVERDUE));
    assert_eq!(world.news_of(request.payment)[0], EventKind::Result);
}

/// The rate limit's pause may be an hour: the cashier gets a word all the same.
#[test]
fn overdue_and_unknown_are_told_in_time_whatever_the_queue_at_the_gate() {
    for kind in [CallKind::Poll, CallKind::GetTransaction] {
        let mut world = World::new();
        world.cloud.fail_next(kind, When::Before, Fault::RateLimited(Some(3_000)));
        let request = world.pay("4711", 1234);
        let asked = world.now;
        world.run_until(91_000, "overdue", |_| request.snapshot().has(flag::OVERDUE));
        world.until_unknown(&request, 91_000);
        assert!(world.now - asked < 181_000);
        assert_eq!(world.finish(&request, 3_100_000).state, State::Approved);
    }
    // The same while a call waits for its answer.
    let mut world = World::with(pj::Setup::default(), &[("deadline", 5)]);
    world.cloud.fail_next(CallKind::Submit, When::After, Fault::Silence(30_000));
    let request = world.pay("4711", 1234);
    world.run_until(5_100, "overdue", |_| request.snapshot().has(flag::OVERDUE));
}

/// Promises 3 and 6: a person's word.
#[test]
fn a_person_decides_an_unknown_outcome() {
    for (decision, state, money) in
        [(Paid, State::Approved, MoneyMoved::Moved), (NotPaid, State::Failed, MoneyMoved::NotMoved)]
    {
        let mut world = World::new();
        world.warm_up();
        world.lose_next_submit();
        let request = world.pay("4711", 1234);
        world.until_unknown(&request, 100_000);
        assert!(world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500)]).is_err());
        world.resolve(&request, decision);
        let result = world.finish(&request, 1_000);
        assert_eq!((result.state, result.money), (state, money));
        assert!(result.has(flag::RESOLVED) && result.has(flag::FINAL));
        assert_eq!(result.approved_amount, if decision == Paid { 1234 } else { 0 });
        world.run(1_000);
        // The terminal is free; the reference only after NOT_PAID.
        let next = world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500)]).unwrap();
        assert_eq!(world.finish(&next, 60_000).state, State::Approved);
        world.run(5_000);
        let same = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]);
        assert_eq!(same.is_ok(), decision == NotPaid);
    }
}

/// Truth, section 5.
#[test]
fn keep_looking_leaves_it_unknown_and_looks_again_soon() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    world.run(7_200_000);
    let searches = world.cloud.count(CallKind::Search);
    world.resolve(&request, KeepLooking);
    world.run(5_000);
    assert!(world.cloud.count(CallKind::Search) > searches, "at once");
    world.run(295_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    assert!(world.cloud.count(CallKind::Search) >= searches + 8, "{searches}");
    assert!(world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500)]).is_err());
}

/// Only what is unknown can be resolved, and only what is final acknowledged.
#[test]
fn a_persons_word_counts_in_no_other_state() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.resolve(&request, Decision::NotPaid);
    world.acknowledge(&request);
    world.run(1_000);
    let facts = world.facts(request.payment);
    assert!(!facts.iter().any(|f| matches!(f, Fact::Resolved { .. } | Fact::Acknowledged)), "{facts:?}");
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    world.resolve(&request, Decision::NotPaid);
    world.run(5_000);
    assert_eq!(request.snapshot().state, State::Approved);
}

/// Promise 2.
#[test]
fn a_terminal_with_an_unknown_payment_is_used_only_when_the_caller_says_so() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    let running = world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 5), ("despite_unknown", 1)]);
    assert_eq!(running.unwrap_err().0, Status::TerminalInUse, "not while it is running");
    world.until_unknown(&request, 100_000);
    let refused = world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500)]).unwrap_err();
    assert_eq!(refused.0, Status::TerminalInUse);
    assert_eq!(refused.2.map(|r| r.payment), Some(request.payment));
    let next = world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500), ("despite_unknown", 1)]).unwrap();
    assert_eq!(world.finish(&next, 60_000).state, State::Approved);
    let said = |f: &Fact| matches!(f, Fact::Intent(i) if i.request.despite_unknown);
    assert!(world.has_fact(next.payment, said), "it is journaled");
    // After a restart the unknown one still holds the terminal.
    world.acknowledge(&next);
    world.run(1_000);
    world.power_cut(1_000);
    let refused = world.ask(Kind::Payment, &[("reference", "4713")], &[("amount", 500)]).unwrap_err();
    assert_eq!(refused.0, Status::TerminalInUse);
}

/// Promise 2.
#[test]
fn a_reference_names_one_payment() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    let same = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]).unwrap_err();
    assert_eq!((same.0, same.2.map(|r| r.payment)), (Status::DuplicateReference, Some(request.payment)));
    let other = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1235)]).unwrap_err();
    assert_eq!((other.0, other.2.map(|r| r.payment)), (Status::ReferenceConflict, Some(request.payment)));
    let kind = world.ask(Kind::TerminalRefund, &[("reference", "4711")], &[("amount", 1234)]).unwrap_err();
    assert_eq!(kind.0, Status::ReferenceConflict);
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    world.run(10_000);
    world.acknowledge(&request);
    world.run(3_600_000);
    world.power_cut(1_000);
    for _ in 0..2 {
        let same = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]).unwrap_err();
        assert_eq!(same.0, Status::DuplicateReference);
        world.run(86_400_000);
    }
    assert_eq!(world.cloud.count(CallKind::Submit), 1);
}

/// Promise 6: told again after a restart until it is acknowledged, and then no more.
#[test]
fn a_result_is_told_again_until_it_is_acknowledged() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.finish(&request, 60_000);
    world.run(10_000);
    for restarts in 1..=3 {
        world.power_cut(1_000);
        world.run(5_000);
        let results = world.news_of(request.payment).iter().filter(|kind| **kind == EventKind::Result).count();
        assert_eq!(results, 1 + restarts);
        assert_eq!(world.pending().len(), 1);
    }
    let again = world.again(request.payment);
    world.acknowledge(&again);
    world.run(1_000);
    let told = world.told.len();
    world.power_cut(1_000);
    world.run(60_000);
    assert_eq!(world.told.len(), told);
    assert!(world.pending().is_empty());
}

/// An acknowledgement that never reached the disk was none.
#[test]
fn an_acknowledgement_that_was_lost_lets_the_result_be_told_again() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.finish(&request, 60_000);
    world.run(10_000);
    world.flush_ms = 1_000;
    world.acknowledge(&request);
    world.power_cut(1_000);
    world.run(5_000);
    assert_eq!(world.pending().len(), 1);
    assert_eq!(world.news_of(request.payment).last(), Some(&EventKind::Result));
}

/// An authorization only is money reserved, not moved.
#[test]
fn a_payment_that_is_only_held_is_approved_and_pending() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowReceipt);
    for _ in 0..30 {
        world.cloud.fail_next(CallKind::GetTransaction, When::Before, Fault::BadGateway);
    }
    let request = world.pay("4711", 1234);
    world.run_cloud_until(20_000, "charged", |cloud| !cloud.ledger().is_empty());
    let id = world.cloud.ledger()[0].id;
    world.by_hand("PUT", &format!("/transactions/{id}"), &[("status", "HOLD")]);
    world.cloud.heal();
    let result = world.finish(&request, 30_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Pending));
}

/// A refund with the card at the terminal moves money.
#[test]
fn a_refund_at_the_terminal_moves_money() {
    let setup = pj::Setup { card_history_cents: 100_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let request = world.ask(Kind::TerminalRefund, &[("reference", "R1")], &[("amount", 1234)]).unwrap();
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert_eq!(world.cloud.moved_cents(), -1234);
}

/// Promise 6: what changed after the acknowledgement wants one of its own.
#[test]
fn a_changed_result_is_pending_again() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowReceipt);
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 60_000);
    world.acknowledge(&request);
    world.run(2_000);
    world.by_hand("PUT", &format!("/transactions/{}", result.transaction_id), &[("status", "VOID")]);
    world.run(90_000);
    assert_eq!(world.pending().len(), 1);
}

/// Promise 7: the vendor's record speaks against a person's word.
#[test]
fn a_wrong_paid_is_contradicted() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 20)]);
    world.warm_up();
    let texts = [("reference", "4711"), ("terminal", pj::TOUCH_SMART_TERMINAL_ID)];
    let request = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).map_err(|e| e.0).unwrap();
    world.until_unknown(&request, 60_000);
    world.resolve(&request, Decision::Paid);
    world.finish(&request, 1_000);
    world.cloud.touch(pj::TOUCH_SMART_TERMINAL_ID, pj::Touch::Decline(51));
    world.run(3_600_000);
    assert_eq!(request.snapshot().money, MoneyMoved::NotMoved);
    assert!(world.news_of(request.payment).contains(&EventKind::ResultChanged));
}

/// Promise 6: there is no transaction to read, and the request says so.
#[test]
fn a_fetch_of_a_sale_that_only_a_person_called_paid_ends() {
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
