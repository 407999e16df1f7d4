//! The rule of one value.

use super::*;
use crate::payment::fields::row::MOST_MONEY;

#[test]
fn amounts_end_at_1_and_at_a_million() {
    refused(with_int("amount", 0), Status::InvalidAmount, "amount: must be at least 1 (minor units), got 0");
    refused(with_int("amount", -1), Status::InvalidAmount, "amount: must be at least 1 (minor units), got -1");
    assert_eq!(with_int("amount", 1).unwrap().amount, Some(1));
    assert_eq!(with_int("amount", MOST_MONEY).unwrap().amount, Some(MOST_MONEY));
    refused_as(with_int("amount", MOST_MONEY + 1), Status::InvalidAmount);
    refused_as(with_int("amount", i64::MAX), Status::InvalidAmount);
    refused_as(with_int("amount", i64::MIN), Status::InvalidAmount);
    assert_eq!(with_int("tax_amount", 0).unwrap().parts.tax, Some(0));
    refused_as(with_int("tax_amount", -1), Status::InvalidAmount);
}

#[test]
fn numbers_and_flags_keep_their_range() {
    for (number, good) in [(4, false), (5, true), (900, true), (901, false)] {
        assert_eq!(with_int("timeout", number).is_ok(), good, "{number}");
    }
    refused(with_int("timeout", 4), Status::InvalidField, "timeout: must be from 5 to 900, got 4");
    assert_eq!(with_int("prompt_tip", 0).unwrap().prompt_tip, Some(false));
    assert_eq!(with_int("prompt_tip", 1).unwrap().prompt_tip, Some(true));
    refused(with_int("prompt_tip", 2), Status::InvalidField, "prompt_tip: must be 0 or 1, got 2");
    refused_as(with_int("prompt_tip", -1), Status::InvalidField);
}

#[test]
fn the_wrong_function_is_named_with_the_right_one() {
    let amount = "amount: is a number of minor units, so set it with pj_fields_set_int";
    refused(with_text("amount", "12.34"), Status::InvalidField, amount);
    refused(with_text("amount", ""), Status::InvalidField, amount);
    refused(with_int("invoice", 1), Status::InvalidField, "invoice: is a text, so set it with pj_fields_set_text");
    refused(with_int("capture", 1), Status::InvalidField, "capture: is a text, so set it with pj_fields_set_text");
    refused(
        with_text("prompt_tip", "1"),
        Status::InvalidField,
        "prompt_tip: is 0 or 1, so set it with pj_fields_set_int",
    );
    let items = with_text("line_items", "x");
    refused(items, Status::InvalidField, "line_items: is a list of groups, so set it with pj_fields_add_item");
    let mut prompt = good(Kind::Prompt);
    prompt.set_text("buttons", "Yes");
    let text = "buttons: is a list of texts, so set it with pj_fields_add_text";
    refused(run(Kind::Prompt, &prompt), Status::InvalidField, text);
}

#[test]
fn lengths_count_characters() {
    assert!(with_text("customer", &"ü".repeat(64)).is_ok());
    refused(
        with_text("customer", &"ü".repeat(65)),
        Status::InvalidField,
        "customer: must have at most 64 characters, got 65",
    );
    assert!(with_text("reference", &"r".repeat(63)).is_ok());
    refused_as(with_text("reference", &"r".repeat(64)), Status::InvalidField);
    assert!(with_text("reference", "r").is_ok());
}

#[test]
fn an_empty_text_counts_as_not_set() {
    assert_eq!(with_text("invoice", "").unwrap().text("invoice"), None);
    refused_as(with_text("reference", ""), Status::MissingField);
    // Also where the kind does not take the key: a till that sets everything sets this too.
    let mut fields = good(Kind::Void);
    fields.set_text("capture", "");
    assert!(run(Kind::Void, &fields).is_ok());
}

#[test]
fn control_characters_are_refused_but_line_ends_in_notes() {
    for c in ['\0', '\t', '\r', '\n', '\u{1b}', '\u{7f}', '\u{85}'] {
        let text = format!("ab{c}d");
        let expected = format!("invoice: character 3 is a control character (U+{:04X})", c as u32);
        refused(with_text("invoice", &text), Status::InvalidText, &expected);
        assert_eq!(with_text("note", &text).is_ok(), c == '\n', "{c:?}");
    }
    assert_eq!(with_text("note", "a\r\nb").unwrap().text("note"), Some("a\nb"));
}

#[test]
fn sets_of_characters() {
    for (key, good, bad) in [
        ("reference", "A 4711/~!", "4711é"),
        ("reference", "a", " a"),
        ("reference", "a", "a "),
        ("terminal", "1111-2222", "1111 2222"),
        ("terminal", "!~", "ü"),
        ("statement_descriptor", "My-Shop_1", "My Shop"),
        ("email", "a+b@c.example", "a b@c.example"),
        ("email", "a@b", "a@b@c"),
        ("email", "a@b", "@b"),
        ("email", "a@b", "a@"),
        ("email", "a@b", "ab"),
        ("email", "a@b", "a@b,c@d"),
        ("email", "a@b", "a@bü"),
        ("currency", "USD", "US"),
        ("currency", "cad", "USDX"),
        ("currency", "cad", "U$D"),
        ("capture", "later", "Later"),
        ("capture", "now", "never"),
    ] {
        assert!(with_text(key, good).is_ok(), "{key} {good}");
        assert!(with_text(key, bad).is_err(), "{key} {bad}");
    }
    assert_eq!(with_text("currency", "cad").unwrap().currency.code(), "CAD");
    refused(with_text("capture", "never"), Status::InvalidField, "capture: must be one of: now, later");
    let time = |text: &str| {
        let mut fields = Fields::new();
        fields.set_text("from", text);
        fields.set_text("until", "2026-12-31T23:59:59Z");
        run(Kind::Reconcile, &fields).is_ok()
    };
    assert!(time("2026-01-31T23:59:59Z"));
    for bad in ["2026-01-31", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z"] {
        assert!(!time(bad), "{bad}");
    }
    for bad in ["2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00é"] {
        assert!(!time(bad), "{bad}");
    }
}

#[test]
fn no_message_repeats_a_text() {
    for (key, text) in [("reference", "hunter2é"), ("email", "hunter2"), ("capture", "hunter2"), ("note", "hunter2\0")]
    {
        assert!(!with_text(key, text).unwrap_err().text.contains("hunter2"), "{key}");
    }
}

#[test]
fn card_numbers_are_refused_everywhere_and_not_repeated() {
    let grouped = "4111 1111 1111 1111";
    for key in ["reference", "invoice", "customer", "note", "custom.7", "vendor.x", "billing.city", "terminal"] {
        for text in [CARD, grouped, "4111-1111-1111-1111"] {
            if text == grouped && key == "terminal" {
                continue; // refused for its blanks
            }
            let fault = refused_as(with_text(key, text), Status::InvalidText);
            assert!(fault.starts_with(&format!("{key}: holds what looks like a card number")), "{fault}");
            assert!(!fault.contains("1111"), "{fault}");
        }
    }
    assert!(with_text("invoice", "4111111111111112").is_ok(), "a wrong check digit is no card number");
    refused_as(with_text(&format!("vendor.{CARD}"), "x"), Status::InvalidText);
    let fault = refused_as(with_text(CARD, "x"), Status::InvalidText);
    assert!(!fault.contains("1111"));
    // Set as a number, it is out of every range, and the message hides it.
    let fault = refused_as(with_int("amount", 4_111_111_111_111_111), Status::InvalidAmount);
    assert!(fault.ends_with("got ************1111"), "{fault}");
    let mut prompt = good(Kind::Prompt);
    prompt.set_text("text", grouped);
    refused_as(run(Kind::Prompt, &prompt), Status::InvalidText);
}

#[test]
fn buttons_are_few_short_and_different() {
    let prompt = |labels: &[&str]| {
        let mut fields = good(Kind::Prompt);
        labels.iter().for_each(|label| fields.add_text("buttons", label));
        run(Kind::Prompt, &fields)
    };
    assert_eq!(prompt(&["Yes", "No", "12345678"]).unwrap().buttons, ["Yes", "No", "12345678"]);
    refused(prompt(&["1", "2", "3", "4"]), Status::InvalidField, "buttons: at most 3, got 4");
    refused_as(prompt(&["123456789"]), Status::InvalidField);
    refused(prompt(&["Yes", "Yes"]), Status::InvalidField, "buttons.1: stands there twice");
    refused(prompt(&["Yes", " "]), Status::InvalidField, "buttons.1: must not be empty");
}

#[test]
fn line_items_are_checked_key_by_key() {
    let item = |key: &str, value: Value| {
        let mut group = Fields::new();
        group.set_text("sku", "A1");
        group.set(key, value);
        with("line_items", Value::Items(vec![Fields::new(), group]))
    };
    let text = |t: &str| Value::Text(t.to_owned());
    let checked = item("cost", Value::Int(250)).unwrap();
    assert_eq!(checked.items[1]["cost"], "250");
    assert_eq!(checked.items[1]["sku"], "A1");
    for (quantity, good) in [("2", true), ("1.25", true), ("0", true), ("1.", false), (".5", false), ("-1", false)] {
        assert_eq!(item("quantity", text(quantity)).is_ok(), good, "{quantity}");
    }
    assert_eq!(item("quantity", Value::Int(2)).unwrap().items[1]["quantity"], "2");
    refused_as(item("quantity", Value::Int(-2)), Status::InvalidField);
    refused_as(item("quantity", text("1e3")), Status::InvalidField);
    let fault = refused_as(item("quantiy", text("2")), Status::UnknownField);
    assert_eq!(fault, "line_items.1: \"quantiy\" is not a field; did you mean \"quantity\"?");
    let fault = refused_as(item("cost", Value::Int(-1)), Status::InvalidAmount);
    assert_eq!(fault, "line_items.1.cost: must be at least 0 (minor units), got -1");
    refused_as(item("name", text(CARD)), Status::InvalidText);
    assert!(with("line_items", Value::Items(vec![Fields::new(); 500])).is_ok());
    refused_as(with("line_items", Value::Items(vec![Fields::new(); 501])), Status::InvalidField);
    let fault = refused_as(with("fees", Value::Items(vec![Fields::new()])), Status::MissingField);
    assert_eq!(fault, "fees.0.type: is required");
}
