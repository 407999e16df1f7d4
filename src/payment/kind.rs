//! What kinds of work there are.

use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};

/// A kind of work, named as in the header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A sale at a terminal: `pj_request_payment`.
    Payment,
    /// A refund with the card at a terminal: `pj_request_refund`.
    TerminalRefund,
    Capture,
    Void,
    /// A refund of an earlier transaction without the card: `pj_refund`.
    Refund,
    /// Whichever of void and refund the vendor still allows.
    Reverse,
    AdjustTip,
    FetchTransaction,
    Signature,
    Prompt,
    Input,
    CardRead,
    FetchReceipt,
    SendReceipt,
    FetchSignature,
    Reconcile,
    SelfCheck,
    ListTerminals,
    FetchTerminal,
    PairTerminal,
    UnpairTerminal,
    SetTerminal,
    IdentifyTerminal,
}

impl Kind {
    /// The name in the journal and the log.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Payment => "payment",
            Kind::TerminalRefund => "terminal_refund",
            Kind::Capture => "capture",
            Kind::Void => "void",
            Kind::Refund => "refund",
            Kind::Reverse => "reverse",
            Kind::AdjustTip => "adjust_tip",
            Kind::FetchTransaction => "fetch_transaction",
            Kind::Signature => "signature",
            Kind::Prompt => "prompt",
            Kind::Input => "input",
            Kind::CardRead => "card_read",
            Kind::FetchReceipt => "fetch_receipt",
            Kind::SendReceipt => "send_receipt",
            Kind::FetchSignature => "fetch_signature",
            Kind::Reconcile => "reconcile",
            Kind::SelfCheck => "self_check",
            Kind::ListTerminals => "list_terminals",
            Kind::FetchTerminal => "fetch_terminal",
            Kind::PairTerminal => "pair_terminal",
            Kind::UnpairTerminal => "unpair_terminal",
            Kind::SetTerminal => "set_terminal",
            Kind::IdentifyTerminal => "identify_terminal",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        let name: StrDeserializer<Error> = name.into_deserializer();
        Kind::deserialize(name).ok()
    }

    /// True for a charge or refund in which the customer presents a card at a terminal.
    pub fn is_card_present(self) -> bool {
        matches!(self, Kind::Payment | Kind::TerminalRefund)
    }

    /// True for work on an existing transaction that changes money.
    pub fn changes_original(self) -> bool {
        matches!(self, Kind::Capture | Kind::Void | Kind::Refund | Kind::Reverse | Kind::AdjustTip)
    }

    /// True for everything that takes a terminal for itself.
    pub fn occupies_terminal(self) -> bool {
        self.is_card_present() || self.is_question()
    }

    /// True for what a terminal asks a customer without any money.
    pub fn is_question(self) -> bool {
        matches!(self, Kind::Signature | Kind::Prompt | Kind::Input | Kind::CardRead)
    }

    /// True for one or a few calls that move no money and leave no trace in the journal.
    pub fn is_errand(self) -> bool {
        matches!(
            self,
            Kind::FetchReceipt
                | Kind::SendReceipt
                | Kind::FetchSignature
                | Kind::Reconcile
                | Kind::SelfCheck
                | Kind::ListTerminals
                | Kind::FetchTerminal
                | Kind::PairTerminal
                | Kind::UnpairTerminal
                | Kind::SetTerminal
                | Kind::IdentifyTerminal
        )
    }

    /// True for what the journal keeps: it moves money, or occupies a terminal across a restart.
    pub fn is_kept(self) -> bool {
        self.moves_money() || self.is_question()
    }

    pub fn moves_money(self) -> bool {
        self.is_card_present() || self.changes_original()
    }
}
