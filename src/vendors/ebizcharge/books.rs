//! The list of transactions, read from the newest back: for our key, for look-alikes, for refunds of one sale.
//!
//! GET /transactions takes `limit` and `offset`; filters are ignored. Its times are the merchant's own, so that a search
//! reaches back to a landmark and never to a time.

use super::json::{number, text};
use super::reply::Answer;
use super::report;
use super::request::PAGE;
use crate::payment::fact::{Action, LookupDone, Whose};
use crate::payment::reconcile::{Listed, Span};
use crate::payment::report::{Candidate, Ownership, TransactionReport, Verdict};
use crate::payment::{Fact, Kind, Payment, wire};
use crate::vendors::{Known, Reading, Search, span};
use serde_json::Value;

/// A search that needs more pages than this has not been complete.
const PAGES: u32 = 20;
/// Without a landmark nothing says where to stop: what was submitted a moment ago stands at the top.
const PAGES_WITHOUT_LANDMARK: u32 = 3;

/// What a page of the list has led to.
enum Walk {
    /// The rows are newer than the landmark, and there are more of them.
    More,
    Done {
        complete: bool,
    },
}

/// Takes in a page: its rows, newest first, down to the landmark, and what comes next. `None`: a page that cannot be read.
fn page<'a>(
    answer: &'a Answer,
    payment: &Payment,
    search: &mut Search,
    known: &Known,
) -> Option<(Vec<&'a Value>, Walk)> {
    let body = answer.body()?;
    let rows = body.get("data")?.as_array()?;
    // A row that cannot be read may be the one that is looked for.
    if rows.iter().any(|row| report::id(row).is_none()) {
        return None;
    }
    search.pages += 1;
    search.offset += u32::try_from(rows.len()).unwrap_or(PAGE);
    note_order(rows, search);
    let at_end = is_last(body, rows.len(), search.offset);
    let landmark = payment.intent.landmark.as_ref();
    let seen = |id: &str, key: &str| rows.iter().any(|row| report::is(row, id) && text(row, "orderid") == key);
    let known_one = landmark.or(known.landmark);
    search.seen_landmark |= known_one.is_some_and(|l| seen(&l.transaction_id, &l.wire_key));
    // One that may be younger than the submit shows that the list is the right one, but not how far back it reaches.
    search.sighted = search.seen_landmark && (landmark.is_some() || at_end);
    let place = landmark.and_then(|l| rows.iter().position(|row| report::is(row, &l.transaction_id)));
    let place = place.filter(|_| !search.unordered);
    let newer = rows.iter().take(place.unwrap_or(rows.len())).collect();
    let most = if landmark.is_some() { PAGES } else { PAGES_WITHOUT_LANDMARK };
    let walk = if at_end || place.is_some() {
        Walk::Done { complete: true }
    } else if search.pages >= most {
        Walk::Done { complete: landmark.is_none() && !search.unordered }
    } else {
        Walk::More
    };
    Some((newer, walk))
}

/// The list runs from high numbers to low ones. If it does not, no row of it is a landmark.
fn note_order(rows: &[Value], search: &mut Search) {
    let numbers: Vec<Option<u64>> = rows.iter().map(|row| number(row, "refnum")).collect();
    let falling = numbers.windows(2).all(|pair| matches!(pair, [Some(a), Some(b)] if a > b));
    // New rows push those of the page before onto this one, so that only its end must be lower.
    let last = numbers.last().copied().flatten();
    let lower = rows.is_empty() || search.lowest.is_none_or(|lowest| last.is_some_and(|last| last <= lowest));
    search.unordered |= !falling || !lower || numbers.contains(&None);
    search.lowest = last.or(search.lowest);
}

/// `total` is a number in some lists and a text in others, and a page may hold less than was asked for.
fn is_last(body: &Value, rows: usize, offset: u32) -> bool {
    let limit = number(body, "limit").unwrap_or(u64::from(PAGE));
    match number(body, "total") {
        _ if rows == 0 => true,
        Some(total) => u64::from(offset) >= total,
        None => (rows as u64) < limit,
    }
}

/// The trace of a submit: what carries our key, and what looks like ours.
pub(super) fn lookup(payment: &Payment, mut search: Search, answer: &Answer, known: &Known) -> Reading {
    let Some((rows, walk)) = page(answer, payment, &mut search, known) else { return answer.read_failed() };
    let Some(reports) = rows.iter().map(|row| report::parse(row, payment)).collect::<Option<Vec<_>>>() else {
        return answer.read_failed();
    };
    for report in reports {
        sort_in(report, payment, &mut search, known);
    }
    match walk {
        Walk::More => Reading { next: Some(search), ..Reading::default() },
        Walk::Done { complete } => finish(payment, search, complete, known),
    }
}

fn sort_in(report: TransactionReport, payment: &Payment, search: &mut Search, known: &Known) {
    let seen = |list: &[TransactionReport]| list.iter().any(|other| other.id == report.id);
    let known_as_ours = payment.transactions.iter().any(|t| t.id == report.id && t.is_mine());
    if report.ownership != Ownership::Candidate || known_as_ours {
        if !seen(&search.found) {
            search.found.push(report);
        }
        return;
    }
    let is_original = payment.intent.original_id.as_deref() == Some(report.id.as_str());
    let taken = known.claimed.contains(&report.id) || is_original;
    let right_kind = report.is_refund != (payment.kind() == Kind::Payment);
    if taken || !right_kind || !report::fits(&report, payment) || report.verdict == Verdict::Declined {
        return;
    }
    if is_by_reference(payment) {
        if was_there_before(payment, &report) {
            return;
        }
        if is_kin(payment, &report) {
            if !seen(&search.kin) {
                search.kin.push(report);
            }
            return;
        }
    }
    let other_key = wire::is_key(&report.wire_key);
    // Without a landmark nothing tells what came after the submit: every look-alike may have.
    if !other_key && !search.candidates.iter().any(|c| c.id == report.id) {
        search.candidates.push(Candidate::from(&report));
    }
}

/// A refund of an earlier transaction, by itself or after a refused void.
fn is_by_reference(payment: &Payment) -> bool {
    payment.kind() == Kind::Refund || payment.send.as_ref().is_some_and(|send| send.action == Action::Refund)
}

fn was_there_before(payment: &Payment, report: &TransactionReport) -> bool {
    payment.baseline.as_ref().is_some_and(|ids| ids.contains(&report.id))
}

/// A refund of the same sale: it inherits the `orderid`, which tells it only where the sale's is a key of this library.
fn is_kin(payment: &Payment, report: &TransactionReport) -> bool {
    let original = payment.original().and_then(|seen| seen.report.as_ref());
    original.is_some_and(|original| wire::is_key(&original.wire_key) && original.wire_key == report.wire_key)
}

fn finish(payment: &Payment, mut search: Search, complete: bool, known: &Known) -> Reading {
    // Exactly one new refund of this sale and sum: ours. Of several, or with another one under way, nobody can tell.
    let alone = search.kin.len() == 1 && search.found.is_empty() && payment.baseline.is_some() && complete;
    let alone = alone && !known.handed_on;
    for mut report in std::mem::take(&mut search.kin) {
        if alone {
            report.ownership = Ownership::Ours;
            search.found.push(report);
        } else if search.found.is_empty() {
            search.candidates.push(Candidate::from(&report));
        }
    }
    let mut reading = Reading::default();
    for report in &search.found {
        reading.facts.push(Fact::TransactionRead { report: Box::new(report.clone()) });
    }
    reading.facts.push(Fact::LookedUp(LookupDone {
        began_ms: search.began_ms,
        complete,
        sighted: search.sighted,
        found: search.found.into_iter().map(|report| report.id).collect(),
        candidates: search.candidates,
    }));
    reading
}

/// The refunds that are there before ours is sent: all that a later search could take for it.
pub(super) fn baseline(payment: &Payment, mut search: Search, answer: &Answer, known: &Known) -> Reading {
    let Some((rows, walk)) = page(answer, payment, &mut search, known) else { return answer.read_failed() };
    let reports = rows.iter().filter_map(|row| report::parse(row, payment));
    search.found.extend(reports.filter(|report| report.is_refund));
    match walk {
        Walk::More => Reading { next: Some(search), ..Reading::default() },
        // If it did not reach the landmark, neither does a search: what stands beyond comes up in neither.
        Walk::Done { .. } => {
            Reading::of(Fact::Baseline { ids: search.found.into_iter().map(|report| report.id).collect() })
        }
    }
}

/// One page of the books for a reconciliation. There is no filter: the list is read from the newest back to the span.
pub(super) fn span(payment: &Payment, mut search: Search, answer: &Answer) -> Reading {
    let rows = answer.body().and_then(|body| Some((body, body.get("data")?.as_array()?)));
    let (Some((body, rows)), Some(span)) = (rows, Span::of(&payment.intent.request)) else {
        return answer.read_failed();
    };
    let listed = |row: &Value| Some(Listed { report: report::parse(row, payment)?, terminal: text(row, "terminal") });
    // One that cannot be read may be the one that differs.
    let Some(listed) = rows.iter().map(listed).collect::<Option<Vec<_>>>() else { return answer.read_failed() };
    search.offset += u32::try_from(rows.len()).unwrap_or(PAGE);
    let more = !is_last(body, rows.len(), search.offset);
    span::page(search, listed, more, span, span::whole)
}

/// Error 31: which charge made the vendor's duplicate check fire? It looks at sums, so we do.
pub(super) fn duplicate(payment: &Payment, mut search: Search, answer: &Answer, known: &Known) -> Reading {
    let Some((rows, walk)) = page(answer, payment, &mut search, known) else { return answer.read_failed() };
    let reports = rows.iter().filter_map(|row| report::parse(row, payment));
    let fits = |r: &TransactionReport| r.verdict == Verdict::Approved && !r.is_refund && report::fits(r, payment);
    search.found.extend(reports.filter(fits));
    if matches!(walk, Walk::More) && search.pages < PAGES_WITHOUT_LANDMARK {
        return Reading { next: Some(search), ..Reading::default() };
    }
    let mut reading = Reading::default();
    let mut candidates = Vec::new();
    for report in search.found {
        match payment.intent.earlier.iter().find(|e| wire::is_key(&e.wire_key) && e.wire_key == report.wire_key) {
            Some(earlier) => reading.elsewhere.push((earlier.payment, report)),
            None => candidates.push(Candidate::from(&report)),
        }
    }
    reading.facts.push(Fact::DuplicateSearched { earlier_attempt: !reading.elsewhere.is_empty(), candidates });
    reading
}

/// `is_duplicate`: the vendor answered with an earlier transaction. Whose it is, its key tells, or this journal.
pub(super) fn folded(payment: &Payment, answer: &Answer, known: &Known) -> Reading {
    let Some(folded) = payment.folded.as_ref() else { return answer.read_failed() };
    let body = answer.body().filter(|body| report::is(body, &folded.id));
    let Some(report) = body.and_then(|body| report::parse(body, payment)) else { return answer.read_failed() };
    if report.ownership == Ownership::Ours {
        let seen = Fact::TransactionSeen { id: report.id.clone() };
        return Reading { facts: vec![seen, Fact::TransactionRead { report: Box::new(report) }], ..Reading::default() };
    }
    let earlier = &payment.intent.earlier;
    // With a key of this library on it, it is somebody's. Whether an earlier attempt's, only their keys tell.
    let keyed = wire::is_key(&report.wire_key);
    let all_known = earlier.iter().all(|e| wire::is_key(&e.wire_key));
    let others = if keyed { all_known } else { known.claimed.contains(&folded.id) };
    let whose = if keyed && earlier.iter().any(|e| e.wire_key == report.wire_key) {
        Whose::EarlierAttempt
    } else if others {
        Whose::OtherReference
    } else {
        Whose::Nobody
    };
    Reading::of(Fact::FoldedOnto { whose, report: Box::new(report) })
}
