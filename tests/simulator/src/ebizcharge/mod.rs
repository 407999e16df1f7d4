//! EBizCharge's Payment Engine, which is USAePay's, and its devices, pure: no clock, no socket, no thread.

mod admission;
mod auth;
mod authorize;
mod books;
mod changes;
mod cloud;
mod counter;
mod device;
mod devices;
mod envelope;
mod fields;
mod hand;
mod issuer;
mod limits;
mod params;
mod payrequest;
mod progress;
mod route;
mod scenario;
mod setup;
mod switches;
mod transaction;
mod webhook;

pub use auth::authorization;
pub use cloud::Cloud;
pub use device::{Device, Screen, Touch};
pub use issuer::{Card, MASTERCARD, PIN_DEBIT, VISA, Verdict};
pub use payrequest::{PayRequest, Status};
pub use scenario::{AMOUNTS, Scenario, by_amount};
pub use setup::*;
pub use switches::{
    Cancel, CompletePlace, CompleteType, Duplicates, ExpiredKey, SearchOrder, SumRule, Switches, TimeoutReply,
    TokenPlace,
};
pub use transaction::{Amounts, Kind, State, Transaction};

use crate::http::Request;
use serde_json::Value;

/// A call as a good client sends it: the default key and PIN, and a seed that the caller never uses again. `target` stands
/// behind `/api/v2`. For tests of this crate and for tests that talk to a cloud by hand.
pub fn request(method: &str, target: &str, body: &Value, seed: &str) -> Request {
    let request = Request::new(method, &format!("/api/v2{target}"))
        .with_header("Authorization", &authorization(API_KEY, seed, PIN))
        .with_header("Accept", "application/json");
    if body.is_null() {
        return request;
    }
    let body = body.to_string();
    request
        .with_header("Content-Type", "application/json")
        .with_header("Content-Length", &body.len().to_string())
        .with_body(body)
}
