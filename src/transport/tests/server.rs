//! Servers that misbehave to order.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Listens on a port of this machine; every connection gets a thread. Lives until the process ends.
pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// `serve` gets each connection with its number, from 0.
    pub fn start(serve: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, serve) = (connections.clone(), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let serve = serve.clone();
                thread::spawn(move || serve(stream, number));
            }
        });
        Server { address, connections }
    }

    /// Answers every request of every connection with the same bytes.
    pub fn answering(answer: &'static [u8]) -> Server {
        Server::start(
            move |mut stream, _| {
                while read_request(&mut stream).is_some() && stream.write_all(answer).is_ok() {}
            },
        )
    }

    /// Reads one request, writes some bytes, and closes.
    pub fn closing_after(answer: &'static [u8]) -> Server {
        Server::start(move |mut stream, _| {
            read_request(&mut stream);
            let _ = stream.write_all(answer);
        })
    }

    /// Reads one request, writes some bytes, and then keeps silent.
    pub fn silent_after(answer: &'static [u8]) -> Server {
        Server::start(move |mut stream, _| {
            read_request(&mut stream);
            let _ = stream.write_all(answer);
            hold(stream);
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Keeps a connection open without reading from it, for longer than any test.
pub fn hold(stream: TcpStream) {
    thread::sleep(Duration::from_secs(30));
    drop(stream);
}

/// Head and body of one request; none when the other side has closed.
pub fn read_request(stream: &mut impl Read) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .to_ascii_lowercase()
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}
