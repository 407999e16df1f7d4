//! The delivery thread of PJ_DELIVER_ON_THREAD: one per client, one event at a time.

use super::client::ClientCell;
use super::desk::Place;
use super::dispatch::Round;
use super::guard::{self, Fault, Outcome};
use super::table::Function;
use crate::client::Want;
use crate::os;
use crate::status::Status;
use std::sync::Arc;

/// Log lines are only queued when there is a callback for them.
const EVERYTHING: Want = Want { events: true, log: true };

/// Starts the thread. It ends when the client is closed.
pub fn start(cell: &Arc<ClientCell>) -> Outcome {
    let thread_cell = cell.clone();
    let started = os::spawn("news", move || {
        let leaving = Leaving(thread_cell);
        while deliver(&leaving.0) {}
    });
    started.map(drop).map_err(|error| {
        cell.desk.thread_refused();
        Fault::new(Status::Thread, format!("the system refused a thread: {error}"))
    })
}

/// Says that the thread has left, however it leaves.
struct Leaving(Arc<ClientCell>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.desk.leave();
        self.0.desk.thread_left();
    }
}

/// Waits for news and tells it. False when the client is closed.
fn deliver(cell: &Arc<ClientCell>) -> bool {
    if cell.client.news().wait(EVERYTHING, -1).is_err() {
        return false;
    }
    let mut round = Round::new();
    let place = Place::at(&raw const round);
    if guard::quiet(Function::pj_on_event, || round.begin(cell, place, EVERYTHING, 0)) != Status::Ok {
        // Closed, or a defect; the latter must not spin.
        std::thread::sleep(std::time::Duration::from_millis(50));
        return !cell.client.news().is_closed();
    }
    while guard::value(false, || round.advance().unwrap_or(false)) {
        // SAFETY: advance said that a callback is ready. The header forbids exceptions to leave it on this thread.
        unsafe { round.tell() };
    }
    let _ = guard::quiet(Function::pj_on_event, || {
        round.end();
        Ok(())
    });
    !cell.client.news().is_closed()
}
