//! One file for support: written beside its place under another name, then put there whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The first words of every such file. By them a former one is known, which may be replaced.
pub const MARK: &str = "PosJunction diagnostics";

/// Writes the file. Only its owner may read it. A file of another kind that is there already is left alone.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    let absolute = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if path.file_name().is_none() {
        return Err(format!("{}: is not the path of a file", path.display()));
    }
    may_be_written(&absolute)?;
    let draft = draft(&absolute);
    let written = write_draft(&draft, text).and_then(|()| fs::rename(&draft, &absolute));
    written.map_err(|error| {
        // Whatever was begun is of no use to anybody.
        let _ = fs::remove_file(&draft);
        format!("{}: cannot be written: {error}", path.display())
    })
}

/// A name in the same directory that nobody else uses.
fn draft(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    PathBuf::from(name)
}

fn write_draft(draft: &Path, text: &str) -> io::Result<()> {
    // What a run that was cut off left behind.
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Nothing is there, or a former file of this kind. What is a database, or locked beside, is not even opened: closing it
/// again would drop the locks that this process has on it.
fn may_be_written(path: &Path) -> Result<(), String> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("{}: cannot be reached: {error}", path.display())),
    };
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_os_string();
        name.push(suffix);
        Path::new(&name).exists()
    };
    let is_database = || ["-wal", "-journal", ".lock"].iter().any(|suffix| beside(suffix));
    if found.is_file() && !is_database() && begins_with_mark(path) {
        return Ok(());
    }
    Err(format!("{}: is there already and is no diagnostics file; name another one", path.display()))
}

fn begins_with_mark(path: &Path) -> bool {
    let mut start = vec![0; MARK.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == MARK.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: u32) -> String {
        format!("{MARK}\nnumber {number}\n")
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_former_file_is_replaced_and_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("Kasse \u{e4}\u{4e2d}.txt");
        write(&path, &text(1)).unwrap();
        write(&path, &text(2)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text(2));
        assert_eq!(names(directory.path()).len(), 1, "no draft stays behind");

        let other = directory.path().join("receipts.txt");
        fs::write(&other, "what a till needs").unwrap();
        let refusal = write(&other, &text(3)).unwrap_err();
        assert!(refusal.contains("receipts.txt") && refusal.contains("already"), "{refusal}");
        assert_eq!(fs::read_to_string(&other).unwrap(), "what a till needs");
        // A journal in use is known by what lies beside it.
        let journal = directory.path().join("till.journal");
        fs::write(&journal, text(1)).unwrap();
        fs::write(directory.path().join("till.journal-wal"), "").unwrap();
        write(&journal, &text(4)).unwrap_err();
        assert_eq!(fs::read_to_string(&journal).unwrap(), text(1));
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named_with_the_cause() {
        let directory = tempfile::tempdir().unwrap();
        for bad in ["", "..", "missing/file.txt"] {
            let path = directory.path().join("x").join(bad);
            let refusal = write(&path, &text(1)).unwrap_err();
            assert!(refusal.contains(&path.display().to_string()), "{refusal}");
        }
        write(directory.path(), &text(1)).unwrap_err();
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("for-support.txt");
        write(&path, &text(1)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write(&path, &text(2)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // A link could lead anywhere.
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, &text(3)).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), text(2));
    }
}
