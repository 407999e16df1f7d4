//! Which connection a call rides.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::Mutex;

use super::server::{Server, read_request};
use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

fn tuning() -> Tuning {
    Tuning { submit_idle_ms: 100, idle_ms: 1_000, ..Tuning::default() }
}

#[test]
fn polls_reuse_a_connection_and_a_submit_only_a_warm_one() {
    let server = Server::answering(OK);
    let rig = Rig::with(options(&server.url()), tuning());
    reply(rig.call(get("/")));
    reply(rig.call(submit(post("/", b"x"))));
    assert_eq!(server.connections(), 1, "warm: all calls");
    std::thread::sleep(Duration::from_millis(250));
    reply(rig.call(get("/")));
    assert_eq!(server.connections(), 1, "cool: a poll");
    std::thread::sleep(Duration::from_millis(250));
    reply(rig.call(submit(post("/", b"x"))));
    assert_eq!(server.connections(), 2, "cool: a submit opens its own");
}

#[test]
fn nothing_rides_a_connection_that_idled_long() {
    let server = Server::answering(OK);
    let rig = Rig::with(options(&server.url()), Tuning { idle_ms: 200, ..tuning() });
    reply(rig.call(get("/")));
    std::thread::sleep(Duration::from_millis(400));
    reply(rig.call(get("/")));
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_that_the_server_closed_is_replaced() {
    let kept: Arc<Mutex<Option<TcpStream>>> = Arc::default();
    let theirs = kept.clone();
    let server = Server::start(move |mut stream, _| {
        *theirs.lock().unwrap() = stream.try_clone().ok();
        while read_request(&mut stream).is_some() && stream.write_all(OK).is_ok() {}
    });
    let rig = Rig::new(&server.url());
    reply(rig.call(get("/")));
    kept.lock().unwrap().take().unwrap().shutdown(Shutdown::Both).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    reply(rig.call(submit(post("/", b"x"))));
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_request_whose_answer_was_lost_is_never_sent_again() {
    // The first request of a connection is answered, the second is read and cut off.
    let server = Server::start(|mut stream, _| {
        read_request(&mut stream);
        stream.write_all(OK).unwrap();
        read_request(&mut stream);
    });
    let rig = Rig::new(&server.url());
    reply(rig.call(get("/")));
    assert_eq!(lost(rig.call(get("/"))).status, Status::ConnectionLost);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(server.connections(), 1);
}

#[test]
fn as_many_connections_are_kept_as_may_run() {
    let server = Server::start(|mut stream, _| {
        while read_request(&mut stream).is_some() {
            std::thread::sleep(Duration::from_millis(100));
            if stream.write_all(OK).is_err() {
                return;
            }
        }
    });
    let rig = Rig::with(Options { max_connections: 5, ..options(&server.url()) }, Tuning::default());
    for _ in 0..2 {
        (0..5).for_each(|id| rig.start(id, get("/")));
        let mut ended = 0;
        while ended < 5 {
            if let Report::Finished { delivery, .. } = rig.reports.recv().unwrap() {
                reply(delivery);
                ended += 1;
            }
        }
    }
    assert_eq!(server.connections(), 5);
}
