//! Who may read the journal, and what happens when we may not.

use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

const CHILD: &str = "POSJUNCTION_TEST_JOURNAL_NOBODY";
const NOBODY: u32 = 65534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn only_the_owner_may_read_it() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("state").join("posjunction");
    let path = home.join("till.journal");
    let (opened, news) = open_at(&path);
    store(&opened.journal, &news, vec![batch(1)]);
    assert_eq!((mode(&home), mode(home.parent().unwrap())), (0o700, 0o700));
    let mut seen: Vec<String> = Vec::new();
    for entry in fs::read_dir(&home).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
        seen.push(entry.file_name().into_string().unwrap());
    }
    seen.sort();
    assert_eq!(seen, ["till.journal", "till.journal-wal", "till.journal.lock", "till.journal.pid"]);
    opened.journal.close();
    set_mode(&path, 0o664);
    let _opened = open_at(&path);
    assert_eq!(mode(&path), 0o600, "a journal that was copied here is closed to others");
}

/// Runs `case` of [`nobody`] as a user who may be refused something; root may everything.
fn as_nobody(case: &str, directory: &Path) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "journal::tests::rights::nobody", "--nocapture"]).env(CHILD, case);
    command.env("TMPDIR", directory).current_dir(directory);
    if fs::metadata(directory).unwrap().uid() == 0 {
        std::os::unix::fs::chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// The other half of the tests below. Does nothing in an ordinary run.
#[test]
fn nobody() {
    let Ok(case) = std::env::var(CHILD) else { return };
    let (directory, path) = fresh();
    match case.as_str() {
        "read-only file" => {
            open_at(&path).0.journal.close();
            set_mode(&path, 0o400);
            let before = fs::read(&path).unwrap();
            refused_saying(&path, "read-only");
            assert!(fs::read(&path).unwrap() == before);
            set_mode(&path, 0o600);
        }
        "no rights" => {
            open_at(&path).0.journal.close();
            set_mode(&path, 0o000);
            refused_saying(&path, "cannot be opened");
            set_mode(&path, 0o600);
        }
        "read-only directory" => {
            set_mode(directory.path(), 0o500);
            refused_saying(&path, "cannot be opened: Permission denied");
            set_mode(directory.path(), 0o700);
            assert!(!path.exists());
        }
        "no directory" => {
            set_mode(directory.path(), 0o500);
            refused_saying(&directory.path().join("state").join("till.journal"), "has no directory");
            set_mode(directory.path(), 0o700);
        }
        other => panic!("{other}"),
    }
    assert_eq!(open_at(&path).0.rows, vec![], "nothing is broken for good");
}

#[test]
fn missing_rights_are_told_in_words() {
    for case in ["read-only file", "no rights", "read-only directory", "no directory"] {
        let directory = tempfile::tempdir().unwrap();
        as_nobody(case, directory.path());
    }
}

#[test]
fn the_default_place_follows_the_variables() {
    use super::super::place::state_directory;
    let ask = |state: &'static str, home: &'static str| {
        state_directory(move |name| match name {
            "XDG_STATE_HOME" => Some(state.into()),
            "HOME" => Some(home.into()),
            _ => panic!("{name} was read"),
        })
    };
    assert_eq!(ask("/state", "/home/ada"), Some("/state/posjunction".into()));
    assert_eq!(ask("", "/home/ada"), Some("/home/ada/.local/state/posjunction".into()));
    assert_eq!(ask("relative", "/home/ada"), Some("/home/ada/.local/state/posjunction".into()));
    assert_eq!(ask("", ""), None);
    let path = super::super::default_path("justifi", "12ab");
    assert!(path.is_none_or(|path| path.ends_with("posjunction/justifi-12ab.journal")));
}
