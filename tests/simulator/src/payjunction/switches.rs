//! What nobody outside PayJunction knows, each playable both ways.

use crate::faults::CallKind;
use serde::{Deserialize, Serialize};

/// What becomes of a request that was canceled, by a person or by `/main`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum CanceledRequest {
    /// COMPLETE without a transaction id.
    #[default]
    Complete,
    /// IN_PROGRESS for ever.
    StaysInProgress,
}

/// What `/main` answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum MainReply {
    #[default]
    Ok,
    NoContent,
    /// 200, so many milliseconds late.
    Late(u64),
}

/// The order search results come in.
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
    pub canceled_request: CanceledRequest,
    /// A terminal without connection is reached after all.
    pub no_connection_then_success: bool,
    /// After a decline the device asks for another card, and that one is approved.
    pub second_card_after_decline: bool,
    /// A new request id is 404 for so long.
    pub fresh_request_404_ms: u64,
    /// A new transaction id is 404 for so long.
    pub fresh_transaction_404_ms: u64,
    /// A new transaction stays out of the search for so long.
    pub search_lag_ms: u64,
    pub search_order: SearchOrder,
    /// Numbers lose their leading zeros when they are stored.
    pub drops_leading_zeros: bool,
    /// The login cannot see these accounts in a search, though GET by id works.
    pub search_hides_accounts: Vec<u64>,
    pub main_reply: MainReply,
    /// `/main` is answered and ignored.
    pub main_ignored: bool,
    pub start_date_ignored: bool,
    pub purchase_order_dropped: bool,
    /// Partial approvals are passed on instead of being declined.
    pub partial_approvals: bool,
    pub duplicate_check: bool,
    /// Amounts below a dollar choose a response code, as on the labs.
    pub trigger_amounts: bool,
    /// An unknown smart terminal is a 400 with a parameter instead of a 404.
    pub unknown_terminal_is_400: bool,
    /// POST /transactions answers 201, as one page says, instead of 200.
    pub refund_answers_201: bool,
    /// `transactionId` is a string, as one page prints it.
    pub ids_as_strings: bool,
    /// What the restricted login may not do: 403.
    pub forbidden: Vec<CallKind>,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            canceled_request: CanceledRequest::default(),
            no_connection_then_success: false,
            second_card_after_decline: false,
            fresh_request_404_ms: 0,
            fresh_transaction_404_ms: 0,
            search_lag_ms: 0,
            search_order: SearchOrder::default(),
            drops_leading_zeros: false,
            search_hides_accounts: Vec::new(),
            main_reply: MainReply::default(),
            main_ignored: false,
            start_date_ignored: false,
            purchase_order_dropped: false,
            partial_approvals: false,
            duplicate_check: true,
            trigger_amounts: true,
            unknown_terminal_is_400: false,
            refund_answers_201: false,
            ids_as_strings: false,
            forbidden: Vec::new(),
        }
    }
}
