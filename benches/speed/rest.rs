//! What the library takes while nothing happens: a small till in C with the library as it is shipped.

use crate::process::{self, Process};
use crate::report::Table;
use crate::till;
use posjunction_simulator::payjunction as pj;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

const MEMORY_TARGET: u64 = 10_000_000;
const WINDOW: Duration = Duration::from_secs(5);
/// By then the threads and connections of the last call are gone.
const SETTLED: Duration = Duration::from_secs(12);
/// A thread gets its name a moment after it was started.
const NAMED: Duration = Duration::from_millis(200);

pub fn measure(table: &mut Table) {
    if !cfg!(target_os = "linux") {
        table.note("a C program at rest", "measured on Linux only");
        return;
    }
    let directory = till::directory();
    let program = build(directory.path());
    let cloud = till::cloud(1, 5);
    let journal = till::journal_in(&directory);
    let roots = cloud.ca_file().expect("the cloud speaks TLS");
    let mut till = Till::start(
        Command::new(program).args(
            [
                ["vendor", "payjunction"],
                ["base_url", cloud.base_url()],
                ["login", pj::LOGIN],
                ["password", pj::PASSWORD],
                ["application_key", pj::APPLICATION_KEY],
                ["merchant_terminal", "12345"],
                ["terminal", &till::terminal_id(0)],
                ["tls_roots", till::path(roots)],
                ["journal", till::path(&journal)],
            ]
            .as_flattened(),
        ),
    );
    till.expect("started");
    table.note("C program, library not used yet", state(&till.process));
    till.go_on();
    till.expect("open");
    std::thread::sleep(NAMED);
    table.note("C program, client open", state(&till.process));
    till.go_on();
    till.expect("sold");
    table.note("C program, right after a sale", state(&till.process));
    table.note("C program, first 5 s after a sale: processor time", format!("{:.2?}", used(&till.process)));
    std::thread::sleep(SETTLED);
    table.note("C program, at rest after a sale", state(&till.process));
    let bytes = till.process.memory();
    table.at_most("C program at rest: resident memory", MEMORY_TARGET, bytes, |bytes| megabytes(*bytes));
    let used = used(&till.process);
    table.at_most("C program at rest: processor time in 5 s", Duration::ZERO, used, show);
    till.go_on();
}

fn show(time: &Duration) -> String {
    if time.is_zero() { String::from("none") } else { format!("{time:.2?}") }
}

fn state(process: &Process) -> String {
    format!("{}, {}", megabytes(process.memory()), process.threads())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn used(process: &Process) -> Duration {
    let before = process.time();
    std::thread::sleep(WINDOW);
    process.time().saturating_sub(before)
}

/// The running program.
struct Till {
    child: Child,
    output: BufReader<ChildStdout>,
    process: Process,
}

impl Till {
    fn start(command: &mut Command) -> Till {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the C program starts");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let process = Process::of(child.id());
        Till { child, output, process }
    }

    fn expect(&mut self, word: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the C program speaks");
        assert_eq!(line.trim(), word, "what the C program says");
    }

    fn go_on(&mut self) {
        let input = self.child.stdin.as_mut().expect("its input is a pipe");
        input.write_all(b"\n").expect("the C program listens");
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Compiles the program and links it with the library as it is shipped.
fn build(directory: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shipped = Command::new(root.join("tests/tools/shipped"));
    process::forget_cargo(&mut shipped);
    let output = shipped.stderr(Stdio::inherit()).output().expect("tests/tools/shipped starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let library = said.lines().last().and_then(|line| line.split_once(".so ")).expect("the shipped library's path").0;
    let library = PathBuf::from(format!("{library}.so"));
    let program = directory.join("rest");
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-Wall", "-Wextra", "-o"]).arg(&program).arg(root.join("benches/speed/rest.c"));
    compiler.arg("-I").arg(root.join("include")).arg(&library);
    compiler.arg(format!("-Wl,-rpath,{}", till::path(library.parent().expect("a file lies in a directory"))));
    assert!(compiler.status().expect("cc starts").success(), "the C program does not compile");
    program
}
