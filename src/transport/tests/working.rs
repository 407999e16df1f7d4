//! Worker threads: how many, for how long, and what a panic does.

use std::collections::HashMap;

use super::server::{Server, read_request};
use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// Counts the `Finished` of each call until none has come for a while.
fn endings(rig: &Rig, quiet_ms: u64) -> HashMap<u64, usize> {
    let mut count = HashMap::new();
    while let Ok(report) = rig.reports.recv_timeout(Duration::from_millis(quiet_ms)) {
        if let Report::Finished { id, .. } = report {
            *count.entry(id).or_default() += 1;
        }
    }
    count
}

#[test]
fn no_more_threads_than_connections_and_none_when_idle() {
    let server = Server::answering(OK);
    let options = Options { max_connections: 3, ..options(&server.url()) };
    let rig = Rig::with(options, Tuning { worker_idle_ms: 200, ..Tuning::default() });
    assert_eq!(rig.transport.threads(), 0);
    (0..50).for_each(|id| rig.start(id, get("/")));
    assert!((1..=3).contains(&rig.transport.threads()));
    let ended = endings(&rig, 150);
    assert!(ended.len() == 50 && ended.values().all(|n| *n == 1), "{ended:?}");
    assert!(server.connections() <= 3);
    eventually("idle workers end", || rig.transport.threads() == 0);
    reply(rig.call(get("/")));
}

#[test]
fn calls_one_after_another_share_a_thread() {
    let server = Server::answering(OK);
    let rig = Rig::new(&server.url());
    for _ in 0..20 {
        reply(rig.call(get("/")));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(rig.transport.threads() <= 2, "a worker tells the end of a call a moment before it is idle");
}

#[test]
fn close_ends_every_call_once_and_every_thread_soon() {
    let server = Server::silent_after(b"");
    let rig = Rig::with(Options { max_connections: 8, ..options(&server.url()) }, Tuning::default());
    (0..20).for_each(|id| rig.start(id, post("/", b"x")));
    eventually("all are out", || server.connections() == 8);
    let begun = Instant::now();
    rig.transport.close();
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    assert_eq!(rig.transport.threads(), 0);
    rig.start(20, get("/"));
    let ended = endings(&rig, 50);
    assert!(ended.len() == 21 && ended.values().all(|n| *n == 1), "{ended:?}");
    rig.transport.close();
}

#[test]
fn a_closed_transport_sends_nothing() {
    let server = Server::answering(OK);
    let rig = Rig::new(&server.url());
    rig.transport.close();
    not_sent(rig.call(post("/", b"x")));
    assert_eq!(server.connections(), 0);
}

#[test]
fn starting_never_waits() {
    let server = Server::silent_after(b"");
    let rig = Rig::with(Options { max_connections: 1, ..options(&server.url()) }, Tuning::default());
    let begun = Instant::now();
    (0..1000).for_each(|id| rig.start(id, get("/")));
    assert!(begun.elapsed() < Duration::from_millis(200));
}

#[test]
fn the_time_in_the_queue_counts() {
    let server = Server::silent_after(b"");
    let rig = Rig::with(Options { max_connections: 1, ..options(&server.url()) }, Tuning::default());
    rig.start(1, within(300, get("/")));
    rig.start(2, within(100, post("/", b"x")));
    lost(rig.finish(1).1);
    assert_eq!(not_sent(rig.finish(2).1).status, Status::Timeout);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_panic_ends_its_call_and_no_other() {
    let server = Server::answering(OK);
    let before = |path: &str| assert_ne!(path, "/panic", "(expected)");
    let after = |path: &str| assert_ne!(path, "/panic/later", "(expected)");
    let rig = Rig::with(options(&server.url()), Tuning { before, after, ..Tuning::default() });
    assert_eq!(not_sent(rig.call(get("/panic"))).status, Status::Internal);
    reply(rig.call(get("/")));
    assert_eq!(lost(rig.call(get("/panic/later"))).status, Status::Internal);
    reply(rig.call(get("/")));
    assert_eq!(not_sent(rig.call(get("/panic"))).status, Status::Internal);
    reply(rig.call(get("/")));
}

#[test]
fn cancelling_does_not_touch_what_starts_later() {
    let server = Server::start(|mut stream, _| {
        while read_request(&mut stream).is_some() {
            std::thread::sleep(Duration::from_millis(50));
            use std::io::Write;
            if stream.write_all(OK).is_err() {
                return;
            }
        }
    });
    let rig = Rig::new(&server.url());
    for id in 0..20 {
        rig.start(id, get("/"));
        rig.transport.cancel_all();
        rig.start(100 + id, get("/"));
        reply(rig.finish(100 + id).1);
    }
}
