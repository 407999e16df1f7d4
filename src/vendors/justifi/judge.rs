//! What JustiFi's words for failures mean (API reference, Errors). The words are an open set.

use crate::status::Status;

/// A call, as far as it matters for what its failure means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    /// Makes a checkout or a payment intent. Moves no money.
    Prepare,
    /// Starts a payment or refund at a terminal.
    Start,
    /// Void or capture.
    Change,
    /// A refund without the card.
    Refund,
    /// Its failure says nothing about money.
    Read,
}

/// What a failure says about the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// Rejected before anything started.
    Refused,
    /// Not executed, because the vendor wants fewer calls.
    Pause,
    /// It may have been executed.
    Unclear,
}

/// Requests that are wrong.
const WRONG: &[&str] = &[
    "parameter_missing",
    "unexpected_parameter",
    "invalid_characters",
    "idempotency_key_required",
    "amount_required",
    "amount_must_be_an_integer",
    "amount_below_minimum",
    "amount_above_maximum",
    "amount_too_small",
    "amount_too_large",
    "invalid_charge_amount",
    "currency_required",
    "currency_invalid",
    "checkout_invalid_currency",
    "capture_strategy_invalid",
    "refund_reason_invalid",
    "application_fee_rate_id_required",
    "application_fee_required",
    "fees_invalid",
    "fee_amount_greater_than_zero",
    "fee_amount_greater_than_payment_amount",
    "fee_and_application_fee_declared",
    "fee_type_must_exist_on_payment_fees",
    "multiple_of_same_fee_type",
    "returned_fee_exceeds_remaining_amount",
];
/// Work that the payment does not allow. What it does allow is seen by reading it.
const NOT_POSSIBLE: &[&str] = &[
    "payment_fully_refunded",
    "payment_outside_void_window",
    "payment_outside_refund_window",
    "refund_exceeds_amount_available",
    "refund_exceeds_payment_amount",
    "payment_already_captured",
    "charge_expired_for_capture",
    "payment_intent_cannot_be_captured",
];
const DENIED: &[&str] = &["not_authorized", "invalid_sub_account", "service_not_allowed"];

/// The failure of a call that the vendor answered with its own words.
pub(super) fn refusal(call: Call, http: u16, code: &str) -> (Status, Meaning) {
    let is = |list: &[&str]| list.contains(&code);
    match http {
        401 => (Status::Unauthorized, Meaning::Refused),
        429 => (Status::RateLimited, Meaning::Pause),
        400 | 403 | 422 if is(DENIED) => (Status::Forbidden, Meaning::Refused),
        // The checkout was read just before: it is the terminal that is not known.
        404 if code == "resource_not_found" && call == Call::Start => (Status::UnknownDevice, Meaning::Refused),
        404 if code == "resource_not_found" || code == "payment_intent_not_found" => {
            (Status::NotFound, Meaning::Refused)
        }
        400 | 404 | 422 if is(WRONG) => (Status::Rejected, Meaning::Refused),
        400 | 403 | 404 | 422 if is(NOT_POSSIBLE) && matches!(call, Call::Change | Call::Refund) => {
            (Status::Rejected, Meaning::Refused)
        }
        403 => (Status::Forbidden, Meaning::Unclear),
        404 => (Status::NotFound, Meaning::Unclear),
        500..=599 => (Status::Unavailable, Meaning::Unclear),
        _ => (Status::Vendor, Meaning::Unclear),
    }
}

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
