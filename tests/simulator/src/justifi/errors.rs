//! The vendor's error codes and texts, and the body they stand in.

use crate::http::Answer;
use serde_json::{Value, json};

/// Every code the simulator answers, with its words. Those below the line are in no document: the vendor publishes nothing
/// about terminals that cannot take a payment.
const TEXTS: [(&str, &str); 44] = [
    ("not_authenticated", "Not Authenticated"),
    ("not_authorized", "Not Authorized"),
    ("invalid_sub_account", "Invalid Sub Account"),
    ("service_not_allowed", "Service Not Allowed"),
    ("idempotency_key_required", "Idempotency key is required"),
    ("idempotency_params_mismatch", "Idempotency key was used with other parameters"),
    ("idempotency_request_in_progress", "A request with this idempotency key is in progress"),
    ("resource_not_found", "Resource Not Found"),
    ("payment_intent_not_found", "Payment Intent Not Found"),
    ("parameter_missing", "Parameter Missing"),
    ("unexpected_parameter", "Unexpected Parameter"),
    ("amount_required", "Amount is required"),
    ("amount_must_be_an_integer", "Amount must be an integer"),
    ("amount_below_minimum", "Amount must be greater than 50"),
    ("amount_above_maximum", "Amount must be lower than 100000000"),
    ("currency_required", "Currency is required"),
    ("currency_invalid", "Currency is invalid"),
    ("checkout_invalid_currency", "Currency does not match the account"),
    ("refund_reason_invalid", "Refund reason is invalid"),
    ("card_declined", "Your card was declined"),
    ("gateway_error", "Gateway Error"),
    ("gateway_rate_limit_error", "Too many requests, please use exponential back-off"),
    ("internal_server_error", "Internal Server Error"),
    ("charge_expired_for_capture", "Charge expired for capture"),
    ("payment_already_captured", "Payment has already been captured"),
    ("payment_intent_cannot_be_captured", "Payment Intent cannot be captured"),
    ("payment_intent_unexpected_state", "Unexpected state"),
    ("payment_fully_refunded", "Payment has been fully refunded"),
    ("payment_outside_refund_window", "Payment is outside the refund window"),
    ("payment_outside_void_window", "Payment is outside the void window"),
    ("refund_error", "Payment cannot be refunded"),
    ("refund_exceeds_amount_available", "Refund exceeds the amount available"),
    ("refund_exceeds_payment_amount", "Refund exceeds the payment amount"),
    ("refund_in_progress", "A refund is in progress"),
    ("fees_invalid", "Fees are invalid"),
    ("fee_and_application_fee_declared", "Fees and application fees cannot be used together"),
    ("fee_type_must_exist_on_payment_fees", "Fee type must exist on the payment's fees"),
    ("returned_fee_exceeds_remaining_amount", "Returned fee exceeds the remaining amount"),
    // ---
    ("idempotency_key_too_long", "Validation failed: Idempotency key is too long (maximum is 100 characters)"),
    ("terminal_busy", "Terminal is processing a payment"),
    ("terminal_not_connected", "Terminal is not connected"),
    ("terminal_error", "Terminal Error"),
    ("canceled_on_terminal", "Payment was canceled on the terminal"),
    ("terminal_timeout", "Terminal payment timed out"),
];

/// The vendor's words for a code.
pub fn text(code: &str) -> &str {
    TEXTS.iter().find(|(known, _)| *known == code).map_or(code, |(_, text)| text)
}

/// A failure: `{"error": {"code", "message"}}`.
pub fn refusal(status: u16, code: &str) -> Answer {
    Answer::json(status, &body(code))
}

/// A failure that names a parameter.
pub fn refusal_of(status: u16, code: &str, param: &str) -> Answer {
    let mut body = body(code);
    body["error"]["param"] = json!(param);
    Answer::json(status, &body)
}

pub fn body(code: &str) -> Value {
    json!({"error": {"code": code, "message": text(code)}})
}

/// What is refused at the door because of what the body says.
pub fn invalid(code: &str) -> Answer {
    refusal(422, code)
}

pub fn not_found() -> Answer {
    refusal(404, "resource_not_found")
}
