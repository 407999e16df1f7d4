//! A request as the till holds it: its newest snapshot, and a way to wait for the end.

use crate::payment::snapshot::Snapshot;
use std::sync::{Arc, Mutex};

/// One request. The engine publishes snapshots; anybody may look.
pub struct Request {
    /// The payment's number in the journal.
    pub payment: u64,
    snapshot: Mutex<Arc<Snapshot>>,
}

impl Request {
    pub fn new(payment: u64, snapshot: Snapshot) -> Request {
        Request { payment, snapshot: Mutex::new(Arc::new(snapshot)) }
    }
}
