//! Rules that hold between several fields of one request.

use super::{Bag, Fault};
use crate::payment::Kind;
use crate::status::Status;

/// What `amount` consists of beside the goods themselves.
const PARTS: [&str; 6] =
    ["tip_amount", "tax_amount", "shipping_amount", "surcharge_amount", "surcharge_tax_amount", "duty_amount"];

pub fn check(kind: Kind, bag: &Bag) -> Result<(), Fault> {
    one_original(kind, bag)?;
    if kind == Kind::AdjustTip {
        return Ok(());
    }
    let Some(amount) = bag.int("amount") else { return no_parts(bag) };
    parts_below(amount, bag)?;
    subtotal(amount, bag)?;
    if bag.int("nontaxable") == Some(1) && bag.int("tax_amount").is_some_and(|tax| tax > 0) {
        return Err(Fault::new(Status::InvalidField, "nontaxable: contradicts tax_amount, which is not 0"));
    }
    Ok(())
}

/// Work on an existing transaction names it exactly once.
fn one_original(kind: Kind, bag: &Bag) -> Result<(), Fault> {
    let names: &[&str] = match kind {
        Kind::FetchSignature => &["original", "transaction", "signature"],
        _ => &["original", "transaction"],
    };
    let given: Vec<&str> = names.iter().copied().filter(|name| bag.has(name)).collect();
    if given.len() > 1 {
        let text = format!("{}: contradicts {}; set only one of them", given[1], given[0]);
        return Err(Fault::new(Status::InvalidField, text));
    }
    if given.is_empty() && super::row::Kinds::CHANGE.and(super::row::Kinds::READ).has(kind) {
        let text = format!("{}: one of {} is required", names[0], names.join(", "));
        return Err(Fault::new(Status::MissingField, text));
    }
    if bag.has("original") && bag.text("original") == bag.text("reference") {
        let text = "reference: must differ from original; each piece of work has a reference of its own";
        return Err(Fault::new(Status::InvalidField, text));
    }
    Ok(())
}

/// Without an amount, parts of it mean nothing.
fn no_parts(bag: &Bag) -> Result<(), Fault> {
    match PARTS.iter().chain(&["subtotal_amount", "discount_amount"]).find(|part| bag.has(part)) {
        Some(part) => Err(Fault::new(Status::MissingField, format!("amount: is required together with {part}"))),
        None => Ok(()),
    }
}

/// Something must remain for the goods: the parts never raise the amount.
fn parts_below(amount: i64, bag: &Bag) -> Result<(), Fault> {
    let given: Vec<(&str, i64)> = PARTS.iter().filter_map(|part| Some((*part, bag.int(part)?))).collect();
    // Each is at most 100,000,000, so no sum overflows.
    let sum: i64 = given.iter().map(|(_, n)| n).sum();
    if sum < amount {
        return Ok(());
    }
    let list: Vec<String> = given.iter().map(|(part, n)| format!("{part} {n}")).collect();
    let text = format!("amount: must be more than the parts in it ({} = {sum}), got {amount}", list.join(" + "));
    Err(Fault::new(Status::InvalidAmount, text))
}

fn subtotal(amount: i64, bag: &Bag) -> Result<(), Fault> {
    let Some(subtotal) = bag.int("subtotal_amount") else { return Ok(()) };
    let discount = bag.int("discount_amount").unwrap_or(0);
    let parts: i64 = PARTS.iter().filter_map(|part| bag.int(part)).sum();
    let sum = subtotal - discount + parts;
    if sum == amount {
        return Ok(());
    }
    let text = format!(
        "subtotal_amount: subtotal - discount + shipping + duty + tax + tip + surcharge must be the amount, \
         but {subtotal} - {discount} + {parts} = {sum} and amount is {amount}"
    );
    Err(Fault::new(Status::InvalidAmount, text))
}
