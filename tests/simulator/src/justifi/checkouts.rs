//! The endpoints of the checkouts: create, read, change, list, refund.

use crate::http::{Answer, Request};
use crate::justifi::checkout::{Checkout, CheckoutStatus};
use crate::justifi::cloud::{Cloud, Event};
use crate::justifi::errors::{invalid, not_found};
use crate::justifi::params::{Params, Rule, Shape};
use crate::justifi::payment::{Refund, RefundStatus};
use serde_json::{Value, json};

const TEXT: Shape = Shape::Text(255);
const FEE: Shape = Shape::Object(&[("amount", Shape::Cents)]);
const APPLICATION_FEES: Shape = Shape::Object(&[("card", FEE), ("bank_account", FEE)]);
const NEW: [Rule; 8] = [
    ("amount", Shape::Cents),
    ("description", TEXT),
    ("origin_url", TEXT),
    ("payment_method_group_id", TEXT),
    ("statement_descriptor", Shape::Descriptor),
    ("metadata", Shape::Metadata),
    ("application_fees", APPLICATION_FEES),
    (
        "payment",
        Shape::Object(&[
            ("description", TEXT),
            ("metadata", Shape::Metadata),
            ("expedited", Shape::Bool),
            ("fees", Shape::Fees),
        ]),
    ),
];
const CHANGE: [Rule; 5] = [
    ("amount", Shape::Cents),
    ("description", TEXT),
    ("statement_descriptor", Shape::Descriptor),
    ("metadata", Shape::Metadata),
    ("application_fees", APPLICATION_FEES),
];
const REFUND: [Rule; 2] = [("amount", Shape::Cents), ("fees", Shape::Fees)];
const FILTERS: [&str; 7] = [
    "payment_mode",
    "status",
    "payment_status",
    // What the vendor's own web components send besides.
    "checkout_id",
    "successful_payment_id",
    "created_after",
    "created_before",
];
const MIN_CENTS: i64 = 50;
const MAX_CENTS: i64 = 100_000_000;

impl Cloud {
    /// The amount of a body: an integer above 50 and below 100000000.
    pub(super) fn amount_to_charge(&mut self, params: &Params) -> Result<i64, Answer> {
        let code = match params.value("amount") {
            None => "amount_required",
            Some(value) => match value.as_i64() {
                None => "amount_must_be_an_integer",
                Some(..=MIN_CENTS) => "amount_below_minimum",
                Some(MAX_CENTS..) => "amount_above_maximum",
                Some(cents) => return Ok(cents),
            },
        };
        self.violate(format!("{code}: {}", params.value("amount").unwrap_or(&Value::Null)));
        Err(invalid(code))
    }

    pub(super) fn new_checkout(&mut self, request: &Request) -> Result<Answer, Answer> {
        let params = self.params(request, &NEW)?;
        let amount = self.amount_to_charge(&params)?;
        let description = self.required(&params, "description")?;
        if params.text("currency").is_some_and(|currency| !currency.eq_ignore_ascii_case("usd")) {
            return Err(invalid("checkout_invalid_currency"));
        }
        let payment = params.object("payment").unwrap_or_else(|| json!({}));
        if params.has("application_fees") && payment["fees"].is_array() {
            self.violate("payment.fees beside application_fees");
            return Err(invalid("fee_and_application_fee_declared"));
        }
        let checkout = Checkout {
            id: self.id("cho"),
            payment_intent_id: self.id("pi"),
            amount,
            description,
            metadata: params.object("metadata").unwrap_or_else(|| json!({})),
            statement_descriptor: params.owned("statement_descriptor"),
            payment_method_group_id: params.owned("payment_method_group_id"),
            application_fees: params.object("application_fees").unwrap_or_default(),
            payment,
            status: CheckoutStatus::Created,
            successful_payment_id: None,
            completions: Vec::new(),
            created_ms: self.now,
            updated_ms: self.now,
        };
        self.checkouts.push(checkout);
        let c = self.checkouts.len() - 1;
        self.plan_in(self.setup.checkout_life_ms, Event::CheckoutExpires { checkout: c });
        self.publish_checkout("checkout.created", c);
        Ok(self.checkout_answer(201, c))
    }

    fn checkout_answer(&self, status: u16, c: usize) -> Answer {
        self.single(status, "checkout", self.checkout_json(&self.checkouts[c]))
    }

    fn checkout_index(&self, id: &str) -> Result<usize, Answer> {
        self.checkouts.iter().position(|c| c.id == id).ok_or_else(not_found)
    }

    pub(super) fn get_checkout(&self, id: &str) -> Result<Answer, Answer> {
        let c = self.checkout_index(id)?;
        if self.now < self.checkouts[c].created_ms + self.switches.fresh_checkout_404_ms {
            return Err(not_found());
        }
        Ok(self.checkout_answer(200, c))
    }

    pub(super) fn change_checkout(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let c = self.checkout_index(id)?;
        let params = self.params(request, &CHANGE)?;
        if !self.checkouts[c].status.is_open() {
            return Err(invalid("payment_intent_unexpected_state"));
        }
        let amount = if params.has("amount") { Some(self.amount_to_charge(&params)?) } else { None };
        let now = self.now;
        let checkout = &mut self.checkouts[c];
        checkout.amount = amount.unwrap_or(checkout.amount);
        if let Some(description) = params.owned("description") {
            checkout.description = description;
        }
        if let Some(descriptor) = params.owned("statement_descriptor") {
            checkout.statement_descriptor = Some(descriptor);
        }
        if let Some(metadata) = params.object("metadata") {
            checkout.metadata = metadata;
        }
        if let Some(fees) = params.object("application_fees") {
            checkout.application_fees = fees;
        }
        checkout.updated_ms = now;
        Ok(self.checkout_answer(200, c))
    }

    /// A week without success.
    pub(super) fn expire_checkout(&mut self, c: usize) {
        let now = self.now;
        let checkout = &mut self.checkouts[c];
        if checkout.status.is_open() {
            (checkout.status, checkout.updated_ms) = (CheckoutStatus::Expired, now);
        }
    }

    pub(super) fn list_checkouts(&mut self, request: &Request) -> Result<Answer, Answer> {
        let query = self.query(request, &FILTERS);
        let epoch = self.setup.epoch_ms;
        let wanted = |c: &Checkout| {
            let last = c.completions.last();
            query.allows("payment_mode", last.map(|_| "card_present"))
                && query.allows("status", Some(c.status.word()))
                && query.allows("payment_status", last.map(|completion| completion.payment_status))
                && query.allows("checkout_id", Some(&c.id))
                && query.allows("successful_payment_id", c.successful_payment_id.as_deref())
                && query.allows_time("created", epoch + c.created_ms)
        };
        let found = self.checkouts.iter().enumerate().filter(|(_, c)| self.is_listed(c.created_ms) && wanted(c));
        let rows = found.map(|(place, c)| (place, c.id.clone(), c.created_ms)).collect();
        Ok(self.page(&query, rows, |cloud, place| cloud.checkout_json(&cloud.checkouts[place])))
    }

    /// A refund that fails is told inside a 200.
    pub(super) fn refund_checkout(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let c = self.checkout_index(id)?;
        let params = self.params(request, &REFUND)?;
        let paid = self.checkouts[c].successful_payment_id.clone();
        let place = self.payments.iter().position(|p| Some(&p.id) == paid.as_ref());
        let chr = self.id("chr");
        let refunded = match place {
            Some(place) => self.refund_of_checkout(place, &chr, &params),
            None => Err("refund_error".to_string()),
        };
        let (status, response, amount, fees) = match refunded {
            Ok((amount, fees)) => ("succeeded", Value::Null, amount, fees),
            Err(code) => {
                let asked = params.value("amount").and_then(Value::as_i64);
                ("failed", json!(code), asked.unwrap_or(self.checkouts[c].amount), json!([]))
            }
        };
        let now = self.time(self.now);
        let data = json!({
            "id": chr, "checkout_id": id, "status": status, "refund_response": response, "refund_amount": amount,
            "returned_fees": fees, "created_at": now, "updated_at": now,
        });
        let kind = if self.switches.checkout_refund_as_completion { "checkout_completion" } else { "checkout_refund" };
        Ok(self.single(200, kind, data))
    }

    /// Yields what was given back, and the fees that came with it, or the code of the failure.
    fn refund_of_checkout(&mut self, place: usize, chr: &str, params: &Params) -> Result<(i64, Value), String> {
        let code = |answer: Answer| answer.value()["error"]["code"].as_str().unwrap_or_default().to_string();
        let amount = self.checked_refund(place, params).map_err(code)?;
        let returned_fees = self.returned_fees(place, params).map_err(code)?;
        if self.switches.refunds_fail {
            return Err("gateway_error".into());
        }
        let blank = self.blank_refund(place, amount);
        let refund =
            Refund { checkout_refund_id: Some(chr.into()), returned_fees, status: RefundStatus::Succeeded, ..blank };
        self.book_refund(refund);
        let sent = params.value("fees").cloned().unwrap_or_else(|| json!([]));
        Ok((amount, sent))
    }
}
