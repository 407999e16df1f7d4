//! The queue of calls and the threads that empty it: started on demand, ended when idle.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::current::{Current, Interruption, Phase};
use super::exchange::Road;
use super::settings::MOST_CALL_MS;
use super::{Call, Report};
use crate::http::{Delivery, RoadError};
use crate::os::{elapsed_ms, spawn};
use crate::status::Status;

/// Milliseconds that `close` waits for workers at most. Only the operating system's certificate verifier needs longer.
const CLOSE_MS: u64 = 2_000;

/// The workers of one transport.
pub struct Workers {
    shared: Arc<Shared>,
    most: usize,
}

struct Shared {
    road: Arc<Road>,
    reports: Sender<Report>,
    interruption: Interruption,
    state: Mutex<State>,
    /// A call was queued, or the transport closed.
    work: Condvar,
    /// A worker ended.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
    handles: Vec<JoinHandle<()>>,
}

struct Job {
    call: Call,
    /// The time in the queue counts: on the clock of [`elapsed_ms`].
    deadline_ms: u64,
    begun_at: u64,
}

impl Workers {
    pub fn new(road: Arc<Road>, most: usize, reports: Sender<Report>) -> Workers {
        let shared = Shared {
            road,
            reports,
            interruption: Interruption::default(),
            state: Mutex::default(),
            work: Condvar::new(),
            ended: Condvar::new(),
        };
        Workers { shared: Arc::new(shared), most }
    }

    pub fn start(&self, call: Call) {
        let mut state = self.shared.lock();
        if state.closed {
            drop(state);
            return self.shared.refuse(&call, Status::Connect, "the transport is closed");
        }
        let deadline_ms = elapsed_ms() + u64::from(call.request.timeout_ms.min(MOST_CALL_MS));
        // Read under the lock under which `cancel_all` raises it and empties the queue.
        let begun_at = self.shared.interruption.count();
        state.queue.push_back(Job { call, deadline_ms, begun_at });
        if state.queue.len() > state.idle && state.threads < self.most {
            self.add_thread(&mut state);
        }
        // With no worker at all nobody would ever look at the queue.
        let stranded = if state.threads == 0 { std::mem::take(&mut state.queue) } else { VecDeque::new() };
        drop(state);
        self.shared.work.notify_one();
        for job in stranded {
            self.shared.refuse(&job.call, Status::Thread, "the system refused a thread");
        }
    }

    fn add_thread(&self, state: &mut State) {
        state.handles.retain(|handle| !handle.is_finished());
        let shared = self.shared.clone();
        // A refusal is no failure while other workers live.
        if let Ok(handle) = spawn("transport", move || shared.work_until_idle()) {
            state.threads += 1;
            state.handles.push(handle);
        }
    }

    pub fn cancel_all(&self) {
        let mut state = self.shared.lock();
        self.shared.interruption.raise();
        let queued = std::mem::take(&mut state.queue);
        drop(state);
        for job in queued {
            self.shared.refuse(&job.call, Status::Connect, "the call was interrupted");
        }
    }

    pub fn close(&self) {
        self.shared.lock().closed = true;
        self.cancel_all();
        self.shared.work.notify_all();
        let until = Instant::now() + Duration::from_millis(CLOSE_MS);
        let mut state = self.shared.lock();
        while state.threads > 0 {
            let Some(left) = until.checked_duration_since(Instant::now()) else { break };
            state = self.shared.ended.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let all_ended = state.threads == 0;
        let handles = std::mem::take(&mut state.handles);
        drop(state);
        if all_ended {
            // They have said goodbye under the lock, so this is a matter of microseconds.
            handles.into_iter().for_each(|handle| drop(handle.join()));
        }
    }

    pub fn threads(&self) -> usize {
        self.shared.lock().threads
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a worker. Nothing in it panics: `carry` catches what the layers below do.
    fn work_until_idle(&self) {
        while let Some(job) = self.next() {
            let Job { call: Call { id, request }, deadline_ms, begun_at } = job;
            let current = Current {
                id,
                submit: request.submit,
                deadline_ms,
                leave_by_ms: request.leave_by_ms,
                interruption: self.interruption.clone(),
                begun_at,
                reports: self.reports.clone(),
                sent: Cell::new(0),
                phase: Cell::new(Phase::Lookup),
            };
            let delivery = self.road.carry(current, request);
            // A reader that is gone wants no news.
            let _ = self.reports.send(Report::Finished { id, delivery });
        }
    }

    /// The next call; none when it is time to end, and then the worker is no longer counted.
    fn next(&self) -> Option<Job> {
        let idle_ms = self.road.tuning().worker_idle_ms;
        let until = Instant::now() + Duration::from_millis(idle_ms);
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
            let Some(left) = left.filter(|_| !state.closed) else { break };
            state.idle += 1;
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
        }
        state.threads -= 1;
        self.ended.notify_all();
        None
    }

    /// Ends a call that no worker has seen.
    fn refuse(&self, call: &Call, status: Status, text: &str) {
        let error = RoadError { status, text: text.to_owned(), sent_bytes: 0 };
        let _ = self.reports.send(Report::Finished { id: call.id, delivery: Delivery::NotSent(error) });
    }
}
