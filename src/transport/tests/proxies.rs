//! Proxies: refusals are proof that nothing was sent, successes are tunnels.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};

use super::server::{Server, read_request};
use super::tls::{Identity, tls_server};
use super::*;

/// A proxy that tells what it was asked and leads every tunnel to one place.
fn tunneling_to(target: std::net::SocketAddr, tell: Sender<String>) -> Server {
    Server::start(move |mut stream, _| {
        let Some((head, _)) = read_request(&mut stream) else { return };
        tell.send(head).unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let far = TcpStream::connect(target).unwrap();
        let (mut near2, mut far2) = (stream.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || pump(&mut near2, &mut far2));
        let mut far = far;
        pump(&mut far, &mut stream);
    })
}

fn pump(from: &mut TcpStream, to: &mut TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

fn through(proxy: &str, base: &str) -> Options {
    Options { proxy: ProxyChoice::Url(Secret::new(proxy)), ..options(base) }
}

#[test]
fn a_refusal_by_the_proxy_is_not_sent() {
    let answers: [&'static [u8]; 4] = [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"not HTTP at all\r\n\r\n",
        b"",
    ];
    for answer in answers {
        for base in ["https://api.example.com", "http://127.0.0.1:9"] {
            let proxy = Server::closing_after(answer);
            let url = format!("http://user:hunter2@{}", proxy.address);
            let rig = Rig::with(through(&url, base), Tuning::default());
            rig.start(1, post("/", b"x"));
            let (departed, delivery) = rig.finish(1);
            let error = not_sent(delivery);
            assert_eq!(error.status, Status::Proxy, "{}", error.text);
            if answer.starts_with(b"HTTP/1.1 407") {
                assert_eq!(error.text, "proxy: it refused the tunnel: 407");
            }
            assert!(!departed && !error.text.contains("hunter2") && !error.text.contains("aHVudGVy"));
        }
    }
}

#[test]
fn a_proxy_that_is_not_there_or_silent_is_not_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rig = Rig::with(through(&format!("http://{free}"), "https://api.example.com"), Tuning::default());
    assert_eq!(not_sent(rig.call(post("/", b"x"))).status, Status::Proxy);
    let silent = Server::silent_after(b"");
    let rig = Rig::with(through(&silent.url(), "https://api.example.com"), Tuning::default());
    assert_eq!(not_sent(rig.call(within(300, post("/", b"x")))).status, Status::Proxy);
    let find = std::sync::Arc::new(|_: &str| Err(std::io::Error::other("no such host")));
    let rig = Rig::with(
        through("http://proxy.example.com:3128", "https://api.example.com"),
        Tuning { find, ..Tuning::default() },
    );
    assert_eq!(not_sent(rig.call(post("/", b"x"))).status, Status::Proxy);
}

#[test]
fn a_tunnel_carries_tls_with_credentials_for_the_proxy_only() {
    let identity = Identity::new();
    let (tell, told) = channel();
    let (asked, was_asked) = channel();
    let vendor = tls_server(&identity, &[], move |head| tell.send(head).unwrap());
    let proxy = tunneling_to(vendor.address, asked);
    let url = format!("http://us%65r:p%40ss@{}", proxy.address);
    let rig = Rig::with(identity.trusted(through(&url, "https://shop.example.com")), Tuning::default());
    for _ in 0..2 {
        rig.start(1, post("/sale", b"x"));
        let (departed, delivery) = rig.finish(1);
        assert_eq!(reply(delivery).body, b"hi");
        assert!(departed);
        assert!(!told.recv().unwrap().to_lowercase().contains("proxy"));
    }
    let connect = was_asked.recv().unwrap();
    assert!(connect.starts_with("CONNECT shop.example.com:443 HTTP/1.1\r\n"), "{connect}");
    // user:p@ss
    assert!(connect.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"), "{connect}");
    assert_eq!(proxy.connections(), 1, "the tunnel is kept");
}

#[test]
fn a_handshake_that_fails_inside_the_tunnel_is_not_sent() {
    let (asked, _was_asked) = channel();
    let vendor = Server::silent_after(b"HTTP/1.1 400 Plain\r\n\r\n");
    let proxy = tunneling_to(vendor.address, asked);
    let rig = Rig::with(through(&proxy.url(), "https://shop.example.com"), Tuning::default());
    assert_eq!(not_sent(rig.call(within(1_000, post("/", b"x")))).status, Status::Tls);
}

#[test]
fn a_request_lost_inside_the_tunnel_is_lost() {
    let (asked, _was_asked) = channel();
    let vendor = Server::closing_after(b"");
    let proxy = tunneling_to(vendor.address, asked);
    let rig = Rig::with(through(&proxy.url(), "http://127.0.0.1:9"), Tuning::default());
    assert_eq!(lost(rig.call(post("/", b"x"))).status, Status::ConnectionLost);
}
