//! Cards, and what the network says about one authorization.

use serde::Serialize;
use serde_json::{Value, json};

/// The card a customer presents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Card {
    pub brand: &'static str,
    pub name: &'static str,
    pub last_four: &'static str,
    /// `MM/YY`.
    pub expiry: &'static str,
    pub network: &'static str,
}

pub const VISA: Card =
    Card { brand: "visa", name: "CARDHOLDER/VISA", last_four: "2970", expiry: "11/30", network: "VISA" };
/// Its last four digits begin with a zero.
pub const MASTERCARD: Card = Card {
    brand: "mastercard",
    name: "CARDHOLDER/MASTERCARD",
    last_four: "0049",
    expiry: "05/29",
    network: "MASTERCARD",
};

/// A decline: network error code, `code`, `decline_code`, network error category, words.
type Decline = (u16, &'static str, Option<&'static str>, Option<&'static str>, &'static str);

const DECLINES: [Decline; 20] = [
    (5, "card_declined", Some("do_not_honor"), Some("2"), "Your card was declined"),
    (101, "card_declined", Some("expired_card"), Some("3"), "Your card has expired"),
    (102, "card_declined", Some("restricted_card"), Some("2"), "Your card is restricted"),
    (106, "card_declined", Some("pin_tries_exceeded"), Some("2"), "PIN tries exceeded"),
    (116, "card_declined", Some("insufficient_funds"), Some("2"), "Your card has insufficient funds"),
    (117, "card_declined", Some("incorrect_pin"), Some("3"), "Incorrect PIN"),
    (121, "card_declined", Some("exceeds_card_limit"), Some("2"), "The card limit is exceeded"),
    (131, "card_declined", Some("invalid_card_number"), Some("3"), "The card number is invalid"),
    (208, "card_declined", Some("lost_card"), Some("1"), "Your card was declined"),
    (209, "card_declined", Some("stolen_card"), Some("1"), "Your card was declined"),
    (232, "card_declined", Some("account_closed"), Some("1"), "The account is closed"),
    (237, "card_declined", Some("new_card_issued"), Some("3"), "A new card was issued"),
    (351, "card_declined", Some("pin_required"), Some("3"), "A PIN is required"),
    (500, "card_declined", Some("generic_decline"), None, "Your card was declined"),
    (
        504,
        "card_declined",
        Some("do_not_retry"),
        Some("1"),
        "This card has been rejected. Please try a different card or payment method",
    ),
    (512, "card_declined", Some("service_not_allowed"), Some("2"), "The service is not allowed"),
    (516, "gateway_error_please_retry", None, Some("2"), "Please try again"),
    (517, "card_declined", Some("invalid_cvc"), Some("3"), "The security code is invalid"),
    (907, "card_declined", Some("issuer_not_available"), Some("2"), "The issuer is not available"),
    (963, "gateway_error", None, None, "Gateway Error"),
];

/// Whether this is a network error code that the simulator declines with.
pub fn is_decline(network_code: u16) -> bool {
    DECLINES.iter().any(|(code, ..)| *code == network_code)
}

/// What the network says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verdict {
    pub approved: bool,
    /// `error.code`; empty when approved.
    pub code: &'static str,
    pub decline_code: Option<&'static str>,
    pub message: &'static str,
    pub category: Option<&'static str>,
    /// Three digits, zeros and all.
    pub network_code: Option<String>,
}

impl Verdict {
    pub fn approved() -> Verdict {
        Verdict { approved: true, code: "", decline_code: None, message: "", category: None, network_code: None }
    }

    /// Declined; a network error code that is not in the table is a generic decline.
    pub fn declined(network_code: u16) -> Verdict {
        let known = DECLINES.iter().find(|(code, ..)| *code == network_code);
        let (code, decline_code, category, message) = match known {
            Some((_, code, decline_code, category, message)) => (*code, *decline_code, *category, *message),
            None => ("card_declined", None, None, "Your card was declined"),
        };
        let network_code = Some(format!("{network_code:03}"));
        Verdict { approved: false, code, decline_code, message, category, network_code }
    }

    /// The error object of a payment that failed.
    pub fn error(&self, card: &Card) -> Value {
        json!({"error": {
            "code": self.code,
            "decline_code": self.decline_code,
            "message": self.message,
            "network": card.network,
            "network_error_category": self.category,
            "network_error_code": self.network_code,
        }})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_their_zeros() {
        assert_eq!(Verdict::declined(5).network_code.as_deref(), Some("005"));
        assert_eq!(Verdict::declined(5).decline_code, Some("do_not_honor"));
        assert_eq!(Verdict::declined(444).code, "card_declined");
        assert!(is_decline(116) && !is_decline(444));
    }
}
