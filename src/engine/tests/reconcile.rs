//! The vendor's books against the journal, at all three vendors.

use super::world::{Cloud, World};
use crate::engine::Request;
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, Snapshot, State};
use crate::payment::{Decision, Kind};
use crate::status::Status;
use posjunction_simulator::ebizcharge as eb;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

/// The simulators' clocks begin at noon of the twentieth.
const SPAN: [(&str, &str); 2] = [("from", "2025-11-20T00:00:00Z"), ("until", "2025-11-21T23:59:59Z")];

/// What somebody else can do to a vendor's books. Places count from the oldest transaction.
trait Books: Cloud {
    /// The list that is read.
    const LIST: CallKind;
    fn count(&self) -> usize;
    fn forget_newest(&mut self);
    /// Another program's charge: the newest one again, under another id and this key.
    fn copy_newest(&mut self, key: &str);
    fn add_cents(&mut self, place: usize, cents: i64);
    fn void(&mut self, place: usize);
    fn approve(&mut self, place: usize);
    fn decline_next(&mut self);
    /// The day's batch is closed.
    fn close_batch(&mut self);
}

impl Books for pj::Cloud {
    const LIST: CallKind = CallKind::Search;

    fn count(&self) -> usize {
        self.ledger().len()
    }

    fn forget_newest(&mut self) {
        self.ledger_mut().pop();
    }

    fn copy_newest(&mut self, key: &str) {
        let mut copy = self.ledger().last().expect("a transaction").clone();
        copy.id += 1;
        copy.purchase_order_number = Some(key.to_owned());
        copy.sent_purchase_order_number = Some(key.to_owned());
        self.ledger_mut().push(copy);
    }

    fn add_cents(&mut self, place: usize, cents: i64) {
        self.ledger_mut()[place].amounts.base += cents;
    }

    fn void(&mut self, place: usize) {
        self.ledger_mut()[place].status = pj::Status::Void;
    }

    fn approve(&mut self, place: usize) {
        let good = self.ledger()[0].verdict.clone();
        let row = &mut self.ledger_mut()[place];
        (row.status, row.verdict) = (pj::Status::Capture, good);
    }

    fn decline_next(&mut self) {
        self.script(pj::Scenario::Decline(51));
    }

    fn close_batch(&mut self) {
        self.settle();
    }
}

impl Books for eb::Cloud {
    const LIST: CallKind = CallKind::Search;

    fn count(&self) -> usize {
        self.ledger().len()
    }

    fn forget_newest(&mut self) {
        self.ledger_mut().pop();
    }

    fn copy_newest(&mut self, key: &str) {
        let mut copy = self.ledger().last().expect("a transaction").clone();
        copy.refnum += 1;
        copy.key = format!("copy{}", copy.refnum);
        copy.orderid = Some(key.to_owned());
        self.ledger_mut().push(copy);
    }

    fn add_cents(&mut self, place: usize, cents: i64) {
        self.ledger_mut()[place].amounts.total += cents;
    }

    fn void(&mut self, place: usize) {
        self.ledger_mut()[place].state = eb::State::Voided;
    }

    fn approve(&mut self, place: usize) {
        let good = self.ledger()[0].clone();
        let row = &mut self.ledger_mut()[place];
        (row.state, row.verdict) = (good.state, good.verdict);
    }

    fn decline_next(&mut self) {
        self.script(eb::Scenario::Decline(10_251));
    }

    fn close_batch(&mut self) {
        self.settle();
    }
}

impl Books for jf::Cloud {
    const LIST: CallKind = CallKind::Search;

    fn count(&self) -> usize {
        self.ledger().len()
    }

    fn forget_newest(&mut self) {
        self.ledger_mut().pop();
    }

    fn copy_newest(&mut self, key: &str) {
        let count = self.ledger().len();
        let mut copy = self.ledger().last().expect("a payment").clone();
        copy.id = format!("py_copy{count}");
        copy.metadata = serde_json::json!({"posjunction_key": key});
        self.ledger_mut().push(copy);
    }

    fn add_cents(&mut self, place: usize, cents: i64) {
        self.ledger_mut()[place].amount += cents;
    }

    fn void(&mut self, place: usize) {
        self.ledger_mut()[place].state = jf::PaymentState::Canceled;
    }

    fn approve(&mut self, place: usize) {
        let good = self.ledger()[0].clone();
        let row = &mut self.ledger_mut()[place];
        (row.state, row.verdict) = (good.state, good.verdict);
    }

    fn decline_next(&mut self) {
        self.script(jf::Scenario::Decline(116));
    }

    fn close_batch(&mut self) {
        self.settle();
    }
}

const OTHER_KEY: &str = "PJ-ABCDEFGHJKLMNPQRSTUV";

fn payjunction() -> World<pj::Cloud> {
    World::new()
}

fn ebizcharge() -> World<eb::Cloud> {
    // A page holds less than is asked for.
    World::of(eb::Cloud::new(eb::Setup { page_max: 2, ..eb::Setup::default() }), &[])
}

fn justifi() -> World<jf::Cloud> {
    World::of(jf::Cloud::new(jf::Setup::default()), &[])
}

fn ask<C: Books>(world: &mut World<C>) -> Arc<Request> {
    world.ask(Kind::Reconcile, &SPAN, &[]).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn reconcile<C: Books>(world: &mut World<C>) -> Snapshot {
    let request = ask(world);
    world.finish(&request, 3_700_000)
}

fn pay<C: Books>(world: &mut World<C>, reference: &str, amount: i64) -> Arc<Request> {
    let sale = world.pay(reference, amount);
    world.finish(&sale, 300_000);
    world.run(20_000);
    world.acknowledge(&sale);
    sale
}

/// A morning's work: three sales.
fn morning<C: Books>(world: &mut World<C>) {
    for (reference, amount) in [("4711", 1_234), ("4712", 2_000), ("4713", 500)] {
        assert_eq!(pay(world, reference, amount).snapshot().state, State::Approved);
    }
    world.run(200_000);
}

fn int(result: &Snapshot, key: &str) -> i64 {
    match result.details.get(key) {
        Some(Detail::Int(number)) => *number,
        other => panic!("{key}: {other:?} of {:#?}", result.details),
    }
}

fn text<'a>(result: &'a Snapshot, key: &str) -> &'a str {
    match result.details.get(key) {
        Some(Detail::Text(text)) => text,
        Some(other) => panic!("{key}: {other:?}"),
        None => "",
    }
}

#[track_caller]
fn ended_well(result: &Snapshot) {
    assert_eq!((result.state, result.status), (State::Completed, Status::Ok), "{}", result.message);
    assert_eq!(result.money, MoneyMoved::NotMoved);
}

#[track_caller]
fn is_clean(result: &Snapshot, matched: i64) {
    ended_well(result);
    assert_eq!(int(result, "differences.count"), 0, "{:#?}", result.details);
    assert_eq!((result.advice, int(result, "matched.count")), (Advice::Done, matched), "{}", result.message);
}

/// One difference of this kind, and nothing else.
#[track_caller]
fn differs(result: &Snapshot, kind: &str) {
    ended_well(result);
    assert_eq!(int(result, "differences.count"), 1, "{:#?}", result.details);
    assert_eq!((result.advice, text(result, "differences.0.kind")), (Advice::Resolve, kind), "{:#?}", result.details);
    assert_eq!(int(result, &format!("differences.{kind}")), 1);
    assert!(result.message.starts_with("1 difference: 1 "), "{}", result.message);
}

/// Runs a test at every vendor.
macro_rules! everywhere {
    ($($name:ident => $test:ident;)+) => {
        $(mod $name {
            #[test]
            fn payjunction() { super::$test(super::payjunction()); }
            #[test]
            fn ebizcharge() { super::$test(super::ebizcharge()); }
            #[test]
            fn justifi() { super::$test(super::justifi()); }
        })+
    };
}

everywhere! {
    a_day_on_which_all_is_well => clean_day;
    a_day_without_anything => empty_day;
    a_charge_of_another_till => other_till;
    a_charge_of_another_till_in_a_lost_journal => lost_journal;
    a_charge_of_which_the_till_was_told_that_it_failed => told_failed;
    a_vendor_that_forgets => forgetful;
    another_amount => other_amount;
    a_void_by_somebody_else => voided;
    a_list_of_many_pages => many_pages;
    a_page_that_fails_once => page_fails_once;
    a_list_that_cannot_be_read => unreadable_list;
    a_restart_in_the_middle => restart;
    a_second_charge_under_the_key_of_a_paid_payment => second_charge;
    what_runs_at_the_moment => running;
    a_day_that_is_another_one => other_day;
    a_journal_that_cannot_be_read => journal_fails;
}

/// Sales, a decline, two attempts of a reference, a partial refund and a void.
fn clean_day<C: Books>(mut world: World<C>) {
    morning(&mut world);
    world.cloud.decline_next();
    assert_eq!(pay(&mut world, "4714", 700).snapshot().state, State::Declined);
    assert_eq!(pay(&mut world, "4714", 700).snapshot().state, State::Approved);
    let void = [("reference", "v1"), ("original", "4713")];
    let void = world.ask(Kind::Void, &void, &[]).unwrap_or_else(|(_, text, _)| panic!("{text}"));
    assert_eq!(world.finish(&void, 300_000).state, State::Approved);
    world.cloud.close_batch();
    let refund = [("reference", "r1"), ("original", "4712")];
    let refund = world.ask(Kind::Refund, &refund, &[("amount", 300)]).unwrap_or_else(|(_, text, _)| panic!("{text}"));
    assert_eq!(world.finish(&refund, 300_000).state, State::Approved);
    world.run(200_000);
    let result = reconcile(&mut world);
    // Four sales, one of them voided, and a refund.
    is_clean(&result, 5);
    assert!(result.message.starts_with("All 5 transactions"), "{}", result.message);
    let net = 1_234 + 2_000 + 700 - 300;
    assert_eq!((int(&result, "transactions.count"), int(&result, "transactions.amount")), (4, net));
    assert_eq!((int(&result, "payments.count"), int(&result, "payments.amount")), (4, net));
    assert_eq!((int(&result, "too_new.count"), int(&result, "unknown.count")), (0, 0));
    // The same once the journal is all that is left of it.
    world.power_cut(1_000);
    is_clean(&reconcile(&mut world), 5);
    world.assert_polite();
}

fn empty_day<C: Books>(mut world: World<C>) {
    is_clean(&reconcile(&mut world), 0);
}

fn other_till<C: Books>(mut world: World<C>) {
    morning(&mut world);
    world.cloud.copy_newest(OTHER_KEY);
    let result = reconcile(&mut world);
    differs(&result, "charged_unknown");
    assert_eq!((int(&result, "differences.0.vendor_amount"), int(&result, "differences.0.other_till")), (500, 1));
    assert_eq!((text(&result, "differences.0.reference"), text(&result, "differences.0.currency")), ("", "USD"));
    assert!(
        !text(&result, "differences.0.transaction_id").is_empty()
            && text(&result, "differences.0.card_last4").len() == 4
    );
    assert!(text(&result, "differences.0.time").starts_with("2025-11-20"));
    assert_eq!((int(&result, "matched.count"), int(&result, "transactions.count")), (3, 4));
    // What no till of this library made says so.
    world.cloud.forget_newest();
    world.cloud.copy_newest("by hand");
    assert_eq!(int(&reconcile(&mut world), "differences.0.other_till"), 0);
    world.assert_polite();
}

fn lost_journal<C: Books>(mut world: World<C>) {
    morning(&mut world);
    let sale = pay(&mut world, "4714", 999);
    world.run(200_000);
    world.lose_record(sale.payment);
    let result = reconcile(&mut world);
    differs(&result, "charged_unknown");
    assert_eq!((int(&result, "differences.0.vendor_amount"), int(&result, "differences.0.other_till")), (999, 1));
}

fn told_failed<C: Books>(mut world: World<C>) {
    morning(&mut world);
    world.cloud.decline_next();
    let sale = pay(&mut world, "4714", 700);
    assert_eq!(sale.snapshot().state, State::Declined);
    let newest = world.cloud.count() - 1;
    world.cloud.approve(newest);
    let result = reconcile(&mut world);
    differs(&result, "state_differs");
    assert_eq!((text(&result, "differences.0.reference"), int(&result, "differences.0.vendor_amount")), ("4714", 700));
    let states = (text(&result, "differences.0.state"), text(&result, "differences.0.vendor_state"));
    assert_eq!(states, ("PJ_STATE_DECLINED", "approved"));
    assert_eq!(sale.snapshot().state, State::Declined, "it decides nothing");
}

fn forgetful<C: Books>(mut world: World<C>) {
    morning(&mut world);
    world.cloud.forget_newest();
    let result = reconcile(&mut world);
    differs(&result, "missing_at_vendor");
    assert_eq!((text(&result, "differences.0.reference"), int(&result, "differences.0.amount")), ("4713", 500));
    assert!(!result.details.contains_key("differences.0.vendor_amount"));
    assert_eq!((int(&result, "payments.count"), int(&result, "transactions.count")), (3, 2));
    // A list may lag behind: nothing is said about what has just been paid.
    let sale = world.pay("4715", 800);
    world.finish(&sale, 60_000);
    world.cloud.forget_newest();
    let result = reconcile(&mut world);
    assert_eq!((int(&result, "differences.missing_at_vendor"), int(&result, "too_new.count")), (1, 1));
}

fn other_amount<C: Books>(mut world: World<C>) {
    morning(&mut world);
    world.cloud.add_cents(1, 25);
    let result = reconcile(&mut world);
    differs(&result, "amount_differs");
    assert_eq!(text(&result, "differences.0.reference"), "4712");
    assert_eq!((int(&result, "differences.0.amount"), int(&result, "differences.0.vendor_amount")), (2_000, 2_025));
}

fn voided<C: Books>(mut world: World<C>) {
    morning(&mut world);
    world.cloud.void(0);
    let result = reconcile(&mut world);
    differs(&result, "state_differs");
    let states = (text(&result, "differences.0.state"), text(&result, "differences.0.vendor_state"));
    assert_eq!((text(&result, "differences.0.reference"), states), ("4711", ("PJ_STATE_APPROVED", "voided")));
}

fn many_pages<C: Books>(mut world: World<C>) {
    morning(&mut world);
    (0..120).for_each(|_| world.cloud.copy_newest("by hand"));
    let before = world.calls_of(C::LIST).len();
    let result = reconcile(&mut world);
    ended_well(&result);
    assert_eq!((int(&result, "differences.count"), int(&result, "matched.count")), (120, 3));
    assert!(world.calls_of(C::LIST).len() > before + 1);
    assert_eq!(text(&result, "differences.119.kind"), "charged_unknown");
    world.assert_polite();
}

fn page_fails_once<C: Books>(mut world: World<C>) {
    morning(&mut world);
    (0..120).for_each(|_| world.cloud.copy_newest("by hand"));
    let request = ask(&mut world);
    let before = world.calls_of(C::LIST).len();
    world.run_until(600_000, "the first page", |world| world.calls_of(C::LIST).len() > before);
    world.cloud.fail_next(C::LIST, When::After, Fault::BadGateway);
    let result = world.finish(&request, 3_700_000);
    ended_well(&result);
    assert_eq!((int(&result, "differences.count"), int(&result, "matched.count")), (120, 3), "the list is read anew");
}

fn unreadable_list<C: Books>(mut world: World<C>) {
    morning(&mut world);
    (0..120).for_each(|_| world.cloud.copy_newest("by hand"));
    let request = ask(&mut world);
    let before = world.calls_of(C::LIST).len();
    world.run_until(600_000, "the first page", |world| world.calls_of(C::LIST).len() > before);
    (0..20).for_each(|_| world.cloud.fail_next(C::LIST, When::After, Fault::ServerError));
    let result = world.finish(&request, 3_700_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Unavailable), "{}", result.message);
    assert!(!result.details.contains_key("differences.count"), "nothing is said about a part");
    let asked = world.calls_of(C::LIST).len() - before;
    assert!((4..10).contains(&asked), "{asked} calls");
}

fn restart<C: Books>(mut world: World<C>) {
    morning(&mut world);
    (0..120).for_each(|_| world.cloud.copy_newest("by hand"));
    let before = world.calls_of(C::LIST).len();
    let request = ask(&mut world);
    world.run_until(600_000, "the first page", |world| world.calls_of(C::LIST).len() > before);
    world.power_cut(1_000);
    let calls = world.calls_of(C::LIST).len();
    world.run(600_000);
    assert_eq!(world.calls_of(C::LIST).len(), calls, "nobody goes on with it");
    assert!(!request.snapshot().state.is_final() && world.pending().is_empty());
}

/// One key, two charges: the till knows of one.
fn second_charge<C: Books>(mut world: World<C>) {
    morning(&mut world);
    let sale = pay(&mut world, "4714", 999);
    world.run(200_000);
    let key = world.key(sale.payment);
    world.cloud.copy_newest(&key);
    let result = reconcile(&mut world);
    differs(&result, "charged_unknown");
    assert_eq!((text(&result, "differences.0.reference"), int(&result, "differences.0.other_till")), ("4714", 0));
}

/// A payment that is under way is no difference, on neither side.
fn running<C: Books>(mut world: World<C>) {
    morning(&mut world);
    let sale = world.pay("4714", 999);
    let request = ask(&mut world);
    let result = world.finish(&request, 600_000);
    ended_well(&result);
    assert_eq!(
        (int(&result, "differences.count"), int(&result, "matched.count") >= 3),
        (0, true),
        "{:#?}",
        result.details
    );
    assert_eq!(world.finish(&sale, 300_000).state, State::Approved);
}

fn other_day<C: Books>(mut world: World<C>) {
    morning(&mut world);
    world.cloud.copy_newest(OTHER_KEY);
    let span = [("from", "2025-11-22T00:00:00Z"), ("until", "2025-11-22T23:59:59Z")];
    let request = world.ask(Kind::Reconcile, &span, &[]).unwrap_or_else(|(_, text, _)| panic!("{text}"));
    let result = world.finish(&request, 600_000);
    is_clean(&result, 0);
    assert_eq!((int(&result, "transactions.count"), int(&result, "payments.count")), (0, 0));
    for (from, until, words) in [
        ("2025-11-22T00:00:00Z", "2025-11-21T00:00:00Z", "before from"),
        ("2025-11-22T00:00:00Z", "2025-12-24T00:00:00Z", "31 days"),
        ("2025-11-22T00:00:00Z", "", "until: is required"),
        ("", "2025-11-22T00:00:00Z", "from: is required"),
    ] {
        let Err((_, text, _)) = world.ask(Kind::Reconcile, &[("from", from), ("until", until)], &[]) else {
            panic!("{from} to {until}")
        };
        assert!(text.contains(words), "{text}");
    }
}

/// Retention has taken the facts of that time: nothing can be said.
fn journal_fails<C: Books>(mut world: World<C>) {
    morning(&mut world);
    let sale = pay(&mut world, "4714", 999);
    world.run(200_000);
    world.prune(sale.payment);
    let result = reconcile(&mut world);
    assert_eq!((result.state, result.status), (State::Failed, Status::Rejected), "{}", result.message);
    assert!(text(&result, "vendor_text").contains("retention_days"), "{:#?}", result.details);
}

/// The one thing that follows: what is found under the key of a payment whose outcome is unknown is read.
#[test]
fn an_unknown_payment_is_settled_by_what_is_found_under_its_key() {
    let mut world = payjunction();
    morning(&mut world);
    // Neither the answer nor any search tells of it until the deadline is long over.
    world.lose_next_answer();
    world.cloud.switches.search_lag_ms = 1_000_000_000;
    let sale = world.pay("4714", 999);
    world.until_unknown(&sale, 600_000);
    world.run(3_000_000);
    let result = reconcile(&mut world);
    assert_eq!((int(&result, "unknown.count"), int(&result, "matched.count")), (1, 0));
    world.cloud.switches.search_lag_ms = 0;
    let result = reconcile(&mut world);
    assert_eq!(text(&result, "differences.0.kind"), "state_differs", "{:#?}", result.details);
    assert_eq!(text(&result, "differences.0.state"), "PJ_STATE_UNKNOWN");
    assert_eq!(world.finish(&sale, 10_000).state, State::Approved);
    is_clean(&reconcile(&mut world), 4);
}

/// A reversal after the batch was closed goes as a refund, with a transaction of its own.
#[test]
fn a_reversal_that_went_as_a_refund_is_compared_as_one() {
    let mut world = payjunction();
    morning(&mut world);
    world.cloud.close_batch();
    let reverse = [("reference", "x1"), ("original", "4713")];
    let reverse = world.ask(Kind::Reverse, &reverse, &[]).unwrap_or_else(|(_, text, _)| panic!("{text}"));
    assert_eq!(world.finish(&reverse, 300_000).money, MoneyMoved::Reversed);
    world.run(200_000);
    is_clean(&reconcile(&mut world), 4);
    world.cloud.forget_newest();
    let result = reconcile(&mut world);
    differs(&result, "missing_at_vendor");
    assert_eq!((text(&result, "differences.0.reference"), int(&result, "differences.0.refund")), ("x1", 1));
}

#[test]
fn a_persons_word_is_compared_like_any_other_result() {
    let mut world = payjunction();
    morning(&mut world);
    world.lose_next_submit();
    let sale = world.pay("4714", 999);
    world.until_unknown(&sale, 600_000);
    world.resolve(&sale, Decision::Paid);
    world.run(200_000);
    let result = reconcile(&mut world);
    differs(&result, "missing_at_vendor");
    assert_eq!(text(&result, "differences.0.reference"), "4714");

    let mut world = payjunction();
    morning(&mut world);
    world.cloud.switches.search_lag_ms = 500_000;
    world.lose_next_answer();
    let sale = world.pay("4714", 999);
    world.until_unknown(&sale, 400_000);
    world.resolve(&sale, Decision::NotPaid);
    world.run(1_000);
    world.cloud.switches.search_lag_ms = 0;
    let result = reconcile(&mut world);
    differs(&result, "state_differs");
    assert_eq!(text(&result, "differences.0.state"), "PJ_STATE_FAILED");
    assert_eq!(sale.snapshot().state, State::Failed, "it decides nothing");
}

/// A reconciliation gives way to everything a customer waits for: it has a tenth of the calls.
#[test]
fn it_leaves_the_calls_to_the_sales() {
    let mut world = ebizcharge();
    morning(&mut world);
    (0..60).for_each(|_| world.cloud.copy_newest("by hand"));
    world.run(120_000);
    let request = ask(&mut world);
    let before = world.calls_of(CallKind::Search).len();
    world.run(60_000);
    let pages = world.calls_of(CallKind::Search).len() - before;
    assert!((1..=5).contains(&pages), "{pages} pages in the first minute");
    let sale = world.pay("4714", 999);
    assert_eq!(world.finish(&sale, 60_000).state, State::Approved);
    assert_eq!(int(&world.finish(&request, 3_700_000), "differences.count"), 60);
    world.assert_polite();
}
