//! Truth, section 7: `capture` "later" where the terminal can only charge: the charge, then the hold, then the capture.

use super::world::{Road, World};
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::fact::{Action, Fact};
use crate::payment::snapshot::{EventKind, MoneyMoved, Snapshot, State, flag};
use crate::status::Status;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::payjunction::Scenario;
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

const SALE: i64 = 5_000;

fn world() -> World {
    let mut world = World::new();
    world.warm_up();
    world
}

fn reserve(world: &mut World) -> Arc<Request> {
    let texts = [("reference", "4711"), ("capture", "later")];
    let asked = world.ask(Kind::Payment, &texts, &[("amount", SALE)]);
    asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

/// A payment whose money is reserved, and stored by the till.
fn reserved() -> (World, Arc<Request>) {
    let mut world = world();
    let sale = reserve(&mut world);
    assert_eq!(world.finish(&sale, 90_000).money, MoneyMoved::Pending);
    world.run(20_000);
    world.acknowledge(&sale);
    world.run(1_000);
    (world, sale)
}

fn until_dispatched(world: &mut World, request: &Request) {
    let hold = |fact: &Fact| matches!(fact, Fact::Dispatched { action: Action::Hold });
    world.run_until_fact(request, 60_000, "the hold is on record", hold);
}

fn books(world: &World) -> (pj::Status, i64) {
    let row = world.cloud.ledger().last().expect("there is a transaction");
    (row.status, row.amounts.total())
}

fn is_taken(told: &Snapshot) -> bool {
    (told.state, told.money, told.approved_amount) == (State::Approved, MoneyMoved::Moved, SALE)
        && told.has(flag::CAPTURED)
        && told.message.contains("taken at once")
}

fn change(world: &mut World, kind: Kind, numbers: &[(&str, i64)]) -> Arc<Request> {
    let asked = world.ask(kind, &[("reference", "4712"), ("original", "4711")], numbers);
    asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

#[test]
fn the_money_is_reserved_only_when_the_transaction_shows_the_hold() {
    let mut world = world();
    let sale = reserve(&mut world);
    let told = world.finish(&sale, 90_000);
    assert_eq!((told.state, told.status, told.money), (State::Approved, Status::Ok, MoneyMoved::Pending));
    assert_eq!((told.approved_amount, told.has(flag::CAPTURED)), (SALE, false));
    assert_eq!(books(&world), (pj::Status::Hold, SALE));
    let holds: Vec<Fact> =
        world.facts(sale.payment).into_iter().filter(|f| matches!(f, Fact::Dispatched { .. })).collect();
    let [Fact::Dispatched { action: Action::Start }, Fact::Dispatched { action: Action::Hold }] = holds[..] else {
        panic!("two steps on record: {holds:?}");
    };
    assert!(!world.has_fact(sale.payment, |fact| matches!(fact, Fact::Unclear { .. })), "its own answer shows it");
    world.run(60_000);
    assert!(sale.snapshot().has(flag::TERMINAL_FREE));
    assert_eq!(world.news_of(sale.payment), [EventKind::Result, EventKind::TerminalFree]);
    world.assert_polite();
}

#[test]
fn a_capture_of_all_or_of_less_takes_the_money_and_the_payment_tells_it() {
    for amount in [None, Some(SALE), Some(3_000)] {
        let (mut world, sale) = reserved();
        let numbers: Vec<(&str, i64)> = amount.map(|amount| ("amount", amount)).into_iter().collect();
        let capture = change(&mut world, Kind::Capture, &numbers);
        let told = world.finish(&capture, 60_000);
        let taken = amount.unwrap_or(SALE);
        assert_eq!((told.state, told.money, told.approved_amount), (State::Approved, MoneyMoved::Moved, taken));
        assert!(told.has(flag::CAPTURED) && !told.has(flag::AMOUNT_DIFFERS));
        assert_eq!(books(&world), (pj::Status::Capture, taken));
        world.run(7_200_000);
        let news = world.news_of(sale.payment);
        assert!(news.contains(&EventKind::Updated) && !news.contains(&EventKind::ResultChanged), "{news:?}");
        let last = world.told.iter().rev().find(|(id, ..)| *id == sale.payment).map(|(.., s)| s.clone());
        let last = last.expect("news of the sale");
        assert_eq!((last.money, last.approved_amount, last.has(flag::CAPTURED)), (MoneyMoved::Moved, taken, true));
    }
}

/// "Already captured" when a read shows it, whatever became of the request's own answer.
#[test]
fn a_capture_is_done_when_the_money_is_no_longer_only_reserved() {
    for when in [When::Before, When::After] {
        let (mut world, _) = reserved();
        world.cloud.fail_next(CallKind::Capture, when, Fault::Reset);
        let capture = change(&mut world, Kind::Capture, &[("amount", 3_000)]);
        let told = world.finish(&capture, 90_000);
        assert_eq!((told.state, told.approved_amount), (State::Approved, 3_000), "{when:?}");
        assert_eq!(world.cloud.count(CallKind::Capture), if when == When::Before { 2 } else { 1 });
        assert_eq!(books(&world), (pj::Status::Capture, 3_000));
    }
}

/// Promise 3. Somebody else captured another sum, and the vendor refuses ours: the money is gone all the same.
#[test]
fn what_another_has_captured_is_not_told_as_not_taken() {
    let (mut world, _) = reserved();
    let path = format!("/transactions/{}", world.cloud.ledger().last().map_or(0, |t| t.id));
    world.cloud.fail_next(CallKind::Capture, When::Before, Fault::Reset);
    let capture = change(&mut world, Kind::Capture, &[("amount", 3_000)]);
    world.run(1_000);
    world.by_hand("PUT", &path, &[("status", "CAPTURE")]);
    world.cloud.settle();
    let told = world.finish(&capture, 300_000);
    assert_eq!((told.state, told.money, told.approved_amount), (State::Approved, MoneyMoved::Moved, SALE));
    assert!(told.has(flag::AMOUNT_DIFFERS) && told.has(flag::CAPTURED));
}

/// Promise 3. The same where the answer is lost for good: a later run sends nothing again.
#[test]
fn what_another_has_captured_is_not_told_as_not_taken_by_a_later_run_either() {
    let (mut world, _) = reserved();
    let path = format!("/transactions/{}", world.cloud.ledger().last().map_or(0, |t| t.id));
    world.cloud.fail_next(CallKind::Capture, When::Before, Fault::Reset);
    let capture = change(&mut world, Kind::Capture, &[("amount", 3_000)]);
    world.run_until_fact(&capture, 5_000, "lost", |fact| matches!(fact, Fact::Unclear { .. }));
    world.power_cut(1_000);
    world.by_hand("PUT", &path, &[("status", "CAPTURE")]);
    let again = world.again(capture.payment);
    let told = world.finish(&again, 300_000);
    assert_eq!((told.state, told.money, told.approved_amount), (State::Approved, MoneyMoved::Moved, SALE));
    assert!(told.has(flag::AMOUNT_DIFFERS) && told.has(flag::CAPTURED));
    assert_eq!(world.cloud.count(CallKind::Capture), 2, "ours and theirs");
}

/// Nothing was reserved: a refused capture has taken nothing.
#[test]
fn a_refused_capture_of_what_was_taken_before_has_failed() {
    let mut world = world();
    let sale = world.pay("4711", SALE);
    world.finish(&sale, 60_000);
    world.run(10_000);
    world.cloud.settle();
    let capture = change(&mut world, Kind::Capture, &[("amount", 3_000)]);
    let told = world.finish(&capture, 60_000);
    assert_eq!((told.state, told.status, told.money), (State::Failed, Status::Rejected, MoneyMoved::NotMoved));
}

/// Promise 3: the answer is lost after the work, and the transaction tells.
#[test]
fn a_hold_whose_answer_is_lost_is_read() {
    for fault in [Fault::Drop, Fault::BadGateway, Fault::HalfBody, Fault::Silence(60_000)] {
        let mut world = world();
        world.cloud.fail_next(CallKind::Hold, When::After, fault);
        let sale = reserve(&mut world);
        let told = world.finish(&sale, 120_000);
        assert_eq!((told.state, told.money), (State::Approved, MoneyMoved::Pending), "{fault:?}");
        assert_eq!((books(&world).0, world.cloud.count(CallKind::Hold)), (pj::Status::Hold, 1));
        assert!(world.told.iter().all(|(.., s)| s.state != State::Unknown), "the card is known to be approved");
    }
}

/// The vendor says no, and the transaction says yes.
#[test]
fn a_refused_hold_that_is_done_is_done() {
    let mut world = world();
    let refusal = r#"{"errors":[{"message":"Already on hold.","parameter":"status","type":"invalid"}]}"#;
    world.forge(CallKind::Hold, When::After, 400, refusal);
    let sale = reserve(&mut world);
    assert_eq!(world.finish(&sale, 60_000).money, MoneyMoved::Pending);
}

/// Truth: money MOVED, and the flag. It is not sent again: a copy on the road could undo a later capture.
#[test]
fn a_hold_that_never_arrived_leaves_the_money_taken_and_says_so() {
    for fault in [Fault::Drop, Fault::BadGateway, Fault::HalfBody, Fault::Silence(60_000)] {
        let mut world = World::with(pj::Setup::default(), &[("deadline", 30)]);
        world.warm_up();
        world.cloud.fail_next(CallKind::Hold, When::Before, fault);
        let sale = reserve(&mut world);
        let told = world.finish(&sale, 300_000);
        assert!(is_taken(&told), "{fault:?} {told:#?}");
        let unknown = world.told.iter().any(|(.., s)| s.state == State::Unknown);
        assert!(!unknown, "the card is known to be approved, however long the hold is in question");
        assert_eq!((books(&world), world.cloud.count(CallKind::Hold)), ((pj::Status::Capture, SALE), 1));
    }
}

/// A copy that was stuck on the road is seen as long as it may come.
#[test]
fn a_hold_that_arrives_late_is_seen() {
    let mut world = world();
    world.cloud.fail_next(CallKind::Hold, When::Before, Fault::Delay(80_000));
    let sale = reserve(&mut world);
    let told = world.finish(&sale, 300_000);
    assert_eq!((told.money, books(&world).0), (MoneyMoved::Pending, pj::Status::Hold));
}

#[test]
fn a_hold_that_the_vendor_refuses_leaves_the_money_taken_and_says_so() {
    let refusal = r#"{"errors":[{"message":"Status can not be updated.","parameter":"status","type":"invalid"}]}"#;
    for status in [400, 403, 404] {
        let mut world = world();
        world.forge(CallKind::Hold, When::Before, status, refusal);
        let sale = reserve(&mut world);
        let told = world.finish(&sale, 60_000);
        assert!(is_taken(&told), "{status} {told:#?}");
        assert_eq!(told.status, Status::Ok, "the card is charged: no failure is in the way");
    }
}

/// Nobody can read what became of the hold: the charge is told, and the hold is looked for.
#[test]
fn a_hold_that_nobody_can_read_is_told_when_somebody_can() {
    for (when, money) in [(When::After, MoneyMoved::Pending), (When::Before, MoneyMoved::Moved)] {
        let mut world = world();
        let sale = reserve(&mut world);
        until_dispatched(&mut world, &sale);
        world.cloud.fail_next(CallKind::Hold, when, Fault::Reset);
        world.run_until_fact(&sale, 5_000, "lost", |fact| matches!(fact, Fact::Unclear { .. }));
        world.road = Road::Closed;
        assert!(is_taken(&world.finish(&sale, 300_000)), "{when:?}");
        world.acknowledge(&sale);
        world.run(3_600_000);
        world.road = Road::Open;
        world.run(700_000);
        assert_eq!(sale.snapshot().money, money);
        let changed = world.news_of(sale.payment).contains(&EventKind::ResultChanged);
        assert_eq!((changed, sale.is_acknowledged()), (money == MoneyMoved::Pending, money == MoneyMoved::Moved));
        assert!(!sale.snapshot().has(flag::AMOUNT_DIFFERS), "the sum is as told");
        assert_eq!(sale.snapshot().has(flag::CAPTURED), money == MoneyMoved::Moved);
    }
}

/// The same when the program was started anew meanwhile.
#[test]
fn a_hold_that_nobody_could_read_is_looked_for_at_the_next_start() {
    let mut world = world();
    let sale = reserve(&mut world);
    until_dispatched(&mut world, &sale);
    world.cloud.fail_next(CallKind::Hold, When::After, Fault::Reset);
    world.run_until_fact(&sale, 5_000, "lost", |fact| matches!(fact, Fact::Unclear { .. }));
    world.road = Road::Closed;
    world.finish(&sale, 300_000);
    world.acknowledge(&sale);
    world.run(5_000);
    world.power_cut(1_000);
    world.road = Road::Open;
    world.run(700_000);
    assert!(world.news_of(sale.payment).contains(&EventKind::ResultChanged), "{}", world.story(sale.payment));
}

/// Promise 4: a later run only reads.
#[test]
fn a_power_cut_between_charge_and_hold_leaves_the_money_taken_and_says_so() {
    let mut world = world();
    let sale = reserve(&mut world);
    world.run_until_fact(&sale, 60_000, "a transaction", |fact| matches!(fact, Fact::TransactionSeen { .. }));
    world.power_cut(1_000);
    assert!(!world.has_fact(sale.payment, |fact| matches!(fact, Fact::Dispatched { action: Action::Hold })));
    let again = world.again(sale.payment);
    assert!(is_taken(&world.finish(&again, 60_000)));
    assert_eq!((world.cloud.count(CallKind::Hold), books(&world)), (0, (pj::Status::Capture, SALE)));
}

/// Promise 4.
#[test]
fn a_power_cut_after_the_holds_record_is_answered_by_reading() {
    for executed in [true, false] {
        let mut world = world();
        let sale = reserve(&mut world);
        until_dispatched(&mut world, &sale);
        if executed {
            world.run_until(5_000, "held", |w| w.cloud.count(CallKind::Hold) == 1);
        }
        world.power_cut(1_000);
        let again = world.again(sale.payment);
        let told = world.finish(&again, 300_000);
        assert!(told.has(flag::RECOVERED));
        assert_eq!(world.cloud.count(CallKind::Hold), usize::from(executed), "nothing is sent by a later run");
        assert_eq!(told.money, if executed { MoneyMoved::Pending } else { MoneyMoved::Moved });
        assert_eq!(told.has(flag::CAPTURED), !executed);
    }
}

/// Promise 1, and what it costs: without its record the hold does not leave.
#[test]
fn without_a_disk_nothing_is_held_and_the_till_is_told() {
    let mut world = world();
    let sale = reserve(&mut world);
    world.run_until_fact(&sale, 60_000, "a transaction", |fact| matches!(fact, Fact::TransactionSeen { .. }));
    world.disk_fails = true;
    let told = world.finish(&sale, 300_000);
    assert_eq!((told.money, told.has(flag::CAPTURED), told.has(flag::NOT_DURABLE)), (MoneyMoved::Moved, true, true));
    assert_eq!(world.cloud.count(CallKind::Hold), 0);
}

/// A disk that does not answer: the hold has its own shelf life, and no turn of the engine is wasted on waiting for it.
#[test]
fn a_hold_that_waits_for_the_disk_too_long_does_not_leave() {
    let mut world = world();
    let sale = reserve(&mut world);
    world.run_until_fact(&sale, 60_000, "a transaction", |fact| matches!(fact, Fact::TransactionSeen { .. }));
    world.flush_ms = 60_000;
    let told = world.finish(&sale, 20_000);
    assert_eq!((told.money, told.has(flag::CAPTURED)), (MoneyMoved::Moved, true));
    assert_eq!(world.cloud.count(CallKind::Hold), 0);
}

/// The road is closed for a moment: a hold that did not leave may leave, within its shelf life.
#[test]
fn a_hold_that_did_not_leave_leaves_within_its_shelf_life() {
    for (closed, money) in [(4_000, MoneyMoved::Pending), (40_000, MoneyMoved::Moved)] {
        let mut world = world();
        let sale = reserve(&mut world);
        until_dispatched(&mut world, &sale);
        world.road = Road::Closed;
        world.run(closed);
        world.road = Road::Open;
        let told = world.finish(&sale, 60_000);
        assert_eq!((told.money, told.has(flag::CAPTURED)), (money, money == MoneyMoved::Moved), "{closed}");
        assert_eq!(world.cloud.count(CallKind::Hold), usize::from(money == MoneyMoved::Pending));
    }
}

/// Truth, section 8: with a cancel and an approval nothing is undone by itself.
#[test]
fn a_cancel_between_charge_and_hold_undoes_nothing_by_itself() {
    let mut world = world();
    world.cloud.fail_next(CallKind::Hold, When::Before, Fault::RateLimited(Some(2)));
    let sale = reserve(&mut world);
    until_dispatched(&mut world, &sale);
    world.cancel(&sale);
    let told = world.finish(&sale, 60_000);
    assert_eq!((told.state, told.money), (State::Approved, MoneyMoved::Pending));
    assert!(
        told.has(flag::CANCEL_REQUESTED) && told.message.contains("authorized before the cancel"),
        "{}",
        told.message
    );
    assert_eq!(world.cloud.count(CallKind::Main), 0, "the terminal is out of it");
    let reverse = change(&mut world, Kind::Reverse, &[]);
    assert_eq!(world.finish(&reverse, 60_000).money, MoneyMoved::Reversed);
    assert_eq!((books(&world).0, sale.snapshot().money), (pj::Status::Void, MoneyMoved::Reversed));
}

/// A charge whose own answer was lost is found, and held like any other.
#[test]
fn a_charge_that_was_found_by_search_is_held() {
    let mut world = world();
    world.lose_next_answer();
    let sale = reserve(&mut world);
    let told = world.finish(&sale, 120_000);
    assert_eq!((told.money, told.has(flag::RECOVERED)), (MoneyMoved::Pending, true));
    assert_eq!(books(&world).0, pj::Status::Hold);
}

/// Promise 4: once the till was told that it is unknown, only reads go on.
#[test]
fn what_was_told_as_unknown_is_not_held_afterwards() {
    let mut world = world();
    world.lose_next_answer();
    world.cloud.switches.search_lag_ms = 120_000;
    let sale = reserve(&mut world);
    world.until_unknown(&sale, 100_000);
    assert!(is_taken(&world.finish(&sale, 400_000)));
    assert_eq!(world.cloud.count(CallKind::Hold), 0);
}

#[test]
fn a_decline_is_not_held() {
    let mut world = world();
    world.cloud.script(Scenario::Decline(51));
    let sale = reserve(&mut world);
    assert_eq!(world.finish(&sale, 90_000).state, State::Declined);
    assert_eq!(world.cloud.count(CallKind::Hold), 0);
}

/// Promise 7: what is only reserved and turns out to be taken by somebody else is an event.
#[test]
fn a_capture_by_somebody_else_is_told() {
    let mut world = world();
    let sale = reserve(&mut world);
    assert_eq!(world.finish(&sale, 90_000).money, MoneyMoved::Pending);
    let path = format!("/transactions/{}", world.cloud.ledger().last().map_or(0, |t| t.id));
    world.by_hand("PUT", &path, &[("status", "CAPTURE")]);
    world.run(60_000);
    assert_eq!(world.news_of(sale.payment), [EventKind::Result, EventKind::TerminalFree, EventKind::ResultChanged]);
    assert_eq!((sale.snapshot().money, sale.snapshot().has(flag::CAPTURED)), (MoneyMoved::Moved, true));
    assert!(!sale.snapshot().has(flag::AMOUNT_DIFFERS));
    assert_eq!(sale.snapshot().message, "The money of this payment is taken and no longer only reserved.");
}
