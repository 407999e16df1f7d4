//! A card number in any text of any field of any kind of work is refused, and nothing repeats it.

use super::*;
use crate::payment::fields::row::{EVERY, Row, Rule};
use crate::payment::fields::table;

/// As people write card numbers, alone and among words.
const SPELLINGS: [&str; 6] = [
    CARD,
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "card4111111111111111",
    "3782-822463-10005",
    "my 5555 5555 5555 4444 12/29",
];

/// The value that puts this text into the row. None where no text fits: numbers.
fn value(row: &'static Row, text: &str) -> Vec<(String, Value)> {
    let key = row.key.replace(".N", ".7").replace("NAME", "x");
    match row.rule {
        Rule::Text { .. } | Rule::Choice(_) | Rule::Decimal => vec![(key, Value::Text(text.to_owned()))],
        Rule::Texts { .. } => vec![(key, Value::Texts(vec!["Yes".to_owned(), text.to_owned()]))],
        Rule::Items { keys, .. } => {
            let inner = keys.iter().flat_map(|row| value(row, text));
            let group = |(inner, value): (String, Value)| {
                let mut group = Fields::new();
                group.set(&inner, value);
                (key.clone(), Value::Items(vec![group]))
            };
            inner.map(group).collect()
        }
        Rule::Amount { .. } | Rule::Int { .. } | Rule::Flag => {
            let digits: String = text.chars().filter(char::is_ascii_digit).take(16).collect();
            vec![(key, Value::Int(digits.parse().expect("a number")))]
        }
    }
}

/// Nothing longer than the last four digits, however it is written.
fn shows_a_card(text: &str) -> bool {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    ["41111", "11111", "37828", "22463", "55555", "54444"].iter().any(|part| digits.contains(part))
}

#[test]
fn every_field_of_every_kind_of_work_refuses_a_card_number() {
    let mut tried = 0;
    for kind in EVERY {
        for row in table::rows().filter(|row| row.kinds.has(kind)) {
            for (key, value) in SPELLINGS.iter().flat_map(|text| value(row, text)) {
                let mut fields = good(kind);
                fields.set(&key, value);
                let fault = run(kind, &fields).expect_err(&format!("{}: {key} took a card number", kind.name()));
                assert!(!shows_a_card(&fault.text), "{}: {key}: {}", kind.name(), fault.text);
                assert!(fault.text.starts_with(&key), "{}: refused for another reason: {}", kind.name(), fault.text);
                tried += 1;
            }
        }
    }
    assert!(tried > 3_000, "only {tried} were tried");
}

/// The same with any text that the row would take, so that it is the card number that is refused and not its spelling.
#[test]
fn a_card_number_is_what_is_refused_where_its_characters_would_pass() {
    let mut named = 0;
    for kind in EVERY {
        for row in table::rows().filter(|row| row.kinds.has(kind)) {
            let Rule::Text { max, .. } = row.rule else { continue };
            let taken = |text: &str| {
                let mut fields = good(kind);
                fields.set_text(&row.key.replace(".N", ".7").replace("NAME", "x"), text);
                run(kind, &fields)
            };
            // One digit off: no card number.
            if max < CARD.len() || taken("4111111111111112").is_err() {
                continue;
            }
            let fault = refused_as(taken(CARD), Status::InvalidText);
            assert!(fault.contains("holds what looks like a card number"), "{fault}");
            named += 1;
        }
    }
    assert!(named > 300, "only {named} were tried");
}
