//! What is made and read at the vendor before the submit: the checkout or intent, what it has seen, the terminal.

use super::{Reader, facts, next};
use crate::config::Flow;
use crate::payment::fact::Failure;
use crate::payment::report::{TransactionReport, Verdict};
use crate::payment::{Fact, Kind};
use crate::status::Status;
use crate::vendors::codes::{Call, Meaning};
use crate::vendors::justifi::answer::{id, masked, word};
use crate::vendors::justifi::checkout::{self, Checkout};
use crate::vendors::justifi::intent::{self, Intent};
use crate::vendors::justifi::refunds::{self, Read};
use crate::vendors::justifi::report;
use crate::vendors::{Reading, Search};

impl Reader<'_> {
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
    pub(super) fn prepare(&self) -> Reading {
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
    pub(super) fn baseline(&self, search: Search) -> Reading {
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

    pub(super) fn is_prepared(&self, id: &str) -> bool {
        self.payment.prepared.as_deref() == Some(id)
    }

    pub(super) fn refund_baseline(&self, search: Search) -> Reading {
        match refunds::read(&self.answer, search, self.payment) {
            Read::Done(refunds) => facts(vec![refunds::baseline(&refunds)]),
            Read::More(search) => next(*search),
            Read::Failed => self.unread(),
        }
    }

    /// GET /terminals/{id}/status. Only ACTIVE and CONNECTED are documented; other words are the list's.
    pub(super) fn terminal_status(&self) -> Reading {
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
}
