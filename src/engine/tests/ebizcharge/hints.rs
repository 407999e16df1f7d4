//! The Payment Engine's events (merchant guide, Settings, Webhooks) are about transactions only: a payment is found by our
//! key in the `orderid`, or by its transaction. They make the library look, and decide nothing.

use super::{CANCELED, PAID, Shop, told};
use crate::engine::Request;
use crate::engine::tests::world::World;
use crate::payment::Kind;
use crate::payment::fact::Fact;
use crate::payment::snapshot::{EventKind, State, flag};
use crate::status::Status;
use posjunction_simulator::ebizcharge::{self as eb, Cancel, Scenario};
use posjunction_simulator::{CallKind, Fault, When};
use serde_json::{Value, json};
use std::sync::Arc;

/// A shop whose till looks once a minute, and whose vendor posts events.
fn patient() -> Shop {
    patient_where(|_| {})
}

fn patient_where(change: impl FnOnce(&mut eb::Switches)) -> Shop {
    let mut setup = eb::Setup::default();
    change(&mut setup.switches);
    let mut shop = World::of(eb::Cloud::new(setup), &[("poll_interval_ms", 60_000), ("deadline", 600)]);
    shop.cloud.subscribe();
    shop
}

fn event(id: &str, word: &str, object: &Value) -> Vec<u8> {
    let body = json!({
        "type": "event",
        "event_triggered": "2026-02-13 12:00:00",
        "event_type": word,
        "event_body": {"merchant": {"merch_key": "m4xqrsdnq7tj5f9b"}, "object": object, "changes": {}},
        "event_id": id,
    });
    body.to_string().into_bytes()
}

/// A sale that waits for its card, so long that the library does not look by itself.
fn at_the_terminal(shop: &mut Shop) -> Arc<Request> {
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 60_000, State::AtTerminal);
    shop.run(3_000);
    sale
}

#[test]
fn a_payment_is_told_when_its_event_comes_and_not_at_the_next_poll() {
    let told_after = |posts: bool| {
        let mut shop = patient();
        let began = shop.now;
        let sale = shop.pay("4711", 1234);
        while !sale.snapshot().state.is_final() {
            if posts {
                shop.run_posting(100);
            } else {
                shop.run(100);
            }
        }
        assert_eq!(told(&sale.snapshot()), PAID);
        shop.assert_polite();
        shop.now - began
    };
    let (alone, hinted) = (told_after(false), told_after(true));
    assert!(alone > 30_000 && hinted < 8_000, "{alone} {hinted}");
}

/// Whatever has happened to a transaction of ours: one look at its request, and none at a second copy.
#[test]
fn every_kind_of_event_makes_the_library_look_once() {
    let mut shop = patient();
    let sale = at_the_terminal(&mut shop);
    let sale_words = ["success", "failure", "voided", "captured", "adjusted", "queued", "unvoided"];
    let words = sale_words.map(|word| format!("transaction.sale.{word}")).into_iter();
    for word in words.chain(["success", "voided"].map(|word| format!("transaction.refund.{word}"))) {
        // Without an id that could be read.
        let body = event(&word.replace('.', "-"), &word, &json!({"orderid": shop.key(sale.payment)}));
        assert_eq!(shop.looks_after(&body), (1, 0), "{word}");
        assert_eq!(shop.looks_after(&body), (0, 0), "{word}: a repetition");
    }
    for word in ["settlement.batch.success", "settlement.batch.failure", "ach.settled", "cau.submitted"] {
        let body = event(word, word, &json!({"orderid": shop.key(sale.payment), "key": "x"}));
        assert_eq!(shop.looks_after(&body), (0, 0), "{word}");
    }
    shop.assert_polite();
}

#[test]
fn a_forged_event_is_refused_and_nobody_looks() {
    let mut shop = patient();
    let sale = at_the_terminal(&mut shop);
    let body = event("e1", "transaction.sale.success", &json!({"orderid": shop.key(sale.payment), "key": "abc"}));
    let calls = shop.cloud.calls().len();
    assert_eq!(shop.post_signed("somebody else's secret", &body), Status::Signature);
    assert_eq!(shop.post_signed("", &body), Status::Signature);
    assert_eq!(shop.receive(&format!("X-Signature: {}", "0".repeat(64)), &body), Status::Signature);
    shop.run(2_500);
    assert_eq!(shop.cloud.calls().len(), calls);
    assert_eq!(shop.looks_after(&body).0, 1, "a forgery does not use up the event's id");
}

/// The event says that the card is charged, and for how much. The vendor's own answers do not.
#[test]
fn what_an_event_says_is_not_believed() {
    let mut shop = patient();
    let sale = at_the_terminal(&mut shop);
    let key = shop.key(sale.payment);
    let lie = json!({"key": "bnf17whjvqqpj2s", "refnum": 1, "orderid": key, "status": "Approved",
        "status_code": "P", "result": "Approved", "result_code": "A", "amount": "12.34", "auth_amount": "12.34"});
    let (polls, reads) = shop.looks_after(&event("e1", "transaction.sale.success", &lie));
    assert!(polls == 1 && reads >= 1, "{polls} {reads}");
    assert_eq!(shop.looks_after(&event("e2", "transaction.sale.failure", &lie)).0, 1);
    assert_eq!(sale.snapshot().state, State::AtTerminal);
    let result = shop.finish(&sale, 120_000);
    assert_eq!((told(&result), result.approved_amount), (PAID, 1234));
    assert_ne!(result.transaction_id, "bnf17whjvqqpj2s");
}

/// The vendor's answers cannot be had while the event says "approved": the till is told when they can.
#[test]
fn approved_is_told_only_after_a_read_that_shows_it() {
    let mut shop = patient();
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 60_000, State::AtTerminal);
    for _ in 0..4 {
        shop.cloud.fail_next(CallKind::Poll, When::Before, Fault::ServerError);
        shop.cloud.fail_next(CallKind::GetTransaction, When::Before, Fault::ServerError);
    }
    let (polls, reads) = (shop.count(CallKind::Poll), shop.count(CallKind::GetTransaction));
    while shop.cloud.moved_cents() == 0 || shop.count(CallKind::Poll) == polls {
        shop.run_posting(100);
    }
    shop.run_posting(3_000);
    assert!(shop.count(CallKind::Poll) > polls && shop.count(CallKind::GetTransaction) > reads, "it looks");
    assert!(!sale.snapshot().state.is_final(), "{:#?}", sale.snapshot());
    assert_eq!(told(&shop.finish(&sale, 60_000)), PAID);
}

#[test]
fn a_repetition_is_dropped_also_in_the_next_run() {
    let mut shop = patient();
    let sale = at_the_terminal(&mut shop);
    let body = event("e1", "transaction.sale.adjusted", &json!({"orderid": shop.key(sale.payment)}));
    assert_eq!(shop.looks_after(&body), (1, 0));
    shop.power_cut(1_000);
    shop.run(3_000);
    assert_eq!(shop.looks_after(&body), (0, 0), "the journal knows it");
}

#[test]
fn any_order_leads_to_the_same_result() {
    for turn in 0..4 {
        let mut shop = patient();
        let sale = shop.pay("4711", 1234);
        let mut events = shop.withheld(20_000);
        let object = json!({"orderid": shop.key(sale.payment), "key": shop.cloud.ledger()[0].key});
        events.extend(["queued", "captured", "adjusted"].map(|word| {
            let kind = format!("transaction.sale.{word}");
            let body = event(word, &kind, &object);
            posjunction_simulator::webhooks::Event { id: word.to_owned(), kind, body }
        }));
        assert_eq!(events.len(), 4);
        events.rotate_left(turn);
        for event in events {
            shop.post(&event.body);
            shop.post(&event.body);
            shop.run(30);
        }
        assert_eq!(told(&shop.finish(&sale, 5_000)), PAID, "{turn}");
        shop.run(5_000);
        assert_eq!(shop.news_of(sale.payment).iter().filter(|kind| **kind == EventKind::Result).count(), 1);
        shop.assert_polite();
    }
}

/// The customer is faster than the answer to the submit.
#[test]
fn an_event_that_comes_before_the_answer_is_kept() {
    let mut shop = patient();
    shop.cloud.fail_next(CallKind::Submit, When::After, Fault::Delay(20_000));
    let sale = shop.pay("4711", 1234);
    shop.run_posting(18_000);
    assert_eq!((shop.cloud.moved_cents(), shop.count(CallKind::Poll)), (1234, 0), "paid, and not yet accepted");
    shop.run_until_fact(&sale, 10_000, "accepted", |fact| matches!(fact, Fact::Accepted { .. }));
    let accepted = shop.now;
    assert_eq!(told(&shop.finish(&sale, 3_000)), PAID);
    assert!(shop.now - accepted < 3_000, "{}", shop.now - accepted);
    shop.assert_polite();
}

/// A payment whose answer is lost, while the lists show nothing new for two minutes.
fn lost_while_lists_are_blind(change: impl FnOnce(&mut eb::Switches)) -> (Shop, Arc<Request>) {
    let mut shop = patient_where(change).opened();
    shop.cloud.take_events();
    shop.cloud.switches.search_lag_ms = 120_000;
    shop.lose_next_answer();
    let sale = shop.pay("4711", 1234);
    (shop, sale)
}

#[test]
fn a_lost_answer_is_found_by_our_key_in_an_event() {
    let (mut shop, sale) = lost_while_lists_are_blind(|_| {});
    let began = shop.now;
    while !sale.snapshot().state.is_final() {
        shop.run_posting(100);
        assert!(shop.now < began + 15_000);
    }
    let result = sale.snapshot();
    assert_eq!((told(&result), result.approved_amount), (PAID, 1234));
    assert!(result.has(flag::RECOVERED));
    assert!(shop.has_fact(sale.payment, |f| matches!(f, Fact::TransactionHinted { .. })));
    assert!(!shop.has_fact(sale.payment, |f| matches!(f, Fact::LookedUp(l) if !l.found.is_empty())));
    shop.assert_polite();
    let (mut shop, sale) = lost_while_lists_are_blind(|_| {});
    shop.run(60_000);
    assert!(!sale.snapshot().state.is_final(), "without an event it takes longer");
}

/// Truth, section 2: without our key a transaction is a candidate for a person, whoever names it.
#[test]
fn a_lost_answer_is_not_settled_by_an_event_without_our_key() {
    let (mut shop, sale) = lost_while_lists_are_blind(|switches| switches.orderid_dropped = true);
    shop.run_posting(100_000);
    assert_eq!(shop.cloud.moved_cents(), 1234 + 100);
    assert!(shop.has_fact(sale.payment, |f| matches!(f, Fact::TransactionHinted { .. })), "it was read");
    let unknown = shop.until_unknown(&sale, 900_000);
    assert_eq!(unknown.transaction_id, "");
    shop.run(3_600_000);
    assert_eq!(sale.snapshot().state, State::Unknown, "and it has not failed either");
}

#[test]
fn other_peoples_events_change_nothing() {
    let mut shop = patient();
    let sale = at_the_terminal(&mut shop);
    let (facts, before) = (shop.facts(sale.payment).len(), sale.snapshot());
    let theirs = json!({"orderid": "PJ-somebodyelses", "key": "abc", "refnum": 7, "amount": "12.34"});
    for word in ["transaction.sale.success", "transaction.sale.failure", "transaction.refund.success"] {
        assert_eq!(shop.looks_after(&event(word, word, &theirs)), (0, 0), "{word}");
    }
    // Without any key the customer at our terminal may be the one who paid: one look, and no transaction is read.
    let bare = json!({"orderid": "", "key": "abc"});
    assert_eq!(shop.looks_after(&event("bare", "transaction.sale.success", &bare)), (1, 0));
    for odd in [&b"[]"[..], b"no event", br#"{"event_type":"transaction.sale.success"}"#] {
        assert_eq!(shop.looks_after(odd), (0, 0));
    }
    let same = |fact: &Fact| matches!(fact, Fact::TransactionHinted { .. } | Fact::TransactionSeen { .. });
    assert!(!shop.has_fact(sale.payment, same) && shop.facts(sale.payment).len() <= facts + 1);
    assert_eq!(sale.snapshot().state, before.state);
    assert_eq!(told(&shop.finish(&sale, 120_000)), PAID);
}

#[test]
fn an_approval_after_the_end_is_told_when_its_event_comes() {
    let mut shop = patient_where(|switches| {
        switches.cancel = Cancel::TurnsApproved;
        switches.device_always_connected = true;
    })
    .opened();
    shop.checks.vendor_hides_money = true;
    shop.cloud.script(Scenario::SlowCard);
    let sale = shop.pay("4711", 1234);
    shop.until_state(&sale, 60_000, State::AtTerminal);
    shop.cancel(&sale);
    assert_eq!(told(&shop.finish(&sale, 60_000)), CANCELED);
    shop.cloud.take_events();
    while shop.cloud.moved_cents() == 100 {
        shop.run(100);
    }
    assert!(!sale.snapshot().has(flag::LATE));
    let moved = shop.now;
    while !sale.snapshot().has(flag::LATE) {
        shop.run_posting(100);
        assert!(shop.now < moved + 5_000);
    }
    assert_eq!(told(&sale.snapshot()), PAID);
    assert!(shop.news_of(sale.payment).contains(&EventKind::LateApproval));
}

/// A refund inherits the `orderid` of its sale: its event is no proof of whose it is, and the lists tell.
#[test]
fn a_lost_refund_is_not_settled_by_its_event_alone() {
    let mut shop = patient().opened();
    let (sale, _) = shop.play("4711", Scenario::Approve);
    shop.until_free(&sale);
    shop.cloud.settle();
    shop.run_posting(1_000);
    shop.cloud.switches.search_lag_ms = 60_000;
    shop.cloud.fail_next(CallKind::Refund, When::After, Fault::Reset);
    let refund = [("reference", "R"), ("original", "4711")];
    let refund = shop.ask(Kind::Refund, &refund, &[("amount", 500)]).expect("taken");
    shop.run_posting(30_000);
    assert_eq!(shop.cloud.moved_cents(), 1234 + 100 - 500);
    assert!(!refund.snapshot().state.is_final());
    let result = shop.finish(&refund, 300_000);
    assert_eq!((told(&result), result.approved_amount), (PAID, 500));
    assert!(!sale.snapshot().has(flag::LATE) && told(&sale.snapshot()) == PAID);
    shop.assert_polite();
}
