//! Two hundred payments in flight over twenty accounts, each account with ten terminals and a cloud of its own.
//!
//! How late a call leaves, the library says itself: the log, at debug level, compares with what the plan wanted.

use crate::process;
use crate::report::{Sample, Table, milliseconds};
use crate::till::{self, Request, Till};
use posjunction::abi::*;
use posjunction_simulator::server::Server;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ACCOUNTS: usize = 20;
const TERMINALS: usize = 10;
const WINDOW: Duration = Duration::from_secs(30);
const WARM_UP: Duration = Duration::from_secs(6);
const TARGET_MS: u64 = 50;
/// The simulator's story in which nobody comes with a card.
const NOBODY_COMES: i64 = 20_016;

pub fn measure(table: &mut Table) {
    let mut shops: Vec<Shop> = (0..ACCOUNTS).map(|_| Shop::open()).collect();
    waiting_for_cards(table, &mut shops);
    selling(table, &mut shops);
    let broken: Vec<String> =
        shops.iter().flat_map(|shop| shop.cloud.with(|cloud| cloud.violations().to_vec())).collect();
    broken.iter().for_each(|violation| eprintln!("against the vendor's rules: {violation}"));
    table.at_most("200 in flight: calls against the vendor's rules", 0, broken.len(), |n| n.to_string());
}

/// Every terminal waits for its customer's card: the calls are polls, at a steady pace.
fn waiting_for_cards(table: &mut Table, shops: &mut [Shop]) {
    shops.iter_mut().for_each(|shop| (0..TERMINALS).for_each(|terminal| shop.pay(terminal, NOBODY_COMES)));
    let shows = |request: &Request| request.poll().state == PJ_STATE_AT_TERMINAL;
    till::wait_until("the terminals ask for cards", || shops.iter().flat_map(Shop::running).all(shows));
    std::thread::sleep(WARM_UP);
    let calls = observe(shops, |_| std::thread::sleep(WINDOW));
    tell(table, "200 wait for a card", &calls);
    shops.iter().flat_map(Shop::running).for_each(Request::cancel);
    till::wait_until("the payments are canceled", || {
        shops.iter().flat_map(Shop::running).all(|request| request.poll().flags & PJ_FLAG_TERMINAL_FREE != 0)
    });
}

/// Every terminal sells one thing after the other, in the time that people and devices take.
fn selling(table: &mut Table, shops: &mut [Shop]) {
    let before = process::time_of_the_library();
    let mut sold = 0;
    serve(shops, WARM_UP);
    let calls = observe(shops, |shops| sold = serve(shops, WINDOW));
    let used = process::time_of_the_library().saturating_sub(before);
    tell(table, "200 sell without a break", &calls);
    let share = used.as_secs_f64() / (WARM_UP + WINDOW).as_secs_f64() * 100.0;
    let text = format!("{share:.0} % of a core, {sold} sales and {} calls in 30 s", calls.len());
    table.note("200 sell without a break: the library's threads take", text);
}

/// The polls of a time, and how late they were.
fn tell(table: &mut Table, what: &str, calls: &[Call]) {
    let polls: Vec<&Call> =
        calls.iter().filter(|call| call.line.starts_with("GET /smartterminals/requests/")).collect();
    let own = Sample::new(polls.iter().map(|call| call.late_ms.saturating_sub(call.paced_ms)).collect());
    let paced = Sample::new(polls.iter().map(|call| call.paced_ms).collect());
    table.at_most(format!("{what}: polls late by, 99th percentile"), TARGET_MS, own.percentile(99), milliseconds);
    let spread =
        |of: &Sample<u64>| format!("median {} ms, 90th {} ms, most {} ms", of.median(), of.percentile(90), of.most());
    table.note(format!("{what}: {} polls, late by", polls.len()), spread(&own));
    table.note(format!("{what}: and held back for the vendor's pace by"), spread(&paced));
}

/// Keeps every terminal busy for so long. Returns how many payments ended.
fn serve(shops: &mut [Shop], time: Duration) -> usize {
    let until = Instant::now() + time;
    let mut ended = 0;
    while Instant::now() < until {
        for shop in shops.iter_mut() {
            ended += shop.serve();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    ended
}

/// One account: its cloud, its client, and what runs at each terminal.
struct Shop {
    till: Till,
    cloud: Server,
    running: Vec<Option<Request>>,
    sales: i64,
    log: PathBuf,
    _directory: TempDir,
}

impl Shop {
    fn open() -> Shop {
        let cloud = till::cloud(TERMINALS, 1);
        let directory = till::directory();
        let log = directory.path().join("log");
        let till = Till::open(&cloud, &till::journal_in(&directory), |config| {
            config.text("log_file", till::path(&log)).text("log_level", "debug");
        });
        let running = (0..TERMINALS).map(|_| None).collect();
        Shop { till, cloud, running, sales: 0, log, _directory: directory }
    }

    fn pay(&mut self, terminal: usize, amount: i64) {
        self.sales += 1;
        self.running[terminal] = Some(self.till.pay(terminal, &format!("sale{}", self.sales), amount));
    }

    fn running(&self) -> impl Iterator<Item = &Request> {
        self.running.iter().flatten()
    }

    /// Starts a payment at each free terminal. Returns how many had ended there.
    fn serve(&mut self) -> usize {
        let free = |request: &Request| request.poll().flags & PJ_FLAG_TERMINAL_FREE != 0;
        let mut ended = 0;
        for terminal in 0..TERMINALS {
            if self.running[terminal].as_ref().is_some_and(|request| !free(request)) {
                continue;
            }
            if let Some(request) = self.running[terminal].take() {
                request.acknowledge();
                ended += 1;
            }
            // Each amount is another one: the vendor takes the same card and amount for a mistake.
            self.pay(terminal, 30_000 + self.sales);
        }
        ended
    }
}

/// A call that the log tells of.
struct Call {
    line: String,
    late_ms: u64,
    /// The part of it that the vendor's pace asks for.
    paced_ms: u64,
}

/// The calls that ended while something happened.
fn observe(shops: &mut [Shop], work: impl FnOnce(&mut [Shop])) -> Vec<Call> {
    let size = |shop: &Shop| std::fs::metadata(&shop.log).map_or(0, |file| file.len() as usize);
    let before: Vec<usize> = shops.iter().map(size).collect();
    work(shops);
    let text = |shop: &Shop| std::fs::read_to_string(&shop.log).expect("the log can be read");
    shops.iter().zip(before).flat_map(|(shop, before)| calls(&text(shop)[before..])).collect()
}

/// Reads the log: `payment 7: GET /path`, and later `payment 7: HTTP 200 after 31 ms, sent 2 ms late, 0 ms of it ...`.
fn calls(log: &str) -> Vec<Call> {
    let mut sent: std::collections::HashMap<&str, &str> = std::collections::HashMap::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let Some((payment, what)) = line.split_once(" payment ").and_then(|(_, rest)| rest.split_once(": ")) else {
            continue;
        };
        if what.starts_with("GET ") || what.starts_with("POST ") {
            sent.insert(payment, what);
        } else if let Some((_, rest)) = what.split_once(", sent ")
            && let Some(line) = sent.remove(payment)
        {
            let mut numbers = rest.split(' ').filter_map(|word| word.parse().ok());
            let (late_ms, paced_ms) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
            calls.push(Call { line: line.to_owned(), late_ms, paced_ms });
        }
    }
    calls
}
