//! A step becomes a request.

use super::{Usaepay, auth, body, errands};
use crate::http::{HttpRequest, Method};
use crate::payment::fact::{Action, Failure};
use crate::payment::plan::Step;
use crate::payment::{Kind, Payment};
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::{Account, Search};
use serde_json::{Map, Value};

/// The most that one page of a list holds, as far as is known.
pub(super) const PAGE: u32 = 100;

pub(super) fn of(
    vendor: &Usaepay,
    step: &Step,
    payment: &Payment,
    search: &Search,
    account: &Account,
) -> Result<HttpRequest, Failure> {
    let call = |method, path: String, body| vendor.call(method, &path, body, account);
    let own = || payment.request_id.as_deref().map(encode).ok_or_else(missing_id);
    Ok(match step {
        Step::Submit(action) => {
            let (path, body) = submit(payment, *action)?;
            HttpRequest { submit: true, ..call(Method::Post, path.to_owned(), Some(body)) }
        }
        Step::Watch => call(Method::Get, format!("/paymentengine/payrequests/{}", own()?), None),
        Step::Cancel => call(Method::Delete, format!("/paymentengine/payrequests/{}", own()?), None),
        Step::TerminalStatus => {
            let terminal = encode(&payment.intent.request.terminal);
            call(Method::Get, format!("/paymentengine/devices/{terminal}"), None)
        }
        Step::Settle { id } => call(Method::Get, format!("/transactions/{}", encode(id)), None),
        Step::SearchDuplicate if payment.folded.is_some() => {
            let id = payment.folded.as_ref().map(|folded| encode(&folded.id)).unwrap_or_default();
            call(Method::Get, format!("/transactions/{id}"), None)
        }
        // Filters are ignored, and only pages work: what is looked for is compared here.
        Step::Lookup | Step::Baseline | Step::SearchDuplicate => {
            call(Method::Get, format!("/transactions?limit={PAGE}&offset={}", search.offset), None)
        }
        Step::Errand => {
            let (method, path, body) = errands::request(payment, search)?;
            HttpRequest { submit: payment.is_sent_once(), ..call(method, path, body) }
        }
        Step::Prepare | Step::FetchAnswer { .. } => {
            return Err(Failure::new(Status::Unsupported, "there is no such call"));
        }
    })
}

impl Usaepay {
    fn call(&self, method: Method, path: &str, body: Option<Map<String, Value>>, account: &Account) -> HttpRequest {
        // A new seed for every call.
        let seed = auth::hex(&account.entropy);
        let mut headers = vec![
            ("Authorization", auth::authorization(&self.api_key, &self.pin, &seed)),
            ("Accept", Secret::from("application/json")),
        ];
        if body.is_some() {
            headers.push(("Content-Type", Secret::from("application/json")));
        }
        HttpRequest {
            method,
            path: format!("/api/{}{path}", encode(&self.endpoint_key)),
            headers,
            body: body.map(|body| Value::Object(body).to_string().into_bytes()).unwrap_or_default(),
            submit: false,
            timeout_ms: self.call_timeout_ms,
            leave_by_ms: u64::MAX,
        }
    }
}

fn submit(payment: &Payment, action: Action) -> Result<(&'static str, Map<String, Value>), Failure> {
    let request = &payment.intent.request;
    let original = || payment.intent.original_id.as_deref().ok_or_else(missing_id);
    let body = match (request.kind, action) {
        (Kind::Payment, Action::Capture | Action::Void) => {
            let seen = payment.confirmed_transaction().ok_or_else(missing_id)?;
            body::on_transaction(if action == Action::Void { "void" } else { "cc:capture" }, &seen.id)
        }
        (Kind::Payment | Kind::TerminalRefund, _) => {
            return Ok(("/paymentengine/payrequests", body::at_terminal(payment)));
        }
        (Kind::Void, _) | (Kind::Reverse, Action::Void) => body::void(request, original()?),
        (Kind::Capture, _) => body::capture(payment, original()?),
        (Kind::AdjustTip, _) => body::adjust(payment, original()?),
        (Kind::Refund | Kind::Reverse, _) => body::refund(payment, original()?),
        _ => return Err(Failure::new(Status::Unsupported, "the payment service cannot do that")),
    };
    Ok(("/transactions", body))
}

pub(super) fn missing_id() -> Failure {
    Failure::new(Status::Internal, "the id is not known")
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
