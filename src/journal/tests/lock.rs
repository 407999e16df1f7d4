//! One journal, one client.

use super::*;

fn locked(path: &Path, who: &str) {
    let (status, text) = refusal(path);
    assert_eq!(status, Status::JournalLocked, "{text}");
    assert!(text.contains(who), "{text}");
}

#[test]
fn a_second_client_of_this_process_is_locked_out() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    locked(&path, "another client of this program");
    store(&opened.journal, &news, vec![batch(1)]);
    locked(&path, "another client of this program");
    opened.journal.close();
    assert_eq!(open_at(&path).0.rows, vec![row(1, 1)]);
}

#[test]
fn another_process_is_locked_out_until_it_is_killed() {
    let (_directory, path) = fresh();
    let (child, _said, pid) = super::crash::start(&path);
    locked(&path, &format!("process {pid}"));
    drop(child);
    assert_eq!(open_at(&path).0.run, 2);
}

/// Windows does not let go of the name of a file that is in use.
#[test]
#[cfg(unix)]
fn a_deleted_lock_file_does_not_let_a_second_one_in() {
    let (_directory, path) = fresh();
    let (child, _said, _) = super::crash::start(&path);
    std::fs::remove_file(path.with_extension("journal.lock")).unwrap();
    locked(&path, "another program");
    drop(child);
    let (opened, _news) = open_at(&path);
    std::fs::remove_file(path.with_extension("journal.lock")).unwrap();
    locked(&path, "another program");
    drop(opened);
}

#[test]
#[cfg(unix)]
fn two_names_of_one_journal_meet_at_one_lock() {
    let (directory, path) = fresh();
    let (_opened, _news) = open_at(&path);
    let alias = directory.path().join("alias.journal");
    std::os::unix::fs::symlink(&path, &alias).unwrap();
    locked(&alias, "another client of this program");
    let lane = directory.path().join("lane");
    std::os::unix::fs::symlink(directory.path(), &lane).unwrap();
    locked(&lane.join("till.journal"), "another client of this program");
}

#[test]
fn whoever_loses_the_journal_to_another_never_writes_again() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, vec![batch(1)]);
    let note = path.with_extension("journal.pid");
    std::fs::remove_file(&note).unwrap();
    store(&opened.journal, &news, vec![batch(2)]);
    let before = std::fs::read(&path).unwrap();
    // What a second one does on a share that grants every lock.
    std::fs::write(&note, "4711 0123456789abcdef").unwrap();
    opened.journal.append(batch(3));
    let (status, text) = expect_failed(&news, 3);
    assert!(status == Status::JournalLocked && text.contains("share"), "{text}");
    std::fs::remove_file(&note).unwrap();
    opened.journal.append(batch(4));
    assert_eq!(expect_failed(&news, 4).0, Status::JournalLocked);
    opened.journal.close();
    assert!(std::fs::read(&path).unwrap() == before, "closing wrote into the journal of another");
    assert_eq!(open_at(&path).0.rows, vec![row(1, 1), row(2, 2)]);
}

#[test]
fn a_note_that_cannot_be_written_is_no_reason_to_fail() {
    let (_directory, path) = fresh();
    std::fs::create_dir(path.with_extension("journal.pid")).unwrap();
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, vec![batch(1)]);
    locked(&path, "another program");
}

#[test]
fn an_opening_that_takes_too_long_is_given_up_and_cleans_up_after_itself() {
    let (_directory, path) = fresh();
    let (holder, _news) = open_at(&path);
    let (opening, _reports) = opening(Place::File(path.clone()));
    let (status, text) = super::super::open_within(opening, Duration::from_millis(20)).err().unwrap();
    assert!(status == Status::Journal && text.contains("did not answer"), "{text}");
    drop(holder);
    // Time for the thread that was given up to get what it waits for.
    std::thread::sleep(Duration::from_millis(200));
    for _ in 0..20 {
        let (opening, _reports) = super::opening(Place::File(path.clone()));
        if open(opening).is_ok() {
            return;
        }
    }
    panic!("the journal stayed locked");
}

#[test]
fn a_closed_journal_is_free_at_once() {
    let (_directory, path) = fresh();
    for run in 1..=10 {
        let (opened, _news) = open_at(&path);
        assert_eq!(opened.run, run);
        opened.journal.close();
    }
}
