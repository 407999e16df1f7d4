//! What goes over the wire, letter by letter.

use super::{TERMINAL, config, payment, vendor};
use crate::http::{HttpRequest, Method};
use crate::payment::fact::{Action, Entry};
use crate::payment::plan::Step;
use crate::payment::report::{TransactionReport, Verdict};
use crate::payment::{Fact, Fields, Kind, Payment, fields};
use crate::status::Status;
use crate::vendors::Account;
use crate::vendors::Search;
use std::collections::BTreeMap;

fn request(payment: &Payment, step: &Step) -> HttpRequest {
    vendor()
        .request(step, payment, &Search::default(), &Account { session: None, entropy: [0; 20] })
        .unwrap_or_else(|failure| panic!("{}", failure.text))
}

fn submit(payment: &Payment) -> HttpRequest {
    request(payment, &Step::Submit(Action::Start))
}

/// The form as the vendor reads it. A name that stands twice is a fault.
fn form(request: &HttpRequest) -> BTreeMap<String, String> {
    let body = String::from_utf8(request.body.clone()).expect("the form is text");
    let mut pairs = BTreeMap::new();
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').expect("name=value");
        assert!(pairs.insert(decode(name), decode(value)).is_none(), "{name} is sent twice");
    }
    pairs
}

fn decode(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        assert!(byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte), "{text} is not encoded");
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next().expect("a digit"), bytes.next().expect("a digit")];
        let digits = std::str::from_utf8(&digits).expect("two digits");
        out.push(u8::from_str_radix(digits, 16).expect("two digits"));
    }
    String::from_utf8(out).expect("UTF-8")
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn header(request: &HttpRequest, name: &str) -> Option<String> {
    request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v.reveal().to_owned())
}

#[test]
fn a_plain_sale_says_what_must_be_said_and_nothing_more() {
    let sale = payment(Kind::Payment, &[], &[("amount", 1234)]);
    let request = submit(&sale);
    assert_eq!(request.path, format!("/smartterminals/{TERMINAL}/request-payment"));
    assert!(request.method == Method::Post && request.submit);
    let expected = map(&[
        ("action", "CHARGE"),
        ("amountBase", "12.34"),
        ("terminalId", "12345"),
        ("invoiceNumber", "4711"),
        ("purchaseOrderNumber", "PJ-HHHHHHHHHHHHHHHHHHHH"),
        ("interruptBusyTerminal", "false"),
    ]);
    assert_eq!(form(&request), expected);
}

#[test]
fn every_parameter_of_request_payment_has_a_field() {
    let sale = payment(
        Kind::Payment,
        &[
            ("invoice", "654321"),
            ("purchase_order", "Order 7/B"),
            ("customer", "C & D = 100 %"),
            ("email", "jane+pos@example.com"),
            ("shipping.customer", "Müller"),
            ("shipping.email", "ship@example.com"),
            ("note", "two\nlines"),
            ("vendor.amountNew", "a b"),
        ],
        &[
            ("amount", 10_000),
            ("tax_amount", 800),
            ("shipping_amount", 150),
            ("surcharge_amount", 50),
            ("surcharge_tax_amount", 5),
            ("prompt_tip", 1),
            ("prompt_receipt", 0),
            ("prompt_signature", 1),
            ("prompt_debit_credit", 0),
            ("allow_manual_entry", 1),
            ("interrupt_busy", 1),
        ],
    );
    let expected = map(&[
        ("action", "CHARGE"),
        ("amountBase", "89.95"),
        ("amountTax", "8.00"),
        ("amountShipping", "1.50"),
        ("amountSurcharge", "0.50"),
        ("amountSurchargeTax", "0.05"),
        ("terminalId", "12345"),
        ("invoiceNumber", "654321"),
        // The engine takes the till's own number as the key; this test sets the key by hand.
        ("purchaseOrderNumber", "PJ-HHHHHHHHHHHHHHHHHHHH"),
        ("interruptBusyTerminal", "true"),
        ("allowTips", "true"),
        ("showReceiptPrompt", "false"),
        ("showSignaturePrompt", "true"),
        ("showDebitCreditPrompt", "false"),
        ("keyed", "ALLOW"),
        ("billingIdentifier", "C & D = 100 %"),
        ("billingEmail", "jane+pos@example.com"),
        ("shippingIdentifier", "Müller"),
        ("shippingEmail", "ship@example.com"),
        ("note", "two\nlines"),
        ("amountNew", "a b"),
    ]);
    assert_eq!(form(&submit(&sale)), expected);
}

#[test]
fn a_refund_at_the_terminal_sends_every_amount() {
    let refund = payment(Kind::TerminalRefund, &[], &[("amount", 1234)]);
    let form = form(&submit(&refund));
    for (name, value) in [
        ("action", "REFUND"),
        ("amountBase", "12.34"),
        ("amountTax", "0.00"),
        ("amountShipping", "0.00"),
        ("amountTip", "0.00"),
        ("amountSurcharge", "0.00"),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(value), "{name}");
    }
}

fn with_original(mut refund: Payment, total: i64) -> Payment {
    let report =
        TransactionReport { id: "8350".into(), verdict: Verdict::Approved, total, ..TransactionReport::default() };
    let fact = Fact::TransactionRead { report: Box::new(report) };
    refund.apply(&Entry { number: 2, run: 1, at_ms: 1, asked_ms: 1, wall_ms: 0, fact });
    refund
}

/// What is not sent is copied from the original, and then more goes back than was asked.
#[test]
fn a_refund_by_reference_sends_every_amount() {
    let refund = payment(
        Kind::Refund,
        &[("transaction", "8350")],
        &[("amount", 1000), ("tax_amount", 80), ("shipping_amount", 20)],
    );
    let request = submit(&with_original(refund, 5_000));
    assert!(request.method == Method::Post && request.path == "/transactions" && request.submit);
    let expected = map(&[
        ("action", "REFUND"),
        ("transactionId", "8350"),
        ("amountBase", "9.00"),
        ("amountTax", "0.80"),
        ("amountShipping", "0.20"),
        ("amountTip", "0.00"),
        ("amountSurcharge", "0.00"),
        ("invoiceNumber", "4711"),
        ("purchaseOrderNumber", "PJ-HHHHHHHHHHHHHHHHHHHH"),
    ]);
    assert_eq!(form(&request), expected);
    let whole = payment(Kind::Refund, &[("transaction", "8350")], &[]);
    assert_eq!(form(&submit(&with_original(whole, 5_000)))["amountBase"], "50.00");
}

#[test]
fn void_capture_and_a_new_tip_change_the_transaction_itself() {
    let void = submit(&payment(Kind::Void, &[("transaction", "8350")], &[]));
    assert!(void.method == Method::Put && void.path == "/transactions/8350" && void.submit);
    assert_eq!(form(&void), map(&[("status", "VOID")]));
    let capture = submit(&payment(Kind::Capture, &[("transaction", "8350")], &[]));
    assert_eq!(form(&capture), map(&[("status", "CAPTURE")]));
    let part = payment(Kind::Capture, &[("transaction", "8350")], &[("amount", 900), ("tax_amount", 100)]);
    let expected =
        map(&[("status", "CAPTURE"), ("amountBase", "8.00"), ("amountTax", "1.00"), ("amountShipping", "0.00")]);
    assert_eq!(form(&submit(&part)), expected);
    let tip = submit(&payment(Kind::AdjustTip, &[("transaction", "8350")], &[("tip_amount", 0)]));
    assert_eq!((tip.method, tip.path.as_str(), tip.submit), (Method::Put, "/transactions/8350", true));
    assert_eq!(form(&tip), map(&[("amountTip", "0.00")]), "what is not sent stays as it is");
}

#[test]
fn reads_carry_no_body_and_every_call_carries_the_headers() {
    let mut sale = payment(Kind::Payment, &[], &[("amount", 1234)]);
    let fact = Fact::Accepted { request_id: "b58cb128-2e99".into() };
    sale.apply(&Entry { number: 2, run: 1, at_ms: 1, asked_ms: 1, wall_ms: 0, fact });
    let key = "PJ-HHHHHHHHHHHHHHHHHHHH";
    for (step, method, path) in [
        (Step::Submit(Action::Start), Method::Post, format!("/smartterminals/{TERMINAL}/request-payment")),
        (Step::Watch, Method::Get, "/smartterminals/requests/b58cb128-2e99".into()),
        (Step::Settle { id: "8/50".into() }, Method::Get, "/transactions/8%2F50".into()),
        (Step::Cancel, Method::Post, format!("/smartterminals/{TERMINAL}/main")),
        (Step::Lookup, Method::Get, format!("/transactions?purchaseOrderNumber={key}&limit=50&offset=0")),
        (Step::SearchDuplicate, Method::Get, "/transactions?invoiceNumber=4711&limit=50&offset=0".into()),
    ] {
        let request = request(&sale, &step);
        assert_eq!((request.method, request.path.as_str()), (method, path.as_str()), "{step:?}");
        let is_submit = matches!(step, Step::Submit(_));
        assert_eq!((request.submit, request.body.is_empty()), (is_submit, !is_submit), "{step:?}");
        assert_eq!(header(&request, "PJ-Version").as_deref(), Some("2023-05-16"));
        assert_eq!(header(&request, "Accept").as_deref(), Some("application/json"));
        assert_eq!(header(&request, "Authorization").as_deref(), Some("Basic bG9naW46cGFzc3dvcmQ="));
        assert_eq!(header(&request, "X-PJ-Application-Key").as_deref(), Some("88888888-4444-4444-4444-cccccccccccc"));
        let encoding = header(&request, "Content-Type");
        let expected = (method == Method::Post).then_some("application/x-www-form-urlencoded");
        assert_eq!(encoding.as_deref(), expected, "{step:?}");
    }
}

/// The invoice is the same for all attempts, so that the vendor's own duplicate check guards them.
#[test]
fn the_invoice_is_the_till_s_or_the_digits_of_the_reference() {
    let invoice = |reference: &str| {
        form(&submit(&payment(Kind::Payment, &[("reference", reference)], &[("amount", 100)])))["invoiceNumber"].clone()
    };
    assert_eq!(invoice("4711"), "4711");
    assert_eq!(invoice("000042"), "42", "the vendor's search may drop leading zeros");
    assert_eq!(invoice("LANE2-0017"), "20017");
    let long = invoice(&format!("9{}", "0".repeat(40)));
    assert!(long.len() <= 32 && !long.starts_with('0') && !long.is_empty(), "{long}");
    let (lunch, dinner) = (invoice("lunch"), invoice("dinner"));
    assert!(lunch != dinner && lunch == invoice("lunch") && lunch.bytes().all(|b| b.is_ascii_digit()));
}

#[test]
fn what_the_vendor_would_not_take_is_refused_before_it_is_sent() {
    let refused = |kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]| {
        let mut given = Fields::new();
        given.set_text("reference", "4711");
        texts.iter().for_each(|(key, text)| given.set_text(key, text));
        numbers.iter().for_each(|(key, number)| given.set_int(key, *number));
        let checked = fields::check(kind, &given, &config().defaults);
        checked.and_then(|checked| vendor().admit(&checked)).expect_err("is refused").status
    };
    let amount = ("amount", 1000);
    assert_eq!(refused(Kind::Payment, &[("currency", "EUR")], &[amount]), Status::InvalidField);
    assert_eq!(refused(Kind::Payment, &[("invoice", "A-1")], &[amount]), Status::InvalidField);
    assert_eq!(refused(Kind::Payment, &[("note", &"x".repeat(2049))], &[amount]), Status::InvalidField);
    assert_eq!(refused(Kind::Payment, &[], &[amount, ("tax_amount", 1000)]), Status::InvalidAmount);
    assert_eq!(refused(Kind::TerminalRefund, &[("capture", "later")], &[amount]), Status::UnknownField);
    assert_eq!(refused(Kind::Payment, &[], &[amount, ("allow_partial", 1)]), Status::Unsupported);
    let tip = [("tip_amount", 100), ("tax_amount", 1)];
    assert_eq!(refused(Kind::AdjustTip, &[("original", "1")], &tip), Status::UnknownField);
}
