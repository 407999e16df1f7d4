//! Which endpoint a call means.

use crate::faults::CallKind;
use crate::http::Request;
use crate::payjunction::terminal::Task;

/// An endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    RequestPayment(String),
    RequestAction(String, Task),
    Main(String),
    Poll(String),
    SmartTerminals,
    Terminals,
    Search,
    NewTransaction,
    Transaction(String),
    ChangeTransaction(String),
    ReceiptSummary(String),
    /// Transaction, `latest` or `unsigned`, `thermal` or `fullpage`.
    Receipt(String, String, String),
    SendReceipt(String),
    TransactionSignature(String),
    Signature(String),
    /// The path exists, the method does not.
    WrongMethod,
    Unknown,
}

impl Route {
    pub fn of(request: &Request) -> Route {
        let path = request.path.strip_suffix('/').unwrap_or(&request.path);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let (method, id) = (request.method.as_str(), |s: &str| s.to_string());
        match (parts.as_slice(), method) {
            (["smartterminals", terminal, "request-payment"], "POST") => Route::RequestPayment(id(terminal)),
            (["smartterminals", terminal, action], "POST") if task(action).is_some() => {
                Route::RequestAction(id(terminal), task(action).unwrap_or(Task::Read))
            }
            (["smartterminals", terminal, "main"], "POST") => Route::Main(id(terminal)),
            (["smartterminals", "requests", request], "GET") => Route::Poll(id(request)),
            (["smartterminals", "signatures", signature, "image"], "GET") => Route::Signature(id(signature)),
            (["transactions", transaction, "receipts", "latest"], "GET") => Route::ReceiptSummary(id(transaction)),
            (["transactions", transaction, "receipts", "latest", "signature"], "GET") => {
                Route::TransactionSignature(id(transaction))
            }
            (["transactions", transaction, "receipts", "latest", "email"], "POST") => {
                Route::SendReceipt(id(transaction))
            }
            (["transactions", transaction, "receipts", which @ ("latest" | "unsigned"), paper], "GET")
                if matches!(*paper, "thermal" | "fullpage") =>
            {
                Route::Receipt(id(transaction), id(which), id(paper))
            }
            (["smartterminals"], "GET") => Route::SmartTerminals,
            (["terminals"], "GET") => Route::Terminals,
            (["transactions"], "GET") => Route::Search,
            (["transactions"], "POST") => Route::NewTransaction,
            (["transactions", transaction], "GET") => Route::Transaction(id(transaction)),
            (["transactions", transaction], "PUT") => Route::ChangeTransaction(id(transaction)),
            (["smartterminals", _, "request-payment" | "main"] | ["smartterminals", "requests", _], _)
            | (["smartterminals" | "terminals" | "transactions"] | ["transactions", _], _) => Route::WrongMethod,
            (["smartterminals", _, action], _) if task(action).is_some() => Route::WrongMethod,
            _ => Route::Unknown,
        }
    }

    pub fn kind(&self, request: &Request) -> CallKind {
        match self {
            Route::RequestPayment(_) => CallKind::Submit,
            Route::RequestAction(..) => CallKind::Action,
            Route::Main(_) => CallKind::Main,
            Route::Poll(_) => CallKind::Poll,
            Route::SmartTerminals => CallKind::ListTerminals,
            Route::Terminals => CallKind::ListAccounts,
            Route::Search => CallKind::Search,
            Route::NewTransaction => CallKind::Refund,
            Route::Transaction(_) => CallKind::GetTransaction,
            Route::ChangeTransaction(_) => change_kind(request),
            Route::ReceiptSummary(_) | Route::Receipt(..) => CallKind::Receipt,
            Route::SendReceipt(_) => CallKind::SendReceipt,
            Route::TransactionSignature(_) | Route::Signature(_) => CallKind::Signature,
            Route::WrongMethod | Route::Unknown => CallKind::Other,
        }
    }
}

fn task(segment: &str) -> Option<Task> {
    match segment {
        "request-signature" => Some(Task::Signature),
        "request-prompt" => Some(Task::Prompt),
        "request-input" => Some(Task::Input),
        "request-read" => Some(Task::Read),
        _ => None,
    }
}

fn change_kind(request: &Request) -> CallKind {
    let pairs = request.form_pairs();
    match pairs.iter().find(|(name, _)| name == "status").map(|(_, value)| value.as_str()) {
        Some("VOID") => CallKind::Void,
        Some("CAPTURE") => CallKind::Capture,
        Some("HOLD") => CallKind::Hold,
        _ => CallKind::Adjust,
    }
}
