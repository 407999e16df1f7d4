//! What happens at the reader: busy, hanging, away, waiting, unplugged.

use super::*;
use crate::payment::snapshot::{Advice, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::CallKind;
use posjunction_simulator::justifi::{ActivePay, Scenario};

fn ask(world: &mut JustiFi, terminal: &str) -> Arc<Request> {
    let texts = [("reference", "4711"), ("terminal", terminal)];
    world.ask(crate::payment::Kind::Payment, &texts, &[("amount", 1_000)]).map_err(|r| r.1).expect("it may start")
}

/// Truth, section 9.
#[test]
fn an_active_terminal_is_busy_and_nothing_is_sent() {
    for (flow, mut world) in both() {
        let request = ask(&mut world, jf::BUSY_TERMINAL_ID);
        let result = world.finish(&request, 20_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::DeviceBusy), "{flow}");
        assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Retry));
        assert!(result.has(flag::TERMINAL_FREE) || request.snapshot().has(flag::TERMINAL_FREE));
        assert_eq!(world.cloud.count(CallKind::Submit), 0);
        world.assert_polite();
    }
}

/// The status word is believed before anything is sent: nobody waits for a terminal without power.
#[test]
fn a_terminal_that_is_not_connected_is_told_at_once_and_nothing_is_sent() {
    for (flow, mut world) in both() {
        let request = ask(&mut world, jf::OFFLINE_TERMINAL_ID);
        let result = world.finish(&request, 5_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::DeviceOffline), "{flow}");
        assert_eq!(world.cloud.count(CallKind::Submit), 0);
        world.assert_polite();
    }
}

#[test]
fn a_terminal_nobody_knows_is_a_matter_of_the_set_up() {
    for (_, mut world) in both() {
        let request = ask(&mut world, "trm_unknown");
        let result = world.finish(&request, 5_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::UnknownDevice));
        assert_eq!((result.advice, world.cloud.count(CallKind::Submit)), (Advice::FixSetup, 0));
    }
}

/// A terminal that says CONNECTED and is not: silence is proof after its time, and only with a terminal that is idle.
#[test]
fn a_terminal_that_lies_about_its_connection_times_out_with_proof() {
    for (flow, mut world) in both_where(|s| s.terminal_always_connected = true) {
        let request = ask(&mut world, jf::OFFLINE_TERMINAL_ID);
        let result = world.finish(&request, 400_000);
        if flow == "checkout" {
            // The checkout itself says after the 90 seconds that nothing came of it.
            assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::NotMoved));
        } else {
            assert_eq!((result.state, result.status), (State::TimedOut, Status::RequestTimedOut));
            let waited = result.ended_ms.expect("it has ended") - result.started_ms;
            assert!((210_000..225_000).contains(&waited), "two looks, a minute apart: {waited}");
        }
        assert_eq!((world.submits(request.payment), world.cloud.moved_cents()), (1, 0));
        world.assert_polite();
    }
}

#[test]
fn ninety_seconds_without_a_card_end_without_money() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::Timeout]);
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 400_000);
        assert!(matches!(result.state, State::Canceled | State::TimedOut), "{flow}: {result:#?}");
        assert_eq!((result.money, result.advice), (MoneyMoved::NotMoved, Advice::Retry));
        let waited = result.ended_ms.expect("it has ended") - result.started_ms;
        assert!(flow == "payment_intent" || (90_000..100_000).contains(&waited), "{waited}");
        world.assert_polite();
    }
}

/// Where the vendor says that it was the time, the till is told so.
#[test]
fn the_vendor_s_own_word_for_the_time_is_passed_on() {
    let mut world = world_where(|s| s.abandoned_codes = true);
    script(&mut world, &[Scenario::Timeout, Scenario::CustomerCancel]);
    let request = world.pay("4711", 1_000);
    assert_eq!(world.finish(&request, 400_000).state, State::TimedOut);
    world.run(5_000);
    world.acknowledge(&request);
    let request = world.pay("4712", 1_000);
    assert_eq!(world.finish(&request, 400_000).state, State::Canceled);
}

/// Failure of another connector: a sale was declared dead at an unfamiliar status.
#[test]
fn a_word_that_no_document_knows_means_still_running() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::UnknownStatus]);
        let request = world.pay("4711", 1_000);
        assert_eq!(world.finish(&request, 120_000).state, State::Approved, "{flow}");
        world.assert_polite();
    }
}

/// An unlisted code is no refusal: only silence and an idle terminal prove that nothing was started.
#[test]
fn a_refusal_with_an_unlisted_code_is_unclear_until_silence_proves_it() {
    for scenario in [Scenario::Busy, Scenario::Refuse] {
        for (flow, mut world) in both() {
            script(&mut world, &[scenario]);
            let request = world.pay("4711", 1_000);
            let result = world.finish(&request, 500_000);
            assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{flow}");
            assert!(result.ended_ms.expect("it has ended") - result.started_ms >= 210_000);
            assert_eq!(world.submits(request.payment), 1);
            world.assert_polite();
        }
    }
}

#[test]
fn a_hanging_terminal_is_busy_for_the_next_sale() {
    let mut world = world();
    script(&mut world, &[Scenario::Hang]);
    let first = world.pay("4711", 1_000);
    let result = world.finish(&first, 400_000);
    assert_eq!(result.money, MoneyMoved::NotMoved);
    world.acknowledge(&first);
    world.run(5_000);
    let second = world.pay("4712", 1_000);
    assert_eq!(world.finish(&second, 60_000).status, Status::DeviceBusy);
    world.assert_polite();
}

/// The plug is pulled while the card is authorized: the checkout never says so, and nothing is told that is not proven.
#[test]
fn a_payment_behind_a_pulled_plug_is_found_or_stays_unknown() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::UnplugAfterCard]);
        let request = world.pay("4711", 1_000);
        judge(&mut world, flow, request.payment);
    }
}

#[test]
fn a_plug_pulled_before_the_card_ends_without_money() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::UnplugBeforeCard]);
        let request = world.pay("4711", 1_000);
        judge(&mut world, flow, request.payment);
        assert_eq!(world.cloud.moved_cents(), 0);
    }
}

#[test]
fn a_completed_checkout_wins_over_a_completion_that_was_never_told() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::HiddenApproval]);
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.approved_amount), (State::Approved, 1_000), "{flow}");
        world.assert_polite();
    }
}

#[test]
fn an_authorization_is_told_as_pending_and_can_be_captured() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::AuthorizeOnly]);
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Pending), "{flow}");
        let capture = [("reference", "C1"), ("original", "4711")];
        let capture = world.ask(crate::payment::Kind::Capture, &capture, &[]).map_err(|r| r.1).expect("it may start");
        let result = world.finish(&capture, 60_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{flow}");
        assert!(result.has(flag::CAPTURED) && world.cloud.moved_cents() == 1_000);
        world.assert_polite();
    }
}

/// Truth, section 14: what `/terminals/pay` does to a terminal that is in a payment nobody here knows of.
#[test]
fn a_neighbor_s_payment_that_the_status_hides_costs_nobody_money() {
    for active in [ActivePay::Refuses, ActivePay::Replaces, ActivePay::Queues] {
        let lie = |s: &mut jf::Switches| (s.active_pay, s.terminal_always_connected) = (active, true);
        for (flow, mut world) in both_where(lie) {
            world.cloud.neighbor_pays(jf::TERMINAL_ID, 40_000);
            let request = world.pay("4711", 1_000);
            judge(&mut world, &format!("{flow} {active:?}"), request.payment);
        }
    }
}

/// The second card of one payment: what was told as a decline is put right, and the next attempt finds the terminal busy.
#[test]
fn a_second_card_after_a_decline_charges_once_and_is_told() {
    for split in [false, true] {
        for (flow, mut world) in both_where(|s| s.declined_card_is_attempt = split) {
            world.checks.vendor_hides_money = true;
            script(&mut world, &[Scenario::DeclineThenApprove]);
            let request = world.pay("4711", 1_000);
            let result = world.finish(&request, 120_000);
            let again = world.again(request.payment);
            if result.money == MoneyMoved::NotMoved {
                world.acknowledge(&request);
                let repeated = world.pay("4711", 1_000);
                let second = world.finish(&repeated, 120_000);
                assert_eq!(second.money, MoneyMoved::NotMoved, "{flow} {split}: {second:#?}");
            }
            world.run(3_600_000);
            assert_eq!(world.cloud.moved_cents(), 1_000, "{flow} {split}");
            assert_eq!(again.snapshot().money, MoneyMoved::Moved, "{flow} {split}");
        }
    }
}

/// The vendor takes back its word for the end. It comes late, but it comes.
#[test]
fn an_approval_after_the_vendor_s_word_for_the_end_is_a_late_one() {
    for scenario in [Scenario::ApproveAfterTimeout, Scenario::GiveUp, Scenario::OnlyPaymentTells] {
        for ((flow, mut world), lost) in
            both().into_iter().zip([false, false]).chain(both().into_iter().zip([true, true]))
        {
            world.checks.vendor_hides_money = true;
            script(&mut world, &[scenario]);
            if lost {
                // No session names the payment.
                world.lose_next_answer();
            }
            let request = world.pay("4711", 1_000);
            world.finish(&request, 400_000);
            world.run(3_600_000 + 60_000);
            let told = world.again(request.payment).snapshot();
            assert_eq!((told.state, told.money), (State::Approved, MoneyMoved::Moved), "{flow} {scenario:?}");
            assert_eq!(world.cloud.moved_cents(), 1_000);
            assert_eq!(world.submits(request.payment), 1);
            world.assert_polite();
        }
    }
}
