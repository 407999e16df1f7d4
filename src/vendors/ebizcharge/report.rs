//! A transaction, as the vendor reports it: in the answer to a payment request, or as the books have it.
//!
//! Sources: GET /paymentengine/payrequests, transaction; GET /transactions/:trankey:; Transaction Codes.

use super::codes;
use super::json::{either, error_code, error_text, flag, money, text};
use crate::payment::money::{Currency, parse_decimal};
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::{Kind, Payment, wire};
use serde_json::Value;

/// The vendor's id of a transaction: its key, else its number.
pub(super) fn id(value: &Value) -> Option<String> {
    Some(either(value, &["key", "refnum"])).filter(|id| !id.is_empty())
}

/// Whether a transaction goes by this name. The till may know either.
pub(super) fn is(value: &Value, name: &str) -> bool {
    !name.is_empty() && (text(value, "key") == name || text(value, "refnum") == name)
}

/// A duplicate is an earlier transaction that is told once more: no new money.
pub(super) fn is_duplicate(value: &Value) -> bool {
    flag(value, "is_duplicate") == Some(true)
}

/// A transaction object. `None` when it is not one.
pub(super) fn parse(value: &Value, payment: &Payment) -> Option<TransactionReport> {
    let request = &payment.intent.request;
    let card = value.get("creditcard").unwrap_or(&Value::Null);
    let detail = value.get("amount_detail").unwrap_or(&Value::Null);
    let kind = trantype(value);
    let (result, status) = (result_code(value), text(value, "status_code").to_ascii_uppercase());
    let mut verdict = verdict(&result, &status, kind);
    let total = total(value, &result, request.currency);
    if total.is_none() && verdict == Verdict::Approved {
        verdict = Verdict::Open;
    }
    let code = error_code(value).unwrap_or(0);
    let mut report = TransactionReport {
        id: id(value)?,
        verdict,
        ownership: Ownership::Candidate,
        is_refund: kind.map_or(refunds(request.kind), |kind| kind == Type::Refund),
        total: total.unwrap_or(0),
        tip: money(detail, "tip", request.currency).unwrap_or(0),
        surcharge: 0,
        currency: Some(Currency::parse(&text(value, "currency")).unwrap_or(request.currency)),
        settled: matches!(status.as_str(), "B" | "F" | "S"),
        held: false,
        authorized_only: kind.map_or(request.capture_later, |kind| kind == Type::Authorization),
        duplicate: verdict == Verdict::Declined && matches!(code, 31 | 93),
        reason: (verdict == Verdict::Declined).then(|| codes::TABLE.reason(&text(value, "error_code"))),
        failed: result == "E",
        response_code: text(value, "error_code"),
        response_text: error_text(value),
        authorization_code: text(value, "authcode"),
        card_last4: last_four(&text(card, "number")),
        card_brand: brand(&text(card, "type")),
        entry_method: either(card, &["entry_mode", "entrymode"]),
        card_token: token(value, card),
        wire_key: text(value, "orderid"),
        invoice: text(value, "invoice"),
        merchant_terminal: String::new(),
        created: text(value, "created"),
        vendor_status: either(value, &["status", "result"]),
    };
    report.ownership = ownership(&report, kind, payment);
    Some(report)
}

/// `A`, `P`, `D`, `E` or `V`. Older answers have only the word.
pub(super) fn result_code(value: &Value) -> String {
    let code = text(value, "result_code").to_ascii_uppercase();
    if !code.is_empty() {
        return code;
    }
    match text(value, "result").to_ascii_lowercase().as_str() {
        "approved" => "A",
        "partial approval" => "P",
        "declined" => "D",
        "error" => "E",
        _ => "",
    }
    .to_owned()
}

/// What a transaction does with money (Transaction Codes, trantype_code).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    Charge,
    Authorization,
    Refund,
    /// A charge that was voided.
    Voided,
    /// A refund that was voided.
    VoidedRefund,
}

fn trantype(value: &Value) -> Option<Type> {
    match text(value, "trantype_code").as_str() {
        "S" | "L" | "D" => return Some(Type::Charge),
        "A" => return Some(Type::Authorization),
        "C" | "N" => return Some(Type::Refund),
        "V" | "W" => return Some(Type::Voided),
        "Z" => return Some(Type::VoidedRefund),
        _ => {}
    }
    // The answer to a payment request has only words.
    let word = text(value, "trantype").to_ascii_lowercase();
    match word.as_str() {
        "" => None,
        "voided credit" => Some(Type::VoidedRefund),
        _ if word.contains("refund") => Some(Type::Refund),
        _ if word.starts_with("voided") => Some(Type::Voided),
        _ if word.contains("auth only") => Some(Type::Authorization),
        _ if word.contains("sale") || word.contains("capture") => Some(Type::Charge),
        _ => None,
    }
}

fn verdict(result: &str, status: &str, kind: Option<Type>) -> Verdict {
    let voided = matches!(status, "V" | "R") || matches!(kind, Some(Type::Voided | Type::VoidedRefund));
    match result {
        "A" | "P" if voided => Verdict::Voided,
        // Timed out, or an error, in spite of the result: neither yes nor no.
        "A" | "P" if matches!(status, "T" | "E") => Verdict::Open,
        "A" | "P" => Verdict::Approved,
        "D" | "E" => Verdict::Declined,
        _ => Verdict::Open,
    }
}

/// The books have `amount`; the answer to a payment request and a partial approval have what was authorized.
fn total(value: &Value, result: &str, currency: Currency) -> Option<i64> {
    let authorized = || parse_decimal(&text(value, "auth_amount"), currency).map(i64::abs);
    let booked = money(value, "amount", currency);
    if result == "P" { authorized().or(booked) } else { booked.or_else(authorized) }
}

fn refunds(kind: Kind) -> bool {
    matches!(kind, Kind::TerminalRefund | Kind::Refund)
}

/// Ours only by the request's own word or by our key. A refund may carry the key of the sale that it gives back.
fn ownership(report: &TransactionReport, kind: Option<Type>, payment: &Payment) -> Ownership {
    let intent = &payment.intent;
    if intent.original_id.as_deref() == Some(report.id.as_str()) {
        return Ownership::Candidate;
    }
    let named = payment.transactions.iter().any(|t| t.by_request && t.id == report.id);
    let keyed = intent.key_on_wire && report.wire_key == intent.wire_key;
    let refund = matches!(kind, Some(Type::Refund | Type::VoidedRefund));
    let other_kind = kind.is_some() && refund != (intent.request.kind != Kind::Payment);
    if !named && (!keyed || other_kind) {
        return Ownership::Candidate;
    }
    let inherited = !intent.request.kind.is_card_present();
    let other_key = wire::is_key(&report.wire_key) && report.wire_key != intent.wire_key && !inherited;
    let other_currency = report.currency.is_some_and(|currency| currency != intent.request.currency);
    if other_kind || other_key || other_currency { Ownership::Foreign } else { Ownership::Ours }
}

/// Whether the sum is the one asked for, once what the customer has added is taken off.
pub(super) fn fits(report: &TransactionReport, payment: &Payment) -> bool {
    let request = &payment.intent.request;
    let net = report.total - (report.tip - request.parts.tip.unwrap_or(0)).max(0);
    let asked = request.amount.or_else(|| payment.rest());
    asked.is_none_or(|amount| net == amount || (request.allow_partial && net < amount))
}

/// Three places are known for the token of a saved card.
fn token(value: &Value, card: &Value) -> String {
    let saved = value.get("savedcard").map(|saved| text(saved, "key")).unwrap_or_default();
    [saved, text(value, "token"), text(card, "token")].into_iter().find(|token| !token.is_empty()).unwrap_or_default()
}

fn brand(letter: &str) -> String {
    match letter {
        "V" => "VISA",
        "M" => "MASTERCARD",
        "A" => "AMEX",
        "DS" => "DISCOVER",
        other => other,
    }
    .to_owned()
}

/// The digits at the end of `4000xxxxxxxx2224`, four at most.
fn last_four(text: &str) -> String {
    let digits: Vec<char> = text.chars().rev().take_while(char::is_ascii_digit).take(4).collect();
    digits.into_iter().rev().collect()
}
