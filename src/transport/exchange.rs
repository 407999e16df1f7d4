//! One call: write the request, read the reply, and explain a failure without giving anything away.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use ureq::http::{HeaderValue, Request, Response, request::Builder};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, RustlsConnector};
use ureq::{Agent, Body, Error};

use super::counter::CounterConnector;
use super::current::{self, Current, InHand, Phase};
use super::dial::Dialer;
use super::lookup::{CachingResolver, Lookups};
use super::settings::Settings;
use super::tcp::TcpConnector;
use super::tuning::Tuning;
use crate::http::{Delivery, HttpReply, HttpRequest, Method, RoadError};
use crate::os::{defect, elapsed_ms};
use crate::status::Status;

/// Bytes that the body of a reply may have.
pub const MOST_BODY: u64 = 1024 * 1024;

/// The way to one base URL: ureq with our layers in it.
pub struct Road {
    settings: Settings,
    tuning: Tuning,
    most_connections: usize,
    lookups: Arc<Lookups>,
    agent: Mutex<Agent>,
}

/// Why a call failed before ureq saw it, or what ureq said.
enum Failure {
    Request(&'static str),
    Road(Error),
}

impl Road {
    pub fn new(settings: Settings, most_connections: usize, tuning: Tuning) -> Road {
        let lookups = Arc::new(Lookups::new(tuning.clone()));
        let agent = Mutex::new(agent(&settings, most_connections, &lookups, &tuning));
        Road { settings, tuning, most_connections, lookups, agent }
    }

    pub fn tuning(&self) -> &Tuning {
        &self.tuning
    }

    /// Carries one request there and the reply back. Waits until the call's deadline at most, or until it is
    /// interrupted. A panic below is a failure of this call and of no other.
    pub fn carry(&self, call: Current, request: HttpRequest) -> Delivery {
        let _hand = InHand::take_up(call);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.try_carry(&request)));
        match outcome {
            Ok(Ok(reply)) => Delivery::Reply(reply),
            Ok(Err(Failure::Request(text))) => failed(Status::Config, text.to_owned()),
            Ok(Err(Failure::Road(error))) => explain(&error),
            Err(_) => {
                // The panic may have poisoned the agent's pool of connections.
                let fresh = agent(&self.settings, self.most_connections, &self.lookups, &self.tuning);
                *self.agent.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
                failed(Status::Internal, "the transport panicked".to_owned())
            }
        }
    }

    fn try_carry(&self, request: &HttpRequest) -> Result<HttpReply, Failure> {
        (self.tuning.before)(&request.path);
        defect("transport");
        if current::ask(false, |call| elapsed_ms() >= call.deadline_ms) {
            current::enter(Phase::Exchange);
            return Err(Failure::Road(Error::Timeout(ureq::Timeout::Global)));
        }
        let agent = self.agent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let head = self.head(request)?;
        // Without a body there is no Content-Length; an empty body of POST and PUT has one, of 0.
        let bodiless = request.body.is_empty() && matches!(request.method, Method::Get | Method::Delete);
        let invalid = |_| Failure::Request("the request is not valid HTTP");
        let response = if bodiless {
            agent.run(head.body(()).map_err(invalid)?)
        } else {
            agent.run(head.body(request.body.as_slice()).map_err(invalid)?)
        };
        (self.tuning.after)(&request.path);
        response.and_then(read).map_err(Failure::Road)
    }

    fn head(&self, request: &HttpRequest) -> Result<Builder, Failure> {
        // The parser would drop a fragment without a word.
        if !request.path.starts_with('/') || request.path.contains('#') {
            return Err(Failure::Request("the path of the request does not begin with a slash, or has a fragment"));
        }
        let uri = format!("{}{}", self.settings.base.text, request.path);
        let mut head = Request::builder().method(request.method.as_str()).uri(uri);
        for (name, secret) in &request.headers {
            let mut value = HeaderValue::from_str(secret.reveal())
                .map_err(|_| Failure::Request("a header of the request has a character that HTTP does not allow"))?;
            value.set_sensitive(true);
            head = head.header(*name, value);
        }
        Ok(head)
    }
}

fn agent(settings: &Settings, most_connections: usize, lookups: &Arc<Lookups>, tuning: &Tuning) -> Agent {
    let proxied = settings.proxy.is_some();
    let tcp = TcpConnector {
        proxied,
        dialer: Dialer::new(most_connections, tuning),
        lookups: lookups.clone(),
        tuning: tuning.clone(),
    };
    let chain =
        ().chain(ConnectProxyConnector::default())
            .chain(tcp)
            .chain(RustlsConnector::default())
            .chain(CounterConnector { proxied });
    let resolver = CachingResolver { lookups: lookups.clone(), proxied };
    Agent::with_parts(settings.config(most_connections, tuning), chain, resolver)
}

fn read(response: Response<Body>) -> Result<HttpReply, Error> {
    let (head, body) = response.into_parts();
    // ureq's limit refuses a body that fills it exactly.
    let body = body.into_with_config().limit(MOST_BODY + 1).read_to_vec()?;
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    Ok(HttpReply { status: head.status.as_u16(), headers, body })
}

/// The end of a call that brought no reply: lost if bytes left, else not sent.
fn failed(status: Status, text: String) -> Delivery {
    let sent_bytes = current::ask(0, |call| call.sent.get());
    let error = RoadError { status, text, sent_bytes };
    if sent_bytes == 0 { Delivery::NotSent(error) } else { Delivery::Lost(error) }
}

fn explain(error: &Error) -> Delivery {
    let (sent, phase, interrupted) =
        current::ask((0, Phase::Exchange, false), |call| (call.sent.get(), call.phase.get(), call.is_interrupted()));
    let lost = sent > 0;
    if interrupted {
        let status = if lost { Status::ConnectionLost } else { Status::Connect };
        return failed(status, "the call was interrupted".to_owned());
    }
    if current::is_too_late() {
        return failed(Status::Expired, "it came to leave after its time".to_owned());
    }
    let status = match (error, phase) {
        (Error::Http(_) | Error::BadUri(_) | Error::RequireHttpsOnly(_), _) => Status::Config,
        (Error::ConnectProxyFailed(_), _) | (_, Phase::Proxy) => Status::Proxy,
        (_, Phase::Lookup) => Status::Dns,
        (_, Phase::Connect) => Status::Connect,
        (_, Phase::Tls) => Status::Tls,
        (Error::Timeout(_), _) => Status::Timeout,
        (Error::Protocol(_) | Error::LargeResponseHeader(..), _) => Status::BadReply,
        (Error::BodyExceedsLimit(_) | Error::BodyStalled, _) => Status::BadReply,
        (_, Phase::Exchange) => Status::ConnectionLost,
    };
    failed(status, describe(error, phase))
}

/// One line for the programmer. ureq's errors that can hold a URL are not quoted.
fn describe(error: &Error, phase: Phase) -> String {
    let place = match phase {
        Phase::Lookup => "name lookup",
        Phase::Connect => "connect",
        Phase::Proxy => "proxy",
        Phase::Tls => "TLS handshake",
        Phase::Exchange => "exchange",
    };
    let what = match error {
        Error::Http(_) | Error::BadUri(_) | Error::RequireHttpsOnly(_) => "the request is not valid HTTP".to_owned(),
        Error::Timeout(_) => "no answer in time".to_owned(),
        Error::BodyExceedsLimit(_) => format!("the answer has more than {MOST_BODY} bytes"),
        Error::ConnectProxyFailed(text) => match text.strip_prefix("proxy server responded ") {
            // ureq names the number twice.
            Some(numbers) => format!("it refused the tunnel: {}", numbers.split('/').next().unwrap_or_default()),
            None => text.clone(),
        },
        Error::Io(e) => e.to_string(),
        other => other.to_string(),
    };
    format!("{place}: {what}")
}
