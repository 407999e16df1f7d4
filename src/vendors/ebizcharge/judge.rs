//! What a number of the vendor's says about a call that could have moved money.
//!
//! Source: POST /paymentengine/payrequests, Errors; Error Codes; REST API, Rate Limits and Authentication.

use crate::status::Status;

/// What the vendor's own error body means for a submit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// Rejected before anything started.
    Refused,
    /// It may have been executed. Only looking tells.
    Unclear,
    /// Not executed: the vendor wants fewer calls, or has locked this computer out.
    Pause,
}

/// Which call has failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    /// Starts a payment or refund at a terminal.
    Start,
    /// Void, capture, refund.
    Change,
}

/// What a number means at the failure of a submit that came with the vendor's own body. Most failures come with an HTTP
/// status that no document gives, so the number decides; only a server's own fault makes any other number unclear.
pub(super) fn submit(call: Call, http: u16, code: i32) -> (Status, Meaning) {
    let status = status(http, code);
    let meaning = match code {
        155 if http == 429 => Meaning::Pause,
        10140 => Meaning::Pause,
        // The link to the terminal broke, the request timed out on its way, or the vendor is out of order.
        21102 | 21104 | 21106 | 21144 | 93 | 90909 | 900001 => Meaning::Unclear,
        // The login stands before the work.
        _ if http == 401 => Meaning::Refused,
        _ if http == 408 || http == 429 => Meaning::Unclear,
        21100..=21199 if call == Call::Start && http < 500 => Meaning::Refused,
        _ if http >= 500 && !is_terminal(code) => Meaning::Unclear,
        _ if is_listed(call, code) => Meaning::Refused,
        _ => Meaning::Unclear,
    };
    (status, meaning)
}

/// The five of the page on payment requests and their neighbors: they speak of the terminal before the payment.
fn is_terminal(code: i32) -> bool {
    matches!(code, 21100 | 21101 | 21121 | 21143 | 21145 | 21146)
}

fn is_listed(call: Call, code: i32) -> bool {
    let access = matches!(
        code,
        0 | 23 | 28 | 29 | 30 | 80 | 84 | 156 | 10117 | 10118 | 10137 | 10138 | 20005
            ..=20008 | 20010 | 20036 | 21001 | 21002
    );
    let request = matches!(code, 70 | 71 | 20019 | 20026);
    let original = matches!(
        code,
        24 | 25 | 26 | 35 | 82 | 83 | 101..=103 | 113..=118 | 10105 | 10124..=10126 | 10133 | 10134 | 10136 | 10142 | 20001
    );
    access || request || is_terminal(code) && call == Call::Start || original && call == Call::Change
}

/// The library's number for the vendor's.
pub(super) fn status(http: u16, code: i32) -> Status {
    match code {
        155 => Status::RateLimited,
        10140 => Status::LockedOut,
        23 | 28..=30 | 10117 | 10118 | 10137 | 10138 | 20006..=20008 | 20010 | 21002 => Status::Unauthorized,
        80 | 84 | 156 | 20005 | 20036 => Status::Forbidden,
        21001 => Status::Config,
        31 | 93 => Status::DuplicateSuspected,
        35 | 113 | 10105 | 20001 => Status::NotFound,
        101 | 90909 | 900001 => Status::Unavailable,
        24..=26
        | 70
        | 71
        | 82
        | 83
        | 102
        | 103
        | 114..=118
        | 10124..=10126
        | 10133
        | 10134
        | 10136
        | 10142
        | 20019
        | 20026 => Status::Rejected,
        21100..=21199 => Status::from_number(code).unwrap_or(Status::Vendor),
        _ => by_http(http),
    }
}

fn by_http(http: u16) -> Status {
    match http {
        401 => Status::Unauthorized,
        403 => Status::Forbidden,
        404 => Status::NotFound,
        408 => Status::Timeout,
        429 => Status::RateLimited,
        500..=599 => Status::Unavailable,
        _ => Status::Vendor,
    }
}

/// A failure of the terminal that stands beside an ended request and says that no card was read.
pub(super) fn before_any_card(code: i32) -> bool {
    is_terminal(code)
}
