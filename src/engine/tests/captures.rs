//! Truth, section 7, where the terminal itself can reserve: `authonly`, and the capture of all, of less, or by another.

use super::world::World;
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::snapshot::{MoneyMoved, Snapshot, State, flag};
use crate::status::Status;
use posjunction_simulator::ebizcharge as eb;
use serde_json::json;
use std::sync::Arc;

type Lane = World<eb::Cloud>;

const SALE: i64 = 5_000;

/// A payment whose money is reserved, with this story at the terminal.
fn reserved(scenario: eb::Scenario, numbers: &[(&str, i64)]) -> (Lane, Arc<Request>) {
    let mut world = World::of(eb::Cloud::new(eb::Setup::default()), &[]);
    world.warm_up();
    world.cloud.script(scenario);
    let texts = [("reference", "4711"), ("capture", "later")];
    let numbers = [&[("amount", SALE)], numbers].concat();
    let sale = world.ask(Kind::Payment, &texts, &numbers);
    let sale = sale.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    let told = world.finish(&sale, 120_000);
    assert_eq!((told.state, told.status, told.money), (State::Approved, Status::Ok, MoneyMoved::Pending));
    assert!(!told.has(flag::CAPTURED) && told.message.contains("reserved"));
    world.run(20_000);
    world.acknowledge(&sale);
    world.run(1_000);
    (world, sale)
}

fn capture(world: &mut Lane, numbers: &[(&str, i64)]) -> Snapshot {
    let asked = world.ask(Kind::Capture, &[("reference", "4712"), ("original", "4711")], numbers);
    let request = asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    world.finish(&request, 300_000)
}

fn books(world: &Lane) -> (eb::Kind, i64) {
    let row = world.cloud.ledger().last().expect("there is a transaction");
    (row.kind, row.amounts.total)
}

#[test]
fn a_capture_of_all_of_less_and_of_more_takes_what_was_asked() {
    for (amount, taken) in [(None, SALE), (Some(3_000), 3_000), (Some(6_000), 6_000)] {
        let (mut world, sale) = reserved(eb::Scenario::Approve, &[]);
        let numbers: Vec<(&str, i64)> = amount.map(|amount| ("amount", amount)).into_iter().collect();
        let told = capture(&mut world, &numbers);
        assert_eq!((told.state, told.money, told.approved_amount), (State::Approved, MoneyMoved::Moved, taken));
        assert!(told.has(flag::CAPTURED) && !told.has(flag::AMOUNT_DIFFERS), "{amount:?}");
        assert_eq!(books(&world), (eb::Kind::Capture, taken));
        world.run(5_000);
        let last = world.told.iter().rev().find(|(id, ..)| *id == sale.payment).map(|(.., s)| s.clone());
        let last = last.expect("news of the sale");
        assert_eq!((last.money, last.approved_amount), (MoneyMoved::Moved, taken));
        world.assert_polite();
    }
}

/// The amount is what the till asks; what the customer added is added to it, at every vendor.
#[test]
fn a_capture_of_less_keeps_the_customers_tip() {
    let (mut world, sale) = reserved(eb::Scenario::Tip(500), &[("prompt_tip", 1)]);
    assert_eq!((sale.snapshot().approved_amount, sale.snapshot().tip_amount), (SALE + 500, 500));
    let told = capture(&mut world, &[("amount", 3_000)]);
    assert_eq!((told.state, told.approved_amount, told.tip_amount), (State::Approved, 3_500, 500));
    assert!(!told.has(flag::AMOUNT_DIFFERS));
    assert_eq!(books(&world), (eb::Kind::Capture, 3_500));
}

/// "Already captured": the money is taken, though not in the sum that was asked.
#[test]
fn what_another_captured_is_taken_and_differs() {
    let (mut world, sale) = reserved(eb::Scenario::Approve, &[]);
    let key = world.cloud.ledger().last().map(|t| t.key.clone()).expect("a transaction");
    let body = json!({"command": "cc:capture", "trankey": key});
    let now = world.now;
    let answer = world.cloud.handle(now, &eb::request("POST", "/transactions", &body, "by-hand"));
    assert_eq!((answer.status, books(&world).0), (200, eb::Kind::Capture));
    let told = capture(&mut world, &[("amount", 3_000)]);
    // The till still thinks that it is reserved, and would never hear otherwise.
    assert_eq!((told.state, told.money, told.approved_amount), (State::Approved, MoneyMoved::Moved, SALE));
    assert!(told.has(flag::AMOUNT_DIFFERS) && told.has(flag::CAPTURED));
    world.run(5_000);
    let last = world.told.iter().rev().find(|(id, ..)| *id == sale.payment).map(|(.., s)| s.money);
    assert_eq!((books(&world).1, last), (SALE, Some(MoneyMoved::Moved)), "the payment hears of it");
}
