//! One card meets one amount: duplicate check, issuer, tip, surcharge, and a new row in the ledger.

use crate::payjunction::cloud::Cloud;
use crate::payjunction::issuer::{self, Card, VISA, Verdict};
use crate::payjunction::rules::Checked;
use crate::payjunction::scenario::Scenario;
use crate::payjunction::terminal::TerminalRequest;
use crate::payjunction::transaction::{Action, Amounts, Status, Transaction};

const DUPLICATE_MS: u64 = 10 * 60 * 1000;
const YEAR_MS: u64 = 365 * 86_400_000;
pub(super) const FIRST_TRANSACTION_ID: u64 = 8350;

impl Cloud {
    /// Runs the card that is in the reader. Yields the new transaction's id, whether it is approved, and its total.
    pub(super) fn authorize(&mut self, r: usize) -> (u64, bool, i64) {
        let request = self.requests[r].clone();
        let card = request.card.clone().unwrap_or(VISA);
        let (mut amounts, rate) = self.final_amounts(&request);
        let invoice_number = self.stored(request.invoice_number.clone());
        let verdict = self.verdict(&request, &card, &mut amounts, invoice_number.as_deref());
        let sent = request.purchase_order_number;
        let transaction = Transaction {
            id: 0,
            terminal_id: request.terminal_id,
            smart_terminal_id: Some(request.smart_terminal_id),
            request_id: Some(request.id),
            original_id: None,
            action: request.action,
            status: if verdict.approved { Status::Capture } else { Status::Declined },
            amounts,
            card,
            verdict,
            invoice_number,
            purchase_order_number: self.stored_purchase_order(sent.clone()),
            sent_purchase_order_number: sent,
            note: request.note,
            billing_email: request.billing_email,
            settlement_id: None,
            surcharge_rate: rate,
            created_ms: 0,
            modified_ms: 0,
        };
        let (approved, total) = (transaction.verdict.approved, transaction.amounts.total());
        (self.book(transaction), approved, total)
    }

    /// Writes a new row; number and times are set here.
    pub(super) fn book(&mut self, transaction: Transaction) -> u64 {
        let id = FIRST_TRANSACTION_ID + self.transactions.len() as u64;
        self.transactions.push(Transaction { id, created_ms: self.now, modified_ms: self.now, ..transaction });
        id
    }

    /// What becomes of a number on its way into the books.
    pub(super) fn stored(&self, number: Option<String>) -> Option<String> {
        if !self.switches.drops_leading_zeros {
            return number;
        }
        let bare = |n: String| match n.trim_start_matches('0') {
            "" if !n.is_empty() => "0".into(),
            bare if n.bytes().all(|b| b.is_ascii_digit()) => bare.into(),
            _ => n,
        };
        number.map(bare)
    }

    pub(super) fn stored_purchase_order(&self, sent: Option<String>) -> Option<String> {
        self.stored(sent).filter(|_| !self.switches.purchase_order_dropped)
    }

    /// The asked amounts with what the customer or the account adds.
    fn final_amounts(&self, request: &TerminalRequest) -> (Amounts, Option<u32>) {
        let mut amounts = request.asked.clone();
        if request.action == Action::Refund {
            return (amounts, None);
        }
        if let Scenario::Tip(cents) = request.scenario
            && request.allow_tips != Some(false)
        {
            amounts.tip = Some(cents);
        }
        if request.tip.is_some() {
            amounts.tip = request.tip;
        }
        let account = self.setup.accounts.iter().find(|a| a.terminal_id == request.terminal_id);
        let rate = match request.scenario {
            Scenario::Surcharge(rate) => Some(rate),
            _ => account.and_then(|a| a.surcharge),
        };
        // A surcharge of zero that is sent switches the account's surcharge off.
        let rate = rate.filter(|_| request.asked.surcharge.is_none());
        if let Some(rate) = rate {
            amounts.surcharge = Some((amounts.total() * i64::from(rate) + 50_000) / 100_000);
        }
        (amounts, rate)
    }

    fn verdict(&self, request: &TerminalRequest, card: &Card, amounts: &mut Amounts, invoice: Option<&str>) -> Verdict {
        if request.action == Action::Refund {
            let allowed = amounts.total() <= self.refundable(card);
            let verdict = if allowed { Verdict::approved() } else { Verdict::declined("12") };
            return Verdict { authorized: false, ..verdict };
        }
        if self.is_duplicate(card, amounts.total(), invoice) {
            return Verdict::declined("DT");
        }
        if let Some(code) = request.refused_with {
            return Verdict::declined(&format!("{code:02}"));
        }
        match request.scenario {
            Scenario::Decline(code) => Verdict::declined(&format!("{code:02}")),
            Scenario::DeclineThenApprove if !request.second_card => Verdict::declined("05"),
            Scenario::AvsDecline => Verdict::held(),
            Scenario::Partial(cents) if self.switches.partial_approvals => {
                *amounts = Amounts { base: cents, ..Amounts::default() };
                Verdict { code: "10".into(), message: "Partial approval".into(), ..Verdict::approved() }
            }
            Scenario::Partial(_) => Verdict::declined("10"),
            _ if request.second_card || !self.switches.trigger_amounts => Verdict::approved(),
            _ => issuer::by_amount(amounts.base),
        }
    }

    /// Same card, same total, same invoice within ten minutes; two missing invoices are the same.
    fn is_duplicate(&self, card: &Card, total: i64, invoice: Option<&str>) -> bool {
        let recent = |t: &&Transaction| self.now < t.created_ms + DUPLICATE_MS;
        let same = |t: &Transaction| {
            t.card == *card
                && t.action == Action::Charge
                && t.verdict.approved
                && t.status != Status::Void
                && t.amounts.total() == total
                && t.invoice_number.as_deref() == invoice
        };
        self.switches.duplicate_check && self.transactions.iter().rev().take_while(recent).any(same)
    }

    /// Cents that may still go back to this card: what it was charged in a year, less what went back.
    pub(super) fn refundable(&self, card: &Card) -> i64 {
        let recent = |t: &&Transaction| t.card == *card && self.now < t.created_ms + YEAR_MS;
        self.setup.card_history_cents + self.transactions.iter().filter(recent).map(Transaction::moved).sum::<i64>()
    }

    /// A refund's amounts: whatever was not sent is copied from the original, which is the trap.
    pub(super) fn refund_amounts(form: &Checked, original: &Amounts) -> Amounts {
        Amounts {
            base: form.cents("amountBase").unwrap_or(original.base),
            tax: form.cents("amountTax").or(original.tax),
            shipping: form.cents("amountShipping").or(original.shipping),
            surcharge: form.cents("amountSurcharge").or(original.surcharge),
            tip: form.cents("amountTip").or(original.tip),
        }
    }
}
