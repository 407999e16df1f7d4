//! What nobody outside JustiFi knows, each playable both ways.

use crate::faults::CallKind;
use serde::{Deserialize, Serialize};

/// What `/terminals/pay` does while the terminal is ACTIVE.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ActivePay {
    /// 422.
    #[default]
    Refuses,
    /// The payment that runs is thrown out, unless a card is in.
    Replaces,
    /// 201, and it waits for its turn.
    Queues,
}

/// The `payment_status` of a payment that the X key or the 90 seconds ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Abandoned {
    #[default]
    Canceled,
    Failed,
}

/// How amounts are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum AmountType {
    #[default]
    Integer,
    /// `"10000"`.
    Text,
    /// `10000.0`.
    Decimal,
}

/// How an error is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ErrorShape {
    /// `{"error": {"code": ..., "message": ...}}`.
    #[default]
    Object,
    /// `{"error": "..."}`.
    Text,
    /// `{"message": "..."}`.
    Message,
    /// `{"errors": ["..."]}`.
    List,
}

/// The order a list comes in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum ListOrder {
    #[default]
    Newest,
    Oldest,
    Shuffled,
}

/// The unknowns. The default is what the newest documents suggest.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    pub active_pay: ActivePay,
    /// `/terminals/pay` for a terminal without connection is 422 instead of 201.
    pub offline_refused: bool,
    /// A checkout is `attempted`, an intent `pending`, while the terminal works, not only after a failure.
    pub attempted_while_processing: bool,
    /// `/terminals/pay` and `/terminals/refund` honor `Idempotency-Key`.
    pub idempotent_pay: bool,
    /// POST and PATCH of checkouts honor it.
    pub idempotent_checkouts: bool,
    /// A key is forgotten after so long.
    pub key_lifetime_ms: Option<u64>,
    /// A call with a key takes so long that its repeat meanwhile is a 409.
    pub key_busy_ms: u64,
    /// A new completion stays out of its checkout for so long.
    pub completion_lag_ms: u64,
    /// A completion appears only when it is decided: there is no `processing`.
    pub completion_at_end: bool,
    pub completions_newest_first: bool,
    /// Each card of one payment is a completion of its own.
    pub declined_card_is_attempt: bool,
    pub abandoned: Abandoned,
    /// What the X key or the 90 seconds ended has a `payment_error_code`.
    pub abandoned_codes: bool,
    /// The session tells no `payment_id` and no `payment_intent_id`.
    pub session_payment_null: bool,
    /// Ids that point elsewhere are null: of the intent, the payment method, the accounts, and in payments of the checkout.
    pub links_null: bool,
    pub amounts: AmountType,
    /// The last four digits are a number, and lose their zeros.
    pub last_four_as_number: bool,
    /// Times have milliseconds.
    pub times_with_ms: bool,
    /// A terminal payment's method has the shape of a keyed card.
    pub card_as_keyed: bool,
    /// Replies as the oldest page prints them: other sessions, bare terminals, 1 as the id, text as `page_info`.
    pub seed_replies: bool,
    /// A payment intent comes without its envelope.
    pub intents_bare: bool,
    /// The `id` of a list is 1 instead of null.
    pub list_id_one: bool,
    /// A checkout's refund comes in an envelope of type `checkout_completion`.
    pub checkout_refund_as_completion: bool,
    pub error_shape: ErrorShape,
    /// The live status says CONNECTED whatever the terminal does.
    pub terminal_always_connected: bool,
    /// The live status is in lower case.
    pub status_in_lower_case: bool,
    /// The token comes with `expires_in` and `token_type`.
    pub token_tells_life: bool,
    /// The sub account is not enabled: 400 where money would move.
    pub sub_account_disabled: bool,
    /// A new checkout or intent is 404 for so long.
    pub fresh_checkout_404_ms: u64,
    /// A new payment or refund is 404 for so long.
    pub fresh_payment_404_ms: u64,
    /// What is new stays out of the lists for so long.
    pub list_lag_ms: u64,
    pub list_order: ListOrder,
    /// The lists of payments, checkouts, intents and refunds are empty, though GET by id works.
    pub lists_hide_all: bool,
    /// The metadata of the checkout's `payment`, or of the intent, does not reach the payment.
    pub metadata_dropped: bool,
    /// Refunds are `pending` for so long.
    pub refund_pending_ms: u64,
    /// Refunds end as `failed`.
    pub refunds_fail: bool,
    /// A refund that the card refuses at the terminal is in the books as `failed`. Otherwise it leaves no trace.
    pub declined_refund_booked: bool,
    /// What the key pair may not do: 403.
    pub forbidden: Vec<CallKind>,
}
