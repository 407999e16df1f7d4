//! Refunds of an earlier sale. They carry the sale's `orderid`, whatever is sent: ours is the one that was not there before.

use super::{FAILED, PAID, Shop, shop, shop_with, told};
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{EventKind, State};
use crate::status::Status;
use posjunction_simulator::ebizcharge as eb;
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

/// A settled sale 4711 of 12.34.
fn sold(shop: Shop) -> Shop {
    let mut shop = shop.opened();
    let sale = shop.pay("4711", 1234);
    shop.finish(&sale, 60_000);
    shop.until_free(&sale);
    shop.acknowledge(&sale);
    shop.run(30_000);
    shop.cloud.settle();
    shop
}

fn refund(shop: &mut Shop, reference: &str, amount: i64) -> Arc<Request> {
    shop.ask(Kind::Refund, &[("reference", reference), ("original", "4711")], &[("amount", amount)]).expect("taken")
}

fn refunded(shop: &Shop) -> Vec<i64> {
    let rows = shop.cloud.ledger().iter().filter(|t| t.kind == eb::Kind::Refund && t.verdict.is_approved());
    rows.map(|t| t.amounts.total).collect()
}

/// The back office refunds the sale, too.
fn by_hand(shop: &mut Shop, amount: &str) {
    let body = serde_json::json!({"command": "refund", "trankey": shop.cloud.ledger()[1].key, "amount": amount});
    let (now, seed) = (shop.now, format!("hand{}", shop.now));
    let answer = shop.cloud.handle(now, &eb::request("POST", "/transactions", &body, &seed));
    assert_eq!(answer.value()["result_code"], "A", "{}", answer.text());
}

#[test]
fn a_refund_gives_back_what_was_asked_and_the_rest_by_default() {
    let mut shop = sold(shop());
    let part = refund(&mut shop, "R1", 500);
    let result = shop.finish(&part, 30_000);
    assert_eq!((told(&result), result.approved_amount), (PAID, 500));
    let rest = shop.ask(Kind::Refund, &[("reference", "R2"), ("original", "4711")], &[]).expect("taken");
    let result = shop.finish(&rest, 30_000);
    assert_eq!((told(&result), result.approved_amount), (PAID, 734));
    assert_eq!(refunded(&shop), [500, 734]);
    let more = refund(&mut shop, "R3", 1);
    assert_eq!(told(&shop.finish(&more, 30_000)), FAILED);
    assert!(shop.news_of(1 + 1).contains(&EventKind::Reversed));
    shop.assert_polite();
}

#[test]
fn a_refund_that_the_vendor_refuses_has_failed_with_its_number() {
    let mut shop = shop().opened();
    let sale = shop.pay("4711", 1234);
    shop.finish(&sale, 60_000);
    shop.until_free(&sale);
    let early = refund(&mut shop, "R", 500);
    let result = shop.finish(&early, 30_000);
    assert_eq!((told(&result), result.status, result.vendor_code), (FAILED, Status::Rejected, 115));
    shop.assert_polite();
}

#[test]
fn a_lost_refund_that_was_made_is_found_and_made_once() {
    for takes_orderid in [false, true] {
        for fault in [Fault::Reset, Fault::BadGateway, Fault::Silence(40_000)] {
            let mut shop = sold(shop_with(|switches| switches.refund_takes_orderid = takes_orderid));
            shop.cloud.fail_next(CallKind::Refund, When::After, fault);
            let lost = refund(&mut shop, "R1", 500);
            let result = shop.finish(&lost, 120_000);
            assert_eq!((told(&result), result.approved_amount), (PAID, 500), "{takes_orderid} {fault:?}");
            assert_eq!(refunded(&shop), [500]);
            assert_eq!(shop.cloud.count(CallKind::Refund), 1);
            shop.assert_polite();
        }
    }
}

#[test]
fn a_lost_refund_that_was_not_made_has_failed_after_five_minutes() {
    let mut shop = sold(shop());
    shop.cloud.fail_next(CallKind::Refund, When::Before, Fault::Reset);
    let lost = refund(&mut shop, "R1", 500);
    let asked = shop.now;
    assert_eq!(told(&shop.finish(&lost, 900_000)), FAILED);
    assert!(shop.now - asked >= 300_000 && refunded(&shop).is_empty());
    assert_eq!(shop.cloud.count(CallKind::Refund), 1);
    shop.assert_polite();
}

/// The first one was there before: it stands in the baseline, also after a restart that has forgotten whose it was.
#[test]
pub fn two_equal_partial_refunds_are_told_apart() {
    for restart in [false, true] {
        for when in [When::Before, When::After] {
            let mut shop = sold(shop());
            let first = refund(&mut shop, "R1", 500);
            assert_eq!(told(&shop.finish(&first, 30_000)), PAID);
            shop.acknowledge(&first);
            shop.run(30_000);
            if restart {
                shop.power_cut(5_000);
            }
            shop.cloud.fail_next(CallKind::Refund, when, Fault::Reset);
            let second = refund(&mut shop, "R2", 500);
            let result = shop.finish(&second, 900_000);
            let expected = if when == When::After { PAID } else { FAILED };
            assert_eq!(told(&result), expected, "{restart} {when:?}");
            assert_ne!(result.transaction_id, first.snapshot().transaction_id);
            assert_eq!(refunded(&shop).len(), if when == When::After { 2 } else { 1 });
            shop.assert_polite();
        }
    }
}

/// A power cut after the refund's dispatch: the baseline is in the journal.
#[test]
fn a_power_cut_in_the_middle_of_a_refund_is_found() {
    for when in [When::Before, When::After] {
        let mut shop = sold(shop());
        by_hand(&mut shop, "5.00");
        shop.cloud.fail_next(CallKind::Refund, when, Fault::Silence(60_000));
        let lost = refund(&mut shop, "R1", 500);
        let payment = lost.payment;
        shop.run_until(5_000, "the refund has arrived", |w| w.cloud.calls_of_refund() == 2);
        assert!(shop.has_fact(payment, |f| matches!(f, Fact::Baseline { ids } if ids.len() == 1)));
        shop.power_cut(10_000);
        let lost = shop.again(payment);
        let result = shop.finish(&lost, 900_000);
        assert_eq!(told(&result), if when == When::After { PAID } else { FAILED }, "{when:?}");
        assert_eq!(shop.cloud.count(CallKind::Refund), 2, "ours and the back office's");
        shop.assert_polite();
    }
}

/// The back office refunds the same sum at the same moment: of two, nobody can tell which is ours.
#[test]
fn two_new_refunds_of_one_sum_are_for_a_person_to_judge() {
    let mut shop = sold(shop());
    shop.cloud.fail_next(CallKind::Refund, When::After, Fault::Silence(20_000));
    let lost = refund(&mut shop, "R1", 500);
    shop.run_until(5_000, "the refund has arrived", |w| w.cloud.calls_of_refund() == 1);
    by_hand(&mut shop, "5.00");
    shop.until_unknown(&lost, 200_000);
    shop.run(900_000);
    assert_eq!(lost.snapshot().state, State::Unknown);
    shop.assert_polite();
}

/// The sale's key is not in the books: then a lost refund is a candidate, and never a guess.
#[test]
fn a_lost_refund_of_a_sale_without_our_key_is_never_guessed() {
    let mut shop = shop().opened();
    shop.cloud.switches.orderid_dropped = true;
    let sale = shop.pay("4711", 1234);
    shop.finish(&sale, 60_000);
    shop.until_free(&sale);
    shop.cloud.settle();
    shop.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
    let lost = refund(&mut shop, "R1", 500);
    shop.until_unknown(&lost, 200_000);
    shop.run(900_000);
    assert_eq!(lost.snapshot().state, State::Unknown);
    assert_eq!(refunded(&shop), [500]);
    shop.assert_polite();
}

/// A refund that this journal already knows under another reference is never taken for the lost one.
#[test]
fn a_refund_without_a_baseline_is_never_sent() {
    let mut shop = sold(shop());
    shop.cloud.fail_next(
        posjunction_simulator::Matcher::from(CallKind::Search).times(1_000),
        When::Before,
        Fault::BadGateway,
    );
    let unsent = refund(&mut shop, "R1", 500);
    assert_eq!(told(&shop.finish(&unsent, 60_000)), FAILED);
    assert_eq!(shop.cloud.count(CallKind::Refund), 0);
    shop.assert_polite();
}

trait Counts {
    fn calls_of_refund(&self) -> usize;
}

impl Counts for eb::Cloud {
    fn calls_of_refund(&self) -> usize {
        self.count(CallKind::Refund)
    }
}
