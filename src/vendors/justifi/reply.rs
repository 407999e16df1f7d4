//! A reply becomes facts. A reply is bytes until parsed, and parsing never fails loudly.

mod before;
mod submit;

use super::answer::{self, Answer};
use super::checkout::{self, Checkout};
use super::intent::{self, Intent};
use super::judge::Stand;
use super::refunds::{self, Read};
use super::request::{is_refund, named_first};
use super::{JustiFi, errands, report};
use crate::config::Flow;
use crate::http::HttpReply;
use crate::payment::fact::{Action, LookupDone};
use crate::payment::plan::Step;
use crate::payment::report::{Ownership, Verdict};
use crate::payment::{Fact, Kind, Payment};
use crate::status::Status;
use crate::vendors::{Known, Reading, Search};

/// Of the account's newest payments so many pages are looked through for one that nobody named.
const PAGES: u32 = 5;

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

    /// Where the request stands; as a search, which is complete, because there is one place where anything can show.
    fn look(&self, search: Search, lookup: bool) -> Reading {
        if self.payment.kind() != Kind::Payment {
            return self.look_for_refund(search, lookup);
        }
        if lookup && named_first(self.account, self.payment, &search).is_some() {
            return self.named(search);
        }
        if lookup && search.listing && self.account.flow == Flow::Checkout {
            return self.unnamed(search);
        }
        let began_ms = search.began_ms;
        let named = search.found.clone();
        let said = match self.account.flow {
            Flow::Checkout => {
                let checkout = self.answer.data().and_then(Checkout::parse).filter(|c| self.is_prepared(&c.id));
                let said = checkout.as_ref().and_then(|c| checkout::said(c, self.payment, self.known));
                let silent = said.as_ref().is_some_and(|said| said.found.is_empty());
                if let Some(checkout) = checkout.filter(|c| lookup && silent && !search.beyond && !c.created.is_empty())
                {
                    return next(Search { listing: true, word: checkout.created, ..search });
                }
                said
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

    /// No session has named a payment, and the checkout knows of none: it may stand among the account's payments all the
    /// same. That list is no part of the proof; what it cannot tell, it does not tell.
    fn unnamed(&self, mut search: Search) -> Reading {
        let done = |search| next(Search { listing: false, beyond: true, cursor: String::new(), ..search });
        if self.answer.reply.status == 429 || self.answer.is_token_refused() {
            return self.read_failed();
        }
        let Some(page) = self.answer.page() else { return done(search) };
        let ours = |item: &serde_json::Value| {
            let mut report = report::payment(self.account, item, self.payment)?;
            let of_checkout = answer::id(item, "checkout_id").is_some_and(|id| self.is_prepared(&id));
            if of_checkout && report.ownership == Ownership::Candidate {
                report.ownership = Ownership::Ours;
            }
            let charged = matches!(report.verdict, Verdict::Approved | Verdict::Voided);
            let other = report::is_anothers(&report.id, self.payment, self.known);
            (charged && !other && report.ownership == Ownership::Ours).then_some(report)
        };
        search.found.extend(page.items.iter().filter_map(ours));
        search.pages += 1;
        let cursor = page.next.filter(|cursor| !cursor.is_empty() && search.pages < PAGES && search.found.is_empty());
        match cursor {
            Some(cursor) => next(Search { cursor, ..search }),
            None => done(search),
        }
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
