//! Money: whole minor units and a currency. No float, no locale.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 code of three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const USD: Currency = Currency(*b"USD");

    /// The currency with this code. Letters may be of either case.
    pub fn parse(code: &str) -> Option<Currency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Currency(bytes.map(|b| b.to_ascii_uppercase())))
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many digits stand behind the decimal point in this currency (ISO 4217's minor unit).
    pub fn digits(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Currency::parse(&code).ok_or_else(|| serde::de::Error::custom("not a currency code"))
    }
}

/// Writes minor units as a decimal, as `1234` of USD becomes `12.34`. Never a separator, never a sign of currency.
pub fn decimal(minor: i64, currency: Currency) -> String {
    let digits = currency.digits() as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// Reads a decimal such as `12.34`, `12`, `12.3` or `-1.00` exactly. `None` for anything else, more digits than the
/// currency has (unless they are zeros), or a number that does not fit.
pub fn parse_decimal(text: &str, currency: Currency) -> Option<i64> {
    let digits = currency.digits() as usize;
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(part) || (text.contains('.') && part.is_empty()) {
        return None;
    }
    let (kept, dropped) = part.split_at(part.len().min(digits));
    if dropped.bytes().any(|b| b != b'0') {
        return None;
    }
    let value: i64 = format!("{whole}{kept:0<digits$}").parse().ok()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_both_ways() {
        for (minor, text) in [(0, "0.00"), (5, "0.05"), (1234, "12.34"), (100_000_000, "1000000.00"), (-150, "-1.50")] {
            assert_eq!(decimal(minor, Currency::USD), text);
            assert_eq!(parse_decimal(text, Currency::USD), Some(minor));
        }
        let yen = Currency::parse("jpy").unwrap();
        assert_eq!(decimal(500, yen), "500");
        assert_eq!(parse_decimal("500.00", yen), Some(500));
        assert_eq!(decimal(1, Currency::parse("KWD").unwrap()), "0.001");
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_no_amount() {
        for text in ["", ".", "1.", ".5", "1,000.00", "$1", "1e3", "1.005", "9223372036854775808", "+1", "1 ", "--1"] {
            assert_eq!(parse_decimal(text, Currency::USD), None, "{text}");
        }
        assert_eq!(parse_decimal("1.500", Currency::USD), Some(150));
    }
}
