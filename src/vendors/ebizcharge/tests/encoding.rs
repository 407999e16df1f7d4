//! What goes over the wire, letter by letter.

use super::{ORIGINAL, TERMINAL, accepted, config, fixture, payment, payment_of, vendor, with};
use crate::http::{HttpRequest, Method};
use crate::payment::fact::Action;
use crate::payment::fields;
use crate::payment::plan::Step;
use crate::payment::report::{TransactionReport, Verdict};
use crate::payment::{Fact, Fields, Kind, Payment};
use crate::status::Status;
use crate::vendors::{Account, Search};
use serde_json::{Value, json};

fn request(payment: &Payment, step: &Step) -> HttpRequest {
    let account = Account { session: None, entropy: [0; 20] };
    vendor().request(step, payment, &Search::default(), &account).unwrap_or_else(|failure| panic!("{}", failure.text))
}

fn submit(payment: &Payment) -> HttpRequest {
    request(payment, &Step::Submit(Action::Start))
}

fn body(payment: &Payment) -> Value {
    serde_json::from_slice(&submit(payment).body).expect("the body is JSON")
}

#[test]
fn a_plain_sale_says_what_must_be_said_and_nothing_more() {
    let sale = payment(Kind::Payment, &[], &[("amount", 888)]);
    let request = submit(&sale);
    assert_eq!(request.path, "/api/v2/paymentengine/payrequests");
    assert!(request.method == Method::Post && request.submit);
    let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.reveal().to_owned());
    assert_eq!(header("Content-Type").as_deref(), Some("application/json"));
    assert_eq!(header("Accept").as_deref(), Some("application/json"));
    let expected = json!({
        "devicekey": TERMINAL, "command": "sale", "amount": "8.88", "timeout": 180, "block_offline": true,
        "orderid": "PJ-HHHHHHHHHHHHHHHHHHHH",
    });
    assert_eq!(body(&sale), expected);
    let minimal: Value = serde_json::from_str(fixture("minimal")).expect("the sample is JSON");
    for (name, value) in minimal.as_object().expect("an object") {
        assert_eq!(&expected[name], value, "the documents' minimal request");
    }
}

/// The seed document's tables, row by row.
#[test]
fn every_parameter_of_a_payment_request_has_a_field() {
    let mut given = Fields::new();
    for (key, text) in [
        ("capture", "later"),
        ("invoice", "98454685"),
        ("purchase_order", "PO-7"),
        ("description", "Shoes"),
        ("note", "For us"),
        ("lane", "Lane 3"),
        ("table", "12"),
        ("clerk", "Ann"),
        ("customer", "C-1"),
        ("email", "a@b.example"),
        ("geolocation", "37.6,-122.1"),
        ("client_ip", "127.0.0.1"),
        ("software", "Till 1.0"),
        ("custom.1", "one"),
        ("custom.20", "twenty"),
        ("custom_flow", "amount,payment,result,signature"),
        ("vendor.something_new", "x"),
        ("vendor.amount_detail.new", "y"),
    ] {
        given.set_text(key, text);
    }
    for which in ["billing", "shipping"] {
        for key in [
            "first_name",
            "last_name",
            "company",
            "street",
            "street2",
            "city",
            "state",
            "postal_code",
            "country",
            "phone",
        ] {
            given.set_text(&format!("{which}.{key}"), &format!("{} {key}", &which[..1]));
        }
    }
    for (key, number) in [
        ("amount", 1344),
        ("subtotal_amount", 1000),
        ("discount_amount", 100),
        ("shipping_amount", 200),
        ("duty_amount", 34),
        ("tax_amount", 110),
        ("tip_amount", 100),
        ("timeout", 90),
        ("wait_for_terminal", 1),
        ("ignore_duplicate", 1),
        ("save_card", 1),
        ("allow_manual_entry", 1),
        ("prompt_tip", 1),
        ("prompt_signature", 0),
        ("prompt_cashback", 1),
        ("nontaxable", 0),
        ("allow_partial", 1),
    ] {
        given.set_int(key, number);
    }
    let address = |initial: &str| {
        json!({
            "firstname": format!("{initial} first_name"), "lastname": format!("{initial} last_name"), "company": format!("{initial} company"),
            "street": format!("{initial} street"), "street2": format!("{initial} street2"), "city": format!("{initial} city"),
            "state": format!("{initial} state"), "postalcode": format!("{initial} postal_code"), "country": format!("{initial} country"),
            "phone": format!("{initial} phone"),
        })
    };
    let expected = json!({
        "devicekey": TERMINAL, "command": "authonly", "amount": "13.44", "timeout": 90, "block_offline": false,
        "orderid": "PJ-HHHHHHHHHHHHHHHHHHHH", "ignore_duplicate": true, "save_card": true, "manual_key": true, "prompt_tip": true,
        "prompt_signature": false, "prompt_cashback": true,
        "amount_detail": {
            "subtotal": "10.00", "discount": "1.00", "shipping": "2.00", "duty": "0.34", "tax": "1.10", "tip": "1.00", "nontaxable": "N",
            "enable_partialauth": true, "new": "y",
        },
        "invoice": "98454685", "ponum": "PO-7", "description": "Shoes", "comments": "For us", "terminal": "Lane 3", "table": "12",
        "clerk": "Ann", "customerid": "C-1", "email": "a@b.example", "geolocation": "37.6,-122.1", "clientip": "127.0.0.1",
        "software": "Till 1.0", "custom_flow": "amount,payment,result,signature",
        "custom_fields": {"1": "one", "20": "twenty"},
        "billing_address": address("b"), "shipping_address": address("s"), "something_new": "x",
    });
    assert_eq!(body(&payment_of(Kind::Payment, given)), expected);
}

fn group(texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Fields {
    let mut group = Fields::new();
    texts.iter().for_each(|(key, text)| group.set_text(key, text));
    numbers.iter().for_each(|(key, number)| group.set_int(key, *number));
    group
}

#[test]
fn line_items_and_custom_fields_come_out_as_in_the_documents_samples() {
    let mut given = group(
        &[("custom.1", "Custom value 1"), ("custom.2", "Custom value 2"), ("custom.3", "Custom value 3")],
        &[("amount", 1284)],
    );
    for (number, cost, quantity) in [("", 888, 1), (" 2", 198, 2)] {
        let texts = [
            ("sku", format!("The SKU{number}")),
            ("name", format!("Prod Name{number}")),
            ("description", format!("Prod Desc{number}")),
        ];
        let texts: Vec<(&str, &str)> = texts.iter().map(|(key, text)| (*key, text.as_str())).collect();
        given.add_item("line_items", group(&texts, &[("cost", cost), ("quantity", quantity)]));
    }
    let body = body(&payment_of(Kind::Payment, given));
    for (name, sample) in [("lineitems", "line_items"), ("custom_fields", "custom_fields")] {
        let sample: Value = serde_json::from_str(fixture(sample)).expect("the sample is JSON");
        assert_eq!(body[name], sample[name]);
    }
}

#[test]
fn every_detail_of_a_line_item_has_a_field() {
    let mut given = group(&[], &[("amount", 1000)]);
    let texts = [
        ("unit", "EA"),
        ("commodity_code", "44121706"),
        ("discount_rate", "2.5"),
        ("tax_class", "1"),
        ("tax_rate", "8.25"),
        ("category", "Pens"),
        ("manufacturer", "Acme"),
        ("quantity", "1.25"),
    ];
    let numbers = [("cost", 800), ("list_price", 900), ("discount_amount", 20), ("taxable", 1), ("tax_amount", 66)];
    given.add_item("line_items", group(&texts, &numbers));
    let expected = json!([{
        "cost": "8.00", "list_price": "9.00", "qty": "1.25", "um": "EA", "commoditycode": "44121706", "discountamount": "0.20",
        "discountrate": "2.5", "taxable": "Y", "taxamount": "0.66", "taxclass": "1", "taxrate": "8.25", "category": "Pens",
        "manufacturer": "Acme",
    }]);
    assert_eq!(body(&payment_of(Kind::Payment, given))["lineitems"], expected);
}

#[test]
fn choices_at_the_terminal_become_denominations() {
    let mut given = group(&[("custom_flow", "options,payment,result")], &[("amount", 1000)]);
    let texts = [("display", "A tip?"), ("type", "Tip"), ("choice.1.display", "Small"), ("choice.3.display", "Other")];
    given.add_item("custom_options", group(&texts, &[("choice.1.amount", 100), ("choice.3.other", 1)]));
    let expected = json!([{
        "display": "A tip?", "type": "Tip",
        "denominations": [{"amount": "1.00", "display": "Small"}, {"display": "Other", "amount_other": true}],
    }]);
    assert_eq!(body(&payment_of(Kind::Payment, given))["custom_options"], expected);
}

#[test]
fn a_refund_with_the_card_is_a_command_of_its_own() {
    let refund = payment(Kind::TerminalRefund, &[], &[("amount", 500)]);
    assert_eq!(
        (body(&refund)["command"].clone(), submit(&refund).path),
        (json!("refund"), "/api/v2/paymentengine/payrequests".to_owned())
    );
}

#[test]
fn reads_and_cancels_go_by_the_vendors_own_ids() {
    let sale = accepted();
    let key = "pr_3mW7rstrdA0Sp32LW9MN3djCITAhx";
    for (step, method, path) in [
        (Step::Watch, Method::Get, format!("/api/v2/paymentengine/payrequests/{key}")),
        (Step::Cancel, Method::Delete, format!("/api/v2/paymentengine/payrequests/{key}")),
        (Step::TerminalStatus, Method::Get, format!("/api/v2/paymentengine/devices/{TERMINAL}")),
        (Step::Settle { id: "a/b".to_owned() }, Method::Get, "/api/v2/transactions/a%2Fb".to_owned()),
        (Step::Lookup, Method::Get, "/api/v2/transactions?limit=100&offset=0".to_owned()),
        (Step::Baseline, Method::Get, "/api/v2/transactions?limit=100&offset=0".to_owned()),
        (Step::SearchDuplicate, Method::Get, "/api/v2/transactions?limit=100&offset=0".to_owned()),
    ] {
        let request = request(&sale, &step);
        assert_eq!((request.method, request.path), (method, path));
        assert!(
            request.body.is_empty()
                && !request.submit
                && request.headers.iter().all(|(name, _)| *name != "Content-Type")
        );
    }
    let folded = with(accepted(), vec![Fact::Folded { id: "kdbbjsn49jsjy3gm".to_owned() }]);
    assert_eq!(request(&folded, &Step::SearchDuplicate).path, "/api/v2/transactions/kdbbjsn49jsjy3gm");
}

fn original(payment: Payment, total: i64) -> Payment {
    let report = TransactionReport {
        id: ORIGINAL.to_owned(),
        verdict: Verdict::Approved,
        total,
        ..TransactionReport::default()
    };
    with(payment, vec![Fact::TransactionRead { report: Box::new(report) }])
}

#[test]
fn work_on_a_transaction_names_it_and_the_amount() {
    let named = [("transaction", ORIGINAL)];
    let void = payment(Kind::Void, &named, &[]);
    assert_eq!(body(&void), json!({"command": "void", "trankey": ORIGINAL}));
    assert!(submit(&void).submit && submit(&void).path == "/api/v2/transactions");
    let release = payment(Kind::Void, &named, &[("release_hold", 1)]);
    assert_eq!(body(&release)["command"], "cc:void:release");
    let by_number = payment(Kind::Void, &[("transaction", "2226860110")], &[]);
    assert_eq!(body(&by_number), json!({"command": "void", "refnum": "2226860110"}));
    let capture = payment(Kind::Capture, &named, &[("amount", 500)]);
    assert_eq!(body(&capture), json!({"command": "cc:capture", "trankey": ORIGINAL, "amount": "5.00"}));
    for (word, command) in
        [("error", "cc:capture:error"), ("reauthorize", "cc:capture:reauth"), ("override", "cc:capture:override")]
    {
        let capture = payment(Kind::Capture, &[("transaction", ORIGINAL), ("if_expired", word)], &[]);
        assert_eq!(body(&capture), json!({"command": command, "trankey": ORIGINAL}));
    }
    let refund = original(payment(Kind::Refund, &named, &[("amount", 500)]), 1234);
    let expected =
        json!({"command": "refund", "trankey": ORIGINAL, "amount": "5.00", "orderid": "PJ-HHHHHHHHHHHHHHHHHHHH"});
    assert_eq!(body(&refund), expected);
    assert_eq!(body(&original(payment(Kind::Refund, &named, &[]), 1234))["amount"], "12.34", "the rest is said, too");
}

fn refusal(kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Option<(Status, String)> {
    let mut given = group(texts, numbers);
    given.set_text("reference", "4711");
    let checked = fields::check(kind, &given, &config().defaults).unwrap_or_else(|fault| panic!("{}", fault.text));
    vendor().admit(&checked).err().map(|fault| (fault.status, fault.text))
}

#[test]
fn what_the_vendor_cannot_take_is_refused_by_name() {
    let sale = |texts: &[(&str, &str)], numbers: &[(&str, i64)]| {
        let numbers: Vec<(&str, i64)> = [("amount", 1000)].into_iter().chain(numbers.iter().copied()).collect();
        refusal(Kind::Payment, texts, &numbers)
    };
    assert_eq!(sale(&[], &[]), None);
    for key in ["merchant_terminal", "statement_descriptor", "billing.website", "metadata.x"] {
        let (status, text) = sale(&[(key, "1")], &[]).expect("refused");
        assert!(status == Status::Unsupported && text.starts_with(key), "{text}");
    }
    for key in ["interrupt_busy", "prompt_receipt", "prompt_debit_credit", "surcharge_amount"] {
        let (status, text) = sale(&[], &[(key, 1)]).expect("refused");
        assert!(status == Status::Unsupported && text.starts_with(key), "{text}");
    }
    // Never cut: a longer one could be taken for another invoice.
    assert_eq!(sale(&[("invoice", "12345678901")], &[]), None);
    assert_eq!(sale(&[("invoice", "123456789012")], &[]).map(|r| r.0), Some(Status::InvalidField));
    assert_eq!(sale(&[("currency", "CAD")], &[]).map(|r| r.0), Some(Status::InvalidField));
    assert_eq!(refusal(Kind::Payment, &[], &[("amount", 9_999_901)]).map(|r| r.0), Some(Status::InvalidAmount));
    for name in [
        "amount",
        "orderid",
        "block_offline",
        "comments",
        "amount_detail.tip",
        "billing_address.city",
        "custom_fields.1",
        "lineitems",
    ] {
        let (status, text) = sale(&[(&format!("vendor.{name}"), "x")], &[]).expect("refused");
        assert!(status == Status::InvalidField && text.contains(name), "{text}");
    }
    for flow in [
        "payment",
        "result,payment",
        "payment,result,amount",
        "signature,payment,result",
        "payment,result,dance",
        "payment,options,result",
    ] {
        assert_eq!(sale(&[("custom_flow", flow)], &[]).map(|r| r.0), Some(Status::InvalidField), "{flow}");
    }
    for flow in ["payment,result", "amount, payment, result, signature_required"] {
        assert_eq!(sale(&[("custom_flow", flow)], &[]), None, "{flow}");
    }
    let named = ("transaction", ORIGINAL);
    assert_eq!(refusal(Kind::Refund, &[named, ("invoice", "1")], &[]).map(|r| r.0), Some(Status::Unsupported));
    assert_eq!(refusal(Kind::Refund, &[named, ("order", "1")], &[]).map(|r| r.0), Some(Status::Unsupported));
    assert_eq!(
        refusal(Kind::FetchTransaction, &[named, ("vendor.x", "1")], &[]).map(|r| r.0),
        Some(Status::Unsupported)
    );
    assert_eq!(
        refusal(Kind::Signature, &[("terms", "x"), ("terminal", "t")], &[]).map(|r| r.0),
        Some(Status::Unsupported)
    );
}

#[test]
fn the_endpoint_key_stands_in_the_path() {
    let mut fields = Fields::new();
    for (key, value) in [
        ("vendor", "usaepay"),
        ("api_key", "k"),
        ("pin", "p"),
        ("endpoint_key", "MYKEY"),
        ("base_url", "http://127.0.0.1:9"),
    ] {
        fields.set_text(key, value);
    }
    let config = crate::config::Config::read(&fields).unwrap_or_else(|fault| panic!("{}", fault.text));
    let account = Account { session: None, entropy: [0; 20] };
    let request = super::super::open(&config).request(&Step::Watch, &accepted(), &Search::default(), &account);
    assert!(request.is_ok_and(|request| request.path.starts_with("/api/MYKEY/paymentengine/payrequests/pr_")));
}
