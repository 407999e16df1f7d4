//! EBizCharge and USAePay: one gateway under two names, its Payment Engine for terminals and its REST API for the books.
//!
//! Sources: the vendor's pages on the Payment Engine (POST, GET and DELETE /paymentengine/payrequests, devices) and on the
//! REST API (authentication, rate limits, transactions, error codes). Bodies are JSON both ways.

mod auth;
mod body;
mod books;
pub mod codes;
mod errands;
mod json;
mod judge;
mod limits;
mod reply;
mod report;
mod request;
#[cfg(test)]
mod tests;
mod webhook;
mod words;

#[cfg(test)]
pub use webhook::SCHEME as WEBHOOKS;

use super::webhook::Scheme;
use super::{Account, Feature, Known, Policy, Reading, Search, Vendor};
use crate::config::{Config, Credentials};
use crate::http::{HttpReply, HttpRequest};
use crate::payment::fact::Failure;
use crate::payment::fields::{Checked, Fault};
use crate::payment::plan::{Absence, CancelScope, Step, Ways};
use crate::payment::{Kind, Payment};
use crate::secret::Secret;

/// How long a terminal waits for a card when the till does not say, in seconds (POST /paymentengine/payrequests, timeout).
const CUSTOMER_S: u32 = 180;

/// One account: a source key with its PIN, called by way of one endpoint key.
pub struct Usaepay {
    name: &'static str,
    api_key: Secret,
    pin: Secret,
    endpoint_key: String,
    call_timeout_ms: u32,
}

pub fn open(config: &Config) -> Box<dyn Vendor> {
    let (api_key, pin, endpoint_key) = match &config.credentials {
        Credentials::Usaepay { api_key, pin, endpoint_key } => (api_key.clone(), pin.clone(), endpoint_key.clone()),
        // The table of vendors gives every vendor its own credentials.
        _ => (Secret::new(""), Secret::new(""), String::new()),
    };
    let (name, call_timeout_ms) = (config.vendor.name(), config.call_timeout_ms);
    Box::new(Usaepay { name, api_key, pin, endpoint_key, call_timeout_ms })
}

impl Vendor for Usaepay {
    fn policy(&self) -> Policy {
        Policy {
            // No document gives a distance; the budget of a minute does the rest.
            call_gap_ms: 100,
            read_floor_ms: 1_500,
            first_read_ms: 1_000,
            // "Some processors may take up to 120 seconds" (High Availability), and something for the road.
            absence_after_ms: 180_000,
            refund_absence_ms: 300_000,
            resend_on_original: true,
            ways: Ways {
                absence: Absence::Time,
                cancel: CancelScope::Request,
                prepare: false,
                baseline: false,
                // command authonly.
                hold_after: false,
                // A refund carries the `orderid` of its sale: only what was not there before can be ours.
                refund_baseline: true,
                status_first: false,
                absence_after_acceptance: false,
                // Whether a request that ended may yet lead to a payment, no document says.
                ends_for_good: false,
                customer_ms: u64::from(CUSTOMER_S) * 1_000,
            },
            // The terminal's own time and the processor's do not fit into less.
            deadline_ms: 150_000,
            // "45/min; 5000/day" on the default endpoint key (REST API, Rate Limits). Other keys say theirs themselves.
            calls_per_minute: 45,
            calls_per_day: 5_000,
        }
    }

    fn can_do(&self, kind: Kind) -> bool {
        limits::can_do(kind)
    }

    fn has(&self, feature: Feature) -> bool {
        limits::has(feature)
    }

    fn admit(&self, request: &Checked) -> Result<(), Fault> {
        limits::admit(self.name, request)
    }

    fn webhooks(&self) -> Option<&'static Scheme> {
        Some(&webhook::SCHEME)
    }

    fn key_field(&self) -> Option<&'static str> {
        Some("order")
    }

    fn request(
        &self,
        step: &Step,
        payment: &Payment,
        search: &Search,
        account: &Account,
    ) -> Result<HttpRequest, Failure> {
        request::of(self, step, payment, search, account)
    }

    fn read(&self, step: &Step, payment: &Payment, search: Search, reply: &HttpReply, known: &Known) -> Reading {
        reply::read(step, payment, search, reply, known)
    }
}
