//! What the cloud remembers of each call.

use crate::faults::{CallKind, Fault, When};
use crate::http::{Answer, Request};
use serde::Serialize;

const SECRET_HEADERS: [&str; 3] = ["authorization", "x-pj-application-key", "cookie"];
const SECRET_FIELDS: [&str; 4] = ["cardnumber", "cardcvv", "swipe", "password"];
const SECRET_MEMBERS: [&str; 2] = ["client_secret", "access_token"];

/// One call: when it came, what it said, what it got.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    pub at_ms: u64,
    pub kind: CallKind,
    pub method: String,
    pub path: String,
    pub query: String,
    /// Credentials are masked.
    pub headers: Vec<(String, String)>,
    /// The form with card data masked, or the JSON with secrets masked.
    pub body: String,
    pub status: u16,
    pub answer: String,
    pub fault: Option<(When, Fault)>,
}

impl Call {
    pub fn new(at_ms: u64, kind: CallKind, request: &Request, answer: &Answer, fault: Option<(When, Fault)>) -> Call {
        Call {
            at_ms,
            kind,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.iter().map(masked_header).collect(),
            body: masked_json(masked_body(&request.body)),
            status: answer.status,
            answer: masked_json(answer.text()),
            fault,
        }
    }
}

fn masked_header((name, value): &(String, String)) -> (String, String) {
    let secret = SECRET_HEADERS.iter().any(|s| name.eq_ignore_ascii_case(s));
    (name.clone(), if secret { "***".into() } else { value.clone() })
}

fn masked_body(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if SECRET_FIELDS.contains(&name.to_ascii_lowercase().as_str()) => format!("{name}=***"),
        _ => pair.to_string(),
    };
    text.split('&').map(mask).collect::<Vec<_>>().join("&")
}

fn masked_json(text: String) -> String {
    if !SECRET_MEMBERS.iter().any(|name| text.contains(name)) {
        return text;
    }
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(&text) else { return "***".into() };
    for name in SECRET_MEMBERS {
        if let Some(member) = value.get_mut(name) {
            *member = "***".into();
        }
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        let request = Request::new("POST", "/transactions")
            .with_header("Authorization", "Basic c2VjcmV0")
            .with_body("action=CHARGE&cardNumber=4444333322221111");
        let call = Call::new(0, CallKind::Other, &request, &Answer::empty(200), None);
        let text = format!("{call:?}");
        assert!(!text.contains("c2VjcmV0") && !text.contains("4444333322221111"), "{text}");
        assert_eq!(call.body, "action=CHARGE&cardNumber=***");
    }

    #[test]
    fn secrets_in_json_are_masked() {
        let request = Request::new("POST", "/oauth/token").with_body(r#"{"client_id":"c","client_secret":"s3cret"}"#);
        let answer = Answer::json(200, &serde_json::json!({"access_token": "t0ken"}));
        let call = Call::new(0, CallKind::Authenticate, &request, &answer, None);
        assert_eq!(call.body, r#"{"client_id":"c","client_secret":"***"}"#);
        assert_eq!(call.answer, r#"{"access_token":"***"}"#);
    }
}
