//! The parameters of the documents: what a payment request takes, and what passes through to the transaction.

use crate::ebizcharge::params::{Params, Rule, Shape};
use serde_json::Value;

const TEXT: Shape = Shape::Text(255);
const LONG: Shape = Shape::Text(4096);

/// What belongs to the request itself.
pub const REQUEST: [Rule; 14] = [
    ("devicekey", TEXT),
    ("command", TEXT),
    ("amount", Shape::Money),
    ("timeout", Shape::Number),
    ("block_offline", Shape::Bool),
    ("ignore_duplicate", Shape::Bool),
    ("save_card", Shape::Bool),
    ("manual_key", Shape::Bool),
    ("prompt_tip", Shape::Bool),
    // Not in the documents, but in EBizCharge's own request class.
    ("prompt_signature", Shape::Bool),
    ("prompt_cashback", Shape::Bool),
    ("custom_flow", TEXT),
    ("custom_options", Shape::List),
    ("amount_detail.enable_partialauth", Shape::Flag),
];

/// The parts of the amount.
pub const AMOUNTS: [Rule; 7] = [
    ("amount_detail.subtotal", Shape::Money),
    ("amount_detail.tax", Shape::Money),
    ("amount_detail.nontaxable", Shape::YesNo),
    ("amount_detail.tip", Shape::Money),
    ("amount_detail.discount", Shape::Money),
    ("amount_detail.shipping", Shape::Money),
    ("amount_detail.duty", Shape::Money),
];

/// What passes through.
pub const DETAILS: [Rule; 36] = [
    ("invoice", Shape::Text(11)),
    ("ponum", TEXT),
    ("orderid", TEXT),
    ("description", LONG),
    ("comments", LONG),
    ("terminal", TEXT),
    ("table", TEXT),
    ("clerk", TEXT),
    ("customerid", TEXT),
    // The same on an older page.
    ("custid", TEXT),
    ("email", TEXT),
    ("geolocation", TEXT),
    ("clientip", TEXT),
    ("software", TEXT),
    ("custom_fields", Shape::Map),
    ("lineitems", Shape::List),
    ("billing_address.firstname", TEXT),
    ("billing_address.lastname", TEXT),
    ("billing_address.company", TEXT),
    ("billing_address.street", TEXT),
    ("billing_address.street2", TEXT),
    ("billing_address.city", TEXT),
    ("billing_address.state", TEXT),
    ("billing_address.postalcode", TEXT),
    ("billing_address.country", TEXT),
    ("billing_address.phone", TEXT),
    ("shipping_address.firstname", TEXT),
    ("shipping_address.lastname", TEXT),
    ("shipping_address.company", TEXT),
    ("shipping_address.street", TEXT),
    ("shipping_address.street2", TEXT),
    ("shipping_address.city", TEXT),
    ("shipping_address.state", TEXT),
    ("shipping_address.postalcode", TEXT),
    ("shipping_address.country", TEXT),
    ("shipping_address.phone", TEXT),
];

const LINE: [&str; 16] = [
    "sku",
    "name",
    "description",
    "cost",
    "qty",
    "commoditycode",
    "discountamount",
    "discountrate",
    "taxable",
    "taxamount",
    "taxclass",
    "taxrate",
    "um",
    // Sent by EBizCharge's own connector.
    "list_price",
    "category",
    "manufacturer",
];

const OPTION: [&str; 4] = ["display", "type", "sku", "denominations"];
const SCREENS: [&str; 6] = ["payment", "amount", "result", "signature", "signature_required", "options"];

/// What is wrong with the lists and maps among the parameters.
pub fn check_parts(params: &Params) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in rows(params.value("lineitems")) {
        wrong.extend(unknown("line item", line, &LINE));
        if !matches!(line["taxable"], Value::Null) && !matches!(line["taxable"].as_str(), Some("Y" | "N")) {
            wrong.push(format!("a line item that is taxable {}", line["taxable"]));
        }
    }
    for option in rows(params.value("custom_options")) {
        wrong.extend(unknown("custom option", option, &OPTION));
        if !matches!(option["type"].as_str(), Some("AddOn" | "Tip")) {
            wrong.push(format!("a custom option of type {}", option["type"]));
        }
    }
    let fields = params.value("custom_fields").and_then(Value::as_object);
    for (name, value) in fields.into_iter().flatten() {
        let numbered = name.parse::<u8>().is_ok_and(|n| (1..=20).contains(&n) && n.to_string() == *name);
        if !numbered || !value.is_string() {
            wrong.push(format!("custom field {name}={value}"));
        }
    }
    wrong
}

fn rows(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

fn unknown(what: &str, row: &Value, known: &[&str]) -> Vec<String> {
    let Some(row) = row.as_object() else {
        return vec![format!("a {what} that is not an object")];
    };
    let strange = row.keys().filter(|name| !known.contains(&name.as_str()));
    strange.map(|name| format!("a {what} with {name}")).collect()
}

/// The screens of a `custom_flow`, or what is wrong with it.
pub fn flow(custom: Option<&str>) -> Result<Vec<String>, String> {
    let Some(custom) = custom else {
        return Ok(["amount", "payment", "result"].map(String::from).to_vec());
    };
    let screens: Vec<String> = custom.split(',').map(|screen| screen.trim().to_string()).collect();
    let place = |name: &str| screens.iter().position(|screen| screen == name);
    let known = screens.iter().all(|screen| SCREENS.contains(&screen.as_str()));
    let (Some(payment), Some(result)) = (place("payment"), place("result")) else {
        return Err(format!("custom_flow {custom} lacks payment or result"));
    };
    let signed = |name| place(name).is_none_or(|p| p > result);
    let sane = known
        && payment < result
        && place("amount").is_none_or(|amount| amount < result)
        && place("options").is_none_or(|options| options == 0)
        && signed("signature")
        && signed("signature_required");
    if sane { Ok(screens) } else { Err(format!("custom_flow {custom}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows() {
        assert_eq!(flow(None).map(|screens| screens.len()), Ok(3));
        for good in
            ["payment,result", "amount, payment, result, signature", "options,payment,result,signature_required"]
        {
            assert!(flow(Some(good)).is_ok(), "{good}");
        }
        for bad in
            ["payment", "result,payment", "payment,result,amount", "signature,payment,result", "payment,result,x"]
        {
            assert!(flow(Some(bad)).is_err(), "{bad}");
        }
    }
}
