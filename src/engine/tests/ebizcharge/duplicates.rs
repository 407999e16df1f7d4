//! The vendor's own check for duplicates: a folded payment is no new money, and a blocked one no plain decline.

use super::{DECLINED, PAID, Shop, shop_with, told};
use crate::payment::Decision;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::ebizcharge::{self as eb, Duplicates};
use posjunction_simulator::{CallKind, Fault, Matcher, When};

fn folding() -> Shop {
    shop_with(|switches| switches.duplicates = Duplicates::Fold).opened()
}

/// The same card pays the same sum for another receipt: nothing moved for this one.
#[test]
fn a_sale_folded_onto_another_reference_is_declined() {
    for restart in [false, true] {
        let mut shop = folding();
        let first = shop.pay("A", 1234);
        shop.finish(&first, 60_000);
        shop.until_free(&first);
        shop.acknowledge(&first);
        shop.run(5_000);
        if restart {
            shop.power_cut(5_000);
        }
        let second = shop.pay("B", 1234);
        let result = shop.finish(&second, 60_000);
        assert_eq!((told(&result), result.status), (DECLINED, Status::DuplicateSuspected), "{restart}");
        assert!(result.has(flag::DUPLICATE_SUSPECTED) && result.advice == Advice::Resolve);
        assert_eq!(shop.cloud.moved_cents(), 1334);
        shop.assert_polite();
    }
}

/// The first attempt was called not paid by a person, and had been paid. The customer presents the card once more: the
/// vendor answers with the first charge. It is told once, as this attempt's.
#[test]
fn a_sale_folded_onto_an_earlier_attempt_is_approved_once() {
    let mut shop = folding();
    shop.lose_next_answer();
    shop.checks.vendor_hides_money = true;
    shop.cloud.switches.search_hides_all = true;
    let first = shop.pay("A", 1234);
    shop.until_unknown(&first, 160_000);
    shop.resolve(&first, Decision::NotPaid);
    shop.acknowledge(&first);
    shop.run(5_000);
    let second = shop.pay("A", 1234);
    let result = shop.finish(&second, 120_000);
    assert_eq!(told(&result), PAID);
    assert!(result.has(flag::RECOVERED));
    assert_eq!(shop.cloud.moved_cents(), 1334);
    shop.cloud.switches.search_hides_all = false;
    shop.run(4_000_000);
    assert!(!shop.news_of(first.payment).contains(&EventKind::LateApproval), "told once is enough");
    shop.assert_polite();
}

/// A charge that this journal knows nothing of: a person must say whether it is this one.
#[test]
fn a_sale_folded_onto_a_charge_that_nobody_knows_is_unknown() {
    let mut shop = folding();
    let body = serde_json::json!({"devicekey": eb::SECOND_DEVICE_KEY, "command": "sale", "amount": "12.34"});
    let now = shop.now;
    let answer = shop.cloud.handle(now, &eb::request("POST", "/paymentengine/payrequests", &body, "othertill"));
    assert_eq!(answer.status, 200);
    shop.run(20_000);
    let sale = shop.pay("B", 1234);
    let unknown = shop.until_unknown(&sale, 60_000);
    assert_eq!((unknown.status, unknown.money), (Status::DuplicateSuspected, MoneyMoved::Unknown));
    assert_eq!(unknown.details.get("candidates.count"), Some(&crate::payment::snapshot::Detail::Int(1)));
    shop.run(3_600_000);
    assert_eq!(sale.snapshot().state, State::Unknown);
    shop.resolve(&sale, Decision::Paid);
    let result = shop.finish(&sale, 5_000);
    assert_eq!((result.state, result.transaction_id.as_str()), (State::Approved, shop.cloud.ledger()[1].key.as_str()));
    shop.assert_polite();
}

/// Until the earlier charge could be read, nothing is said.
#[test]
fn whose_charge_it_is_is_asked_until_the_vendor_answers() {
    let mut shop = folding();
    let first = shop.pay("A", 1234);
    shop.finish(&first, 60_000);
    shop.until_free(&first);
    shop.cloud.fail_next(Matcher::from(CallKind::GetTransaction).times(6), When::Before, Fault::BadGateway);
    let second = shop.pay("B", 1234);
    assert_eq!(told(&shop.finish(&second, 120_000)), DECLINED);
    shop.assert_polite();
}

/// Error 31: the charge that made the check fire is searched for first.
#[test]
fn a_blocked_duplicate_is_no_plain_decline() {
    let mut shop = shop_with(|switches| switches.duplicates = Duplicates::Block).opened();
    let first = shop.pay("A", 1234);
    shop.finish(&first, 60_000);
    shop.until_free(&first);
    let second = shop.pay("B", 1234);
    let result = shop.finish(&second, 120_000);
    assert_eq!((result.status, result.money), (Status::DuplicateSuspected, MoneyMoved::NotMoved));
    assert!(result.has(flag::DUPLICATE_SUSPECTED) && result.advice == Advice::Resolve);
    assert!(shop.cloud.count(CallKind::Search) > 0);
    shop.assert_polite();
}

#[test]
fn the_till_can_switch_the_check_off() {
    let mut shop = folding();
    for reference in ["A", "B"] {
        let numbers = [("amount", 1234), ("ignore_duplicate", 1)];
        let sale = shop.ask(crate::payment::Kind::Payment, &[("reference", reference)], &numbers).expect("taken");
        assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
        shop.until_free(&sale);
    }
    assert_eq!(shop.cloud.moved_cents(), 2 * 1234 + 100);
    shop.assert_polite();
}
