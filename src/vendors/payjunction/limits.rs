//! What PayJunction can do and would take, checked before anything is sent.

use super::request::invoice;
use crate::payment::Kind;
use crate::payment::fields::{Checked, Fault};
use crate::payment::money::Currency;
use crate::payment::reconcile::Span;
use crate::status::Status;
use crate::vendors::Feature;

/// Texts of the till and the parameters they become (POST request-payment, "Additional Fields").
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("note", "note"),
    ("customer", "billingIdentifier"),
    ("email", "billingEmail"),
    ("shipping.customer", "shippingIdentifier"),
    ("shipping.email", "shippingEmail"),
];

/// Fields that a request may carry, by kind. What is not here is refused, never ignored.
const COMMON: &[&str] =
    &["reference", "currency", "merchant_terminal", "invoice", "purchase_order", "note", "customer"];
const AT_TERMINAL: &[&str] = &[
    "amount",
    "terminal",
    "despite_unknown",
    "interrupt_busy",
    "prompt_tip",
    "prompt_receipt",
    "prompt_signature",
    "prompt_debit_credit",
    "allow_manual_entry",
    "email",
    "shipping.customer",
    "shipping.email",
    "tax_amount",
    "shipping_amount",
    "surcharge_amount",
    "surcharge_tax_amount",
    "software",
    "vendor.*",
    "order",
];
const ON_ORIGINAL: &[&str] = &["original", "transaction", "despite_unknown", "software", "order"];
/// What the questions take beside what they have in common, and the errands.
const QUESTION: &[&str] =
    &["reference", "terminal", "merchant_terminal", "despite_unknown", "interrupt_busy", "vendor.*"];
const BY_TRANSACTION: &[&str] = &["reference", "original", "transaction"];
const SPAN: &[&str] = &["reference", "from", "until"];
const AMOUNTS: &[&str] = &["amount", "tax_amount", "shipping_amount", "vendor.*"];
/// The lengths that the vendor's tables give, in characters.
const LENGTHS: &[(&str, usize)] = &[
    ("note", 2048),
    ("customer", 64),
    ("email", 125),
    ("shipping.customer", 64),
    ("shipping.email", 128),
    ("purchase_order", 32),
];

/// What the library itself says to the vendor: a raw parameter of that name is refused.
const OWN: &[&str] = &[
    "action",
    "status",
    "transactionId",
    "terminalId",
    "amountBase",
    "amountTax",
    "amountShipping",
    "amountTip",
    "amountSurcharge",
    "amountSurchargeTax",
    "invoiceNumber",
    "purchaseOrderNumber",
    "interruptBusyTerminal",
    "terms",
    "text",
    "buttons[]",
    "type",
    "to",
    "replyTo",
    "requestSignature",
];

pub(super) fn can_do(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Payment
            | Kind::TerminalRefund
            | Kind::Capture
            | Kind::Void
            | Kind::Refund
            | Kind::Reverse
            | Kind::AdjustTip
            | Kind::FetchTransaction
            | Kind::Signature
            | Kind::Prompt
            | Kind::Input
            | Kind::CardRead
            | Kind::FetchReceipt
            | Kind::SendReceipt
            | Kind::FetchSignature
            | Kind::Reconcile
            | Kind::SelfCheck
            | Kind::ListTerminals
            | Kind::FetchTerminal
    )
}

pub(super) fn has(feature: Feature) -> bool {
    match feature {
        Feature::Cancel
        | Feature::Tips
        | Feature::ManualEntry
        | Feature::Surcharge
        | Feature::InterruptBusy
        | Feature::Webhooks
        | Feature::HoldAfter => true,
        Feature::Partial
        | Feature::CaptureLater
        | Feature::SaveCard
        | Feature::WaitForTerminal
        | Feature::LineItems => false,
    }
}

/// The keys that this kind of work takes.
fn supported(kind: Kind) -> Vec<&'static str> {
    let lists: &[&[&str]] = match kind {
        Kind::Payment => &[COMMON, AT_TERMINAL, &["capture"]],
        Kind::TerminalRefund => &[COMMON, AT_TERMINAL],
        Kind::Refund | Kind::Capture => &[COMMON, ON_ORIGINAL, AMOUNTS],
        Kind::AdjustTip => &[COMMON, ON_ORIGINAL, &["tip_amount"]],
        Kind::Signature => &[QUESTION, &["terms"]],
        Kind::Prompt => &[QUESTION, &["text", "buttons"]],
        Kind::Input => &[QUESTION, &["input_type"]],
        Kind::CardRead => &[QUESTION],
        Kind::FetchReceipt => &[BY_TRANSACTION, &["format", "unsigned"]],
        Kind::SendReceipt => &[BY_TRANSACTION, &["email", "reply_to", "request_signature", "vendor.*"]],
        Kind::FetchSignature => &[BY_TRANSACTION, &["signature"]],
        Kind::Reconcile => &[SPAN, &["merchant_terminal"]],
        Kind::SelfCheck => &[&["reference", "terminal", "merchant_terminal"]],
        Kind::ListTerminals => &[&["reference"]],
        Kind::FetchTerminal => &[&["reference", "terminal"]],
        _ => &[COMMON, ON_ORIGINAL],
    };
    lists.concat()
}

pub(super) fn admit(request: &Checked) -> Result<(), Fault> {
    let fault = |status, text: String| Err(Fault::new(status, text));
    if !can_do(request.kind) {
        return fault(Status::Unsupported, format!("{} is not available for payjunction", request.kind.name()));
    }
    if let Some(key) = request.unsupported(&supported(request.kind)) {
        return fault(
            Status::Unsupported,
            format!("{key}: payjunction has nothing like it for {}", request.kind.name()),
        );
    }
    if request.kind.moves_money() && request.currency != Currency::USD {
        return fault(Status::InvalidField, "currency: payjunction takes USD only".to_owned());
    }
    if let Some(name) = OWN.iter().find(|name| request.texts.contains_key(&format!("vendor.{name}"))) {
        return fault(Status::InvalidField, format!("vendor.{name}: has a field of its own in this library"));
    }
    for (key, most) in LENGTHS {
        if request.text(key).is_some_and(|text| text.chars().count() > *most) {
            return fault(Status::InvalidField, format!("{key}: at most {most} characters at payjunction"));
        }
    }
    let number = if request.kind.moves_money() { invoice(request) } else { "0".to_owned() };
    if number.is_empty() || number.len() > 32 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return fault(Status::InvalidField, "invoice: digits only, at most 32, at payjunction".to_owned());
    }
    if request.kind == Kind::Reconcile {
        Span::check(request)?;
    }
    if request.kind == Kind::Prompt && request.buttons.is_empty() {
        return fault(Status::MissingField, "buttons: one to three are required at payjunction".to_owned());
    }
    if request.kind == Kind::SendReceipt && request.text("reply_to").is_none() {
        return fault(Status::MissingField, "reply_to: is required at payjunction".to_owned());
    }
    if request.kind.occupies_terminal() {
        for (key, value) in [("terminal", &request.terminal), ("merchant_terminal", &request.merchant_terminal)] {
            if value.is_empty() {
                return fault(Status::MissingField, format!("{key}: is required, here or in the configuration"));
            }
        }
        if !request.merchant_terminal.bytes().all(|b| b.is_ascii_digit()) {
            return fault(Status::InvalidField, "merchant_terminal: payjunction's terminalId is a number".to_owned());
        }
    }
    Ok(())
}
