//! The one table of status codes: number, name, the cashier's sentence, what the programmer does about it.
//!
//! Append-only: a number never changes its meaning. The header's constants, `pj_status_name`, `pj_status_text` and
//! `docs/errors.md` come from this table.

/// One row of the table.
pub struct Row {
    /// What the C functions return.
    pub number: i32,
    /// The name of the constant, `PJ_ERR_...`.
    pub name: &'static str,
    /// One sentence that a cashier can read out.
    pub text: &'static str,
    /// What the programmer does about it; the comment in the header.
    pub help: &'static str,
}

macro_rules! statuses {
    ($($variant:ident = $number:literal, $name:literal, $text:literal, $help:literal;)+) => {
        /// A status code of the table.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
        #[repr(i32)]
        pub enum Status { $(#[doc = $help] $variant = $number,)+ }

        /// Every status code, in rising order.
        pub const TABLE: &[Row] = &[$(Row { number: $number, name: $name, text: $text, help: $help },)+];

        impl Status {
            /// The status with this number, if it is one of the table's.
            pub fn from_number(number: i32) -> Option<Status> {
                match number { $($number => Some(Status::$variant),)+ _ => None }
            }
        }
    };
}

statuses! {
    Ok = 0, "PJ_OK", "Everything is in order.", "The call did what it says.";
    InvalidArgument = 1, "PJ_ERR_INVALID_ARGUMENT", "The till program made a mistake.", "A pointer is NULL, a number is outside its list, or struct_size was not set. pj_last_error names it.";
    InvalidHandle = 2, "PJ_ERR_INVALID_HANDLE", "The till program made a mistake.", "The handle was never given out, was freed, or is of another kind.";
    UnknownField = 3, "PJ_ERR_UNKNOWN_FIELD", "The till program made a mistake.", "No field has this key. pj_last_error suggests the nearest one.";
    MissingField = 4, "PJ_ERR_MISSING_FIELD", "The till program made a mistake.", "A required field is absent. pj_last_error names it.";
    InvalidField = 5, "PJ_ERR_INVALID_FIELD", "The till program made a mistake.", "A field's value breaks its rule: kind, length, characters or range. pj_last_error names key, rule and fault.";
    InvalidAmount = 6, "PJ_ERR_INVALID_AMOUNT", "The amount is not valid.", "An amount is not positive, too large, or the parts do not add up. Amounts are minor units (cents).";
    InvalidText = 7, "PJ_ERR_INVALID_TEXT", "The till program made a mistake.", "A text is not UTF-8, or holds a control character or a card number.";
    DuplicateReference = 8, "PJ_ERR_DUPLICATE_REFERENCE", "This payment was already requested.", "The reference names a payment that is running, unknown or paid. Its handle was filled in: use that one. Nothing was sent.";
    ReferenceConflict = 9, "PJ_ERR_REFERENCE_CONFLICT", "This receipt number belongs to another payment.", "The reference names a payment with another kind, amount or currency. Its handle was filled in. Nothing was sent.";
    TerminalInUse = 10, "PJ_ERR_TERMINAL_IN_USE", "The card terminal is still busy with another payment.", "The terminal carries a live or unknown request; its handle was filled in. Finish or resolve that one, or set despite_unknown.";
    TransactionInUse = 11, "PJ_ERR_TRANSACTION_IN_USE", "This payment is already being changed.", "A void, refund or capture of the same original is live or unknown; its handle was filled in.";
    WrongState = 12, "PJ_ERR_WRONG_STATE", "That is not possible at this moment.", "The request is not in a state that allows the call, such as acknowledging before it is final.";
    Unsupported = 13, "PJ_ERR_UNSUPPORTED", "The card terminal service cannot do that.", "This vendor, platform or version cannot do it. pj_capable tells beforehand. Nothing was sent.";
    BufferTooSmall = 14, "PJ_ERR_BUFFER_TOO_SMALL", "The till program made a mistake.", "The buffer is shorter than the text and its NUL. *len has the length that is needed, without the NUL.";
    NoSuchRequest = 15, "PJ_ERR_NO_SUCH_REQUEST", "This payment is not known here.", "The journal holds no request with this reference or index. Within retention that proves that none was sent.";
    NoValue = 16, "PJ_ERR_NO_VALUE", "There is no such information.", "The request has no value under this key (yet).";
    WaitTimeout = 17, "PJ_ERR_WAIT_TIMEOUT", "Still waiting.", "The time given to a waiting call ran out. Nothing is wrong; call again.";
    Busy = 18, "PJ_ERR_BUSY", "The till program made a mistake.", "Another thread is inside pj_dispatch or pj_next_event of this client.";
    Reentrant = 19, "PJ_ERR_REENTRANT", "The till program made a mistake.", "The call is not allowed inside a callback of the same client.";
    Closed = 20, "PJ_ERR_CLOSED", "The payment connection is closed.", "The client was closed. Requests that were running come back at the next pj_client_open.";
    Forked = 21, "PJ_ERR_FORKED", "The till program made a mistake.", "The process was forked; the child must open its own client with its own journal.";
    Limit = 22, "PJ_ERR_LIMIT", "Too many payments at once.", "A fixed limit is reached: handles, fields, open clients or queued requests. Free what is no longer needed.";

    Journal = 100, "PJ_ERR_JOURNAL", "The payment record on this computer cannot be written.", "The journal could not be opened or written; the text says why (full, read-only, damaged). Nothing was sent.";
    JournalLocked = 101, "PJ_ERR_JOURNAL_LOCKED", "Another program on this computer is using the payment record.", "Another process, or another client of this one, has the journal open. One journal, one client.";
    Config = 102, "PJ_ERR_CONFIG", "The payment settings are not right.", "The configuration contradicts itself or the journal: another account, a bad URL, an unreadable file. The text names the key.";
    Thread = 103, "PJ_ERR_THREAD", "This computer has no room for another task.", "The system refused a thread or a socket pair.";
    Internal = 104, "PJ_ERR_INTERNAL", "The payment library made a mistake.", "A defect in the library was caught. The payment's facts are in the journal. Please report it.";
    File = 105, "PJ_ERR_FILE", "A file on this computer cannot be written.", "A file other than the journal could not be written, or something else is there already. pj_last_error names it and says why.";

    Dns = 200, "PJ_ERR_DNS", "The payment service's address could not be found. Is the network working?", "Name lookup failed. Nothing was sent.";
    Connect = 201, "PJ_ERR_CONNECT", "The payment service cannot be reached. Is the network working?", "No TCP connection: refused, unreachable or timed out. Nothing was sent.";
    Tls = 202, "PJ_ERR_TLS", "A secure connection to the payment service could not be made.", "The TLS handshake failed: certificate, clock or an inspecting proxy (see tls_roots). Nothing was sent.";
    Proxy = 203, "PJ_ERR_PROXY", "The network's proxy refused the connection.", "The proxy could not be reached or refused CONNECT, perhaps for want of a password. Nothing was sent.";
    Timeout = 204, "PJ_ERR_TIMEOUT", "The payment service did not answer in time.", "The request may have left and no answer came in time.";
    ConnectionLost = 205, "PJ_ERR_CONNECTION_LOST", "The connection to the payment service broke.", "The request may have left and the connection broke before the answer was whole.";
    BadReply = 206, "PJ_ERR_BAD_REPLY", "The payment service gave an answer that makes no sense.", "The reply is not what the vendor's interface says: HTML, half a body, a missing field.";

    Unauthorized = 300, "PJ_ERR_UNAUTHORIZED", "The payment service does not accept this till's password.", "HTTP 401: login, password or key are wrong. Correct the configuration.";
    Forbidden = 301, "PJ_ERR_FORBIDDEN", "The payment service does not allow this.", "HTTP 403: the credentials lack the permission, or a limit of the account is reached.";
    NotFound = 302, "PJ_ERR_NOT_FOUND", "The payment service does not know this.", "The vendor has no such transaction, terminal or request under these credentials.";
    Rejected = 303, "PJ_ERR_REJECTED", "The payment service rejected the request.", "The vendor refused a field before anything started. The message names it.";
    RateLimited = 304, "PJ_ERR_RATE_LIMITED", "Too many requests at the moment. Please wait a little.", "The vendor's rate limit leaves no room for a whole payment. Nothing was sent.";
    Unavailable = 305, "PJ_ERR_UNAVAILABLE", "The payment service is not working at the moment.", "HTTP 5xx or maintenance.";
    Vendor = 306, "PJ_ERR_VENDOR", "The payment service reported a failure.", "A failure with a number that this version does not know; vendor_code and message have it.";
    LockedOut = 307, "PJ_ERR_LOCKED_OUT", "The payment service has locked this computer out for a while.", "Too many failed logins. All calls pause; running requests are not ended by it.";
    Integrity = 308, "PJ_ERR_INTEGRITY", "The payment service answered about another payment. Call support.", "The transaction found has another reference, account, kind or currency than the one asked for.";
    Signature = 309, "PJ_ERR_SIGNATURE", "A message that claims to come from the payment service is forged.", "A webhook's signature is wrong or missing.";

    Declined = 400, "PJ_ERR_DECLINED", "The card was declined.", "The issuer or the vendor's rules declined; response_code has the reason.";
    Canceled = 401, "PJ_ERR_CANCELED", "The payment was canceled.", "Canceled at the till or by the customer, or the terminal's own time ran out. No money moved.";
    Partial = 402, "PJ_ERR_PARTIAL", "Only a part of the amount was paid.", "approved_amount is less than requested_amount. Ask for the rest under another reference.";
    DuplicateSuspected = 403, "PJ_ERR_DUPLICATE_SUSPECTED", "This card may already have been charged for this. Look before trying again.", "The vendor's duplicate check fired. See advice, and the candidates of the request.";
    OutcomeUnknown = 404, "PJ_ERR_OUTCOME_UNKNOWN", "It is not known yet whether the card was charged. Do not repeat the payment.", "The library goes on looking. See the terminal's and the vendor's own record, then pj_resolve.";
    Expired = 405, "PJ_ERR_EXPIRED", "The payment was not sent in time.", "More than send_within passed before the request could leave, or the program ended before. Nothing was sent.";

    NoDevice = 21100, "PJ_ERR_NO_DEVICE", "No card terminal is set up for this account.", "The account has no terminal, or none was named.";
    PosDeviceOffline = 21101, "PJ_ERR_POS_DEVICE_OFFLINE", "The card terminal is not connected.", "The account's default terminal is offline. Restart it.";
    DeviceCommunication = 21102, "PJ_ERR_DEVICE_COMMUNICATION", "The connection to the card terminal broke.", "The link to the terminal failed midway. Reset the terminal.";
    RequestIdRequired = 21103, "PJ_ERR_REQUEST_ID_REQUIRED", "The payment service made a mistake.", "A request id was missing.";
    RequestNotFound = 21104, "PJ_ERR_REQUEST_NOT_FOUND", "The payment service does not know this request.", "The vendor has no such terminal request.";
    RequestClosed = 21105, "PJ_ERR_REQUEST_CLOSED", "It is too late to change this payment.", "The terminal request can no longer be updated.";
    AlreadyProcessed = 21106, "PJ_ERR_ALREADY_PROCESSED", "This payment was already made.", "The transaction was processed; its amount cannot change.";
    UnknownDevice = 21121, "PJ_ERR_UNKNOWN_DEVICE", "The payment service does not know this card terminal.", "The terminal's id is wrong, belongs to another account, or its pairing lapsed.";
    BatteryLow = 21143, "PJ_ERR_BATTERY_LOW", "The card terminal's battery is too low. Please charge it.", "The terminal refused for want of power.";
    RequestTimedOut = 21144, "PJ_ERR_REQUEST_TIMED_OUT", "Nobody presented a card in time.", "The terminal waited and no card came.";
    DeviceOffline = 21145, "PJ_ERR_DEVICE_OFFLINE", "The card terminal is not connected.", "The vendor's cloud cannot reach the terminal. Check its power and network.";
    DeviceBusy = 21146, "PJ_ERR_DEVICE_BUSY", "The card terminal is busy with something else.", "The terminal is occupied. Wait until it is free; nothing was started.";
}

impl Status {
    /// What the C functions return.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// This status's row of the table.
    pub fn row(self) -> &'static Row {
        // The table and the enum come from the same lines, so the search always finds.
        TABLE.iter().find(|row| row.number == self as i32).unwrap_or(&TABLE[0])
    }

    /// The name of the header's constant, `PJ_ERR_...`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// One sentence that a cashier can read out.
    pub fn text(self) -> &'static str {
        self.row().text
    }
}

/// A failure of a call: the code a programmer switches on, and which key, why, what would be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// The code.
    pub status: Status,
    /// For the programmer and the log. Holds no secret and no text of the request.
    pub text: String,
}

impl Error {
    /// A failure with this code and these words.
    pub fn new(status: Status, text: impl Into<String>) -> Error {
        Error { status, text: text.into() }
    }
}

/// In the journal a status is its number, which never changes its meaning.
impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.number())
    }
}

impl<'de> serde::Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i32::deserialize(deserializer)?;
        Ok(Status::from_number(number).unwrap_or(Status::Vendor))
    }
}
