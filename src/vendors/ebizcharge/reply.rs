//! A reply becomes facts. A reply is bytes until parsed, and parsing never fails loudly.

use super::codes::TABLE;
use super::json::{error_code, error_text, flag, number, text};
use super::judge;
use super::words::{self, Word};
use super::{books, errands, report};
use crate::http::HttpReply;
use crate::payment::fact::{Action, Ending, Failure, Phase};
use crate::payment::plan::Step;
use crate::payment::report::{Ownership, Verdict};
use crate::payment::{Fact, Kind, Payment, cardmask};
use crate::status::Status;
use crate::vendors::codes::{Call, Meaning, Row, foreign};
use crate::vendors::{Known, Reading, Search, Used};
use serde_json::Value;

/// After a refusal by the rate limit, when the vendor names no pause. The minute is a sliding one.
const THROTTLE_MS: u32 = 5_000;
/// A login that was refused is not tried again for so long: a few more, and the vendor locks the address out.
const REFUSED_LOGIN_MS: u32 = 15 * 60_000;
/// "Host blocked due to excessive authentication failures" holds for an hour (Error Codes, 10140).
const LOCKED_OUT_MS: u32 = 3_600_000;
/// The processor may take so long, where the terminal does not say how long it waits for it.
const AUTHORIZATION_MS: u64 = 120_000;

pub(super) fn read(step: &Step, payment: &Payment, search: Search, reply: &HttpReply, known: &Known) -> Reading {
    let answer = Answer::of(reply);
    let mut reading = match step {
        Step::Submit(action) => submit(payment, *action, &answer),
        Step::Watch => watch(payment, &answer),
        Step::Settle { id } => settle(payment, id, &answer),
        Step::Cancel => Reading::of(cancel(&answer)),
        Step::TerminalStatus => terminal_status(payment, &answer),
        Step::Lookup => books::lookup(payment, search, &answer, known),
        Step::Baseline => books::baseline(payment, search, &answer, known),
        Step::SearchDuplicate if payment.folded.is_some() => books::folded(payment, &answer, known),
        Step::SearchDuplicate => books::duplicate(payment, search, &answer, known),
        Step::Errand => errands::read(payment, search, &answer),
        Step::Prepare | Step::FetchAnswer { .. } => answer.read_failed(),
    };
    (reading.minute, reading.day) = limits(reply);
    reading.pause_ms = reading.pause_ms.max(answer.pause_ms());
    if answer.reply.status == 401 && answer.own_code().is_some() {
        reading.shut = Some(answer.failure());
    }
    reading
}

/// A reply, as far as it could be understood.
pub(super) struct Answer<'a> {
    pub(super) reply: &'a HttpReply,
    json: Option<Value>,
}

impl Answer<'_> {
    fn of(reply: &HttpReply) -> Answer<'_> {
        Answer { reply, json: serde_json::from_slice(&reply.body).ok().filter(Value::is_object) }
    }

    /// The body of a success.
    pub(super) fn body(&self) -> Option<&Value> {
        self.json.as_ref().filter(|_| self.reply.is_success())
    }

    /// The number in the vendor's own error body. What stands in between has no such body.
    pub(super) fn own_code(&self) -> Option<i32> {
        let body = self.json.as_ref().filter(|body| body.get("error").is_some())?;
        error_code(body)
    }

    pub(super) fn failure(&self) -> Failure {
        let http = self.reply.status;
        let said = self.json.as_ref().map(error_text).unwrap_or_default();
        let text = if said.is_empty() { format!("HTTP status {http}") } else { said };
        let code = self.own_code().map(|code| code.to_string()).unwrap_or_default();
        self.row(Call::Read).failure(http, &code, text)
    }

    /// What the failure of a call means.
    fn row(&self, call: Call) -> &'static Row {
        match self.own_code() {
            Some(code) => TABLE.reply(call, self.reply.status, &code.to_string()),
            None => foreign(self.reply.status),
        }
    }

    pub(super) fn pause_ms(&self) -> u32 {
        let seconds = self.reply.header("retry-after").and_then(|text| text.trim().parse::<u32>().ok());
        match (self.reply.status, self.own_code()) {
            (_, Some(10140)) => LOCKED_OUT_MS,
            (401, Some(_)) => REFUSED_LOGIN_MS,
            (429, _) => seconds.map_or(THROTTLE_MS, |seconds| seconds.min(3_600) * 1_000),
            _ => 0,
        }
    }

    pub(super) fn read_failed(&self) -> Reading {
        Reading::of(Fact::ReadFailed { failure: self.failure(), pause_ms: self.pause_ms() })
    }
}

/// `X-Rate-Limit: 8 of 45/min; 8 of 5000/day` (REST API, Rate Limits).
fn limits(reply: &HttpReply) -> (Option<Used>, Option<Used>) {
    let part = |unit: &str| {
        let header = reply.header("x-rate-limit")?.to_ascii_lowercase();
        let part = header.split([';', ',']).find(|part| part.contains(unit))?.to_owned();
        let mut numbers = part.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
        let (used, limit) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        Some(Used { used, limit })
    };
    (part("min"), part("day"))
}

/// The answer to whatever can move money. Refused only where the vendor's own words say that nothing was started.
fn submit(payment: &Payment, action: Action, answer: &Answer) -> Reading {
    // A later step on the authorization of the same payment is work on a transaction.
    let at_terminal = payment.kind().is_card_present() && action == Action::Start;
    let call = if at_terminal { Call::Start } else { Call::Change };
    if at_terminal && let Some(request_id) = answer.body().map(|body| text(body, "key")).filter(|key| !key.is_empty()) {
        return Reading::of(Fact::Accepted { request_id });
    }
    let tried = |body: &&Value| !at_terminal && matches!(report::result_code(body).as_str(), "A" | "P" | "D");
    if let Some(body) = answer.body().filter(tried) {
        return changed(payment, action, body);
    }
    let row = answer.row(call);
    let read = answer.failure();
    let failure = row.failure(answer.reply.status, &read.vendor_code.to_string(), read.text);
    Reading::of(match row.means {
        Meaning::Refused | Meaning::Declined => Fact::Refused { failure },
        // "Already voided, settled": the plan reads the original after a refusal. Where there is none, it is unclear.
        Meaning::ReadOriginal if !at_terminal => Fact::Refused { failure },
        Meaning::Pause => Fact::NotSent { failure, again: true, pause_ms: answer.pause_ms() },
        _ => Fact::Unclear { failure },
    })
}

/// POST /transactions: done, by the vendor's word. Void and capture are read from the original; a refund is a transaction
/// of its own, and the same key instead means that the sale was voided: neither of the two is what was asked.
fn changed(payment: &Payment, action: Action, body: &Value) -> Reading {
    let mut facts = vec![Fact::Accepted { request_id: String::new() }];
    let refund = payment.kind() == Kind::Refund || action == Action::Refund;
    let original = payment.intent.original_id.as_deref().unwrap_or_default();
    if refund && !report::is(body, original) {
        facts.extend(report::id(body).map(|id| Fact::TransactionSeen { id }));
        let report = report::parse(body, payment).filter(|report| report.verdict != Verdict::Open);
        // The answer to our own submit names the transaction: that makes it ours.
        facts.extend(report.map(|mut report| {
            (report.ownership, report.is_refund) = (Ownership::Ours, true);
            Fact::TransactionRead { report: Box::new(report) }
        }));
    }
    Reading { facts, ..Reading::default() }
}

/// GET /paymentengine/payrequests/:requestkey:. Only a word can end a request, and what is not known means "still running".
fn watch(payment: &Payment, answer: &Answer) -> Reading {
    let Some(body) = answer.json.as_ref() else { return answer.read_failed() };
    let word = text(body, "status");
    if word.is_empty() || !answer.reply.is_success() {
        return without_word(answer);
    }
    let key = text(body, "key");
    if !key.is_empty() && payment.request_id.as_deref() != Some(key.as_str()) {
        return answer.read_failed();
    }
    let mut facts = Vec::new();
    let transaction = body.get("transaction").filter(|transaction| report::id(transaction).is_some());
    let said = words::read(&word);
    if let Some(transaction) = transaction {
        transaction_of(payment, transaction, said, &mut facts);
    }
    facts.push(match said {
        _ if transaction.is_some() && is_over(payment, body, said) => Fact::TerminalShows { phase: Phase::Ended },
        Word::Running(phase) => Fact::TerminalShows { phase },
        Word::Pending => Fact::UnknownWord { word: cardmask::excerpt(&word, 40) },
        // Signed or not, that is still the question.
        Word::Complete if transaction.is_some() => Fact::TerminalShows { phase: Phase::Processing },
        Word::Complete => ended_without(answer, body, Ending::Broken),
        Word::Failed(how) => ended_without(answer, body, how),
    });
    Reading { facts, ..Reading::default() }
}

/// All steps are done. Where the signature decides, the word alone does not say so.
fn is_over(payment: &Payment, body: &Value, said: Word) -> bool {
    let complete = flag(body, "complete").or_else(|| flag(body.get("transaction")?, "complete"));
    let ended = matches!(said, Word::Complete | Word::Failed(_));
    let waits = payment.intent.request.signature_decides() && complete == Some(false) && said == Word::Complete;
    complete == Some(true) || (ended && !waits)
}

/// The transaction that stands in the answer: the request's own word for whose it is.
fn transaction_of(payment: &Payment, transaction: &Value, said: Word, facts: &mut Vec<Fact>) {
    let Some(id) = report::id(transaction) else { return };
    if report::is_duplicate(transaction) {
        facts.push(Fact::Folded { id });
        return;
    }
    facts.push(Fact::TransactionSeen { id });
    let Some(mut report) = report::parse(transaction, payment) else { return };
    // An approval beside a word of failure may have been voided since, and only the books say that.
    let doubtful = matches!(said, Word::Failed(_)) && report.verdict == Verdict::Approved;
    if report.verdict != Verdict::Open && !doubtful {
        if report.ownership == Ownership::Candidate {
            report.ownership = Ownership::Ours;
        }
        facts.push(Fact::TransactionRead { report: Box::new(report) });
    }
}

/// The end of a request without a transaction. The number beside the word knows more than the word.
fn ended_without(answer: &Answer, body: &Value, how: Ending) -> Fact {
    let code = error_code(body).filter(|code| *code != 0);
    let how = match code {
        Some(21144) => Ending::TimedOut,
        Some(code) if judge::before_any_card(code) => Ending::Failed,
        Some(_) => Ending::Broken,
        None => how,
    };
    let mut failure = answer.failure();
    failure.status = match (how, code) {
        (Ending::Canceled, _) => Status::Canceled,
        (Ending::TimedOut, _) => Status::RequestTimedOut,
        // The same number on the way to the terminal.
        (_, Some(code)) => TABLE.reply(Call::Start, 409, &code.to_string()).status,
        (_, None) => Status::Vendor,
    };
    Fact::RequestEnded { how, failure }
}

/// An answer about the request that does not say where it stands ends nothing. That the vendor no longer knows the request
/// leads to a search; that its time was over is its own word for the end, under the number that the documents give it.
fn without_word(answer: &Answer) -> Reading {
    match (answer.reply.status, answer.own_code()) {
        (200..=299 | 400..=407 | 409..=428, Some(21144)) => {
            let mut failure = answer.failure();
            failure.status = Status::RequestTimedOut;
            Reading::of(Fact::RequestEnded { how: Ending::TimedOut, failure })
        }
        (200..=299 | 404 | 410, Some(21103 | 21104 | 20001)) => Reading::of(Fact::RequestGone),
        _ => answer.read_failed(),
    }
}

/// DELETE /paymentengine/payrequests/:requestkey:. Success says that the order was taken, 404 that there may be nothing to
/// cancel any more: both are only a reason to read.
fn cancel(answer: &Answer) -> Fact {
    let taken = answer.reply.is_success() || (answer.reply.status == 404 && answer.own_code().is_some());
    if taken { Fact::CancelTaken } else { Fact::CancelUnclear { failure: answer.failure() } }
}

/// GET /transactions/:trankey:.
fn settle(payment: &Payment, id: &str, answer: &Answer) -> Reading {
    if answer.reply.status == 404 && answer.own_code().is_some_and(|code| code != 21001) {
        return Reading::of(Fact::TransactionMissing { id: id.to_owned() });
    }
    let body = answer.body().filter(|body| report::is(body, id));
    match body.and_then(|body| report::parse(body, payment)) {
        // Under the name by which it was asked for.
        Some(report) => {
            let report = crate::payment::report::TransactionReport { id: id.to_owned(), ..report };
            Reading::of(Fact::TransactionRead { report: Box::new(report) })
        }
        None => answer.read_failed(),
    }
}

/// GET /paymentengine/devices/:devicekey:. Only one word says that a payment is on it; of the others no list exists.
fn terminal_status(payment: &Payment, answer: &Answer) -> Reading {
    let device = answer.body().filter(|body| text(body, "key") == payment.intent.request.terminal);
    let Some((device, word)) = device.map(|d| (d, text(d, "status"))).filter(|(_, word)| !word.is_empty()) else {
        return answer.read_failed();
    };
    let busy = word.eq_ignore_ascii_case("processing transaction");
    let seconds = device.get("settings").and_then(|settings| number(settings, "timeout"));
    let authorization_ms = Some(seconds.map_or(AUTHORIZATION_MS, |seconds| seconds.min(3_600) * 1_000));
    Reading::of(Fact::TerminalStatus { busy, authorization_ms, word: cardmask::excerpt(&word, 40) })
}
