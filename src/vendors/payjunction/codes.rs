//! PayJunction's failures. Its calls have no numbers of their own: the HTTP status and the parameter tell.

use crate::payment::snapshot::Advice;
use crate::status::Status;
use crate::vendors::codes::Call::{Change, Prepare, Read, Refund, Start};
use crate::vendors::codes::{
    Call, Code, Meaning, Place, Row, Section, Table, away, declined, ended, family, original, refused, rejected, row,
    say, setup,
};

pub static TABLE: Table = Table {
    vendor: "payjunction",
    title: "PayJunction",
    sections: &[
        Section {
            title: "HTTP statuses",
            places: &[Place::Http],
            calls: Call::ALL,
            http: &[],
            source: "Response Status Codes; Error Handling; Rate Limiting",
            rows: STATUSES,
        },
        Section {
            title: "HTTP 404 where a payment starts",
            places: &[Place::Http],
            calls: &[Start],
            http: &[],
            source: "Response Status Codes; POST request-payment",
            rows: &[setup("404", Status::UnknownDevice, "No smart terminal has this id: correct `terminal`.")],
        },
        Section {
            title: "HTTP 404 elsewhere",
            places: &[Place::Http],
            calls: &[Prepare, Change, Refund, Read],
            http: &[],
            source: "Response Status Codes; Error Handling",
            rows: &[refused(
                "404",
                Status::NotFound,
                Advice::FixRequest,
                "No such transaction or request, or a request that ended more than a day ago.",
            )],
        },
        Section {
            title: "Parameters of a validation error",
            places: &[Place::Body],
            calls: Call::ALL,
            http: &[(400, 400)],
            source: "Error Handling; POST request-payment; Surcharge API Guide",
            rows: PARAMETERS,
        },
        Section {
            title: "Parameters of a validation error, where a transaction is changed",
            places: &[Place::Body],
            calls: &[Change],
            http: &[(400, 400)],
            source: "Refunding and Voiding Transactions",
            rows: &[original(
                "status",
                Advice::FixRequest,
                "The transaction has been settled, or is in another state that forbids it. What is settled is refunded.",
            )],
        },
        Section {
            title: "Response codes of a transaction",
            places: &[Place::Response],
            calls: &[],
            http: &[],
            source: "Full List of Approval Codes and Decline Codes; Transaction Response Codes; Decline Handling",
            rows: RESPONSES,
        },
        Section {
            title: "Words for where a request stands",
            places: &[Place::Word],
            calls: &[],
            http: &[],
            source: "GET /smartterminals/requests/{requestId}; Testing for Busy or Offline Smart Terminal",
            rows: WORDS,
        },
    ],
};

const STATUSES: &[Row] = &[
    rejected("400", "A field is missing or wrong; the text names it."),
    setup("401", Status::Unauthorized, "Login, password or application key are wrong: correct the configuration."),
    setup("403", Status::Forbidden, "The API login lacks the permission, or a limit of the account is reached."),
    rejected("405", "The address does not take this method: compare `base_url`, and report it."),
    rejected("406", "The vendor answers in JSON only: report it."),
    row(
        Code::Is("429"),
        Status::RateLimited,
        Meaning::Pause,
        Advice::Retry,
        "More than one call in 100 ms, or one read of a request in 500 ms. See `rate_share`.",
    ),
    row(
        Code::Range(500, 599),
        Status::Unavailable,
        Meaning::Unclear,
        Advice::Resolve,
        "The vendor has failed. What became of the call is looked up.",
    ),
];

const PARAMETERS: &[Row] = &[
    rejected("amountBase", "The amount is missing or not greater than 0 once tax, shipping and surcharge are off."),
    rejected("amountSurcharge", "An account that adds its own surcharge takes none: leave `surcharge_amount` out."),
    rejected("cardNumber", "The number keyed for a card is not valid."),
    setup("terminalId", Status::Rejected, "No such merchant account for this login: correct `merchant_terminal`."),
    rejected("terms", "A signature is asked for with the text to be signed."),
    rejected("type", "The terminal does not ask for input of this type."),
];

const RESPONSES: &[Row] = &[
    row(Code::Is("00"), Status::Ok, Meaning::Success, Advice::Done, "Approved. `approved` decides, not the code."),
    row(Code::Is("85"), Status::Ok, Meaning::Success, Advice::Done, "An approval of former times; `approved` decides."),
    declined("01", say::ASK_THE_BANK, "Call the issuer."),
    declined("04", say::KEEP, "Pick up the card."),
    declined("05", say::ASK_THE_BANK, "Do not honor."),
    declined("10", say::PART_ONLY, "Approved in part, which the vendor does not support: it counts as declined."),
    declined("12", say::NOT_ALLOWED, "Invalid transaction."),
    declined("13", say::BAD_AMOUNT, "Amount invalid."),
    declined("14", say::BAD_NUMBER, "Card number invalid."),
    declined("15", say::BAD_NUMBER, "No such issuer."),
    declined("19", say::ENTER_AGAIN, "Re-enter."),
    declined("51", say::NO_MONEY, "Insufficient funds."),
    declined("54", say::EXPIRED, "Card expired."),
    declined("55", say::WRONG_PIN, "Wrong PIN."),
    declined("57", say::NOT_ALLOWED, "Service not allowed."),
    declined("61", say::LIMIT, "Exceeds the withdrawal limit."),
    declined("62", say::NOT_ALLOWED, "Restricted for this kind of shop."),
    declined("63", say::NOT_ALLOWED, "Restricted."),
    declined("65", say::LIMIT, "Exceeds the activity limit."),
    declined("75", say::PIN_BLOCKED, "PIN tries exceeded."),
    declined("78", say::NO_ACCOUNT, "No account."),
    away("91", "No reply from the issuer."),
    declined("97", say::SECURITY_CODE, "CVV2 mismatch. The issuer may hold the money until the sale is reversed."),
    declined("AA", say::ADDRESS, "The address does not match; the issuer holds the money until it is reversed."),
    declined("AI", say::ADDRESS, "Address check not supported, international card."),
    declined("AN", say::ADDRESS, "Address check not supported."),
    declined("AU", say::ADDRESS, "Address check not available."),
    row(
        Code::Is("DT"),
        Status::DuplicateSuspected,
        Meaning::Declined,
        Advice::Resolve,
        "Same card, amount and invoice within 10 minutes: the earlier charge is looked up before anything is said.",
    ),
    family(Code::Digits(2), "Two digits: declined by the issuer or the network."),
    family(Code::Letters(2), "Two letters: declined by the gateway, by a rule of the account."),
];

const WORDS: &[Row] = &[
    refused("BUSY", Status::DeviceBusy, Advice::Retry, "The terminal was occupied; nothing was started."),
    ended("NO_CONNECTION", Status::DeviceOffline, Advice::Retry, "The vendor's cloud cannot reach the terminal."),
    ended("CANCELLED", Status::Canceled, Advice::Retry, "Canceled at the terminal."),
    ended("CANCELED", Status::Canceled, Advice::Retry, "Canceled at the terminal, in the other spelling."),
];
