//! PayJunction's Smart Terminal REST API.
//!
//! Sources: developer.payjunction.com, the articles on request-payment, polling, canceling, transactions, refunds, rate
//! limits and versioning. Bodies go out form-encoded and come back as JSON.

pub mod codes;
mod errands;
mod limits;
mod questions;
mod reply;
mod report;
mod request;
#[cfg(test)]
mod tests;
mod webhook;

use super::webhook::Scheme;
use super::{Account, Feature, Known, Policy, Reading, Search, Vendor};
use crate::config::{Config, Credentials};
use crate::http::{HttpReply, HttpRequest};
use crate::payment::fact::Failure;
use crate::payment::fields::{Checked, Fault};
use crate::payment::plan::{Absence, CancelScope, Step, Ways};
use crate::payment::{Kind, Payment};
use crate::secret::Secret;
use base64::Engine as _;

#[cfg(test)]
pub use webhook::SCHEME as WEBHOOKS;

/// One PayJunction account: an API login and an application key.
pub struct PayJunction {
    authorization: Secret,
    application_key: Secret,
    api_version: String,
    call_timeout_ms: u32,
    rate_share: u32,
}

pub fn open(config: &Config) -> Box<dyn Vendor> {
    let (authorization, application_key) = match &config.credentials {
        Credentials::Payjunction { login, password, application_key } => {
            let login = zeroize::Zeroizing::new(format!("{}:{}", login.reveal(), password.reveal()));
            let token = base64::engine::general_purpose::STANDARD.encode(login.as_bytes());
            (Secret::new(format!("Basic {token}")), application_key.clone())
        }
        // The table of vendors gives every vendor its own credentials.
        _ => (Secret::new(""), Secret::new("")),
    };
    Box::new(PayJunction {
        authorization,
        application_key,
        api_version: config.api_version.clone(),
        call_timeout_ms: config.call_timeout_ms,
        rate_share: config.rate_share,
    })
}

impl Vendor for PayJunction {
    fn policy(&self) -> Policy {
        Policy {
            // "1 request per 100 ms" (Rate Limiting); the rest is for the jitter of the road. Tills that share the
            // limit take turns.
            call_gap_ms: 125 * u64::from(self.rate_share.max(1)),
            // "1 request every 1/2 second per requestPaymentId" (GET /smartterminals/requests).
            read_floor_ms: 520,
            first_read_ms: 1_000,
            absence_after_ms: 120_000,
            refund_absence_ms: 300_000,
            resend_on_original: true,
            ways: Ways {
                absence: Absence::Cleared,
                cancel: CancelScope::Terminal,
                prepare: false,
                baseline: false,
                refund_baseline: false,
                // PUT /transactions/{id}, status HOLD: request-payment itself only charges.
                hold_after: true,
                status_first: false,
                absence_after_acceptance: false,
                ends_for_good: true,
                customer_ms: 0,
            },
            // "not less than 90 seconds" (Transaction Processing Workflow).
            deadline_ms: 90_000,
            calls_per_minute: 0,
            calls_per_day: 0,
        }
    }

    fn can_do(&self, kind: Kind) -> bool {
        limits::can_do(kind)
    }

    fn has(&self, feature: Feature) -> bool {
        limits::has(feature)
    }

    fn admit(&self, request: &Checked) -> Result<(), Fault> {
        limits::admit(request)
    }

    fn key_field(&self) -> Option<&'static str> {
        Some("purchase_order")
    }

    fn webhooks(&self) -> Option<&'static Scheme> {
        Some(&webhook::SCHEME)
    }

    fn request(&self, step: &Step, payment: &Payment, search: &Search, _: &Account) -> Result<HttpRequest, Failure> {
        request::of(self, step, payment, search)
    }

    fn read(&self, step: &Step, payment: &Payment, search: Search, reply: &HttpReply, known: &Known) -> Reading {
        reply::read(step, payment, search, reply, known)
    }
}
