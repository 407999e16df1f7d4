//! A till in C is killed at every step of a payment and at random, and started again: nothing is lost, doubled or
//! invented. What the till wrote down is compared with the vendor's books.
//!
//! 60 kills and 16 stops in an ordinary run, a thousand kills with PJ_LONG=1. PJ_SEED repeats one of them.
#![cfg(target_os = "linux")]

use posjunction_simulator::CallKind;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::server::{Options, Server};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

const LANE: &str = pj::SMART_TERMINAL_ID;
/// How long a till follows a payment that does not end.
const PATIENCE_MS: u64 = 4_000;

/// What makes the driver kill, or stop, the till.
#[derive(Clone, Debug)]
enum Blow {
    /// So long after the program prints a line that begins so.
    After(&'static str, Duration),
    /// So long after its start.
    At(Duration),
}

/// The lines after which the till is killed.
const STEPS: [&str; 12] = [
    "open",
    "ask",
    "state * PJ_STATE_QUEUED",
    "state * PJ_STATE_SENDING",
    "state * PJ_STATE_ACCEPTED",
    "state * PJ_STATE_CONNECTING",
    "state * PJ_STATE_AT_TERMINAL",
    "state * PJ_STATE_PROCESSING",
    "state * PJ_STATE_APPROVED",
    "told",
    "ack ",
    "acked",
];

fn matches(line: &str, pattern: &str) -> bool {
    match pattern.split_once(" * ") {
        None => line.starts_with(pattern),
        Some((head, tail)) => line.starts_with(head) && line.ends_with(tail),
    }
}

/// The C program, and beside it the library under the name that the loader looks for.
fn program() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let root = env!("CARGO_MANIFEST_DIR");
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("crash");
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
struct Life {
    lines: Vec<(Instant, String)>,
    died: Instant,
    killed: bool,
}

/// A running till.
struct Till {
    child: Child,
    said: Receiver<(Instant, String)>,
    lines: Vec<(Instant, String)>,
    began: Instant,
}

impl Till {
    fn start(server: &Server, dir: &Path, prefix: &str, count: usize, references: &[String]) -> Till {
        let mut child = Command::new(program())
            .args([LANE, prefix, &count.to_string(), &PATIENCE_MS.to_string()])
            .args(references)
            .current_dir(dir)
            .env("PJ_SIMULATOR", server.base_url())
            .env("PJ_SIM_LOGIN", pj::LOGIN)
            .env("PJ_SIM_PASSWORD", pj::PASSWORD)
            .env("PJ_SIM_APPLICATION_KEY", pj::APPLICATION_KEY)
            .env("PJ_SIM_MERCHANT_TERMINAL", pj::MERCHANT_TERMINAL_ID.to_string())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(dir.join("errors")).expect("a file"))
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
    fn until(&mut self, blow: &Blow) -> bool {
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

    fn signal(&self, signal: i32) {
        // SAFETY: sends a signal to a child that was not waited for yet.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, signal) }, 0);
    }

    /// Waits for its end and gathers what it still said.
    fn end(mut self, killed: bool, dir: &Path) -> Life {
        if killed {
            self.signal(libc::SIGKILL);
        }
        let died = Instant::now();
        self.read_until(None, |_| false);
        let status = self.child.wait().expect("it ended");
        let errors = fs::read_to_string(dir.join("errors")).unwrap_or_default();
        assert!(killed || status.success(), "the till failed: {status}\n{errors}\n{:#?}", self.lines);
        Life { lines: self.lines, died, killed }
    }
}

/// What the driver knows of one payment after all lives.
#[derive(Default, Debug)]
struct Story {
    amount: i64,
    told: Vec<String>,
    unknown: bool,
    nothing: bool,
    /// In this life it was acknowledged long enough before the end to be on disk.
    acknowledged: Option<usize>,
    last_told: Option<usize>,
    pending: BTreeSet<usize>,
}

fn stories(lives: &[Life]) -> BTreeMap<String, Story> {
    let mut stories: BTreeMap<String, Story> = BTreeMap::new();
    for (life_number, life) in lives.iter().enumerate() {
        for (at, line) in &life.lines {
            let words: Vec<&str> = line.split(' ').collect();
            let (word, reference) = (words[0], words.get(1).copied().unwrap_or_default());
            if reference == "-" {
                continue;
            }
            let story = stories.entry(reference.to_owned()).or_default();
            match word {
                "ask" => story.amount = words[2].parse().expect("an amount"),
                "told" => {
                    story.told.push(words[2..].join(" "));
                    story.last_told = Some(life_number);
                    story.unknown = false;
                }
                "acked" if !life.killed || life.died.duration_since(*at) > Duration::from_millis(300) => {
                    story.acknowledged = story.acknowledged.or(Some(life_number));
                }
                "unknown" => story.unknown = true,
                "nothing" => story.nothing = true,
                "pending" => {
                    story.pending.insert(life_number);
                }
                _ => {}
            }
        }
    }
    stories
}

/// What the vendor's books say of a payment, by its invoice number.
struct Books {
    submits: usize,
    charges: Vec<(u64, i64)>,
}

fn books(server: &Server, invoice: &str) -> Books {
    let parameter = format!("invoiceNumber={invoice}");
    server.with(|cloud| Books {
        submits: cloud.calls().iter().filter(|c| c.kind == CallKind::Submit && c.body.contains(&parameter)).count(),
        charges: cloud
            .ledger()
            .iter()
            .filter(|t| t.invoice_number.as_deref() == Some(invoice) && t.moved() > 0)
            .map(|t| (t.id, t.moved()))
            .collect(),
    })
}

fn invoice(reference: &str) -> String {
    let (prefix, number) = reference.split_once('-').expect("prefix and number");
    format!("{prefix}{:04}", number.parse::<u32>().expect("a number"))
}

/// Holds what the till wrote down against the books.
fn judge(server: &Server, lives: &[Life], what: &str) {
    for (reference, story) in stories(lives) {
        let books = books(server, &invoice(&reference));
        let context = || {
            let lines: Vec<&str> =
                lives.iter().flat_map(|life| life.lines.iter().map(|(_, line)| line.as_str()).chain(["---"])).collect();
            format!("{what}: {reference}: {story:?}, books: {} submits, {:?}\n{lines:#?}", books.submits, books.charges)
        };
        assert!(books.submits <= 1, "sent twice: {}", context());
        assert!(books.charges.len() <= 1, "charged twice: {}", context());
        let first = story.told.first();
        assert!(story.told.iter().all(|told| Some(told) == first), "told differently: {}", context());
        match (books.charges.first(), first) {
            (Some((id, cents)), Some(told)) => {
                let right = format!("PJ_STATE_APPROVED PJ_MONEY_MOVED {cents} {id}");
                assert_eq!(*told, right, "{}", context());
                assert_eq!(*cents, story.amount, "{}", context());
            }
            (Some(_), None) => panic!("money moved and the till was not told: {}", context()),
            (None, Some(told)) => assert!(told.contains("PJ_MONEY_NOT_MOVED"), "invented: {}", context()),
            // Killed before the intent was on disk, or nobody can know.
            (None, None) => assert!(story.nothing || story.unknown, "no word about it: {}", context()),
        }
        if story.nothing {
            assert_eq!(books.submits, 0, "sent and forgotten: {}", context());
        }
        if let (Some(acknowledged), Some(told)) = (story.acknowledged, story.last_told) {
            assert!(told <= acknowledged, "told again after it was acknowledged: {}", context());
            assert!(story.pending.iter().all(|life| *life <= acknowledged), "pending again: {}", context());
        }
    }
}

fn asked(lives: &[Life]) -> Vec<String> {
    let lines = lives.iter().flat_map(|life| &life.lines);
    lines.filter_map(|(_, line)| Some(line.strip_prefix("ask ")?.split(' ').next()?.to_owned())).collect()
}

fn submits(server: &Server) -> usize {
    server.with(|cloud| cloud.count(CallKind::Submit))
}

/// Two payments, killed in the first life, perhaps in the second, brought to an end in the third.
fn kill(server: &Server, number: usize, first: &Blow, second: Option<&Blow>) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let mut lives = Vec::new();
    let mut till = Till::start(server, dir.path(), &prefix, 2, &[]);
    let alive = till.until(first);
    lives.push(till.end(alive, dir.path()));
    // What had left before the kill may still be on its way to the vendor.
    std::thread::sleep(Duration::from_millis(30));
    let sent = submits(server);
    if let Some(second) = second {
        let mut till = Till::start(server, dir.path(), &prefix, 0, &[]);
        let alive = till.until(second);
        lives.push(till.end(alive, dir.path()));
    }
    let till = Till::start(server, dir.path(), &prefix, 0, &asked(&lives));
    lives.push(till.end(false, dir.path()));
    let what = format!("number {number}, {first:?}, then {second:?}");
    assert_eq!(submits(server), sent, "{what}: an old intent was sent: {:?}", lives.last().map(|l| &l.lines));
    judge(server, &lives, &what);
}

/// One payment of a till that is stopped for longer than send_within, and goes on.
fn stop(server: &Server, number: usize, blow: &Blow) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let mut till = Till::start(server, dir.path(), &prefix, 1, &[]);
    if till.until(blow) {
        till.signal(libc::SIGSTOP);
        std::thread::sleep(Duration::from_millis(100));
        let sent = submits(server);
        std::thread::sleep(Duration::from_millis(1_300));
        till.signal(libc::SIGCONT);
        let lives = [till.end(false, dir.path())];
        assert_eq!(submits(server), sent, "{blow:?}: an old intent was sent: {:?}", lives[0].lines);
        judge(server, &lives, &format!("number {number}, stopped {blow:?}"));
    }
}

fn server() -> Server {
    Server::start(Options { device_speed: 20, ..Options::default() })
}

/// Runs numbered jobs on a few threads, each with a simulator of its own.
fn in_lanes(jobs: usize, job: impl Fn(&Server, usize) + Sync) {
    program();
    let one = std::env::var("PJ_SEED").ok().and_then(|text| text.parse().ok());
    let next = AtomicUsize::new(one.unwrap_or(0));
    let last = one.map_or(jobs, |one: usize| one + 1);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let server = server();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= last || !lock(&failed).is_empty() {
                        break;
                    }
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&server, number)));
                    if result.is_err() {
                        lock(&failed).push(number);
                    }
                }
                server.with(|cloud| {
                    if !cloud.violations().is_empty() {
                        eprintln!("violations: {:?}", cloud.violations());
                        lock(&failed).push(usize::MAX);
                    }
                });
            });
        }
    });
    let failed = lock(&failed);
    assert!(failed.is_empty(), "failed: {failed:?}; one of them again: PJ_SEED=number");
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_long() -> bool {
    std::env::var_os("PJ_LONG").is_some()
}

/// A small generator: what a number does is the same in every run.
fn chance(number: usize, salt: u64, below: u64) -> u64 {
    let mut x = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x = (x ^ (x >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (x ^ (x >> 32)) % below
}

#[test]
fn killed_at_every_step_and_at_random() {
    let kills = if is_long() { 1_000 } else { 60 };
    in_lanes(kills, |server, number| {
        // Every second at a step, the others at random times in steps of 50 ms.
        let first = match number % 2 {
            0 => {
                let step = STEPS[number / 2 % STEPS.len()];
                Blow::After(step, Duration::from_micros([0, 200, 1_500, 8_000][chance(number, 1, 4) as usize]))
            }
            _ => Blow::At(Duration::from_millis(50 * chance(number, 2, 61))),
        };
        let second = Blow::At(Duration::from_millis(10 * chance(number, 3, 150)));
        kill(server, number, &first, (number % 3 == 0).then_some(&second));
    });
}

#[test]
fn stopped_for_longer_than_send_within() {
    let stops = if is_long() { 200 } else { 16 };
    in_lanes(stops, |server, number| {
        let step = ["ask", "state * PJ_STATE_QUEUED", "state * PJ_STATE_SENDING", "state * PJ_STATE_ACCEPTED"];
        let pause = Duration::from_micros(250 * chance(number, 4, 40));
        stop(server, number, &Blow::After(step[number % step.len()], pause));
    });
}
