//! What a cashier reads about a card that did not go through: the same for the same failure, whichever vendor tells it.

pub const ANOTHER_CARD: &str = "The bank declined the card. Ask for another card.";
pub const ASK_THE_BANK: &str =
    "The bank declined the card without a reason. Ask for another card; only the cardholder can ask the bank.";
pub const NO_MONEY: &str = "There is not enough money on the card. Ask for another card.";
pub const EXPIRED: &str = "The card has expired. Ask for another card.";
pub const WRONG_DATE: &str = "The card's date of expiry is not right. Ask for another card.";
pub const WRONG_PIN: &str = "The PIN was wrong. Try again with the right one, or ask for another card.";
pub const PIN_BLOCKED: &str = "The PIN was wrong too often. Ask for another card.";
pub const PIN_WANTED: &str = "The bank wants the PIN. Insert the card instead of tapping it, or ask for another card.";
pub const KEEP: &str = "The bank asks to keep this card. Do not confront anyone: ask for another card.";
pub const PART_ONLY: &str = "The bank would pay only a part of it, which is not possible here. Ask for another card.";
pub const LIMIT: &str = "A limit of the card is reached. Ask for another card.";
pub const NOT_ALLOWED: &str = "The card is not allowed for this payment. Ask for another card.";
pub const BAD_NUMBER: &str = "The card's number is not valid. Ask for another card.";
pub const NO_ACCOUNT: &str = "The card has no open account. Ask for another card.";
pub const REPLACED: &str = "The bank has replaced this card by a new one. Ask for the new one, or for another card.";
pub const SECURITY_CODE: &str = "The card's security code is not right. Ask for another card.";
pub const ADDRESS: &str = "The cardholder's address could not be confirmed. Ask for another card.";
pub const TOO_OFTEN: &str = "The card was tried too often. Ask for another card.";
pub const BAD_AMOUNT: &str = "The bank does not take this amount. Check the amount, or ask for another card.";
pub const ENTER_AGAIN: &str = "The card could not be processed. Present it once more, or ask for another card.";
pub const BANK_AWAY: &str = "The card's bank cannot be reached at the moment. Try again in a moment.";
