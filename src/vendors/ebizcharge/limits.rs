//! What the Payment Engine can do and would take, checked before anything is sent.

use super::{body, errands};
use crate::payment::Kind;
use crate::payment::fields::{Checked, Fault};
use crate::payment::money::Currency;
use crate::status::Status;
use crate::vendors::Feature;

/// Fields that a request may carry, by kind. What is not here is refused, never ignored.
const COMMON: &[&str] = &["reference", "currency", "despite_unknown", "software", "vendor.*"];
const FETCH: &[&str] = &["reference", "original", "transaction"];
const AT_TERMINAL: &[&str] = &[
    "amount",
    "terminal",
    "subtotal_amount",
    "tax_amount",
    "tip_amount",
    "discount_amount",
    "shipping_amount",
    "duty_amount",
    "order",
    "prompt_signature",
    "allow_manual_entry",
    "wait_for_terminal",
    "timeout",
    "custom.*",
];
const PAYMENT: &[&str] = &[
    "capture",
    "allow_partial",
    "nontaxable",
    "ignore_duplicate",
    "line_items",
    "prompt_tip",
    "prompt_cashback",
    "save_card",
    "custom_options",
];
const ON_ORIGINAL: &[&str] = &["original", "transaction"];
/// A refund keeps invoice and order of its sale, whatever is sent.
const REFUND: &[&str] = &["amount", "description", "note", "clerk"];

/// What the library itself says to the vendor: a raw parameter of that name is refused.
const OWN: &[&str] = &[
    "devicekey",
    "command",
    "amount",
    "orderid",
    "trankey",
    "refnum",
    "timeout",
    "block_offline",
    "ignore_duplicate",
    "save_card",
    "manual_key",
    "prompt_tip",
    "prompt_signature",
    "prompt_cashback",
    "custom_options",
    "lineitems",
    "custom_fields",
    "amount_detail",
    "billing_address",
    "shipping_address",
];
const AMOUNT_DETAIL: &[&str] =
    &["subtotal", "tax", "nontaxable", "tip", "discount", "shipping", "duty", "enable_partialauth"];
/// "exceeds max ($99,999)": error 70.
const MOST: i64 = 9_999_900;
/// "11 chars max" (POST /paymentengine/payrequests, invoice). What happens to a longer one is not said.
const INVOICE_MOST: usize = 11;
const SCREENS: &[&str] = &["payment", "amount", "result", "signature", "signature_required", "options"];

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
    ) || errands::can_do(kind)
}

pub(super) fn has(feature: Feature) -> bool {
    match feature {
        Feature::Cancel
        | Feature::Tips
        | Feature::ManualEntry
        | Feature::Partial
        | Feature::CaptureLater
        | Feature::SaveCard
        | Feature::WaitForTerminal
        | Feature::LineItems => true,
        Feature::Webhooks => true,
        Feature::Surcharge | Feature::InterruptBusy | Feature::HoldAfter => false,
    }
}

pub(super) fn admit(vendor: &str, request: &Checked) -> Result<(), Fault> {
    let kind = request.kind;
    if !can_do(kind) {
        return Err(Fault::new(Status::Unsupported, format!("{} is not available for {vendor}", kind.name())));
    }
    let supported = supported(kind);
    let supported: Vec<&str> = supported.iter().map(String::as_str).collect();
    if let Some(key) = request.unsupported(&supported) {
        let text = format!("{key}: {vendor} has nothing like it for {}", kind.name());
        return Err(Fault::new(Status::Unsupported, text));
    }
    // There is no parameter for it: the account's own currency is taken, whatever the till says.
    if kind.moves_money() && request.currency != Currency::USD {
        return Err(Fault::new(Status::InvalidField, format!("currency: {vendor} takes USD only")));
    }
    if request.amount.is_some_and(|amount| amount > MOST) {
        return Err(Fault::new(Status::InvalidAmount, format!("amount: at most 99999.00 at {vendor}")));
    }
    if request.text("invoice").is_some_and(|text| text.chars().count() > INVOICE_MOST) {
        let text = format!("invoice: at most {INVOICE_MOST} characters at {vendor}");
        return Err(Fault::new(Status::InvalidField, text));
    }
    if kind.is_card_present() && request.terminal.is_empty() {
        let text = "terminal: is required, here or in the configuration";
        return Err(Fault::new(Status::MissingField, text));
    }
    raw(request)?;
    if kind.is_errand() {
        return errands::admit(request);
    }
    flow(request)
}

fn supported(kind: Kind) -> Vec<String> {
    let mut keys: Vec<&str> = COMMON.to_vec();
    let texts = body::TEXTS.iter().map(|(key, _)| *key);
    match kind {
        Kind::Payment => keys.extend(AT_TERMINAL.iter().chain(PAYMENT).copied().chain(texts)),
        Kind::TerminalRefund => keys.extend(AT_TERMINAL.iter().copied().chain(texts)),
        Kind::Refund => keys.extend(ON_ORIGINAL.iter().chain(REFUND)),
        Kind::Capture => keys.extend(ON_ORIGINAL.iter().chain(&["amount", "if_expired"])),
        Kind::AdjustTip => keys.extend(ON_ORIGINAL.iter().chain(&["tip_amount"])),
        Kind::Void | Kind::Reverse => keys.extend(ON_ORIGINAL.iter().chain(&["release_hold"])),
        kind if kind.is_errand() => keys = errands::supported(kind).to_vec(),
        _ => keys = FETCH.to_vec(),
    }
    let mut keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    if kind.is_card_present() {
        for which in ["billing", "shipping"] {
            keys.extend(body::ADDRESS.iter().map(|(key, _)| format!("{which}.{key}")));
        }
    }
    keys
}

/// A raw parameter must not say what the library says itself.
fn raw(request: &Checked) -> Result<(), Fault> {
    let named = |name: &str| {
        let text = body::TEXTS.iter().any(|(_, known)| *known == name);
        let part = name.split_once('.').is_some_and(|(object, member)| match object {
            "amount_detail" => AMOUNT_DETAIL.contains(&member),
            "billing_address" | "shipping_address" => body::ADDRESS.iter().any(|(_, known)| *known == member),
            object => OWN.contains(&object),
        });
        text || part || OWN.contains(&name)
    };
    let mut names = request.texts.keys().filter_map(|key| key.strip_prefix("vendor."));
    match names.find(|name| named(name)) {
        Some(name) => {
            let text = format!("vendor.{name}: has a field of its own in this library");
            Err(Fault::new(Status::InvalidField, text))
        }
        None => Ok(()),
    }
}

/// The screens, and the order they must stand in (Custom Flow Parameters).
fn flow(request: &Checked) -> Result<(), Fault> {
    let wrong = |text: String| Err(Fault::new(Status::InvalidField, format!("custom_flow: {text}")));
    let screens: Vec<&str> =
        request.text("custom_flow").map(|text| text.split(',').map(str::trim).collect()).unwrap_or_default();
    let place = |name: &str| screens.iter().position(|screen| *screen == name);
    if request.groups.contains_key("custom_options") != place("options").is_some() {
        return wrong("options and custom_options go together".to_owned());
    }
    if screens.is_empty() {
        return Ok(());
    }
    if let Some(strange) = screens.iter().find(|screen| !SCREENS.contains(screen)) {
        return wrong(format!("{strange} is none of {}", SCREENS.join(", ")));
    }
    let (Some(payment), Some(result)) = (place("payment"), place("result")) else {
        return wrong("payment and result are required".to_owned());
    };
    let after_result = |name: &str| place(name).is_none_or(|at| at > result);
    let ordered = payment < result
        && place("amount").is_none_or(|at| at < result)
        && place("options").is_none_or(|at| at == 0)
        && after_result("signature")
        && after_result("signature_required");
    match ordered {
        true => Ok(()),
        false => wrong("options first, payment and amount before result, signatures after it".to_owned()),
    }
}
