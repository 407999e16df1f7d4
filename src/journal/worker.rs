//! The journal thread: it opens, commits what waits in one go, loads, and closes.

use super::examine::Examination;
use super::fault::Failure;
use super::store::{Found, Store, Terms};
use super::{Batch, Fault, Leaf, Opening, Report};
use crate::os;
use crate::status::Status;
use crossbeam_channel::{Receiver, Sender};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::sleep;
use std::time::Duration;

pub(super) enum Command {
    Append(Batch),
    Load(u64),
    Leaf(Leaf),
    Examine(Sender<Result<Examination, String>>),
    Close,
    #[cfg(test)]
    LimitPages(u32),
}

/// What the thread takes along when it starts.
pub(super) struct Setup {
    terms: Terms,
    reports: Sender<Report>,
    delay: Duration,
    fault: Option<Fault>,
}

impl Setup {
    pub fn new(opening: Opening<'_>) -> Self {
        let terms = Terms {
            place: opening.place,
            identity: opening.identity.to_string(),
            allow_account_change: opening.allow_account_change,
            retention_days: opening.retention_days,
            now_wall_ms: opening.now_wall_ms,
        };
        let delay = Duration::from_millis(u64::from(opening.flush_delay_ms));
        Setup { terms, reports: opening.reports, delay, fault: opening.fault }
    }
}

/// The thread's whole life. It ends at `Close`, or when the handle is gone.
pub(super) fn live(setup: Setup, inbox: Receiver<Command>, verdict: Sender<Result<Found, (Status, String)>>) {
    let Setup { terms, reports, delay, fault } = setup;
    let store = match Store::open(&terms) {
        Ok((store, found)) => {
            if verdict.send(Ok(found)).is_err() {
                return;
            }
            store
        }
        Err(failure) => {
            let _ = verdict.send(Err(failure.pair()));
            return;
        }
    };
    Worker { store, inbox, reports, delay, fault }.serve();
}

struct Worker {
    store: Store,
    inbox: Receiver<Command>,
    reports: Sender<Report>,
    delay: Duration,
    fault: Option<Fault>,
}

impl Worker {
    fn serve(mut self) {
        let mut waiting = None;
        while let Some(command) = waiting.take().or_else(|| self.inbox.recv().ok()) {
            match command {
                Command::Append(first) => waiting = self.append(first),
                Command::Load(payment) => self.load(payment),
                Command::Leaf(leaf) => self.leaf(leaf),
                Command::Examine(answer) => self.examine(&answer),
                Command::Close => return,
                #[cfg(test)]
                Command::LimitPages(pages) => self.store.limit_pages(pages),
            }
        }
    }

    /// Commits this batch and all that wait behind it. Returns the command that ended the group, if one did.
    fn append(&mut self, first: Batch) -> Option<Command> {
        let mut group = vec![first];
        let mut next = None;
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Append(batch) => group.push(batch),
                other => {
                    next = Some(other);
                    break;
                }
            }
        }
        if !self.delay.is_zero() {
            sleep(self.delay);
        }
        self.flush(group);
        next
    }

    fn flush(&mut self, group: Vec<Batch>) {
        let tickets: Vec<u64> = group.iter().map(|batch| batch.ticket).collect();
        // A panic here would leave the engine waiting for ever for its tickets, and the payments with it.
        let results = catch_unwind(AssertUnwindSafe(|| {
            os::defect("journal");
            self.commit(group)
        }))
        .unwrap_or_else(|_| {
            self.store.disconnect();
            let text = "The journal made a mistake".to_string();
            let failure = Failure { status: Status::Internal, text, reconnect: false };
            tickets.iter().map(|_| Err(failure.clone())).collect()
        });
        for (ticket, result) in tickets.into_iter().zip(results) {
            self.tell(match result {
                Ok(()) => Report::Durable { ticket },
                Err(failure) => Report::Failed { ticket, status: failure.status, text: failure.text },
            });
        }
    }

    /// One result per batch, in order.
    fn commit(&mut self, group: Vec<Batch>) -> Vec<Result<(), Failure>> {
        let Some(fault) = self.fault.clone() else { return self.store.commit(&group) };
        let verdicts: Vec<_> = group.iter().map(|batch| fault(batch)).collect();
        let sound: Vec<Batch> =
            group.into_iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_none()).map(|(batch, _)| batch).collect();
        let mut committed = if sound.is_empty() { Vec::new() } else { self.store.commit(&sound) }.into_iter();
        let result = |verdict| match verdict {
            Some((status, text)) => Err(Failure { status, text, reconnect: false }),
            None => committed.next().unwrap_or_else(|| Err(Failure::new("The journal lost a batch".to_string()))),
        };
        verdicts.into_iter().map(result).collect()
    }

    fn load(&mut self, payment: u64) {
        let loaded = catch_unwind(AssertUnwindSafe(|| self.store.load(payment))).unwrap_or_else(|_| {
            self.store.disconnect();
            Err(Failure::new("The journal made a mistake".to_string()))
        });
        self.tell(match loaded {
            Ok(rows) => Report::Loaded { payment, rows },
            Err(failure) => Report::LoadFailed { payment, status: failure.status, text: failure.text },
        });
    }

    fn leaf(&mut self, leaf: Leaf) {
        let found = catch_unwind(AssertUnwindSafe(|| self.store.leaf(leaf))).unwrap_or_else(|_| {
            self.store.disconnect();
            Err(Failure::new("The journal made a mistake".to_string()))
        });
        let request = leaf.request;
        self.tell(match found {
            Ok((payments, next)) => Report::Leafed { request, payments, next },
            Err(failure) => Report::LeafFailed { request, status: failure.status, text: failure.text },
        });
    }

    fn examine(&mut self, answer: &Sender<Result<Examination, String>>) {
        let found = catch_unwind(AssertUnwindSafe(|| self.store.examine())).unwrap_or_else(|_| {
            self.store.disconnect();
            Err(Failure::new("The journal made a mistake".to_string()))
        });
        // Whoever asked may have lost patience.
        let _ = answer.send(found.map_err(|failure| failure.text));
    }

    /// Nobody listens any more when the engine has ended before its journal; what was handed over is stored all the same.
    fn tell(&self, report: Report) {
        let _ = self.reports.send(report);
    }
}
