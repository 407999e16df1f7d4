//! One journal, one client: a lock that the system lets go of when the process ends, however it ends.
//!
//! `<journal>.lock` is locked and stays; deleting it would let a third program lock a file of the same name. Windows
//! lets nobody read a locked file, so who has it stands in `<journal>.pid`.

use super::fault::Failure;
use super::place::{beside, private};
use crate::status::Status;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// A program that is started anew may find its predecessor still dying.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(30);

pub(super) struct Lock {
    file: File,
    note: PathBuf,
}

impl Lock {
    /// Waits at most 0.3 s. `Status::JournalLocked` if another has it, `Status::Journal` if it cannot be had at all.
    pub fn take(journal: &Path) -> Result<Lock, Failure> {
        let what = format!("The journal {}", journal.display());
        let path = beside(journal, ".lock");
        let note = beside(journal, ".pid");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = private(&mut options).open(&path).map_err(|e| {
            Failure::io(&what, &format!("cannot be used, because {} cannot be opened", path.display()), &e)
        })?;
        for attempt in 1..=TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Lock::hold(file, note)),
                Err(TryLockError::WouldBlock) if attempt < TRIES => sleep(PAUSE),
                Err(TryLockError::WouldBlock) => break,
                Err(TryLockError::Error(e)) => {
                    let deed = "lies where files cannot be locked; put it on a disk of this computer";
                    return Err(Failure::io(&what, deed, &e));
                }
            }
        }
        let text = format!("{what} is in use by {}", holder(&note));
        Err(Failure { status: Status::JournalLocked, text, reconnect: false })
    }

    fn hold(file: File, note: PathBuf) -> Lock {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Only a courtesy to the one who comes second: without it the text names nobody.
        if let Ok(mut pid) = private(&mut options).open(&note) {
            let _ = std::io::Write::write_all(&mut pid, std::process::id().to_string().as_bytes());
        }
        Lock { file, note }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.note);
        // Said aloud: a child process that is being started at this moment has a copy of the handle, and closing ours
        // would leave the lock with it for a while.
        let _ = self.file.unlock();
    }
}

/// In words, who has the journal.
fn holder(note: &Path) -> String {
    match fs::read_to_string(note).ok().and_then(|text| text.trim().parse::<u32>().ok()) {
        Some(pid) if pid == std::process::id() => "another client of this program".to_string(),
        Some(pid) => format!("another program, process {pid}"),
        None => "another program".to_string(),
    }
}
