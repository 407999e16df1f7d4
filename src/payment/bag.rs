//! The bag of keys and values that carries configuration and request parameters.

use zeroize::Zeroize;

/// One value of a bag.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Int(i64),
    /// Repeated texts, such as the buttons of a prompt.
    Texts(Vec<String>),
    /// Repeated groups, such as line items.
    Items(Vec<Fields>),
}

/// Keys and values in the order in which they were set; a key stands once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Value)>);

/// A bag may hold a password: what it held is overwritten.
impl Drop for Fields {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            match value {
                Value::Text(text) => text.zeroize(),
                Value::Texts(texts) => texts.iter_mut().for_each(Zeroize::zeroize),
                Value::Int(_) | Value::Items(_) => {}
            }
        }
    }
}

impl Fields {
    pub fn new() -> Fields {
        Fields::default()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn int(&self, key: &str) -> Option<i64> {
        match self.get(key) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// True when the key is set to a number other than 0.
    pub fn flag(&self, key: &str) -> bool {
        self.int(key).is_some_and(|n| n != 0)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// Sets a key, replacing what it had.
    pub fn set(&mut self, key: &str, value: Value) {
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    pub fn set_text(&mut self, key: &str, text: &str) {
        self.set(key, Value::Text(text.to_owned()));
    }

    pub fn set_int(&mut self, key: &str, number: i64) {
        self.set(key, Value::Int(number));
    }

    /// Adds one more text to a repeated key. A value of another kind under that key is replaced.
    pub fn add_text(&mut self, key: &str, text: &str) {
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some((_, Value::Texts(texts))) => texts.push(text.to_owned()),
            _ => self.set(key, Value::Texts(vec![text.to_owned()])),
        }
    }

    /// Adds one more group to a repeated key. A value of another kind under that key is replaced.
    pub fn add_item(&mut self, key: &str, item: Fields) {
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some((_, Value::Items(items))) => items.push(item),
            _ => self.set(key, Value::Items(vec![item])),
        }
    }
}
