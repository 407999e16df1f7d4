//! The ordinary day: what a sale looks like from asking to acknowledging.

use super::{DECLINED, FAILED, PAID, Shop, shop, shop_with, told};
use crate::engine::tests::world::World;
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, Detail, EventKind, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::CallKind;
use posjunction_simulator::ebizcharge::{self as eb, CompletePlace, CompleteType, Scenario, TokenPlace};

#[test]
fn a_sale_is_approved_told_once_and_known_by_its_key() {
    let mut shop = shop();
    let sale = shop.pay("4711", 1234);
    let result = shop.finish(&sale, 60_000);
    assert_eq!((told(&result), result.advice), (PAID, Advice::Done));
    assert_eq!((result.approved_amount, result.status), (1234, Status::Ok));
    assert_eq!((result.card_last4.as_str(), result.card_brand.as_str()), ("2224", "VISA"));
    assert_eq!((result.entry_method.as_str(), result.response_code.as_str()), ("Contactless", "00000"));
    assert!(result.request_id.starts_with("pr_") && result.transaction_id.len() == 16);
    shop.until_free(&sale);
    assert_eq!(shop.news_of(sale.payment), [EventKind::Result, EventKind::TerminalFree]);
    shop.acknowledge(&sale);
    shop.run(5_000);
    assert!(shop.pending().is_empty());
    assert_eq!(shop.submits(sale.payment), 1);
    assert_eq!(shop.cloud.ledger()[0].orderid, Some(shop.key(sale.payment)));
    shop.assert_polite();
}

#[test]
fn both_names_of_the_gateway_work_alike() {
    let mut shop: Shop = World::of(eb::Cloud::new(eb::Setup::default()), &[]);
    shop.configure("vendor", "usaepay");
    shop.power_cut(1_000);
    let sale = shop.pay("4711", 1234);
    let result = shop.finish(&sale, 60_000);
    assert_eq!(told(&result), PAID);
    shop.assert_polite();
}

/// The answer that tells the end tells the transaction, too: no other call comes before the result.
#[test]
fn a_decline_is_told_at_once_with_the_banks_reason() {
    let mut shop = shop();
    let (sale, result) = shop.play("4711", Scenario::Decline(10_251));
    assert_eq!((told(&result), result.advice), (DECLINED, Advice::NewCard));
    assert_eq!(result.response_code, "10251");
    assert_eq!(result.message, "There is not enough money on the card. Ask for another card.");
    assert_eq!(shop.cloud.count(CallKind::GetTransaction), 0);
    shop.until_free(&sale);
    shop.assert_polite();
}

#[test]
fn a_failure_of_the_processor_is_no_decline_and_keeps_its_number() {
    let mut shop = shop();
    let (_, result) = shop.play("4711", Scenario::GatewayError(9_001));
    assert_eq!((told(&result), result.status, result.advice), (FAILED, Status::Vendor, Advice::Retry));
    assert_eq!(result.vendor_code, 9_001);
    shop.assert_polite();
}

#[test]
fn a_part_is_approved_only_where_the_till_takes_it() {
    let mut shop = shop();
    shop.cloud.script(Scenario::Partial(500));
    let part =
        shop.ask(Kind::Payment, &[("reference", "1")], &[("amount", 1234), ("allow_partial", 1)]).expect("taken");
    let result = shop.finish(&part, 60_000);
    assert_eq!((told(&result), result.status, result.approved_amount), (PAID, Status::Partial, 500));
    assert!(result.has(flag::PARTIAL) && !result.has(flag::AMOUNT_DIFFERS));
    shop.until_free(&part);
    let (_, result) = shop.play("2", Scenario::Partial(500));
    assert_eq!((told(&result), result.response_code.as_str()), (DECLINED, "10151"));
    shop.assert_polite();
}

#[test]
fn a_tip_of_the_customer_is_told_and_is_no_difference() {
    let mut shop = shop();
    shop.cloud.script(Scenario::Tip(200));
    let sale = shop.ask(Kind::Payment, &[("reference", "1")], &[("amount", 1234), ("prompt_tip", 1)]).expect("taken");
    let result = shop.finish(&sale, 60_000);
    assert_eq!((told(&result), result.approved_amount, result.tip_amount), (PAID, 1434, 200));
    assert!(!result.has(flag::AMOUNT_DIFFERS));
    shop.assert_polite();
}

/// A tip that the till has put into the amount is no tip beyond it.
#[test]
fn a_tip_within_the_amount_is_no_difference() {
    let mut shop = shop();
    let amounts = [("amount", 1234), ("subtotal_amount", 1000), ("tip_amount", 134), ("tax_amount", 100)];
    let sale = shop.ask(Kind::Payment, &[("reference", "1")], &amounts).expect("taken");
    let result = shop.finish(&sale, 60_000);
    assert_eq!((told(&result), result.approved_amount, result.tip_amount), (PAID, 1234, 134));
    assert!(!result.has(flag::AMOUNT_DIFFERS));
    shop.assert_polite();
}

#[test]
fn money_can_be_reserved_and_taken_later() {
    let mut shop = shop();
    let texts = [("reference", "1"), ("capture", "later")];
    let sale = shop.ask(Kind::Payment, &texts, &[("amount", 1234)]).expect("taken");
    let result = shop.finish(&sale, 60_000);
    assert_eq!(told(&result), (State::Approved, MoneyMoved::Pending));
    assert_eq!(shop.cloud.moved_cents(), 0);
    shop.until_free(&sale);
    shop.acknowledge(&sale);
    let capture =
        shop.ask(Kind::Capture, &[("reference", "2"), ("original", "1")], &[("amount", 1000)]).expect("taken");
    let result = shop.finish(&capture, 60_000);
    assert_eq!((told(&result), result.approved_amount), (PAID, 1000));
    assert_eq!(shop.cloud.moved_cents(), 1000);
    shop.assert_polite();
}

#[test]
fn a_refund_with_the_card_gives_the_money_back() {
    let mut shop = shop();
    let refund = shop.ask(Kind::TerminalRefund, &[("reference", "1")], &[("amount", 500)]).expect("taken");
    let result = shop.finish(&refund, 60_000);
    assert_eq!((told(&result), result.approved_amount), (PAID, 500));
    assert_eq!(shop.cloud.moved_cents(), -500);
    shop.assert_polite();
}

#[test]
fn the_token_of_a_saved_card_is_found_wherever_it_stands() {
    for place in [TokenPlace::SavedCard, TokenPlace::Transaction, TokenPlace::CreditCard] {
        let mut shop = shop_with(|switches| switches.token_place = place);
        let sale =
            shop.ask(Kind::Payment, &[("reference", "1")], &[("amount", 1234), ("save_card", 1)]).expect("taken");
        let result = shop.finish(&sale, 60_000);
        let token = result.details.get("transaction.card_token");
        assert!(matches!(token, Some(Detail::Text(text)) if text.starts_with("sim0-")), "{place:?}: {token:?}");
    }
}

/// How the answers are written differs from page to page of the documents, and must not matter.
#[test]
fn however_the_answers_are_written_a_sale_is_paid_and_a_decline_declined() {
    type Way = Box<dyn Fn(&mut eb::Switches)>;
    let mut ways: Vec<Way> = Vec::new();
    for place in [CompletePlace::Top, CompletePlace::Inside, CompletePlace::Both, CompletePlace::Absent] {
        for kind in [CompleteType::Bool, CompleteType::Text, CompleteType::Number] {
            ways.push(Box::new(move |s| (s.complete_place, s.complete_type) = (place, kind)));
        }
    }
    ways.push(Box::new(|s| s.told_early = true));
    ways.push(Box::new(|s| s.old_status_words = true));
    ways.push(Box::new(|s| s.declined_is_failed = true));
    ways.push(Box::new(|s| s.bare_amounts = true));
    ways.push(Box::new(|s| s.entrymode_in_one_word = true));
    ways.push(Box::new(|s| s.nested_errors = true));
    ways.push(Box::new(|s| s.fresh_request_404_ms = 5_000));
    ways.push(Box::new(|s| s.fresh_transaction_404_ms = 5_000));
    ways.push(Box::new(|s| s.device_says_online = true));
    ways.push(Box::new(|s| s.orderid_dropped = true));
    for (number, way) in ways.iter().enumerate() {
        let mut shop = shop_with(way);
        let sale = shop.pay("1", 1200);
        let result = shop.finish(&sale, 120_000);
        assert_eq!((told(&result), result.approved_amount), (PAID, 1200), "way {number}");
        shop.until_free(&sale);
        let (declined, result) = shop.play("2", Scenario::Decline(10_205));
        assert_eq!(told(&result), DECLINED, "way {number}");
        shop.until_free(&declined);
        let (_, result) = shop.play("3", Scenario::DeclineThenApprove);
        assert_eq!(told(&result), PAID, "way {number}");
        shop.assert_polite();
    }
}

#[test]
fn a_read_of_a_transaction_takes_its_key_or_its_number() {
    let mut shop = shop().opened();
    let (key, number) = (shop.cloud.ledger()[0].key.clone(), shop.cloud.ledger()[0].refnum.to_string());
    for id in [key, number] {
        let read = shop.ask(Kind::FetchTransaction, &[("transaction", &id)], &[]).expect("taken");
        let result = shop.finish(&read, 60_000);
        assert_eq!((result.state, result.transaction_id), (State::Completed, id));
    }
    let strange = shop.ask(Kind::FetchTransaction, &[("transaction", "nosuchtransaction")], &[]).expect("taken");
    let result = shop.finish(&strange, 60_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::NotFound));
    shop.assert_polite();
}

/// The terminal is waited for as long as the document says, within the account's budget, and its whole life long.
#[test]
fn a_slow_customer_and_a_slow_bank_are_waited_for() {
    for story in [Scenario::SlowCard, Scenario::SlowAuthorization, Scenario::ChangeInterface, Scenario::PhoneTap] {
        let mut shop = shop();
        let (sale, result) = shop.play("4711", story);
        assert_eq!(told(&result), PAID, "{story:?}");
        assert_eq!(shop.submits(sale.payment), 1);
        shop.assert_polite();
    }
}
