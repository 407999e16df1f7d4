//! TLS: versions, trust, and what a handshake that fails proves.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version};

use super::server::{Server, hold, read_request};
use super::*;

/// A certificate for `shop.example.com` and 127.0.0.1, signed by itself, and a file that has it.
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
    file: PathBuf,
    _directory: tempfile::TempDir,
}

impl Identity {
    pub fn new() -> Identity {
        let names = ["shop.example.com".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("roots.pem");
        std::fs::write(&file, made.cert.pem()).unwrap();
        let key = made.signing_key.serialize_der();
        Identity { certificate: made.cert.der().clone(), key, file, _directory: directory }
    }

    pub fn trusted(&self, options: Options) -> Options {
        Options { tls_roots: TlsRoots::File(self.file.clone()), ..options }
    }

    fn config(&self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ServerConfig> {
        let versions = if versions.is_empty() { rustls::ALL_VERSIONS } else { versions };
        let key = PrivateKeyDer::try_from(self.key.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        Arc::new(builder.with_no_client_auth().with_single_cert(vec![self.certificate.clone()], key).unwrap())
    }
}

type TlsStream = StreamOwned<ServerConnection, std::net::TcpStream>;

fn tls_serving(
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
    serve: impl Fn(TlsStream) + Send + Sync + 'static,
) -> Server {
    let config = identity.config(versions);
    Server::start(move |stream, _| serve(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)))
}

/// Answers every request with `hi` and tells its head.
pub fn tls_server(
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
    tell: impl Fn(String) + Send + Sync + 'static,
) -> Server {
    tls_serving(identity, versions, move |mut stream| {
        while let Some((head, _)) = read_request(&mut stream) {
            tell(head);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap();
        }
    })
}

fn rig(identity: &Identity, server: &Server) -> Rig {
    Rig::with(identity.trusted(options(&format!("https://{}", server.address))), Tuning::default())
}

#[test]
fn both_versions_work_and_the_connection_is_kept() {
    let identity = Identity::new();
    for version in [&version::TLS12, &version::TLS13] {
        let server = tls_server(&identity, &[version], drop);
        let rig = rig(&identity, &server);
        for _ in 0..3 {
            assert_eq!(reply(rig.call(submit(post("/", b"x")))).body, b"hi");
        }
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_sent() {
    let identity = Identity::new();
    let server = tls_server(&identity, &[], drop);
    for roots in [TlsRoots::Bundled, TlsRoots::System] {
        let options = Options { tls_roots: roots, ..options(&format!("https://{}", server.address)) };
        assert_eq!(not_sent(Rig::with(options, Tuning::default()).call(post("/", b"x"))).status, Status::Tls);
    }
    let stranger = Identity::new();
    assert_eq!(not_sent(rig(&stranger, &server).call(post("/", b"x"))).status, Status::Tls);
}

#[test]
fn a_certificate_for_another_name_is_not_sent() {
    let identity = Identity::new();
    let server = tls_server(&identity, &[], drop);
    let find = Arc::new(|_: &str| Ok(vec![[127, 0, 0, 1].into()]));
    for (host, good) in [("shop.example.com", true), ("other.example.com", false)] {
        let options = identity.trusted(options(&format!("https://{host}:{}", server.address.port())));
        let delivery = Rig::with(options, Tuning { find: find.clone(), ..Tuning::default() }).call(post("/", b"x"));
        if good { drop(reply(delivery)) } else { assert_eq!(not_sent(delivery).status, Status::Tls) }
    }
}

#[test]
fn a_server_without_tls_is_not_sent() {
    let server = Server::closing_after(b"HTTP/1.1 400 Plain\r\n\r\n");
    let silent = Server::start(|stream, _| hold(stream));
    let closing = Server::start(|stream, _| drop(stream));
    let plain = Server::start(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 400 Plain\r\n\r\n");
        hold(stream);
    });
    for server in [server, silent, closing, plain] {
        let rig = Rig::new(&format!("https://{}", server.address));
        rig.start(1, within(400, post("/", b"x")));
        let (departed, delivery) = rig.finish(1);
        assert_eq!(not_sent(delivery).status, Status::Tls);
        assert!(!departed);
    }
}

#[test]
fn a_handshake_ends_with_the_time_for_connecting() {
    let silent = Server::start(|stream, _| hold(stream));
    let options = Options { connect_timeout_ms: 300, ..options(&format!("https://{}", silent.address)) };
    let begun = Instant::now();
    assert_eq!(not_sent(Rig::with(options, Tuning::default()).call(post("/", b"x"))).status, Status::Tls);
    assert!(begun.elapsed() < Duration::from_millis(600));
}

#[test]
fn a_body_cut_without_farewell_is_no_answer() {
    let identity = Identity::new();
    for farewell in [true, false] {
        let server = tls_serving(&identity, &[], move |mut stream| {
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"amount\":1").unwrap();
            if farewell {
                stream.write_all(b"0}").unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        });
        let delivery = rig(&identity, &server).call(get("/"));
        if farewell {
            assert_eq!(reply(delivery).body, b"{\"amount\":10}");
        } else {
            assert_eq!(lost(delivery).status, Status::ConnectionLost);
        }
    }
}

#[test]
fn a_large_answer_and_a_large_request_pass() {
    let identity = Identity::new();
    let server = tls_serving(&identity, &[], |mut stream| {
        let (_, body) = read_request(&mut stream).unwrap();
        stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        stream.flush().unwrap();
    });
    let body: Vec<u8> = (0..1_000_000_u32).map(|n| (n / 3) as u8).collect();
    assert!(reply(rig(&identity, &server).call(post("/", &body))).body == body);
}
