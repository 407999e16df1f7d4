//! GET /transactions/{id}: what the vendor says of a transaction.

use super::codes;
use crate::payment::money::{Currency, parse_decimal};
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::{Kind, Payment, cardmask, wire};
use serde_json::Value;

/// A transaction object. `None` when it is not one.
pub(super) fn parse(value: &Value, payment: &Payment) -> Option<TransactionReport> {
    let id = number_or_text(value.get("transactionId")?)?;
    let response = value.get("response");
    let approved = response.and_then(|r| r.get("approved")).and_then(Value::as_bool);
    let processor = response.and_then(|r| r.get("processor"));
    let authorized = processor.and_then(|p| p.get("authorized")).and_then(Value::as_bool).unwrap_or(false);
    let status = words(value, "status");
    let code = response.map(|r| words(r, "code")).unwrap_or_default();
    let verdict = verdict(approved, &status);
    let vault = value.get("vault");
    let mut report = TransactionReport {
        id,
        verdict,
        ownership: Ownership::Candidate,
        is_refund: text(value, "action") == "REFUND",
        total: money(value, "amountTotal").or_else(|| money(value, "amountBase"))?,
        tip: money(value, "amountTip").unwrap_or(0),
        surcharge: money(value, "amountSurcharge").unwrap_or(0),
        currency: Some(Currency::USD),
        settled: value.pointer("/settlement/settled").and_then(Value::as_bool).unwrap_or(false),
        held: verdict == Verdict::Declined && authorized,
        authorized_only: status == "HOLD",
        duplicate: code == "DT",
        reason: (verdict == Verdict::Declined).then(|| codes::TABLE.reason(&code)),
        failed: false,
        response_code: code,
        response_text: response.map(|r| words(r, "message")).unwrap_or_default(),
        authorization_code: processor.map(|p| words(p, "approvalCode")).unwrap_or_default(),
        card_last4: vault.map(|v| last_four(&text(v, "lastFour"))).unwrap_or_default(),
        card_brand: vault.map(|v| words(v, "accountType")).unwrap_or_default(),
        entry_method: words(value, "method"),
        card_token: String::new(),
        wire_key: text(value, "purchaseOrderNumber"),
        invoice: text(value, "invoiceNumber"),
        merchant_terminal: value.get("terminalId").and_then(number_or_text).unwrap_or_default(),
        created: text(value, "created"),
        vendor_status: status,
    };
    report.ownership = ownership(&report, value, payment);
    Some(report)
}

/// Success is `approved` and a status that says that it stands (GET /transactions, response.approved).
fn verdict(approved: Option<bool>, status: &str) -> Verdict {
    match (approved, status) {
        (Some(true), "CAPTURE" | "HOLD") => Verdict::Approved,
        (Some(true), "VOID") => Verdict::Voided,
        (Some(false), _) | (_, "DECLINED" | "REJECT") => Verdict::Declined,
        _ => Verdict::Open,
    }
}

/// Ours only by the request's own word or by our key, and then only with the right account and kind.
fn ownership(report: &TransactionReport, value: &Value, payment: &Payment) -> Ownership {
    if payment.intent.original_id.as_deref() == Some(report.id.as_str()) {
        return Ownership::Candidate;
    }
    let named = payment.transactions.iter().any(|t| t.by_request && t.id == report.id);
    let keyed = payment.intent.key_on_wire && report.wire_key == payment.intent.wire_key;
    if !named && !keyed {
        return Ownership::Candidate;
    }
    let request = &payment.intent.request;
    let account = account(payment);
    let other_account =
        !account.is_empty() && !report.merchant_terminal.is_empty() && report.merchant_terminal != account;
    let other_kind = value.get("action").is_some() && report.is_refund != (request.kind != Kind::Payment);
    let other_key = wire::is_key(&report.wire_key) && report.wire_key != payment.intent.wire_key;
    if other_account || other_kind || other_key { Ownership::Foreign } else { Ownership::Ours }
}

/// The merchant account that the payment is booked on: that of the original for a refund of one, which names none.
pub(super) fn account(payment: &Payment) -> &str {
    let id = payment.intent.original_id.as_deref();
    let original = payment.transactions.iter().find(|t| Some(t.id.as_str()) == id).and_then(|t| t.report.as_ref());
    match (id, original) {
        (Some(_), Some(original)) => &original.merchant_terminal,
        (Some(_), None) => "",
        (None, _) => &payment.intent.request.merchant_terminal,
    }
}

/// Whether the sum is the one asked for, once what the customer or the account has added is taken off. A partial
/// approval, which only its code tells, may be ours too.
pub(super) fn fits(report: &TransactionReport, payment: &Payment) -> bool {
    let request = &payment.intent.request;
    let added = if request.parts.surcharge.is_some() { 0 } else { report.surcharge };
    let net = report.total - report.tip - added;
    request.amount.is_none_or(|amount| net == amount || (report.response_code == "10" && net < amount))
}

/// Ids are numbers in most answers and texts in some.
pub(super) fn number_or_text(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// A text that only people read.
fn words(value: &Value, key: &str) -> String {
    cardmask::excerpt(&text_of(value, key), 200)
}

/// A text by which things are told apart.
fn text(value: &Value, key: &str) -> String {
    text_of(value, key).chars().take(200).collect()
}

fn text_of(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Amounts come as texts such as `"1.11"`.
fn money(value: &Value, key: &str) -> Option<i64> {
    parse_decimal(&text(value, key), Currency::USD)
}

/// Never more than four digits, whatever comes.
fn last_four(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}
