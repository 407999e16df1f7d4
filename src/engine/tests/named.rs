//! A till may name its original by the vendor's transaction id. It is the same original as by the till's own reference,
//! also when the engine has put the sale away, or was started anew.

use super::world::World;
use crate::payment::snapshot::{EventKind, MoneyMoved, State};
use crate::payment::{Fact, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction as pj;
use std::sync::Arc;

const SALE: i64 = 5_000;

type Request = Arc<crate::engine::Request>;

/// A paid sale of which a part went back. Everything is stored by the till, and nothing is owed.
fn partly_refunded() -> (World, Request, String) {
    let mut world = World::with(pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() }, &[]);
    let sale = world.pay("4711", SALE);
    let id = world.finish(&sale, 60_000).transaction_id;
    world.run(5_000);
    world.cloud.settle();
    let part = world.ask(Kind::Refund, &[("reference", "R1"), ("original", "4711")], &[("amount", 1_500)]).unwrap();
    assert_eq!(world.finish(&part, 60_000).state, State::Approved);
    world.run(5_000);
    world.acknowledge(&sale);
    world.acknowledge(&part);
    world.run(2 * 3_600_000);
    (world, sale, id)
}

fn by_id(world: &mut World, kind: Kind, reference: &str, id: &str) -> Request {
    let texts = [("reference", reference), ("transaction", id)];
    world.ask(kind, &texts, &[]).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn in_memory(world: &World, payment: u64) -> bool {
    world.admission.live().iter().any(|request| request.payment == payment)
}

/// What the sale tells the till of what went back, newest last.
fn told_of_reversals(world: &World, payment: u64) -> usize {
    world.news_of(payment).iter().filter(|kind| **kind == EventKind::Reversed).count()
}

/// What the request knew to have gone back before it.
fn given_back(world: &World, payment: u64) -> i64 {
    match world.first_fact(payment) {
        Some(Fact::Intent(intent)) => intent.given_back,
        other => panic!("{other:?}"),
    }
}

fn last_told(world: &World, payment: u64) -> MoneyMoved {
    world.told.iter().rev().find(|(id, ..)| *id == payment).map(|(.., told)| told.money).expect("it was told")
}

#[test]
fn a_sale_named_by_its_transaction_knows_what_went_back_before() {
    for restart in [false, true] {
        for kind in [Kind::Refund, Kind::Reverse] {
            let (mut world, sale, id) = partly_refunded();
            if restart {
                world.power_cut(5_000);
            }
            world.run(60_000);
            assert!(!in_memory(&world, sale.payment), "the sale is in the journal only");
            let told = told_of_reversals(&world, sale.payment);
            let rest = by_id(&mut world, kind, "R2", &id);
            world.run(10);
            assert_eq!(given_back(&world, rest.payment), 1_500, "{restart} {kind:?}");
            let result = world.finish(&rest, 60_000);
            assert_eq!((result.state, result.approved_amount), (State::Approved, SALE - 1_500), "{restart} {kind:?}");
            assert_eq!(world.cloud.moved_cents(), 0);
            world.run(5_000);
            assert_eq!(told_of_reversals(&world, sale.payment), told + 1, "the sale says so, too");
            assert_eq!(last_told(&world, sale.payment), MoneyMoved::Reversed, "{restart} {kind:?}");
            world.assert_polite();
        }
    }
}

#[test]
fn a_void_of_a_transaction_is_told_to_its_sale_after_a_restart() {
    let mut world = World::new();
    let sale = world.warm_up();
    let id = sale.snapshot().transaction_id.clone();
    world.run(2 * 3_600_000);
    world.power_cut(5_000);
    world.run(60_000);
    assert!(!in_memory(&world, sale.payment));
    let void = by_id(&mut world, Kind::Void, "V1", &id);
    assert_eq!(world.finish(&void, 60_000).state, State::Approved);
    world.run(5_000);
    assert_eq!(told_of_reversals(&world, sale.payment), 1);
    assert_eq!(last_told(&world, sale.payment), MoneyMoved::Reversed);
    // A refund has a transaction of its own, and the void has none: its sale's is not taken for its own.
    let second = world.ask(Kind::Void, &[("reference", "V2"), ("transaction", id.as_str())], &[]);
    let second = world.finish(&second.expect("the vendor says what it is"), 600_000);
    assert!(second.money != MoneyMoved::Moved && world.cloud.moved_cents() == 0);
}

/// Both names are one original at once, not only when the sale's facts are read.
#[test]
fn both_names_of_an_original_are_known_at_the_start() {
    let (mut world, _, id) = partly_refunded();
    world.power_cut(5_000);
    world.flush_ms = 300;
    by_id(&mut world, Kind::Refund, "R2", &id);
    let other = world.ask(Kind::Refund, &[("reference", "R3"), ("original", "4711")], &[("amount", 100)]);
    assert_eq!(other.err().map(|(status, ..)| status), Some(Status::TransactionInUse));
}

/// Past retention the sale's facts are gone. The index knows what went back, by either name.
#[test]
fn a_sale_past_retention_still_gives_back_its_rest_only() {
    for name in ["transaction", "original"] {
        for whole in [false, true] {
            let (mut world, sale, id) = partly_refunded();
            if whole {
                let rest = by_id(&mut world, Kind::Refund, "R2", &id);
                world.finish(&rest, 60_000);
                world.acknowledge(&rest);
                world.run(2 * 3_600_000);
            }
            world.forget_facts(sale.payment);
            world.power_cut(5_000);
            let named = if name == "original" { "4711" } else { id.as_str() };
            let rest = world.ask(Kind::Refund, &[("reference", "R3"), (name, named)], &[]).expect("the index knows it");
            let result = world.finish(&rest, 60_000);
            if whole {
                assert_eq!((result.state, result.status), (State::Failed, Status::Rejected), "{name}");
            } else {
                assert_eq!(result.approved_amount, SALE - 1_500, "{name}");
            }
            assert!(world.cloud.moved_cents() >= 0, "{result:#?}");
            world.assert_polite();
        }
    }
}

/// Two refunds of a transaction that another till charged are counted together.
#[test]
fn the_refunds_of_another_tills_sale_are_counted() {
    let (mut world, sale, id) = partly_refunded();
    let part = world.ask(Kind::Refund, &[("reference", "R2"), ("transaction", &id)], &[("amount", 500)]).unwrap();
    world.finish(&part, 60_000);
    world.acknowledge(&part);
    world.run(2 * 3_600_000);
    world.forget_facts(sale.payment);
    world.forget_index(sale.payment);
    world.power_cut(5_000);
    let rest = by_id(&mut world, Kind::Refund, "R3", &id);
    // The part that was given back under the till's name for the sale cannot be known any more.
    assert_eq!(world.finish(&rest, 60_000).approved_amount, SALE - 500);
}

/// The same id in another account is another transaction.
#[test]
fn the_transaction_of_a_former_account_is_not_taken_for_one_of_this() {
    let (mut world, _, id) = partly_refunded();
    world.change_login("somebody-else");
    world.power_cut(5_000);
    let refund = by_id(&mut world, Kind::Refund, "R2", &id);
    world.run(10);
    assert_eq!(given_back(&world, refund.payment), 0, "what went back was another account's");
    world.run(60_000);
    assert_ne!(refund.snapshot().state, State::Approved);
}
