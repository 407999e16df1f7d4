//! The till in C, its lives and their ends.

use crate::cloud::Cloud;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Set in the process that runs a test where it may mount.
pub const ROOM: &str = "PJ_ROOM_TO_MOUNT";
/// How long a till follows a payment that does not end.
const PATIENCE_MS: u64 = 4_000;

/// What makes the driver kill, or stop, the till.
#[derive(Clone, Debug)]
pub enum Blow {
    /// So long after the program prints a line that begins so.
    After(&'static str, Duration),
    /// So long after its start.
    At(Duration),
}

fn matches(line: &str, pattern: &str) -> bool {
    match pattern.split_once(" * ") {
        None => line.starts_with(pattern),
        Some((head, tail)) => line.starts_with(head) && line.ends_with(tail),
    }
}

/// The C program, and beside it the library under the name that the loader looks for.
pub fn program() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let root = env!("CARGO_MANIFEST_DIR");
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("crash");
        if std::env::var_os(ROOM).is_some() {
            // Built by whoever started this process; its tills run.
            return dir.join("till");
        }
        fs::create_dir_all(&dir).expect("a directory");
        fs::copy(library(), dir.join("libposjunction.so.0")).expect("the library");
        let target = &format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let mut build = cc::Build::new();
        build.target(target).host(target).opt_level(1).debug(true).out_dir(&dir).cargo_metadata(false);
        let path = dir.join("till");
        let mut compiler = build.get_compiler().to_command();
        compiler.arg("-std=c99").arg(format!("-I{root}/include")).arg(format!("{root}/tests/c/crash.c"));
        compiler.arg("-o").arg(&path).arg(dir.join("libposjunction.so.0")).arg("-Wl,-rpath,$ORIGIN");
        let output = compiler.output().expect("a C compiler");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        path
    })
}

/// The library as cargo builds it now. What lies in target/ may be older.
fn library() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--lib", "--message-format=json", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let files = messages.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let mut paths = files.filter_map(|file| file.as_str().map(PathBuf::from));
    paths.find(|path| path.ends_with("libposjunction.so")).expect("cargo names the library")
}

/// One life of the till: what it printed and when, and when it died.
pub struct Life {
    pub lines: Vec<(Instant, String)>,
    pub died: Instant,
    pub killed: bool,
    /// What it acknowledged may have found no place on the disk.
    pub forgetful: bool,
}

impl Life {
    /// Why the journal was not opened, if it was not.
    pub fn closed(&self) -> Option<&str> {
        self.lines.iter().find_map(|(_, line)| line.strip_prefix("closed - "))
    }
}

/// A running till.
pub struct Till {
    child: Child,
    said: Receiver<(Instant, String)>,
    lines: Vec<(Instant, String)>,
    began: Instant,
}

impl Till {
    pub fn start(server: &Cloud, dir: &Path, prefix: &str, count: usize, references: &[String]) -> Till {
        Till::start_with(server, dir, prefix, count, references, None)
    }

    /// As `start`, where nothing can be written beside the journal.
    pub fn start_logging(
        server: &Cloud,
        dir: &Path,
        errors: &Path,
        prefix: &str,
        count: usize,
        references: &[String],
    ) -> Till {
        Till::launch(server, dir, errors, prefix, count, references, None)
    }

    /// As `start`, and no file that it writes may grow beyond so many bytes.
    pub fn start_with(
        server: &Cloud,
        dir: &Path,
        prefix: &str,
        count: usize,
        references: &[String],
        file_limit: Option<u64>,
    ) -> Till {
        Till::launch(server, dir, dir, prefix, count, references, file_limit)
    }

    #[allow(clippy::too_many_arguments)]
    fn launch(
        server: &Cloud,
        dir: &Path,
        errors: &Path,
        prefix: &str,
        count: usize,
        references: &[String],
        file_limit: Option<u64>,
    ) -> Till {
        let mut command = Command::new(program());
        if let Some(limit) = file_limit {
            let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
            // SAFETY: between fork and exec there is one system call, on a value of its own.
            unsafe {
                command.pre_exec(move || match libc::setrlimit(libc::RLIMIT_FSIZE, &limit) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                });
            }
        }
        let mut child = command
            .args([server.vendor.lane(), prefix, &count.to_string(), &PATIENCE_MS.to_string()])
            .args(references)
            .current_dir(dir)
            .env("PJ_SIMULATOR", server.base_url())
            .envs(server.vendor.environment())
            .env("TILL_LOG", errors.join("log"))
            .stdout(Stdio::piped())
            .stderr(fs::File::create(errors.join("errors")).expect("a file"))
            .spawn()
            .expect("the till starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (say, said) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = say.send((Instant::now(), line));
            }
        });
        Till { child, said, lines: Vec::new(), began: Instant::now() }
    }

    /// Reads on until a moment. False when the till has ended.
    fn read_until(&mut self, end: Option<Instant>, mut is_it: impl FnMut(&str) -> bool) -> bool {
        loop {
            let left = end.map_or(Duration::from_secs(90), |end| end.saturating_duration_since(Instant::now()));
            match self.said.recv_timeout(left) {
                Ok(line) => {
                    let found = is_it(&line.1);
                    self.lines.push(line);
                    if found {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    assert!(end.is_some(), "the till hangs: {:?}", self.lines);
                    return true;
                }
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// Waits for the moment of a blow. False when the till ended before.
    pub fn until(&mut self, blow: &Blow) -> bool {
        match blow {
            Blow::At(time) => self.read_until(Some(self.began + *time), |_| false),
            Blow::After(pattern, pause) => {
                if !self.read_until(None, |line| matches(line, pattern)) {
                    return false;
                }
                let end = self.lines.last().expect("a line").0 + *pause;
                while Instant::now() < end {
                    std::hint::spin_loop();
                }
                true
            }
        }
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: sends a signal to a child that was not waited for yet.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, signal) }, 0);
    }

    /// Waits for its end and gathers what it still said.
    pub fn end(mut self, killed: bool, dir: &Path) -> Life {
        if killed {
            self.signal(libc::SIGKILL);
        }
        let died = Instant::now();
        self.read_until(None, |_| false);
        let status = self.child.wait().expect("it ended");
        let errors = fs::read_to_string(dir.join("errors")).unwrap_or_default();
        assert!(killed || status.success(), "the till failed: {status}\n{errors}\n{:#?}", self.lines);
        Life { lines: self.lines, died, killed, forgetful: false }
    }
}
