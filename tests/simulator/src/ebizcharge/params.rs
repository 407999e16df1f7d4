//! The parameters of a JSON body, checked against a table. What the vendor tolerates is read; what its documents do not
//! allow is a violation besides.

use crate::money::cents;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The shape a parameter must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// At most so many characters.
    Text(usize),
    /// A string such as `8.88`.
    Money,
    /// An integer, or its digits in a string.
    Number,
    Bool,
    /// `Y` or `N`.
    YesNo,
    /// A flag whose type no document gives.
    Flag,
    List,
    Map,
}

/// One row of a table: a name, dotted where it stands in an object, and its shape.
pub type Rule = (&'static str, Shape);

/// A parsed body.
#[derive(Clone, Debug, Default)]
pub struct Params {
    values: BTreeMap<String, Value>,
    pub violations: Vec<String>,
}

impl Params {
    pub fn read(body: &[u8], tables: &[&[Rule]]) -> Params {
        let mut params = Params::default();
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(object) = value.as_object() else {
            params.violations.push("the body is not a JSON object".into());
            return params;
        };
        for (name, value) in object {
            params.take(name, value, tables);
        }
        params
    }

    fn take(&mut self, name: &str, value: &Value, tables: &[&[Rule]]) {
        let rule = tables.iter().flat_map(|table| table.iter()).find(|(known, _)| *known == name);
        match (rule, value) {
            (_, Value::Null) => {}
            (Some((_, shape)), _) => self.keep(name, *shape, value),
            (None, Value::Object(members)) if !name.contains('.') => {
                for (member, value) in members {
                    self.take(&format!("{name}.{member}"), value, tables);
                }
            }
            (None, _) => self.violations.push(format!("unknown parameter {name}")),
        }
    }

    fn keep(&mut self, name: &str, shape: Shape, value: &Value) {
        let (kept, clean) = match shape {
            Shape::Text(max) => text(value, max),
            Shape::Money => money(value),
            Shape::Number => (number(value).map(Value::from), true),
            Shape::Bool => (flag(value).map(Value::from), value.is_boolean()),
            Shape::Flag => (flag(value).map(Value::from), true),
            Shape::YesNo => (Some(value.clone()), matches!(value.as_str(), Some("Y" | "N"))),
            Shape::List => (value.is_array().then(|| value.clone()), true),
            Shape::Map => (value.is_object().then(|| value.clone()), true),
        };
        if kept.is_none() || !clean {
            self.violations.push(format!("{name}={value} is not {shape:?}"));
        }
        if let Some(kept) = kept {
            self.values.insert(name.into(), kept);
        }
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(String::from)
    }

    pub fn cents(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(cents)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.value(name).and_then(Value::as_u64)
    }

    pub fn is_set(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The values of a table, dots and all.
    pub fn of(&self, table: &[Rule]) -> Map<String, Value> {
        let known = |name: &&String| table.iter().any(|(n, _)| n == name);
        self.values.keys().filter(known).map(|name| (name.clone(), self.values[name].clone())).collect()
    }
}

fn text(value: &Value, max: usize) -> (Option<Value>, bool) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return (None, false),
    };
    let clean = value.is_string() && text.chars().count() <= max;
    (Some(text.into()), clean)
}

/// A number is read as well, because EBizCharge's own connector sends one.
fn money(value: &Value) -> (Option<Value>, bool) {
    match value {
        Value::String(text) => (cents(text).map(|_| value.clone()), true),
        Value::Number(number) => (number.as_f64().filter(|n| *n >= 0.0).map(|n| format!("{n:.2}").into()), false),
        _ => (None, false),
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => Some(number.as_u64()? != 0),
        Value::String(word) => match word.as_str() {
            "true" | "Y" | "y" | "1" => Some(true),
            "false" | "N" | "n" | "0" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Rule; 5] = [
        ("amount", Shape::Money),
        ("timeout", Shape::Number),
        ("save_card", Shape::Bool),
        ("amount_detail.tax", Shape::Money),
        ("invoice", Shape::Text(11)),
    ];

    fn read(body: &str) -> Params {
        Params::read(body.as_bytes(), &[&TABLE])
    }

    #[test]
    fn what_the_documents_allow() {
        let body = r#"{"amount":"8.88","timeout":90,"save_card":true,"amount_detail":{"tax":"1.00"},"invoice":null}"#;
        let params = read(body);
        assert!(params.violations.is_empty(), "{:?}", params.violations);
        assert_eq!((params.cents("amount"), params.number("timeout")), (Some(888), Some(90)));
        assert_eq!((params.is_set("save_card"), params.cents("amount_detail.tax")), (true, Some(100)));
    }

    #[test]
    fn what_the_vendor_only_tolerates() {
        let params = read(r#"{"amount":8.9,"timeout":"150","save_card":"Y","invoice":123456789012,"nonsense":1}"#);
        assert_eq!((params.cents("amount"), params.number("timeout")), (Some(890), Some(150)));
        assert!(params.is_set("save_card"));
        assert_eq!(params.violations.len(), 4, "{:?}", params.violations);
        assert_eq!(read("amount=1").violations.len(), 1);
        assert!(read(r#"{"amount":"8.8"}"#).cents("amount").is_none());
    }
}
