//! What passes as the vendor's word, and what it points at. The signatures were computed by another program.

use super::*;
use crate::config::Config;
use crate::payment::Fields;
use crate::vendors::{ALL, Feature, ebizcharge, justifi};

const PAYJUNCTION: Scheme = crate::vendors::payjunction::WEBHOOKS;
const EBIZCHARGE: Scheme = ebizcharge::WEBHOOKS;
const JUSTIFI: Scheme = justifi::WEBHOOKS;

const SECRET: &str = "a secret of the merchant's";
/// Laid out as the captured ones are.
const BODY: &str = r#"{
  "id" : "835a3fe6-a7e2-4872-9206-1ed28c4476e6",
  "created" : "2018-02-20T20:30:01.756Z",
  "type" : "SMARTTERMINAL_REQUEST",
  "data" : {
    "requestId" : "422900dc-25bb-4b56-94f4-d7f5c9646e54",
    "status" : "CONNECTING"
  }
}"#;
const SIGNATURE: &str = "07071c7e1034d2bb85e91f8fdfa1836275fa086a0d0a72facc05086facfab694";

fn status(scheme: &Scheme, secret: &str, headers: &str, body: &[u8]) -> Status {
    verify(scheme, &Secret::new(secret), headers, body).map_or_else(|error| error.status, |()| Status::Ok)
}

fn payjunction(headers: &str) -> Status {
    status(&PAYJUNCTION, SECRET, headers, BODY.as_bytes())
}

#[test]
fn the_headers_of_a_web_server_are_taken_as_they_come() {
    for headers in [
        format!("X-Pj-Signature: {SIGNATURE}"),
        format!("x-pj-signature:{SIGNATURE}\n"),
        format!("X-PJ-SIGNATURE: \t{SIGNATURE} \t\r\nHost: till\r\n\r\n"),
        format!(
            "POST /hook?a:b HTTP/1.1\r\nHost: till:8080\r\nContent-Type: application/json\r\nX-Pj-Signature: {SIGNATURE}\r\n"
        ),
        format!("no colon\n: no name\nX-Pj-Signature: {}\n", SIGNATURE.to_uppercase()),
    ] {
        assert_eq!(payjunction(&headers), Status::Ok, "{headers}");
    }
}

#[test]
fn what_is_not_signed_once_and_whole_is_forged() {
    let (short, long) = (&SIGNATURE[1..], format!("0{SIGNATURE}"));
    for headers in [
        String::new(),
        String::from("Host: till"),
        String::from("X-Pj-Signature:"),
        String::from("X-Pj-Signature: \r\n"),
        format!("X-Pj-Signature {SIGNATURE}"),
        format!("X-Pj-Signatur: {SIGNATURE}"),
        format!("X-Signature: {SIGNATURE}"),
        format!(" X-Pj-Signature: {SIGNATURE}"),
        format!("X-Pj-Signature: {short}"),
        format!("X-Pj-Signature: {long}"),
        format!("X-Pj-Signature: {short}g"),
        format!("X-Pj-Signature: sha256={SIGNATURE}"),
        format!("X-Pj-Signature: {short}\u{0661}"),
        format!("X-Pj-Signature: {SIGNATURE}\nX-Pj-Signature: {SIGNATURE}"),
        format!("X-Pj-Signature: {SIGNATURE}, {SIGNATURE}"),
    ] {
        assert_eq!(payjunction(&headers), Status::Signature, "{headers}");
    }
}

#[test]
fn one_changed_byte_of_body_signature_or_secret_is_forged() {
    let headers = format!("X-Pj-Signature: {SIGNATURE}");
    for at in 0..BODY.len() {
        let mut body = BODY.as_bytes().to_vec();
        body[at] ^= 1;
        assert_eq!(status(&PAYJUNCTION, SECRET, &headers, &body), Status::Signature, "byte {at} of the body");
    }
    for at in 0..SIGNATURE.len() {
        let mut digits = SIGNATURE.as_bytes().to_vec();
        digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
        let headers = format!("X-Pj-Signature: {}", String::from_utf8_lossy(&digits));
        assert_eq!(payjunction(&headers), Status::Signature, "digit {at} of the signature");
    }
    for secret in ["a secret of the merchant", "A secret of the merchant's", ""] {
        assert_eq!(status(&PAYJUNCTION, secret, &headers, BODY.as_bytes()), Status::Signature, "{secret}");
    }
    let compact: String = BODY.split_whitespace().collect();
    assert_eq!(status(&PAYJUNCTION, SECRET, &headers, compact.as_bytes()), Status::Signature, "the very bytes count");
    let longer = format!("{BODY}\n");
    assert_eq!(status(&PAYJUNCTION, SECRET, &headers, longer.as_bytes()), Status::Signature);
}

#[test]
fn a_timestamp_is_signed_as_it_stands_in_its_header() {
    let body =
        br#"{"id":"evt_1","account_type":"test","version":"v1","data":{"id":"py_1"},"event_name":"payment.created"}"#;
    let justifi = |timestamp: &str, signature: &str| {
        let headers = format!("{timestamp}\r\nJustifi-Signature: {signature}\r\n");
        status(&JUSTIFI, "justifi-test-key", &headers, body)
    };
    let (unix, iso) = (
        "1536d0debc7c232022f103d36c27d721aaa6996392ee1d841d534dac7314dfde",
        "c6ad5415e1c90a873cd23e37ddcb370f5fbb4f0745655cb71e5b39b29bc79190",
    );
    assert_eq!(justifi("Justifi-Timestamp: 1668122947", unix), Status::Ok);
    assert_eq!(justifi("JUSTIFI-TIMESTAMP: 2026-02-13T12:00:00.000Z", iso), Status::Ok, "of years ago and of today");
    assert_eq!(justifi("Justifi-Timestamp: 1668122948", unix), Status::Signature);
    assert_eq!(justifi("Justifi-Timestamp: 01668122947", unix), Status::Signature);
    assert_eq!(justifi("Justifi-Timestamp: 1668122947", iso), Status::Signature);
    assert_eq!(justifi("Host: till", unix), Status::Signature);
    let twice = "Justifi-Timestamp: 1668122947\nJustifi-Timestamp: 1668122947";
    assert_eq!(justifi(twice, unix), Status::Signature);
}

/// `(printf 1793620800.; printf %s "$BODY") | openssl dgst -sha256 -hmac sigk_a-till-in-a-shop` printed this signature, and
/// so did Python's `hmac`. The same two agree with the examples in the vendor's own libraries.
#[test]
fn the_golden_vector_of_justifi() {
    let body = concat!(
        r#"{"id":"evt_5fQ2","account_id":"acc_7","account_type":"test","platform_account_id":null,"#,
        r#""idempotency_key":null,"request_id":null,"version":"v1","data":{"id":"chc_9","payment_mode":"card_present","#,
        r#""payment_token":null,"status":"succeeded","payment_status":"succeeded","checkout_id":"cho_3","#,
        r#""payment_id":"py_4","terminal_id":"trm_1","checkout":{"id":"cho_3","status":"completed","#,
        r#""metadata":{"posjunction_key":"PJ-1"}}},"event_name":"checkout.completion.succeeded"}"#
    );
    let signature = "af6b2fdde8a1c56d055025742e537ef6bd64b2b8ee04911e7e253a2882e4ba2c";
    let headers = format!("JUSTIFI-TIMESTAMP: 1793620800\r\nJUSTIFI-SIGNATURE: {signature}\r\n");
    let secret = "sigk_a-till-in-a-shop";
    assert_eq!(status(&JUSTIFI, secret, &headers, body.as_bytes()), Status::Ok);
    let seen = hint(&JUSTIFI, body).expect("an event of ours");
    assert_eq!((seen.event_id.as_str(), seen.wire_key.as_deref()), ("evt_5fQ2", Some("PJ-1")));
    // Neither the body alone is signed, nor timestamp and body without the dot, nor the secret's bytes after "sigk_".
    for wrong in [body.to_owned(), format!("1793620800{body}"), format!("1793620800.{body}\n")] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag: String = hmac::sign(&key, wrong.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect();
        let headers = format!("JUSTIFI-TIMESTAMP: 1793620800\nJUSTIFI-SIGNATURE: {tag}");
        assert_eq!(status(&JUSTIFI, secret, &headers, body.as_bytes()), Status::Signature, "{wrong}");
    }
    assert_eq!(status(&JUSTIFI, "a-till-in-a-shop", &headers, body.as_bytes()), Status::Signature);
}

/// No document of the vendor has an example. `printf %s "$BODY" | openssl dgst -sha256 -hmac "signature key"` printed the
/// first signature.
#[test]
fn any_bytes_can_be_signed_but_not_none_and_not_too_many() {
    let body = br#"{"type":"event","event_type":"transaction.sale.success","event_body":{"object":{"type":"transaction","refnum":3111111111}},"event_id":"aa"}"#;
    let headers = "X-Signature: 7ae28d0dfe140569c4149b6e4c86ab71d19008b38bec5dc8e28f580b6e598cae";
    assert_eq!(status(&EBIZCHARGE, "signature key", headers, body), Status::Ok);
    let headers = "X-Signature: 1dd62e138fdecaa20c5866a2678cd598ff700b3f680fce1092b90875caf53fcd";
    assert_eq!(status(&EBIZCHARGE, "k", headers, b"\0a\0{}"), Status::Ok, "a NUL ends nothing");
    assert_eq!(status(&EBIZCHARGE, "k", headers, b""), Status::InvalidArgument);
    assert_eq!(status(&EBIZCHARGE, "k", headers, &vec![b' '; LONGEST_BODY]), Status::Signature);
    assert_eq!(status(&EBIZCHARGE, "k", headers, &vec![b' '; LONGEST_BODY + 1]), Status::Limit);
}

#[test]
fn a_refusal_names_the_header_and_keeps_the_secret() {
    let error = verify(&PAYJUNCTION, &Secret::new("hunter2"), "X-Pj-Signature: 00", b"{}").unwrap_err();
    assert!(error.text.starts_with("X-Pj-Signature: "), "{}", error.text);
    let headers = format!("X-Pj-Signature: {SIGNATURE}");
    let error = verify(&PAYJUNCTION, &Secret::new("hunter2"), &headers, b"{}").unwrap_err();
    assert!(!error.text.contains("hunter2") && !error.text.contains(SIGNATURE), "{}", error.text);
}

fn hint(scheme: &Scheme, body: &str) -> Option<Hint> {
    read(scheme, body.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn every_event_of_payjunction_points_at_what_it_names() {
    let request = "422900dc-25bb-4b56-94f4-d7f5c9646e54";
    let seen = hint(&PAYJUNCTION, BODY).unwrap();
    assert_eq!(
        (seen.event_id.as_str(), seen.event.as_str()),
        ("835a3fe6-a7e2-4872-9206-1ed28c4476e6", "SMARTTERMINAL_REQUEST")
    );
    assert_eq!((seen.request_ids, seen.transaction_ids), (ids(&[request]), ids(&[])));

    let body = r#"{"id":"e","type":"SMARTTERMINAL_REQUEST","data":{"requestId":"r-1","status":"COMPLETE","transactionId":10082}}"#;
    let complete = hint(&PAYJUNCTION, body).unwrap();
    assert_eq!((complete.request_ids, complete.transaction_ids), (ids(&["r-1"]), ids(&["10082"])));

    let legacy = hint(&PAYJUNCTION, include_str!("../payjunction/tests/fixtures/webhook_transaction.json")).unwrap();
    assert_eq!((legacy.request_ids, legacy.transaction_ids), (ids(&[request]), ids(&["8350"])));
    assert_eq!(legacy.terminal.as_deref(), Some("88888888-4444-4444-4444-cccccccccccc"));

    let signed = hint(&PAYJUNCTION, include_str!("../payjunction/tests/fixtures/webhook_signature.json")).unwrap();
    assert_eq!((signed.request_ids, signed.transaction_ids), (ids(&[]), ids(&["8350"])));
    let plain = hint(&PAYJUNCTION, r#"{"id":"e","type":"TRANSACTION","data":{"transactionId":8350}}"#).unwrap();
    assert_eq!((plain.transaction_ids, plain.terminal), (ids(&["8350"]), None));

    for unknown in ["CUSTOMER", "DEPOSIT", "SETTLEMENT", "SMARTTERMINAL_TELEPATHY", ""] {
        let body = format!(r#"{{"id":"e","type":"{unknown}","data":{{"transactionId":8350}}}}"#);
        assert_eq!(hint(&PAYJUNCTION, &body), None, "{unknown}");
    }
}

#[test]
fn every_event_of_justifi_points_at_what_it_names() {
    let event = |name: &str, data: &str| {
        hint(&JUSTIFI, &format!(r#"{{"id":"evt_1","account_type":"test","data":{data},"event_name":"{name}"}}"#))
    };
    let completion = r#"{"id":"chc_1","status":"succeeded","checkout_id":"cho_1","payment_id":"py_1","terminal_id":"trm_1",
        "checkout":{"id":"cho_1","metadata":{"posjunction_key":"PJ-1"}}}"#;
    for name in ["checkout.completion.succeeded", "checkout.completion.failed", "checkout.completion.processing"] {
        let seen = event(name, completion).unwrap();
        assert_eq!((seen.event_id.as_str(), seen.event.as_str()), ("evt_1", name));
        assert_eq!((seen.request_ids, seen.transaction_ids), (ids(&["cho_1"]), ids(&["py_1"])));
        assert_eq!((seen.terminal.as_deref(), seen.wire_key.as_deref()), (Some("trm_1"), Some("PJ-1")));
    }
    let checkout = r#"{"id":"cho_1","status":"completed","successful_payment_id":"py_1","metadata":{},
        "payment":{"metadata":{"posjunction_key":"PJ-1"}}}"#;
    for name in ["checkout.created", "checkout.completed"] {
        let seen = event(name, checkout).unwrap();
        assert_eq!((seen.request_ids, seen.transaction_ids), (ids(&["cho_1"]), ids(&["py_1"])));
        assert_eq!(seen.wire_key.as_deref(), Some("PJ-1"));
    }
    let intent =
        r#"{"id":"pi_1","status":"succeeded","successful_payment_id":null,"metadata":{"posjunction_key":"PJ-1"}}"#;
    let seen = event("payment_intent.succeeded", intent).unwrap();
    assert_eq!((seen.request_ids, seen.transaction_ids), (ids(&["pi_1"]), ids(&[])));
    assert_eq!(seen.wire_key.as_deref(), Some("PJ-1"));
    let payment = r#"{"id":"py_1","payment_intent_id":"pi_1","checkout_id":"cho_1","metadata":null}"#;
    let seen = event("payment.created", payment).unwrap();
    assert_eq!((seen.request_ids, seen.transaction_ids), (ids(&["pi_1", "cho_1"]), ids(&["py_1"])));
    let refund = event("payment.refund.updated", r#"{"id":"re_1","payment_id":"py_1"}"#).unwrap();
    assert_eq!(refund.transaction_ids, ids(&["py_1"]));
    for other in ["payout.paid", "terminal_order.created", "report.completed", "payment_method.created", ""] {
        assert_eq!(event(other, r#"{"id":"x"}"#), None, "{other}");
    }
}

#[test]
fn every_event_of_the_payment_engine_points_at_what_it_names() {
    let event = |name: &str, object: &str| {
        let body = r#""merchant":{"merch_key":"m"},"changes":{}"#;
        hint(
            &EBIZCHARGE,
            &format!(
                r#"{{"type":"event","event_triggered":"2026-02-13 12:00:00","event_type":"{name}",
            "event_body":{{{body},"object":{object}}},"event_id":"aa"}}"#
            ),
        )
    };
    let object =
        r#"{"type":"transaction","key":"cnftkdhc4dt3m4k","refnum":3111111111,"orderid":"PJ-1","invoice":"98454685"}"#;
    let names = ["success", "failure", "voided", "captured", "adjusted", "queued", "unvoided"];
    let names = names.map(|end| format!("transaction.sale.{end}"));
    for name in names.iter().map(String::as_str).chain(["transaction.refund.success", "transaction.refund.voided"]) {
        let seen = event(name, object).unwrap();
        assert_eq!((seen.event_id.as_str(), seen.event.as_str()), ("aa", name));
        assert_eq!((seen.transaction_ids, seen.wire_key.as_deref()), (ids(&["cnftkdhc4dt3m4k"]), Some("PJ-1")));
    }
    for other in ["settlement.batch.success", "ach.settled", "cau.submitted", "product.inventory.ordered", ""] {
        assert_eq!(event(other, object), None, "{other}");
    }
}

/// A signed body is the vendor's, but nothing in it is taken at its word: not even that an id is one.
#[test]
fn what_makes_no_sense_points_at_nothing() {
    for scheme in [&PAYJUNCTION, &EBIZCHARGE, &JUSTIFI] {
        for body in ["", "x", "[]", "null", "7", "\"text\"", "{", "{\"a\":9e308}}", &"[".repeat(100_000)] {
            assert!(read(scheme, body.as_bytes()).is_err(), "{body}");
        }
        for body in ["{}", r#"{"type":7,"data":[],"event_type":"transaction.sale.success","event_name":"payment.x"}"#] {
            assert_eq!(hint(scheme, body).map(|hint| hint.transaction_ids.len()).unwrap_or_default(), 0, "{body}");
        }
    }
    for id in ["\"../main\"", "\"a b\"", "\"\"", "-1", "1.5", "true", "{}", "\"\u{e9}\""] {
        let body = format!(r#"{{"id":"e","type":"TRANSACTION","data":{{"transactionId":{id}}}}}"#);
        assert_eq!(hint(&PAYJUNCTION, &body).unwrap().transaction_ids, ids(&[]), "{id}");
    }
    let long = format!(r#"{{"id":"{}","type":"TRANSACTION","data":{{"transactionId":1}}}}"#, "e".repeat(129));
    assert_eq!(hint(&PAYJUNCTION, &long).unwrap().event_id, "");
}

/// PJ_CAN_WEBHOOKS is what pj_webhook does.
#[test]
fn a_vendor_can_do_webhooks_if_it_says_how_they_are_signed() {
    let credentials: [(&str, &[&str]); 4] = [
        ("payjunction", &["login", "password", "application_key"]),
        ("ebizcharge", &["api_key", "pin"]),
        ("usaepay", &["api_key", "pin"]),
        ("justifi", &["client_id", "client_secret", "sub_account"]),
    ];
    for entry in ALL {
        let (name, keys) = credentials.iter().find(|(name, _)| *name == entry.name).expect("a vendor of the table");
        let mut config = Fields::new();
        config.set_text("vendor", name);
        keys.iter().for_each(|key| config.set_text(key, "x"));
        let config = Config::read(&config).unwrap_or_else(|fault| panic!("{}", fault.text));
        let vendor = (entry.open)(&config);
        assert_eq!(vendor.has(Feature::Webhooks), vendor.webhooks().is_some(), "{name}");
        assert!(vendor.has(Feature::Webhooks) || *name != "payjunction");
    }
}
