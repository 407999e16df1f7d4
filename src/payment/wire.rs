//! The wire key: a random name of one attempt that the vendor gives back.

/// Begins every key of this library, whoever's till it is.
const PREFIX: &str = "PJ-";
/// Letters and digits that are not mistaken for each other. 32 of them: five bits each.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 20;

/// A key of 100 random bits, 23 characters long: it fits PayJunction's 32.
pub fn key(entropy: &[u8; 20]) -> String {
    let letters = entropy.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
    PREFIX.chars().chain(letters).collect()
}

/// Whether a text is a key of this library: such a transaction belongs to exactly one attempt of some till.
pub fn is_key(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|rest| rest.len() == LENGTH && rest.bytes().all(|b| ALPHABET.contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognized_and_nothing_else_is() {
        let key = key(&[7; 20]);
        assert!(is_key(&key) && key.len() == 23);
        assert!(!is_key("PJ-1") && !is_key("4711") && !is_key(&key.to_lowercase()) && !is_key(&format!("{key}A")));
    }
}
