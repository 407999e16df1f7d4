//! Logins, the lock-out, limits of traffic: none of them ends a request that runs.

use super::{FAILED, PAID, shop, told};
use crate::payment::Kind;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{Advice, State};
use crate::status::Status;
use posjunction_simulator::ebizcharge::{self as eb, Scenario};
use posjunction_simulator::{CallKind, Fault, FaultRates, Matcher, When};

/// A wrong PIN is told, and no retry of the cashier makes it a lock-out.
#[test]
fn a_wrong_pin_is_told_at_once_and_is_not_tried_again() {
    let mut shop = shop();
    shop.cloud.change_pin("9999");
    let sale = shop.pay("1", 1234);
    let result = shop.finish(&sale, 5_000);
    assert_eq!((told(&result), result.status, result.advice), (FAILED, Status::Unauthorized, Advice::FixSetup));
    assert_eq!((result.vendor_code, result.http_status), (21_002, 401));
    for reference in ["2", "3", "4", "5", "6", "7"] {
        let sale = shop.pay(reference, 1234);
        let result = shop.finish(&sale, 5_000);
        assert_eq!((told(&result), result.status), (FAILED, Status::Unauthorized), "{reference}");
        shop.run(60_000);
    }
    assert_eq!(shop.cloud.calls().len(), 1, "one refused login is enough");
    shop.assert_polite();
}

#[test]
fn a_corrected_pin_works_after_a_restart() {
    let mut shop = shop();
    shop.configure("pin", "0000");
    shop.power_cut(1_000);
    let sale = shop.pay("1", 1234);
    assert_eq!(shop.finish(&sale, 5_000).status, Status::Unauthorized);
    shop.configure("pin", eb::PIN);
    shop.power_cut(1_000);
    let sale = shop.pay("1", 1234);
    assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
    shop.assert_polite();
}

/// Promise 14: the vendor goes on counting through power cuts, and the answers that tell its count are lost.
#[test]
pub fn what_an_earlier_run_has_called_counts_in_the_minute() {
    for seconds in [2, 5, 9] {
        let mut shop = shop();
        shop.cloud.fail_randomly(FaultRates {
            after_per_mille: 1_000,
            faults: vec![Fault::Reset],
            ..FaultRates::default()
        });
        shop.pay("1", 1_000);
        let texts = [("reference", "2"), ("terminal", eb::SECOND_DEVICE_KEY)];
        shop.ask(Kind::Payment, &texts, &[("amount", 2_000)]).expect("is taken");
        shop.run(3_000);
        for _ in 0..30 {
            shop.power_cut(300);
            shop.run(seconds * 1_000);
        }
        assert!(shop.cloud.calls().len() > 45, "{seconds}: {}", shop.cloud.calls().len());
        shop.assert_polite();
    }
}

/// After a quiet night the first sale of the day is not held up by the last minute of the evening.
#[test]
fn what_was_called_long_ago_holds_up_no_sale() {
    let mut shop = shop();
    for list in 1..=30 {
        shop.ask(Kind::ListTerminals, &[("reference", &*format!("list {list}"))], &[]).expect("is taken");
        shop.run(500);
    }
    shop.power_cut(61_000);
    let sale = shop.pay("4711", 1234);
    assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
    shop.assert_polite();
}

/// The PIN is changed while a customer pays: the sale goes on at the terminal, and the till learns of it later.
#[test]
fn a_login_that_is_refused_while_a_sale_runs_ends_nothing() {
    let mut shop = shop().opened();
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    shop.cloud.change_pin("9999");
    let before = shop.cloud.calls().len();
    shop.run(600_000);
    assert!(!sale.snapshot().state.is_final());
    assert_eq!(shop.cloud.calls().len(), before + 1, "one refused login, and then a long pause");
    let next = shop.ask(Kind::Payment, &[("reference", "2"), ("terminal", eb::SECOND_DEVICE_KEY)], &[("amount", 100)]);
    let refused = shop.finish(&next.expect("taken"), 1_000);
    assert_eq!((told(&refused), refused.status), (FAILED, Status::Unauthorized));
    shop.cloud.change_pin(eb::PIN);
    assert_eq!(told(&shop.finish(&sale, 600_000)), PAID);
    shop.assert_polite();
}

/// Too many failed logins of anybody at this address: an hour without a call, and nothing ends.
#[test]
fn a_lock_out_pauses_everything_for_an_hour_and_ends_nothing() {
    let mut shop = shop().opened();
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    shop.cloud.lock_out();
    let locked = shop.now;
    shop.run_until_fact(
        &sale,
        10_000,
        "the lock-out is told",
        |f| matches!(f, Fact::ReadFailed { failure, .. } if failure.status == Status::LockedOut),
    );
    let calls = shop.cloud.calls().len();
    let next = shop.ask(Kind::Payment, &[("reference", "2"), ("terminal", eb::SECOND_DEVICE_KEY)], &[("amount", 100)]);
    let refused = shop.finish(&next.expect("taken"), 20_000);
    assert_eq!((told(&refused), refused.status), (FAILED, Status::LockedOut));
    shop.run(3_500_000);
    assert_eq!(shop.cloud.calls().len(), calls, "no call while it lasts");
    assert!(!sale.snapshot().state.is_final());
    let result = shop.finish(&sale, 600_000);
    assert_eq!(told(&result), PAID);
    assert!(shop.now - locked > 3_600_000);
    // The one call that met the lock-out could not know of it.
    assert_eq!(shop.cloud.violations().len(), 1, "{:?}", shop.cloud.violations());
}

#[test]
fn a_submit_that_meets_the_lock_out_was_not_executed() {
    let mut shop = shop();
    shop.cloud.lock_out();
    let sale = shop.pay("4711", 1234);
    let result = shop.finish(&sale, 20_000);
    assert_eq!((told(&result), result.status), (FAILED, Status::LockedOut));
    assert_eq!(shop.cloud.calls().len(), 1);
}

/// The limiter stands before the work: its own answer is proof, anybody else's is not.
#[test]
fn a_submit_that_meets_the_limit_waits_within_its_shelf_life() {
    let mut shop = shop();
    shop.cloud.fail_next(CallKind::Submit, When::Before, Fault::RateLimited(None));
    let sale = shop.pay("1", 1234);
    assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
    assert_eq!(shop.submits(sale.payment), 2, "sent again after the vendor's own 429");
    shop.until_free(&sale);
    shop.cloud.fail_next(Matcher::from(CallKind::Submit).times(9), When::Before, Fault::RateLimited(None));
    let sale = shop.pay("2", 1234);
    let result = shop.finish(&sale, 30_000);
    assert_eq!((told(&result), result.status), (FAILED, Status::RateLimited));
    shop.cloud.heal();
    shop.run(60_000);
    shop.forge(CallKind::Submit, When::After, 429, "<html>slow down</html>");
    let sale = shop.pay("3", 1234);
    assert_eq!(told(&shop.finish(&sale, 120_000)), PAID, "found by its key");
    assert_eq!(shop.submits(sale.payment), 1, "somebody else's 429 is no proof");
    shop.assert_polite();
}

#[test]
fn a_storm_of_429_delays_the_result_and_nothing_else() {
    for wait in [None, Some(2), Some(20)] {
        let mut shop = shop().opened();
        shop.cloud.fail_next(Matcher::from(CallKind::Poll).times(12), When::Before, Fault::RateLimited(wait));
        let sale = shop.pay("4711", 1234);
        assert_eq!(told(&shop.finish(&sale, 600_000)), PAID, "{wait:?}");
        assert_eq!(shop.submits(sale.payment), 1);
        shop.assert_polite();
    }
}

/// Other tills behind the same address use up the minute: `X-Rate-Limit` says so, and the sale is watched more slowly.
#[test]
fn neighbors_that_use_up_the_minute_slow_the_watching_down() {
    let mut shop = shop().opened();
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 10_000, State::AtTerminal);
    for _ in 0..6 {
        shop.cloud.neighbors_call("v2", 30);
        shop.run(20_000);
    }
    assert_eq!(told(&shop.finish(&sale, 300_000)), PAID);
    shop.assert_polite();
}

/// A whole hour at one terminal, sale upon sale, stays within 45 calls a minute.
#[test]
fn an_hour_of_sales_stays_within_the_limits() {
    let mut shop = shop();
    let end = shop.now + 3_600_000;
    let mut sales = 0;
    while shop.now < end {
        sales += 1;
        let reference = format!("S{sales}");
        let numbers = [("amount", 1000 + sales)];
        match shop.ask(Kind::Payment, &[("reference", &reference)], &numbers) {
            Ok(sale) => {
                let result = shop.finish(&sale, 120_000);
                assert!(told(&result) == PAID || result.status == Status::RateLimited, "{result:#?}");
                shop.until_free(&sale);
                shop.acknowledge(&sale);
            }
            Err((status, ..)) => assert_eq!(status, Status::RateLimited),
        }
        shop.run(5_000);
    }
    assert!(sales > 120, "{sales}");
    assert!(shop.cloud.calls().iter().all(|call| call.status != 429));
    shop.assert_polite();
}
