//! A fact of the journal in one line that a person reads, and that may leave the house.
//!
//! What may be told is listed; everything else is left out, whatever a later version adds to a fact. Names, addresses,
//! goods and notes of the till are not told, nor anything of a card, nor who decided what.

use super::cardmask;
use serde_json::Value;
use std::fmt::Write;

/// Keys whose values may be told.
const TOLD: &[&str] = &[
    // The request.
    "kind",
    "reference",
    "amount",
    "currency",
    "terminal",
    "merchant_terminal",
    "capture_later",
    "original",
    "transaction",
    "despite_unknown",
    "interrupt_busy",
    "wait_for_terminal",
    "prompt_tip",
    "prompt_receipt",
    "prompt_signature",
    "prompt_debit_credit",
    "allow_manual_entry",
    "allow_partial",
    "save_card",
    "ignore_duplicate",
    "timeout",
    "tip",
    "tax",
    "shipping",
    "surcharge",
    "surcharge_tax",
    "discount",
    "duty",
    "subtotal",
    // What it is found again by.
    "wire_key",
    "key_on_wire",
    "attempt",
    "payment",
    "dispatched",
    "identity",
    "original_id",
    "given_back",
    "reserved",
    "transaction_id",
    "created",
    "request_id",
    "id",
    "ids",
    "found",
    // What the vendor said and what was made of it.
    "clear",
    "action",
    "again",
    "pause_ms",
    "phase",
    "word",
    "busy",
    "authorization_ms",
    "how",
    "whole",
    "whose",
    "began_ms",
    "complete",
    "sighted",
    "earlier_attempt",
    "proven",
    "restart",
    "decision",
    "status",
    "vendor_code",
    "http_status",
    "advice",
    "verdict",
    "ownership",
    "is_refund",
    "total",
    "vendor_status",
    "settled",
    "held",
    "authorized_only",
    "duplicate",
    "failed",
    "response_code",
    "approved",
    "state",
    "money",
    "flags",
];
/// The same for sentences, which may quote what the till had sent.
const SENTENCES: &[&str] = &["text", "message", "response_text", "sentence"];
/// Groups that are walked through.
const GROUPS: &[&str] =
    &["request", "parts", "failure", "report", "outcome", "landmark", "earlier", "candidates", "reason"];
/// Where the till's own words are.
const OWN_WORDS: &[&str] = &["texts", "items", "groups", "buttons"];
/// Of a list only the first ones are told.
const LONGEST_LIST: usize = 20;
/// A line is cut here, in bytes.
const LONGEST_LINE: usize = 2_000;

/// What the facts of one payment say, line by line.
#[derive(Default)]
pub struct History {
    /// The till's own words in this payment. No sentence repeats them.
    own_words: Vec<String>,
}

impl History {
    /// The next fact, as the journal keeps it: its version and its body.
    pub fn tell(&mut self, version: u32, body: &str) -> String {
        let Ok(Value::Object(fact)) = serde_json::from_str::<Value>(body) else {
            return String::from("(cannot be read)");
        };
        let fact = Value::Object(fact);
        gather(&fact, false, &mut self.own_words);
        let mut line = fact["fact"].as_str().map_or_else(|| String::from("(without a name)"), masked);
        if version > super::fact::VERSION {
            let _ = write!(line, " (of a newer version, {version})");
        }
        self.group(&fact, &mut line);
        cut(line)
    }

    fn group(&self, value: &Value, line: &mut String) {
        let Value::Object(members) = value else { return };
        for (key, value) in members {
            let key = key.as_str();
            if says_nothing(value) {
                continue;
            }
            if SENTENCES.contains(&key) {
                if let Some(text) = value.as_str() {
                    let _ = write!(line, " {key}=\"{}\"", masked(&self.without_own_words(text)));
                }
            } else if TOLD.contains(&key) && is_plain(value) {
                let _ = write!(line, " {key}={}", plain(value));
            } else if GROUPS.contains(&key) {
                let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                for one in several.iter().take(LONGEST_LIST) {
                    let mut inner = String::new();
                    self.group(one, &mut inner);
                    let _ = write!(line, " {key}({})", inner.trim_start());
                }
            }
        }
    }

    fn without_own_words(&self, text: &str) -> String {
        self.own_words.iter().fold(text.to_owned(), |text, word| text.replace(word.as_str(), "[text]"))
    }
}

/// Collects the till's own words. Very short ones are no names, and would tear holes into everything.
fn gather(value: &Value, inside: bool, words: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| gather(value, inside || OWN_WORDS.contains(&key.as_str()), words));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, inside, words)),
        Value::String(text) if inside && text.chars().count() >= 3 => words.push(text.clone()),
        _ => {}
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.values().all(says_nothing),
        Value::Number(_) => false,
    }
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(values) => values.iter().all(|value| !value.is_object() && !value.is_array()),
        _ => true,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let more = if values.len() > LONGEST_LIST { ",..." } else { "" };
            values.iter().take(LONGEST_LIST).map(plain).collect::<Vec<_>>().join(",") + more
        }
        Value::String(text) => masked(text),
        other => other.to_string(),
    }
}

fn masked(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cardmask::mask(&text).into_owned()
}

fn cut(mut line: String) -> String {
    if line.len() > LONGEST_LINE {
        let end = (0..=LONGEST_LINE).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        line.truncate(end);
        line.push_str(" ...");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::fact::{Fact, Failure};
    use crate::payment::report::TransactionReport;
    use crate::payment::{Decision, Fields, Intent, Kind, fields};
    use crate::status::Status;

    fn intent() -> Fact {
        let mut bag = Fields::new();
        bag.set_text("reference", "4711");
        bag.set_int("amount", 1234);
        bag.set_text("terminal", "lane-1");
        for key in ["billing.last_name", "note", "customer", "description"] {
            bag.set_text(key, &format!("canary {key}"));
        }
        let mut item = Fields::new();
        item.set_text("name", "canary goods");
        item.set_int("cost", 1234);
        bag.add_item("line_items", item);
        let request = fields::check(Kind::Payment, &bag, &fields::Defaults::default())
            .unwrap_or_else(|fault| panic!("{}", fault.text));
        Fact::Intent(Box::new(Intent {
            request,
            wire_key: String::from("PJ-key"),
            key_on_wire: true,
            attempt: 1,
            earlier: Vec::new(),
            identity: String::from("payjunction|host|hash"),
            original_id: None,
            given_back: 0,
            reserved: false,
            landmark: None,
            confirm: None,
        }))
    }

    #[test]
    fn a_line_says_what_was_asked_and_nothing_about_the_customer() {
        let mut history = History::default();
        let line = history.tell(1, &intent().to_json());
        for part in ["intent", "reference=4711", "amount=1234", "terminal=lane-1", "kind=payment", "wire_key=PJ-key"] {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert!(!line.contains("canary"), "{line}");
        // A vendor that repeats what it was sent.
        let failure = Failure::new(Status::Rejected, "billingLastName canary billing.last_name is too long");
        let line = history.tell(1, &Fact::Refused { failure }.to_json());
        assert!(line.contains("billingLastName [text] is too long") && line.contains("status=303"), "{line}");
    }

    #[test]
    fn nothing_of_a_card_is_told_nor_who_decided() {
        let mut history = History::default();
        let report = Box::new(TransactionReport {
            id: String::from("8350"),
            total: 1234,
            card_last4: String::from("1111"),
            card_token: String::from("canary-token"),
            authorization_code: String::from("canary-auth"),
            response_text: String::from("card 4111 1111 1111 1111 approved"),
            ..TransactionReport::default()
        });
        let line = history.tell(1, &Fact::TransactionRead { report }.to_json());
        assert!(line.contains("report(") && line.contains("id=8350") && line.contains("total=1234"), "{line}");
        assert!(!line.contains("canary") && !line.contains("4111") && !line.contains("last4"), "{line}");
        let (by, reason) = (String::from("canary Miller"), String::from("canary said so"));
        let line = history.tell(1, &Fact::Resolved { decision: Decision::Paid, by, reason }.to_json());
        assert!(line.contains("decision=paid") && !line.contains("canary"), "{line}");
    }

    #[test]
    fn what_a_later_version_writes_is_named_and_its_news_left_out() {
        let line =
            History::default().tell(9, r#"{"fact":"teleported","id":"7","holder":"canary","report":{"pan":"canary"}}"#);
        assert_eq!(line, "teleported (of a newer version, 9) id=7 report()");
        assert_eq!(History::default().tell(1, "no JSON canary"), "(cannot be read)");
        let long = format!(r#"{{"fact":"x","text":"{}"}}"#, "\u{e9}".repeat(5_000));
        assert!(History::default().tell(1, &long).len() < 2_100);
    }
}
