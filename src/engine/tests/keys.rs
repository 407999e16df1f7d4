//! Truth, section 2: our key on the wire, look-alikes, and the journal of another account.

use super::world::World;
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, Snapshot, State};
use crate::payment::{Fact, Kind, wire};
use crate::status::Status;
use posjunction_simulator::CallKind;
use posjunction_simulator::payjunction as pj;
use std::collections::BTreeSet;

const STRANGER: &str = "22222222-2222-4222-8222-222222222222";

/// Somebody else's sale on the same account, at another terminal, of such parts and with this number.
fn stranger_sells(world: &mut World, form: &[(&str, &str)]) {
    let path = format!("/smartterminals/{STRANGER}/request-payment");
    let form: Vec<(&str, &str)> = [("terminalId", "12345")].into_iter().chain(form.iter().copied()).collect();
    world.run(200);
    world.by_hand("POST", &path, &form);
    let rows = world.cloud.ledger().len();
    world.run_cloud_until(60_000, "the stranger has paid", |cloud| cloud.ledger().len() > rows);
}

/// A payment whose answer is lost and which never reached the terminal, in an account that has seen a sale of ours.
fn lost(world: &mut World, numbers: &[(&str, i64)]) -> std::sync::Arc<crate::engine::Request> {
    world.lose_next_submit();
    let request = world.ask(Kind::Payment, &[("reference", "4711")], numbers).expect("is taken");
    world.run_until_fact(&request, 5_000, "the answer is lost", |fact| matches!(fact, Fact::Unclear { .. }));
    request
}

fn candidates(snapshot: &Snapshot) -> i64 {
    match snapshot.details.get("candidates.count") {
        Some(Detail::Int(number)) => *number,
        other => panic!("{other:?}"),
    }
}

/// Promise 8. The vendor's own duplicate check compares by the invoice, which stays the same.
#[test]
fn every_attempt_has_a_key_of_its_own_and_the_invoice_of_its_reference() {
    let mut world = World::new();
    let mut keys = BTreeSet::new();
    for _ in 0..3 {
        let request = world.pay("LANE-004711", 20_051);
        assert_eq!(world.finish(&request, 60_000).state, State::Declined);
        world.run(5_000);
        keys.insert(world.key(request.payment));
    }
    assert!(keys.len() == 3 && keys.iter().all(|key| wire::is_key(key)), "{keys:?}");
    let sent: BTreeSet<String> =
        world.cloud.requests().iter().filter_map(|r| r.purchase_order_number.clone()).collect();
    assert_eq!(sent, keys);
    assert!(world.cloud.requests().iter().all(|r| r.invoice_number.as_deref() == Some("4711")));
    world.assert_polite();
}

#[test]
fn a_search_is_never_narrowed_by_the_amount() {
    let mut world = World::new();
    world.warm_up();
    let request = lost(&mut world, &[("amount", 1_234)]);
    world.run(60_000);
    let searches = world.calls_of(CallKind::Search);
    assert!(searches.iter().any(|c| c.query.contains("startDate")), "the list was asked for");
    assert!(searches.iter().all(|c| !c.query.to_lowercase().contains("amount")));
    assert!(!request.snapshot().state.is_final());
}

/// Promise 8: a look-alike is for a person, and forbids bad news.
#[test]
fn a_look_alike_with_a_tip_or_a_surcharge_is_found() {
    for (form, numbers) in [
        (&[("amountBase", "12.34"), ("allowTips", "true")][..], &[("amount", 1_234)][..]),
        (&[("amountBase", "11.84"), ("amountSurcharge", "0.50")], &[("amount", 1_234), ("surcharge_amount", 50)]),
        (&[("amountBase", "11.34"), ("amountTax", "1.00")], &[("amount", 1_234), ("tax_amount", 100)]),
    ] {
        let mut world = World::new();
        world.warm_up();
        let request = lost(&mut world, numbers);
        if form.len() == 2 && form[1].0 == "allowTips" {
            world.cloud.script(pj::Scenario::Tip(200));
        }
        stranger_sells(&mut world, form);
        let told = world.until_unknown(&request, 240_000);
        assert_eq!((candidates(&told), told.advice), (1, Advice::Resolve), "{form:?}");
        world.cancel(&request);
        world.run(3_600_000);
        assert_eq!(request.snapshot().state, State::Unknown, "{form:?}");
    }
}

#[test]
fn what_is_of_another_sum_account_kind_or_till_is_no_look_alike() {
    let other_till = wire::key(&[9; 20]);
    for form in [
        vec![("amountBase", "12.35")],
        vec![("amountBase", "12.34"), ("terminalId", "12346")],
        vec![("amountBase", "12.34"), ("purchaseOrderNumber", other_till.as_str())],
    ] {
        let mut world = World::new();
        world.warm_up();
        let request = lost(&mut world, &[("amount", 1_234)]);
        let path = format!("/smartterminals/{STRANGER}/request-payment");
        let account = ("terminalId", "12345");
        let form: Vec<(&str, &str)> =
            if form.iter().any(|(name, _)| *name == account.0) { form } else { [vec![account], form].concat() };
        world.run(200);
        world.by_hand("POST", &path, &form);
        let told = world.until_unknown(&request, 240_000);
        assert_eq!(candidates(&told), 0, "{form:?}");
    }
}

/// A sale that belongs to another payment of this journal is nobody else's look-alike.
#[test]
fn a_transaction_that_another_attempt_has_claimed_is_no_look_alike() {
    let mut world = World::new();
    world.warm_up();
    let request = lost(&mut world, &[("amount", 1_234)]);
    let texts = [("reference", "4712"), ("terminal", STRANGER), ("purchase_order", "Order 7")];
    let other = world.ask(Kind::Payment, &texts, &[("amount", 1_234)]).expect("is taken");
    assert_eq!(world.finish(&other, 60_000).state, State::Approved);
    let told = world.until_unknown(&request, 240_000);
    assert_eq!(candidates(&told), 0);
}

/// Requests of a former account stay visible, and nothing read from the new one decides them.
#[test]
pub(super) fn another_account_sees_the_journal_and_decides_nothing_in_it() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_answer();
    let request = world.pay("4711", 1_234);
    let payment = request.payment;
    world.run_until_fact(&request, 5_000, "the answer is lost", |fact| matches!(fact, Fact::Unclear { .. }));
    world.configure("base_url", "http://localhost:9");
    world.power_cut(1_000);
    let calls = world.cloud.calls().len();
    world.run(600_000);
    let again = world.again(payment);
    assert_eq!((again.snapshot().state, again.snapshot().money), (State::Unknown, MoneyMoved::Unknown));
    assert_eq!(world.cloud.calls().len(), calls, "nothing of it is read from the new account");
    let refused = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1_234)]);
    assert_eq!(refused.err().map(|(status, ..)| status), Some(Status::DuplicateReference));
    world.configure("base_url", "http://127.0.0.1:9");
    world.power_cut(1_000);
    let back = world.again(payment);
    assert_eq!(world.finish(&back, 120_000).state, State::Approved);
}
