//! A checkout and its log of completions, and what it says about one attempt (Checkouts; Checkout lifecycle).

use super::JustiFi;
use super::answer::{cents, id, masked, text, word};
use super::judge::{self, Stand};
use super::report;
use crate::payment::fact::{Ending, Failure, Phase};
use crate::payment::report::{Reason, TransactionReport, Verdict};
use crate::payment::{Fact, Payment};
use crate::status::Status;
use crate::vendors::Known;
use serde_json::Value;

/// One attempt to pay a checkout.
pub(super) struct Completion {
    pub id: String,
    pub status: String,
    pub stand: Stand,
    pub terminal: String,
    pub payment_id: Option<String>,
    /// The payment as it was when the attempt succeeded.
    pub payment: Option<Value>,
    /// Why it failed, in the library's terms; and the network's code, else the vendor's word.
    pub why: Reason,
    pub code: String,
    pub description: String,
    pub created: String,
}

pub(super) struct Checkout {
    pub id: String,
    pub status: String,
    pub amount: Option<i64>,
    pub currency: String,
    pub key: String,
    pub successful_payment_id: Option<String>,
    pub created: String,
    /// `None` when the log is missing, or has an entry that cannot be read.
    pub completions: Option<Vec<Completion>>,
}

impl Checkout {
    /// `None` when it is not a checkout.
    pub(super) fn parse(value: &Value) -> Option<Checkout> {
        let completions = value.get("completions").and_then(Value::as_array);
        Some(Checkout {
            id: id(value, "id")?,
            status: id(value, "status")?.to_ascii_lowercase(),
            amount: cents(value, "payment_amount"),
            currency: text(value, "payment_currency"),
            key: value.get("metadata").map(|m| text(m, report::KEY)).unwrap_or_default(),
            successful_payment_id: id(value, "successful_payment_id"),
            created: text(value, "created_at"),
            completions: completions.and_then(|list| list.iter().map(Completion::parse).collect()),
        })
    }

    /// The payment that succeeded. `completed` and its payment win over everything that the log says.
    pub(super) fn paid_by(&self) -> Option<&str> {
        let logged = || {
            self.completions
                .iter()
                .flatten()
                .filter(|c| c.stand == Stand::Approved)
                .find_map(|c| c.payment_id.as_deref())
        };
        match self.status.as_str() {
            "completed" => self.successful_payment_id.as_deref().or_else(logged),
            _ => None,
        }
    }

    /// The payment that succeeded, as the log has it.
    pub(super) fn logged_payment(&self, id: &str) -> Option<&Value> {
        let of = |c: &&Completion| c.payment.as_ref().is_some_and(|p| text(p, "id") == id);
        self.completions.iter().flatten().find(of)?.payment.as_ref()
    }
}

impl Completion {
    fn parse(value: &Value) -> Option<Completion> {
        let (status, payment_status) = (word(value, "status"), word(value, "payment_status"));
        let code = text(value, "payment_error_code");
        let response = value.get("payment_response");
        let said = |key: &str| response.and_then(|r| r.get("error")).map(|e| text(e, key)).unwrap_or_default();
        let network = said("network_error_code");
        let inner = response.and_then(|r| r.get("data").or(Some(r)));
        let stand = judge::completion(&status, &payment_status, &code);
        Some(Completion {
            id: id(value, "id")?,
            terminal: text(value, "terminal_id"),
            payment_id: id(value, "payment_id"),
            payment: inner.filter(|p| stand == Stand::Approved && p.is_object()).cloned(),
            why: judge::reason(&network, &said("decline_code"), &code),
            code: if network.is_empty() { code } else { network },
            description: masked(&text(value, "payment_error_description"), 200),
            created: text(value, "created_at"),
            status,
            stand,
        })
    }

    fn is_over(&self) -> bool {
        self.stand != Stand::Running
    }
}

/// What a checkout says about an attempt: its facts, and what of it was found that stands against "nothing came of it".
#[derive(Default)]
pub(super) struct Said {
    pub facts: Vec<Fact>,
    pub found: Vec<String>,
}

/// `None` when it can say nothing, good or bad.
pub(super) fn said(checkout: &Checkout, asked: &Payment, known: &Known) -> Option<Said> {
    let terminal = &asked.intent.request.terminal;
    let before = asked.baseline.as_deref();
    let is_other = |id: &str| report::is_anothers(id, asked, known);
    // Without a baseline nobody knows whose an attempt is.
    let own: Option<Vec<&Completion>> = checkout
        .completions
        .as_ref()
        .zip(before)
        .map(|(list, before)| list.iter().filter(|c| !before.contains(&c.id) && !is_other(&c.id)).collect());
    let mine: Vec<&Completion> = own.iter().flatten().filter(|c| c.terminal == *terminal).copied().collect();
    let logged = || mine.iter().filter(|c| c.stand == Stand::Approved).find_map(|c| c.payment_id.as_deref());
    if let Some(paid) = checkout.paid_by().or_else(logged) {
        let over = !mine.is_empty() && mine.iter().all(|c| c.is_over());
        return Some(if is_other(paid) { paid_by_other(asked) } else { paid_for(paid, over) });
    }
    let own = own?;
    let unexplained = own.iter().filter(|c| !(c.is_over() && c.stand != Stand::Approved && c.terminal == *terminal));
    let mut found: Vec<String> = unexplained.map(|c| c.id.clone()).collect();
    // Something is under way, or was paid, though the log does not show it.
    if !matches!(checkout.status.as_str(), "created" | "attempted" | "expired") {
        found.push(checkout.id.clone());
    }
    // Another attempt may use the same checkout after the end of this one: its words are not for this one.
    if asked.decided.is_some() && asked.ended.is_some() {
        return Some(Said { facts: Vec::new(), found });
    }
    Some(Said { facts: unpaid(checkout, &mine, asked), found })
}

/// What was made for the payment succeeds once at most: another attempt has paid it, and this one never will.
pub(super) fn paid_by_other(asked: &Payment) -> Said {
    if asked.decided.is_some() {
        return Said::default();
    }
    let failure = Failure::new(Status::DuplicateReference, "another attempt of this payment was approved");
    Said { facts: vec![Fact::RequestEnded { how: Ending::Failed, failure }], found: Vec::new() }
}

/// The payment is settled from its own record. `over`: the terminal is done with this attempt.
pub(super) fn paid_for(paid: &str, over: bool) -> Said {
    let seen = Fact::TransactionSeen { id: paid.to_owned() };
    let phase = match over {
        true => Fact::TerminalShows { phase: Phase::Ended },
        false => Fact::UnknownWord { word: String::from("completed") },
    };
    Said { facts: vec![seen, phase], found: vec![paid.to_owned()] }
}

/// Not paid: where the terminal stands, or how the attempt ended. Only new attempts at our own terminal speak.
fn unpaid(checkout: &Checkout, mine: &[&Completion], asked: &Payment) -> Vec<Fact> {
    let shows = |phase| vec![Fact::TerminalShows { phase }];
    let ended = |how, status, text: &str| vec![Fact::RequestEnded { how, failure: Failure::new(status, text) }];
    let unknown = |word: &str| vec![Fact::UnknownWord { word: masked(word, 40) }];
    if let Some(running) = mine.iter().find(|c| !c.is_over() || c.stand == Stand::Approved) {
        // Only payments at terminals are "processing", from the moment the amount is at the reader.
        return if running.status == "processing" { shows(Phase::AtTerminal) } else { unknown(&running.status) };
    }
    let Some(last) = mine.last() else {
        return match checkout.status.as_str() {
            "created" | "attempted" => shows(Phase::Connecting),
            "expired" => ended(Ending::TimedOut, Status::RequestTimedOut, "the checkout has expired"),
            other => unknown(other),
        };
    };
    let declined: Vec<&&Completion> = mine.iter().filter(|c| c.stand == Stand::Declined).collect();
    if declined.is_empty() {
        return match last.stand {
            Stand::TimedOut => ended(Ending::TimedOut, Status::RequestTimedOut, &last.description),
            _ => ended(Ending::Canceled, Status::Canceled, &last.description),
        };
    }
    let amount = checkout.amount.or(asked.intent.request.amount).unwrap_or(0);
    let mut facts = Vec::new();
    for completion in declined {
        let report = report::attempt(completion, amount, Verdict::Declined, asked);
        facts.push(Fact::TransactionSeen { id: completion.id.clone() });
        facts.push(Fact::TransactionRead { report: Box::new(report) });
    }
    facts.extend(shows(Phase::Ended));
    facts
}

/// An approval of an earlier attempt, as far as the checkout itself tells of it.
pub(super) fn earlier_approval(account: &JustiFi, checkout: &Checkout, id: &str, asked: &Payment) -> TransactionReport {
    let request = &asked.intent.request;
    let logged = checkout.logged_payment(id).and_then(|payment| report::payment(account, payment, asked));
    logged.filter(|report| report.verdict == Verdict::Approved).unwrap_or_else(|| TransactionReport {
        id: id.to_owned(),
        verdict: Verdict::Approved,
        total: checkout.amount.or(request.amount).unwrap_or(0),
        currency: Some(request.currency),
        vendor_status: checkout.status.clone(),
        ..TransactionReport::default()
    })
}
