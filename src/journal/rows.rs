//! The journal in SQL: the tables, and how rows get in and out.

use super::examine::Examination;
use super::{Batch, Disposition, IndexRow, Leaf, Row};
use rusqlite::{Connection, OptionalExtension, Result, params};

/// The format of the tables below, in `PRAGMA user_version`. A journal with a larger one is refused.
pub(super) const FORMAT: i64 = 1;
/// "PJNL", in `PRAGMA application_id`: the databases of other programs are refused.
pub(super) const APPLICATION: i64 = 0x504A_4E4C;
/// The keys of `meta` that are the journal's own.
pub(super) const RESERVED: &str = "journal.";
/// Pruning must leave time for the rest of the opening; what is left over goes at the next one.
const PRUNE_LIMIT: i64 = 10_000;
const DAY_MS: i64 = 86_400_000;

const SCHEMA: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE payment (
        payment INTEGER PRIMARY KEY, reference TEXT NOT NULL, attempt INTEGER NOT NULL, kind TEXT NOT NULL,
        amount INTEGER NOT NULL, currency TEXT NOT NULL, terminal TEXT NOT NULL, original TEXT NOT NULL,
        identity TEXT NOT NULL, disposition INTEGER NOT NULL, attention INTEGER NOT NULL, wall_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE fact (
        number INTEGER PRIMARY KEY, payment INTEGER NOT NULL, run INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        wall_ms INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX fact_payment ON fact (payment);
";

/// What later versions have added beside the tables of this format: an older version leaves it alone. What payments led to,
/// by the vendor's ids.
const ADDED: &str = "
    CREATE TABLE IF NOT EXISTS led_to (payment INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;
";

/// Adds to a journal of an older version what this one keeps. The caller has a transaction open.
pub(super) fn complete(conn: &Connection) -> Result<()> {
    conn.execute_batch(ADDED)
}

/// Makes the tables of an empty database. The caller has a transaction open.
pub(super) fn create(conn: &Connection) -> Result<()> {
    conn.pragma_update(None, "application_id", APPLICATION)?;
    conn.pragma_update(None, "user_version", FORMAT)?;
    conn.execute_batch(SCHEMA)
}

/// Writes one batch. The caller has a transaction open.
pub(super) fn write(conn: &Connection, batch: &Batch) -> Result<()> {
    let mut fact = conn.prepare_cached("INSERT INTO fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for row in &batch.rows {
        let (number, payment, at_ms) = (row.number as i64, row.payment as i64, row.at_ms as i64);
        fact.execute(params![number, payment, row.run, at_ms, row.wall_ms, row.version, row.body])?;
    }
    for row in &batch.index {
        write_index(conn, row)?;
    }
    for (key, value) in &batch.meta {
        set_meta(conn, key, value)?;
    }
    Ok(())
}

fn write_index(conn: &Connection, row: &IndexRow) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO payment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    conn.prepare_cached(sql)?.execute(params![
        row.payment as i64,
        row.reference,
        row.attempt,
        row.kind,
        row.amount,
        row.currency,
        row.terminal,
        row.original,
        row.identity,
        disposition_number(row.disposition),
        row.attention,
        row.wall_ms,
    ])?;
    if !row.transaction.is_empty() {
        let sql = "INSERT OR REPLACE INTO led_to VALUES (?1, ?2)";
        conn.prepare_cached(sql)?.execute(params![row.payment as i64, row.transaction])?;
    }
    Ok(())
}

pub(super) fn set_meta(conn: &Connection, key: &str, value: &str) -> Result<()> {
    if value.is_empty() {
        conn.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?;
    } else {
        conn.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?.execute([key, value])?;
    }
    Ok(())
}

pub(super) fn get_meta(conn: &Connection, key: &str) -> Result<Option<String>> {
    conn.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}

/// The engine's own values, in key order.
pub(super) fn all_meta(conn: &Connection) -> Result<Vec<(String, String)>> {
    let mut all = conn.prepare("SELECT key, value FROM meta ORDER BY key")?;
    let pairs: Result<Vec<(String, String)>> = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect();
    Ok(pairs?.into_iter().filter(|(key, _)| !key.starts_with(RESERVED)).collect())
}

/// What `read_index` reads.
const INDEX: &str = "SELECT payment.*, coalesce(id, '') FROM payment LEFT JOIN led_to USING (payment)";

pub(super) fn all_index(conn: &Connection) -> Result<Vec<IndexRow>> {
    let sql = format!("{INDEX} ORDER BY payment.payment");
    conn.prepare(&sql)?.query_map([], read_index)?.collect()
}

fn read_index(row: &rusqlite::Row<'_>) -> Result<IndexRow> {
    Ok(IndexRow {
        payment: row.get::<_, i64>(0)? as u64,
        reference: row.get(1)?,
        attempt: row.get(2)?,
        kind: row.get(3)?,
        amount: row.get(4)?,
        currency: row.get(5)?,
        terminal: row.get(6)?,
        original: row.get(7)?,
        identity: row.get(8)?,
        disposition: disposition(row.get(9)?),
        attention: row.get(10)?,
        wall_ms: row.get(11)?,
        transaction: row.get(12)?,
    })
}

fn disposition_number(disposition: Disposition) -> i64 {
    match disposition {
        Disposition::Open => 0,
        Disposition::Unknown => 1,
        Disposition::Moved => 2,
        Disposition::Clear => 3,
    }
}

fn disposition(number: i64) -> Disposition {
    match number {
        0 => Disposition::Open,
        2 => Disposition::Moved,
        3 => Disposition::Clear,
        // 1, and what a later version may add: whoever cannot read it must not take it for clear.
        _ => Disposition::Unknown,
    }
}

/// The facts of all payments with attention, in number order.
pub(super) fn attended(conn: &Connection) -> Result<Vec<Row>> {
    let sql = "SELECT * FROM fact WHERE payment IN (SELECT payment FROM payment WHERE attention <> 0) ORDER BY number";
    conn.prepare(sql)?.query_map([], read_fact)?.collect()
}

/// The facts of one payment, in number order.
pub(super) fn of_payment(conn: &Connection, payment: u64) -> Result<Vec<Row>> {
    let mut facts = conn.prepare_cached("SELECT * FROM fact WHERE payment = ?1 ORDER BY number")?;
    facts.query_map([payment as i64], read_fact)?.collect()
}

/// Payments with their facts, and where to go on if there may be more.
pub(super) type Leafed = (Vec<(u64, Vec<Row>)>, Option<u64>);

/// So many payments are read in one go: commits wait meanwhile.
const LEAF: i64 = 200;

/// Payments of a span of time in rising order, each with its facts.
pub(super) fn leaf(conn: &Connection, leaf: Leaf) -> Result<Leafed> {
    let sql = "SELECT payment FROM payment WHERE payment > ?1 AND wall_ms BETWEEN ?2 AND ?3 ORDER BY payment LIMIT ?4";
    let (after, from, until) = (leaf.after as i64, leaf.from_wall_ms, leaf.until_wall_ms);
    let found: Result<Vec<i64>> =
        conn.prepare_cached(sql)?.query_map([after, from, until, LEAF], |row| row.get(0))?.collect();
    let found = found?;
    let next = found.last().filter(|_| found.len() as i64 == LEAF).map(|last| *last as u64);
    let payments: Result<Vec<(u64, Vec<Row>)>> =
        found.into_iter().map(|payment| Ok((payment as u64, of_payment(conn, payment as u64)?))).collect();
    Ok((payments?, next))
}

/// Counts the rows, and reads the payments that matter: those with attention, newest first, and then the newest.
pub(super) fn examine(conn: &Connection, payments: u32, facts: u32, found: &mut Examination) -> Result<()> {
    let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    found.format = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    found.payments = count("SELECT count(*) FROM payment")? as u64;
    found.attended = count("SELECT count(*) FROM payment WHERE attention <> 0")? as u64;
    found.facts = count("SELECT count(*) FROM fact")? as u64;
    let sql = format!("{INDEX} ORDER BY attention <> 0 DESC, payment.payment DESC LIMIT ?1");
    let chosen: Result<Vec<IndexRow>> = conn.prepare(&sql)?.query_map([payments], read_index)?.collect();
    let mut chosen = chosen?;
    chosen.sort_by_key(|row| row.payment);
    let sql = "SELECT * FROM (SELECT * FROM fact WHERE payment = ?1 ORDER BY number DESC LIMIT ?2) ORDER BY number";
    let mut newest = conn.prepare(sql)?;
    for row in chosen {
        let payment = row.payment as i64;
        let rows: Result<Vec<Row>> = newest.query_map([payment, i64::from(facts)], read_fact)?.collect();
        let (rows, sql) = (rows?, "SELECT count(*) FROM fact WHERE payment = ?1");
        let all: i64 = conn.query_row(sql, [payment], |row| row.get(0))?;
        let left_out = (all as u64).saturating_sub(rows.len() as u64);
        found.histories.push((row, rows, left_out));
    }
    Ok(())
}

fn read_fact(row: &rusqlite::Row<'_>) -> Result<Row> {
    Ok(Row {
        number: row.get::<_, i64>(0)? as u64,
        payment: row.get::<_, i64>(1)? as u64,
        run: row.get(2)?,
        at_ms: row.get::<_, i64>(3)? as u64,
        wall_ms: row.get(4)?,
        version: row.get(5)?,
        body: row.get(6)?,
    })
}

/// The largest event number and the largest payment that stand in the tables; 0 if none.
pub(super) fn largest(conn: &Connection) -> Result<(u64, u64)> {
    let number: i64 = conn.query_row("SELECT coalesce(max(number), 0) FROM fact", [], |row| row.get(0))?;
    let payment: i64 = conn.query_row("SELECT coalesce(max(payment), 0) FROM payment", [], |row| row.get(0))?;
    let orphan: i64 = conn.query_row("SELECT coalesce(max(payment), 0) FROM fact", [], |row| row.get(0))?;
    Ok((number as u64, payment.max(orphan) as u64))
}

/// Removes payments that ended before the time of retention and that nobody waits for, oldest first. Where money moved
/// only the facts go. The caller has a transaction open. Returns how many payments lost something.
pub(super) fn prune(conn: &Connection, retention_days: u32, now_wall_ms: i64) -> Result<usize> {
    if retention_days == 0 {
        return Ok(0);
    }
    let before = now_wall_ms.saturating_sub(i64::from(retention_days) * DAY_MS);
    let moved = disposition_number(Disposition::Moved);
    let sql = "SELECT payment, disposition = ?2 FROM payment AS p WHERE attention = 0 AND wall_ms < ?1
        AND (disposition <> ?2 OR EXISTS (SELECT 1 FROM fact WHERE fact.payment = p.payment))
        ORDER BY wall_ms LIMIT ?3";
    let old: Result<Vec<(i64, bool)>> =
        conn.prepare(sql)?.query_map([before, moved, PRUNE_LIMIT], |row| Ok((row.get(0)?, row.get(1)?)))?.collect();
    let old = old?;
    let mut facts = conn.prepare("DELETE FROM fact WHERE payment = ?1")?;
    let mut index = conn.prepare("DELETE FROM payment WHERE payment = ?1")?;
    let mut names = conn.prepare("DELETE FROM led_to WHERE payment = ?1")?;
    for (payment, keeps_index) in &old {
        facts.execute([payment])?;
        if !keeps_index {
            index.execute([payment])?;
            names.execute([payment])?;
        }
    }
    Ok(old.len())
}
