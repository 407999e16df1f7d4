//! Errands: receipts, signatures, lists of terminals, and the check of an installation.

use super::PayJunction;
use super::reply::Answer;
use super::report::number_or_text;
use super::request::{PAGE, encode, missing_id, paged, put_raw, signature_image, with_query};
use crate::http::{HttpRequest, Method};
use crate::payment::fact::Failure;
use crate::payment::reconcile::{Listed, Span, iso};
use crate::payment::snapshot::Detail;
use crate::payment::{Fact, Kind, Payment, Volatile};
use crate::status::Status;
use crate::vendors::codes::Call;
use crate::vendors::{Reading, Search, span};
use serde_json::Value;

/// A list that goes on for so many pages does not end.
const PAGES: u32 = 100;

pub(super) fn request(account: &PayJunction, payment: &Payment, search: &Search) -> Result<HttpRequest, Failure> {
    let request = &payment.intent.request;
    let receipts = || {
        let id = payment.intent.original_id.as_deref().ok_or_else(missing_id)?;
        Ok(format!("/transactions/{}/receipts", encode(id)))
    };
    Ok(match request.kind {
        Kind::FetchReceipt => {
            let which = if request.flag("unsigned") { "unsigned" } else { "latest" };
            account.get_any(format!("{}/{which}/{}", receipts()?, format(payment)))
        }
        Kind::SendReceipt => {
            let mut form = vec![
                ("to".to_owned(), request.text("email").unwrap_or_default().to_owned()),
                ("replyTo".to_owned(), request.text("reply_to").unwrap_or_default().to_owned()),
                // Absent it would be true (POST receipts/latest/email), and the customer is asked to sign again.
                ("requestSignature".to_owned(), request.flag("request_signature").to_string()),
            ];
            put_raw(request, &mut form);
            account.send(Method::Post, format!("{}/latest/email", receipts()?), form, true)
        }
        Kind::FetchSignature => match request.text("signature") {
            Some(id) => account.get_any(signature_image(id)),
            None => account.get_any(format!("{}/latest/signature", receipts()?)),
        },
        Kind::Reconcile => account.get(span_page(payment, search)?),
        Kind::ListTerminals | Kind::FetchTerminal | Kind::SelfCheck => account.get(page(payment, search)),
        _ => return Err(Failure::new(Status::Unsupported, "PayJunction cannot do that")),
    })
}

/// The paper of a receipt.
fn format(payment: &Payment) -> &str {
    payment.intent.request.text("format").unwrap_or("thermal")
}

/// The two lists: GET /smartterminals has the devices, GET /terminals the merchant accounts.
#[derive(Clone, Copy, PartialEq)]
enum List {
    Devices,
    Accounts,
}

impl List {
    /// Which one is being read.
    fn of(payment: &Payment, search: &Search) -> List {
        let no_device = payment.kind() == Kind::SelfCheck && payment.intent.request.terminal.is_empty();
        if search.listing || no_device { List::Accounts } else { List::Devices }
    }

    /// The id that is looked for in it. Without one a check only wants to see that it is answered.
    fn wanted(self, payment: &Payment) -> Option<&str> {
        let request = &payment.intent.request;
        let id = if self == List::Devices { &request.terminal } else { &request.merchant_terminal };
        Some(id.as_str()).filter(|id| payment.kind() != Kind::ListTerminals && !id.is_empty())
    }

    /// The member that holds the id.
    fn id(self) -> &'static str {
        if self == List::Devices { "smartTerminalId" } else { "terminalId" }
    }

    /// What a check says of the id.
    fn verdict(self) -> &'static str {
        if self == List::Devices { "check.terminal_known" } else { "check.merchant_terminal_known" }
    }
}

/// One page of a list.
fn page(payment: &Payment, search: &Search) -> String {
    let list = List::of(payment, search);
    let glance = payment.kind() == Kind::SelfCheck && list.wanted(payment).is_none();
    let limit = if glance { 1 } else { PAGE };
    let query = [("limit", limit), ("offset", search.offset)].map(|(name, value)| (name.to_owned(), value.to_string()));
    with_query(if list == List::Accounts { "/terminals" } else { "/smartterminals" }, &query)
}

pub(super) fn read(payment: &Payment, search: Search, answer: &Answer) -> Reading {
    let mut values = Volatile::default();
    let fetched = match payment.kind() {
        Kind::SendReceipt if answer.reply.is_success() => true,
        Kind::SendReceipt => return not_sent(answer),
        Kind::FetchReceipt => receipt(payment, answer, &mut values),
        Kind::FetchSignature => image(answer, &mut values),
        Kind::Reconcile => return books(payment, search, answer),
        _ => return list(payment, search, answer),
    };
    if fetched { done(values) } else { answer.read_failed() }
}

/// GET /transactions with startDate and endDate. What exactly they include is not documented: a day more is asked for, and
/// the comparison looks at the times itself.
fn span_page(payment: &Payment, search: &Search) -> Result<String, Failure> {
    let request = &payment.intent.request;
    let span = Span::of(request).ok_or_else(|| Failure::new(Status::Internal, "the span is lost"))?.wide();
    let mut query = vec![("startDate".to_owned(), iso(span.from)), ("endDate".to_owned(), iso(span.until))];
    if !request.merchant_terminal.is_empty() {
        query.push(("terminalId".to_owned(), request.merchant_terminal.clone()));
    }
    Ok(paged(query, search.offset))
}

/// One page of the books.
fn books(payment: &Payment, mut search: Search, answer: &Answer) -> Reading {
    let (Some((reports, more)), Some(span)) = (super::reply::page(answer, payment), Span::of(&payment.intent.request))
    else {
        return answer.read_failed();
    };
    search.offset += PAGE;
    let rows = reports.into_iter().map(|report| Listed { report, terminal: String::new() }).collect();
    span::page(search, rows, more, span, span::whole)
}

fn done(volatile: Volatile) -> Reading {
    let fact = Fact::Answered { id: String::new(), whole: true };
    Reading { facts: vec![fact], volatile, ..Reading::default() }
}

/// What must not be done twice was refused, or nobody knows.
fn not_sent(answer: &Answer) -> Reading {
    let failure = answer.failure(Call::Read);
    let own = answer.own_error().is_some();
    Reading::of(match answer.reply.status {
        429 if own => Fact::NotSent { failure, again: true, pause_ms: answer.pause_ms() },
        400..=407 | 409..=428 if own => Fact::Refused { failure },
        _ => Fact::Unclear { failure },
    })
}

/// GET receipts/latest/thermal and its kin: HTML.
fn receipt(payment: &Payment, answer: &Answer, values: &mut Volatile) -> bool {
    let (kind, body) = (content_type(answer), &answer.reply.body);
    let html = kind.starts_with("text/html") || body.trim_ascii_start().starts_with(b"<");
    if !answer.reply.is_success() || body.is_empty() || !html {
        return false;
    }
    values.bytes("receipt", body);
    values.text("receipt.content_type", kind);
    values.text("receipt.format", format(payment));
    true
}

/// The image of a signature.
pub(super) fn image(answer: &Answer, values: &mut Volatile) -> bool {
    let (kind, body) = (content_type(answer), &answer.reply.body);
    let known = [&b"\x89PNG"[..], b"\xff\xd8\xff", b"GIF8", b"BM"];
    let is_image = kind.starts_with("image/") || known.iter().any(|start| body.starts_with(start));
    if !answer.reply.is_success() || body.is_empty() || !is_image {
        return false;
    }
    values.bytes("signature.image", body);
    values.text("signature.content_type", kind);
    true
}

fn content_type(answer: &Answer) -> String {
    answer.reply.header("content-type").unwrap_or_default().trim().to_ascii_lowercase().chars().take(100).collect()
}

/// A page of a list, and what is to be asked next.
fn list(payment: &Payment, mut search: Search, answer: &Answer) -> Reading {
    let results = answer.body().and_then(|body| body.get("results")).and_then(Value::as_array);
    let Some(results) = results.filter(|rows| rows.iter().all(Value::is_object)) else { return answer.read_failed() };
    let next = answer.body().and_then(|body| body.get("next")).and_then(Value::as_str);
    let more = next.is_some_and(|url| !url.is_empty()) || results.len() >= PAGE as usize;
    let (list, kind) = (List::of(payment, &search), payment.kind());
    let wanted = list.wanted(payment);
    if kind == Kind::ListTerminals {
        add(results, list, &mut search.volatile);
    }
    let found = wanted.is_some_and(|id| find(results, id, list, kind, &mut search.volatile));
    let endless = kind == Kind::ListTerminals || wanted.is_some();
    search.offset += PAGE;
    if more && endless && !found {
        let failure = || Failure::new(Status::BadReply, "the list of terminals does not end");
        let too_many = search.offset >= PAGES * PAGE;
        return if too_many { failed(failure(), search.volatile) } else { asks_on(search) };
    }
    if wanted.is_some() && !found {
        return failed(missing(list), search.volatile);
    }
    let accounts_too =
        kind == Kind::ListTerminals || (kind == Kind::SelfCheck && List::Accounts.wanted(payment).is_some());
    if list == List::Devices && accounts_too {
        return asks_on(Search { listing: true, offset: 0, ..search });
    }
    done(search.volatile)
}

fn asks_on(search: Search) -> Reading {
    Reading { next: Some(search), ..Reading::default() }
}

fn failed(failure: Failure, volatile: Volatile) -> Reading {
    Reading { volatile, ..Reading::of(Fact::ReadFailed { failure, pause_ms: 0 }) }
}

fn missing(list: List) -> Failure {
    match list {
        List::Devices => Failure::new(Status::UnknownDevice, "terminal: this login sees no such smart terminal"),
        List::Accounts => {
            Failure::new(Status::NotFound, "merchant_terminal: this login sees no such terminalId that takes cards")
        }
    }
}

/// Looks for the one that is asked for. Of a check, what came of it is a value.
fn find(rows: &[Value], wanted: &str, list: List, kind: Kind, values: &mut Volatile) -> bool {
    let is_it =
        |row: &&Value| row.get(list.id()).and_then(number_or_text).is_some_and(|id| id.eq_ignore_ascii_case(wanted));
    let row = rows.iter().find(is_it);
    if kind != Kind::SelfCheck {
        row.into_iter().for_each(|row| device("terminal", row, values));
        return row.is_some();
    }
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    let takes_cards = |row: &&Value| {
        row.get("enabled") != Some(&Value::Bool(false)) && text(row, "type").is_none_or(|kind| kind == "CARD")
    };
    let usable = row.filter(|row| list == List::Devices || takes_cards(row)).is_some();
    values.int(list.verdict(), i64::from(usable));
    usable
}

/// Adds rows to what the till gets.
fn add(rows: &[Value], list: List, values: &mut Volatile) {
    let name = if list == List::Accounts { "merchant_terminals" } else { "terminals" };
    let count = format!("{name}.count");
    let known = match values.get(&count) {
        Some(Detail::Int(number)) => *number,
        _ => 0,
    };
    for (index, row) in (known..).zip(rows) {
        let place = format!("{name}.{index}");
        if list == List::Accounts { account(&place, row, values) } else { device(&place, row, values) }
    }
    values.int(count, known + rows.len() as i64);
}

/// GET /smartterminals: a device. It says nothing about being connected.
fn device(place: &str, row: &Value, values: &mut Volatile) {
    for (key, names) in [
        ("id", &["smartTerminalId"][..]),
        ("name", &["nickName", "nickname"]),
        ("serial", &["serialNumber"]),
        ("status", &["status"]),
        ("model", &["type", "model"]),
        ("created", &["created"]),
    ] {
        values.text(format!("{place}.{key}"), first_text(row, names));
    }
}

/// GET /terminals: a merchant account, and the rules of its surcharge.
fn account(place: &str, row: &Value, values: &mut Volatile) {
    for (key, names) in [
        ("id", &["terminalId"][..]),
        ("name", &["nickName", "nickname"]),
        ("type", &["type"]),
        ("account", &["accountId"]),
        ("company", &["companyDba"]),
        ("legal_name", &["companyLegal"]),
        ("merchant_number", &["merchantNumber"]),
    ] {
        values.text(format!("{place}.{key}"), first_text(row, names));
    }
    let mut flag = |key: &str, value: Option<&Value>| {
        if let Some(flag) = value.and_then(Value::as_bool) {
            values.int(format!("{place}.{key}"), i64::from(flag));
        }
    };
    flag("enabled", row.get("enabled"));
    flag("surcharge.enabled", row.pointer("/surcharge/enabled"));
    if let Some(rate) = row.pointer("/surcharge/percentage").and_then(number_or_text) {
        values.text(format!("{place}.surcharge.percentage"), rate);
    }
}

fn first_text(row: &Value, names: &[&str]) -> String {
    let text = names.iter().find_map(|name| row.get(*name).and_then(number_or_text)).unwrap_or_default();
    text.chars().take(200).collect()
}
