//! Journals of other versions of the library, and two tills on one journal.

use crate::books::{asked, judge};
use crate::cloud::Cloud;
use crate::kill::STEPS;
use crate::lanes::{chance, in_lanes, is_long, server};
use crate::till::{Blow, Life, Till};
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// Changes the journal of a till that has ended. Returns what the query gives, if it gives anything.
fn change(dir: &Path, sql: &str) {
    let journal = Connection::open(dir.join("till.journal")).expect("the journal");
    journal.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn first_life(server: &Cloud, dir: &Path, number: usize) -> Life {
    let mut till = Till::start(server, dir, &(1000 + number).to_string(), 2, &[]);
    // Not before the second step: there must be a journal and a payment.
    let step = STEPS[2 + number % (STEPS.len() - 2)];
    let alive = till.until(&Blow::After(step, Duration::from_micros(500 * chance(number, 31, 10))));
    till.end(alive, dir)
}

/// An update was taken back: the older version meets the format of the newer one.
fn newer_format(server: &Cloud, number: usize) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let mut lives = vec![first_life(server, dir.path(), number)];
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    change(dir.path(), "PRAGMA user_version = 2");
    let life = Till::start(server, dir.path(), &prefix, 2, &asked(&lives)).end(false, dir.path());
    assert_eq!(life.closed(), Some("PJ_ERR_JOURNAL"), "number {number}");
    change(dir.path(), "PRAGMA user_version = 1");
    lives.push(Till::start(server, dir.path(), &prefix, 0, &asked(&lives)).end(false, dir.path()));
    assert_eq!(server.submits(), sent, "number {number}: something was sent");
    judge(server, &lives, &format!("number {number}, newer format"));
}

/// A fact of a newer version stands in the way of judging: nothing final is told until the newer version is back.
fn newer_facts(server: &Cloud, number: usize) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let mut lives = vec![first_life(server, dir.path(), number)];
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    // Never of the intent: what the till asked for is known to both.
    let newest = "number IN (SELECT max(number) FROM fact GROUP BY payment HAVING count(*) > 1)";
    change(
        dir.path(),
        &format!("UPDATE fact SET version = version + 1, body = '{{\"new\":' || body || '}}' WHERE {newest}"),
    );
    let life = Till::start(server, dir.path(), &prefix, 0, &asked(&lives)).end(false, dir.path());
    assert_eq!(life.closed(), None, "number {number}");
    let text = "UPDATE fact SET version = 1, body = substr(body, 8, length(body) - 8) WHERE version = 2";
    change(dir.path(), text);
    lives.push(life);
    lives.push(Till::start(server, dir.path(), &prefix, 0, &asked(&lives)).end(false, dir.path()));
    assert_eq!(server.submits(), sent, "number {number}: something was sent");
    judge(server, &lives, &format!("number {number}, newer facts"));
}

/// Truth, section 13.
#[test]
fn a_journal_of_a_newer_version_is_left_alone_or_read_with_care() {
    in_lanes(if is_long() { 300 } else { 20 }, |server, number| match number % 2 {
        0 => newer_format(server, number),
        _ => newer_facts(server, number),
    });
}

/// From when to when a till surely had the journal.
fn held(life: &Life) -> Option<(Instant, Instant)> {
    let open = life.lines.iter().find(|(_, line)| line.starts_with("open"))?.0;
    let last = life.lines.iter().rfind(|(_, line)| !line.starts_with("end"))?.0;
    Some((open, last))
}

/// One of several tills that start at once gets the journal; when it is killed, the next one does.
fn several(server: &Cloud, number: usize) {
    let dir = tempfile::tempdir().expect("a directory");
    let errors: Vec<_> = (0..3).map(|_| tempfile::tempdir().expect("a directory")).collect();
    let prefix = (1000 + number).to_string();
    let start = |place: usize| Till::start_logging(server, dir.path(), errors[place].path(), &prefix, 1, &[]);
    let mut tills: Vec<Till> = (0..3).map(start).collect();
    let blow = Blow::At(Duration::from_millis(20 * chance(number, 32, 60)));
    let alive: Vec<bool> = tills.iter_mut().map(|till| till.until(&blow)).collect();
    let ended = tills.into_iter().zip(&alive).zip(&errors);
    let mut lives: Vec<Life> = ended.map(|((till, alive), errors)| till.end(*alive, errors.path())).collect();
    let mut held: Vec<(Instant, Instant)> = lives.iter().filter_map(held).collect();
    held.sort();
    assert!(held.windows(2).all(|two| two[0].1 <= two[1].0), "number {number}: two tills had the journal at once");
    for life in &lives {
        assert!(
            life.closed().is_none_or(|status| status == "PJ_ERR_JOURNAL_LOCKED"),
            "number {number}: {:?}",
            life.closed()
        );
    }
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    lives.push(Till::start(server, dir.path(), &prefix, 0, &asked(&lives)).end(false, dir.path()));
    assert_eq!(server.submits(), sent, "number {number}: an old intent was sent");
    judge(server, &lives, &format!("number {number}, three tills"));
}

/// Promise 2.
#[test]
fn one_of_several_tills_gets_the_journal() {
    in_lanes(if is_long() { 200 } else { 12 }, several);
}

/// A journal that version 0.1 wrote: an approved sale that the till has acknowledged, one that it has not, one that is
/// under way, one that never left. The vendor of this test knows none of them.
#[test]
fn a_journal_of_version_0_1_goes_on() {
    let server = server();
    let dir = tempfile::tempdir().expect("a directory");
    change(dir.path(), include_str!("journal_0_1.sql"));
    let references = ["old-1", "old-2", "old-3", "old-4"].map(str::to_owned);
    let life = Till::start(&server, dir.path(), "1", 0, &references).end(false, dir.path());
    let said: Vec<&str> = life.lines.iter().map(|(_, line)| line.as_str()).collect();
    let has = |line: &str| assert!(said.contains(&line), "{line} is missing: {said:#?}");
    has("found old-1 PJ_STATE_APPROVED");
    has("told old-2 PJ_STATE_APPROVED PJ_MONEY_MOVED 1002 10002");
    assert!(said.iter().any(|line| line.starts_with("unknown old-3 ")), "{said:#?}");
    has("told old-4 PJ_STATE_FAILED PJ_MONEY_NOT_MOVED 0 -");
    assert_eq!(server.submits(), 0, "an old intent was sent");
}
