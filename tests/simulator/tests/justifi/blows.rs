//! A client without sense, under every blow, from a seed: the cloud stands, and its books hold.

use crate::bench::Bench;
use posjunction_simulator::justifi::{
    self as jf, AMOUNTS, Abandoned, ActivePay, Cloud, ListOrder, Setup, Switches, Touch,
};
use posjunction_simulator::rng::Rng;
use posjunction_simulator::{Fault, FaultRates};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SEEDS: u64 = 60;
const STEPS: usize = 300;

fn switches(rng: &mut Rng) -> Switches {
    let mut coin = |of: u64| rng.below(of) == 0;
    Switches {
        active_pay: match (coin(3), coin(2)) {
            (true, _) => ActivePay::Refuses,
            (_, true) => ActivePay::Replaces,
            _ => ActivePay::Queues,
        },
        abandoned: if coin(2) { Abandoned::Canceled } else { Abandoned::Failed },
        list_order: if coin(2) { ListOrder::Newest } else { ListOrder::Shuffled },
        offline_refused: coin(2),
        attempted_while_processing: coin(2),
        idempotent_pay: coin(2),
        declined_card_is_attempt: coin(2),
        completion_at_end: coin(3),
        completion_lag_ms: if coin(3) { 8_000 } else { 0 },
        refund_pending_ms: if coin(3) { 5_000 } else { 0 },
        refunds_fail: coin(4),
        key_busy_ms: if coin(4) { 3_000 } else { 0 },
        key_lifetime_ms: coin(4).then_some(60_000),
        seed_replies: coin(4),
        ..Switches::default()
    }
}

fn pick<T: Clone>(rng: &mut Rng, of: &[T]) -> Option<T> {
    of.get(rng.below(of.len() as u64) as usize).cloned()
}

fn touch(bench: &mut Bench, rng: &mut Rng) {
    let terminal = rng.below(6) as usize;
    let id = bench.cloud.terminals()[terminal].id.clone();
    let touches =
        [Touch::Tap, Touch::TapOther, Touch::Decline(116), Touch::Cancel, Touch::Unplug, Touch::Plug, Touch::Plug];
    bench.cloud.touch(&id, touches[rng.below(7) as usize]);
}

fn write(bench: &mut Bench, rng: &mut Rng) {
    let payment = pick(rng, &bench.cloud.ledger().iter().map(|p| p.id.clone()).collect::<Vec<_>>());
    let checkout = pick(rng, &bench.cloud.checkouts().iter().map(|c| c.id.clone()).collect::<Vec<_>>());
    let (payment, checkout) = (payment.unwrap_or_default(), checkout.unwrap_or_default());
    let (target, body) = match rng.below(5) {
        0 => (format!("/payments/{payment}/void"), Value::Null),
        1 => (format!("/payments/{payment}/capture"), Value::Null),
        2 => (format!("/checkouts/{checkout}/refunds"), json!({"amount": 1 + rng.below(30_000)})),
        _ => (format!("/payments/{payment}/refunds"), json!({"amount": 1 + rng.below(30_000)})),
    };
    let key = format!("few {}", rng.below(40));
    bench.call_with_key("POST", &target, &body, &key);
}

fn act(bench: &mut Bench, rng: &mut Rng) {
    let checkouts: Vec<String> = bench.cloud.checkouts().iter().map(|c| c.id.clone()).collect();
    let intents: Vec<String> = bench.cloud.intents().iter().map(|i| i.id.clone()).collect();
    let terminal = bench.cloud.terminals()[rng.below(6) as usize].id.clone();
    let amount = if rng.below(2) == 0 { AMOUNTS[rng.below(24) as usize].0 } else { 51 + rng.below(50_000) as i64 };
    match rng.below(12) {
        0 => drop(bench.post("/checkouts", &json!({"amount": amount, "description": "d"}))),
        1 => drop(bench.post("/payment_intents", &json!({"amount": amount, "currency": "usd", "description": "d"}))),
        2..=4 => {
            let from = if rng.below(4) == 0 { &intents } else { &checkouts };
            let id = pick(rng, from);
            bench.pay_at(&terminal, &id.unwrap_or_default());
        }
        5 => {
            let intent = pick(rng, &intents).unwrap_or_default();
            bench.post("/terminals/refund", &json!({"payment_intent_id": intent, "terminal_id": terminal}));
        }
        6 => touch(bench, rng),
        7 | 8 => write(bench, rng),
        9 => {
            bench.call("GET", &format!("/checkouts/{}", pick(rng, &checkouts).unwrap_or_default()), &Value::Null);
            bench.call("GET", &format!("/terminals/{terminal}/status"), &Value::Null);
            bench.call("GET", "/payments?limit=3", &Value::Null);
        }
        10 => drop(bench.cloud.neighbor_pays(&terminal, 20_000)),
        _ => bench.wait(rng.below(120_000)),
    }
}

/// What holds at every moment, whatever the client did.
fn check(cloud: &Cloud, seed: u64) {
    for checkout in cloud.checkouts() {
        let charges = cloud.charges(&checkout.id);
        assert!(charges.len() <= 1, "seed {seed}: {} was charged {} times", checkout.id, charges.len());
        let told = checkout.successful_payment_id.as_ref();
        assert!(told.is_none_or(|id| charges.iter().any(|p| p.id == *id)), "seed {seed}: {} is a lie", checkout.id);
        let succeeded = checkout.completions.iter().filter(|c| c.status == "succeeded").count();
        assert!(succeeded <= charges.len(), "seed {seed}: {} has too many completions", checkout.id);
    }
    for intent in cloud.intents() {
        assert!(cloud.charges(&intent.id).len() <= 1, "seed {seed}: {} was charged twice", intent.id);
    }
    for payment in cloud.ledger() {
        let back: i64 = cloud.refunds_of(&payment.id).iter().map(|refund| refund.moved()).sum();
        assert!(back <= payment.moved(), "seed {seed}: {} gave back {back}", payment.id);
    }
    let net: i64 = cloud.ledger().iter().map(|payment| cloud.moved_of(&payment.id)).sum();
    assert_eq!(net, cloud.moved_cents(), "seed {seed}");
}

#[test]
fn the_books_hold_under_every_blow() {
    let (mut paid, mut refunded, mut progress) = (0, 0, BTreeSet::new());
    for seed in 0..SEEDS {
        let mut rng = Rng::new(seed);
        let mut bench = Bench::with(Setup { seed, token_life_ms: u64::MAX / 2, ..Setup::default() });
        bench.cloud.switches = switches(&mut rng);
        let faults =
            vec![Fault::Reset, Fault::ServerError, Fault::HalfBody, Fault::Delay(9_000), Fault::Silence(9_000)];
        bench.cloud.fail_randomly(FaultRates { before_per_mille: 40, after_per_mille: 60, faults });
        for _ in 0..STEPS {
            act(&mut bench, &mut rng);
            check(&bench.cloud, seed);
        }
        bench.wait(300_000);
        check(&bench.cloud, seed);
        paid += bench.cloud.ledger().iter().filter(|payment| payment.is_approved()).count();
        refunded += bench.cloud.refunds().len();
        progress.extend(bench.cloud.requests().iter().map(|session| format!("{:?}", session.progress)));
    }
    assert!(paid > 500 && refunded > 100, "{paid} paid, {refunded} refunded: too little happened");
    assert!(progress.len() >= 7, "{progress:?}");
}

#[test]
fn a_seed_names_a_history() {
    let history = |seed| {
        let mut rng = Rng::new(7);
        let mut bench = Bench::with(Setup { seed, ..Setup::default() });
        (0..100).for_each(|_| act(&mut bench, &mut rng));
        bench.cloud.calls().iter().map(|call| call.answer.clone()).collect::<Vec<_>>()
    };
    assert_eq!(history(1), history(1));
    assert_ne!(history(1), history(2));
    assert_eq!(jf::Setup::default().seed, 1);
}
