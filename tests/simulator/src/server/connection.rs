//! One connection: calls go to the cloud, answers come back, and faults are done to the stream itself.

use super::Shared;
use crate::ebizcharge;
use crate::faults::Fault;
use crate::http::{Answer, Request};
use crate::justifi;
use crate::page;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;

const BODY_MAX: usize = 1 << 20;

/// A stream that knows the socket under it.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Serves one connection until it ends or a fault ends it.
pub(super) async fn run<S: Wire>(stream: S, shared: Arc<Shared>) {
    let (breaker, mut broken) = mpsc::channel::<(Fault, Answer)>(1);
    let idle = shared.idle;
    let service = service_fn(move |call: hyper::Request<Incoming>| {
        let (shared, breaker) = (Arc::clone(&shared), breaker.clone());
        async move { Ok::<_, Infallible>(answer(call, &shared, &breaker).await) }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .serve_connection(TokioIo::new(stream), service);
    let fault = tokio::select! {
        _ = &mut connection => None,
        fault = broken.recv() => fault,
    };
    if let Some((fault, answer)) = fault {
        // What goes wrong from here on is what was asked for.
        let _ = commit(connection.into_parts().io.into_inner(), fault, &answer).await;
    }
}

/// The cloud's answer. When the fault is the connection's, this never ends: the connection is taken away.
async fn answer(
    call: hyper::Request<Incoming>,
    shared: &Shared,
    breaker: &mpsc::Sender<(Fault, Answer)>,
) -> hyper::Response<Chunks> {
    let arrived = shared.real_ms();
    let Some(request) = read(call).await else {
        return response(&Answer::empty(400));
    };
    let answer = ask(shared, arrived, &request);
    match answer.fault {
        None => response(&answer),
        Some(Fault::Delay(ms)) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            response(&answer)
        }
        Some(fault) => {
            let _ = breaker.send((fault, answer)).await;
            std::future::pending().await
        }
    }
}

/// The path says whose call it is.
fn ask(shared: &Shared, arrived: u64, request: &Request) -> Answer {
    if ebizcharge::Cloud::is_for(&request.path) {
        return shared.lock_ebizcharge().handle_paced(shared.now_ms(), arrived, request);
    }
    if justifi::Cloud::is_for(&request.path) {
        return shared.lock_justifi().handle_paced(shared.now_ms(), arrived, request);
    }
    if let Some(answer) = super::post::ask(shared, request) {
        return answer;
    }
    let mut cloud = shared.lock();
    if !page::is_ours(request) {
        return cloud.handle_paced(shared.now_ms(), arrived, request);
    }
    let mut ebizcharge = shared.lock_ebizcharge();
    cloud.advance(shared.now_ms());
    let mut justifi = shared.lock_justifi();
    ebizcharge.advance(shared.now_ms());
    justifi.advance(shared.now_ms());
    page::answer(page::Clouds { payjunction: &mut cloud, ebizcharge: &mut ebizcharge, justifi: &mut justifi }, request)
}

async fn read(call: hyper::Request<Incoming>) -> Option<Request> {
    let (head, body) = call.into_parts();
    let target = head.uri.path_and_query().map_or("/", |p| p.as_str());
    let mut request = Request::new(head.method.as_str(), target);
    for (name, value) in &head.headers {
        request.headers.push((name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    }
    request.body = Limited::new(body, BODY_MAX).collect().await.ok()?.to_bytes().to_vec();
    Some(request)
}

fn response(answer: &Answer) -> hyper::Response<Chunks> {
    let mut builder = hyper::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(Chunks::new(&answer.body)).unwrap_or_else(|_| hyper::Response::new(Chunks::default()))
}

/// A body in pieces of unknown sum, so that it travels chunked as PayJunction's answers do.
#[derive(Default)]
struct Chunks(VecDeque<Bytes>);

impl Chunks {
    fn new(body: &[u8]) -> Chunks {
        let (first, second) = body.split_at(body.len() / 2);
        Chunks([first, second].into_iter().filter(|part| !part.is_empty()).map(Bytes::copy_from_slice).collect())
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

/// Does the fault to the stream.
async fn commit<S: Wire>(mut stream: S, fault: Fault, answer: &Answer) -> std::io::Result<()> {
    match fault {
        Fault::Reset => stream.socket().set_zero_linger()?,
        Fault::Silence(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        Fault::Garbage => {
            stream.write_all(b"\x16\x03\x01\x00\xffthis is not HTTP\r\n\r\n").await?;
            stream.flush().await?;
        }
        Fault::HalfBody => {
            stream.write_all(head(answer).as_bytes()).await?;
            stream.write_all(&answer.body[..answer.body.len() / 2]).await?;
            stream.flush().await?;
        }
        _ => {}
    }
    Ok(())
}

fn head(answer: &Answer) -> String {
    let mut head = format!("HTTP/1.1 {} Simulated\r\n", answer.status);
    for (name, value) in &answer.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", answer.body.len().max(2));
    head
}
