//! The types of the header.

use std::ffi::c_char;

/// What a function returns: PJ_OK (0) or one of PJ_ERR_*.
#[allow(non_camel_case_types)]
pub type pj_status = i32;

/// A bag of keys and values: the configuration of a client, or the parameters of a request.
#[allow(non_camel_case_types)]
pub struct pj_fields {
    _private: [u8; 0],
}

/// One merchant account at one vendor.
#[allow(non_camel_case_types)]
pub struct pj_client {
    _private: [u8; 0],
}

/// One request: a payment, a refund, a void, a signature, a list of terminals ...
#[allow(non_camel_case_types)]
pub struct pj_request {
    _private: [u8; 0],
}

/// The whole state of a request at one moment. 672 bytes without padding, the same on every compiler and machine.
///
/// Set `struct_size` to `sizeof(pj_result)` before every call that fills one in; it is never written.
/// Texts are UTF-8, end with a NUL, and are cut at a character if they do not fit; pj_get_text has all of them.
/// Amounts are minor units (cents): 1234 is 12.34 USD.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct pj_result {
    /// sizeof(pj_result), set by you.
    pub struct_size: u32,
    /// PJ_STATE_*: where the request stands.
    pub state: i32,
    /// Why it stands there: PJ_OK while all is well, else the code of the last obstacle or of the failure.
    pub status: i32,
    /// PJ_MONEY_*: did money move?
    pub money: i32,
    /// PJ_ADVICE_*: what does the cashier do now?
    pub advice: i32,
    /// Sum of PJ_FLAG_*.
    pub flags: u32,
    /// What you asked for.
    pub requested_amount: i64,
    /// What was taken or given back, in all, tip and surcharge included.
    pub approved_amount: i64,
    /// The part of approved_amount that is a tip.
    pub tip_amount: i64,
    /// The part of approved_amount that is a surcharge.
    pub surcharge_amount: i64,
    /// The vendor's own number for a failure, 0 when there is none.
    pub vendor_code: i32,
    /// HTTP status of the vendor's last answer, 0 when there was none.
    pub http_status: i32,
    /// Milliseconds since the request was made, until it ended. Stays at 4294967295 rather than start anew.
    pub elapsed_ms: u32,
    /// Number of the newest fact in this result. Rises with every fact of the journal.
    pub event_number: u32,
    /// ISO 4217, as "USD".
    pub currency: [c_char; 8],
    /// The last four digits of the card.
    pub card_last4: [c_char; 8],
    /// "VISA" and so on, as the vendor writes it.
    pub card_brand: [c_char; 20],
    /// How the card was read, as the vendor writes it.
    pub entry_method: [c_char; 20],
    /// The issuer's approval code.
    pub authorization_code: [c_char; 16],
    /// The vendor's or issuer's response code.
    pub response_code: [c_char; 16],
    /// Your reference.
    pub reference: [c_char; 64],
    /// The vendor's id of the request at the terminal.
    pub request_id: [c_char; 64],
    /// The vendor's id of the transaction: what a receipt shows, and what `transaction` of a later refund takes.
    pub transaction_id: [c_char; 64],
    /// The terminal, by the vendor's id.
    pub terminal: [c_char; 64],
    /// One sentence for the cashier.
    pub message: [c_char; 256],
}
