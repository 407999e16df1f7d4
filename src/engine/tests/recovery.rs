//! Truth, section 2 and 13: what a later run makes of what an earlier one left, also under another account.

use super::world::{Road, World};
use crate::engine::Request;
use crate::engine::core::{Command, Input};
use crate::journal::Report as JournalReport;
use crate::payment::fact::{Fact, Phase};
use crate::payment::snapshot::{MoneyMoved, State};
use crate::payment::{Kind, face};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, Scenario};
use std::sync::Arc;

/// Promises 2 and 3: a run under another account does not make the first account forget what it sent.
#[test]
pub(super) fn a_charge_seen_through_two_accounts_is_never_repeated() {
    let mut world = World::new();
    world.warm_up();
    world.checks.vendor_hides_money = true;
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.until_state(&request, 10_000, State::AtTerminal);
    world.change_login("somebody-else");
    world.power_cut(1_000);
    world.run(5_000);
    world.change_login(pj::LOGIN);
    world.close();
    world.power_cut(1_000);
    world.run(700_000);
    let again = world.again(payment);
    assert_eq!(again.snapshot().state, State::Approved);
    let refused = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]).map_err(|e| e.0);
    assert_eq!(refused.map(|_| ()), Err(Status::DuplicateReference));
    assert!(world.cloud.moved_cents() <= 1_334, "charged twice: {}", world.cloud.moved_cents());
}

/// Promise 3: what was sent under another account is not told as unsent, whoever closes.
#[test]
fn closing_under_another_account_ends_no_payment() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.until_state(&request, 10_000, State::AtTerminal);
    world.run(1_000);
    let account = world.index_of(payment).identity;
    world.change_login("somebody-else");
    world.power_cut(1_000);
    world.run(5_000);
    assert_eq!(world.index_of(payment).identity, account, "the payment stays its own account's");
    world.change_login(pj::LOGIN);
    world.close();
    world.power_cut(1_000);
    world.run(60_000);
    let again = world.again(payment);
    assert_ne!(again.snapshot().state, State::Failed);
}

/// Promise 3: a read of an earlier run may be older than the end.
#[test]
fn a_decline_is_read_after_the_end_also_when_power_went_between() {
    let mut world = World::new();
    world.cloud.script(Scenario::Decline(51));
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    // Read while the receipt shows, then the end arrives, and power goes before the second read.
    world.run_until(20_000, "ended", |w| {
        w.has_fact(payment, |f| matches!(f, Fact::TerminalShows { phase: Phase::Ended }))
    });
    assert!(!request.snapshot().state.is_final());
    world.road = Road::Closed;
    world.power_cut(1_000);
    world.run(100);
    let again = world.again(payment);
    assert!(!again.snapshot().state.is_final(), "DECLINED without a read after the end");
}

/// Promise 2: what cannot be read is not proven unpaid.
#[test]
fn an_earlier_attempt_whose_record_cannot_be_read_is_no_clearance() {
    let mut world = World::new();
    world.warm_up();
    let first = world.pay("4711", 20_051);
    world.finish(&first, 60_000);
    world.run(5_000);
    world.acknowledge(&first);
    world.run(7_200_000);
    let payment = first.payment;
    assert!(!world.core.lanes.contains_key(&payment));
    world.flush_ms = 5;
    let second = world.pay("4711", 20_051);
    world.run_until(5_000, "asked", |w| w.core.after_load.contains_key(&payment));
    let now = world.now;
    world.core.input(
        now,
        0,
        Input::Journal(JournalReport::LoadFailed { payment, status: Status::Journal, text: "damaged".into() }),
    );
    world.run(2_000);
    assert_eq!(world.submits(second.payment), 0, "sent without a look at the first attempt");
    let told = second.snapshot();
    assert_eq!((told.state, told.status), (State::Failed, Status::Journal));
}

/// Truth, section 13: an intent of a newer version is kept, and its reference stays taken.
#[test]
fn a_newer_intent_is_unknown_not_gone() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(5_000, "accepted", |w| w.has_fact(payment, |f| matches!(f, Fact::Accepted { .. })));
    world.make_intent_newer(payment);
    world.power_cut(1_000);
    world.run(300_000);
    let refused = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234)]).map(|_| ()).map_err(|e| e.0);
    assert!(refused.is_err());
    assert_eq!(world.pending().len(), 1);
    assert_eq!(world.again(payment).snapshot().state, State::Unknown);
}

/// Promise 2: the same where the record is of a newer version of the library.
#[test]
fn an_earlier_attempt_of_a_newer_version_is_no_clearance() {
    let mut world = World::new();
    world.warm_up();
    let first = world.pay("4711", 20_051);
    world.finish(&first, 60_000);
    world.run(5_000);
    world.acknowledge(&first);
    world.run(7_200_000);
    world.make_intent_newer(first.payment);
    let second = world.pay("4711", 20_051);
    let result = world.finish(&second, 60_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Journal));
    assert_eq!(world.submits(second.payment), 0);
}

/// Truth, section 13: a request shown from the index does not stay queued when its facts cannot be had.
#[test]
fn a_request_without_a_record_gets_a_last_word() {
    let shown = |moved: bool, report: &dyn Fn(u64) -> JournalReport| {
        let mut world = World::new();
        let request = Arc::new(Request::new(
            77,
            face::from_index("4711", if moved { MoneyMoved::Moved } else { MoneyMoved::Unknown }, 1234, world.now),
        ));
        let now = world.now;
        world.core.input(now, 0, Input::Command(Command::Show(request.clone())));
        world.core.input(now, 0, Input::Journal(report(77)));
        request.snapshot()
    };
    let pruned = |payment| JournalReport::Loaded { payment, rows: Vec::new() };
    let damaged = |payment| JournalReport::LoadFailed { payment, status: Status::Journal, text: "damaged".into() };
    let told = shown(true, &pruned);
    assert_eq!((told.state, told.money, told.approved_amount), (State::Approved, MoneyMoved::Moved, 1234));
    let told = shown(false, &pruned);
    assert_eq!((told.state, told.money), (State::Failed, MoneyMoved::NotMoved));
    let told = shown(true, &damaged);
    assert_eq!((told.state, told.status, told.money), (State::Unknown, Status::Journal, MoneyMoved::Moved));
    let told = shown(false, &damaged);
    assert_eq!((told.state, told.money), (State::Unknown, MoneyMoved::Unknown));
}
