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

#[test]
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
fn a_closed_journal_is_free_at_once() {
    let (_directory, path) = fresh();
    for run in 1..=10 {
        let (opened, _news) = open_at(&path);
        assert_eq!(opened.run, run);
        opened.journal.close();
    }
}
