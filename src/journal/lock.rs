//! One journal, one client: a lock that the system lets go of when the process ends, however it ends.
//!
//! `<journal>.lock` is locked and stays; deleting it would let a third program lock a file of the same name. Windows
//! lets nobody read a locked file, so who has it stands in `<journal>.pid`.
//!
//! Some network shares grant every lock to everybody. There the second one overwrites that note, and the first one sees
//! it before its next commit and never writes again.

use super::fault::Failure;
use super::place::{beside, private};
use crate::status::Status;
use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, Hasher};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// A program that is started anew may find its predecessor still dying.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(30);

pub(super) struct Lock {
    file: File,
    note: PathBuf,
    /// What we wrote there: our process, and a number that nobody else has.
    sign: String,
    signed: bool,
    lost: bool,
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
        // Every RandomState has keys of its own.
        let number = RandomState::new().build_hasher().finish();
        Lock { file, note, sign: format!("{} {number:016x}", std::process::id()), signed: false, lost: false }
    }

    /// Says who has the journal. To be called when SQLite has its lock too: whoever lost the lock file to a cleaning
    /// program must not be displaced by one who cannot get in anyway.
    pub fn sign(&mut self) {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Without the note the one who comes second is not told who has the journal, and we do not see one who should
        // not be there. Both are no reason to fail.
        let note = private(&mut options).open(&self.note);
        self.signed = note.is_ok();
        if let Ok(mut note) = note {
            let _ = note.write_all(self.sign.as_bytes());
        }
    }

    /// False for ever once another one has signed. A note that was cleaned away is written anew.
    pub fn is_ours(&mut self) -> bool {
        if !self.signed {
            return true;
        }
        match fs::read_to_string(&self.note) {
            // Half a note is being written at this moment, or did not fit on the disk: the next look will tell.
            Ok(found) if found != self.sign && is_whole(&found) => self.lost = true,
            Err(e) if e.kind() == ErrorKind::NotFound => self.sign(),
            _ => {}
        }
        !self.lost
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.signed && self.is_ours() {
            let _ = fs::remove_file(&self.note);
        }
        // Said aloud: a child process that is being started at this moment has a copy of the handle, and closing ours
        // would leave the lock with it for a while.
        let _ = self.file.unlock();
    }
}

/// A process and sixteen digits.
fn is_whole(note: &str) -> bool {
    note.split_once(' ').is_some_and(|(pid, number)| pid.parse::<u32>().is_ok() && number.len() == 16)
}

/// In words, who has the journal.
fn holder(note: &Path) -> String {
    match fs::read_to_string(note).ok().and_then(|text| text.split(' ').next()?.parse::<u32>().ok()) {
        Some(pid) if pid == std::process::id() => "another client of this program".to_string(),
        Some(pid) => format!("another program, process {pid}"),
        None => "another program".to_string(),
    }
}
