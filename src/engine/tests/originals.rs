//! Truth, section 7: work on an existing transaction.

use super::world::{Road, World};
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::payment::{Decision, Fact, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Action, Scenario};
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

type Request = Arc<crate::engine::Request>;

const SALE: i64 = 5_000;

/// A paid and stored sale 4711 in an account whose searches can be sighted.
fn sold() -> (World, Request) {
    let mut world = World::new();
    world.warm_up();
    let sale = sell(&mut world);
    (world, sale)
}

fn sell(world: &mut World) -> Request {
    let sale = world.pay("4711", SALE);
    assert_eq!(world.finish(&sale, 90_000).state, State::Approved);
    world.run(10_000);
    world.acknowledge(&sale);
    world.run(1_000);
    sale
}

fn undo(world: &mut World, kind: Kind, reference: &str, numbers: &[(&str, i64)]) -> Request {
    let texts = [("reference", reference), ("original", "4711")];
    world.ask(kind, &texts, numbers).unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
}

fn refused(world: &mut World, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Option<Status> {
    world.ask(kind, texts, numbers).err().map(|(status, ..)| status)
}

fn refunds(world: &World) -> Vec<i64> {
    let rows = world.cloud.ledger().iter().filter(|t| t.action == Action::Refund && t.verdict.approved);
    rows.map(|t| t.amounts.total()).collect()
}

fn original_id(world: &World) -> String {
    world.cloud.ledger().last().map(|t| t.id.to_string()).expect("there is a transaction")
}

/// When the original was read, in whole seconds after a moment.
fn reads_since(world: &World, since: u64) -> Vec<u64> {
    let reads = world.calls_of(CallKind::GetTransaction);
    reads.iter().filter(|c| c.at_ms > since).map(|c| (c.at_ms - since) / 1_000).collect()
}

/// Promise 2.
#[test]
fn one_original_carries_one_change_under_either_of_its_names() {
    let (mut world, sale) = sold();
    let id = sale.snapshot().transaction_id.clone();
    world.cloud.fail_next(CallKind::Refund, When::After, Fault::Silence(20_000));
    let first = undo(&mut world, Kind::Refund, "4712", &[("amount", 100)]);
    world.run(2_000);
    for texts in [[("reference", "4713"), ("original", "4711")], [("reference", "4713"), ("transaction", id.as_str())]]
    {
        let status = refused(&mut world, Kind::Void, &texts, &[]);
        assert_eq!(status, Some(Status::TransactionInUse), "{texts:?}");
        let status = refused(&mut world, Kind::Void, &texts, &[("despite_unknown", 1)]);
        assert_eq!(status, Some(Status::TransactionInUse), "it is not unknown, it runs");
    }
    assert_eq!(world.finish(&first, 90_000).state, State::Approved);
    let second = undo(&mut world, Kind::Refund, "4714", &[("amount", 100)]);
    assert_eq!(world.finish(&second, 90_000).state, State::Approved, "the original is free again");
    assert_eq!(refunds(&world), [100, 100]);
    world.assert_polite();
}

/// Promise 2. In the journal of an older version the second name is known only once the sale's facts are read.
#[test]
fn one_original_carries_one_change_after_a_restart_too() {
    let (mut world, _) = sold();
    let id = original_id(&world);
    world.forget_names();
    world.power_cut(5_000);
    world.flush_ms = 300;
    let by_id = [("reference", "4712"), ("transaction", id.as_str())];
    let refund = world.ask(Kind::Refund, &by_id, &[("amount", SALE)]).expect("is taken");
    let second = undo(&mut world, Kind::Refund, "4713", &[("amount", SALE)]);
    let (first, second) = (world.finish(&refund, 90_000), world.finish(&second, 90_000));
    assert_eq!(first.state, State::Approved);
    assert_eq!((second.state, second.status), (State::Failed, Status::TransactionInUse));
    assert_eq!(refunds(&world), [SALE]);
}

#[test]
fn an_unknown_change_holds_its_original_unless_the_till_says_otherwise() {
    let (mut world, _) = sold();
    world.cloud.switches.search_hides_accounts = vec![pj::MERCHANT_TERMINAL_ID];
    world.cloud.fail_next(CallKind::Refund, When::Before, Fault::Reset);
    let refund = undo(&mut world, Kind::Refund, "4712", &[("amount", 100)]);
    let told = world.until_unknown(&refund, 240_000);
    assert_eq!((told.money, told.advice), (MoneyMoved::Unknown, Advice::Resolve));
    let texts = [("reference", "4713"), ("original", "4711")];
    assert_eq!(refused(&mut world, Kind::Void, &texts, &[]), Some(Status::TransactionInUse));
    let void = world.ask(Kind::Void, &texts, &[("despite_unknown", 1)]).expect("the till says so");
    assert_eq!(world.finish(&void, 90_000).state, State::Approved);
}

#[test]
fn after_a_lost_void_the_original_is_read_at_2_5_15_and_60_seconds() {
    let (mut world, _) = sold();
    world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
    let void = undo(&mut world, Kind::Void, "4712", &[]);
    world.run_until_fact(&void, 5_000, "the answer is lost", |fact| matches!(fact, Fact::Unclear { .. }));
    let lost = world.now;
    world.run(59_000);
    assert_eq!(reads_since(&world, lost), [2, 5, 15]);
    assert_eq!(world.cloud.count(CallKind::Void), 1);
    let result = world.finish(&void, 10_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed));
    assert_eq!(world.cloud.count(CallKind::Void), 2, "read as not done, and sent again");
    assert_eq!(world.cloud.moved_cents(), 100);
    world.assert_polite();
}

#[test]
fn a_lost_void_that_was_done_is_seen_and_not_sent_again() {
    let (mut world, _) = sold();
    world.cloud.fail_next(CallKind::Void, When::After, Fault::Reset);
    let void = undo(&mut world, Kind::Void, "4712", &[]);
    let result = world.finish(&void, 20_000);
    assert_eq!((result.state, result.money, result.status), (State::Approved, MoneyMoved::Reversed, Status::Ok));
    world.run(300_000);
    assert_eq!(world.cloud.count(CallKind::Void), 1);
}

#[test]
fn a_void_that_never_gets_through_has_failed_once_the_original_is_read_unchanged_at_the_end() {
    let (mut world, sale) = sold();
    // Once the till has been told that it is unknown nothing is sent any more.
    for _ in 0..2 {
        world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
    }
    let void = undo(&mut world, Kind::Void, "4712", &[]);
    let result = world.finish(&void, 600_000);
    assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
    assert_eq!(world.cloud.count(CallKind::Void), 2);
    assert_eq!((sale.snapshot().money, world.cloud.moved_cents()), (MoneyMoved::Moved, SALE + 100));
}

/// "Already voided" is answered by reading the original: it is done.
#[test]
fn a_void_of_what_somebody_has_voided_already_is_done() {
    let (mut world, _) = sold();
    let id = original_id(&world);
    world.run(200);
    world.by_hand("PUT", &format!("/transactions/{id}"), &[("status", "VOID")]);
    world.run(200);
    let already = r#"{"errors":[{"message":"The Transaction has been voided already.","parameter":"status"}]}"#;
    world.forge(CallKind::Void, When::Before, 400, already);
    let void = undo(&mut world, Kind::Void, "4712", &[]);
    let result = world.finish(&void, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed));
}

#[test]
fn a_void_that_the_vendor_refuses_has_failed() {
    let (mut world, sale) = sold();
    world.cloud.settle();
    let void = undo(&mut world, Kind::Void, "4712", &[]);
    let result = world.finish(&void, 60_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Rejected));
    assert!(result.message.contains("settled"), "{}", result.message);
    assert_eq!(sale.snapshot().money, MoneyMoved::Moved);
}

#[test]
fn a_capture_of_what_is_captured_is_done() {
    let (mut world, _) = sold();
    world.cloud.fail_next(CallKind::Capture, When::After, Fault::Reset);
    let capture = undo(&mut world, Kind::Capture, "4712", &[]);
    let result = world.finish(&capture, 60_000);
    assert!(result.state == State::Approved && result.has(flag::CAPTURED), "{result:#?}");
    assert_eq!(world.cloud.count(CallKind::Capture), 1);
}

/// Promise 4.
#[test]
fn a_lost_refund_is_found_by_its_key_and_never_sent_again() {
    let (mut world, sale) = sold();
    world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
    let refund = undo(&mut world, Kind::Refund, "4712", &[("amount", 1_000)]);
    let result = world.finish(&refund, 60_000);
    assert_eq!((result.state, result.money, result.approved_amount), (State::Approved, MoneyMoved::Moved, 1_000));
    assert!(result.has(flag::RECOVERED));
    world.run(600_000);
    assert_eq!((world.cloud.count(CallKind::Refund), refunds(&world)), (1, vec![1_000]));
    assert!(world.news_of(sale.payment).contains(&EventKind::Reversed));
}

/// Promise 5: not found is not failed. Two complete and sighted searches, the last five minutes later.
#[test]
fn a_refund_that_nobody_finds_has_failed_after_five_minutes() {
    let (mut world, _) = sold();
    world.cloud.fail_next(CallKind::Refund, When::Before, Fault::Reset);
    let refund = undo(&mut world, Kind::Refund, "4712", &[("amount", 1_000)]);
    world.run_until_fact(&refund, 5_000, "the answer is lost", |fact| matches!(fact, Fact::Unclear { .. }));
    world.run(299_000);
    assert!(!refund.snapshot().state.is_final(), "too early");
    let result = world.finish(&refund, 120_000);
    assert_eq!((result.state, result.money, result.advice), (State::Failed, MoneyMoved::NotMoved, Advice::Retry));
    assert_eq!((world.cloud.count(CallKind::Refund), refunds(&world)), (1, vec![]));
    let again = undo(&mut world, Kind::Refund, "4712", &[("amount", 1_000)]);
    assert_eq!(world.finish(&again, 60_000).state, State::Approved);
}

#[test]
fn a_refund_that_a_blind_search_does_not_find_stays_unknown() {
    let (mut world, _) = sold();
    world.cloud.switches.search_hides_accounts = vec![pj::MERCHANT_TERMINAL_ID];
    world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
    let refund = undo(&mut world, Kind::Refund, "4712", &[("amount", 1_000)]);
    world.run(3_600_000);
    assert_eq!(refund.snapshot().state, State::Unknown);
    world.cloud.switches.search_hides_accounts = Vec::new();
    assert_eq!(world.finish(&refund, 700_000).state, State::Approved);
}

#[test]
fn a_refund_that_looks_like_ours_keeps_ours_unknown() {
    let (mut world, _) = sold();
    let id = original_id(&world);
    world.cloud.fail_next(CallKind::Refund, When::Before, Fault::Reset);
    let refund = undo(&mut world, Kind::Refund, "4712", &[("amount", 1_000)]);
    world.run(5_000);
    world.by_hand("POST", "/transactions", &[("action", "REFUND"), ("transactionId", &id), ("amountBase", "10.00")]);
    world.run(3_600_000);
    assert_eq!(refund.snapshot().state, State::Unknown);
    world.resolve(&refund, Decision::NotPaid);
    world.run(1_000);
    assert_eq!(refund.snapshot().state, State::Failed);
    assert_eq!(world.cloud.count(CallKind::Refund), 2, "the stranger's and ours, which was never repeated");
}

/// A refund that was told as failed and turns up late: money went back, and the sale learns of it.
#[test]
fn a_refund_that_turns_up_late_is_told_to_its_sale_too() {
    let (mut world, sale) = sold();
    world.run(500_000);
    world.cloud.switches.search_lag_ms = 420_000;
    world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
    world.checks.vendor_hides_money = true;
    let refund = undo(&mut world, Kind::Refund, "4712", &[("amount", SALE)]);
    let result = world.finish(&refund, 600_000);
    assert_eq!(result.state, State::Failed);
    world.run(1_200_000);
    assert!(world.news_of(refund.payment).contains(&EventKind::LateApproval));
    assert_eq!(sale.snapshot().money, MoneyMoved::Reversed);
}

#[test]
fn without_an_amount_what_is_left_goes_back() {
    let (mut world, sale) = sold();
    let part = undo(&mut world, Kind::Refund, "4712", &[("amount", 1_200)]);
    world.finish(&part, 60_000);
    world.run(1_000);
    assert_eq!(sale.snapshot().money, MoneyMoved::Moved, "a part of it");
    let more = undo(&mut world, Kind::Refund, "4713", &[("amount", SALE - 1_199)]);
    let result = world.finish(&more, 60_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Rejected), "one cent more than is left");
    let rest = undo(&mut world, Kind::Refund, "4714", &[]);
    assert_eq!(world.finish(&rest, 60_000).approved_amount, SALE - 1_200);
    assert_eq!(refunds(&world), [1_200, SALE - 1_200]);
    world.run(1_000);
    assert_eq!(sale.snapshot().money, MoneyMoved::Reversed);
    let none = undo(&mut world, Kind::Refund, "4715", &[]);
    assert_eq!(world.finish(&none, 60_000).state, State::Failed);
    assert_eq!((world.cloud.count(CallKind::Refund), world.cloud.moved_cents()), (2, 100));
}

#[test]
fn work_by_the_vendor_s_id_is_told_to_the_sale_as_well() {
    let (mut world, sale) = sold();
    let id = original_id(&world);
    let texts = [("reference", "4712"), ("transaction", id.as_str())];
    let void = world.ask(Kind::Void, &texts, &[]).expect("is taken");
    assert_eq!(world.finish(&void, 60_000).state, State::Approved);
    world.run(1_000);
    assert_eq!(sale.snapshot().money, MoneyMoved::Reversed);
}

/// A refund is booked where the original is, whatever account the configuration names for sales.
#[test]
fn a_refund_of_a_sale_on_another_account_is_ours() {
    for lost in [false, true] {
        let mut world = World::new();
        world.warm_up();
        let account = pj::SURCHARGE_MERCHANT_TERMINAL_ID.to_string();
        let texts = [("reference", "4711"), ("merchant_terminal", account.as_str())];
        let sale = world.ask(Kind::Payment, &texts, &[("amount", SALE)]).expect("is taken");
        assert_eq!(world.finish(&sale, 60_000).state, State::Approved);
        if lost {
            world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
        }
        let refund = undo(&mut world, Kind::Refund, "4712", &[("amount", 1_000)]);
        let result = world.finish(&refund, 60_000);
        assert_eq!((result.state, result.approved_amount), (State::Approved, 1_000), "{result:#?}");
    }
}

#[test]
fn what_was_not_paid_is_not_refunded() {
    let mut world = World::new();
    let sale = sell(&mut world);
    let void = undo(&mut world, Kind::Void, "4712", &[]);
    world.finish(&void, 60_000);
    let refund = undo(&mut world, Kind::Refund, "4713", &[("amount", 100)]);
    let result = world.finish(&refund, 60_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Rejected));
    assert_eq!(world.cloud.count(CallKind::Refund), 0, "it is known before anything is sent");
    assert_eq!(sale.snapshot().money, MoneyMoved::Reversed);
}

#[test]
fn reverse_voids_what_can_be_voided() {
    let (mut world, _) = sold();
    let reverse = undo(&mut world, Kind::Reverse, "4712", &[]);
    let result = world.finish(&reverse, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed));
    assert_eq!((world.cloud.count(CallKind::Void), world.cloud.count(CallKind::Refund)), (1, 0));
}

#[test]
fn reverse_refunds_what_the_vendor_refuses_to_void() {
    for debit in [false, true] {
        let mut world = World::new();
        world.warm_up();
        if debit {
            world.cloud.script(Scenario::PinDebit);
        }
        let sale = sell(&mut world);
        if !debit {
            world.cloud.settle();
        }
        let reverse = undo(&mut world, Kind::Reverse, "4712", &[]);
        let result = world.finish(&reverse, 60_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed), "debit {debit}");
        assert_eq!(refunds(&world), [SALE]);
        world.run(1_000);
        assert_eq!((sale.snapshot().money, world.cloud.moved_cents()), (MoneyMoved::Reversed, 100));
    }
}

/// Never a refund after a lost answer: the void may have been done.
#[test]
fn reverse_never_refunds_after_a_lost_void() {
    for when in [When::Before, When::After] {
        let (mut world, _) = sold();
        world.cloud.fail_next(CallKind::Void, when, Fault::Reset);
        let reverse = undo(&mut world, Kind::Reverse, "4712", &[]);
        let result = world.finish(&reverse, 300_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed), "{when:?}");
        assert_eq!((world.cloud.count(CallKind::Refund), world.cloud.moved_cents()), (0, 100));
    }
}

/// The lost void was not done, and meanwhile the sale was settled: that is proof, but the shelf life is over.
#[test]
fn a_reverse_whose_void_was_lost_and_then_refused_ends_without_a_refund() {
    let (mut world, sale) = sold();
    world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
    let reverse = undo(&mut world, Kind::Reverse, "4712", &[]);
    world.run(20_000);
    world.cloud.settle();
    let result = world.finish(&reverse, 300_000);
    assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{result:#?}");
    assert_eq!((refunds(&world), sale.snapshot().money), (vec![], MoneyMoved::Moved));
}

/// With a long shelf life: settled and not voided is proof that the lost void was not done, and nothing less is.
#[test]
fn a_reverse_whose_void_was_lost_refunds_only_what_is_read_as_settled() {
    for settled in [true, false] {
        let mut world = World::with(pj::Setup::default(), &[("send_within", 600)]);
        world.warm_up();
        if !settled {
            world.cloud.script(Scenario::PinDebit);
        }
        sell(&mut world);
        world.cloud.fail_next(CallKind::Void, When::Before, Fault::Reset);
        let reverse = undo(&mut world, Kind::Reverse, "4712", &[]);
        world.run(20_000);
        if settled {
            world.cloud.settle();
        }
        let result = world.finish(&reverse, 400_000);
        let expected = if settled { (State::Approved, vec![SALE]) } else { (State::Failed, vec![]) };
        assert_eq!((result.state, refunds(&world)), expected, "settled {settled}");
    }
}

/// Promise 4: what a power cut left of a void is read, never sent again by the next run.
#[test]
fn a_void_that_a_power_cut_met_is_read_and_not_sent_again() {
    for arrives in [true, false] {
        let (mut world, _) = sold();
        if !arrives {
            world.road = Road::LosesRequests;
        }
        let void = undo(&mut world, Kind::Void, "4712", &[]);
        let payment = void.payment;
        world.run_until(5_000, "it is dispatched", |w| w.has_fact(payment, |f| matches!(f, Fact::Dispatched { .. })));
        // The original is being read, and calls keep their distance.
        world.run(140);
        world.road = Road::Open;
        world.power_cut(10_000);
        let void = world.again(payment);
        let result = world.finish(&void, 300_000);
        let expected = if arrives { State::Approved } else { State::Failed };
        assert_eq!(result.state, expected, "{result:#?}");
        assert_eq!(world.cloud.count(CallKind::Void), usize::from(arrives));
    }
}

/// A person's word stands for the sale, and no id is known: there is nothing to call.
#[test]
fn work_on_a_sale_without_a_known_transaction_ends_unsent() {
    let mut world = World::new();
    world.lose_next_submit();
    let sale = world.pay("4711", SALE);
    world.until_unknown(&sale, 240_000);
    world.checks.vendor_hides_money = true;
    world.resolve(&sale, Decision::Paid);
    world.run(1_000);
    assert_eq!(sale.snapshot().state, State::Approved);
    let calls = world.cloud.calls().len();
    for (kind, reference) in [(Kind::Void, "4712"), (Kind::Refund, "4713"), (Kind::Reverse, "4714")] {
        let request = undo(&mut world, kind, reference, &[]);
        let result = world.finish(&request, 10_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::NotFound), "{kind:?}");
    }
    assert_eq!(world.cloud.calls().len(), calls);
}
