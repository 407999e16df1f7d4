//! Values that travel beside the facts: the answer of a question at a terminal, a receipt, a list of terminals. The till
//! gets them; no journal and no log does.

use super::snapshot::Detail;
use crate::secret::Secret;
use std::collections::BTreeMap;

/// Values by key. Printed without what they say.
#[derive(Clone, Default, PartialEq)]
pub struct Volatile(BTreeMap<String, Detail>);

impl Volatile {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&Detail> {
        self.0.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Detail)> {
        self.0.iter()
    }

    /// A text. An empty one is left out: there is no such value.
    pub fn text(&mut self, key: impl Into<String>, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.insert(key.into(), Detail::Text(text));
        }
    }

    pub fn int(&mut self, key: impl Into<String>, number: i64) {
        self.0.insert(key.into(), Detail::Int(number));
    }

    pub fn bytes(&mut self, key: impl Into<String>, bytes: &[u8]) {
        self.0.insert(key.into(), Detail::Bytes(bytes.into()));
    }

    /// A text that is for the program only: what was keyed in, what a card said.
    pub fn private(&mut self, key: impl Into<String>, text: impl Into<String>) {
        self.0.insert(key.into(), Detail::Private(Secret::new(text)));
    }

    /// Takes in more values; of a key that stands in both, the newer one.
    pub fn extend(&mut self, more: Volatile) {
        self.0.extend(more.0);
    }
}

impl std::fmt::Debug for Volatile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_tells_the_keys_and_none_of_the_values() {
        let mut values = Volatile::default();
        values.private("input.value", "canary-5551234567");
        values.text("prompt.button", "canary-Yes");
        values.bytes("signature.image", b"canary");
        values.text("empty", "");
        let printed = format!("{values:?}");
        assert!(printed.contains("input.value") && !printed.contains("canary"), "{printed}");
        assert!(values.get("empty").is_none());
        let printed: String =
            values.iter().filter(|(key, _)| *key != "prompt.button").map(|(_, v)| format!("{v:?}")).collect();
        assert!(!printed.contains("canary") && !printed.contains("555"), "{printed}");
    }
}
