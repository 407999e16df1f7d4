//! Where the journal is: its path, its directory, who may read it, and what stands there already.

use super::fault::Failure;
use crate::status::Status;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where facts are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    File(PathBuf),
    /// Until the client closes. Nothing survives.
    Memory,
}

impl Place {
    pub(super) fn describe(&self) -> String {
        match self {
            Place::File(path) => format!("The journal {}", path.display()),
            Place::Memory => "The journal in memory".to_string(),
        }
    }
}

/// The default place of the journal of one account, or None if the system names no directory for it.
///
/// Linux: `$XDG_STATE_HOME/posjunction/<vendor>-<hash>.journal`, `~/.local/state/...` without that variable.
/// Windows: `%LOCALAPPDATA%\PosJunction\<vendor>-<hash>.journal`. These variables are the only ones read.
pub fn default_path(vendor: &str, identity_hash: &str) -> Option<PathBuf> {
    Some(state_directory(|name| std::env::var_os(name))?.join(format!("{vendor}-{identity_hash}.journal")))
}

#[cfg(windows)]
pub(super) fn state_directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    absolute(variable("LOCALAPPDATA")).map(|base| base.join("PosJunction"))
}

#[cfg(not(windows))]
pub(super) fn state_directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    absolute(variable("XDG_STATE_HOME"))
        .or_else(|| absolute(variable("HOME")).map(|home| home.join(".local").join("state")))
        .map(|base| base.join("posjunction"))
}

/// The XDG rules say that a relative directory is to be ignored; it would depend on where the program was started.
fn absolute(value: Option<OsString>) -> Option<PathBuf> {
    value.map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The path with something appended to its last part.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the directory if there is none, and says what the journal is really called, so that two names of one file
/// (a relative path, a symbolic link) meet at one lock.
pub(super) fn settle(path: &Path) -> Result<PathBuf, Failure> {
    let what = format!("The journal {}", path.display());
    let config = |text: String| Failure { status: Status::Config, text, reconnect: false };
    if path.as_os_str().is_empty() || path.file_name().is_none() {
        return Err(config(format!("journal: \"{}\" is not the path of a file", path.display())));
    }
    let path = std::path::absolute(path).map_err(|e| config(format!("journal: {}: {e}", path.display())))?;
    if let Some(directory) = path.parent() {
        make_directory(directory).map_err(|e| Failure::io(&what, "has no directory, and none could be made", &e))?;
    }
    resolve(&path).map_err(|e| Failure::io(&what, "cannot be reached", &e))
}

#[cfg(unix)]
fn make_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn make_directory(directory: &Path) -> io::Result<()> {
    // What %LOCALAPPDATA% inherits admits the user, the system and administrators.
    fs::create_dir_all(directory)
}

#[cfg(unix)]
fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        // A link to nowhere is no path for a new journal: the rename that puts it in place would replace the link.
        Err(e) if e.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => Err(e),
        Err(e) if e.kind() == ErrorKind::NotFound => match (path.parent(), path.file_name()) {
            (Some(directory), Some(name)) => Ok(fs::canonicalize(directory)?.join(name)),
            _ => Err(e),
        },
        found => found,
    }
}

#[cfg(not(unix))]
fn resolve(path: &Path) -> io::Result<PathBuf> {
    // Canonical paths of Windows begin with \\?\, which the person at the till would find in error texts.
    Ok(path.to_path_buf())
}

/// What stands where the journal should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    Nothing,
    File { bytes: u64 },
}

/// Looks without opening: on Unix, closing any handle to a file drops the locks that another client in this process
/// has on it.
pub(super) fn inspect(path: &Path) -> Result<Standing, Failure> {
    let what = format!("The journal {}", path.display());
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(e) if e.kind() == ErrorKind::NotFound => return nothing(path, &what),
        Err(e) => return Err(Failure::io(&what, "cannot be reached", &e)),
    };
    if found.is_dir() {
        return Err(Failure::new(format!("{what} is a directory, not a file")));
    }
    if !found.is_file() {
        return Err(Failure::new(format!("{what} is not a regular file")));
    }
    if found.len() == 0 {
        // SQLite would take it for a new one and throw the log beside it away.
        return Err(Failure::new(format!(
            "{what} is empty, which no journal ever is: it was cut off, or something else made it. Restore a copy, or \
             move it away to begin a new one"
        )));
    }
    Ok(Standing::File { bytes: found.len() })
}

fn nothing(path: &Path, what: &str) -> Result<Standing, Failure> {
    let log = beside(path, "-wal");
    match fs::metadata(&log) {
        Ok(found) if found.len() > 0 => Err(Failure::new(format!(
            "{what} is missing, but {} is there with facts in it. Put the journal back beside it, or move that file away \
             to begin a new journal",
            log.display()
        ))),
        _ => Ok(Standing::Nothing),
    }
}

/// Makes an empty file that only its owner may read. SQLite gives its log the same rights.
pub(super) fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options).open(path)
}

#[cfg(unix)]
pub(super) fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
pub(super) fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    options
}

/// Takes the rights of others away from a journal that was copied here. Whoever does not own it cannot, and need not.
#[cfg(unix)]
pub(super) fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for file in [path.to_path_buf(), beside(path, "-wal")] {
        let Ok(found) = fs::metadata(&file) else { continue };
        let mode = found.permissions().mode();
        if mode & 0o077 != 0 {
            let _ = fs::set_permissions(&file, fs::Permissions::from_mode(mode & 0o700));
        }
    }
}

#[cfg(not(unix))]
pub(super) fn make_private(_path: &Path) {}

/// Puts a finished file in its place, for good.
pub(super) fn install(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_directory(to)
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| fs::File::open(directory)?.sync_all())
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Tells one file from another of the same name. On Windows an open file cannot be moved or deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark(u64, u64);

#[cfg(unix)]
pub(super) fn mark(path: &Path) -> Option<Mark> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|found| Mark(found.dev(), found.ino()))
}

#[cfg(not(unix))]
pub(super) fn mark(_path: &Path) -> Option<Mark> {
    Some(Mark(0, 0))
}
