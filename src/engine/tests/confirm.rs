//! `confirm` = on_acknowledge: the money is reserved, the till stores the sale and acknowledges it, and then the money is
//! taken, once. Silence means void, by the till's own setting. The same stories at every vendor that can reserve.
//!
//! To add a vendor: its line at the end of this file; its books stand with the list of lost changes.

mod lost;
mod odd;
mod search;
mod silence;

use super::lost_changes::books::{Books, Row};
use super::world::World;
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::fact::{Action, Fact};
use crate::payment::snapshot::{EventKind, MoneyMoved, Snapshot, State, flag};
use crate::status::Status;
use posjunction_simulator::{CallKind, Fault, When};
use std::sync::Arc;

const SALE: i64 = 5_000;
const WITHIN_MS: u64 = 300_000;

/// A till under the policy.
struct Till<C: Books> {
    world: World<C>,
    what: String,
}

impl<C: Books> Till<C> {
    fn new(settings: &[(&str, &str)]) -> Till<C> {
        let mut world = World::of(C::fresh(), &[]);
        world.warm_up();
        world.configure("confirm", "on_acknowledge");
        for (key, value) in settings {
            match value.parse() {
                Ok(number) => world.configure_int(key, number),
                Err(_) => world.configure(key, value),
            }
        }
        // The next start reads it.
        world.power_cut(1_000);
        Till { world, what: String::new() }
    }

    fn pay(&mut self, texts: &[(&str, &str)]) -> Arc<Request> {
        let texts: Vec<(&str, &str)> = [("reference", "4711")].into_iter().chain(texts.iter().copied()).collect();
        let asked = self.world.ask(Kind::Payment, &texts, &[("amount", SALE)]);
        asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()))
    }

    /// A payment whose money is reserved; the till has not said anything yet.
    fn reserved(&mut self) -> Arc<Request> {
        let sale = self.pay(&[]);
        let told = self.world.finish(&sale, 120_000);
        assert_eq!((told.state, told.money), (State::Approved, MoneyMoved::Pending), "{}", self.what);
        assert!(!told.has(flag::CAPTURED));
        sale
    }

    fn work(&mut self, kind: Kind) -> Result<Arc<Request>, Status> {
        let asked = self.world.ask(kind, &[("reference", "W"), ("original", "4711")], &[]);
        asked.map_err(|(status, ..)| status)
    }

    fn row(&self, sale: &Request) -> Row {
        self.world.cloud.row(&sale.snapshot().transaction_id)
    }

    fn count(&self, kind: CallKind) -> usize {
        self.world.cloud.calls().iter().filter(|call| call.kind == kind).count()
    }

    /// The next calls of this kind do not arrive, and nobody is told.
    fn lose_next(&mut self, kind: CallKind, times: usize) {
        (0..times).for_each(|_| self.world.cloud.fail_next(kind, When::Before, Fault::Drop));
    }

    fn news(&self, sale: &Request, kind: EventKind) -> usize {
        self.world.news_of(sale.payment).into_iter().filter(|told| *told == kind).count()
    }

    /// The last that the till was told of the payment.
    fn last_word(&self, sale: &Request) -> Snapshot {
        let of_it = self.world.told.iter().rev().find(|(id, ..)| *id == sale.payment);
        of_it.map(|(.., snapshot)| snapshot.clone()).expect("news of the sale")
    }

    fn is_on_record(&self, sale: &Request, action: Action) -> bool {
        self.world.has_fact(sale.payment, |fact| matches!(fact, Fact::Dispatched { action: a } if *a == action))
    }

    /// In the books and by the till's own knowledge the money is taken, once.
    fn judge_taken(&mut self, sale: &Request) {
        let what = self.what.clone();
        let now = sale.snapshot();
        assert_eq!((now.state, now.money, now.approved_amount), (State::Approved, MoneyMoved::Moved, SALE), "{what}");
        assert!(now.has(flag::CAPTURED) && !now.has(flag::AMOUNT_DIFFERS), "{what}");
        assert_eq!(self.row(sale), Row { total: SALE, ..Row::default() }, "{what}");
        assert_eq!(self.count(CallKind::Void), 0, "{what}");
        self.world.assert_polite();
    }

    /// In the books and by the till's own knowledge the payment is undone, and nothing was captured.
    fn judge_undone(&mut self, sale: &Request) {
        let what = self.what.clone();
        let now = sale.snapshot();
        assert_eq!((now.state, now.money, now.approved_amount), (State::Canceled, MoneyMoved::Reversed, 0), "{what}");
        let row = self.row(sale);
        assert!(row.voided && row.refunds.is_empty(), "{what}: {row:?}");
        assert_eq!(self.count(CallKind::Capture), 0, "{what}");
        self.world.assert_polite();
    }

    fn until_taken(&mut self, sale: &Request, ms: u64) {
        let what = format!("{}: the money is taken", self.what);
        self.world.run_until(ms, &what, |_| sale.snapshot().money == MoneyMoved::Moved);
    }

    fn until_undone(&mut self, sale: &Request, ms: u64) {
        let what = format!("{}: the payment is undone", self.what);
        self.world.run_until(ms, &what, |_| sale.snapshot().money == MoneyMoved::Reversed);
    }
}

/// The whole story as it should be.
fn an_acknowledged_sale_is_captured_once<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    assert_eq!(till.count(CallKind::Capture), 0, "nothing is taken before the till has stored the sale");
    till.world.acknowledge(&sale);
    till.until_taken(&sale, 5_000);
    till.world.run(7_200_000);
    till.judge_taken(&sale);
    assert_eq!((till.count(CallKind::Capture), till.news(&sale, EventKind::Updated)), (1, 1));
    let told = till.last_word(&sale);
    assert_eq!((told.money, told.has(flag::CAPTURED)), (MoneyMoved::Moved, true));
    assert!(sale.is_acknowledged() && till.world.pending().is_empty(), "the till has nothing more to do");
    assert_eq!(till.news(&sale, EventKind::ResultChanged), 0, "our own work is no surprise");
    assert!(!till.world.core.lanes.contains_key(&sale.payment), "and the engine forgets it");
}

/// The capture has its own record, which stands on the disk after the acknowledgement and before the call.
fn the_acknowledgement_is_durable_before_the_capture_leaves<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    till.world.flush_ms = 3_000;
    till.world.acknowledge(&sale);
    till.world.run(2_900);
    assert!(!till.is_on_record(&sale, Action::Capture), "the acknowledgement is not on disk yet");
    till.until_taken(&sale, 20_000);
    let facts = till.world.facts(sale.payment);
    let place = |wanted: &dyn Fn(&Fact) -> bool| facts.iter().position(wanted).expect("on record");
    let acknowledged = place(&|fact| matches!(fact, Fact::Acknowledged));
    let dispatched = place(&|fact| matches!(fact, Fact::Dispatched { action: Action::Capture }));
    assert!(acknowledged < dispatched && dispatched < place(&|fact| matches!(fact, Fact::Captured { .. })));
}

/// Without a disk nothing is taken; when the disk is back, the money is.
fn without_a_disk_nothing_is_captured_until_it_is_back<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    till.world.disk_fails = true;
    till.world.acknowledge(&sale);
    till.world.run(60_000);
    assert_eq!(till.count(CallKind::Capture), 0);
    till.world.disk_fails = false;
    till.until_taken(&sale, 60_000);
    till.world.run(60_000);
    till.judge_taken(&sale);
}

/// A disk that fails for a moment: the acknowledgement is written before anything follows from it.
fn what_follows_from_an_acknowledgement_waits_until_it_is_written<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    till.world.flush_ms = 50;
    till.world.disk_fails = true;
    till.world.acknowledge(&sale);
    till.world.run(50);
    till.world.disk_fails = false;
    till.world.run(1_000);
    assert!(!till.world.has_fact(sale.payment, |fact| matches!(fact, Fact::Acknowledged)), "its next try is to come");
    assert!(!till.is_on_record(&sale, Action::Capture) && till.count(CallKind::Capture) == 0);
    till.until_taken(&sale, 60_000);
    till.judge_taken(&sale);
}

/// A disk that does not answer for longer than a till is kept waiting.
fn a_disk_that_takes_very_long_holds_the_capture_back<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    till.world.flush_ms = 30_000;
    till.world.acknowledge(&sale);
    till.world.run(29_000);
    assert!(!till.is_on_record(&sale, Action::Capture));
    till.world.run(29_000);
    assert_eq!(till.count(CallKind::Capture), 0, "nor before its own record is written");
    till.until_taken(&sale, 120_000);
    till.judge_taken(&sale);
}

/// What the customer adds at the terminal is captured with the rest, as the vendor reports it.
fn a_tip_is_captured_too<C: Books>(play: impl FnOnce(&mut C)) {
    let mut till = Till::<C>::new(&[]);
    play(&mut till.world.cloud);
    let asked = till.world.ask(Kind::Payment, &[("reference", "4711")], &[("amount", SALE), ("prompt_tip", 1)]);
    let sale = asked.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
    till.world.finish(&sale, 120_000);
    till.world.acknowledge(&sale);
    till.until_taken(&sale, 60_000);
    let told = till.last_word(&sale);
    assert_eq!((told.approved_amount, told.tip_amount), (SALE + 500, 500));
    assert!(!told.has(flag::AMOUNT_DIFFERS));
    assert_eq!((till.row(&sale).total, till.row(&sale).tip), (SALE + 500, 500));
}

/// A till that wants to capture itself says so, and the policy keeps out of it.
fn a_payment_that_the_till_captures_itself_is_left_alone<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.pay(&[("capture", "later")]);
    till.world.finish(&sale, 120_000);
    till.world.run(2 * WITHIN_MS);
    till.world.acknowledge(&sale);
    till.world.run(600_000);
    assert!(till.row(&sale).reserved);
    assert_eq!(sale.snapshot().money, MoneyMoved::Pending);
}

/// The vendor refuses for good: the authorization stands, and the till is told once and must hear it.
fn a_capture_that_is_refused_is_told_and_not_repeated<C: Books>(refusal: &str) {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    till.world.acknowledge(&sale);
    till.world.forge(CallKind::Capture, When::Before, 400, refusal);
    till.world.run_until(60_000, "told", |w| w.news_of(sale.payment).contains(&EventKind::ResultChanged));
    let told = till.last_word(&sale);
    assert_eq!((told.state, told.money, told.status), (State::Approved, MoneyMoved::Pending, Status::Rejected));
    assert!(told.message.contains("could not be taken"), "{}", told.message);
    assert_eq!(till.world.pending().len(), 1, "it must be acknowledged anew");
    till.world.acknowledge(&sale);
    till.world.run(7_200_000);
    assert_eq!((till.count(CallKind::Capture), till.count(CallKind::Void)), (1, 0), "from here on the till decides");
    let capture = till.work(Kind::Capture).expect("nothing is in its way");
    assert_eq!(till.world.finish(&capture, 60_000).money, MoneyMoved::Moved);
    assert_eq!(sale.snapshot().transaction_id, capture.snapshot().transaction_id);
    assert_eq!(till.row(&sale), Row { total: SALE, ..Row::default() });
}

/// While the policy's own step is on its way, the till's work on the payment has to wait.
fn the_tills_own_work_waits_for_the_capture<C: Books>() {
    for kind in [Kind::Void, Kind::Capture, Kind::Reverse] {
        let mut till = Till::<C>::new(&[]);
        let sale = till.reserved();
        till.world.run(20_000);
        till.world.cloud.fail_next(CallKind::Capture, When::Before, Fault::Drop);
        till.world.acknowledge(&sale);
        till.world.run_until(5_000, "on record", |w| w.has_fact(sale.payment, is_capture));
        assert_eq!(till.work(kind).err(), Some(Status::TransactionInUse), "{kind:?} on its way");
        till.world.run(10_000);
        assert_eq!(till.work(kind).err(), Some(Status::TransactionInUse), "{kind:?} unclear");
        till.until_taken(&sale, 90_000);
        till.world.run(1_000);
        assert!(till.work(kind).is_ok(), "{kind:?}");
    }
}

/// And the other way round: the policy waits for the till's.
fn the_capture_waits_for_the_tills_own_work<C: Books>() {
    let mut till = Till::<C>::new(&[]);
    let sale = till.reserved();
    till.world.run(20_000);
    till.world.cloud.fail_next(CallKind::Void, When::Before, Fault::Drop);
    let void = till.work(Kind::Void).expect("the till changed its mind");
    till.world.run(1_000);
    till.world.acknowledge(&sale);
    assert_eq!(till.world.finish(&void, 300_000).money, MoneyMoved::Reversed);
    till.world.run(600_000);
    assert!(till.row(&sale).voided);
    assert_eq!(till.count(CallKind::Capture), 0, "there is nothing to take any more");
    assert_eq!(sale.snapshot().money, MoneyMoved::Reversed);
}

/// A promise that was made stays one, whatever the next run is configured to do.
fn a_later_run_without_the_policy_keeps_what_was_promised<C: Books>() {
    for acknowledged in [true, false] {
        let mut till = Till::<C>::new(&[]);
        let sale = till.reserved();
        till.world.run(20_000);
        till.world.configure("confirm", "off");
        till.world.power_cut(1_000);
        let sale = till.world.again(sale.payment);
        if acknowledged {
            till.world.acknowledge(&sale);
            till.until_taken(&sale, 60_000);
            till.judge_taken(&sale);
        } else {
            till.until_undone(&sale, WITHIN_MS + 60_000);
            till.judge_undone(&sale);
        }
        let other = till.world.pay("4712", 100);
        assert_eq!(till.world.finish(&other, 120_000).money, MoneyMoved::Moved, "a new payment is not part of it");
    }
}

/// The till already thinks that this one was not paid; to take its money behind its back could charge the customer twice.
fn a_late_approval_is_not_captured_by_itself<C: Books>() {
    let mut till = Till::<C>::new(&[("deadline", "30")]);
    till.world.lose_next_answer();
    let sale = till.pay(&[]);
    till.world.run_until_fact(&sale, 30_000, "lost", |fact| matches!(fact, Fact::Unclear { .. }));
    till.world.road = super::world::Road::Closed;
    till.world.until_unknown(&sale, 120_000);
    till.world.resolve(&sale, crate::payment::Decision::NotPaid);
    till.world.run(1_000);
    till.world.acknowledge(&sale);
    till.world.road = super::world::Road::Open;
    till.world.run_until(7_200_000, "late", |w| w.news_of(sale.payment).contains(&EventKind::LateApproval));
    till.world.run(1_000);
    till.world.acknowledge(&sale);
    till.world.run(7_200_000);
    assert_eq!((till.count(CallKind::Capture), till.count(CallKind::Void)), (0, 0));
}

fn is_capture(fact: &Fact) -> bool {
    matches!(fact, Fact::Dispatched { action: Action::Capture })
}

macro_rules! stories {
    ($vendor:ident, $cloud:ty, $tip:expr, $refusal:expr, own { $($story:ident),+ $(,)? }, lost { $($lost:ident),+ $(,)? }, silence { $($silence:ident),+ $(,)? }) => {
        mod $vendor {
            #[test]
            fn a_tip_is_captured_too() {
                super::a_tip_is_captured_too::<$cloud>($tip);
            }

            #[test]
            fn a_capture_that_is_refused_is_told_and_not_repeated() {
                super::a_capture_that_is_refused_is_told_and_not_repeated::<$cloud>($refusal);
            }

            #[test]
            fn a_refused_capture_that_is_done_is_done() {
                super::lost::a_refused_capture_that_is_done_is_done::<$cloud>($refusal);
            }

            #[test]
            fn stories_from_a_seed_take_or_undo_and_never_both() {
                super::search::stories_from_a_seed_take_or_undo_and_never_both::<$cloud>();
            }

            #[test]
            fn a_void_that_is_refused_is_told_and_not_repeated() {
                super::silence::a_void_that_is_refused_is_told_and_not_repeated::<$cloud>($refusal);
            }

            $(#[test]
            fn $story() {
                super::$story::<$cloud>();
            })+

            $(#[test]
            fn $lost() {
                super::lost::$lost::<$cloud>();
            })+

            $(#[test]
            fn $silence() {
                super::silence::$silence::<$cloud>();
            })+
        }
    };
}

macro_rules! vendor {
    ($vendor:ident, $cloud:ty, $tip:expr, $refusal:expr) => {
        stories!(
            $vendor,
            $cloud,
            $tip,
            $refusal,
            own {
                an_acknowledged_sale_is_captured_once,
                the_acknowledgement_is_durable_before_the_capture_leaves,
                without_a_disk_nothing_is_captured_until_it_is_back,
                what_follows_from_an_acknowledgement_waits_until_it_is_written,
                a_disk_that_takes_very_long_holds_the_capture_back,
                a_payment_that_the_till_captures_itself_is_left_alone,
                the_tills_own_work_waits_for_the_capture,
                the_capture_waits_for_the_tills_own_work,
                a_later_run_without_the_policy_keeps_what_was_promised,
                a_late_approval_is_not_captured_by_itself,
            },
            lost {
                a_capture_whose_answer_is_lost_is_read_and_done_once,
                a_void_whose_answer_is_lost_is_read_and_done_once,
                a_capture_that_never_gets_through_is_told_by_proof,
                a_capture_that_cannot_leave_leaves_when_it_can,
                a_power_cut_at_every_fact_of_a_capture_takes_the_money_once,
                a_power_cut_at_every_moment_of_a_capture_takes_the_money_once,
                a_power_cut_at_every_moment_of_a_void_undoes_the_payment_once,
                after_a_power_cut_a_lost_capture_is_read_first,
            },
            silence {
                silence_is_voided_once,
                silence_is_counted_from_the_result_and_not_earlier,
                silence_is_counted_anew_after_a_restart,
                silence_is_counted_anew_after_a_sleep,
                silence_that_is_to_be_kept_changes_nothing,
                an_acknowledgement_comes_too_late_while_the_void_runs,
                a_till_that_was_faster_is_not_overtaken_by_the_void,
                an_acknowledged_payment_is_never_voided_for_silence,
                a_void_for_silence_keeps_away_from_an_unclear_capture,
                a_void_for_silence_keeps_away_from_a_capture_that_a_person_decided,
                a_payment_that_was_undone_is_told_until_it_is_acknowledged,
                what_was_undone_is_final_for_its_reference,
                money_that_somebody_else_took_is_not_voided_for_silence,
            }
        );
    };
}

const REFUSED_BY_PAYJUNCTION: &str =
    r#"{"errors":[{"message":"Status can not be updated.","parameter":"status","type":"invalid"}]}"#;
const REFUSED_BY_USAEPAY: &str = r#"{"error":"Transaction already settled","errorcode":103}"#;

vendor!(
    payjunction,
    posjunction_simulator::payjunction::Cloud,
    |cloud| cloud.script(posjunction_simulator::payjunction::Scenario::Tip(500)),
    super::REFUSED_BY_PAYJUNCTION
);

vendor!(
    ebizcharge,
    posjunction_simulator::ebizcharge::Cloud,
    |cloud| cloud.script(posjunction_simulator::ebizcharge::Scenario::Tip(500)),
    super::REFUSED_BY_USAEPAY
);
