//! A reply, as far as it could be understood. Envelopes are read leniently: the documents do not agree about them.

use super::codes::TABLE;
use crate::http::HttpReply;
use crate::payment::cardmask;
use crate::payment::fact::{Fact, Failure};
use crate::vendors::Reading;
use crate::vendors::codes::{Call, Row, foreign};
use serde_json::Value;

/// After a refusal by a rate limit, when the vendor names no pause.
const THROTTLE_MS: u32 = 1_000;
/// After a read that the vendor refused for its credentials, a second time.
const REFUSED_READ_MS: u32 = 60_000;

pub(super) struct Answer<'a> {
    pub reply: &'a HttpReply,
    json: Option<Value>,
}

/// One page of a list.
pub(super) struct Page<'a> {
    pub items: &'a [Value],
    /// Where the next page begins. `Some("")`: there is one, and nobody knows where.
    pub next: Option<String>,
}

impl Answer<'_> {
    pub(super) fn of(reply: &HttpReply) -> Answer<'_> {
        Answer { reply, json: serde_json::from_slice(&reply.body).ok().filter(Value::is_object) }
    }

    pub(super) fn json(&self) -> Option<&Value> {
        self.json.as_ref()
    }

    /// The body of a success.
    pub(super) fn body(&self) -> Option<&Value> {
        self.json.as_ref().filter(|_| self.reply.is_success())
    }

    /// The object of a success, in its envelope or without one.
    pub(super) fn data(&self) -> Option<&Value> {
        let body = self.body()?;
        match body.get("data") {
            Some(data) => Some(data).filter(|data| data.is_object()),
            None => Some(body),
        }
    }

    pub(super) fn page(&self) -> Option<Page<'_>> {
        let body = self.body()?;
        let items = body.get("data")?.as_array()?;
        let more = body.pointer("/page_info/has_next").and_then(Value::as_bool).unwrap_or(false);
        let cursor = body.pointer("/page_info/end_cursor").and_then(Value::as_str).unwrap_or_default();
        Some(Page { items, next: more.then(|| cursor.to_owned()) })
    }

    /// Whether this is the vendor's own word for a failure, in one of the four shapes that were seen, and not a page of
    /// something that stands in between.
    pub(super) fn is_own_error(&self) -> bool {
        !self.reply.is_success() && !self.messages().is_empty()
    }

    /// The vendor's word for what went wrong.
    pub(super) fn code(&self) -> &str {
        let code = self.json.as_ref().and_then(|json| json.pointer("/error/code"));
        code.and_then(Value::as_str).unwrap_or_default().trim()
    }

    fn messages(&self) -> Vec<&str> {
        let Some(json) = &self.json else { return Vec::new() };
        let places =
            [json.pointer("/error/message"), json.pointer("/error/code"), json.get("error"), json.get("message")];
        let one = places.into_iter().flatten().filter_map(Value::as_str).find(|text| !text.is_empty());
        let list = json.get("errors").and_then(Value::as_array).into_iter().flatten();
        one.into_iter().chain(list.filter_map(Value::as_str)).collect()
    }

    fn text(&self) -> String {
        let said = self.messages().join(" ");
        let param = self.json.as_ref().and_then(|json| json.pointer("/error/param")).and_then(Value::as_str);
        let said = param.map_or_else(|| said.clone(), |name| format!("{name}: {said}"));
        let text = match (said.is_empty() || self.reply.is_success(), self.code()) {
            (true, _) => format!("HTTP status {}", self.reply.status),
            (false, "") => said,
            (false, code) if said == code => said,
            (false, code) => format!("{said} ({code})"),
        };
        masked(&text, 300)
    }

    /// What the failure of the call means.
    pub(super) fn row(&self, call: Call) -> &'static Row {
        let http = self.reply.status;
        if self.is_own_error() { TABLE.reply(call, http, self.code()) } else { foreign(http) }
    }

    pub(super) fn failure(&self, call: Call) -> Failure {
        self.row(call).failure(self.reply.status, self.code(), self.text())
    }

    pub(super) fn pause_ms(&self) -> u32 {
        let seconds = self.reply.header("retry-after").and_then(|text| text.trim().parse::<u32>().ok());
        match (seconds, self.reply.status) {
            (Some(seconds), _) => seconds.min(3_600) * 1_000,
            (None, 429) => THROTTLE_MS,
            _ => 0,
        }
    }

    /// The token is not taken any more, by the vendor's own word.
    pub(super) fn is_token_refused(&self) -> bool {
        self.reply.status == 401 && self.is_own_error()
    }

    /// A read that says nothing. A new token heals one refusal; a second one in a row waits.
    pub(super) fn read_failed(&self, refused_before: bool) -> Reading {
        let again = refused_before && self.is_token_refused();
        let pause_ms = if again || self.reply.status == 403 { REFUSED_READ_MS } else { self.pause_ms() };
        Reading {
            facts: vec![Fact::ReadFailed { failure: self.failure(Call::Read), pause_ms }],
            session_over: self.is_token_refused(),
            ..Reading::default()
        }
    }
}

/// A text of the vendor, masked and shortened.
pub(super) fn masked(text: &str, most: usize) -> String {
    cardmask::excerpt(text, most)
}

/// A text, or a number as text. Empty when it is neither.
pub(super) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.chars().take(200).collect(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// An id: a text that is not empty.
pub(super) fn id(value: &Value, key: &str) -> Option<String> {
    Some(text(value, key)).filter(|id| !id.is_empty())
}

/// A word of an open set, compared in lower case.
pub(super) fn word(value: &Value, key: &str) -> String {
    text(value, key).trim().to_ascii_lowercase()
}

/// Cents: whole numbers, as `10000`, `"10000"` or `10000.0`.
pub(super) fn cents(value: &Value, key: &str) -> Option<i64> {
    let text = text(value, key);
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let plain = !whole.is_empty() && digits(whole) && part.bytes().all(|b| b == b'0');
    plain.then(|| whole.parse().ok()).flatten()
}
