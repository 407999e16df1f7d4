//! The table itself: whole, without doubles, documented.

use super::*;
use crate::payment::fields::places::PLACES;
use crate::payment::fields::row::{EVERY, Kinds, Row, Rule};
use crate::payment::fields::{print_manual, table};

fn every_row() -> Vec<&'static Row> {
    let inner = |row: &'static Row| match row.rule {
        Rule::Items { keys, .. } => keys.iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    table::rows().flat_map(|row| std::iter::once(row).chain(inner(row))).collect()
}

#[test]
fn every_row_is_whole_and_documented() {
    let page = print_manual();
    for row in every_row() {
        assert!(row.meaning.ends_with('.') && !row.meaning.contains('\n'), "{}", row.key);
        assert!(row.key.is_ascii() && !row.key.is_empty() && !row.since.is_empty(), "{}", row.key);
        assert!(row.kinds != Kinds::NONE && row.kinds.holds(row.required), "{}", row.key);
        assert!(page.contains(&format!("| `{}` |", row.key)), "{}", row.key);
    }
}

#[test]
fn no_key_fits_two_rows() {
    for (place, row) in table::rows().enumerate() {
        let key = row.key.replace(".N", ".7").replace("NAME", "x");
        let fitting: Vec<usize> = table::rows().enumerate().filter(|(_, r)| r.fits(&key)).map(|(n, _)| n).collect();
        assert_eq!(fitting, [place], "{key}");
    }
}

#[test]
fn every_kind_stands_in_the_list_once() {
    for (place, kind) in EVERY.into_iter().enumerate() {
        assert_eq!(kind as usize, place, "{}", kind.name());
        assert_eq!(Kinds::MONEY.has(kind), kind.moves_money());
        assert_eq!(Kinds::CARD.has(kind), kind.is_card_present());
        assert_eq!(Kinds::CHANGE.has(kind), kind.changes_original());
    }
}

#[test]
fn every_parameter_of_the_vendors_has_a_place_that_exists() {
    for (name, key) in PLACES {
        assert!(table::rows().any(|row| row.key == *key), "{name} -> {key}");
    }
}

#[test]
fn patterns_fit_what_they_say() {
    let fits = |pattern: &str, key: &str| every_row().iter().any(|row| row.key == pattern && row.fits(key));
    for (pattern, key, expected) in [
        ("custom.N", "custom.1", true),
        ("custom.N", "custom.20", true),
        ("custom.N", "custom.0", false),
        ("custom.N", "custom.21", false),
        ("custom.N", "custom.+1", false),
        ("custom.N", "custom.1.1", false),
        ("custom.N", "custom", false),
        ("vendor.NAME", "vendor.x", true),
        ("vendor.NAME", "vendor.a.b", true),
        ("vendor.NAME", "vendor.", false),
        ("vendor.NAME", "vendor.a..b", false),
        ("vendor.NAME", "vendor.a b", false),
        ("vendor.NAME", "vendor.a=b&c", false),
        ("vendor.NAME", "vendor", false),
        ("choice.N.amount", "choice.3.amount", true),
        ("choice.N.amount", "choice.3", false),
    ] {
        assert_eq!(fits(pattern, key), expected, "{pattern} {key}");
    }
    assert!(fits("vendor.NAME", &format!("vendor.{}", "x".repeat(57))));
    assert!(!fits("vendor.NAME", &format!("vendor.{}", "x".repeat(58))));
}

#[test]
fn every_row_takes_a_value_of_its_rule() {
    for row in table::rows() {
        let kind = row.kinds.iter().next().unwrap();
        let key = row.key.replace(".N", ".7").replace("NAME", "x");
        let mut fields = good(kind);
        if matches!(row.key, "original" | "signature") {
            continue; // contradicts the transaction that `good` sets
        }
        match row.rule {
            Rule::Amount { .. } if row.key == "amount" || row.key == "subtotal_amount" => fields.set_int(&key, 1234),
            Rule::Amount { .. } | Rule::Flag => fields.set_int(&key, 1),
            Rule::Int { min, .. } => fields.set_int(&key, min),
            Rule::Choice(words) => fields.set_text(&key, words[0]),
            Rule::Decimal => fields.set_text(&key, "1"),
            Rule::Texts { .. } => fields.add_text(&key, "x"),
            Rule::Items { .. } => fields.set(&key, Value::Items(Vec::new())),
            Rule::Text { .. } => fields.set_text(&key, sample(row)),
        }
        let checked = run(kind, &fields);
        assert!(checked.is_ok(), "{key}: {:?}", checked.err());
    }
}

fn sample(row: &Row) -> &'static str {
    use crate::payment::fields::row::Charset;
    match row.rule {
        Rule::Text { charset: Charset::Email, .. } => "a@b.example",
        Rule::Text { charset: Charset::Currency, .. } => "USD",
        Rule::Text { charset: Charset::Time, .. } => "2026-01-31T00:00:00Z",
        _ => "x",
    }
}
