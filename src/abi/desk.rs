//! The desk at which a client's news is told: who is there now, what is being told, and which callbacks want it.
//!
//! An exception may leave a callback and unwind past pj_dispatch without running anything of it: Delphi and C++ do so,
//! each in its own way. So "somebody is dispatching" is not a guard that is dropped at the end but a mark: thread and
//! stack address. The stack grows down, so a true caller of the present frame lies above it; a mark at or below it was
//! abandoned. A mark above could still be a leftover from a place that the stack has since reused, so the frame also
//! holds stamps, and a mark whose stamps are not there any more is abandoned too.

use super::client::ClientCell;
use super::guard::Fault;
use super::handles;
use super::log::pj_log_fn;
use super::news::pj_event_fn;
use super::types::pj_request;
use crate::client::{Request, Want};
use crate::payment::snapshot::Snapshot;
use crate::status::Status;
use std::cell::Cell;
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Where a thread stands: its number and an address in its present frame.
#[derive(Clone, Copy)]
pub struct Place {
    thread: u64,
    frame: usize,
}

impl Place {
    /// `frame` is the address of a local of the exported function itself.
    pub fn at<T>(frame: *const T) -> Place {
        thread_local! { static NUMBER: Cell<u64> = const { Cell::new(0) }; }
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let thread = NUMBER.with(|number| {
            if number.get() == 0 {
                number.set(NEXT.fetch_add(1, Ordering::Relaxed));
            }
            number.get()
        });
        Place { thread, frame: frame.expose_provenance() }
    }
}

/// How many words of a frame are stamped. One lies easily in a gap that a later frame never writes, such as an array of
/// which little is used (700 bytes of one in a C++ host did it); 8 KiB hardly do.
const STAMPS: usize = 1024;

/// The words by which a frame that fetches news is recognized. They stand first in its state.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Stamps([u64; STAMPS]);

impl Stamps {
    pub const NONE: Stamps = Stamps([0; STAMPS]);

    /// Writes fresh stamps, and says which.
    pub fn renew(&mut self) -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(0x706A_0001_5354_4D50);
        let seed = NEXT.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        for (number, word) in self.0.iter_mut().enumerate() {
            // SAFETY: a live word of our own; volatile because the desk reads it behind the compiler's back.
            unsafe { (&raw mut *word).write_volatile(seed.wrapping_add(number as u64)) };
        }
        seed
    }
}

struct Mark {
    place: Place,
    /// The first of the stamps in the frame.
    stamp: u64,
    /// Keeps the client while nothing on the dispatching frame does: that frame must have nothing to drop.
    _keep: Arc<ClientCell>,
}

impl Mark {
    /// True when `here` was called, however indirectly, by the frame of this mark.
    fn encloses(&self, here: Place) -> bool {
        if self.place.thread != here.thread || self.place.frame <= here.frame {
            return false;
        }
        let stamps = std::ptr::with_exposed_provenance::<u64>(self.place.frame);
        (0..STAMPS).all(|number| {
            // SAFETY: the words lie on this thread's own stack, above the present frame and inside what once was a
            // frame: they can always be read. They are aligned, as they were when they were written.
            unsafe { stamps.add(number).read_volatile() == self.stamp.wrapping_add(number as u64) }
        })
    }
}

/// What is being told. It lives here and not on the frame that calls the callback.
pub struct Current {
    pub request: Option<Arc<Request>>,
    pub snapshot: Option<Arc<Snapshot>>,
    pub handle: *mut pj_request,
    /// The text that a log callback reads through a pointer.
    pub _line: Option<CString>,
}

// SAFETY: the handle is a token, not an address; nothing is reached through it.
unsafe impl Send for Current {}

impl Drop for Current {
    fn drop(&mut self) {
        if !self.handle.is_null() {
            handles::unlend(self.handle);
        }
    }
}

/// A callback and the word that the host wants back with it.
#[derive(Clone, Copy)]
pub struct Callback<F> {
    pub function: F,
    /// Passed back as it came; never looked at.
    pub user: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    OnDispatch = 0,
    OnThread = 1,
}

struct State {
    mark: Option<Mark>,
    current: Option<Current>,
    on_event: Option<(Callback<pj_event_fn>, Delivery)>,
    on_log: Option<Callback<pj_log_fn>>,
    delivery_thread: bool,
}

pub struct Desk {
    state: Mutex<State>,
    /// Signals that a mark or the delivery thread went away.
    left: Condvar,
    /// True while a callback may be running: lets the getters skip the lock otherwise.
    telling: AtomicBool,
}

impl Desk {
    pub fn new() -> Desk {
        let state = State { mark: None, current: None, on_event: None, on_log: None, delivery_thread: false };
        Desk { state: Mutex::new(state), left: Condvar::new(), telling: AtomicBool::new(false) }
    }

    /// Refuses a call that a callback of this client makes and must not.
    pub fn refuse_nested(&self, here: Place) -> Result<(), Fault> {
        match &self.lock().mark {
            Some(mark) if mark.encloses(here) => Err(nested()),
            _ => Ok(()),
        }
    }

    /// Marks the desk as taken by a frame. `here` is the place of the stamps that stand in it.
    pub fn sit(&self, cell: &Arc<ClientCell>, here: Place, stamp: u64) -> Result<(), Fault> {
        let mut state = self.lock();
        match &state.mark {
            Some(mark) if mark.encloses(here) => return Err(nested()),
            Some(mark) if mark.place.thread != here.thread => {
                return Err(Fault::new(Status::Busy, "another thread is fetching this client's news"));
            }
            _ => {}
        }
        let old = (state.current.take(), state.mark.replace(Mark { place: here, stamp, _keep: cell.clone() }));
        drop(state);
        // What an exception left behind dies outside the lock.
        drop(old);
        Ok(())
    }

    /// The frame is done.
    pub fn leave(&self) {
        let old = {
            let mut state = self.lock();
            self.telling.store(false, Ordering::Release);
            (state.current.take(), state.mark.take())
        };
        self.left.notify_all();
        drop(old);
    }

    /// Puts down what is told next, or that nothing is.
    pub fn tell(&self, current: Option<Current>) {
        let old = {
            let mut state = self.lock();
            self.telling.store(current.is_some(), Ordering::Release);
            std::mem::replace(&mut state.current, current)
        };
        drop(old);
    }

    /// The snapshot of the event in whose callback `here` stands, if it is about this request.
    pub fn told_snapshot(&self, request: &Arc<Request>, here: Place) -> Option<Arc<Snapshot>> {
        if !self.telling.load(Ordering::Acquire) {
            return None;
        }
        let state = self.lock();
        let current = state.current.as_ref()?;
        let is_about = current.request.as_ref().is_some_and(|told| Arc::ptr_eq(told, request));
        let is_inside = state.mark.as_ref().is_some_and(|mark| mark.encloses(here));
        if is_about && is_inside { current.snapshot.clone() } else { None }
    }

    pub fn on_event(&self) -> Option<(Callback<pj_event_fn>, Delivery)> {
        self.lock().on_event
    }

    pub fn on_log(&self) -> Option<Callback<pj_log_fn>> {
        self.lock().on_log
    }

    /// What the callbacks there are want to hear.
    pub fn want(&self) -> Want {
        let state = self.lock();
        Want { events: state.on_event.is_some(), log: state.on_log.is_some() }
    }

    pub fn set_on_event(&self, callback: Callback<pj_event_fn>, delivery: Delivery) -> Result<(), Fault> {
        let mut state = self.lock();
        if state.on_event.is_some() {
            return Err(Fault::new(Status::WrongState, "this client has its event callback already"));
        }
        state.on_event = Some((callback, delivery));
        state.delivery_thread = delivery == Delivery::OnThread;
        Ok(())
    }

    pub fn set_on_log(&self, callback: Option<Callback<pj_log_fn>>) {
        self.lock().on_log = callback;
    }

    /// The delivery thread could not be started: as if the callback had never been registered.
    pub fn thread_refused(&self) {
        self.lock().on_event = None;
        self.thread_left();
    }

    /// The delivery thread has ended.
    pub fn thread_left(&self) {
        self.lock().delivery_thread = false;
        self.left.notify_all();
    }

    /// Waits until no callback runs. Marks that this thread abandoned do not count. False when the time ran out.
    pub fn wait_empty(&self, here: Place, deadline: Option<Instant>) -> bool {
        let mut state = self.lock();
        loop {
            let occupied = state.mark.as_ref().is_some_and(|mark| mark.place.thread != here.thread);
            if !occupied && !state.delivery_thread {
                let old = (state.current.take(), state.mark.take());
                drop(state);
                drop(old);
                return true;
            }
            state = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
                None => self.left.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return false,
                Some(left) => self.left.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nested() -> Fault {
    Fault::new(Status::Reentrant, "this call is not allowed inside a callback of the same client")
}
