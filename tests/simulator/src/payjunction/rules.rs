//! The rules for parameters: each is checked to the letter, and what breaks a rule is named.

use crate::date;
pub use crate::money::money;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// No amount may be above a million dollars.
pub const MAX_CENTS: i64 = 100_000_000;

/// The shape a parameter must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Money,
    Number,
    /// Digits, at most 32.
    Invoice,
    Bool,
    Date,
    Text(usize),
    OneOf(&'static [&'static str]),
}

/// One row of a table of parameters.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    pub shape: Shape,
    pub required: bool,
}

pub const fn optional(name: &'static str, shape: Shape) -> Rule {
    Rule { name, shape, required: false }
}

pub const fn required(name: &'static str, shape: Shape) -> Rule {
    Rule { name, shape, required: true }
}

/// The parameters of a call after checking.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    values: BTreeMap<String, String>,
    /// Entries of `errors[]`.
    pub errors: Vec<Value>,
    /// What the caller should never have sent.
    pub violations: Vec<String>,
}

impl Checked {
    /// Checks `pairs` against the table.
    pub fn new(pairs: &[(String, String)], rules: &[Rule]) -> Checked {
        let mut checked = Checked::default();
        for (name, value) in pairs {
            match rules.iter().find(|rule| rule.name == name) {
                None => checked.violations.push(format!("unknown parameter {name}")),
                Some(rule) => checked.take(rule, value),
            }
        }
        for rule in rules.iter().filter(|rule| rule.required) {
            if checked.text(rule.name).is_none_or(str::is_empty) && !checked.has_error(rule.name) {
                checked.violations.push(format!("{} is missing", rule.name));
                checked.refuse(rule.name, "This field is required.", "required");
            }
        }
        checked
    }

    fn take(&mut self, rule: &Rule, value: &str) {
        if !fits(rule.shape, value) {
            self.violations.push(format!("{}={value} is not {:?}", rule.name, rule.shape));
            self.refuse(rule.name, "This field is invalid.", "invalid");
        } else if self.values.insert(rule.name.into(), value.into()).is_some() && !rule.name.ends_with("[]") {
            self.violations.push(format!("{} is sent twice", rule.name));
        }
    }

    fn has_error(&self, parameter: &str) -> bool {
        self.errors.iter().any(|e| e["parameter"] == parameter)
    }

    /// Adds an entry to `errors[]`.
    pub fn refuse(&mut self, parameter: &str, message: &str, kind: &str) {
        self.errors.push(json!({"message": message, "parameter": parameter, "type": kind}));
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }

    pub fn cents(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(cents)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name).and_then(|v| v.parse().ok())
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.text(name).map(|v| v == "true")
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

fn fits(shape: Shape, value: &str) -> bool {
    let digits = |max: usize| !value.is_empty() && value.len() <= max && value.bytes().all(|b| b.is_ascii_digit());
    match shape {
        Shape::Money => cents(value).is_some(),
        Shape::Number => digits(18),
        Shape::Invoice => digits(32),
        Shape::Bool => matches!(value, "true" | "false"),
        Shape::Date => date::parse_iso(value).is_some(),
        Shape::Text(max) => value.chars().count() <= max,
        Shape::OneOf(words) => words.contains(&value),
    }
}

/// Reads `X.XX` or `X`: no sign, no separator, no currency, at most a million dollars.
pub fn cents(text: &str) -> Option<i64> {
    crate::money::cents(text).filter(|cents| *cents <= MAX_CENTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_strict() {
        assert_eq!(cents("1000.00"), Some(100_000));
        assert_eq!(cents("1000"), Some(100_000));
        assert_eq!(cents("1000000.00"), Some(MAX_CENTS));
        for bad in ["$1000", "1,000.00", "1000.000", "1.5", ".05", "-1.00", "1000000.01", "", "1.", "1e3", "١.00"] {
            assert_eq!(cents(bad), None, "{bad}");
        }
        assert_eq!(money(5), "0.05");
        assert_eq!(money(123_456), "1234.56");
    }

    #[test]
    fn a_form_is_checked_to_the_letter() {
        let pairs = [("amountBase", "1.5"), ("allowTips", "1"), ("nonsense", "x")].map(|(n, v)| (n.into(), v.into()));
        let rules = [
            required("amountBase", Shape::Money),
            required("terminalId", Shape::Number),
            optional("allowTips", Shape::Bool),
        ];
        let checked = Checked::new(&pairs, &rules);
        let errors: Vec<&str> = checked.errors.iter().map(|e| e["parameter"].as_str().unwrap_or("")).collect();
        assert_eq!(errors, ["amountBase", "allowTips", "terminalId"]);
        assert_eq!(checked.violations.len(), 4);
    }
}
