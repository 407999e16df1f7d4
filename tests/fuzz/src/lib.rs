//! What the targets share: bags out of text, every vendor with an account, and payments of every kind that one can do.

use posjunction::config::{Config, table};
use posjunction::payment::fact::{Action, Entry, Intent, Landmark};
use posjunction::payment::fields::row::EVERY;
use posjunction::payment::fields::{self, Checked};
use posjunction::payment::{Fact, Fields, Kind, Payment, wire};
use posjunction::vendors::{ALL, Vendor};
use serde_json::Value;
use std::sync::LazyLock;

/// A card number that no input may bring out of the library.
pub const CARD: &str = "4111111111111111";

/// Words without which a reply of the vendor approves nothing, wherever in it they stand. One line for each vendor.
/// A word after `=` is a whole text and not a part of one.
const APPROVAL: &[(&str, &[&str])] = &[
    ("payjunction", &["approved"]),
    ("ebizcharge", EBIZCHARGE),
    ("usaepay", EBIZCHARGE),
    ("justifi", &["succeeded", "authorized", "refunded", "disputed", "canceled", "cancelled", "completed"]),
];
const EBIZCHARGE: &[&str] = &["approved", "=a", "=p"];

/// One vendor with an account, and payments that it could be asked about.
pub struct Subject {
    pub name: &'static str,
    pub vendor: Box<dyn Vendor>,
    pub approval: &'static [&'static str],
    pub payments: Vec<Payment>,
}

/// All vendors of the library.
pub fn subjects() -> &'static [Subject] {
    static ALL_OF_THEM: LazyLock<Vec<Subject>> =
        LazyLock::new(|| ALL.iter().map(|entry| subject(entry.name)).collect());
    &ALL_OF_THEM
}

fn subject(name: &'static str) -> Subject {
    let entry = ALL.iter().find(|entry| entry.name == name).expect("a vendor");
    let config = Config::read(&account(name)).unwrap_or_else(|fault| panic!("{name}: {}", fault.text));
    let approval = APPROVAL.iter().find(|(vendor, _)| *vendor == name).expect("words of approval").1;
    let vendor = (entry.open)(&config);
    let kinds = EVERY.into_iter().filter(|kind| vendor.can_do(*kind) || *kind == Kind::Payment);
    let payments = kinds.flat_map(payments).collect();
    Subject { name, vendor, approval, payments }
}

/// A configuration with what this vendor must have.
pub fn account(name: &str) -> Fields {
    let mut fields = Fields::new();
    fields.set_text("vendor", name);
    fields.set_text("terminal", "11111111-1111-4111-8111-111111111111");
    for row in table::rows().filter(|row| row.required.iter().any(|vendor| vendor.name() == name)) {
        if row.key != "vendor" {
            fields.set_text(row.key, "hunter2-key");
        }
    }
    fields
}

/// A request of this kind that passes the checks.
pub fn request(kind: Kind) -> Option<Checked> {
    let mut fields = Fields::new();
    for (key, text) in [("reference", "4711"), ("terminal", "t-1"), ("transaction", "8350"), ("merchant_terminal", "1")]
    {
        if fields::table::rows().any(|row| row.key == key && row.kinds.has(kind)) {
            fields.set_text(key, text);
        }
    }
    for (key, number) in [("amount", 1234), ("tip_amount", 0)] {
        let needed = |row: &&fields::row::Row| row.key == key && row.required.has(kind);
        if fields::table::rows().any(|row| needed(&row)) {
            fields.set_int(key, number);
        }
    }
    fields::check(kind, &fields, &fields::Defaults::default()).ok()
}

/// Payments of a kind: asked, sent, accepted.
fn payments(kind: Kind) -> Vec<Payment> {
    let Some(request) = request(kind) else { return Vec::new() };
    let landmark = Landmark {
        transaction_id: "8340".into(),
        wire_key: wire::key(&[9; 20]),
        created: "2026-01-01T00:00:00Z".into(),
        merchant_terminal: String::new(),
    };
    let intent = Intent {
        original_id: request.transaction.clone(),
        request,
        wire_key: wire::key(&[7; 20]),
        key_on_wire: true,
        attempt: 1,
        earlier: Vec::new(),
        identity: String::new(),
        given_back: 0,
        reserved: false,
        confirm: None,
        landmark: Some(landmark),
    };
    let action = Action::Start;
    let facts = [
        Fact::Intent(Box::new(intent)),
        Fact::Dispatched { action },
        Fact::Accepted { request_id: "31415".into() },
        Fact::TransactionSeen { id: "8350".into() },
    ];
    let entries: Vec<Entry> = facts.into_iter().zip(1..).map(|(fact, number)| entry(number, 1, fact)).collect();
    // A sale just sent and each kind of work with a transaction: more would only be slow.
    let counts: &[usize] = if kind == Kind::Payment { &[2, 4] } else { &[4] };
    counts.iter().filter_map(|count| Payment::fold(1, 1, 0, &entries[..*count])).collect()
}

pub fn entry(number: u64, run: u32, fact: Fact) -> Entry {
    Entry { number, run, at_ms: number * 100, asked_ms: number * 100, wall_ms: 0, fact }
}

/// Whether one of these words stands in this text.
pub fn is_one(text: &str, words: &[&str]) -> bool {
    let text = text.trim().to_ascii_lowercase();
    words.iter().any(|word| word.strip_prefix('=').map_or_else(|| text.contains(word), |whole| text == whole))
}

/// Whether one of these words stands anywhere in the JSON, as a key or in a text.
pub fn has_word(value: &Value, words: &[&str]) -> bool {
    match value {
        Value::String(text) => is_one(text, words),
        Value::Array(list) => list.iter().any(|one| has_word(one, words)),
        Value::Object(map) => map.iter().any(|(key, one)| is_one(key, words) || has_word(one, words)),
        _ => false,
    }
}

/// Lines such as `amount:1234`, `reference=4711`, `buttons+Yes` and, for a key in a group, `line_items/name=Tea`.
pub fn bag(text: &str) -> Fields {
    let mut fields = Fields::new();
    for line in text.lines() {
        let Some(at) = line.find([':', '=', '+', '/']) else { continue };
        let (key, value) = (&line[..at], &line[at + 1..]);
        match line.as_bytes()[at] {
            b':' => fields.set_int(key, value.parse().unwrap_or(i64::MIN)),
            b'=' => fields.set_text(key, &value.replace("\\n", "\n")),
            b'+' => fields.add_text(key, value),
            _ => fields.add_item(key, bag(value)),
        }
    }
    fields
}
