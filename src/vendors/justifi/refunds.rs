//! The refunds of a payment: which were there before, which is ours (Refunds).
//!
//! A payment lists its refunds in most answers. Where it does not, the account's list is read. What is seen counts as
//! complete only when it adds up to what the payment itself says was given back.
//!
//! Nothing is published of how a refund at the terminal that the card refuses is told. Where the vendor keeps a `failed`
//! refund of it, that is its decline. Where it keeps nothing, a refund that was declined, canceled or never paid looks the
//! same: none 150 seconds after the submit, with the terminal idle, is TIMED_OUT.

use super::answer::{Answer, Page, cents, id, text};
use super::report;
use crate::payment::fact::LookupDone;
use crate::payment::report::{Candidate, Ownership, TransactionReport, Verdict};
use crate::payment::{Fact, Kind, Payment, wire};
use crate::vendors::{Known, Reading, Search};
use serde_json::Value;

/// A list that needs more pages than this has not been complete.
const PAGES: u32 = 20;

/// The refunds of one payment, as far as they were read.
pub(super) struct Refunds {
    pub reports: Vec<TransactionReport>,
    /// They add up to what the payment says was given back.
    pub sighted: bool,
}

/// One reply of a reading of several requests.
pub(super) enum Read {
    Done(Refunds),
    More(Box<Search>),
    Failed,
}

/// Takes in one reply: first the payment, then, page by page, the account's list.
pub(super) fn read(answer: &Answer, mut search: Search, asked: &Payment) -> Read {
    if !search.listing {
        let Some(payment) = answer.data() else { return Read::Failed };
        if id(payment, "id") != asked.intent.original_id {
            return Read::Failed;
        }
        search.sum = cents(payment, "amount_refunded");
        return match payment.get("refunds").and_then(Value::as_array) {
            Some(list) => all(list, search, asked).map_or(Read::Failed, Read::Done),
            None => Read::More(Box::new(Search { listing: true, ..search })),
        };
    }
    let Some(Page { items, next }) = answer.page() else { return Read::Failed };
    let of_original = |r: &&Value| Some(text(r, "payment_id")) == asked.intent.original_id;
    let Some(reports) = items.iter().filter(of_original).map(|r| report::refund(r, asked)).collect::<Option<Vec<_>>>()
    else {
        return Read::Failed;
    };
    search.found.extend(reports);
    search.offset += 1;
    match next {
        Some(cursor) if cursor.is_empty() || search.offset >= PAGES => Read::Failed,
        Some(cursor) => Read::More(Box::new(Search { cursor, ..search })),
        None => {
            let reports = std::mem::take(&mut search.found);
            Read::Done(Refunds { sighted: adds_up(&reports, search.sum), reports })
        }
    }
}

/// The refunds inside a payment, if it lists them.
pub(super) fn within(payment: &Value, asked: &Payment) -> Option<Refunds> {
    let list = payment.get("refunds").and_then(Value::as_array)?;
    let search = Search { sum: cents(payment, "amount_refunded"), ..Search::default() };
    all(list, search, asked)
}

fn all(list: &[Value], search: Search, asked: &Payment) -> Option<Refunds> {
    // One that cannot be read may be the one that is looked for.
    let reports = list.iter().map(|r| report::refund(r, asked)).collect::<Option<Vec<_>>>()?;
    Some(Refunds { sighted: adds_up(&reports, search.sum), reports })
}

/// Refunds on their way may or may not count yet.
fn adds_up(reports: &[TransactionReport], sum: Option<i64>) -> bool {
    let of =
        |wanted: &[Verdict]| -> i64 { reports.iter().filter(|r| wanted.contains(&r.verdict)).map(|r| r.total).sum() };
    let (least, most) = (of(&[Verdict::Approved]), of(&[Verdict::Approved, Verdict::Open]));
    sum.is_some_and(|sum| (least..=most).contains(&sum))
}

/// The ids that are there before the submit.
pub(super) fn baseline(refunds: &Refunds) -> Fact {
    Fact::Baseline { ids: refunds.reports.iter().map(|report| report.id.clone()).collect() }
}

/// The refund that came of this request: by our key; of a refund at a terminal, which carries no key, if it is the only
/// new one of that amount that nobody else claims.
fn ours(refunds: &Refunds, asked: &Payment, known: &Known) -> Option<TransactionReport> {
    let keyed = refunds.reports.iter().find(|r| r.ownership != Ownership::Candidate);
    if keyed.is_some() || asked.kind() != Kind::TerminalRefund {
        return keyed.cloned();
    }
    // One that went through wins over one that failed: a second card may have been tried.
    let only = match candidates(refunds, asked, known)[..] {
        [only] => only,
        [] => *new_of_amount(refunds, asked, known).last()?,
        _ => return None,
    };
    Some(TransactionReport { ownership: Ownership::Ours, ..only.clone() })
}

/// New, of the right amount, nobody's, and not failed.
fn candidates<'a>(refunds: &'a Refunds, asked: &Payment, known: &Known) -> Vec<&'a TransactionReport> {
    let mut found = new_of_amount(refunds, asked, known);
    found.retain(|report| report.verdict != Verdict::Declined);
    found
}

/// The same, failed ones too.
fn new_of_amount<'a>(refunds: &'a Refunds, asked: &Payment, known: &Known) -> Vec<&'a TransactionReport> {
    let before = asked.baseline.as_deref().unwrap_or_default();
    let amount = asked.intent.request.amount.or(asked.rest());
    let fits = |r: &&TransactionReport| {
        r.ownership == Ownership::Candidate
            && !before.contains(&r.id)
            && !known.claimed.contains(&r.id)
            && !wire::is_key(&r.wire_key)
            && amount.is_none_or(|amount| amount == r.total)
    };
    refunds.reports.iter().filter(fits).collect()
}

/// The end of a search.
pub(super) fn lookup(refunds: &Refunds, began_ms: u64, asked: &Payment, known: &Known) -> Reading {
    let ours = ours(refunds, asked, known);
    let mut candidates: Vec<Candidate> = candidates(refunds, asked, known).into_iter().map(Candidate::from).collect();
    candidates.retain(|c| ours.as_ref().is_none_or(|o| o.id != c.id));
    let mut reading = Reading::default();
    let found = ours.iter().map(|report| report.id.clone()).collect();
    reading.facts.extend(seen(ours));
    let done = LookupDone { began_ms, complete: true, sighted: refunds.sighted, found, candidates };
    reading.facts.push(Fact::LookedUp(done));
    reading
}

/// The terminal's own refund, as its original tells of it.
pub(super) fn watch(refunds: &Refunds, asked: &Payment, known: &Known) -> Vec<Fact> {
    use crate::payment::fact::Phase;
    let ours = ours(refunds, asked, known);
    let phase = if ours.is_some() { Phase::Ended } else { Phase::Connecting };
    let mut facts: Vec<Fact> = seen(ours).collect();
    facts.push(Fact::TerminalShows { phase });
    facts
}

fn seen(report: Option<TransactionReport>) -> impl Iterator<Item = Fact> {
    report.into_iter().flat_map(|report| {
        [Fact::TransactionSeen { id: report.id.clone() }, Fact::TransactionRead { report: Box::new(report) }]
    })
}
