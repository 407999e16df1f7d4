//! `pj_client`: one merchant account at one vendor.

use super::desk::{Desk, Place};
use super::guard::{self, Fault, Outcome};
use super::handles;
use super::memory::{put, refuse_null};
use super::table::Function;
use super::types::{pj_client, pj_fields, pj_status};
use crate::client::{Capability, Client, Decision, Error, News, Refusal, Request};
use crate::os;
use crate::payment::{Fields, Kind};
use crate::status::Status;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the border asks of a client. The tests have one of their own, without engine, journal and network.
pub(super) trait Face: Send + Sync {
    fn close(&self, timeout_ms: i32) -> Result<(), Error>;
    fn capable(&self, capability: i32) -> Result<bool, Error>;
    fn start(&self, kind: Kind, fields: &Fields) -> Result<Arc<Request>, Refusal>;
    fn find(&self, reference: &str) -> Result<Arc<Request>, Error>;
    fn pending(&self) -> Result<Vec<Arc<Request>>, Error>;
    fn cancel(&self, request: &Request) -> Result<(), Error>;
    fn acknowledge(&self, request: &Request) -> Result<(), Error>;
    fn resolve(&self, request: &Request, decision: Decision, by: &str, reason: &str) -> Result<(), Error>;
    fn webhook(&self, headers: &str, body: &[u8]) -> Result<(), Error>;
    fn diagnostics(&self, path: &str, caught: Option<String>) -> Result<(), Error>;
    fn news(&self) -> &Arc<News>;
}

impl Face for Client {
    fn close(&self, timeout_ms: i32) -> Result<(), Error> {
        Client::close(self, timeout_ms)
    }

    fn capable(&self, capability: i32) -> Result<bool, Error> {
        Client::capable(self, capability)
    }

    fn start(&self, kind: Kind, fields: &Fields) -> Result<Arc<Request>, Refusal> {
        Client::start(self, kind, fields)
    }

    fn find(&self, reference: &str) -> Result<Arc<Request>, Error> {
        Client::find(self, reference)
    }

    fn pending(&self) -> Result<Vec<Arc<Request>>, Error> {
        Client::pending(self)
    }

    fn cancel(&self, request: &Request) -> Result<(), Error> {
        Client::cancel(self, request)
    }

    fn acknowledge(&self, request: &Request) -> Result<(), Error> {
        Client::acknowledge(self, request)
    }

    fn resolve(&self, request: &Request, decision: Decision, by: &str, reason: &str) -> Result<(), Error> {
        Client::resolve(self, request, decision, by, reason)
    }

    fn webhook(&self, headers: &str, body: &[u8]) -> Result<(), Error> {
        Client::webhook(self, headers, body)
    }

    fn diagnostics(&self, path: &str, caught: Option<String>) -> Result<(), Error> {
        Client::diagnostics(self, path, caught)
    }

    fn news(&self) -> &Arc<News> {
        Client::news(self)
    }
}

/// A client and what only its C callers need.
pub(super) struct ClientCell {
    pub client: Arc<dyn Face>,
    pub desk: Desk,
    /// The list that pj_pending_at walks.
    pub pending: Mutex<Vec<Arc<Request>>>,
    /// True when a request was started.
    pub started: AtomicBool,
    /// What pj_next_event lent last.
    pub lent: Mutex<Option<super::desk::Current>>,
    closing: AtomicBool,
}

impl ClientCell {
    pub fn new(client: Arc<dyn Face>) -> Arc<ClientCell> {
        Arc::new(ClientCell {
            client,
            desk: Desk::new(),
            pending: Mutex::new(Vec::new()),
            started: AtomicBool::new(false),
            lent: Mutex::new(None),
            closing: AtomicBool::new(false),
        })
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

/// Checks a timeout: milliseconds, 0 not at all, -1 for ever.
pub(super) fn check_timeout(timeout_ms: i32) -> Outcome {
    if timeout_ms < -1 {
        return Err(Fault::argument(format!("timeout_ms is {timeout_ms}; it is milliseconds, 0, or -1 for ever")));
    }
    Ok(())
}

/// Opens a client: checks the configuration, opens the journal, starts the library's threads.
///
/// `config` is a bag with at least `vendor` and that vendor's credentials; it is copied, so free it afterwards. `*out`
/// is the new handle; give it back with pj_client_close. One client serves the whole program, from all its threads.
/// Nothing is sent by this call. Requests of earlier runs that were not acknowledged are in the pending list at once.
///
/// Waits at most 10 seconds, for the disk. Call it at the start of the program, not per sale.
///
/// PJ_ERR_MISSING_FIELD, PJ_ERR_UNKNOWN_FIELD, PJ_ERR_INVALID_FIELD, PJ_ERR_CONFIG: correct the configuration;
/// pj_last_error names the key. PJ_ERR_JOURNAL: the journal's file cannot be written. PJ_ERR_JOURNAL_LOCKED: another
/// program, or another client of this one, has it open. PJ_ERR_THREAD: the system refused a thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_client_open(config: *const pj_fields, out: *mut *mut pj_client) -> pj_status {
    guard::call(Function::pj_client_open, || {
        refuse_null(out, "out")?;
        let config = handles::fields(config, "config")?.lock().unwrap_or_else(PoisonError::into_inner).clone();
        handles::has_room()?;
        guard::install_panic_hook();
        os::watch_forks();
        os::pin_library();
        let cell = ClientCell::new(Client::open(&config)?);
        let handle = handles::add_client(&cell)?;
        // SAFETY: checked for NULL; the caller gave room for a handle.
        unsafe { put(out, handle) };
        Ok(())
    })
}

/// Closes a client. Running payments go on at the terminal and at the vendor; the journal knows them, and the next
/// pj_client_open takes them up. What was not told is told then.
///
/// Refuses new work, interrupts calls, wakes threads in pj_wait, pj_dispatch and pj_next_event with PJ_ERR_CLOSED.
/// PJ_OK: all threads of the library are out, the handle is dead, no callback runs any more. Calls with handles of its
/// requests answer PJ_ERR_CLOSED from then on; pj_request_free still takes them, in any order, and NULL is nothing here too.
/// PJ_ERR_WAIT_TIMEOUT: a callback on another thread has not returned; no new one starts, and the handle is good for
/// pj_client_close only. Call it again.
///
/// Waits at most `timeout_ms` milliseconds; 0 not at all, -1 for ever. 5000 is a good value. A program that ends
/// without this call loses nothing. In the child of a fork it does nothing and returns PJ_OK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_client_close(client: *mut pj_client, timeout_ms: i32) -> pj_status {
    let here = 0u8;
    let place = Place::at(&raw const here);
    guard::call(Function::pj_client_close, || close(client, timeout_ms, place))
}

#[inline(never)]
fn close(handle: *mut pj_client, timeout_ms: i32, here: Place) -> Outcome {
    check_timeout(timeout_ms)?;
    if handle.is_null() {
        return Ok(());
    }
    let cell = match handles::client_even_closed(handle) {
        Ok(cell) => cell,
        Err(fault) if fault.status == Status::Forked => return Ok(()),
        Err(fault) => return Err(fault),
    };
    cell.desk.refuse_nested(here)?;
    let deadline = u64::try_from(timeout_ms).ok().map(|ms| Instant::now() + Duration::from_millis(ms));
    cell.closing.store(true, Ordering::Release);
    cell.client.news().close();
    handles::close_requests(&cell);
    let engine = cell.client.close(timeout_ms);
    if !cell.desk.wait_empty(here, deadline) {
        return Err(Fault::new(Status::WaitTimeout, "a callback has not returned yet"));
    }
    engine?;
    cell.pending.lock().unwrap_or_else(PoisonError::into_inner).clear();
    drop(cell.lent.lock().unwrap_or_else(PoisonError::into_inner).take());
    handles::remove_client(handle);
    Ok(())
}

/// Tells whether this client's vendor and account can do something: `capability` is one of PJ_CAN_*, and `*yes`
/// becomes 1 or 0. Asks memory, not the network.
///
/// PJ_ERR_INVALID_ARGUMENT: no PJ_CAN_* has this number. A newer program that must also run with an older library
/// takes that for "no".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_capable(client: *mut pj_client, capability: i32, yes: *mut i32) -> pj_status {
    guard::call(Function::pj_capable, || {
        refuse_null(yes, "yes")?;
        let cell = handles::client(client)?;
        if Capability::from_number(capability).is_none() {
            return Err(Fault::argument(format!("capability {capability} is not one of PJ_CAN_*")));
        }
        let answer = cell.client.capable(capability)?;
        // SAFETY: checked for NULL; the caller gave room for an int32_t.
        unsafe { put(yes, answer.into()) };
        Ok(())
    })
}
