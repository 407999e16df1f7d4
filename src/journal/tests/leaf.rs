//! Payments of a span of time, some at a time.

use super::*;
use crate::journal::Leaf;

fn leaf(journal: &Journal, news: &Receiver<Report>, after: u64) -> (Vec<(u64, usize)>, Option<u64>) {
    journal.leaf(Leaf { request: 77, from_wall_ms: NOW - 10, until_wall_ms: NOW + 10, after });
    match hear(news) {
        Report::Leafed { request: 77, payments, next } => {
            (payments.into_iter().map(|(payment, rows)| (payment, rows.len())).collect(), next)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_payments_of_the_span_come_with_all_their_facts_and_no_others() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    let early = |payment| Batch { index: vec![IndexRow { wall_ms: NOW - 11, ..index(payment) }], ..batch(payment) };
    let pruned = Batch { rows: vec![], ..batch(405) };
    store(&opened.journal, &news, (1..=400).map(batch).chain([early(401), pruned]).collect());
    store(&opened.journal, &news, vec![Batch { ticket: 900, rows: vec![row(900, 3)], ..Batch::default() }]);
    let (first, next) = leaf(&opened.journal, &news, 0);
    assert_eq!((first.len(), first[2], next), (200, (3, 2), Some(200)));
    let (second, next) = leaf(&opened.journal, &news, 200);
    assert_eq!((second.len(), next), (200, Some(400)));
    // Without facts, but known.
    assert_eq!(leaf(&opened.journal, &news, 400), (vec![(405, 0)], None));
}
