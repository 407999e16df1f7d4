//! The samples of JustiFi's documents, and what this module makes of them.

mod encoding;
mod limits;
mod mangled;
mod samples;
mod words;

use crate::config::Config;
use crate::http::{HttpReply, HttpRequest};
use crate::payment::fact::{Entry, Intent};
use crate::payment::fields;
use crate::payment::plan::Step;
use crate::payment::{Fact, Fields, Kind, Payment, wire};
use crate::secret::Secret;
use crate::vendors::{Account, Known, Reading, Search, Session, Vendor};
use std::collections::HashSet;

/// The documents' own samples: the API reference, the guides, and, as `seed_*`, the older terminal page.
const FIXTURES: &[(&str, &str)] = &[
    ("checkout", include_str!("fixtures/checkout.json")),
    ("checkout_attempted", include_str!("fixtures/checkout_attempted.json")),
    ("checkout_canceled", include_str!("fixtures/checkout_canceled.json")),
    ("checkout_completed", include_str!("fixtures/checkout_completed.json")),
    ("checkout_expired", include_str!("fixtures/checkout_expired.json")),
    ("checkout_processing", include_str!("fixtures/checkout_processing.json")),
    ("checkout_refund", include_str!("fixtures/checkout_refund.json")),
    ("error_declined", include_str!("fixtures/error_declined.json")),
    ("error_not_found", include_str!("fixtures/error_not_found.json")),
    ("intent", include_str!("fixtures/intent.json")),
    ("intent_in_envelope", include_str!("fixtures/intent_in_envelope.json")),
    ("intent_paid", include_str!("fixtures/intent_paid.json")),
    ("intent_payments", include_str!("fixtures/intent_payments.json")),
    ("payment", include_str!("fixtures/payment.json")),
    ("payment_keyed", include_str!("fixtures/payment_keyed.json")),
    ("payment_refunded", include_str!("fixtures/payment_refunded.json")),
    ("payment_without_refunds", include_str!("fixtures/payment_without_refunds.json")),
    ("refund", include_str!("fixtures/refund.json")),
    ("refunds", include_str!("fixtures/refunds.json")),
    ("seed_session", include_str!("fixtures/seed_session.json")),
    ("seed_terminal", include_str!("fixtures/seed_terminal.json")),
    ("seed_terminal_status", include_str!("fixtures/seed_terminal_status.json")),
    ("seed_terminals", include_str!("fixtures/seed_terminals.json")),
    ("session", include_str!("fixtures/session.json")),
    ("terminal", include_str!("fixtures/terminal.json")),
    ("terminal_status", include_str!("fixtures/terminal_status.json")),
    ("token", include_str!("fixtures/token.json")),
];

const KEY: &str = "PJ-HHHHHHHHHHHHHHHHHHHH";
const TERMINAL: &str = "trm_abc123";

fn fixture(name: &str) -> &'static str {
    FIXTURES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).expect("the fixture exists")
}

fn config(flow: &str) -> Config {
    let mut fields = Fields::new();
    for (key, value) in [
        ("vendor", "justifi"),
        ("base_url", "http://127.0.0.1:9"),
        ("client_id", "test_clientId"),
        ("client_secret", "test_clientSecret"),
        ("sub_account", "acc_xyz"),
        ("flow", flow),
        ("terminal", TERMINAL),
    ] {
        fields.set_text(key, value);
    }
    Config::read(&fields).unwrap_or_else(|fault| panic!("{}", fault.text))
}

/// A till of one of the two ways to pay.
#[derive(Clone, Copy)]
struct Till(&'static str);

const CHECKOUT: Till = Till("checkout");
const INTENT: Till = Till("payment_intent");

impl Till {
    fn vendor(self) -> Box<dyn Vendor> {
        super::open(&config(self.0))
    }

    fn check(
        self,
        kind: Kind,
        texts: &[(&str, &str)],
        numbers: &[(&str, i64)],
    ) -> Result<fields::Checked, fields::Fault> {
        let mut given = Fields::new();
        given.set_text("reference", "4711");
        texts.iter().for_each(|(key, text)| given.set_text(key, text));
        numbers.iter().for_each(|(key, number)| given.set_int(key, *number));
        let checked = fields::check(kind, &given, &config(self.0).defaults)?;
        self.vendor().admit(&checked)?;
        Ok(checked)
    }

    /// A request that was just asked for, and whose key is PJ-HHHH...
    fn asks(self, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Payment {
        let request = self.check(kind, texts, numbers).unwrap_or_else(|fault| panic!("{}", fault.text));
        begin(request)
    }

    /// A sale of 100.00 that has its checkout or intent, at which nothing was tried before.
    fn sale(self) -> Payment {
        let mut sale = self.asks(Kind::Payment, &[], &[("amount", 10_000)]);
        let id = if self.0 == "checkout" { "cho_xyz" } else { "pi_xyz" };
        apply(&mut sale, Fact::Prepared { id: id.into() });
        apply(&mut sale, Fact::Baseline { ids: Vec::new() });
        sale
    }

    fn request(self, payment: &Payment, step: &Step) -> HttpRequest {
        self.request_of(payment, step, &Search::default())
    }

    fn request_of(self, payment: &Payment, step: &Step, search: &Search) -> HttpRequest {
        let session = Session { token: Secret::from("t0ken"), lasts_ms: 86_400_000 };
        let account = Account { session: Some(&session), entropy: [0; 20] };
        self.vendor().request(step, payment, search, &account).unwrap_or_else(|failure| panic!("{}", failure.text))
    }

    fn read(self, payment: &Payment, step: &Step, status: u16, body: &str) -> Reading {
        self.read_of(payment, step, Search::default(), status, body.as_bytes())
    }

    fn read_of(self, payment: &Payment, step: &Step, search: Search, status: u16, body: &[u8]) -> Reading {
        let reply = HttpReply { status, headers: Vec::new(), body: body.to_vec() };
        let known = Known { claimed: &HashSet::new(), landmark: None, handed_on: false };
        self.vendor().read(step, payment, search, &reply, &known)
    }

    fn facts(self, payment: &Payment, step: &Step, status: u16, name: &str) -> Vec<Fact> {
        self.read(payment, step, status, fixture(name)).facts
    }
}

fn begin(request: fields::Checked) -> Payment {
    let intent = Intent {
        key_on_wire: true,
        wire_key: wire::key(&[7; 20]),
        attempt: 1,
        earlier: Vec::new(),
        identity: String::new(),
        original_id: request.transaction.clone(),
        given_back: 0,
        reserved: false,
        confirm: None,
        landmark: None,
        request,
    };
    let fact = Fact::Intent(Box::new(intent));
    let first = Entry { number: 1, run: 1, at_ms: 0, asked_ms: 0, wall_ms: 0, fact };
    Payment::begin(1, 1, 0, &first).expect("the first fact is an intent")
}

fn apply(payment: &mut Payment, fact: Fact) {
    payment.apply(&Entry { number: payment.newest + 1, run: 1, at_ms: 1, asked_ms: 1, wall_ms: 0, fact });
}
