//! The call that this thread is working on: its deadline, its interruption, how far it got, what it handed down.
//!
//! ureq stays on the thread that calls it, so a thread-local reaches our layers above and below TLS, on pooled
//! connections too. Configuration of ureq per request would not: it never fills ureq's cache of TLS settings.

use std::cell::{Cell, RefCell};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::Sender;
use ureq::Timeout;
use ureq::unversioned::transport::NextTimeout;

use super::Report;
use crate::os::elapsed_ms;

/// How far a call has got. It decides which status a failure has when no byte of the request left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Lookup,
    Connect,
    Proxy,
    Tls,
    Exchange,
}

/// Interrupts calls: those begun before the count rose are to end.
#[derive(Clone, Default)]
pub struct Interruption(Arc<AtomicU64>);

impl Interruption {
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub fn raise(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// What our layers need to know about the call.
pub struct Current {
    pub id: u64,
    pub submit: bool,
    /// On the clock of [`elapsed_ms`].
    pub deadline_ms: u64,
    /// On the same clock: from then on nothing of the request may begin to leave.
    pub leave_by_ms: u64,
    pub interruption: Interruption,
    /// The count of interruptions when the call was started.
    pub begun_at: u64,
    pub reports: Sender<Report>,
    pub sent: Cell<u64>,
    pub phase: Cell<Phase>,
}

impl Current {
    pub fn is_interrupted(&self) -> bool {
        self.interruption.count() != self.begun_at
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// While it lives, this thread works on the call.
pub struct InHand(());

impl InHand {
    pub fn take_up(call: Current) -> InHand {
        CURRENT.set(Some(call));
        InHand(())
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// Asks the call of this thread, or gives `otherwise` when it has none.
pub fn ask<T>(otherwise: T, question: impl FnOnce(&Current) -> T) -> T {
    CURRENT.with_borrow(|current| current.as_ref().map_or(otherwise, question))
}

pub fn enter(phase: Phase) {
    ask((), |call| call.phase.set(phase));
}

pub fn is_submit() -> bool {
    ask(false, |call| call.submit)
}

/// True when it is too late for the first byte of the request to leave.
pub fn is_too_late() -> bool {
    ask(false, |call| call.sent.get() == 0 && elapsed_ms() >= call.leave_by_ms)
}

/// Notes that bytes of the request are about to be handed down, and reports the first of them.
///
/// It is called before the bytes move: a count of zero must prove that none did.
pub fn note_sent(bytes: usize) {
    ask((), |call| {
        let before = call.sent.get();
        call.sent.set(before + bytes as u64);
        if before == 0 && bytes > 0 {
            // A reader that is gone wants no news.
            let _ = call.reports.send(Report::Departed { id: call.id });
        }
    });
}

/// When a wait must end, and which of ureq's limits ends it.
#[derive(Clone, Copy)]
pub struct Limit {
    at_ms: u64,
    reason: Timeout,
}

impl Limit {
    /// The nearer of the phase's limit and the call's deadline.
    pub fn of(timeout: NextTimeout) -> Limit {
        let at_ms = if timeout.after.is_not_happening() {
            u64::MAX
        } else {
            elapsed_ms().saturating_add(u64::try_from(timeout.after.as_millis()).unwrap_or(u64::MAX))
        };
        let deadline_ms = ask(u64::MAX, |call| call.deadline_ms);
        if deadline_ms < at_ms {
            Limit { at_ms: deadline_ms, reason: Timeout::Global }
        } else {
            Limit { at_ms, reason: timeout.reason }
        }
    }

    /// Milliseconds that are left, at least one; an error when the call is interrupted or the time is over.
    pub fn left(&self) -> Result<u64, ureq::Error> {
        go_on()?;
        match self.at_ms.checked_sub(elapsed_ms()) {
            Some(left) if left > 0 => Ok(left),
            _ => Err(ureq::Error::Timeout(self.reason)),
        }
    }
}

/// An error when the call is interrupted.
///
/// Its kind is `Other` because the layers above act on the telling ones: `Interrupted` is tried again for ever, and the
/// kinds of a broken connection end a body as if it were whole.
pub fn go_on() -> Result<(), ureq::Error> {
    if ask(false, Current::is_interrupted) { Err(io::Error::other("interrupted").into()) } else { Ok(()) }
}
