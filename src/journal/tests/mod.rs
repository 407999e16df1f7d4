//! What the journal promises, tried on real files.

mod account;
mod append;
mod bad_files;
mod crash;
mod examine;
mod leaf;
mod lock;
mod retention;
#[cfg(unix)]
mod rights;
mod versions;

use super::{Batch, Disposition, IndexRow, Journal, Opened, Opening, Place, Report, Row, open};
use crate::status::Status;
use crossbeam_channel::{Receiver, unbounded};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const ACCOUNT: &str = "payjunction|api.example.com|12ab";
const DAY_MS: i64 = 86_400_000;
const NOW: i64 = 20_000 * DAY_MS;

fn opening(place: Place) -> (Opening<'static>, Receiver<Report>) {
    let (reports, news) = unbounded();
    let opening = Opening {
        place,
        identity: ACCOUNT,
        allow_account_change: false,
        retention_days: 90,
        now_wall_ms: NOW,
        reports,
        flush_delay_ms: 0,
        fault: None,
    };
    (opening, news)
}

/// A directory of its own and the path of a journal in it.
fn fresh() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("till.journal");
    (directory, path)
}

fn open_at(path: &Path) -> (Opened, Receiver<Report>) {
    let (opening, news) = opening(Place::File(path.to_path_buf()));
    (open(opening).unwrap(), news)
}

fn refusal(path: &Path) -> (Status, String) {
    let (opening, _news) = opening(Place::File(path.to_path_buf()));
    match open(opening) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(refusal) => refusal,
    }
}

/// Refused with `Status::Journal`, and the text names the file and has these words.
fn refused_saying(path: &Path, words: &str) {
    let (status, text) = refusal(path);
    assert_eq!(status, Status::Journal, "{text}");
    assert!(text.contains(words), "{text}");
    assert!(text.contains(path.file_name().unwrap().to_str().unwrap()), "{text}");
}

fn row(number: u64, payment: u64) -> Row {
    let body = format!("{{\"fact\":{number}}}");
    Row { number, payment, run: 1, at_ms: number * 10, wall_ms: NOW, version: 1, body }
}

fn index(payment: u64) -> IndexRow {
    IndexRow {
        payment,
        reference: format!("ref-{payment}"),
        attempt: 1,
        kind: "sale".into(),
        amount: 1234,
        currency: "USD".into(),
        terminal: "lane 1".into(),
        original: String::new(),
        transaction: String::new(),
        identity: ACCOUNT.into(),
        disposition: Disposition::Open,
        attention: true,
        wall_ms: NOW,
    }
}

/// One fact of one payment, and the payment's index row.
fn batch(ticket: u64) -> Batch {
    Batch { ticket, rows: vec![row(ticket, ticket)], index: vec![index(ticket)], meta: vec![] }
}

fn hear(news: &Receiver<Report>) -> Report {
    news.recv_timeout(Duration::from_secs(10)).expect("no report")
}

fn expect_durable(news: &Receiver<Report>, ticket: u64) {
    assert_eq!(hear(news), Report::Durable { ticket });
}

fn expect_failed(news: &Receiver<Report>, ticket: u64) -> (Status, String) {
    match hear(news) {
        Report::Failed { ticket: failed, status, text } if failed == ticket => (status, text),
        other => panic!("{other:?}"),
    }
}

/// Appends one batch for each ticket and waits until all are durable.
fn store(journal: &Journal, news: &Receiver<Report>, batches: Vec<Batch>) {
    let tickets: Vec<u64> = batches.iter().map(|batch| batch.ticket).collect();
    batches.into_iter().for_each(|batch| journal.append(batch));
    tickets.into_iter().for_each(|ticket| expect_durable(news, ticket));
}
