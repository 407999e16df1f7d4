//! The ordinary day: what a sale looks like from asking to acknowledging.

use super::world::World;
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::{CallKind, Fault, When};

#[test]
fn a_sale_is_approved_and_told_before_the_terminal_is_free() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money, result.advice), (State::Approved, MoneyMoved::Moved, Advice::Done));
    assert_eq!((result.approved_amount, result.status), (1234, Status::Ok));
    assert!(!result.has(flag::TERMINAL_FREE), "the receipt prompt is still showing");
    assert!(!result.card_last4.is_empty() && !result.authorization_code.is_empty());
    world.run_until(60_000, "the terminal is free", |_| request.snapshot().has(flag::TERMINAL_FREE));
    assert_eq!(world.news_of(request.payment), [EventKind::Result, EventKind::TerminalFree]);
    world.acknowledge(&request);
    world.run(5_000);
    assert!(world.pending().is_empty());
    assert_eq!(world.submits(request.payment), 1);
    world.assert_polite();
}

#[test]
fn a_lost_answer_is_found_by_our_key_and_the_submit_is_never_repeated() {
    let mut world = World::new();
    world.cloud.fail_next(CallKind::Submit, When::After, Fault::Reset);
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 90_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(result.has(flag::RECOVERED));
    assert_eq!(world.submits(request.payment), 1);
    world.assert_polite();
}

#[test]
fn a_power_cut_after_dispatch_is_read_never_sent_again() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(5_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 1);
    world.power_cut(30_000);
    let pending = world.pending();
    assert_eq!(pending.len(), 1);
    let result = world.finish(&pending[0], 90_000);
    assert!(result.state == State::Approved || result.state == State::Unknown, "{result:#?}");
    assert_eq!(world.cloud.ledger().len(), 1);
    assert_eq!(world.submits(payment), 1);
    world.assert_polite();
}

/// Limits hold across the restart: the vendor does not see that it was another run that asked a moment ago.
#[test]
fn a_new_run_does_not_call_on_the_heels_of_the_last_one() {
    for gap in [0, 1, 50, 300] {
        let mut world = World::new();
        let request = world.pay("4711", 1234);
        world.run_until(20_000, "the terminal shows it", |_| request.snapshot().state == State::AtTerminal);
        world.power_cut(gap);
        let pending = world.pending();
        assert_eq!(world.finish(&pending[0], 90_000).state, State::Approved);
        world.power_cut(gap);
        world.run(5_000);
        world.assert_polite();
    }
}

#[test]
fn a_void_undoes_a_sale_and_the_sale_learns_of_it() {
    let mut world = World::new();
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    let void = world.ask(Kind::Void, &[("reference", "4711-V"), ("original", "4711")], &[]).unwrap();
    let result = world.finish(&void, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed));
    world.run(2_000);
    assert_eq!(sale.snapshot().money, MoneyMoved::Reversed);
    assert!(world.news_of(sale.payment).contains(&EventKind::Reversed));
    assert_eq!(world.cloud.moved_cents(), 0);
    world.assert_polite();
}
