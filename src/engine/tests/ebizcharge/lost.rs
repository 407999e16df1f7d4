//! Lost answers, lost submits, power cuts: what was sent is found by our key, and absence is proven by time, an idle
//! terminal and two searches that see what they must.

use super::{FAILED, PAID, Shop, TIMED_OUT, shop, shop_with, told};
use crate::engine::Request;
use crate::engine::tests::world::{Road, World};
use crate::payment::fact::{Fact, LookupDone};
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, State, flag};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::ebizcharge::{self as eb, Scenario, SearchOrder};
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use std::sync::Arc;

/// How long a lost sale can turn up: the customer's time, the terminal's for the bank, and something for the processor.
const L_MS: u64 = 180_000 + 30_000 + 180_000;

fn lookups(shop: &Shop, request: &Request) -> Vec<LookupDone> {
    let facts = shop.facts(request.payment).into_iter();
    facts.filter_map(|fact| if let Fact::LookedUp(lookup) = fact { Some(lookup) } else { None }).collect()
}

fn count_of_candidates(request: &Request) -> i64 {
    match request.snapshot().details.get("candidates.count") {
        Some(Detail::Int(count)) => *count,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lost_answer_is_found_by_our_key_and_the_submit_is_never_repeated() {
    for first in [true, false] {
        let mut shop = if first { shop() } else { shop().opened() };
        shop.lose_next_answer();
        let sale = shop.pay("4711", 1234);
        let result = shop.finish(&sale, 120_000);
        assert_eq!(told(&result), PAID);
        assert!(result.has(flag::RECOVERED));
        assert_eq!(shop.submits(sale.payment), 1);
        shop.run(600_000);
        assert!(sale.snapshot().has(flag::TERMINAL_FREE));
        shop.assert_polite();
    }
}

/// Truth, section 3. Not before L, not without the terminal's word, not with one search alone.
#[test]
fn a_lost_submit_that_nobody_got_has_failed_after_l_and_not_before() {
    let mut shop = shop().opened();
    shop.lose_next_submit();
    let sale = shop.pay("4711", 1234);
    let asked = shop.now;
    let unknown = shop.until_unknown(&sale, 160_000);
    assert_eq!((unknown.money, unknown.advice), (MoneyMoved::Unknown, Advice::Resolve));
    assert!((149_000..152_000).contains(&(shop.now - asked)), "told at the deadline: {} ms", shop.now - asked);
    let result = shop.finish(&sale, 600_000);
    assert_eq!((told(&result), result.status, result.advice), (FAILED, Status::ConnectionLost, Advice::Retry));
    assert!(shop.now - asked > L_MS + 60_000, "{} ms", shop.now - asked);
    let proof: Vec<LookupDone> = lookups(&shop, &sale).into_iter().filter(|l| l.began_ms > asked + L_MS).collect();
    assert!(proof.len() >= 2 && proof.iter().all(|l| l.complete && l.sighted && l.candidates.is_empty()));
    assert!(proof[proof.len() - 1].began_ms - proof[0].began_ms >= 60_000);
    assert!(shop.cloud.count(CallKind::GetTerminal) >= 2, "once for its settings, once after L");
    assert_eq!(shop.submits(sale.payment), 1);
    shop.assert_polite();
}

/// The device's own setting is part of L, and so is the `timeout` that was sent.
#[test]
fn l_follows_the_terminals_settings_and_the_tills_timeout() {
    for (timeout, setting, expected) in [(30, 30, 240_000), (30, 300, 510_000), (600, 30, 810_000)] {
        let mut shop = shop().opened();
        let settings = serde_json::json!({"settings": {"timeout": setting}});
        let (now, device) = (shop.now, format!("/paymentengine/devices/{}", eb::DEVICE_KEY));
        let answer = shop.cloud.handle(now, &eb::request("PUT", &device, &settings, "aseedofitsown"));
        assert_eq!(answer.status, 200);
        shop.lose_next_submit();
        let sale = shop
            .ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234), ("timeout", timeout)])
            .expect("taken");
        let asked = shop.now;
        assert_eq!(told(&shop.finish(&sale, 1_200_000)), FAILED);
        let took = shop.now - asked;
        assert!((expected + 60_000..expected + 200_000).contains(&took), "{timeout} {setting}: {took} ms");
    }
}

/// A terminal that says that a payment is on it proves that there may be one.
#[test]
fn nothing_is_called_absent_while_the_terminal_is_at_work() {
    let mut shop = shop().opened();
    let busy = r#"{"type":"device","key":"KEY","status":"processing transaction","settings":{"timeout":30}}"#;
    shop.lose_next_submit();
    let sale = shop.pay("4711", 1234);
    for _ in 0..100 {
        shop.forge(CallKind::GetTerminal, When::After, 200, &busy.replace("KEY", eb::DEVICE_KEY));
    }
    shop.run(1_200_000);
    assert_eq!(sale.snapshot().state, State::Unknown);
    shop.forge_no_more();
    assert_eq!(told(&shop.finish(&sale, 300_000)), FAILED, "idle at last");
    shop.assert_polite();
}

#[test]
fn a_terminal_that_cannot_be_asked_proves_nothing() {
    let mut shop = shop().opened();
    shop.lose_next_submit();
    shop.cloud.fail_next(Matcher::from(CallKind::GetTerminal).times(10_000), When::Before, Fault::BadGateway);
    let sale = shop.pay("4711", 1234);
    shop.run(3_600_000);
    assert_eq!(sale.snapshot().state, State::Unknown);
    shop.assert_polite();
}

/// Without a sale that the journal knows, an empty list may be one that shows nothing to this key.
#[test]
fn absence_needs_a_sighted_search() {
    let mut new = shop();
    new.lose_next_submit();
    let sale = new.pay("4711", 1234);
    new.run(3_600_000);
    assert_eq!(sale.snapshot().state, State::Unknown, "no landmark at all");
    new.assert_polite();

    let mut hidden = shop().opened();
    hidden.cloud.switches.search_hides_all = true;
    hidden.lose_next_answer();
    let sale = hidden.pay("4711", 1234);
    hidden.run(3_600_000);
    assert_eq!(sale.snapshot().state, State::Unknown, "the list shows nothing");
    hidden.cloud.switches.search_hides_all = false;
    assert_eq!(told(&hidden.finish(&sale, 700_000)), PAID);
    hidden.assert_polite();
}

/// Our key does not come back: what looks like ours is for a person to judge, and forbids FAILED.
#[test]
pub fn where_the_key_is_not_passed_through_a_lost_sale_is_a_candidate() {
    let mut shop = shop().opened();
    shop.cloud.switches.orderid_dropped = true;
    shop.lose_next_answer();
    let sale = shop.pay("4711", 1234);
    shop.until_unknown(&sale, 160_000);
    shop.run(1_200_000);
    assert_eq!(sale.snapshot().state, State::Unknown);
    assert_eq!(count_of_candidates(&sale), 1);
    shop.resolve(&sale, Decision::Paid);
    let result = shop.finish(&sale, 5_000);
    assert_eq!(told(&result), PAID);
    assert!(result.has(flag::RESOLVED));
    assert_eq!(result.transaction_id, shop.cloud.ledger()[1].key);
    shop.assert_polite();
}

/// Where it was never passed through, no search is ever sighted.
#[test]
fn where_the_key_was_never_passed_through_absence_is_never_proven() {
    let mut shop = shop_with(|switches| switches.orderid_dropped = true).opened();
    shop.lose_next_submit();
    let sale = shop.pay("4711", 1234);
    shop.run(3_600_000);
    assert_eq!(sale.snapshot().state, State::Unknown);
    shop.assert_polite();
}

/// Truth, section 14.
#[test]
fn a_search_that_lags_or_comes_in_any_order_finds_the_payment_in_the_end() {
    for order in [SearchOrder::Newest, SearchOrder::Oldest, SearchOrder::Shuffled] {
        for lag in [0, 30_000, 120_000] {
            let mut shop = shop_with(|switches| switches.search_order = order).opened();
            for reference in ["a", "b", "c"] {
                let sale = shop.pay(reference, 100);
                shop.finish(&sale, 60_000);
                shop.until_free(&sale);
                shop.run(60_000);
            }
            shop.cloud.switches.search_lag_ms = lag;
            shop.lose_next_answer();
            let sale = shop.pay("4711", 1234);
            assert_eq!(told(&shop.finish(&sale, 400_000)), PAID, "{order:?} {lag}");
            shop.run(400_000);
            shop.lose_next_submit();
            let sale = shop.pay("4712", 1234);
            assert_eq!(told(&shop.finish(&sale, 900_000)), FAILED, "{order:?} {lag}");
            shop.assert_polite();
        }
    }
}

/// A list of many pages is read back to the landmark and no further.
#[test]
fn many_pages_are_read_back_to_the_landmark() {
    let mut setup = eb::Setup { page_max: 3, ..eb::Setup::default() };
    setup.endpoints[0].per_minute = 100_000;
    let mut shop: Shop = World::of(eb::Cloud::new(setup), &[]);
    shop.warm_up();
    shop.lose_next_answer();
    let sale = shop.pay("4711", 1234);
    shop.run_until(5_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 2);
    // Another till on another terminal.
    for number in 0..10 {
        shop.run(12_000);
        let body = serde_json::json!({"devicekey": eb::SECOND_DEVICE_KEY, "command": "sale", "amount": "7.00"});
        let (now, seed) = (shop.now, format!("other{number}"));
        let answer = shop.cloud.handle(now, &eb::request("POST", "/paymentengine/payrequests", &body, &seed));
        assert_eq!(answer.status, 200);
        if sale.snapshot().state.is_final() {
            break;
        }
    }
    assert_eq!(told(&shop.finish(&sale, 200_000)), PAID);
    shop.run(400_000);
    shop.lose_next_submit();
    let sale = shop.pay("4712", 1234);
    let before = shop.cloud.count(CallKind::Search);
    assert_eq!(told(&shop.finish(&sale, 900_000)), FAILED);
    let looked = lookups(&shop, &sale).len();
    let pages = shop.cloud.count(CallKind::Search) - before;
    assert!(pages <= 2 * looked + 2, "{pages} pages for {looked} searches: the landmark is on the first or second");
    shop.assert_polite();
}

#[test]
fn a_decline_found_by_search_waits_for_l() {
    let mut shop = shop().opened();
    shop.lose_next_answer();
    shop.cloud.script(Scenario::Decline(10_205));
    let sale = shop.pay("4711", 1234);
    let asked = shop.now;
    let result = shop.finish(&sale, 900_000);
    assert_eq!(result.state, State::Declined);
    assert!(shop.now - asked > L_MS);
    shop.assert_polite();
}

#[test]
fn a_power_cut_after_dispatch_is_read_and_never_sent_again() {
    for survive in [0, 1, 2] {
        let mut shop = shop().opened();
        shop.commits_survive = survive;
        let sale = shop.pay("4711", 1234);
        let payment = sale.payment;
        shop.run_until(5_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 2);
        shop.power_cut(30_000);
        let sale = shop.again(payment);
        assert_eq!(told(&shop.finish(&sale, 120_000)), PAID);
        assert_eq!(shop.submits(payment), 1);
        shop.assert_polite();
    }
}

/// The power goes between the durable record and the first byte: nobody got it, and the waiting starts with the restart.
#[test]
fn a_power_cut_before_the_first_byte_ends_by_proof() {
    let mut shop = shop().opened();
    shop.road = Road::Closed;
    let sale = shop.pay("4711", 1234);
    let payment = sale.payment;
    shop.run_until_fact(&sale, 5_000, "dispatched", |f| matches!(f, Fact::Dispatched { .. }));
    shop.power_cut(60_000);
    shop.road = Road::Open;
    let restart = shop.now;
    let sale = shop.again(payment);
    assert_eq!(told(&shop.finish(&sale, 900_000)), FAILED);
    assert!(shop.now - restart > L_MS);
    assert_eq!(shop.submits(payment), 0);
    shop.assert_polite();
}

/// At every moment of a sale the power may go; the sale is told as what it is, and never made twice.
#[test]
fn whenever_the_power_goes_the_sale_is_told_as_it_is() {
    for at in (0..16_000).step_by(400) {
        let mut shop = shop().opened();
        let sale = shop.pay("4711", 1234);
        let payment = sale.payment;
        shop.run(at);
        shop.power_cut(10_000);
        let Some(sale) = shop.pending().into_iter().find(|r| r.payment == payment) else {
            assert_eq!(shop.cloud.count(CallKind::Submit), 1, "{at}: forgotten only if it never left");
            continue;
        };
        let result = shop.finish(&sale, 900_000);
        let charges = shop.cloud.ledger().iter().filter(|t| t.amounts.total == 1234).count();
        assert_eq!(charges, usize::from(told(&result) == PAID), "{at}: {:?}", result.state);
        assert!(shop.cloud.count(CallKind::Submit) <= 2);
        shop.assert_polite();
    }
}

#[test]
fn lost_polls_say_nothing_about_the_sale() {
    for fault in
        [Fault::Reset, Fault::Garbage, Fault::HalfBody, Fault::BadGateway, Fault::ServerError, Fault::Forbidden]
    {
        let mut shop = shop();
        shop.cloud.fail_next(Matcher::from(CallKind::Poll).nth(2).times(5), When::After, fault);
        let sale = shop.pay("4711", 1234);
        assert_eq!(told(&shop.finish(&sale, 120_000)), PAID, "{fault:?}");
        assert_eq!(shop.submits(sale.payment), 1);
        shop.assert_polite();
    }
}

/// No line for ten minutes, right after the card.
#[test]
fn a_road_that_is_closed_for_long_delays_the_truth_and_nothing_else() {
    for (story, expected) in [(Scenario::Approve, PAID), (Scenario::Timeout, TIMED_OUT)] {
        let mut shop = shop().opened();
        shop.cloud.script(story);
        let sale = shop.pay("4711", 1234);
        shop.until_state(&sale, 10_000, State::AtTerminal);
        shop.road = Road::Closed;
        shop.run(600_000);
        assert!(!sale.snapshot().state.is_final());
        shop.road = Road::Open;
        assert_eq!(told(&shop.finish(&sale, 120_000)), expected);
        shop.assert_polite();
    }
}

/// The machine slept through the whole of L: it is read before anything is judged.
#[test]
fn a_sleep_over_l_is_followed_by_reads() {
    let mut shop = shop().opened();
    shop.lose_next_answer();
    let sale = shop.pay("4711", 1234);
    shop.run(1_000);
    shop.sleep(1_200_000);
    assert_eq!(told(&shop.finish(&sale, 120_000)), PAID);
    shop.assert_polite();
}

/// A submit that was stuck on the road and is carried out after its answer was given up.
#[test]
fn a_submit_that_arrives_late_is_found() {
    let mut shop = shop().opened();
    shop.cloud.fail_next(CallKind::Submit, When::Before, Fault::Delay(90_000));
    let sale = shop.pay("4711", 1234);
    assert_eq!(told(&shop.finish(&sale, 400_000)), PAID);
    assert_eq!(shop.submits(sale.payment), 1);
    shop.assert_polite();
}

/// The till filled in the key's field itself: then even a match is only a candidate.
#[test]
fn with_the_tills_own_order_a_lost_sale_is_only_a_candidate() {
    let mut shop = shop().opened();
    shop.lose_next_answer();
    let texts = [("reference", "4711"), ("order", "ORDER-7")];
    let sale = shop.ask(Kind::Payment, &texts, &[("amount", 1234)]).expect("taken");
    shop.until_unknown(&sale, 160_000);
    shop.run(600_000);
    assert_eq!((sale.snapshot().state, count_of_candidates(&sale)), (State::Unknown, 1));
    assert_eq!(shop.cloud.ledger()[1].orderid.as_deref(), Some("ORDER-7"));
    shop.assert_polite();
}

/// A refund of the sale carries the sale's key. A later search for the sale must not take it for the sale, or for a fraud.
#[test]
fn a_refund_that_carries_the_sales_key_is_not_taken_for_the_sale() {
    let mut shop = shop().opened();
    shop.lose_next_answer();
    let sale = shop.pay("4711", 1234);
    shop.run_until(30_000, "the sale is made", |w| w.cloud.ledger().len() == 2);
    shop.road = Road::Closed;
    shop.run(1_000);
    shop.cloud.settle();
    let body = serde_json::json!({"command": "refund", "trankey": shop.cloud.ledger()[1].key, "amount": "5.00"});
    let now = shop.now;
    let answer = shop.cloud.handle(now, &eb::request("POST", "/transactions", &body, "backoffice"));
    assert_eq!(answer.value()["result_code"], "A");
    shop.road = Road::Open;
    let result = shop.finish(&sale, 120_000);
    assert_eq!((told(&result), result.approved_amount), (PAID, 1234));
    shop.run(600_000);
    assert_eq!(shop.news_of(sale.payment).len(), 2);
    shop.assert_polite();
}

fn next_sale(shop: &mut Shop, reference: &str) -> Arc<Request> {
    let sale = shop.ask(Kind::Payment, &[("reference", reference)], &[("amount", 1234), ("despite_unknown", 1)]);
    sale.expect("the terminal is used despite the unknown one")
}

/// Two lost sales of one amount, one after the other: each is found under its own key.
#[test]
fn two_lost_sales_of_one_amount_are_told_apart() {
    let mut shop = shop().opened();
    shop.cloud.script(Scenario::Decline(10_205));
    shop.lose_next_answer();
    let first = shop.pay("A", 1234);
    shop.until_unknown(&first, 160_000);
    shop.lose_next_answer();
    let second = next_sale(&mut shop, "B");
    assert_eq!(told(&shop.finish(&second, 120_000)), PAID);
    assert_eq!(shop.finish(&first, 900_000).state, State::Declined);
    shop.assert_polite();
}

/// No reply at all, from the first byte on.
#[test]
fn a_silent_vendor_is_an_unknown_and_then_the_truth() {
    let mut shop = shop().opened();
    shop.cloud.fail_next(CallKind::Submit, When::After, Fault::Silence(60_000));
    let sale = shop.pay("4711", 1234);
    assert_eq!(told(&shop.finish(&sale, 200_000)), PAID);
    assert_eq!(shop.submits(sale.payment), 1);
    shop.assert_polite();
}

/// The books hold a look-alike, and nothing tells whether it came before the very first sale of this journal.
#[test]
fn a_look_alike_of_the_first_sale_forbids_that_it_failed() {
    let mut shop = shop_with(|s| s.orderid_dropped = true);
    shop.cloud.script(eb::Scenario::GiveUp);
    let first = shop.pay("4711", 1234);
    shop.run(60_000);
    shop.cloud.switches.orderid_dropped = false;
    // Later searches are sighted by this one.
    let texts = [("reference", "4712")];
    let numbers = [("amount", 500), ("despite_unknown", 1)];
    shop.ask(crate::payment::Kind::Payment, &texts, &numbers).ok();
    shop.run(3_600_000);
    assert_ne!(first.snapshot().money, MoneyMoved::NotMoved, "{}", shop.story(first.payment));
}
