//! Appending, loading, group commit, failing and going on.

use super::*;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

fn round_trip(place: Place) {
    let (opening, news) = opening(place.clone());
    let opened = open(opening).unwrap();
    assert_eq!((opened.run, opened.next_number, opened.next_payment), (1, 1, 1));
    assert!(opened.index.is_empty() && opened.rows.is_empty() && opened.meta.is_empty() && !opened.former_identity);
    assert_eq!(opened.journal.is_durable_kind(), place != Place::Memory);
    let first = Batch { ticket: 1, rows: vec![row(1, 5), row(2, 6), row(3, 5)], index: vec![], meta: vec![] };
    let changed = IndexRow { amount: i64::MAX, disposition: Disposition::Unknown, ..index(5) };
    let second = Batch {
        ticket: 2,
        rows: vec![Row { version: 999, body: "not even \u{0} JSON \u{1F4B3}".into(), at_ms: u64::MAX, ..row(4, 5) }],
        index: vec![index(5), index(6), changed],
        meta: vec![("page".into(), "1".into()), ("page".into(), "2".into())],
    };
    opened.journal.append(first.clone());
    opened.journal.append(second.clone());
    opened.journal.load(5);
    opened.journal.load(77);
    expect_durable(&news, 1);
    expect_durable(&news, 2);
    let facts = vec![first.rows[0].clone(), first.rows[2].clone(), second.rows[0].clone()];
    assert_eq!(hear(&news), Report::Loaded { payment: 5, rows: facts });
    assert_eq!(hear(&news), Report::Loaded { payment: 77, rows: vec![] });
    opened.journal.close();
}

#[test]
fn rows_come_back_as_they_were_handed_over() {
    let (_directory, path) = fresh();
    round_trip(Place::File(path));
}

#[test]
fn memory_works_the_same() {
    round_trip(Place::Memory);
}

#[test]
fn a_reopened_journal_has_everything_and_counts_on() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    let quiet = IndexRow { attention: false, disposition: Disposition::Moved, ..index(2) };
    let all = Batch {
        ticket: 1,
        rows: vec![row(1, 1), row(2, 2), Row { version: 999, ..row(7, 1) }, row(5, 3)],
        index: vec![index(3), index(1), quiet.clone()],
        meta: vec![("b".into(), "2".into()), ("a".into(), "1".into())],
    };
    store(&opened.journal, &news, vec![all.clone()]);
    drop(opened);

    let (again, _news) = open_at(&path);
    assert_eq!((again.run, again.next_number, again.next_payment), (2, 8, 4));
    assert_eq!(again.index, vec![index(1), quiet, index(3)]);
    assert_eq!(again.rows, vec![all.rows[0].clone(), all.rows[3].clone(), all.rows[2].clone()]);
    assert_eq!(again.meta, vec![("a".into(), "1".into()), ("b".into(), "2".into())]);
    again.journal.close();
    assert_eq!(open_at(&path).0.run, 3);
}

#[test]
fn an_empty_value_removes_its_key() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    let meta = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    let first = Batch { ticket: 1, meta: meta(&[("a", "1"), ("b", "2"), ("c", "3")]), ..Batch::default() };
    let second =
        Batch { ticket: 2, meta: meta(&[("b", ""), ("c", ""), ("c", "4"), ("never", "")]), ..Batch::default() };
    store(&opened.journal, &news, vec![first, second]);
    drop(opened);
    assert_eq!(open_at(&path).0.meta, meta(&[("a", "1"), ("c", "4")]) as Vec<(String, String)>);
}

#[test]
fn what_waits_is_committed_together_and_reported_in_order() {
    let (_directory, path) = fresh();
    let (mut opening, news) = opening(Place::File(path));
    opening.flush_delay_ms = 200;
    let opened = open(opening).unwrap();
    let start = Instant::now();
    for ticket in 1..=200 {
        opened.journal.append(batch(ticket));
    }
    assert!(start.elapsed() < Duration::from_millis(150), "append waited {:?}", start.elapsed());
    for ticket in 1..=200 {
        expect_durable(&news, ticket);
    }
    // One flush for the first, one for all that came meanwhile; a loaded machine may need one or two more.
    assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
}

#[test]
fn nothing_is_reported_before_it_is_stored() {
    let (_directory, path) = fresh();
    let (mut opening, news) = opening(Place::File(path));
    opening.flush_delay_ms = 300;
    let opened = open(opening).unwrap();
    opened.journal.append(batch(1));
    assert!(news.recv_timeout(Duration::from_millis(150)).is_err());
    expect_durable(&news, 1);
}

#[test]
fn one_bad_batch_does_not_fail_the_others() {
    let (_directory, path) = fresh();
    let (mut opening, news) = opening(Place::File(path.clone()));
    opening.flush_delay_ms = 50;
    let opened = open(opening).unwrap();
    opened.journal.append(batch(1));
    opened.journal.append(batch(2));
    // Number 1 is taken, so the second row of this batch must not stay either.
    opened.journal.append(Batch { ticket: 3, rows: vec![row(33, 3), row(1, 3)], index: vec![index(3)], meta: vec![] });
    opened.journal.append(batch(4));
    opened.journal.append(Batch { meta: vec![("journal.run".into(), "9".into())], ..batch(5) });
    expect_durable(&news, 1);
    expect_durable(&news, 2);
    let (status, text) = expect_failed(&news, 3);
    assert!(status == Status::Journal && text.contains("till.journal"), "{text}");
    expect_durable(&news, 4);
    assert_eq!(expect_failed(&news, 5).0, Status::Internal);
    opened.journal.close();
    let again = open_at(&path).0;
    assert_eq!(again.run, 2);
    assert_eq!(again.rows, vec![row(1, 1), row(2, 2), row(4, 4)]);
    assert_eq!(again.index, vec![index(1), index(2), index(4)]);
}

#[test]
fn a_full_disk_fails_what_does_not_fit_and_later_batches_succeed() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, vec![batch(1)]);
    opened.journal.limit_pages(1);
    let large = Row { body: "x".repeat(100_000), ..row(2, 2) };
    opened.journal.append(Batch { ticket: 2, rows: vec![large], index: vec![index(2)], meta: vec![] });
    let (status, text) = expect_failed(&news, 2);
    assert!(status == Status::Journal && text.contains("full") && text.contains("till.journal"), "{text}");
    opened.journal.limit_pages(1_000_000);
    store(&opened.journal, &news, vec![batch(3)]);
    opened.journal.close();
    assert_eq!(open_at(&path).0.rows, vec![row(1, 1), row(3, 3)]);
}

#[test]
fn a_fault_fails_its_batch_only_and_the_next_append_works() {
    let (_directory, path) = fresh();
    let (mut opening, news) = opening(Place::File(path.clone()));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let broken = Arc::new(AtomicBool::new(true));
    let (seen, switch) = (asked.clone(), broken.clone());
    opening.fault = Some(Arc::new(move |batch: &Batch| {
        seen.lock().unwrap().push(batch.ticket);
        let fails = switch.load(Ordering::SeqCst) && batch.ticket.is_multiple_of(2);
        fails.then(|| (Status::Journal, format!("no {}", batch.ticket)))
    }));
    opening.flush_delay_ms = 30;
    let opened = open(opening).unwrap();
    (1..=5).for_each(|ticket| opened.journal.append(batch(ticket)));
    for ticket in 1..=5 {
        match ticket % 2 {
            0 => assert_eq!(expect_failed(&news, ticket), (Status::Journal, format!("no {ticket}"))),
            _ => expect_durable(&news, ticket),
        }
    }
    broken.store(false, Ordering::SeqCst);
    store(&opened.journal, &news, vec![batch(2)]);
    assert_eq!(*asked.lock().unwrap(), vec![1, 2, 3, 4, 5, 2]);
    opened.journal.close();
    assert_eq!(open_at(&path).0.rows, vec![row(1, 1), row(2, 2), row(3, 3), row(5, 5)]);
}

#[test]
fn a_panic_on_the_thread_is_reported_and_survived() {
    let (_directory, path) = fresh();
    let (mut opening, news) = opening(Place::File(path.clone()));
    let calls = AtomicU32::new(0);
    opening.fault = Some(Arc::new(move |_: &Batch| match calls.fetch_add(1, Ordering::SeqCst) {
        1 => panic!("on purpose"),
        _ => None,
    }));
    let opened = open(opening).unwrap();
    store(&opened.journal, &news, vec![batch(1)]);
    opened.journal.append(batch(2));
    assert_eq!(expect_failed(&news, 2).0, Status::Internal);
    store(&opened.journal, &news, vec![batch(3)]);
    opened.journal.close();
    assert_eq!(open_at(&path).0.rows, vec![row(1, 1), row(3, 3)]);
}

#[test]
fn close_commits_what_was_handed_over() {
    let (_directory, path) = fresh();
    let (mut opening, news) = opening(Place::File(path.clone()));
    opening.flush_delay_ms = 50;
    let opened = open(opening).unwrap();
    (1..=20).for_each(|ticket| opened.journal.append(batch(ticket)));
    opened.journal.close();
    assert_eq!(news.try_iter().count(), 20);
    assert_eq!(open_at(&path).0.rows.len(), 20);
}

#[test]
fn close_works_when_nobody_listens_to_reports() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    drop(news);
    opened.journal.append(batch(1));
    opened.journal.load(1);
    opened.journal.append(batch(2));
    drop(opened);
    assert_eq!(open_at(&path).0.rows.len(), 2);
}

#[test]
fn close_waits_no_longer_than_it_says_and_loses_nothing() {
    let (_directory, path) = fresh();
    let (mut opening, news) = opening(Place::File(path.clone()));
    opening.flush_delay_ms = 1500;
    let mut opened = open(opening).unwrap();
    opened.journal.patience = Duration::from_millis(50);
    opened.journal.append(batch(1));
    let start = Instant::now();
    opened.journal.close();
    assert!(start.elapsed() < Duration::from_millis(1000), "{:?}", start.elapsed());
    assert_eq!(refusal(&path).0, Status::JournalLocked);
    expect_durable(&news, 1);
    assert_eq!(open_at(&path).0.rows.len(), 1);
}

#[test]
fn what_a_payment_led_to_is_kept_and_its_newest_word_counts() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    let named = |payment: u64, id: &str| IndexRow { transaction: id.to_owned(), ..index(payment) };
    let batches = vec![
        Batch { index: vec![named(1, "8350"), named(2, "")], ..batch(1) },
        Batch { index: vec![named(1, "8351"), named(3, "8352")], ..batch(2) },
    ];
    store(&opened.journal, &news, batches);
    drop(opened);
    let (opened, _news) = open_at(&path);
    let known: Vec<&str> = opened.index.iter().map(|row| row.transaction.as_str()).collect();
    assert_eq!(known, ["8351", "", "8352"]);
}
