//! What a call costs the till: polls, and starting a payment.

use crate::report::{Sample, Table, microseconds, nanoseconds};
use crate::till::{self, Bag, Request, Till};
use posjunction::abi::pj_result;
use std::time::{Duration, Instant};

const SUBMITS: usize = 2_000;
/// A till does something else between two payments.
const BETWEEN: Duration = Duration::from_millis(1);
/// So many at once, and so many times.
const BURST: usize = 200;
const BURSTS: usize = 10;
const BETWEEN_BURSTS: Duration = Duration::from_millis(200);
const PAYMENTS: usize = SUBMITS + BURSTS * BURST;
const POLL_TARGET: f64 = 100.0;
const SUBMIT_TARGET: Duration = Duration::from_micros(20);

pub fn measure(table: &mut Table) {
    let cloud = till::cloud(PAYMENTS + 2, 100);
    let directory = till::directory();
    let till = Till::open(&cloud, &till::journal_in(&directory), |_| {});
    let sold = till.pay(0, "sold", 1234);
    let running = till.pay(1, "running", 20_016);
    sold.finish_and_store();
    table.at_most("pj_poll: ended payment, median", POLL_TARGET, poll(&sold).median(), nanoseconds);
    table.at_most("pj_poll: running payment, median", POLL_TARGET, poll(&running).median(), nanoseconds);
    submits(table, &till, "");
}

/// The disk takes 20 ms for each flush. No call of the till may feel that.
pub fn measure_on_a_slow_disk(table: &mut Table) {
    let cloud = till::cloud(PAYMENTS + 2, 100);
    let directory = till::directory();
    posjunction::client::imitate_slow_disk(20);
    let till = Till::open(&cloud, &till::journal_in(&directory), |_| {});
    posjunction::client::imitate_slow_disk(0);
    submits(table, &till, ", flushes of 20 ms");
}

/// Payments one after the other, then many at once.
fn submits(table: &mut Table, till: &Till, condition: &str) {
    let bags: Vec<Bag> = (0..PAYMENTS).map(|n| till::sale(n + 2, &format!("bench{n}"), 1000)).collect();
    let (one_by_one, at_once) = bags.split_at(SUBMITS);
    let mut requests = Vec::with_capacity(bags.len());
    let mut polls = Vec::with_capacity(bags.len());
    let mut result = till::empty();
    let singles = one_by_one.iter().map(|bag| {
        // What the till does between takes the library out of the processor's caches.
        std::thread::sleep(BETWEEN);
        let (took, request) = timed(till, bag);
        let start = Instant::now();
        request.poll_into(&mut result);
        polls.push(start.elapsed());
        requests.push(request);
        took
    });
    let singles = Sample::new(singles.collect());
    let mut burst = Vec::with_capacity(at_once.len());
    for together in at_once.chunks(BURST) {
        std::thread::sleep(BETWEEN_BURSTS);
        for bag in together {
            let (took, request) = timed(till, bag);
            burst.push(took);
            requests.push(request);
        }
    }
    let burst = Sample::new(burst);
    let what = |text: &str| format!("pj_request_payment{condition}: {text}");
    let spread = |of: &Sample<Duration>| format!("{}, {}", microseconds(&of.median()), microseconds(&of.most()));
    table.at_most(what("200 at once, 99th percentile"), SUBMIT_TARGET, burst.percentile(99), microseconds);
    table.note(what("200 at once, median and most"), spread(&burst));
    table.at_most(
        what("2,000 a millisecond apart, 99th percentile"),
        SUBMIT_TARGET,
        singles.percentile(99),
        microseconds,
    );
    table.note(what("2,000 a millisecond apart, median and most"), spread(&singles));
    let polls = Sample::new(polls);
    let what = |text: &str| format!("pj_poll{condition}: {text}");
    table.note(what("first of a payment, with the clock, 99th percentile"), microseconds(&polls.percentile(99)));
    let last = requests.last().expect("there are some");
    table.at_most(what("while 4,000 payments wait, median"), POLL_TARGET, poll(last).median(), nanoseconds);
}

fn timed(till: &Till, bag: &Bag) -> (Duration, Request) {
    let start = Instant::now();
    let request = till.submit(bag);
    (start.elapsed(), request)
}

/// Nanoseconds of a poll. The clock costs a fraction of it, so that many are timed together.
fn poll(request: &Request) -> Sample<f64> {
    const TOGETHER: u32 = 200;
    let mut result: pj_result = till::empty();
    let round = |_| {
        let start = Instant::now();
        for _ in 0..TOGETHER {
            request.poll_into(std::hint::black_box(&mut result));
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(TOGETHER)
    };
    Sample::new((0..2_000).map(round).collect())
}
