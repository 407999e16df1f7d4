//! The samples of PayJunction's documents, and what this module makes of them.

mod encoding;
mod errands;
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

/// The documents' own samples: articles on polling, on request-payment and on the workflow, and a transaction with every
/// field that was seen.
const FIXTURES: &[(&str, &str)] = &[
    ("busy", include_str!("fixtures/busy.json")),
    ("complete", include_str!("fixtures/complete.json")),
    ("complete_canceled", include_str!("fixtures/complete_canceled.json")),
    ("complete_input", include_str!("fixtures/complete_input.json")),
    ("complete_prompt", include_str!("fixtures/complete_prompt.json")),
    ("complete_signature", include_str!("fixtures/complete_signature.json")),
    ("connecting", include_str!("fixtures/connecting.json")),
    ("in_progress", include_str!("fixtures/in_progress.json")),
    ("no_connection", include_str!("fixtures/no_connection.json")),
    ("not_found", include_str!("fixtures/not_found.json")),
    ("rate_limited", include_str!("fixtures/rate_limited.json")),
    ("receipt", include_str!("fixtures/receipt.json")),
    ("request_payment", include_str!("fixtures/request_payment.json")),
    ("request_signature", include_str!("fixtures/request_signature.json")),
    ("search", include_str!("fixtures/search.json")),
    ("smart_terminals", include_str!("fixtures/smart_terminals.json")),
    ("terminals", include_str!("fixtures/terminals.json")),
    ("transaction", include_str!("fixtures/transaction.json")),
    ("validation_error", include_str!("fixtures/validation_error.json")),
    ("webhook_signature", include_str!("fixtures/webhook_signature.json")),
    ("webhook_transaction", include_str!("fixtures/webhook_transaction.json")),
    ("workflow_approved", include_str!("fixtures/workflow_approved.json")),
    ("workflow_declined", include_str!("fixtures/workflow_declined.json")),
    ("workflow_pending", include_str!("fixtures/workflow_pending.json")),
];

const TERMINAL: &str = "88888888-4444-4444-4444-cccccccccccc";

fn fixture(name: &str) -> &'static str {
    FIXTURES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).expect("the fixture exists")
}

fn config() -> Config {
    let mut fields = Fields::new();
    for (key, value) in [
        ("vendor", "payjunction"),
        ("base_url", "http://127.0.0.1:9"),
        ("login", "login"),
        ("password", "password"),
        ("application_key", "88888888-4444-4444-4444-cccccccccccc"),
        ("terminal", TERMINAL),
        ("merchant_terminal", "12345"),
    ] {
        fields.set_text(key, value);
    }
    Config::read(&fields).unwrap_or_else(|fault| panic!("{}", fault.text))
}

fn vendor() -> Box<dyn Vendor> {
    super::open(&config())
}

/// A payment that was just asked for, and whose key is PJ-HHHH...
fn payment(kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Payment {
    let mut given = Fields::new();
    if kind.moves_money() {
        given.set_text("reference", "4711");
    }
    let (lists, texts): (Vec<_>, Vec<_>) = texts.iter().partition(|(key, _)| *key == "buttons");
    lists.iter().for_each(|(key, text)| given.add_text(key, text));
    texts.iter().for_each(|(key, text)| given.set_text(key, text));
    numbers.iter().for_each(|(key, number)| given.set_int(key, *number));
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
    let fact = Fact::Intent(Box::new(intent));
    let first = Entry { number: 1, run: 1, at_ms: 0, asked_ms: 0, wall_ms: 0, fact };
    Payment::begin(1, 1, 0, &first).expect("the first fact is an intent")
}

fn sale() -> Payment {
    payment(Kind::Payment, &[], &[("amount", 1234)])
}

fn read(payment: &Payment, step: &Step, status: u16, body: &[u8]) -> Reading {
    let reply = HttpReply { status, headers: Vec::new(), body: body.to_vec() };
    let known = Known { claimed: &HashSet::new(), landmark: None, handed_on: false };
    vendor().read(step, payment, Search::default(), &reply, &known)
}
