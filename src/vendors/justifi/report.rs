//! Payments, refunds and failed attempts, as the vendor tells of them.

use super::JustiFi;
use super::answer::{cents, id, masked, text, word};
use super::checkout::Completion;
use super::judge;
use crate::payment::money::Currency;
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::{Kind, Payment, wire};
use crate::vendors::Known;
use serde_json::Value;

/// The names of our key and of the till's reference in `metadata`.
pub(super) const KEY: &str = "posjunction_key";
pub(super) const REFERENCE: &str = "reference";

/// A payment object (GET /payments/{id}). `None` when it is not one.
pub(super) fn payment(account: &JustiFi, value: &Value, asked: &Payment) -> Option<TransactionReport> {
    let id = id(value, "id")?;
    let status = word(value, "status");
    let verdict = match status.as_str() {
        "succeeded" | "authorized" | "partially_refunded" | "disputed" => Verdict::Approved,
        "canceled" | "cancelled" | "fully_refunded" | "refunded" => Verdict::Voided,
        "failed" => Verdict::Declined,
        // "pending", and what no document knows.
        _ => Verdict::Open,
    };
    let metadata = value.get("metadata");
    let code = text(value, "error_code");
    let (brand, last4) = card(value.get("payment_method"));
    let mut report = TransactionReport {
        id,
        verdict,
        total: cents(value, "amount")?,
        currency: Some(Currency::parse(&text(value, "currency"))?),
        authorized_only: status == "authorized",
        reason: (verdict == Verdict::Declined).then(|| judge::reason("", "", &code)),
        response_code: if verdict == Verdict::Declined { code } else { String::new() },
        response_text: masked(&text(value, "error_description"), 200),
        card_last4: last4,
        card_brand: brand,
        wire_key: metadata.map(|m| text(m, KEY)).unwrap_or_default(),
        invoice: metadata.map(|m| text(m, "invoice")).unwrap_or_default(),
        merchant_terminal: text(value, "account_id"),
        created: text(value, "created_at"),
        vendor_status: status,
        ..TransactionReport::default()
    };
    report.ownership = ownership(account, &report, value, asked);
    Some(report)
}

/// The reader's cards and keyed cards have other names for the same things; which of them a payment at a terminal has is
/// not documented.
fn card(method: Option<&Value>) -> (String, String) {
    let present = method.and_then(|m| m.get("card_present")).filter(|c| c.is_object());
    let Some(card) = present.or_else(|| method.and_then(|m| m.get("card")).filter(|c| c.is_object())) else {
        return (String::new(), String::new());
    };
    let last4 = [text(card, "last4"), text(card, "acct_last_four")].into_iter().find(|t| !t.is_empty());
    (text(card, "brand"), last4.map(|digits| last_four(&digits)).unwrap_or_default())
}

/// Never more than four digits, whatever comes. As a number it may have lost its zeros.
fn last_four(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() { digits } else { format!("{:0>4}", &digits[digits.len().saturating_sub(4)..]) }
}

/// Ours only by our key or by what our own checkout, intent or session named, and then only with the right account,
/// currency and reference.
fn ownership(account: &JustiFi, report: &TransactionReport, value: &Value, asked: &Payment) -> Ownership {
    if asked.intent.original_id.as_deref() == Some(report.id.as_str()) {
        return Ownership::Candidate;
    }
    let named = asked.transactions.iter().any(|t| t.by_request && t.id == report.id)
        || asked.named.as_deref() == Some(report.id.as_str());
    let keyed = wire::is_key(&report.wire_key) && report.wire_key == asked.intent.wire_key;
    if !named && !keyed {
        return Ownership::Candidate;
    }
    let request = &asked.intent.request;
    let reference = value.get("metadata").map(|m| text(m, REFERENCE)).unwrap_or_default();
    let other_reference = !reference.is_empty() && reference != request.reference;
    let other_currency = report.currency.is_some_and(|currency| currency != request.currency);
    // Older pages print other ids there, which say nothing.
    let told = &report.merchant_terminal;
    let other_account = told.starts_with("acc_") && *told != account.sub_account;
    let prepared = asked.prepared.as_deref().unwrap_or_default();
    let parent = |key: &str, start: &str| {
        let told = text(value, key);
        prepared.starts_with(start) && !told.is_empty() && told != prepared
    };
    let other_parent = parent("checkout_id", "cho_") || parent("payment_intent_id", "pi_");
    let foreign = other_reference || other_currency || other_account || (asked.kind() == Kind::Payment && other_parent);
    if foreign { Ownership::Foreign } else { Ownership::Ours }
}

/// Another payment of this journal was told that it led to this transaction, or is more likely to have. Attempts of one
/// reference share a checkout, and the key in it: what a session named counts more, and the newest that was sent comes next.
pub(super) fn is_anothers(id: &str, asked: &Payment, known: &Known) -> bool {
    let own = asked.named.as_deref() == Some(id)
        || asked.transactions.iter().any(|t| t.id == id && (t.by_request || t.is_mine()));
    let handed_on = known.handed_on && asked.kind() == Kind::Payment;
    (known.claimed.contains(id) || handed_on) && !own
}

/// A refund object. `None` when it is not one.
pub(super) fn refund(value: &Value, asked: &Payment) -> Option<TransactionReport> {
    let id = id(value, "id")?;
    let status = word(value, "status");
    let verdict = match status.as_str() {
        "succeeded" => Verdict::Approved,
        "failed" => Verdict::Declined,
        "canceled" | "cancelled" => Verdict::Voided,
        _ => Verdict::Open,
    };
    let key = value.get("metadata").map(|m| text(m, KEY)).unwrap_or_default();
    let original = asked.original().and_then(|seen| seen.report.as_ref());
    let named = asked.transactions.iter().any(|t| t.by_request && t.id == id);
    let of_other_payment =
        self::id(value, "payment_id").is_some_and(|of| Some(&of) != asked.intent.original_id.as_ref());
    let other_key = wire::is_key(&key) && key != asked.intent.wire_key;
    let ours = named || (wire::is_key(&key) && key == asked.intent.wire_key);
    let ownership = match ours {
        false => Ownership::Candidate,
        true if asked.kind() != Kind::FetchTransaction && (of_other_payment || other_key) => Ownership::Foreign,
        true => Ownership::Ours,
    };
    Some(TransactionReport {
        id,
        verdict,
        ownership,
        is_refund: true,
        total: cents(value, "amount")?,
        currency: Some(asked.intent.request.currency),
        card_last4: original.map(|o| o.card_last4.clone()).unwrap_or_default(),
        card_brand: original.map(|o| o.card_brand.clone()).unwrap_or_default(),
        wire_key: key,
        merchant_terminal: original.map(|o| o.merchant_terminal.clone()).unwrap_or_default(),
        created: text(value, "created_at"),
        vendor_status: status,
        ..TransactionReport::default()
    })
}

/// An attempt that ended without a payment, under the completion's own id.
pub(super) fn attempt(completion: &Completion, amount: i64, verdict: Verdict, asked: &Payment) -> TransactionReport {
    TransactionReport {
        id: completion.id.clone(),
        verdict,
        ownership: Ownership::Ours,
        total: amount,
        currency: Some(asked.intent.request.currency),
        reason: Some(completion.why.clone()),
        response_code: completion.code.clone(),
        response_text: completion.description.clone(),
        wire_key: asked.intent.wire_key.clone(),
        created: completion.created.clone(),
        vendor_status: completion.status.clone(),
        ..TransactionReport::default()
    }
}
