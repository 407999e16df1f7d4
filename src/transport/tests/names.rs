//! Name lookup and the choice among addresses.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::server::Server;
use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

fn rig(url: &str, find: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static, fresh_ms: u64) -> Rig {
    Rig::with(options(url), Tuning { find: Arc::new(find), fresh_ms, ..Tuning::default() })
}

/// Takes connections and closes them at once: TLS fails, which shows that a call came as far as that.
fn slamming() -> Server {
    Server::start(|stream, _| drop(stream))
}

#[test]
fn a_name_that_is_unknown_is_not_sent() {
    let rig = rig("https://none.example.com", |_| Err(io::Error::other("no such host")), 60_000);
    let error = not_sent(rig.call(post("/", b"x")));
    assert_eq!(error.status, Status::Dns);
    assert!(error.text.contains("no such host"), "{}", error.text);
    assert_eq!(not_sent(self::rig("https://none.example.com", |_| Ok(vec![]), 1).call(get("/"))).status, Status::Dns);
}

#[test]
fn a_lookup_that_hangs_ends_with_its_time_and_a_panic_at_once() {
    let slow = |_: &str| {
        std::thread::sleep(Duration::from_secs(2));
        Ok(vec![])
    };
    let slow = rig("https://slow.example.com", slow, 1);
    let begun = Instant::now();
    assert_eq!(not_sent(slow.call(within(200, get("/")))).status, Status::Dns);
    assert!(begun.elapsed() < Duration::from_millis(400));
    let broken = rig("https://broken.example.com", |_| panic!("a broken name service module (expected)"), 1);
    assert_eq!(not_sent(broken.call(get("/"))).status, Status::Dns);
}

#[test]
fn two_hundred_failures_leave_no_more_threads_than_the_cap() {
    let alive = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, peak) = (alive.clone(), most.clone());
    let find = move |_: &str| {
        let now = counted.fetch_add(1, Ordering::SeqCst) + 1;
        peak.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(1_500));
        counted.fetch_sub(1, Ordering::SeqCst);
        Err(io::Error::other("none"))
    };
    // Every lookup counts as stuck at once, so that each call wants one of its own.
    let tuning = Tuning { find: Arc::new(find), stuck_ms: 0, ..Tuning::default() };
    let rig = Rig::with(options("https://slow.example.com"), tuning);
    let begun = Instant::now();
    for _ in 0..200 {
        assert_eq!(not_sent(rig.call(within(10, get("/")))).status, Status::Dns);
    }
    assert!(most.load(Ordering::SeqCst) <= 8);
    assert!(begun.elapsed() < Duration::from_secs(4), "beyond the cap it fails fast");
    eventually("the lookups end", || alive.load(Ordering::SeqCst) == 0);
}

#[test]
fn calls_for_one_name_share_a_lookup_and_its_answer() {
    let server = slamming();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let find = move |_: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(100));
        Ok(vec![[127, 0, 0, 1].into()])
    };
    let rig = rig(&format!("https://shop.example.com:{}", server.address.port()), find, 60_000);
    (0..4).for_each(|id| rig.start(id, get("/")));
    for _ in 0..4 {
        match rig.reports.recv_timeout(Duration::from_secs(5)).unwrap() {
            Report::Finished { delivery, .. } => assert_eq!(not_sent(delivery).status, Status::Tls),
            Report::Departed { .. } => panic!("departed"),
        }
    }
    not_sent(rig.call(get("/")));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn an_old_answer_is_served_while_a_lookup_hangs_or_fails() {
    let server = slamming();
    let dead = Arc::new(AtomicBool::new(false));
    let is_dead = dead.clone();
    let find = move |_: &str| {
        if is_dead.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(500));
            return Err(io::Error::other("none"));
        }
        Ok(vec![[127, 0, 0, 1].into()])
    };
    let rig = rig(&format!("https://shop.example.com:{}", server.address.port()), find, 1);
    assert_eq!(not_sent(rig.call(get("/"))).status, Status::Tls);
    dead.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(20));
    let begun = Instant::now();
    for _ in 0..3 {
        assert_eq!(not_sent(rig.call(get("/"))).status, Status::Tls);
    }
    assert!(begun.elapsed() < Duration::from_millis(400));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(not_sent(rig.call(get("/"))).status, Status::Tls);
}

#[test]
fn every_address_is_tried() {
    let server = slamming();
    let find = |_: &str| Ok(vec!["::1".parse().unwrap(), [127, 0, 0, 2].into(), [127, 0, 0, 1].into()]);
    let rig = rig(&format!("https://shop.example.com:{}", server.address.port()), find, 60_000);
    assert_eq!(not_sent(rig.call(get("/"))).status, Status::Tls);
    assert_eq!(server.connections(), 1);
}

#[test]
fn localhost_is_this_machine_without_lookup() {
    let server = Server::answering(OK);
    let find = |_: &str| panic!("looked up");
    let rig = rig(&format!("http://localhost:{}", server.address.port()), find, 60_000);
    reply(rig.call(get("/")));
}

#[test]
fn an_old_answer_is_served_when_no_more_lookups_may_run() {
    let server = slamming();
    let first = AtomicBool::new(true);
    let find = move |_: &str| {
        if !first.swap(false, Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(500));
        }
        Ok(vec![[127, 0, 0, 1].into()])
    };
    let tuning = Tuning { find: Arc::new(find), fresh_ms: 0, stuck_ms: 0, most_lookups: 1, ..Tuning::default() };
    let rig = Rig::with(options(&format!("https://shop.example.com:{}", server.address.port())), tuning);
    for _ in 0..4 {
        assert_eq!(not_sent(rig.call(get("/"))).status, Status::Tls);
    }
}
