//! A reply becomes facts. A reply is bytes until parsed, and parsing never fails loudly.

use super::codes::TABLE;
use super::request::PAGE;
use super::{errands, questions, report};
use crate::http::HttpReply;
use crate::payment::fact::{Action, Failure, LookupDone, Phase};
use crate::payment::plan::Step;
use crate::payment::report::{Candidate, Ownership, TransactionReport, Verdict};
use crate::payment::{Fact, Kind, Payment, cardmask, wire};
use crate::vendors::codes::{Call, Meaning, Row, foreign};
use crate::vendors::{Known, Reading, Search};
use serde_json::Value;

/// A search that needs more pages than this has not been complete.
const PAGES: u32 = 20;
/// After a refusal by the rate limit, when the vendor names no pause.
const THROTTLE_MS: u32 = 1_000;
/// After a read that the vendor refused for its credentials.
const REFUSED_READ_MS: u32 = 60_000;

pub(super) fn read(step: &Step, payment: &Payment, search: Search, reply: &HttpReply, known: &Known) -> Reading {
    let answer = Answer::of(reply);
    match step {
        Step::Submit(action) => submit(payment, *action, &answer),
        Step::Watch => watch(payment, &answer),
        Step::Settle { id } => settle(payment, id, &answer),
        Step::Cancel if reply.is_success() => Reading::of(Fact::CancelSent),
        Step::Cancel => Reading::of(Fact::CancelUnclear { failure: answer.failure(Call::Read) }),
        Step::Lookup => lookup(payment, search, &answer, known),
        Step::SearchDuplicate => search_duplicate(payment, search, &answer),
        Step::FetchAnswer { id } => questions::image(id, &answer),
        Step::Errand => errands::read(payment, search, &answer),
        Step::Prepare | Step::Baseline | Step::TerminalStatus => answer.read_failed(),
    }
}

/// A reply, as far as it could be understood.
pub(super) struct Answer<'a> {
    pub reply: &'a HttpReply,
    json: Option<Value>,
}

impl Answer<'_> {
    fn of(reply: &HttpReply) -> Answer<'_> {
        Answer { reply, json: serde_json::from_slice(&reply.body).ok().filter(Value::is_object) }
    }

    /// The body of a success.
    pub fn body(&self) -> Option<&Value> {
        self.json.as_ref().filter(|_| self.reply.is_success())
    }

    /// The first error, if this is PayJunction's own error body and not something that stands in between.
    pub fn own_error(&self) -> Option<&Value> {
        self.json.as_ref()?.get("errors")?.as_array()?.first().filter(|e| e.get("message").is_some())
    }

    fn error_text(&self) -> String {
        let errors = self.json.as_ref().and_then(|j| j.get("errors")).and_then(Value::as_array);
        let texts = errors.into_iter().flatten().filter_map(|error| {
            let message = error.get("message")?.as_str()?;
            let parameter = error.get("parameter").and_then(Value::as_str);
            Some(parameter.map_or_else(|| message.to_owned(), |name| format!("{name}: {message}")))
        });
        let text = texts.collect::<Vec<_>>().join(" ");
        let text = if text.is_empty() { format!("HTTP status {}", self.reply.status) } else { text };
        cardmask::excerpt(&text, 300)
    }

    /// What the vendor's table says of a call that has failed. Several errors: the first that is listed.
    fn row(&self, call: Call) -> &'static Row {
        let http = self.reply.status;
        if self.own_error().is_none() {
            return foreign(http);
        }
        let errors = self.json.as_ref().and_then(|j| j.get("errors")).and_then(Value::as_array);
        let parameters = errors.into_iter().flatten().filter_map(|error| error.get("parameter")?.as_str());
        let plain = TABLE.reply(call, http, "");
        let mut rows = parameters.map(|parameter| TABLE.reply(call, http, parameter));
        rows.find(|row| *row != plain).unwrap_or(plain)
    }

    pub fn failure(&self, call: Call) -> Failure {
        self.row(call).failure(self.reply.status, "", self.error_text())
    }

    pub fn pause_ms(&self) -> u32 {
        let seconds = self.reply.header("retry-after").and_then(|text| text.trim().parse::<u32>().ok());
        match (seconds, self.reply.status) {
            (Some(seconds), _) => seconds.min(3_600) * 1_000,
            (None, 429) => THROTTLE_MS,
            // Wrong credentials do not heal by asking again.
            (None, 401 | 403) => REFUSED_READ_MS,
            _ => 0,
        }
    }

    pub fn read_failed(&self) -> Reading {
        Reading::of(Fact::ReadFailed { failure: self.failure(Call::Read), pause_ms: self.pause_ms() })
    }
}

/// The answer to whatever can move money. Refused only where the vendor's own words say that nothing was started.
fn submit(payment: &Payment, action: Action, answer: &Answer) -> Reading {
    let call = call(payment, action);
    let failure = || answer.failure(call);
    let at_terminal = payment.kind().occupies_terminal() && !changes_charge(action);
    if answer.own_error().is_some() {
        return Reading::of(match answer.row(call).means {
            // The limiter stands before the work (Rate Limiting): the call was not executed.
            Meaning::Pause => Fact::NotSent { failure: failure(), again: true, pause_ms: answer.pause_ms() },
            Meaning::Refused | Meaning::ReadOriginal => Fact::Refused { failure: failure() },
            _ => Fact::Unclear { failure: failure() },
        });
    }
    let unclear = || Reading::of(Fact::Unclear { failure: failure() });
    let Some(body) = answer.body() else { return unclear() };
    if at_terminal {
        // Two names for an id of the same kind (POST request-payment; POST request-signature and its kin).
        let name = if payment.kind().is_question() { "requestId" } else { "requestPaymentId" };
        return match body.get(name).and_then(report::number_or_text) {
            Some(request_id) => Reading::of(Fact::Accepted { request_id }),
            None => unclear(),
        };
    }
    changed(payment, action, body).unwrap_or_else(unclear)
}

/// A later step on the charge of the same payment.
fn changes_charge(action: Action) -> bool {
    matches!(action, Action::Hold | Action::Capture | Action::Void)
}

/// Which of the table's calls a submit is.
fn call(payment: &Payment, action: Action) -> Call {
    match (payment.kind(), action) {
        (_, action) if changes_charge(action) => Call::Change,
        (kind, _) if kind.occupies_terminal() => Call::Start,
        (Kind::Refund, _) | (_, Action::Refund) => Call::Refund,
        _ => Call::Change,
    }
}

/// Void, capture, hold, a new tip and refund answer with the transaction itself.
fn changed(payment: &Payment, action: Action, body: &Value) -> Option<Reading> {
    let refund = payment.kind() == Kind::Refund || action == Action::Refund;
    let mut report = report::parse(body, payment)?;
    let charge = match action {
        Action::Hold => payment.ours(Verdict::Approved),
        _ => payment.confirmed_transaction().filter(|_| payment.kind() == Kind::Payment),
    };
    let is_original =
        charge.map(|seen| seen.id.as_str()).or(payment.intent.original_id.as_deref()) == Some(report.id.as_str());
    if is_original == refund {
        return None;
    }
    let mut facts = vec![Fact::Accepted { request_id: String::new() }];
    if refund {
        // The answer to our own submit names the transaction: that makes it ours.
        if report.ownership == Ownership::Candidate && !wire::is_key(&report.wire_key) {
            report.ownership = Ownership::Ours;
        }
        facts.push(Fact::TransactionSeen { id: report.id.clone() });
    }
    facts.push(Fact::TransactionRead { report: Box::new(report) });
    Some(Reading { facts, ..Reading::default() })
}

/// GET /smartterminals/requests/{id}. Unknown words mean "still running".
fn watch(payment: &Payment, answer: &Answer) -> Reading {
    if answer.reply.status == 404 && answer.own_error().is_some() {
        return Reading::of(Fact::RequestGone);
    }
    let Some(word) = answer.body().and_then(|body| body.get("status")).and_then(Value::as_str) else {
        return answer.read_failed();
    };
    let mut reading = Reading::default();
    let id = answer.body().and_then(|body| body.get("transactionId")).and_then(report::number_or_text);
    if let Some(id) = id.filter(|_| !payment.kind().is_question()) {
        reading.facts.push(Fact::TransactionSeen { id });
    }
    let phase = match word {
        "CONNECTING" => Some(Phase::Connecting),
        "IN_PROGRESS" => Some(Phase::AtTerminal),
        "BUSY" => Some(Phase::Busy),
        "NO_CONNECTION" => Some(Phase::Offline),
        "COMPLETE" | "CANCELLED" | "CANCELED" => Some(Phase::Ended),
        _ => None,
    };
    if let (Some(Phase::Ended), Some(body)) = (phase, answer.body()) {
        questions::answer(payment, body, &mut reading);
    }
    let word = cardmask::excerpt(word, 40);
    reading.facts.push(phase.map_or(Fact::UnknownWord { word }, |phase| Fact::TerminalShows { phase }));
    reading
}

/// GET /transactions/{id}.
fn settle(payment: &Payment, id: &str, answer: &Answer) -> Reading {
    if answer.reply.status == 404 && answer.own_error().is_some() {
        return Reading::of(Fact::TransactionMissing { id: id.to_owned() });
    }
    match answer.body().and_then(|body| report::parse(body, payment)) {
        Some(report) if report.id == id => Reading::of(Fact::TransactionRead { report: Box::new(report) }),
        _ => answer.read_failed(),
    }
}

/// One page of a search: its transactions, and whether there is another page.
pub(super) fn page(answer: &Answer, payment: &Payment) -> Option<(Vec<TransactionReport>, bool)> {
    let body = answer.body()?;
    let results = body.get("results")?.as_array()?;
    let reports: Vec<TransactionReport> = results.iter().filter_map(|r| report::parse(r, payment)).collect();
    // A result that cannot be read may be the one that is looked for.
    if reports.len() != results.len() {
        return None;
    }
    let more = body.get("next").is_some_and(|next| next.as_str().is_some_and(|url| !url.is_empty()));
    Some((reports, more || results.len() >= PAGE as usize))
}

/// GET /transactions?purchaseOrderNumber=, and when our key is nowhere, the list of all since the landmark.
fn lookup(payment: &Payment, mut search: Search, answer: &Answer, known: &Known) -> Reading {
    let Some((reports, more)) = page(answer, payment) else {
        return answer.read_failed();
    };
    for report in reports {
        sort_in(report, payment, &mut search, known);
    }
    search.offset += PAGE;
    if more {
        let too_many = search.offset >= PAGES * PAGE;
        return if too_many { finish(search, false) } else { Reading { next: Some(search), ..Reading::default() } };
    }
    // The list tells candidates and proves that the search sees anything; without need it is not asked for.
    let list_wanted = payment.ended.is_none() && payment.decided.is_none() && search.found.is_empty();
    if search.listing || !list_wanted {
        return finish(search, true);
    }
    let since = payment.intent.landmark.as_ref().or(known.landmark).map(|l| l.created.clone()).unwrap_or_default();
    if since.is_empty() {
        return finish(search, true);
    }
    search = Search { listing: true, offset: 0, since, ..search };
    Reading { next: Some(search), ..Reading::default() }
}

/// Ours, the landmark, a candidate, or none of our business.
fn sort_in(report: TransactionReport, payment: &Payment, search: &mut Search, known: &Known) {
    if let Some(landmark) = &payment.intent.landmark {
        search.sighted |= report.id == landmark.transaction_id && report.wire_key == landmark.wire_key;
    }
    let seen = |found: &[TransactionReport]| found.iter().any(|f| f.id == report.id);
    if report.ownership != Ownership::Candidate {
        if !seen(&search.found) {
            search.found.push(report);
        }
        return;
    }
    let request = &payment.intent.request;
    let account = report::account(payment);
    let right_account = account.is_empty() || report.merchant_terminal == account;
    let right_kind = report.is_refund != (request.kind == Kind::Payment);
    let right_amount = report::fits(&report, payment);
    let unclaimed = !known.claimed.contains(&report.id) && !wire::is_key(&report.wire_key);
    let after = payment.intent.landmark.as_ref().is_none_or(|l| report.id != l.transaction_id);
    let new = !search.candidates.iter().any(|c| c.id == report.id);
    let original = payment.intent.original_id.as_deref() == Some(report.id.as_str());
    if right_account
        && right_kind
        && right_amount
        && unclaimed
        && after
        && new
        && !original
        && report.verdict != Verdict::Declined
    {
        search.candidates.push(Candidate::from(&report));
    }
}

fn finish(search: Search, complete: bool) -> Reading {
    let mut reading = Reading::default();
    for report in &search.found {
        reading.facts.push(Fact::TransactionRead { report: Box::new(report.clone()) });
    }
    reading.facts.push(done(search, complete));
    reading
}

fn done(search: Search, complete: bool) -> Fact {
    Fact::LookedUp(LookupDone {
        began_ms: search.began_ms,
        complete,
        sighted: search.sighted,
        found: search.found.into_iter().map(|report| report.id).collect(),
        candidates: search.candidates,
    })
}

/// GET /transactions?invoiceNumber=, after a decline by the duplicate check: which charge made it fire?
fn search_duplicate(payment: &Payment, mut search: Search, answer: &Answer) -> Reading {
    let Some((reports, more)) = page(answer, payment) else { return answer.read_failed() };
    let approved = reports.into_iter().filter(|r| r.verdict == Verdict::Approved && !r.is_refund);
    search.found.extend(approved);
    search.offset += PAGE;
    if more && search.offset < PAGES * PAGE {
        return Reading { next: Some(search), ..Reading::default() };
    }
    let mut reading = Reading::default();
    let mut candidates = Vec::new();
    for report in search.found {
        let known = |key: &str| wire::is_key(key) && key == report.wire_key;
        match payment.intent.earlier.iter().find(|earlier| known(&earlier.wire_key)) {
            Some(earlier) => reading.elsewhere.push((earlier.payment, report)),
            None => candidates.push(Candidate::from(&report)),
        }
    }
    reading.facts.push(Fact::DuplicateSearched { earlier_attempt: !reading.elsewhere.is_empty(), candidates });
    reading
}
