//! Which key was meant by one that does not exist.

use super::places::PLACES;
use crate::payment::cardmask::excerpt;

/// The message for a key that is in no row, with the nearest of `keys`.
pub fn unknown<'a>(key: &str, keys: impl Iterator<Item = &'a str>) -> String {
    let shown = shown(key);
    match suggest(key, keys) {
        Some(nearest) => format!("\"{shown}\" is not a field; did you mean \"{nearest}\"?"),
        None => format!("\"{shown}\" is not a field"),
    }
}

/// A key as a message may show it: short, visible, and without a card number.
pub fn shown(key: &str) -> String {
    excerpt(key, 64).chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// The nearest key: the one that stands for a vendor's own name of a parameter, or the one with the fewest changed
/// letters, if these are few enough for its length.
pub fn suggest<'a>(key: &str, keys: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let keys: Vec<&str> = keys.collect();
    // A caller's key may be of any length, and the distance costs the product of the two.
    let asked: String = key.chars().take(64).collect::<String>().to_ascii_lowercase();
    let known = PLACES.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, place)| *place);
    if let Some(found) = known.and_then(|place| keys.iter().find(|k| **k == place)) {
        return Some(found);
    }
    let near = |candidate: &&str| {
        let most = (candidate.len() / 3).clamp(1, 4);
        let distance = distance(&asked, &candidate.to_ascii_lowercase());
        (distance <= most).then_some(distance)
    };
    keys.into_iter().filter_map(|k| Some((near(&k)?, k))).min_by_key(|(distance, _)| *distance).map(|(_, k)| k)
}

/// How many letters must be put in, taken out, changed, or swapped with their neighbor.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [("", "", 0), ("a", "", 1), ("amount", "amount", 0), ("amuont", "amount", 1)] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn the_nearest_key_is_suggested_and_none_when_all_are_far() {
        let keys = ["amount", "invoice", "purchase_order", "custom.N"];
        for (asked, expected) in [
            ("amout", Some("amount")),
            ("Amount", Some("amount")),
            ("invioce", Some("invoice")),
            ("purchaseOrder", Some("purchase_order")),
            ("ponum", Some("purchase_order")),
            ("amountBase", Some("amount")),
            ("custom1", Some("custom.N")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(suggest(asked, keys.into_iter()), expected, "{asked}");
        }
        assert_eq!(suggest(&"x".repeat(1_000_000), keys.into_iter()), None);
    }

    #[test]
    fn a_message_shows_no_control_character_and_no_card_number() {
        let text = unknown("4111111111111111\n", ["amount"].into_iter());
        assert_eq!(text, "\"************1111?\" is not a field");
    }
}
