//! The answer to the policy's own step is lost, on the road or with the power, before or after the work is done.

use super::*;
use crate::engine::tests::world::Road;

const FAULTS: [Fault; 5] =
    [Fault::Drop, Fault::BadGateway, Fault::HalfBody, Fault::Silence(60_000), Fault::Delay(45_000)];

pub fn a_capture_whose_answer_is_lost_is_read_and_done_once<C: Books>() {
    for (when, fault) in [When::Before, When::After].into_iter().flat_map(|when| FAULTS.map(|fault| (when, fault))) {
        let mut till = Till::<C>::new(&[]);
        till.what = format!("{when:?} {fault:?}");
        let sale = till.reserved();
        till.world.run(20_000);
        till.world.cloud.fail_next(CallKind::Capture, when, fault);
        till.world.acknowledge(&sale);
        till.until_taken(&sale, 180_000);
        till.world.run(7_200_000);
        till.judge_taken(&sale);
        let executed = when == When::After || matches!(fault, Fault::Delay(_));
        let calls = till.count(CallKind::Capture);
        assert_eq!(calls, if executed { 1 } else { 2 }, "{}: it goes again only if it was not done", till.what);
        assert_eq!(till.news(&sale, EventKind::Updated), 1, "{}", till.what);
        assert_eq!(till.news(&sale, EventKind::ResultChanged), 0, "{}", till.what);
    }
}

pub fn a_void_whose_answer_is_lost_is_read_and_done_once<C: Books>() {
    for (when, fault) in [When::Before, When::After].into_iter().flat_map(|when| FAULTS.map(|fault| (when, fault))) {
        let mut till = Till::<C>::new(&[]);
        till.what = format!("{when:?} {fault:?}");
        let sale = till.reserved();
        till.world.cloud.fail_next(CallKind::Void, when, fault);
        till.until_undone(&sale, WITHIN_MS + 180_000);
        till.world.run(7_200_000);
        till.judge_undone(&sale);
        let executed = when == When::After || matches!(fault, Fault::Delay(_));
        let calls = till.count(CallKind::Void);
        assert_eq!(calls, if executed { 1 } else { 2 }, "{}: it goes again only if it was not done", till.what);
        assert_eq!(till.news(&sale, EventKind::Reversed), 1, "{}", till.what);
    }
}

/// A few tries, and then the word that it was not done: by a read that is late enough.
pub fn a_capture_that_never_gets_through_is_told_by_proof<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    till.lose_next(CallKind::Capture, 9);
    let before = till.world.now;
    till.world.acknowledge(&sale);
    till.world.run_until(900_000, "told", |w| w.news_of(sale.payment).contains(&EventKind::ResultChanged));
    assert_eq!(till.count(CallKind::Capture), 3);
    assert!(till.world.now > before + 120_000 + 120_000, "the last one may still have been on its way");
    let told = till.last_word(&sale);
    assert_eq!((told.state, told.money, told.status), (State::Approved, MoneyMoved::Pending, Status::ConnectionLost));
    till.world.acknowledge(&sale);
    till.world.run(7_200_000);
    assert!(till.row(&sale).reserved && till.count(CallKind::Capture) == 3);
}

/// What did not leave has no shelf life: an acknowledged sale is captured when the road is open again.
pub fn a_capture_that_cannot_leave_leaves_when_it_can<C: Books>() {
    for closed in [5_000, 60_000, 4_000_000] {
        let mut till = Till::<C>::new(&[]);
        till.what = format!("closed for {closed} ms");
        let sale = till.reserved();
        till.world.run(60_000);
        till.world.road = Road::Closed;
        till.world.acknowledge(&sale);
        till.world.run(closed);
        let tries = till.world.facts(sale.payment).into_iter().filter(is_capture).count();
        assert!(tries < 30, "{}: {tries} tries", till.what);
        till.world.road = Road::Open;
        till.until_taken(&sale, 400_000);
        till.world.run(60_000);
        till.judge_taken(&sale);
        assert_eq!(till.count(CallKind::Capture), 1);
    }
}

/// The power goes when so many facts are on disk; the till acknowledges again what it is told again.
pub fn a_power_cut_at_every_fact_of_a_capture_takes_the_money_once<C: Books>() {
    for facts in 1..8 {
        let mut till = Till::<C>::new(&[]);
        till.what = format!("{facts} facts after the acknowledgement");
        let sale = till.reserved();
        till.world.run(60_000);
        let before = till.world.facts(sale.payment).len();
        till.world.acknowledge(&sale);
        let end = till.world.now + 5_000;
        while till.world.facts(sale.payment).len() < before + facts && till.world.now < end {
            till.world.run(1);
        }
        let known = till.world.has_fact(sale.payment, |fact| matches!(fact, Fact::Captured { .. }));
        till.world.power_cut(1_000);
        if known {
            continue;
        }
        let sale = till.world.again(sale.payment);
        assert!(sale.is_acknowledged(), "{}: it was on disk", till.what);
        till.until_taken(&sale, 180_000);
        till.world.run(60_000);
        till.judge_taken(&sale);
    }
}

/// The same at every moment, with a disk that takes its time and may have written more than it said.
pub fn a_power_cut_at_every_moment_of_a_capture_takes_the_money_once<C: Books>() {
    for moment in (0..400).step_by(9) {
        for survive in [0, 1] {
            let mut till = Till::<C>::new(&[]);
            till.what = format!("{moment} ms after the acknowledgement, {survive} commits survive");
            let sale = till.reserved();
            till.world.run(60_000);
            till.world.flush_ms = 40;
            till.world.commits_survive = survive;
            till.world.acknowledge(&sale);
            till.world.run(moment);
            till.world.power_cut(1_000);
            // The journal has it, or the till is told again and says it again.
            let Some(again) = till.world.admission.live().into_iter().find(|r| r.payment == sale.payment) else {
                assert!(till.world.has_fact(sale.payment, |f| matches!(f, Fact::Captured { .. })), "{}", till.what);
                continue;
            };
            if !again.is_acknowledged() {
                till.world.acknowledge(&again);
            }
            till.until_taken(&again, 180_000);
            till.world.run(60_000);
            till.judge_taken(&again);
            assert!(till.count(CallKind::Capture) <= 2, "{}", till.what);
        }
    }
}

pub fn a_power_cut_at_every_moment_of_a_void_undoes_the_payment_once<C: Books>() {
    for moment in (0..400).step_by(9) {
        for survive in [0, 1] {
            let mut till = Till::<C>::new(&[]);
            till.what = format!("{moment} ms after the silence, {survive} commits survive");
            let sale = till.reserved();
            till.world.flush_ms = 40;
            till.world.commits_survive = survive;
            till.world.run(WITHIN_MS - 50 + moment);
            till.world.power_cut(1_000);
            let again = till.world.again(sale.payment);
            till.until_undone(&again, WITHIN_MS + 180_000);
            till.world.run(60_000);
            till.judge_undone(&again);
            assert!(till.count(CallKind::Void) <= 2, "{}", till.what);
        }
    }
}

/// Dispatched without an answer: the next run reads, and sends again only what it has seen undone.
pub fn after_a_power_cut_a_lost_capture_is_read_first<C: Books>() {
    for when in [When::Before, When::After] {
        let mut till = Till::<C>::new(&[]);
        till.what = format!("{when:?}");
        let sale = till.reserved();
        till.world.run(60_000);
        till.world.cloud.fail_next(CallKind::Capture, when, Fault::Silence(60_000));
        till.world.acknowledge(&sale);
        till.world.run_until(5_000, "on the way", |w| w.cloud.calls().iter().any(|c| c.kind == CallKind::Capture));
        till.world.power_cut(1_000);
        let started = till.world.cloud.calls().len();
        let sale = till.world.again(sale.payment);
        assert_eq!(till.work(Kind::Void).err(), Some(Status::TransactionInUse), "{}", till.what);
        till.until_taken(&sale, 180_000);
        let calls = &till.world.cloud.calls()[started..];
        assert_eq!(calls.first().map(|call| call.kind), Some(CallKind::GetTransaction), "{}", till.what);
        let again = calls.iter().filter(|call| call.kind == CallKind::Capture).count();
        assert_eq!(again, usize::from(when == When::Before), "{}", till.what);
        till.world.run(60_000);
        till.judge_taken(&sale);
    }
}

/// "Already captured", whichever run reads it: a refusal means nothing before the transaction was read after it.
pub fn a_refused_capture_that_is_done_is_done<C: Books>(refusal: &str) {
    for restart in [false, true] {
        let mut till = Till::<C>::new(&[]);
        till.what = format!("restart: {restart}");
        let sale = till.reserved();
        till.world.run(60_000);
        till.world.forge(CallKind::Capture, When::After, 400, refusal);
        till.world.acknowledge(&sale);
        till.world.run_until_fact(&sale, 5_000, "refused", |fact| matches!(fact, Fact::Refused { .. }));
        if restart {
            till.world.power_cut(1_000);
        }
        let sale = till.world.again(sale.payment);
        till.until_taken(&sale, 60_000);
        till.world.run(60_000);
        till.judge_taken(&sale);
        assert_eq!(till.count(CallKind::Capture), 1);
    }
}
