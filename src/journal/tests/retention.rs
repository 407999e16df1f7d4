//! What is pruned while opening, and what never is.

use super::*;

fn aged(payment: u64, days: i64, attention: bool, disposition: Disposition) -> Batch {
    let age = IndexRow { wall_ms: NOW - days * DAY_MS, attention, disposition, ..index(payment) };
    Batch { ticket: payment, rows: vec![row(payment * 10, payment)], index: vec![age], meta: vec![] }
}

fn open_keeping(path: &Path, days: u32) -> (Opened, Receiver<Report>) {
    let (opening, news) = opening(Place::File(path.to_path_buf()));
    (open(Opening { retention_days: days, ..opening }).unwrap(), news)
}

fn facts(opened: &Opened, news: &Receiver<Report>, payment: u64) -> usize {
    opened.journal.load(payment);
    match hear(news) {
        Report::Loaded { rows, .. } => rows.len(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn old_payments_go_except_those_that_are_needed() {
    let (_directory, path) = fresh();
    let (opened, news) = open_keeping(&path, 0);
    let batches = vec![
        aged(1, 89, false, Disposition::Clear),
        aged(2, 91, true, Disposition::Unknown),
        aged(3, 5000, true, Disposition::Moved),
        aged(4, 91, false, Disposition::Moved),
        aged(5, 91, false, Disposition::Clear),
    ];
    store(&opened.journal, &news, batches);
    drop(opened);

    let (kept, _news) = open_keeping(&path, 0);
    assert_eq!(kept.index.len(), 5, "0 keeps everything");
    drop(kept);

    let (opened, news) = open_keeping(&path, 90);
    let payments: Vec<u64> = opened.index.iter().map(|row| row.payment).collect();
    assert_eq!(payments, vec![1, 2, 3, 4]);
    assert_eq!((1..=5).map(|payment| facts(&opened, &news, payment)).collect::<Vec<_>>(), vec![1, 1, 1, 0, 0]);
    assert_eq!((opened.next_number, opened.next_payment), (51, 6), "numbers of pruned payments never come back");
    drop(opened);

    let (again, _news) = open_keeping(&path, 90);
    assert_eq!((again.index.len(), again.next_number, again.next_payment), (4, 51, 6));
}

#[test]
fn a_clock_that_is_years_behind_prunes_nothing() {
    let (_directory, path) = fresh();
    let (opened, news) = open_keeping(&path, 90);
    store(&opened.journal, &news, vec![aged(1, 10, false, Disposition::Clear)]);
    drop(opened);
    let (opening, _news) = opening(Place::File(path));
    let opened = open(Opening { now_wall_ms: 0, retention_days: u32::MAX, ..opening }).unwrap();
    assert_eq!(opened.index.len(), 1);
}

#[test]
fn the_name_of_what_moved_money_stays_and_that_of_what_goes_goes() {
    let (_directory, path) = fresh();
    let (opened, news) = open_keeping(&path, 0);
    let named = |payment: u64, disposition| {
        let mut batch = aged(payment, 91, false, disposition);
        batch.index[0].transaction = format!("id-{payment}");
        batch
    };
    store(&opened.journal, &news, vec![named(1, Disposition::Moved), named(2, Disposition::Clear)]);
    drop(opened);
    let (opened, _news) = open_keeping(&path, 90);
    let known: Vec<&str> = opened.index.iter().map(|row| row.transaction.as_str()).collect();
    assert_eq!(known, ["id-1"]);
    drop(opened);
    let journal = rusqlite::Connection::open(&path).unwrap();
    let left: i64 = journal.query_row("SELECT count(*) FROM led_to", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}
