//! What a smart terminal asks without money: POST request-signature, request-prompt, request-input and request-read, and
//! the answers that GET /smartterminals/requests/{id} then holds.

use super::errands;
use super::reply::Answer;
use super::report::number_or_text;
use super::request::{Form, put_raw};
use crate::payment::fields::Checked;
use crate::payment::{Fact, Kind, Payment, Volatile};
use crate::vendors::Reading;
use serde_json::Value;

/// From this version on a busy terminal is left alone unless the request says otherwise (API Versioning).
const BUSY_SINCE: &str = "2018-06-19";
/// Members of the poll's answer that are no card data.
const KNOWN: &[&str] = &[
    "status",
    "requestId",
    "requestPaymentId",
    "paymentId",
    "smartTerminalId",
    "terminalId",
    "transactionId",
    "signatureId",
    "promptButton",
    "inputValue",
    "created",
    "lastModified",
    "type",
    "uri",
];
/// More is no magnetic stripe.
const MOST_CARD_DATA: usize = 1_000;

/// The last part of the path.
pub(super) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Signature => "request-signature",
        Kind::Prompt => "request-prompt",
        Kind::Input => "request-input",
        _ => "request-read",
    }
}

pub(super) fn form(request: &Checked, version: &str) -> Form {
    let mut form = vec![("terminalId".to_owned(), request.merchant_terminal.clone())];
    let mut put = |name: &str, value: &str| form.push((name.to_owned(), value.to_owned()));
    for (key, name) in [("terms", "terms"), ("text", "text")] {
        if let Some(text) = request.text(key) {
            put(name, text);
        }
    }
    for button in &request.buttons {
        put("buttons[]", button);
    }
    if request.kind == Kind::Input {
        put("type", "PHONE");
    }
    // Only the page of request-payment knows this parameter, so it is sent where it changes something.
    if request.interrupt_busy || version < BUSY_SINCE {
        put("interruptBusyTerminal", if request.interrupt_busy { "true" } else { "false" });
    }
    put_raw(request, &mut form);
    form
}

/// The answer in a request that is COMPLETE. One without an answer was canceled, or nobody came.
pub(super) fn answer(payment: &Payment, body: &Value, reading: &mut Reading) {
    let text = |name: &str| body.get(name).and_then(number_or_text);
    let values = &mut reading.volatile;
    let (id, whole) = match payment.kind() {
        Kind::Signature => {
            let id = text("signatureId").unwrap_or_default();
            values.text("signature.id", id.clone());
            (id, false)
        }
        Kind::Prompt => {
            if let Some(button) = text("promptButton") {
                let index = payment.intent.request.buttons.iter().position(|known| *known == button);
                index.into_iter().for_each(|index| values.int("prompt.index", index as i64));
                values.text("prompt.button", button);
            }
            (String::new(), true)
        }
        Kind::Input => {
            text("inputValue").into_iter().for_each(|input| values.private("input.value", input));
            (String::new(), true)
        }
        Kind::CardRead => {
            card(body, values);
            (String::new(), true)
        }
        _ => return,
    };
    if !id.is_empty() || !values.is_empty() {
        reading.facts.push(Fact::Answered { id, whole });
    }
}

/// No page that could be read names the member of a card read: every text that is nothing else is the card's.
fn card(body: &Value, values: &mut Volatile) {
    let mut data = String::new();
    let members = body.as_object().into_iter().flatten();
    members.filter(|(name, _)| !KNOWN.contains(&name.as_str())).for_each(|(_, value)| collect(value, &mut data));
    if data.is_empty() || data.len() > MOST_CARD_DATA {
        return;
    }
    for (start, key) in [('%', "card_read.track1"), (';', "card_read.track2"), ('+', "card_read.track3")] {
        if let Some(track) = track(&data, start) {
            values.private(key, track);
        }
    }
    values.private("card_read.data", data);
}

fn collect(value: &Value, data: &mut String) {
    match value {
        Value::String(text) => data.push_str(text),
        Value::Array(list) => list.iter().for_each(|value| collect(value, data)),
        Value::Object(members) => members.values().for_each(|value| collect(value, data)),
        _ => {}
    }
}

/// One track, from its start sentinel to its end sentinel, both included (ISO/IEC 7811).
fn track(data: &str, start: char) -> Option<&str> {
    // Track 1 may hold a `;` or `+` of its own: what stands before it is skipped from end sentinel to end sentinel.
    let mut rest = data;
    while let Some(first) = rest.find(['%', ';', '+']) {
        let end = rest[first..].find('?').map(|end| first + end + 1)?;
        if rest[first..].starts_with(start) {
            return Some(&rest[first..end]);
        }
        rest = &rest[end..];
    }
    None
}

/// GET /smartterminals/signatures/{signatureId}/image.
pub(super) fn image(id: &str, answer: &Answer) -> Reading {
    let mut values = Volatile::default();
    if !errands::image(answer, &mut values) {
        return answer.read_failed();
    }
    let fact = Fact::Answered { id: id.to_owned(), whole: true };
    Reading { facts: vec![fact], volatile: values, ..Reading::default() }
}
