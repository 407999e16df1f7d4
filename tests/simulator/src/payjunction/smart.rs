//! The endpoints of the smart terminals: request-payment, the poll, `/main`, the lists.

use crate::date;
use crate::faults::Fault;
use crate::http::{Answer, Request};
use crate::payjunction::auth::{is_form, not_found};
use crate::payjunction::cloud::{Cloud, Event};
use crate::payjunction::route::Route;
use crate::payjunction::rules::{Checked, MAX_CENTS, Rule, Shape, optional, required};
use crate::payjunction::scenario::{Scenario, by_amount};
use crate::payjunction::setup::Account;
use crate::payjunction::switches::MainReply;
use crate::payjunction::terminal::{RequestStatus, Step, Task, TerminalRequest};
use crate::payjunction::transaction::{Action, Amounts};
use serde_json::{Value, json};

const DAY_MS: u64 = 86_400_000;
const NO_TERMINAL: &str = "Terminal does not exist or you do not have permission to access it.";

const PAYMENT: [Rule; 21] = [
    required("amountBase", Shape::Money),
    required("terminalId", Shape::Number),
    optional("action", Shape::OneOf(&["CHARGE", "REFUND"])),
    optional("amountShipping", Shape::Money),
    optional("amountTax", Shape::Money),
    optional("amountSurcharge", Shape::Money),
    optional("amountSurchargeTax", Shape::Money),
    // Only for a refund, where what is not sent is copied:.
    optional("amountTip", Shape::Money),
    optional("allowTips", Shape::Bool),
    optional("keyed", Shape::OneOf(&["ALLOW"])),
    optional("showReceiptPrompt", Shape::Bool),
    optional("showSignaturePrompt", Shape::Bool),
    optional("showDebitCreditPrompt", Shape::Bool),
    optional("interruptBusyTerminal", Shape::Bool),
    optional("invoiceNumber", Shape::Invoice),
    optional("purchaseOrderNumber", Shape::Text(32)),
    optional("billingIdentifier", Shape::Text(64)),
    optional("billingEmail", Shape::Text(125)),
    optional("shippingIdentifier", Shape::Text(64)),
    optional("shippingEmail", Shape::Text(128)),
    optional("note", Shape::Text(2048)),
];

impl Cloud {
    /// Carries out a call that passed the gate.
    pub(super) fn serve(&mut self, route: &Route, request: &Request, version: &str) -> Answer {
        match route {
            Route::RequestPayment(terminal) => self.request_payment(terminal, request, version),
            Route::RequestAction(terminal, task) => self.request_action(terminal, *task, request, version),
            Route::Main(terminal) => self.main(terminal, request),
            Route::Poll(id) => self.poll(id),
            Route::SmartTerminals => self.list_smart_terminals(request),
            Route::Terminals => self.list_accounts(request, version),
            Route::Search => self.search(request, version),
            Route::NewTransaction => self.new_transaction(request, version),
            Route::Transaction(id) => self.get_transaction(id, version),
            Route::ChangeTransaction(id) => self.change_transaction(id, request, version),
            Route::ReceiptSummary(id) => self.receipt_summary(id),
            Route::Receipt(id, which, paper) => self.receipt(id, which, paper, request),
            Route::SendReceipt(id) => self.send_receipt(id, request),
            Route::TransactionSignature(id) => self.transaction_signature(id, request),
            Route::Signature(id) => self.signature(id, request),
            Route::WrongMethod => {
                self.violate(format!("{} on {}", request.method, request.path));
                super::auth::refusal(405, "405 Method Not Allowed")
            }
            Route::Unknown => {
                self.violate(format!("no such path {}", request.path));
                not_found()
            }
        }
    }

    /// Checks a form body; its violations are recorded, its errors are the caller's to answer.
    pub(super) fn form(&mut self, request: &Request, rules: &[Rule]) -> Checked {
        let pairs = if is_form(request) { request.form_pairs() } else { Vec::new() };
        self.checked(request, &pairs, rules)
    }

    pub(super) fn checked(&mut self, request: &Request, pairs: &[(String, String)], rules: &[Rule]) -> Checked {
        let checked = Checked::new(pairs, rules);
        for violation in &checked.violations {
            self.violate(format!("{} {}: {violation}", request.method, request.path));
        }
        checked
    }

    pub(super) fn terminal_index(&self, id: &str) -> Result<usize, Answer> {
        let found = self.terminals.iter().position(|t| t.id.eq_ignore_ascii_case(id));
        found.ok_or_else(|| {
            if self.switches.unknown_terminal_is_400 {
                let error = json!({"message": NO_TERMINAL, "parameter": "smartTerminalId", "type": "invalid"});
                Answer::json(400, &json!({"errors": [error]}))
            } else {
                not_found()
            }
        })
    }

    fn request_payment(&mut self, terminal: &str, request: &Request, version: &str) -> Answer {
        let terminal = match self.terminal_index(terminal) {
            Ok(terminal) => terminal,
            Err(refusal) => return refusal,
        };
        let mut form = self.form(request, &PAYMENT);
        let action = if form.text("action") == Some("REFUND") { Action::Refund } else { Action::Charge };
        if action == Action::Charge && form.text("amountTip").is_some() {
            self.violate("amountTip on a charge: tips come from the device");
        }
        if form.text("keyed").is_some() && version < "2019-07-30" {
            self.violate("keyed needs version 2019-07-30");
        }
        let account = self.account(&form);
        check_account(&mut form, account.as_ref());
        check_base(&mut form);
        if !form.errors.is_empty() {
            return errors(&form);
        }
        let interrupt = form.flag("interruptBusyTerminal").unwrap_or(version < "2018-06-19");
        let id = self.take_payment(terminal, &form, action, interrupt);
        Answer::json(200, &json!({"requestPaymentId": id}))
    }

    fn take_payment(&mut self, terminal: usize, form: &Checked, action: Action, interrupt: bool) -> String {
        let mut asked = amounts(form);
        if action == Action::Charge {
            asked.tip = None;
        }
        let scenario = self.scenario(terminal, asked.total());
        let blank = self.blank_request(terminal, scenario, interrupt);
        self.take(TerminalRequest {
            terminal_id: form.number("terminalId").unwrap_or_default(),
            action,
            asked,
            allow_tips: form.flag("allowTips"),
            show_signature: form.flag("showSignaturePrompt"),
            invoice_number: form.owned("invoiceNumber"),
            purchase_order_number: form.owned("purchaseOrderNumber"),
            note: form.owned("note"),
            billing_email: form.owned("billingEmail"),
            ..blank
        })
    }

    /// A request with an id of its own that asks nothing yet.
    pub(super) fn blank_request(&mut self, terminal: usize, scenario: Scenario, interrupt: bool) -> TerminalRequest {
        TerminalRequest {
            id: self.rng.uuid(),
            task: Task::Payment,
            words: String::new(),
            buttons: Vec::new(),
            smart_terminal_id: self.terminals[terminal].id.clone(),
            terminal_id: 0,
            action: Action::Charge,
            asked: Amounts::default(),
            allow_tips: None,
            show_signature: None,
            invoice_number: None,
            purchase_order_number: None,
            note: None,
            billing_email: None,
            scenario,
            status: RequestStatus::Connecting,
            transaction_id: None,
            result: None,
            created_ms: self.now,
            ended_ms: None,
            interrupt,
            terminal,
            plan: 0,
            card: None,
            second_card: false,
            lost: false,
            tip: None,
            refused_with: None,
        }
    }

    pub(super) fn take(&mut self, request: TerminalRequest) -> String {
        let id = request.id.clone();
        self.requests.push(request);
        self.plan_step(self.requests.len() - 1, self.takes(|t| t.connect), Step::Connect);
        id
    }

    pub(super) fn scenario(&mut self, terminal: usize, cents: i64) -> Scenario {
        if let Some(scenario) = self.scripts.pop_front() {
            scenario
        } else if self.terminals[terminal].touch {
            Scenario::Touch
        } else {
            by_amount(cents).unwrap_or(Scenario::Approve)
        }
    }

    pub(super) fn account(&self, form: &Checked) -> Option<Account> {
        let id = form.number("terminalId")?;
        self.setup.accounts.iter().find(|a| a.terminal_id == id && a.enabled && a.kind == "CARD").cloned()
    }

    fn poll(&mut self, id: &str) -> Answer {
        let (now, fresh) = (self.now, self.switches.fresh_request_404_ms);
        let purged = |r: &TerminalRequest| r.ended_ms.is_some_and(|at| now >= at + DAY_MS);
        let known = |r: &&TerminalRequest| r.id == id && now >= r.created_ms + fresh && !purged(r);
        let Some(request) = self.requests.iter().rev().find(known) else {
            return not_found();
        };
        let mut body = json!({"status": request.status.word()});
        if let Some(transaction) = request.transaction_id {
            body["transactionId"] = self.id_value(transaction);
        }
        if let Some((field, value)) = &request.result {
            body[*field] = json!(value);
        }
        Answer::json(200, &body)
    }

    fn main(&mut self, terminal: &str, request: &Request) -> Answer {
        let terminal = match self.terminal_index(terminal) {
            Ok(terminal) => terminal,
            Err(refusal) => return refusal,
        };
        if !request.body.is_empty() {
            self.violate("/main takes no parameters");
        }
        if !self.switches.main_ignored {
            self.plan_in(self.takes(|t| t.main), Event::Main { terminal });
        }
        match self.switches.main_reply {
            MainReply::Ok => Answer::empty(200),
            MainReply::NoContent => Answer::empty(204),
            MainReply::Late(ms) => Answer { fault: Some(Fault::Delay(ms)), ..Answer::empty(200) },
        }
    }

    fn list_smart_terminals(&mut self, request: &Request) -> Answer {
        let created = date::iso(self.setup.epoch_ms.saturating_sub(30 * DAY_MS));
        let row = |(i, t): (usize, &super::terminal::Terminal)| {
            json!({
                "smartTerminalId": t.id,
                "nickName": t.nick_name,
                "serialNumber": format!("SIM{:05}", i + 1),
                "created": created,
            })
        };
        let rows = self.terminals.iter().enumerate().map(row).collect();
        self.page(request, rows, &[])
    }

    fn list_accounts(&mut self, request: &Request, version: &str) -> Answer {
        let rows = self.setup.accounts.iter().map(|account| account_row(account, version)).collect();
        self.page(request, rows, &[])
    }
}

fn account_row(account: &Account, version: &str) -> Value {
    let name = if version >= "2018-06-01" { "nickName" } else { "nickname" };
    let mut row = json!({"terminalId": account.terminal_id, "type": account.kind, "enabled": account.enabled});
    row[name] = json!(account.nick_name);
    if version >= "2018-06-01" {
        row["accountId"] = json!("acc00000-0000-4000-8000-000000000001");
        row["companyDba"] = json!("Simulated Store");
        row["companyLegal"] = json!("Simulated Store, Inc.");
        row["merchantNumber"] = json!("700000000001");
    }
    if version >= "2023-05-16" {
        row["surcharge"] = match account.surcharge {
            Some(rate) => json!({"enabled": true, "percentage": f64::from(rate) / 1000.0}),
            None => json!({"enabled": false}),
        };
    }
    row
}

pub(super) fn errors(form: &Checked) -> Answer {
    Answer::json(400, &json!({"errors": form.errors}))
}

pub(super) fn check_account(form: &mut Checked, account: Option<&Account>) {
    if form.text("terminalId").is_none() {
        return;
    }
    let Some(account) = account else {
        return form.refuse("terminalId", NO_TERMINAL, "invalid");
    };
    if account.surcharge.is_some() && form.cents("amountSurcharge").is_some_and(|cents| cents > 0) {
        let message = "amountSurcharge is not allowed on a surcharge-enabled terminal.";
        form.refuse("amountSurcharge", message, "invalid");
    }
}

pub(super) fn check_base(form: &mut Checked) {
    if form.cents("amountBase") == Some(0) {
        form.refuse("amountBase", "Amount Base must be greater than 0.", "invalid");
    } else if amounts(form).total() > MAX_CENTS {
        form.refuse("amountBase", "This field is invalid.", "invalid");
    }
}

/// The amounts of a form, without what was not sent.
pub(super) fn amounts(form: &Checked) -> Amounts {
    Amounts {
        base: form.cents("amountBase").unwrap_or(0),
        tax: form.cents("amountTax"),
        shipping: form.cents("amountShipping"),
        surcharge: form.cents("amountSurcharge"),
        tip: form.cents("amountTip"),
    }
}
