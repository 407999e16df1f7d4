//! What may stand where the journal should be. Each is refused in words, and stays as it was.

use super::*;
use std::fs;

/// A closed journal with a few payments in it.
fn written(path: &Path) {
    let (opened, news) = open_at(path);
    store(&opened.journal, &news, (1..=300).map(batch).collect());
    opened.journal.close();
    assert!(!beside(path, "-wal").exists(), "a closed journal is one file");
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    super::super::place::beside(path, suffix)
}

/// Refused, saying so, and not one byte is different afterward.
fn refused_untouched(path: &Path, words: &str) {
    let before = fs::read(path).unwrap();
    refused_saying(path, words);
    assert!(fs::read(path).unwrap() == before, "the file was changed");
    refused_saying(path, words);
}

#[test]
fn a_directory_is_refused() {
    let (_directory, path) = fresh();
    fs::create_dir(&path).unwrap();
    refused_saying(&path, "is a directory");
    assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
}

#[test]
fn a_text_file_is_refused() {
    let (_directory, path) = fresh();
    fs::write(&path, "Dear diary, this is not a database. ".repeat(100)).unwrap();
    refused_untouched(&path, "is not a journal");
}

#[test]
fn an_empty_file_is_refused() {
    let (_directory, path) = fresh();
    fs::write(&path, "").unwrap();
    refused_untouched(&path, "is empty");
}

#[test]
fn the_database_of_another_program_is_refused() {
    let (_directory, path) = fresh();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE customer (name TEXT); INSERT INTO customer VALUES ('Ada')").unwrap();
    drop(other);
    refused_untouched(&path, "another program");
}

#[test]
fn a_truncated_journal_is_refused() {
    let (_directory, path) = fresh();
    written(&path);
    let whole = fs::read(&path).unwrap();
    for length in [whole.len() - 4096, whole.len() / 2, 4096, 1000, 100, 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let (status, text) = refusal(&path);
        assert_eq!(status, Status::Journal, "{length}: {text}");
        assert!(text.contains("damaged") || text.contains("not a journal"), "{length}: {text}");
        assert!(fs::read(&path).unwrap() == whole[..length], "{length}: the file was changed");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(open_at(&path).0.rows.len(), 300);
}

#[test]
fn a_damaged_page_is_found_while_opening() {
    let (_directory, path) = fresh();
    written(&path);
    let mut bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    for page in 1..pages {
        let page = page * 4096;
        bytes[page..page + 100].fill(0xA5);
    }
    fs::write(&path, &bytes).unwrap();
    refused_untouched(&path, "is damaged");
}

#[test]
fn damage_in_facts_that_start_up_does_not_read_is_found_too() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    let quiet = |payment| Batch { index: vec![IndexRow { attention: false, ..index(payment) }], ..batch(payment) };
    store(&opened.journal, &news, (1..=300).map(quiet).collect());
    opened.journal.close();
    let mut bytes = fs::read(&path).unwrap();
    let fact = bytes.windows(12).position(|window| window == b"{\"fact\":150}").unwrap();
    let page = fact / 4096 * 4096;
    bytes[page..page + 100].fill(0xA5);
    fs::write(&path, &bytes).unwrap();
    refused_untouched(&path, "is damaged");
}

/// Damage that SQLite does not see: a text that is none.
#[test]
fn a_text_that_cannot_be_read_is_found_before_anything_is_written() {
    let (_directory, path) = fresh();
    written(&path);
    let mut bytes = fs::read(&path).unwrap();
    let fact = bytes.windows(12).position(|window| window == b"{\"fact\":150}").unwrap();
    bytes[fact + 2] = 0xFF;
    fs::write(&path, &bytes).unwrap();
    refused_untouched(&path, "is damaged");
}

#[test]
fn a_journal_of_a_newer_format_is_refused() {
    let (_directory, path) = fresh();
    written(&path);
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 2).unwrap();
    drop(newer);
    refused_untouched(&path, "newer version");
}

#[test]
fn a_newer_format_that_stands_only_in_the_log_is_seen_and_left_alone() {
    let (directory, path) = fresh();
    written(&path);
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 2).unwrap();
    // As a crash leaves it: copied while the newer version still runs.
    let copy = directory.path().join("copy.journal");
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    let log = fs::read(beside(&copy, "-wal")).unwrap();
    refused_untouched(&copy, "newer version");
    assert!(fs::read(beside(&copy, "-wal")).unwrap() == log, "the log was changed");
}

#[test]
fn a_log_without_its_journal_is_not_thrown_away() {
    let (_directory, path) = fresh();
    fs::write(beside(&path, "-wal"), "facts").unwrap();
    refused_saying(&path, "is missing");
    assert_eq!(fs::read(beside(&path, "-wal")).unwrap(), b"facts");
    assert!(!path.exists());
}

#[test]
fn a_crash_while_making_a_journal_leaves_nothing_in_the_way() {
    let (_directory, path) = fresh();
    fs::write(beside(&path, ".new"), "half").unwrap();
    fs::write(beside(&path, ".new-journal"), "half").unwrap();
    assert_eq!(open_at(&path).0.run, 1);
    assert!(!beside(&path, ".new").exists());
}

#[test]
fn a_path_that_is_none_is_a_mistake_in_the_configuration() {
    for path in ["", "/", ".."] {
        let (status, text) = refusal(Path::new(path));
        assert!(status == Status::Config && text.starts_with("journal: "), "{path}: {text}");
    }
}

#[test]
#[cfg(unix)]
fn a_device_is_refused() {
    refused_saying(Path::new("/dev/null"), "not a regular file");
}

#[test]
#[cfg(unix)]
fn a_journal_that_loses_its_name_stops_reporting_durable() {
    let (directory, path) = fresh();
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, vec![batch(1)]);
    let elsewhere = directory.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    opened.journal.append(batch(2));
    let (status, text) = expect_failed(&news, 2);
    assert!(status == Status::Journal && text.contains("moved"), "{text}");
    fs::rename(&elsewhere, &path).unwrap();
    store(&opened.journal, &news, vec![batch(3)]);
    opened.journal.close();
    assert_eq!(open_at(&path).0.rows, vec![row(1, 1), row(3, 3)]);
}

#[test]
#[cfg(unix)]
fn a_deleted_log_loses_nothing() {
    let (directory, path) = fresh();
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, vec![batch(1)]);
    fs::remove_file(beside(&path, "-wal")).unwrap();
    store(&opened.journal, &news, vec![batch(2)]);
    // What a power cut would leave at this moment.
    let copy = directory.path().join("copy.journal");
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    assert_eq!(open_at(&copy).0.rows, vec![row(1, 1), row(2, 2)]);
    opened.journal.close();
}
