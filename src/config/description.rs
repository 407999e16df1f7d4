//! The settings as they may be told to others: of a secret only whether it is set.

use super::{Vendor, table};
use crate::payment::{Fields, Value};

/// Every key that this vendor knows, with its value, in the table's order.
pub fn describe(vendor: Vendor, fields: &Fields) -> Vec<(&'static str, String)> {
    table::rows().filter(|row| row.vendors.contains(&vendor)).map(|row| (row.key, value(row, fields))).collect()
}

fn value(row: &table::Row, fields: &Fields) -> String {
    let given = match fields.get(row.key) {
        Some(Value::Text(text)) if text.is_empty() => None,
        Some(Value::Text(text)) => Some(text.clone()),
        Some(Value::Int(number)) => Some(number.to_string()),
        Some(_) | None => None,
    };
    match given {
        Some(_) if row.secret => String::from("set"),
        Some(text) => text,
        None if row.default.is_empty() => String::from("not set"),
        None => format!("{} (default)", row.default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_told_and_of_secrets_only_whether_they_are_set() {
        for vendor in Vendor::ALL {
            let mut fields = Fields::new();
            for row in table::rows().filter(|row| row.secret) {
                fields.set_text(row.key, "canary");
            }
            fields.set_text("terminal", "lane-1");
            fields.set_int("deadline", 90);
            fields.set_text("software", "");
            let told = describe(*vendor, &fields);
            assert!(told.iter().all(|(_, value)| !value.contains("canary")), "{told:?}");
            let of = |key: &str| told.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str());
            assert_eq!(of("webhook_secret"), Some("set"));
            assert_eq!((of("terminal"), of("deadline")), (Some("lane-1"), Some("90")));
            assert_eq!((of("software"), of("currency")), (Some("not set"), Some("USD (default)")));
            assert_eq!(of("login").is_some(), *vendor == Vendor::Payjunction);
        }
    }
}
