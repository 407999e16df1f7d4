//! Which token stands for what: bags, clients, and requests with their uses.

use super::client::ClientCell;
use super::guard::Fault;
use super::tokens::{Form, Kind, Table};
use super::types::{pj_client, pj_fields, pj_request};
use crate::client::Request;
use crate::os;
use crate::payment::Fields;
use crate::status::Status;
use std::collections::VecDeque;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Beyond so many request tokens those that nobody needs retire, oldest first: a program that never frees runs for ever.
const MANY_REQUESTS: u32 = 65_536;
/// How many of the oldest are looked at when one more is made.
const RETIRE_AT_ONCE: usize = 32;

enum Entry {
    Fields(Arc<Mutex<Fields>>),
    Client(Arc<ClientCell>),
    Request(Seat),
}

/// What the token of a request remembers.
struct Seat {
    request: Weak<Request>,
    /// Keeps the request while the caller has uses of it.
    held: Option<Arc<Request>>,
    uses: u32,
    /// Events now being told with this token.
    lent: u32,
    home: Weak<ClientCell>,
    closed: bool,
}

/// The note in a request that names its token. When the request dies, so does the token.
struct Tag(Mutex<u64>);

impl Drop for Tag {
    fn drop(&mut self) {
        let token = *self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if token != 0 && registry().table.remove(token, Kind::Request).is_some() {
            registry().requests.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

struct Registry {
    /// The forks that had happened when it was made.
    forks: u32,
    table: Table<Entry>,
    /// Request tokens alive.
    requests: AtomicU32,
    /// Request tokens, the oldest first; some have died since.
    order: Mutex<VecDeque<u64>>,
}

/// The process's registry. The child of a fork gets a new one: a lock of the old may be held by a thread that is not
/// there any more.
fn registry() -> &'static Registry {
    static REGISTRY: AtomicPtr<Registry> = AtomicPtr::new(null_mut());
    let forks = os::forks();
    let present = REGISTRY.load(Ordering::Acquire);
    // SAFETY: the pointer is null or came out of Box::into_raw below, and is never freed.
    if let Some(registry) = unsafe { present.as_ref() }
        && registry.forks == forks
    {
        return registry;
    }
    os::watch_forks();
    // Other slots than the parent's first ones, so that its tokens find nothing here even by chance.
    let first = (forks * 16_384) & 0x3_FFFF;
    let table = Table::new(Form::NATIVE, first);
    let made = Registry { forks, table, requests: AtomicU32::new(0), order: Mutex::new(VecDeque::new()) };
    let made = Box::into_raw(Box::new(made));
    let current = match REGISTRY.compare_exchange(present, made, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => made,
        Err(other) => {
            // SAFETY: another thread was faster, and nobody else has seen ours.
            drop(unsafe { Box::from_raw(made) });
            other
        }
    };
    // SAFETY: as above; either pointer is a live registry that is never freed.
    unsafe { &*current }
}

fn word<T>(handle: *const T) -> u64 {
    handle.addr() as u64
}

fn handle<T>(token: u64) -> *mut T {
    std::ptr::without_provenance_mut(token as usize)
}

fn unknown(name: &str) -> Fault {
    if os::forks() > 0 {
        return Fault::new(Status::Forked, format!("{name} was made before the fork; the child opens its own client"));
    }
    Fault::new(Status::InvalidHandle, format!("{name} was never given out, was freed, or is of another kind"))
}

fn full() -> Fault {
    Fault::new(Status::Limit, "no handle is left; free bags and requests that are no longer needed")
}

// Bags of fields

pub fn add_fields(fields: Fields) -> Result<*mut pj_fields, Fault> {
    let registry = registry();
    if registry.table.is_full() {
        return Err(full());
    }
    registry.table.insert(Kind::Fields, Entry::Fields(Arc::new(Mutex::new(fields)))).map(handle).ok_or_else(full)
}

pub fn fields(bag: *const pj_fields, name: &str) -> Result<Arc<Mutex<Fields>>, Fault> {
    let look = |entry: &mut Entry| match entry {
        Entry::Fields(fields) => Some(fields.clone()),
        _ => None,
    };
    registry().table.with(word(bag), Kind::Fields, look).flatten().ok_or_else(|| unknown(name))
}

pub fn remove_fields(bag: *const pj_fields) -> Result<(), Fault> {
    registry().table.remove(word(bag), Kind::Fields).map(drop).ok_or_else(|| unknown("fields"))
}

// Clients

pub fn add_client(cell: &Arc<ClientCell>) -> Result<*mut pj_client, Fault> {
    registry().table.insert(Kind::Client, Entry::Client(cell.clone())).map(handle).ok_or_else(full)
}

/// The client of a handle, closed or not.
pub fn client_even_closed(client: *const pj_client) -> Result<Arc<ClientCell>, Fault> {
    let look = |entry: &mut Entry| match entry {
        Entry::Client(cell) => Some(cell.clone()),
        _ => None,
    };
    registry().table.with(word(client), Kind::Client, look).flatten().ok_or_else(|| unknown("client"))
}

pub fn client(client: *const pj_client) -> Result<Arc<ClientCell>, Fault> {
    let cell = client_even_closed(client)?;
    if cell.is_closing() { Err(closed()) } else { Ok(cell) }
}

pub fn remove_client(client: *const pj_client) {
    // Dropped here, outside the slot's lock.
    drop(registry().table.remove(word(client), Kind::Client));
}

pub fn closed() -> Fault {
    Fault::new(Status::Closed, "the client was closed; what was running comes back when it is opened again")
}

// Requests

/// True when a request can be started and its handle given out.
pub fn has_room() -> Result<(), Fault> {
    if registry().table.is_full() { Err(full()) } else { Ok(()) }
}

/// The handle of a request with one more use.
pub fn hand_out(cell: &Arc<ClientCell>, request: Arc<Request>) -> Result<*mut pj_request, Fault> {
    with_seat(cell, &request, |seat| {
        seat.uses += 1;
        seat.held.get_or_insert_with(|| request.clone());
    })
}

/// The handle of a request for the time of an event.
pub fn lend(cell: &Arc<ClientCell>, request: &Arc<Request>) -> Result<*mut pj_request, Fault> {
    with_seat(cell, request, |seat| seat.lent += 1)
}

/// The event is over.
pub fn unlend(request: *const pj_request) {
    let _ = seat(request, |seat| seat.lent = seat.lent.saturating_sub(1));
}

/// Takes one use back.
pub fn release(request: *const pj_request) -> Result<(), Fault> {
    let look = |seat: &mut Seat| {
        seat.uses = seat.uses.checked_sub(1)?;
        Some(if seat.uses == 0 { seat.held.take() } else { None })
    };
    // The request may die here, and its token with it: outside the slot's lock.
    seat(request, look).flatten().map(drop).ok_or_else(|| unknown("request"))
}

/// The request of a handle.
pub fn request(request: *const pj_request) -> Result<Arc<Request>, Fault> {
    let look = |seat: &mut Seat| {
        if seat.uses == 0 && seat.lent == 0 {
            return Err(unknown("request"));
        }
        if seat.closed {
            return Err(closed());
        }
        seat.held.clone().or_else(|| seat.request.upgrade()).ok_or_else(|| unknown("request"))
    };
    seat(request, look).unwrap_or_else(|| Err(unknown("request")))
}

/// Looks at the request of a handle, most often without taking a share in it: that would be a third of a poll.
pub fn look(handle: *const pj_request, mut look: impl FnMut(&Request)) -> Result<(), Fault> {
    let at_once = |seat: &mut Seat| match &seat.held {
        Some(request) if !seat.closed => {
            look(request);
            true
        }
        _ => false,
    };
    if seat(handle, at_once) == Some(true) {
        return Ok(());
    }
    // Outside the slot's lock, because the last share dies here and the token with it.
    request(handle).map(|request| look(&request))
}

/// The request of a handle and the client it belongs to.
pub fn request_and_client(handle: *const pj_request) -> Result<(Arc<Request>, Arc<ClientCell>), Fault> {
    let request = request(handle)?;
    let home = seat(handle, |seat| seat.home.clone()).ok_or_else(|| unknown("request"))?;
    let cell = home.upgrade().filter(|cell| !cell.is_closing()).ok_or_else(closed)?;
    Ok((request, cell))
}

/// Ends the handles of a client's requests: whoever waits wakes, and calls answer CLOSED. Uses can still be given back.
pub fn close_requests(cell: &Arc<ClientCell>) {
    let mut requests = Vec::new();
    registry().table.each(|_, entry| {
        if let Entry::Request(seat) = entry
            && std::ptr::eq(seat.home.as_ptr(), Arc::as_ptr(cell))
        {
            seat.closed = true;
            requests.extend(seat.request.upgrade());
        }
    });
    for request in requests {
        request.close();
    }
}

fn seat<R>(request: *const pj_request, look: impl FnOnce(&mut Seat) -> R) -> Option<R> {
    let look = |entry: &mut Entry| match entry {
        Entry::Request(seat) => Some(look(seat)),
        _ => None,
    };
    registry().table.with(word(request), Kind::Request, look).flatten()
}

fn with_seat(
    cell: &Arc<ClientCell>,
    request: &Arc<Request>,
    mut look: impl FnMut(&mut Seat),
) -> Result<*mut pj_request, Fault> {
    let Some(tag) = request.tag(|| Tag(Mutex::new(0))) else {
        return Err(Fault::new(Status::Internal, "the request carries a foreign note"));
    };
    let token = {
        let mut token = tag.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *token != 0 && seat(handle(*token), &mut look).is_some() {
            return Ok(handle(*token));
        }
        let home = Arc::downgrade(cell);
        let closed = cell.is_closing();
        let mut seat = Seat { request: Arc::downgrade(request), held: None, uses: 0, lent: 0, home, closed };
        look(&mut seat);
        *token = registry().table.insert(Kind::Request, Entry::Request(seat)).ok_or_else(full)?;
        *token
    };
    if cell.is_closing() {
        // It may have been filed behind the back of the sweep.
        let _ = seat(handle(token), |seat| seat.closed = true);
        request.close();
    }
    enroll(token);
    Ok(handle(token))
}

/// Notes a new request token, and lets old ones retire if there are too many.
fn enroll(token: u64) {
    let registry = registry();
    let mut live = registry.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let mut order = registry.order.lock().unwrap_or_else(PoisonError::into_inner);
    order.push_back(token);
    let mut leaving = Vec::new();
    for _ in 0..RETIRE_AT_ONCE {
        if order.len() <= MANY_REQUESTS as usize {
            break;
        }
        let Some(oldest) = order.pop_front() else { break };
        let look = |seat: &mut Seat| seat.held.clone().or_else(|| seat.request.upgrade()).filter(|_| seat.lent == 0);
        // No seat: the token died long ago.
        let Some(request) = seat(handle(oldest), look) else { continue };
        match request.filter(|request| live > MANY_REQUESTS && request.is_dispensable()) {
            Some(request) => {
                live -= 1;
                leaving.push(request);
            }
            None => order.push_back(oldest),
        }
    }
    drop(order);
    leaving.iter().for_each(|request| retire(request));
}

/// Ends the token of a request that lives on.
fn retire(request: &Request) {
    let Some(tag) = request.tagged::<Tag>() else { return };
    let removed = {
        let mut token = tag.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::take(&mut *token);
        registry().table.remove(old, Kind::Request)
    };
    if removed.is_some() {
        registry().requests.fetch_sub(1, Ordering::Relaxed);
    }
}
