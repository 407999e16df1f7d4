//! What JustiFi would not take is refused before anything is sent.

use super::{CHECKOUT, INTENT, Till};
use crate::payment::{Fields, Kind, Value, fields};
use crate::status::Status;
use crate::vendors::Feature;

fn refused(till: Till, kind: Kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> (Status, String) {
    let fault = till.check(kind, texts, numbers).expect_err("is refused");
    (fault.status, fault.text)
}

#[test]
fn amounts_and_currency() {
    let status = |amount| refused(CHECKOUT, Kind::Payment, &[], &[("amount", amount)]).0;
    assert_eq!((status(50), status(100_000_000)), (Status::InvalidAmount, Status::InvalidAmount));
    for amount in [51, 99_999_999] {
        assert!(CHECKOUT.check(Kind::Payment, &[], &[("amount", amount)]).is_ok(), "{amount}");
    }
    let cad = refused(CHECKOUT, Kind::Payment, &[("currency", "CAD")], &[("amount", 1000)]);
    assert_eq!(cad.0, Status::InvalidField);
    assert!(
        CHECKOUT.check(Kind::Refund, &[("transaction", "py_1")], &[("amount", 1)]).is_ok(),
        "a refund may be small"
    );
}

/// Not published, so not to be had: the key is named.
#[test]
fn what_is_not_published_is_unsupported_and_named() {
    for (key, value) in [
        ("tip_amount", 100),
        ("tax_amount", 100),
        ("surcharge_amount", 100),
        ("allow_partial", 1),
        ("allow_manual_entry", 1),
        ("prompt_tip", 1),
        ("prompt_receipt", 1),
        ("interrupt_busy", 1),
        ("wait_for_terminal", 1),
        ("save_card", 1),
        ("timeout", 60),
        ("ignore_duplicate", 1),
    ] {
        let (status, text) = refused(CHECKOUT, Kind::Payment, &[], &[("amount", 1000), (key, value)]);
        assert!(status == Status::Unsupported && text.starts_with(key), "{key}: {text}");
    }
    for (key, text) in
        [("capture", "later"), ("email", "a@example.com"), ("billing.city", "Rome"), ("merchant_terminal", "1")]
    {
        let (status, said) = refused(CHECKOUT, Kind::Payment, &[(key, text)], &[("amount", 1000)]);
        assert!(status == Status::Unsupported && said.starts_with(key), "{key}: {said}");
    }
}

/// A till that serves several vendors says no to what it does not want.
#[test]
fn a_no_to_what_cannot_be_done_is_taken() {
    let no =
        [("prompt_tip", 0), ("prompt_receipt", 0), ("prompt_signature", 0), ("tip_amount", 0), ("surcharge_amount", 0)];
    let numbers: Vec<(&str, i64)> = no.into_iter().chain([("amount", 1000)]).collect();
    assert!(CHECKOUT.check(Kind::Payment, &[], &numbers).is_ok());
}

#[test]
fn each_kind_takes_its_own_fields() {
    let on = ("transaction", "py_1");
    let unsupported = |till, kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]| {
        assert_eq!(refused(till, kind, texts, numbers).0, Status::Unsupported, "{kind:?}");
    };
    unsupported(CHECKOUT, Kind::Capture, &[on], &[("amount", 500)]);
    unsupported(CHECKOUT, Kind::Void, &[on, ("description", "why")], &[]);
    unsupported(CHECKOUT, Kind::Reverse, &[on, ("note", "why")], &[]);
    unsupported(CHECKOUT, Kind::AdjustTip, &[on], &[("tip_amount", 1)]);
    unsupported(CHECKOUT, Kind::TerminalRefund, &[on], &[("amount", 500)]);
    unsupported(INTENT, Kind::TerminalRefund, &[on, ("description", "why")], &[("amount", 500)]);
    unsupported(INTENT, Kind::Payment, &[("statement_descriptor", "Big-Business")], &[("amount", 500)]);
    assert!(INTENT.check(Kind::TerminalRefund, &[on], &[("amount", 500)]).is_ok());
    assert_eq!(refused(INTENT, Kind::TerminalRefund, &[], &[("amount", 500)]).0, Status::MissingField);
    assert!(CHECKOUT.check(Kind::Reverse, &[on, ("reason", "duplicate")], &[]).is_ok());
}

#[test]
fn names_that_the_library_uses_are_refused() {
    for key in [
        "vendor.amount",
        "vendor.metadata",
        "vendor.checkout_id",
        "metadata.posjunction_key",
        "metadata.reference",
        "metadata.invoice",
    ] {
        let (status, text) = refused(CHECKOUT, Kind::Payment, &[(key, "x")], &[("amount", 1000)]);
        assert!(status == Status::InvalidField && text.starts_with(key), "{key}: {text}");
    }
    assert_eq!(
        refused(CHECKOUT, Kind::Payment, &[("statement_descriptor", "Big")], &[("amount", 1000)]).0,
        Status::InvalidField
    );
}

#[test]
fn fees_follow_the_vendor_s_rules() {
    let check = |fees: &[(&str, i64)], more: &[(&str, i64)]| {
        let mut given = Fields::new();
        given.set_text("reference", "4711");
        given.set_int("amount", 1000);
        more.iter().for_each(|(key, number)| given.set_int(key, *number));
        let group = |(kind, amount): &(&str, i64)| {
            let mut fee = Fields::new();
            fee.set_text("type", kind);
            fee.set_int("amount", *amount);
            fee
        };
        given.set("fees", Value::Items(fees.iter().map(group).collect()));
        let checked = fields::check(Kind::Payment, &given, &super::config("checkout").defaults)?;
        CHECKOUT.vendor().admit(&checked)
    };
    assert!(check(&[("platform_fee", 400), ("processing_fee", 600)], &[]).is_ok());
    for (fees, more) in [
        (&[("platform_fee", 0)][..], &[][..]),
        (&[("platform_fee", 1), ("platform_fee", 2)], &[]),
        (&[("platform_fee", 500), ("processing_fee", 501)], &[]),
        (&[("platform_fee", 1)], &[("application_fee_amount", 1)]),
    ] {
        assert_eq!(check(fees, more).expect_err("is refused").status, Status::InvalidField, "{fees:?}");
    }
}

#[test]
fn capabilities_are_honest() {
    let vendor = CHECKOUT.vendor();
    for kind in [Kind::Payment, Kind::Capture, Kind::Void, Kind::Refund, Kind::Reverse, Kind::FetchTransaction] {
        assert!(vendor.can_do(kind), "{kind:?}");
    }
    assert!(!vendor.can_do(Kind::TerminalRefund) && INTENT.vendor().can_do(Kind::TerminalRefund));
    assert!(!vendor.can_do(Kind::AdjustTip) && !vendor.can_do(Kind::Signature));
    assert!(!vendor.has(Feature::Cancel) && !vendor.has(Feature::Tips) && !vendor.has(Feature::CaptureLater));
}
