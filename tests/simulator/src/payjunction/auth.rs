//! The gate: pace, credentials, headers.

use crate::faults::CallKind;
use crate::http::{Answer, Request};
use crate::payjunction::cloud::Cloud;
use crate::payjunction::route::Route;
use crate::payjunction::setup::VERSION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

const CALL_GAP_MS: u64 = 100;
const POLL_GAP_MS: u64 = 500;

/// An error body with nothing but a message.
pub(super) fn refusal(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"errors": [{"message": message}]}))
}

pub(super) fn not_found() -> Answer {
    refusal(404, "404 Not Found")
}

impl Cloud {
    /// Whether this call breaks a rate limit. A call that is turned away does not count as one.
    pub(super) fn too_fast(&mut self, route: &Route, pace_ms: u64, request: &Request) -> bool {
        let account = request.header("authorization").unwrap_or_default().to_string();
        let tolerance = self.setup.tolerance_ms;
        let gap = |last: Option<&u64>| last.map(|at| pace_ms.saturating_sub(*at));
        if let Some(gap) = gap(self.last_call.get(&account)).filter(|gap| gap + tolerance < CALL_GAP_MS) {
            self.violate(format!("{} {} came {gap} ms after the call before", request.method, request.path));
            return true;
        }
        if let Route::Poll(id) = route {
            if let Some(gap) = gap(self.last_poll.get(id)).filter(|gap| gap + tolerance < POLL_GAP_MS) {
                self.violate(format!("poll of {id} came {gap} ms after the poll before"));
                return true;
            }
            self.last_poll.insert(id.clone(), pace_ms);
        }
        self.last_call.insert(account, pace_ms);
        false
    }

    /// Credentials and headers. Yields the API version the call asked for.
    pub(super) fn gate(&mut self, kind: CallKind, request: &Request) -> Result<String, Answer> {
        self.check_accept(request)?;
        self.check_credentials(request)?;
        self.check_length(request)?;
        self.check_content_type(request);
        if self.switches.forbidden.contains(&kind) {
            return Err(refusal(403, "You do not have permission to perform this action."));
        }
        Ok(self.version(request))
    }

    fn check_accept(&mut self, request: &Request) -> Result<(), Answer> {
        let Some(accept) = request.header("accept") else {
            self.violate("no Accept header");
            return Ok(());
        };
        if ["application/json", "*/*", "application/*"].iter().any(|kind| accept.contains(kind)) {
            return Ok(());
        }
        self.violate(format!("Accept: {accept}"));
        Err(refusal(406, "406 Not Acceptable"))
    }

    fn check_credentials(&mut self, request: &Request) -> Result<(), Answer> {
        if request.header("authorization").is_none() {
            self.violate("no Authorization header: credentials must be sent with the first request");
        }
        let expected = format!("{}:{}", self.setup.login, self.setup.password);
        let sent = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
        let decoded = sent.and_then(|value| STANDARD.decode(value.trim()).ok());
        let known = decoded.as_deref() == Some(expected.as_bytes());
        if known && request.header("x-pj-application-key") == Some(self.setup.application_key.as_str()) {
            return Ok(());
        }
        let mut answer = refusal(401, "Authentication failed. The API login and/or password is wrong.");
        answer.set_header("WWW-Authenticate", "Basic realm=\"PayJunction\"");
        Err(answer)
    }

    fn check_length(&mut self, request: &Request) -> Result<(), Answer> {
        let told = request.header("content-length").is_some() || request.header("transfer-encoding").is_some();
        if request.method == "GET" || told {
            return Ok(());
        }
        self.violate(format!("{} {} has no Content-Length", request.method, request.path));
        Err(refusal(411, "411 Length Required"))
    }

    fn check_content_type(&mut self, request: &Request) {
        if request.body.is_empty() {
            return;
        }
        if request.method == "GET" {
            self.violate("a GET with a body");
        }
        if !is_form(request) {
            self.violate(format!("Content-Type: {}", request.header("content-type").unwrap_or("(none)")));
        }
    }

    fn version(&mut self, request: &Request) -> String {
        let version = request.header("pj-version").unwrap_or_default();
        let shape = |(i, b): (usize, u8)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() };
        if version.len() == 10 && version.bytes().enumerate().all(shape) {
            return version.to_string();
        }
        self.violate(format!("PJ-Version: {}", if version.is_empty() { "(none)" } else { version }));
        VERSION.to_string()
    }
}

/// Whether the body is declared as a form; anything else is not read.
pub(super) fn is_form(request: &Request) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
