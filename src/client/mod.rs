//! The safe Rust face of the library: clients and requests. `abi/` adds nothing to it but C.

mod capability;

pub use crate::engine::{Event, Item, News, Request, Want};
pub use crate::payment::Decision;
pub use capability::Capability;

use crate::payment::Fields;
pub use crate::status::Error;
use crate::status::Status;
use std::sync::Arc;

/// Why a request was not started. Four of the codes name the request that stands in the way.
pub struct Refusal {
    pub error: Error,
    pub existing: Option<Arc<Request>>,
}

/// One merchant account at one vendor.
pub struct Client {
    news: Arc<News>,
}

impl Client {
    pub fn open(_config: &Fields) -> Result<Arc<Client>, Error> {
        Ok(Arc::new(Client { news: Arc::new(News::new()) }))
    }

    /// Refuses new work, interrupts calls, waits for the threads. `Err(WaitTimeout)` while a callback is still inside.
    pub fn close(&self, _timeout_ms: i32) -> Result<(), Error> {
        Ok(())
    }

    pub fn capable(&self, _capability: i32) -> Result<bool, Error> {
        Ok(false)
    }

    /// Checks the fields, reserves reference and terminal, hands the request to the engine. Does not wait.
    pub fn start(&self, _kind: crate::payment::Kind, _fields: &Fields) -> Result<Arc<Request>, Refusal> {
        Err(Refusal { error: Error::new(Status::Unsupported, "not connected"), existing: None })
    }

    pub fn find(&self, _reference: &str) -> Result<Arc<Request>, Error> {
        Err(Error::new(Status::NoSuchRequest, "no request has this reference"))
    }

    /// The requests that are not final or whose final result is not acknowledged, oldest first.
    pub fn pending(&self) -> Result<Vec<Arc<Request>>, Error> {
        Ok(Vec::new())
    }

    pub fn cancel(&self, _request: &Request) -> Result<(), Error> {
        Ok(())
    }

    pub fn acknowledge(&self, _request: &Request) -> Result<(), Error> {
        Ok(())
    }

    pub fn resolve(&self, _request: &Request, _decision: Decision, _by: &str, _reason: &str) -> Result<(), Error> {
        Ok(())
    }

    pub fn news(&self) -> &Arc<News> {
        &self.news
    }
}
