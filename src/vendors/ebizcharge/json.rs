//! Tolerant readers. This vendor writes numbers as texts and texts as numbers, differently from call to call.

use crate::payment::cardmask;
use crate::payment::money::{Currency, parse_decimal};
use serde_json::Value;

/// A text or a number, trimmed and cut to a sane length. Empty when there is neither.
pub(super) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.trim().chars().take(200).collect(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The first of these keys that says something.
pub(super) fn either(value: &Value, keys: &[&str]) -> String {
    keys.iter().map(|key| text(value, key)).find(|text| !text.is_empty()).unwrap_or_default()
}

pub(super) fn number(value: &Value, key: &str) -> Option<u64> {
    text(value, key).parse().ok()
}

/// `true`, 1, `"true"`, `"Y"` and their opposites.
pub(super) fn flag(value: &Value, key: &str) -> Option<bool> {
    if let Some(Value::Bool(flag)) = value.get(key) {
        return Some(*flag);
    }
    match text(value, key).to_ascii_lowercase().as_str() {
        "true" | "y" | "yes" | "1" => Some(true),
        "false" | "n" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// `"5.00"`, `"5"`, `5` and `5.0`. Refunds are negative in some lists.
pub(super) fn money(value: &Value, key: &str, currency: Currency) -> Option<i64> {
    parse_decimal(&text(value, key), currency).map(i64::abs)
}

/// The vendor's number of a failure, wherever it stands. 0 is a number too.
pub(super) fn error_code(value: &Value) -> Option<i32> {
    let code = |value: &Value, key: &str| text(value, key).parse::<i32>().ok();
    code(value, "errorcode")
        .or_else(|| code(value, "error_code"))
        .or_else(|| value.get("error").and_then(|error| code(error, "code")))
}

/// What the vendor says of a failure, masked and shortened.
pub(super) fn error_text(value: &Value) -> String {
    let said = match value.get("error") {
        Some(Value::Object(nested)) => nested.get("message"),
        said => said,
    };
    match said {
        Some(Value::String(text)) => cardmask::excerpt(text.trim(), 200),
        Some(Value::Number(number)) => cardmask::excerpt(&number.to_string(), 200),
        _ => String::new(),
    }
}
