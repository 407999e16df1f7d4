//! Finds card numbers in any text, so that none is sent, journaled or logged.
//!
//! A candidate is 13 to 19 digits with a right Luhn check digit, written together or in groups with blanks or dashes
//! between them. A tenth of all numbers of that length has a right check digit by chance, so there are two views:
//! [`mask`] hides every candidate, because a hidden order number in a log costs nothing; [`holds_card_number`] also
//! wants the first digits of a known card brand, because it makes a request fail.

use std::borrow::Cow;
use std::ops::Range;

/// Fewest and most digits of a card number.
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;
/// Most blanks and dashes between two groups, as in `4111 - 1111`.
const MOST_BETWEEN: usize = 3;
/// Most digits of a group when a card number is written in groups. Brands print 3 to 6; a UUID begins with 8.
const MOST_IN_GROUP: usize = 6;
/// Fewest digits of a group when other digits stand beside the card number, such as an expiry date.
const FEWEST_IN_GROUP: usize = 3;

/// The text with every digit of what may be a card number replaced by `*`, but for the last four.
pub fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    // What stood beside a card number may be one too, now that it stands alone. Each round hides digits, so it ends.
    while let Some(more) = mask_once(&masked) {
        masked = Cow::Owned(more);
    }
    masked
}

/// A text that others wrote, for people: masked, and cut to so many characters. In this order: half a card number is none
/// that could be found.
pub fn excerpt(text: &str, most: usize) -> String {
    mask(text).chars().take(most).collect()
}

fn mask_once(text: &str) -> Option<String> {
    let found: Vec<Vec<Range<usize>>> = candidates(text).into_iter().filter(|c| !is_clock(text, c)).collect();
    if found.is_empty() {
        return None;
    }
    let mut hidden = vec![false; text.len()];
    for candidate in &found {
        let places: Vec<usize> = candidate.iter().cloned().flatten().collect();
        places[..places.len() - 4].iter().for_each(|&place| hidden[place] = true);
    }
    Some(text.char_indices().map(|(place, c)| if hidden[place] { '*' } else { c }).collect())
}

/// True when the text holds what looks like the number of a payment card: right length, check digit and first digits.
pub fn holds_card_number(text: &str) -> bool {
    candidates(text).iter().any(|candidate| is_known_brand(&digits(text, candidate)))
}

/// Every candidate, as the places of its groups of digits.
fn candidates(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut found = Vec::new();
    for row in rows(text) {
        for first in 0..row.len() {
            for last in first..row.len() {
                let groups = &row[first..=last];
                let count: usize = groups.iter().map(Range::len).sum();
                if count > *LENGTHS.end() {
                    break;
                }
                let whole = groups.len() == row.len();
                if LENGTHS.contains(&count) && is_shaped(groups, whole) && luhn(&digits(text, groups)) {
                    found.push(groups.to_vec());
                }
            }
        }
    }
    found
}

/// The groups of digits of the text, in rows that only blanks and dashes hold together.
fn rows(text: &str) -> Vec<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let mut rows: Vec<Vec<Range<usize>>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = bytes[at..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |n| at + n);
        match rows.last_mut() {
            Some(row) if row.last().is_some_and(|before| joins(&bytes[before.end..at])) => row.push(at..end),
            _ => rows.push(vec![Range { start: at, end }]),
        }
        at = end;
    }
    rows
}

fn joins(between: &[u8]) -> bool {
    between.len() <= MOST_BETWEEN && between.iter().all(|b| matches!(b, b' ' | b'-'))
}

fn is_shaped(groups: &[Range<usize>], whole: bool) -> bool {
    let fewest = if whole { 1 } else { FEWEST_IN_GROUP };
    groups.len() == 1 || groups.iter().all(|g| (fewest..=MOST_IN_GROUP).contains(&g.len()))
}

fn digits(text: &str, groups: &[Range<usize>]) -> Vec<u8> {
    let bytes = text.as_bytes();
    groups.iter().cloned().flatten().map(|place| bytes[place] - b'0').collect()
}

fn luhn(digits: &[u8]) -> bool {
    let value = |(place, &digit): (usize, &u8)| match (place % 2, u32::from(digit)) {
        (0, digit) => digit,
        (_, digit) if digit > 4 => digit * 2 - 9,
        (_, digit) => digit * 2,
    };
    digits.iter().any(|&d| d != 0) && digits.iter().rev().enumerate().map(value).sum::<u32>() % 10 == 0
}

/// Diners, American Express, JCB (30, 34 to 39), Visa (4), Mastercard (5 and 2221 to 2720), Discover, UnionPay and
/// Maestro (5 and 6).
fn is_known_brand(digits: &[u8]) -> bool {
    match (digits[0], digits[1]) {
        (3, second) => second == 0 || second >= 4,
        (4..=6, _) => true,
        (2, _) if digits.len() == 16 => {
            let first = digits[..4].iter().fold(0, |sum, &d| sum * 10 + u32::from(d));
            (2221..=2720).contains(&first)
        }
        _ => false,
    }
}

/// Milliseconds since 1970 have 13 digits and begin with 1 until the year 2033. No card number does.
fn is_clock(text: &str, candidate: &[Range<usize>]) -> bool {
    let digits = digits(text, candidate);
    candidate.len() == 1 && digits.len() == 13 && digits[0] == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that the brands publish for tests.
    const PUBLISHED: [&str; 12] = [
        "4111111111111111",
        "4222222222222",
        "4444333322221111",
        "5555555555554444",
        "2223003122003222",
        "2720994326581252",
        "378282246310005",
        "6011111111111117",
        "3530111333300000",
        "30569309025904",
        "6200000000000005",
        "6304000000000000",
    ];

    #[test]
    fn published_numbers_are_found_and_all_but_four_digits_hidden() {
        for number in PUBLISHED {
            assert!(holds_card_number(number), "{number}");
            let (hidden, last) = number.split_at(number.len() - 4);
            let text = format!("card {number}, thanks");
            assert_eq!(mask(&text), format!("card {}{last}, thanks", "*".repeat(hidden.len())));
        }
    }

    #[test]
    fn groups_with_blanks_and_dashes_are_found() {
        for text in [
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111 - 1111 - 1111 - 1111",
            "3782 822463 10005",
            "exp 4111 1111 1111 1111 12/27",
            "4111 1111 1111 1111 123",
            "4111111111111111 123",
            "12 4111 1111 1111 1111 27",
            "%B4111111111111111^DOE/JANE^2712",
            ";4111111111111111=2712101",
            "x4111111111111111x",
            "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
            "Käse 4111 1111 1111 1111 für é",
        ] {
            assert!(holds_card_number(text), "{text}");
            assert!(mask(text).contains('*'), "{text}");
        }
        assert_eq!(mask("pan 4111 1111 1111 1111 12/27"), "pan **** **** **** 1111 12/27");
        assert_eq!(mask("ü 4111-1111-1111-1111 é"), "ü ****-****-****-1111 é");
    }

    #[test]
    fn other_numbers_pass() {
        for text in [
            "",
            "4711",
            "4111111111111112",
            "411111111111",
            "41111111111111111111",
            "88888888-4444-4444-4444-cccccccccccc",
            "800-555-1234",
            "1700000000000",
            "12.34",
            "2024-01-31 12:34:56",
            "0000000000000000",
        ] {
            assert!(!holds_card_number(text), "{text}");
            assert!(matches!(mask(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn an_unknown_brand_is_hidden_but_not_refused() {
        // Right check digits, first digits of no bank card.
        for number in [
            "7070707070707070",
            "9999999999999995",
            "1234567812345670",
            "2000000000000006",
            "3100000000000003",
            "2220000000000000",
            "2721000000000004",
            "250000000000007",
        ] {
            assert!(luhn(&number.bytes().map(|b| b - b'0').collect::<Vec<_>>()), "{number}");
            assert!(!holds_card_number(number), "{number}");
            assert!(mask(number).starts_with("****"), "{number}");
        }
    }

    #[test]
    fn a_reading_of_the_clock_stays_legible() {
        let clock = (0..10).map(|n| format!("170000000000{n}")).collect::<Vec<_>>().join(",");
        assert_eq!(mask(&clock), clock);
    }

    #[test]
    fn lengths_end_at_13_and_19() {
        let with_check = |body: &str| {
            (0..10)
                .map(|d| format!("{body}{d}"))
                .find(|n| luhn(&n.bytes().map(|b| b - b'0').collect::<Vec<_>>()))
                .unwrap()
        };
        for length in 12..=20 {
            let number = with_check(&format!("4{}", "3".repeat(length - 2)));
            assert_eq!(number.len(), length);
            assert_eq!(holds_card_number(&number), (13..=19).contains(&length), "{length}");
            assert_eq!(mask(&number).contains('*'), (13..=19).contains(&length), "{length}");
        }
    }

    #[test]
    fn two_numbers_side_by_side_are_both_hidden() {
        let masked = mask("4111 1111 1111 1111 5555 5555 5555 4444");
        // Where the two overlap in a third candidate, more is hidden than must be.
        assert!(masked.chars().filter(|c| c.is_ascii_digit()).count() <= 8 && masked.ends_with("4444"), "{masked}");
    }

    #[test]
    fn a_number_that_stands_alone_only_once_its_neighbor_is_hidden_is_hidden_too() {
        let masked = mask("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 5555 5555 5555 4444");
        assert_eq!(masked, "* * * * * * * * * * * * 1 1 1 1 **** **** **** 4444");
    }

    #[test]
    fn an_excerpt_holds_no_part_of_a_number_that_was_cut() {
        let text = format!("{}4111111111111111", "x".repeat(290));
        assert_eq!(excerpt(&text, 300), format!("{}{}", "x".repeat(290), "*".repeat(10)));
        assert_eq!(excerpt("Käse", 2), "Kä");
    }

    #[test]
    fn a_long_text_takes_no_long_time() {
        // Every digit starts a search of its own, which ends after a card number's length.
        assert!(!holds_card_number(&"1 ".repeat(50_000)));
        assert!(!holds_card_number(&"4".repeat(100_000)));
    }
}
