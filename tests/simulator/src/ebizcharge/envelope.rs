//! The vendor's numbers and texts, and the bodies they stand in.

use crate::http::Answer;
use serde_json::{Value, json};

/// Every number the simulator uses, with the vendor's words.
const TEXTS: [(u32, &str); 63] = [
    (0, "Authentication required"),
    (23, "Specified source key not found."),
    (24, "The transaction has already been voided."),
    (31, "Duplicate Transaction. Please wait at least 10 minutes before trying again."),
    (35, "Unable to locate transaction."),
    (70, "Transaction amount exceeds the maximum allowed ($99,999)."),
    (71, "Amount is out of balance: subtotal + tip + tax + shipping - discount does not equal amount."),
    (80, "Transaction type not allowed from this source."),
    (83, "Only approved transactions can be voided."),
    (93, "Duplicate transaction in progress, please try again."),
    (102, "The transaction is not currently voided."),
    (103, "The transaction has already been settled."),
    (113, "Refund not permitted: original transaction not found."),
    (114, "Refund not permitted: amount exceeds the original transaction."),
    (115, "Refund not permitted: original transaction has not been settled."),
    (155, "API Rate Limit Exceed"),
    (156, "Access Denied"),
    (9001, "Processor temporarily unavailable, please try again."),
    (10_105, "Original transaction not found."),
    (10_124, "Unsupported transaction type."),
    (10_125, "Original transaction was not approved."),
    (10_126, "Original transaction has already been settled."),
    (10_127, "Card Declined"),
    (10_137, "Invalid hash format."),
    (10_140, "Host blocked due to excessive authentication failures."),
    (10_142, "Authorization has expired."),
    (10_151, "Insufficient funds."),
    (10_204, "Pickup Card"),
    (10_205, "Do not Honor"),
    (10_212, "Invalid Transaction"),
    (10_214, "Invalid Account Number"),
    (10_215, "Invalid Issuer"),
    (10_225, "Unable to locate Record"),
    (10_251, "Insufficient funds"),
    (10_255, "Invalid Pin"),
    (10_257, "Transaction not permitted"),
    (10_262, "Restricted Card"),
    (10_265, "Excess withdrawal count"),
    (10_275, "Allowable number of pin tries exceeded"),
    (10_278, "No checking account"),
    (10_282, "Incorrect CVV"),
    (10_293, "Violation of law"),
    (10_297, "Declined for CVV failure"),
    (20_001, "Specified transactions was not found."),
    (20_019, "Unknown command"),
    (20_026, "Positive dollar amount required."),
    (21_001, "Path not found"),
    (21_002, "API authentication failed"),
    (21_100, "There are no POS devices associated with this source key"),
    (21_101, "POS device offline"),
    (21_102, "Error communicating with POS device"),
    (21_103, "Check RequestID required"),
    (21_104, "Checkout request not found"),
    (21_105, "Check out can no longer be updated"),
    (21_106, "Transaction already processed, amount can't be updated"),
    (21_119, "Undocumented device error"),
    (21_121, "Unknown devicekey"),
    (21_143, "Request failed (Payment terminal battery too low)"),
    (21_144, "Transaction request has timed out."),
    (21_145, "Device is currently offline."),
    (21_146, "Device is currently processing another transaction."),
    (90_909, "Server temporarily unavailable, please use secondary url or retry."),
    (900_001, "Internal Server Error"),
];

/// The vendor's words for a number.
pub fn text(code: u32) -> String {
    TEXTS.iter().find(|(c, _)| *c == code).map_or_else(|| format!("Error {code}"), |(_, text)| (*text).into())
}

/// A failure of the interface: `errorcode`, in one word, is a number.
pub fn refusal(status: u16, code: u32) -> Answer {
    refusal_with(status, code, &text(code))
}

pub fn refusal_with(status: u16, code: u32, text: &str) -> Answer {
    Answer::json(status, &json!({"error": text, "errorcode": code}))
}

/// A failure of the gateway: `error_code`, in two words, is a number, and HTTP says 200.
pub fn failed(code: u32) -> Value {
    json!({"type": "transaction", "result_code": "E", "result": "Error", "error": text(code), "error_code": code})
}

/// The body with its `error` as an object.
pub fn nested(answer: Answer) -> Answer {
    let mut body = answer.value();
    let Some(code) = body.get("errorcode").cloned() else { return answer };
    body["error"] = json!({"message": body["error"], "code": code});
    Answer { body: body.to_string().into_bytes(), ..answer }
}
