//! The journal's files are damaged or cut between two lives. What the library still opens tells the truth or nothing; what
//! it refuses it leaves as it was, for the person who has a copy.

use crate::books::{asked, invoice, judge, ledger_ids};
use crate::cloud::Cloud;
use crate::kill::STEPS;
use crate::lanes::{chance, in_lanes, is_long};
use crate::till::{Blow, Life, Till};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const FILES: [&str; 2] = ["till.journal", "till.journal-wal"];

fn contents(dir: &Path) -> [Option<Vec<u8>>; 2] {
    // An empty log is none: SQLite makes one when it opens a journal.
    FILES.map(|name| fs::read(dir.join(name)).ok().filter(|bytes| !bytes.is_empty()))
}

fn restore(dir: &Path, files: &[Option<Vec<u8>>; 2]) {
    for (name, content) in FILES.iter().zip(files) {
        match content {
            Some(content) => fs::write(dir.join(name), content).expect("a file"),
            None => drop(fs::remove_file(dir.join(name))),
        }
    }
}

/// Where two files differ, in a few words.
fn difference(before: &Option<Vec<u8>>, after: &Option<Vec<u8>>) -> String {
    let (Some(before), Some(after)) = (before, after) else { return "there before or after only".to_owned() };
    let place = before.iter().zip(after).position(|(one, other)| one != other);
    format!("{} and {} bytes, from byte {place:?} on", before.len(), after.len())
}

/// What was done to the files.
#[derive(PartialEq, Debug)]
enum Damage {
    /// The end of the log is lost. SQLite takes what is left for all there ever was, so payments may be forgotten.
    Log,
    /// One bit of the journal. If it lies in a text that nobody reads, nobody sees it.
    Bit,
    /// A piece of the journal is missing, or the head of a page.
    Page,
}

fn damage(dir: &Path, number: usize) -> Damage {
    let log = fs::metadata(dir.join(FILES[1])).is_ok_and(|found| found.len() > 32) && number % 2 == 1;
    let path = dir.join(FILES[usize::from(log)]);
    let mut bytes = fs::read(&path).expect("the file");
    let place = chance(number, 21, bytes.len() as u64) as usize;
    let kind = number / 2 % 3;
    match kind {
        0 => bytes[place] ^= 1 << chance(number, 22, 8),
        1 => bytes.truncate(place),
        _ => {
            let start = place / 4096 * 4096;
            let end = (start + 100 + chance(number, 23, 5_000) as usize).min(bytes.len());
            bytes[start..end].fill(0xA5);
        }
    }
    fs::write(path, bytes).expect("the file");
    match (log, kind) {
        (true, _) => Damage::Log,
        (false, 0) => Damage::Bit,
        (false, _) => Damage::Page,
    }
}

/// What is told of a damaged journal was so, and what was sent is not forgotten.
fn tells_the_truth(server: &Cloud, life: &Life, damage: &Damage, what: &str) {
    let forgotten = life.lines.iter().filter_map(|(_, line)| line.strip_prefix("nothing "));
    for reference in forgotten.filter(|_| *damage == Damage::Page) {
        assert_eq!(server.books(&invoice(reference)).submits, 0, "{what}: sent, and forgotten");
    }
    let ids = ledger_ids(server);
    for (_, line) in life.lines.iter().filter(|(_, line)| line.starts_with("told ")) {
        let words: Vec<&str> = line.split(' ').collect();
        if words[2] == "PJ_STATE_APPROVED" {
            assert!(ids.iter().any(|id| id.to_string() == words[5]), "{what}: invented: {line}");
        }
    }
}

fn damaged(server: &Cloud, number: usize, refused: &AtomicUsize) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let mut till = Till::start(server, dir.path(), &prefix, 2, &[]);
    // The first step leaves a journal, so that there is something to damage.
    let step = STEPS[number % STEPS.len()];
    // A third of the tills close in order: then all facts are in the journal itself.
    let alive = number % 3 != 2 && till.until(&Blow::After(step, Duration::from_micros(500 * chance(number, 25, 10))));
    let mut lives = vec![till.end(alive, dir.path())];
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    let whole = contents(dir.path());
    let damage = damage(dir.path(), number);
    let hurt = contents(dir.path());
    let what = format!("number {number}, damaged: {damage:?}");
    let life = Till::start(server, dir.path(), &prefix, 0, &asked(&lives)).end(false, dir.path());
    assert_eq!(server.submits(), sent, "{what}: something was sent");
    match life.closed() {
        Some(status) => {
            assert_eq!(status, "PJ_ERR_JOURNAL", "{what}");
            for ((name, before), after) in FILES.iter().zip(&hurt).zip(&contents(dir.path())) {
                assert!(before == after, "{what}: {name} is another: {}", difference(before, after));
            }
            refused.fetch_add(1, Ordering::Relaxed);
        }
        None => tells_the_truth(server, &life, &damage, &what),
    }
    // Somebody puts the copy back.
    restore(dir.path(), &whole);
    lives.push(Till::start(server, dir.path(), &prefix, 0, &asked(&lives)).end(false, dir.path()));
    assert_eq!(server.submits(), sent, "{what}: an old intent was sent");
    judge(server, &lives, &what);
}

/// Promises 3 and 6.
#[test]
fn a_damaged_journal_is_refused_or_tells_the_truth() {
    let refused = AtomicUsize::new(0);
    let jobs = if is_long() { 1_000 } else { 36 };
    in_lanes(jobs, |server, number| damaged(server, number, &refused));
    let refused = refused.into_inner();
    // Damage may lie where nothing is read any more; most of it does not.
    assert!(std::env::var_os("PJ_SEED").is_some() || refused * 8 > jobs, "only {refused} of {jobs} were refused");
}
