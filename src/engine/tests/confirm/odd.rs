//! What only one vendor can bring about: a hold that fails, money taken by hand, a payment folded onto an earlier attempt.

use super::*;
use crate::engine::tests::world::Road;
use crate::payment::Decision;
use posjunction_simulator::ebizcharge as eb;
use posjunction_simulator::payjunction as pj;

type Lane = Till<pj::Cloud>;

/// The hold was refused: the money is taken, and the till is told so.
fn taken_at_once() -> (Lane, Arc<Request>) {
    let mut till = Lane::new(&[]);
    till.world.forge(CallKind::Hold, When::Before, 400, REFUSED_BY_PAYJUNCTION);
    let sale = till.pay(&[]);
    let told = till.world.finish(&sale, 120_000);
    assert_eq!((told.state, told.money, told.has(flag::CAPTURED)), (State::Approved, MoneyMoved::Moved, true));
    (till, sale)
}

#[test]
fn money_that_could_not_be_held_needs_no_capture() {
    let (mut till, sale) = taken_at_once();
    till.world.acknowledge(&sale);
    till.world.run(7_200_000);
    assert_eq!(till.count(CallKind::Capture), 0);
    till.judge_taken(&sale);
}

#[test]
fn money_that_could_not_be_held_is_given_back_for_silence() {
    let (mut till, sale) = taken_at_once();
    till.until_undone(&sale, WITHIN_MS + 10_000);
    assert!(!sale.snapshot().has(flag::CAPTURED));
    till.judge_undone(&sale);
}

/// Settled in the meantime: the vendor refuses the void, and the till is told.
#[test]
fn money_that_is_settled_is_not_undone_and_the_till_is_told() {
    let (mut till, sale) = taken_at_once();
    till.world.cloud.settle();
    till.world.run_until(WITHIN_MS + 60_000, "told", |w| w.news_of(sale.payment).contains(&EventKind::ResultChanged));
    let told = till.last_word(&sale);
    assert_eq!((told.state, told.money, told.status), (State::Approved, MoneyMoved::Moved, Status::Rejected));
    till.world.run(7_200_000);
    assert_eq!(till.count(CallKind::Void), 1);
}

/// The sale was stored. What comes up later is told, but a till that is closed for the night is not silent about it.
#[test]
fn what_was_acknowledged_once_is_not_undone_when_its_record_changes() {
    let mut till = Lane::new(&[]);
    let sale = till.pay(&[]);
    let hold = |fact: &Fact| matches!(fact, Fact::Dispatched { action: Action::Hold });
    till.world.run_until_fact(&sale, 60_000, "the hold is on record", hold);
    till.world.cloud.fail_next(CallKind::Hold, When::After, Fault::Reset);
    till.world.run_until_fact(&sale, 5_000, "lost", |fact| matches!(fact, Fact::Unclear { .. }));
    till.world.road = Road::Closed;
    assert_eq!(till.world.finish(&sale, 300_000).money, MoneyMoved::Moved, "as far as anybody knows");
    till.world.acknowledge(&sale);
    till.world.run(3_600_000);
    till.world.road = Road::Open;
    till.world.run(700_000);
    assert_eq!((sale.snapshot().money, till.news(&sale, EventKind::ResultChanged)), (MoneyMoved::Pending, 1));
    till.world.run(7_200_000);
    assert_eq!(till.count(CallKind::Void), 0, "the sale is stored");
    // And when the till has heard it, the money is taken after all.
    till.world.acknowledge(&sale);
    till.until_taken(&sale, 60_000);
    till.judge_taken(&sale);
}

fn by_hand(till: &mut Lane, word: &str) {
    let path = format!("/transactions/{}", till.world.cloud.ledger().last().map_or(0, |t| t.id));
    till.world.by_hand("PUT", &path, &[("status", word)]);
}

/// Promise 7: it is told. A person took the money, and that is no silence.
#[test]
fn money_that_a_person_took_by_hand_is_told_and_not_undone() {
    let mut till = Lane::new(&[]);
    let sale = till.reserved();
    by_hand(&mut till, "CAPTURE");
    till.world.run(7_200_000);
    assert_eq!((till.news(&sale, EventKind::ResultChanged), till.count(CallKind::Void)), (1, 0));
    till.world.acknowledge(&sale);
    till.world.run(60_000);
    assert!(!till.is_on_record(&sale, Action::Capture), "there is nothing left to take");
    assert_eq!(sale.snapshot().money, MoneyMoved::Moved);
}

/// The same while the void is unclear: it is not sent again.
#[test]
fn an_unclear_void_is_not_sent_again_when_a_person_has_taken_the_money() {
    let mut till = Lane::new(&[]);
    let sale = till.reserved();
    till.world.run(60_000);
    till.lose_next(CallKind::Void, 9);
    till.world.run_until(WITHIN_MS, "lost", |w| w.has_fact(sale.payment, |f| matches!(f, Fact::Unclear { .. })));
    by_hand(&mut till, "CAPTURE");
    till.world.run(7_200_000);
    assert_eq!((till.count(CallKind::Void), till.row(&sale).voided), (1, false));
    let now = sale.snapshot();
    assert_eq!((now.state, now.money), (State::Approved, MoneyMoved::Moved));
    assert_eq!(till.news(&sale, EventKind::ResultChanged), 2, "what the person did, and that the void was not done");
    assert!(till.work(Kind::Void).is_ok(), "the till may do what it wants again");
}

/// A person voided it while the capture was unclear: there is nothing left to take.
#[test]
fn an_unclear_capture_is_not_sent_again_when_a_person_has_voided_it() {
    let mut till = Lane::new(&[]);
    let sale = till.reserved();
    till.world.run(60_000);
    till.lose_next(CallKind::Capture, 9);
    till.world.acknowledge(&sale);
    till.world.run_until(5_000, "lost", |w| w.has_fact(sale.payment, |f| matches!(f, Fact::Unclear { .. })));
    by_hand(&mut till, "VOID");
    till.world.run(7_200_000);
    assert_eq!((till.count(CallKind::Capture), sale.snapshot().money), (1, MoneyMoved::Reversed));
    assert_eq!(till.news(&sale, EventKind::ResultChanged), 1);
    assert!(till.work(Kind::Refund).is_ok(), "nothing is in use any more");
}

/// The till changes the tip before it says that the sale is stored: the new whole is taken.
#[test]
fn a_tip_that_the_till_adds_meanwhile_is_captured() {
    let mut till = Lane::new(&[]);
    let sale = till.reserved();
    let asked = till.world.ask(Kind::AdjustTip, &[("reference", "T"), ("original", "4711")], &[("tip_amount", 700)]);
    let tip = asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    assert_eq!(till.world.finish(&tip, 60_000).approved_amount, SALE + 700);
    till.world.run(WITHIN_MS - 1_000);
    till.world.acknowledge(&sale);
    till.until_taken(&sale, 60_000);
    assert_eq!((sale.snapshot().approved_amount, sale.snapshot().has(flag::AMOUNT_DIFFERS)), (SALE + 700, false));
    assert_eq!(till.row(&sale), Row { total: SALE + 700, tip: 700, ..Row::default() });
    let asked = till.world.ask(Kind::AdjustTip, &[("reference", "T2"), ("original", "4711")], &[("tip_amount", 1)]);
    assert!(asked.is_ok());
}

/// A new tip is work on the payment like any other: not while the capture is on its way.
#[test]
fn a_new_tip_waits_for_the_capture() {
    let mut till = Lane::new(&[]);
    let sale = till.reserved();
    till.world.run(60_000);
    till.lose_next(CallKind::Capture, 1);
    till.world.acknowledge(&sale);
    till.world.run(3_000);
    let asked = till.world.ask(Kind::AdjustTip, &[("reference", "T"), ("original", "4711")], &[("tip_amount", 1)]);
    assert_eq!(asked.err().map(|(status, ..)| status), Some(Status::TransactionInUse));
    till.until_taken(&sale, 90_000);
}

/// The till's own capture is unknown for long. The policy waits for it, and the terminal is looked after meanwhile.
#[test]
fn a_policy_that_has_to_wait_holds_nothing_else_up() {
    let mut till = Lane::new(&[("deadline", "20")]);
    let sale = till.reserved();
    assert!(!sale.snapshot().has(flag::TERMINAL_FREE));
    till.world.cloud.fail_next(CallKind::Capture, When::Before, Fault::Silence(25_000));
    let capture = till.work(Kind::Capture).expect("taken");
    till.world.acknowledge(&sale);
    till.world.run_until(15_000, "the terminal is free", |_| sale.snapshot().has(flag::TERMINAL_FREE));
    assert!(!capture.snapshot().state.is_final() && !till.is_on_record(&sale, Action::Capture));
    till.world.run(600_000);
    till.judge_taken(&sale);
}

/// The vendor answers with an earlier attempt's authorization: that is the one which the acknowledgement takes.
#[test]
fn an_authorization_of_an_earlier_attempt_is_captured_too() {
    let mut till = Till::<eb::Cloud>::new(&[]);
    till.world.cloud.switches.duplicates = eb::Duplicates::Fold;
    till.world.lose_next_answer();
    till.world.checks.vendor_hides_money = true;
    till.world.cloud.switches.search_hides_all = true;
    let first = till.pay(&[]);
    till.world.until_unknown(&first, 160_000);
    till.world.resolve(&first, Decision::NotPaid);
    till.world.acknowledge(&first);
    till.world.run(5_000);
    let sale = till.pay(&[]);
    let told = till.world.finish(&sale, 120_000);
    assert_eq!((told.state, told.money), (State::Approved, MoneyMoved::Pending));
    till.world.acknowledge(&sale);
    till.until_taken(&sale, 60_000);
    till.world.cloud.switches.search_hides_all = false;
    till.world.run(4_000_000);
    till.judge_taken(&sale);
    assert_eq!(till.count(CallKind::Capture), 1);
}

/// Found after it had been told as failed: a person looks at that, however long it takes.
#[test]
fn a_late_approval_is_not_undone_for_silence() {
    let mut till = Lane::new(&[]);
    till.world.checks.vendor_hides_money = true;
    till.world.cloud.switches.no_connection_then_success = true;
    let asked = till.world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 20_004)]);
    let sale = asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    assert_eq!(till.world.finish(&sale, 60_000).state, State::Failed);
    till.world.run_until(200_000, "late", |_| sale.snapshot().has(flag::LATE));
    till.world.run(7_200_000);
    assert_eq!((till.count(CallKind::Void), sale.snapshot().money), (0, MoneyMoved::Moved));
    till.world.acknowledge(&sale);
    till.world.run(60_000);
    assert_eq!(till.count(CallKind::Capture), 0);
}
