//! Which endpoint a call means.

use crate::faults::CallKind;
use crate::http::Request;
use serde_json::Value;

/// The two parts of a device that have paths of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Settings,
    TerminalConfig,
}

impl Part {
    pub fn member(self) -> &'static str {
        match self {
            Part::Settings => "settings",
            Part::TerminalConfig => "terminal_config",
        }
    }
}

/// An endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    NewPayRequest,
    PayRequest(String),
    CancelPayRequest(String),
    Confirm(String),
    Devices,
    NewDevice,
    Device(String),
    ChangeDevice(String),
    DeleteDevice(String),
    Kick(String),
    DevicePart(String, Part),
    ChangePart(String, Part),
    Transactions,
    OpenBatch,
    NewTransaction,
    Transaction(String),
    Send(String),
    /// The other path for it.
    SendByEmail(String),
    Receipt(String),
    /// `_`, which the vendor's test endpoints have.
    Probe,
    Unknown,
}

/// The segment after `/api/`, and what follows it.
pub fn of(request: &Request) -> Option<(String, Route)> {
    let path = request.path.strip_suffix('/').unwrap_or(&request.path);
    let rest = path.strip_prefix("/api/")?;
    let parts: Vec<&str> = rest.split('/').collect();
    let (endpoint, parts) = parts.split_first()?;
    Some(((*endpoint).into(), route(&request.method, parts)))
}

fn route(method: &str, parts: &[&str]) -> Route {
    let id = |s: &str| s.to_string();
    match (parts, method) {
        (["paymentengine", "payrequests", rest @ ..], _) => match (rest, method) {
            ([], "POST") => Route::NewPayRequest,
            ([key], "GET") => Route::PayRequest(id(key)),
            ([key], "DELETE") => Route::CancelPayRequest(id(key)),
            ([key, "confirm"], "POST") => Route::Confirm(id(key)),
            _ => Route::Unknown,
        },
        (["paymentengine", "devices", rest @ ..], _) => device(method, rest),
        (["transactions"], "GET") => Route::Transactions,
        (["transactions"], "POST") => Route::NewTransaction,
        (["batches", "current", "transactions"], "GET") => Route::OpenBatch,
        (["transactions", key], "GET") => Route::Transaction(id(key)),
        (["transactions", key, "send"], "POST") => Route::Send(id(key)),
        (["transactions", key, "receipts", "email"], "POST") => Route::SendByEmail(id(key)),
        (["transactions", key, "receipts", _], "GET") => Route::Receipt(id(key)),
        (["_"], "GET") => Route::Probe,
        _ => Route::Unknown,
    }
}

fn device(method: &str, rest: &[&str]) -> Route {
    let part = |s: &str| match s {
        "settings" => Some(Part::Settings),
        "terminal-config" => Some(Part::TerminalConfig),
        _ => None,
    };
    match (rest, method) {
        ([], "GET") => Route::Devices,
        ([], "POST") => Route::NewDevice,
        ([key], "GET") => Route::Device((*key).into()),
        ([key], "PUT") => Route::ChangeDevice((*key).into()),
        ([key], "DELETE") => Route::DeleteDevice((*key).into()),
        ([key, "kick"], "POST") => Route::Kick((*key).into()),
        ([key, name], "GET") => part(name).map_or(Route::Unknown, |p| Route::DevicePart((*key).into(), p)),
        ([key, name], "PUT") => part(name).map_or(Route::Unknown, |p| Route::ChangePart((*key).into(), p)),
        _ => Route::Unknown,
    }
}

impl Route {
    pub fn kind(&self, request: &Request) -> CallKind {
        match self {
            Route::NewPayRequest => CallKind::Submit,
            Route::PayRequest(_) => CallKind::Poll,
            Route::CancelPayRequest(_) => CallKind::Cancel,
            Route::Devices => CallKind::ListTerminals,
            Route::Device(_) | Route::DevicePart(..) => CallKind::GetTerminal,
            Route::NewDevice
            | Route::ChangeDevice(_)
            | Route::ChangePart(..)
            | Route::DeleteDevice(_)
            | Route::Kick(_) => CallKind::ChangeTerminal,
            Route::Transactions | Route::OpenBatch => CallKind::Search,
            Route::NewTransaction => command_kind(&request.body),
            Route::Transaction(_) => CallKind::GetTransaction,
            Route::Send(_) | Route::SendByEmail(_) => CallKind::SendReceipt,
            Route::Receipt(_) => CallKind::Receipt,
            Route::Confirm(_) | Route::Probe | Route::Unknown => CallKind::Other,
        }
    }
}

fn command_kind(body: &[u8]) -> CallKind {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body["command"].as_str().unwrap_or_default() {
        "void" | "cc:void:release" | "unvoid" => CallKind::Void,
        "creditvoid" => CallKind::Reverse,
        "refund" | "cc:refund" | "quickrefund" | "cc:credit" | "refund:adjust" | "cc:refund:adjust" => CallKind::Refund,
        "cc:adjust" => CallKind::Adjust,
        command if command.ends_with("capture") || command.starts_with("cc:capture:") => CallKind::Capture,
        _ => CallKind::Other,
    }
}
