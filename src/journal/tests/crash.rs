//! A process that is killed, and one that holds the journal: both are this test program, started again.

use super::*;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

const CHILD: &str = "POSJUNCTION_TEST_JOURNAL_CHILD";
#[cfg(unix)]
const LIMITED: &str = "POSJUNCTION_TEST_JOURNAL_LIMITED";

/// Appends without end and tells each ticket that is durable. Does nothing in an ordinary run.
#[test]
fn child() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let (opened, news) = open_at(Path::new(&path));
    let mut err = std::io::stderr();
    let _ = writeln!(err, "open");
    let first = opened.next_number;
    for ticket in first..first + 8 {
        opened.journal.append(batch(ticket));
    }
    for ticket in first.. {
        expect_durable(&news, ticket);
        let _ = writeln!(err, "durable {ticket}");
        opened.journal.append(batch(ticket + 8));
    }
}

/// Runs where no file may grow beyond 256 KB, which SQLite takes for a failure of the disk. See below.
#[test]
#[cfg(unix)]
fn limited() {
    let Some(path) = std::env::var_os(LIMITED) else { return };
    let (opened, news) = open_at(Path::new(&path));
    store(&opened.journal, &news, vec![batch(1)]);
    let large = Row { body: "x".repeat(1 << 20), ..row(2, 2) };
    opened.journal.append(Batch { rows: vec![large], ..batch(2) });
    let (status, text) = expect_failed(&news, 2);
    assert!(status == Status::Journal && text.contains("disk reports a failure"), "{text}");
    store(&opened.journal, &news, vec![batch(3), batch(4)]);
    assert_eq!(refusal(Path::new(&path)).0, Status::JournalLocked);
    opened.journal.close();
}

#[test]
#[cfg(unix)]
fn a_disk_that_recovers_is_written_again() {
    let (_directory, path) = fresh();
    let limit = "trap '' XFSZ; ulimit -f 512 && exec \"$0\" --exact journal::tests::crash::limited";
    let program = std::env::current_exe().unwrap();
    let output = Command::new("sh").arg("-c").arg(limit).arg(program).env(LIMITED, &path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let opened = open_at(&path).0;
    assert_eq!((opened.run, opened.rows), (2, vec![row(1, 1), row(3, 3), row(4, 4)]));
}

pub(super) struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A second process with this journal open, and what it says.
pub(super) fn start(path: &Path) -> (Killed, BufReader<std::process::ChildStderr>, u32) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "journal::tests::crash::child", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let pid = child.id();
    let child = Killed(child);
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "open");
    (child, said, pid)
}

#[test]
fn what_was_reported_durable_survives_being_killed() {
    let (_directory, path) = fresh();
    let mut told = 0;
    for round in 1..=4_u32 {
        let (child, said, _) = start(&path);
        let mut lines = said.lines();
        for _ in 0..25 * round {
            lines.next().unwrap().unwrap();
        }
        // SIGKILL on Unix, TerminateProcess on Windows: in the middle of whatever it does.
        drop(child);
        let rest = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("durable ")?.parse().ok());
        told = rest.max().unwrap_or(told).max(told + u64::from(25 * round));
        let (opened, _news) = open_at(&path);
        assert_eq!(opened.run, 2 * round);
        let numbers: Vec<u64> = opened.rows.iter().map(|row| row.number).collect();
        assert!(numbers.len() as u64 >= told, "{} of {told} are there", numbers.len());
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
        assert_eq!(opened.index.len(), numbers.len());
        told = numbers.len() as u64;
    }
}
