//! Events are worded, signed and posted as the vendors do it.

use posjunction_simulator::ebizcharge as ebc;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::server::{Clock, Options, Server};
use posjunction_simulator::webhooks::{Event, Outbox, Sender, Subscription};
use ring::hmac;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The seconds after the first try at which a vendor tries again, while nobody answers.
fn retries(sender: Sender) -> Vec<u64> {
    let mut outbox = Outbox::new(sender, Subscription::default());
    outbox.push(0, Event { id: "e".into(), kind: "k".into(), body: b"{}".to_vec() });
    let (mut now, mut found) = (0, Vec::new());
    while now <= 100 * 3_600_000 {
        for delivery in outbox.take_due(now) {
            assert_eq!(delivery.attempt as usize, found.len() + 1);
            found.push(now / 1_000);
            outbox.answered(now, &delivery, if found.len() % 2 == 0 { Some(500) } else { None });
        }
        now += 10_000;
    }
    found
}

#[test]
fn each_vendor_tries_again_by_its_own_schedule() {
    let payjunction = retries(Sender::Payjunction);
    assert_eq!(payjunction[..11], [0, 30, 60, 90, 120, 420, 720, 1020, 1320, 1620, 5220]);
    assert!(payjunction.last().is_some_and(|last| (71 * 3600..=72 * 3600).contains(last)), "three days");
    assert_eq!(retries(Sender::Justifi), [0, 1200, 2400, 3600], "a test account");
    assert_eq!(retries(Sender::Ebizcharge).len(), 6);
}

#[test]
fn an_answer_that_counts_ends_the_matter() {
    for (sender, status, content) in [
        (Sender::Payjunction, 200, true),
        (Sender::Payjunction, 204, true),
        (Sender::Payjunction, 302, false),
        (Sender::Payjunction, 401, false),
        (Sender::Justifi, 200, true),
        (Sender::Justifi, 204, false),
    ] {
        let mut outbox = Outbox::new(sender, Subscription::default());
        outbox.push(0, Event { id: "e".into(), kind: "k".into(), body: b"{}".to_vec() });
        let delivery = outbox.take_due(0).remove(0);
        outbox.answered(0, &delivery, Some(status));
        assert_eq!(outbox.take_due(86_400_000).is_empty(), content, "{sender:?} {status}");
    }
}

#[test]
fn switches_make_copies_and_disorder() {
    let subscription = Subscription { duplicates: true, unordered: true, ..Subscription::default() };
    let mut outbox = Outbox::new(Sender::Payjunction, subscription);
    for number in 0..20 {
        outbox.push(0, Event { id: format!("{number:02}"), kind: "k".into(), body: b"{}".to_vec() });
    }
    let ids: Vec<String> = outbox.take_due(60_000).into_iter().map(|delivery| delivery.event.id).collect();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_ne!(ids, sorted, "in disorder");
    sorted.dedup();
    assert_eq!((ids.len(), sorted.len()), (40, 20), "each twice");
}

/// The lines of a request's head, and its body.
type Got = (Vec<String>, Vec<u8>);

/// A web server that answers with these statuses in turn, and tells what it got.
fn receiver(statuses: &'static [u16]) -> (String, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
    let (to, got) = channel();
    std::thread::spawn(move || {
        for (count, stream) in listener.incoming().enumerate() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                lines.push(line.trim().to_owned());
            }
            let length = lines.iter().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap()];
            reader.read_exact(&mut body).unwrap();
            let status = statuses[count.min(statuses.len() - 1)];
            write!(reader.get_mut(), "HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n").unwrap();
            if to.send((lines, body)).is_err() {
                return;
            }
        }
    });
    (url, got)
}

#[test]
fn events_are_posted_signed_and_again_until_they_are_taken() {
    let (url, got) = receiver(&[503, 200]);
    let server = Server::start(Options { clock: Clock::Manual, ..Options::default() });
    server.subscribe(Sender::Payjunction, Subscription { url, secret: "s3cret".into(), ..Subscription::default() });
    server.with(|cloud| {
        let path = format!("/smartterminals/{}/request-payment", pj::SMART_TERMINAL_ID);
        let form = [("terminalId", "12345"), ("amountBase", "5.00"), ("interruptBusyTerminal", "false")];
        assert_eq!(cloud.handle(0, &pj::request("POST", &path, &form)).status, 200);
    });
    let wait = Duration::from_secs(20);
    let (lines, body) = got.recv_timeout(wait).unwrap();
    assert_eq!(lines[0], "POST /hook?x=1 HTTP/1.1");
    assert!(String::from_utf8_lossy(&body).contains("\"status\" : \"CONNECTING\""));
    let signature = lines.iter().find_map(|line| line.strip_prefix("X-Pj-Signature: ")).unwrap().to_owned();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"s3cret");
    let right: String = hmac::sign(&key, &body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signature, right);
    let until_posted = |attempt: u32, status: u16| {
        let end = Instant::now() + wait;
        let wanted = |server: &Server| server.posted().iter().any(|p| (p.attempt, p.status) == (attempt, Some(status)));
        while !wanted(&server) {
            assert!(Instant::now() < end, "{:?}", server.posted());
            std::thread::yield_now();
        }
    };
    until_posted(1, 503);
    server.advance(29_000);
    assert!(server.posted().iter().all(|posted| posted.event_id != server.posted()[0].event_id || posted.attempt == 1));
    server.advance(1_000);
    let again = std::iter::from_fn(|| got.recv_timeout(wait).ok()).find(|(_, other)| *other == body);
    assert!(again.is_some(), "the same bytes again");
    until_posted(2, 200);
}

#[test]
fn justifi_signs_the_timestamp_too() {
    let headers = Sender::Justifi.headers("justifi-test-key", b"{}", 1_668_122_947_500);
    let value = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()).unwrap();
    assert_eq!(value("JUSTIFI-TIMESTAMP"), "1668122947");
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"justifi-test-key");
    let right: String = hmac::sign(&key, b"1668122947.{}").as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(value("JUSTIFI-SIGNATURE"), right);
    assert!(
        Sender::Ebizcharge.headers("", b"{}", 0).iter().all(|(name, _)| *name != "X-Signature"),
        "no secret, no signature"
    );
}

/// Hands the calls of a story to a cloud behind the server, and waits for these events at a web server.
fn kinds_posted(sender: Sender, story: impl Fn(&Server), wanted: &[&str]) {
    let (url, got) = receiver(&[200]);
    let server = Server::start(Options { device_speed: 100, ..Options::default() });
    server.subscribe(sender, Subscription { url, secret: "s3cret".into(), ..Subscription::default() });
    story(&server);
    let (mut missing, end): (Vec<&str>, _) = (wanted.to_vec(), Instant::now() + Duration::from_secs(20));
    while !missing.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        let (lines, body) = got.recv_timeout(left).unwrap_or_else(|_| panic!("not posted: {missing:?}"));
        let value = |name: &str| lines.iter().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
        let signed = match sender {
            Sender::Justifi => [value("JUSTIFI-TIMESTAMP:").unwrap().as_bytes(), b".", &body].concat(),
            _ => body.clone(),
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"s3cret");
        let right: String = hmac::sign(&key, &signed).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let header = if sender == Sender::Justifi { "JUSTIFI-SIGNATURE:" } else { "X-Signature:" };
        assert_eq!(value(header), Some(right));
        let text = String::from_utf8(body).unwrap();
        missing.retain(|kind| !text.contains(&format!("\"{kind}\"")));
    }
}

#[test]
fn the_payment_engine_posts_what_becomes_of_transactions() {
    let story = |server: &Server| {
        let key = server.with_ebizcharge(|cloud| {
            let now = cloud.now_ms();
            let sale = json!({"devicekey": ebc::DEVICE_KEY, "command": "sale", "amount": "12.34", "orderid": "PJ-1"});
            let answer = cloud.handle(now, &ebc::request("POST", "/paymentengine/payrequests", &sale, "seed-one"));
            assert_eq!(answer.status, 200, "{}", answer.text());
            let end = now + 60_000;
            cloud.advance(end);
            cloud.ledger().last().map(|t| t.key.clone()).expect("a sale")
        });
        // So that the web server hears of the sale before it is voided.
        let end = Instant::now() + Duration::from_secs(20);
        while server.posted().is_empty() && Instant::now() < end {
            std::thread::yield_now();
        }
        server.with_ebizcharge(|cloud| {
            let void = json!({"command": "void", "trankey": key});
            let now = cloud.now_ms();
            assert_eq!(cloud.handle(now, &ebc::request("POST", "/transactions", &void, "seed-two")).status, 200);
        });
    };
    kinds_posted(Sender::Ebizcharge, story, &["transaction.sale.success", "transaction.sale.voided"]);
}

#[test]
fn justifi_posts_what_becomes_of_a_checkout() {
    let story = |server: &Server| {
        server.with_justifi(|cloud| {
            let mut call = |method: &str, path: &str, body: Value| {
                let now = cloud.now_ms();
                let token =
                    cloud.handle(now, &jf::token_request()).value()["access_token"].as_str().unwrap().to_owned();
                let answer = cloud.handle(now, &jf::request(&token, method, path, &body, path));
                assert!((200..300).contains(&answer.status), "{}", answer.text());
                answer.value()["data"]["id"].as_str().unwrap_or_default().to_owned()
            };
            let checkout = call("POST", "/checkouts", json!({"amount": 1234, "description": "4711"}));
            call("POST", "/terminals/pay", json!({"checkout_id": checkout, "terminal_id": jf::TERMINAL_ID}));
        });
    };
    let wanted =
        ["checkout.created", "checkout.completion.processing", "checkout.completion.succeeded", "checkout.completed"];
    kinds_posted(Sender::Justifi, story, &wanted);
}
