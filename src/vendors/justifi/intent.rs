//! A payment intent and its payments: the older way to pay (Payment Intents; Terminals, the older page).

use super::JustiFi;
use super::answer::{cents, id, masked, text};
use super::checkout::{Said, paid_by_other, paid_for};
use super::report;
use crate::payment::fact::{Ending, Failure, Phase};
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::{Fact, Payment};
use crate::status::Status;
use crate::vendors::Known;
use serde_json::Value;

pub(super) struct Intent {
    pub id: String,
    pub status: String,
    pub amount: Option<i64>,
    pub currency: String,
    pub key: String,
    pub successful_payment_id: Option<String>,
}

impl Intent {
    /// `None` when it is not a payment intent.
    pub(super) fn parse(value: &Value) -> Option<Intent> {
        Some(Intent {
            id: id(value, "id")?,
            status: id(value, "status")?.to_ascii_lowercase(),
            amount: cents(value, "amount"),
            currency: text(value, "currency"),
            key: value.get("metadata").map(|m| text(m, report::KEY)).unwrap_or_default(),
            successful_payment_id: id(value, "successful_payment_id"),
        })
    }

    pub(super) fn is_paid(&self) -> bool {
        matches!(self.status.as_str(), "succeeded" | "requires_capture")
    }

    /// The payment that succeeded, when the intent names it.
    pub(super) fn paid_by(&self) -> Option<&str> {
        self.successful_payment_id.as_deref().filter(|_| self.is_paid())
    }
}

/// What an intent that names its payment says about an attempt.
pub(super) fn said_by_intent(paid: &str, asked: &Payment, known: &Known) -> Said {
    if is_other(paid, asked, known) { paid_by_other(asked) } else { paid_for(paid, true) }
}

fn is_other(id: &str, asked: &Payment, known: &Known) -> bool {
    report::is_anothers(id, asked, known)
}

/// One payment of an intent: at which terminal, and what became of it.
struct Attempt {
    terminal: String,
    report: TransactionReport,
}

/// What the list of an intent's payments says about an attempt. `None` when one of them cannot be read, or nobody knows
/// what was there before. `status` is the intent's own word.
pub(super) fn said_by_payments(
    account: &JustiFi,
    items: &[Value],
    status: &str,
    asked: &Payment,
    known: &Known,
) -> Option<Said> {
    let before = asked.baseline.as_deref()?;
    let parse = |value| {
        let report = report::payment(account, value, asked)?;
        Some(Attempt { terminal: text(value, "terminal_id"), report })
    };
    let all: Vec<Attempt> = items.iter().map(parse).collect::<Option<_>>()?;
    let approved = all.iter().find(|a| matches!(a.report.verdict, Verdict::Approved | Verdict::Voided));
    if let Some(attempt) = approved.filter(|a| !before.contains(&a.report.id)) {
        return Some(said_by_intent(&attempt.report.id, asked, known));
    }
    let new = |a: &&Attempt| !before.contains(&a.report.id) && !is_other(&a.report.id, asked, known);
    let own: Vec<&Attempt> = all.iter().filter(new).collect();
    // In this way of paying not every record names its terminal.
    let at_terminal = |a: &&&Attempt| a.terminal.is_empty() || a.terminal == asked.intent.request.terminal;
    let mine: Vec<&Attempt> = own.iter().filter(at_terminal).copied().collect();
    let over = |a: &Attempt| a.report.verdict == Verdict::Declined;
    let unexplained = own.iter().filter(|a| !(over(a) && at_terminal(a)));
    let mut found: Vec<String> = unexplained.map(|a| a.report.id.clone()).collect();
    // Something is under way, or was paid, though the list does not show it.
    if !matches!(status, "requires_payment_method" | "canceled" | "cancelled") {
        found.extend(asked.prepared.clone());
    }
    if asked.decided.is_some() && asked.ended.is_some() {
        return Some(Said { facts: Vec::new(), found });
    }
    let shows = |phase| Fact::TerminalShows { phase };
    if mine.iter().any(|a| !over(a)) {
        return Some(Said { facts: vec![shows(Phase::AtTerminal)], found });
    }
    if mine.is_empty() {
        return Some(Said { facts: vec![waiting(status)], found });
    }
    let mut facts = Vec::new();
    for attempt in mine {
        let report = TransactionReport { ownership: named(&attempt.report), ..attempt.report.clone() };
        facts.push(Fact::TransactionSeen { id: report.id.clone() });
        facts.push(Fact::TransactionRead { report: Box::new(report) });
    }
    facts.push(shows(Phase::Ended));
    Some(Said { facts, found })
}

/// The list of our own intent names it: that makes it ours, unless it says that it is another's.
fn named(report: &TransactionReport) -> Ownership {
    if report.ownership == Ownership::Foreign { Ownership::Foreign } else { Ownership::Ours }
}

/// No payment yet: what the intent's own word says.
fn waiting(status: &str) -> Fact {
    match status {
        "requires_payment_method" => Fact::TerminalShows { phase: Phase::Connecting },
        "canceled" | "cancelled" => {
            let failure = Failure::new(Status::Canceled, "the payment intent is canceled");
            Fact::RequestEnded { how: Ending::Canceled, failure }
        }
        other => Fact::UnknownWord { word: masked(other, 40) },
    }
}

/// An approval of an earlier attempt, as far as the intent tells of it.
pub(super) fn earlier_approval(intent: &Intent, id: &str, asked: &Payment) -> TransactionReport {
    let request = &asked.intent.request;
    TransactionReport {
        id: id.to_owned(),
        verdict: Verdict::Approved,
        total: intent.amount.or(request.amount).unwrap_or(0),
        currency: Some(request.currency),
        authorized_only: intent.status == "requires_capture",
        vendor_status: intent.status.clone(),
        ..TransactionReport::default()
    }
}
