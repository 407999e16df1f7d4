//! Errands: terminals, and the check of an installation (API reference, Terminals).

use super::answer::{Answer, text, word};
use super::request::{PAGE, encode};
use super::{JustiFi, report};
use crate::http::Method;
use crate::payment::fact::Failure;
use crate::payment::fields::{Checked, Fault};
use crate::payment::reconcile::{Listed, Span, iso};
use crate::payment::snapshot::Detail;
use crate::payment::{Fact, Kind, Payment, Volatile};
use crate::status::Status;
use crate::vendors::codes::Call;
use crate::vendors::{Reading, Search, span};
use serde_json::{Value, json};

/// A list that goes on for so many pages does not end.
const PAGES: i64 = 100;
/// In [`Search::word`]: the token was refused, and a new one is tried.
const NEW_TOKEN: &str = "new token";

pub(super) fn can_do(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Reconcile
            | Kind::SelfCheck
            | Kind::ListTerminals
            | Kind::FetchTerminal
            | Kind::SetTerminal
            | Kind::IdentifyTerminal
    )
}

/// The keys that an errand takes.
pub(super) fn supported(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::ListTerminals => &["reference"],
        Kind::Reconcile => &["reference", "from", "until"],
        Kind::SetTerminal => &["reference", "terminal", "name"],
        _ => &["reference", "terminal"],
    }
}

pub(super) fn admit(request: &Checked) -> Result<(), Fault> {
    if request.kind == Kind::Reconcile {
        return Span::check(request);
    }
    if request.kind == Kind::SetTerminal && request.text("name").is_none() {
        return Err(Fault::new(Status::MissingField, "name: is required, for it is all that can be set at justifi"));
    }
    Ok(())
}

/// Method, path, body, and whether the call's page lists `Sub-Account` among its headers.
type Parts = (Method, String, Option<Value>, bool);

/// The next call.
pub(super) fn request(payment: &Payment, search: &Search) -> Result<Parts, Failure> {
    let request = &payment.intent.request;
    let terminal = format!("/v1/terminals/{}", encode(&request.terminal));
    Ok(match request.kind {
        Kind::Reconcile => (Method::Get, span_page(payment, search)?, None, true),
        Kind::SelfCheck | Kind::FetchTerminal if search.listing => {
            (Method::Get, format!("{terminal}/status"), None, false)
        }
        Kind::SelfCheck => (Method::Get, "/v1/terminals?limit=1".to_owned(), None, true),
        Kind::FetchTerminal => (Method::Get, terminal, None, false),
        Kind::ListTerminals => {
            let after = match search.cursor.as_str() {
                "" => String::new(),
                cursor => format!("&after_cursor={}", encode(cursor)),
            };
            (Method::Get, format!("/v1/terminals?limit={PAGE}{after}"), None, true)
        }
        Kind::SetTerminal => (Method::Patch, terminal, Some(json!({"nickname": request.text("name")})), false),
        Kind::IdentifyTerminal => (Method::Post, format!("{terminal}/identify"), None, false),
        _ => return Err(Failure::new(Status::Unsupported, "JustiFi has no such call")),
    })
}

/// First the payments, which can be asked for by their time, then the refunds, which cannot.
fn span_page(payment: &Payment, search: &Search) -> Result<String, Failure> {
    let span = Span::of(&payment.intent.request).ok_or_else(|| Failure::new(Status::Internal, "the span is lost"))?;
    let (from, until) = (encode(&iso(span.wide().from)), encode(&iso(span.wide().until)));
    let list = match search.listing {
        true => format!("/v1/refunds?limit={PAGE}"),
        false => format!("/v1/payments?limit={PAGE}&created_after={from}&created_before={until}"),
    };
    let after =
        if search.cursor.is_empty() { String::new() } else { format!("&after_cursor={}", encode(&search.cursor)) };
    Ok(format!("{list}{after}"))
}

/// One page of either list.
fn books(account: &JustiFi, payment: &Payment, mut search: Search, answer: &Answer) -> Reading {
    let (Some(page), Some(span)) = (answer.page(), Span::of(&payment.intent.request)) else {
        return failed(answer, Volatile::default());
    };
    let parse = |row: &Value| match search.listing {
        true => report::refund(row, payment),
        false => report::payment(account, row, payment),
    };
    let listed = |row: &Value| Some(Listed { report: parse(row)?, terminal: text(row, "terminal_id") });
    // One that cannot be read may be the one that differs.
    let Some(rows) = page.items.iter().map(listed).collect::<Option<Vec<_>>>() else {
        return failed(answer, Volatile::default());
    };
    let more = page.next.is_some();
    let cursor = page.next.unwrap_or_default();
    if more && (cursor.is_empty() || page.items.is_empty()) {
        let failure = Failure::new(Status::BadReply, "the list says not where it goes on");
        return Reading::of(Fact::ReadFailed { failure, pause_ms: 0 });
    }
    search.cursor = cursor;
    // The second list has an order of its own.
    let refunds =
        |search| Search { listing: true, cursor: String::new(), lowest: None, unordered: false, pages: 0, ..search };
    let at_end = |search: Search| if search.listing { span::whole(search) } else { next(refunds(search)) };
    span::page(search, rows, more, span, at_end)
}

pub(super) fn read(account: &JustiFi, payment: &Payment, mut search: Search, answer: &Answer) -> Reading {
    if answer.is_token_refused() && search.word != NEW_TOKEN {
        search.word = NEW_TOKEN.to_owned();
        return Reading { session_over: true, ..next(search) };
    }
    let wanted = &payment.intent.request.terminal;
    match payment.kind() {
        Kind::ListTerminals => list(search, answer),
        Kind::Reconcile => books(account, payment, search, answer),
        Kind::FetchTerminal if search.listing => live(search, answer),
        Kind::FetchTerminal => match answer.data().filter(|data| text(data, "id") == *wanted) {
            Some(data) => {
                terminal("terminal", data, "listed_status", &mut search.volatile);
                next(Search { listing: true, ..search })
            }
            None => failed(answer, Volatile::default()),
        },
        Kind::SelfCheck => check(payment, search, answer),
        _ if answer.reply.is_success() => done(Volatile::default()),
        _ => failed(answer, Volatile::default()),
    }
}

fn next(search: Search) -> Reading {
    Reading { next: Some(search), ..Reading::default() }
}

fn done(volatile: Volatile) -> Reading {
    let fact = Fact::Answered { id: String::new(), whole: true };
    Reading { facts: vec![fact], volatile, ..Reading::default() }
}

/// An id that is not known here is a terminal's.
fn failed(answer: &Answer, volatile: Volatile) -> Reading {
    let (failure, pause_ms) = (answer.failure(Call::Start), answer.pause_ms());
    Reading { facts: vec![Fact::ReadFailed { failure, pause_ms }], volatile, ..Reading::default() }
}

fn list(mut search: Search, answer: &Answer) -> Reading {
    let page = answer.page().filter(|page| page.items.iter().all(Value::is_object));
    let Some(page) = page else { return failed(answer, Volatile::default()) };
    let known = match search.volatile.get("terminals.count") {
        Some(Detail::Int(number)) => *number,
        _ => 0,
    };
    for (index, row) in (known..).zip(page.items) {
        terminal(&format!("terminals.{index}"), row, "status", &mut search.volatile);
    }
    let count = known + page.items.len() as i64;
    search.volatile.int("terminals.count", count);
    match page.next {
        None => done(search.volatile),
        Some(cursor) if !cursor.is_empty() && !page.items.is_empty() && count < PAGES * i64::from(PAGE) => {
            next(Search { cursor, ..search })
        }
        Some(_) => {
            let failure =
                Failure::new(Status::BadReply, "the list of terminals does not end, or says not where it goes on");
            Reading::of(Fact::ReadFailed { failure, pause_ms: 0 })
        }
    }
}

/// What the list and the terminal's own page tell. Their word for the status is as old as the last question for it.
fn terminal(place: &str, row: &Value, status: &str, values: &mut Volatile) {
    let names = [
        ("id", "id"),
        ("name", "nickname"),
        ("serial", "provider_serial_number"),
        ("model", "model_name"),
        ("device_id", "provider_id"),
        ("created", "created_at"),
        ("verified", "verified_at"),
        (status, "status"),
    ];
    for (key, name) in names {
        values.text(format!("{place}.{key}"), text(row, name));
    }
}

/// GET /terminals/{id}/status asks the device network. Without its word, what is known of the terminal is told all the same.
fn live(search: Search, answer: &Answer) -> Reading {
    let mut values = search.volatile;
    match answer.data().map(|data| word(data, "status")).filter(|word| !word.is_empty()) {
        Some(word) => values.text("terminal.status", word),
        None if answer.is_own_error() => {}
        None => return failed(answer, Volatile::default()),
    }
    done(values)
}

/// A login that may list the terminals is taken; then the terminal is asked for.
fn check(payment: &Payment, search: Search, answer: &Answer) -> Reading {
    if !search.listing {
        let without_terminal = payment.intent.request.terminal.is_empty();
        return match answer.page() {
            None => failed(answer, Volatile::default()),
            Some(_) if without_terminal => done(search.volatile),
            Some(_) => next(Search { listing: true, ..search }),
        };
    }
    let mut values = search.volatile;
    if let Some(word) = answer.data().map(|data| word(data, "status")).filter(|word| !word.is_empty()) {
        values.int("check.terminal_known", 1);
        values.text("check.terminal_status", word);
        return done(values);
    }
    if answer.failure(Call::Start).status == Status::UnknownDevice {
        values.int("check.terminal_known", 0);
    }
    failed(answer, values)
}
