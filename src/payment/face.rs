//! What the till gets to see of a payment.

mod confirm;
mod words;

use super::fact::{Failure, Phase};
use super::fields::Checked;
use super::report::{Outcome, TransactionReport, Verdict};
use super::snapshot::{Advice, Detail, MoneyMoved, Snapshot, State, flag};
use super::state::{Payment, SendResult};
use super::volatile::Volatile;
use crate::status::Status;
use std::collections::BTreeMap;

/// The snapshot of a payment. `durable` is false while what it says is not known to be on disk.
pub fn of(payment: &Payment, durable: bool) -> Snapshot {
    let request = &payment.intent.request;
    let mut snapshot = queued(request, payment.asked_at);
    snapshot.flags = 0;
    snapshot.ended_ms = payment.decided.as_ref().map(|decided| decided.at);
    snapshot.event_number = u32::try_from(payment.newest).unwrap_or(u32::MAX);
    snapshot.request_id = payment.request_id.clone().unwrap_or_default();
    match (&payment.decided, &payment.unknown) {
        (Some(decided), _) => show_outcome(payment, &decided.outcome, &mut snapshot),
        (None, Some((status, _))) => show_unknown(payment, *status, &mut snapshot),
        (None, None) => show_running(payment, &mut snapshot),
    }
    show_flags(payment, durable, &mut snapshot);
    show_details(payment, &mut snapshot);
    snapshot
}

/// The face of a request that the engine has not taken in yet.
pub fn queued(request: &Checked, now: u64) -> Snapshot {
    let mut snapshot = blank(now);
    snapshot.requested_amount = request.amount.unwrap_or(0);
    snapshot.currency = Some(request.currency);
    snapshot.reference = request.reference.clone();
    snapshot.terminal = request.terminal.clone();
    snapshot.message = words::preparing(request.kind).to_owned();
    snapshot.flags = if request.kind.is_kept() { flag::NOT_DURABLE } else { 0 };
    snapshot
}

/// The face of an old payment until its facts have been read: what the journal's index knows of it.
pub fn from_index(reference: &str, money: MoneyMoved, amount: i64, now: u64) -> Snapshot {
    let mut snapshot = blank(now);
    snapshot.reference = reference.to_owned();
    snapshot.requested_amount = amount;
    snapshot.message = String::from("Reading the record of this payment.");
    snapshot.money = money;
    snapshot
}

/// The last word on an old payment whose facts cannot be had: they are past retention, or the record is damaged.
pub fn without_record(shown: &Snapshot, past_retention: bool) -> Snapshot {
    let mut snapshot = shown.clone();
    if !past_retention {
        snapshot.state = State::Unknown;
        snapshot.status = Status::Journal;
        snapshot.advice = Advice::CallSupport;
        snapshot.message =
            String::from("The record of this payment cannot be read. Look at the payment service's own record.");
        return snapshot;
    }
    snapshot.flags |= flag::FINAL;
    snapshot.advice = Advice::Done;
    if snapshot.money == MoneyMoved::Moved {
        snapshot.state = State::Approved;
        snapshot.approved_amount = snapshot.requested_amount;
        snapshot.message = String::from("This payment was approved. Its details are no longer kept.");
    } else {
        // Only what ended with proof that no money moved is ever forgotten altogether.
        snapshot.state = State::Failed;
        snapshot.status = Status::NoSuchRequest;
        snapshot.money = MoneyMoved::NotMoved;
        snapshot.message = String::from("No money was taken. The details of this payment are no longer kept.");
    }
    snapshot
}

fn blank(now: u64) -> Snapshot {
    Snapshot {
        state: State::Queued,
        status: Status::Ok,
        money: MoneyMoved::NotMoved,
        advice: Advice::Wait,
        flags: 0,
        requested_amount: 0,
        approved_amount: 0,
        tip_amount: 0,
        surcharge_amount: 0,
        currency: None,
        vendor_code: 0,
        http_status: 0,
        started_ms: now,
        ended_ms: None,
        event_number: 0,
        card_last4: String::new(),
        card_brand: String::new(),
        entry_method: String::new(),
        authorization_code: String::new(),
        response_code: String::new(),
        reference: String::new(),
        request_id: String::new(),
        transaction_id: String::new(),
        terminal: String::new(),
        message: String::new(),
        details: BTreeMap::new(),
    }
}

/// Adds the values that came beside the facts. Those of a question that ended in an earlier run, or whose request was
/// given back since, are gone, and the till is told so.
pub fn show_answer(payment: &Payment, values: &Volatile, snapshot: &mut Snapshot) {
    for (key, value) in values.iter() {
        snapshot.details.insert(key.clone(), value.clone());
    }
    if let Some(answered) = payment.answered.as_ref().filter(|answered| !answered.id.is_empty()) {
        snapshot.details.insert("signature.id".to_owned(), Detail::Text(answered.id.clone()));
    }
    let completed = payment.kind().is_question() && snapshot.state == State::Completed;
    if completed && values.is_empty() {
        snapshot.message = words::answer_gone(payment).to_owned();
        snapshot.details.insert("answer_gone".to_owned(), Detail::Int(1));
    }
}

fn show_running(payment: &Payment, snapshot: &mut Snapshot) {
    snapshot.state = running_state(payment);
    snapshot.message = running_message(payment, snapshot.state).to_owned();
    if payment.may_be_executed() && payment.kind().moves_money() {
        snapshot.money = MoneyMoved::Unknown;
    }
    if let Some(failure) = payment.trouble.as_ref().or(payment.lost_by()) {
        show_failure(failure, snapshot);
    }
    let newest = payment.transactions.iter().rev().find_map(|t| t.report.as_ref());
    match newest {
        Some(report) if payment.kind().is_card_present() => show_card(report, snapshot),
        _ => {
            snapshot.transaction_id =
                payment.transactions.iter().rev().find(|t| t.by_request).map(|t| t.id.clone()).unwrap_or_default();
        }
    }
}

/// The running states only rise: each is reached by a fact that does not go away.
fn running_state(payment: &Payment) -> State {
    if payment.transactions.iter().any(|t| t.by_request) {
        return State::Processing;
    }
    if payment.answered.is_some() {
        return State::Processing;
    }
    if payment.reached_customer {
        return State::AtTerminal;
    }
    if payment.phase.is_some() {
        return State::Connecting;
    }
    match payment.send.as_ref().map(|send| &send.result) {
        Some(SendResult::Accepted) if payment.kind().occupies_terminal() => State::Accepted,
        Some(SendResult::Accepted) => State::Processing,
        Some(_) => State::Sending,
        None => State::Queued,
    }
}

fn running_message(payment: &Payment, state: State) -> &'static str {
    if !payment.kind().moves_money() {
        return words::running(payment, state);
    }
    if payment.lost_since().is_some() {
        return "The connection broke. Looking for the payment. Do not repeat it.";
    }
    if !payment.kind().is_card_present() {
        return if state == State::Queued { "Preparing the request." } else { "Waiting for the payment service." };
    }
    match (state, payment.cancel_asked.is_some(), payment.phase) {
        (_, _, Some(Phase::Offline)) => "The card terminal does not answer. Waiting for it.",
        (_, true, _) => "Canceling. A card that was presented already may still be charged.",
        (State::Queued, ..) => "Preparing the payment.",
        (State::Sending, ..) => "Sending the payment to the card terminal.",
        (State::Accepted | State::Connecting, ..) => "Connecting to the card terminal.",
        (State::AtTerminal, ..) => "Please present the card at the terminal.",
        _ => "Processing.",
    }
}

fn show_unknown(payment: &Payment, status: Status, snapshot: &mut Snapshot) {
    snapshot.state = State::Unknown;
    snapshot.money = MoneyMoved::Unknown;
    snapshot.status = if status == Status::Ok { Status::OutcomeUnknown } else { status };
    snapshot.advice = if status == Status::Integrity { Advice::CallSupport } else { Advice::Resolve };
    snapshot.message = Status::OutcomeUnknown.text().to_owned();
    if !payment.kind().moves_money() {
        snapshot.money = MoneyMoved::NotMoved;
        snapshot.message = words::UNKNOWN.to_owned();
    }
    if let Some(failure) = &payment.trouble {
        snapshot.vendor_code = failure.vendor_code;
        snapshot.http_status = failure.http_status;
    }
    if let Some(seen) = payment.transactions.iter().rev().find(|t| t.by_request) {
        snapshot.transaction_id = seen.id.clone();
    }
}

fn show_outcome(payment: &Payment, outcome: &Outcome, snapshot: &mut Snapshot) {
    snapshot.state = outcome.state;
    snapshot.status = outcome.status;
    snapshot.money = outcome.money;
    snapshot.advice = outcome.advice;
    snapshot.flags = outcome.flags | flag::FINAL;
    snapshot.vendor_code = outcome.vendor_code;
    snapshot.http_status = outcome.http_status;
    snapshot.message = outcome.message.clone();
    if let Some(report) = &outcome.report {
        show_card(report, snapshot);
        show_amounts(payment, report, snapshot);
    } else if outcome.state == State::Approved {
        snapshot.approved_amount = snapshot.requested_amount;
    }
    if let Some(report) = &payment.late {
        let late = super::verdict::approved(payment, report);
        snapshot.state = late.state;
        snapshot.status = late.status;
        snapshot.money = late.money;
        snapshot.advice = late.advice;
        snapshot.flags |= late.flags | flag::LATE;
        snapshot.message =
            String::from("This payment was approved after it had been reported as not paid. Money was taken.");
        show_card(report, snapshot);
        show_amounts(payment, report, snapshot);
    }
    if let Some(report) = &payment.changed {
        let sums = (report.total, report.tip) == (snapshot.approved_amount, snapshot.tip_amount);
        let as_told = report.verdict == Verdict::Approved && sums;
        let reserved = report.authorized_only;
        if as_told && reserved != (snapshot.money == MoneyMoved::Pending) {
            let text = if reserved { "reserved and not taken" } else { "taken and no longer only reserved" };
            snapshot.message = format!("The money of this payment is {text}.");
            snapshot.money = if reserved { MoneyMoved::Pending } else { MoneyMoved::Moved };
            snapshot.flags = (snapshot.flags & !flag::CAPTURED) | if reserved { 0 } else { flag::CAPTURED };
        } else if as_told && outcome.report.is_none() {
            snapshot.message = String::from("The payment service has this payment on record as approved.");
        } else {
            snapshot.flags |= flag::AMOUNT_DIFFERS;
            snapshot.message =
                String::from("The payment service changed its record of this payment. Compare the amounts.");
        }
        show_card(report, snapshot);
        show_amounts(payment, report, snapshot);
        match report.verdict {
            Verdict::Voided => snapshot.money = MoneyMoved::Reversed,
            Verdict::Declined => {
                snapshot.money = MoneyMoved::NotMoved;
                snapshot.approved_amount = 0;
                snapshot.message =
                    String::from("The payment service has this payment on record as declined. No money was taken.");
            }
            Verdict::Approved | Verdict::Open => {}
        }
    }
    if let Some(report) = &payment.updated {
        let reserved = snapshot.money == MoneyMoved::Pending;
        show_card(report, snapshot);
        show_amounts(payment, report, snapshot);
        if report.verdict == Verdict::Approved && !report.authorized_only {
            snapshot.money = MoneyMoved::Moved;
        }
        let taken = reserved && snapshot.money == MoneyMoved::Moved;
        snapshot.flags |= if taken { flag::CAPTURED } else { 0 };
        let text = if taken { "The reserved money was taken." } else { "The amount of this payment was changed." };
        snapshot.message = text.to_owned();
    }
    if payment.reversed > 0 && payment.reversed >= snapshot.approved_amount {
        snapshot.money = MoneyMoved::Reversed;
    }
    confirm::show(payment, snapshot);
}

fn show_amounts(payment: &Payment, report: &TransactionReport, snapshot: &mut Snapshot) {
    let approved = matches!(snapshot.state, State::Approved | State::Completed);
    if approved {
        snapshot.approved_amount = report.total;
        snapshot.tip_amount = report.tip;
        snapshot.surcharge_amount = report.surcharge;
    }
    if snapshot.requested_amount == 0 && payment.kind().changes_original() {
        snapshot.requested_amount = super::verdict::expected_total(payment).unwrap_or(report.total);
    }
}

fn show_card(report: &TransactionReport, snapshot: &mut Snapshot) {
    snapshot.transaction_id = report.id.clone();
    snapshot.card_last4 = report.card_last4.clone();
    snapshot.card_brand = report.card_brand.clone();
    snapshot.entry_method = report.entry_method.clone();
    snapshot.authorization_code = report.authorization_code.clone();
    snapshot.response_code = report.response_code.clone();
    let texts = [
        ("transaction.status", &report.vendor_status),
        ("transaction.created", &report.created),
        ("transaction.response_text", &report.response_text),
        ("transaction.merchant_terminal", &report.merchant_terminal),
        ("transaction.invoice", &report.invoice),
        ("transaction.card_token", &report.card_token),
    ];
    for (key, text) in texts {
        if !text.is_empty() {
            snapshot.details.insert(key.to_owned(), Detail::Text(text.clone()));
        }
    }
    snapshot.details.insert("transaction.total".to_owned(), Detail::Int(report.total));
    snapshot.details.insert("transaction.settled".to_owned(), Detail::Int(i64::from(report.settled)));
}

fn show_failure(failure: &Failure, snapshot: &mut Snapshot) {
    snapshot.status = failure.status;
    snapshot.vendor_code = failure.vendor_code;
    snapshot.http_status = failure.http_status;
}

fn show_flags(payment: &Payment, durable: bool, snapshot: &mut Snapshot) {
    let flags = [
        (payment.terminal_free, flag::TERMINAL_FREE),
        (payment.cancel_asked.is_some(), flag::CANCEL_REQUESTED),
        (payment.overdue && payment.decided.is_none(), flag::OVERDUE),
        (!durable, flag::NOT_DURABLE),
    ];
    for (set, bit) in flags {
        if set {
            snapshot.flags |= bit;
        }
    }
    // Canceled, and the card was charged all the same: the person must be told how to give it back.
    if payment.cancel_asked.is_some() && snapshot.state == State::Approved && payment.kind() == super::Kind::Payment {
        let done = if snapshot.money == MoneyMoved::Pending { "authorized" } else { "charged" };
        snapshot.message = format!("The card was {done} before the cancel arrived. Reverse the payment to undo it.");
    }
}

fn show_details(payment: &Payment, snapshot: &mut Snapshot) {
    let details = &mut snapshot.details;
    details.insert("attempt".to_owned(), Detail::Int(i64::from(payment.intent.attempt)));
    details.insert("kind".to_owned(), Detail::Text(payment.kind().name().to_owned()));
    // A read of the original that went well after a refusal does not take away what the vendor said.
    let refused =
        payment.refused_by().filter(|_| payment.decided.as_ref().is_some_and(|d| d.outcome.state == State::Failed));
    if let Some(failure) = payment.trouble.as_ref().or(refused).filter(|failure| !failure.text.is_empty()) {
        details.insert("vendor_text".to_owned(), Detail::Text(failure.text.clone()));
    }
    let candidates = if payment.decided.is_some() { &[] } else { payment.candidates() };
    details.insert("candidates.count".to_owned(), Detail::Int(candidates.len() as i64));
    for (index, candidate) in candidates.iter().enumerate() {
        let mut put = |name: &str, value: Detail| {
            details.insert(format!("candidates.{index}.{name}"), value);
        };
        put("transaction", Detail::Text(candidate.id.clone()));
        put("total", Detail::Int(candidate.total));
        put("approved", Detail::Int(i64::from(candidate.approved)));
        put("created", Detail::Text(candidate.created.clone()));
        put("card_last4", Detail::Text(candidate.card_last4.clone()));
    }
}
