//! Every sample of the vendor's document, and every parameter it names.

use crate::bench::Bench;
use posjunction_simulator::date::parse_iso;
use posjunction_simulator::ebizcharge::{DeviceSetup, Setup};
use serde_json::{Value, json};

const FIRST: &str = "sa_1BTTI5Yys0G3gVQa6beYxM4K0hhjC";
const SECOND: &str = "sa_YdebDV6I2q0MfWV8kPDvQkHEvUjpA";

/// The document's devices, on the document's day, in California's summer.
fn bench() -> Bench {
    let mut setup = Setup {
        epoch_ms: parse_iso("2016-07-08T23:37:48Z").unwrap_or_default(),
        utc_offset_minutes: -420,
        ..Setup::default()
    };
    for (device, key) in setup.devices.iter_mut().zip([FIRST, SECOND]) {
        *device = DeviceSetup { key: key.into(), ..device.clone() };
    }
    Bench::with(setup)
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[test]
fn minimal_requests_and_their_answer() {
    for sample in [
        r#"{"devicekey":"sa_1BTTI5Yys0G3gVQa6beYxM4K0hhjC","command":"cc:sale","amount":"8.88"}"#,
        r#"{
          "devicekey": "sa_YdebDV6I2q0MfWV8kPDvQkHEvUjpA",
          "command": "sale",
          "amount": "8.88"
        }"#,
    ] {
        let mut bench = bench();
        let mut answer = bench.submit(&parse(sample)).value();
        let key = answer["key"].take();
        assert!(key.as_str().is_some_and(|key| key.starts_with("pr_") && key.len() == 32), "{key}");
        let expected = json!({
            "type": "request", "key": null, "expiration": "2016-07-08 16:40:48", "status": "sent to device",
        });
        assert_eq!(answer, expected);
        bench.clean();
    }
}

#[test]
fn tokenization() {
    let mut bench = bench();
    let sample =
        r#"{"devicekey":"sa_1BTTI5Yys0G3gVQa6beYxM4K0hhjC","command":"cc:sale","amount":"8.88","save_card":true}"#;
    let done = bench.pay(&parse(sample));
    let token = done["transaction"]["savedcard"]["key"].as_str().map(str::len);
    assert_eq!(token, Some(19), "{done}");
    bench.clean();
}

#[test]
fn line_items_and_custom_fields() {
    let lines = parse(
        r#"{ "lineitems": [
            { "sku": "The SKU", "name": "Prod Name", "description": "Prod Desc", "cost": "8.88", "qty": 1 },
            { "sku": "The SKU 2", "name": "Prod Name 2", "description": "Prod Desc 2", "cost": "1.98", "qty": 2 }
        ] }"#,
    );
    let fields =
        parse(r#"{ "custom_fields": { "1": "Custom value 1", "2": "Custom value 2", "3": "Custom value 3" } }"#);
    let mut bench = bench();
    let mut body = json!({"devicekey": FIRST, "command": "sale", "amount": "12.84"});
    body["lineitems"] = lines["lineitems"].clone();
    body["custom_fields"] = fields["custom_fields"].clone();
    let done = bench.pay(&body);
    let row = bench.get(&format!("/transactions/{}", done["transaction"]["key"].as_str().unwrap_or_default()));
    assert_eq!(row["lineitems"], lines["lineitems"]);
    assert_eq!(row["custom_fields"]["3"], "Custom value 3");
    bench.clean();
}

#[test]
fn every_parameter_of_the_document() {
    let address = json!({
        "firstname": "Ann", "lastname": "Other", "street": "1 Main St", "street2": "Suite 2", "city": "Los Angeles",
        "state": "CA", "postalcode": "90036", "country": "USA", "phone": "5551234",
    });
    let line = json!({
        "sku": "1", "name": "n", "description": "d", "cost": "10.00", "qty": 1, "commoditycode": "44121706",
        "discountamount": "1.00", "discountrate": "10", "taxable": "Y", "taxamount": "0.90", "taxclass": "GENERAL",
        "taxrate": "10", "um": "EA",
    });
    let body = json!({
        "devicekey": SECOND, "command": "authonly", "amount": "13.40", "timeout": 60, "block_offline": true,
        "ignore_duplicate": true, "save_card": true, "manual_key": true, "prompt_tip": true,
        "amount_detail": {
            "subtotal": "10.00", "tax": "0.90", "nontaxable": "N", "tip": "0.00", "discount": "1.00",
            "shipping": "3.00", "duty": "0.50", "enable_partialauth": true,
        },
        "invoice": "12345678901", "ponum": "PO 1", "orderid": "9f86d081884c7d65", "description": "d",
        "comments": "c", "terminal": "7", "table": "12", "clerk": "Bob", "billing_address": address,
        "shipping_address": address, "customerid": "C1", "email": "ann@example.com", "geolocation": "34.05,-118.24",
        "software": "PosJunction 0.1", "custom_fields": {"1": "a", "20": "b"}, "lineitems": [line],
        "custom_flow": "amount,payment,result,signature",
    });
    let mut bench = bench();
    let done = bench.pay(&body);
    bench.clean();
    let key = done["transaction"]["key"].as_str().unwrap_or_default().to_string();
    let row = bench.get(&format!("/transactions/{key}"));
    let told = [&row["orderid"], &row["invoice"], &row["ponum"], &row["clerk"], &row["customer_email"]];
    assert_eq!(told, ["9f86d081884c7d65", "12345678901", "PO 1", "Bob", "ann@example.com"]);
    assert_eq!((&row["trantype_code"], &row["amount"]), (&json!("A"), &json!("13.40")));
    assert_eq!(bench.cloud.moved_cents(), 0, "only authorized");
}

/// The document's table of errors.
#[test]
fn each_error_of_the_document() {
    let unknown = json!({"devicekey": "sa_nobody", "command": "sale", "amount": "8.88"});
    let answer = Bench::new().submit(&unknown);
    assert_eq!((answer.status, answer.value()["errorcode"].as_u64()), (404, Some(21_121)));
    assert_eq!(answer.value()["error"], "Unknown devicekey sa_nobody");
    let texts = [
        ("200.10", 409, 21_143, "Request failed (Payment terminal battery too low)"),
        ("200.04", 409, 21_145, "Device is currently offline."),
        ("200.03", 409, 21_146, "Device is currently processing another transaction."),
    ];
    for (amount, status, code, text) in texts {
        let mut bench = Bench::new();
        let answer = bench.submit(&json!({"command": "sale", "amount": amount, "block_offline": true}));
        assert_eq!((answer.status, answer.value()), (status, json!({"error": text, "errorcode": code})));
        bench.clean();
    }
}

/// The sum that must hold: amount = subtotal - discount + shipping + duty + tax.
#[test]
fn the_sum_rule() {
    for (amount, code) in [("11.00", None), ("10.99", Some(71)), ("0.00", Some(20_026)), ("100000.00", Some(70))] {
        let detail =
            json!({"subtotal": "10.00", "tax": "2.00", "discount": "3.00", "shipping": "1.50", "duty": "0.50"});
        let mut bench = Bench::new();
        let answer = bench.submit(&json!({"command": "sale", "amount": amount, "amount_detail": detail})).value();
        assert_eq!(answer["errorcode"].as_u64(), code, "{amount}: {answer}");
        assert_eq!(bench.cloud.violations().is_empty(), code.is_none());
    }
}

/// The published sample of a finished request.
#[test]
fn a_finished_request() {
    let mut bench = Bench::new();
    let done = bench.pay(&json!({"command": "sale", "amount": "5.00"}));
    assert_eq!((&done["type"], &done["status"]), (&json!("request"), &json!("transaction complete")));
    let t = &done["transaction"];
    for (name, value) in [
        ("type", "transaction"),
        ("is_duplicate", "N"),
        ("result_code", "A"),
        ("result", "Approved"),
        ("error", "Approved"),
        ("error_code", "00000"),
        ("iccdata", "{\"8A\":\"3030\"}"),
        ("proc_refnum", ""),
        ("auth_amount", "5.00"),
    ] {
        assert_eq!(t[name], value, "{name}");
    }
    assert_eq!(t["key"].as_str().map(str::len), Some(16));
    assert_eq!(t["refnum"], "2226860110");
    assert_eq!(t["creditcard"]["number"], "4000xxxxxxxx2224");
    assert!(done.get("expiration").is_none());
    bench.clean();
}
