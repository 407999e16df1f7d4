//! A journal belongs to one account.

use super::*;

const OTHER: &str = "payjunction|api.example.com|99ff";

fn open_as(path: &Path, identity: &'static str, allow: bool) -> Result<Opened, (Status, String)> {
    let (opening, _news) = opening(Place::File(path.to_path_buf()));
    open(Opening { identity, allow_account_change: allow, ..opening })
}

#[test]
fn another_account_is_refused_unless_the_change_is_allowed() {
    let (_directory, path) = fresh();
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, vec![batch(1)]);
    drop(opened);

    let before = std::fs::read(&path).unwrap();
    let (status, text) = open_as(&path, OTHER, false).err().unwrap();
    assert_eq!(status, Status::Config);
    assert!(text.contains("account_change") && text.contains(ACCOUNT) && text.contains(OTHER), "{text}");
    assert!(std::fs::read(&path).unwrap() == before, "the file was changed");

    let changed = open_as(&path, OTHER, true).unwrap();
    assert!(changed.former_identity);
    assert_eq!((changed.run, changed.index), (2, vec![index(1)]), "payments keep the account they belong to");
    drop(changed.journal);

    let settled = open_as(&path, OTHER, false).unwrap();
    assert!(!settled.former_identity);
    drop(settled);
    assert_eq!(open_as(&path, ACCOUNT, false).err().unwrap().0, Status::Config);
}

#[test]
fn the_same_account_may_come_with_the_change_allowed() {
    let (_directory, path) = fresh();
    assert!(!open_as(&path, ACCOUNT, true).unwrap().former_identity);
    assert!(!open_as(&path, ACCOUNT, true).unwrap().former_identity);
}
