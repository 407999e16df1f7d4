//! JustiFi's failures: words in `error.code`, `decline_code` and `payment_error_code`, and the networks' own numbers.
//!
//! The words are an open set. None is published for a terminal that is offline, busy or unknown.

mod declines;

use crate::payment::snapshot::Advice;
use crate::status::Status;
use crate::vendors::codes::Call::{Change, Prepare, Read, Refund, Start};
use crate::vendors::codes::{
    Call, Code, Meaning, Place, Row, Section, Table, down, ended, informs, original, refused, rejected, row, setup,
    unclear,
};

/// "Malformed", "semantic validation"; and 404 for what a request names.
const INVALID: &[(u16, u16)] = &[(400, 400), (404, 404), (422, 422)];
const DENIED: &[(u16, u16)] = &[(400, 401), (403, 403), (422, 422)];
/// Of a card that is declined the same word comes with 402.
const DISABLED: &[(u16, u16)] = &[(400, 400), (403, 403)];
const CONFLICT: &[(u16, u16)] = &[(400, 400), (409, 409), (422, 422)];
const PAYMENT_FAILED: &[(u16, u16)] = &[(402, 402)];
/// A code that comes for a call as well as for the failed payment or refund in an answer.
const WORD: &[Place] = &[Place::Body, Place::Response];
const ERRORS: &str = "API reference, Errors";

pub static TABLE: Table = Table {
    vendor: "justifi",
    title: "JustiFi",
    sections: &[
        Section {
            title: "HTTP statuses with a code that is in no other table",
            places: &[Place::Http],
            calls: Call::ALL,
            http: &[],
            source: ERRORS,
            rows: STATUSES,
        },
        Section {
            title: "Credentials and permissions",
            places: WORD,
            calls: Call::ALL,
            http: DENIED,
            source: ERRORS,
            rows: CREDENTIALS,
        },
        Section {
            title: "Services that are not switched on",
            places: &[Place::Body],
            calls: Call::ALL,
            http: DISABLED,
            source: "API reference, Errors (400, \"sub account is not enabled\")",
            rows: &[setup(
                "service_not_allowed",
                Status::Forbidden,
                "`sub_account` is not enabled, or not for this: the vendor's support switches it on.",
            )],
        },
        Section {
            title: "Idempotency keys",
            places: WORD,
            calls: Call::ALL,
            http: CONFLICT,
            source: "Idempotency; API reference, Errors",
            rows: IDEMPOTENCY,
        },
        Section {
            title: "Not found, where a payment starts",
            places: &[Place::Body],
            calls: &[Start],
            http: &[(404, 404)],
            source: "API reference, Errors; payTerminal",
            rows: &[setup(
                "resource_not_found",
                Status::UnknownDevice,
                "The checkout was made just before, so it is the terminal that is not known: correct `terminal`.",
            )],
        },
        Section {
            title: "Not found, elsewhere",
            places: &[Place::Body],
            calls: &[Prepare, Change, Refund, Read],
            http: &[(404, 404)],
            source: ERRORS,
            rows: &[refused(
                "resource_not_found",
                Status::NotFound,
                Advice::FixRequest,
                "No such payment, checkout or terminal under these credentials.",
            )],
        },
        Section {
            title: "Requests that are wrong",
            places: WORD,
            calls: Call::ALL,
            http: INVALID,
            source: ERRORS,
            rows: REQUESTS,
        },
        Section {
            title: "Fees that are wrong",
            places: WORD,
            calls: &[Prepare, Refund],
            http: INVALID,
            source: "API reference, Fees",
            rows: FEES,
        },
        Section {
            title: "Work on a payment",
            places: WORD,
            calls: &[Start, Change, Refund],
            http: INVALID,
            source: "API reference, Errors; Capture a Payment; Refunds; Void",
            rows: PAYMENTS,
        },
        Section {
            title: "Work on a payment that may be under way",
            places: WORD,
            calls: &[Start, Change, Refund],
            http: CONFLICT,
            source: ERRORS,
            rows: &[
                unclear("refund_in_progress", Status::TransactionInUse, "A refund of this payment is under way."),
                unclear("refund_error", Status::Vendor, "The refund failed for an unnamed reason: it is looked up."),
            ],
        },
        Section {
            title: "Gateway away",
            places: WORD,
            calls: Call::ALL,
            http: PAYMENT_FAILED,
            source: ERRORS,
            rows: GATEWAY,
        },
        Section {
            title: "The vendor's own breakdowns",
            places: WORD,
            calls: Call::ALL,
            http: &[(500, 504)],
            source: ERRORS,
            rows: &[
                unclear("internal_server_error", Status::Unavailable, "The vendor has failed: it is looked up."),
                unclear(
                    "gateway_timeout_error",
                    Status::Timeout,
                    "The gateway did not answer in time: it is looked up.",
                ),
            ],
        },
        Section {
            title: "Declines",
            places: WORD,
            calls: Call::ALL,
            http: PAYMENT_FAILED,
            source: "API reference, Errors and Test Cards",
            rows: declines::CARD,
        },
        Section {
            title: "The networks' codes",
            places: &[Place::Network],
            calls: &[],
            http: &[],
            source: "API reference, Network Error Codes",
            rows: declines::NETWORK,
        },
        Section {
            title: "Words for where a checkout stands",
            places: &[Place::Word],
            calls: &[],
            http: &[],
            source: "Checkout completions; Checkout lifecycle; Terminal payments",
            rows: CHECKOUT_WORDS,
        },
        Section {
            title: "Words for where a terminal stands",
            places: &[Place::Word],
            calls: &[],
            http: &[],
            source: "Get Terminal Status; List Terminals; Terminal configuration",
            rows: TERMINAL_WORDS,
        },
    ],
};

const STATUSES: &[Row] = &[
    setup("401", Status::Unauthorized, "`client_id` or `client_secret` are wrong, once a new token did not help."),
    unclear("403", Status::Forbidden, "Not permitted, with an unlisted code."),
    unclear("404", Status::NotFound, "Unknown, with an unlisted code."),
    unclear("408", Status::Timeout, "The vendor gave up waiting. What became of the call is looked up."),
    row(
        Code::Is("429"),
        Status::RateLimited,
        Meaning::Pause,
        Advice::Retry,
        "The vendor wants fewer calls. See `rate_share`.",
    ),
    row(
        Code::Range(400, 499),
        Status::Vendor,
        Meaning::Unclear,
        Advice::Resolve,
        "A failure with an unlisted code. What became of the call is looked up.",
    ),
    row(
        Code::Range(500, 599),
        Status::Unavailable,
        Meaning::Unclear,
        Advice::Resolve,
        "The vendor has failed. What became of the call is looked up.",
    ),
];

const CREDENTIALS: &[Row] = &[
    setup("not_authenticated", Status::Unauthorized, "`client_id` or `client_secret` are wrong."),
    setup("not_authorized", Status::Forbidden, "The credentials lack the permission."),
    setup("invalid_sub_account", Status::Forbidden, "`sub_account` is wrong, or not enabled yet."),
];

const IDEMPOTENCY: &[Row] = &[
    refused("idempotency_key_required", Status::Rejected, Advice::CallSupport, "The library left it out: report it."),
    unclear(
        "idempotency_params_mismatch",
        Status::DuplicateSuspected,
        "The key was used with other contents: that call counts.",
    ),
    unclear(
        "idempotency_concurrent_request",
        Status::DuplicateSuspected,
        "The first copy has failed or is still running: its outcome counts.",
    ),
    unclear(
        "idempotency_request_in_progress",
        Status::DuplicateSuspected,
        "The first copy is still running: its outcome counts.",
    ),
    unclear("gateway_idempotency_error", Status::DuplicateSuspected, "The gateway met this key before: looked up."),
];

const REQUESTS: &[Row] = &[
    refused("payment_method_not_found", Status::NotFound, Advice::FixRequest, "There is no such payment method."),
    refused("payment_intent_not_found", Status::NotFound, Advice::FixRequest, "There is no such payment intent."),
    rejected("parameter_missing", "A parameter is missing; the text names it."),
    rejected("unexpected_parameter", "A parameter is not known: look at `vendor.*`."),
    rejected("invalid_characters", "A text holds characters that the vendor does not take."),
    rejected("amount_required", "The amount is missing."),
    rejected("amount_must_be_an_integer", "The amount must be whole cents."),
    rejected("amount_below_minimum", "The amount must be greater than 50 cents."),
    rejected("amount_above_maximum", "The amount must be less than 100000000 cents."),
    rejected("amount_too_small", "The amount is too small."),
    rejected("amount_too_large", "The amount is too large."),
    rejected("invalid_charge_amount", "The amount is not valid."),
    rejected("invalid_amount", "The amount is not valid."),
    rejected("currency_required", "The currency is missing."),
    rejected("currency_invalid", "The vendor does not take this currency."),
    rejected("checkout_invalid_currency", "The sub account has another currency: correct `currency`."),
    rejected("acct_last_four_required", "The last four digits are missing."),
    rejected("application_fee_rate_id_required", "The fee rate's id is missing."),
    rejected("application_fee_required", "The fee is missing."),
    rejected("brand_required", "The card's brand is missing."),
    rejected("card_name_required", "The name on the card is missing."),
    rejected("card_number_required", "The card's number is missing."),
    rejected("customer_id_required", "The customer's id is missing."),
    rejected("email_required", "The e-mail address is missing."),
    rejected("gateway_account_id_required", "The gateway account's id is missing."),
    rejected("gateway_ref_id_required", "The gateway's reference is missing."),
    rejected("payment_method_required", "The payment method is missing."),
    rejected("payment_method_token_required", "The payment method's token is missing."),
    rejected("transfer_required", "The transfer is missing."),
    rejected("capture_strategy_invalid", "There is no such way to capture."),
    rejected("card_number_invalid", "The number keyed for a card is not valid."),
    rejected("credit_card_number_invalid", "The number keyed for a card is not valid."),
    rejected("full_pan_not_allowed", "The account may not send card numbers."),
    rejected("country_invalid", "There is no such country."),
    rejected("email_invalid", "The e-mail address is not valid."),
    rejected("month_invalid", "The month of expiry is not valid."),
    rejected("postal_code_invalid", "The postal code is not valid."),
    rejected("refund_reason_invalid", "There is no such reason for a refund."),
    rejected("state_invalid", "There is no such state."),
    rejected("verification_invalid", "The security code has the wrong form."),
    rejected("year_invalid", "The year of expiry is not valid."),
    rejected("token_already_used", "The token was used before."),
    rejected("token_in_use", "The token is in use at present."),
    rejected("customer_max_payment_methods", "The customer has as many payment methods as the vendor keeps."),
];

const FEES: &[Row] = &[
    rejected("fees_invalid", "The fees are not valid."),
    rejected("fee_amount_greater_than_zero", "A fee must be greater than 0."),
    rejected("multiple_of_same_fee_type", "A fee of one type may stand there once."),
    rejected("fee_amount_greater_than_payment_amount", "The fees are more than the payment."),
    rejected("fee_and_application_fee_declared", "Fees and the older application fee exclude each other."),
    rejected("fee_type_must_exist_on_payment_fees", "The payment has no fee of this type."),
    rejected("returned_fee_exceeds_remaining_amount", "More of the fee is returned than is left."),
];

const PAYMENTS: &[Row] = &[
    original("charge_expired_for_capture", Advice::FixRequest, "The authorization died after 7 days: pay anew."),
    original("payment_already_captured", Advice::Done, "Already captured."),
    original("payment_intent_cannot_be_captured", Advice::FixRequest, "The payment intent has nothing to capture."),
    original("payment_intent_unexpected_state", Advice::FixRequest, "The payment intent is in another state."),
    original("payment_fully_refunded", Advice::Done, "All of it was refunded before."),
    original("payment_outside_void_window", Advice::FixRequest, "More than 25 minutes have passed: refund it."),
    rejected("payment_outside_refund_window", "The payment is too old to be refunded."),
    rejected("refund_exceeds_amount_available", "The refund is more than what is left of the payment."),
    rejected("refund_exceeds_payment_amount", "The refund is more than the payment."),
];

const GATEWAY: &[Row] = &[
    down("gateway_error", "The gateway failed."),
    down("gateway_error_please_retry", "The gateway failed and asks to try again."),
    down("gateway_rate_limit_error", "The gateway wants fewer calls: wait a little longer."),
    row(
        Code::Is("gateway_authentication_error"),
        Status::Unavailable,
        Meaning::Declined,
        Advice::CallSupport,
        "The vendor's own login at the gateway is refused: its support has to look.",
    ),
];

const CHECKOUT_WORDS: &[Row] = &[
    ended("canceled", Status::Canceled, Advice::Retry, "Canceled at the terminal, or its 90 seconds ran out."),
    ended("expired", Status::RequestTimedOut, Advice::Retry, "The checkout was not paid within its week."),
];

const TERMINAL_WORDS: &[Row] = &[
    informs("active", Status::DeviceBusy, Advice::Retry, "The terminal is in a payment; hold its red X if it hangs."),
    informs("disconnected", Status::DeviceOffline, Advice::Retry, "The terminal is not connected."),
    informs("pending_configuration", Status::UnknownDevice, Advice::FixSetup, "The terminal is not set up yet."),
    informs("archived", Status::UnknownDevice, Advice::FixSetup, "The terminal was taken out of service."),
];
