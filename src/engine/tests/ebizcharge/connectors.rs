//! What other people's connectors to this gateway got wrong, each as a test of its own.

use super::{FAILED, PAID, TIMED_OUT, shop, shop_with, told};
use crate::payment::fact::Fact;
use crate::payment::snapshot::State;
use posjunction_simulator::ebizcharge::{Scenario, TimeoutReply};
use posjunction_simulator::{CallKind, Fault, Matcher, When};

/// A shop system's module marked anything other than `sent to device` as canceled.
#[test]
fn a_sale_is_not_declared_dead_at_an_unfamiliar_status() {
    let mut shop = shop();
    let (sale, result) = shop.play("4711", Scenario::UnknownStatus);
    assert_eq!(told(&result), PAID);
    assert!(shop.has_fact(sale.payment, |f| matches!(f, Fact::UnknownWord { .. })));
    assert_eq!(shop.cloud.count(CallKind::Cancel), 0);
    shop.assert_polite();
}

/// A payments portal took the 429, which has no `status`, for a failed sale, while the terminal went on.
#[test]
fn a_429_is_not_taken_for_a_failed_sale() {
    let mut shop = shop();
    shop.cloud.fail_next(Matcher::from(CallKind::Poll).nth(3).times(4), When::Before, Fault::RateLimited(None));
    let sale = shop.pay("4711", 1234);
    for _ in 0..40 {
        shop.run(500);
        assert!(sale.snapshot().state.is_running() || told(&sale.snapshot()) == PAID);
    }
    assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
    shop.assert_polite();
}

/// A business suite's connector posted the sale again to see whether it had finished.
#[test]
fn a_submit_is_never_sent_again_to_check() {
    let mut shop = shop().opened();
    let sale = shop.pay("A", 1234);
    shop.finish(&sale, 60_000);
    shop.until_free(&sale);
    shop.lose_next_answer();
    let lost = shop.pay("B", 1234);
    assert_eq!(told(&shop.finish(&lost, 120_000)), PAID);
    shop.run(600_000);
    assert_eq!((shop.submits(sale.payment), shop.submits(lost.payment)), (1, 1));
    shop.assert_polite();
}

/// The same portal waited for ever for a `transaction` that a `timeout` or `canceled` does not have.
#[test]
fn timeout_and_canceled_end_the_waiting() {
    for reply in [TimeoutReply::Status, TimeoutReply::StatusAndError, TimeoutReply::ErrorOnly] {
        let mut shop = shop_with(|switches| switches.timeout_reply = reply);
        let (sale, result) = shop.play("1", Scenario::Timeout);
        assert_eq!(told(&result), TIMED_OUT, "{reply:?}");
        shop.until_free(&sale);
        shop.acknowledge(&sale);
        let calls = shop.cloud.count(CallKind::Poll);
        shop.run(100_000);
        assert_eq!(shop.cloud.count(CallKind::Poll), calls, "nothing is read any more for now");
        let (_, result) = shop.play("2", Scenario::CustomerCancel);
        assert_eq!(result.state, State::Canceled);
        shop.assert_polite();
    }
}

/// A lost link was read as declined, and the sale was in the batch.
#[test]
fn a_lost_link_is_not_read_as_declined() {
    for story in [Scenario::UnplugAfterCard, Scenario::GiveUp] {
        let mut shop = shop().opened();
        let (sale, result) = shop.play("4711", story);
        assert_eq!(told(&result), PAID, "{story:?}");
        assert_eq!(shop.cloud.charges(&shop.key(sale.payment)).len(), 1);
        shop.assert_polite();
    }
}

/// A connector wrote HTTP errors into a string `Errors: ...` and read that as JSON.
#[test]
fn what_is_not_the_vendors_answer_is_not_read_as_one() {
    for body in ["Errors: 500", "\"Errors: Declined\"", "[]", "null", "{}", "{\"error\":\"declined\"}", ""] {
        for status in [200, 400, 404, 500] {
            let mut shop = shop().opened();
            let sale = shop.pay("4711", 1234);
            shop.until_state(&sale, 10_000, State::AtTerminal);
            shop.forge(CallKind::Poll, When::After, status, body);
            assert_eq!(told(&shop.finish(&sale, 60_000)), PAID, "{status} {body}");
            shop.until_free(&sale);
            shop.forge(CallKind::Submit, When::After, status, body);
            let sale = shop.pay("4712", 1234);
            assert_eq!(told(&shop.finish(&sale, 120_000)), PAID, "{status} {body}");
            assert_eq!(shop.submits(sale.payment), 1);
            shop.assert_polite();
        }
    }
}

/// One client wanted the device to say exactly `online`, another exactly `connected`.
#[test]
fn the_terminals_word_is_no_hard_block() {
    for (online, always) in [(false, false), (true, false), (false, true)] {
        let mut shop = shop_with(|switches| {
            switches.device_says_online = online;
            switches.device_always_connected = always;
        })
        .opened();
        let (_, result) = shop.play("A", Scenario::Approve);
        assert_eq!(told(&result), PAID);
        shop.run(20_000);
        shop.lose_next_submit();
        let sale = shop.pay("B", 1234);
        assert_eq!(told(&shop.finish(&sale, 900_000)), FAILED, "{online} {always}");
        shop.assert_polite();
    }
}

/// Every unknown status became an error elsewhere; `error` beside an approval is the word `Approved`.
#[test]
fn the_word_error_beside_an_approval_is_no_failure() {
    let mut shop = shop();
    let (_, result) = shop.play("A", Scenario::Approve);
    let told_by_vendor = shop.cloud.calls().iter().any(|call| call.answer.contains(r#""error":"Approved""#));
    assert!(told_by_vendor && told(&result) == PAID);
}
