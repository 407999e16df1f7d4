//! What JustiFi's words for an attempt mean (Checkout completions; API reference, Errors). The words are an open set.

use super::codes::TABLE;
use crate::payment::report::Reason;
use crate::vendors::codes::{DECLINED, Row, number};

/// How an attempt at a terminal stands, by the words of its completion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stand {
    Running,
    Approved,
    Declined,
    Canceled,
    TimedOut,
}

/// The words of a checkout's completion. For the X key and the 90 seconds no words are published: `canceled` is what the
/// list of words suggests, and an error code may say it too. Unknown words mean "still running".
pub(super) fn completion(status: &str, payment_status: &str, code: &str) -> Stand {
    let code = code.to_ascii_lowercase();
    let by_terminal = !code.starts_with("gateway");
    let timed_out = by_terminal && (code.contains("timeout") || code.contains("timed_out"));
    let canceled = by_terminal && code.contains("cancel");
    match (status, payment_status) {
        ("succeeded", "succeeded" | "pending" | "authorized" | "") => Stand::Approved,
        ("failed", "canceled" | "cancelled" | "failed" | "") if timed_out => Stand::TimedOut,
        ("failed", "canceled" | "cancelled") => Stand::Canceled,
        ("failed", "failed" | "") if canceled => Stand::Canceled,
        ("failed", "failed" | "") => Stand::Declined,
        _ => Stand::Running,
    }
}

/// Why an attempt was declined: the network's own code says it best, then the issuer's word, then the vendor's.
pub(super) fn reason(network: &str, decline_code: &str, code: &str) -> Reason {
    let known = |row: &'static Row| (*row != DECLINED).then_some(row);
    let row = known(TABLE.network(network))
        .or_else(|| known(TABLE.response(decline_code)))
        .unwrap_or_else(|| TABLE.response(code));
    Reason { status: row.status, advice: row.advice, vendor_code: number(network), sentence: row.sentence.to_owned() }
}
