//! Payment intents, the older flow: create, read, change, list, capture.

use crate::http::{Answer, Request};
use crate::justifi::cloud::Cloud;
use crate::justifi::errors::{invalid, refusal};
use crate::justifi::issuer::VISA;
use crate::justifi::params::{Rule, Shape};
use serde::Serialize;
use serde_json::{Value, json};

const TEXT: Shape = Shape::Text(255);
const NEW: [Rule; 4] = [
    ("amount", Shape::Cents),
    ("currency", Shape::OneOf(&["usd"])),
    ("description", TEXT),
    ("metadata", Shape::Metadata),
];
/// `payment_method` is documented too, but card data is not a terminal client's to send.
const CHANGE: [Rule; 3] = [("amount", Shape::Cents), ("description", TEXT), ("metadata", Shape::Metadata)];

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum IntentStatus {
    RequiresPaymentMethod,
    Pending,
    RequiresCapture,
    Canceled,
    Succeeded,
}

impl IntentStatus {
    pub fn word(self) -> &'static str {
        match self {
            IntentStatus::RequiresPaymentMethod => "requires_payment_method",
            IntentStatus::Pending => "pending",
            IntentStatus::RequiresCapture => "requires_capture",
            IntentStatus::Canceled => "canceled",
            IntentStatus::Succeeded => "succeeded",
        }
    }

    pub fn is_open(self) -> bool {
        matches!(self, IntentStatus::RequiresPaymentMethod | IntentStatus::Pending)
    }
}

/// A payment intent.
#[derive(Clone, Debug, Serialize)]
pub struct Intent {
    pub id: String,
    pub amount: i64,
    pub description: String,
    pub metadata: Value,
    pub status: IntentStatus,
    pub successful_payment_id: Option<String>,
    pub created_ms: u64,
    pub updated_ms: u64,
}

impl Cloud {
    pub(super) fn intent_json(&self, intent: &Intent) -> Value {
        let paid = self.payments.iter().find(|p| Some(&p.id) == intent.successful_payment_id.as_ref());
        let method = match paid {
            Some(p) => self.method_json(&p.method_id, &p.card, p.created_ms),
            None if self.switches.seed_replies => self.method_json("pm_123xyz", &VISA, intent.created_ms),
            None => Value::Null,
        };
        let mut body = json!({
            "id": intent.id,
            "account_id": self.setup.sub_account,
            "amount": intent.amount,
            "currency": "usd",
            "description": intent.description,
            "metadata": intent.metadata,
            "payment_method": method,
            "status": intent.status.word(),
            "created_at": self.time(intent.created_ms),
            "updated_at": self.time(intent.updated_ms),
        });
        if !self.switches.seed_replies || intent.successful_payment_id.is_some() {
            body["successful_payment_id"] = json!(intent.successful_payment_id);
        }
        body
    }

    fn intent_answer(&self, status: u16, i: usize) -> Answer {
        let data = self.intent_json(&self.intents[i]);
        if self.switches.intents_bare {
            return Answer::json(status, &data);
        }
        self.single(status, "payment_intent", data)
    }

    fn intent_index(&self, id: &str) -> Result<usize, Answer> {
        let found = self.intents.iter().position(|i| i.id == id);
        found.ok_or_else(|| refusal(404, "payment_intent_not_found"))
    }

    pub(super) fn new_intent(&mut self, request: &Request) -> Result<Answer, Answer> {
        let params = self.params(request, &NEW)?;
        let amount = self.amount_to_charge(&params)?;
        match params.text("currency") {
            None => {
                self.violate("currency is missing");
                return Err(invalid("currency_required"));
            }
            Some("usd") => {}
            Some(_) => return Err(invalid("currency_invalid")),
        }
        let intent = Intent {
            id: self.id("pi"),
            amount,
            description: params.owned("description").unwrap_or_default(),
            metadata: params.object("metadata").unwrap_or_else(|| json!({})),
            status: IntentStatus::RequiresPaymentMethod,
            successful_payment_id: None,
            created_ms: self.now,
            updated_ms: self.now,
        };
        self.intents.push(intent);
        let i = self.intents.len() - 1;
        self.publish_intent("payment_intent.created", i);
        Ok(self.intent_answer(201, i))
    }

    pub(super) fn get_intent(&self, id: &str) -> Result<Answer, Answer> {
        let i = self.intent_index(id)?;
        if self.now < self.intents[i].created_ms + self.switches.fresh_checkout_404_ms {
            return Err(refusal(404, "payment_intent_not_found"));
        }
        Ok(self.intent_answer(200, i))
    }

    pub(super) fn change_intent(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let i = self.intent_index(id)?;
        let params = self.params(request, &CHANGE)?;
        if params.has("amount") {
            if !self.intents[i].status.is_open() {
                return Err(invalid("payment_intent_unexpected_state"));
            }
            self.intents[i].amount = self.amount_to_charge(&params)?;
        }
        let now = self.now;
        let intent = &mut self.intents[i];
        if let Some(description) = params.owned("description") {
            intent.description = description;
        }
        if let Some(metadata) = params.object("metadata") {
            intent.metadata = metadata;
        }
        intent.updated_ms = now;
        Ok(self.intent_answer(200, i))
    }

    /// Captures what a card was only authorized for.
    pub(super) fn capture_intent(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let i = self.intent_index(id)?;
        self.params(request, &[])?;
        let intent = &self.intents[i];
        let paid = self.payments.iter().position(|p| Some(&p.id) == intent.successful_payment_id.as_ref());
        match paid.filter(|_| intent.status == IntentStatus::RequiresCapture) {
            Some(place) => self.capture_payment(place)?,
            None => return Err(invalid("payment_intent_cannot_be_captured")),
        }
        Ok(self.intent_answer(201, i))
    }

    pub(super) fn list_intents(&mut self, request: &Request) -> Result<Answer, Answer> {
        let query = self.query(request, &[]);
        let found = self.intents.iter().enumerate().filter(|(_, i)| self.is_listed(i.created_ms));
        let rows = found.map(|(place, i)| (place, i.id.clone(), i.created_ms)).collect();
        Ok(self.page(&query, rows, |cloud, place| cloud.intent_json(&cloud.intents[place])))
    }

    /// Every attempt to pay the intent.
    pub(super) fn list_intent_payments(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let i = self.intent_index(id)?;
        let query = self.query(request, &[]);
        let id = self.intents[i].id.clone();
        let found = self.payments.iter().enumerate();
        let found = found.filter(|(_, p)| p.payment_intent_id == id && self.is_listed(p.created_ms));
        let rows = found.map(|(place, p)| (place, p.id.clone(), p.created_ms)).collect();
        Ok(self.page(&query, rows, |cloud, place| cloud.payment_json(&cloud.payments[place])))
    }
}
