//! The same failure has the same number, and the same words for the cashier, whichever vendor it comes from.

use crate::payment::snapshot::Advice;
use crate::status::Status;
use crate::vendors::codes::Call::{Change, Prepare, Read, Refund, Start};
use crate::vendors::codes::{Row, say};
use crate::vendors::{ebizcharge, justifi, payjunction};

/// Where the same failure stands at each vendor. `None`: this vendor does not tell it.
struct Same {
    status: Status,
    advice: Advice,
    at: [Option<&'static Row>; 3],
}

fn same(status: Status, advice: Advice, at: [Option<&'static Row>; 3]) -> Same {
    Same { status, advice, at }
}

fn check(all: &[Same]) {
    for (number, failure) in all.iter().enumerate() {
        for row in failure.at.iter().flatten() {
            assert_eq!((row.status, row.advice), (failure.status, failure.advice), "failure {number}: {row:?}");
        }
        assert!(failure.at.iter().flatten().count() >= 2, "failure {number} is compared with nothing");
    }
}

#[test]
fn a_failure_of_a_call_has_the_same_number_at_all_three_vendors() {
    let pj = |call, http, code| Some(payjunction::codes::TABLE.reply(call, http, code));
    let eb = |call, http, code| Some(ebizcharge::codes::TABLE.reply(call, http, code));
    let jf = |call, http, code| Some(justifi::codes::TABLE.reply(call, http, code));
    let fix = Advice::FixRequest;
    let setup = Advice::FixSetup;
    let look = Advice::Resolve;
    check(&[
        same(
            Status::Unauthorized,
            setup,
            [pj(Start, 401, ""), eb(Start, 401, "23"), jf(Start, 401, "not_authenticated")],
        ),
        same(Status::Unauthorized, setup, [pj(Read, 401, ""), eb(Read, 401, "21002"), jf(Read, 401, "")]),
        same(Status::Forbidden, setup, [pj(Refund, 403, ""), eb(Refund, 200, "80"), jf(Refund, 403, "not_authorized")]),
        same(
            Status::UnknownDevice,
            setup,
            [pj(Start, 404, ""), eb(Start, 404, "21121"), jf(Start, 404, "resource_not_found")],
        ),
        same(
            Status::NotFound,
            fix,
            [pj(Change, 404, ""), eb(Change, 200, "20001"), jf(Change, 404, "resource_not_found")],
        ),
        same(
            Status::NotFound,
            fix,
            [pj(Refund, 404, ""), eb(Refund, 200, "113"), jf(Refund, 404, "resource_not_found")],
        ),
        same(
            Status::Rejected,
            fix,
            [pj(Start, 400, "amountBase"), eb(Start, 400, "20026"), jf(Prepare, 422, "amount_required")],
        ),
        same(
            Status::Rejected,
            fix,
            [pj(Change, 400, "status"), eb(Change, 200, "103"), jf(Change, 422, "payment_outside_void_window")],
        ),
        same(Status::Rejected, fix, [None, eb(Refund, 200, "114"), jf(Refund, 422, "refund_exceeds_payment_amount")]),
        same(Status::Rejected, fix, [None, eb(Change, 200, "10142"), jf(Change, 422, "charge_expired_for_capture")]),
        same(
            Status::DuplicateSuspected,
            look,
            [None, eb(Refund, 200, "93"), jf(Refund, 409, "idempotency_concurrent_request")],
        ),
        same(Status::RateLimited, Advice::Retry, [pj(Start, 429, ""), eb(Start, 429, "155"), jf(Start, 429, "")]),
        same(
            Status::Unavailable,
            look,
            [pj(Start, 500, ""), eb(Start, 500, "900001"), jf(Start, 500, "internal_server_error")],
        ),
        same(Status::Unavailable, look, [pj(Change, 503, ""), eb(Change, 503, ""), jf(Change, 503, "")]),
    ]);
}

#[test]
fn a_terminals_trouble_has_the_same_number_at_all_three_vendors() {
    let pj = |word| payjunction::codes::TABLE.word(word);
    let eb = |word| ebizcharge::codes::TABLE.word(word);
    let number = |code| Some(ebizcharge::codes::TABLE.reply(Start, 409, code));
    let jf = |word| justifi::codes::TABLE.word(word);
    let again = Advice::Retry;
    check(&[
        same(Status::DeviceBusy, again, [pj("BUSY"), number("21146"), jf("ACTIVE")]),
        same(Status::DeviceBusy, again, [pj("BUSY"), eb("processing transaction"), jf("ACTIVE")]),
        same(Status::DeviceOffline, again, [pj("NO_CONNECTION"), number("21145"), jf("disconnected")]),
        same(Status::DeviceOffline, again, [pj("NO_CONNECTION"), eb("offline"), jf("disconnected")]),
        same(Status::Canceled, again, [pj("CANCELLED"), eb("transaction canceled"), jf("canceled")]),
        same(Status::Canceled, again, [pj("CANCELED"), eb("canceled"), jf("canceled")]),
        same(Status::UnknownDevice, Advice::FixSetup, [None, eb("waiting for device pairing"), jf("archived")]),
    ]);
    assert_eq!(pj("BUSY").map(|row| row.status.number()), Some(21146));
    assert_eq!(pj("NO_CONNECTION").map(|row| row.status.number()), Some(21145));
}

#[test]
fn the_numbers_that_vendors_print_are_the_librarys_own() {
    for number in (21100..=21106).chain([21121]).chain(21143..=21146) {
        let row = ebizcharge::codes::TABLE.reply(Start, 404, &number.to_string());
        assert_eq!(row.status.number(), number);
    }
}

#[test]
fn a_decline_has_the_same_number_advice_and_words_at_all_three_vendors() {
    let again = |sentence| if sentence == say::BANK_AWAY { Advice::Retry } else { Advice::NewCard };
    let all: &[(&str, &str, &str, &str, &str)] = &[
        (say::ASK_THE_BANK, "05", "10205", "do_not_honor", "005"),
        (say::ASK_THE_BANK, "01", "50005", "do_not_honor", "100"),
        (say::NO_MONEY, "51", "10251", "insufficient_funds", "116"),
        (say::NO_MONEY, "51", "50051", "insufficient_funds", "134"),
        (say::WRONG_PIN, "55", "10255", "incorrect_pin", "117"),
        (say::WRONG_PIN, "55", "50055", "incorrect_pin", "117"),
        (say::PIN_BLOCKED, "75", "10275", "pin_tries_exceeded", "106"),
        (say::EXPIRED, "54", "", "expired_card", "101"),
        (say::KEEP, "04", "10204", "stolen_card", "209"),
        (say::KEEP, "04", "10204", "lost_card", "208"),
        (say::BAD_NUMBER, "14", "10214", "invalid_card_number", "131"),
        (say::LIMIT, "65", "10265", "exceeds_card_limit", "121"),
        (say::NOT_ALLOWED, "63", "10262", "restricted_card", "104"),
        (say::NOT_ALLOWED, "57", "10257", "service_not_allowed", "512"),
        (say::NO_ACCOUNT, "78", "10278", "account_closed", "232"),
        (say::SECURITY_CODE, "97", "10297", "invalid_cvc", "517"),
        (say::ADDRESS, "AA", "", "invalid_address", ""),
        (say::TOO_OFTEN, "", "10160", "card_decline_rate_limit_exceeded", ""),
        (say::BANK_AWAY, "91", "", "issuer_not_available", "907"),
    ];
    for (sentence, pj, eb, jf, network) in all {
        let rows = [
            payjunction::codes::TABLE.response(pj),
            ebizcharge::codes::TABLE.response(eb),
            justifi::codes::TABLE.response(jf),
            justifi::codes::TABLE.network(network),
        ];
        for (code, row) in [pj, eb, jf, network].iter().zip(rows).filter(|(code, _)| !code.is_empty()) {
            assert_eq!(
                (row.sentence, row.status, row.advice),
                (*sentence, Status::Declined, again(*sentence)),
                "{code}"
            );
        }
    }
    let look = |row: &Row| (row.status, row.advice);
    assert_eq!(look(payjunction::codes::TABLE.response("DT")), look(ebizcharge::codes::TABLE.response("31")));
    assert_eq!(look(ebizcharge::codes::TABLE.response("4")), look(justifi::codes::TABLE.response("gateway_error")));
    assert_eq!(look(ebizcharge::codes::TABLE.response("4")), look(justifi::codes::TABLE.network("963")));
}
