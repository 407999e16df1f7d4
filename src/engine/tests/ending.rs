//! Truth, section 4: good news early, bad news at the end.

use super::world::{World, own_error};
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario, Touch};
use posjunction_simulator::{CallKind, Fault, When};

fn pay_at(world: &mut World, terminal: &str, reference: &str, amount: i64) -> std::sync::Arc<crate::engine::Request> {
    world.ask(Kind::Payment, &[("reference", reference), ("terminal", terminal)], &[("amount", amount)]).unwrap()
}

/// PayJunction tells the id while the receipt prompt is still showing.
#[test]
fn an_approval_is_told_before_the_request_ends() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowReceipt);
    let request = world.pay("4711", 1234);
    let asked = world.now;
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(world.now - asked < 8_000, "told after {} ms", world.now - asked);
    assert!(!result.has(flag::TERMINAL_FREE));
    world.run_until(60_000, "the terminal is free", |_| request.snapshot().has(flag::TERMINAL_FREE));
    assert!(world.now - asked > 45_000);
}

/// Promise 3: the device may ask for another card in the same request.
#[test]
fn a_decline_is_told_only_when_the_request_has_ended() {
    for second_card in [true, false] {
        let mut world = World::new();
        world.cloud.switches.second_card_after_decline = second_card;
        let request = world.pay("4711", 8);
        world.run_until(20_000, "a decline is in the books", |w| !w.cloud.ledger().is_empty());
        assert!(!world.cloud.ledger()[0].verdict.approved);
        world.run(1_500);
        assert_eq!(request.snapshot().state, State::Processing, "the request has not ended");
        let result = world.finish(&request, 60_000);
        if second_card {
            assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
        } else {
            assert_eq!((result.state, result.money), (State::Declined, MoneyMoved::NotMoved));
            assert_eq!((result.status, result.advice), (Status::Declined, Advice::NewCard));
            assert_eq!(result.response_code, "51");
        }
        assert_eq!(world.cloud.moved_cents(), if second_card { 8 } else { 0 });
    }
}

/// Promise 3: what was declined when first read is read again at the end.
#[test]
fn a_decline_is_read_again_when_the_request_has_ended() {
    let mut world = World::new();
    let sale = world.warm_up();
    let key = world.key(sale.payment);
    let approved = world.calls_of(CallKind::GetTransaction)[0].answer.clone();
    let declined = approved
        .replace(&sale.snapshot().transaction_id, "8351")
        .replace(&key, "X")
        .replace("CAPTURE", "DECLINED")
        .replace("\"approved\":true", "\"approved\":false");
    world.forge(CallKind::GetTransaction, When::After, 200, &declined);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 20_000, State::Processing);
    world.run(1_000);
    assert_eq!(request.snapshot().state, State::Processing, "declined, says the first read");
    let result = world.finish(&request, 30_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
}

/// Promise 3: a decline after the issuer authorized holds the card's money.
#[test]
fn a_decline_after_the_issuer_authorized_says_that_money_is_held() {
    let mut world = World::new();
    let request = world.pay("4711", 20_014);
    let result = world.finish(&request, 60_000);
    assert_eq!(result.state, State::Declined);
    assert!(result.has(flag::HELD));
}

/// Promise 3.
#[test]
fn busy_before_the_customer_saw_anything_is_final() {
    let mut world = World::new();
    let request = pay_at(&mut world, pj::BUSY_SMART_TERMINAL_ID, "4711", 1234);
    let result = world.finish(&request, 10_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::DeviceBusy));
    assert_eq!((result.money, result.advice, result.vendor_code), (MoneyMoved::NotMoved, Advice::Retry, 0));
    world.run(1_000);
    assert!(request.snapshot().has(flag::TERMINAL_FREE));
}

/// Promise 3: BUSY after the payment screen was seen says nothing.
#[test]
fn busy_after_the_customer_saw_the_payment_is_not_believed() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    for _ in 0..3 {
        world.forge(CallKind::Poll, When::Before, 200, r#"{"status": "BUSY"}"#);
    }
    world.run(10_000);
    assert_eq!(request.snapshot().state, State::AtTerminal);
    assert_eq!(world.finish(&request, 90_000).state, State::Approved);
}

/// Promise 3: a request that already has a transaction is not ended by BUSY.
#[test]
fn busy_with_a_transaction_is_not_a_failure() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.forge(CallKind::Poll, When::Before, 200, r#"{"status": "BUSY", "transactionId": 8350}"#);
    let result = world.finish(&request, 200_000);
    assert_eq!(result.state, State::Approved);
}

/// Promise 3.
#[test]
fn no_connection_is_final_only_when_read_twice_ten_seconds_apart() {
    let mut world = World::new();
    let request = pay_at(&mut world, pj::OFFLINE_SMART_TERMINAL_ID, "4711", 1234);
    world.run_until(20_000, "no connection", |w| {
        w.calls_of(CallKind::Poll).iter().any(|call| call.answer.contains("NO_CONNECTION"))
    });
    let first = world.now;
    let result = world.finish(&request, 20_000);
    assert!(world.now - first >= 10_000, "after {} ms", world.now - first);
    assert_eq!((result.state, result.status), (State::Failed, Status::DeviceOffline));
    assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Retry));
}

/// The unknown: NO_CONNECTION is not the end.
#[test]
fn a_terminal_that_comes_back_within_ten_seconds_has_not_failed() {
    let timing = pj::Timing { reconnect: 6_000, ..pj::Timing::default() };
    let setup = pj::Setup { timing, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let request = world.pay("4711", 20_005);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(!result.has(flag::LATE));
}

/// Any other word between two NO_CONNECTION starts the count anew.
#[test]
fn another_word_between_breaks_the_proof_of_no_connection() {
    for word in ["CONNECTING", "WAKING_UP"] {
        let mut world = World::new();
        let request = pay_at(&mut world, pj::OFFLINE_SMART_TERMINAL_ID, "4711", 1234);
        world.run_until(20_000, "no connection", |w| {
            w.calls_of(CallKind::Poll).iter().any(|call| call.answer.contains("NO_CONNECTION"))
        });
        world.run(8_000);
        world.forge(CallKind::Poll, When::Before, 200, &format!("{{\"status\": \"{word}\"}}"));
        world.run(4_000);
        assert!(!request.snapshot().state.is_final(), "{word}");
        assert_eq!(world.finish(&request, 20_000).status, Status::DeviceOffline);
    }
}

/// Promise 5: a request that ends without an id is confirmed by one search.
#[test]
fn the_end_without_an_id_is_confirmed_by_a_search() {
    let mut world = World::new();
    world.warm_up();
    let searches = world.cloud.count(CallKind::Search);
    let request = world.pay("4711", 20_001);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved));
    assert_eq!(world.cloud.count(CallKind::Search), searches + 1);
    // The customer's payment screen gives up: the same.
    world.run(5_000);
    let request = world.pay("4712", 20_002);
    let result = world.finish(&request, 120_000);
    assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved));
}

/// Promise 5: an approval whose id the request never tells.
#[test]
fn the_end_without_an_id_is_not_a_cancel_when_the_search_finds_money() {
    for fail in [false, true] {
        let mut world = World::new();
        if fail {
            for _ in 0..3 {
                world.cloud.fail_next(CallKind::Search, When::Before, Fault::BadGateway);
            }
        }
        let request = world.pay("4711", 20_019);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
        assert_eq!(world.submits(request.payment), 1);
    }
}

/// Promise 8: where the till keeps the key's field for itself, a look-alike forbids the cancel.
#[test]
fn the_end_without_an_id_is_not_a_cancel_while_there_is_a_look_alike() {
    let mut world = World::new();
    let texts = [("reference", "4711"), ("purchase_order", "PO-77")];
    let request = world.ask(Kind::Payment, &texts, &[("amount", 20_019)]).unwrap();
    let snapshot = world.until_unknown(&request, 300_000);
    assert_eq!(snapshot.details.get("candidates.count"), Some(&crate::payment::snapshot::Detail::Int(1)));
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
}

/// Promise 5: an unknown word means "still running".
#[test]
fn an_unknown_status_word_ends_nothing() {
    let mut world = World::new();
    let request = world.pay("4711", 20_018);
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    // And one that never ends is overdue, then unknown.
    let mut world = World::new();
    world.cloud.script(Scenario::Stuck);
    for _ in 0..1_000 {
        world.forge(CallKind::Poll, When::Before, 200, r#"{"status": "DONE"}"#);
    }
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 200_000);
}

/// Promise 7: the record is read once more when the terminal is free.
#[test]
fn a_transaction_is_read_again_when_the_terminal_is_free() {
    let mut world = World::new();
    world.cloud.script(Scenario::SlowReceipt);
    let request = world.pay("4711", 1234);
    world.finish(&request, 60_000);
    let reads = world.cloud.count(CallKind::GetTransaction);
    world.run_until(60_000, "the terminal is free", |_| request.snapshot().has(flag::TERMINAL_FREE));
    world.run(3_000);
    assert_eq!(world.cloud.count(CallKind::GetTransaction), reads + 1);
    assert_eq!(world.news_of(request.payment), [EventKind::Result, EventKind::TerminalFree]);
    world.run(600_000);
    assert_eq!(world.cloud.count(CallKind::GetTransaction), reads + 1, "and then no more");
}

/// Promise 7: a difference is an event of its own. Somebody voids the sale while the receipt is showing.
#[test]
fn a_record_that_changed_meanwhile_is_told_as_a_change() {
    for restart in [false, true] {
        let mut world = World::new();
        world.cloud.script(Scenario::SlowReceipt);
        let request = world.pay("4711", 1234);
        let result = world.finish(&request, 60_000);
        world.run(2_000);
        world.by_hand("PUT", &format!("/transactions/{}", result.transaction_id), &[("status", "VOID")]);
        if restart {
            world.power_cut(1_000);
        }
        world.run(90_000);
        let payment = request.payment;
        assert!(world.news_of(payment).contains(&EventKind::ResultChanged), "{:?}", world.news_of(payment));
        assert_eq!(world.again(payment).snapshot().money, MoneyMoved::Reversed);
    }
}

/// The same for a payment that was found by search: its terminal is free at L.
#[test]
fn a_record_found_by_search_is_read_again_at_l() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_answer();
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 60_000);
    world.run(10_000);
    world.by_hand("PUT", &format!("/transactions/{}", result.transaction_id), &[("status", "VOID")]);
    world.run(200_000);
    assert!(world.news_of(request.payment).contains(&EventKind::ResultChanged));
}

/// A matched sale that was voided meanwhile is canceled, its money given back.
#[test]
fn a_sale_found_voided_is_canceled_and_reversed() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.script(Scenario::SlowReceipt);
    for _ in 0..30 {
        world.cloud.fail_next(CallKind::GetTransaction, When::Before, Fault::BadGateway);
    }
    let request = world.pay("4711", 1234);
    world.run_until(20_000, "charged", |w| w.cloud.ledger().len() == 2);
    let id = world.cloud.ledger()[1].id;
    world.by_hand("PUT", &format!("/transactions/{id}"), &[("status", "VOID")]);
    world.run(20_000);
    world.cloud.heal();
    let result = world.finish(&request, 100_000);
    assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::Reversed));
}

/// The unknown: a fresh id is 404 for a moment.
#[test]
fn a_fresh_id_may_be_unknown_for_a_moment() {
    for ms in [0, 3_000, 20_000] {
        let mut world = World::new();
        world.cloud.switches.fresh_request_404_ms = ms;
        world.cloud.switches.fresh_transaction_404_ms = ms;
        let request = world.pay("4711", 1234);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{ms}");
        world.assert_polite();
    }
}

/// Truth, section 4: DT is never a plain decline.
#[test]
fn a_duplicate_decline_finds_the_earlier_attempt_that_was_paid() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    let first = world.pay("4711", 20_005);
    assert_eq!(world.finish(&first, 60_000).status, Status::DeviceOffline);
    world.acknowledge(&first);
    // Nobody sees the charge in the search by our key.
    world.cloud.switches.search_lag_ms = 45_000;
    world.run_cloud_until(60_000, "charged after all", |cloud| cloud.ledger().len() == 2);
    world.run(5_000);
    for _ in 0..2 {
        world.forge(CallKind::Poll, When::Before, 404, &own_error("404 Not Found"));
    }
    let second = world.pay("4711", 20_005);
    world.cloud.script(Scenario::SlowCard);
    let result = world.finish(&second, 90_000);
    assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Done));
    world.run(5_000);
    let told = world.again(first.payment);
    assert_eq!((told.snapshot().state, told.snapshot().money), (State::Approved, MoneyMoved::Moved));
    assert_eq!(world.cloud.moved_cents(), 20_105);
    assert!(world.news_of(first.payment).contains(&EventKind::LateApproval));
}

/// Truth, section 4: none of this reference is found: a person must look.
#[test]
fn a_duplicate_decline_without_an_earlier_attempt_wants_a_person() {
    let mut world = World::new();
    let first = world.ask(Kind::Payment, &[("reference", "A"), ("invoice", "77")], &[("amount", 1234)]).unwrap();
    world.finish(&first, 60_000);
    world.run(5_000);
    let second = world.ask(Kind::Payment, &[("reference", "B"), ("invoice", "77")], &[("amount", 1234)]).unwrap();
    let result = world.finish(&second, 60_000);
    assert_eq!((result.state, result.status), (State::Declined, Status::DuplicateSuspected));
    assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Resolve));
    assert!(result.has(flag::DUPLICATE_SUSPECTED));
    assert_eq!(world.cloud.moved_cents(), 1234);
}

/// The customer leaves the receipt screen: that changes nothing.
#[test]
fn a_hand_at_the_terminal_pays_or_declines() {
    let mut world = World::new();
    let touch = pj::TOUCH_SMART_TERMINAL_ID;
    let request = pay_at(&mut world, touch, "4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.run(30_000);
    assert!(world.cloud.touch(touch, Touch::Tap));
    assert_eq!(world.finish(&request, 10_000).state, State::Approved);
}
