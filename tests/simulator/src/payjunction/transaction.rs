//! A transaction as the books hold it, and as the API prints it.

use crate::date;
use crate::payjunction::issuer::{Card, Verdict};
use crate::payjunction::rules::money;
use serde::Serialize;
use serde_json::{Map, Value, json};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Action {
    Charge,
    Refund,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Status {
    Capture,
    Hold,
    Void,
    Declined,
}

impl Action {
    pub fn word(self) -> &'static str {
        match self {
            Action::Charge => "CHARGE",
            Action::Refund => "REFUND",
        }
    }
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Capture => "CAPTURE",
            Status::Hold => "HOLD",
            Status::Void => "VOID",
            Status::Declined => "DECLINED",
        }
    }
}

/// The parts of an amount, in cents. What was never sent is `None` and is not printed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Amounts {
    pub base: i64,
    pub tax: Option<i64>,
    pub shipping: Option<i64>,
    pub surcharge: Option<i64>,
    pub tip: Option<i64>,
}

impl Amounts {
    pub fn total(&self) -> i64 {
        [self.tax, self.shipping, self.surcharge, self.tip].iter().flatten().sum::<i64>() + self.base
    }
}

/// One row of the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Transaction {
    pub id: u64,
    /// The account it was booked on.
    pub terminal_id: u64,
    pub smart_terminal_id: Option<String>,
    /// The request it came from, even where the request never told its id.
    pub request_id: Option<String>,
    /// What a refund by reference refunds.
    pub original_id: Option<u64>,
    pub action: Action,
    pub status: Status,
    pub amounts: Amounts,
    pub card: Card,
    pub verdict: Verdict,
    pub invoice_number: Option<String>,
    /// As stored and told: `None` when the switch drops it.
    pub purchase_order_number: Option<String>,
    /// As the client sent it, whatever became of it.
    pub sent_purchase_order_number: Option<String>,
    pub note: Option<String>,
    pub billing_email: Option<String>,
    pub settlement_id: Option<u64>,
    /// Thousandths of a percent, when the account added a surcharge.
    pub surcharge_rate: Option<u32>,
    pub created_ms: u64,
    pub modified_ms: u64,
}

impl Transaction {
    /// Cents that have left the card: negative for a refund, 0 for what was declined, voided or only held.
    pub fn moved(&self) -> i64 {
        match (self.status, self.action) {
            (Status::Capture, Action::Charge) => self.amounts.total(),
            (Status::Capture, Action::Refund) => -self.amounts.total(),
            _ => 0,
        }
    }

    pub fn service(&self) -> &'static str {
        if self.smart_terminal_id.is_some() { "SMART_TERMINAL" } else { "API" }
    }
}

/// How the caller sees the world: its API version and the cloud's habits.
pub struct View<'a> {
    pub version: &'a str,
    pub epoch_ms: u64,
    pub base_url: &'a str,
    pub ids_as_strings: bool,
}

impl View<'_> {
    /// The transaction as JSON. Fields that are not set are not printed.
    pub fn transaction(&self, t: &Transaction) -> Value {
        let mut map = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(name.into(), value);
            }
        };
        put("transactionId", Some(self.id(t.id)));
        put("uri", Some(json!(format!("{}/transactions/{}", self.base_url, t.id))));
        put("terminalId", Some(json!(t.terminal_id)));
        put("action", Some(json!(t.action.word())));
        put("status", Some(json!(t.status.word())));
        put("amountBase", Some(json!(money(t.amounts.base))));
        put("amountTax", t.amounts.tax.map(text));
        put("amountShipping", t.amounts.shipping.map(text));
        put("amountTip", t.amounts.tip.map(text));
        put("amountSurcharge", t.amounts.surcharge.map(text));
        put("amountTotal", Some(json!(money(t.amounts.total()))));
        put("invoiceNumber", t.invoice_number.as_ref().map(|v| json!(v)));
        put("purchaseOrderNumber", t.purchase_order_number.as_ref().map(|v| json!(v)));
        put("method", Some(json!(if t.smart_terminal_id.is_some() { "CHIP" } else { "KEYED" })));
        put("created", Some(json!(date::iso(self.epoch_ms + t.created_ms))));
        put("lastModified", Some(json!(date::iso(self.last_modified(t)))));
        put("response", Some(response(t)));
        put("settlement", Some(settlement(t)));
        put("vault", Some(vault(&t.card)));
        put("billing", t.billing_email.as_ref().map(|email| json!({"email": email})));
        put("service", (self.version >= "2020-04-21").then(|| json!(t.service())));
        put("surcharge", t.surcharge_rate.filter(|_| self.version >= "2023-05-16").map(surcharge));
        Value::Object(map)
    }

    pub fn id(&self, id: u64) -> Value {
        if self.ids_as_strings { json!(id.to_string()) } else { json!(id) }
    }

    /// Untouched transactions were seen with a `lastModified` one second before `created`; every third is so here.
    fn last_modified(&self, t: &Transaction) -> u64 {
        let early = t.modified_ms == t.created_ms && t.id.is_multiple_of(3);
        (self.epoch_ms + t.modified_ms).saturating_sub(if early { 1000 } else { 0 })
    }
}

fn text(cents: i64) -> Value {
    json!(money(cents))
}

fn surcharge(rate: u32) -> Value {
    json!({"status": "APPLIED", "percentage": f64::from(rate) / 1000.0})
}

fn vault(card: &Card) -> Value {
    json!({"type": "CARD", "accountType": card.brand, "lastFour": card.last_four})
}

fn settlement(t: &Transaction) -> Value {
    match t.settlement_id {
        Some(id) => json!({"settled": true, "settlementId": id}),
        None => json!({"settled": false}),
    }
}

fn response(t: &Transaction) -> Value {
    let avs = if t.verdict.code == "AA" {
        json!({"status": "REQUESTED", "requested": "ADDRESS", "match": {"ZIP": false, "ADDRESS": false}})
    } else {
        json!({"status": "NOT_REQUESTED"})
    };
    let mut processor = json!({
        "authorized": t.verdict.authorized,
        "avs": avs,
        "cvv": {"status": "NOT_REQUESTED"},
        "level3Eligible": t.verdict.level3,
    });
    if t.verdict.authorized {
        processor["approvalCode"] = json!("PJ20AP");
    }
    json!({
        "approved": t.verdict.approved,
        "code": t.verdict.code,
        "message": t.verdict.message,
        "processor": processor,
    })
}
