//! Truth, section 3: after a lost answer. What proves absence, what does not, and when the till is told.

use super::world::{Road, World};
use crate::payment::snapshot::{Advice, Detail, MoneyMoved, State, flag};
use crate::payment::{Fact, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj, SearchOrder};
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

type Request = Arc<crate::engine::Request>;

/// A payment whose submit got lost on the road, told as unknown, in a world that has seen a sale.
fn lost_and_unknown(world: &mut World) -> Request {
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    request
}

/// A sale on the same terminal despite the unknown one.
fn next_sale(world: &mut World) -> Request {
    let texts = [("reference", "4712")];
    world
        .ask(Kind::Payment, &texts, &[("amount", 500), ("despite_unknown", 1)])
        .unwrap_or_else(|(_, t, _)| panic!("{t}"))
}

/// Promise 3.
#[test]
fn until_the_deadline_a_lost_answer_keeps_its_state_and_money_is_unknown() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    let asked = world.now;
    for _ in 0..8 {
        world.run(10_000);
        let snapshot = request.snapshot();
        assert_eq!((snapshot.state, snapshot.money), (State::Sending, MoneyMoved::Unknown));
        assert_eq!((snapshot.advice, snapshot.status), (Advice::Wait, Status::ConnectionLost));
    }
    let snapshot = world.until_unknown(&request, 60_000);
    assert!(world.now - asked <= 90_500, "told after {} ms", world.now - asked);
    assert_eq!((snapshot.advice, snapshot.money), (Advice::Resolve, MoneyMoved::Unknown));
    assert!(!snapshot.has(flag::FINAL));
    assert_eq!(world.submits(request.payment), 1);
}

/// Promise 3: time alone is never proof at PayJunction.
#[test]
fn a_day_without_a_trace_proves_nothing() {
    let mut world = World::new();
    let request = lost_and_unknown(&mut world);
    world.run(86_400_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    assert_eq!(world.submits(request.payment), 1);
    let looks = world.calls_of(CallKind::Search).len();
    assert!((100..1_000).contains(&looks), "it goes on looking, patiently: {looks}");
    world.assert_polite();
}

/// Promise 3.
#[test]
fn a_lost_answer_has_failed_once_the_terminal_is_proven_clear_and_two_searches_are_empty() {
    let mut world = World::new();
    let request = lost_and_unknown(&mut world);
    let next = next_sale(&mut world);
    let payment = request.payment;
    world.run_until(30_000, "cleared", |w| w.has_fact(payment, |f| matches!(f, Fact::TerminalCleared)));
    let cleared = world.now;
    assert_eq!(world.finish(&next, 60_000).state, State::Approved);
    let result = world.finish(&request, 400_000);
    assert_eq!((result.state, result.money, result.advice), (State::Failed, MoneyMoved::NotMoved, Advice::Retry));
    // L after the proof, then two searches a minute apart.
    assert!(world.now >= cleared + 120_000 + 60_000, "after {} ms", world.now - cleared);
    let began: Vec<u64> = world
        .facts(payment)
        .into_iter()
        .filter_map(|f| match f {
            Fact::LookedUp(l) if l.began_ms >= cleared + 120_000 => Some(l.began_ms),
            _ => None,
        })
        .collect();
    assert!(began.len() >= 2 && began.last().unwrap() - began[0] >= 60_000, "{began:?}");
    world.assert_polite();
}

/// Promise 3: an account that the login cannot search looks empty.
#[test]
fn a_search_that_does_not_see_a_known_sale_proves_nothing() {
    let mut world = World::new();
    let request = lost_and_unknown(&mut world);
    world.cloud.switches.search_hides_accounts = vec![pj::MERCHANT_TERMINAL_ID];
    let next = next_sale(&mut world);
    world.finish(&next, 60_000);
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    world.cloud.switches.search_hides_accounts.clear();
    assert_eq!(world.finish(&request, 3_600_000).state, State::Failed);
}

/// Promise 3: without an earlier sale there is nothing to be sighted by.
#[test]
fn in_an_empty_account_absence_proves_nothing() {
    let mut world = World::new();
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    let next = next_sale(&mut world);
    world.finish(&next, 60_000);
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
}

/// Promise 3: a field that the vendor drops cannot sight a search.
#[test]
fn a_known_sale_without_its_key_does_not_sight_a_search() {
    let mut world = World::new();
    world.cloud.switches.purchase_order_dropped = true;
    let request = lost_and_unknown(&mut world);
    let next = next_sale(&mut world);
    world.finish(&next, 60_000);
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
}

/// Promise 3: a search with an error in one of its pages was not complete.
#[test]
fn an_incomplete_search_proves_nothing() {
    let mut world = World::new();
    let request = lost_and_unknown(&mut world);
    let next = next_sale(&mut world);
    world.finish(&next, 60_000);
    for _ in 0..1_000 {
        // The search by key succeeds, the list behind it does not.
        world.cloud.fail_next(
            posjunction_simulator::Matcher::from(CallKind::Search).nth(2),
            When::Before,
            Fault::BadGateway,
        );
    }
    world.run(1_200_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    world.cloud.heal();
    assert_eq!(world.finish(&request, 3_600_000).state, State::Failed);
}

/// Promise 3: a search whose pages never end was not complete, though it saw a known sale.
#[test]
fn a_search_without_an_end_proves_nothing() {
    let mut world = World::new();
    let request = lost_and_unknown(&mut world);
    let known = world.calls_of(CallKind::GetTransaction)[0].answer.clone();
    let next = next_sale(&mut world);
    world.finish(&next, 60_000);
    let page = format!("{{\"results\": [{known}], \"next\": \"https://api.payjunctionlabs.com/transactions\"}}");
    for _ in 0..1_000 {
        world.forge(CallKind::Search, When::Before, 200, &page);
    }
    world.run(600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    let incomplete = |f: &Fact| matches!(f, Fact::LookedUp(l) if !l.complete && l.sighted && l.candidates.is_empty());
    assert!(world.has_fact(request.payment, incomplete));
}

/// Promise 8: a look-alike forbids FAILED, is never APPROVED, and is shown to a person.
#[test]
pub(super) fn a_look_alike_is_a_candidate_and_never_a_result() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.switches.purchase_order_dropped = true;
    world.lose_next_answer();
    let request = world.pay("4711", 1234);
    let snapshot = world.until_unknown(&request, 100_000);
    assert_eq!(snapshot.details.get("candidates.count"), Some(&Detail::Int(1)));
    assert_eq!(snapshot.details.get("candidates.0.total"), Some(&Detail::Int(1234)));
    world.cloud.switches.purchase_order_dropped = false;
    let next = next_sale(&mut world);
    world.finish(&next, 60_000);
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    world.resolve(&request, crate::payment::Decision::Paid);
    let result = world.finish(&request, 1_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(result.has(flag::RESOLVED) && !result.transaction_id.is_empty());
}

/// Promise 8: the same where the till fills the key's field itself.
#[test]
fn with_the_tills_own_purchase_order_even_a_match_is_only_a_candidate() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_answer();
    let texts = [("reference", "4711"), ("purchase_order", "PO-77")];
    let request = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).unwrap();
    let snapshot = world.until_unknown(&request, 100_000);
    assert_eq!(snapshot.details.get("candidates.count"), Some(&Detail::Int(1)));
    assert_eq!(world.cloud.moved_cents(), 1_334);
}

/// Promise 5: the lag of a search is no absence.
#[test]
fn a_search_that_lags_finds_the_payment_in_the_end() {
    for (lag, order) in [(60_000, SearchOrder::Oldest), (120_000, SearchOrder::Shuffled), (0, SearchOrder::Shuffled)] {
        let mut world = World::new();
        world.warm_up();
        world.cloud.switches.search_lag_ms = lag;
        world.cloud.switches.search_order = order;
        world.lose_next_answer();
        let request = world.pay("4711", 1234);
        let result = world.finish(&request, 400_000);
        assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved), "{lag}");
        assert!(result.has(flag::RECOVERED));
        assert_eq!(world.submits(request.payment), 1);
        world.assert_polite();
    }
}

/// The vendor may drop leading zeros and ignore the start of a search.
#[test]
fn a_search_finds_the_payment_whatever_the_vendor_does_to_numbers() {
    for (zeros, dates, texts) in [(true, false, false), (false, true, true), (true, true, true)] {
        let mut world = World::new();
        world.cloud.switches.drops_leading_zeros = zeros;
        world.cloud.switches.start_date_ignored = dates;
        world.cloud.switches.ids_as_strings = texts;
        world.warm_up();
        world.lose_next_answer();
        let request = world.pay("0004711", 1234);
        assert_eq!(world.finish(&request, 100_000).state, State::Approved);
        let second = lost_second(&mut world);
        assert_eq!(world.finish(&second, 500_000).state, State::Failed);
        world.assert_polite();
    }
}

fn lost_second(world: &mut World) -> Request {
    world.run(130_000);
    world.lose_next_submit();
    let request = world.pay("4713", 1234);
    world.until_unknown(&request, 100_000);
    let next = next_sale(world);
    world.finish(&next, 60_000);
    request
}

/// Promise 4: the request that gets lost half way, and the one that was executed, look the same from here.
#[test]
fn a_request_that_broke_on_the_road_is_unclear() {
    let mut world = World::new();
    world.warm_up();
    world.road = Road::LosesRequests;
    let request = world.pay("4711", 1234);
    world.run(1_000);
    world.road = Road::Open;
    assert!(world.has_fact(request.payment, |f| matches!(f, Fact::Unclear { .. })));
    world.until_unknown(&request, 100_000);
    assert_eq!(world.submits(request.payment), 0);
}

/// A submit that hangs on the road and arrives long after the answer was given up.
#[test]
fn a_submit_that_arrives_late_is_found() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.fail_next(CallKind::Submit, When::Before, Fault::Delay(60_000));
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 200_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert_eq!(world.cloud.ledger().len(), 2);
}

/// Promise 10: both searches begin after the restart, and L counts from it.
#[test]
fn after_a_restart_the_proof_of_absence_starts_anew() {
    let mut world = World::new();
    let request = lost_and_unknown(&mut world);
    let next = next_sale(&mut world);
    let payment = request.payment;
    world.finish(&next, 60_000);
    world.acknowledge(&next);
    // Just before the second of the two searches.
    world.run(150_000);
    assert_eq!(request.snapshot().state, State::Unknown);
    world.power_cut(1_000);
    let restarted = world.now;
    let again = world.again(payment);
    let result = world.finish(&again, 3_600_000);
    assert_eq!(result.state, State::Failed);
    assert!(world.now >= restarted + 120_000 + 60_000, "after {} ms", world.now - restarted);
}

/// A decline found by a search waits until the terminal is proven clear: another card may follow.
#[test]
fn a_decline_found_by_search_is_not_told_while_another_card_may_follow() {
    let mut world = World::new();
    world.warm_up();
    let timing = pj::Timing { second_card: 60_000, ..pj::Timing::default() };
    let mut world2 = World::with(pj::Setup { timing, ..pj::Setup::default() }, &[]);
    world2.warm_up();
    world2.cloud.script(pj::Scenario::DeclineThenApprove);
    world2.lose_next_answer();
    let request = world2.pay("4711", 1234);
    let result = world2.finish(&request, 170_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    // And one that stays declined is told once a later request of ours has reached the customer, L later.
    world.lose_next_answer();
    let request = world.pay("4711", 20_051);
    world.until_unknown(&request, 100_000);
    let next = next_sale(&mut world);
    assert_eq!(world.finish(&next, 60_000).state, State::Approved);
    let told = world.now;
    assert_eq!(world.finish(&request, 400_000).state, State::Declined);
    assert!(world.now >= told + 100_000);
}

/// Promise 8: our key on a charge of another account is nobody's result.
#[test]
fn an_id_that_is_somebody_elses_is_an_integrity_fault() {
    let mut world = World::new();
    let sale = world.warm_up();
    let foreign = sale.snapshot().transaction_id.clone();
    world.cloud.script(pj::Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    let body = format!("{{\"status\": \"COMPLETE\", \"transactionId\": {foreign}}}");
    world.forge(CallKind::Poll, When::Before, 200, &body);
    let snapshot = world.until_unknown(&request, 10_000);
    assert_eq!((snapshot.status, snapshot.advice), (Status::Integrity, Advice::CallSupport));
    world.run(3_600_000);
    assert_eq!(request.snapshot().state, State::Unknown);
}

/// Truth, section 3: after recovery by search the terminal counts as free at L.
#[test]
fn the_terminal_of_a_payment_found_by_search_is_free_at_l() {
    let mut world = World::new();
    world.warm_up();
    world.lose_next_answer();
    let request = world.pay("4711", 1234);
    let asked = world.now;
    assert_eq!(world.finish(&request, 100_000).state, State::Approved);
    world.acknowledge(&request);
    assert!(world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500)]).is_err());
    world.run_until(200_000, "the terminal is free", |_| request.snapshot().has(flag::TERMINAL_FREE));
    assert!((119_000..125_000).contains(&(world.now - asked)), "after {} ms", world.now - asked);
    assert!(world.ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500)]).is_ok());
}

/// Promise 3: the clock alone proves no decline; a second card may have been presented.
#[test]
fn a_decline_found_by_search_waits_for_a_look_after_the_terminal_is_clear() {
    let timing = pj::Timing { second_card: 95_000, ..pj::Timing::default() };
    let mut world = World::with(pj::Setup { timing, ..pj::Setup::default() }, &[]);
    world.warm_up();
    world.cloud.script(pj::Scenario::DeclineThenApprove);
    world.lose_next_answer();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    for _ in 0..1_000 {
        world.cloud.fail_next(CallKind::Search, When::Before, Fault::BadGateway);
    }
    world.run_cloud_until(60_000, "second card approved", |c| c.ledger().len() == 3);
    world.run(10_000);
    let next = world
        .ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500), ("despite_unknown", 1)])
        .map_err(|e| e.0)
        .unwrap();
    assert_eq!(world.finish(&next, 60_000).state, State::Approved);
    world.run(300_000);
    assert_ne!(request.snapshot().state, State::Declined);
}

/// Promise 3.
#[test]
fn a_landmark_of_another_merchant_account_proves_nothing_and_spoils_nothing() {
    let mut world = World::new();
    world.warm_up();
    let other =
        world.ask(Kind::Payment, &[("reference", "7"), ("merchant_terminal", "12346")], &[("amount", 700)]).unwrap();
    world.finish(&other, 60_000);
    world.run(5_000);
    world.lose_next_submit();
    let request = world.pay("4711", 1234);
    world.until_unknown(&request, 100_000);
    let next = world
        .ask(Kind::Payment, &[("reference", "4712")], &[("amount", 500), ("despite_unknown", 1)])
        .map_err(|e| e.0)
        .unwrap();
    world.finish(&next, 60_000);
    world.run(7_200_000);
    assert_eq!(request.snapshot().state, State::Failed, "absence can never be proven");
}

/// A till whose patience is short hears "unknown" early, and of the payment as soon as it can be found.
#[test]
fn a_short_patience_does_not_slow_the_search() {
    let mut world = World::with(pj::Setup::default(), &[("deadline", 1)]);
    world.warm_up();
    world.lose_next_answer();
    // The card comes after the till has lost its patience, and after the first searches.
    let request = world.pay("4711", 20_006);
    world.until_unknown(&request, 10_000);
    let unknown_at = world.now;
    assert_eq!(world.finish(&request, 120_000).state, State::Approved);
    assert!(world.now <= unknown_at + 65_000, "found only {} ms later", world.now - unknown_at);
}
