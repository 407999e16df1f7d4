//! What JustiFi can do and would take, checked before anything is sent.

use super::body::NOTED;
use super::errands;
use super::report::{KEY, REFERENCE};
use crate::config::Flow;
use crate::payment::Kind;
use crate::payment::fields::{Checked, Fault};
use crate::payment::money::Currency;
use crate::status::Status;
use crate::vendors::Feature;

/// Fields that a request may carry, by kind. What is not here is refused, never ignored.
const COMMON: &[&str] = &["reference", "currency", "software", "despite_unknown"];
const AT_TERMINAL: &[&str] = &["amount", "terminal", "description", "custom.*", "metadata.*", "vendor.*"];
const CHECKOUT: &[&str] = &["statement_descriptor", "fees", "application_fee_amount", "expedited"];
const ON_ORIGINAL: &[&str] = &["original", "transaction"];
const REFUND: &[&str] = &["amount", "reason", "description", "fees", "custom.*", "metadata.*", "vendor.*"];
/// What the library itself says to the vendor: a raw parameter of that name is refused.
const OWN: &[&str] = &[
    "amount",
    "currency",
    "description",
    "metadata",
    "payment",
    "statement_descriptor",
    "application_fees",
    "fees",
    "reason",
    "checkout_id",
    "payment_intent_id",
    "terminal_id",
];
/// "Greater than 50", "lower than 100000000" (API reference, Errors).
const LEAST: i64 = 51;
const MOST: i64 = 99_999_999;

pub(super) fn can_do(flow: Flow, kind: Kind) -> bool {
    match kind {
        Kind::Payment | Kind::Capture | Kind::Void | Kind::Refund | Kind::Reverse | Kind::FetchTransaction => true,
        // It goes by a payment intent.
        Kind::TerminalRefund => flow == Flow::PaymentIntent,
        kind => errands::can_do(kind),
    }
}

/// Tips, surcharges, partial approvals, keyed entry: nothing is published.
pub(super) fn has(feature: Feature) -> bool {
    match feature {
        Feature::Webhooks => true,
        Feature::Cancel
        | Feature::Tips
        | Feature::ManualEntry
        | Feature::Surcharge
        | Feature::InterruptBusy
        | Feature::Partial
        | Feature::CaptureLater
        | Feature::HoldAfter
        | Feature::SaveCard
        | Feature::WaitForTerminal
        | Feature::LineItems => false,
    }
}

pub(super) fn admit(flow: Flow, request: &Checked) -> Result<(), Fault> {
    if !can_do(flow, request.kind) {
        let text = format!("{} is not available for justifi", request.kind.name());
        return Err(Fault::new(Status::Unsupported, text));
    }
    supported(flow, request)?;
    if request.kind.moves_money() && request.currency != Currency::USD {
        // "Not available for CAD" (Canadian payments).
        return invalid("currency: justifi's terminals take USD only");
    }
    names(request)?;
    if let Some(text) = request.text("statement_descriptor")
        && text.chars().count() < 5
    {
        return invalid("statement_descriptor: at least 5 characters at justifi");
    }
    fees(request)?;
    errands::admit(request)?;
    match request.kind {
        Kind::Payment if request.amount.is_some_and(|amount| !(LEAST..=MOST).contains(&amount)) => {
            let text = format!("amount: {LEAST} to {MOST} at justifi");
            Err(Fault::new(Status::InvalidAmount, text))
        }
        Kind::TerminalRefund if request.original.is_none() && request.transaction.is_none() => {
            let text = "original: justifi gives back only what was paid before; set original or transaction";
            Err(Fault::new(Status::MissingField, text))
        }
        _ => Ok(()),
    }
}

fn invalid(text: &str) -> Result<(), Fault> {
    Err(Fault::new(Status::InvalidField, text))
}

fn supported(flow: Flow, request: &Checked) -> Result<(), Fault> {
    let mut supported: Vec<&str> = COMMON.to_vec();
    match request.kind {
        kind if kind.is_errand() => supported = errands::supported(kind).to_vec(),
        Kind::Payment => supported.extend(AT_TERMINAL.iter().chain(NOTED)),
        Kind::TerminalRefund => supported.extend(["amount", "terminal"].iter().chain(ON_ORIGINAL)),
        Kind::Refund => supported.extend(REFUND.iter().chain(NOTED).chain(ON_ORIGINAL)),
        // A void has no place for anything; the refund that may take its place has.
        Kind::Reverse => supported.extend(["reason"].iter().chain(ON_ORIGINAL)),
        _ => supported.extend(ON_ORIGINAL),
    }
    if request.kind == Kind::Payment && flow == Flow::Checkout {
        supported.extend(CHECKOUT);
    }
    // What says "do not" about something that cannot be done anyway, and parts that come to nothing, need no support.
    let mut asked = request.clone();
    for no in
        [&mut asked.prompt_tip, &mut asked.prompt_receipt, &mut asked.prompt_signature, &mut asked.prompt_debit_credit]
    {
        *no = no.filter(|yes| *yes);
    }
    let parts = &mut asked.parts;
    for none in [&mut parts.tip, &mut parts.surcharge, &mut parts.surcharge_tax] {
        *none = none.filter(|amount| *amount != 0);
    }
    match asked.unsupported(&supported) {
        Some(key) => {
            let text = format!("{key}: justifi has nothing like it for {}", request.kind.name());
            Err(Fault::new(Status::Unsupported, text))
        }
        None => Ok(()),
    }
}

/// Names that the library itself uses.
fn names(request: &Checked) -> Result<(), Fault> {
    if let Some(name) = OWN.iter().find(|name| request.texts.contains_key(&format!("vendor.{name}"))) {
        return invalid(&format!("vendor.{name}: has a field of its own in this library"));
    }
    let own = NOTED.iter().chain([&KEY, &REFERENCE]);
    match own.into_iter().find(|name| request.texts.contains_key(&format!("metadata.{name}"))) {
        Some(name) => invalid(&format!("metadata.{name}: is a name that this library uses")),
        None => Ok(()),
    }
}

/// The rules of fees (API reference, Enhanced Fee Management).
fn fees(request: &Checked) -> Result<(), Fault> {
    let Some(fees) = request.groups.get("fees") else { return Ok(()) };
    if request.text("application_fee_amount").is_some() {
        return invalid("fees: cannot be used together with application_fee_amount");
    }
    let amounts: Vec<i64> =
        fees.iter().map(|fee| fee.get("amount").and_then(|text| text.parse().ok()).unwrap_or(0)).collect();
    if amounts.iter().any(|amount| *amount <= 0) {
        return invalid("fees: each amount must be greater than 0");
    }
    let kinds: std::collections::BTreeSet<_> = fees.iter().map(|fee| fee.get("type")).collect();
    if kinds.len() != fees.len() {
        return invalid("fees: each type may stand once");
    }
    match request.amount {
        Some(amount) if request.kind == Kind::Payment && amounts.iter().sum::<i64>() > amount => {
            invalid("fees: come to more than the amount")
        }
        _ => Ok(()),
    }
}
