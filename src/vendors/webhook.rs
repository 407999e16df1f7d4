//! Webhooks: what a vendor posts to a server of the till's. Its signature is checked, and it is read as a hint: what it
//! says decides nothing, it only makes the library ask.

#[cfg(test)]
mod tests;

use crate::secret::Secret;
use crate::status::{Error, Status};
use ring::hmac;
use serde_json::Value;

/// The largest body that is taken. The vendors' events have a few thousand bytes.
pub const LONGEST_BODY: usize = 1 << 20;
/// No id of a vendor is longer.
const LONGEST_ID: usize = 128;

/// How a vendor signs its webhooks, and how they are read. All three sign with HMAC-SHA-256 and write it in hexadecimal.
pub struct Scheme {
    /// The header that holds the signature.
    pub signature: &'static str,
    /// The header whose value stands before the body in what is signed, with a dot between.
    pub timestamp: Option<&'static str>,
    /// What an event points at. `None` for an event that is no business of ours.
    pub read: fn(&Value) -> Option<Hint>,
}

/// What an event points at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hint {
    /// The vendor's id of the event: a repetition has the same. Empty when it has none.
    pub event_id: String,
    /// The vendor's word for what happened, for the log.
    pub event: String,
    /// The vendor's ids of the request, or of what was prepared for it.
    pub request_ids: Vec<String>,
    pub transaction_ids: Vec<String>,
    pub terminal: Option<String>,
    /// The key of an attempt.
    pub wire_key: Option<String>,
}

/// Checks that the vendor signed this body with our secret. In constant time: how long it takes tells nothing of the
/// right signature.
///
/// How old the message is does not matter: the vendors repeat an event for days, and a hint does no harm.
pub fn verify(scheme: &Scheme, secret: &Secret, headers: &str, body: &[u8]) -> Result<(), Error> {
    if body.len() > LONGEST_BODY {
        return Err(Error::new(Status::Limit, format!("body: longer than {LONGEST_BODY} bytes")));
    }
    if body.is_empty() {
        return Err(Error::new(Status::InvalidArgument, "body: is empty"));
    }
    let forged = |what: String| Error::new(Status::Signature, what);
    let claimed = header(headers, scheme.signature).map_err(forged)?;
    let name = scheme.signature;
    let claimed = tag(claimed).ok_or_else(|| forged(format!("{name}: is not 64 hexadecimal digits")))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    let checked = match scheme.timestamp {
        None => hmac::verify(&key, body, &claimed),
        Some(name) => {
            let timestamp = header(headers, name).map_err(forged)?;
            hmac::verify(&key, &[timestamp.as_bytes(), b".", body].concat(), &claimed)
        }
    };
    checked.map_err(|_| forged(format!("{name}: was not made from these bytes with webhook_secret")))
}

/// The value of a header of "Name: value" lines. It must be there once: of two, nobody can tell which one is meant.
/// Lines of another shape, such as the request line, are passed over.
fn header<'a>(headers: &'a str, name: &str) -> Result<&'a str, String> {
    let lines = headers.split('\n').filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| trimmed(value));
    let value = values.next().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name}: is missing"))?;
    if values.next().is_some() {
        return Err(format!("{name}: comes more than once"));
    }
    Ok(value)
}

/// Without the blanks around a header's value, which are no part of it, and the CR of the line's end.
fn trimmed(value: &str) -> &str {
    value.trim_matches([' ', '\t', '\r'])
}

/// The 32 bytes of a signature. The vendors write small letters; large ones mean the same bytes.
fn tag(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.chars().map_while(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    if text.len() != 64 || digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(bytes)
}

/// What the body of a checked webhook points at. `Ok(None)` for an event that is no business of ours.
pub fn read(scheme: &Scheme, body: &[u8]) -> Result<Option<Hint>, String> {
    let event: Value = serde_json::from_slice(body).map_err(|error| format!("is no JSON: {error}"))?;
    if !event.is_object() {
        return Err(String::from("is no event"));
    }
    Ok((scheme.read)(&event))
}

/// An id, written as number or text. It may become part of a path: what does not look like an id is none.
pub fn id(value: &Value, key: &str) -> Option<String> {
    let text = match value.get(key)? {
        Value::Number(number) if number.is_u64() => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!text.is_empty() && text.len() <= LONGEST_ID && text.chars().all(plain)).then_some(text)
}

/// A word of an event, shortened for the log.
pub fn word(value: &Value, key: &str) -> String {
    let text = value.get(key).and_then(Value::as_str).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
