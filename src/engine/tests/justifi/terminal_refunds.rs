//! Refunds with the card at the reader, the older way of paying only (refundTerminal).

use super::*;
use crate::payment::Kind;
use crate::payment::snapshot::{MoneyMoved, State};
use crate::status::Status;
use posjunction_simulator::justifi::{RefundStatus, Scenario};
use posjunction_simulator::{CallKind, Fault, When};

/// A refund with the card at the reader goes by the intent of its original, and only in that way of paying.
#[test]
fn a_refund_at_the_terminal_goes_by_the_intent_of_its_original() {
    for lost in [None, Some(When::Before), Some(When::After)] {
        let mut world = world_of_intents();
        let (_, id) = paid(&mut world, "4711", 1_000);
        if let Some(when) = lost {
            world.cloud.fail_next(CallKind::Submit, when, Fault::Reset);
        }
        let texts = [("reference", "T1"), ("transaction", id.as_str())];
        let refund = world.ask(Kind::TerminalRefund, &texts, &[("amount", 400)]).map_err(|r| r.1);
        let refund = refund.expect("it may start");
        let result = world.finish(&refund, 500_000);
        let executed = lost != Some(When::Before);
        assert_eq!(result.money == MoneyMoved::Moved, executed, "{lost:?}: {result:#?}");
        assert_eq!(world.cloud.moved_cents(), if executed { 600 } else { 1_000 }, "{lost:?}");
        assert_eq!(world.submits(refund.payment), 1);
        if executed {
            assert!(world.cloud.refunds()[0].status == RefundStatus::Succeeded);
            let texts = [("reference", "R1"), ("original", "4711")];
            let rest = world.ask(Kind::Refund, &texts, &[]).map_err(|r| r.1).expect("it may start");
            let rest = world.finish(&rest, 600_000);
            assert_eq!(
                (rest.approved_amount, world.cloud.moved_cents()),
                (600, 0),
                "the original knows what went back"
            );
        }
        world.assert_polite();
    }
}

/// Nobody has published how it is told: a decline where the vendor keeps the failed refund, TIMED_OUT where it keeps nothing.
#[test]
fn a_refund_that_the_card_refuses_is_declined_where_the_vendor_shows_it() {
    for shown in [true, false] {
        for lost in [false, true] {
            let mut world = intents_where(|s| s.declined_refund_booked = shown);
            let (_, id) = paid(&mut world, "4711", 1_000);
            world.cloud.script(Scenario::Decline(116));
            if lost {
                world.lose_next_answer();
            }
            let texts = [("reference", "T1"), ("transaction", id.as_str())];
            let refund = world.ask(Kind::TerminalRefund, &texts, &[("amount", 400)]).map_err(|r| r.1).expect("starts");
            let asked = world.now;
            let result = world.finish(&refund, 500_000);
            let state = match (shown, lost) {
                (true, _) => State::Declined,
                (false, false) => State::TimedOut,
                (false, true) => State::Failed,
            };
            assert_eq!((result.state, result.money), (state, MoneyMoved::NotMoved), "{shown} {lost}: {result:#?}");
            assert_eq!(shown && !lost, world.now < asked + 30_000, "a decline found by search waits: {shown} {lost}");
            assert_eq!(world.cloud.moved_cents(), 1_000);
            world.acknowledge(&refund);
            let again = [("reference", "T1"), ("transaction", id.as_str())];
            let again = world.ask(Kind::TerminalRefund, &again, &[("amount", 400)]).map_err(|r| r.1).expect("starts");
            assert_eq!(world.finish(&again, 500_000).approved_amount, 400, "{shown} {lost}: the next attempt is paid");
            world.assert_polite();
        }
    }
}

/// A refund of the back office that failed before is in the baseline, and one of another amount is no decline of ours.
#[test]
fn the_failed_refunds_of_others_decline_nothing() {
    let mut world = intents_where(|s| s.refunds_fail = true);
    let (_, id) = paid(&mut world, "4711", 1_000);
    let by_hand = |world: &mut JustiFi, cents: i64, key: &str| {
        let now = world.now;
        let token = world.cloud.handle(now, &jf::token_request()).value()["access_token"].clone();
        let token = token.as_str().expect("a token").to_owned();
        let body = serde_json::json!({"amount": cents});
        let call = jf::request(&token, "POST", &format!("/payments/{id}/refunds"), &body, key);
        assert_eq!(world.cloud.handle(now, &call).status, 201);
    };
    by_hand(&mut world, 400, "before");
    world.cloud.script(Scenario::SlowCard);
    let texts = [("reference", "T1"), ("transaction", id.as_str())];
    let refund = world.ask(Kind::TerminalRefund, &texts, &[("amount", 400)]).map_err(|r| r.1).expect("starts");
    world.run_until_fact(&refund, 10_000, "accepted", |f| matches!(f, Fact::Accepted { .. }));
    by_hand(&mut world, 300, "beside");
    let result = world.finish(&refund, 300_000);
    assert_eq!((result.state, result.approved_amount), (State::Approved, 400));
    assert_eq!(world.cloud.moved_cents(), 600);
}

#[test]
fn a_refund_at_the_terminal_is_not_to_be_had_with_checkouts() {
    let mut world = world();
    let (_, id) = paid(&mut world, "4711", 1_000);
    let texts = [("reference", "T1"), ("transaction", id.as_str())];
    let refused = world.ask(Kind::TerminalRefund, &texts, &[("amount", 400)]).expect_err("it is refused");
    assert_eq!(refused.0, Status::Unsupported);
}

/// A refund at the terminal of something that no intent has paid ends unsent, and says what to do.
#[test]
fn a_refund_at_the_terminal_of_what_has_no_intent_is_refused_unsent() {
    let mut world = intents_where(|s| s.links_null = true);
    let (_, id) = paid(&mut world, "4711", 1_000);
    let texts = [("reference", "T1"), ("transaction", id.as_str())];
    let refund = world.ask(Kind::TerminalRefund, &texts, &[("amount", 400)]).map_err(|r| r.1).expect("it may start");
    let result = world.finish(&refund, 20_000);
    assert_eq!((result.state, result.status, world.submits(refund.payment)), (State::Failed, Status::Rejected, 0));
}
