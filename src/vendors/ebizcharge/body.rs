//! The bodies of the calls that can move money.

use crate::payment::fields::Checked;
use crate::payment::money::decimal;
use crate::payment::report::TransactionReport;
use crate::payment::{Kind, Payment};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Object = Map<String, Value>;

/// Texts of the till and the parameters they become (POST /paymentengine/payrequests, Additional Transaction Parameters).
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("invoice", "invoice"),
    ("purchase_order", "ponum"),
    ("description", "description"),
    ("note", "comments"),
    ("lane", "terminal"),
    ("table", "table"),
    ("clerk", "clerk"),
    ("customer", "customerid"),
    // With it the gateway sends a receipt of its own.
    ("email", "email"),
    ("geolocation", "geolocation"),
    ("client_ip", "clientip"),
    ("software", "software"),
    ("custom_flow", "custom_flow"),
];
/// Both addresses have these.
pub(super) const ADDRESS: &[(&str, &str)] = &[
    ("first_name", "firstname"),
    ("last_name", "lastname"),
    ("company", "company"),
    ("street", "street"),
    ("street2", "street2"),
    ("city", "city"),
    ("state", "state"),
    ("postal_code", "postalcode"),
    ("country", "country"),
    ("phone", "phone"),
];
/// Keys of a line item, its parameters, and what they hold.
const LINE_ITEM: &[(&str, &str, Holds)] = &[
    ("sku", "sku", Holds::Text),
    ("name", "name", Holds::Text),
    ("description", "description", Holds::Text),
    ("cost", "cost", Holds::Money),
    ("list_price", "list_price", Holds::Money),
    ("quantity", "qty", Holds::Count),
    ("unit", "um", Holds::Text),
    ("commodity_code", "commoditycode", Holds::Text),
    ("discount_amount", "discountamount", Holds::Money),
    ("discount_rate", "discountrate", Holds::Text),
    ("taxable", "taxable", Holds::YesNo),
    ("tax_amount", "taxamount", Holds::Money),
    ("tax_class", "taxclass", Holds::Text),
    ("tax_rate", "taxrate", Holds::Text),
    ("category", "category", Holds::Text),
    ("manufacturer", "manufacturer", Holds::Text),
];

#[derive(Clone, Copy)]
enum Holds {
    Text,
    /// A whole number is sent as one, as in the documents' sample.
    Count,
    /// Minor units at the till, `8.88` on the wire.
    Money,
    /// `Y` or `N` on the wire.
    YesNo,
}

/// POST /paymentengine/payrequests.
pub(super) fn at_terminal(payment: &Payment) -> Object {
    let request = &payment.intent.request;
    let command = match (request.kind, request.capture_later) {
        (Kind::TerminalRefund, _) => "refund",
        (_, true) => "authonly",
        _ => "sale",
    };
    let mut body = Object::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    put("devicekey", request.terminal.as_str().into());
    put("command", command.into());
    put("amount", decimal(request.amount.unwrap_or(0), request.currency).into());
    // Said even where it is the default: how long the payment can turn up after a lost answer depends on it.
    put("timeout", request.timeout.unwrap_or(super::CUSTOMER_S).into());
    // Without it a terminal that wakes up minutes later would ask a customer who has paid otherwise.
    put("block_offline", (!request.wait_for_terminal).into());
    put("orderid", payment.intent.wire_key.as_str().into());
    for (name, set) in [
        ("ignore_duplicate", request.ignore_duplicate),
        ("save_card", request.save_card),
        ("manual_key", request.allow_manual_entry),
    ] {
        if set {
            put(name, true.into());
        }
    }
    let cashback = request.text("prompt_cashback").map(|flag| flag == "1");
    for (name, choice) in [
        ("prompt_tip", request.prompt_tip),
        ("prompt_signature", request.prompt_signature),
        ("prompt_cashback", cashback),
    ] {
        if let Some(choice) = choice {
            put(name, choice.into());
        }
    }
    put_object(&mut body, "amount_detail", amount_detail(request));
    put_texts(request, &mut body);
    put_object(&mut body, "billing_address", address(request, "billing"));
    put_object(&mut body, "shipping_address", address(request, "shipping"));
    put_object(&mut body, "custom_fields", custom_fields(request));
    if !request.items.is_empty() {
        let items = request.items.iter().map(|item| line_item(item, request)).collect();
        body.insert("lineitems".to_owned(), Value::Array(items));
    }
    if let Some(options) = request.groups.get("custom_options") {
        let options = options.iter().map(|option| custom_option(option, request)).collect();
        body.insert("custom_options".to_owned(), Value::Array(options));
    }
    put_raw(request, &mut body);
    body
}

/// POST /transactions, command void. With `release_hold` the issuer is asked to let go of the money at once.
pub(super) fn void(request: &Checked, original: &str) -> Object {
    let command = if request.flag("release_hold") { "cc:void:release" } else { "void" };
    on_original(request, command, original)
}

/// POST /transactions, command cc:capture. The rest of the command says what happens to a lapsed authorization.
pub(super) fn capture(payment: &Payment, original: &str) -> Object {
    let request = &payment.intent.request;
    let command = match request.text("if_expired") {
        Some("error") => "cc:capture:error",
        Some("reauthorize") => "cc:capture:reauth",
        Some("override") => "cc:capture:override",
        _ => "cc:capture",
    };
    let mut body = on_original(request, command, original);
    if let Some(amount) = request.amount {
        // The whole is sent, and the tip that the customer added stays in it.
        let tip = shown(payment).map_or(0, |report| report.tip);
        body.insert("amount".to_owned(), decimal(amount + tip, request.currency).into());
    }
    body
}

/// POST /transactions, command cc:adjust: the new tip and the whole that goes with it. What a tip alone does to the whole
/// is not said.
pub(super) fn adjust(payment: &Payment, original: &str) -> Object {
    let request = &payment.intent.request;
    let tip = request.parts.tip.unwrap_or(0);
    let mut body = on_original(request, "cc:adjust", original);
    if let Some(report) = shown(payment) {
        let whole = report.total - report.tip + tip;
        body.insert("amount".to_owned(), decimal(whole, request.currency).into());
    }
    put_object(&mut body, "amount_detail", amount_detail(request));
    body
}

/// The transaction that is worked on, as it was read before.
fn shown(payment: &Payment) -> Option<&TransactionReport> {
    payment.original()?.report.as_ref()
}

/// POST /transactions, command refund: connected to the original, which limits its amount.
pub(super) fn refund(payment: &Payment, original: &str) -> Object {
    let request = &payment.intent.request;
    let mut body = on_original(request, "refund", original);
    if let Some(amount) = request.amount.or_else(|| payment.rest()) {
        body.insert("amount".to_owned(), decimal(amount, request.currency).into());
    }
    // The gateway is said to put the sale's in its place. Where it does not, the refund can be found by it.
    body.insert("orderid".to_owned(), payment.intent.wire_key.as_str().into());
    body
}

fn on_original(request: &Checked, command: &str, original: &str) -> Object {
    let mut body = on_transaction(command, original);
    put_texts(request, &mut body);
    put_raw(request, &mut body);
    body
}

/// POST /transactions, on all of the transaction, with whatever the customer added.
pub(super) fn on_transaction(command: &str, transaction: &str) -> Object {
    let mut body = Object::new();
    body.insert("command".to_owned(), command.into());
    // The gateway's keys are letters and digits, its reference numbers digits.
    let digits = transaction.bytes().all(|byte| byte.is_ascii_digit());
    body.insert(if digits { "refnum" } else { "trankey" }.to_owned(), transaction.into());
    body
}

fn amount_detail(request: &Checked) -> Object {
    let parts = &request.parts;
    let mut detail = Object::new();
    for (name, value) in [
        ("subtotal", parts.subtotal),
        ("tax", parts.tax),
        ("tip", parts.tip),
        ("discount", parts.discount),
        ("shipping", parts.shipping),
        ("duty", parts.duty),
    ] {
        if let Some(value) = value {
            detail.insert(name.to_owned(), decimal(value, request.currency).into());
        }
    }
    if let Some(flag) = request.text("nontaxable") {
        detail.insert("nontaxable".to_owned(), yes_no(flag));
    }
    if request.allow_partial {
        detail.insert("enable_partialauth".to_owned(), true.into());
    }
    detail
}

fn address(request: &Checked, which: &str) -> Object {
    let texts = ADDRESS.iter().filter_map(|(key, name)| Some((*name, request.text(&format!("{which}.{key}"))?)));
    texts.map(|(name, text)| (name.to_owned(), text.into())).collect()
}

fn custom_fields(request: &Checked) -> Object {
    let numbered = request.texts.iter().filter_map(|(key, text)| Some((key.strip_prefix("custom.")?, text)));
    numbered.map(|(number, text)| (number.to_owned(), text.as_str().into())).collect()
}

fn line_item(item: &BTreeMap<String, String>, request: &Checked) -> Value {
    let mut line = Object::new();
    for (key, name, holds) in LINE_ITEM {
        let Some(text) = item.get(*key) else { continue };
        let value = match holds {
            Holds::Text => text.as_str().into(),
            Holds::Count => text.parse::<i64>().map_or_else(|_| text.as_str().into(), Value::from),
            Holds::Money => money(text, request),
            Holds::YesNo => yes_no(text),
        };
        line.insert((*name).to_owned(), value);
    }
    Value::Object(line)
}

/// `choice.1.display`, `choice.1.amount` and `choice.1.other` become the first of the denominations.
fn custom_option(option: &BTreeMap<String, String>, request: &Checked) -> Value {
    let mut made = Object::new();
    for name in ["display", "type", "sku"] {
        if let Some(text) = option.get(name) {
            made.insert(name.to_owned(), text.as_str().into());
        }
    }
    let choice = |number: u32| {
        let part = |name: &str| option.get(&format!("choice.{number}.{name}"));
        let mut button = Object::new();
        if let Some(amount) = part("amount") {
            button.insert("amount".to_owned(), money(amount, request));
        }
        if let Some(display) = part("display") {
            button.insert("display".to_owned(), display.as_str().into());
        }
        if part("other").is_some_and(|flag| flag == "1") {
            button.insert("amount_other".to_owned(), true.into());
        }
        (!button.is_empty()).then_some(Value::Object(button))
    };
    let choices: Vec<Value> = (1..=20).filter_map(choice).collect();
    if !choices.is_empty() {
        made.insert("denominations".to_owned(), Value::Array(choices));
    }
    Value::Object(made)
}

fn put_texts(request: &Checked, body: &mut Object) {
    for (key, name) in TEXTS {
        if let Some(text) = request.text(key) {
            body.insert((*name).to_owned(), text.into());
        }
    }
}

/// Parameters that the till passes through by `vendor.NAME`. A name with a dot stands in an object.
fn put_raw(request: &Checked, body: &mut Object) {
    for (key, text) in &request.texts {
        let Some(name) = key.strip_prefix("vendor.") else { continue };
        match name.split_once('.') {
            Some((object, member)) => {
                let object = body.entry(object).or_insert_with(|| json!({}));
                if let Value::Object(object) = object {
                    object.insert(member.to_owned(), text.as_str().into());
                }
            }
            None => {
                body.insert(name.to_owned(), text.as_str().into());
            }
        }
    }
}

fn put_object(body: &mut Object, name: &str, object: Object) {
    if !object.is_empty() {
        body.insert(name.to_owned(), Value::Object(object));
    }
}

/// Checked to be a whole number of minor units.
fn money(text: &str, request: &Checked) -> Value {
    text.parse::<i64>().map_or(Value::Null, |minor| decimal(minor, request.currency).into())
}

fn yes_no(flag: &str) -> Value {
    if flag == "1" { "Y" } else { "N" }.into()
}
