//! PayJunction's REST API and its smart terminals, pure: no clock, no socket, no thread.

mod actions;
mod auth;
mod authorize;
mod books;
mod changes;
mod cloud;
mod device;
mod documents;
mod issuer;
mod route;
mod rules;
mod scenario;
mod setup;
mod smart;
mod switches;
mod terminal;
mod transaction;
mod webhook;

pub use cloud::Cloud;
pub use documents::{Email, SIGNATURE_PNG};
pub use issuer::{Card, MASTERCARD, PIN_DEBIT, VISA, Verdict};
pub use scenario::{AMOUNTS, Scenario, by_amount};
pub use setup::*;
pub use switches::{CanceledRequest, MainReply, SearchOrder, Switches};
pub use terminal::{RequestStatus, Screen, Task, Terminal, TerminalRequest, Touch};
pub use transaction::{Action, Amounts, Status, Transaction};
pub use webhook::EventKind;

use crate::http::Request;

/// What a call is for.
pub fn kind_of(request: &Request) -> crate::faults::CallKind {
    route::Route::of(request).kind(request)
}

/// A call as a good client sends it: the default credentials, all headers, the form encoded. For tests of this crate and
/// for tests that talk to a cloud by hand.
pub fn request(method: &str, target: &str, form: &[(&str, &str)]) -> Request {
    use base64::Engine;
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{LOGIN}:{PASSWORD}"));
    let mut request = Request::new(method, target)
        .with_header("Authorization", &format!("Basic {credentials}"))
        .with_header("X-PJ-Application-Key", APPLICATION_KEY)
        .with_header("Accept", "application/json")
        .with_header("PJ-Version", VERSION);
    if method != "GET" {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        request = request
            .with_header("Content-Type", "application/x-www-form-urlencoded")
            .with_header("Content-Length", &body.len().to_string())
            .with_body(body);
    }
    request
}
