//! The vendors' clouds as a random world plays with them: their books, their terminals, their switches.

mod ebizcharge;
mod justifi;
mod payjunction;

use super::super::world::Cloud;
use crate::payment::Kind;
use posjunction_simulator::rng::Rng;
use posjunction_simulator::webhooks::Event;
use posjunction_simulator::{CallKind, FaultRates};

pub const LANES: u64 = 8;

/// A row of the vendor's books: money that one card was charged or given back, or a card that was refused.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    pub id: String,
    /// The key that the till's request carried, whatever the vendor tells of it.
    pub key: Option<String>,
    pub approved: bool,
    pub refund: bool,
    pub voided: bool,
    /// Authorized, and not captured.
    pub held: bool,
    pub total: i64,
    pub tip: i64,
}

/// Work that a submit has set going at a terminal.
pub struct Ran {
    pub key: String,
    pub running: bool,
}

/// One of the things that nobody outside knows, played one way or the other.
pub struct Switch<C> {
    pub name: &'static str,
    /// The vendor keeps its word with it: what is said to have ended has ended.
    pub honest: bool,
    /// The till cannot see all of its own account with it.
    pub blinds: bool,
    /// Money whose transaction only a search shows. Not together with what blinds: no means could tell it from a cancel.
    pub hides: bool,
    pub throw: fn(&mut C, bool, &mut Rng),
}

/// What another till of the same account has on it.
#[derive(Default)]
pub struct Pocket {
    pub token: Option<String>,
    /// When it asked for one.
    pub since: u64,
    pub calls: u64,
}

/// Texts and numbers of a request.
pub type Asked = (Vec<(&'static str, String)>, Vec<(&'static str, i64)>);

/// What a world of this vendor is opened with.
pub struct Opening<C> {
    pub cloud: C,
    pub texts: Vec<(&'static str, &'static str)>,
    /// Everything takes so many times longer, because the vendor counts calls.
    pub slowness: u64,
}

pub trait Shop: Cloud + Sized + 'static {
    const NAME: &'static str;
    const SWITCHES: &'static [Switch<Self>];
    /// Names of the stories that a terminal can play.
    const STORIES: &'static [&'static str];
    /// Calls of which one is made to fail.
    const CALLS: &'static [CallKind];
    /// Work without money: questions at a terminal and errands, with what they are asked.
    const ASIDES: &'static [(Kind, &'static [(&'static str, &'static str)])];

    fn open(seed: u64, rng: &mut Rng) -> Opening<Self>;

    fn lane(number: u64) -> String;

    /// The attempts of a reference share something at the vendor that can be paid once only: as long as the amount is the
    /// same.
    const SHARES_BY_AMOUNT: bool;

    /// It can reserve money now and take it later: the till may leave both to `confirm`.
    const CONFIRMS: bool;

    /// The amounts that choose a story.
    fn stories() -> Vec<i64>;

    /// Whether the story that an amount chooses may be played. In an honest world none that takes back what was said; where
    /// the till cannot see all of its account, none whose money only a search shows.
    fn may_play(amount: i64, honest: bool, sighted: bool) -> bool;

    /// What else a till says of a payment or refund at a terminal.
    fn extras(kind: Kind, amount: i64, rng: &mut Rng) -> Asked;

    /// Work on an original.
    fn undo(amount: i64, lane: String, rng: &mut Rng) -> (Kind, Asked);

    /// Somebody touches a terminal.
    fn hand(&mut self, lane: &str, honest: bool, rng: &mut Rng);

    fn plug(&mut self, lane: &str);

    fn batch(&mut self);

    fn mend(&mut self);

    fn fail_at_random(&mut self, rates: FaultRates);

    fn no_switches(&mut self);

    /// Events are published from now on.
    fn listen(&mut self);

    /// The events since the last look; `taken` of them were taken before.
    fn post(&mut self, taken: &mut usize) -> Vec<Event>;

    fn books(&self) -> Vec<Entry>;

    fn ran(&self) -> Vec<Ran>;

    /// The stories that were played.
    fn played(&self) -> Vec<String>;

    /// Another till of the same account sells for the same amount, at a terminal of its own.
    fn stranger(&mut self, now: u64, amount: i64, pocket: &mut Pocket);
}

/// The word in front of any details.
pub fn name_of(debug: &str) -> String {
    debug.chars().take_while(|c| c.is_alphanumeric()).collect()
}
