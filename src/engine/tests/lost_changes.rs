//! Truth, section 7, at every vendor: the answer to a void, a refund, a capture, a reverse or a new tip is lost, before or
//! after the work is done, and the vendor's own books judge what the till was told.
//!
//! To add a vendor: its books in `books`, and one line at the end of this file.

pub mod books;

use super::world::World;
use crate::engine::Request;
use crate::payment::Kind;
use crate::payment::fact::{Action, Fact};
use crate::payment::snapshot::{EventKind, MoneyMoved, Snapshot, State, flag};
use books::{Books, Row};
use posjunction_simulator::{Fault, When};
use std::sync::Arc;

const SALE: i64 = 5_000;
const PART: i64 = 2_000;
const TIP: i64 = 700;

/// One way to change a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Void,
    Refund,
    RefundOfAPart,
    /// After another one of the same amount, which is done.
    SecondEqualRefund,
    Capture,
    CaptureOfLess,
    /// Of what is not settled: a void.
    Reverse,
    /// Of what is settled: the vendor refuses the void, and the refund follows.
    ReverseOfSettled,
    Tip,
}

/// How the answer is lost.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Road(When, Fault),
    /// The power goes when the submit is on record, and nothing of it may have left.
    PowerAtRecord,
    /// The power goes when the vendor has the submit.
    PowerOnTheWay(When),
}

const LOSSES: [Loss; 12] = [
    Loss::Road(When::Before, Fault::Drop),
    Loss::Road(When::After, Fault::Drop),
    Loss::Road(When::Before, Fault::BadGateway),
    Loss::Road(When::After, Fault::BadGateway),
    Loss::Road(When::Before, Fault::HalfBody),
    Loss::Road(When::After, Fault::HalfBody),
    Loss::Road(When::Before, Fault::Silence(60_000)),
    Loss::Road(When::After, Fault::Silence(60_000)),
    // Stuck on the road, and carried out long after the connection is gone.
    Loss::Road(When::Before, Fault::Delay(45_000)),
    Loss::PowerAtRecord,
    Loss::PowerOnTheWay(When::Before),
    Loss::PowerOnTheWay(When::After),
];

impl Change {
    fn kind(self) -> Kind {
        match self {
            Change::Void => Kind::Void,
            Change::Refund | Change::RefundOfAPart | Change::SecondEqualRefund => Kind::Refund,
            Change::Capture | Change::CaptureOfLess => Kind::Capture,
            Change::Reverse | Change::ReverseOfSettled => Kind::Reverse,
            Change::Tip => Kind::AdjustTip,
        }
    }

    fn numbers(self) -> Vec<(&'static str, i64)> {
        match self {
            Change::RefundOfAPart | Change::SecondEqualRefund | Change::CaptureOfLess => vec![("amount", PART)],
            Change::Tip => vec![("tip_amount", TIP)],
            _ => Vec::new(),
        }
    }

    fn is_refund(self) -> bool {
        self.kind() == Kind::Refund || self == Change::ReverseOfSettled
    }

    /// The payment as the books have it when the change was done so many times.
    fn row(self, times: usize) -> Row {
        let sold = Row { total: SALE, ..Row::default() };
        let refunds = |each, times| Row { refunds: vec![each; times], ..sold.clone() };
        match (self, times) {
            (Change::Refund | Change::ReverseOfSettled, times) => refunds(SALE, times),
            (Change::RefundOfAPart, times) => refunds(PART, times),
            (Change::SecondEqualRefund, times) => refunds(PART, times + 1),
            (Change::Capture | Change::CaptureOfLess, 0) => Row { reserved: true, ..sold },
            (Change::CaptureOfLess, _) => Row { total: PART, ..sold },
            (Change::Void | Change::Reverse, 1..) => Row { voided: true, ..sold },
            (Change::Tip, 1..) => Row { total: SALE + TIP, tip: TIP, ..sold },
            _ => sold,
        }
    }
}

/// One story of the list.
struct Story<C: Books> {
    world: World<C>,
    change: Change,
    sale: Arc<Request>,
    transaction: String,
    what: String,
}

impl<C: Books> Story<C> {
    /// A payment that is paid and stored, and whatever must go before the change.
    fn new(change: Change, loss: Loss) -> Story<C> {
        let mut world = World::of(C::fresh(), &[]);
        world.warm_up();
        let later = matches!(change, Change::Capture | Change::CaptureOfLess);
        let texts = [("reference", "4711"), ("capture", if later { "later" } else { "now" })];
        let sale = world.ask(Kind::Payment, &texts, &[("amount", SALE)]);
        let sale = sale.unwrap_or_else(|(status, text, _)| panic!("{}: {text}", status.name()));
        let told = world.finish(&sale, 120_000);
        assert_eq!(told.state, State::Approved, "{change:?}");
        assert_eq!(told.money, if later { MoneyMoved::Pending } else { MoneyMoved::Moved }, "{change:?}");
        world.run(30_000);
        world.acknowledge(&sale);
        if change.is_refund() {
            world.cloud.settle_all();
        }
        let what = format!("{change:?} {loss:?}");
        let mut story = Story { world, change, sale, transaction: told.transaction_id, what };
        if change == Change::SecondEqualRefund {
            let first = story.ask("R");
            assert_eq!(story.world.finish(&first, 60_000).state, State::Approved);
            story.world.acknowledge(&first);
            story.world.run(1_000);
        }
        story
    }

    fn ask(&mut self, reference: &str) -> Arc<Request> {
        let (kind, numbers) = (self.change.kind(), self.change.numbers());
        let asked = self.world.ask(kind, &[("reference", reference), ("original", "4711")], &numbers);
        asked.unwrap_or_else(|(status, text, _)| panic!("{}: {}: {text}", self.what, status.name()))
    }

    /// Asks for the change, and loses its answer.
    fn lose(&mut self, loss: Loss) -> Arc<Request> {
        let call = C::call(self.change);
        let before = self.arrived();
        match loss {
            Loss::Road(when, fault) => self.world.cloud.fail_next(call, when, fault),
            Loss::PowerOnTheWay(When::Before) => self.world.cloud.fail_next(call, When::Before, Fault::Drop),
            Loss::PowerOnTheWay(When::After) | Loss::PowerAtRecord => {}
        }
        let request = self.ask("4712");
        let refund = self.change == Change::ReverseOfSettled && C::SPLITS_REVERSE;
        let on_record = |fact: &Fact| match fact {
            Fact::Dispatched { action } => !refund || *action == Action::Refund,
            _ => false,
        };
        match loss {
            Loss::Road(..) => return request,
            Loss::PowerAtRecord => self.world.run_until_fact(&request, 30_000, "on record", on_record),
            Loss::PowerOnTheWay(_) => {
                self.world.run_until(30_000, "on the way", |w| arrived(w, call) > before);
            }
        }
        self.world.power_cut(1_000);
        self.world.again(request.payment)
    }

    fn arrived(&self) -> usize {
        arrived(&self.world, C::call(self.change))
    }

    fn row(&self) -> Row {
        self.world.cloud.row(&self.transaction)
    }

    /// How often the change stands in the books. Anything else than once or never is lost, doubled or invented money.
    fn times(&self) -> usize {
        let row = self.row();
        let fits = (0..=1).find(|times| row == self.change.row(*times));
        fits.unwrap_or_else(|| panic!("{}: the books have {row:?}", self.what))
    }

    /// What the till is told in the end is what the books say.
    fn judge(&mut self, request: &Arc<Request>, executed: Option<bool>) -> Snapshot {
        let end = self.world.now + 7_200_000;
        while self.world.now < end && !request.snapshot().state.is_final() {
            self.world.run(10_000);
        }
        let told = (*request.snapshot()).clone();
        let what = format!("{} {:?} {:?}", self.what, told.state, told.status);
        let done = self.times() == 1;
        assert!(told.state.is_final(), "{what}: nothing stands in the way of knowing it");
        assert_eq!(told.state == State::Approved, done, "{what}");
        assert_eq!(told.money == MoneyMoved::NotMoved, !done, "{what}");
        assert!(!told.has(flag::AMOUNT_DIFFERS), "{what}");
        if executed == Some(true) {
            assert!(done, "{what}: it was executed, and good news are not lost");
        }
        self.judge_original(done, &what);
        told
    }

    /// Absolute work that is read as not done goes again, but not from a later run; a refund never goes again.
    fn judge_sends(&self, loss: Loss, payment: u64, told: State) {
        let of_this = self.arrived() - usize::from(self.change == Change::SecondEqualRefund);
        // After a long silence the till may have been told that it is unknown before the read that would send it again.
        let quickly = matches!(loss, Loss::Road(When::Before, Fault::Drop | Fault::BadGateway | Fault::HalfBody));
        let unknown = self.world.told.iter().any(|(id, _, s)| *id == payment && s.state == State::Unknown);
        let silent = matches!(loss, Loss::Road(When::Before, Fault::Silence(_)));
        let again = (quickly || (silent && !unknown)) && !self.change.is_refund();
        assert_eq!(of_this, if again { 2 } else { usize::from(of_this > 0) }, "{}: sends", self.what);
        assert!(!again || told == State::Approved, "{}: it goes again, and arrives", self.what);
    }

    /// The payment itself is told of what was done to it, and of nothing else.
    fn judge_original(&mut self, done: bool, what: &str) {
        self.world.run(5_000);
        let news = self.world.news_of(self.sale.payment);
        let wanted = if matches!(self.change.kind(), Kind::Capture | Kind::AdjustTip) {
            EventKind::Updated
        } else {
            EventKind::Reversed
        };
        let before = usize::from(self.change == Change::SecondEqualRefund);
        let heard = news.iter().filter(|kind| **kind == wanted).count();
        assert_eq!(heard, before + usize::from(done), "{what}: the payment heard {news:?}");
        assert!(!news.contains(&EventKind::ResultChanged), "{what}: {news:?}");
    }

    /// Not done: the same reference may be asked again, and then it is done, once.
    fn ask_again(&mut self) {
        let again = self.ask("4712");
        let told = self.world.finish(&again, 120_000);
        assert_eq!((told.state, self.times()), (State::Approved, 1), "{} asked again: {told:#?}", self.what);
        self.judge_original(true, "asked again");
    }

    /// Done: another equal refund is another one.
    fn refund_the_same_again(&mut self) {
        let another = self.ask("4713");
        let told = self.world.finish(&another, 120_000);
        assert_eq!(told.state, State::Approved, "{}: {told:#?}", self.what);
        let all = self.change.row(2).refunds;
        assert_eq!(self.row().refunds, all, "{}: two equal refunds", self.what);
    }
}

fn arrived<C: Books>(world: &World<C>, call: posjunction_simulator::CallKind) -> usize {
    world.cloud.calls().iter().filter(|arrived| arrived.kind == call).count()
}

/// The whole list of losses for one change at one vendor.
fn play<C: Books>(change: Change) {
    for loss in LOSSES {
        let mut story = Story::<C>::new(change, loss);
        assert_eq!(story.row(), change.row(0), "{}: before", story.what);
        let request = story.lose(loss);
        let executed = match loss {
            Loss::Road(_, Fault::Delay(_)) => Some(true),
            Loss::Road(when, _) | Loss::PowerOnTheWay(when) => Some(when == When::After),
            Loss::PowerAtRecord => None,
        };
        let told = story.judge(&request, executed);
        story.judge_sends(loss, request.payment, told.state);
        story.world.acknowledge(&request);
        story.world.run(1_000);
        if told.state != State::Approved {
            story.ask_again();
        }
        if change == Change::RefundOfAPart {
            story.refund_the_same_again();
        }
        story.world.assert_polite();
    }
}

/// What a vendor can do, no more and no less, is in its list.
fn check_list<C: Books>() {
    let list = [
        Change::Void,
        Change::Refund,
        Change::RefundOfAPart,
        Change::SecondEqualRefund,
        Change::Capture,
        Change::CaptureOfLess,
        Change::Reverse,
        Change::ReverseOfSettled,
        Change::Tip,
    ];
    for change in list {
        let mut world = World::<C>::of(C::fresh(), &[]);
        let texts = [("reference", "4712"), ("transaction", "1")];
        // A capture is of something that was reserved at the terminal.
        let later = [("reference", "4711"), ("capture", "later")];
        let can_begin = change.kind() != Kind::Capture || world.ask(Kind::Payment, &later, &[("amount", SALE)]).is_ok();
        let supported = can_begin && world.ask(change.kind(), &texts, &change.numbers()).is_ok();
        assert_eq!(supported, C::CHANGES.contains(&change), "{change:?}");
    }
}

macro_rules! vendor {
    ($name:ident, $cloud:ty, $($test:ident = $change:ident),+) => {
        mod $name {
            use super::*;

            #[test]
            fn every_change_that_the_vendor_knows_is_in_the_list() {
                check_list::<$cloud>();
                assert_eq!(<$cloud as Books>::CHANGES, [$(Change::$change),+]);
            }

            $(
                #[test]
                fn $test() {
                    play::<$cloud>(Change::$change);
                }
            )+
        }
    };
}

vendor!(
    payjunction,
    posjunction_simulator::payjunction::Cloud,
    a_lost_void = Void,
    a_lost_refund = Refund,
    a_lost_refund_of_a_part = RefundOfAPart,
    a_lost_second_equal_refund = SecondEqualRefund,
    a_lost_capture = Capture,
    a_lost_capture_of_less = CaptureOfLess,
    a_lost_reverse = Reverse,
    a_lost_reverse_of_what_is_settled = ReverseOfSettled,
    a_lost_tip = Tip
);

vendor!(
    ebizcharge,
    posjunction_simulator::ebizcharge::Cloud,
    a_lost_void = Void,
    a_lost_refund = Refund,
    a_lost_refund_of_a_part = RefundOfAPart,
    a_lost_second_equal_refund = SecondEqualRefund,
    a_lost_capture = Capture,
    a_lost_capture_of_less = CaptureOfLess,
    a_lost_reverse = Reverse,
    a_lost_reverse_of_what_is_settled = ReverseOfSettled,
    a_lost_tip = Tip
);

vendor!(
    justifi,
    posjunction_simulator::justifi::Cloud,
    a_lost_void = Void,
    a_lost_refund = Refund,
    a_lost_refund_of_a_part = RefundOfAPart,
    a_lost_second_equal_refund = SecondEqualRefund,
    a_lost_reverse = Reverse,
    a_lost_reverse_of_what_is_settled = ReverseOfSettled
);
