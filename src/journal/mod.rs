//! Where facts are kept: one SQLite file with a thread of its own, or memory.
//!
//! The journal stores opaque rows; it does not know what a fact is. It knows four things: what it reported durable is
//! found again after a crash, one program at a time has the file, a file it does not understand stays as it is, and the
//! caller never waits for a disk except in [`open`] and [`Journal::close`].
//!
//! `place` finds and prepares the file, `lock` keeps others out, `store` holds the connection and what to do when it
//! fails, `rows` speaks SQL, `worker` is the thread, `examine` is what it tells the diagnostics.

mod examine;
mod fault;
mod lock;
mod place;
mod rows;
mod store;
mod worker;

#[cfg(test)]
mod tests;

pub use examine::{Examination, Examiner};
pub use place::{Place, default_path};

use crate::os;
use crate::status::Status;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use worker::{Command, Setup};

/// How long [`open`] waits for the disk, and [`Journal::close`] for what was handed over.
const PATIENCE: Duration = Duration::from_secs(10);

/// One fact of one payment. Numbers stay below 2^63.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// The event number: unique in this journal, and rising.
    pub number: u64,
    pub payment: u64,
    pub run: u32,
    /// Elapsed milliseconds; means something only within `run`.
    pub at_ms: u64,
    /// Milliseconds since 1970 by the PC's clock.
    pub wall_ms: i64,
    /// Of the body. One that is newer than this library knows is kept and handed out as it is.
    pub version: u32,
    /// JSON. Stored as is.
    pub body: String,
}

/// What admission and start-up need to know of a payment without reading its facts. The last one written counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IndexRow {
    pub payment: u64,
    pub reference: String,
    pub attempt: u32,
    pub kind: String,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub terminal: String,
    /// The transaction that is worked on, or empty.
    pub original: String,
    /// The vendor's id of the transaction that it led to, or empty: a till may name its original so.
    pub transaction: String,
    /// The account the payment belongs to: `vendor|host|hash`.
    pub identity: String,
    pub disposition: Disposition,
    /// Its facts are read at start-up: live, unknown, unacknowledged, or on late watch. Never pruned.
    pub attention: bool,
    /// Milliseconds since 1970 by the PC's clock; retention counts from here.
    pub wall_ms: i64,
}

/// What became of the money, as far as admission must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Disposition {
    #[default]
    Open,
    Unknown,
    /// Money moved: the index row is kept for ever, so that the reference is never charged again.
    Moved,
    Clear,
}

/// What one turn of the engine's loop has to say. It becomes durable whole or not at all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Batch {
    pub ticket: u64,
    pub rows: Vec<Row>,
    pub index: Vec<IndexRow>,
    /// Small values by key; the last one written counts, and an empty one removes the key. Keys that begin with `journal.` are the journal's own.
    pub meta: Vec<(String, String)>,
}

/// What the journal thread answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Report {
    /// The batch survives a power cut from now on (in memory: is stored).
    Durable {
        ticket: u64,
    },
    /// Nothing of the batch is stored. The next batch may succeed.
    Failed {
        ticket: u64,
        status: Status,
        text: String,
    },
    /// The facts of the payment, in number order. Empty if there are none.
    Loaded {
        payment: u64,
        rows: Vec<Row>,
    },
    LoadFailed {
        payment: u64,
        status: Status,
        text: String,
    },
    /// Some payments of a span of time, asked for by a request.
    Leafed {
        request: u64,
        /// The facts of each payment, in number order. Empty where retention has pruned them.
        payments: Vec<(u64, Vec<Row>)>,
        /// There may be more, with larger numbers than this.
        next: Option<u64>,
    },
    LeafFailed {
        request: u64,
        status: Status,
        text: String,
    },
}

/// Some payments that were asked for in a span of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Who asks: it stands in the answer.
    pub request: u64,
    /// Milliseconds since 1970 by the PC's clock, both included.
    pub from_wall_ms: i64,
    pub until_wall_ms: i64,
    /// Only payments with larger numbers.
    pub after: u64,
}

/// Makes a commit fail, for tests and benches: asked once about each batch.
pub type Fault = Arc<dyn Fn(&Batch) -> Option<(Status, String)> + Send + Sync>;

pub struct Opening<'a> {
    pub place: Place,
    /// `vendor|host|hash` of the account. A journal belongs to one.
    pub identity: &'a str,
    /// The journal of another account is taken over instead of refused.
    pub allow_account_change: bool,
    /// Payments older than this that nobody waits for are pruned while opening. 0 keeps everything.
    pub retention_days: u32,
    /// Milliseconds since 1970 by the PC's clock.
    pub now_wall_ms: i64,
    /// Where answers go. Unbounded, or the journal thread waits for its reader.
    pub reports: Sender<Report>,
    /// The journal thread sleeps this long before each commit, to imitate a slow disk. 0 otherwise.
    pub flush_delay_ms: u32,
    pub fault: Option<Fault>,
}

pub struct Opened {
    pub journal: Journal,
    /// 1 for a new journal, one more at each opening; durable before [`open`] returns.
    pub run: u32,
    /// Larger than every number the journal ever held, pruned ones included.
    pub next_number: u64,
    pub next_payment: u64,
    /// All of them, in payment order.
    pub index: Vec<IndexRow>,
    /// All rows of the payments with attention, in number order.
    pub rows: Vec<Row>,
    /// All of the engine's, in key order.
    pub meta: Vec<(String, String)>,
    /// The journal belonged to another account until now.
    pub former_identity: bool,
}

/// Opens the journal, or makes a new one where there is none.
///
/// Any thread. Waits for the disk, at most ten seconds.
///
/// `Status::JournalLocked`: someone else has it. `Status::Config`: it belongs to another account (`account_change`) or
/// the path is no path (`journal`). `Status::Thread`: no thread. `Status::Journal`: everything else, and the text names
/// file and cause. A journal that is refused stays as it was, byte for byte.
pub fn open(opening: Opening<'_>) -> Result<Opened, (Status, String)> {
    open_within(opening, PATIENCE)
}

fn open_within(opening: Opening<'_>, patience: Duration) -> Result<Opened, (Status, String)> {
    let durable = matches!(opening.place, Place::File(_));
    let what = opening.place.describe();
    let reports = opening.reports.clone();
    let setup = Setup::new(opening);
    let (commands, inbox) = crossbeam_channel::unbounded();
    let (verdict, answer) = crossbeam_channel::bounded(1);
    let (alive, done) = crossbeam_channel::bounded::<()>(0);
    let thread = os::spawn("journal", move || {
        let _alive = alive;
        worker::live(setup, inbox, verdict);
    })
    .map_err(|e| (Status::Thread, format!("The journal's thread could not be started: {e}")))?;
    // Made before the verdict is known: whichever way this function ends, the thread learns that nobody is there.
    let journal = Journal { commands, reports, done, thread: Some(thread), durable, patience };
    match answer.recv_timeout(patience) {
        Ok(Ok(found)) => Ok(Opened {
            journal,
            run: found.run,
            next_number: found.next_number,
            next_payment: found.next_payment,
            index: found.index,
            rows: found.rows,
            meta: found.meta,
            former_identity: found.former_identity,
        }),
        Ok(Err(refusal)) => Err(refusal),
        Err(RecvTimeoutError::Timeout) => {
            journal.abandon();
            Err((Status::Journal, format!("{what} did not answer within {} s", patience.as_secs_f32())))
        }
        Err(RecvTimeoutError::Disconnected) => {
            Err((Status::Internal, format!("The thread that was to open {what} ended unexpectedly")))
        }
    }
}

/// The handle to the journal thread. Dropping it closes the journal.
pub struct Journal {
    commands: Sender<Command>,
    reports: Sender<Report>,
    /// Disconnects when the thread ends. Nothing is ever sent.
    done: Receiver<()>,
    thread: Option<JoinHandle<()>>,
    durable: bool,
    patience: Duration,
}

impl Journal {
    /// Hands a batch over. Any thread; never waits.
    ///
    /// Each batch gets one `Report::Durable` or `Report::Failed`, in the order they were handed over. What waits is
    /// committed together; if that fails each batch is tried alone, so that one bad batch does not fail the others.
    pub fn append(&self, batch: Batch) {
        let ticket = batch.ticket;
        if self.commands.send(Command::Append(batch)).is_err() {
            let text = "The journal's thread has ended".to_string();
            let _ = self.reports.send(Report::Failed { ticket, status: Status::Internal, text });
        }
    }

    /// Asks for the facts of one payment, after everything handed over before. Any thread; never waits.
    pub fn load(&self, payment: u64) {
        if self.commands.send(Command::Load(payment)).is_err() {
            let text = "The journal's thread has ended".to_string();
            let _ = self.reports.send(Report::LoadFailed { payment, status: Status::Internal, text });
        }
    }

    /// Asks for the next payments of a span of time, after everything handed over before. Any thread; never waits.
    pub fn leaf(&self, leaf: Leaf) {
        if self.commands.send(Command::Leaf(leaf)).is_err() {
            let (request, text) = (leaf.request, "The journal's thread has ended".to_string());
            let _ = self.reports.send(Report::LeafFailed { request, status: Status::Internal, text });
        }
    }

    /// Somebody else who may ask the journal what it holds.
    pub fn examiner(&self) -> Examiner {
        Examiner { commands: self.commands.clone() }
    }

    /// False for a journal in memory: its results carry NOT_DURABLE.
    pub fn is_durable_kind(&self) -> bool {
        self.durable
    }

    /// Commits what was handed over, closes the file and ends the thread. Waits at most ten seconds; a disk that needs
    /// longer goes on behind the caller's back, and the journal stays locked until it is done.
    pub fn close(self) {
        drop(self);
    }

    /// Leaves without waiting; the thread closes the file by itself.
    fn abandon(mut self) {
        self.thread = None;
    }

    #[cfg(test)]
    fn limit_pages(&self, pages: u32) {
        let _ = self.commands.send(Command::LimitPages(pages));
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let _ = self.commands.send(Command::Close);
        if self.done.recv_timeout(self.patience) == Err(RecvTimeoutError::Disconnected) {
            // The thread is past its last line: this cannot wait.
            let _ = thread.join();
        }
    }
}
