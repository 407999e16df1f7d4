//! What the vendor says of a transaction, and what the library makes of it.

use super::money::Currency;
use super::snapshot::{Advice, MoneyMoved, State};
use crate::status::Status;
use serde::{Deserialize, Serialize};

/// A transaction as the vendor reports it, in the field's terms.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TransactionReport {
    /// The vendor's id.
    pub id: String,
    pub verdict: Verdict,
    pub ownership: Ownership,
    /// True for a refund, false for a charge.
    pub is_refund: bool,
    /// The whole sum, minor units, as the vendor reports it.
    pub total: i64,
    pub tip: i64,
    pub surcharge: i64,
    pub currency: Option<Currency>,
    /// The vendor's word for the transaction's state.
    pub vendor_status: String,
    /// True when the batch that holds it has been settled.
    pub settled: bool,
    /// Declined by the vendor after the issuer had authorized: the card's money is held until reversed.
    pub held: bool,
    /// Approved and reserved, not captured.
    pub authorized_only: bool,
    /// Declined by the vendor's duplicate check.
    pub duplicate: bool,
    /// Not declined by the issuer: the vendor or the processor failed at it. No money moved.
    pub failed: bool,
    pub response_code: String,
    pub response_text: String,
    /// Why it was declined, by the vendor's table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub authorization_code: String,
    pub card_last4: String,
    pub card_brand: String,
    pub entry_method: String,
    /// The vendor's name for a card that it keeps.
    pub card_token: String,
    pub wire_key: String,
    pub invoice: String,
    pub merchant_terminal: String,
    /// The vendor's time of the transaction.
    pub created: String,
}

/// Why a transaction was declined, in the library's terms.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reason {
    pub status: Status,
    pub advice: Advice,
    /// The vendor's own number, 0 when its code is a word.
    #[serde(default)]
    pub vendor_code: i32,
    /// For the cashier. Empty: the vendor's own text has to do.
    #[serde(default)]
    pub sentence: String,
}

/// What became of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approved,
    Declined,
    /// Was approved and is voided.
    Voided,
    /// The vendor's words say neither.
    #[default]
    Open,
}

/// Whose transaction it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// Ours by the vendor's own request id or by our key.
    Ours,
    /// It looks like ours. For a person to judge.
    #[default]
    Candidate,
    /// It came as ours, but has another reference, account, kind or currency.
    Foreign,
}

/// A transaction that may be this one, for a person to judge.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Candidate {
    pub id: String,
    /// Minor units.
    pub total: i64,
    pub approved: bool,
    pub created: String,
    pub card_last4: String,
}

impl From<&TransactionReport> for Candidate {
    fn from(report: &TransactionReport) -> Candidate {
        Candidate {
            id: report.id.clone(),
            total: report.total,
            approved: report.verdict == Verdict::Approved,
            created: report.created.clone(),
            card_last4: report.card_last4.clone(),
        }
    }
}

/// A final result.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    pub state: State,
    pub status: Status,
    pub money: MoneyMoved,
    pub advice: Advice,
    /// Bits of `snapshot::flag` that belong to the result itself.
    pub flags: u32,
    #[serde(default)]
    pub vendor_code: i32,
    #[serde(default)]
    pub http_status: i32,
    pub message: String,
    pub report: Option<TransactionReport>,
}
