//! JustiFi's terminal API, its checkouts, payment intents, payments and devices, pure: no clock, no socket, no thread.

mod authorize;
mod books;
mod checkout;
mod checkouts;
mod cloud;
mod counter;
mod dress;
mod errors;
mod hand;
mod idempotency;
mod intents;
mod issuer;
mod lists;
mod params;
mod pay;
mod payment;
mod payments;
mod refunds;
mod results;
mod route;
mod scenario;
mod session;
mod setup;
mod switches;
mod terminal;
mod terminals;
mod token;
mod webhook;

pub use checkout::{Checkout, CheckoutStatus, Completion};
pub use cloud::Cloud;
pub use intents::{Intent, IntentStatus};
pub use issuer::{Card, MASTERCARD, VISA, Verdict};
pub use payment::{Payment, PaymentState, Refund, RefundStatus};
pub use scenario::{AMOUNTS, Scenario, by_amount};
pub use session::{Progress, Session, SessionKind};
pub use setup::*;
pub use switches::{Abandoned, ActivePay, AmountType, ErrorShape, ListOrder, Switches};
pub use terminal::{Screen, Terminal, Touch};
pub use webhook::Published;

use crate::http::Request;
use serde_json::{Value, json};

/// What a call is for.
pub fn kind_of(request: &Request) -> crate::faults::CallKind {
    route::Route::of(request).kind()
}

/// The call that asks for a token, with the default credentials.
pub fn token_request() -> Request {
    with_json(Request::new("POST", "/oauth/token"), &json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}))
}

/// A call as a good client sends it. `target` stands behind `/v1`; writes come with `key` as their `Idempotency-Key` unless
/// it is empty. For tests of this crate and for tests that talk to a cloud by hand.
pub fn request(token: &str, method: &str, target: &str, body: &Value, key: &str) -> Request {
    let mut request = Request::new(method, &format!("/v1{target}"))
        .with_header("Authorization", &format!("Bearer {token}"))
        .with_header("Accept", "application/json")
        .with_header("Sub-Account", SUB_ACCOUNT);
    if method != "GET" && !key.is_empty() {
        request = request.with_header("Idempotency-Key", key);
    }
    if body.is_null() { request } else { with_json(request, body) }
}

fn with_json(request: Request, body: &Value) -> Request {
    let body = body.to_string();
    request
        .with_header("Content-Type", "application/json")
        .with_header("Content-Length", &body.len().to_string())
        .with_body(body)
}
