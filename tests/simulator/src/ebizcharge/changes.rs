//! Changing the books: void, refund, credit, capture, adjust, all by `POST /transactions`.

use crate::ebizcharge::admission::amounts;
use crate::ebizcharge::cloud::Cloud;
use crate::ebizcharge::envelope::failed;
use crate::ebizcharge::fields::{AMOUNTS, DETAILS};
use crate::ebizcharge::issuer::Verdict;
use crate::ebizcharge::params::{Params, Rule, Shape};
use crate::ebizcharge::transaction::{Amounts, Kind, State, Transaction};
use crate::http::{Answer, Request};
use crate::money::money;
use serde_json::{Value, json};

const CHANGE: [Rule; 5] = [
    ("command", Shape::Text(32)),
    ("trankey", Shape::Text(32)),
    ("refnum", Shape::Text(32)),
    ("amount", Shape::Money),
    ("authcode", Shape::Text(32)),
];

impl Cloud {
    pub(super) fn new_transaction(&mut self, request: &Request) -> Answer {
        let params = self.params(request, &[&CHANGE, &AMOUNTS, &DETAILS]);
        let body = match self.change(&params) {
            Ok(body) => body,
            Err(code) => failed(code),
        };
        Answer::json(if self.switches.writes_answer_201 { 201 } else { 200 }, &body)
    }

    fn change(&mut self, params: &Params) -> Result<Value, u32> {
        let id = params.text("trankey").or(params.text("refnum"));
        let found = id.and_then(|id| self.transaction_index(id));
        let original = |code: u32| found.ok_or(code);
        let command = params.text("command").unwrap_or_default();
        match command {
            "void" | "cc:void:release" => self.void(original(35)?),
            "unvoid" => self.unvoid(original(35)?),
            "creditvoid" => self.credit_or_void(original(113)?, params),
            "refund" | "cc:refund" | "quickrefund" => self.refund(original(113)?, params, command),
            "cc:credit" => self.credit(original(10_105)?, params),
            "refund:adjust" | "cc:refund:adjust" => self.refund_or_reduce(original(113)?, params),
            "capture" | "cc:capture" | "cc:capture:error" | "cc:capture:reauth" | "cc:capture:override" => {
                self.capture(original(10_105)?, params, command)
            }
            "cc:adjust" => self.adjust(original(10_105)?, params),
            _ => {
                self.violate(format!("command {command}"));
                Err(20_019)
            }
        }
    }

    /// The answer to a change: the row's head, and what is authorized now.
    fn changed(&self, place: usize) -> Value {
        let t = &self.transactions[place];
        let mut body = t.head();
        body["auth_amount"] = json!(money(t.amounts.total));
        body["invoice"] = json!(t.invoice().unwrap_or_default());
        body["batch"] = json!({"type": "batch", "batchrefnum": 542_813 + t.batch});
        body
    }

    fn void(&mut self, place: usize) -> Result<Value, u32> {
        match self.transactions[place].state {
            State::Voided => return Err(24),
            State::Settled => return Err(103),
            State::Failed => return Err(83),
            State::Queued | State::Pending => self.transactions[place].state = State::Voided,
        }
        Ok(self.changed(place))
    }

    fn unvoid(&mut self, place: usize) -> Result<Value, u32> {
        let t = &mut self.transactions[place];
        if t.state != State::Voided {
            return Err(102);
        }
        t.state = if t.kind == Kind::AuthOnly { State::Queued } else { State::Pending };
        Ok(self.changed(place))
    }

    fn credit_or_void(&mut self, place: usize, params: &Params) -> Result<Value, u32> {
        let t = &self.transactions[place];
        let whole = params.cents("amount").is_none_or(|cents| cents == t.amounts.total);
        match t.state {
            State::Settled => self.refund(place, params, "refund"),
            _ if whole => self.void(place),
            _ => Err(115),
        }
    }

    fn refund(&mut self, place: usize, params: &Params, command: &str) -> Result<Value, u32> {
        let t = &self.transactions[place];
        if command == "quickrefund" && params.cents("amount").is_none() {
            self.violate("quickrefund needs an amount");
            return Err(20_026);
        }
        let cents = params.cents("amount").unwrap_or(t.amounts.total);
        if t.kind == Kind::Refund || !t.verdict.is_approved() || matches!(t.state, State::Voided | State::Queued) {
            return Err(113);
        }
        if t.state != State::Settled && !(self.switches.refund_of_unsettled && command != "quickrefund") {
            return Err(115);
        }
        if cents + self.refunded(&t.key) > t.amounts.total {
            return Err(114);
        }
        self.book_refund(place, cents, params)
    }

    fn credit(&mut self, place: usize, params: &Params) -> Result<Value, u32> {
        let t = &self.transactions[place];
        if !t.verdict.is_approved() {
            return Err(10_125);
        }
        self.book_refund(place, params.cents("amount").unwrap_or(t.amounts.total), params)
    }

    fn refund_or_reduce(&mut self, place: usize, params: &Params) -> Result<Value, u32> {
        let Some(cents) = params.cents("amount") else {
            self.violate("refund:adjust needs an amount");
            return Err(20_026);
        };
        let t = &mut self.transactions[place];
        match t.state {
            State::Settled => self.refund(place, params, "refund"),
            State::Pending if cents < t.amounts.total => {
                t.amounts.total -= cents;
                Ok(self.changed(place))
            }
            State::Pending => Err(114),
            _ => Err(113),
        }
    }

    /// Cents that went back already.
    fn refunded(&self, key: &str) -> i64 {
        let of = |t: &&Transaction| t.original_key.as_deref() == Some(key);
        self.transactions.iter().filter(of).map(|t| -t.moved()).sum()
    }

    fn book_refund(&mut self, place: usize, cents: i64, params: &Params) -> Result<Value, u32> {
        if cents == 0 {
            return Err(20_026);
        }
        let original = self.transactions[place].clone();
        let sent = params.owned("orderid");
        let inherited = original.orderid.clone();
        let mut details = params.of(&DETAILS);
        details.remove("orderid");
        if let Some(invoice) = original.details.get("invoice") {
            details.insert("invoice".into(), invoice.clone());
        }
        let verdict = Verdict::approved(self.authcode());
        let booked = self.book(Transaction {
            device_key: None,
            request_key: None,
            original_key: Some(original.key.clone()),
            kind: Kind::Refund,
            state: State::Pending,
            amounts: Amounts { total: cents, ..Amounts::default() },
            verdict,
            orderid: if self.switches.refund_takes_orderid { sent.clone().or(inherited) } else { inherited },
            sent_orderid: sent,
            details,
            saved_card: false,
            ..original
        });
        Ok(self.changed(booked))
    }

    fn capture(&mut self, place: usize, params: &Params, command: &str) -> Result<Value, u32> {
        let old = self.now > self.transactions[place].created_ms + self.setup.authorization_ms;
        let t = &mut self.transactions[place];
        match (t.state, t.kind) {
            (State::Queued, Kind::AuthOnly) => {}
            (State::Settled, _) => return Err(10_126),
            (State::Voided | State::Failed, _) => return Err(10_125),
            _ => return Err(10_124),
        }
        if old && matches!(command, "capture" | "cc:capture" | "cc:capture:error") {
            return Err(10_142);
        }
        let cents = params.cents("amount").unwrap_or(t.amounts.total);
        if cents == 0 {
            return Err(20_026);
        }
        t.amounts.total = cents;
        (t.kind, t.state, t.batch) = (Kind::Capture, State::Pending, self.batch);
        Ok(self.changed(place))
    }

    /// New amounts or details of what is not settled; what is not sent stays.
    fn adjust(&mut self, place: usize, params: &Params) -> Result<Value, u32> {
        let sent = amounts(params);
        let t = &mut self.transactions[place];
        match t.state {
            State::Settled => return Err(10_126),
            State::Voided | State::Failed => return Err(10_125),
            State::Queued | State::Pending => {}
        }
        if params.value("amount").is_some() && sent.total == 0 {
            return Err(20_026);
        }
        let old = &t.amounts;
        // A tip that comes alone raises the amount by what it is more than the old one.
        let raise = sent.tip.map_or(0, |tip| tip - old.tip.unwrap_or(0));
        t.amounts = Amounts {
            total: if sent.total > 0 { sent.total } else { old.total + raise },
            subtotal: sent.subtotal.or(old.subtotal),
            tax: sent.tax.or(old.tax),
            tip: sent.tip.or(old.tip),
            discount: sent.discount.or(old.discount),
            shipping: sent.shipping.or(old.shipping),
            duty: sent.duty.or(old.duty),
        };
        let mut details = params.of(&DETAILS);
        t.orderid = details.remove("orderid").and_then(|v| v.as_str().map(String::from)).or(t.orderid.take());
        t.details.extend(details);
        Ok(self.changed(place))
    }
}
