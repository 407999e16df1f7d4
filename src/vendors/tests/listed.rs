//! Every code of the vendors' documents has its row.

use crate::status::Status;
use crate::vendors::codes::{Code, Place, Table};
use crate::vendors::{ebizcharge, justifi, payjunction};

fn stands(table: &Table, place: Place, code: &str) -> bool {
    let sections = table.sections.iter().filter(|section| section.places.contains(&place));
    sections.flat_map(|section| section.rows).any(|row| match row.code {
        Code::Is(known) => known == code,
        Code::Range(from, to) => code.parse().is_ok_and(|number: i32| (from..=to).contains(&number) && to - from < 10),
        _ => false,
    })
}

fn all_stand(table: &Table, place: Place, codes: &str) -> usize {
    let missing: Vec<&str> = codes.split_whitespace().filter(|code| !stands(table, place, code)).collect();
    assert!(missing.is_empty(), "{} {place:?}: {missing:?}", table.vendor);
    codes.split_whitespace().count()
}

fn words_stand(table: &Table, words: &[&str]) {
    for word in words {
        assert!(table.word(word).is_some(), "{} {word}", table.vendor);
    }
}

#[test]
fn every_code_of_payjunction_is_listed() {
    let table = &payjunction::codes::TABLE;
    all_stand(table, Place::Http, "400 401 403 404 405 406 429");
    all_stand(table, Place::Body, "amountBase amountSurcharge cardNumber status terminalId terms type");
    all_stand(
        table,
        Place::Response,
        "00 01 04 05 10 12 13 14 15 19 51 54 55 57 61 62 63 65 75 78 85 91 97 AA AI AN AU DT",
    );
    words_stand(table, &["BUSY", "NO_CONNECTION", "CANCELLED"]);
    for (code, who) in [("03", "issuer"), ("99", "issuer"), ("AB", "gateway"), ("ZZ", "gateway")] {
        let row = table.response(code);
        assert!(row.status == Status::Declined && row.help.contains(who), "{code}: {row:?}");
    }
}

#[test]
fn every_number_of_ebizcharge_is_listed() {
    let table = &ebizcharge::codes::TABLE;
    let terminals = "21100 21101 21102 21103 21104 21105 21106 21121 21143 21144 21145 21146";
    let neighbors = "21001 21002 155 156 0 23 28 29 30 80 84 10117 10118 10137 10138 10140 20001 20005 20006 20007 20008 \
        20010 20036 20019 20026 31 93 24 102 25 26 35 103 117 82 83 118 101 70 71 113 114 115 116 10105 10124 10125 \
        10126 10133 10134 10136 10142 4 9 10 18 19 27 42 81 9001 20009 40003 40004 40005 40006 40007 40008 40009 40018 \
        90909 900001";
    all_stand(table, Place::Body, terminals);
    all_stand(table, Place::Body, neighbors);
    all_stand(
        table,
        Place::Response,
        "00000 10127 10139 10151 10160 10204 10205 10212 10214 10215 10225 10251 10255 10257 10262 10265 10275 10278 \
         10282 10293 10297 15000 15100 50005 50051 50055 50127",
    );
    words_stand(
        table,
        &["canceled", "transaction canceled", "transaction failed", "timeout", "error", "signature capture error"],
    );
    words_stand(table, &["offline", "processing transaction", "waiting for device pairing"]);
}

#[test]
fn the_other_words_of_a_running_request_are_no_failures() {
    let running = [
        "sending to device",
        "sent to device",
        "waiting for card dip",
        "changing interfaces",
        "customer see phone and tap again",
        "processing payment",
        "completing payment",
        "capturing signature",
        "transaction complete",
        "pending",
        "connected",
        "online",
    ];
    for word in running {
        assert_eq!(ebizcharge::codes::TABLE.word(word), None, "{word}");
    }
    for word in ["CONNECTING", "IN_PROGRESS", "COMPLETE"] {
        assert_eq!(payjunction::codes::TABLE.word(word), None, "{word}");
    }
    for word in ["created", "attempted", "completed", "processing", "succeeded", "connected", "unknown"] {
        assert_eq!(justifi::codes::TABLE.word(word), None, "{word}");
    }
}

#[test]
fn every_platform_of_usaepay_has_its_family() {
    let families = [
        ("First Data Nashville", &["10001", "10098", "10128", "10200", "10299"][..]),
        ("FDMS North", &["15001", "15099"]),
        ("TSYS", &["50001", "50099", "56000", "59999"]),
        ("Vantiv", &["64000", "64999", "66000", "66999"]),
        ("Paymentech", &["65000", "65999"]),
        ("Planet Payment", &["70000", "79999"]),
        ("RBS WorldPay", &["80000", "81999"]),
        ("Global", &["89000", "89999"]),
    ];
    for (name, numbers) in families {
        for number in numbers {
            let row = ebizcharge::codes::TABLE.response(number);
            assert!(row.help.starts_with(name) && row.status == Status::Declined, "{number}: {row:?}");
            assert_eq!(row.sentence, "", "{number}: a platform's number has no meaning of its own here");
        }
    }
}

#[test]
fn every_code_of_justifi_is_listed() {
    let table = &justifi::codes::TABLE;
    let published = "not_authenticated not_authorized invalid_sub_account service_not_allowed \
        idempotency_key_required idempotency_params_mismatch idempotency_concurrent_request \
        idempotency_request_in_progress gateway_idempotency_error \
        resource_not_found payment_method_not_found payment_intent_not_found parameter_missing unexpected_parameter \
        invalid_characters \
        amount_required amount_must_be_an_integer amount_below_minimum amount_above_maximum amount_too_small \
        amount_too_large invalid_charge_amount currency_required currency_invalid checkout_invalid_currency \
        acct_last_four_required application_fee_rate_id_required application_fee_required brand_required \
        card_name_required card_number_required customer_id_required email_required gateway_account_id_required \
        gateway_ref_id_required payment_method_required payment_method_token_required transfer_required \
        capture_strategy_invalid card_number_invalid country_invalid email_invalid month_invalid postal_code_invalid \
        refund_reason_invalid state_invalid verification_invalid year_invalid \
        card_declined card_decline_rate_limit_exceeded expired_card do_not_honor do_not_retry new_card_issued \
        account_closed restricted_card insufficient_funds exceeds_card_limit invalid_address invalid_card_number \
        invalid_card_brand invalid_cvc invalid_expiry_month invalid_expiry_year invalid_expiry_date invalid_zip_code \
        issuer_not_available pin_required incorrect_pin pin_tries_exceeded \
        gateway_error gateway_error_please_retry gateway_timeout_error gateway_rate_limit_error \
        gateway_authentication_error internal_server_error \
        charge_expired_for_capture payment_intent_cannot_be_captured payment_intent_unexpected_state token_already_used \
        token_in_use customer_max_payment_methods \
        payment_fully_refunded payment_outside_refund_window payment_outside_void_window refund_error \
        refund_exceeds_amount_available refund_exceeds_payment_amount refund_in_progress";
    assert_eq!(all_stand(table, Place::Body, published), 89);
    let named_elsewhere = "payment_already_captured full_pan_not_allowed credit_card_number_invalid fees_invalid \
        fee_amount_greater_than_zero multiple_of_same_fee_type fee_amount_greater_than_payment_amount \
        fee_and_application_fee_declared fee_type_must_exist_on_payment_fees returned_fee_exceeds_remaining_amount \
        lost_card stolen_card invalid_amount";
    all_stand(table, Place::Body, named_elsewhere);
    let network = "005 100 101 102 104 106 110 116 134 117 119 121 122 123 124 129 131 132 152 154 208 209 213 231 232 \
        302 237 503 317 351 414 500 504 505 516 512 517 528 531 902 907 963";
    all_stand(table, Place::Network, network);
    all_stand(table, Place::Http, "401 403 404 408 429");
    words_stand(table, &["canceled", "expired", "ACTIVE", "DISCONNECTED", "pending_configuration", "archived"]);
}
