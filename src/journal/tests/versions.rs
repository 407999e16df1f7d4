//! A journal goes forth and back between versions of one format: an older one leaves alone what it does not know.

use super::*;
use rusqlite::Connection;

/// The tables as the first version of this format made them, and as it wrote to them.
const FIRST: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE payment ( payment INTEGER PRIMARY KEY, reference TEXT NOT NULL, attempt INTEGER NOT NULL,
        kind TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, terminal TEXT NOT NULL,
        original TEXT NOT NULL, identity TEXT NOT NULL, disposition INTEGER NOT NULL, attention INTEGER NOT NULL,
        wall_ms INTEGER NOT NULL ) STRICT;
    CREATE TABLE fact ( number INTEGER PRIMARY KEY, payment INTEGER NOT NULL, run INTEGER NOT NULL,
        at_ms INTEGER NOT NULL, wall_ms INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL ) STRICT;
    CREATE INDEX fact_payment ON fact (payment);
    PRAGMA application_id = 1347046988;
    PRAGMA user_version = 1;
";

fn by_the_first_version(path: &Path, payment: u64) {
    let journal = Connection::open(path).unwrap();
    let sql = "INSERT OR REPLACE INTO payment VALUES (?1, ?2, 1, 'sale', 1234, 'USD', 'lane 1', '', ?3, 2, 1, ?4)";
    let reference = format!("ref-{payment}");
    journal.execute(sql, rusqlite::params![payment as i64, reference, ACCOUNT, NOW]).unwrap();
}

fn names(opened: &Opened) -> Vec<(u64, &str)> {
    opened.index.iter().map(|row| (row.payment, row.transaction.as_str())).collect()
}

#[test]
fn a_journal_goes_forth_and_back_between_versions_of_its_format() {
    let (_directory, path) = fresh();
    Connection::open(&path).unwrap().execute_batch(FIRST).unwrap();
    by_the_first_version(&path, 1);
    let (opened, news) = open_at(&path);
    assert_eq!(names(&opened), [(1, "")]);
    let named = IndexRow { transaction: "8350".to_owned(), ..index(2) };
    store(&opened.journal, &news, vec![Batch { index: vec![named], ..batch(9) }]);
    drop(opened);
    // The update is taken back: the older version writes on, over a row of the newer one, too.
    by_the_first_version(&path, 2);
    by_the_first_version(&path, 3);
    let (opened, _news) = open_at(&path);
    assert_eq!(names(&opened), [(1, ""), (2, "8350"), (3, "")]);
    let format: i64 = {
        drop(opened);
        Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    assert_eq!(format, 1, "the older version opens it");
}
