//! The message that vendors write and transport carries: a request, a reply, and whether it left.
//!
//! Nothing here knows a socket. `vendors` fills in a [`HttpRequest`], `transport` answers with a [`Delivery`].

use crate::secret::Secret;
use crate::status::Status;

/// The methods the vendors' interfaces use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
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
    /// True when the request can start or change a payment, or must not be done twice. It never rides a connection that idled for more than a few
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

/// The moment that a `Date` header tells, in milliseconds since 1970: `Fri, 20 Nov 2026 12:00:00 GMT` (RFC 9110,
/// IMF-fixdate). The two older forms, which nobody sends any more, are not read.
pub fn parse_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.trim().split_once(", ")?;
    let parts: Vec<&str> = rest.split([' ', ':']).collect();
    let [day, month, year, hour, minute, second, "GMT"] = parts[..] else { return None };
    let digits = |text: &str, count: usize| {
        let fits = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| fits)
    };
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let (day, year) = (digits(day, 2)?, digits(year, 4)?);
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    if !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970 by the civil calendar, with years that begin in March, so that the leap day comes last.
    let march_year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * march_year + march_year / 4 - march_year / 100 + march_year / 400 + day_of_year - 719_468;
    Some((days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::parse_date;

    #[test]
    fn a_date_header_is_read_and_anything_else_is_not() {
        assert_eq!(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(parse_date("Thu, 20 Nov 2025 12:00:00 GMT"), Some(1_763_640_000_000));
        assert_eq!(parse_date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199_000));
        assert_eq!(parse_date("Fri, 31 Dec 1999 23:59:60 GMT"), Some(946_684_800_000));
        for bad in [
            "",
            "now",
            "Thursday, 20-Nov-25 12:00:00 GMT",
            "Thu Nov 20 12:00:00 2025",
            "Thu, 20 Nov 2025 12:00:00 PST",
            "Thu, 20 Foo 2025 12:00:00 GMT",
            "Thu, 20 Nov 2025 24:00:00 GMT",
            "Thu, 00 Nov 2025 12:00:00 GMT",
            "Thu, 20 Nov 9999999999 12:00:00 GMT",
            "Thu, 20 Nov 2025 12:00 GMT",
            "Thu, +2 Nov 2025 12:00:00 GMT",
        ] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }
}
