//! Truth, section 6: the amount is the whole sum, its parts never raise it, and what comes on top is told.

use super::world::World;
use crate::payment::Kind;
use crate::payment::snapshot::{MoneyMoved, Snapshot, State, flag};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario};

const PARTS: &[(&str, i64)] = &[("amount", 10_000), ("tax_amount", 800), ("shipping_amount", 150)];

fn sell(world: &mut World, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Snapshot {
    let texts: Vec<(&str, &str)> = [("reference", "4711")].into_iter().chain(texts.iter().copied()).collect();
    let request = world.ask(Kind::Payment, &texts, numbers).expect("the sale is taken");
    let result = world.finish(&request, 90_000);
    assert_eq!(result.state, State::Approved, "{result:#?}");
    result
}

#[test]
fn the_parts_of_an_amount_never_raise_it() {
    let mut world = World::new();
    let result = sell(&mut world, &[], &[PARTS, &[("surcharge_amount", 50), ("prompt_tip", 0)]].concat());
    let asked = &world.cloud.requests()[0].asked;
    assert_eq!((asked.base, asked.tax, asked.shipping, asked.surcharge), (9_000, Some(800), Some(150), Some(50)));
    assert_eq!((result.approved_amount, world.cloud.moved_cents()), (10_000, 10_000));
    assert!(!result.has(flag::AMOUNT_DIFFERS) && !result.has(flag::PARTIAL));
    world.assert_polite();
}

#[test]
fn a_tip_of_the_customer_comes_on_top_and_is_expected() {
    let mut world = World::new();
    world.cloud.script(Scenario::Tip(250));
    let result = sell(&mut world, &[], PARTS);
    assert_eq!((result.approved_amount, result.tip_amount, world.cloud.moved_cents()), (10_250, 250, 10_250));
    assert!(!result.has(flag::AMOUNT_DIFFERS));
}

#[test]
fn a_surcharge_of_the_account_comes_on_top_and_is_expected() {
    let mut world = World::new();
    let account = pj::SURCHARGE_MERCHANT_TERMINAL_ID.to_string();
    let result = sell(&mut world, &[("merchant_terminal", &account)], PARTS);
    assert_eq!((result.approved_amount, result.surcharge_amount), (10_300, 300));
    assert!(!result.has(flag::AMOUNT_DIFFERS));
}

#[test]
fn ours_but_less_than_asked_is_approved_and_says_so() {
    let mut world = World::new();
    world.cloud.switches.partial_approvals = true;
    world.cloud.script(Scenario::Partial(4_000));
    let result = sell(&mut world, &[], PARTS);
    assert_eq!((result.money, result.approved_amount, result.requested_amount), (MoneyMoved::Moved, 4_000, 10_000));
    assert!(result.has(flag::PARTIAL) && result.has(flag::AMOUNT_DIFFERS));
    assert_eq!(result.status, Status::Partial);
}

/// The books of the vendor say another sum than was asked: money moved, by that sum.
#[test]
fn ours_but_of_another_amount_is_approved_and_says_so() {
    use crate::payment::fact::{Entry, Fact};
    use crate::payment::report::TransactionReport;
    use crate::payment::{Payment, verdict};
    let told = |kind: Kind, numbers: &[(&str, i64)], total: i64, tip: i64, surcharge: i64| {
        let mut world = World::new();
        let request = world.ask(kind, &[("reference", "4711")], numbers).expect("is taken");
        world.run(2);
        let Some(fact @ Fact::Intent(_)) = world.first_fact(request.payment) else { panic!("no intent") };
        let first = Entry { number: 1, run: 1, at_ms: 0, asked_ms: 0, wall_ms: 0, fact };
        let payment = Payment::begin(1, 1, 0, &first).expect("an intent");
        let report = TransactionReport { total, tip, surcharge, ..TransactionReport::default() };
        let flags = verdict::approved(&payment, &report).flags;
        (flags & flag::AMOUNT_DIFFERS != 0, flags & flag::PARTIAL != 0)
    };
    let amount = ("amount", 1_000);
    assert_eq!(told(Kind::Payment, &[amount], 1_000, 0, 0), (false, false));
    assert_eq!(told(Kind::Payment, &[amount], 1_001, 0, 0), (true, false));
    assert_eq!(told(Kind::Payment, &[amount], 999, 0, 0), (true, true));
    assert_eq!(told(Kind::Payment, &[amount], 1_130, 100, 30), (false, false));
    assert_eq!(told(Kind::Payment, &[amount, ("prompt_tip", 0)], 1_100, 100, 0), (true, false), "tips are off");
    assert_eq!(told(Kind::Payment, &[amount, ("surcharge_amount", 30)], 1_000, 0, 30), (false, false));
    assert_eq!(told(Kind::Payment, &[amount, ("surcharge_amount", 30)], 1_030, 0, 30), (true, false));
    assert_eq!(told(Kind::TerminalRefund, &[amount], 1_100, 100, 0), (true, false), "refunds have no additions");
}

/// What is not sent is copied from the original: then more would go back than was asked.
#[test]
fn a_part_of_a_sale_with_tax_tip_and_surcharge_goes_back_to_the_cent() {
    let mut world = World::new();
    world.cloud.script(Scenario::Tip(250));
    let account = pj::SURCHARGE_MERCHANT_TERMINAL_ID.to_string();
    let sale = sell(&mut world, &[("merchant_terminal", &account)], PARTS);
    assert!(sale.tip_amount > 0 && sale.surcharge_amount > 0);
    let texts = [("reference", "4712"), ("original", "4711")];
    let refund = world.ask(Kind::Refund, &texts, &[("amount", 1_234)]).expect("is taken");
    let result = world.finish(&refund, 60_000);
    assert_eq!((result.state, result.approved_amount), (State::Approved, 1_234), "{result:#?}");
    assert!(!result.has(flag::AMOUNT_DIFFERS));
    assert_eq!(world.cloud.moved_cents(), sale.approved_amount - 1_234);
    world.assert_polite();
}

#[test]
fn a_refund_at_the_terminal_gives_back_what_was_asked() {
    let setup = pj::Setup { card_history_cents: 100_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[]);
    let account = pj::SURCHARGE_MERCHANT_TERMINAL_ID.to_string();
    let texts = [("reference", "4711"), ("merchant_terminal", account.as_str())];
    let refund = world.ask(Kind::TerminalRefund, &texts, PARTS).expect("is taken");
    let result = world.finish(&refund, 60_000);
    assert_eq!((result.state, result.approved_amount), (State::Approved, 10_000));
    let asked = &world.cloud.requests()[0].asked;
    assert_eq!((asked.base, asked.tax, asked.shipping), (9_050, Some(800), Some(150)));
    assert_eq!((asked.tip, asked.surcharge, world.cloud.moved_cents()), (Some(0), Some(0), -10_000));
    world.assert_polite();
}
