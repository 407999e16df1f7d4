//! What nobody outside EBizCharge knows, each playable both ways.

use crate::faults::CallKind;
use serde::{Deserialize, Serialize};

/// What DELETE does to a request that is still going on. It answers `success` every time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Cancel {
    /// `canceled` until a card is in; after that the payment goes on.
    #[default]
    Obeyed,
    /// `canceled` at once, and the device goes on: the word turns to an approval.
    TurnsApproved,
    /// `canceled` at once and for ever, and the device goes on: only the books know.
    HidesApproval,
    /// Nothing happens.
    Ignored,
}

/// What GET says about a key that is past its expiration and [`Switches::key_lifetime_ms`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ExpiredKey {
    /// The last status, for ever.
    #[default]
    Kept,
    /// 200 with an error and without `status`.
    WithoutStatus,
    /// 404.
    NotFound,
}

/// How a request tells that nobody came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum TimeoutReply {
    /// `status` is `timeout`.
    #[default]
    Status,
    /// The same, with 21144 beside it.
    StatusAndError,
    /// 21144 without `status`.
    ErrorOnly,
}

/// Where `complete` stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum CompletePlace {
    #[default]
    Top,
    /// In `transaction`, as two samples have it.
    Inside,
    Both,
    Absent,
}

/// The type of `complete`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum CompleteType {
    #[default]
    Bool,
    Text,
    Number,
}

/// Where the token of a saved card stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum TokenPlace {
    #[default]
    SavedCard,
    Transaction,
    CreditCard,
}

/// Whether the tip belongs to the sum that `amount` must be; two documents disagree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum SumRule {
    #[default]
    Either,
    WithoutTip,
    WithTip,
}

/// What the API key does with a payment that looks like the one before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Duplicates {
    #[default]
    Off,
    /// The first one's result comes back with `is_duplicate` Y.
    Fold,
    /// Error 31.
    Block,
}

/// The order a list comes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum SearchOrder {
    #[default]
    Newest,
    Oldest,
    Shuffled,
}

/// The unknowns. The default is what the newest documents suggest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    pub cancel: Cancel,
    /// DELETE of an ended or unknown request is a success instead of a 404.
    pub delete_of_ended_succeeds: bool,
    pub expired_key: ExpiredKey,
    pub key_lifetime_ms: u64,
    pub timeout_reply: TimeoutReply,
    /// Only `pending`, `transaction complete` and `canceled`, as the oldest page has it.
    pub old_status_words: bool,
    /// A decline is `transaction failed` instead of `transaction complete`.
    pub declined_is_failed: bool,
    /// `transaction` is told while the payment is still `completing payment`.
    pub told_early: bool,
    pub complete_place: CompletePlace,
    pub complete_type: CompleteType,
    pub token_place: TokenPlace,
    /// `auth_amount` of whole dollars has no decimals.
    pub bare_amounts: bool,
    /// `entrymode` instead of `entry_mode`.
    pub entrymode_in_one_word: bool,
    /// HTTP status of 21143, 21144 and 21146.
    pub device_error_status: u16,
    /// An offline device is 21101 instead of 21145.
    pub offline_is_21101: bool,
    /// `error` is an object.
    pub nested_errors: bool,
    pub sum_rule: SumRule,
    /// An invoice of more than 11 characters is refused instead of cut.
    pub long_invoice_refused: bool,
    /// `orderid` of a payment at the terminal does not reach the transaction.
    pub orderid_dropped: bool,
    pub duplicates: Duplicates,
    pub duplicate_window_ms: u64,
    /// Devices say so whatever they do.
    pub device_always_connected: bool,
    /// A device that is ready says `online` instead of `connected`.
    pub device_says_online: bool,
    /// A new request key is 404 for so long.
    pub fresh_request_404_ms: u64,
    /// A new transaction is 404 for so long.
    pub fresh_transaction_404_ms: u64,
    /// A new transaction stays out of the lists for so long.
    pub search_lag_ms: u64,
    pub search_order: SearchOrder,
    /// The key cannot see any transaction in a list, though GET by key works.
    pub search_hides_all: bool,
    /// `refund` takes what is not settled yet.
    pub refund_of_unsettled: bool,
    /// A refund has the `orderid` that was sent instead of the sale's.
    pub refund_takes_orderid: bool,
    /// POST /transactions answers 201.
    pub writes_answer_201: bool,
    /// The pairing code is a string.
    pub pairing_code_as_text: bool,
    /// Receipts are sent by `receipts/email`, as a sample has it, and not by `send`.
    pub receipts_by_email_path: bool,
    /// A clerk types each pairing code so soon.
    pub clerk_pairs_after_ms: Option<u64>,
    /// What the key's command list does not have: 80.
    pub forbidden: Vec<CallKind>,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            cancel: Cancel::default(),
            delete_of_ended_succeeds: false,
            expired_key: ExpiredKey::default(),
            key_lifetime_ms: 0,
            timeout_reply: TimeoutReply::default(),
            old_status_words: false,
            declined_is_failed: false,
            told_early: false,
            complete_place: CompletePlace::default(),
            complete_type: CompleteType::default(),
            token_place: TokenPlace::default(),
            bare_amounts: false,
            entrymode_in_one_word: false,
            device_error_status: 409,
            offline_is_21101: false,
            nested_errors: false,
            sum_rule: SumRule::default(),
            long_invoice_refused: false,
            orderid_dropped: false,
            duplicates: Duplicates::default(),
            duplicate_window_ms: 10 * 60_000,
            device_always_connected: false,
            device_says_online: false,
            fresh_request_404_ms: 0,
            fresh_transaction_404_ms: 0,
            search_lag_ms: 0,
            search_order: SearchOrder::default(),
            search_hides_all: false,
            refund_of_unsettled: false,
            refund_takes_orderid: false,
            writes_answer_201: false,
            pairing_code_as_text: false,
            receipts_by_email_path: false,
            clerk_pairs_after_ms: None,
            forbidden: Vec::new(),
        }
    }
}
