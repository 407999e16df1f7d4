//! The ordinary day at a reader.

use super::*;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::CallKind;
use posjunction_simulator::justifi::Scenario;

#[test]
fn a_sale_is_approved_with_its_card_and_one_submit() {
    for (flow, mut world) in both() {
        let request = world.pay("4711", 1234);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.money, result.advice), (State::Approved, MoneyMoved::Moved, Advice::Done));
        assert_eq!((result.approved_amount, result.status), (1234, Status::Ok), "{flow}");
        assert!(result.transaction_id.starts_with("py_") && result.card_last4.len() == 4, "{flow}: {result:#?}");
        assert!(!result.has(flag::RECOVERED | flag::AMOUNT_DIFFERS), "{flow}");
        world.run_until(60_000, "the terminal is free", |_| request.snapshot().has(flag::TERMINAL_FREE));
        assert_eq!(world.news_of(request.payment), [EventKind::Result, EventKind::TerminalFree], "{flow}");
        world.acknowledge(&request);
        world.run(7_200_000);
        assert!(world.pending().is_empty());
        assert_eq!((world.submits(request.payment), world.cloud.moved_cents()), (1, 1234), "{flow}");
        world.assert_polite();
    }
}

#[test]
fn a_decline_is_told_with_the_issuer_s_reason() {
    for (flow, mut world) in both() {
        let request = world.pay("4711", 30_116);
        let result = world.finish(&request, 60_000);
        assert_eq!(
            (result.state, result.money, result.advice),
            (State::Declined, MoneyMoved::NotMoved, Advice::NewCard)
        );
        assert!(!result.response_code.is_empty() && !result.message.is_empty(), "{flow}: {result:#?}");
        let id = if flow == "checkout" { "chc_" } else { "py_" };
        assert!(result.transaction_id.starts_with(id), "{flow}: {}", result.transaction_id);
        world.run(7_200_000);
        assert_eq!((world.submits(request.payment), world.cloud.moved_cents()), (1, 0));
        world.assert_polite();
    }
}

/// The cashier's wait: what must come first takes three calls, the first of the day one more.
#[test]
fn a_sale_needs_few_calls_before_it_is_at_the_terminal() {
    let mut world = world();
    paid(&mut world, "1", 1_000);
    world.run(5_000);
    let before = world.cloud.calls().len();
    world.pay("2", 1_000);
    world.run_until(5_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 2);
    let kinds: Vec<CallKind> = world.cloud.calls()[before..].iter().map(|call| call.kind).collect();
    assert_eq!(kinds, [CallKind::Prepare, CallKind::GetTerminal, CallKind::Submit]);
}

#[test]
fn the_x_key_is_canceled_and_a_later_sale_is_free_to_go() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::CustomerCancel]);
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 300_000);
        // Without completions an intent says nothing of the X key: silence is proof after its time.
        let state = if flow == "checkout" { State::Canceled } else { State::TimedOut };
        assert_eq!((result.state, result.money, result.advice), (state, MoneyMoved::NotMoved, Advice::Retry), "{flow}");
        world.acknowledge(&request);
        let (again, _) = paid(&mut world, "4711", 1_000);
        assert_eq!(world.submits(again.payment), 1);
        assert_eq!(world.cloud.moved_cents(), 1_000, "{flow}");
        world.assert_polite();
    }
}
