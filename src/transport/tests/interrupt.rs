//! Interrupting a call in each of its phases.

use std::io::Write;
use std::sync::Arc;

use super::server::{Server, hold, read_request};
use super::*;

/// Starts a call, lets it get to where it hangs, interrupts it, and says how it ended. It must end in 300 ms.
#[track_caller]
fn interrupted(rig: &Rig, request: HttpRequest, ready: impl Fn() -> bool) -> RoadError {
    rig.start(1, request);
    eventually("the call hangs", ready);
    std::thread::sleep(Duration::from_millis(150));
    let begun = Instant::now();
    rig.transport.cancel_all();
    let (_, delivery) = rig.finish(1);
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    match delivery {
        Delivery::NotSent(error) | Delivery::Lost(error) => {
            assert!(error.text.contains("interrupted"), "{}", error.text);
            error
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn in_a_name_lookup() {
    let find = Arc::new(|_: &str| {
        std::thread::sleep(Duration::from_secs(3));
        Ok(vec![])
    });
    let rig = Rig::with(options("https://slow.example.com"), Tuning { find, ..Tuning::default() });
    assert_eq!(interrupted(&rig, get("/"), || true).sent_bytes, 0);
}

#[test]
#[cfg(target_os = "linux")]
fn in_a_tcp_connect() {
    let full = FullBacklog::new();
    let rig = Rig::new(&format!("http://{}", full.address));
    let error = interrupted(&rig, get("/"), || true);
    assert_eq!((error.sent_bytes, error.status), (0, Status::Connect));
}

#[test]
#[cfg(target_os = "linux")]
fn a_connect_that_hangs_ends_with_its_time() {
    let full = FullBacklog::new();
    let rig = Rig::with(
        Options { connect_timeout_ms: 300, ..options(&format!("http://{}", full.address)) },
        Tuning::default(),
    );
    let begun = Instant::now();
    assert_eq!(not_sent(rig.call(get("/"))).status, Status::Connect);
    assert!(begun.elapsed() < Duration::from_millis(600));
}

/// A listener that accepts nothing and whose queue is full: connects to it hang.
#[cfg(target_os = "linux")]
struct FullBacklog {
    address: std::net::SocketAddr,
    _listener: std::net::TcpListener,
    _fillers: Vec<std::net::TcpStream>,
}

#[cfg(target_os = "linux")]
impl FullBacklog {
    fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut fillers = Vec::new();
        while let Ok(filler) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            fillers.push(filler);
            assert!(fillers.len() < 10_000);
        }
        FullBacklog { address, _listener: listener, _fillers: fillers }
    }
}

#[test]
fn in_a_tls_handshake() {
    let server = Server::start(|stream, _| hold(stream));
    let rig = Rig::new(&format!("https://{}", server.address));
    let error = interrupted(&rig, post("/", b"x"), || server.connections() == 1);
    assert_eq!(error.sent_bytes, 0);
}

#[test]
fn in_the_handshake_with_a_proxy() {
    let proxy = Server::start(|stream, _| hold(stream));
    let choice = ProxyChoice::Url(Secret::new(proxy.url()));
    let rig = Rig::with(Options { proxy: choice, ..options("https://api.example.com") }, Tuning::default());
    assert_eq!(interrupted(&rig, post("/", b"x"), || proxy.connections() == 1).sent_bytes, 0);
}

#[test]
fn in_the_body_of_a_request_that_nobody_reads() {
    let server = Server::start(|stream, _| hold(stream));
    let rig = Rig::new(&server.url());
    let body = vec![b'x'; 30_000_000];
    assert!(interrupted(&rig, post("/", &body), || server.connections() == 1).sent_bytes > 0);
}

#[test]
fn in_the_wait_for_an_answer() {
    let server = Server::silent_after(b"");
    let error = interrupted(&Rig::new(&server.url()), post("/", b"x"), || server.connections() == 1);
    assert!(error.sent_bytes > 0);
    assert_eq!(error.status, Status::ConnectionLost);
}

#[test]
fn in_a_body_of_each_kind_without_looking_like_success() {
    let bodies: [&'static [u8]; 3] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhalf",
    ];
    for body in bodies {
        let server = Server::silent_after(body);
        let error = interrupted(&Rig::new(&server.url()), post("/", b"x"), || server.connections() == 1);
        assert!(error.sent_bytes > 0);
    }
}

#[test]
fn on_a_kept_connection_and_the_next_call_opens_another() {
    let server = Server::start(|mut stream, number| {
        let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        read_request(&mut stream);
        stream.write_all(ok).unwrap();
        if number > 0 {
            while read_request(&mut stream).is_some() && stream.write_all(ok).is_ok() {}
        }
        hold(stream);
    });
    let rig = Rig::new(&server.url());
    reply(rig.call(get("/")));
    assert!(interrupted(&rig, get("/"), || true).sent_bytes > 0);
    reply(rig.call(get("/")));
    assert_eq!(server.connections(), 2);
}

#[test]
fn in_the_queue() {
    let server = Server::silent_after(b"");
    let rig = Rig::with(Options { max_connections: 1, ..options(&server.url()) }, Tuning::default());
    rig.start(1, get("/"));
    rig.start(2, get("/"));
    let first = rig.reports.recv_timeout(Duration::from_secs(5)).unwrap();
    assert!(matches!(first, Report::Departed { id: 1 }));
    rig.transport.cancel_all();
    assert_eq!(not_sent(rig.finish(2).1).status, Status::Connect);
    lost(rig.finish(1).1);
}

#[test]
fn nothing_leaves_after_its_time() {
    let server = Server::answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let rig = Rig::new(&server.url());
    let error = not_sent(rig.call(HttpRequest { leave_by_ms: crate::os::elapsed_ms(), ..get("/") }));
    assert_eq!((error.sent_bytes, error.status), (0, Status::Expired));
}
