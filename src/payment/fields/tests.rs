//! Every rule, at every boundary.

mod cards;
mod rules;
mod table;
mod values;

use super::{Checked, Defaults, Fault, check};
use crate::payment::{Fields, Kind, Value};
use crate::status::Status;

/// A Visa number that is published for tests.
const CARD: &str = "4111111111111111";

/// Fields with which this kind of work passes.
fn good(kind: Kind) -> Fields {
    let mut fields = Fields::new();
    let mut texts = |list: &[(&str, &str)]| list.iter().for_each(|(key, text)| fields.set_text(key, text));
    if kind.moves_money() {
        texts(&[("reference", "4711")]);
    }
    match kind {
        Kind::Payment | Kind::TerminalRefund | Kind::CardRead | Kind::Input => texts(&[("terminal", "t-1")]),
        Kind::FetchTerminal | Kind::UnpairTerminal | Kind::SetTerminal => texts(&[("terminal", "t-1")]),
        Kind::IdentifyTerminal => texts(&[("terminal", "t-1")]),
        Kind::Signature => texts(&[("terminal", "t-1"), ("terms", "I agree")]),
        Kind::Prompt => texts(&[("terminal", "t-1"), ("text", "Coffee?")]),
        Kind::PairTerminal => texts(&[("name", "Till 1")]),
        Kind::SendReceipt => texts(&[("transaction", "8350"), ("email", "a@b.example")]),
        Kind::Reconcile => texts(&[("from", "2026-01-31T00:00:00Z"), ("until", "2026-01-31T23:59:59Z")]),
        Kind::SelfCheck | Kind::ListTerminals => {}
        _ => texts(&[("transaction", "8350")]),
    }
    match kind {
        Kind::Payment | Kind::TerminalRefund => fields.set_int("amount", 1234),
        Kind::AdjustTip => fields.set_int("tip_amount", 200),
        _ => {}
    }
    fields
}

fn run(kind: Kind, fields: &Fields) -> Result<Checked, Fault> {
    check(kind, fields, &Defaults::default())
}

/// A payment with one more field.
fn with(key: &str, value: Value) -> Result<Checked, Fault> {
    let mut fields = good(Kind::Payment);
    fields.set(key, value);
    run(Kind::Payment, &fields)
}

fn with_text(key: &str, text: &str) -> Result<Checked, Fault> {
    with(key, Value::Text(text.to_owned()))
}

fn with_int(key: &str, number: i64) -> Result<Checked, Fault> {
    with(key, Value::Int(number))
}

#[track_caller]
fn refused(result: Result<Checked, Fault>, status: Status, text: &str) {
    let fault = result.expect_err("must be refused");
    assert_eq!((fault.status, fault.text.as_str()), (status, text));
}

#[track_caller]
fn refused_as(result: Result<Checked, Fault>, status: Status) -> String {
    let fault = result.expect_err("must be refused");
    assert_eq!(fault.status, status, "{}", fault.text);
    fault.text
}
