//! A step becomes a request.

use super::{PayJunction, errands, questions, report};
use crate::http::{HttpRequest, Method};
use crate::payment::fact::{Action, Failure};
use crate::payment::fields::Checked;
use crate::payment::money::decimal;
use crate::payment::plan::Step;
use crate::payment::report::Verdict;
use crate::payment::{Kind, Payment};
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::Search;

/// The most that one page of a search holds (GET /transactions).
pub(super) const PAGE: u32 = 50;
/// Booleans and money are sent as text: `true`, `false`, `12.34`.
pub(super) type Form = Vec<(String, String)>;

pub(super) fn of(
    account: &PayJunction,
    step: &Step,
    payment: &Payment,
    search: &Search,
) -> Result<HttpRequest, Failure> {
    let request = &payment.intent.request;
    Ok(match step {
        Step::Submit(action) => return submit(account, payment, *action),
        Step::Watch => {
            let id = payment.request_id.as_deref().ok_or_else(missing_id)?;
            account.get(format!("/smartterminals/requests/{}", encode(id)))
        }
        Step::Settle { id } => account.get(format!("/transactions/{}", encode(id))),
        Step::Cancel => {
            let path = format!("/smartterminals/{}/main", encode(&request.terminal));
            account.send(Method::Post, path, Vec::new(), false)
        }
        Step::Lookup if search.listing => {
            let mut query = vec![("startDate".to_owned(), search.since.clone())];
            let booked_on = report::account(payment);
            if !booked_on.is_empty() {
                query.push(("terminalId".to_owned(), booked_on.to_owned()));
            }
            account.get(paged(query, search.offset))
        }
        Step::Lookup => {
            let query = vec![("purchaseOrderNumber".to_owned(), payment.intent.wire_key.clone())];
            account.get(paged(query, search.offset))
        }
        Step::FetchAnswer { id } => account.get_any(signature_image(id)),
        Step::Errand => return errands::request(account, payment, search),
        Step::Prepare | Step::Baseline | Step::TerminalStatus => {
            return Err(Failure::new(Status::Unsupported, "PayJunction has no such call"));
        }
        Step::SearchDuplicate => {
            let query = vec![("invoiceNumber".to_owned(), invoice(request))];
            account.get(paged(query, search.offset))
        }
    })
}

impl PayJunction {
    pub(super) fn get(&self, path: String) -> HttpRequest {
        self.send(Method::Get, path, Vec::new(), false)
    }

    /// What is no JSON: receipts and images. Nobody knows whether they are given to one who accepts JSON only; clients that
    /// worked sent this.
    pub(super) fn get_any(&self, path: String) -> HttpRequest {
        let mut request = self.get(path);
        for (_, value) in request.headers.iter_mut().filter(|(name, _)| *name == "Accept") {
            *value = Secret::from("*/*");
        }
        request
    }

    pub(super) fn send(&self, method: Method, path: String, form: Form, submit: bool) -> HttpRequest {
        let mut headers = vec![
            ("Authorization", self.authorization.clone()),
            ("X-PJ-Application-Key", self.application_key.clone()),
            ("Accept", Secret::from("application/json")),
            // Without it, what a busy terminal does depends on when the merchant's key was made (API Versioning).
            ("PJ-Version", Secret::from(self.api_version.as_str())),
        ];
        if matches!(method, Method::Post | Method::Put) {
            headers.push(("Content-Type", Secret::from("application/x-www-form-urlencoded")));
        }
        let body = form.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect::<Vec<_>>().join("&");
        let (body, timeout_ms) = (body.into_bytes(), self.call_timeout_ms);
        HttpRequest { method, path, headers, body, submit, timeout_ms, leave_by_ms: u64::MAX }
    }
}

fn submit(account: &PayJunction, payment: &Payment, action: Action) -> Result<HttpRequest, Failure> {
    let request = &payment.intent.request;
    let original = || payment.intent.original_id.as_deref().ok_or_else(missing_id);
    Ok(match (request.kind, action) {
        (Kind::Payment, Action::Hold) => {
            let charge = payment.ours(Verdict::Approved).ok_or_else(missing_id)?;
            new_status(account, &charge.id, "HOLD")
        }
        (Kind::Payment, Action::Capture | Action::Void) => {
            let charge = payment.confirmed_transaction().ok_or_else(missing_id)?;
            new_status(account, &charge.id, if action == Action::Void { "VOID" } else { "CAPTURE" })
        }
        (Kind::Payment | Kind::TerminalRefund, _) => {
            let path = format!("/smartterminals/{}/request-payment", encode(&request.terminal));
            account.send(Method::Post, path, at_terminal(payment), true)
        }
        (Kind::Void, _) | (Kind::Reverse, Action::Void) => new_status(account, original()?, "VOID"),
        (Kind::Capture, _) => {
            let path = format!("/transactions/{}", encode(original()?));
            account.send(Method::Put, path, capture(request), true)
        }
        (Kind::AdjustTip, _) => {
            let path = format!("/transactions/{}", encode(original()?));
            account.send(Method::Put, path, new_tip(request), true)
        }
        (Kind::Refund | Kind::Reverse, _) => {
            account.send(Method::Post, "/transactions".to_owned(), refund(payment, original()?), true)
        }
        (kind, _) if kind.is_question() => {
            let path = format!("/smartterminals/{}/{}", encode(&request.terminal), questions::word(kind));
            account.send(Method::Post, path, questions::form(request, &account.api_version), true)
        }
        _ => return Err(Failure::new(Status::Unsupported, "PayJunction cannot do that")),
    })
}

/// PUT /transactions/{id}.
fn new_status(account: &PayJunction, id: &str, word: &str) -> HttpRequest {
    let path = format!("/transactions/{}", encode(id));
    account.send(Method::Put, path, vec![("status".to_owned(), word.to_owned())], true)
}

/// GET /smartterminals/signatures/{signatureId}/image.
pub(super) fn signature_image(id: &str) -> String {
    format!("/smartterminals/signatures/{}/image", encode(id))
}

/// POST /smartterminals/{id}/request-payment.
fn at_terminal(payment: &Payment) -> Form {
    let request = &payment.intent.request;
    let refund = request.kind == Kind::TerminalRefund;
    let mut form = Form::new();
    let mut put = |name: &str, value: String| form.push((name.to_owned(), value));
    let money = |minor: i64| decimal(minor, request.currency);
    put("action", if refund { "REFUND" } else { "CHARGE" }.to_owned());
    put("amountBase", money(base_amount(request)));
    // On a refund, fields that are not sent are copied from the original: send them all, zero included.
    let part = |value: Option<i64>| if refund { Some(value.unwrap_or(0)) } else { value };
    for (name, value) in [
        ("amountTax", part(request.parts.tax)),
        ("amountShipping", part(request.parts.shipping)),
        ("amountTip", refund.then_some(0)),
        ("amountSurcharge", part(request.parts.surcharge)),
        ("amountSurchargeTax", request.parts.surcharge_tax),
    ] {
        if let Some(value) = value {
            put(name, money(value));
        }
    }
    put("terminalId", request.merchant_terminal.clone());
    put("invoiceNumber", invoice(request));
    put("purchaseOrderNumber", payment.intent.wire_key.clone());
    put("interruptBusyTerminal", request.interrupt_busy.to_string());
    for (name, value) in [
        ("allowTips", request.prompt_tip),
        ("showReceiptPrompt", request.prompt_receipt),
        ("showSignaturePrompt", request.prompt_signature),
        ("showDebitCreditPrompt", request.prompt_debit_credit),
    ] {
        if let Some(value) = value {
            put(name, value.to_string());
        }
    }
    if request.allow_manual_entry {
        put("keyed", "ALLOW".to_owned());
    }
    put_texts(request, &mut form);
    form
}

/// Texts of the till, and parameters that it passes through.
fn put_texts(request: &Checked, form: &mut Form) {
    for (key, name) in super::limits::TEXTS {
        if let Some(text) = request.texts.get(*key) {
            form.push(((*name).to_owned(), text.clone()));
        }
    }
    put_raw(request, form);
}

/// Parameters that the till passes through by `vendor.NAME`.
pub(super) fn put_raw(request: &Checked, form: &mut Form) {
    for (key, text) in &request.texts {
        if let Some(name) = key.strip_prefix("vendor.") {
            form.retain(|(known, _)| known != name);
            form.push((name.to_owned(), text.clone()));
        }
    }
}

/// PUT /transactions/{id}: amounts are absolute and can only change before settlement.
fn capture(request: &Checked) -> Form {
    let mut form = vec![("status".to_owned(), "CAPTURE".to_owned())];
    if request.amount.is_some() {
        let money = |minor: i64| decimal(minor, request.currency);
        form.push(("amountBase".to_owned(), money(base_amount(request))));
        form.push(("amountTax".to_owned(), money(request.parts.tax.unwrap_or(0))));
        form.push(("amountShipping".to_owned(), money(request.parts.shipping.unwrap_or(0))));
    }
    form
}

/// PUT /transactions/{id}: what is not sent stays as it is, so the total follows the tip.
fn new_tip(request: &Checked) -> Form {
    let tip = request.parts.tip.unwrap_or(0);
    vec![("amountTip".to_owned(), decimal(tip, request.currency))]
}

/// POST /transactions, action REFUND. Every amount is sent, because those that are not are copied from the original.
fn refund(payment: &Payment, original: &str) -> Form {
    let request = &payment.intent.request;
    let known = payment.transactions.iter().find(|t| t.id == original).and_then(|t| t.report.as_ref());
    let whole = request.amount.unwrap_or_else(|| known.map_or(0, |report| report.total - payment.intent.given_back));
    let parts = [request.parts.tax, request.parts.shipping].map(|part| part.unwrap_or(0));
    let money = |minor: i64| decimal(minor, request.currency);
    let mut form: Form = [
        ("action", "REFUND".to_owned()),
        ("transactionId", original.to_owned()),
        ("amountBase", money(whole - parts[0] - parts[1])),
        ("amountTax", money(parts[0])),
        ("amountShipping", money(parts[1])),
        ("amountTip", money(0)),
        ("amountSurcharge", money(0)),
        ("invoiceNumber", invoice(request)),
        ("purchaseOrderNumber", payment.intent.wire_key.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if !request.merchant_terminal.is_empty() {
        form.push(("terminalId".to_owned(), request.merchant_terminal.clone()));
    }
    put_texts(request, &mut form);
    form
}

/// What is left of the amount when the parts that are sent beside it are taken off.
fn base_amount(request: &Checked) -> i64 {
    let parts = &request.parts;
    let parts = [parts.tax, parts.shipping, parts.surcharge, parts.surcharge_tax];
    request.amount.unwrap_or(0) - parts.iter().flatten().sum::<i64>()
}

/// The number by which PayJunction's duplicate check compares: the till's own, else one of the reference's, the same for
/// all attempts. Without leading zeros, because its search may drop them.
pub(super) fn invoice(request: &Checked) -> String {
    if let Some(invoice) = request.texts.get("invoice") {
        return invoice.clone();
    }
    let digits: String = request.reference.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    let digits = digits[digits.len().saturating_sub(32)..].trim_start_matches('0');
    if !digits.is_empty() {
        return digits.to_owned();
    }
    // A missing number would equal every other missing one. FNV-1a of the reference stands in for it.
    let hash = request
        .reference
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash.to_string()
}

pub(super) fn paged(mut query: Form, offset: u32) -> String {
    query.push(("limit".to_owned(), PAGE.to_string()));
    query.push(("offset".to_owned(), offset.to_string()));
    with_query("/transactions", &query)
}

pub(super) fn with_query(path: &str, query: &[(String, String)]) -> String {
    let query: Vec<String> = query.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    format!("{path}?{}", query.join("&"))
}

pub(super) fn missing_id() -> Failure {
    Failure::new(Status::Internal, "the id is not known")
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
