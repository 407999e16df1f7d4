//! Truth, section 12: webhooks are hints. They make the library look, and decide nothing.

use super::world::{World, own_error};
use crate::payment::Kind;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{EventKind, MoneyMoved, State, flag};
use posjunction_simulator::payjunction::{self as pj, EventKind as Posts, Scenario};
use posjunction_simulator::{CallKind, Fault, When};

/// A world whose till looks once a minute, and whose vendor posts these events.
fn patient(posts: &[Posts]) -> World {
    let mut world = World::with(pj::Setup::default(), &[("poll_interval_ms", 60_000), ("deadline", 600)]);
    world.cloud.subscribe(posts);
    world
}

fn event(kind: &str, data: &str) -> Vec<u8> {
    format!("{{\"id\":\"{kind}-{}\",\"type\":\"{kind}\",\"data\":{{{data}}}}}", data.len()).into_bytes()
}

#[test]
fn a_payment_is_told_when_its_event_comes_and_not_at_the_next_poll() {
    let told_after = |posts: &[Posts]| {
        let mut world = patient(posts);
        let began = world.now;
        let request = world.pay("4711", 1234);
        while !request.snapshot().state.is_final() {
            world.run_posting(100);
        }
        assert_eq!(request.snapshot().state, State::Approved);
        world.run_posting(5_000);
        let free = request.snapshot().has(flag::TERMINAL_FREE);
        world.assert_polite();
        (world.now - began - 5_000, free)
    };
    let (alone, _) = told_after(&[]);
    assert!(alone > 30_000, "{alone}");
    // The card is authorized after 4 seconds, and the receipt is done two seconds later.
    for posts in
        [Posts::PRESENT, &[Posts::SmartterminalTransaction, Posts::SmartterminalRequest], &[Posts::Transaction]]
    {
        let (told, _) = told_after(posts);
        assert!(told < 5_000, "{posts:?}: {told}");
    }
    let (told, free) = told_after(&[Posts::SmartterminalRequest]);
    assert!(told < 7_000 && free, "{told}");
}

#[test]
fn a_decline_waits_for_the_end_also_when_events_hurry() {
    let mut world = patient(&[Posts::SmartterminalTransaction]);
    world.cloud.script(Scenario::DeclineThenApprove);
    let request = world.pay("4711", 1234);
    world.run_posting(20_000);
    assert_ne!(request.snapshot().state, State::Declined);
    world.run_posting(120_000);
    assert_eq!(request.snapshot().state, State::Approved);
}

/// The event says COMPLETE, but the vendor's own answer does not: a signed lie changes nothing.
#[test]
fn what_an_event_says_is_not_believed() {
    let mut world = patient(&[]);
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    let id = request.snapshot().request_id.clone();
    let polls = world.count(CallKind::Poll);
    for word in ["COMPLETE", "BUSY", "NO_CONNECTION", "CANCELLED"] {
        world.hand_in(&event("SMARTTERMINAL_REQUEST", &format!("\"requestId\":\"{id}\",\"status\":\"{word}\"")));
        world.run(2_000);
    }
    assert_eq!(world.count(CallKind::Poll), polls + 4, "each made the library look");
    assert_eq!(request.snapshot().state, State::AtTerminal);
    assert_eq!(world.finish(&request, 120_000).state, State::Approved);
}

#[test]
fn a_storm_of_events_stays_within_the_vendors_pace() {
    let mut world = patient(&[]);
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    let id = request.snapshot().request_id.clone();
    for number in 0..2_000 {
        let data = format!("\"requestId\":\"{id}\",\"status\":\"IN_PROGRESS\"");
        world.hand_in(
            format!("{{\"id\":\"e-{number}\",\"type\":\"SMARTTERMINAL_REQUEST\",\"data\":{{{data}}}}}").as_bytes(),
        );
        world.run(5);
    }
    world.assert_polite();
    assert_eq!(request.snapshot().state, State::AtTerminal);
}

/// When the first look came after the acceptance, with an event of so long before.
fn first_look_after(age_ms: u64) -> u64 {
    let mut world = patient(&[]);
    world.hand_in(&event("SMARTTERMINAL_REQUEST", "\"requestId\":\"r-early\",\"status\":\"CONNECTING\""));
    world.run(age_ms);
    world.forge(CallKind::Submit, When::Before, 200, "{\"requestPaymentId\":\"r-early\"}");
    let request = world.pay("4711", 1234);
    world.run_until_fact(&request, 5_000, "accepted", |fact| matches!(fact, Fact::Accepted { .. }));
    let accepted = world.now;
    world.run(3_000);
    world.calls_of(CallKind::Poll).first().map(|call| call.at_ms - accepted).expect("it is looked at")
}

#[test]
fn an_event_that_comes_before_the_answer_is_kept_ten_minutes() {
    assert!(first_look_after(100) < 300, "at once");
    assert!(first_look_after(595_000) < 300, "ten minutes later still");
    assert!(first_look_after(605_000) >= 900, "and then no more");
}

#[test]
fn an_event_that_overtakes_a_slow_answer_brings_the_result_with_it() {
    let mut world = patient(Posts::PRESENT);
    world.cloud.fail_next(CallKind::Submit, When::After, Fault::Delay(20_000));
    let request = world.pay("4711", 1234);
    world.run_posting(15_000);
    assert_eq!(world.count(CallKind::Poll), 0);
    world.run_until_fact(&request, 10_000, "accepted", |fact| matches!(fact, Fact::Accepted { .. }));
    let accepted = world.now;
    world.finish(&request, 1_000);
    assert!(world.now - accepted < 300, "{}", world.now - accepted);
}

#[test]
fn a_repetition_is_dropped_also_in_the_next_run() {
    let mut world = patient(&[Posts::SmartterminalRequest]);
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    world.run(1_000);
    let event = world.cloud.take_events().pop().expect("the vendor posts");
    let looks = |world: &mut World| {
        let before = world.count(CallKind::Poll);
        world.hand_in(&event.body);
        world.run(2_000);
        world.count(CallKind::Poll) - before
    };
    assert_eq!(looks(&mut world), 1);
    assert_eq!(looks(&mut world), 0);
    world.run(100);
    world.power_cut(1_000);
    world.run(5_000);
    assert_eq!(looks(&mut world), 0, "the journal knows it");
    // After a week the journal has forgotten it, and a repetition is worth one look.
    let request = world.again(request.payment);
    world.run(120_000);
    world.acknowledge(&request);
    world.run(8 * 86_400_000);
    world.cloud.script(Scenario::SlowCard);
    let next = world.pay("4712", 1234);
    world.until_state(&next, 10_000, State::AtTerminal);
    let other = super::hints::event("TRANSACTION", "\"transactionId\":1");
    world.hand_in(&other);
    world.run(2_000);
    world.power_cut(1_000);
    assert_eq!(world.remembered("webhook."), 1, "only the newest");
}

#[test]
fn any_order_leads_to_the_same_result() {
    for seed in 0..6 {
        let mut world = patient(Posts::PRESENT);
        let request = world.pay("4711", 1234);
        let mut events = world.withheld(10_000);
        assert!(events.len() >= 5, "{events:?}");
        events.rotate_left(seed % 5);
        if seed == 5 {
            events.reverse();
        }
        for event in events {
            world.hand_in(&event.body);
            world.hand_in(&event.body);
            world.run(30);
        }
        assert_eq!(world.finish(&request, 1_000).state, State::Approved);
        world.run(5_000);
        assert_eq!(world.news_of(request.payment).iter().filter(|kind| **kind == EventKind::Result).count(), 1);
        world.assert_polite();
    }
}

/// A payment whose answer is lost, while searches see nothing for two minutes.
fn lost_while_searches_are_blind(posts: &[Posts]) -> (World, std::sync::Arc<crate::engine::Request>) {
    let mut world = patient(posts);
    world.warm_up();
    world.cloud.take_events();
    world.cloud.switches.search_lag_ms = 120_000;
    world.lose_next_answer();
    let request = world.pay("4711", 1234);
    (world, request)
}

#[test]
fn a_lost_answer_is_found_by_the_transaction_that_an_event_names() {
    for posts in [Posts::SmartterminalTransaction, Posts::Transaction, Posts::SmartterminalRequest] {
        let (mut world, request) = lost_while_searches_are_blind(&[posts]);
        let began = world.now;
        while !request.snapshot().state.is_final() {
            world.run_posting(100);
            assert!(world.now < began + 9_000, "{posts:?}");
        }
        let told = request.snapshot();
        assert_eq!((told.state, told.money), (State::Approved, MoneyMoved::Moved));
        assert!(told.has(flag::RECOVERED));
        assert!(world.has_fact(request.payment, |f| matches!(f, Fact::TransactionHinted { .. })));
        assert!(!world.has_fact(request.payment, |f| matches!(f, Fact::LookedUp(l) if !l.found.is_empty())));
        world.assert_polite();
    }
    let (mut world, request) = lost_while_searches_are_blind(&[]);
    world.run_posting(60_000);
    assert!(!request.snapshot().state.is_final(), "without an event it takes longer");
}

/// The event comes while the till still waits for the answer that never comes.
#[test]
fn an_event_that_came_before_the_loss_was_known_counts_too() {
    let (mut world, _) = lost_while_searches_are_blind(&[]);
    world.run(600_000);
    world.cloud.subscribe(&[Posts::SmartterminalTransaction]);
    world.cloud.fail_next(CallKind::Submit, When::After, Fault::Silence(60_000));
    let second = [("reference", "4712"), ("terminal", pj::SECOND_SMART_TERMINAL_ID)];
    let request = world.ask(Kind::Payment, &second, &[("amount", 4321)]).unwrap_or_else(|e| panic!("{}", e.1));
    world.run_posting(20_000);
    assert!(!request.snapshot().state.is_final());
    world.run(11_000);
    assert_eq!(request.snapshot().state, State::Approved);
}

#[test]
fn the_transactions_of_others_do_no_harm() {
    let (mut world, request) = lost_while_searches_are_blind(&[]);
    world.run(3_000);
    // Somebody else's, one of our own that belongs to another payment, one that nobody knows, and what is no id.
    let path = format!("/smartterminals/{}/request-payment", pj::SECOND_SMART_TERMINAL_ID);
    let form =
        [("terminalId", "12345"), ("amountBase", "12.34"), ("interruptBusyTerminal", "false"), ("invoiceNumber", "9")];
    world.by_hand("POST", &path, &form);
    world.run(10_000);
    let theirs = world.cloud.ledger().last().map(|t| t.id).expect("a charge");
    let reads = world.count(CallKind::GetTransaction);
    for id in [theirs, 8350, 999_999] {
        world.hand_in(&event(
            "TRANSACTION",
            &format!("\"transactionId\":{id},\"n\":\"{}\"", "x".repeat(id as usize % 7)),
        ));
    }
    world.hand_in(&event("TRANSACTION", "\"transactionId\":\"../../smartterminals\""));
    world.hand_in(b"no event at all");
    world.run(60_000);
    assert!(!request.snapshot().state.is_final());
    let tries = world.count(CallKind::GetTransaction) - reads;
    assert!((3..=12).contains(&tries), "an id that nobody knows is not asked for again and again: {tries}");
    world.run(300_000);
    let told = world.finish(&request, 600_000);
    assert_eq!(told.state, State::Approved);
    assert_ne!(told.transaction_id, theirs.to_string());
    world.assert_polite();
}

#[test]
fn a_running_payment_is_not_disturbed_by_other_peoples_events() {
    let mut world = patient(&[]);
    world.cloud.script(Scenario::SlowCard);
    let request = world.pay("4711", 1234);
    world.until_state(&request, 10_000, State::AtTerminal);
    let (polls, reads) = (world.count(CallKind::Poll), world.count(CallKind::GetTransaction));
    world.hand_in(&event("SMARTTERMINAL_REQUEST", "\"requestId\":\"somebody-elses\",\"status\":\"COMPLETE\""));
    let data =
        format!("\"requestPaymentId\":\"x\",\"smartTerminalId\":\"{}\",\"transactionId\":\"9\"", pj::SMART_TERMINAL_ID);
    world.hand_in(&event("SMARTTERMINAL_TRANSACTION", &data));
    world.hand_in(&event("DEPOSIT", "\"transactionId\":9"));
    world.run(5_000);
    assert_eq!((world.count(CallKind::Poll), world.count(CallKind::GetTransaction)), (polls, reads));
    // The customer at our terminal may be the one who paid: one look, and no transaction is read.
    world.hand_in(&event("TRANSACTION", "\"transactionId\":9"));
    world.run(5_000);
    assert_eq!((world.count(CallKind::Poll), world.count(CallKind::GetTransaction)), (polls + 1, reads));
    // A cancel is still possible: a transaction that somebody names is none of this request.
    world.cancel(&request);
    assert_eq!(world.finish(&request, 120_000).state, State::Canceled);
}

#[test]
fn an_approval_after_the_end_is_told_when_its_event_comes() {
    let mut world = World::new();
    world.cloud.subscribe(&[Posts::SmartterminalRequest]);
    world.checks.vendor_hides_money = true;
    world.cloud.script(Scenario::OfflineThenSuccess);
    let request = world.pay("4711", 1234);
    assert_eq!(world.finish(&request, 60_000).state, State::Failed);
    world.cloud.take_events();
    let ended = world.now;
    while !request.snapshot().has(flag::LATE) {
        world.run_posting(100);
        assert!(world.now < ended + 30_000, "the late watch would look after two minutes");
    }
    assert_eq!(request.snapshot().state, State::Approved);
    assert!(world.news_of(request.payment).contains(&EventKind::LateApproval));
}

#[test]
fn a_lost_refund_is_found_by_its_event() {
    let setup = pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() };
    let mut world = World::with(setup, &[("poll_interval_ms", 60_000)]);
    let sale = world.pay("4711", 1234);
    world.finish(&sale, 60_000);
    world.run(5_000);
    world.cloud.settle();
    world.cloud.switches.search_lag_ms = 120_000;
    world.cloud.subscribe(&[Posts::Transaction]);
    world.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
    let refund = world
        .ask(Kind::Refund, &[("reference", "R"), ("original", "4711")], &[("amount", 500)])
        .map_err(|e| e.1)
        .unwrap();
    world.run_posting(5_000);
    let told = refund.snapshot();
    assert_eq!((told.state, told.approved_amount), (State::Approved, 500));
}

#[test]
fn an_event_under_way_at_a_power_cut_is_read_again_by_the_next_run() {
    let (mut world, request) = lost_while_searches_are_blind(&[]);
    world.run(8_000);
    let id = world.cloud.ledger().last().map(|t| t.id).expect("paid");
    world.forge(CallKind::GetTransaction, When::After, 500, &own_error("out of order"));
    world.hand_in(&event("TRANSACTION", &format!("\"transactionId\":{id}")));
    world.run(200);
    assert!(!request.snapshot().state.is_final());
    world.power_cut(1_000);
    world.run(3_000);
    assert_eq!(world.again(request.payment).snapshot().state, State::Approved);
}
