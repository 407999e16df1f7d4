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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::reconcile::iso;
    use crate::payment::report::TransactionReport;

    const HOUR_MS: i64 = 3_600_000;
    const NOON: i64 = 1_763_640_000_000;
    const SPAN: Span = Span { from: NOON, until: NOON + HOUR_MS };

    fn rows(hours: impl IntoIterator<Item = i64>) -> Vec<Listed> {
        let row = |(place, hour): (usize, i64)| {
            let (id, created) = (format!("{place} at {hour}"), iso(NOON + hour * HOUR_MS));
            Listed {
                report: TransactionReport { id, created, ..TransactionReport::default() },
                terminal: String::new(),
            }
        };
        hours.into_iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_list_from_new_to_old_is_left_behind_the_span_and_no_other() {
        let read = |hours: Vec<i64>| page(Search::default(), rows(hours), true, SPAN, whole);
        // Rows far from the span are of no use.
        let found = read(vec![30, 20, 0, -20, -30]).books.expect("behind the span");
        assert_eq!(found.len(), 3);
        for other in [vec![30, 20, 0, -20], vec![-30, -20, 0, 20], vec![0, -30, 5, -30], vec![-40, -30]] {
            assert!(read(other.clone()).next.is_some(), "{other:?}");
        }
        // A row without a time could be of any: it is kept, and nothing follows from the order.
        let mut strange = rows([30, 20, -30]);
        strange[1].report.created = String::from("yesterday");
        let search = page(Search::default(), strange, true, SPAN, whole).next.expect("it goes on");
        assert!(search.unordered && search.listed.len() == 1);
    }

    #[test]
    fn a_list_without_an_end_is_no_list() {
        let mut search = Search::default();
        for _ in 1..PAGES {
            search = page(search, rows([0]), true, SPAN, whole).next.expect("another page");
        }
        let reading = page(search, rows([0]), true, SPAN, whole);
        let [Fact::ReadFailed { failure, .. }] = &reading.facts[..] else { panic!("{:?}", reading.facts) };
        assert!(failure.status == Status::Rejected && failure.text.contains("until") && reading.books.is_none());
    }
}
