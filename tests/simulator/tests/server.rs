//! The server over real sockets: faults do to the connection what they say.

use posjunction_simulator::ebizcharge as ebc;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::payjunction as pj;
use posjunction_simulator::server::{Clock, Options, Server};
use posjunction_simulator::{CallKind, Fault, Request, When};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn connect(server: &Server) -> TcpStream {
    let address = server.base_url().trim_start_matches("http://").to_string();
    TcpStream::connect(address).expect("the server listens")
}

fn write(stream: &mut impl Write, request: &Request) {
    let mut text = format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", request.method, request.path);
    if request.header("connection").is_none() {
        text += "Connection: close\r\n";
    }
    for (name, value) in &request.headers {
        text += &format!("{name}: {value}\r\n");
    }
    let _ = stream.write_all(format!("{text}\r\n").as_bytes());
    let _ = stream.write_all(&request.body);
}

/// What came over the wire, and the error that ended it.
fn exchange(server: &Server, request: &Request) -> (String, Option<ErrorKind>) {
    let mut stream = connect(server);
    write(&mut stream, request);
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).err().map(|e| e.kind());
    (String::from_utf8_lossy(&bytes).into_owned(), error)
}

fn list() -> Request {
    pj::request("GET", "/smartterminals", &[])
}

fn failing(fault: Fault) -> (String, Option<ErrorKind>, Duration) {
    let server = Server::start(Options::default());
    server.with(|cloud| cloud.fail_next(CallKind::ListTerminals, When::After, fault));
    let start = Instant::now();
    let (text, error) = exchange(&server, &list());
    (text, error, start.elapsed())
}

#[test]
fn a_plain_answer() {
    let server = Server::start(Options::default());
    let (text, error) = exchange(&server, &list());
    assert!(error.is_none() && text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.contains(pj::SMART_TERMINAL_ID) && text.to_ascii_lowercase().contains("\r\ndate: "), "{text}");
    assert_eq!((server.connections(), server.handshakes()), (1, 0));
    assert!(server.with(|cloud| cloud.violations().is_empty()));
}

#[test]
fn dropped_and_reset_differ() {
    let (text, error, _) = failing(Fault::Drop);
    assert_eq!((text.as_str(), error), ("", None));
    let (text, error, _) = failing(Fault::Reset);
    assert_eq!((text.as_str(), error), ("", Some(ErrorKind::ConnectionReset)));
}

#[test]
fn half_a_body() {
    let (text, error, _) = failing(Fault::HalfBody);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let told = head.lines().find_map(|l| l.strip_prefix("Content-Length: ")).and_then(|n| n.parse::<usize>().ok());
    assert_eq!(told.map(|n| n / 2), Some(body.len()));
    assert!(error.is_none());
}

#[test]
fn garbage_silence_delay_and_pages() {
    let (text, _, _) = failing(Fault::Garbage);
    assert!(!text.is_empty() && !text.starts_with("HTTP"), "{text}");
    let (text, _, took) = failing(Fault::Silence(300));
    assert!(text.is_empty() && took >= Duration::from_millis(300));
    let (text, _, took) = failing(Fault::Delay(300));
    assert!(text.starts_with("HTTP/1.1 200") && took >= Duration::from_millis(300));
    let (text, _, _) = failing(Fault::RateLimited(Some(2)));
    assert!(text.starts_with("HTTP/1.1 429") && text.to_ascii_lowercase().contains("\r\nretry-after: 2\r\n"), "{text}");
    let (text, _, _) = failing(Fault::Forbidden);
    assert!(text.starts_with("HTTP/1.1 403") && text.contains("Cloudflare"));
    let (text, _, _) = failing(Fault::BadGateway);
    assert!(text.starts_with("HTTP/1.1 502") && text.contains("<html>"));
    let (text, _, _) = failing(Fault::ServerError);
    assert!(text.starts_with("HTTP/1.1 500") && text.contains("errors"));
}

#[test]
fn a_call_the_client_gave_up_on_is_still_counted() {
    let server = Server::start(Options::default());
    server.with(|cloud| cloud.fail_next(CallKind::ListTerminals, When::After, Fault::Silence(60_000)));
    let mut stream = connect(&server);
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a time-out");
    write(&mut stream, &list());
    assert!(stream.read(&mut [0; 16]).is_err());
    let arrived = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        server.with(|cloud| cloud.count(CallKind::ListTerminals)) == 1
    });
    assert!(arrived);
}

#[test]
fn a_manual_clock_moves_by_hand() {
    let server = Server::start(Options { clock: Clock::Manual, ..Options::default() });
    let form = [("amountBase", "1.00"), ("terminalId", "12345")];
    let path = format!("/smartterminals/{}/request-payment", pj::SMART_TERMINAL_ID);
    let (text, _) = exchange(&server, &pj::request("POST", &path, &form));
    assert!(text.contains("requestPaymentId"), "{text}");
    server.advance(10_000);
    assert_eq!(server.with(|cloud| cloud.moved_cents()), 100);
}

#[test]
fn the_rate_limit_forgives_a_little_jitter_only() {
    let server = Server::start(Options::default());
    // A loaded machine may need longer than the gap for one exchange, so more than one may be needed.
    let slowed = (0..50).any(|_| exchange(&server, &list()).0.starts_with("HTTP/1.1 429"));
    assert!(slowed);
    std::thread::sleep(Duration::from_millis(100));
    assert!(exchange(&server, &list()).0.starts_with("HTTP/1.1 200"));
    assert_eq!(server.with(|cloud| cloud.violations().len()), 1);
}

#[test]
fn the_page_and_its_buttons() {
    let server = Server::start(Options::default());
    let (page, _) = exchange(&server, &Request::new("GET", "/"));
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<title>PosJunction simulator</title>"));
    let post = |path: &str, body: &str| {
        let request = Request::new("POST", path)
            .with_header("Content-Type", "application/json")
            .with_header("Content-Length", &body.len().to_string())
            .with_body(body);
        exchange(&server, &request).0
    };
    assert!(post("/_simulator/switches", r#"{"search_lag_ms": 7}"#).starts_with("HTTP/1.1 200"));
    assert!(post("/_simulator/switches", r#"{"nonsense": 7}"#).starts_with("HTTP/1.1 400"));
    assert!(post("/_simulator/script", r#"{"scenario": {"Decline": 51}}"#).starts_with("HTTP/1.1 200"));
    assert!(
        post("/_simulator/fail", r#"{"kind": "Poll", "when": "After", "fault": {"Silence": 5}}"#).contains("200 OK")
    );
    let unplug = format!(r#"{{"terminal": "{}", "touch": "Unplug"}}"#, pj::SMART_TERMINAL_ID);
    assert!(post("/_simulator/touch", &unplug).starts_with("HTTP/1.1 200"));
    let (state, _) = exchange(&server, &Request::new("GET", "/_simulator/state"));
    assert!(state.contains("\"search_lag_ms\":7"), "{state}");
    server.with(|cloud| {
        assert!(!cloud.terminals()[0].plugged && cloud.faults().queue().len() == 1 && cloud.scripts().count() == 1);
        assert!(cloud.calls().is_empty() && cloud.violations().is_empty());
    });
}

/// The answer's body, its chunks joined.
fn body_of(text: &str) -> String {
    let mut lines = text.split("\r\n\r\n").nth(1).unwrap_or_default().split("\r\n");
    let mut body = String::new();
    while let (Some(_), Some(part)) = (lines.next(), lines.next()) {
        body += part;
    }
    body
}

#[test]
fn what_each_vendors_books_say_of_one_sale() {
    let server = Server::start(Options { clock: Clock::Manual, ..Options::default() });
    let sale = |vendor: &str, key: &str| {
        body_of(&exchange(&server, &Request::new("GET", &format!("/_simulator/{vendor}/sale/{key}"))).0)
    };
    let form = [("amountBase", "1.00"), ("terminalId", "12345"), ("invoiceNumber", "4711")];
    let path = format!("/smartterminals/{}/request-payment", pj::SMART_TERMINAL_ID);
    exchange(&server, &pj::request("POST", &path, &form));
    let payment = json!({"command": "sale", "amount": "2.00", "invoice": "4711", "orderid": "key of ours"});
    exchange(&server, &ebc::request("POST", "/paymentengine/payrequests", &payment, "seed 1"));
    server.with_justifi(|cloud| {
        let token = cloud.handle(0, &jf::token_request()).value()["access_token"].as_str().map(String::from);
        let token = token.expect("a token");
        let metadata = json!({"metadata": {"invoice": "4711"}});
        let checkout = json!({"amount": 300, "description": "a sale", "payment": metadata});
        let checkout = cloud.handle(10, &jf::request(&token, "POST", "/checkouts", &checkout, "key 1")).value();
        let pay = json!({"checkout_id": checkout["id"], "terminal_id": jf::TERMINAL_ID});
        cloud.handle(20, &jf::request(&token, "POST", "/terminals/pay", &pay, "key 2"));
    });
    for vendor in ["payjunction", "ebizcharge", "justifi"] {
        assert_eq!(sale(vendor, "4711"), r#"{"charges":0,"moved":0,"submits":1}"#, "{vendor}");
    }
    server.advance(60_000);
    for (vendor, cents) in [("payjunction", 100), ("ebizcharge", 200), ("justifi", 300)] {
        assert_eq!(sale(vendor, "4711"), format!(r#"{{"charges":1,"moved":{cents},"submits":1}}"#), "{vendor}");
        assert_eq!(sale(vendor, "4712"), r#"{"charges":0,"moved":0,"submits":0}"#, "{vendor}");
    }
    assert_eq!(sale("nobody", "4711"), r#"{"message":"no such page"}"#);
}

fn connect_tls(server: &Server) -> rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    let pem = std::fs::read(server.ca_file().expect("a file")).expect("readable");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).expect("PEM")).expect("an authority");
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = server.base_url().trim_start_matches("https://").to_string();
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let tls = rustls::ClientConnection::new(Arc::new(config), name).expect("a connection");
    rustls::StreamOwned::new(tls, TcpStream::connect(address).expect("the server listens"))
}

#[test]
fn a_reset_under_tls() {
    let server = Server::start(Options { tls: true, ..Options::default() });
    server.with(|cloud| cloud.fail_next(CallKind::ListTerminals, When::After, Fault::Reset));
    let mut stream = connect_tls(&server);
    write(&mut stream, &list());
    let error = stream.read(&mut [0; 64]).err().map(|e| e.kind());
    assert_eq!(error, Some(ErrorKind::ConnectionReset));
    assert_eq!(server.with(|cloud| cloud.count(CallKind::ListTerminals)), 1);
}

#[test]
fn one_handshake_serves_many_calls() {
    let server = Server::start(Options { tls: true, ..Options::default() });
    let mut stream = connect_tls(&server);
    for _ in 0..3 {
        write(&mut stream, &list().with_header("Connection", "keep-alive"));
        let mut text = String::new();
        while !text.ends_with("0\r\n\r\n") {
            let mut bytes = [0; 4096];
            let n = stream.read(&mut bytes).expect("an answer");
            text += &String::from_utf8_lossy(&bytes[..n]);
        }
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        std::thread::sleep(Duration::from_millis(110));
    }
    assert_eq!((server.connections(), server.handshakes()), (1, 1));
    let file = server.ca_file().expect("a file").to_path_buf();
    drop(server);
    assert!(!file.exists());
}

#[test]
fn idle_and_slammed_connections() {
    let server = Server::start(Options { idle_ms: 200, ..Options::default() });
    let mut stream = connect(&server);
    write(&mut stream, &list().with_header("Connection", "keep-alive"));
    let start = Instant::now();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer, then the end");
    assert!(start.elapsed() >= Duration::from_millis(200));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("0\r\n\r\n"), "{text}");
    server.slam(1);
    assert_eq!(exchange(&server, &list()).0, "");
    assert!(exchange(&server, &list()).0.starts_with("HTTP/1.1 200"));
    assert_eq!(server.with(|cloud| cloud.count(CallKind::ListTerminals)), 2);
}

#[test]
fn a_stopped_server_refuses() {
    let server = Server::start(Options::default());
    let address = server.base_url().trim_start_matches("http://").to_string();
    let _idle = connect(&server);
    drop(server);
    assert_eq!(TcpStream::connect(address).err().map(|e| e.kind()), Some(ErrorKind::ConnectionRefused));
}

#[test]
fn both_vendors_share_the_port() {
    let server = Server::start(Options { device_speed: 100, ..Options::default() });
    server.with_ebizcharge(|cloud| cloud.fail_next(CallKind::Submit, When::After, Fault::Reset));
    let sale = serde_json::json!({"command": "sale", "amount": "8.88", "orderid": "wire"});
    let (text, error) = exchange(&server, &ebc::request("POST", "/paymentengine/payrequests", &sale, "1"));
    assert_eq!((text.as_str(), error), ("", Some(ErrorKind::ConnectionReset)));
    std::thread::sleep(Duration::from_millis(300));
    let (text, _) = exchange(&server, &ebc::request("GET", "/transactions", &serde_json::Value::Null, "2"));
    assert!(
        text.contains("\"orderid\":\"wire\"") && text.to_ascii_lowercase().contains("x-rate-limit: 2 of 45/min"),
        "{text}"
    );
    server.with_ebizcharge(|cloud| {
        assert_eq!((cloud.submits("wire"), cloud.charges("wire").len(), cloud.violations()), (1, 1, &[][..]));
    });
    assert!(server.with(|cloud| cloud.calls().is_empty() && cloud.violations().is_empty()));
}

#[test]
fn the_page_of_the_second_vendor() {
    let server = Server::start(Options::default());
    let post = |path: &str, body: &str| {
        let request = Request::new("POST", path)
            .with_header("Content-Type", "application/json")
            .with_header("Content-Length", &body.len().to_string())
            .with_body(body);
        exchange(&server, &request).0
    };
    assert!(post("/_simulator/ebizcharge/script", r#"{"scenario":{"Fail":21102}}"#).starts_with("HTTP/1.1 200"));
    assert!(post("/_simulator/ebizcharge/switches", r#"{"cancel":"Ignored"}"#).starts_with("HTTP/1.1 200"));
    let sale = serde_json::json!({"command": "sale", "amount": "8.88"});
    exchange(&server, &ebc::request("POST", "/paymentengine/payrequests", &sale, "1"));
    let (state, _) = exchange(&server, &Request::new("GET", "/_simulator/ebizcharge/state"));
    assert!(
        state.contains("\"Fail\":21102") && state.contains(ebc::DEVICE_KEY) && !state.contains("Basic "),
        "{state}"
    );
    assert_eq!(server.with_ebizcharge(|cloud| cloud.switches.cancel), ebc::Cancel::Ignored);
}

/// The body of an answer, which travels in chunks.
fn body(text: &str) -> serde_json::Value {
    let (_, mut rest) = text.split_once("\r\n\r\n").expect("a head");
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size");
        body += &after[..size];
        rest = after[size..].trim_start();
    }
    serde_json::from_str(&body).unwrap_or_default()
}

#[test]
fn the_third_vendor_shares_the_port() {
    let server = Server::start(Options { device_speed: 100, ..Options::default() });
    let (text, _) = exchange(&server, &jf::token_request());
    let token = body(&text)["access_token"].as_str().expect("a token").to_string();
    let call = |method: &str, target: &str, body: &serde_json::Value| {
        exchange(&server, &jf::request(&token, method, target, body, target))
    };
    let sale = serde_json::json!({"amount": 888, "description": "d", "metadata": {"key": "wire"}});
    let (text, _) = call("POST", "/checkouts", &sale);
    let id = body(&text)["id"].as_str().expect("a checkout").to_string();
    server.with_justifi(|cloud| cloud.fail_next(CallKind::Submit, When::After, Fault::Reset));
    let pay = serde_json::json!({"checkout_id": id, "terminal_id": jf::TERMINAL_ID});
    let (text, error) = call("POST", "/terminals/pay", &pay);
    assert_eq!((text.as_str(), error), ("", Some(ErrorKind::ConnectionReset)));
    std::thread::sleep(Duration::from_millis(300));
    let (text, _) = call("GET", &format!("/checkouts/{id}"), &serde_json::Value::Null);
    assert_eq!(body(&text)["data"]["status"], "completed", "{text}");
    server.with_justifi(|cloud| {
        assert_eq!((cloud.submits("wire"), cloud.charges("wire").len(), cloud.violations()), (1, 1, &[][..]));
    });
    assert!(server.with(|cloud| cloud.calls().is_empty() && cloud.violations().is_empty()));
}

#[test]
fn the_page_of_the_third_vendor() {
    let server = Server::start(Options::default());
    let post = |path: &str, body: &str| {
        let request = Request::new("POST", path)
            .with_header("Content-Type", "application/json")
            .with_header("Content-Length", &body.len().to_string())
            .with_body(body);
        exchange(&server, &request).0
    };
    let (text, _) = exchange(&server, &jf::token_request());
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(post("/_simulator/justifi/script", r#"{"scenario":{"Decline":116}}"#).starts_with("HTTP/1.1 200"));
    assert!(post("/_simulator/justifi/switches", r#"{"active_pay":"Queues"}"#).starts_with("HTTP/1.1 200"));
    let unplug = format!(r#"{{"terminal": "{}", "touch": "Unplug"}}"#, jf::TERMINAL_ID);
    assert!(post("/_simulator/justifi/touch", &unplug).starts_with("HTTP/1.1 200"));
    assert!(post("/_simulator/justifi/revoke", "{}").starts_with("HTTP/1.1 200"));
    assert!(post("/_simulator/justifi/nonsense", "{}").starts_with("HTTP/1.1 400"));
    let (state, _) = exchange(&server, &Request::new("GET", "/_simulator/justifi/state"));
    assert!(state.contains("\"Decline\":116") && state.contains(jf::TERMINAL_ID) && !state.contains("sim_"), "{state}");
    server.with_justifi(|cloud| {
        assert_eq!((cloud.switches.active_pay, cloud.terminals()[0].plugged), (jf::ActivePay::Queues, false));
    });
    let (text, _) = exchange(&server, &jf::request("sim_stale", "GET", "/terminals", &serde_json::Value::Null, ""));
    assert_eq!((&text[..12], &body(&text)["error"]["code"]), ("HTTP/1.1 401", &"not_authenticated".into()));
}
