//! JustiFi's terminals: checkouts or payment intents paid at a card reader, payments and refunds.
//!
//! Sources: docs.justifi.tech, the API reference (openapi, description.md) and the guides on terminals, checkouts and
//! idempotency; for payment intents the older terminal page. Bodies are JSON both ways.

mod answer;
mod body;
mod checkout;
pub mod codes;
mod errands;
mod intent;
mod judge;
mod limits;
mod refunds;
mod reply;
mod report;
mod request;
#[cfg(test)]
mod tests;
mod token;
mod webhook;

#[cfg(test)]
pub use webhook::SCHEME as WEBHOOKS;

use super::webhook::Scheme;
use super::{Account, Feature, Known, Policy, Reading, Search, Session, Vendor};
use crate::config::{Config, Credentials, Flow};
use crate::http::{HttpReply, HttpRequest};
use crate::payment::fact::Failure;
use crate::payment::fields::{Checked, Fault};
use crate::payment::plan::{Absence, CancelScope, Step, Ways};
use crate::payment::{Kind, Payment};
use crate::secret::Secret;

/// One sub account, reached with its platform's key pair.
pub struct JustiFi {
    client_id: Secret,
    client_secret: Secret,
    sub_account: String,
    flow: Flow,
    call_timeout_ms: u32,
    rate_share: u32,
}

pub fn open(config: &Config) -> Box<dyn Vendor> {
    let (client_id, client_secret, sub_account, flow) = match &config.credentials {
        Credentials::Justifi { client_id, client_secret, sub_account, flow } => {
            (client_id.clone(), client_secret.clone(), sub_account.clone(), *flow)
        }
        // The table of vendors gives every vendor its own credentials.
        _ => (Secret::new(""), Secret::new(""), String::new(), Flow::Checkout),
    };
    Box::new(JustiFi {
        client_id,
        client_secret,
        sub_account,
        flow,
        call_timeout_ms: config.call_timeout_ms,
        rate_share: config.rate_share,
    })
}

/// JustiFi's own client reads a checkout once a second at most (web components). The rest is for the jitter of the road.
const READ_GAP_MS: u64 = 1_050;

impl Vendor for JustiFi {
    fn policy(&self) -> Policy {
        Policy {
            // No limit is published. Tills that share the account take turns.
            call_gap_ms: 50 * u64::from(self.rate_share.max(1)),
            read_floor_ms: READ_GAP_MS,
            first_read_ms: 1_500,
            // "Terminal payments time out after 90 seconds" (Terminals, Payment); the rest is for the authorization.
            absence_after_ms: 150_000,
            refund_absence_ms: 300_000,
            resend_on_original: true,
            ways: Ways {
                absence: Absence::Time,
                cancel: CancelScope::Nothing,
                prepare: true,
                baseline: true,
                hold_after: false,
                refund_baseline: true,
                status_first: true,
                absence_after_acceptance: true,
                // "The list is a log and is never edited" (Checkout lifecycle): a failed completion stays one.
                ends_for_good: true,
                customer_ms: 0,
            },
            deadline_ms: 120_000,
            calls_per_minute: 0,
            calls_per_day: 0,
        }
    }

    fn same_read_gap_ms(&self) -> u64 {
        READ_GAP_MS
    }

    fn can_do(&self, kind: Kind) -> bool {
        limits::can_do(self.flow, kind)
    }

    fn has(&self, feature: Feature) -> bool {
        limits::has(feature)
    }

    fn admit(&self, request: &Checked) -> Result<(), Fault> {
        limits::admit(self.flow, request)
    }

    fn webhooks(&self) -> Option<&'static Scheme> {
        Some(&webhook::SCHEME)
    }

    /// `metadata` has room for our key beside whatever the till says.
    fn key_field(&self) -> Option<&'static str> {
        None
    }

    fn open_session(&self) -> Option<HttpRequest> {
        Some(token::request(self))
    }

    fn read_session(&self, reply: &HttpReply) -> Result<Session, Failure> {
        token::read(reply)
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
        reply::read(self, step, payment, search, reply, known)
    }
}
