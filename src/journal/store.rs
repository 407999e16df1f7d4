//! The connection to SQLite: how it is opened, what is checked before anything is written, and how it goes on after a
//! failure. Only the journal thread is ever in here.

use super::examine::{self, Examination};
use super::fault::Failure;
use super::lock::Lock;
use super::place::{self, Mark, Place, Standing, beside};
use super::{Batch, IndexRow, Leaf, Row, rows};
use crate::status::Status;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

const IDENTITY: &str = "journal.identity";
const RUN: &str = "journal.run";
const NEXT_NUMBER: &str = "journal.next_number";
const NEXT_PAYMENT: &str = "journal.next_payment";

/// A virus scanner or a backup may have the file for a moment.
const BUSY: Duration = Duration::from_millis(1000);
/// Up to this size the whole file is checked while opening, at some 200 MB a second; beyond it only what start-up needs.
const CHECKED_WHOLE: u64 = 64 << 20;

/// What the opening needs to know of the caller's wishes.
pub(super) struct Terms {
    pub place: Place,
    pub identity: String,
    pub allow_account_change: bool,
    pub retention_days: u32,
    pub now_wall_ms: i64,
}

/// What was found in the journal.
pub(super) struct Found {
    pub run: u32,
    pub next_number: u64,
    pub next_payment: u64,
    pub index: Vec<IndexRow>,
    pub rows: Vec<Row>,
    pub meta: Vec<(String, String)>,
    pub former_identity: bool,
}

pub(super) struct Store {
    /// None after a failure that a new connection may heal. Dropped before the lock.
    conn: Option<Connection>,
    file: Option<Kept>,
    /// How error texts begin.
    what: String,
    run: u32,
}

/// A journal in a file: what keeps it ours.
struct Kept {
    path: PathBuf,
    journal: Option<Mark>,
    /// SQLite's log, once there is one.
    log: Option<Mark>,
    lock: Lock,
}

impl Store {
    pub fn open(terms: &Terms) -> Result<(Store, Found), Failure> {
        let (mut conn, file, what) = match &terms.place {
            Place::Memory => (open_memory(terms)?, None, terms.place.describe()),
            Place::File(path) => {
                let (conn, kept) = open_file(path, terms)?;
                let what = format!("The journal {}", kept.path.display());
                (conn, Some(kept), what)
            }
        };
        let failure = |e: rusqlite::Error| Failure::sql(&what, &e);
        let found = begin_run(&mut conn, terms, &what)?;
        // From here on closing may tidy up: the journal is ours, whole, and of a format we know.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(failure)?;
        let mut store = Store { conn: Some(conn), file, what, run: found.run };
        store.remember_log();
        Ok((store, found))
    }

    /// Commits the batches in one transaction, or, if that fails, each in its own. One result per batch, in order.
    pub fn commit(&mut self, batches: &[Batch]) -> Vec<Result<(), Failure>> {
        let Err(failure) = self.transact(batches) else {
            return batches.iter().map(|_| Ok(())).collect();
        };
        if batches.len() == 1 && !failure.reconnect {
            return vec![Err(failure)];
        }
        if failure.reconnect {
            self.disconnect();
        }
        batches.iter().map(|batch| self.transact(std::slice::from_ref(batch))).collect()
    }

    pub fn load(&mut self, payment: u64) -> Result<Vec<Row>, Failure> {
        let what = self.what.clone();
        rows::of_payment(self.connected()?, payment).map_err(|e| Failure::sql(&what, &e))
    }

    /// The next payments of a span of time, and where to go on.
    pub fn leaf(&mut self, leaf: Leaf) -> Result<rows::Leafed, Failure> {
        let what = self.what.clone();
        rows::leaf(self.connected()?, leaf).map_err(|e| Failure::sql(&what, &e))
    }

    /// What the diagnostics say of the journal. Reads only.
    pub fn examine(&mut self) -> Result<Examination, Failure> {
        let what = self.what.clone();
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        let path = self.file.as_ref().map(|kept| kept.path.clone());
        let bytes = path.as_deref().map_or(0, size);
        let mut found = Examination {
            place: path.as_ref().map_or_else(|| "in memory".to_string(), |path| path.display().to_string()),
            bytes,
            log_bytes: path.as_ref().map_or(0, |path| size(&beside(path, "-wal"))),
            run: self.run,
            ..Examination::default()
        };
        let conn = self.connected()?;
        // Damage is part of the answer, not a reason to give none.
        found.check = check_whole(conn, bytes, &what).map_or_else(|failure| failure.text, |()| "ok".to_string());
        rows::examine(conn, examine::PAYMENTS, examine::FACTS, &mut found).map_err(|e| Failure::sql(&what, &e))?;
        Ok(found)
    }

    fn transact(&mut self, batches: &[Batch]) -> Result<(), Failure> {
        if batches.iter().flat_map(|batch| &batch.meta).any(|(key, _)| key.starts_with(rows::RESERVED)) {
            let text = format!("{}: meta keys that begin with \"{}\" are its own", self.what, rows::RESERVED);
            return Err(Failure { status: Status::Internal, text, reconnect: false });
        }
        self.still_ours()?;
        let what = self.what.clone();
        let conn = self.connected()?;
        let written = (|| {
            let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for batch in batches {
                rows::write(&transaction, batch)?;
            }
            // With synchronous=FULL this returns when the disk says that it has everything.
            transaction.commit()
        })();
        written.map_err(|e| Failure::sql(&what, &e))?;
        self.remember_log();
        Ok(())
    }

    /// Rows written to a file that has lost its name are gone with the process, and SQLite would not notice.
    fn still_ours(&mut self) -> Result<(), Failure> {
        let Some(kept) = &mut self.file else { return Ok(()) };
        if !kept.lock.is_ours() {
            let text = format!(
                "{} was opened by another program, although it was locked: it lies on a share that \
                 grants every lock. Put it on a disk of this computer",
                self.what
            );
            // Closing the usual way would write into what is the other one's now.
            self.disconnect();
            return Err(Failure { status: Status::JournalLocked, text, reconnect: false });
        }
        if place::mark(&kept.path) != kept.journal {
            let text = format!("{} was moved, deleted or replaced while it was in use", self.what);
            return Err(Failure::new(text));
        }
        let log = beside(&kept.path, "-wal");
        if kept.log.is_some() && place::mark(&log) != kept.log {
            // Closing moves what the lost log holds into the journal; the next connection makes a new log.
            self.conn = None;
        }
        Ok(())
    }

    fn remember_log(&mut self) {
        if let Some(kept) = &mut self.file
            && kept.log.is_none()
        {
            kept.log = place::mark(&beside(&kept.path, "-wal"));
        }
    }

    /// Gives the connection up after a failure of the disk. The log stays for the next one, which reads it anew.
    pub fn disconnect(&mut self) {
        if self.file.is_none() {
            return;
        }
        if let Some(conn) = self.conn.take() {
            let _ = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }

    fn connected(&mut self) -> Result<&mut Connection, Failure> {
        if self.conn.is_none() {
            let conn = self.reconnect()?;
            self.conn = Some(conn);
        }
        self.conn.as_mut().ok_or_else(|| Failure::new(format!("{} is closed", self.what)))
    }

    fn reconnect(&mut self) -> Result<Connection, Failure> {
        let Some(kept) = &mut self.file else {
            return Err(Failure::new(format!("{} is gone", self.what)));
        };
        if place::mark(&kept.path) != kept.journal {
            return Err(Failure::new(format!("{} was moved, deleted or replaced while it was in use", self.what)));
        }
        kept.log = None;
        let failure = |e: rusqlite::Error| Failure::sql(&self.what, &e);
        let conn = connect(&kept.path, &self.what)?;
        check_kind(&conn, &self.what)?;
        let run = rows::get_meta(&conn, RUN).map_err(failure)?;
        if run != Some(self.run.to_string()) {
            return Err(Failure::new(format!("{} was replaced by another copy while it was in use", self.what)));
        }
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(failure)?;
        Ok(conn)
    }

    #[cfg(test)]
    pub fn limit_pages(&mut self, pages: u32) {
        if let Some(conn) = &self.conn {
            let _ = conn.pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0));
        }
    }
}

fn open_memory(terms: &Terms) -> Result<Connection, Failure> {
    let made = Connection::open_in_memory().and_then(|conn| rows::create(&conn).map(|()| conn));
    made.map_err(|e| Failure::sql(&terms.place.describe(), &e))
}

fn open_file(path: &Path, terms: &Terms) -> Result<(Connection, Kept), Failure> {
    let path = place::settle(path)?;
    let what = format!("The journal {}", path.display());
    // A directory gets its clear answer before a lock file is laid beside it.
    place::inspect(&path)?;
    let mut lock = Lock::take(&path)?;
    let bytes = match place::inspect(&path)? {
        Standing::File { bytes } => bytes,
        Standing::Nothing => {
            create(&path, &what)?;
            0
        }
    };
    place::make_private(&path);
    let conn = connect(&path, &what)?;
    check_kind(&conn, &what)?;
    check_whole(&conn, bytes, &what)?;
    check_identity(&conn, terms, &what)?;
    lock.sign();
    let mode: String = conn
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(|e| Failure::sql(&what, &e))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(Failure::new(format!("{what} lies where SQLite cannot keep a log beside it (mode {mode})")));
    }
    let journal = place::mark(&path);
    Ok((conn, Kept { path, journal, log: None, lock }))
}

/// Makes a new journal under another name and puts it in its place when it is whole, so that no crash leaves half of
/// one: whatever is found under the journal's own name later was whole once.
fn create(path: &Path, what: &str) -> Result<(), Failure> {
    let draft = beside(path, ".new");
    for leftover in ["", "-journal", "-wal"] {
        let _ = std::fs::remove_file(beside(&draft, leftover));
    }
    place::create_private(&draft).map_err(|e| Failure::io(what, "cannot be made", &e))?;
    let made = (|| {
        let mut conn = Connection::open_with_flags(&draft, flags())?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        let transaction = conn.transaction()?;
        rows::create(&transaction)?;
        transaction.commit()?;
        // In the file's header before anybody looks for a log: the first connection can then do without shared memory.
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
        conn.close().map_err(|(_, e)| e)
    })();
    made.map_err(|e| Failure::sql(what, &e))?;
    place::install(&draft, path).map_err(|e| Failure::io(what, "cannot be made", &e))
}

/// No `CREATE`: a journal that is gone is not replaced by an empty one behind our back.
fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// A connection that has written nothing yet and that leaves everything as it is when it is closed.
fn connect(path: &Path, what: &str) -> Result<Connection, Failure> {
    let failure = |e: rusqlite::Error| Failure::sql(what, &e);
    let conn = Connection::open_with_flags(path, flags()).map_err(failure)?;
    // SQLite falls back to reading, and would then complain about the lock.
    if conn.is_readonly("main").map_err(failure)? {
        return Err(Failure::new(format!("{what} cannot be written: it is read-only for this user")));
    }
    configure(&conn).map_err(failure)?;
    Ok(conn)
}

fn configure(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.busy_timeout(BUSY)?;
    // Before the first look at the file: no shared memory beside it, which network shares cannot do, and nobody else in.
    conn.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |row| row.get::<_, String>(0))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "trusted_schema", false)
}

/// Refuses what is not a journal, and a journal of a version to come.
fn check_kind(conn: &Connection, what: &str) -> Result<(), Failure> {
    let ask = |name: &str| {
        conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(|e| Failure::sql(what, &e))
    };
    if ask("application_id")? != rows::APPLICATION {
        return Err(Failure::new(format!("{what} is not a journal: it is a database of another program")));
    }
    let format = ask("user_version")?;
    if format > rows::FORMAT {
        let known = rows::FORMAT;
        return Err(Failure::new(format!(
            "{what} was written by a newer version of the library (format {format}; this one knows {known}). Nothing in \
             it was changed; use the newer version"
        )));
    }
    if format < 1 {
        return Err(Failure::new(format!("{what} is damaged: its format is {format}")));
    }
    Ok(())
}

fn check_whole(conn: &Connection, bytes: u64, what: &str) -> Result<(), Failure> {
    let checks: &[&str] = match bytes {
        0..=CHECKED_WHOLE => &["PRAGMA quick_check(1)"],
        // Damage in the facts of old payments shows when they are read.
        _ => &["PRAGMA quick_check(meta)", "PRAGMA quick_check(payment)"],
    };
    for check in checks {
        let answer: String = conn.query_row(check, [], |row| row.get(0)).map_err(|e| Failure::sql(what, &e))?;
        if answer != "ok" {
            let answer = answer.replace('\n', " ");
            return Err(Failure::new(format!(
                "{what} is damaged: {answer}. Keep the file; restore a copy of it, or begin a new one elsewhere"
            )));
        }
    }
    Ok(())
}

/// A new journal has no identity yet. Returns whether the account changes.
fn check_identity(conn: &Connection, terms: &Terms, what: &str) -> Result<bool, Failure> {
    let kept = rows::get_meta(conn, IDENTITY).map_err(|e| Failure::sql(what, &e))?;
    let Some(kept) = kept.filter(|kept| *kept != terms.identity) else { return Ok(false) };
    if terms.allow_account_change {
        return Ok(true);
    }
    let text = format!(
        "account_change: {what} belongs to the account {kept}, and the configuration says {}. Use another journal, or set \
         account_change = 1 to go on with this one",
        terms.identity
    );
    Err(Failure { status: Status::Config, text, reconnect: false })
}

/// Prunes, makes the new run durable, and reads: the first writing of an opening, all of it or none. What cannot be read
/// leaves the journal as it was.
fn begin_run(conn: &mut Connection, terms: &Terms, what: &str) -> Result<Found, Failure> {
    let former_identity = check_identity(conn, terms, what)?;
    let begun = (|| {
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        rows::complete(&transaction)?;
        let run = counter(&transaction, RUN)? as u32 + 1;
        // Kept aside, because the payment with the largest numbers may be pruned.
        let (number, payment) = rows::largest(&transaction)?;
        let next_number = counter(&transaction, NEXT_NUMBER)?.max(number + 1);
        let next_payment = counter(&transaction, NEXT_PAYMENT)?.max(payment + 1);
        rows::prune(&transaction, terms.retention_days, terms.now_wall_ms)?;
        rows::set_meta(&transaction, RUN, &run.to_string())?;
        rows::set_meta(&transaction, NEXT_NUMBER, &next_number.to_string())?;
        rows::set_meta(&transaction, NEXT_PAYMENT, &next_payment.to_string())?;
        rows::set_meta(&transaction, IDENTITY, &terms.identity)?;
        let found = read(&transaction, run, former_identity)?;
        transaction.commit()?;
        Ok(found)
    })();
    begun.map_err(|e| Failure::sql(what, &e))
}

/// One of the journal's own numbers; 0 in a new journal.
fn counter(conn: &Connection, key: &str) -> rusqlite::Result<u64> {
    Ok(rows::get_meta(conn, key)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn read(conn: &Connection, run: u32, former_identity: bool) -> rusqlite::Result<Found> {
    Ok(Found {
        run,
        next_number: counter(conn, NEXT_NUMBER)?,
        next_payment: counter(conn, NEXT_PAYMENT)?,
        index: rows::all_index(conn)?,
        rows: rows::attended(conn)?,
        meta: rows::all_meta(conn)?,
        former_identity,
    })
}
