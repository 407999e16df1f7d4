//! Truth, section 7: `pj_reverse` refunds only after the vendor's own refusal of the void, and a read after that which
//! shows the money where it was. Otherwise the money may go back twice.

use super::world::World;
use crate::payment::Kind;
use crate::payment::snapshot::{MoneyMoved, Snapshot, State};
use crate::status::Status;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

const SALE: i64 = 5_000;
/// The vendor's own refusal, which says nothing of a void that was done before.
const REFUSED: &str = r#"{"errors":[{"message":"Status can not be updated.","parameter":"status","type":"invalid"}]}"#;

/// A paid sale that is not settled, with time enough to reverse it.
fn sold() -> World {
    let mut world = World::with(pj::Setup::default(), &[("send_within", 600)]);
    world.warm_up();
    let sale = world.pay("4711", SALE);
    assert_eq!(world.finish(&sale, 90_000).state, State::Approved);
    world.run(10_000);
    world.acknowledge(&sale);
    world.run(1_000);
    world
}

fn ask(world: &mut World) -> Arc<crate::engine::Request> {
    let texts = [("reference", "4712"), ("original", "4711")];
    world.ask(Kind::Reverse, &texts, &[]).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn reverse(world: &mut World) -> Snapshot {
    let request = ask(world);
    world.finish(&request, 900_000)
}

fn refunds(world: &World) -> usize {
    world.cloud.count(CallKind::Refund)
}

#[test]
fn a_refused_void_of_what_stands_is_followed_by_a_refund() {
    let mut world = sold();
    world.forge(CallKind::Void, When::Before, 400, REFUSED);
    let result = reverse(&mut world);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed));
    assert_eq!((world.cloud.count(CallKind::Void), refunds(&world), world.cloud.moved_cents()), (1, 1, 100));
}

/// Somebody else has voided it, or the void was done although the answer says otherwise: what is read tells.
#[test]
fn a_refused_void_that_is_done_is_followed_by_nothing() {
    for executed in [When::Before, When::After] {
        let mut world = sold();
        if executed == When::Before {
            let id = world.cloud.ledger().last().expect("the sale").id;
            world.by_hand("PUT", &format!("/transactions/{id}"), &[("status", "VOID")]);
            world.run(200);
        }
        world.forge(CallKind::Void, executed, 400, REFUSED);
        let result = reverse(&mut world);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed), "{executed:?}");
        assert_eq!((refunds(&world), world.cloud.moved_cents()), (0, 100), "{executed:?}");
    }
}

/// A refusal of the caller, and not of the void, is no reason to give the money back another way.
#[test]
fn a_void_refused_for_the_credentials_is_followed_by_nothing() {
    let mut world = sold();
    world.cloud.switches.forbidden = vec![CallKind::Void];
    let result = reverse(&mut world);
    assert_eq!((result.state, result.status), (State::Failed, Status::Forbidden));
    assert_eq!((refunds(&world), world.cloud.moved_cents()), (0, SALE + 100));
}

/// The same with a status that says "bad request", as JustiFi's does when the sub account is not enabled.
#[test]
fn a_void_refused_for_the_set_up_is_followed_by_nothing() {
    let mut world: World<jf::Cloud> = World::of(jf::Cloud::new(jf::Setup::default()), &[("send_within", 600)]);
    world.warm_up();
    let disabled = r#"{"error":{"code":"service_not_allowed","message":"Service Not Allowed"}}"#;
    world.forge(CallKind::Void, When::Before, 400, disabled);
    let texts = [("reference", "4712"), ("original", "1")];
    let request = world.ask(Kind::Reverse, &texts, &[]).unwrap_or_else(|(status, ..)| panic!("{}", status.name()));
    let result = world.finish(&request, 900_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Forbidden));
    assert_eq!((world.cloud.count(CallKind::Refund), world.cloud.moved_cents()), (0, 100));
}

/// A read that does not say that the money is there says nothing.
#[test]
fn a_refused_void_of_what_is_in_between_is_followed_by_nothing() {
    let mut world = sold();
    let sale = world.cloud.ledger().last().expect("the sale").id;
    let body = world.by_hand_text("GET", &format!("/transactions/{sale}"));
    world.run(200);
    world.forge(CallKind::Void, When::Before, 400, REFUSED);
    assert!(body.contains("\"CAPTURE\""), "{body}");
    for _ in 0..20 {
        world.forge(CallKind::GetTransaction, When::After, 200, &body.replace("\"CAPTURE\"", "\"IN_BETWEEN\""));
    }
    let request = ask(&mut world);
    world.run(20_000);
    assert_eq!((refunds(&world), world.cloud.moved_cents()), (0, SALE + 100), "{:#?}", request.snapshot());
}

/// What nobody can read after the refusal may be voided.
#[test]
fn a_refused_void_is_followed_by_nothing_while_the_sale_cannot_be_read() {
    let mut world = sold();
    world.forge(CallKind::Void, When::After, 400, REFUSED);
    world.cloud.switches.forbidden = vec![CallKind::GetTransaction];
    let request = ask(&mut world);
    world.run(900_000);
    assert_eq!((refunds(&world), world.cloud.moved_cents()), (0, 100), "{:#?}", request.snapshot());
}

/// After a lost answer the vendor's refusal alone is no proof: the void may have been refused because it was done. Only a
/// sale that is read as settled can no longer be voided.
#[test]
fn after_a_lost_void_only_a_settled_sale_is_refunded() {
    for settled in [false, true] {
        let mut world = sold();
        world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
        let request = ask(&mut world);
        world.run_until(10_000, "the void is lost", |w| w.cloud.count(CallKind::Void) == 1);
        if settled {
            world.cloud.settle();
        }
        for _ in 0..3 {
            world.forge(CallKind::Void, When::Before, 400, REFUSED);
        }
        let result = world.finish(&request, 900_000);
        let (state, count) = if settled { (State::Approved, 1) } else { (State::Failed, 0) };
        assert_eq!((result.state, refunds(&world)), (state, count), "settled {settled}: {result:#?}");
    }
}
