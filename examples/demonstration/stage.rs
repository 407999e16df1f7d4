//! The stage of a story: a simulated terminal, a till with its journal and its book of sales, and what is said.

use crate::program::Programs;
use crate::vendor::{Scene, Vendor};
use posjunction_simulator::server::{Options, Server};
use posjunction_simulator::webhooks::{self, Subscription};
use posjunction_simulator::{CallKind, Fault, Matcher, When};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The till's name for the payment of each story.
pub const REFERENCE: &str = "lane1-4711";
/// What the till believes the vendor signs with.
pub const WEBHOOK_SECRET: &str = "what the merchant typed in at both ends";
/// No run of the checkout takes so long.
const LIMIT: Duration = Duration::from_secs(120);

/// When what happens is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    AtOnce,
    /// Kept for [`Stage::said`].
    Later,
}

pub struct Stage<'a> {
    pub vendor: Vendor,
    pub amount: i64,
    pub server: Server,
    directory: tempfile::TempDir,
    programs: &'a Programs,
    echo: Echo,
    said: RefCell<String>,
}

/// One run of the checkout.
pub struct Run {
    status: ExitStatus,
    text: String,
}

impl Stage<'_> {
    /// Devices and people are `speed` times faster than in life.
    pub fn open(vendor: Vendor, programs: &Programs, speed: u64, amount: i64, echo: Echo) -> Result<Stage<'_>, String> {
        let options = Options { tls: true, device_speed: speed, ..Options::default() };
        let server = Server::try_start(options).map_err(|error| format!("the simulator does not start: {error}"))?;
        // The story decides, and not the amount.
        vendor.ignore_amounts(&server);
        let directory = tempfile::tempdir().map_err(|error| format!("no directory for the journal: {error}"))?;
        Ok(Stage { vendor, amount, server, directory, programs, echo, said: RefCell::default() })
    }

    pub fn said(&self) -> String {
        self.said.borrow().clone()
    }

    pub fn say(&self, line: &str) {
        match self.echo {
            Echo::AtOnce => println!("{line}"),
            Echo::Later => *self.said.borrow_mut() += &format!("{line}\n"),
        }
    }

    /// The next payment's story.
    pub fn script(&self, scene: Scene) {
        self.vendor.script(&self.server, scene);
    }

    /// The matching call fails.
    pub fn fail_next(&self, matcher: impl Into<Matcher>, when: When, fault: Fault) {
        self.vendor.fail_next(&self.server, matcher, when, fault);
    }

    /// What is paid now can no longer be undone.
    pub fn settle(&self) {
        self.vendor.settle(&self.server);
    }

    /// Runs the checkout for the payment of this story.
    pub fn pay(&self, more: &[&str]) -> Result<Run, String> {
        let amount = self.amount.to_string();
        self.run(&[&["--reference", REFERENCE, "--amount", &amount], more].concat())
    }

    /// Runs the checkout to its end.
    pub fn run(&self, args: &[&str]) -> Result<Run, String> {
        self.follow("checkout", args, None)
    }

    /// Runs the till with a web server of its own for the payment of this story. PayJunction's events go there.
    pub fn receive(&self, secret: &str, more: &[&str]) -> Result<Run, String> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("no port for the web server: {error}"))?.port().to_string();
        let url = format!("http://127.0.0.1:{port}/payjunction");
        let subscription = Subscription { url, secret: secret.into(), ..Subscription::default() };
        self.server.subscribe(webhooks::Sender::Payjunction, subscription);
        let amount = self.amount.to_string();
        let args = ["--listen", &port, "--reference", REFERENCE, "--amount", &amount];
        self.follow("webhook_receiver", &[&args[..], more].concat(), None)
    }

    /// Runs the checkout and kills it when such a call has reached the vendor.
    pub fn kill_when(&self, args: &[&str], call: CallKind) -> Result<Run, String> {
        self.follow("checkout", args, Some(("PJ_STATE_SENDING", call)))
    }

    /// Runs the checkout for the payment of this story and kills it, as a power cut would, when it has said this and the
    /// vendor has the request.
    pub fn pay_until(&self, word: &str) -> Result<Run, String> {
        let amount = self.amount.to_string();
        self.follow("checkout", &["--reference", REFERENCE, "--amount", &amount], Some((word, CallKind::Submit)))
    }

    fn follow(&self, program: &str, args: &[&str], kill_at: Option<(&str, CallKind)>) -> Result<Run, String> {
        self.say(&format!("$ {program} {}", args.join(" ")));
        self.vendor.till_starts(&self.server);
        let mut child = self.command(program, args).spawn().map_err(|error| format!("{program}: {error}"))?;
        let (to, lines) = channel();
        let readers =
            [child.stdout.take().map(|out| read(out, to.clone())), child.stderr.take().map(|err| read(err, to))];
        let (mut text, end) = (String::new(), Instant::now() + LIMIT);
        let late = loop {
            match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Err(ended) => break ended == RecvTimeoutError::Timeout,
                Ok(line) => {
                    self.say(&format!("  {line}"));
                    text += &format!("{line}\n");
                    if let Some((_, call)) = kill_at.filter(|(word, _)| line.contains(word)) {
                        self.wait_for("the request", |s| s.vendor.count(&s.server, call) > 0)?;
                        kill(&mut child)?;
                        self.say("  *** power cut ***");
                    }
                }
            }
        };
        if late {
            kill(&mut child)?;
        }
        readers.into_iter().flatten().for_each(|reader| drop(reader.join()));
        let status = child.wait().map_err(|error| error.to_string())?;
        if late {
            Err(format!("the checkout did not end within {} s", LIMIT.as_secs()))
        } else {
            Ok(Run { status, text })
        }
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let is_checkout = program == "checkout";
        let path = if is_checkout { &self.programs.checkout } else { &self.programs.webhook_receiver };
        let mut command = Command::new(path);
        let mut options = self.vendor.options();
        if !is_checkout {
            // The till with a web server speaks to PayJunction only.
            options.drain(..2);
        }
        command.args(options).args(["--base-url", self.server.base_url()]);
        command.arg("--tls-roots").args(self.server.ca_file());
        command.arg("--journal").arg(self.directory.path().join("journal.db"));
        if is_checkout {
            command.arg("--sales").arg(self.directory.path().join("sales.txt"));
        }
        command.args(args).env("PJ_WEBHOOK_SECRET", WEBHOOK_SECRET);
        command.envs(self.vendor.secrets().into_iter().map(|(variable, _, secret)| (variable, secret)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn read(from: impl Read + Send + 'static, to: Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = to.send(line);
        }
    })
}

fn kill(child: &mut Child) -> Result<(), String> {
    child.kill().map_err(|error| format!("the checkout cannot be killed: {error}"))
}

impl Run {
    /// The exit status that `checkout.c` lists at its head.
    pub fn ends(self, status: i32) -> Result<Run, String> {
        match self.status.code() {
            Some(code) if code == status => Ok(self),
            Some(code) => Err(format!("the checkout ended {code}, not {status}")),
            None => Err(format!("the checkout did not end by itself: {}", self.status)),
        }
    }

    pub fn shows(self, words: &str) -> Result<Run, String> {
        if self.text.contains(words) { Ok(self) } else { Err(format!("the checkout did not show {words:?}")) }
    }

    pub fn hides(self, words: &str) -> Result<Run, String> {
        if self.text.contains(words) { Err(format!("the checkout showed {words:?}")) } else { Ok(self) }
    }
}

/// What the books say.
impl Stage<'_> {
    /// The till's book has this result of the payment, and so many cents moved in all.
    pub fn ended(&self, state: &str, cents: i64) -> Result<(), String> {
        self.booked(REFERENCE, state, cents)?;
        self.moved(cents)
    }

    /// Waits until something has happened at the terminal.
    pub fn wait_for(&self, what: &str, happened: impl Fn(&Stage) -> bool) -> Result<(), String> {
        let end = Instant::now() + LIMIT;
        while !happened(self) {
            if Instant::now() >= end {
                return Err(format!("{what} did not happen"));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The till's book ends with this line about a reference.
    pub fn booked(&self, reference: &str, state: &str, cents: i64) -> Result<(), String> {
        let path = self.directory.path().join("sales.txt");
        let book = std::fs::read_to_string(&path).map_err(|error| format!("the book of sales: {error}"))?;
        let last = book.lines().rfind(|line| line.split(' ').next() == Some(reference)).unwrap_or("nothing");
        let wanted = format!("{reference} PJ_STATE_{state} {cents} ");
        if last.starts_with(&wanted) { Ok(()) } else { Err(format!("the book of sales says {last:?}, not {wanted:?}")) }
    }

    pub fn moved(&self, cents: i64) -> Result<(), String> {
        let moved = self.vendor.moved_cents(&self.server);
        if moved == cents { Ok(()) } else { Err(format!("{moved} cents moved, not {cents}")) }
    }

    /// So many calls of this kind have reached the vendor.
    pub fn counts(&self, kind: CallKind, wanted: usize) -> Result<(), String> {
        let count = self.vendor.count(&self.server, kind);
        if count == wanted { Ok(()) } else { Err(format!("{count} calls of {kind:?}, not {wanted}")) }
    }

    /// Whatever the story: no rule of the vendor was broken, and nothing was charged twice.
    pub fn check_books(&self) -> Result<(), String> {
        if let Some(violation) = self.vendor.violation(&self.server) {
            return Err(format!("a rule of the vendor was broken: {violation}"));
        }
        match self.vendor.charges(&self.server).into_iter().find(|(_, charges)| *charges > 1) {
            Some((key, charges)) => Err(format!("{key} was charged {charges} times")),
            None => Ok(()),
        }
    }

    /// Every call that arrived, a line each.
    pub fn calls(&self) -> String {
        self.vendor.calls(&self.server).join("\n")
    }

    pub fn summary(&self) -> String {
        let (rows, calls) = self.vendor.extent(&self.server);
        let moved = self.vendor.moved_cents(&self.server);
        let plural = if rows == 1 { "" } else { "s" };
        format!("{rows} transaction{plural}, {}.{:02} moved, {calls} calls", moved / 100, moved % 100)
    }
}
