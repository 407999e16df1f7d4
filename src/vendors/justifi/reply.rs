//! A reply becomes facts. A reply is bytes until parsed, and parsing never fails loudly.

use super::answer::{Answer, id, masked, word};
use super::checkout::{self, Checkout};
use super::intent::{self, Intent};
use super::judge::Stand;
use super::refunds::{self, Read};
use super::request::{is_refund, named_first};
use super::{JustiFi, errands, report};
use crate::config::Flow;
use crate::http::HttpReply;
use crate::payment::fact::{Action, Failure, LookupDone};
use crate::payment::plan::Step;
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::{Fact, Kind, Payment, wire};
use crate::status::Status;
use crate::vendors::codes::{Call, Meaning};
use crate::vendors::{Known, Reading, Search};

pub(super) fn read(
    account: &JustiFi,
    step: &Step,
    payment: &Payment,
    search: Search,
    reply: &HttpReply,
    known: &Known,
) -> Reading {
    let reader = Reader { account, payment, answer: Answer::of(reply), known };
    match step {
        Step::Submit(action) => reader.submit(*action),
        Step::Prepare => reader.prepare(),
        Step::Baseline if payment.kind().is_card_present() => reader.baseline(search),
        Step::Baseline => reader.refund_baseline(search),
        Step::TerminalStatus => reader.terminal_status(),
        Step::Watch => reader.look(search, false),
        Step::Lookup => reader.look(search, true),
        Step::Settle { id } => reader.settle(id),
        Step::Errand => errands::read(account, payment, search, &reader.answer),
        Step::Cancel | Step::SearchDuplicate | Step::FetchAnswer { .. } => reader.read_failed(),
    }
}

struct Reader<'a> {
    account: &'a JustiFi,
    payment: &'a Payment,
    answer: Answer<'a>,
    known: &'a Known<'a>,
}

fn facts(facts: Vec<Fact>) -> Reading {
    Reading { facts, ..Reading::default() }
}

fn next(search: Search) -> Reading {
    Reading { next: Some(search), ..Reading::default() }
}

impl Reader<'_> {
    /// The newest thing that is known of the road is a token that was refused.
    fn token_refused_before(&self) -> bool {
        self.payment.trouble.as_ref().is_some_and(|failure| failure.status == Status::Unauthorized)
    }

    fn read_failed(&self) -> Reading {
        self.answer.read_failed(self.token_refused_before())
    }

    /// A step before the submit failed. What the vendor refuses for good ends the payment: nothing of it was sent.
    fn unprepared(&self, call: Call) -> Reading {
        let refused = self.answer.row(call).means == Meaning::Refused;
        let new_token_helps = self.answer.is_token_refused() && !self.token_refused_before();
        if !refused || new_token_helps || self.payment.may_be_executed() {
            return self.read_failed();
        }
        let session_over = self.answer.is_token_refused();
        Reading { session_over, ..self.unsendable(self.answer.failure(call)) }
    }

    fn unsendable(&self, failure: Failure) -> Reading {
        facts(vec![Fact::NotSent { failure, again: false, pause_ms: 0 }])
    }

    /// POST /checkouts or /payment_intents. A new one is read as soon as it is made: its baseline comes with it.
    fn prepare(&self) -> Reading {
        let Some(data) = self.answer.data() else { return self.unprepared(Call::Prepare) };
        if self.payment.kind() == Kind::TerminalRefund {
            return self.prepare_refund(data);
        }
        let made = match self.account.flow {
            Flow::Checkout => Checkout::parse(data).map(|c| (c.id.clone(), self.checkout_baseline(&c))),
            Flow::PaymentIntent => Intent::parse(data).map(|i| (i.id, None)),
        };
        let Some((id, baseline)) = made else { return self.read_failed() };
        let prepared = Fact::Prepared { id };
        facts(std::iter::once(prepared).chain(baseline).collect())
    }

    /// The checkout answers to what was asked for, and says what attempts it has seen.
    fn checkout_baseline(&self, checkout: &Checkout) -> Option<Fact> {
        let open = matches!(checkout.status.as_str(), "created" | "attempted");
        let fits = self.fits(checkout.amount, &checkout.currency);
        let completions = checkout.completions.as_ref().filter(|_| open && fits)?;
        Some(Fact::Baseline { ids: completions.iter().map(|c| c.id.clone()).collect() })
    }

    fn fits(&self, amount: Option<i64>, currency: &str) -> bool {
        let request = &self.payment.intent.request;
        amount == request.amount && currency.eq_ignore_ascii_case(request.currency.code())
    }

    /// A refund at the terminal goes by the intent of its original (refundTerminal).
    fn prepare_refund(&self, data: &serde_json::Value) -> Reading {
        if id(data, "id") != self.payment.intent.original_id {
            return self.read_failed();
        }
        let Some(intent) = id(data, "payment_intent_id") else {
            let text = "the original was not paid with a payment intent; refund it without the card";
            return self.unsendable(Failure::new(Status::Rejected, text));
        };
        let baseline = refunds::within(data, self.payment).map(|refunds| refunds::baseline(&refunds));
        facts(std::iter::once(Fact::Prepared { id: intent }).chain(baseline).collect())
    }

    /// What is there before the submit.
    fn baseline(&self, search: Search) -> Reading {
        if self.payment.kind() == Kind::TerminalRefund {
            return self.refund_baseline(search);
        }
        match self.account.flow {
            Flow::Checkout => self.baseline_of_checkout(),
            Flow::PaymentIntent if search.listing => self.baseline_of_payments(),
            Flow::PaymentIntent => self.baseline_of_intent(search),
        }
    }

    fn baseline_of_checkout(&self) -> Reading {
        let Some(checkout) = self.answer.data().and_then(Checkout::parse).filter(|c| self.is_prepared(&c.id)) else {
            return self.unread();
        };
        if let Some(paid) = checkout.paid_by() {
            let report = checkout::earlier_approval(self.account, &checkout, paid, self.payment);
            return self.paid_before(report);
        }
        match checkout.status.as_str() {
            "expired" => facts(vec![Fact::PreparedGone { id: checkout.id }]),
            "created" | "attempted" if !self.fits(checkout.amount, &checkout.currency) => {
                self.misfit(checkout.id, &checkout.key)
            }
            _ => match self.checkout_baseline(&checkout) {
                Some(baseline) => facts(vec![baseline]),
                None => self.read_failed(),
            },
        }
    }

    fn baseline_of_intent(&self, search: Search) -> Reading {
        let Some(intent) = self.answer.data().and_then(Intent::parse).filter(|i| self.is_prepared(&i.id)) else {
            return self.unread();
        };
        if let Some(paid) = intent.paid_by() {
            return self.paid_before(intent::earlier_approval(&intent, paid, self.payment));
        }
        match intent.status.as_str() {
            "canceled" | "cancelled" => facts(vec![Fact::PreparedGone { id: intent.id }]),
            _ if !self.fits(intent.amount, &intent.currency) => self.misfit(intent.id, &intent.key),
            _ => next(Search { listing: true, word: intent.status, ..search }),
        }
    }

    fn baseline_of_payments(&self) -> Reading {
        let page = self.answer.page().filter(|page| page.next.is_none());
        let Some(page) = page else { return self.unread() };
        let reports: Option<Vec<TransactionReport>> =
            page.items.iter().map(|item| report::payment(self.account, item, self.payment)).collect();
        let Some(reports) = reports else { return self.read_failed() };
        match reports.iter().find(|report| report.verdict == Verdict::Approved) {
            Some(approved) => self.paid_before(approved.clone()),
            None => facts(vec![Fact::Baseline { ids: reports.into_iter().map(|report| report.id).collect() }]),
        }
    }

    /// What the attempts of this reference share has been paid: an earlier one was approved after all.
    fn paid_before(&self, report: TransactionReport) -> Reading {
        match self.payment.intent.earlier.iter().rev().find(|earlier| earlier.dispatched) {
            Some(earlier) => Reading {
                facts: vec![Fact::PriorChecked { clear: false }],
                elsewhere: vec![(earlier.payment, report)],
                ..Reading::default()
            },
            None => self.unsendable(Failure::new(Status::Integrity, "it was paid before it was sent to a terminal")),
        }
    }

    /// Another amount or currency: an earlier attempt's is left alone, a new one is the vendor's mistake.
    fn misfit(&self, id: String, key: &str) -> Reading {
        if key != self.payment.intent.wire_key {
            return facts(vec![Fact::PreparedGone { id }]);
        }
        let text = "the account charges another amount or currency than the one asked for";
        self.unsendable(Failure::new(Status::Integrity, text))
    }

    fn is_prepared(&self, id: &str) -> bool {
        self.payment.prepared.as_deref() == Some(id)
    }

    fn refund_baseline(&self, search: Search) -> Reading {
        match refunds::read(&self.answer, search, self.payment) {
            Read::Done(refunds) => facts(vec![refunds::baseline(&refunds)]),
            Read::More(search) => next(*search),
            Read::Failed => self.unread(),
        }
    }

    /// GET /terminals/{id}/status. Only ACTIVE and CONNECTED are documented; other words are the list's.
    fn terminal_status(&self) -> Reading {
        let word = self.answer.data().map(|data| word(data, "status")).filter(|word| !word.is_empty());
        let Some(word) = word else {
            let unknown = self.answer.reply.status == 404 && self.answer.code() == "resource_not_found";
            return self.unprepared(if unknown { Call::Start } else { Call::Read });
        };
        if word == "disconnected" && !self.payment.may_be_executed() {
            return self.unsendable(Failure::new(Status::DeviceOffline, "the terminal is not connected"));
        }
        let (busy, word) = (word == "active", masked(&word, 40));
        facts(vec![Fact::TerminalStatus { busy, authorization_ms: None, word }])
    }

    /// What must be read first could not be read. What was just made may be unknown for a moment.
    fn unread(&self) -> Reading {
        if self.answer.reply.status == 404 { self.read_failed() } else { self.unprepared(Call::Read) }
    }

    /// The answer to whatever can move money. Refused only where the vendor's own words say that nothing was started.
    fn submit(&self, action: Action) -> Reading {
        if self.answer.is_own_error() {
            return self.submit_failed(action);
        }
        let accepted = match self.answer.data() {
            None => None,
            Some(data) if self.payment.kind().is_card_present() => self.started(data),
            Some(data) => self.changed(action, data),
        };
        accepted.map_or_else(|| facts(vec![Fact::Unclear { failure: self.answer.failure(Call::Start) }]), facts)
    }

    fn submit_failed(&self, action: Action) -> Reading {
        let call = match (self.payment.kind(), action) {
            (Kind::Payment | Kind::TerminalRefund, _) => Call::Start,
            (Kind::Refund, _) | (_, Action::Refund) => Call::Refund,
            _ => Call::Change,
        };
        let failure = self.answer.failure(call);
        let session_over = self.answer.is_token_refused();
        let fact = if session_over && self.payment.tokens_refused == 0 {
            Fact::NotSent { failure, again: true, pause_ms: 0 }
        } else {
            match self.answer.row(call).means {
                Meaning::Refused => Fact::Refused { failure },
                // What a payment at a terminal started from, its own checkout tells.
                Meaning::ReadOriginal if call != Call::Start => Fact::Refused { failure },
                Meaning::Pause => Fact::NotSent { failure, again: true, pause_ms: self.answer.pause_ms() },
                _ => Fact::Unclear { failure },
            }
        };
        Reading { session_over, ..facts(vec![fact]) }
    }

    /// The session at the terminal, in today's envelope or the older one (payTerminal).
    fn started(&self, data: &serde_json::Value) -> Option<Vec<Fact>> {
        let body = self.answer.body()?;
        if !word(body, "type").starts_with("terminal_") || !body.get("data")?.is_object() {
            return None;
        }
        let request_id = id(data, "id").or_else(|| id(body, "id"))?;
        let named = |key: &str| id(data, key).or_else(|| id(data.get(key.strip_suffix("_id")?)?, "id"));
        let prepared = if self.account.flow == Flow::Checkout { "checkout_id" } else { "payment_intent_id" };
        let same = |key: &str, ours: Option<&str>| named(key).is_none_or(|told| Some(told.as_str()) == ours);
        let terminal = Some(self.payment.intent.request.terminal.as_str());
        if !same(prepared, self.payment.prepared.as_deref()) || !same("terminal_id", terminal) {
            return None;
        }
        let payment = id(data, "payment_id").filter(|_| self.payment.kind() == Kind::Payment);
        let accepted = Fact::Accepted { request_id };
        Some(std::iter::once(accepted).chain(payment.map(|id| Fact::TransactionNamed { id })).collect())
    }

    /// Void and capture answer with the payment, a refund with the refund.
    fn changed(&self, action: Action, data: &serde_json::Value) -> Option<Vec<Fact>> {
        let accepted = Fact::Accepted { request_id: String::new() };
        if self.payment.kind() != Kind::Refund && action != Action::Refund {
            let report = report::payment(self.account, data, self.payment)?;
            let original = self.payment.intent.original_id.as_deref() == Some(report.id.as_str());
            return original.then(|| vec![accepted, Fact::TransactionRead { report: Box::new(report) }]);
        }
        let kind = word(self.answer.body()?, "type");
        let mut report = report::refund(data, self.payment).filter(|_| kind.is_empty() || kind == "refund")?;
        let of = id(data, "payment_id");
        if of.is_some_and(|of| Some(&of) != self.payment.intent.original_id.as_ref())
            || self.payment.intent.original_id.as_deref() == Some(report.id.as_str())
        {
            return None;
        }
        // The answer to our own submit names the refund: that makes it ours.
        if report.ownership == Ownership::Candidate && !wire::is_key(&report.wire_key) {
            report.ownership = Ownership::Ours;
        }
        let seen = Fact::TransactionSeen { id: report.id.clone() };
        Some(vec![accepted, seen, Fact::TransactionRead { report: Box::new(report) }])
    }

    /// Where the request stands; as a search, which is complete, because there is one place where anything can show.
    fn look(&self, search: Search, lookup: bool) -> Reading {
        if self.payment.kind() != Kind::Payment {
            return self.look_for_refund(search, lookup);
        }
        if lookup && named_first(self.account, self.payment, &search).is_some() {
            return self.named(search);
        }
        let began_ms = search.began_ms;
        let named = search.found.clone();
        let said = match self.account.flow {
            Flow::Checkout => {
                let checkout = self.answer.data().and_then(Checkout::parse).filter(|c| self.is_prepared(&c.id));
                checkout.and_then(|checkout| checkout::said(&checkout, self.payment, self.known))
            }
            Flow::PaymentIntent if search.listing => {
                let page = self.answer.page().filter(|page| page.next.is_none());
                let said =
                    |items| intent::said_by_payments(self.account, items, &search.word, self.payment, self.known);
                page.and_then(|page| said(page.items))
            }
            Flow::PaymentIntent => {
                let intent = self.answer.data().and_then(Intent::parse).filter(|i| self.is_prepared(&i.id));
                match intent.as_ref().map(|intent| intent.paid_by().ok_or(intent.status.clone())) {
                    Some(Ok(paid)) => Some(intent::said_by_intent(paid, self.payment, self.known)),
                    Some(Err(word)) => return next(Search { listing: true, word, ..search }),
                    None => None,
                }
            }
        };
        let Some(mut said) = said else { return self.gone_or_failed(lookup) };
        for report in named {
            said.found.push(report.id.clone());
            said.facts.push(Fact::TransactionSeen { id: report.id.clone() });
            said.facts.push(Fact::TransactionRead { report: Box::new(report) });
        }
        if lookup {
            said.facts.push(done(began_ms, said.found));
        }
        facts(said.facts)
    }

    /// An id that was given out is unknown, or the read has failed.
    fn gone_or_failed(&self, lookup: bool) -> Reading {
        let unknown = self.answer.reply.status == 404 && self.answer.is_own_error();
        if unknown && !lookup { facts(vec![Fact::RequestGone]) } else { self.read_failed() }
    }

    /// First of all the payment that the session had named: it may be there although the checkout does not say so.
    fn named(&self, mut search: Search) -> Reading {
        let unknown = self.answer.reply.status == 404 && self.answer.is_own_error();
        let report = self.answer.data().and_then(|data| report::payment(self.account, data, self.payment));
        if report.is_none() && !unknown {
            return self.read_failed();
        }
        let other = |id: &str| report::is_anothers(id, self.payment, self.known);
        let report = report.filter(|r| matches!(r.verdict, Verdict::Approved | Verdict::Voided) && !other(&r.id));
        search.found.extend(report);
        next(Search { beyond: true, ..search })
    }

    fn look_for_refund(&self, search: Search, lookup: bool) -> Reading {
        let began_ms = search.began_ms;
        match refunds::read(&self.answer, search, self.payment) {
            Read::Done(found) if lookup => refunds::lookup(&found, began_ms, self.payment, self.known),
            Read::Done(found) => facts(refunds::watch(&found, self.payment, self.known)),
            Read::More(search) => next(*search),
            Read::Failed => self.gone_or_failed(lookup),
        }
    }

    /// One payment, refund, or failed attempt.
    fn settle(&self, wanted: &str) -> Reading {
        if wanted.starts_with("chc_") {
            return self.settle_attempt(wanted);
        }
        if self.answer.reply.status == 404 && self.answer.is_own_error() {
            return facts(vec![Fact::TransactionMissing { id: wanted.to_owned() }]);
        }
        let Some(data) = self.answer.data() else { return self.read_failed() };
        let report = match is_refund(self.payment, wanted) {
            true => report::refund(data, self.payment),
            false => report::payment(self.account, data, self.payment),
        };
        let Some(mut report) = report.filter(|report| report.id == wanted) else { return self.read_failed() };
        // Attempts of one reference share a checkout, and the key in it: the session's word counts more.
        if report.ownership == Ownership::Ours && report::is_anothers(wanted, self.payment, self.known) {
            report.ownership = Ownership::Candidate;
        }
        let read = Fact::TransactionRead { report: Box::new(report) };
        facts(self.refunds_beside(wanted, data).into_iter().chain([read]).collect())
    }

    /// The original, read before a refund of it is sent, lists the refunds that are there already.
    fn refunds_beside(&self, wanted: &str, data: &serde_json::Value) -> Option<Fact> {
        let original = self.payment.intent.original_id.as_deref() == Some(wanted);
        let refunds = matches!(self.payment.kind(), Kind::Refund | Kind::Reverse);
        let sent = self.payment.send.as_ref().is_some_and(|send| send.action == Action::Refund)
            || (self.payment.kind() == Kind::Refund && self.payment.send.is_some());
        if !original || !refunds || sent {
            return None;
        }
        refunds::within(data, self.payment).map(|refunds| refunds::baseline(&refunds))
    }

    /// A completion is read with its checkout.
    fn settle_attempt(&self, wanted: &str) -> Reading {
        let checkout = self.answer.data().and_then(Checkout::parse).filter(|c| self.is_prepared(&c.id));
        let Some(checkout) = checkout else { return self.read_failed() };
        if let Some(paid) = checkout.paid_by() {
            let said = checkout::said(&checkout, self.payment, self.known);
            let seen = self.payment.transactions.iter().any(|t| t.id == paid);
            if let Some(said) = said.filter(|_| !seen) {
                return facts(said.facts);
            }
        }
        let attempt = checkout.completions.as_ref().and_then(|list| list.iter().find(|c| c.id == wanted));
        let Some(attempt) = attempt else { return self.read_failed() };
        let over = matches!(attempt.stand, Stand::Declined | Stand::Canceled | Stand::TimedOut);
        let verdict = if over { Verdict::Declined } else { Verdict::Open };
        let amount = checkout.amount.or(self.payment.intent.request.amount).unwrap_or(0);
        let report = report::attempt(attempt, amount, verdict, self.payment);
        facts(vec![Fact::TransactionRead { report: Box::new(report) }])
    }
}

/// There is one place where anything can show, and it was read.
fn done(began_ms: u64, found: Vec<String>) -> Fact {
    Fact::LookedUp(LookupDone { began_ms, complete: true, sighted: true, found, candidates: Vec::new() })
}
