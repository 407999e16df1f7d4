//! What can go wrong with a journal, in words that help the person at the till.

use crate::status::Status;
use rusqlite::ErrorCode;

/// Why something could not be stored or read. `what` names the journal, as a sentence begins.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub status: Status,
    pub text: String,
    /// The connection to the file may be what is broken: a new one is worth a try.
    pub reconnect: bool,
}

impl Failure {
    pub fn new(text: String) -> Self {
        Failure { status: Status::Journal, text, reconnect: false }
    }

    /// What the system said about a file beside the journal or the journal itself.
    pub fn io(what: &str, deed: &str, error: &std::io::Error) -> Self {
        Failure::new(format!("{what} {deed}: {error}"))
    }

    pub fn sql(what: &str, error: &rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let status = match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Status::JournalLocked,
            _ => Status::Journal,
        };
        let reconnect = matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen));
        Failure { status, text: format!("{what} {}{}", cause(error), number(error)), reconnect }
    }

    pub fn pair(self) -> (Status, String) {
        (self.status, self.text)
    }
}

fn cause(error: &rusqlite::Error) -> String {
    let plain = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "is in use by another program",
        Some(ErrorCode::DiskFull) => "cannot be written: the disk is full",
        Some(ErrorCode::ReadOnly) => "cannot be written: it is read-only",
        Some(ErrorCode::NotADatabase) => "is not a journal: the file holds something else, or its beginning is damaged",
        Some(ErrorCode::DatabaseCorrupt) => {
            "is damaged. Keep the file; restore a copy of it, or begin a new one elsewhere"
        }
        Some(ErrorCode::CannotOpen) => "cannot be opened",
        Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => {
            "may not be opened: rights are missing"
        }
        Some(ErrorCode::SystemIoFailure) if is_about_locks(error) => {
            "lies where files cannot be locked; put it on a disk of this computer"
        }
        Some(ErrorCode::SystemIoFailure) => "cannot be read or written: the disk reports a failure",
        Some(ErrorCode::OutOfMemory) => "needs more memory than there is",
        Some(ErrorCode::ConstraintViolation) => return format!("cannot take these rows: {error}"),
        // The values have other types or are not UTF-8: the file was changed by something else.
        None => return format!("is damaged: {error}"),
        Some(_) => return format!("cannot be used: {error}"),
    };
    plain.to_string()
}

fn is_about_locks(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_CHECKRESERVEDLOCK, SQLITE_IOERR_LOCK, SQLITE_IOERR_RDLOCK, SQLITE_IOERR_UNLOCK};
    let codes = [SQLITE_IOERR_LOCK, SQLITE_IOERR_RDLOCK, SQLITE_IOERR_UNLOCK, SQLITE_IOERR_CHECKRESERVEDLOCK];
    error.sqlite_error().is_some_and(|e| codes.contains(&e.extended_code))
}

fn number(error: &rusqlite::Error) -> String {
    error.sqlite_error().map_or(String::new(), |e| format!(" (SQLite {})", e.extended_code))
}
