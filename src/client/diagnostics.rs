//! One file to mail to support: what runs here, how it is set up, where everything stands, and what came before.

use super::{Client, closed};
use crate::config::{self, Config};
use crate::engine::Command;
use crate::journal::{Examination, Examiner};
use crate::observe::{Log, report_file, stamp};
use crate::os;
use crate::payment::Fields;
use crate::payment::history::History;
use crate::status::{Error, Status};
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// So long the engine and the journal have for their words, and all of it together.
const PARTS: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(15);
/// A larger file could not be mailed everywhere. Bytes.
const LARGEST: usize = 4 << 20;

/// What stays the same while the client is open, and whom to ask for the rest.
pub(super) struct Diagnostics {
    about: String,
    log: Arc<Log>,
    examiner: Examiner,
    /// Those that write at the moment.
    writers: Mutex<Vec<Writer>>,
}

/// A thread that writes a file.
struct Writer {
    /// Disconnects when the thread's work has ended. Nothing is ever sent.
    done: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Diagnostics {
    pub(super) fn new(config: &Config, fields: &Fields, log: Arc<Log>, examiner: Examiner) -> Diagnostics {
        Diagnostics { about: about(config, fields), log, examiner, writers: Mutex::default() }
    }

    /// Waits for files that are being written. False when they need longer; a negative time waits for ever.
    pub(super) fn wait(&self, timeout_ms: i32) -> bool {
        let deadline = u64::try_from(timeout_ms).ok().map(|ms| Instant::now() + Duration::from_millis(ms));
        loop {
            let Some(done) = self.lock().first().map(|writer| writer.done.clone()) else { return true };
            let ended = match deadline {
                Some(at) => done.recv_deadline(at) != Err(RecvTimeoutError::Timeout),
                None => done.recv().is_err(),
            };
            if !ended {
                return false;
            }
            self.dismiss_ended();
        }
    }

    /// Lets the threads go whose work has ended, which is a matter of microseconds.
    fn dismiss_ended(&self) {
        let ended: Vec<Writer> = {
            let mut writers = self.lock();
            let is_done =
                |writer: &mut Writer| writer.done.try_recv() == Err(crossbeam_channel::TryRecvError::Disconnected);
            writers.extract_if(.., is_done).collect()
        };
        for writer in ended {
            drop(writer.thread.join());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Writer>> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Writes the file. `caught` is where the library last caught a defect of its own. Waits for the disk, at most fifteen
    /// seconds; the work is done on a thread of the library.
    ///
    /// `File`: it cannot be written, or something else is there.
    pub fn diagnostics(&self, path: &str, caught: Option<String>) -> Result<(), Error> {
        self.check_open()?;
        if path.is_empty() {
            return Err(Error::new(Status::InvalidArgument, "path: is empty"));
        }
        let (tell, engine) = bounded(1);
        if !self.engine.command(Command::Describe(tell)) {
            return Err(closed());
        }
        let shared = &self.diagnostics;
        let (journal, log) = (shared.examiner.ask(), shared.log.clone());
        let work = Work { about: shared.about.clone(), caught, log, engine, journal };
        let (path, (answer, answers)) = (PathBuf::from(path), bounded(1));
        let (alive, done) = bounded::<()>(0);
        {
            let mut writers = shared.lock();
            // Whoever closes waits for those that stand in the list; none comes in behind his back.
            self.check_open()?;
            let thread = os::spawn("diagnostics", move || {
                let _alive = alive;
                let _ = answer.send(report_file::write(&path, &work.text()));
            })
            .map_err(|error| Error::new(Status::Thread, format!("no thread to write with: {error}")))?;
            writers.push(Writer { done, thread });
        }
        let written = answers.recv_timeout(PATIENCE);
        shared.dismiss_ended();
        match written {
            Ok(written) => written.map_err(|text| Error::new(Status::File, format!("path: {text}"))),
            Err(RecvTimeoutError::Timeout) => {
                let text = format!("path: the disk did not take the file within {} s", PATIENCE.as_secs());
                Err(Error::new(Status::File, text))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(Error::new(Status::Internal, "the thread that was to write the diagnostics ended unexpectedly"))
            }
        }
    }
}

/// What does not change: the program, the machine, the settings.
fn about(config: &Config, fields: &Fields) -> String {
    let mut text = String::new();
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let _ = writeln!(text, "library {}, {profile} build", env!("CARGO_PKG_VERSION"));
    let bits = usize::BITS;
    let _ = writeln!(text, "built for {} on {}, {bits} bits", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(text, "process {}", std::process::id());
    let _ = writeln!(text, "\n== Settings\n");
    let _ = writeln!(text, "vendor's server: {}", config.base_url);
    let _ = writeln!(text, "account: {} (a hash of the login)", config.identity_hash());
    for (key, value) in config::describe(config.vendor, fields) {
        let _ = writeln!(text, "{key} = {value}");
    }
    text
}

/// The operating system by its own name, where it keeps one in a file.
fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    match name {
        Some(name) => format!("{}, kernel {}", name.trim_matches('"'), kernel.trim()),
        None => String::from("a system that keeps no name in a file"),
    }
}

/// What one file is made of.
struct Work {
    about: String,
    caught: Option<String>,
    log: Arc<Log>,
    engine: Receiver<String>,
    journal: Receiver<Result<Examination, String>>,
}

impl Work {
    /// The whole file: the oldest log lines give way when it gets too large, and last the histories.
    fn text(self) -> String {
        let until = Instant::now() + PARTS;
        let engine = self.engine.recv_deadline(until);
        let journal = self.journal.recv_deadline(until);
        let mut text = String::new();
        let _ = writeln!(text, "{}", report_file::MARK);
        let _ = writeln!(
            text,
            "written {} by this PC's clock. Texts of customers, cards and passwords are left out.",
            stamp(os::wall_ms())
        );
        let _ = writeln!(text, "\n== Program\n\nrunning on {}\n{}", system(), self.about);
        let caught = self.caught.as_deref().unwrap_or("none in this process");
        let _ = writeln!(text, "== Now\n\ndefect of the library, caught last at: {caught}");
        text.push_str(&engine.unwrap_or_else(|_| String::from("the engine did not answer\n")));
        match journal {
            Ok(Ok(found)) => tell_journal(&found, &mut text),
            Ok(Err(fault)) => drop(writeln!(text, "\n== Journal\n\n{fault}")),
            Err(_) => text.push_str("\n== Journal\n\nthe journal did not answer: its disk is slow, or it is gone\n"),
        }
        let _ = writeln!(text, "\n== Log, the newest lines\n");
        for line in self.log.recent() {
            let _ = writeln!(text, "{line}");
        }
        // As a second net, like every line of the log. None of it may break a line or hide one.
        let clean = |line: &str| self.log.redact(line).replace(|c: char| c.is_control() && c != '\t', " ");
        let mut whole = String::with_capacity(text.len());
        for line in text.lines() {
            let line = clean(line);
            if whole.len() + line.len() > LARGEST {
                let _ = writeln!(whole, "(the rest is left out: the file would be too large)");
                break;
            }
            let _ = writeln!(whole, "{line}");
        }
        whole
    }
}

fn tell_journal(found: &Examination, text: &mut String) {
    let _ = writeln!(text, "\n== Journal\n\n{}", found.place);
    let (bytes, log_bytes, format, run) = (found.bytes, found.log_bytes, found.format, found.run);
    let _ = writeln!(text, "{bytes} bytes and {log_bytes} in the log beside it, format {format}, run {run}");
    let (payments, attended, facts) = (found.payments, found.attended, found.facts);
    let _ = writeln!(text, "{payments} payments, of which {attended} are not settled and acknowledged; {facts} facts");
    let _ = writeln!(text, "check: {}", found.check);
    let told = found.histories.len();
    let _ = writeln!(text, "\n== Payments\n\nthe {told} that are open or newest, oldest first");
    for (row, facts, left_out) in &found.histories {
        let open = if row.attention { "open" } else { "settled" };
        let _ = writeln!(
            text,
            "\npayment {}: {} \"{}\", attempt {}, {} {} at \"{}\", {open}, money {:?}",
            row.payment, row.kind, row.reference, row.attempt, row.amount, row.currency, row.terminal, row.disposition
        );
        if *left_out > 0 {
            let _ = writeln!(text, "  ({left_out} older facts are left out)");
        }
        let mut history = History::default();
        for fact in facts {
            let line = history.tell(fact.version, &fact.body);
            let _ = writeln!(text, "  {} run {} at {:>8}: {line}", stamp(fact.wall_ms), fact.run, fact.at_ms);
        }
    }
}

#[cfg(test)]
mod tests;
