//! The ordinary day.

use super::shop;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::status::Status;

#[test]
fn a_sale_is_approved() {
    let mut shop = shop();
    let sale = shop.pay("4711", 1234);
    let result = shop.finish(&sale, 60_000);
    assert_eq!((result.state, result.money, result.advice), (State::Approved, MoneyMoved::Moved, Advice::Done));
    assert_eq!((result.approved_amount, result.status), (1234, Status::Ok));
    assert_eq!((result.card_last4.as_str(), result.card_brand.as_str()), ("2224", "VISA"));
    shop.run_until(60_000, "the terminal is free", |_| sale.snapshot().has(flag::TERMINAL_FREE));
    assert_eq!(shop.news_of(sale.payment), [EventKind::Result, EventKind::TerminalFree]);
    shop.acknowledge(&sale);
    shop.run(5_000);
    assert!(shop.pending().is_empty());
    assert_eq!(shop.submits(sale.payment), 1);
    shop.assert_polite();
}
