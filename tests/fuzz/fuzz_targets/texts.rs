//! Any text: masking leaves no card number, whatever stands around it, and hides nothing but digits; amounts are read
//! exactly or not at all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posjunction::payment::money::{Currency, parse_decimal};
use posjunction::payment::{cardmask, wire};

const SPELLINGS: [&str; 4] = ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005"];

fuzz_target!(|text: &str| {
    let masked = cardmask::mask(text);
    assert_eq!(masked.chars().count(), text.chars().count());
    assert!(text.chars().zip(masked.chars()).all(|(was, is)| was == is || (was.is_ascii_digit() && is == '*')));
    assert!(!cardmask::holds_card_number(&masked), "{text:?} became {masked:?}");
    assert_eq!(cardmask::mask(&masked), masked, "masked twice it is another");

    // A card number is found in any surroundings that do not lengthen it.
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let (before, after) = text.split_at(middle);
    let joins = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-');
    if !before.ends_with(joins) && !after.starts_with(joins) {
        for card in SPELLINGS {
            let planted = format!("{before}{card}{after}");
            assert!(cardmask::holds_card_number(&planted), "{planted:?}");
            let masked: String = cardmask::mask(&planted).chars().skip(before.chars().count()).take(4).collect();
            assert_eq!(masked, "****", "{planted:?}");
        }
    }

    for currency in [Currency::USD] {
        if let Some(amount) = parse_decimal(text, currency) {
            let digits = currency.digits() as usize;
            let written = format!("{amount:0>width$}", width = digits + 1);
            let again = format!("{}.{}", &written[..written.len() - digits], &written[written.len() - digits..]);
            assert!(amount < 0 || parse_decimal(&again, currency) == Some(amount), "{text:?} is {amount}");
        }
    }
    let _ = wire::is_key(text);
});
