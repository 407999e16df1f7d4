//! The promises of this room, each with a test that can fail. Servers are threads of this process.

mod delivery;
mod interrupt;
mod keeping;
mod names;
mod proxies;
mod server;
mod tls;
mod working;

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};

use super::*;
use crate::http::{HttpReply, Method, RoadError};

/// A transport, and who reads its reports.
struct Rig {
    transport: Transport,
    reports: Receiver<Report>,
}

/// The engine shares it among threads.
const _: fn(&Transport) -> &(dyn Send + Sync) = |transport| transport;

fn options(base_url: &str) -> Options {
    Options {
        base_url: base_url.to_owned(),
        proxy: ProxyChoice::None,
        tls_roots: TlsRoots::Bundled,
        max_connections: 4,
        connect_timeout_ms: 5_000,
        user_agent: "PosJunction/test".to_owned(),
    }
}

impl Rig {
    fn new(base_url: &str) -> Rig {
        Rig::with(options(base_url), Tuning::default())
    }

    fn with(options: Options, tuning: Tuning) -> Rig {
        let (tell, reports) = unbounded();
        let transport = Transport::tuned(options, tell, tuning).map_err(|(_, text)| text).unwrap();
        Rig { transport, reports }
    }

    fn start(&self, id: u64, request: HttpRequest) {
        self.transport.start(Call { id, request });
    }

    /// Carries one call to its end; no other may be running.
    fn call(&self, request: HttpRequest) -> Delivery {
        self.start(7, request);
        self.finish(7).1
    }

    /// Waits for the end of a call. True if it was reported as departed before.
    fn finish(&self, wanted: u64) -> (bool, Delivery) {
        let mut departed = false;
        loop {
            match self.reports.recv_timeout(Duration::from_secs(20)).expect("a report") {
                Report::Departed { id } if id == wanted => {
                    assert!(!departed, "departed twice");
                    departed = true;
                }
                Report::Departed { .. } => {}
                Report::Finished { id, delivery } if id == wanted => return (departed, delivery),
                Report::Finished { .. } => {}
            }
        }
    }

    fn refused(options: Options) -> String {
        let (tell, _) = unbounded();
        let (status, text) = Transport::new(options, tell).err().expect("an error");
        assert_eq!(status, Status::Config);
        text
    }
}

fn get(path: &str) -> HttpRequest {
    request(Method::Get, path, b"")
}

fn post(path: &str, body: &[u8]) -> HttpRequest {
    request(Method::Post, path, body)
}

fn request(method: Method, path: &str, body: &[u8]) -> HttpRequest {
    HttpRequest {
        method,
        path: path.to_owned(),
        headers: vec![],
        body: body.to_vec(),
        submit: false,
        timeout_ms: 5_000,
        leave_by_ms: u64::MAX,
    }
}

fn within(timeout_ms: u32, request: HttpRequest) -> HttpRequest {
    HttpRequest { timeout_ms, ..request }
}

fn submit(request: HttpRequest) -> HttpRequest {
    HttpRequest { submit: true, ..request }
}

#[track_caller]
fn reply(delivery: Delivery) -> HttpReply {
    match delivery {
        Delivery::Reply(reply) => reply,
        other => panic!("no reply but {other:?}"),
    }
}

#[track_caller]
fn not_sent(delivery: Delivery) -> RoadError {
    match delivery {
        Delivery::NotSent(error) => {
            assert_eq!(error.sent_bytes, 0);
            error
        }
        other => panic!("not NotSent but {other:?}"),
    }
}

#[track_caller]
fn lost(delivery: Delivery) -> RoadError {
    match delivery {
        Delivery::Lost(error) => {
            assert!(error.sent_bytes > 0);
            error
        }
        other => panic!("not Lost but {other:?}"),
    }
}

/// Waits until something holds; fails after five seconds.
#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(5);
    while !holds() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
