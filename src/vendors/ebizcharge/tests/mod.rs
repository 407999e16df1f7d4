//! The samples of the vendor's documents, and what this module makes of them.

mod encoding;
mod login;
mod mangled;
mod samples;

use crate::config::Config;
use crate::http::HttpReply;
use crate::payment::fact::{Entry, Intent};
use crate::payment::fields;
use crate::payment::plan::Step;
use crate::payment::{Fact, Fields, Kind, Payment, wire};
use crate::vendors::{Known, Reading, Search, Vendor};
use std::collections::HashSet;
use std::sync::LazyLock;

/// The documents' own samples: the pages on payment requests, on devices, on rate limits, on transactions and on webhooks,
/// and a transaction as the books print it.
const FIXTURES: &[(&str, &str)] = &[
    ("access_denied", include_str!("fixtures/access_denied.json")),
    ("approved", include_str!("fixtures/approved.json")),
    ("approved_inside", include_str!("fixtures/approved_inside.json")),
    ("custom_fields", include_str!("fixtures/custom_fields.json")),
    ("declined", include_str!("fixtures/declined.json")),
    ("device", include_str!("fixtures/device.json")),
    ("duplicate", include_str!("fixtures/duplicate.json")),
    ("gateway_error", include_str!("fixtures/gateway_error.json")),
    ("line_items", include_str!("fixtures/line_items.json")),
    ("list", include_str!("fixtures/list.json")),
    ("minimal", include_str!("fixtures/minimal.json")),
    ("nested_error", include_str!("fixtures/nested_error.json")),
    ("not_voidable", include_str!("fixtures/not_voidable.json")),
    ("offline", include_str!("fixtures/offline.json")),
    ("partial", include_str!("fixtures/partial.json")),
    ("payrequest", include_str!("fixtures/payrequest.json")),
    ("rate_limited", include_str!("fixtures/rate_limited.json")),
    ("refund", include_str!("fixtures/refund.json")),
    ("success", include_str!("fixtures/success.json")),
    ("tokenization", include_str!("fixtures/tokenization.json")),
    ("transaction", include_str!("fixtures/transaction.json")),
    ("unknown_device", include_str!("fixtures/unknown_device.json")),
    ("unknown_key", include_str!("fixtures/unknown_key.json")),
    ("void", include_str!("fixtures/void.json")),
    ("webhook", include_str!("fixtures/webhook.json")),
];

const TERMINAL: &str = "sa_YdebDV6I2q0MfWV8kPDvQkHEvUjpA";
/// The request key of the documents' sample.
const REQUEST: &str = "pr_3mW7rstrdA0Sp32LW9MN3djCITAhx";
const ORIGINAL: &str = "originaloriginal";

fn fixture(name: &str) -> &'static str {
    FIXTURES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).expect("the fixture exists")
}

fn config() -> Config {
    let mut fields = Fields::new();
    for (key, value) in [
        ("vendor", "ebizcharge"),
        ("base_url", "http://127.0.0.1:9"),
        ("api_key", "_V87Qtb513Cd3vabM7RC0TbtJWeSo8p7"),
        ("pin", "123456"),
        ("terminal", TERMINAL),
    ] {
        fields.set_text(key, value);
    }
    Config::read(&fields).unwrap_or_else(|fault| panic!("{}", fault.text))
}

fn vendor() -> &'static dyn Vendor {
    static VENDOR: LazyLock<Box<dyn Vendor>> = LazyLock::new(|| super::open(&config()));
    VENDOR.as_ref()
}

/// A payment that was just asked for, and whose key is PJ-HHHH...
fn payment(kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Payment {
    let mut given = Fields::new();
    texts.iter().for_each(|(key, text)| given.set_text(key, text));
    numbers.iter().for_each(|(key, number)| given.set_int(key, *number));
    payment_of(kind, given)
}

fn payment_of(kind: Kind, mut given: Fields) -> Payment {
    given.set_text("reference", "4711");
    let checked = fields::check(kind, &given, &config().defaults).unwrap_or_else(|fault| panic!("{}", fault.text));
    vendor().admit(&checked).unwrap_or_else(|fault| panic!("{}", fault.text));
    let original_id = checked.transaction.clone();
    let intent = Intent {
        key_on_wire: true,
        wire_key: wire::key(&[7; 20]),
        attempt: 1,
        earlier: Vec::new(),
        identity: String::new(),
        original_id,
        given_back: 0,
        reserved: false,
        confirm: None,
        landmark: None,
        request: checked,
    };
    let first = entry(Fact::Intent(Box::new(intent)));
    Payment::begin(1, 1, 0, &first).expect("the first fact is an intent")
}

fn entry(fact: Fact) -> Entry {
    Entry { number: 1, run: 1, at_ms: 0, asked_ms: 0, wall_ms: 0, fact }
}

fn with(mut payment: Payment, facts: Vec<Fact>) -> Payment {
    facts.into_iter().for_each(|fact| payment.apply(&entry(fact)));
    payment
}

fn sale() -> Payment {
    payment(Kind::Payment, &[], &[("amount", 500)])
}

/// The same, taken by the vendor under the samples' request key.
fn accepted() -> Payment {
    with(sale(), vec![Fact::Accepted { request_id: REQUEST.to_owned() }])
}

fn read(payment: &Payment, step: &Step, status: u16, body: &[u8]) -> Reading {
    read_with(payment, step, status, body, &[])
}

fn read_with(payment: &Payment, step: &Step, status: u16, body: &[u8], headers: &[(&str, &str)]) -> Reading {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let reply = HttpReply { status, headers, body: body.to_vec() };
    let known = Known { claimed: &HashSet::new(), landmark: None, handed_on: false };
    vendor().read(step, payment, Search::default(), &reply, &known)
}
