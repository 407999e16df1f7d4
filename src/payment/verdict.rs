//! When the facts prove a result, and what the result says. Bad news needs proof that no money moved.

mod moneyless;
mod original;
mod outcome;

pub(super) use original::{change_done, expected_total};
pub use outcome::{approved, failed};

use super::Kind;
use super::fact::{Decision, Ending, Failure, Whose};
use super::proof;
use super::report::{Outcome, TransactionReport, Verdict};
use super::rules::{Absence, CANCEL_QUIET_MS, CancelScope, Rules};
use super::snapshot::{Advice, MoneyMoved, State, flag};
use super::state::{Payment, Seen, SendResult};
use crate::status::Status;
use outcome::{declined, moved, plain, success};

/// The final result that the facts prove, if they prove one and none was told yet.
pub fn of(payment: &Payment, rules: &Rules, now: u64) -> Option<Outcome> {
    if payment.decided.is_some() {
        return None;
    }
    if payment.kind().is_errand() {
        return moneyless::errand(payment, rules, now);
    }
    if let Some(outcome) = by_person(payment) {
        return Some(outcome);
    }
    let out_of_reach = payment.former_account && payment.may_be_executed();
    if payment.unreadable || out_of_reach || payment.foreign() {
        return None;
    }
    if let Some(outcome) = not_executed(payment, rules, now) {
        return Some(outcome);
    }
    match payment.kind() {
        kind if kind.is_question() => moneyless::question(payment, rules, now),
        Kind::Payment | Kind::TerminalRefund => at_terminal(payment, rules, now),
        Kind::Refund => by_reference(payment, rules),
        Kind::FetchTransaction => fetched(payment, rules, now),
        _ => original::on_original(payment, rules),
    }
}

/// A person has looked and decided.
fn by_person(payment: &Payment) -> Option<Outcome> {
    let candidates = payment.candidates();
    let mut outcome = match payment.resolved? {
        Decision::KeepLooking => return None,
        Decision::Paid if !payment.kind().moves_money() => return None,
        Decision::Paid => {
            let mut outcome = plain(State::Approved, Status::Ok, moved(payment.kind()), Advice::Done);
            // With exactly one look-alike the person's word is about that one.
            if let [only] = candidates {
                let known = payment.transactions.iter().find(|t| t.id == only.id).and_then(|t| t.report.clone());
                outcome.report = Some(known.unwrap_or(TransactionReport {
                    id: only.id.clone(),
                    total: only.total,
                    created: only.created.clone(),
                    card_last4: only.card_last4.clone(),
                    verdict: Verdict::Approved,
                    ..TransactionReport::default()
                }));
            }
            outcome
        }
        Decision::NotPaid => plain(State::Failed, Status::OutcomeUnknown, MoneyMoved::NotMoved, Advice::Retry),
    };
    outcome.flags |= flag::RESOLVED;
    outcome.message = String::from("Decided by a person.");
    Some(outcome)
}

/// Nothing of it was executed: never sent, proven unsent, refused, or canceled before.
fn not_executed(payment: &Payment, rules: &Rules, now: u64) -> Option<Outcome> {
    if payment.may_be_executed() {
        return original::refused_after_loss(payment, rules, now);
    }
    if payment.cancel_asked.is_some() && payment.kind() != Kind::FetchTransaction {
        return Some(plain(State::Canceled, Status::Canceled, MoneyMoved::NotMoved, Advice::Done));
    }
    if payment.prior_clear == Some(false) {
        let mut outcome = plain(State::Failed, Status::DuplicateReference, MoneyMoved::NotMoved, Advice::Done);
        outcome.message = String::from("An earlier attempt of this payment was approved. Nothing more was charged.");
        return Some(outcome);
    }
    match payment.send.as_ref().map(|send| (&send.result, send.action)) {
        Some((SendResult::NotSent { failure, again_at: None }, _)) => Some(failed(failure)),
        Some((SendResult::Refused { failure, at }, action)) => {
            original::refused(payment, rules, now, failure, *at, action)
        }
        _ => original::unfit(payment),
    }
}

/// A payment or refund at a terminal.
fn at_terminal(payment: &Payment, rules: &Rules, now: u64) -> Option<Outcome> {
    // The terminal is out of it: by the vendor's word, or long enough after it was proven clear.
    let over = || proof::out_of_it(payment, rules).is_some_and(|since| now >= since && all_read(payment, rules, since));
    if let Some(seen) = payment.ours(Verdict::Approved) {
        // Until the customer has signed, where that is required, it may be taken back.
        let stands = !payment.intent.request.signature_decides() || over();
        let stands = stands && payment.hold_is_over(rules, now);
        return seen.report.as_ref().filter(|_| stands).map(|report| approved(payment, report));
    }
    if payment.folded.is_some() {
        return folded(payment);
    }
    if over()
        && let Some(outcome) = without_approval(payment)
    {
        return Some(outcome);
    }
    if payment.transactions.iter().any(|t| t.by_request) {
        return None;
    }
    if payment.ended.as_ref().is_some_and(|ended| ended.busy) {
        return Some(failed(&Failure::new(Status::DeviceBusy, "")));
    }
    if payment.offline_proven && !payment.reached_customer && payment.lost_since().is_none() {
        return Some(failed(&Failure::new(Status::DeviceOffline, "")));
    }
    nothing_found(payment, rules)
}

/// The vendor took the payment for a repetition of an earlier one: no new money moved. Of an earlier one that nobody knows,
/// a person must say whether it is this one.
fn folded(payment: &Payment) -> Option<Outcome> {
    let (whose, report) = payment.folded.as_ref()?.onto.as_ref()?;
    match whose {
        Whose::EarlierAttempt if report.verdict == Verdict::Approved => {
            let mut outcome = approved(payment, report);
            outcome.flags |= flag::RECOVERED;
            Some(outcome)
        }
        Whose::OtherReference => {
            let mut outcome = plain(State::Declined, Status::DuplicateSuspected, MoneyMoved::NotMoved, Advice::Resolve);
            outcome.flags |= flag::DUPLICATE_SUSPECTED;
            Some(outcome)
        }
        Whose::EarlierAttempt | Whose::Nobody => None,
    }
}

/// Every transaction that belongs to the request has been read since then. Without the vendor's word for the end, or where
/// that may turn, the account has been searched since then too: there may be one more.
fn all_read(payment: &Payment, rules: &Rules, since: u64) -> bool {
    let searched = || payment.lookups.iter().any(|l| l.complete && l.began_ms >= since);
    let read = |seen: &Seen| {
        let told = seen.report.as_ref().is_some_and(|report| report.verdict != Verdict::Open);
        told && !proof::unread_since(seen, since)
    };
    let mine = payment.transactions.iter().filter(|seen| seen.is_mine());
    let told_whole = payment.ended.is_some() && !proof::may_turn(payment, rules);
    (told_whole || searched()) && mine.into_iter().all(read)
}

/// Declined or voided, with the request at its end.
fn without_approval(payment: &Payment) -> Option<Outcome> {
    if let Some(report) = payment.ours(Verdict::Voided).and_then(|seen| seen.report.as_ref()) {
        let mut outcome = plain(State::Canceled, Status::Canceled, MoneyMoved::Reversed, Advice::Done);
        outcome.report = Some(report.clone());
        return Some(outcome);
    }
    let report = payment.ours(Verdict::Declined)?.report.as_ref()?;
    if proof::is_duplicate_decline(payment) {
        let (earlier_attempt, _) = payment.duplicate_search.as_ref()?;
        let mut outcome = declined(report);
        outcome.status = Status::DuplicateSuspected;
        outcome.flags |= flag::DUPLICATE_SUSPECTED;
        outcome.advice = if *earlier_attempt { Advice::Done } else { Advice::Resolve };
        outcome.message = Status::DuplicateSuspected.text().to_owned();
        return Some(outcome);
    }
    Some(declined(report))
}

/// Proof by absence: the end of the request without a transaction, or searches after the terminal was proven clear.
fn nothing_found(payment: &Payment, rules: &Rules) -> Option<Outcome> {
    if let Some(ended) = &payment.ended {
        let confirmed = proof::end_confirmed(payment, rules, ended.at);
        return confirmed.then(|| ended_without(ended.how.as_ref()));
    }
    let silent = proof::silent_since(payment, rules);
    if let Some(since) = silent {
        let clear = match rules.ways.absence {
            Absence::Cleared => payment.cleared_at?.max(since),
            Absence::Time => since,
        };
        let after = clear + rules.turns_up_within(payment);
        let idle = proof::terminal_idle_since(payment, rules, after);
        return (idle && proof::absence_proven(payment, after, after)).then(|| never_came(payment));
    }
    if rules.ways.cancel != CancelScope::Terminal {
        return None;
    }
    let after = payment.cancel_sent_at? + CANCEL_QUIET_MS;
    let still_quiet = proof::read_since(payment, after);
    (still_quiet && proof::absence_proven(payment, after, after)).then(canceled)
}

/// The vendor's word for the end of a request that led to no transaction.
fn ended_without(how: Option<&(Ending, Failure)>) -> Outcome {
    match how {
        None | Some((Ending::Canceled, _)) => canceled(),
        Some((Ending::TimedOut, failure)) => Outcome {
            vendor_code: failure.vendor_code,
            http_status: failure.http_status,
            ..plain(State::TimedOut, Status::RequestTimedOut, MoneyMoved::NotMoved, Advice::Retry)
        },
        Some((Ending::Failed | Ending::Broken, failure)) => failed(failure),
    }
}

/// Long enough after a submit nothing has come of it.
fn never_came(payment: &Payment) -> Outcome {
    match (&payment.cancel_asked, &payment.trouble) {
        (Some(_), _) => canceled(),
        (None, Some(failure)) => failed(failure),
        (None, None) if payment.lost_since().is_some() => failed(&Failure::new(Status::ConnectionLost, "")),
        (None, None) => ended_without(Some(&(Ending::TimedOut, Failure::new(Status::RequestTimedOut, "")))),
    }
}

fn canceled() -> Outcome {
    plain(State::Canceled, Status::Canceled, MoneyMoved::NotMoved, Advice::Retry)
}

/// A refund without the card: ours by our key, absent only by two searches, the last at least five minutes later.
fn by_reference(payment: &Payment, rules: &Rules) -> Option<Outcome> {
    let own = payment.transactions.iter().filter(|t| Some(t.id.as_str()) != payment.intent.original_id.as_deref());
    for report in own.filter_map(|t| t.report.as_ref()) {
        match (report.verdict, report.ownership) {
            (Verdict::Approved, super::report::Ownership::Ours) => return Some(approved(payment, report)),
            (Verdict::Declined, super::report::Ownership::Ours) => return Some(declined(report)),
            (Verdict::Voided, super::report::Ownership::Ours) => {
                let mut outcome = plain(State::Canceled, Status::Canceled, MoneyMoved::Reversed, Advice::Done);
                outcome.report = Some(report.clone());
                return Some(outcome);
            }
            _ => {}
        }
    }
    let closed = payment.lost_since()?;
    let proven = proof::absence_proven(payment, closed, closed + rules.refund_absence_ms);
    let lost = Failure::new(Status::ConnectionLost, "the refund is not among the account's transactions");
    proven.then(|| failed(payment.trouble.as_ref().unwrap_or(&lost)))
}

/// A plain read: completed with the transaction, or failed without harm.
fn fetched(payment: &Payment, rules: &Rules, now: u64) -> Option<Outcome> {
    if let Some(report) = payment.transactions.iter().find_map(|t| t.report.as_ref()) {
        let mut outcome = plain(State::Completed, Status::Ok, MoneyMoved::NotMoved, Advice::Done);
        outcome.report = Some(report.clone());
        return Some(outcome);
    }
    if payment.cancel_asked.is_some() {
        return Some(plain(State::Canceled, Status::Canceled, MoneyMoved::NotMoved, Advice::Done));
    }
    if payment.intent.original_id.is_none() {
        // A payment that only a person called paid has no transaction that could be read.
        return Some(failed(&Failure::new(Status::NotFound, "")));
    }
    let missing = payment.transactions.first().is_some_and(|t| t.reads.failures > 0 && payment.trouble.is_none());
    let final_trouble = payment.trouble.as_ref().filter(|f| {
        matches!(f.status, Status::Unauthorized | Status::Forbidden | Status::Rejected | Status::Tls | Status::Proxy)
    });
    if missing {
        return Some(failed(&Failure::new(Status::NotFound, "")));
    }
    if let Some(failure) = final_trouble {
        return Some(failed(failure));
    }
    let lost = Failure::new(Status::Timeout, "");
    (now >= payment.asked_at + rules.deadline_ms).then(|| failed(payment.trouble.as_ref().unwrap_or(&lost)))
}
