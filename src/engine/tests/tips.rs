//! Truth, section 7: a new tip, which is absolute, and what the payment is told of it.

use super::world::World;
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, Snapshot, State, flag};
use crate::status::Status;
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

const SALE: i64 = 5_000;

/// A paid sale 4711 whose receipt is still on the terminal.
fn selling() -> (World, Arc<Request>) {
    let mut world = World::new();
    world.warm_up();
    let sale = world.pay("4711", SALE);
    assert_eq!(world.finish(&sale, 90_000).state, State::Approved);
    assert!(!sale.snapshot().has(flag::TERMINAL_FREE));
    (world, sale)
}

fn sold() -> (World, Arc<Request>) {
    let (mut world, sale) = selling();
    world.run(20_000);
    world.acknowledge(&sale);
    world.run(1_000);
    (world, sale)
}

fn adjust(world: &mut World, reference: &str, tip: i64) -> Arc<Request> {
    let texts = [("reference", reference), ("original", "4711")];
    let asked = world.ask(Kind::AdjustTip, &texts, &[("tip_amount", tip)]);
    asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn told(world: &World, payment: u64, kind: EventKind) -> Vec<&Snapshot> {
    world.told.iter().filter(|(id, of, _)| *id == payment && *of == kind).map(|(.., snapshot)| snapshot).collect()
}

fn id_of(world: &World) -> String {
    world.cloud.ledger().last().map(|t| t.id.to_string()).expect("there is a transaction")
}

#[test]
fn a_new_tip_is_absolute_and_the_payment_shows_the_new_whole() {
    let (mut world, sale) = sold();
    for (reference, tip) in [("T1", 700), ("T2", 300)] {
        let request = adjust(&mut world, reference, tip);
        let result = world.finish(&request, 20_000);
        assert_eq!((result.state, result.status, result.money), (State::Approved, Status::Ok, MoneyMoved::Moved));
        assert_eq!((result.approved_amount, result.tip_amount, result.requested_amount), (SALE + tip, tip, SALE + tip));
        assert!(!result.has(flag::AMOUNT_DIFFERS) && result.advice == Advice::Done);
        assert_eq!(world.cloud.moved_cents(), SALE + tip + 100);
        world.run(1_000);
    }
    let news = told(&world, sale.payment, EventKind::Updated);
    assert_eq!(
        news.iter().map(|s| (s.approved_amount, s.tip_amount)).collect::<Vec<_>>(),
        [(5_700, 700), (5_300, 300)]
    );
    assert!(news.iter().all(|s| s.money == MoneyMoved::Moved && !s.has(flag::AMOUNT_DIFFERS)));
    world.run(7_200_000);
    assert!(told(&world, sale.payment, EventKind::ResultChanged).is_empty());
    assert!(sale.is_acknowledged(), "the till has asked for it: nothing to acknowledge anew");
    world.assert_polite();
}

/// Promise 7. The second look at the transaction comes while the answer to the adjustment is lost, or before it is asked.
#[test]
fn our_own_new_tip_is_no_contradiction_of_the_vendor() {
    for (lost, wait) in [(true, 0), (true, 4_000), (false, 0), (false, 4_000)] {
        let (mut world, sale) = selling();
        world.run(wait);
        if lost {
            world.cloud.fail_next(CallKind::Adjust, When::After, Fault::Silence(25_000));
        }
        let request = adjust(&mut world, "T", 700);
        assert_eq!(world.finish(&request, 90_000).tip_amount, 700);
        world.run(60_000);
        let news = world.news_of(sale.payment);
        assert!(news.contains(&EventKind::Updated) && !news.contains(&EventKind::ResultChanged), "{lost} {news:?}");
        assert_eq!((sale.snapshot().approved_amount, sale.snapshot().has(flag::AMOUNT_DIFFERS)), (SALE + 700, false));
        assert_eq!(world.cloud.count(CallKind::Adjust), 1);
    }
}

/// Promise 7. An answer that was on its way before the tip was changed says how things stood before.
#[test]
fn an_old_answer_does_not_undo_the_new_tip() {
    let (mut world, sale) = selling();
    let reads = |w: &World| w.cloud.count(CallKind::GetTransaction);
    world.cloud.fail_next(CallKind::GetTransaction, When::After, Fault::Delay(8_000));
    let before = reads(&world);
    world.run_until(30_000, "the second look", |w| reads(w) > before);
    let request = adjust(&mut world, "T", 700);
    assert_eq!(world.finish(&request, 6_000).tip_amount, 700);
    world.run(60_000);
    assert_eq!(sale.snapshot().approved_amount, SALE + 700);
    assert!(!world.news_of(sale.payment).contains(&EventKind::ResultChanged));
    world.power_cut(1_000);
    world.run(60_000);
    assert!(!world.news_of(sale.payment).contains(&EventKind::ResultChanged));
    assert_eq!(world.again(sale.payment).snapshot().approved_amount, SALE + 700);
}

/// Promise 7. What somebody else has changed is told, once our own request no longer stands for it.
#[test]
fn anothers_change_is_told_all_the_same() {
    let (mut world, sale) = selling();
    let path = format!("/transactions/{}", id_of(&world));
    for _ in 0..3 {
        world.cloud.fail_next(CallKind::Adjust, When::Before, Fault::Reset);
    }
    let request = adjust(&mut world, "T", 700);
    world.run(1_000);
    world.cloud.heal();
    world.by_hand("PUT", &path, &[("amountTip", "3.00")]);
    world.run_until(60_000, "told", |w| w.news_of(sale.payment).contains(&EventKind::ResultChanged));
    assert_eq!(sale.snapshot().approved_amount, SALE + 300);
    assert_eq!(world.finish(&request, 300_000).tip_amount, 700, "read as not done, and sent again");
    world.run(1_000);
    assert_eq!((sale.snapshot().approved_amount, sale.snapshot().tip_amount), (SALE + 700, 700));
}

#[test]
fn a_new_tip_on_another_base_says_that_the_amount_differs() {
    let (mut world, _) = sold();
    let path = format!("/transactions/{}", id_of(&world));
    world.cloud.fail_next(CallKind::Adjust, When::Before, Fault::Reset);
    let request = adjust(&mut world, "T", 700);
    world.run(1_000);
    world.by_hand("PUT", &path, &[("amountBase", "40.00")]);
    let result = world.finish(&request, 90_000);
    assert_eq!((result.state, result.approved_amount, result.requested_amount), (State::Approved, 4_700, 5_700));
    assert!(result.has(flag::AMOUNT_DIFFERS));
}

#[test]
fn what_cannot_have_another_tip_is_refused() {
    let (mut world, sale) = sold();
    world.cloud.settle();
    let request = adjust(&mut world, "T1", 700);
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::Rejected, Advice::FixRequest));
    assert_eq!(world.news_of(sale.payment).iter().filter(|kind| **kind == EventKind::Updated).count(), 0);

    let (mut world, _) = sold();
    let path = format!("/transactions/{}", id_of(&world));
    world.by_hand("PUT", &path, &[("status", "VOID")]);
    world.run(200);
    let request = adjust(&mut world, "T1", 700);
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Rejected));
    assert_eq!(world.cloud.count(CallKind::Adjust), 0, "a voided payment is not touched");
}

/// Promise 2.
#[test]
fn another_tip_under_the_same_reference_is_another_request() {
    let (mut world, _) = sold();
    let request = adjust(&mut world, "T", 700);
    world.finish(&request, 20_000);
    world.power_cut(1_000);
    world.run(2_000);
    let again = |world: &mut World, tip| {
        let texts = [("reference", "T"), ("original", "4711")];
        world.ask(Kind::AdjustTip, &texts, &[("tip_amount", tip)]).err().map(|(status, ..)| status)
    };
    assert_eq!(again(&mut world, 700), Some(Status::DuplicateReference));
    assert_eq!(again(&mut world, 800), Some(Status::ReferenceConflict));
    assert_eq!(world.cloud.count(CallKind::Adjust), 1);
}

/// Promise 2: what goes back is what was taken, the new tip with it.
#[test]
fn after_a_new_tip_the_new_whole_is_given_back() {
    for kind in [Kind::Void, Kind::Refund, Kind::Reverse] {
        let (mut world, sale) = sold();
        let tip = adjust(&mut world, "T", 700);
        world.finish(&tip, 20_000);
        world.run(1_000);
        let undo = world.ask(kind, &[("reference", "U"), ("original", "4711")], &[]).expect("is taken");
        assert_eq!(world.finish(&undo, 90_000).state, State::Approved);
        world.run(1_000);
        let last = told(&world, sale.payment, EventKind::Reversed).last().map(|s| (s.money, s.approved_amount));
        assert_eq!(last, Some((MoneyMoved::Reversed, SALE + 700)), "{kind:?}");
        assert_eq!(world.cloud.moved_cents(), 100);
    }
}
