//! Errands: receipts, devices, and the check of an installation (REST API, Transactions; Payment Engine, Devices).

use super::books;
use super::json::{flag, number, text};
use super::reply::Answer;
use super::request::{PAGE, encode, missing_id};
use crate::http::Method;
use crate::payment::fact::Failure;
use crate::payment::fields::{Checked, Fault};
use crate::payment::reconcile::Span;
use crate::payment::snapshot::Detail;
use crate::payment::{Fact, Kind, Payment, Volatile};
use crate::status::Status;
use crate::vendors::{Reading, Search};
use base64::Engine as _;
use serde_json::{Map, Value, json};

/// A list that goes on for so many pages does not end.
const PAGES: u32 = 50;
/// The receipt that every account has (GET /transactions/:key:/receipts/:receiptid:).
const TEMPLATE: &str = "vterm";
/// "A six digit code" (POST /paymentengine/devices). As a number it has lost its leading zeros.
const CODE_DIGITS: usize = 6;
/// Settings that stand in `terminal_config`; all others stand in `settings`.
const CONFIG: &[&str] = &["enable_emv", "enable_debit_msr", "enable_tip_adjust", "enable_contactless"];

pub(super) fn can_do(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::FetchReceipt
            | Kind::SendReceipt
            | Kind::Reconcile
            | Kind::SelfCheck
            | Kind::ListTerminals
            | Kind::FetchTerminal
            | Kind::PairTerminal
            | Kind::UnpairTerminal
            | Kind::SetTerminal
    )
}

/// The keys that an errand takes.
pub(super) fn supported(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::FetchReceipt => &["reference", "original", "transaction", "template"],
        Kind::SendReceipt => &["reference", "original", "transaction", "email"],
        Kind::ListTerminals => &["reference"],
        Kind::Reconcile => &["reference", "from", "until"],
        Kind::PairTerminal => &["reference", "name", "terminal_type", "settings.*"],
        Kind::SetTerminal => &["reference", "terminal", "name", "settings.*", "reconnect"],
        _ => &["reference", "terminal"],
    }
}

/// What the vendor would strip or ignore.
pub(super) fn admit(request: &Checked) -> Result<(), Fault> {
    if request.text("name").is_some_and(|name| !name.chars().all(|c| c.is_ascii_alphanumeric() || " -".contains(c))) {
        let text = "name: letters, digits, blanks and dashes only; the payment service strips all else";
        return Err(Fault::new(Status::InvalidText, text));
    }
    if request.kind == Kind::Reconcile {
        return Span::check(request);
    }
    if request.kind != Kind::SetTerminal {
        return Ok(());
    }
    let changes = request.texts.keys().filter(|key| *key == "name" || key.starts_with("settings.")).count();
    match (request.flag("reconnect"), changes) {
        (true, 0) => Ok(()),
        (true, _) => {
            Err(Fault::new(Status::InvalidField, "reconnect: stands alone; change settings in another request"))
        }
        (false, 0) => Err(Fault::new(Status::MissingField, "name: it, settings.* or reconnect is required")),
        (false, _) => Ok(()),
    }
}

/// Method, path and body.
type Parts = (Method, String, Option<Map<String, Value>>);

/// The next call.
pub(super) fn request(payment: &Payment, search: &Search) -> Result<Parts, Failure> {
    let request = &payment.intent.request;
    let device = || format!("/paymentengine/devices/{}", encode(&request.terminal));
    let transaction = || {
        let id = payment.intent.original_id.as_deref().ok_or_else(missing_id)?;
        Ok(format!("/transactions/{}", encode(id)))
    };
    Ok(match request.kind {
        Kind::FetchReceipt => {
            let template = encode(request.text("template").unwrap_or(TEMPLATE));
            (Method::Get, format!("{}/receipts/{template}", transaction()?), None)
        }
        Kind::SendReceipt => {
            // The table says one path and the sample beside it the other.
            let path = if search.listing { "receipts/email" } else { "send" };
            (
                Method::Post,
                format!("{}/{path}", transaction()?),
                Some(object(json!({"toemail": request.text("email")}))),
            )
        }
        Kind::Reconcile => (Method::Get, format!("/transactions?limit={PAGE}&offset={}", search.offset), None),
        Kind::SelfCheck if search.listing => (Method::Get, device(), None),
        Kind::SelfCheck => (Method::Get, "/transactions?limit=1".to_owned(), None),
        Kind::ListTerminals => {
            (Method::Get, format!("/paymentengine/devices?limit={PAGE}&offset={}", search.offset), None)
        }
        Kind::FetchTerminal => (Method::Get, device(), None),
        Kind::PairTerminal => {
            let mut body = changes(request);
            body.insert("terminal_type".to_owned(), json!(request.text("terminal_type").unwrap_or("standalone")));
            (Method::Post, "/paymentengine/devices".to_owned(), Some(body))
        }
        Kind::UnpairTerminal => (Method::Delete, device(), None),
        Kind::SetTerminal if request.flag("reconnect") => (Method::Post, format!("{}/kick", device()), None),
        Kind::SetTerminal => (Method::Put, device(), Some(changes(request))),
        _ => return Err(Failure::new(Status::Unsupported, "there is no such call")),
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Name, settings and configuration, as far as the till says them.
fn changes(request: &Checked) -> Map<String, Value> {
    let mut body = Map::new();
    if let Some(name) = request.text("name") {
        body.insert("name".to_owned(), json!(name));
    }
    for (key, text) in &request.texts {
        let Some(name) = key.strip_prefix("settings.") else { continue };
        let part = if CONFIG.contains(&name) { "terminal_config" } else { "settings" };
        let minutes = name == "timeout" || name.starts_with("sleep_");
        let value = match (name, text.parse::<i64>()) {
            ("notify_update_next", _) | (_, Err(_)) => json!(text),
            (_, Ok(number)) if minutes => json!(number),
            (_, Ok(number)) => json!(number == 1),
        };
        let part = body.entry(part).or_insert_with(|| json!({}));
        part[name] = value;
    }
    body
}

pub(super) fn read(payment: &Payment, search: Search, answer: &Answer) -> Reading {
    let kind = payment.kind();
    match kind {
        Kind::FetchReceipt => receipt(answer),
        Kind::ListTerminals => list(search, answer),
        Kind::SelfCheck => check(payment, search, answer),
        Kind::Reconcile => books::span(payment, search, answer),
        Kind::SendReceipt if !search.listing && answer.reply.status == 404 && answer.own_code() == Some(21001) => {
            // No such path: nothing was done.
            Reading { next: Some(Search { listing: true, ..search }), ..Reading::default() }
        }
        _ if !answer.reply.is_success() || answer.own_code().is_some() => refused(payment, answer),
        Kind::FetchTerminal | Kind::PairTerminal => one_device(payment, answer),
        _ => done(Volatile::default()),
    }
}

fn done(volatile: Volatile) -> Reading {
    let fact = Fact::Answered { id: String::new(), whole: true };
    Reading { facts: vec![fact], volatile, ..Reading::default() }
}

/// What must not be done twice was refused, or nobody knows. Everything else may be asked again.
fn refused(payment: &Payment, answer: &Answer) -> Reading {
    if !payment.is_sent_once() {
        return answer.read_failed();
    }
    let failure = answer.failure();
    let pauses = matches!(failure.status, Status::RateLimited | Status::LockedOut);
    Reading::of(match (answer.own_code(), answer.reply.status) {
        (Some(_), _) if pauses => Fact::NotSent { failure, again: true, pause_ms: answer.pause_ms() },
        (Some(_), 200..=299 | 400..=407 | 409..=428) => Fact::Refused { failure },
        _ => Fact::Unclear { failure },
    })
}

/// base64 of HTML, as a JSON text.
fn receipt(answer: &Answer) -> Reading {
    let text = serde_json::from_slice::<String>(&answer.reply.body).ok().filter(|_| answer.reply.is_success());
    let html = text.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text.trim()).ok());
    let Some(html) = html.filter(|html| html.trim_ascii_start().starts_with(b"<")) else { return answer.read_failed() };
    let mut values = Volatile::default();
    values.bytes("receipt", &html);
    values.text("receipt.content_type", "text/html");
    done(values)
}

/// One page of devices.
fn list(mut search: Search, answer: &Answer) -> Reading {
    let rows = answer.body().and_then(|body| body.get("data")).and_then(Value::as_array);
    let Some(rows) = rows.filter(|rows| rows.iter().all(Value::is_object)) else { return answer.read_failed() };
    let known = match search.volatile.get("terminals.count") {
        Some(Detail::Int(number)) => *number,
        _ => 0,
    };
    for (index, row) in (known..).zip(rows) {
        device(&format!("terminals.{index}"), row, &mut search.volatile);
    }
    let count = known + rows.len() as i64;
    search.volatile.int("terminals.count", count);
    // A page may hold fewer rows than were asked for; the whole is what `total` says.
    let total =
        answer.body().and_then(|body| number(body, "total")).map_or(0, |n| i64::try_from(n).unwrap_or(i64::MAX));
    let more = !rows.is_empty() && (count < total || rows.len() >= PAGE as usize);
    if !more {
        return done(search.volatile);
    }
    search.pages += 1;
    search.offset = u32::try_from(count).unwrap_or(u32::MAX);
    if search.pages >= PAGES {
        let failure = Failure::new(Status::BadReply, "the list of terminals does not end");
        return Reading::of(Fact::ReadFailed { failure, pause_ms: 0 });
    }
    Reading { next: Some(search), ..Reading::default() }
}

/// A device that was read, or has just been made.
fn one_device(payment: &Payment, answer: &Answer) -> Reading {
    let wanted = &payment.intent.request.terminal;
    let pairs = payment.kind() == Kind::PairTerminal;
    let fits = |body: &&Value| !text(body, "key").is_empty() && (pairs || text(body, "key") == *wanted);
    let Some(body) = answer.body().filter(fits) else {
        let failure = answer.failure();
        return if pairs { Reading::of(Fact::Unclear { failure }) } else { answer.read_failed() };
    };
    let mut values = Volatile::default();
    device("terminal", body, &mut values);
    for part in ["settings", "terminal_config"] {
        for (name, value) in body.get(part).and_then(Value::as_object).into_iter().flatten() {
            setting(&format!("settings.{name}"), value, &mut values);
        }
    }
    for (name, value) in body.get("capabilities").and_then(Value::as_object).into_iter().flatten() {
        setting(&format!("terminal.capabilities.{name}"), value, &mut values);
    }
    if pairs {
        values.text("pairing.code", code(body));
        values.text("pairing.expires", text(body, "expiration"));
    }
    done(values)
}

/// The code as text keeps its zeros; as a number it has lost them.
fn code(body: &Value) -> String {
    match body.get("pairing_code") {
        Some(Value::Number(number)) => format!("{:0>CODE_DIGITS$}", number.to_string()),
        _ => text(body, "pairing_code"),
    }
}

fn setting(key: &str, value: &Value, values: &mut Volatile) {
    match value {
        Value::Bool(flag) => values.int(key, i64::from(*flag)),
        Value::Number(number) => number.as_i64().into_iter().for_each(|number| values.int(key, number)),
        Value::String(text) => values.text(key, text.chars().take(200).collect::<String>()),
        _ => {}
    }
}

/// GET /paymentengine/devices: what a till shows of a device.
fn device(place: &str, row: &Value, values: &mut Volatile) {
    for (key, name) in [("id", "key"), ("name", "name"), ("status", "status"), ("type", "terminal_type")] {
        values.text(format!("{place}.{key}"), text(row, name));
    }
    // Not there before it is paired.
    let Some(info) = row.get("terminal_info") else { return };
    let model = format!("{} {}", text(info, "make"), text(info, "model"));
    values.text(format!("{place}.serial"), text(info, "serial"));
    values.text(format!("{place}.model"), model.trim());
    if let Some(update) = flag(row, "update_available") {
        values.int(format!("{place}.update_available"), i64::from(update));
    }
}

/// The login is taken when it may read the books; then the terminal is looked for.
fn check(payment: &Payment, search: Search, answer: &Answer) -> Reading {
    let wanted = &payment.intent.request.terminal;
    if !search.listing {
        let readable = answer.body().is_some_and(|body| body.get("data").is_some_and(Value::is_array));
        return match (readable, wanted.is_empty()) {
            (false, _) => answer.read_failed(),
            (true, true) => done(search.volatile),
            (true, false) => Reading { next: Some(Search { listing: true, ..search }), ..Reading::default() },
        };
    }
    let mut values = search.volatile;
    if let Some(device) = answer.body().filter(|body| text(body, "key") == *wanted) {
        values.int("check.terminal_known", 1);
        values.text("check.terminal_status", text(device, "status"));
        return done(values);
    }
    if answer.failure().status == Status::UnknownDevice {
        values.int("check.terminal_known", 0);
    }
    Reading { volatile: values, ..answer.read_failed() }
}
