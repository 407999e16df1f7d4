//! A request as the till holds it: its newest snapshot, and a way to wait for the end.

use crate::payment::snapshot::{MoneyMoved, Snapshot, State, flag};
use crate::status::Error;
use crate::status::Status;
use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "request of payment {}", self.payment)
    }
}

/// One request. The engine publishes snapshots; anybody may look.
pub struct Request {
    /// The payment's number in the journal.
    pub payment: u64,
    cell: Mutex<Cell>,
    changed: Condvar,
    acknowledged: AtomicBool,
    kept: AtomicBool,
    /// Event number of the newest snapshot that the till was shown.
    seen: AtomicU32,
    /// Event number of the newest one that it has to have seen before it may acknowledge.
    to_be_seen: AtomicU32,
    tag: OnceLock<Box<dyn Any + Send + Sync>>,
}

struct Cell {
    snapshot: Arc<Snapshot>,
    /// How many threads wait. The engine touches the condition variable only if there is one.
    waiters: u32,
    closed: bool,
    /// A person has decided it, and the engine has not taken that in yet.
    resolving: bool,
    /// The payment is being undone, because the till did not acknowledge it in time.
    undoing: bool,
}

impl Request {
    pub fn new(payment: u64, snapshot: Snapshot) -> Request {
        Request {
            payment,
            cell: Mutex::new(Cell {
                snapshot: Arc::new(snapshot),
                waiters: 0,
                closed: false,
                resolving: false,
                undoing: false,
            }),
            changed: Condvar::new(),
            acknowledged: AtomicBool::new(false),
            kept: AtomicBool::new(true),
            seen: AtomicU32::new(0),
            to_be_seen: AtomicU32::new(0),
            tag: OnceLock::new(),
        }
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.lock().snapshot.clone()
    }

    /// Shows the newest snapshot to the till, under the lock: for what is quicker than taking a share in it. False when
    /// the engine has ended before the request: a till that only polls would wait for ever.
    pub fn show(&self, look: impl FnOnce(&Snapshot)) -> bool {
        let cell = self.lock();
        if cell.closed && !is_answered(&cell.snapshot) {
            return false;
        }
        look(&cell.snapshot);
        self.saw(&cell.snapshot);
        true
    }

    /// Makes a snapshot the newest one. It was built outside the lock, and the old one dies outside it.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        let late = snapshot.has(flag::LATE);
        let (old, waiters) = {
            let mut cell = self.lock();
            cell.resolving &= snapshot.state == State::Unknown;
            (std::mem::replace(&mut cell.snapshot, snapshot), cell.waiters)
        };
        // Money that turned up after the end must be acknowledged anew.
        if late && !old.has(flag::LATE) {
            self.acknowledged.store(false, Ordering::Release);
        }
        if waiters > 0 {
            self.changed.notify_all();
        }
    }

    /// Waits until the request has ended or its outcome is unknown. A negative time waits for ever, zero not at all.
    ///
    /// The newest snapshot comes back in every case; the error is `WaitTimeout` or `Closed`.
    pub fn wait(&self, timeout_ms: i32) -> Result<Arc<Snapshot>, (Error, Arc<Snapshot>)> {
        let deadline = u64::try_from(timeout_ms).ok().map(|ms| Instant::now() + Duration::from_millis(ms));
        let mut cell = self.lock();
        loop {
            if is_answered(&cell.snapshot) && !cell.resolving {
                return Ok(cell.snapshot.clone());
            }
            if cell.closed {
                return Err((Error::new(Status::Closed, "the client was closed"), cell.snapshot.clone()));
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Err((Error::new(Status::WaitTimeout, "the request is still running"), cell.snapshot.clone()));
            }
            cell.waiters += 1;
            cell = match left {
                Some(left) => self.changed.wait_timeout(cell, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(cell).unwrap_or_else(PoisonError::into_inner),
            };
            cell.waiters -= 1;
        }
    }

    /// A person decides it. Whoever waits from now on waits for what becomes of that. False: its outcome is not unknown.
    pub fn resolve(&self) -> bool {
        let mut cell = self.lock();
        cell.resolving = cell.snapshot.state == State::Unknown;
        cell.resolving
    }

    /// The till has stored the final result. False: the payment is being undone, and it is too late.
    ///
    /// This and [`Request::begin_undo`] exclude each other: a till that was answered with success is not overtaken.
    pub fn acknowledge(&self) -> bool {
        let cell = self.lock();
        if !cell.undoing {
            self.acknowledged.store(true, Ordering::Release);
        }
        !cell.undoing
    }

    /// The payment will be undone for want of an acknowledgement. False: there is one, though the engine may not have
    /// taken it in yet.
    pub fn begin_undo(&self) -> bool {
        let mut cell = self.lock();
        cell.undoing = !self.is_acknowledged();
        cell.undoing
    }

    /// The undoing has ended, one way or the other.
    pub fn end_undo(&self) {
        self.lock().undoing = false;
    }

    /// Wakes whoever waits, with `Closed`. The last snapshot stays readable.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// True when the till has said that it stored the final result.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.load(Ordering::Acquire)
    }

    pub fn set_acknowledged(&self, yes: bool) {
        self.acknowledged.store(yes, Ordering::Release);
    }

    /// The till was shown this snapshot of the request.
    pub fn saw(&self, snapshot: &Snapshot) {
        // Two threads may look at once; the smaller number may win, and then the till looks once more.
        if snapshot.event_number > self.seen.load(Ordering::Relaxed) {
            self.seen.store(snapshot.event_number, Ordering::Release);
        }
    }

    /// Event number of the newest snapshot that the till was shown.
    pub fn seen(&self) -> u32 {
        self.seen.load(Ordering::Acquire)
    }

    /// From now on the till has to see this, or something newer, before it may acknowledge: money turned up late, or the
    /// vendor's record changed.
    pub fn must_be_seen(&self, event_number: u32) {
        self.to_be_seen.store(event_number, Ordering::Release);
    }

    /// True when there is such news. What the till would acknowledge is the old result.
    pub fn is_news_unseen(&self) -> bool {
        self.to_be_seen.load(Ordering::Acquire) > self.seen()
    }

    /// The journal keeps nothing of this request: it moves no money.
    pub fn set_unkept(&self) {
        self.kept.store(false, Ordering::Release);
    }

    /// True for a request that the journal keeps: one that moves money.
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// True when nobody needs a handle of this request any more: it was acknowledged, or it ended without money.
    pub fn is_dispensable(&self) -> bool {
        if self.is_acknowledged() {
            return true;
        }
        let cell = self.lock();
        cell.snapshot.state.is_final() && cell.snapshot.money == MoneyMoved::NotMoved
    }

    /// The note that a floor above keeps with the request, such as its handle. Made once, and dropped with the request.
    pub fn tag<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        self.tag.get_or_init(|| Box::new(make())).downcast_ref()
    }

    /// The note, if there is one already.
    pub fn tagged<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.tag.get()?.downcast_ref()
    }

    fn lock(&self) -> MutexGuard<'_, Cell> {
        // Whatever a panicking thread left here is still a whole snapshot.
        self.cell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waiting ends here: nothing, or nothing but a person, will bring an answer soon.
fn is_answered(snapshot: &Snapshot) -> bool {
    snapshot.state.is_final() || snapshot.state == State::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::news::tests::snapshot;

    #[test]
    fn waiting_ends_with_an_answer_a_timeout_or_the_close() {
        let request = Arc::new(Request::new(1, snapshot(State::Queued)));
        assert_eq!(request.wait(0).unwrap_err().0.status, Status::WaitTimeout);
        assert_eq!(request.wait(5).unwrap_err().1.state, State::Queued);

        let waiter = std::thread::spawn({
            let request = request.clone();
            move || request.wait(-1).unwrap().state
        });
        request.publish(Arc::new(snapshot(State::Processing)));
        request.publish(Arc::new(snapshot(State::Unknown)));
        assert_eq!(waiter.join().unwrap(), State::Unknown);

        request.publish(Arc::new(snapshot(State::AtTerminal)));
        let waiter = std::thread::spawn({
            let request = request.clone();
            move || request.wait(10_000).unwrap_err().0.status
        });
        request.close();
        assert_eq!(waiter.join().unwrap(), Status::Closed);
    }

    #[test]
    fn after_a_persons_word_waiting_ends_with_the_result() {
        let request = Request::new(1, snapshot(State::AtTerminal));
        assert!(!request.resolve());
        request.publish(Arc::new(snapshot(State::Unknown)));
        assert!(request.wait(0).is_ok());
        assert!(request.resolve());
        assert_eq!(request.wait(0).unwrap_err().0.status, Status::WaitTimeout);
        request.publish(Arc::new(snapshot(State::Approved)));
        assert_eq!(request.wait(0).unwrap().state, State::Approved);
    }

    #[test]
    fn a_late_approval_wants_a_new_acknowledgement() {
        let request = Request::new(1, snapshot(State::Failed));
        assert!(request.is_dispensable());
        request.set_acknowledged(true);
        let mut late = snapshot(State::Approved);
        late.flags |= flag::LATE;
        late.money = MoneyMoved::Moved;
        request.publish(Arc::new(late));
        assert!(!request.is_acknowledged() && !request.is_dispensable());
    }
}
