//! Truth, section 1: what is sent, when, and how often; what counts as a refusal.

use super::world::{Road, World, own_error};
use crate::journal::Batch;
use crate::payment::snapshot::{Advice, MoneyMoved, State, flag};
use crate::payment::{Fact, Kind};
use crate::status::Status;
use posjunction_simulator::payjunction::{self as pj};
use posjunction_simulator::rng::Rng;
use posjunction_simulator::{CallKind, Fault, When};

/// Promise 4.
#[test]
fn an_intent_whose_record_is_slow_is_never_sent() {
    let mut world = World::new();
    // Intent and Dispatched take eight seconds each: together more than send_within.
    world.flush_ms = 8_000;
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved));
    assert_eq!((result.status, result.advice), (Status::Expired, Advice::Retry));
    world.run(120_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
    // The same reference may go again.
    world.flush_ms = 1;
    let again = world.pay("4711", 1234);
    assert_eq!(world.finish(&again, 60_000).state, State::Approved);
}

/// Promise 4.
#[test]
fn an_intent_is_sent_within_its_shelf_life_however_slow_the_record() {
    let mut world = World::new();
    world.flush_ms = 4_000;
    let request = world.pay("4711", 1234);
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    assert_eq!(world.submits(request.payment), 1);
}

/// Promise 4.
#[test]
fn an_attempt_is_never_sent_when_the_look_at_earlier_ones_takes_too_long() {
    let mut world = World::new();
    let first = world.pay("4711", 20_051);
    assert_eq!(world.finish(&first, 60_000).state, State::Declined);
    world.run(5_000);
    for _ in 0..20 {
        world.cloud.fail_next(CallKind::Search, When::Before, Fault::BadGateway);
    }
    let second = world.pay("4711", 20_051);
    let result = world.finish(&second, 60_000);
    assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::Expired, Advice::Retry));
    world.cloud.heal();
    world.run(60_000);
    assert_eq!(world.submits(second.payment), 0);
}

/// Promise 4.
#[test]
fn an_intent_of_an_earlier_run_is_never_sent() {
    let mut world = World::new();
    world.flush_ms = 500;
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(5_000, "the intent is written", |w| w.has_fact(payment, |f| matches!(f, Fact::Intent(_))));
    assert!(!world.has_fact(payment, |f| matches!(f, Fact::Dispatched { .. })));
    world.power_cut(100);
    let again = world.again(payment);
    let result = world.finish(&again, 5_000);
    assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::Expired, Advice::Retry));
    world.run(60_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
}

/// Promise 4.
#[test]
fn an_intent_left_at_close_is_never_sent() {
    for flush_ms in [1, 700] {
        let mut world = World::new();
        world.flush_ms = flush_ms;
        world.road = Road::Closed;
        let request = world.pay("4711", 1234);
        let payment = request.payment;
        world.run_until(5_000, "the intent is written", |w| w.has_fact(payment, |f| matches!(f, Fact::Intent(_))));
        world.close();
        let stale = |f: &Fact| matches!(f, Fact::NotSent { again: false, .. });
        assert!(world.has_fact(payment, stale), "flush of {flush_ms} ms: {:?}", world.facts(payment));
        world.road = Road::Open;
        world.power_cut(1_000);
        let again = world.again(payment);
        assert_eq!(world.finish(&again, 5_000).state, State::Failed);
        world.run(60_000);
        assert_eq!(world.cloud.count(CallKind::Submit), 0);
    }
}

/// Promise 4.
#[test]
fn what_never_left_is_sent_again_within_its_shelf_life() {
    let mut world = World::new();
    world.road = Road::Closed;
    let request = world.pay("4711", 1234);
    world.run(6_000);
    assert_eq!((request.snapshot().state, request.snapshot().status), (State::Sending, Status::Connect));
    assert_eq!(request.snapshot().money, MoneyMoved::NotMoved);
    world.road = Road::Open;
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    assert_eq!(world.submits(request.payment), 1);
    let dispatched = world.facts(request.payment).iter().filter(|f| matches!(f, Fact::Dispatched { .. })).count();
    assert!(dispatched >= 3, "each send has its own record: {dispatched}");
}

/// Promise 4.
#[test]
fn what_never_left_has_failed_when_its_shelf_life_is_over() {
    let mut world = World::new();
    world.road = Road::Closed;
    let request = world.pay("4711", 1234);
    let asked = world.now;
    let result = world.finish(&request, 60_000);
    assert!(world.now - asked <= 15_100, "after {} ms", world.now - asked);
    assert_eq!((result.state, result.money, result.advice), (State::Failed, MoneyMoved::NotMoved, Advice::Retry));
    assert_eq!(result.status, Status::Connect);
    world.road = Road::Open;
    world.run(60_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
}

/// Promise 4.
#[test]
fn a_refusal_by_the_rate_limit_is_sent_again_after_the_pause() {
    let mut world = World::new();
    world.cloud.fail_next(CallKind::Submit, When::Before, Fault::RateLimited(Some(3)));
    let request = world.pay("4711", 1234);
    assert_eq!(world.finish(&request, 60_000).state, State::Approved);
    let submits: Vec<u64> = world.calls_of(CallKind::Submit).iter().map(|call| call.at_ms).collect();
    assert_eq!(submits.len(), 2);
    assert!(submits[1] - submits[0] >= 3_000, "{submits:?}");
    assert_eq!(world.cloud.ledger().len(), 1);
    world.assert_polite();
}

/// Promise 4.
#[test]
fn a_rate_limit_longer_than_the_shelf_life_ends_the_attempt_unsent() {
    let mut world = World::new();
    world.cloud.fail_next(CallKind::Submit, When::Before, Fault::RateLimited(Some(600)));
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, result.status, result.advice), (State::Failed, Status::RateLimited, Advice::Retry));
    world.run(700_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 1);
}

/// Promise 4: a table of answers to the submit that say nothing, whoever they come from.
#[test]
fn an_answer_outside_the_table_is_unclear_and_is_never_sent_again() {
    let own = own_error("no");
    let html = "<html>blocked</html>".to_owned();
    let cases = [
        (400, html.clone()),
        (401, html.clone()),
        (403, html.clone()),
        (404, html.clone()),
        (429, html.clone()),
        (402, own.clone()),
        (408, own.clone()),
        (409, own.clone()),
        (422, own.clone()),
        (500, own.clone()),
        (502, html.clone()),
        (503, own.clone()),
        (520, html.clone()),
        (200, html.clone()),
        (200, own.clone()),
        (200, "{}".to_owned()),
        (204, String::new()),
        (302, html.clone()),
        (400, "{\"errors\": []}".to_owned()),
        (400, "{\"errors\": [{\"code\": 5}]}".to_owned()),
        (400, "{\"errors\": \"no\"}".to_owned()),
    ];
    for (status, body) in cases {
        for when in [When::After, When::Before] {
            let mut world = World::new();
            world.warm_up();
            world.forge(CallKind::Submit, when, status, &body);
            let request = world.pay("4711", 1234);
            world.run(60_000);
            let snapshot = request.snapshot();
            let expected = if when == When::After { State::Approved } else { State::Sending };
            assert_eq!(snapshot.state, expected, "{status} {body} {when:?}");
            if when == When::Before {
                assert_eq!((snapshot.money, snapshot.advice), (MoneyMoved::Unknown, Advice::Wait), "{status} {body}");
                world.until_unknown(&request, 60_000);
            }
            assert_eq!(world.submits(request.payment), 1, "{status} {body}");
        }
    }
}

/// Promise 3: what the vendor itself refuses was not started.
#[test]
fn a_refusal_in_the_vendors_own_words_ends_the_request() {
    for (status, expected, advice) in [
        (400, Status::Rejected, Advice::FixRequest),
        (401, Status::Unauthorized, Advice::FixSetup),
        (403, Status::Forbidden, Advice::FixSetup),
        (404, Status::UnknownDevice, Advice::FixSetup),
    ] {
        let mut world = World::new();
        world.forge(CallKind::Submit, When::Before, status, &own_error("not that"));
        let request = world.pay("4711", 1234);
        let result = world.finish(&request, 5_000);
        assert_eq!((result.state, result.money), (State::Failed, MoneyMoved::NotMoved), "{status}");
        assert_eq!((result.status, result.advice), (expected, advice), "{status}");
        assert_eq!(result.http_status, i32::from(status));
        world.run(2_000);
        assert!(request.snapshot().has(flag::TERMINAL_FREE), "{status}");
        // The terminal and the reference are free.
        let again = world.pay("4711", 1234);
        assert_eq!(world.finish(&again, 60_000).state, State::Approved);
    }
}

/// Promise 5.
#[test]
fn an_error_on_a_read_ends_nothing() {
    let own = own_error("no");
    let html = "<html>blocked</html>";
    for kind in [CallKind::Poll, CallKind::GetTransaction] {
        for (status, body) in [
            (401, own.as_str()),
            (403, own.as_str()),
            (403, html),
            (404, own.as_str()),
            (404, html),
            (429, own.as_str()),
            (429, html),
            (500, own.as_str()),
            (503, html),
            (200, html),
            (200, "{}"),
        ] {
            let mut world = World::new();
            world.forge(kind, When::Before, status, body);
            world.forge(kind, When::Before, status, body);
            let request = world.pay("4711", 1234);
            let result = world.finish(&request, 170_000);
            assert_eq!(result.state, State::Approved, "{kind:?} {status} {body}");
            assert_eq!(world.submits(request.payment), 1);
        }
    }
}

/// Promise 5.
#[test]
fn an_error_on_a_search_ends_nothing() {
    let own = own_error("no");
    for status in [401, 403, 404, 429, 500] {
        let mut world = World::new();
        world.lose_next_answer();
        world.forge(CallKind::Search, When::Before, status, &own);
        let request = world.pay("4711", 1234);
        let result = world.finish(&request, 170_000);
        assert_eq!(result.state, State::Approved, "{status}");
    }
}

/// Promise 5.
#[test]
fn an_error_on_a_cancel_ends_nothing() {
    let own = own_error("no");
    for status in [401, 403, 404, 429, 500] {
        let mut world = World::new();
        world.cloud.script(pj::Scenario::SlowCard);
        world.forge(CallKind::Main, When::Before, status, &own);
        let request = world.pay("4711", 1234);
        world.until_state(&request, 10_000, State::AtTerminal);
        world.cancel(&request);
        world.run(1_000);
        assert!(!request.snapshot().state.is_final(), "{status}");
        assert_eq!(world.finish(&request, 60_000).state, State::Canceled, "{status}: the second try arrives");
    }
}

/// A request's id that the vendor no longer knows leads to a search.
#[test]
fn a_request_that_is_gone_is_searched_for() {
    let mut world = World::new();
    world.warm_up();
    world.cloud.switches.fresh_request_404_ms = 600_000;
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(result.has(flag::RECOVERED));
    world.assert_polite();
}

/// Promise 11.
#[test]
fn a_busy_terminal_is_never_interrupted_unless_asked() {
    let sent = |world: &World| {
        let body = world.calls_of(CallKind::Submit)[0].body.clone();
        body.split('&').find(|pair| pair.starts_with("interruptBusyTerminal")).map(str::to_owned)
    };
    let mut world = World::new();
    world.pay("4711", 1234);
    world.run(2_000);
    assert_eq!(sent(&world).as_deref(), Some("interruptBusyTerminal=false"));
    let mut world = World::new();
    world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", 1234), ("interrupt_busy", 1)]).unwrap();
    world.run(2_000);
    assert_eq!(sent(&world).as_deref(), Some("interruptBusyTerminal=true"));
}

/// Promises 4, 8 and 11: what the library itself says to the vendor cannot be overruled by a raw parameter.
#[test]
fn a_raw_parameter_cannot_replace_what_the_library_says() {
    let mut world = World::new();
    for name in ["purchaseOrderNumber", "amountBase", "invoiceNumber", "terminalId", "action", "interruptBusyTerminal"]
    {
        let key = format!("vendor.{name}");
        let texts = [("reference", "4711"), (key.as_str(), "1")];
        let refused = world.ask(Kind::Payment, &texts, &[("amount", 1234)]).unwrap_err();
        assert_eq!(refused.0, Status::InvalidField, "{name}: {}", refused.1);
    }
    world.ask(Kind::Payment, &[("reference", "4711"), ("vendor.newField", "x")], &[("amount", 1234)]).unwrap();
}

/// Design, section 9: the id that everything hangs on is on the disk before the next step.
#[test]
fn the_acceptance_is_durable_before_the_first_read_and_the_cancel_before_main() {
    let mut world = World::new();
    world.cloud.script(pj::Scenario::Stuck);
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(1_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 1);
    world.flush_ms = 3_000;
    world.run_until(10_000, "the first read", |w| w.cloud.count(CallKind::Poll) == 1);
    assert!(world.has_fact(payment, |f| matches!(f, Fact::Accepted { .. })));
    world.until_state(&request, 10_000, State::AtTerminal);
    world.cancel(&request);
    world.run_until(10_000, "/main", |w| w.cloud.count(CallKind::Main) == 1);
    assert!(world.has_fact(payment, |f| matches!(f, Fact::CancelAsked)));
}

/// Promise 1.
#[test]
fn nothing_is_sent_when_the_intent_cannot_be_written() {
    let mut world = World::new();
    world.disk_fails = true;
    let request = world.pay("4711", 1234);
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, result.money, result.status), (State::Failed, MoneyMoved::NotMoved, Status::Journal));
    assert!(result.has(flag::NOT_DURABLE));
    world.disk_fails = false;
    world.run(60_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
    let again = world.pay("4711", 1234);
    assert_eq!(world.finish(&again, 60_000).state, State::Approved);
}

/// Promise 1.
#[test]
fn nothing_is_sent_when_the_dispatch_cannot_be_written() {
    let mut world = World::new();
    world.flush_ms = 100;
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(5_000, "the intent is written", |w| w.has_fact(payment, |f| matches!(f, Fact::Intent(_))));
    world.disk_fails = true;
    let result = world.finish(&request, 20_000);
    assert_eq!((result.state, result.status), (State::Failed, Status::Journal));
    world.disk_fails = false;
    world.run(60_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
    assert!(!request.snapshot().has(flag::NOT_DURABLE), "it is on the disk by now");
    world.power_cut(1_000);
    world.run(60_000);
    assert_eq!(world.cloud.count(CallKind::Submit), 0);
    assert_eq!(world.again(payment).snapshot().state, State::Failed);
}

/// Promise 1, and design section 9: a disk that dies after the submit does not hide the outcome.
#[test]
fn a_disk_that_fails_after_the_submit_hides_nothing() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.run_until(5_000, "the submit has arrived", |w| w.cloud.count(CallKind::Submit) == 1);
    world.disk_fails = true;
    let result = world.finish(&request, 60_000);
    assert_eq!((result.state, result.money), (State::Approved, MoneyMoved::Moved));
    assert!(result.has(flag::NOT_DURABLE));
    world.disk_fails = false;
    world.run(10_000);
    assert!(!request.snapshot().has(flag::NOT_DURABLE), "it is on the disk by now");
    world.power_cut(1_000);
    let again = world.again(request.payment);
    assert_eq!(again.snapshot().state, State::Approved);
}

/// Design section 9.
#[test]
fn a_flush_of_more_than_ten_seconds_does_not_hide_the_result() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.run_until(20_000, "the card is in", |w| !w.cloud.ledger().is_empty());
    world.flush_ms = 40_000;
    let before = world.now;
    let result = world.finish(&request, 25_000);
    assert!(world.now >= before + 10_000);
    assert_eq!(result.state, State::Approved);
    assert!(result.has(flag::NOT_DURABLE));
    world.run(120_000);
    assert!(!request.snapshot().has(flag::NOT_DURABLE));
}

/// Promise 6: a journal that never answers hides neither the reads nor the result.
#[test]
fn a_hung_disk_after_the_submit_does_not_hide_the_outcome() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    let payment = request.payment;
    world.run_until(5_000, "d", |w| w.has_fact(payment, |f| matches!(f, Fact::Dispatched { .. })));
    world.flush_ms = 100_000_000;
    world.run(600_000);
    let s = request.snapshot();
    assert!(
        s.state.is_final() || s.state == State::Unknown,
        "{:?} {:?} flags {:#x} advice {:?}",
        s.state,
        s.money,
        s.flags,
        s.advice
    );
}

/// Promise 1: what cannot be written is not sent, and the till is told so.
#[test]
fn on_a_hung_disk_a_request_fails_unsent() {
    let mut world = World::new();
    world.flush_ms = 100_000_000;
    let request = world.pay("4711", 1234);
    world.run(600_000);
    let told = request.snapshot();
    assert_eq!((told.state, told.status), (State::Failed, Status::Journal));
    assert!(told.has(flag::NOT_DURABLE));
    world.run(200_000_000);
    assert_eq!(world.submits(request.payment), 0, "sent after it was told as failed");
}

/// A journal that has a later fact of a payment without an earlier one tells another story. The disk fails and works, and the
/// power goes, at any moment: every world checks that what is written continues what is there.
#[test]
fn of_each_payment_the_journal_has_the_beginning_of_what_became_known() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let mut world = World::new();
        world.flush_ms = [1, 30, 700, 12_000][rng.below(4) as usize];
        let sale = world.pay("4711", 1_000);
        for _ in 0..rng.below(40) {
            world.disk_fails = rng.below(3) == 0;
            world.run(rng.below(900));
        }
        world.commits_survive = rng.below(3) as usize;
        world.power_cut(1_000);
        world.disk_fails = false;
        world.flush_ms = 1;
        world.run(400_000);
        let told = world.told.iter().rev().find(|(payment, ..)| *payment == sale.payment).map(|(.., told)| told);
        let paid = told.is_some_and(|told| told.money == MoneyMoved::Moved);
        assert_eq!(paid, world.cloud.moved_cents() > 0, "{seed}: {}", world.story(sale.payment));
    }
}

/// Whatever the disk did not take is written when the client is closed, behind what is still on its way.
#[test]
fn what_the_disk_did_not_take_is_written_at_the_close() {
    for flush_ms in [1, 300] {
        let mut world = World::new();
        let sale = world.pay("4711", 1234);
        world.until_state(&sale, 10_000, State::AtTerminal);
        world.disk_fails = true;
        world.flush_ms = flush_ms;
        assert_eq!(world.finish(&sale, 60_000).state, State::Approved);
        world.run(flush_ms);
        assert!(!world.has_fact(sale.payment, |f| matches!(f, Fact::Decided { .. })), "{flush_ms}");
        world.disk_fails = false;
        world.close();
        assert!(world.has_fact(sale.payment, |f| matches!(f, Fact::Decided { .. })), "{flush_ms}");
    }
}

/// A cancel that comes before the first byte is on record as that: a later run could not tell.
#[test]
fn what_was_canceled_before_it_left_stays_unsent_for_later_runs() {
    let mut world = World::new();
    world.warm_up();
    world.flush_ms = 2_000;
    let sale = world.pay("4711", 1234);
    world.run_until(20_000, "dispatched", |w| {
        w.core.flushing.under_way.as_ref().is_some_and(|batch| {
            batch.rows.iter().any(|row| matches!(Fact::from_json(row.version, &row.body), Fact::Dispatched { .. }))
        })
    });
    world.cancel(&sale);
    assert_eq!(world.finish(&sale, 20_000).state, State::Canceled);
    world.run(10_000);
    world.acknowledge(&sale);
    world.flush_ms = 1;
    world.power_cut(3_000);
    let searches = world.count(CallKind::Search);
    world.run(4_000_000);
    assert_eq!(world.count(CallKind::Search), searches, "there is nothing to look for");
    let again = world.pay("4711", 1234);
    assert_eq!(world.finish(&again, 60_000).state, State::Approved);
    assert_eq!(world.count(CallKind::Search), searches, "the next attempt need not wait for a lookup");
}

/// Promise 1: what could not be written is tried again in a batch of its own, and drags nothing new down with it.
#[test]
fn what_could_not_be_written_is_tried_again_by_itself() {
    let mut world = World::new();
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.disk_fails = true;
    world.cancel(&request);
    world.run_until(5_000, "a write failed", |w| w.core.retries_at().is_some());
    world.disk_fails = false;
    world.flush_ms = 500;
    let texts = [("reference", "4712"), ("terminal", pj::SECOND_SMART_TERMINAL_ID)];
    let other = world.ask(Kind::Payment, &texts, &[("amount", 500)]).map_err(|e| e.1).unwrap();
    let holds = |batch: &Batch, wanted: fn(&Fact) -> bool| {
        batch.rows.iter().any(|row| wanted(&Fact::from_json(row.version, &row.body)))
    };
    let mut written = Vec::new();
    for _ in 0..100 {
        world.run(50);
        let under_way = world.core.flushing.under_way.as_ref();
        written.extend(under_way.map(|batch| {
            (holds(batch, |f| matches!(f, Fact::CancelAsked)), holds(batch, |f| matches!(f, Fact::Intent(_))))
        }));
    }
    assert!(written.contains(&(true, false)) && written.contains(&(false, true)), "{written:?}");
    assert!(!written.contains(&(true, true)));
    assert_eq!(world.finish(&other, 60_000).state, State::Approved);
    assert!(world.has_fact(request.payment, |f| matches!(f, Fact::CancelAsked)));
}
