//! Changing the books: void, capture, hold, new amounts, and the refund by reference.

use crate::http::{Answer, Request};
use crate::payjunction::auth::not_found;
use crate::payjunction::cloud::Cloud;
use crate::payjunction::issuer::Verdict;
use crate::payjunction::rules::{Checked, Rule, Shape, optional, required};
use crate::payjunction::smart::{check_account, check_base, errors};
use crate::payjunction::transaction::{Action, Status, Transaction};

const AMOUNTS: [&str; 6] =
    ["amountBase", "amountShipping", "amountTip", "amountTax", "amountSurcharge", "amountReject"];

const CHANGE: [Rule; 14] = [
    optional("status", Shape::OneOf(&["HOLD", "CAPTURE", "VOID"])),
    optional("amountBase", Shape::Money),
    optional("amountShipping", Shape::Money),
    optional("amountTip", Shape::Money),
    optional("amountReject", Shape::Money),
    optional("amountTax", Shape::Money),
    optional("amountSurcharge", Shape::Money),
    optional("invoiceNumber", Shape::Text(32)),
    optional("purchaseOrderNumber", Shape::Text(32)),
    optional("billingIdentifier", Shape::Text(64)),
    optional("billingEmail", Shape::Text(128)),
    optional("shippingIdentifier", Shape::Text(64)),
    optional("shippingEmail", Shape::Text(128)),
    optional("note", Shape::Text(2048)),
];

const REFUND: [Rule; 12] = [
    required("action", Shape::OneOf(&["REFUND"])),
    required("transactionId", Shape::Number),
    optional("terminalId", Shape::Number),
    optional("amountBase", Shape::Money),
    optional("amountShipping", Shape::Money),
    optional("amountTip", Shape::Money),
    optional("amountTax", Shape::Money),
    optional("amountSurcharge", Shape::Money),
    optional("invoiceNumber", Shape::Text(32)),
    optional("purchaseOrderNumber", Shape::Text(32)),
    optional("billingEmail", Shape::Text(128)),
    optional("note", Shape::Text(2048)),
];

impl Cloud {
    pub(super) fn change_transaction(&mut self, id: &str, request: &Request, version: &str) -> Answer {
        let mut form = self.form(request, &CHANGE);
        let Some(i) = self.transaction_index(id) else {
            return not_found();
        };
        check_change(&mut form, &self.transactions[i]);
        if !form.errors.is_empty() {
            return errors(&form);
        }
        let invoice = self.stored(form.owned("invoiceNumber"));
        let order = self.stored_purchase_order(form.owned("purchaseOrderNumber"));
        let now = self.now;
        let t = &mut self.transactions[i];
        match form.text("status") {
            Some("VOID") => t.status = Status::Void,
            Some("HOLD") => t.status = Status::Hold,
            Some("CAPTURE") => t.status = Status::Capture,
            _ => {}
        }
        change_amounts(t, &form);
        t.invoice_number = invoice.or(t.invoice_number.take());
        t.purchase_order_number = order.or(t.purchase_order_number.take());
        t.note = form.owned("note").or(t.note.take());
        t.billing_email = form.owned("billingEmail").or(t.billing_email.take());
        t.modified_ms = now;
        Answer::json(200, &self.view(version).transaction(&self.transactions[i]))
    }

    pub(super) fn new_transaction(&mut self, request: &Request, version: &str) -> Answer {
        let mut form = self.form(request, &REFUND);
        if form.text("terminalId").is_some() {
            let account = self.account(&form);
            check_account(&mut form, account.as_ref());
        }
        let original = form.text("transactionId").and_then(|id| self.transaction_index(id));
        let original = original.map(|i| self.transactions[i].clone());
        if form.text("transactionId").is_some() {
            check_original(&mut form, original.as_ref());
        }
        check_base(&mut form);
        let Some(original) = original.filter(|_| form.errors.is_empty()) else {
            return errors(&form);
        };
        let amounts = Cloud::refund_amounts(&form, &original.amounts);
        if amounts.total() > self.refundable(&original.card) {
            let message = "The refund is more than this card was charged in the previous 12 months.";
            form.refuse("amountBase", message, "invalid");
            return errors(&form);
        }
        let sent = form.owned("purchaseOrderNumber");
        let id = self.book(Transaction {
            terminal_id: form.number("terminalId").unwrap_or(original.terminal_id),
            smart_terminal_id: None,
            request_id: None,
            original_id: Some(original.id),
            action: Action::Refund,
            status: Status::Capture,
            amounts,
            verdict: Verdict { authorized: false, ..Verdict::approved() },
            invoice_number: self.stored(form.owned("invoiceNumber")),
            purchase_order_number: self.stored_purchase_order(sent.clone()),
            sent_purchase_order_number: sent,
            note: form.owned("note"),
            billing_email: form.owned("billingEmail"),
            settlement_id: None,
            surcharge_rate: None,
            ..original
        });
        let status = if self.switches.refund_answers_201 { 201 } else { 200 };
        let booked = self.transactions.iter().find(|t| t.id == id);
        booked.map_or_else(not_found, |t| Answer::json(status, &self.view(version).transaction(t)))
    }
}

fn check_change(form: &mut Checked, t: &Transaction) {
    let status = form.owned("status");
    let amounts: Vec<String> = form.names().filter(|name| AMOUNTS.contains(name)).map(String::from).collect();
    let why_not = |what: &str| match (t.status, t.settlement_id) {
        (_, Some(_)) => Some(format!("{what} can not be updated because the Transaction has been settled.")),
        (Status::Declined, _) => Some(format!("{what} can not be updated because the Transaction has been declined.")),
        _ => None,
    };
    let voided = t.status == Status::Void && status.as_deref() != Some("VOID");
    let pin_debit = t.card.pin_debit && status.as_deref() == Some("VOID");
    if status.is_some() {
        let refusal = why_not("Status")
            .or(voided.then(|| "Status can not be updated because the Transaction has been voided.".into()))
            .or(pin_debit.then(|| "PIN debit Transactions can not be voided.".into()));
        if let Some(message) = refusal {
            form.refuse("status", &message, "invalid");
        }
    }
    for name in amounts {
        let refusal = why_not("Amount").or(voided.then(|| "The Transaction has been voided.".into()));
        if let Some(message) = refusal {
            form.refuse(&name, &message, "invalid");
        }
    }
}

fn change_amounts(t: &mut Transaction, form: &Checked) {
    let amounts = &mut t.amounts;
    amounts.base = form.cents("amountBase").unwrap_or(amounts.base);
    amounts.tax = form.cents("amountTax").or(amounts.tax);
    amounts.shipping = form.cents("amountShipping").or(amounts.shipping);
    amounts.tip = form.cents("amountTip").or(amounts.tip);
    amounts.surcharge = form.cents("amountSurcharge").or(amounts.surcharge);
}

fn check_original(form: &mut Checked, original: Option<&Transaction>) {
    let message = match original {
        None => "Transaction does not exist or you do not have permission to access it.",
        Some(t) if t.action == Action::Refund => "A refund can not be refunded.",
        Some(t) if t.status != Status::Capture => "The Transaction has not been captured.",
        Some(_) => return,
    };
    form.refuse("transactionId", message, "invalid");
}
