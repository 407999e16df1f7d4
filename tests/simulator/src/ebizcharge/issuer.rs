//! Cards, and what the gateway says about one authorization.

use crate::ebizcharge::envelope;
use serde::Serialize;

/// The card a customer presents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Card {
    /// `V`, `M`, `A` or `DS`.
    pub brand: &'static str,
    pub masked: &'static str,
    pub aid: &'static str,
    pub entry_mode: &'static str,
    pub pin_debit: bool,
}

pub const VISA: Card =
    Card { brand: "V", masked: "4000xxxxxxxx2224", aid: "A0000000031010", entry_mode: "Contactless", pin_debit: false };
pub const MASTERCARD: Card =
    Card { brand: "M", masked: "5555xxxxxxxx2226", aid: "A0000000041010", entry_mode: "Chip Read", pin_debit: false };
pub const PIN_DEBIT: Card =
    Card { brand: "V", masked: "4000xxxxxxxx0048", aid: "A0000000980840", entry_mode: "Chip Read", pin_debit: true };

/// What the gateway says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verdict {
    /// `A`, `P`, `D` or `E`.
    pub result_code: char,
    pub result: &'static str,
    pub error: String,
    pub error_code: u32,
    pub authcode: String,
}

impl Verdict {
    pub fn approved(authcode: String) -> Verdict {
        Verdict { result_code: 'A', result: "Approved", error: "Approved".into(), error_code: 0, authcode }
    }

    pub fn partial(authcode: String) -> Verdict {
        Verdict { result_code: 'P', result: "Partial Approval", ..Verdict::approved(authcode) }
    }

    pub fn declined(code: u32) -> Verdict {
        let error = envelope::text(code);
        Verdict { result_code: 'D', result: "Declined", error, error_code: code, authcode: String::new() }
    }

    pub fn error(code: u32) -> Verdict {
        Verdict { result_code: 'E', result: "Error", ..Verdict::declined(code) }
    }

    pub fn is_approved(&self) -> bool {
        matches!(self.result_code, 'A' | 'P')
    }
}

/// The ISO codes First Data prints behind `102`, which amounts below a dollar choose: 0.51 is 10251.
const DECLINES: [i64; 16] = [4, 5, 12, 14, 15, 25, 51, 55, 57, 62, 65, 75, 78, 82, 93, 97];

/// The decline an amount chooses, if it chooses one.
pub fn by_amount(cents: i64) -> Option<u32> {
    match cents {
        27 => Some(10_127),
        _ if DECLINES.contains(&cents) => Some(10_200 + cents as u32),
        _ => None,
    }
}
