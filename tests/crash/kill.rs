//! The till is killed, or stopped, at every step of a payment and at random.

use crate::books::{asked, judge};
use crate::cloud::{Cloud, Vendor};
use crate::lanes::{chance, in_lanes, in_lanes_of, is_long};
use crate::till::{Blow, Till};
use std::time::Duration;

/// The lines after which the till is killed.
pub const STEPS: [&str; 12] = [
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

/// Two payments, killed in the first life, perhaps in the second, brought to an end in the third.
fn kill(server: &Cloud, number: usize, first: &Blow, second: Option<&Blow>) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let mut lives = Vec::new();
    let mut till = Till::start(server, dir.path(), &prefix, 2, &[]);
    let alive = till.until(first);
    lives.push(till.end(alive, dir.path()));
    // What had left before the kill may still be on its way to the vendor.
    std::thread::sleep(Duration::from_millis(30));
    let sent = server.submits();
    if let Some(second) = second {
        let mut till = Till::start(server, dir.path(), &prefix, 0, &[]);
        let alive = till.until(second);
        lives.push(till.end(alive, dir.path()));
    }
    let till = Till::start(server, dir.path(), &prefix, 0, &asked(&lives));
    lives.push(till.end(false, dir.path()));
    let what = format!("number {number}, {first:?}, then {second:?}");
    assert_eq!(server.submits(), sent, "{what}: an old intent was sent: {:?}", lives.last().map(|l| &l.lines));
    judge(server, &lives, &what);
}

/// One payment of a till that is stopped for longer than send_within, and goes on.
fn stop(server: &Cloud, number: usize, blow: &Blow) {
    let dir = tempfile::tempdir().expect("a directory");
    let prefix = (1000 + number).to_string();
    let mut till = Till::start(server, dir.path(), &prefix, 1, &[]);
    if till.until(blow) {
        till.signal(libc::SIGSTOP);
        std::thread::sleep(Duration::from_millis(100));
        let sent = server.submits();
        std::thread::sleep(Duration::from_millis(1_300));
        till.signal(libc::SIGCONT);
        let lives = [till.end(false, dir.path())];
        assert_eq!(server.submits(), sent, "{blow:?}: an old intent was sent: {:?}", lives[0].lines);
        judge(server, &lives, &format!("number {number}, stopped {blow:?}"));
    }
}

fn kill_at_steps_and_at_random(vendor: Vendor, kills: usize) {
    in_lanes_of(vendor, kills, |server, number| {
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
fn killed_at_every_step_and_at_random() {
    kill_at_steps_and_at_random(Vendor::PayJunction, if is_long() { 1_000 } else { 60 });
}

#[test]
fn killed_at_every_step_and_at_random_with_ebizcharge() {
    kill_at_steps_and_at_random(Vendor::Ebizcharge, if is_long() { 500 } else { 24 });
}

#[test]
fn killed_at_every_step_and_at_random_with_justifi() {
    kill_at_steps_and_at_random(Vendor::Justifi, if is_long() { 500 } else { 24 });
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
