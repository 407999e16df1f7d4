//! Whether a request left, and what came back.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::channel;

use super::server::{Server, hold, read_request};
use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Y: z\r\n\r\nhi";

#[test]
fn a_reply_comes_back_whole() {
    let server = Server::answering(OK);
    let rig = Rig::new(&server.url());
    rig.start(1, get("/x"));
    let (departed, delivery) = rig.finish(1);
    let reply = reply(delivery);
    assert!(departed);
    assert_eq!((reply.status, reply.body.as_slice(), reply.header("X-Y")), (200, &b"hi"[..], Some("z")));
    assert!(reply.headers.iter().all(|(name, _)| *name == name.to_ascii_lowercase()));
}

#[test]
fn the_request_is_written_as_it_was_given() {
    let (tell, told) = channel();
    let server = Server::start(move |mut stream, _| {
        while let Some(request) = read_request(&mut stream) {
            tell.send(request).unwrap();
            stream.write_all(OK).unwrap();
        }
    });
    let rig = Rig::new(&format!("{}/prefix/", server.url()));
    let mut request = post("/v1/sales?a=b%20c", b"body");
    request.headers = vec![("authorization", Secret::new("Basic eDp5")), ("content-type", Secret::new("text/plain"))];
    reply(rig.call(request));
    let (head, body) = told.recv().unwrap();
    let mut lines: Vec<_> = head.trim_end().lines().map(str::to_owned).collect();
    assert_eq!(lines.remove(0), "POST /prefix/v1/sales?a=b%20c HTTP/1.1");
    lines.sort();
    let host = format!("host: {}", server.address);
    let wanted = ["authorization: Basic eDp5", "content-length: 4", "content-type: text/plain", &host];
    assert_eq!(lines, [&wanted[..], &["user-agent: PosJunction/test"]].concat());
    assert_eq!(body, b"body");

    reply(rig.call(post("/empty", b"")));
    assert!(told.recv().unwrap().0.contains("content-length: 0\r\n"));
    reply(rig.call(get("/none")));
    assert!(!told.recv().unwrap().0.contains("content-length"));
    reply(rig.call(super::request(Method::Delete, "/none", b"")));
    assert!(told.recv().unwrap().0.starts_with("DELETE /prefix/none HTTP/1.1\r\n"));
    reply(rig.call(super::request(Method::Put, "/put", b"12345")));
    assert_eq!(told.recv().unwrap().1, b"12345");
    reply(rig.call(super::request(Method::Patch, "/patch", b"123")));
    let (head, body) = told.recv().unwrap();
    assert!(head.starts_with("PATCH /prefix/patch HTTP/1.1\r\n") && body == b"123", "{head}");
}

#[test]
fn a_large_body_arrives_whole_at_a_slow_reader() {
    let (tell, told) = channel();
    let server = Server::start(move |mut stream, _| {
        std::thread::sleep(Duration::from_millis(200));
        tell.send(read_request(&mut stream).unwrap().1).unwrap();
        stream.write_all(OK).unwrap();
    });
    let body: Vec<u8> = (0..8_000_000_u32).map(|n| (n / 7) as u8).collect();
    reply(Rig::new(&server.url()).call(post("/", &body)));
    assert!(told.recv().unwrap() == body);
}

#[test]
fn a_refused_connection_is_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rig = Rig::new(&format!("http://{free}"));
    rig.start(1, post("/", b"x"));
    let (departed, delivery) = rig.finish(1);
    assert_eq!(not_sent(delivery).status, Status::Connect);
    assert!(!departed);
}

#[test]
fn a_server_that_reads_and_closes_loses_the_request() {
    let error = lost(Rig::new(&Server::closing_after(b"").url()).call(post("/", b"x")));
    assert_eq!(error.status, Status::ConnectionLost);
}

#[test]
fn a_server_that_resets_loses_the_request() {
    let server = Server::start(|mut stream, _| {
        // Closing with bytes unread resets.
        stream.read_exact(&mut [0; 10]).unwrap();
    });
    let error = lost(Rig::new(&server.url()).call(post("/", &[b'x'; 1000])));
    assert_eq!(error.status, Status::ConnectionLost);
}

#[test]
fn silence_ends_at_the_deadline() {
    let rig = Rig::new(&Server::silent_after(b"").url());
    let begun = Instant::now();
    rig.start(1, within(300, post("/", b"x")));
    let (departed, delivery) = rig.finish(1);
    assert_eq!(lost(delivery).status, Status::Timeout);
    assert!(departed);
    let took = begun.elapsed().as_millis();
    assert!((290..450).contains(&took), "{took} ms");
}

#[test]
fn drops_of_an_answer_do_not_move_the_deadline() {
    let server = Server::start(|mut stream, _| {
        read_request(&mut stream);
        for byte in OK.iter().cycle() {
            std::thread::sleep(Duration::from_millis(30));
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
        }
    });
    let begun = Instant::now();
    assert_eq!(lost(Rig::new(&server.url()).call(within(300, get("/")))).status, Status::Timeout);
    assert!(begun.elapsed().as_millis() < 500);
}

#[test]
fn half_an_answer_is_none() {
    let halves: [&'static [u8]; 6] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"half\":",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 302 Found\r\nLocation: /else\r\n",
        b"HTTP",
    ];
    for half in halves {
        let error = lost(Rig::new(&Server::closing_after(half).url()).call(post("/", b"x")));
        assert_eq!(error.status, Status::ConnectionLost, "{}", String::from_utf8_lossy(half));
    }
}

#[test]
fn a_body_that_ends_with_a_reset_is_none() {
    let server = Server::start(|mut stream, _| {
        stream.read_exact(&mut [0; 10]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"amount\":1").unwrap();
        std::thread::sleep(Duration::from_millis(100));
    });
    let error = lost(Rig::new(&server.url()).call(post("/", &[b'x'; 1000])));
    assert_eq!(error.status, Status::ConnectionLost);
}

#[test]
fn a_body_without_length_is_whole_when_the_server_closes_properly() {
    let server = Server::closing_after(b"HTTP/1.1 200 OK\r\n\r\nall of it");
    assert_eq!(reply(Rig::new(&server.url()).call(get("/"))).body, b"all of it");
}

#[test]
fn what_is_not_http_is_a_bad_reply() {
    let answers: [&'static [u8]; 3] = [
        b"220 mail.example.com ESMTP\r\n\r\n",
        b"HTTP/1.1 abc Wrong\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n",
    ];
    for answer in answers {
        let error = lost(Rig::new(&Server::silent_after(answer).url()).call(post("/", b"x")));
        assert_eq!(error.status, Status::BadReply, "{}", String::from_utf8_lossy(answer));
    }
}

/// An answer with a body of that many bytes, with its length said or not.
fn sized(bytes: usize, said: bool) -> Server {
    Server::start(move |mut stream, _| {
        read_request(&mut stream);
        let length = if said { format!("Content-Length: {bytes}\r\n") } else { String::new() };
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{length}\r\n").as_bytes());
        let _ = stream.write_all(&vec![b'x'; bytes]);
    })
}

#[test]
fn a_body_is_bounded() {
    let most = 1024 * 1024;
    for said in [true, false] {
        assert_eq!(reply(Rig::new(&sized(most, said).url()).call(get("/"))).body.len(), most);
        let error = lost(Rig::new(&sized(most + 1, said).url()).call(get("/")));
        assert_eq!(error.status, Status::BadReply);
    }
}

#[test]
fn a_head_is_bounded() {
    for (bytes, good) in [(10_000, true), (17_000, false), (100_000, false)] {
        let server = Server::start(move |mut stream, _| {
            read_request(&mut stream);
            let padding = "x".repeat(bytes);
            let answer = format!("HTTP/1.1 200 OK\r\nX-Long: {padding}\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
            hold(stream);
        });
        let delivery = Rig::new(&server.url()).call(get("/"));
        if good { drop(reply(delivery)) } else { assert_eq!(lost(delivery).status, Status::BadReply) }
    }
}

#[test]
fn every_status_is_a_reply_and_none_is_followed() {
    let answers: [(u16, &'static [u8]); 6] = [
        (302, b"HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n"),
        (307, b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /else\r\nContent-Length: 2\r\n\r\nhi"),
        (302, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
        (401, b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno"),
        (500, b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\noops"),
        (204, b"HTTP/1.1 204 No Content\r\n\r\n"),
    ];
    for (status, answer) in answers {
        let server = Server::answering(answer);
        let rig = Rig::new(&server.url());
        assert_eq!(reply(rig.call(post("/", b"x"))).status, status);
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn an_interim_answer_is_passed_over() {
    let answer: &'static [u8] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    let early: &'static [u8] =
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    for answer in [answer, early] {
        let reply = reply(Rig::new(&Server::answering(answer).url()).call(post("/", b"x")));
        assert_eq!((reply.status, reply.body.as_slice()), (200, &b"hi"[..]));
    }
}

#[test]
fn plain_http_to_another_machine_is_refused() {
    assert!(Rig::refused(options("http://api.example.com")).starts_with("base_url"));
    let proxied = Options { proxy: ProxyChoice::Url(Secret::new("socks5://p")), ..options("https://h") };
    assert!(Rig::refused(proxied).starts_with("proxy"));
    let rooted = Options { tls_roots: TlsRoots::File("/none.pem".into()), ..options("https://h") };
    assert!(Rig::refused(rooted).starts_with("tls_roots"));
    assert!(Rig::refused(Options { user_agent: "a\nb".into(), ..options("https://h") }).starts_with("user_agent"));
}

#[test]
fn a_request_that_is_not_http_is_not_sent_and_not_quoted() {
    let server = Server::answering(OK);
    let rig = Rig::new(&server.url());
    let mut request = get("/");
    request.headers = vec![("authorization", Secret::new("Basic hunter2\r\nX: y"))];
    for request in
        [request, get("/hunter2 x"), get("hunter2"), get("@hunter2/"), get("/#hunter2"), get("/hunter2\u{1}")]
    {
        let error = not_sent(rig.call(request));
        assert_eq!(error.status, Status::Config);
        assert!(!error.text.contains("hunter2"), "{}", error.text);
    }
    assert_eq!(server.connections(), 0);
}
