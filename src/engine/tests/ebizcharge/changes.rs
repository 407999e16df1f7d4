//! Void, capture and reverse: judged by reading the original, whatever became of the answer.

use super::{FAILED, PAID, Shop, shop, told};
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::fact::{Action, Fact};
use crate::payment::snapshot::{EventKind, MoneyMoved, State};
use crate::status::Status;
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use std::sync::Arc;

const UNDONE: (State, MoneyMoved) = (State::Approved, MoneyMoved::Reversed);

fn sell(shop: &mut Shop, reference: &str, texts: &[(&str, &str)]) -> Arc<Request> {
    let texts: Vec<(&str, &str)> = [("reference", reference)].into_iter().chain(texts.iter().copied()).collect();
    let sale = shop.ask(Kind::Payment, &texts, &[("amount", 1234)]).expect("taken");
    assert_eq!(shop.finish(&sale, 60_000).state, State::Approved);
    shop.until_free(&sale);
    shop.acknowledge(&sale);
    shop.run(30_000);
    sale
}

fn change(shop: &mut Shop, kind: Kind, reference: &str) -> Arc<Request> {
    shop.ask(kind, &[("reference", reference), ("original", "4711")], &[]).expect("taken")
}

#[test]
fn a_void_is_done_and_told_on_the_original_too() {
    let mut shop = shop().opened();
    let sale = sell(&mut shop, "4711", &[]);
    let void = change(&mut shop, Kind::Void, "V");
    assert_eq!(told(&shop.finish(&void, 10_000)), UNDONE);
    shop.run(2_000);
    assert!(shop.news_of(sale.payment).contains(&EventKind::Reversed));
    assert_eq!(shop.cloud.moved_cents(), 100);
    shop.assert_polite();
}

#[test]
fn a_lost_void_or_capture_is_read_from_the_original_and_done_once() {
    for when in [When::Before, When::After] {
        for fault in [Fault::Reset, Fault::BadGateway, Fault::ServerError, Fault::Silence(40_000)] {
            let mut shop = shop().opened();
            sell(&mut shop, "4711", &[]);
            shop.cloud.fail_next(CallKind::Void, when, fault);
            let void = change(&mut shop, Kind::Void, "V");
            assert_eq!(told(&shop.finish(&void, 120_000)), UNDONE, "{when:?} {fault:?}");
            assert_eq!(shop.cloud.count(CallKind::Void), if when == When::After { 1 } else { 2 }, "{fault:?}");
            assert_eq!(shop.cloud.moved_cents(), 100);

            let mut shop = super::shop().opened();
            sell(&mut shop, "4711", &[("capture", "later")]);
            shop.cloud.fail_next(CallKind::Capture, when, fault);
            let capture = change(&mut shop, Kind::Capture, "C");
            let result = shop.finish(&capture, 120_000);
            assert_eq!((told(&result), result.approved_amount), (PAID, 1234), "{when:?} {fault:?}");
            assert_eq!(shop.cloud.moved_cents(), 1334);
            shop.assert_polite();
        }
    }
}

/// 24, 103, 10126: the vendor refuses, and the original tells what that means.
#[test]
fn already_is_success_where_the_original_shows_it() {
    let mut shop = shop().opened();
    let sale = sell(&mut shop, "4711", &[]);
    let id = sale.snapshot().transaction_id.clone();
    by_hand(&mut shop, &serde_json::json!({"command": "void", "trankey": id}));
    let void = change(&mut shop, Kind::Void, "V");
    assert_eq!(told(&shop.finish(&void, 30_000)), UNDONE, "already voided");

    let mut shop = super::shop().opened();
    let sale = sell(&mut shop, "4711", &[("capture", "later")]);
    let id = sale.snapshot().transaction_id.clone();
    by_hand(&mut shop, &serde_json::json!({"command": "cc:capture", "trankey": id}));
    shop.cloud.settle();
    let capture = change(&mut shop, Kind::Capture, "C");
    assert_eq!(told(&shop.finish(&capture, 30_000)), PAID, "already captured and settled");

    let mut shop = super::shop().opened();
    sell(&mut shop, "4711", &[]);
    shop.cloud.settle();
    let void = change(&mut shop, Kind::Void, "V");
    let result = shop.finish(&void, 30_000);
    assert_eq!((told(&result), result.status, result.vendor_code), (FAILED, Status::Rejected, 103));
    assert_eq!(shop.cloud.moved_cents(), 1334);
    shop.assert_polite();
}

fn by_hand(shop: &mut Shop, body: &serde_json::Value) {
    let (now, seed) = (shop.now, format!("hand{}", shop.now));
    let answer =
        shop.cloud.handle(now, &posjunction_simulator::ebizcharge::request("POST", "/transactions", body, &seed));
    assert_eq!(answer.value()["result_code"], "A", "{}", answer.text());
}

#[test]
fn a_reverse_voids_what_is_open_and_refunds_what_is_settled() {
    for settled in [false, true] {
        let mut shop = shop().opened();
        sell(&mut shop, "4711", &[]);
        if settled {
            shop.cloud.settle();
        }
        let reverse = change(&mut shop, Kind::Reverse, "R");
        assert_eq!(told(&shop.finish(&reverse, 60_000)), UNDONE, "{settled}");
        assert_eq!(shop.cloud.moved_cents(), 100);
        assert_eq!(shop.cloud.count(CallKind::Refund), usize::from(settled));
        // What was there before is on record before the refund is: a power cut in between must not hide it.
        let facts = shop.facts(reverse.payment);
        let place = |wanted: fn(&Fact) -> bool| facts.iter().position(wanted);
        let refund = place(|f| matches!(f, Fact::Dispatched { action: Action::Refund }));
        let baseline = place(|f| matches!(f, Fact::Baseline { .. }));
        assert_eq!(refund.is_some(), settled);
        assert!(!settled || baseline < refund && baseline.is_some(), "{facts:#?}");
        shop.assert_polite();
    }
}

/// A lost answer to the void leads to no refund; a lost answer to the refund is found.
#[test]
fn a_reverse_whose_answers_are_lost_gives_the_money_back_once() {
    for settled in [false, true] {
        for kind in [CallKind::Void, CallKind::Refund] {
            for when in [When::Before, When::After] {
                let mut shop = shop().opened();
                sell(&mut shop, "4711", &[]);
                if settled {
                    shop.cloud.settle();
                }
                shop.cloud.fail_next(kind, when, Fault::Reset);
                let reverse = change(&mut shop, Kind::Reverse, "R");
                let result = shop.finish(&reverse, 900_000);
                let moved = shop.cloud.moved_cents();
                let what = format!("{settled} {kind:?} {when:?}: {:?} {}", result.state, result.message);
                match told(&result) {
                    UNDONE => assert_eq!(moved, 100, "{what}"),
                    FAILED => assert_eq!(moved, 1334, "{what}"),
                    other => panic!("{what}: {other:?}"),
                }
                assert!(when == When::Before || told(&result) == UNDONE || kind == CallKind::Void, "{what}");
                shop.assert_polite();
            }
        }
    }
}

#[test]
fn a_void_that_never_gets_through_has_failed_by_proof() {
    let mut shop = shop().opened();
    sell(&mut shop, "4711", &[]);
    shop.cloud.fail_next(Matcher::from(CallKind::Void).times(9), When::Before, Fault::Reset);
    let void = change(&mut shop, Kind::Void, "V");
    assert_eq!(told(&shop.finish(&void, 900_000)), FAILED);
    assert_eq!(shop.cloud.moved_cents(), 1334);
    shop.assert_polite();
}

#[test]
fn work_on_a_transaction_that_nobody_knows_is_refused() {
    let mut shop = shop().opened();
    let void = shop.ask(Kind::Void, &[("reference", "V"), ("transaction", "nosuchtransaction")], &[]).expect("taken");
    let result = shop.finish(&void, 200_000);
    assert_eq!((told(&result), result.status), (FAILED, Status::NotFound));
    let refund = shop.ask(Kind::Refund, &[("reference", "R"), ("transaction", "nosuchtransaction")], &[("amount", 1)]);
    let result = shop.finish(&refund.expect("taken"), 200_000);
    assert_eq!(result.state, State::Failed);
    shop.assert_polite();
}

#[test]
fn after_a_power_cut_work_on_a_transaction_is_read_first() {
    for when in [When::Before, When::After] {
        let mut shop = shop().opened();
        sell(&mut shop, "4711", &[]);
        shop.cloud.fail_next(CallKind::Void, when, Fault::Silence(60_000));
        let void = change(&mut shop, Kind::Void, "V");
        let payment = void.payment;
        shop.run_until(5_000, "the void has arrived", |w| w.cloud.count(CallKind::Void) == 1);
        shop.power_cut(10_000);
        let void = shop.again(payment);
        let result = shop.finish(&void, 900_000);
        let undone = told(&result) == UNDONE;
        assert_eq!(shop.cloud.moved_cents(), if undone { 100 } else { 1334 }, "{when:?}");
        assert!(undone || when == When::Before);
        assert_eq!(shop.cloud.count(CallKind::Void), 1, "an old intent is never sent");
        shop.assert_polite();
    }
}
