//! The fields of a request: one table says which there are, what they must be and what they mean; it checks a request
//! before anything is sent, and it prints the manual's page.
//!
//! `row` says what a row is, `table` and `contact` are the rows, `values` checks one value, `sums` what must hold
//! between several, `checked` is what comes out, `nearest` and `places` help a programmer who wrote another key.

mod checked;
mod contact;
mod manual;
mod nearest;
mod places;
pub mod row;
mod sums;
pub mod table;
#[cfg(test)]
mod tests;
mod values;

pub use checked::{Checked, Parts};
pub use manual::print_manual;
pub(crate) use manual::{escape, value_column};
pub(crate) use nearest::{shown, suggest};
pub(crate) use values::{Plain, bare_text, read};

use super::money::Currency;
use super::{Fields, Kind, Value};
use crate::status::Status;
use std::collections::BTreeMap;

/// What is wrong: a code, and a text with the key, the rule and the value's fault. Holds no secret and no text of the
/// request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub status: Status,
    pub text: String,
}

impl Fault {
    pub fn new(status: Status, text: impl Into<String>) -> Fault {
        Fault { status, text: text.into() }
    }
}

/// What the configuration says for every request. An empty text is no default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Defaults {
    pub terminal: String,
    pub merchant_terminal: String,
    pub currency: Currency,
    pub software: String,
}

impl Default for Defaults {
    fn default() -> Defaults {
        Defaults {
            terminal: String::new(),
            merchant_terminal: String::new(),
            currency: Currency::USD,
            software: String::new(),
        }
    }
}

/// Checks the fields of a request of this kind: known keys, values, what is required, and what must add up.
pub fn check(kind: Kind, fields: &Fields, defaults: &Defaults) -> Result<Checked, Fault> {
    let mut bag = Bag::default();
    for (key, value) in fields.iter() {
        let row = known(kind, key)?;
        // A till that sets everything it has a variable for leaves many of them empty.
        if matches!(value, Value::Text(text) if text.is_empty()) && row.rule.is_text() {
            continue;
        }
        used(kind, key, row)?;
        if let Some(plain) = read(key, &row.rule, value)? {
            bag.0.insert(key.to_owned(), plain);
        }
    }
    fill(kind, &mut bag, defaults);
    if let Some(row) = table::rows().find(|row| row.required.has(kind) && !bag.has(row.key)) {
        return Err(Fault::new(Status::MissingField, format!("{}: is required for {}", row.key, kind.name())));
    }
    sums::check(kind, &bag)?;
    Ok(Checked::new(kind, bag, defaults))
}

/// The row of a key.
fn known(kind: Kind, key: &str) -> Result<&'static row::Row, Fault> {
    if super::cardmask::holds_card_number(key) {
        return Err(Fault::new(Status::InvalidText, "a field's key holds what looks like a card number"));
    }
    table::find(key).ok_or_else(|| {
        // Keys that this kind takes first: of two that are equally near, the first is suggested.
        let own = table::rows().filter(|row| row.kinds.has(kind));
        let others = table::rows().filter(|row| !row.kinds.has(kind));
        Fault::new(Status::UnknownField, nearest::unknown(key, own.chain(others).map(|row| row.key)))
    })
}

/// Refuses a key that this kind of work does not take.
fn used(kind: Kind, key: &str, row: &row::Row) -> Result<(), Fault> {
    if row.kinds.has(kind) {
        return Ok(());
    }
    let users: Vec<&str> = row.kinds.iter().map(Kind::name).collect();
    let text = format!("{key}: not used by {}; it belongs to {}", kind.name(), users.join(", "));
    Err(Fault::new(Status::UnknownField, text))
}

/// Puts in the configuration's defaults where the kind takes them and the request says nothing.
fn fill(kind: Kind, bag: &mut Bag, defaults: &Defaults) {
    // To unpair takes a terminal out of service until somebody walks up to it: nobody does that by leaving a key out.
    let none = String::new();
    let terminal = if kind == Kind::UnpairTerminal { &none } else { &defaults.terminal };
    // Money goes back through the account of the original, whatever the default is.
    let account = if kind.changes_original() { &none } else { &defaults.merchant_terminal };
    let texts = [("terminal", terminal), ("merchant_terminal", account), ("software", &defaults.software)];
    for (key, text) in texts {
        let taken = table::rows().any(|row| row.key == key && row.kinds.has(kind));
        if taken && !text.is_empty() && !bag.has(key) {
            bag.0.insert(key.to_owned(), Plain::Text(text.clone()));
        }
    }
}

/// Values that fit their rows, on the way into a [`Checked`].
#[derive(Default)]
struct Bag(BTreeMap<String, Plain>);

impl Bag {
    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn int(&self, key: &str) -> Option<i64> {
        match self.0.get(key) {
            Some(Plain::Int(number)) => Some(*number),
            _ => None,
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.0.get(key) {
            Some(Plain::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn take_int(&mut self, key: &str) -> Option<i64> {
        let number = self.int(key);
        self.0.remove(key);
        number
    }

    fn take_text(&mut self, key: &str) -> Option<String> {
        let text = self.text(key).map(str::to_owned);
        self.0.remove(key);
        text
    }

    fn take_choice(&mut self, key: &str) -> Option<bool> {
        self.take_int(key).map(|number| number == 1)
    }

    fn take_flag(&mut self, key: &str) -> bool {
        self.take_choice(key) == Some(true)
    }

    fn take_texts(&mut self, key: &str) -> Vec<String> {
        match self.0.remove(key) {
            Some(Plain::Texts(list)) => list,
            _ => Vec::new(),
        }
    }

    fn take_items(&mut self, key: &str) -> Vec<BTreeMap<String, String>> {
        match self.0.remove(key) {
            Some(Plain::Items(list)) => list,
            _ => Vec::new(),
        }
    }

    fn take_groups(&mut self) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
        let is_groups = |(key, plain): (&String, &Plain)| matches!(plain, Plain::Items(_)).then(|| key.clone());
        let keys: Vec<String> = self.0.iter().filter_map(is_groups).collect();
        keys.into_iter().map(|key| (key.clone(), self.take_items(&key))).collect()
    }

    /// What is left, as texts.
    fn rest(self) -> BTreeMap<String, String> {
        let text = |plain| match plain {
            Plain::Text(text) => text,
            Plain::Int(number) => number.to_string(),
            Plain::Texts(list) => list.join("\n"),
            Plain::Items(_) => String::new(),
        };
        self.0.into_iter().map(|(key, plain)| (key, text(plain))).collect()
    }
}
