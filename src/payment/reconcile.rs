//! A span of the vendor's books against the journal: what stands on one side only, and what stands differently.
//!
//! It compares what the till was told with what the vendor shows now. It decides nothing.

mod booked;
mod moment;
mod telling;
#[cfg(test)]
mod tests;

pub use booked::{Booked, Standing};
pub use moment::{Span, iso, moment};
pub use telling::{outcome, values};

use super::report::{TransactionReport, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// A transaction of the vendor's list.
#[derive(Clone, PartialEq, Debug)]
pub struct Listed {
    pub report: TransactionReport,
    /// The vendor's or the till's name of the terminal, where the list tells one.
    pub terminal: String,
}

/// How the two sides differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Difference {
    /// Approved at the vendor, and no payment of this journal accounts for it.
    ChargedUnknown,
    /// The till was told that money moved, and the vendor's list has nothing of it.
    MissingAtVendor,
    AmountDiffers,
    /// One side says approved, the other voided, declined, failed or unknown; or reserved and taken.
    StateDiffers,
}

impl Difference {
    pub fn name(self) -> &'static str {
        match self {
            Difference::ChargedUnknown => "charged_unknown",
            Difference::MissingAtVendor => "missing_at_vendor",
            Difference::AmountDiffers => "amount_differs",
            Difference::StateDiffers => "state_differs",
        }
    }
}

/// One difference, with what each side has.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    pub kind: Difference,
    pub listed: Option<&'a Listed>,
    pub booked: Option<&'a Booked>,
}

/// Money that moved, net: charges less refunds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sum {
    pub count: i64,
    /// Minor units.
    pub amount: i64,
}

impl Sum {
    fn add(&mut self, amount: i64, is_refund: bool) {
        self.count += 1;
        self.amount = self.amount.saturating_add(if is_refund { -amount } else { amount });
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Comparison<'a> {
    /// In order of time.
    pub differences: Vec<Found<'a>>,
    /// Approved transactions of the span at the vendor.
    pub transactions: Sum,
    /// Payments, refunds and so on of the span that the till was told had moved or reserved money.
    pub payments: Sum,
    /// Transactions that are the same on both sides.
    pub matched: i64,
    /// Of the journal: so new that nothing follows from their absence.
    pub too_new: i64,
    /// Of the journal: still unknown.
    pub unknown: i64,
    /// Payments whose outcome is unknown, and a transaction that carries their own key.
    pub to_read: Vec<(u64, String)>,
}

/// Compares the list, which must be complete for the span, with all payments of this journal that may have to do with it.
/// `account`: the one merchant account that the list is confined to, or empty.
pub fn compare<'a>(span: Span, account: &str, listed: &'a [Listed], booked: &'a [Booked]) -> Comparison<'a> {
    let sides = Sides::new(booked);
    let owned: Vec<(&Listed, Option<&Booked>)> = newest_of_each(listed).map(|one| (one, sides.owner(one))).collect();
    let clock = Clock::learned_from(&owned);
    let mut result = Comparison { unknown: unknown(span, clock, booked), ..Comparison::default() };
    let seen: BTreeSet<u64> = owned.iter().filter_map(|(_, owner)| Some(owner.as_ref()?.payment)).collect();
    for (one, owner) in owned {
        if !span.holds(moment(&one.report.created)) {
            continue;
        }
        if one.report.verdict == Verdict::Approved && one.report.total != 0 {
            result.transactions.add(one.report.total, one.report.is_refund);
        }
        if let Some(b) = owner.filter(|b| b.standing == Standing::Unknown && b.has_key(one)) {
            result.to_read.push((b.payment, one.report.id.clone()));
        }
        match sides.judge(one, owner) {
            Judgement::Nothing => {}
            Judgement::Same => result.matched += 1,
            Judgement::Differs(kind, booked) => {
                result.differences.push(Found { kind, listed: Some(one), booked });
            }
        }
    }
    for b in booked.iter().filter(|b| b.is_money() && b.is_on(account) && span.holds(Some(clock.at(b)))) {
        result.payments.add(b.amount, b.is_refund);
        match seen.contains(&b.payment) {
            true => {}
            false if b.is_fresh => result.too_new += 1,
            false => {
                let kind = Difference::MissingAtVendor;
                result.differences.push(Found { kind, listed: None, booked: Some(b) });
            }
        }
    }
    result.differences.sort_by_key(|found| (found.at(), found.kind));
    result
}

impl Found<'_> {
    /// The vendor's time of it.
    pub fn created(&self) -> &str {
        let listed = self.listed.map(|one| one.report.created.as_str());
        listed.or(self.booked.map(|b| b.created.as_str())).unwrap_or_default()
    }

    fn at(&self) -> Option<i64> {
        moment(self.created())
    }
}

/// While a list is leafed through, new rows push old ones onto the next page: they come twice.
fn newest_of_each(listed: &[Listed]) -> impl Iterator<Item = &Listed> {
    let by_id: BTreeMap<&str, &Listed> = listed.iter().map(|one| (one.report.id.as_str(), one)).collect();
    by_id.into_values()
}

fn unknown(span: Span, clock: Clock, booked: &[Booked]) -> i64 {
    let open = |b: &&Booked| b.standing == Standing::Unknown && span.holds(Some(clock.at(b)));
    booked.iter().filter(open).count() as i64
}

/// How far the clock of the vendor's books is ahead of this PC's, in milliseconds: the time zone where the books have none.
#[derive(Clone, Copy)]
struct Clock(i64);

/// Time zones differ by whole quarters of an hour.
const QUARTER_MS: i64 = 900_000;

impl Clock {
    /// Learned from what stands on both sides. A payment is asked for shortly before it stands in the books.
    fn learned_from(owned: &[(&Listed, Option<&Booked>)]) -> Clock {
        let apart =
            |(one, owner): &(&Listed, Option<&Booked>)| Some(moment(&one.report.created)? - owner.as_ref()?.asked_wall);
        let mut apart: Vec<i64> = owned.iter().filter_map(apart).collect();
        apart.sort_unstable();
        let middle = apart.get(apart.len() / 2).copied().unwrap_or(0);
        Clock((middle + QUARTER_MS / 2).div_euclid(QUARTER_MS) * QUARTER_MS)
    }

    /// When a payment of the journal happened by the vendor's time. What that decides is only to which span it belongs:
    /// the list reaches farther at both ends.
    fn at(self, booked: &Booked) -> i64 {
        booked.at().unwrap_or(booked.asked_wall.saturating_add(self.0))
    }
}

/// What a transaction of the list comes to.
enum Judgement<'a> {
    /// No money is in question.
    Nothing,
    Same,
    Differs(Difference, Option<&'a Booked>),
}

/// The journal's side, by what it can be found by.
struct Sides<'a> {
    booked: &'a [Booked],
    by_id: BTreeMap<&'a str, Vec<&'a Booked>>,
    by_key: BTreeMap<&'a str, Vec<&'a Booked>>,
}

impl<'a> Sides<'a> {
    fn new(booked: &'a [Booked]) -> Sides<'a> {
        let (mut by_id, mut by_key) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for b in booked {
            b.ids.iter().for_each(|id| by_id.entry(id.as_str()).or_default().push(b));
            b.key.iter().for_each(|key| by_key.entry(key.as_str()).or_default().push(b));
        }
        Sides { booked, by_id, by_key }
    }

    /// Whose transaction it is: by the vendor's id, else by our key.
    fn owner(&self, one: &Listed) -> Option<&'a Booked> {
        let report = &one.report;
        let mut by_id = self.by_id.get(report.id.as_str()).into_iter().flatten().copied();
        if let Some(first) = by_id.next() {
            return Some(by_id.fold(first, |best, b| if b.told_id == report.id { b } else { best }));
        }
        let keyed = self.by_key.get(report.wire_key.as_str())?;
        // A refund may carry the key of the sale that it gives back.
        let keyed = keyed.iter().copied().find(|b| b.is_refund == report.is_refund)?;
        // Attempts of a reference may share a key: one whose outcome is open is more likely than one that has its own.
        let attempts = || self.booked.iter().filter(|b| b.reference == keyed.reference && b.kind == keyed.kind);
        let open = attempts().find(|b| matches!(b.standing, Standing::Unknown | Standing::Running));
        let best = if keyed.standing == Standing::NotMoved { open.unwrap_or(keyed) } else { keyed };
        // One that has led to another transaction does not account for a second one.
        Some(best).filter(|b| b.told_id.is_empty() || !b.is_money())
    }

    fn judge(&self, one: &'a Listed, owner: Option<&'a Booked>) -> Judgement<'a> {
        let report = &one.report;
        let Some(b) = owner else { return self.judge_foreign(one) };
        let differs = |kind| Judgement::Differs(kind, owner);
        match (b.standing, report.verdict) {
            (Standing::Running, _) | (_, Verdict::Open) => Judgement::Nothing,
            (Standing::Moved | Standing::Reserved, Verdict::Approved) => {
                let same_state = (b.standing == Standing::Reserved) == report.authorized_only;
                if same_state { same_amount(one, b) } else { differs(Difference::StateDiffers) }
            }
            // What was given back by a refund still stands there as a charge.
            (Standing::Reversed, Verdict::Approved) if self.voided_by_us(&report.id) => {
                differs(Difference::StateDiffers)
            }
            (Standing::Reversed, Verdict::Approved) => same_amount(one, b),
            (Standing::Unknown | Standing::NotMoved, Verdict::Approved) => differs(Difference::StateDiffers),
            (Standing::Moved | Standing::Reserved, Verdict::Voided | Verdict::Declined)
            | (Standing::Reversed, Verdict::Declined) => differs(Difference::StateDiffers),
            (Standing::Reversed, Verdict::Voided) => Judgement::Same,
            (Standing::Unknown | Standing::NotMoved, _) => Judgement::Nothing,
        }
    }

    /// Nobody's of this journal: somebody else's, or one that the till has only changed.
    fn judge_foreign(&self, one: &'a Listed) -> Judgement<'a> {
        if one.report.verdict != Verdict::Approved || one.report.total == 0 {
            return Judgement::Nothing;
        }
        let changed = self.booked.iter().find(|b| b.changed.as_deref() == Some(one.report.id.as_str()));
        match changed {
            Some(b) if b.voided => Judgement::Differs(Difference::StateDiffers, Some(b)),
            Some(_) => Judgement::Same,
            None => Judgement::Differs(Difference::ChargedUnknown, self.named_by_key(one)),
        }
    }

    fn voided_by_us(&self, id: &str) -> bool {
        self.booked.iter().any(|b| b.voided && b.changed.as_deref() == Some(id))
    }

    /// A second charge under the key of a payment that has its own.
    fn named_by_key(&self, one: &Listed) -> Option<&'a Booked> {
        let keyed = self.by_key.get(one.report.wire_key.as_str())?;
        keyed.iter().copied().find(|b| b.is_refund == one.report.is_refund)
    }
}

fn same_amount<'a>(one: &Listed, b: &'a Booked) -> Judgement<'a> {
    let same_currency = one.report.currency.is_none_or(|currency| currency == b.currency);
    if one.report.total == b.amount && same_currency {
        return Judgement::Same;
    }
    Judgement::Differs(Difference::AmountDiffers, Some(b))
}
