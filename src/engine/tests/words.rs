//! Truth, sections 5 and 7: what a payment is told of the work on it, by an event of its own, once and for good.

use super::world::World;
use crate::engine::Request;
use crate::payment::snapshot::{MoneyMoved, Snapshot, State};
use crate::payment::{Fact, Kind};
use std::sync::Arc;

const SALE: i64 = 5_000;

/// A paid and stored sale 4711.
fn sold() -> (World, Arc<Request>) {
    let mut world = World::new();
    world.warm_up();
    let sale = world.pay("4711", SALE);
    assert_eq!(world.finish(&sale, 90_000).state, State::Approved);
    world.run(10_000);
    world.acknowledge(&sale);
    world.run(1_000);
    (world, sale)
}

fn change(world: &mut World, kind: Kind, reference: &str, original: &str, numbers: &[(&str, i64)]) -> Snapshot {
    let texts = [("reference", reference), ("original", original)];
    let asked = world.ask(kind, &texts, numbers);
    let request = asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    let result = world.finish(&request, 90_000);
    world.acknowledge(&request);
    world.run(1_000);
    result
}

fn refunded(world: &World) -> i64 {
    SALE + 100 - world.cloud.moved_cents()
}

/// Promise 6: the power goes around the time when the till stores a void whose word to its original the disk did not take.
#[test]
fn the_word_of_a_void_comes_to_its_original_although_the_void_was_stored_before() {
    for cut in 0..40 {
        let (mut world, sale) = sold();
        let texts = [("reference", "V"), ("original", "4711")];
        let void = world.ask(Kind::Void, &texts, &[]).expect("is taken");
        world.run_until_fact(&void, 20_000, "the end", |fact| matches!(fact, Fact::Decided { .. }));
        world.disk_fails = true;
        world.run(2);
        world.disk_fails = false;
        world.acknowledge(&void);
        world.run(cut);
        world.commits_survive = cut as usize % 2;
        world.power_cut(1_000);
        world.run(10_000);
        let knows = world.has_fact(sale.payment, |fact| matches!(fact, Fact::ReversedBy { .. }));
        assert!(knows, "{cut}: the sale never learns");
    }
}

/// Promise 6: the till stored the void while the record of its original was still being read.
#[test]
fn the_word_of_a_void_comes_although_the_power_went_before_its_original_was_read() {
    let (mut world, sale) = sold();
    let texts = [("reference", "V"), ("original", "4711")];
    let void = world.ask(Kind::Void, &texts, &[]).expect("is taken");
    world.run(10);
    world.load_ms = 5_000;
    world.finish(&void, 20_000);
    world.acknowledge(&void);
    world.run_until_fact(&void, 500, "stored", |fact| matches!(fact, Fact::Acknowledged));
    let knows = |w: &World| w.has_fact(sale.payment, |fact| matches!(fact, Fact::ReversedBy { .. }));
    assert!(!knows(&world), "the power goes before the word");
    world.load_ms = 0;
    world.power_cut(1_000);
    world.run(10_000);
    assert!(knows(&world), "the sale never learns");
    let attention = world.index_of(void.payment).attention;
    assert!(!attention, "once told, the void is no start-up's business");
}

/// Promise 2: what a voided refund gave back can be given back again, and no more than that.
#[test]
fn a_refund_that_is_voided_gives_nothing_back() {
    let (mut world, sale) = sold();
    assert_eq!(change(&mut world, Kind::Refund, "R1", "4711", &[("amount", 2_000)]).state, State::Approved);
    assert_eq!(change(&mut world, Kind::Void, "V1", "R1", &[]).state, State::Approved);
    assert_eq!(refunded(&world), 0);
    assert_eq!(change(&mut world, Kind::Refund, "R2", "4711", &[]).state, State::Approved, "all of it");
    assert_eq!(refunded(&world), SALE);
    let told = world.told.iter().rev().find(|(payment, ..)| *payment == sale.payment).map(|(.., s)| s.money);
    assert_eq!(told, Some(MoneyMoved::Reversed));
}
