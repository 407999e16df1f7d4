//! Work on payments: refunds, voids, reversals, captures, reads; each with its answer lost before and after the work.

use super::*;
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, Snapshot, State, flag};
use crate::status::Status;
use posjunction_simulator::justifi::Scenario;
use posjunction_simulator::{CallKind, Fault, When};

const WINDOW_MS: u64 = 25 * 60_000;

fn ask(world: &mut JustiFi, kind: Kind, reference: &str, amount: Option<i64>) -> Arc<Request> {
    let amounts: Vec<(&str, i64)> = amount.map(|amount| ("amount", amount)).into_iter().collect();
    let texts = [("reference", reference), ("original", "4711")];
    world.ask(kind, &texts, &amounts).map_err(|refused| (refused.0, refused.1)).expect("it may start")
}

fn done(world: &mut JustiFi, kind: Kind, reference: &str, amount: Option<i64>) -> Snapshot {
    let request = ask(world, kind, reference, amount);
    let result = world.finish(&request, 600_000);
    world.run(2_000);
    result
}

#[test]
fn a_refund_gives_back_what_was_asked_and_then_the_rest() {
    for (flow, mut world) in both() {
        let (sale, _) = paid(&mut world, "4711", 1_000);
        let part = done(&mut world, Kind::Refund, "R1", Some(300));
        assert_eq!((part.state, part.money, part.approved_amount), (State::Approved, MoneyMoved::Moved, 300), "{flow}");
        assert!(part.transaction_id.starts_with("re_"), "{flow}: {part:#?}");
        assert!(!part.has(flag::RECOVERED | flag::PARTIAL | flag::AMOUNT_DIFFERS));
        let rest = done(&mut world, Kind::Refund, "R2", None);
        assert_eq!((rest.state, rest.approved_amount, world.cloud.moved_cents()), (State::Approved, 700, 0), "{flow}");
        assert_eq!(world.again_or(&sale).snapshot().approved_amount, 1_000);
        let none = done(&mut world, Kind::Refund, "R3", None);
        assert_eq!((none.state, none.status), (State::Failed, Status::Rejected), "{flow}");
        world.assert_polite();
    }
}

/// Truth, section 7.
#[test]
fn a_lost_refund_is_found_by_its_key_and_never_sent_again() {
    for (flow, mut world) in both() {
        paid(&mut world, "4711", 1_000);
        world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
        let result = done(&mut world, Kind::Refund, "R1", Some(300));
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{flow}");
        assert!(result.has(flag::RECOVERED));
        assert_eq!((world.cloud.refunds().len(), world.cloud.count(CallKind::Refund)), (1, 1), "{flow}");
        world.assert_polite();
    }
}

#[test]
fn a_refund_that_never_arrived_fails_after_five_minutes_with_proof() {
    for (flow, mut world) in both() {
        paid(&mut world, "4711", 1_000);
        world.cloud.fail_next(CallKind::Refund, When::Before, Fault::Reset);
        let result = done(&mut world, Kind::Refund, "R1", Some(300));
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{flow}");
        assert!(result.ended_ms.expect("it has ended") - result.started_ms >= 300_000);
        assert_eq!(world.cloud.count(CallKind::Refund), 1);
        world.assert_polite();
    }
}

/// Two equal refunds, the answer to either lost before or after the work: each is told apart by its key.
#[test]
fn two_equal_partial_refunds_are_told_apart() {
    for lost in 0..2 {
        for when in [When::Before, When::After] {
            for (flow, mut world) in both() {
                paid(&mut world, "4711", 1_000);
                let mut results = Vec::new();
                for number in 0..2 {
                    if number == lost {
                        world.cloud.fail_next(CallKind::Refund, when, Fault::Reset);
                    }
                    results.push(done(&mut world, Kind::Refund, &format!("R{number}"), Some(250)));
                }
                let moved = results.iter().filter(|r| r.money == MoneyMoved::Moved).count() as i64;
                assert_eq!(world.cloud.moved_cents(), 1_000 - 250 * moved, "{flow} {lost} {when:?}");
                assert_eq!(moved, if when == When::After { 2 } else { 1 });
                let ids: std::collections::BTreeSet<_> = results.iter().map(|r| r.transaction_id.clone()).collect();
                assert_eq!(ids.len(), 2, "{flow}: one refund was told twice");
            }
        }
    }
}

/// An equal refund that somebody made by hand before is none of ours, and none that could be.
#[test]
fn a_refund_from_before_does_not_stand_in_the_way_of_proof() {
    let mut world = world();
    paid(&mut world, "4711", 1_000);
    done(&mut world, Kind::Refund, "R1", Some(250));
    world.cloud.fail_next(CallKind::Refund, When::Before, Fault::Reset);
    let result = done(&mut world, Kind::Refund, "R2", Some(250));
    assert_eq!((result.state, world.cloud.moved_cents()), (State::Failed, 750));
}

#[test]
fn a_pending_refund_is_told_when_it_is_decided() {
    for fails in [false, true] {
        for (flow, mut world) in both_where(|s| (s.refund_pending_ms, s.refunds_fail) = (60_000, fails)) {
            paid(&mut world, "4711", 1_000);
            let refund = ask(&mut world, Kind::Refund, "R1", Some(300));
            world.run(30_000);
            assert!(refund.snapshot().state.is_running(), "{flow}");
            let result = world.finish(&refund, 120_000);
            let (state, money) =
                if fails { (State::Declined, MoneyMoved::NotMoved) } else { (State::Approved, MoneyMoved::Moved) };
            assert_eq!((result.state, result.money), (state, money), "{flow}");
            world.assert_polite();
        }
    }
}

/// What takes days is not asked for every two seconds.
#[test]
fn a_refund_that_takes_days_is_looked_at_patiently() {
    let mut world = world_where(|s| s.refund_pending_ms = 3 * 86_400_000);
    paid(&mut world, "4711", 1_000);
    let refund = ask(&mut world, Kind::Refund, "R1", Some(300));
    world.run(86_400_000);
    assert_eq!(refund.snapshot().state, State::Unknown);
    let reads = world.cloud.count(CallKind::GetTransaction);
    assert!(reads < 3_000, "{reads}");
    assert_eq!(world.finish(&refund, 3 * 86_400_000).state, State::Approved);
}

#[test]
fn a_void_inside_its_window_reverses_the_sale() {
    for (flow, mut world) in both() {
        let (sale, id) = paid(&mut world, "4711", 1_000);
        let result = done(&mut world, Kind::Void, "V1", None);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed), "{flow}");
        assert_eq!((result.transaction_id, world.cloud.moved_cents()), (id, 0));
        assert_eq!(world.again_or(&sale).snapshot().money, MoneyMoved::Reversed);
        world.assert_polite();
    }
}

/// "payment_outside_void_window, then refund."
#[test]
fn a_void_outside_its_window_is_refused_and_a_reverse_refunds() {
    for (flow, mut world) in both() {
        paid(&mut world, "4711", 1_000);
        world.run(WINDOW_MS + 60_000);
        let result = done(&mut world, Kind::Void, "V1", None);
        assert_eq!((result.state, result.status), (State::Failed, Status::Rejected), "{flow}");
        assert!(result.message.contains("payment_outside_void_window"), "{}", result.message);
        assert_eq!((result.advice, world.cloud.moved_cents()), (Advice::FixRequest, 1_000));
        let result = done(&mut world, Kind::Reverse, "V2", None);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Reversed), "{flow}");
        assert_eq!((world.cloud.moved_cents(), world.cloud.refunds().len()), (0, 1));
        world.assert_polite();
    }
}

#[test]
fn a_reverse_inside_the_window_is_a_void() {
    for (flow, mut world) in both() {
        paid(&mut world, "4711", 1_000);
        let result = done(&mut world, Kind::Reverse, "V1", None);
        assert_eq!(
            (result.state, world.cloud.moved_cents(), world.cloud.refunds().len()),
            (State::Approved, 0, 0),
            "{flow}"
        );
        world.assert_polite();
    }
}

/// Never refund after a lost answer to a void: it would be given back twice.
#[test]
fn lost_voids_captures_and_reverses_end_with_the_truth() {
    for kind in [Kind::Void, Kind::Reverse] {
        for when in [When::Before, When::After] {
            for late in [false, true] {
                for (flow, mut world) in both() {
                    paid(&mut world, "4711", 1_000);
                    if late {
                        world.run(WINDOW_MS - 30_000);
                    }
                    world.cloud.fail_next(CallKind::Void, when, Fault::Reset);
                    let result = done(&mut world, kind, "V1", None);
                    let what = format!("{flow} {kind:?} {when:?} {late}: {result:#?}");
                    let given_back = world.cloud.moved_cents() == 0;
                    assert_eq!(result.money == MoneyMoved::Reversed, given_back, "{what}");
                    assert!(world.cloud.moved_cents() >= 0, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_lost_capture_is_read_and_done_again_if_need_be() {
    for when in [When::Before, When::After] {
        for (flow, mut world) in both() {
            script(&mut world, &[Scenario::AuthorizeOnly]);
            paid(&mut world, "4711", 1_000);
            world.cloud.fail_next(CallKind::Capture, when, Fault::Reset);
            let result = done(&mut world, Kind::Capture, "C1", None);
            assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{flow} {when:?}");
            assert_eq!(world.cloud.moved_cents(), 1_000);
            world.assert_polite();
        }
    }
}

/// "Already" is success.
#[test]
fn a_capture_of_what_is_captured_is_done() {
    for (flow, mut world) in both() {
        paid(&mut world, "4711", 1_000);
        let result = done(&mut world, Kind::Capture, "C1", None);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{flow}");
        world.assert_polite();
    }
}

#[test]
fn a_transaction_can_be_fetched() {
    for (flow, mut world) in both() {
        let (_, id) = paid(&mut world, "4711", 1_000);
        let refund = done(&mut world, Kind::Refund, "R1", Some(100)).transaction_id;
        for wanted in [id, refund] {
            let fetched = world.ask(Kind::FetchTransaction, &[("transaction", &wanted)], &[]).map_err(|r| r.1);
            let result = world.finish(&fetched.expect("it may start"), 60_000);
            assert_eq!((result.state, &result.transaction_id), (State::Completed, &wanted), "{flow}");
        }
        let missing = world.ask(Kind::FetchTransaction, &[("transaction", "py_unknown")], &[]).map_err(|r| r.1);
        let result = world.finish(&missing.expect("it may start"), 60_000);
        assert_eq!((result.state, result.status), (State::Failed, Status::NotFound), "{flow}");
    }
}

/// Truth, section 4: a sale that is found given back is no sale.
#[test]
fn a_sale_that_was_voided_before_it_was_read_is_canceled_and_reversed() {
    let mut world = world();
    world.lose_next_answer();
    let request = world.pay("4711", 1_000);
    world.run_until(30_000, "dispatched", |w| w.cloud.count(CallKind::Submit) == 1);
    world.road = crate::engine::tests::world::Road::Closed;
    world.run_cloud_until(60_000, "paid", |c| c.moved_cents() == 1_000);
    let (id, now) = (world.cloud.ledger()[0].id.clone(), world.now);
    let token = world.cloud.handle(now, &jf::token_request());
    let token: serde_json::Value = serde_json::from_slice(&token.body).expect("JSON");
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let void = jf::request(&token, "POST", &format!("/payments/{id}/void"), &serde_json::Value::Null, "by-hand");
    assert_eq!(world.cloud.handle(now, &void).status, 200);
    world.road = crate::engine::tests::world::Road::Open;
    let result = world.finish(&request, 400_000);
    assert_eq!((result.state, result.money), (State::Canceled, MoneyMoved::Reversed));
}

/// A payment that was given back whole looks like one that was voided.
#[test]
fn a_refund_that_gives_back_all_is_no_late_void() {
    let mut world = world_where(|s| s.error_shape = jf::ErrorShape::Message);
    paid(&mut world, "4711", 1234);
    world.cloud.settle();
    let void = world.ask(Kind::Void, &[("reference", "4712"), ("original", "4711")], &[]).unwrap();
    world.finish(&void, 900_000);
    world.acknowledge(&void);
    let refund = world.ask(Kind::Refund, &[("reference", "4713"), ("original", "4711")], &[]).unwrap();
    assert_eq!(world.finish(&refund, 60_000).state, State::Approved);
    world.run(2 * 3_600_000);
    assert_eq!(world.news_of(void.payment), [EventKind::Result], "{}", world.story(void.payment));
    // And what is refused then is refused for the right reason.
    let more = world.ask(Kind::Refund, &[("reference", "4714"), ("original", "4711")], &[("amount", 100)]).unwrap();
    let result = world.finish(&more, 60_000);
    assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
    assert!(result.message.contains("given back already"), "{}", result.message);
}
