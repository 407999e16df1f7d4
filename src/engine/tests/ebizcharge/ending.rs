//! How a request ends without money, and the ends that were none.

use super::{CANCELED, FAILED, PAID, TIMED_OUT, shop, shop_with, told};
use crate::payment::Kind;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{Advice, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::ebizcharge::{Cancel, Scenario};
use posjunction_simulator::{CallKind, Fault, When};

#[test]
fn the_customer_cancels_at_the_terminal() {
    let mut shop = shop();
    let (sale, result) = shop.play("4711", Scenario::CustomerCancel);
    assert_eq!((told(&result), result.advice), (CANCELED, Advice::Retry));
    assert_eq!(shop.submits(sale.payment), 1);
    shop.assert_polite();
}

#[test]
fn the_till_cancels_before_the_card() {
    let mut shop = shop();
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    let asked = shop.now;
    shop.cancel(&sale);
    let result = shop.finish(&sale, 30_000);
    assert_eq!(told(&result), CANCELED);
    assert!(result.has(flag::CANCEL_REQUESTED) && shop.now - asked < 6_000, "{} ms", shop.now - asked);
    shop.assert_polite();
}

/// A cancel before the request has its id is kept, and carried out then.
#[test]
fn a_cancel_that_comes_early_waits_for_the_request() {
    let mut shop = shop();
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.run_until(5_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 1);
    shop.cancel(&sale);
    assert_eq!(told(&shop.finish(&sale, 30_000)), CANCELED);
    assert!(shop.cloud.count(CallKind::Cancel) >= 1);
    shop.assert_polite();
}

#[test]
fn a_cancel_that_comes_too_late_is_told_as_a_sale_that_was_made() {
    let mut shop = shop();
    shop.cloud.script(Scenario::SlowAuthorization);
    let sale = shop.pay("4711", 1234);
    shop.run_until(30_000, "the card is in", |w| {
        w.cloud.requests().first().is_some_and(|r| r.status.word() == "processing payment")
    });
    shop.cancel(&sale);
    let result = shop.finish(&sale, 200_000);
    assert_eq!(told(&result), PAID);
    assert!(result.has(flag::CANCEL_REQUESTED) && result.message.contains("charged before the cancel"));
    assert_eq!(shop.cloud.moved_cents(), 1234, "the library voids nothing by itself");
    shop.assert_polite();
}

/// 404 says as little as success: both are a reason to read.
#[test]
fn whatever_answers_the_cancel_the_request_itself_tells() {
    for (status, body) in [
        (404, r#"{"error":"Checkout request not found","errorcode":21104}"#),
        (200, r#"{"status":"success"}"#),
        (500, "<html>"),
        (409, r#"{"error":"no","errorcode":21105}"#),
    ] {
        let mut shop = shop();
        let sale = shop.pay("4711", 1234);
        shop.until_state(&sale, 10_000, State::AtTerminal);
        for _ in 0..5 {
            shop.forge(CallKind::Cancel, When::Before, status, body);
        }
        shop.cancel(&sale);
        assert_eq!(told(&shop.finish(&sale, 60_000)), PAID, "{status}");
        assert!(shop.cloud.count(CallKind::Cancel) <= 5);
    }
}

#[test]
fn a_lost_answer_to_the_cancel_is_no_cancel() {
    let mut shop = shop();
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    shop.cloud.fail_next(CallKind::Cancel, When::Before, Fault::Reset);
    shop.cancel(&sale);
    assert_eq!(told(&shop.finish(&sale, 60_000)), CANCELED, "the second cancel came through");
    assert_eq!(shop.cloud.count(CallKind::Cancel), 2);
    shop.assert_polite();
}

/// `canceled` at once, and the device goes on: the word turns into an approval.
#[test]
fn a_canceled_request_that_turns_approved_is_a_sale() {
    for always_connected in [false, true] {
        let mut shop = shop_with(|switches| {
            switches.cancel = Cancel::TurnsApproved;
            switches.device_always_connected = always_connected;
        })
        .opened();
        let sale = shop.pay("4711", 1234);
        shop.until_state(&sale, 10_000, State::AtTerminal);
        shop.cancel(&sale);
        let result = shop.finish(&sale, 60_000);
        if always_connected {
            // Nothing told that it goes on. The late watch does.
            assert_eq!(told(&result), CANCELED);
            shop.run(150_000);
            assert!(sale.snapshot().has(flag::LATE));
        }
        assert_eq!(told(&sale.snapshot()), PAID, "{always_connected}");
        shop.assert_polite();
    }
}

/// The till cancels between two cards, and the device goes on: the first card's refusal is in the books, and is no end.
#[test]
fn a_refused_card_is_no_end_of_a_canceled_request_while_the_device_works_on() {
    for signature in [0, 1] {
        let mut shop = shop_with(|switches| switches.cancel = Cancel::TurnsApproved).opened();
        shop.cloud.script(Scenario::DeclineThenApprove);
        let numbers = [("amount", 1234), ("prompt_signature", signature)];
        let sale = shop.ask(Kind::Payment, &[("reference", "4711")], &numbers).expect("is taken");
        shop.run_until(60_000, "it is refused", |shop| shop.cloud.ledger().iter().any(|t| !t.verdict.is_approved()));
        shop.cancel(&sale);
        let result = shop.finish(&sale, 400_000);
        assert_eq!(told(&result), PAID, "{signature}: {}", shop.story(sale.payment));
        assert!(!result.has(flag::LATE));
        shop.assert_polite();
    }
}

/// The same without the key on the transaction: the request's own word is the only witness, and it is asked again.
#[test]
fn a_canceled_request_that_turns_approved_is_found_without_our_key() {
    for always_connected in [false, true] {
        let mut shop = shop_with(|switches| {
            switches.cancel = Cancel::TurnsApproved;
            switches.device_always_connected = always_connected;
            switches.orderid_dropped = true;
        });
        let sale = shop.pay("4711", 1234);
        shop.until_state(&sale, 10_000, State::AtTerminal);
        shop.cancel(&sale);
        shop.finish(&sale, 60_000);
        shop.run(150_000);
        assert_eq!(told(&sale.snapshot()), PAID, "{always_connected}");
        shop.assert_polite();
    }
}

/// `canceled` at once and for ever, and the device goes on: only the books know.
#[test]
fn a_canceled_request_that_hides_its_approval_is_found_in_the_books() {
    for always_connected in [false, true] {
        let mut shop = shop_with(|switches| {
            switches.cancel = Cancel::HidesApproval;
            switches.device_always_connected = always_connected;
        })
        .opened();
        let sale = shop.pay("4711", 1234);
        shop.until_state(&sale, 10_000, State::AtTerminal);
        shop.cancel(&sale);
        shop.finish(&sale, 400_000);
        shop.run(150_000);
        assert_eq!(told(&sale.snapshot()), PAID, "{always_connected}");
        shop.assert_polite();
    }
}

/// And when the books do not give our key back, nobody says that it was not paid while the terminal was seen at work.
#[test]
fn a_hidden_approval_without_our_key_stays_unknown_with_its_candidate() {
    let mut shop = shop_with(|switches| switches.cancel = Cancel::HidesApproval).opened();
    shop.cloud.switches.orderid_dropped = true;
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    shop.cancel(&sale);
    let result = shop.until_unknown(&sale, 900_000);
    assert_eq!((result.money, result.advice), (MoneyMoved::Unknown, Advice::Resolve));
    shop.run(600_000);
    let shown = sale.snapshot();
    assert_eq!(shown.state, State::Unknown);
    assert_eq!(shown.details.get("candidates.count"), Some(&crate::payment::snapshot::Detail::Int(1)));
    shop.assert_polite();
}

#[test]
fn a_cancel_that_nobody_obeys_ends_as_the_request_ends() {
    let mut shop = shop_with(|switches| switches.cancel = Cancel::Ignored).opened();
    shop.cloud.script(Scenario::Timeout);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    shop.cancel(&sale);
    let result = shop.finish(&sale, 300_000);
    assert_eq!(told(&result), TIMED_OUT);
    assert!(shop.cloud.count(CallKind::Cancel) <= 5);
    shop.assert_polite();
}

#[test]
fn a_terminal_that_cannot_take_a_payment_refuses_it_under_the_documents_number() {
    for (story, status, number) in [
        (Scenario::Busy, Status::DeviceBusy, 21_146),
        (Scenario::Offline, Status::DeviceOffline, 21_145),
        (Scenario::BatteryLow, Status::BatteryLow, 21_143),
        (Scenario::Refuse(21_121), Status::UnknownDevice, 21_121),
        (Scenario::Refuse(21_119), Status::Vendor, 21_119),
    ] {
        for http in [409, 400, 422] {
            let mut shop = shop_with(|switches| switches.device_error_status = http);
            let (sale, result) = shop.play("4711", story);
            assert_eq!(
                (told(&result), result.status, result.vendor_code),
                (FAILED, status, number),
                "{story:?} {http}"
            );
            assert_eq!(shop.submits(sale.payment), 1);
            assert!(sale.snapshot().has(flag::FINAL));
            shop.assert_polite();
        }
    }
    let mut shop = shop_with(|switches| switches.offline_is_21101 = true);
    let (_, result) = shop.play("4711", Scenario::Offline);
    assert_eq!((told(&result), result.status), (FAILED, Status::PosDeviceOffline));
}

#[test]
fn a_sleeping_terminal_is_waited_for_only_when_the_till_asks() {
    let mut shop = shop();
    let (_, result) = shop.play("1", Scenario::OfflineThenSuccess);
    assert_eq!((told(&result), result.status), (FAILED, Status::DeviceOffline));
    shop.cloud.script(Scenario::OfflineThenSuccess);
    let waits = [("amount", 1234), ("wait_for_terminal", 1)];
    let sale = shop.ask(Kind::Payment, &[("reference", "2")], &waits).expect("taken");
    assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
    shop.until_free(&sale);
    shop.cloud.script(Scenario::Offline);
    let sale = shop.ask(Kind::Payment, &[("reference", "3")], &waits).expect("taken");
    assert_eq!(told(&shop.finish(&sale, 300_000)), TIMED_OUT);
    shop.assert_polite();
}

/// 21102 beside an accepted request: the link broke, and a card may have been read.
#[test]
fn what_broke_off_is_failed_only_when_time_and_the_books_say_so() {
    let mut shop = shop().opened();
    shop.cloud.script(Scenario::Fail(21_102));
    let sale = shop.pay("4711", 1234);
    let began = shop.now;
    let result = shop.finish(&sale, 900_000);
    assert_eq!((told(&result), result.status), (FAILED, Status::DeviceCommunication));
    assert!(shop.now - began > 210_000, "an approval could still come");
    shop.assert_polite();
}

/// 21143 beside an accepted request: the terminal says that it took no card.
#[test]
fn what_ended_before_any_card_is_failed_at_once() {
    let mut shop = shop();
    let began = shop.now;
    let (_, result) = shop.play("4711", Scenario::Fail(21_143));
    assert_eq!((told(&result), result.status, result.vendor_code), (FAILED, Status::BatteryLow, 21_143));
    assert!(shop.now - began < 20_000);
    shop.assert_polite();
}

/// The device gives up while the processor works; the money moves twenty seconds later.
#[test]
fn a_device_that_gives_up_too_early_loses_no_payment() {
    for old_words in [false, true] {
        let mut shop = shop_with(|switches| switches.old_status_words = old_words).opened();
        let (sale, result) = shop.play("4711", Scenario::GiveUp);
        assert_eq!(told(&result), PAID, "{old_words}");
        assert_eq!(shop.submits(sale.payment), 1);
        shop.assert_polite();
    }
}

#[test]
fn a_completed_request_without_its_transaction_is_found_in_the_books() {
    let mut shop = shop().opened();
    let (_, result) = shop.play("4711", Scenario::HiddenApproval);
    assert_eq!(told(&result), PAID);
    shop.assert_polite();
}

/// And without our key in the books it is not called failed.
#[test]
fn a_completed_request_without_its_transaction_is_never_called_failed() {
    let mut shop = shop().opened();
    shop.cloud.switches.orderid_dropped = true;
    shop.cloud.script(Scenario::HiddenApproval);
    let sale = shop.pay("4711", 1234);
    shop.until_unknown(&sale, 900_000);
    shop.run(900_000);
    assert_eq!(sale.snapshot().state, State::Unknown);
    shop.assert_polite();
}

#[test]
fn a_terminal_that_loses_its_line_before_the_card_times_out() {
    let mut shop = shop().opened();
    let (_, result) = shop.play("4711", Scenario::UnplugBeforeCard);
    assert_eq!(told(&result), TIMED_OUT);
    shop.assert_polite();
}

/// The request never ends, but the books know.
#[test]
fn a_terminal_that_loses_its_line_after_the_card_is_no_lost_payment() {
    let mut shop = shop().opened();
    shop.cloud.script(Scenario::UnplugAfterCard);
    let sale = shop.pay("4711", 1234);
    let began = shop.now;
    assert_eq!(told(&shop.finish(&sale, 600_000)), PAID);
    assert!(shop.now - began < 160_000, "the cashier does not wait for UNKNOWN");
    shop.assert_polite();
}

#[test]
fn a_decline_and_another_card_are_one_sale() {
    let mut shop = shop();
    let (sale, result) = shop.play("4711", Scenario::DeclineThenApprove);
    assert_eq!(told(&result), PAID);
    let key = shop.key(sale.payment);
    assert_eq!(shop.cloud.charges(&key).len(), 1);
    shop.assert_polite();
}

/// A word that ended a request and is taken back was no end.
#[test]
fn a_request_that_ended_and_runs_again_runs() {
    let mut shop = shop().opened();
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    let key = sale.snapshot().request_id.clone();
    shop.forge(CallKind::Poll, When::After, 200, &format!(r#"{{"key":"{key}","status":"canceled"}}"#));
    shop.run_until_fact(&sale, 5_000, "the end is told", |f| matches!(f, Fact::RequestEnded { .. }));
    let result = shop.finish(&sale, 120_000);
    assert_eq!(told(&result), PAID);
    shop.assert_polite();
}

/// And it can be canceled: an end that was none does not swallow the till's word.
#[test]
fn a_request_that_runs_again_can_be_canceled() {
    let mut shop = shop().opened();
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    let key = sale.snapshot().request_id.clone();
    shop.forge(CallKind::Poll, When::After, 200, &format!(r#"{{"key":"{key}","status":"canceled"}}"#));
    shop.run_until_fact(&sale, 5_000, "the end is told", |f| matches!(f, Fact::RequestEnded { .. }));
    shop.run(10_000);
    shop.cancel(&sale);
    shop.run(5_000);
    assert!(shop.cloud.count(CallKind::Cancel) >= 1);
    shop.finish(&sale, 600_000);
    assert_eq!(shop.cloud.moved_cents(), 100);
    shop.assert_polite();
}

/// The terminal was seen at work after the end, and the books lag: an empty search is no proof yet.
#[test]
fn a_terminal_that_worked_on_after_the_end_gets_the_processors_time() {
    let mut shop = shop_with(|switches| switches.cancel = Cancel::HidesApproval).opened();
    shop.cloud.switches.search_lag_ms = 100_000;
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    shop.cancel(&sale);
    assert_eq!(told(&shop.finish(&sale, 400_000)), PAID);
    shop.assert_polite();
}

#[test]
fn another_payments_answer_says_nothing_about_this_one() {
    let mut shop = shop();
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    let other = r#"{"key":"pr_other","status":"transaction complete","complete":true,
        "transaction":{"key":"aaaabbbbccccdddd","result_code":"D","error_code":"10127"}}"#;
    shop.forge(CallKind::Poll, When::After, 200, other);
    assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
    assert_eq!(shop.cloud.ledger().len(), 1);
    assert!(
        shop.facts(sale.payment).iter().all(|f| !matches!(f, Fact::TransactionSeen { id } if id == "aaaabbbbccccdddd"))
    );
}
