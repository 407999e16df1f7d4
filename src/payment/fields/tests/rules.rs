//! What must hold between fields, and what comes out.

use super::*;
use crate::payment::fields::row::EVERY;
use crate::payment::money::Currency;

#[test]
fn every_kind_passes_with_what_it_needs_and_with_nothing_less() {
    for kind in EVERY {
        let fields = good(kind);
        assert!(run(kind, &fields).is_ok(), "{} {:?}", kind.name(), run(kind, &fields).err());
        for (left_out, _) in fields.iter() {
            let mut less = Fields::new();
            fields.iter().filter(|(key, _)| *key != left_out).for_each(|(key, value)| less.set(key, value.clone()));
            let fault = run(kind, &less).err().unwrap_or_else(|| panic!("{} without {left_out}", kind.name()));
            assert_eq!(fault.status, Status::MissingField, "{}", fault.text);
        }
    }
}

#[test]
fn what_moves_money_has_a_reference() {
    for kind in EVERY {
        let mut fields = Fields::new();
        good(kind).iter().filter(|(key, _)| *key != "reference").for_each(|(key, v)| fields.set(key, v.clone()));
        assert_eq!(run(kind, &fields).is_err(), kind.moves_money(), "{}", kind.name());
    }
    let mut fields = good(Kind::Payment);
    fields.set_text("reference", "");
    refused(run(Kind::Payment, &fields), Status::MissingField, "reference: is required for payment");
}

#[test]
fn unknown_keys_suggest_the_nearest() {
    for (key, nearest) in [
        ("amout", "amount"),
        ("Reference", "reference"),
        ("invioce", "invoice"),
        ("line_items[]", "line_items"),
        ("custom.0", "custom.N"),
        ("custom.21", "custom.N"),
        ("custom.01", "custom.N"),
        ("billing.firstname", "billing.first_name"),
        ("amountBase", "amount"),
        ("ponum", "purchase_order"),
        ("devicekey", "terminal"),
        ("showReceiptPrompt", "prompt_receipt"),
        ("orderid", "order"),
    ] {
        let expected = format!("\"{key}\" is not a field; did you mean \"{nearest}\"?");
        refused(with_text(key, "1"), Status::UnknownField, &expected);
    }
    refused(with_text("zzzzzz", "1"), Status::UnknownField, "\"zzzzzz\" is not a field");
    refused(with_text("", "1"), Status::UnknownField, "\"\" is not a field");
    refused_as(with_text(&"k".repeat(100_000), "1"), Status::UnknownField);
}

#[test]
fn a_key_of_another_kind_says_so() {
    let mut fields = good(Kind::Void);
    fields.set_int("prompt_tip", 1);
    refused(run(Kind::Void, &fields), Status::UnknownField, "prompt_tip: not used by void; it belongs to payment");
    for kind in [Kind::Void, Kind::Reverse] {
        let mut fields = good(kind);
        fields.set_int("amount", 1);
        refused_as(run(kind, &fields), Status::UnknownField);
    }
}

#[test]
fn parts_leave_something_for_the_goods() {
    let payment = |parts: &[(&str, i64)]| {
        let mut fields = good(Kind::Payment);
        fields.set_int("amount", 1000);
        parts.iter().for_each(|(key, n)| fields.set_int(key, *n));
        run(Kind::Payment, &fields)
    };
    for part in
        ["tax_amount", "shipping_amount", "surcharge_amount", "surcharge_tax_amount", "duty_amount", "tip_amount"]
    {
        assert_eq!(payment(&[(part, 999)]).unwrap().base(), Some(1), "{part}");
        refused_as(payment(&[(part, 1000)]), Status::InvalidAmount);
    }
    assert_eq!(payment(&[("tax_amount", 400), ("shipping_amount", 599)]).unwrap().base(), Some(1));
    refused(
        payment(&[("tax_amount", 400), ("shipping_amount", 600)]),
        Status::InvalidAmount,
        "amount: must be more than the parts in it (tax_amount 400 + shipping_amount 600 = 1000), got 1000",
    );
    assert_eq!(payment(&[("discount_amount", 5000)]).unwrap().base(), Some(1000), "a discount is no part");
}

#[test]
fn the_subtotal_adds_up() {
    let payment = |subtotal: i64, parts: &[(&str, i64)]| {
        let mut fields = good(Kind::Payment);
        fields.set_int("amount", 1000);
        fields.set_int("subtotal_amount", subtotal);
        parts.iter().for_each(|(key, n)| fields.set_int(key, *n));
        run(Kind::Payment, &fields)
    };
    assert!(payment(1000, &[]).is_ok());
    refused_as(payment(999, &[]), Status::InvalidAmount);
    refused_as(payment(1001, &[]), Status::InvalidAmount);
    let all = [("discount_amount", 100), ("shipping_amount", 50), ("duty_amount", 30), ("tax_amount", 20)];
    assert!(payment(1000, &all).is_ok());
    let fault = refused_as(payment(1001, &all), Status::InvalidAmount);
    assert!(fault.ends_with("but 1001 - 100 + 100 = 1001 and amount is 1000"), "{fault}");
}

#[test]
fn tax_contradicts_nontaxable() {
    let mut fields = good(Kind::Payment);
    fields.set_int("nontaxable", 1);
    assert!(run(Kind::Payment, &fields).unwrap().flag("nontaxable"));
    fields.set_int("tax_amount", 0);
    assert!(run(Kind::Payment, &fields).is_ok());
    fields.set_int("tax_amount", 1);
    refused_as(run(Kind::Payment, &fields), Status::InvalidField);
}

#[test]
fn a_refund_without_amount_is_the_rest_of_the_original() {
    let mut fields = good(Kind::Refund);
    assert_eq!(run(Kind::Refund, &fields).unwrap().amount, None);
    fields.set_int("tax_amount", 5);
    refused(run(Kind::Refund, &fields), Status::MissingField, "amount: is required together with tax_amount");
    fields.set_int("amount", 100);
    let checked = run(Kind::Refund, &fields).unwrap();
    assert_eq!((checked.amount, checked.base()), (Some(100), Some(95)));
    fields.set_int("amount", 0);
    refused_as(run(Kind::Refund, &fields), Status::InvalidAmount);
}

#[test]
fn the_original_is_named_once() {
    use Kind::*;
    for kind in [Capture, Void, Refund, Reverse, AdjustTip, FetchTransaction, FetchReceipt, SendReceipt, FetchSignature]
    {
        let mut fields = good(kind);
        fields.set_text("original", "4700");
        let text = "transaction: contradicts original; set only one of them";
        refused(run(kind, &fields), Status::InvalidField, text);
        fields.set_text("transaction", "");
        assert_eq!(run(kind, &fields).unwrap().original.as_deref(), Some("4700"));
        fields.set_text("original", "");
        let fault = refused_as(run(kind, &fields), Status::MissingField);
        assert!(fault.starts_with("original: one of original, transaction"), "{fault}");
    }
    let mut fields = Fields::new();
    fields.set_text("signature", "2f0b");
    assert!(run(FetchSignature, &fields).is_ok());
    fields.set_text("transaction", "8350");
    refused_as(run(FetchSignature, &fields), Status::InvalidField);
    assert!(run(TerminalRefund, &good(TerminalRefund)).is_ok(), "a refund with the card needs no original");
}

#[test]
fn a_refund_does_not_bear_the_name_of_its_sale() {
    let mut fields = good(Kind::Refund);
    fields.set_text("transaction", "");
    fields.set_text("original", "4711");
    let text = "reference: must differ from original; each piece of work has a reference of its own";
    refused(run(Kind::Refund, &fields), Status::InvalidField, text);
}

#[test]
fn defaults_fill_what_is_not_said() {
    let defaults = Defaults {
        terminal: "t-9".into(),
        merchant_terminal: "77".into(),
        currency: Currency::parse("CAD").unwrap(),
        software: "Till 1.0".into(),
    };
    let mut fields = Fields::new();
    fields.set_text("reference", "1");
    fields.set_int("amount", 5);
    let checked = check(Kind::Payment, &fields, &defaults).unwrap();
    assert_eq!((checked.terminal.as_str(), checked.merchant_terminal.as_str()), ("t-9", "77"));
    assert_eq!((checked.currency.code(), checked.text("software")), ("CAD", Some("Till 1.0")));
    for (key, text) in [("terminal", "t-1"), ("merchant_terminal", "1"), ("currency", "USD"), ("software", "X")] {
        fields.set_text(key, text);
    }
    let checked = check(Kind::Payment, &fields, &defaults).unwrap();
    assert_eq!((checked.terminal.as_str(), checked.merchant_terminal.as_str()), ("t-1", "1"));
    assert_eq!((checked.currency.code(), checked.text("software")), ("USD", Some("X")));
    let void = check(Kind::Void, &good(Kind::Void), &defaults).unwrap();
    assert_eq!(void.terminal, "", "a void occupies no terminal");
    assert_eq!(check(Kind::SetTerminal, &Fields::new(), &defaults).unwrap().terminal, "t-9");
    refused_as(check(Kind::UnpairTerminal, &Fields::new(), &defaults), Status::MissingField);
    let list = check(Kind::ListTerminals, &Fields::new(), &defaults).unwrap();
    assert_eq!(list.keys(), Vec::<String>::new());
}

#[test]
fn what_comes_out_survives_the_journal() {
    let mut fields = good(Kind::Payment);
    for (key, text) in [("capture", "later"), ("billing.city", "Köln"), ("custom.20", "x"), ("vendor.a.b[]", "raw")] {
        fields.set_text(key, text);
    }
    for key in ["despite_unknown", "interrupt_busy", "allow_partial", "save_card", "prompt_cashback"] {
        fields.set_int(key, 1);
    }
    fields.set_int("timeout", 60);
    fields.set_int("prompt_receipt", 0);
    let mut item = Fields::new();
    item.set_text("name", "Tea");
    fields.add_item("line_items", item);
    let checked = run(Kind::Payment, &fields).unwrap();
    assert!(checked.capture_later && checked.despite_unknown && checked.interrupt_busy && checked.allow_partial);
    assert!(checked.save_card && !checked.wait_for_terminal && !checked.allow_manual_entry);
    assert_eq!((checked.timeout, checked.prompt_receipt, checked.prompt_tip), (Some(60), Some(false), None));
    assert!(checked.flag("prompt_cashback") && !checked.flag("nontaxable"));
    assert_eq!(checked.text("vendor.a.b[]"), Some("raw"));
    let json = serde_json::to_string(&checked).unwrap();
    assert_eq!(serde_json::from_str::<Checked>(&json).unwrap(), checked);
}

#[test]
fn a_row_of_an_older_journal_is_read() {
    let json = r#"{"kind":"payment","reference":"1","amount":5,"currency":"USD","unknown_of_tomorrow":1}"#;
    let checked: Checked = serde_json::from_str(json).unwrap();
    assert_eq!((checked.amount, checked.base()), (Some(5), Some(5)));
}

#[test]
fn the_same_payment_is_recognized() {
    let payment = |amount: i64, currency: &str, invoice: &str| {
        let mut fields = good(Kind::Payment);
        fields.set_int("amount", amount);
        fields.set_text("currency", currency);
        fields.set_text("invoice", invoice);
        run(Kind::Payment, &fields).unwrap()
    };
    let first = payment(100, "USD", "1");
    assert!(first.is_same_payment(&payment(100, "USD", "2")));
    assert!(!first.is_same_payment(&payment(101, "USD", "1")));
    assert!(!first.is_same_payment(&payment(100, "CAD", "1")));
}

#[test]
fn what_a_vendor_cannot_do_is_found() {
    let mut fields = good(Kind::Payment);
    fields.set_text("billing.city", "X");
    fields.set_int("save_card", 1);
    let checked = run(Kind::Payment, &fields).unwrap();
    let supported = ["reference", "amount", "terminal", "billing.*"];
    assert_eq!(checked.unsupported(&supported).as_deref(), Some("save_card"));
    fields.set_int("save_card", 0);
    assert_eq!(run(Kind::Payment, &fields).unwrap().unsupported(&supported), None, "a flag that says no asks nothing");
    fields.set_int("tax_amount", 0);
    let key = run(Kind::Payment, &fields).unwrap().unsupported(&supported);
    assert_eq!(key.as_deref(), Some("tax_amount"));
}
