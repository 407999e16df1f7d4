//! News on its way from the engine to the till.

use super::Request;
use crate::payment::snapshot::{EventKind, Snapshot};
use std::sync::Arc;

/// One piece of news: the whole state of a request at that moment.
#[derive(Clone)]
pub struct Event {
    pub kind: EventKind,
    pub number: u32,
    pub request: Arc<Request>,
    pub snapshot: Arc<Snapshot>,
}

/// The queue of a client.
pub struct News;

impl News {
    #[allow(clippy::new_without_default)]
    pub fn new() -> News {
        News
    }
}
