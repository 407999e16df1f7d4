//! The log: lines for the till's own log callback and for a file.
//!
//! Whoever writes a line leaves out texts of the till, bodies and headers. As a second net every line is searched for card
//! numbers and for the configured secrets.

use crate::payment::cardmask;
use crate::secret::Secret;
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How talkative a line is. The numbers are those of the header's `PJ_LOG_*`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(i32)]
pub enum Level {
    Error = 1,
    Warning = 2,
    Info = 3,
    Debug = 4,
    Trace = 5,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
            Level::Debug => "debug",
            Level::Trace => "trace",
        }
    }
}

/// Takes lines that a till asked for.
pub type Sink = Arc<dyn Fn(i32, String) + Send + Sync>;

/// Tells up to which level the till wants lines; 0 for none.
pub type Wanted = Arc<dyn Fn() -> i32 + Send + Sync>;

/// So many of the newest lines are kept for the diagnostics, and so much of each, in bytes.
const KEPT: usize = 300;
const KEPT_OF_A_LINE: usize = 400;

/// The log of one client.
pub struct Log {
    secrets: Vec<Secret>,
    file: Option<Mutex<File>>,
    file_level: i32,
    sink: Sink,
    wanted: Wanted,
    clock: fn() -> i64,
    /// The newest lines, oldest first, whether or not anybody else wanted them.
    recent: Mutex<VecDeque<String>>,
    kept: usize,
}

impl Log {
    /// A log that goes to `sink`, and to a file if there is one, and whose newest lines are kept. `clock` gives
    /// milliseconds since 1970.
    pub fn new(
        secrets: Vec<Secret>,
        file: Option<File>,
        file_level: i32,
        wanted: Wanted,
        sink: Sink,
        clock: fn() -> i64,
    ) -> Log {
        let secrets = secrets.into_iter().filter(|secret| secret.reveal().len() >= 4).collect();
        let (file, recent) = (file.map(Mutex::new), Mutex::default());
        Log { secrets, file, file_level, sink, wanted, clock, recent, kept: KEPT }
    }

    /// A log that nobody reads.
    #[cfg(test)]
    pub fn silent() -> Log {
        Log { kept: 0, ..Log::new(Vec::new(), None, 0, Arc::new(|| 0), Arc::new(|_, _| ()), || 0) }
    }

    /// The newest lines, oldest first, each with its time and level.
    pub fn recent(&self) -> Vec<String> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Opens a log file for appending, readable by its owner only.
    pub fn open_file(path: &Path) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        #[cfg(unix)]
        make_private(&file);
        Ok(file)
    }

    pub fn error(&self, line: impl FnOnce() -> String) {
        self.write(Level::Error, line);
    }

    pub fn warning(&self, line: impl FnOnce() -> String) {
        self.write(Level::Warning, line);
    }

    pub fn info(&self, line: impl FnOnce() -> String) {
        self.write(Level::Info, line);
    }

    pub fn debug(&self, line: impl FnOnce() -> String) {
        self.write(Level::Debug, line);
    }

    fn write(&self, level: Level, line: impl FnOnce() -> String) {
        let number = level as i32;
        let (to_sink, to_file) = (number <= (self.wanted)(), number <= self.file_level);
        let to_file = to_file && self.file.is_some();
        if !to_sink && !to_file && self.kept == 0 {
            return;
        }
        let line = self.redact(&line());
        let whole = format!("{} {} {line}", stamp((self.clock)()), level.word());
        if let (true, Some(file)) = (to_file, &self.file) {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A log that cannot be written must not stop a payment.
            let _ = writeln!(file, "{whole}");
        }
        self.keep(whole);
        if to_sink {
            (self.sink)(number, line);
        }
    }

    fn keep(&self, mut line: String) {
        if self.kept == 0 {
            return;
        }
        if let Some(end) = (0..=KEPT_OF_A_LINE.min(line.len())).rev().find(|at| line.is_char_boundary(*at)) {
            line.truncate(end);
        }
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= self.kept {
            recent.pop_front();
        }
        recent.push_back(line);
    }

    /// A text on one line, without card numbers and without the configured secrets.
    pub fn redact(&self, line: &str) -> String {
        let mut line = cardmask::mask(line).into_owned();
        for secret in &self.secrets {
            if line.contains(secret.reveal()) {
                line = line.replace(secret.reveal(), "[secret]");
            }
        }
        line.replace(['\n', '\r'], " ")
    }
}

/// Takes the rights of others away from a log that was there before. Whoever does not own it cannot, and a device such as
/// /dev/stderr is left as it is.
#[cfg(unix)]
fn make_private(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(found) = file.metadata() else { return };
    let mode = found.permissions().mode();
    if found.is_file() && mode & 0o077 != 0 {
        let _ = file.set_permissions(std::fs::Permissions::from_mode(mode & 0o700));
    }
}

/// `2026-11-21T04:00:00.123Z` from milliseconds since 1970 (days to civil date after Howard Hinnant).
pub fn stamp(wall_ms: i64) -> String {
    let (days, ms) = (wall_ms.div_euclid(86_400_000), wall_ms.rem_euclid(86_400_000));
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_neither_secrets_nor_card_numbers() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        let sink: Sink = Arc::new(move |_, line| kept.lock().unwrap().push(line));
        let log = Log::new(vec![Secret::from("canary-77")], None, 0, Arc::new(|| 4), sink, || 0);
        Log::silent().error(|| unreachable!("nobody listens"));
        log.debug(|| "password canary-77, card 4111 1111 1111 1111\nnext".to_owned());
        let line = lines.lock().unwrap().remove(0);
        assert!(!line.contains("canary") && !line.contains("4111 1111") && line.contains("[secret]"), "{line}");
        assert!(!line.contains('\n'));
    }

    #[test]
    fn the_newest_lines_are_kept_whoever_listens_and_no_more_than_that() {
        let log = Log::new(vec![Secret::from("canary-77")], None, 0, Arc::new(|| 0), Arc::new(|_, _| ()), || {
            1_709_210_096_789
        });
        for number in 0..1_000 {
            log.debug(|| format!("line {number} of canary-77 {}", "\u{e9}".repeat(1_000)));
        }
        let lines = log.recent();
        assert_eq!(lines.len(), KEPT);
        assert!(
            lines[KEPT - 1].starts_with("2024-02-29T12:34:56.789Z debug line 999 of [secret] "),
            "{}",
            lines[KEPT - 1]
        );
        assert!(lines[0].contains("line 700 ") && lines.iter().all(|line| line.len() <= KEPT_OF_A_LINE));
    }

    #[test]
    #[cfg(unix)]
    fn only_the_owner_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("till.log");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let line =
            |file| Log::new(Vec::new(), Some(file), 4, Arc::new(|| 0), Arc::new(|_, _| ()), || 0).info(|| "x".into());
        line(Log::open_file(&path).unwrap());
        assert_eq!(mode(), 0o600);
        // A log that somebody copied here, or that another program made.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
        line(Log::open_file(&path).unwrap());
        assert_eq!(mode(), 0o600);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    }

    #[test]
    fn stamps_are_utc() {
        assert_eq!(stamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(stamp(1_709_210_096_789), "2024-02-29T12:34:56.789Z");
    }
}
