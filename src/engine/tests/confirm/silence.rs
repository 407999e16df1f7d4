//! The till says nothing: the payment is undone, or kept, by its own setting.

use super::*;

pub fn silence_is_voided_once<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.until_undone(&sale, WITHIN_MS + 10_000);
    till.world.run(7_200_000);
    till.judge_undone(&sale);
    assert_eq!((till.count(CallKind::Void), till.news(&sale, EventKind::Reversed)), (1, 1));
    assert_eq!(till.news(&sale, EventKind::ResultChanged), 0, "our own work is no surprise");
    let told = till.last_word(&sale);
    assert_eq!((told.state, told.status, told.money), (State::Canceled, Status::Canceled, MoneyMoved::Reversed));
    assert!(told.message.contains("not confirmed in time"), "{}", told.message);
    assert_eq!(till.world.pending().len(), 1, "the till has not heard it yet");
    till.world.acknowledge(&sale);
    till.world.run(1_000);
    assert!(till.world.pending().is_empty());
    till.world.run(600_000);
    till.judge_undone(&sale);
}

pub fn silence_is_counted_from_the_result_and_not_earlier<C: Books>() {
    for within in [60, 300] {
        let mut till = Till::<C>::new(&[("confirm_within", &within.to_string())]);
        let sale = till.reserved();
        till.world.run(within * 1_000 - 100);
        assert!(!till.is_on_record(&sale, Action::Void), "{within} s are not over");
        till.world.run(200);
        assert!(till.is_on_record(&sale, Action::Void), "{within} s are over");
    }
}

pub fn silence_is_counted_anew_after_a_restart<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(WITHIN_MS - 5_000);
    till.world.power_cut(3_600_000);
    let sale = till.world.again(sale.payment);
    till.world.run(WITHIN_MS - 100);
    assert!(!till.is_on_record(&sale, Action::Void));
    till.until_undone(&sale, 10_000);
    till.judge_undone(&sale);
}

/// The till slept as well.
pub fn silence_is_counted_anew_after_a_sleep<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(60_000);
    till.world.sleep(3_600_000);
    till.world.run(WITHIN_MS - 100);
    assert!(!till.is_on_record(&sale, Action::Void));
    till.world.acknowledge(&sale);
    till.until_taken(&sale, 60_000);
    till.judge_taken(&sale);
}

pub fn silence_that_is_to_be_kept_changes_nothing<C: Books>() {
    let mut till = Till::<C>::new(&[("on_silence", "keep")]);
    let sale = till.reserved();
    till.world.run(7_200_000);
    assert_eq!((till.count(CallKind::Void), till.count(CallKind::Capture)), (0, 0));
    assert!(till.row(&sale).reserved);
    let capture = till.work(Kind::Capture).expect("pj_capture is the till's");
    assert_eq!(till.world.finish(&capture, 60_000).money, MoneyMoved::Moved);
    till.world.run(1_000);
    till.world.acknowledge(&sale);
    till.world.run(600_000);
    till.judge_taken(&sale);
    assert_eq!(till.count(CallKind::Capture), 1, "the till's own one");
}

/// From the record of the void on, an acknowledgement is refused: never both.
pub fn an_acknowledgement_comes_too_late_while_the_void_runs<C: Books>() {
    for (when, fault) in [(When::Before, Fault::Drop), (When::After, Fault::Silence(60_000))] {
        let mut till = Till::<C>::new(&[]);
        till.what = format!("{when:?} {fault:?}");
        let sale = till.reserved();
        till.world.cloud.fail_next(CallKind::Void, when, fault);
        till.world.run_until(WITHIN_MS + 1_000, "on record", |w| w.has_fact(sale.payment, is_void));
        assert!(!sale.acknowledge(), "{}: refused", till.what);
        // A command that was on its way is not taken either.
        let shown = sale.snapshot().event_number;
        till.world.command(crate::engine::core::Command::Acknowledge { payment: sale.payment, shown });
        till.world.run(1_000);
        assert!(!till.world.has_fact(sale.payment, |f| matches!(f, Fact::Acknowledged)), "{}", till.what);
        assert!(sale.snapshot().message.contains("being undone"), "{}", sale.snapshot().message);
        till.world.power_cut(1_000);
        let sale = till.world.again(sale.payment);
        assert!(!sale.acknowledge(), "{}: nor by the next run", till.what);
        till.until_undone(&sale, 200_000);
        assert!(sale.is_news_unseen(), "{}: what it became must be seen first", till.what);
        till.world.acknowledge(&sale);
        till.world.run(60_000);
        till.judge_undone(&sale);
    }
}

/// The till was answered with success, and the engine has not heard it yet.
pub fn a_till_that_was_faster_is_not_overtaken_by_the_void<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(WITHIN_MS - 1_000);
    assert!(sale.acknowledge());
    till.world.run(60_000);
    assert!(!till.is_on_record(&sale, Action::Void));
    till.world.acknowledge(&sale);
    till.until_taken(&sale, 60_000);
    till.judge_taken(&sale);
}

pub fn an_acknowledged_payment_is_never_voided_for_silence<C: Books>() {
    // Whatever becomes of its capture.
    for times in [1, 9] {
        let mut till = Till::<C>::new(&[]);
        let sale = till.reserved();
        till.world.run(WITHIN_MS - 1_000);
        till.lose_next(CallKind::Capture, times);
        till.world.acknowledge(&sale);
        till.world.run(7_200_000);
        assert_eq!(till.count(CallKind::Void), 0, "{times}");
        assert!(!till.row(&sale).voided);
    }
}

/// Truth, section 7. The till's own capture has no answer; until it can have arrived nothing is undone.
pub fn a_void_for_silence_keeps_away_from_an_unclear_capture<C: Books>() {
    let mut till = Till::<C>::new(&[("deadline", "20")]);
    let sale = till.reserved();
    till.world.run(WITHIN_MS - 200_000);
    till.lose_next(CallKind::Capture, 9);
    let capture = till.work(Kind::Capture).expect("taken");
    till.world.run_until(2 * WITHIN_MS, "the void is on record", |w| w.has_fact(sale.payment, is_void));
    assert!(capture.snapshot().state.is_final(), "not while the capture is open");
    let last =
        till.world.cloud.calls().iter().filter(|call| call.kind == CallKind::Capture).map(|call| call.at_ms).max();
    let quiet = till.world.core.rules.absence_after_ms;
    assert!(till.world.now >= last.expect("sent") + quiet, "within L of the unclear capture");
    till.until_undone(&sale, 60_000);
}

/// The same when a person says that it was not taken: the copy on the road does not know that.
pub fn a_void_for_silence_keeps_away_from_a_capture_that_a_person_decided<C: Books>() {
    let mut till = Till::<C>::new(&[("deadline", "20")]);
    let sale = till.reserved();
    till.world.run(WITHIN_MS - 30_000);
    till.lose_next(CallKind::Capture, 9);
    let capture = till.work(Kind::Capture).expect("taken");
    till.world.until_unknown(&capture, 25_000);
    till.world.resolve(&capture, crate::payment::Decision::NotPaid);
    till.world.run(1_000);
    assert!(capture.snapshot().state.is_final());
    let lost = till.world.core.lanes[&capture.payment].payment.lost_since().expect("lost");
    let quiet = till.world.core.rules.absence_after_ms;
    till.world.run_until(2 * WITHIN_MS, "the void is on record", |w| w.has_fact(sale.payment, is_void));
    assert!(till.world.now >= lost + quiet, "within L of the unclear capture");
    till.until_undone(&sale, 60_000);
}

pub fn a_payment_that_was_undone_is_told_until_it_is_acknowledged<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.until_undone(&sale, WITHIN_MS + 10_000);
    till.world.run(1_000);
    for _ in 0..2 {
        let heard = till.world.told.len();
        till.world.power_cut(1_000);
        let sale = till.world.again(sale.payment);
        let told: Vec<_> = till.world.told[heard..].iter().filter(|(id, ..)| *id == sale.payment).collect();
        let [(_, EventKind::Reversed, snapshot)] = told[..] else { panic!("told again: {told:#?}") };
        assert_eq!((snapshot.state, snapshot.money), (State::Canceled, MoneyMoved::Reversed));
        till.judge_undone(&sale);
    }
    let sale = till.world.again(sale.payment);
    till.world.acknowledge(&sale);
    till.world.run(1_000);
    till.world.power_cut(1_000);
    assert!(till.world.pending().is_empty());
}

/// The reference moved money, and gave it back: like every undone payment it is not asked for again.
pub fn what_was_undone_is_final_for_its_reference<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.until_undone(&sale, WITHIN_MS + 10_000);
    till.world.acknowledge(&sale);
    till.world.run(60_000);
    let again = till.world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", SALE)]);
    assert_eq!(again.map(|_| ()).map_err(|(status, ..)| status), Err(Status::DuplicateReference));
    let void = till.work(Kind::Void);
    let void = void.expect("taken, and answered by the transaction");
    till.world.finish(&void, 60_000);
    till.world.run(60_000);
    assert_eq!(till.row(&sale), Row { total: SALE, voided: true, ..Row::default() });
}

/// The vendor does not void any more: the till is told, and decides.
pub fn a_void_that_is_refused_is_told_and_not_repeated<C: Books>(refusal: &str) {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.forge(CallKind::Void, When::Before, 400, refusal);
    till.world.run_until(WITHIN_MS + 60_000, "told", |w| w.news_of(sale.payment).contains(&EventKind::ResultChanged));
    let told = till.last_word(&sale);
    assert_eq!((told.state, told.money, told.status), (State::Approved, MoneyMoved::Pending, Status::Rejected));
    assert!(told.message.contains("could not be undone"), "{}", told.message);
    till.world.run(2 * WITHIN_MS);
    till.world.acknowledge(&sale);
    till.world.run(600_000);
    assert_eq!((till.count(CallKind::Capture), till.count(CallKind::Void)), (0, 1), "from here on the till decides");
    let void = till.work(Kind::Void).expect("nothing is in its way");
    assert_eq!(till.world.finish(&void, 60_000).money, MoneyMoved::Reversed);
}

/// A person at the vendor's own pages has taken the money: that is nobody's silence.
pub fn money_that_somebody_else_took_is_not_voided_for_silence<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    let capture = till.work(Kind::Capture).expect("taken");
    assert_eq!(till.world.finish(&capture, 60_000).money, MoneyMoved::Moved);
    till.world.run(2 * WITHIN_MS);
    assert_eq!(till.count(CallKind::Void), 0);
    till.judge_taken(&sale);
}

fn is_void(fact: &Fact) -> bool {
    matches!(fact, Fact::Dispatched { action: Action::Void })
}
