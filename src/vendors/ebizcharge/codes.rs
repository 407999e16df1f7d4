//! The failures of EBizCharge and USAePay: one gateway, one list of numbers. The vendor's texts vary; only numbers count.
//!
//! A number comes as `errorcode` of a failed call or as `error_code` of a transaction.

mod declines;

use crate::payment::snapshot::Advice;
use crate::status::Status;
use crate::vendors::codes::Call::{Change, Prepare, Read, Refund, Start};
use crate::vendors::codes::{
    Call, Code, Meaning, Place, Row, Section, Table, down, ended, informs, original, refused, rejected, row, setup,
    unclear,
};

/// For most numbers no document names the HTTP status; 408 and 429 have meanings of their own.
/// POST /transactions tells its failures with HTTP 200, and so may the terminals.
const ANSWERED: &[(u16, u16)] = &[(200, 200), (400, 407), (409, 428), (430, 499)];
const TRANSACTION: &[(u16, u16)] = &[(200, 201)];
const NUMBER: &[Place] = &[Place::Body, Place::Response];

pub static TABLE: Table = Table {
    vendor: "ebizcharge",
    title: "EBizCharge and USAePay",
    sections: &[
        Section {
            title: "HTTP statuses with a number that is in no other table",
            places: &[Place::Http],
            calls: Call::ALL,
            http: &[],
            source: "REST API, Authentication and Rate Limits",
            rows: STATUSES,
        },
        Section {
            title: "Terminals",
            places: NUMBER,
            calls: &[Start, Read],
            http: ANSWERED,
            source: "POST /paymentengine/payrequests, Errors; Error Codes",
            rows: TERMINALS,
        },
        Section {
            title: "Unknown terminal, elsewhere",
            places: &[Place::Body],
            calls: &[Prepare, Change, Refund],
            http: &[(404, 404)],
            source: "POST /paymentengine/payrequests, Errors",
            rows: &[setup("21121", Status::UnknownDevice, "No terminal has this key: correct `terminal`.")],
        },
        Section {
            title: "Numbers between 21100 and 21199 that are in no document, where a payment starts",
            places: &[Place::Body],
            calls: &[Start],
            http: ANSWERED,
            source: "POST /paymentengine/payrequests, Errors",
            rows: UNLISTED,
        },
        Section {
            title: "Limits of traffic",
            places: &[Place::Body],
            calls: Call::ALL,
            http: &[(429, 429)],
            source: "REST API, Rate Limits",
            rows: &[row(
                Code::Is("155"),
                Status::RateLimited,
                Meaning::Pause,
                Advice::Retry,
                "More calls than the endpoint key allows in a minute or a day. See `rate_share` and `endpoint_key`.",
            )],
        },
        Section {
            title: "Lock-out",
            places: NUMBER,
            calls: Call::ALL,
            http: ANSWERED,
            source: "Error Codes",
            rows: &[row(
                Code::Is("10140"),
                Status::LockedOut,
                Meaning::Pause,
                Advice::FixSetup,
                "Too many failed logins: the vendor blocks this address for an hour. Correct `api_key` and `pin`.",
            )],
        },
        Section {
            title: "No credentials",
            places: &[Place::Body],
            calls: Call::ALL,
            http: &[(401, 401)],
            source: "REST API, Authentication",
            rows: &[setup(
                "0",
                Status::Unauthorized,
                "No credentials came with the call: a proxy may have removed them.",
            )],
        },
        Section {
            title: "Credentials and permissions",
            places: NUMBER,
            calls: Call::ALL,
            http: ANSWERED,
            source: "Error Codes; REST API, Authentication",
            rows: CREDENTIALS,
        },
        Section {
            title: "Requests that are wrong",
            places: NUMBER,
            calls: Call::ALL,
            http: ANSWERED,
            source: "Error Codes",
            rows: REQUESTS,
        },
        Section {
            title: "Duplicates",
            places: NUMBER,
            calls: &[Start, Change, Refund],
            http: ANSWERED,
            source: "Error Codes; Duplicate Transaction Handling",
            rows: DUPLICATES,
        },
        Section {
            title: "Work on a transaction",
            places: NUMBER,
            calls: &[Change, Refund, Read],
            http: ANSWERED,
            source: "Error Codes; REST API, Transactions",
            rows: ORIGINALS,
        },
        Section {
            title: "Processor or gateway away",
            places: NUMBER,
            calls: &[Start, Change, Refund],
            http: TRANSACTION,
            source: "Error Codes",
            rows: AWAY,
        },
        Section {
            title: "The vendor's own breakdowns",
            places: NUMBER,
            calls: Call::ALL,
            http: ANSWERED,
            source: "Error Codes; High Availability",
            rows: BREAKDOWNS,
        },
        Section {
            title: "Declines",
            places: &[Place::Response],
            calls: &[],
            http: TRANSACTION,
            source: "Error Codes",
            rows: declines::DECLINES,
        },
        Section {
            title: "Declines by the processor's platform",
            places: &[Place::Response],
            calls: &[],
            http: TRANSACTION,
            source: "Error Codes",
            rows: declines::PLATFORMS,
        },
        Section {
            title: "Words for where a request stands",
            places: &[Place::Word],
            calls: &[],
            http: &[],
            source: "GET /paymentengine/payrequests/:requestkey:",
            rows: REQUEST_WORDS,
        },
        Section {
            title: "Words for where a terminal stands",
            places: &[Place::Word],
            calls: &[],
            http: &[],
            source: "GET /paymentengine/devices; POST /paymentengine/devices",
            rows: TERMINAL_WORDS,
        },
    ],
};

const STATUSES: &[Row] = &[
    unclear("401", Status::Unauthorized, "Credentials are refused with an unlisted number. Not asked again: lock-out."),
    unclear("403", Status::Forbidden, "Not allowed, with an unlisted number."),
    unclear("404", Status::NotFound, "Unknown, with an unlisted number. A request that has ended may be unknown too."),
    unclear("408", Status::Timeout, "The vendor gave up waiting. What became of the call is looked up."),
    unclear("429", Status::RateLimited, "The vendor wants fewer calls, with an unlisted number."),
    row(
        Code::Range(400, 499),
        Status::Vendor,
        Meaning::Unclear,
        Advice::Resolve,
        "A failure with an unlisted number. What became of the call is looked up.",
    ),
    row(
        Code::Range(500, 599),
        Status::Unavailable,
        Meaning::Unclear,
        Advice::Resolve,
        "The vendor has failed. What became of the call is looked up.",
    ),
];

const TERMINALS: &[Row] = &[
    setup("21100", Status::NoDevice, "The API key has no terminal of its own: pair one, or set `terminal`."),
    refused("21101", Status::PosDeviceOffline, Advice::Retry, "The key's own terminal is offline: restart it."),
    unclear(
        "21102",
        Status::DeviceCommunication,
        "The link to the terminal failed midway, so it may show the payment: look at it, then reset it.",
    ),
    refused("21103", Status::RequestIdRequired, Advice::CallSupport, "The request's id was missing: report it."),
    unclear("21104", Status::RequestNotFound, "The vendor no longer knows the request: the transactions are searched."),
    refused("21105", Status::RequestClosed, Advice::FixRequest, "The request can no longer be changed."),
    row(
        Code::Is("21106"),
        Status::AlreadyProcessed,
        Meaning::ReadOriginal,
        Advice::Done,
        "The transaction was made, so its amount stays: adjust the tip or refund a part.",
    ),
    setup(
        "21121",
        Status::UnknownDevice,
        "No terminal has this key under this API key, or its pairing lapsed: correct `terminal` or pair it anew.",
    ),
    refused("21143", Status::BatteryLow, Advice::Retry, "The terminal's battery is too low: charge it first."),
    unclear(
        "21144",
        Status::RequestTimedOut,
        "Nobody presented a card in time. As the payment was on its way by then, the transactions are searched.",
    ),
    refused("21145", Status::DeviceOffline, Advice::Retry, "The terminal is offline or fast asleep: press its key."),
    refused("21146", Status::DeviceBusy, Advice::Retry, "The terminal is in another transaction: wait until it ends."),
];

const UNLISTED: &[Row] = &[row(
    Code::Range(21100, 21199),
    Status::Vendor,
    Meaning::Refused,
    Advice::Retry,
    "A refusal for the terminal's sake; number and text are passed on.",
)];

const CREDENTIALS: &[Row] = &[
    setup("23", Status::Unauthorized, "The API key is not known: correct `api_key`, and `environment`."),
    setup("28", Status::Unauthorized, "The API key could not be verified: it may be switched off."),
    setup("29", Status::Unauthorized, "The vendor could not make a security key: look at the API key's settings."),
    setup("30", Status::Unauthorized, "The API key is blocked."),
    setup("80", Status::Forbidden, "The API key does not allow this command: see its list in the vendor's console."),
    setup("84", Status::Forbidden, "Refunds and voids need an API key with a PIN."),
    setup("156", Status::Forbidden, "The endpoint key does not allow this address."),
    setup("10117", Status::Unauthorized, "Authentication is required."),
    setup("10118", Status::Unauthorized, "Authentication failed: correct `pin`."),
    setup("10137", Status::Unauthorized, "The authentication has a bad form: report it."),
    setup("10138", Status::Unauthorized, "The authentication is of a kind that this key does not take."),
    setup("20005", Status::Forbidden, "The API key does not allow this address."),
    setup("20006", Status::Unauthorized, "The authentication is of a kind that is not supported."),
    setup("20007", Status::Unauthorized, "The API key needs a PIN: set one in the vendor's console, and `pin`."),
    setup("20008", Status::Unauthorized, "The API key could not be validated: correct `pin`."),
    setup("20010", Status::Unauthorized, "The function needs an API key with a PIN."),
    setup("20036", Status::Forbidden, "The API key does not allow this kind of interface."),
    setup("21001", Status::Config, "The address does not exist: correct `base_url` or `endpoint_key`."),
    setup("21002", Status::Unauthorized, "The login does not fit: correct `pin`."),
];

const REQUESTS: &[Row] = &[
    rejected("70", "The amount is more than 99,999."),
    rejected("71", "The parts do not add up: subtotal - discount + shipping + duty + tax + tip must be the amount."),
    rejected("20019", "The command is not known: look at `vendor.command`, or report it."),
    rejected("20026", "The amount must be greater than 0."),
];

const DUPLICATES: &[Row] = &[
    row(
        Code::Is("31"),
        Status::DuplicateSuspected,
        Meaning::Declined,
        Advice::Resolve,
        "The key's duplicate check stopped this one: the earlier charge is looked up before anything is said.",
    ),
    unclear("93", Status::DuplicateSuspected, "The first copy is still running: its outcome counts. Never sent again."),
];

const ORIGINALS: &[Row] = &[
    original("24", Advice::Done, "Already voided."),
    original("25", Advice::FixRequest, "Not in the open batch any more: refund it."),
    original("26", Advice::FixRequest, "The batch is closed: refund it."),
    refused("35", Status::NotFound, Advice::FixRequest, "The transaction cannot be located."),
    rejected("82", "Checks cannot be voided."),
    original("83", Advice::FixRequest, "Only what was approved can be voided."),
    refused("101", Status::Unavailable, Advice::Retry, "The batch is closing: try again in a minute."),
    original("102", Advice::FixRequest, "Not voided at present, so there is nothing to take back."),
    original("103", Advice::FixRequest, "Already settled: refund it."),
    refused("113", Status::NotFound, Advice::FixRequest, "Refund refused: the original was not found."),
    rejected("114", "Refund refused: more than the original's amount."),
    rejected("115", "Refund refused: the original is not settled yet, so void it."),
    rejected("116", "Refund refused: the original was authorized offline."),
    original("117", Advice::FixRequest, "A transaction of this kind cannot be voided: refund it."),
    rejected("118", "The reserved money cannot be released this way."),
    refused("10105", Status::NotFound, Advice::FixRequest, "The original was not found."),
    rejected("10124", "The original is of a kind that does not allow this."),
    original("10125", Advice::FixRequest, "The original was not approved."),
    original("10126", Advice::Done, "Already settled."),
    rejected("10133", "More than the original's amount."),
    rejected("10134", "The original is not an approved sale."),
    rejected("10136", "The original was not approved."),
    original("10142", Advice::FixRequest, "The authorization has expired: ask for the payment anew."),
    refused("20001", Status::NotFound, Advice::FixRequest, "The transaction was not found."),
];

const AWAY: &[Row] = &[
    down("4", "The processor is not available for the moment."),
    down("9", "The processor is not available for the moment."),
    down("10", "The processor is not available for the moment."),
    down("18", "The processor is not available for the moment."),
    down("19", "The processor is not available for the moment."),
    down("27", "The gateway is not available for the moment."),
    down("42", "The gateway is not available for the moment."),
    down("81", "The gateway is not available for the moment."),
    down("9001", "The gateway is not available for the moment."),
    down("20009", "The gateway is not available for the moment."),
    row(
        Code::Range(40003, 40009),
        Status::Unavailable,
        Meaning::Declined,
        Advice::Retry,
        "The gateway is not available for the moment.",
    ),
    down("40018", "The gateway is not available for the moment."),
];

const BREAKDOWNS: &[Row] = &[
    unclear("90909", Status::Unavailable, "The server is not available for the moment; another one may be."),
    unclear("900001", Status::Unavailable, "Internal error of the vendor: its support has to look if it stays."),
];

const REQUEST_WORDS: &[Row] = &[
    ended("canceled", Status::Canceled, Advice::Retry, "Canceled."),
    ended("transaction canceled", Status::Canceled, Advice::Retry, "Canceled."),
    ended("timeout", Status::RequestTimedOut, Advice::Retry, "Nobody presented a card within `timeout`."),
    ended("transaction failed", Status::Vendor, Advice::Retry, "Failed; the transaction has the reason."),
    ended("error", Status::Vendor, Advice::Retry, "Failed; the transaction or the text has the reason."),
    ended("signature capture error", Status::Vendor, Advice::Resolve, "No signature; the money may have moved."),
];

const TERMINAL_WORDS: &[Row] = &[
    informs("offline", Status::DeviceOffline, Advice::Retry, "The terminal is not connected."),
    informs("processing transaction", Status::DeviceBusy, Advice::Retry, "The terminal is in a transaction."),
    informs("waiting for device pairing", Status::UnknownDevice, Advice::FixSetup, "The terminal is not paired yet."),
];
