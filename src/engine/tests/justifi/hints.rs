//! JustiFi's events (API reference, Event Types): checkouts and their completions, payment intents, payments. They make the
//! library look, and decide nothing. Both ways to pay.

use super::*;
use crate::payment::Kind;
use crate::payment::snapshot::{EventKind, MoneyMoved, State, flag};
use crate::status::Status;
use posjunction_simulator::justifi::Scenario;
use posjunction_simulator::{CallKind, Fault, When};
use serde_json::{Value, json};

/// Where the vendor gives our key back.
const WIRE_KEY: &str = "posjunction_key";

/// Worlds whose till looks once a minute, and whose vendor posts events.
fn patient() -> [(&'static str, JustiFi); 2] {
    ["checkout", "payment_intent"].map(|flow| {
        let settings = [("poll_interval_ms", 60_000), ("deadline", 600)];
        let mut world = World::of(jf::Cloud::new(jf::Setup::default()), &settings);
        world.configure("flow", flow);
        world.power_cut(0);
        world.cloud.subscribe();
        (flow, world)
    })
}

fn event(id: &str, name: &str, data: &Value) -> Vec<u8> {
    let body = json!({
        "id": id, "account_id": jf::SUB_ACCOUNT, "account_type": "test", "platform_account_id": null,
        "idempotency_key": null, "request_id": null, "version": "v1", "data": data, "event_name": name,
    });
    body.to_string().into_bytes()
}

/// A payment that waits for its card, so long that the library does not look by itself.
fn at_the_terminal(world: &mut JustiFi) -> Arc<Request> {
    script(world, &[Scenario::SlowCard]);
    let request = world.pay("4711", 1_000);
    world.run_until_fact(&request, 20_000, "accepted", |fact| matches!(fact, Fact::Accepted { .. }));
    world.run(5_000);
    request
}

/// The vendor's id of the checkout or intent.
fn prepared(world: &JustiFi) -> String {
    let checkouts = world.cloud.checkouts().last().map(|checkout| checkout.id.clone());
    checkouts.or_else(|| world.cloud.intents().last().map(|intent| intent.id.clone())).expect("one was made")
}

fn is_paid(request: &Request) -> bool {
    let told = request.snapshot();
    (told.state, told.money, told.approved_amount) == (State::Approved, MoneyMoved::Moved, 1_000)
}

#[test]
fn a_payment_is_told_when_its_event_comes_and_not_at_the_next_poll() {
    let told_after = |posts: bool| {
        patient().map(|(flow, mut world)| {
            let began = world.now;
            let request = world.pay("4711", 1_000);
            while !request.snapshot().state.is_final() {
                if posts {
                    world.run_posting(100);
                } else {
                    world.run(100);
                }
            }
            assert!(is_paid(&request), "{flow}");
            world.assert_polite();
            world.now - began
        })
    };
    for (alone, hinted) in told_after(false).into_iter().zip(told_after(true)) {
        assert!(alone > 30_000 && hinted < 12_000, "{alone} {hinted}");
    }
}

/// What the data of an event has of ours.
#[derive(Clone, Copy)]
enum Has {
    CheckoutId,
    ItsId,
    IntentId,
    Key,
}

const KINDS: [(&str, Has); 20] = [
    ("checkout.completion.processing", Has::CheckoutId),
    ("checkout.completion.succeeded", Has::CheckoutId),
    ("checkout.completion.failed", Has::CheckoutId),
    ("checkout.created", Has::ItsId),
    ("checkout.completed", Has::ItsId),
    ("payment_intent.attached", Has::ItsId),
    ("payment_intent.created", Has::ItsId),
    ("payment_intent.requires_capture", Has::ItsId),
    ("payment_intent.succeeded", Has::ItsId),
    ("payment.created", Has::CheckoutId),
    ("payment.succeeded", Has::CheckoutId),
    ("payment.failed", Has::IntentId),
    ("payment.pending", Has::IntentId),
    ("payment.authorized", Has::IntentId),
    ("payment.captured", Has::IntentId),
    ("payment.canceled", Has::Key),
    ("payment.refunded", Has::Key),
    ("payment.refund.updated", Has::Key),
    ("payment.dispute.created", Has::Key),
    ("payment.dispute.closed", Has::Key),
];

/// Whatever has happened to what is ours: one look, and none at a second copy.
#[test]
fn every_kind_of_event_makes_the_library_look_once() {
    for (name, has) in KINDS {
        for (flow, mut world) in patient() {
            let request = at_the_terminal(&mut world);
            let id = prepared(&world);
            let data = match has {
                Has::CheckoutId => json!({"id": "x", "checkout_id": id}),
                Has::ItsId => json!({"id": id, "successful_payment_id": null}),
                Has::IntentId => json!({"id": "x", "payment_intent_id": id}),
                Has::Key => json!({"id": "x", "metadata": {WIRE_KEY: world.key(request.payment)}}),
            };
            let body = event("evt_1", name, &data);
            assert_eq!(world.looks_after(&body), (1, 0), "{flow}: {name}");
            assert_eq!(world.looks_after(&body), (0, 0), "{flow}: {name}: a repetition");
            world.assert_polite();
        }
    }
    for (flow, mut world) in patient() {
        let request = at_the_terminal(&mut world);
        let data = json!({"id": prepared(&world), "metadata": {WIRE_KEY: world.key(request.payment)}});
        for name in ["payout.paid", "terminal_order.updated", "payment_method.created", "report.completed"] {
            assert_eq!(world.looks_after(&event(name, name, &data)), (0, 0), "{flow}: {name}");
        }
    }
}

#[test]
fn a_forged_event_is_refused_and_nobody_looks() {
    for (flow, mut world) in patient() {
        at_the_terminal(&mut world);
        let body = event("evt_1", "checkout.completed", &json!({"id": prepared(&world)}));
        let calls = world.cloud.calls().len();
        assert_eq!(world.post_signed("somebody else's secret", &body), Status::Signature);
        assert_eq!(world.post_signed("", &body), Status::Signature);
        let zeros = format!("JUSTIFI-TIMESTAMP: 1793620800\r\nJUSTIFI-SIGNATURE: {}", "0".repeat(64));
        assert_eq!(world.receive(&zeros, &body), Status::Signature);
        world.run(2_500);
        assert_eq!(world.cloud.calls().len(), calls, "{flow}");
        assert_eq!(world.looks_after(&body).0, 1, "a forgery does not use up the event's id");
    }
}

/// The event says that the card is charged, or declined. The vendor's own answers do not.
#[test]
fn what_an_event_says_is_not_believed() {
    for (flow, mut world) in patient() {
        let request = at_the_terminal(&mut world);
        let id = prepared(&world);
        let lies = [
            ("checkout.completed", json!({"id": id, "status": "completed", "successful_payment_id": "py_lie"})),
            ("checkout.completion.failed", json!({"id": "chc_x", "checkout_id": id, "status": "failed"})),
            ("payment_intent.succeeded", json!({"id": id, "status": "succeeded", "successful_payment_id": "py_lie"})),
            ("payment.failed", json!({"id": "py_lie2", "payment_intent_id": id, "checkout_id": id})),
        ];
        for (name, data) in lies {
            assert_eq!(world.looks_after(&event(name, name, &data)).0, 1, "{flow}: {name}");
            assert!(request.snapshot().state.is_running(), "{flow}: {name}");
        }
        let result = world.finish(&request, 120_000);
        assert!(is_paid(&request), "{flow}: {result:#?}");
        assert!(!result.transaction_id.starts_with("py_lie"), "{flow}");
    }
}

/// The vendor's answers cannot be had while the event says "approved": the till is told when they can.
#[test]
fn approved_is_told_only_after_a_read_that_shows_it() {
    for (flow, mut world) in patient() {
        let request = at_the_terminal(&mut world);
        for _ in 0..4 {
            world.cloud.fail_next(CallKind::Poll, When::Before, Fault::ServerError);
            world.cloud.fail_next(CallKind::GetTransaction, When::Before, Fault::ServerError);
        }
        let polls = world.count(CallKind::Poll);
        while world.cloud.moved_cents() == 0 || world.count(CallKind::Poll) == polls {
            world.run_posting(100);
        }
        world.run_posting(2_000);
        assert!(world.cloud.moved_cents() == 1_000 && !request.snapshot().state.is_final(), "{flow}");
        world.finish(&request, 60_000);
        assert!(is_paid(&request), "{flow}");
    }
}

#[test]
fn a_repetition_is_dropped_also_in_the_next_run() {
    for (flow, mut world) in patient() {
        at_the_terminal(&mut world);
        let body = event("evt_1", "checkout.created", &json!({"id": prepared(&world)}));
        assert_eq!(world.looks_after(&body), (1, 0), "{flow}");
        world.power_cut(1_000);
        world.run(3_000);
        assert_eq!(world.looks_after(&body), (0, 0), "{flow}: the journal knows it");
    }
}

#[test]
fn any_order_leads_to_the_same_result() {
    for turn in 0..7 {
        for (flow, mut world) in patient() {
            let request = world.pay("4711", 1_000);
            let mut events = world.withheld(15_000);
            assert!(events.len() >= 4, "{flow}: {events:?}");
            let turn = turn % events.len();
            events.rotate_left(turn);
            if turn == 1 {
                events.reverse();
            }
            for event in events {
                world.post(&event.body);
                world.post(&event.body);
                world.run(30);
            }
            world.finish(&request, 5_000);
            assert!(is_paid(&request), "{flow} {turn}");
            world.run(5_000);
            assert_eq!(world.news_of(request.payment).iter().filter(|kind| **kind == EventKind::Result).count(), 1);
            world.assert_polite();
        }
    }
}

/// The customer is faster than the answer to the submit.
#[test]
fn an_event_that_comes_before_the_answer_is_kept() {
    for (flow, mut world) in patient() {
        world.cloud.fail_next(CallKind::Submit, When::After, Fault::Delay(20_000));
        let request = world.pay("4711", 1_000);
        world.run_posting(18_000);
        let accepted = world.has_fact(request.payment, |fact| matches!(fact, Fact::Accepted { .. }));
        assert!(world.cloud.moved_cents() == 1_000 && !accepted, "{flow}");
        world.run_until_fact(&request, 10_000, "accepted", |fact| matches!(fact, Fact::Accepted { .. }));
        let accepted = world.now;
        world.finish(&request, 5_000);
        assert!(is_paid(&request) && world.now - accepted < 1_000, "{flow}: {}", world.now - accepted);
        world.assert_polite();
    }
}

/// The checkout or intent can be read for a lost answer, too: an event makes it be read sooner.
#[test]
fn a_lost_answer_is_found_when_an_event_comes() {
    for (flow, mut world) in patient() {
        world.lose_next_answer();
        script(&mut world, &[Scenario::SlowCard]);
        let request = world.pay("4711", 1_000);
        while world.cloud.moved_cents() == 0 {
            world.run_posting(100);
        }
        let paid_at = world.now;
        while !request.snapshot().state.is_final() {
            world.run_posting(100);
            assert!(world.now < paid_at + 4_000, "{flow}");
        }
        assert!(is_paid(&request) && request.snapshot().has(flag::RECOVERED), "{flow}");
        assert_eq!(world.submits(request.payment), 1);
        world.assert_polite();
    }
}

/// A payment whose key is somebody else's is not ours, although the event names our checkout.
#[test]
fn other_peoples_events_change_nothing() {
    for (flow, mut world) in patient() {
        let request = at_the_terminal(&mut world);
        let facts = world.facts(request.payment).len();
        let theirs = json!({"id": "py_theirs", "checkout_id": "cho_theirs", "payment_intent_id": "pi_theirs",
            "terminal_id": jf::TERMINAL_ID, "metadata": {WIRE_KEY: "PJ-theirs"}});
        let names = ["payment.succeeded", "payment.failed", "payment.refunded", "checkout.completion.failed"];
        for name in names.into_iter().chain(["checkout.completed", "payment_intent.succeeded"]) {
            assert_eq!(world.looks_after(&event(name, name, &theirs)), (0, 0), "{flow}: {name}");
        }
        for odd in [&b"[]"[..], b"no event", br#"{"event_name":"payment.created"}"#] {
            assert_eq!(world.looks_after(odd), (0, 0));
        }
        assert_eq!(world.facts(request.payment).len(), facts, "{flow}");
        assert!(request.snapshot().state.is_running());
        world.finish(&request, 120_000);
        assert!(is_paid(&request), "{flow}");
    }
}

#[test]
fn an_approval_after_the_end_is_told_when_its_event_comes() {
    let [(_, mut world), _] = patient();
    world.checks.vendor_hides_money = true;
    script(&mut world, &[Scenario::ApproveAfterTimeout]);
    let request = world.pay("4711", 1_000);
    let first = world.finish(&request, 600_000);
    assert_eq!(first.money, MoneyMoved::NotMoved, "{first:#?}");
    world.cloud.take_events();
    while world.cloud.moved_cents() == 0 {
        world.run(100);
    }
    assert!(!request.snapshot().has(flag::LATE));
    let moved = world.now;
    while !request.snapshot().has(flag::LATE) {
        world.run_posting(100);
        assert!(world.now < moved + 5_000);
    }
    assert!(is_paid(&request) && world.news_of(request.payment).contains(&EventKind::LateApproval));
}

/// The refund's key stands in its metadata, which the vendor gives back.
#[test]
fn a_lost_refund_is_found_when_its_event_comes() {
    for (flow, mut world) in patient() {
        let (_, _) = paid(&mut world, "4711", 1_000);
        world.run_posting(1_000);
        world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
        let refund = [("reference", "R"), ("original", "4711")];
        let refund = world.ask(Kind::Refund, &refund, &[("amount", 400)]).expect("taken");
        let began = world.now;
        while !refund.snapshot().state.is_final() {
            world.run_posting(100);
            assert!(world.now < began + 10_000, "{flow}");
        }
        let told = refund.snapshot();
        assert_eq!((told.state, told.money, told.approved_amount), (State::Approved, MoneyMoved::Moved, 400), "{flow}");
        world.assert_polite();
    }
}
