//! The vendor's list of a span of time, page by page, for a reconciliation: all of it or none.

use super::{Reading, Search};
use crate::payment::Fact;
use crate::payment::fact::Failure;
use crate::payment::reconcile::{Listed, Span, moment};
use crate::status::Status;

/// Pages read at most.
const PAGES: u32 = 200;

/// Takes in a page. `more`: another one follows, from where the search says. Rows that are far from the span are of no use
/// to the comparison.
pub(super) fn page(
    mut search: Search,
    rows: Vec<Listed>,
    more: bool,
    span: Span,
    at_end: impl Fn(Search) -> Reading,
) -> Reading {
    note_order(&rows, &mut search);
    let wide = span.wide();
    // A row without a time that can be read may belong to it.
    let near = |one: &Listed| moment(&one.report.created).is_none_or(|at| wide.holds(Some(at)));
    let older = rows.last().and_then(|one| moment(&one.report.created)).is_some_and(|at| at < wide.from);
    let passed = older && !search.unordered;
    search.listed.extend(rows.into_iter().filter(near));
    search.pages += 1;
    if !more || passed {
        return at_end(search);
    }
    if search.pages >= PAGES {
        let text = "until: the payment service has too many transactions; ask for less at once";
        return Reading::of(Fact::ReadFailed { failure: Failure::new(Status::Rejected, text), pause_ms: 0 });
    }
    Reading { next: Some(search), ..Reading::default() }
}

/// The whole list.
pub(super) fn whole(search: Search) -> Reading {
    Reading { books: Some(search.listed), ..Reading::default() }
}

/// Whether the rows run from new ones to old ones, so far. Local times jump when the clocks are changed, and rows of one
/// second stand in any order.
fn note_order(rows: &[Listed], search: &mut Search) {
    let at = |row: &Listed| moment(&row.report.created).and_then(|at| u64::try_from(at).ok());
    let (first, last) = (rows.first().and_then(at), rows.last().and_then(at));
    search.unordered |= first < last || rows.iter().any(|row| at(row).is_none());
    for at in rows.iter().filter_map(at) {
        let lowest = search.lowest.unwrap_or(at);
        search.unordered |= at > lowest.saturating_add(JUMP_MS);
        search.lowest = Some(lowest.min(at));
    }
}

const JUMP_MS: u64 = 2 * 3_600_000;
