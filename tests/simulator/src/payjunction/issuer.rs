//! The card issuer: cards, and the response codes the labs' trigger amounts choose.

use serde::Serialize;

/// A payment card as the customer holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Card {
    /// `VISA`, `MASTERCARD` ...
    pub brand: &'static str,
    pub last_four: &'static str,
    pub pin_debit: bool,
}

pub const VISA: Card = Card { brand: "VISA", last_four: "1111", pin_debit: false };
pub const MASTERCARD: Card = Card { brand: "MASTERCARD", last_four: "0016", pin_debit: false };
pub const PIN_DEBIT: Card = Card { brand: "VISA", last_four: "0048", pin_debit: true };

/// What the gateway says about one authorization.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verdict {
    pub approved: bool,
    /// What the issuer said, which may differ: see AVS.
    pub authorized: bool,
    pub code: String,
    pub message: String,
    pub level3: bool,
}

impl Verdict {
    pub fn approved() -> Verdict {
        Verdict { approved: true, authorized: true, code: "00".into(), message: "Approved".into(), level3: true }
    }

    pub fn declined(code: &str) -> Verdict {
        let message = format!("Declined ({})", meaning(code));
        Verdict { approved: false, authorized: false, code: code.into(), message, level3: false }
    }

    /// Authorized by the issuer, declined by the gateway: held until it is reversed.
    pub fn held() -> Verdict {
        Verdict { authorized: true, ..Verdict::declined("AA") }
    }
}

fn meaning(code: &str) -> &'static str {
    match code {
        "01" => "call issuer",
        "04" => "pick up card",
        "05" => "do not honor",
        "10" => "partial approval",
        "12" => "invalid transaction",
        "13" => "amount invalid",
        "14" => "card number invalid",
        "15" => "no such issuer",
        "19" => "re-enter",
        "51" => "insufficient funds",
        "54" => "card expired",
        "55" => "wrong PIN",
        "57" => "service not allowed",
        "61" => "exceeds withdrawal limit",
        "62" => "restricted SIC code",
        "63" => "restricted",
        "65" => "exceeds activity limit",
        "75" => "PIN tries exceeded",
        "78" => "no account",
        "91" => "no reply from issuer",
        "AA" => "address does not match",
        "DT" => "duplicate transaction",
        _ => "declined",
    }
}

/// The labs' answer to an `amountBase`.
pub fn by_amount(base_cents: i64) -> Verdict {
    let code = match base_cents {
        1 => "01",
        2 => "13",
        3 => "54",
        4 => "14",
        5 => "05",
        6 => "61",
        7 => "65",
        8 => "51",
        9 => "12",
        10 => "63",
        11 => "15",
        12 => "04",
        13 => "19",
        14 => "62",
        15 => "57",
        16 => "78",
        91 => "91",
        98 => "10",
        103 => return Verdict { level3: false, ..Verdict::approved() },
        over if over > 499_900 => "05",
        _ => return Verdict::approved(),
    };
    Verdict::declined(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigger_amounts() {
        for (cents, code) in
            [(5, "05"), (8, "51"), (10, "63"), (98, "10"), (99, "00"), (499_900, "00"), (499_901, "05")]
        {
            assert_eq!(by_amount(cents).code, code, "{cents}");
        }
        assert!(!by_amount(103).level3);
    }
}
