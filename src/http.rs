//! The message that vendors write and transport carries: a request, a reply, and whether it left.
//!
//! Nothing here knows a socket. `vendors` fills in a [`HttpRequest`], `transport` answers with a [`Delivery`].

use crate::secret::Secret;
use crate::status::Status;

/// The four methods the vendors' interfaces use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// One request to the vendor. The path is appended to the account's base URL; it starts with `/` and is already encoded.
///
/// There is no `Debug`: headers carry credentials and bodies carry the merchant's data.
pub struct HttpRequest {
    pub method: Method,
    pub path: String,
    /// Header values are secrets until proven otherwise: `Authorization` and the application key stand here.
    pub headers: Vec<(&'static str, Secret)>,
    pub body: Vec<u8>,
    /// True when the request can start or change a payment. It never rides a connection that idled for more than a few
    /// seconds, so that a stale socket cannot make a clean failure look unclear.
    pub submit: bool,
    /// The whole call may take this long, in milliseconds, connecting included.
    pub timeout_ms: u32,
    /// No byte of it may leave from this time on, on the clock of `os::elapsed_ms`: connecting may take long, and so may
    /// the sleep of a machine. `u64::MAX` for what does not grow old.
    pub leave_by_ms: u64,
}

/// What came back, as bytes. Parsing is the vendor module's business.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HttpReply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl HttpReply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// How a call ended. The difference between the last two decides whether money can have moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// The vendor, or something on the way, answered.
    Reply(HttpReply),
    /// Proof that no byte of the request left this machine.
    NotSent(RoadError),
    /// Some of the request may have left and no whole answer came.
    Lost(RoadError),
}

/// A failure of the road between the till and the vendor: one of the 200 codes, and what the system said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoadError {
    pub status: Status,
    pub text: String,
    /// Bytes of the request handed to the connection before it failed.
    pub sent_bytes: u64,
}
