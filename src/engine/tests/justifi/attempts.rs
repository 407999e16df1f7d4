//! The attempts of a reference share a checkout, which the vendor lets be paid once.

use super::*;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State, flag};
use crate::payment::{Decision, Fact, Kind};
use crate::status::Status;
use posjunction_simulator::justifi::Scenario;
use posjunction_simulator::{CallKind, Fault, When};
use serde_json::json;

fn prepared(world: &JustiFi, request: &Request) -> Vec<String> {
    let id = |fact| match fact {
        Fact::Prepared { id } => Some(id),
        _ => None,
    };
    world.facts(request.payment).into_iter().filter_map(id).collect()
}

fn declined(world: &mut JustiFi, reference: &str) -> Arc<Request> {
    script(world, &[Scenario::Decline(116)]);
    let request = world.pay(reference, 1_000);
    assert_eq!(world.finish(&request, 60_000).state, State::Declined);
    world.run(5_000);
    world.acknowledge(&request);
    request
}

/// Truth, section 9.
#[test]
fn the_next_attempt_reuses_the_checkout_and_old_failures_are_not_its_own() {
    for restart in [false, true] {
        for (flow, mut world) in both() {
            let first = declined(&mut world, "4711");
            if restart {
                world.power_cut(1_000);
            }
            script(&mut world, &[Scenario::SlowCard]);
            let second = world.pay("4711", 1_000);
            world.run(20_000);
            assert!(second.snapshot().state.is_running(), "{flow}: the old decline is in the baseline");
            let result = world.finish(&second, 120_000);
            assert_eq!((result.state, result.approved_amount), (State::Approved, 1_000), "{flow}");
            assert_eq!(prepared(&world, &first), prepared(&world, &second), "{flow}");
            assert_eq!(world.cloud.count(CallKind::Prepare), 1);
            world.run(7_200_000);
            assert_eq!(first.snapshot().state, State::Declined, "what the second attempt paid is the second's");
            assert_eq!((world.cloud.moved_cents(), world.submits(second.payment)), (1_000, 1));
            world.assert_polite();
        }
    }
}

#[test]
fn three_attempts_two_declines_and_one_approval() {
    for (flow, mut world) in both() {
        declined(&mut world, "4711");
        declined(&mut world, "4711");
        let (third, _) = paid(&mut world, "4711", 1_000);
        world.run(7_200_000);
        assert_eq!(third.snapshot().state, State::Approved, "{flow}");
        assert_eq!((world.cloud.count(CallKind::Prepare), world.cloud.moved_cents()), (1, 1_000), "{flow}");
        world.assert_polite();
    }
}

#[test]
fn another_amount_has_a_checkout_of_its_own() {
    for (_, mut world) in both() {
        let first = declined(&mut world, "4711");
        let (second, _) = paid(&mut world, "4711", 2_000);
        assert_ne!(prepared(&world, &first), prepared(&world, &second));
        assert_eq!(world.cloud.moved_cents(), 2_000);
        world.assert_polite();
    }
}

/// "Expired after 1 week without completion."
#[test]
fn an_expired_checkout_is_replaced() {
    let mut world = world();
    let first = declined(&mut world, "4711");
    world.run(8 * 86_400_000);
    let (second, _) = paid(&mut world, "4711", 1_000);
    let (old, new) = (prepared(&world, &first), prepared(&world, &second));
    assert_eq!((new.len(), &new[0]), (2, &old[0]), "the old one is tried first");
    assert!(world.has_fact(second.payment, |fact| matches!(fact, Fact::PreparedGone { .. })));
    assert_eq!(world.cloud.moved_cents(), 1_000);
    world.assert_polite();
}

/// The vendor says late that the first attempt was paid: nothing is sent a second time.
#[test]
fn an_earlier_attempt_that_was_paid_after_all_stops_the_next_one() {
    for (flow, mut world) in both() {
        world.checks.vendor_hides_money = true;
        script(&mut world, &[Scenario::GiveUp]);
        let first = world.pay("4711", 1_000);
        // An intent does not take back its word: it says nothing before it is paid.
        if world.finish(&first, 400_000).money == MoneyMoved::Moved {
            assert_eq!(flow, "payment_intent");
            continue;
        }
        world.acknowledge(&first);
        world.run_cloud_until(300_000, "the processor is done", |c| c.moved_cents() > 0);
        let second = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1_000)]);
        let Ok(second) = second else { continue };
        let result = world.finish(&second, 60_000);
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{flow}");
        assert_eq!((result.status, result.advice), (Status::DuplicateReference, Advice::Done), "{flow}");
        assert!(world.news_of(first.payment).contains(&EventKind::LateApproval), "{flow}");
        assert_eq!((world.submits(second.payment), world.cloud.moved_cents()), (0, 1_000), "{flow}");
        world.assert_polite();
    }
}

/// The processor works on while the till tries again: the checkout is paid once, and one attempt has it.
#[test]
fn a_payment_that_ends_while_the_next_attempt_runs_is_counted_once() {
    for wait in (0..30).map(|step| step * 500) {
        let mut world = world();
        world.checks.vendor_hides_money = true;
        script(&mut world, &[Scenario::GiveUp]);
        let first = world.pay("4711", 1_000);
        world.finish(&first, 400_000);
        world.acknowledge(&first);
        world.run(wait);
        let Ok(second) = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1_000)]) else { continue };
        world.run(3 * 3_600_000);
        let told = [&first, &second].map(|r| world.again_or(r).snapshot());
        let moved = told.iter().filter(|s| s.money == MoneyMoved::Moved).count();
        assert_eq!(world.cloud.moved_cents(), 1_000, "{wait}");
        assert_eq!(moved, 1, "{wait}: {}\n{}", world.story(first.payment), world.story(second.payment));
    }
}

/// A person said "not paid" about an attempt whose answer was lost. If the customer pays after all, that counts once.
#[test]
fn a_person_s_word_and_a_shared_checkout_charge_once() {
    let mut world = world();
    script(&mut world, &[Scenario::SlowAuthorization]);
    world.cloud.fail_next(CallKind::Submit, When::After, Fault::Reset);
    let first = world.pay("4711", 1_000);
    world.checks.vendor_hides_money = true;
    if world.until_unknown_or_final(&first, 400_000) == State::Unknown {
        world.resolve(&first, Decision::NotPaid);
    }
    world.acknowledge(&first);
    if let Ok(second) = world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1_000)]) {
        world.run(600_000);
        assert!(second.snapshot().state.is_final());
    }
    world.run(3 * 3_600_000);
    assert_eq!(world.cloud.moved_cents(), 1_000);
    world.assert_polite();
}

/// Both attempts share a checkout and the key in it. The one that was paid is stored and put away; the other is on its late
/// watch, and the program starts anew.
#[test]
fn what_a_later_attempt_was_paid_is_no_late_approval_of_an_earlier_one() {
    let mut world = world();
    script(&mut world, &[jf::Scenario::CustomerCancel]);
    let first = world.pay("4711", 1234);
    assert_eq!(world.finish(&first, 120_000).state, State::Canceled);
    world.acknowledge(&first);
    world.run(5_000);
    paid(&mut world, "4711", 1234);
    world.run(5_000);
    world.power_cut(1_000);
    world.run(2 * 3_600_000);
    let late =
        world.told.iter().any(|(payment, kind, _)| *payment == first.payment && *kind == EventKind::LateApproval);
    assert!(!late, "{}", world.story(first.payment));
}

/// The event of the second attempt's payment carries the key of the checkout, which is the first one's; the answer to the
/// second submit is lost, so that no session has named the payment.
#[test]
fn an_event_of_a_shared_checkout_is_about_the_attempt_that_was_sent_last() {
    for (flow, mut world) in both() {
        world.cloud.subscribe();
        script(&mut world, &[Scenario::CustomerCancel]);
        let first = world.pay("4711", 1_000);
        assert_eq!(world.finish(&first, 400_000).money, MoneyMoved::NotMoved);
        world.run(5_000);
        world.acknowledge(&first);
        world.cloud.take_events();
        world.lose_next_answer();
        let second = world.pay("4711", 1_000);
        while world.cloud.moved_cents() == 0 {
            world.run(50);
        }
        let key = json!({"metadata": {"posjunction_key": world.key(first.payment)}});
        let paid = world.cloud.ledger().iter().find(|p| p.is_approved()).expect("paid").id.clone();
        let hint = json!({"id": "evt_1", "event_name": "payment.succeeded", "data": {"id": paid, "metadata": key["metadata"]}});
        world.post(hint.to_string().as_bytes());
        // Only the first attempt can be asked about for a while: the checkout cannot be read, the payment can.
        for _ in 0..6 {
            world.cloud.fail_next(CallKind::Poll, When::Before, Fault::ServerError);
        }
        world.run(3 * 3_600_000);
        let told = [&first, &second].map(|r| world.again_or(r).snapshot());
        let story = format!("{flow}\n{}\n{}", world.story(first.payment), world.story(second.payment));
        assert_eq!((told[0].money, told[1].money), (MoneyMoved::NotMoved, MoneyMoved::Moved), "{story}");
        assert!(!world.news_of(first.payment).contains(&EventKind::LateApproval), "{story}");
        assert_eq!(world.cloud.moved_cents(), 1_000);
        world.assert_polite();
    }
}

/// The customer pays long after the deadline: nothing that the till was told before has to be taken back.
#[test]
fn a_deadline_that_passes_decides_nothing() {
    let mut world = World::of(jf::Cloud::new(jf::Setup::default()), &[("deadline", 5)]);
    script(&mut world, &[Scenario::SlowCard]);
    let sale = world.pay("4711", 1_000);
    let result = world.finish(&sale, 200_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(result.has(flag::OVERDUE) || world.told.iter().any(|(_, _, told)| told.has(flag::OVERDUE)));
}
