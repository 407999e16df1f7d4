//! POST /oauth/token: the key pair becomes a token for a day (API reference, Authentication).

use super::JustiFi;
use super::answer::Answer;
use crate::http::{HttpReply, HttpRequest, Method};
use crate::payment::fact::Failure;
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::Session;
use crate::vendors::codes::Call;
use serde_json::{Value, json};

/// "Tokens last 24 hours."
const LASTS_S: u64 = 86_400;

pub(super) fn request(account: &JustiFi) -> HttpRequest {
    let (id, secret) = (account.client_id.reveal(), account.client_secret.reveal());
    HttpRequest {
        method: Method::Post,
        path: "/oauth/token".to_owned(),
        headers: vec![("Content-Type", Secret::from("application/json")), ("Accept", Secret::from("application/json"))],
        body: json!({"client_id": id, "client_secret": secret}).to_string().into_bytes(),
        submit: false,
        timeout_ms: account.call_timeout_ms,
        leave_by_ms: u64::MAX,
    }
}

/// Only `access_token` is documented; `expires_in` counts where it stands.
pub(super) fn read(reply: &HttpReply) -> Result<Session, Failure> {
    let answer = Answer::of(reply);
    let body = answer.json().filter(|_| reply.is_success());
    let token = body.and_then(|body| body.get("access_token")).and_then(Value::as_str);
    // It becomes a header.
    let Some(token) = token.filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())) else {
        return Err(failure(&answer));
    };
    let told = body.and_then(|body| body.get("expires_in")).and_then(Value::as_u64);
    let lasts = told.filter(|seconds| (1..LASTS_S).contains(seconds)).unwrap_or(LASTS_S);
    Ok(Session { token: Secret::new(token), lasts_ms: lasts * 1_000 })
}

/// Whatever the vendor itself has against a key pair, the same key pair will not change.
fn failure(answer: &Answer) -> Failure {
    let http = answer.reply.status;
    let mut failure = answer.failure(Call::Read);
    if answer.is_own_error() && matches!(http, 400..=499) && !matches!(http, 403 | 408 | 409 | 429) {
        failure = Failure { http_status: failure.http_status, ..Failure::new(Status::Unauthorized, failure.text) };
    }
    if answer.reply.is_success() {
        // Its body may hold a token.
        failure.text = String::from("the answer holds no token");
    }
    failure
}
