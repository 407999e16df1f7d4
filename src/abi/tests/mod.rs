//! The border with an engine made of cardboard: every rule that needs no vendor, journal or network.

mod dispatch;
mod life;

use super::client::{ClientCell, Face};
use super::*;
use crate::client::{Decision, Error, Event, News, Refusal, Request};
use crate::engine::news::tests::snapshot;
use crate::payment::snapshot::{EventKind, Snapshot, State, flag};
use crate::payment::{Fields, Kind};
use crate::status::Status;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The cardboard engine.
#[derive(Default)]
struct Cardboard {
    news: Arc<News>,
    requests: Mutex<Vec<Arc<Request>>>,
    next: AtomicU64,
}

impl Face for Cardboard {
    fn close(&self, _timeout_ms: i32) -> Result<(), Error> {
        Ok(())
    }

    fn capable(&self, capability: i32) -> Result<bool, Error> {
        Ok(capability == 1)
    }

    fn start(&self, _kind: Kind, fields: &Fields) -> Result<Arc<Request>, Refusal> {
        assert!(fields.int("amount") != Some(666), "a defect of the engine");
        let reference = fields.text("reference").unwrap_or_default();
        if let Ok(existing) = self.find(reference) {
            let error = Error::new(Status::DuplicateReference, "reference is used");
            return Err(Refusal { error, existing: Some(existing) });
        }
        let mut first = snapshot(State::Queued);
        first.reference = reference.to_owned();
        let request = Arc::new(Request::new(self.next.fetch_add(1, Ordering::Relaxed), first));
        self.requests.lock().unwrap().push(request.clone());
        Ok(request)
    }

    fn find(&self, reference: &str) -> Result<Arc<Request>, Error> {
        let requests = self.requests.lock().unwrap();
        let found = requests.iter().find(|request| request.snapshot().reference == reference);
        found.cloned().ok_or_else(|| Error::new(Status::NoSuchRequest, "none"))
    }

    fn pending(&self) -> Result<Vec<Arc<Request>>, Error> {
        Ok(self.requests.lock().unwrap().clone())
    }

    fn cancel(&self, _request: &Request) -> Result<(), Error> {
        Ok(())
    }

    fn acknowledge(&self, request: &Request) -> Result<(), Error> {
        let is_final = request.snapshot().state.is_final();
        if is_final { Ok(()) } else { Err(Error::new(Status::WrongState, "still running")) }
    }

    fn resolve(&self, _request: &Request, _decision: Decision, _by: &str, _reason: &str) -> Result<(), Error> {
        Ok(())
    }

    fn webhook(&self, headers: &str, body: &[u8]) -> Result<(), Error> {
        let good = headers == "A: b\r\n" && body == b"{\0}";
        if good { Ok(()) } else { Err(Error::new(Status::Signature, "not these bytes")) }
    }

    fn diagnostics(&self, path: &str, _caught: Option<String>) -> Result<(), Error> {
        if path == "a file" { Ok(()) } else { Err(Error::new(Status::File, "no such place")) }
    }

    fn news(&self) -> &Arc<News> {
        &self.news
    }
}

/// A client at the border, and the engine behind it.
struct Till {
    client: *mut pj_client,
    engine: Arc<Cardboard>,
}

impl Till {
    fn open() -> Till {
        let engine = Arc::new(Cardboard::default());
        let cell = ClientCell::new(engine.clone());
        Till { client: handles::add_client(&cell).unwrap(), engine }
    }

    fn pay(&self, reference: &str) -> (pj_status, *mut pj_request) {
        let mut fields = Fields::new();
        fields.set_text("reference", reference);
        self.pay_with(fields)
    }

    fn pay_with(&self, fields: Fields) -> (pj_status, *mut pj_request) {
        let bag = handles::add_fields(fields).unwrap();
        let mut request = null_mut();
        // SAFETY: live handles and locals.
        let status = unsafe { pj_request_payment(self.client, bag, &mut request) };
        handles::remove_fields(bag).unwrap();
        (status, request)
    }

    fn request(&self, reference: &str) -> Arc<Request> {
        self.engine.find(reference).unwrap()
    }

    /// The engine publishes a state and tells it.
    fn happen(&self, reference: &str, kind: EventKind, state: State, number: u32) {
        let request = self.request(reference);
        let now = Arc::new(later(&request.snapshot(), state, number));
        request.publish(now.clone());
        self.engine.news.push(Event { kind, number, request, snapshot: now });
    }

    fn close(&self, timeout_ms: i32) -> pj_status {
        // SAFETY: the handle may be dead; that is the point of handles.
        unsafe { pj_client_close(self.client, timeout_ms) }
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        self.close(1000);
    }
}

fn later(before: &Snapshot, state: State, number: u32) -> Snapshot {
    let flags = if state.is_final() { before.flags | flag::FINAL } else { before.flags };
    Snapshot { state, flags, event_number: number, ..before.clone() }
}

fn poll(request: *mut pj_request) -> (pj_status, pj_result) {
    let mut image = result::EMPTY;
    // SAFETY: a live local of the right size.
    let status = unsafe { pj_poll(request, &mut image) };
    (status, image)
}

fn is(status: pj_status, right: Status) -> bool {
    status == right.number()
}

fn last_error() -> String {
    let mut room = [0u8; 600];
    let mut len = 0;
    // SAFETY: a live local with its size.
    unsafe { pj_last_error(room.as_mut_ptr().cast(), 600, &mut len) };
    String::from_utf8(room[..len as usize].to_vec()).unwrap()
}
