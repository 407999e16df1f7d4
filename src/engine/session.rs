//! The session of the account: one token for all calls, opened when it is needed, by one call at a time.

use super::calls::comes_first;
use super::core::{Core, Effect};
use super::gate::Priority;
use crate::http::Delivery;
use crate::payment::fact::Failure;
use crate::payment::rules::Step;
use crate::payment::{Fact, cardmask};
use crate::status::Status;
use crate::vendors::Session;

/// A session is opened anew so long before its end.
const EARLY_MS: u64 = 60_000;
/// After a failure, the next try waits so long.
const PAUSE_MS: u64 = 2_000;
/// Wrong credentials do not heal by asking again.
const REFUSED_MS: u64 = 60_000;

/// The account's session, in memory only.
#[derive(Default)]
pub(super) struct Desk {
    held: Option<Session>,
    /// Counts the sessions, to tell whose end a refusal means.
    pub number: u64,
    until: u64,
    /// The call that opens one.
    opening: Option<u64>,
    failed: Option<(Failure, u64)>,
}

/// What a call that needs a session has to do.
pub(super) enum Admittance {
    /// Go. Most vendors need no session at all.
    Go,
    /// One is being opened.
    Wait,
    /// None can be had. The failure, and for how long.
    Fail(Failure, u64),
}

impl Desk {
    /// The session in use.
    pub(super) fn held(&self) -> Option<&Session> {
        self.held.as_ref()
    }

    /// In words, for the diagnostics.
    pub(super) fn describe(&self, now: u64) -> String {
        if self.opening.is_some() {
            return String::from("being opened");
        }
        if self.held.is_some() {
            return format!(
                "open, the {}. of this run, good for another {} s",
                self.number,
                self.until.saturating_sub(now) / 1_000
            );
        }
        match &self.failed {
            Some((failure, until)) if now < *until => format!("could not be opened: {}", failure.text),
            _ => String::from("none open"),
        }
    }
}

impl Core {
    /// Whether a call may go. Opens a session when one is needed and none is there.
    pub(super) fn session_admits(&mut self) -> Admittance {
        let Some(request) = self.vendor.open_session() else { return Admittance::Go };
        let desk = &mut self.session;
        if desk.held.is_some() && self.now < desk.until {
            return Admittance::Go;
        }
        if let Some((failure, until)) = desk.failed.as_ref().filter(|(_, until)| self.now < *until) {
            return Admittance::Fail(failure.clone(), until - self.now);
        }
        let call = self.next_call;
        self.next_call += 1;
        desk.held = None;
        desk.opening = Some(call);
        self.log.debug(|| String::from("opening a session"));
        self.gate.sent(Priority::Submit, call, self.now);
        self.gate.hold(true);
        self.effects.push(Effect::Send { call, request });
        Admittance::Wait
    }

    /// True when the answer was the session's, and not a payment's.
    pub(super) fn session_answered(&mut self, call: u64, delivery: &Delivery) -> bool {
        if self.session.opening != Some(call) {
            return false;
        }
        self.session.opening = None;
        self.gate.hold(false);
        let opened = match delivery {
            Delivery::Reply(reply) => self.vendor.read_session(reply),
            Delivery::NotSent(error) | Delivery::Lost(error) => {
                Err(Failure::new(error.status, cardmask::excerpt(&error.text, 200)))
            }
        };
        match opened {
            Ok(session) => {
                let lasts = session.lasts_ms;
                self.session.until = self.now + lasts.saturating_sub(EARLY_MS).max(lasts / 2);
                self.session.number += 1;
                self.session.held = Some(session);
                self.session.failed = None;
                self.log.debug(|| String::from("a session is open"));
            }
            Err(failure) => {
                self.log.warning(|| format!("no session: {}", failure.text));
                let pause = if is_final(&failure) { REFUSED_MS } else { PAUSE_MS };
                self.session.failed = Some((failure, self.now + pause));
            }
        }
        true
    }

    /// The vendor refused a call because its session has ended.
    pub(super) fn session_over(&mut self, number: u64) {
        if self.session.number == number {
            self.session.held = None;
        }
    }

    /// A call cannot be made for want of a session: nothing was sent.
    pub(super) fn without_session(&mut self, payment: u64, step: &Step, failure: Failure, pause: u64) {
        let pause_ms = u32::try_from(pause).unwrap_or(u32::MAX);
        let first = self.lanes.get(&payment).is_some_and(|lane| comes_first(&lane.payment, step));
        if matches!(step, Step::Submit(_)) || (first && is_final(&failure)) {
            let again = !is_final(&failure);
            self.record(payment, Fact::NotSent { failure, again, pause_ms });
        } else {
            self.failed_read(payment, step, failure, pause_ms);
        }
        self.ready.insert(payment);
    }
}

/// Asking again would bring the same answer.
fn is_final(failure: &Failure) -> bool {
    matches!(failure.status, Status::Unauthorized | Status::Forbidden | Status::Tls | Status::Proxy)
}
