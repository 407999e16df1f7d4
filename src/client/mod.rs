//! The safe Rust face of the library: clients and requests. `abi/` adds nothing to it but C.

mod capability;
mod diagnostics;
mod open;
#[cfg(test)]
mod tests;

pub use crate::engine::{Event, Item, News, Request, Want};
pub use crate::payment::Decision;
pub use crate::status::Error;
pub use capability::Capability;
#[doc(hidden)]
pub use open::imitate_slow_disk;

use crate::engine::{Admission, Command, Denied, Engine, Pace, Standing};
use crate::os;
use crate::payment::fields::{self, Defaults};
use crate::payment::snapshot::{MoneyMoved, State};
use crate::payment::{Fields, Kind, face};
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::webhook::{self, LONGEST_BODY};
use crate::vendors::{Feature, Vendor};
use std::sync::Arc;
use std::time::Instant;

/// Why a request was not started. Four of the codes name the request that stands in the way.
pub struct Refusal {
    /// The code, and what would be right.
    pub error: Error,
    /// The request that stands in the way.
    pub existing: Option<Arc<Request>>,
}

/// The largest body that [`Client::webhook`] takes, in bytes.
pub const LONGEST_WEBHOOK: usize = LONGEST_BODY;

/// One merchant account at one vendor.
pub struct Client {
    engine: Engine,
    admission: Arc<Admission>,
    pace: Arc<Pace>,
    news: Arc<News>,
    /// The vendor's module once more, for what needs no engine: what it can do and what it would take.
    vendor: Box<dyn Vendor>,
    defaults: Defaults,
    webhook_secret: Option<Secret>,
    diagnostics: diagnostics::Diagnostics,
}

impl Client {
    /// Opens the journal, recovers what an earlier run left, and starts the engine. Waits at most ten seconds.
    pub fn open(config: &Fields) -> Result<Arc<Client>, Error> {
        open::open(config)
    }

    /// Refuses new work, interrupts calls, waits for the threads. `Err(WaitTimeout)` when they need longer.
    pub fn close(&self, timeout_ms: i32) -> Result<(), Error> {
        self.news.close();
        let began = Instant::now();
        let closed = self.engine.close(timeout_ms);
        for request in self.admission.live() {
            request.close();
        }
        let took = i32::try_from(began.elapsed().as_millis()).unwrap_or(i32::MAX);
        let left_ms = if timeout_ms < 0 { timeout_ms } else { timeout_ms.saturating_sub(took).max(0) };
        if !closed || !self.diagnostics.wait(left_ms) {
            return Err(Error::new(Status::WaitTimeout, "the library's threads are still ending"));
        }
        self.admission.release_all_terminals();
        Ok(())
    }

    /// Whether the vendor can do this, by its number in the header (`PJ_CAN_*`).
    pub fn capable(&self, capability: i32) -> Result<bool, Error> {
        let Some(capability) = Capability::from_number(capability) else {
            return Err(Error::new(Status::InvalidArgument, "capability: not one of PJ_CAN_*"));
        };
        Ok(match means(capability) {
            Means::Work(kind) => self.vendor.can_do(kind),
            Means::Feature(feature) => self.vendor.has(feature),
        })
    }

    /// Checks the fields, reserves reference and terminal, hands the request to the engine. Does not wait.
    pub fn start(&self, kind: Kind, given: &Fields) -> Result<Arc<Request>, Refusal> {
        let refuse = |error: Error| Refusal { error, existing: None };
        self.check_open().map_err(refuse)?;
        if !self.vendor.can_do(kind) {
            let text = format!("{}: this vendor or version cannot do it; see pj_capable", kind.name());
            return Err(refuse(Error::new(Status::Unsupported, text)));
        }
        let fault = |fault: fields::Fault| refuse(Error::new(fault.status, fault.text));
        let checked = fields::check(kind, given, &self.defaults).map_err(fault)?;
        self.vendor.admit(&checked).map_err(fault)?;
        let original = self.original(&checked).map_err(refuse)?;
        let now = os::elapsed_ms();
        if kind.is_card_present() && !self.pace.admits_sale(self.admission.running_at_terminals(), now) {
            let text = "the account's calls for this minute or day are used up; nothing was sent";
            return Err(refuse(Error::new(Status::RateLimited, text)));
        }
        let make = |payment| {
            let request = Request::new(payment, face::queued(&checked, now));
            if !kind.is_kept() {
                request.set_unkept();
            }
            Arc::new(request)
        };
        let (request, earlier) = self.admission.reserve(&checked, make).map_err(|denied| self.deny(denied))?;
        let start = Command::Start { request: request.clone(), checked: Box::new(checked), earlier, original };
        if !self.engine.command(start) {
            self.admission.release_request(request.payment);
            return Err(refuse(closed()));
        }
        Ok(request)
    }

    /// The payment of this journal that the request works on.
    fn original(&self, checked: &fields::Checked) -> Result<Option<u64>, Error> {
        if checked.original.is_none() {
            return Ok(self.admission.find_original(checked).map(|attempt| attempt.payment));
        }
        match self.admission.find_original(checked) {
            Some(attempt) if attempt.standing == Standing::Moved => Ok(Some(attempt.payment)),
            Some(_) => Err(Error::new(Status::WrongState, "original: that payment has not moved money")),
            None => Err(Error::new(Status::NoSuchRequest, "original: no payment of this journal has that reference")),
        }
    }

    fn deny(&self, denied: Denied) -> Refusal {
        let existing = denied.existing.unwrap_or_else(|| self.face_of_old(denied.existing_payment, None));
        Refusal { error: Error::new(denied.status, denied.text), existing: Some(existing) }
    }

    /// The request that speaks for a reference. An old one is filled in by the engine in a moment.
    pub fn find(&self, reference: &str) -> Result<Arc<Request>, Error> {
        self.check_open()?;
        let Some(attempt) = self.admission.find(reference) else {
            let Some(question) = self.admission.find_question(reference) else {
                return Err(Error::new(Status::NoSuchRequest, "no request has this reference"));
            };
            let known = self.admission.request(question);
            return Ok(known.unwrap_or_else(|| self.face_of_old(question, None)));
        };
        let known = self.admission.request(attempt.payment);
        Ok(known.unwrap_or_else(|| self.face_of_old(attempt.payment, Some((reference, &attempt)))))
    }

    /// A request for a payment that only the journal knows. Until the engine has read its facts it shows what the index
    /// knows of it.
    fn face_of_old(&self, payment: u64, known: Option<(&str, &crate::engine::Attempt)>) -> Arc<Request> {
        let (reference, money, amount) = match known {
            Some((reference, attempt)) => {
                // The new tip is no sum that was taken.
                let whole = attempt.asked.kind != Kind::AdjustTip.name();
                (reference, money_of(attempt.standing), if whole { attempt.asked.amount } else { 0 })
            }
            None => ("", MoneyMoved::Unknown, 0),
        };
        let snapshot = face::from_index(reference, money, amount, os::elapsed_ms());
        let request = Arc::new(Request::new(payment, snapshot));
        self.admission.know_request(&request);
        self.engine.command(Command::Show(request.clone()));
        request
    }

    /// The requests that are not final or whose final result is not acknowledged, oldest first.
    pub fn pending(&self) -> Result<Vec<Arc<Request>>, Error> {
        self.check_open()?;
        let mut live = self.admission.live();
        live.retain(|request| !request.is_acknowledged() && request.is_kept());
        Ok(live)
    }

    /// Asks to cancel. `WrongState` when there is nothing left to cancel; `Unsupported` when it has left for a terminal
    /// that this vendor cannot reach for that.
    pub fn cancel(&self, request: &Request) -> Result<(), Error> {
        self.check_open()?;
        let state = request.snapshot().state;
        if state.is_final() {
            return Err(Error::new(Status::WrongState, "the request has ended"));
        }
        if state == State::Queued || self.vendor.has(Feature::Cancel) {
            return self.send(Command::Cancel(request.payment));
        }
        // It may still wait for a road to leave by. Then it does not leave any more.
        self.send(Command::CancelUnsent(request.payment))?;
        let text = "cancel: this vendor cannot cancel a payment from here; press the red X key on the card terminal. \
                    The payment is watched until it ends";
        Err(Error::new(Status::Unsupported, text))
    }

    /// The till has stored the final result. `WrongState` before it is final.
    pub fn acknowledge(&self, request: &Request) -> Result<(), Error> {
        self.check_open()?;
        if !request.snapshot().state.is_final() {
            return Err(Error::new(Status::WrongState, "only a final result can be acknowledged"));
        }
        if !request.acknowledge() {
            let text = "it was not acknowledged in time and is being undone: the customer is not charged; wait for the \
                        event that says so";
            return Err(Error::new(Status::WrongState, text));
        }
        self.news.forget(request.payment);
        self.send(Command::Acknowledge { payment: request.payment, shown: request.seen() })
    }

    /// A person's word about an unknown outcome. `WrongState` in any other state.
    pub fn resolve(&self, request: &Request, decision: Decision, by: &str, reason: &str) -> Result<(), Error> {
        self.check_open()?;
        let wrong = || Error::new(Status::WrongState, "only a request in PJ_STATE_UNKNOWN can be resolved");
        if request.snapshot().state != State::Unknown {
            return Err(wrong());
        }
        for (key, text) in [("by", by), ("reason", reason)] {
            if text.trim().is_empty() || text.chars().count() > 200 {
                return Err(Error::new(Status::InvalidArgument, format!("{key}: 1 to 200 characters")));
            }
            if crate::payment::cardmask::holds_card_number(text) {
                return Err(Error::new(Status::InvalidText, format!("{key}: holds a card number")));
            }
        }
        if decision == Decision::Paid && request.snapshot().money == MoneyMoved::NotMoved {
            return Err(Error::new(Status::InvalidArgument, "decision: it moves no money; NOT_PAID ends it"));
        }
        if decision != Decision::KeepLooking && !request.resolve() {
            return Err(wrong());
        }
        let (by, reason) = (by.to_owned(), reason.to_owned());
        self.send(Command::Resolve { payment: request.payment, decision, by, reason })
    }

    /// Checks the signature of a webhook and hands its body to the engine. Does not wait.
    ///
    /// `Signature`: forged. `InvalidArgument`: empty. `Config`: there is no secret to check it with.
    pub fn webhook(&self, headers: &str, body: &[u8]) -> Result<(), Error> {
        self.check_open()?;
        let Some(scheme) = self.vendor.webhooks() else {
            return Err(Error::new(Status::Unsupported, "this vendor's webhooks cannot be read; see PJ_CAN_WEBHOOKS"));
        };
        let Some(secret) = &self.webhook_secret else {
            let text = "webhook_secret: is not in the configuration, and without it nobody can tell who sent this";
            return Err(Error::new(Status::Config, text));
        };
        webhook::verify(scheme, secret, headers, body)?;
        self.send(Command::Webhook(body.to_vec()))
    }

    /// What there is to tell the till.
    pub fn news(&self) -> &Arc<News> {
        &self.news
    }

    fn send(&self, command: Command) -> Result<(), Error> {
        if self.engine.command(command) { Ok(()) } else { Err(closed()) }
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.news.is_closed() { Err(closed()) } else { Ok(()) }
    }
}

/// What the index knows of the money of an old payment.
fn money_of(standing: Standing) -> MoneyMoved {
    if standing == Standing::Moved { MoneyMoved::Moved } else { MoneyMoved::Unknown }
}

/// What a capability stands for.
enum Means {
    Work(Kind),
    Feature(Feature),
}

fn means(capability: Capability) -> Means {
    match capability {
        Capability::Payment => Means::Work(Kind::Payment),
        Capability::TerminalRefund => Means::Work(Kind::TerminalRefund),
        Capability::Signature => Means::Work(Kind::Signature),
        Capability::Prompt => Means::Work(Kind::Prompt),
        Capability::Input => Means::Work(Kind::Input),
        Capability::CardRead => Means::Work(Kind::CardRead),
        Capability::Capture => Means::Work(Kind::Capture),
        Capability::Void => Means::Work(Kind::Void),
        Capability::Refund => Means::Work(Kind::Refund),
        Capability::Reverse => Means::Work(Kind::Reverse),
        Capability::AdjustTip => Means::Work(Kind::AdjustTip),
        Capability::FetchTransaction => Means::Work(Kind::FetchTransaction),
        Capability::FetchReceipt => Means::Work(Kind::FetchReceipt),
        Capability::SendReceipt => Means::Work(Kind::SendReceipt),
        Capability::FetchSignature => Means::Work(Kind::FetchSignature),
        Capability::Reconcile => Means::Work(Kind::Reconcile),
        Capability::SelfCheck => Means::Work(Kind::SelfCheck),
        Capability::ListTerminals => Means::Work(Kind::ListTerminals),
        Capability::FetchTerminal => Means::Work(Kind::FetchTerminal),
        Capability::PairTerminal => Means::Work(Kind::PairTerminal),
        Capability::UnpairTerminal => Means::Work(Kind::UnpairTerminal),
        Capability::SetTerminal => Means::Work(Kind::SetTerminal),
        Capability::IdentifyTerminal => Means::Work(Kind::IdentifyTerminal),
        Capability::Cancel => Means::Feature(Feature::Cancel),
        Capability::Tips => Means::Feature(Feature::Tips),
        Capability::Partial => Means::Feature(Feature::Partial),
        Capability::Surcharge => Means::Feature(Feature::Surcharge),
        Capability::CaptureLater => Means::Feature(Feature::CaptureLater),
        Capability::ManualEntry => Means::Feature(Feature::ManualEntry),
        Capability::SaveCard => Means::Feature(Feature::SaveCard),
        Capability::InterruptBusy => Means::Feature(Feature::InterruptBusy),
        Capability::WaitForTerminal => Means::Feature(Feature::WaitForTerminal),
        Capability::LineItems => Means::Feature(Feature::LineItems),
        Capability::Webhooks => Means::Feature(Feature::Webhooks),
        Capability::HoldAfter => Means::Feature(Feature::HoldAfter),
    }
}

fn closed() -> Error {
    Error::new(Status::Closed, "the client was closed")
}
