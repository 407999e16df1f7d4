//! Checks one value against the rule of its row. No message repeats a text: it may be private.

use super::row::{Charset, MOST_MONEY, Row, Rule};
use super::{Fault, nearest};
use crate::payment::cardmask::{holds_card_number, mask};
use crate::payment::{Fields, Value};
use crate::status::Status;
use std::collections::BTreeMap;

/// A value that fits its rule.
#[derive(Clone, PartialEq, Debug)]
pub enum Plain {
    Text(String),
    Int(i64),
    Texts(Vec<String>),
    Items(Vec<BTreeMap<String, String>>),
}

/// The value, if it fits. `None` for an empty text, which counts as not set.
pub fn read(key: &str, rule: &Rule, value: &Value) -> Result<Option<Plain>, Fault> {
    match (rule, value) {
        (Rule::Decimal, Value::Int(number)) => decimal(key, &number.to_string()).map(|t| Some(Plain::Text(t))),
        (rule, Value::Text(text)) if rule.is_text() && text.is_empty() => Ok(None),
        (Rule::Text { max, charset }, Value::Text(text)) => self::text(key, *max, *charset, text).map(some_text),
        (Rule::Choice(words), Value::Text(text)) => choice(key, words, text).map(some_text),
        (Rule::Decimal, Value::Text(text)) => decimal(key, text).map(some_text),
        (Rule::Amount { min }, Value::Int(number)) => amount(key, *min, *number).map(|n| Some(Plain::Int(n))),
        (Rule::Int { min, max }, Value::Int(number)) => int(key, *min, *max, *number).map(|n| Some(Plain::Int(n))),
        (Rule::Flag, Value::Int(number)) => flag(key, *number).map(|n| Some(Plain::Int(n))),
        (Rule::Texts { max_count, max_len }, Value::Texts(list)) => {
            texts(key, *max_count, *max_len, list).map(|list| Some(Plain::Texts(list)))
        }
        (Rule::Items { max_count, keys }, Value::Items(list)) => {
            items(key, *max_count, keys, list).map(|list| Some(Plain::Items(list)))
        }
        _ => Err(invalid(key, format!("{}, so set it with {}", describe(rule), setter(rule)))),
    }
}

fn some_text(text: String) -> Option<Plain> {
    Some(Plain::Text(text))
}

fn invalid(key: &str, fault: String) -> Fault {
    Fault::new(Status::InvalidField, format!("{key}: {fault}"))
}

/// The function that sets such a value.
fn setter(rule: &Rule) -> &'static str {
    match rule {
        Rule::Text { .. } | Rule::Choice(_) => "pj_fields_set_text",
        Rule::Decimal => "pj_fields_set_text or pj_fields_set_int",
        Rule::Amount { .. } | Rule::Int { .. } | Rule::Flag => "pj_fields_set_int",
        Rule::Texts { .. } => "pj_fields_add_text",
        Rule::Items { .. } => "pj_fields_add_item",
    }
}

fn describe(rule: &Rule) -> &'static str {
    match rule {
        Rule::Text { .. } | Rule::Choice(_) => "is a text",
        Rule::Decimal => "is a decimal number",
        Rule::Amount { .. } => "is a number of minor units",
        Rule::Int { .. } => "is a number",
        Rule::Flag => "is 0 or 1",
        Rule::Texts { .. } => "is a list of texts",
        Rule::Items { .. } => "is a list of groups",
    }
}

/// A number as a message may show it: a card number set as a number is a mistake that happens.
fn shown(number: i64) -> String {
    mask(&number.to_string()).into_owned()
}

fn amount(key: &str, min: i64, number: i64) -> Result<i64, Fault> {
    let fault = if number < min {
        format!("must be at least {min} (minor units), got {}", shown(number))
    } else if number > MOST_MONEY {
        format!("must be at most {MOST_MONEY} (minor units), got {}", shown(number))
    } else {
        return Ok(number);
    };
    Err(Fault::new(Status::InvalidAmount, format!("{key}: {fault}")))
}

fn int(key: &str, min: i64, max: i64, number: i64) -> Result<i64, Fault> {
    match (min..=max).contains(&number) {
        true => Ok(number),
        false => Err(invalid(key, format!("must be from {min} to {max}, got {}", shown(number)))),
    }
}

fn flag(key: &str, number: i64) -> Result<i64, Fault> {
    match number {
        0 | 1 => Ok(number),
        _ => Err(invalid(key, format!("must be 0 or 1, got {}", shown(number)))),
    }
}

fn choice(key: &str, words: &[&str], text: &str) -> Result<String, Fault> {
    match words.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(invalid(key, format!("must be one of: {}", words.join(", ")))),
    }
}

fn decimal(key: &str, text: &str) -> Result<String, Fault> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |s: &str| (1..=9).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    match is_number(whole) && is_number(part) {
        true => Ok(text.to_owned()),
        false => Err(invalid(key, "must be a number such as 2 or 1.25, not negative, up to 9 digits each side".into())),
    }
}

fn texts(key: &str, max_count: usize, max_len: usize, list: &[String]) -> Result<Vec<String>, Fault> {
    if list.len() > max_count {
        return Err(invalid(key, format!("at most {max_count}, got {}", list.len())));
    }
    for (place, one) in list.iter().enumerate() {
        let key = format!("{key}.{place}");
        text(&key, max_len, Charset::Line, one)?;
        if one.trim().is_empty() {
            return Err(invalid(&key, "must not be empty".into()));
        }
        if list[..place].contains(one) {
            return Err(invalid(&key, "stands there twice".into()));
        }
    }
    Ok(list.to_vec())
}

fn items(
    key: &str,
    max_count: usize,
    rows: &'static [Row],
    list: &[Fields],
) -> Result<Vec<BTreeMap<String, String>>, Fault> {
    if list.len() > max_count {
        return Err(invalid(key, format!("at most {max_count}, got {}", list.len())));
    }
    list.iter().enumerate().map(|(place, group)| item(&format!("{key}.{place}"), rows, group)).collect()
}

fn item(path: &str, rows: &'static [Row], group: &Fields) -> Result<BTreeMap<String, String>, Fault> {
    let mut out = BTreeMap::new();
    for (key, value) in group.iter() {
        let Some(row) = rows.iter().find(|row| row.fits(key)) else {
            let text = format!("{path}: {}", nearest::unknown(key, rows.iter().map(|row| row.key)));
            return Err(Fault::new(Status::UnknownField, text));
        };
        match read(&format!("{path}.{key}"), &row.rule, value)? {
            Some(Plain::Text(text)) => drop(out.insert(key.to_owned(), text)),
            Some(Plain::Int(number)) => drop(out.insert(key.to_owned(), number.to_string())),
            _ => {}
        }
    }
    let missing = |row: &&Row| row.required != super::row::Kinds::NONE && !out.contains_key(row.key);
    match rows.iter().find(missing) {
        Some(row) => Err(Fault::new(Status::MissingField, format!("{path}.{}: is required", row.key))),
        None => Ok(out),
    }
}

/// A text of at most `max` characters of the set, and without a card number. Line ends become `\n`.
pub fn text(key: &str, max: usize, charset: Charset, text: &str) -> Result<String, Fault> {
    let text = bare_text(key, max, charset, text)?;
    if holds_card_number(&text) {
        let fault = "holds what looks like a card number; never send one, and change a number that only looks like it";
        return Err(Fault::new(Status::InvalidText, format!("{key}: {fault}")));
    }
    Ok(text)
}

/// A text of at most `max` characters of the set. Line ends become `\n`.
pub fn bare_text(key: &str, max: usize, charset: Charset, text: &str) -> Result<String, Fault> {
    let text = match charset {
        Charset::Lines => text.replace("\r\n", "\n"),
        _ => text.to_owned(),
    };
    let control = |(_, c): &(usize, char)| c.is_control() && !(*c == '\n' && charset == Charset::Lines);
    if let Some((place, c)) = text.chars().enumerate().find(control) {
        let fault = format!("character {} is a control character (U+{:04X})", place + 1, c as u32);
        return Err(Fault::new(Status::InvalidText, format!("{key}: {fault}")));
    }
    let count = text.chars().count();
    if count > max {
        return Err(invalid(key, format!("must have at most {max} characters, got {count}")));
    }
    match misfit(charset, &text) {
        Some(fault) => Err(invalid(key, fault)),
        None if charset == Charset::Currency => Ok(text.to_ascii_uppercase()),
        None => Ok(text),
    }
}

/// What about the text does not fit the set.
fn misfit(charset: Charset, text: &str) -> Option<String> {
    let other =
        |allowed: fn(u8) -> bool| text.chars().position(|c| !u8::try_from(c).is_ok_and(allowed)).map(|place| place + 1);
    match charset {
        Charset::Line | Charset::Lines => None,
        Charset::Ascii if text.starts_with(' ') || text.ends_with(' ') => {
            Some("must not begin or end with a blank".into())
        }
        Charset::Ascii => other(|b| (0x20..0x7f).contains(&b))
            .map(|place| format!("must be printable ASCII; character {place} is not")),
        Charset::Token => other(|b| b.is_ascii_graphic())
            .map(|place| format!("must be printable ASCII without blanks; character {place} is not")),
        Charset::Word => other(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            .map(|place| format!("must be letters, digits, - and _; character {place} is not")),
        Charset::Email => (!is_email(text)).then(|| "is not an e-mail address".into()),
        Charset::Currency => (text.len() != 3 || !text.bytes().all(|b| b.is_ascii_alphabetic()))
            .then(|| "must be an ISO 4217 code of three letters, such as USD".into()),
        Charset::Time => (!is_time(text)).then(|| "must be a UTC time such as 2026-01-31T00:00:00Z".into()),
    }
}

/// One `@` with something on both sides, all of it visible ASCII. The vendor knows more; a typing mistake is caught.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty()
        && !host.is_empty()
        && !host.contains('@')
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b',' | b';' | b'<' | b'>' | b'"'))
}

fn is_time(text: &str) -> bool {
    let shape = "dddd-dd-ddTdd:dd:ddZ";
    let fits = |(wanted, got): (u8, u8)| if wanted == b'd' { got.is_ascii_digit() } else { got == wanted };
    let part = |from: usize| text.get(from..from + 2).and_then(|t| t.parse::<u32>().ok()).unwrap_or(99);
    text.len() == shape.len()
        && shape.bytes().zip(text.bytes()).all(fits)
        && (1..=12).contains(&part(5))
        && (1..=31).contains(&part(8))
        && part(11) < 24
        && part(14) < 60
        && part(17) < 60
}
