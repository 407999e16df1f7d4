//! The members of a JSON body, checked against a table. What the vendor tolerates is read; what its documents do not allow is
//! a violation besides.

use serde_json::{Map, Value};

/// The shape a member must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// At most so many characters.
    Text(usize),
    /// Minor units: an integer.
    Cents,
    Bool,
    OneOf(&'static [&'static str]),
    /// 5 to 22 letters, digits, blanks, dashes and underscores.
    Descriptor,
    /// Anything that the client wants kept.
    Metadata,
    /// A list of `{type, amount}`.
    Fees,
    /// An object with these members.
    Object(&'static [Rule]),
}

/// One row of a table.
pub type Rule = (&'static str, Shape);

/// A parsed body.
#[derive(Clone, Debug, Default)]
pub struct Params {
    values: Map<String, Value>,
    pub violations: Vec<String>,
    /// The body is not a JSON object.
    pub malformed: bool,
}

impl Params {
    pub fn read(body: &[u8], table: &[Rule]) -> Params {
        let mut params = Params::default();
        if body.is_empty() {
            return params;
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(values)) => {
                check_object("", &values, table, &mut params.violations);
                params.values = values;
            }
            _ => {
                params.malformed = true;
                params.violations.push("the body is not a JSON object".into());
            }
        }
        params
    }

    /// A member that was sent and is not null.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(String::from)
    }

    pub fn object(&self, name: &str) -> Option<Value> {
        self.value(name).filter(|value| value.is_object()).cloned()
    }
}

fn check_object(of: &str, values: &Map<String, Value>, table: &[Rule], wrong: &mut Vec<String>) {
    for (name, value) in values {
        match table.iter().find(|(known, _)| known == name) {
            None => wrong.push(format!("unknown member {of}{name}")),
            Some(_) if value.is_null() => {}
            Some((_, shape)) => check(&format!("{of}{name}"), value, *shape, wrong),
        }
    }
}

fn check(name: &str, value: &Value, shape: Shape, wrong: &mut Vec<String>) {
    let good = match shape {
        Shape::Text(max) => value.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= max),
        Shape::Cents => value.is_i64() || value.is_u64(),
        Shape::Bool => value.is_boolean(),
        Shape::OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Shape::Descriptor => value.as_str().is_some_and(is_descriptor),
        Shape::Metadata => value.is_object(),
        Shape::Fees => value.as_array().is_some_and(|fees| fees.iter().all(is_fee)),
        Shape::Object(table) => {
            if let Some(members) = value.as_object() {
                check_object(&format!("{name}."), members, table, wrong);
            }
            value.is_object()
        }
    };
    if !good {
        wrong.push(format!("{name}={value} is not what the specification says"));
    }
}

fn is_descriptor(text: &str) -> bool {
    (5..=22).contains(&text.chars().count())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_'))
}

fn is_fee(fee: &Value) -> bool {
    let members = fee.as_object().is_some_and(|fee| fee.keys().all(|name| matches!(name.as_str(), "type" | "amount")));
    members
        && matches!(fee["type"].as_str(), Some("processing_fee" | "platform_fee"))
        && fee["amount"].as_i64().is_some_and(|cents| cents > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Rule; 5] = [
        ("amount", Shape::Cents),
        ("reason", Shape::OneOf(&["duplicate"])),
        ("metadata", Shape::Metadata),
        ("payment", Shape::Object(&[("expedited", Shape::Bool), ("fees", Shape::Fees)])),
        ("statement_descriptor", Shape::Descriptor),
    ];

    fn wrong(body: &str) -> usize {
        Params::read(body.as_bytes(), &TABLE).violations.len()
    }

    #[test]
    fn what_the_specification_allows() {
        assert_eq!(wrong(r#"{"amount":100,"reason":null,"metadata":{"a":[1]},"payment":{"expedited":true}}"#), 0);
        assert_eq!(wrong(r#"{"payment":{"fees":[{"type":"platform_fee","amount":5}]}}"#), 0);
        assert_eq!(wrong(r#"{"statement_descriptor":"Big Business"}"#), 0);
        assert_eq!(wrong(""), 0);
    }

    #[test]
    fn what_it_does_not() {
        for body in [
            r#"{"amount":"100"}"#,
            r#"{"amount":1.5}"#,
            r#"{"reason":"whim"}"#,
            r#"{"metadata":"a"}"#,
            r#"{"currency":"usd"}"#,
            r#"{"payment":{"tip":1}}"#,
            r#"{"payment":{"fees":[{"type":"tax","amount":5}]}}"#,
            r#"{"statement_descriptor":"Big"}"#,
            "amount=1",
        ] {
            assert_eq!(wrong(body), 1, "{body}");
        }
    }
}
