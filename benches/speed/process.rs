//! What the system says of a process: its processor time, memory and threads. On Linux.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A process that is looked at.
pub struct Process(PathBuf);

impl Process {
    pub fn of(id: u32) -> Process {
        Process(PathBuf::from(format!("/proc/{id}")))
    }

    /// Processor time of its living threads.
    pub fn time(&self) -> Duration {
        self.tasks().map(|task| time(&task)).sum()
    }

    /// Resident memory in bytes, the pages of libraries included.
    pub fn memory(&self) -> u64 {
        let kilobytes: u64 =
            self.status("VmRSS:").split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        kilobytes * 1024
    }

    /// The names of its threads.
    pub fn threads(&self) -> String {
        let names: Vec<String> = self.tasks().map(|task| name(&task)).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        format!("{} thread{plural} ({})", names.len(), names.join(" "))
    }

    fn status(&self, key: &str) -> String {
        let text = fs::read_to_string(self.0.join("status")).unwrap_or_default();
        text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned()
    }

    fn tasks(&self) -> impl Iterator<Item = PathBuf> {
        fs::read_dir(self.0.join("task")).into_iter().flatten().flatten().map(|task| task.path())
    }
}

/// Processor time of the library's living threads in this process.
pub fn time_of_the_library() -> Duration {
    let ours = |task: &PathBuf| name(task).starts_with("posjunction-");
    Process::of(std::process::id()).tasks().filter(ours).map(|task| time(&task)).sum()
}

fn name(task: &Path) -> String {
    fs::read_to_string(task.join("comm")).unwrap_or_default().trim().to_owned()
}

fn time(task: &Path) -> Duration {
    let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// What cargo said of this run would make another build of a cargo that is started from it, from the first crate on.
pub fn forget_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "OUT_DIR" || ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|begin| text.starts_with(begin)) {
            command.env_remove(&name);
        }
    }
}
