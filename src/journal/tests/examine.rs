//! What the journal says of itself.

use super::*;
use crate::journal::Examination;

fn examine(journal: &Journal) -> Examination {
    journal.examiner().ask().recv_timeout(Duration::from_secs(10)).expect("an answer").expect("found")
}

#[test]
fn the_journal_tells_its_place_its_size_its_counts_and_that_it_is_whole() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, (1..=3).map(batch).collect());
    let found = examine(&opened.journal);
    assert!(found.place.ends_with("till.journal") && found.bytes > 1_000 && found.log_bytes > 0, "{found:?}");
    assert_eq!((found.format, found.run, found.check.as_str()), (1, 1, "ok"));
    assert_eq!((found.payments, found.attended, found.facts), (3, 3, 3));
    assert_eq!(found.histories.len(), 3);
    assert_eq!(found.histories[0], (index(1), vec![row(1, 1)], 0));
    // It goes on as before.
    store(&opened.journal, &news, vec![batch(4)]);
    assert_eq!(examine(&opened.journal).facts, 4);
    let examiner = opened.journal.examiner();
    opened.journal.close();
    assert!(examiner.ask().recv_timeout(Duration::from_secs(10)).is_err(), "nobody is there any more");
}

#[test]
fn whom_somebody_waits_for_comes_before_the_newest_and_nothing_is_endless() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    let quiet = |payment| IndexRow { attention: false, ..index(payment) };
    let many = (1..=250).map(|payment| Batch { index: vec![quiet(payment)], ..batch(payment) });
    store(&opened.journal, &news, many.collect());
    let rows = (1_000..1_500).map(|number| row(number, 7)).collect();
    store(&opened.journal, &news, vec![Batch { ticket: 900, rows, index: vec![index(7)], meta: vec![] }]);
    let found = examine(&opened.journal);
    let payments: Vec<u64> = found.histories.iter().map(|(row, ..)| row.payment).collect();
    assert_eq!(payments, std::iter::once(7).chain(152..=250).collect::<Vec<u64>>());
    let (_, rows, left_out) = &found.histories[0];
    assert_eq!((rows.len(), *left_out, rows[0].number, rows[199].number), (200, 301, 1_300, 1_499));
}

#[test]
fn damage_is_told_and_not_hidden() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    // More than SQLite keeps in memory.
    let long = |number| Row { body: "x".repeat(4_000), ..row(number, 1) };
    let index = vec![IndexRow { attention: false, ..index(1) }];
    store(
        &opened.journal,
        &news,
        vec![Batch { ticket: 1, rows: (1..=2_000).map(long).collect(), index, meta: vec![] }],
    );
    opened.journal.close();
    let (opened, _news) = open_at(&path);
    // The middle of the file is overwritten behind its back.
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len() - 8_192;
    bytes[8_192..end].fill(0xA5);
    std::fs::write(&path, &bytes).unwrap();
    match opened.journal.examiner().ask().recv_timeout(Duration::from_secs(10)).unwrap() {
        Ok(found) => assert_ne!(found.check, "ok"),
        Err(text) => assert!(text.contains("damaged"), "{text}"),
    }
}
