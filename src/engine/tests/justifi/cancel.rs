//! There is no cancel from the till: that is said, and what has not left does not leave.

use super::*;
use crate::engine::core::Command;
use crate::payment::snapshot::{MoneyMoved, State, flag};
use posjunction_simulator::CallKind;
use posjunction_simulator::justifi::Scenario;

#[test]
fn a_cancel_before_anything_left_is_canceled() {
    for (flow, mut world) in both() {
        let request = world.pay("4711", 1_000);
        world.run(60);
        world.cancel(&request);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved), "{flow}");
        assert_eq!(world.cloud.count(CallKind::Submit), 0);
        world.run(5_000);
        world.assert_polite();
    }
}

/// Truth, section 8: say so, keep watching.
#[test]
fn a_cancel_after_it_left_changes_nothing_and_watching_goes_on() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::SlowCard]);
        let request = world.pay("4711", 1_000);
        world.run_until(10_000, "it is at the vendor", |_| request.snapshot().state >= State::Accepted);
        world.command(Command::CancelUnsent(request.payment));
        let result = world.finish(&request, 120_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{flow}");
        assert!(!result.has(flag::CANCEL_REQUESTED), "the till was told that nothing can be canceled");
        let others = world.cloud.calls().iter().filter(|call| call.path.contains("cancel")).count();
        assert_eq!(others, 0, "nobody guesses a path");
        world.assert_polite();
    }
}

/// On record, and still waiting for a road to leave by: it does not leave any more.
#[test]
fn a_cancel_of_what_waits_for_a_road_is_canceled() {
    let mut world = world();
    let request = world.pay("4711", 1_000);
    world.run_until_fact(&request, 5_000, "dispatched", |f| matches!(f, crate::payment::Fact::TerminalStatus { .. }));
    world.road = crate::engine::tests::world::Road::Closed;
    world.run_until_fact(&request, 5_000, "not sent", |f| matches!(f, crate::payment::Fact::NotSent { .. }));
    world.command(Command::CancelUnsent(request.payment));
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved));
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
}
