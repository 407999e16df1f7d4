//! A checkout and its log of completions, and how the API prints them.

use crate::justifi::cloud::Cloud;
use crate::justifi::issuer::Card;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum CheckoutStatus {
    Created,
    Attempted,
    Completed,
    Expired,
}

impl CheckoutStatus {
    pub fn word(self) -> &'static str {
        match self {
            CheckoutStatus::Created => "created",
            CheckoutStatus::Attempted => "attempted",
            CheckoutStatus::Completed => "completed",
            CheckoutStatus::Expired => "expired",
        }
    }

    pub fn is_open(self) -> bool {
        matches!(self, CheckoutStatus::Created | CheckoutStatus::Attempted)
    }
}

/// One attempt to pay a checkout. Once decided it never changes.
#[derive(Clone, Debug, Serialize)]
pub struct Completion {
    pub id: String,
    pub status: &'static str,
    pub payment_status: &'static str,
    pub error_code: Option<String>,
    pub error_description: Option<String>,
    /// The payment in its envelope, or the error.
    pub payment_response: Value,
    pub payment_id: Option<String>,
    pub payment_method_id: Option<String>,
    pub terminal_id: String,
    pub created_ms: u64,
    pub updated_ms: u64,
}

impl Completion {
    pub fn is_decided(&self) -> bool {
        matches!(self.status, "succeeded" | "failed")
    }
}

/// A checkout.
#[derive(Clone, Debug, Serialize)]
pub struct Checkout {
    pub id: String,
    pub payment_intent_id: String,
    pub amount: i64,
    pub description: String,
    pub metadata: Value,
    pub statement_descriptor: Option<String>,
    pub payment_method_group_id: Option<String>,
    pub application_fees: Value,
    /// What is handed to the payment, as sent.
    pub payment: Value,
    pub status: CheckoutStatus,
    pub successful_payment_id: Option<String>,
    pub completions: Vec<Completion>,
    pub created_ms: u64,
    pub updated_ms: u64,
}

impl Cloud {
    /// A link that a switch makes null.
    pub(super) fn link(&self, id: &str) -> Value {
        if self.switches.links_null { Value::Null } else { json!(id) }
    }

    pub(super) fn checkout_json(&self, checkout: &Checkout) -> Value {
        json!({
            "id": checkout.id,
            "account_id": self.setup.sub_account,
            "platform_account_id": self.link(&self.setup.platform_account),
            "payment_intent_id": self.link(&checkout.payment_intent_id),
            "payment_amount": checkout.amount,
            "payment_currency": "USD",
            "payment_description": checkout.description,
            "payment_methods": [],
            "payment_method_group_id": checkout.payment_method_group_id,
            "status": checkout.status.word(),
            "mode": "test",
            "successful_payment_id": checkout.successful_payment_id,
            "statement_descriptor": checkout.statement_descriptor,
            "metadata": checkout.metadata,
            "application_fees": checkout.application_fees,
            "payment_settings": {
                "ach_payments": true, "bnpl_payments": false, "credit_card_payments": true, "insurance_payments": false,
                "bank_account_verification": false,
            },
            "payment": {
                "description": checkout.payment["description"],
                "metadata": checkout.payment["metadata"],
                "expedited": checkout.payment["expedited"],
                "fees": if checkout.payment["fees"].is_array() { checkout.payment["fees"].clone() } else { json!([]) },
            },
            "created_at": self.time(checkout.created_ms),
            "updated_at": self.time(checkout.updated_ms),
            "completions": self.told_completions(checkout),
        })
    }

    /// The completions that GET shows by now.
    fn told_completions(&self, checkout: &Checkout) -> Vec<Value> {
        let switches = &self.switches;
        let told = checkout.completions.iter().filter(|c| {
            self.now >= c.created_ms + switches.completion_lag_ms && (c.is_decided() || !switches.completion_at_end)
        });
        let mut told: Vec<Value> = told.map(|completion| self.completion_json(checkout, completion)).collect();
        if switches.completions_newest_first {
            told.reverse();
        }
        told
    }

    pub(super) fn completion_json(&self, checkout: &Checkout, completion: &Completion) -> Value {
        json!({
            "id": completion.id,
            "payment_mode": "card_present",
            "payment_token": null,
            "status": completion.status,
            "payment_status": completion.payment_status,
            "payment_error_code": completion.error_code,
            "payment_error_description": completion.error_description,
            "payment_response": completion.payment_response,
            "checkout_id": checkout.id,
            "additional_transactions": [],
            "payment_id": completion.payment_id,
            "payment_method_id": completion.payment_method_id.as_ref().map(|id| self.link(id)),
            "terminal_id": completion.terminal_id,
            "created_at": self.time(completion.created_ms),
            "updated_at": self.time(completion.updated_ms),
        })
    }

    /// A card as the payment method it leaves behind.
    pub(super) fn method_json(&self, id: &str, card: &Card, created_ms: u64) -> Value {
        let (created, account) = (self.time(created_ms), &self.setup.sub_account);
        let signature = format!("4guAJNkVA3lRLVl{}", card.last_four);
        if self.switches.card_as_keyed || self.switches.seed_replies {
            let (month, year) = card.expiry.split_once('/').unwrap_or_default();
            return json!({
                "card": {
                    "id": id, "acct_last_four": card.last_four, "brand": card.brand, "name": card.name, "token": id,
                    "month": month, "year": format!("20{year}"), "metadata": {}, "created_at": created,
                    "updated_at": created, "address_line1_check": "unchecked",
                    "address_postal_code_check": "unchecked",
                },
                "customer_id": null, "signature": signature, "account_id": account,
            });
        }
        json!({
            "id": id, "status": "valid", "invalid_reason": null, "created_at": created, "updated_at": created,
            "card_present": {
                "id": id.replacen("pm_", "cp_", 1), "brand": card.brand, "cardholder_name": card.name,
                "last4": card.last_four, "expiry": card.expiry, "type": "card_present",
            },
            "customer_id": null, "signature": signature, "account_id": account,
        })
    }
}
