//! A transaction as the books hold it, and as the API prints it.

use crate::ebizcharge::issuer::{Card, Verdict};
use crate::money::money;
use serde::Serialize;
use serde_json::{Map, Value, json};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Kind {
    Sale,
    AuthOnly,
    /// An authorization that was captured.
    Capture,
    Refund,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum State {
    /// Authorized only.
    Queued,
    /// In the open batch.
    Pending,
    Settled,
    Voided,
    /// Declined, or an error.
    Failed,
}

/// The parts of an amount, in cents. `total` is what the card was asked for; what was never sent is `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Amounts {
    pub total: i64,
    pub subtotal: Option<i64>,
    pub tax: Option<i64>,
    pub tip: Option<i64>,
    pub discount: Option<i64>,
    pub shipping: Option<i64>,
    pub duty: Option<i64>,
}

impl Amounts {
    pub fn json(&self) -> Value {
        let parts = [
            ("subtotal", self.subtotal),
            ("tax", self.tax),
            ("tip", self.tip),
            ("discount", self.discount),
            ("shipping", self.shipping),
            ("duty", self.duty),
        ];
        parts.into_iter().map(|(name, cents)| (name.to_string(), json!(money(cents.unwrap_or(0))))).collect()
    }
}

/// One row of the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Transaction {
    pub key: String,
    pub refnum: u64,
    pub device_key: Option<String>,
    /// The request it came from, even where the request never told it.
    pub request_key: Option<String>,
    /// The row a refund refunds.
    pub original_key: Option<String>,
    pub kind: Kind,
    pub state: State,
    pub amounts: Amounts,
    pub card: Card,
    pub verdict: Verdict,
    /// As stored and told: `None` when the switch drops it.
    pub orderid: Option<String>,
    /// As the client sent it, whatever became of it.
    pub sent_orderid: Option<String>,
    /// What passed through, `invoice` included.
    pub details: Map<String, Value>,
    pub saved_card: bool,
    pub batch: u64,
    pub created_ms: u64,
}

impl Transaction {
    /// Cents that have left the card: negative for a refund, 0 for what was declined, voided or only authorized.
    pub fn moved(&self) -> i64 {
        match (self.state, self.kind) {
            (State::Pending | State::Settled, Kind::Sale | Kind::Capture) => self.amounts.total,
            (State::Pending | State::Settled, Kind::Refund) => -self.amounts.total,
            _ => 0,
        }
    }

    pub fn invoice(&self) -> Option<&str> {
        self.details.get("invoice").and_then(Value::as_str)
    }

    /// The letter and the word for the kind.
    pub fn trantype(&self) -> (&'static str, &'static str) {
        match (self.kind, self.state == State::Voided, self.card.pin_debit) {
            (Kind::Refund, true, _) => ("Z", "Voided Credit"),
            (Kind::Refund, false, true) => ("N", "Debit Refund"),
            (Kind::Refund, false, false) => ("C", "Credit Card Refund (Credit)"),
            (_, true, true) => ("W", "Voided Debit Sale"),
            (_, true, false) => ("V", "Voided Credit Card Sale"),
            (Kind::Sale, false, true) => ("D", "Debit Card Sale"),
            (Kind::Sale, false, false) => ("S", "Credit Card Sale"),
            (Kind::AuthOnly, false, _) => ("A", "Credit Card Auth Only"),
            (Kind::Capture, false, _) => ("L", "Credit Card Capture"),
        }
    }

    /// The letter and the word for the state.
    pub fn status(&self) -> (&'static str, &'static str) {
        match self.state {
            State::Queued => ("N", "Queued (not yet authorized or captured)"),
            State::Pending => ("P", "Authorized (Pending Settlement)"),
            State::Settled => ("S", "Settled"),
            State::Voided => ("V", "Voided"),
            State::Failed => ("E", "Error"),
        }
    }

    pub fn actions(&self) -> &'static [&'static str] {
        match (self.state, self.kind) {
            (State::Queued, _) => &["capture", "void", "void:release", "addtip"],
            (State::Pending, Kind::Refund) => &["void"],
            (State::Pending, _) => &["void", "void:release", "quickrefund", "addtip"],
            (State::Settled, Kind::Sale | Kind::Capture) => &["refund", "quickrefund"],
            (State::Voided, _) => &["unvoid"],
            _ => &[],
        }
    }

    /// `"00000"` on approval, a string on a decline, a number on an error.
    pub fn error_code(&self) -> Value {
        match self.verdict.result_code {
            'E' => json!(self.verdict.error_code),
            _ => json!(format!("{:05}", self.verdict.error_code)),
        }
    }

    /// What every answer about a transaction begins with.
    pub fn head(&self) -> Value {
        json!({
            "type": "transaction",
            "key": self.key,
            "refnum": self.refnum.to_string(),
            "is_duplicate": "N",
            "result_code": self.verdict.result_code.to_string(),
            "result": self.verdict.result,
            "authcode": self.verdict.authcode,
            "error": self.verdict.error,
            "error_code": self.error_code(),
        })
    }

    pub fn creditcard(&self, entry_mode: &str) -> Value {
        let mut card = json!({
            "cardholder": "CARDHOLDER/VALUED",
            "number": self.card.masked,
            "type": self.card.brand,
            "aid": self.card.aid,
            "category_code": "A",
        });
        card[entry_mode] = json!(self.card.entry_mode);
        card
    }
}
