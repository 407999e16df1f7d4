//! What nobody outside JustiFi knows, played both ways (truth, section 14).

use super::*;
use crate::payment::Kind;
use crate::payment::snapshot::{Advice, MoneyMoved, State};
use crate::status::Status;
use posjunction_simulator::justifi::{Abandoned, AmountType, ErrorShape, ListOrder, Scenario, Switches};
use posjunction_simulator::{CallKind, Fault, When};

type Switch = (&'static str, fn(&mut Switches));

/// Each of these leaves an ordinary day as it is.
const HARMLESS: &[Switch] = &[
    ("attempted while processing", |s| s.attempted_while_processing = true),
    ("idempotent pay", |s| s.idempotent_pay = true),
    ("idempotent checkouts", |s| s.idempotent_checkouts = true),
    ("a key is forgotten after an hour", |s| s.key_lifetime_ms = Some(3_600_000)),
    ("a key is forgotten at once", |s| (s.idempotent_pay, s.key_lifetime_ms) = (true, Some(0))),
    ("completions lag", |s| s.completion_lag_ms = 5_000),
    ("completions only at the end", |s| s.completion_at_end = true),
    ("completions newest first", |s| s.completions_newest_first = true),
    ("each card an attempt", |s| s.declined_card_is_attempt = true),
    ("abandoned is failed", |s| s.abandoned = Abandoned::Failed),
    ("abandoned has a code", |s| s.abandoned_codes = true),
    ("abandoned is failed, with a code", |s| (s.abandoned, s.abandoned_codes) = (Abandoned::Failed, true)),
    ("session without payment", |s| s.session_payment_null = true),
    ("links are null", |s| s.links_null = true),
    ("amounts are text", |s| s.amounts = AmountType::Text),
    ("amounts are decimals", |s| s.amounts = AmountType::Decimal),
    ("last four as number", |s| s.last_four_as_number = true),
    ("times with milliseconds", |s| s.times_with_ms = true),
    ("card as keyed", |s| s.card_as_keyed = true),
    ("the oldest page's replies", |s| s.seed_replies = true),
    ("intents without envelope", |s| s.intents_bare = true),
    ("lists with an id", |s| s.list_id_one = true),
    ("errors as text", |s| s.error_shape = ErrorShape::Text),
    ("errors as message", |s| s.error_shape = ErrorShape::Message),
    ("errors as list", |s| s.error_shape = ErrorShape::List),
    ("always connected", |s| s.terminal_always_connected = true),
    ("status in lower case", |s| s.status_in_lower_case = true),
    ("token tells its life", |s| s.token_tells_life = true),
    ("a fresh payment is unknown", |s| s.fresh_payment_404_ms = 3_000),
    ("lists come in any order", |s| s.list_order = ListOrder::Shuffled),
    ("metadata is dropped", |s| s.metadata_dropped = true),
];

#[test]
fn sales_declines_and_cancels_end_as_ever() {
    for (name, switch) in HARMLESS {
        for (flow, mut world) in both_where(switch) {
            let what = format!("{name}, {flow}");
            script(&mut world, &[Scenario::Decline(116), Scenario::CustomerCancel]);
            let first = world.pay("4711", 1_000);
            assert_eq!(world.finish(&first, 60_000).state, State::Declined, "{what}");
            world.run(5_000);
            world.acknowledge(&first);
            let second = world.pay("4711", 1_000);
            let state = world.finish(&second, 400_000).state;
            let declined_too = flow == "checkout" && name.starts_with("abandoned is failed");
            let fits = matches!(state, State::Canceled | State::TimedOut) || (declined_too && state == State::Declined);
            assert!(fits, "{what}: {state:?}");
            world.run(5_000);
            world.acknowledge(&second);
            let (sale, id) = paid(&mut world, "4711", 1_000);
            assert!(id.starts_with("py_"), "{what}");
            world.run(3_600_000);
            assert_eq!((world.cloud.moved_cents(), world.submits(sale.payment)), (1_000, 1), "{what}");
            assert!(world.cloud.violations().is_empty(), "{what}: {:#?}", world.cloud.violations());
        }
    }
}

#[test]
fn lost_answers_are_found_as_ever() {
    for (name, switch) in HARMLESS {
        for when in [When::Before, When::After] {
            for (flow, mut world) in both_where(switch) {
                world.cloud.fail_next(CallKind::Submit, when, Fault::Reset);
                let request = world.pay("4711", 1_000);
                let what = format!("{name}, {flow}, {when:?}");
                judge(&mut world, &what, request.payment);
                let told = request.snapshot();
                assert!(told.state.is_final(), "{what}: {}", world.story(request.payment));
                assert_eq!(told.money == MoneyMoved::Moved, when == When::After, "{what}");
            }
        }
    }
}

#[test]
fn refunds_go_as_ever() {
    for (name, switch) in HARMLESS {
        for lost in [None, Some(When::Before), Some(When::After)] {
            for (flow, mut world) in both_where(switch) {
                paid(&mut world, "4711", 1_000);
                if let Some(when) = lost {
                    world.cloud.fail_next(CallKind::Refund, when, Fault::Reset);
                }
                let texts = [("reference", "R1"), ("original", "4711")];
                let refund = world.ask(crate::payment::Kind::Refund, &texts, &[("amount", 300)]).map_err(|r| r.1);
                let result = world.finish(&refund.expect("it may start"), 600_000);
                let executed = lost != Some(When::Before);
                assert_eq!(result.money == MoneyMoved::Moved, executed, "{name}, {flow}, {lost:?}: {result:#?}");
                assert_eq!(world.cloud.moved_cents(), if executed { 700 } else { 1_000 }, "{name}");
            }
        }
    }
}

/// A new checkout that cannot be read yet is waited for; nothing is sent without its baseline.
#[test]
fn a_fresh_checkout_that_is_unknown_for_a_moment_is_waited_for() {
    for (flow, mut world) in both_where(|s| s.fresh_checkout_404_ms = 4_000) {
        let request = world.pay("4711", 1_000);
        assert_eq!(world.finish(&request, 60_000).state, State::Approved, "{flow}");
        world.assert_polite();
    }
}

#[test]
fn what_the_key_pair_may_not_do_ends_unsent_and_is_a_matter_of_the_set_up() {
    for kind in [CallKind::Prepare, CallKind::GetTerminal, CallKind::Submit] {
        for (flow, mut world) in both_where(|s| s.forbidden = vec![kind]) {
            let request = world.pay("4711", 1_000);
            let result = world.finish(&request, 20_000);
            assert_eq!((result.state, result.status), (State::Failed, Status::Forbidden), "{flow} {kind:?}");
            assert_eq!(world.cloud.moved_cents(), 0);
        }
    }
}

/// Nothing heals it: the till is told at once, not when the intent's shelf life is over.
#[test]
fn a_sub_account_that_is_not_enabled_ends_unsent_and_at_once() {
    for (flow, mut world) in both_where(|s| s.sub_account_disabled = true) {
        let request = world.pay("4711", 1_000);
        let result = world.finish(&request, 1_000);
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{flow}");
        assert_eq!((result.status, result.advice), (Status::Forbidden, Advice::FixSetup), "{flow}");
        assert_eq!((result.http_status, world.cloud.count(CallKind::Submit)), (400, 0), "{flow}");
    }
}

/// The same when it is switched off after the sale: a refund is refused for good.
#[test]
fn a_refund_of_a_sub_account_that_is_not_enabled_is_refused() {
    let mut world = world();
    paid(&mut world, "4711", 1_000);
    world.cloud.switches.sub_account_disabled = true;
    let texts = [("reference", "R1"), ("original", "4711")];
    let refund = world.ask(Kind::Refund, &texts, &[("amount", 400)]).map_err(|r| r.1).expect("it may start");
    let result = world.finish(&refund, 5_000);
    assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::Forbidden, Advice::FixSetup));
    assert_eq!(world.cloud.moved_cents(), 1_000);
}

/// Lists that hide everything: an intent's payments are never seen, and what cannot be seen proves nothing.
#[test]
fn hidden_lists_never_make_bad_news() {
    for lag in [0, 20_000, 120_000] {
        let hide = |s: &mut Switches| (s.lists_hide_all, s.list_lag_ms) = (lag == 0, lag);
        for scenario in [Scenario::Approve, Scenario::HiddenApproval, Scenario::Decline(116)] {
            for (flow, mut world) in both_where(hide) {
                world.checks.vendor_hides_money = true;
                script(&mut world, &[scenario]);
                let request = world.pay("4711", 1_000);
                world.run(3 * 3_600_000);
                let told = world.again_or(&request).snapshot();
                let moved = world.cloud.moved_cents() == 1_000;
                let lied = moved && told.money == MoneyMoved::NotMoved;
                assert!(!lied, "{flow} {scenario:?} {lag}: {}", world.story(request.payment));
            }
        }
    }
}
