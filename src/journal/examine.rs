//! What the journal says of itself, for the diagnostics.

use super::worker::Command;
use super::{IndexRow, Row};
use crossbeam_channel::{Receiver, Sender, bounded};

/// Of so many payments the facts are told: first those that somebody waits for, then the newest, and of each so many.
pub(super) const PAYMENTS: u32 = 100;
pub(super) const FACTS: u32 = 200;

/// What was found.
#[derive(Debug, Default)]
pub struct Examination {
    /// The file, or that there is none.
    pub place: String,
    /// Bytes of the file and of SQLite's log beside it.
    pub bytes: u64,
    pub log_bytes: u64,
    /// Of the tables.
    pub format: i64,
    pub run: u32,
    pub payments: u64,
    /// Those that somebody waits for.
    pub attended: u64,
    pub facts: u64,
    /// `ok`, or what is wrong. Of a large file only what start-up needs is checked.
    pub check: String,
    /// Payments in rising order with their facts. A second number says how many facts are not among them.
    pub histories: Vec<(IndexRow, Vec<Row>, u64)>,
}

/// Asks the journal's thread. It outlives the journal, and is then told that nobody answers.
#[derive(Clone)]
pub struct Examiner {
    pub(super) commands: Sender<Command>,
}

impl Examiner {
    /// Where the answer will come. Any thread; never waits. The commits behind it wait for it: some tenths of a second for
    /// the largest file that is checked whole.
    pub fn ask(&self) -> Receiver<Result<Examination, String>> {
        let (answer, answers) = bounded(1);
        // Without a journal the sender dies here, and the receiver tells.
        let _ = self.commands.send(Command::Examine(answer));
        answers
    }
}
