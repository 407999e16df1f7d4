//! A request and its answer as plain values: what the clouds read and write, whatever carries it.

use crate::faults::Fault;

/// One HTTP request as it arrived.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// What stands after `?`, still encoded.
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// `target` is a path with an optional query, such as `/transactions?limit=5`.
    pub fn new(method: &str, target: &str) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request { method: method.into(), path: path.into(), query: query.into(), ..Request::default() }
    }

    /// Adds a header, or replaces the one of that name.
    pub fn with_header(mut self, name: &str, value: &str) -> Request {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn without_header(mut self, name: &str) -> Request {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Request {
        self.body = body.into();
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The query as decoded pairs, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(self.query.as_bytes())
    }

    /// The form body as decoded pairs, in order.
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

/// What the cloud answers, and what the connection does with it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Only faults of the connection stand here; a fault that is an answer (500, 429 ...) already is one.
    pub fault: Option<Fault>,
}

impl Answer {
    pub fn json(status: u16, body: &serde_json::Value) -> Answer {
        let mut answer = Answer { status, body: body.to_string().into_bytes(), ..Answer::default() };
        answer.set_header("Content-Type", "application/json");
        answer
    }

    pub fn html(status: u16, body: &str) -> Answer {
        let mut answer = Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() };
        answer.set_header("Content-Type", "text/html; charset=UTF-8");
        answer
    }

    pub fn empty(status: u16) -> Answer {
        Answer { status, ..Answer::default() }
    }

    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value.into()));
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `Null` when it is not JSON.
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or(serde_json::Value::Null)
    }
}
