//! Words for where a request stands: every documented one, unknown ones, and where the word alone does not decide.

use super::{PAID, TIMED_OUT, shop, shop_with, told};
use crate::payment::Kind;
use crate::payment::fact::{Fact, Phase};
use crate::payment::snapshot::{MoneyMoved, State, flag};
use posjunction_simulator::ebizcharge::{ExpiredKey, Scenario, TimeoutReply};
use posjunction_simulator::{CallKind, When};

#[test]
fn an_unknown_word_is_a_running_request() {
    let mut shop = shop();
    for (reference, word) in
        [("1", "pending"), ("2", "TELEPORTING card"), ("3", "waiting for device"), ("4", "not found")]
    {
        let sale = shop.pay(reference, 1234);
        shop.run_until_fact(&sale, 5_000, "accepted", |f| matches!(f, Fact::Accepted { .. }));
        let key = sale.snapshot().request_id.clone();
        shop.forge(
            CallKind::Poll,
            When::After,
            200,
            &format!(r#"{{"type":"request","key":"{key}","status":"{word}"}}"#),
        );
        let result = shop.finish(&sale, 60_000);
        assert!(shop.has_fact(sale.payment, |f| matches!(f, Fact::UnknownWord { word: w } if w == word)));
        assert_eq!(told(&result), PAID, "{word}");
        shop.until_free(&sale);
        shop.acknowledge(&sale);
        shop.run(60_000);
    }
    shop.assert_polite();
}

#[test]
fn words_are_compared_trimmed_and_in_any_case() {
    let mut shop = shop();
    let sale = shop.pay("1", 1234);
    shop.run_until_fact(&sale, 5_000, "accepted", |f| matches!(f, Fact::Accepted { .. }));
    let key = sale.snapshot().request_id.clone();
    shop.forge(CallKind::Poll, When::After, 200, &format!(r#"{{"key":"{key}","status":" Waiting For CARD Dip "}}"#));
    shop.run_until_fact(&sale, 5_000, "at the terminal", |f| {
        matches!(f, Fact::TerminalShows { phase: Phase::AtTerminal })
    });
}

/// The till sees that the card is with the bank: a cancel may be too late then.
#[test]
fn the_phases_come_as_the_terminal_walks_through_them() {
    let mut shop = shop();
    let (sale, _) = shop.play("1", Scenario::SlowAuthorization);
    let phases: Vec<Phase> = shop
        .facts(sale.payment)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::TerminalShows { phase } => Some(phase),
            _ => None,
        })
        .collect();
    assert_eq!(phases, [Phase::AtTerminal, Phase::Processing, Phase::Ended]);
}

#[test]
fn nobody_came_is_told_however_the_vendor_says_it() {
    for reply in [TimeoutReply::Status, TimeoutReply::StatusAndError, TimeoutReply::ErrorOnly] {
        let mut shop = shop_with(|switches| switches.timeout_reply = reply).opened();
        let (sale, result) = shop.play("4711", Scenario::Timeout);
        assert_eq!(told(&result), TIMED_OUT, "{reply:?}");
        assert_eq!(shop.submits(sale.payment), 1);
        shop.assert_polite();
    }
}

#[test]
fn the_till_may_say_how_long_the_terminal_waits() {
    let mut shop = shop().opened();
    shop.cloud.script(Scenario::Timeout);
    let (asked, now) = (20_u64, shop.now);
    let sale = shop
        .ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234), ("timeout", asked as i64)])
        .expect("taken");
    assert_eq!(told(&shop.finish(&sale, 60_000)), TIMED_OUT);
    assert!(shop.now - now < asked * 1_000 + 10_000);
}

/// `timeout`, and then the approval all the same: the word is not the end, for the terminal is not idle.
#[test]
fn an_approval_after_timeout_is_found_whatever_the_vendor_says_meanwhile() {
    for reply in [TimeoutReply::Status, TimeoutReply::StatusAndError, TimeoutReply::ErrorOnly] {
        let mut shop = shop_with(|switches| switches.timeout_reply = reply).opened();
        let (_, result) = shop.play("4711", Scenario::ApproveAfterTimeout);
        assert_eq!(told(&result), PAID, "{reply:?}");
        shop.assert_polite();
    }
}

/// The same with a device that says `connected` whatever it does: then the late watch tells.
#[test]
fn an_approval_after_timeout_behind_a_terminal_that_seems_idle_is_told_late() {
    let mut shop = shop_with(|switches| switches.device_always_connected = true).opened();
    let (sale, result) = shop.play("4711", Scenario::ApproveAfterTimeout);
    assert_eq!(told(&result), TIMED_OUT);
    shop.run(150_000);
    assert!(sale.snapshot().has(flag::LATE));
    assert_eq!(told(&sale.snapshot()), PAID);
    shop.assert_polite();
}

/// An expired key answers an error without `status`, or is not known any more: the search finds the truth.
#[test]
fn an_expired_key_leads_to_a_search() {
    for expired in [ExpiredKey::Kept, ExpiredKey::WithoutStatus, ExpiredKey::NotFound] {
        let mut shop = shop_with(|switches| switches.expired_key = expired).opened();
        let (_, result) = shop.play("A", Scenario::SlowAuthorization);
        assert_eq!(told(&result), PAID, "{expired:?}");
        // A sale that is decided while nobody reads: the key has expired when the till comes back.
        shop.run(60_000);
        let sale = shop.pay("B", 1234);
        shop.run_until_fact(&sale, 5_000, "accepted", |f| matches!(f, Fact::Accepted { .. }));
        let payment = sale.payment;
        shop.power_cut(400_000);
        let sale = shop.again(payment);
        let result = shop.finish(&sale, 900_000);
        assert_eq!(told(&result), PAID, "{expired:?}");
        shop.assert_polite();
    }
}

/// The same where nobody came: absence is proven by time, an idle terminal and two searches.
#[test]
fn an_expired_key_of_a_request_that_came_to_nothing_ends_by_proof() {
    for expired in [ExpiredKey::WithoutStatus, ExpiredKey::NotFound] {
        let mut shop = shop_with(|switches| switches.expired_key = expired).opened();
        shop.cloud.script(Scenario::Timeout);
        let sale = shop.pay("2", 1234);
        shop.run_until_fact(&sale, 5_000, "accepted", |f| matches!(f, Fact::Accepted { .. }));
        let payment = sale.payment;
        shop.power_cut(400_000);
        let sale = shop.again(payment);
        let result = shop.finish(&sale, 1_200_000);
        assert_eq!(result.money, MoneyMoved::NotMoved, "{expired:?}: {:?}", result.state);
        shop.assert_polite();
    }
}

/// With `signature_required` an approval counts when all is done: the customer may still take it back.
#[test]
fn a_required_signature_decides() {
    let flow = [("reference", "1"), ("custom_flow", "amount,payment,result,signature_required")];
    for told_early in [false, true] {
        let mut shop = shop_with(|switches| switches.told_early = told_early).opened();
        let sale =
            shop.ask(Kind::Payment, &flow.map(|(k, v)| (k, if v == "1" { "2" } else { v })), &[("amount", 1234)]);
        let sale = sale.expect("taken");
        shop.run_until(60_000, "the signature is asked for", |w| {
            w.cloud.requests().last().is_some_and(|r| r.status.word() == "capturing signature")
        });
        shop.run(4_000);
        assert!(sale.snapshot().state.is_running(), "{:?}", sale.snapshot().state);
        assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
        shop.until_free(&sale);

        shop.cloud.script(Scenario::SignatureCanceled);
        let flow = [("reference", "3"), ("custom_flow", "amount,payment,result,signature_required")];
        let sale = shop.ask(Kind::Payment, &flow, &[("amount", 1234)]).expect("taken");
        let result = shop.finish(&sale, 120_000);
        assert_eq!(told(&result), (State::Canceled, MoneyMoved::Reversed));
        shop.assert_polite();
    }
}

/// A signature that is only asked for takes nothing back.
#[test]
fn a_signature_that_fails_leaves_the_sale_approved() {
    for story in [Scenario::SignatureError, Scenario::SignatureCanceled] {
        let mut shop = shop();
        shop.cloud.script(story);
        let flow = [("reference", "1"), ("custom_flow", "payment,result,signature")];
        let sale = shop.ask(Kind::Payment, &flow, &[("amount", 1234)]).expect("taken");
        assert_eq!(told(&shop.finish(&sale, 120_000)), PAID, "{story:?}");
        shop.until_free(&sale);
        assert_eq!(shop.news_of(sale.payment).len(), 2, "no change is told");
        shop.assert_polite();
    }
}
