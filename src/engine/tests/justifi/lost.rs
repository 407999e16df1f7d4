//! Lost answers and power cuts.

use super::*;
use crate::engine::tests::world::Road;
use crate::payment::snapshot::{Advice, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::justifi::Scenario;
use posjunction_simulator::{CallKind, Fault, When};

/// Truth, section 3, and a failure of another connector: `/terminals/pay` was sent again to look what had become of it.
#[test]
fn a_lost_answer_is_found_in_the_checkout_and_never_sent_again() {
    for (flow, mut world) in both() {
        world.lose_next_answer();
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 120_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{flow}");
        assert!(result.has(flag::RECOVERED));
        world.run(7_200_000);
        assert_eq!((world.submits(request.payment), world.cloud.moved_cents()), (1, 1_000), "{flow}");
        world.assert_polite();
    }
}

/// Failure of another connector: a lost link was read as declined.
#[test]
fn a_submit_that_never_arrived_fails_with_proof_and_not_before() {
    for (flow, mut world) in both() {
        world.lose_next_submit();
        let request = world.pay("4711", 1_000);
        let unknown = world.until_unknown(&request, 130_000);
        assert_eq!((unknown.money, unknown.advice), (MoneyMoved::Unknown, Advice::Resolve), "{flow}");
        let result = world.finish(&request, 300_000);
        assert_eq!((result.state, result.money, result.advice), (State::Failed, MoneyMoved::NotMoved, Advice::Retry));
        let waited = result.ended_ms.expect("it has ended") - result.started_ms;
        assert!((210_000..260_000).contains(&waited), "{flow}: {waited}");
        assert_eq!(world.submits(request.payment), 1);
        world.acknowledge(&request);
        paid(&mut world, "4711", 1_000);
        world.assert_polite();
    }
}

#[test]
fn a_lost_answer_of_a_declined_card_is_a_decline() {
    for (flow, mut world) in both() {
        world.lose_next_answer();
        let request = world.pay("4711", 30_116);
        let result = world.finish(&request, 120_000);
        assert_eq!((result.state, result.money), (State::Declined, MoneyMoved::NotMoved), "{flow}");
        world.assert_polite();
    }
}

#[test]
fn a_lost_answer_of_what_somebody_canceled_ends_without_money() {
    for (flow, mut world) in both() {
        world.lose_next_answer();
        script(&mut world, &[Scenario::CustomerCancel]);
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 400_000);
        assert_eq!(result.money, MoneyMoved::NotMoved, "{flow}");
        assert!(flow != "checkout" || result.state == State::Canceled, "{result:#?}");
        world.assert_polite();
    }
}

/// Silence is no proof while the terminal says that it is in a payment.
#[test]
fn an_active_terminal_keeps_a_lost_submit_open() {
    for (flow, mut world) in both() {
        world.lose_next_submit();
        let request = world.pay("4711", 1_000);
        world.run(5_000);
        world.cloud.neighbor_pays(jf::TERMINAL_ID, 600_000);
        world.run(590_000);
        assert_eq!(request.snapshot().state, State::Unknown, "{flow}");
        let result = world.finish(&request, 300_000);
        assert_eq!(result.money, MoneyMoved::NotMoved, "{flow}");
        world.assert_polite();
    }
}

/// What comes first may be lost as often as it likes: nothing is charged, and within the shelf life it is done again.
#[test]
fn lost_answers_before_the_submit_cost_nothing() {
    for kind in [CallKind::Authenticate, CallKind::Prepare, CallKind::GetTerminal] {
        for when in [When::Before, When::After] {
            for (flow, mut world) in both() {
                world.cloud.client_restarts();
                world.cloud.fail_next(kind, when, Fault::Reset);
                let request = world.pay("4711", 1_000);
                let result = world.finish(&request, 60_000);
                assert_eq!(result.state, State::Approved, "{flow} {kind:?} {when:?}");
                assert!(!result.has(flag::RECOVERED));
                assert_eq!((world.submits(request.payment), world.cloud.moved_cents()), (1, 1_000));
            }
        }
    }
}

#[test]
fn without_a_road_the_shelf_life_ends_it_unsent() {
    for (flow, mut world) in both() {
        world.road = Road::Closed;
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 20_000);
        assert_eq!((result.state, result.money, result.advice), (State::Failed, MoneyMoved::NotMoved, Advice::Retry));
        assert_eq!(result.status, Status::Connect, "{flow}");
        let waited = result.ended_ms.expect("it has ended") - result.started_ms;
        assert!(waited <= 15_100, "{waited}");
        world.road = Road::Open;
        world.run(600_000);
        assert_eq!(world.cloud.count(CallKind::Submit), 0);
    }
}

/// A call that must come first and never answers does not hold up the till beyond the shelf life.
#[test]
fn silence_before_the_submit_ends_with_the_shelf_life() {
    for kind in [CallKind::Prepare, CallKind::GetTerminal] {
        for (flow, mut world) in both() {
            world.cloud.fail_next(kind, When::Before, Fault::Silence(3_600_000));
            let request = world.pay("4711", 1_000);
            let result = world.finish(&request, 60_000);
            assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{flow} {kind:?}");
            let waited = result.ended_ms.expect("it has ended") - result.started_ms;
            assert!(waited <= 31_000, "{flow} {kind:?}: {waited}");
            assert_eq!(world.cloud.count(CallKind::Submit), 0);
        }
    }
}

/// Failure of another connector: a 429 was taken for a failed sale.
#[test]
fn a_rate_limit_delays_a_sale_and_fails_none() {
    for (flow, mut world) in both() {
        for kind in [CallKind::Prepare, CallKind::GetTerminal, CallKind::Submit, CallKind::Poll] {
            world.cloud.fail_next(kind, When::Before, Fault::RateLimited(Some(2)));
        }
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 60_000);
        assert_eq!((result.state, world.cloud.moved_cents()), (State::Approved, 1_000), "{flow}");
    }
}

/// Failure of other connectors: 5xx and gateway pages answered by sending again.
#[test]
fn a_gateway_s_page_in_place_of_the_answer_is_unclear() {
    for fault in [Fault::ServerError, Fault::BadGateway, Fault::Forbidden, Fault::HalfBody, Fault::Garbage] {
        for when in [When::Before, When::After] {
            for (flow, mut world) in both() {
                world.cloud.fail_next(CallKind::Submit, when, fault);
                let request = world.pay("4711", 1_000);
                judge(&mut world, &format!("{flow} {fault:?} {when:?}"), request.payment);
                let moved = if when == When::After { 1_000 } else { 0 };
                assert_eq!(world.cloud.moved_cents(), moved, "{flow} {fault:?} {when:?}");
            }
        }
    }
}

/// Idempotency conflicts say that some call under this key is, or was, under way.
#[test]
fn a_conflict_of_idempotency_keys_is_unclear() {
    for code in ["idempotency_request_in_progress", "idempotency_params_mismatch"] {
        for when in [When::Before, When::After] {
            for (_, mut world) in both() {
                let body = format!("{{\"error\":{{\"code\":\"{code}\",\"message\":\"conflict\"}}}}");
                world.forge(CallKind::Submit, when, 409, &body);
                let request = world.pay("4711", 1_000);
                judge(&mut world, code, request.payment);
                let told = request.snapshot();
                assert_eq!(told.state == State::Approved, when == When::After, "{code}: {told:#?}");
            }
        }
    }
}

/// The same key for all sends of an attempt, in every run, and another one for the next attempt.
#[test]
fn idempotency_keys_come_from_the_wire_key() {
    for (flow, mut world) in both() {
        let request = world.pay("4711", 1_000);
        world.finish(&request, 60_000);
        let key = world.key(request.payment);
        let calls = world.calls_of(CallKind::Submit);
        let sent = calls[0].headers.iter().find(|(name, _)| name == "Idempotency-Key").map(|(_, key)| key.clone());
        assert_eq!(sent, Some(format!("{key}-pay")), "{flow}");
    }
}

/// At every moment of a sale: what the journal has is what the next run goes by.
#[test]
fn a_power_cut_at_any_moment_neither_loses_nor_doubles() {
    for flow in ["checkout", "payment_intent"] {
        for cut in (0..11_000).step_by(83) {
            let mut world = if flow == "checkout" { world() } else { world_of_intents() };
            let request = world.pay("4711", 1_000);
            world.run(cut);
            let key_known = world.first_fact(request.payment).is_some();
            world.power_cut(cut % 7 * 10_000);
            if !key_known {
                assert_eq!(world.cloud.moved_cents(), 0, "{flow} {cut}");
                continue;
            }
            judge(&mut world, &format!("{flow}, cut after {cut} ms"), request.payment);
            let told = world.again(request.payment).snapshot();
            assert!(told.state.is_final(), "{flow} {cut}: {}", world.story(request.payment));
            assert_eq!(told.money == MoneyMoved::Moved, world.cloud.moved_cents() == 1_000, "{flow} {cut}");
        }
    }
}

/// A sleeping machine reads before it judges.
#[test]
fn a_sleep_in_the_middle_is_followed_by_a_read() {
    for (flow, mut world) in both() {
        for nap in [10_000, 600_000] {
            let reference = format!("{flow}{nap}");
            let request = world.pay(&reference, 1_000);
            world.run(3_000);
            world.sleep(nap);
            let result = world.finish(&request, 120_000);
            assert_eq!(result.state, State::Approved, "{flow} {nap}");
            world.run(10_000);
        }
        world.assert_polite();
    }
}

/// Failure of another connector: it asked again and again, for ever, once the terminal had timed out.
#[test]
fn a_timeout_at_the_terminal_does_not_start_an_endless_loop() {
    for (flow, mut world) in both() {
        script(&mut world, &[Scenario::Timeout]);
        let request = world.pay("4711", 1_000);
        world.finish(&request, 400_000);
        world.acknowledge(&request);
        world.run(3_600_000 + 60_000);
        let calls = world.cloud.calls().len();
        assert!(calls < 600, "{flow}: {calls}");
        world.run(7 * 86_400_000);
        assert_eq!(world.cloud.calls().len(), calls, "{flow}: nobody asks any more");
        assert_eq!(world.submits(request.payment), 1);
    }
}
