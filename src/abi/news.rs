//! News: events, callbacks, and how a program learns that there are any.

use super::client::{ClientCell, check_timeout};
use super::desk::{self, Callback, Current, Delivery, Place, Stamps};
use super::dispatch::Round;
use super::guard::{self, Fault, Outcome};
use super::memory::{put, refuse_null, struct_size, write_struct};
use super::table::Function;
use super::types::{pj_client, pj_request, pj_result, pj_status};
use super::{delivery, handles, result};
use crate::client::Event;
use crate::os::WindowBell;
use crate::status::Status;
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// One piece of news. It carries the whole state of its request, not a change: draw from it what you show.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct pj_event {
    /// sizeof(pj_event); set by the library in a callback, by you before pj_next_event.
    pub struct_size: u32,
    /// PJ_EVENT_*: why this is told.
    pub kind: i32,
    /// Number of the fact behind it. Rises; the same number again is the same event again.
    pub number: u32,
    /// 0.
    pub reserved: u32,
    /// The request. Lent: do not free it. pj_find gives a handle of your own.
    pub request: *mut pj_request,
    /// Its state at that moment; in a callback valid until the callback returns.
    pub result: *const pj_result,
}

impl pj_event {
    /// No event. A function, because cbindgen would make a macro of a constant.
    pub const fn none() -> pj_event {
        pj_event {
            struct_size: size_of::<pj_event>() as u32,
            kind: 0,
            number: 0,
            reserved: 0,
            request: null_mut(),
            result: null(),
        }
    }

    /// An event for a callback; the request's handle is lent.
    pub fn of(event: &Event, request: *mut pj_request) -> pj_event {
        pj_event { kind: event.kind.number(), number: event.number, request, ..pj_event::none() }
    }
}

/// Called with each event. `user` is what you gave pj_on_event. `event` and what it points to are gone when it returns.
#[allow(non_camel_case_types)]
pub type pj_event_fn = Option<unsafe extern "C-unwind" fn(event: *const pj_event, user: *mut c_void)>;

/// Registers the function that is called with each event: once per client, before its first request.
///
/// PJ_DELIVER_ON_DISPATCH: it is called inside your own pj_dispatch, on the thread that calls that. Right for every
/// program with a window. PJ_DELIVER_ON_THREAD: it is called on one thread of the library, one event at a time, as
/// soon as there is news. That thread is not yours: touch no window from it, and let no exception leave the callback.
/// It has every floating-point exception masked, whatever your own threads do: a division by zero gives infinity there
/// and raises nothing. Delphi programs set IsMultiThread := True first.
///
/// `user` comes back with each call and is never looked at. PJ_ERR_WRONG_STATE: there is a callback already, or a
/// request was started. PJ_ERR_THREAD: the system refused the thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_on_event(
    client: *mut pj_client,
    callback: pj_event_fn,
    user: *mut c_void,
    delivery: i32,
) -> pj_status {
    guard::call(Function::pj_on_event, || {
        let cell = handles::client(client)?;
        if callback.is_none() {
            return Err(Fault::argument("callback is NULL"));
        }
        let delivery = match delivery {
            0 => Delivery::OnDispatch,
            1 => Delivery::OnThread,
            other => return Err(Fault::argument(format!("delivery {other} is not one of PJ_DELIVER_*"))),
        };
        if cell.started.load(Ordering::Acquire) {
            return Err(Fault::new(Status::WrongState, "register the callback before the first request"));
        }
        cell.desk.set_on_event(Callback { function: callback, user: user as usize }, delivery)?;
        if delivery == Delivery::OnThread { delivery::start(&cell) } else { Ok(()) }
    })
}

/// Calls your callbacks with the news there is. Waits until there is some, at most `timeout_ms` milliseconds: 0 not at
/// all, right for a timer or a window message; -1 for ever, right for a thread of its own. Delivers what was queued when
/// the first arrived; what comes meanwhile wakes the window or the descriptor again.
/// `*delivered`, which may be NULL, becomes the number of events told. No news is PJ_OK with 0.
///
/// An exception that leaves a callback passes through to you and harms nothing: that event was not told and comes
/// again at the next pj_dispatch, which must be called on the same thread. Not so in 32-bit Windows programs of mingw:
/// there each module unwinds its own frames only, so no C++ exception crosses this DLL; catch it inside the callback.
/// Those of Delphi and Free Pascal do cross it.
///
/// PJ_ERR_BUSY: another thread is in pj_dispatch or pj_next_event of this client. PJ_ERR_REENTRANT: you are in a
/// callback; when that shows a dialog whose message loop came here, ignore it. PJ_ERR_CLOSED: stop your loop.
/// PJ_ERR_WRONG_STATE: no callback is registered, or the library's own thread delivers.
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe extern "C-unwind" fn pj_dispatch(client: *mut pj_client, timeout_ms: i32, delivered: *mut u32) -> pj_status {
    let mut round = Round::new();
    let place = Place::at(&raw const round);
    let mut status = guard::call(Function::pj_dispatch, || begin(client, timeout_ms, place, &mut round));
    if status != Status::Ok.number() {
        return status;
    }
    let mut more = true;
    while more && status == Status::Ok.number() {
        more = false;
        status = guard::call(Function::pj_dispatch, || {
            more = round.advance()?;
            Ok(())
        });
        if more {
            // SAFETY: advance said that a callback is ready, and nothing on this frame wants to be dropped.
            unsafe { round.tell() };
        }
    }
    let end = guard::call(Function::pj_dispatch, || {
        round.end();
        if status == Status::Ok.number() && !delivered.is_null() {
            // SAFETY: not NULL; the caller gave room for a uint32_t.
            unsafe { put(delivered, round.told) };
        }
        Ok(())
    });
    if status == Status::Ok.number() { end } else { status }
}

#[inline(never)]
fn begin(client: *mut pj_client, timeout_ms: i32, place: Place, round: &mut Round) -> Outcome {
    check_timeout(timeout_ms)?;
    let cell = handles::client(client)?;
    cell.desk.refuse_nested(place)?;
    let want = cell.desk.want();
    let by_thread = matches!(cell.desk.on_event(), Some((_, Delivery::OnThread)));
    if by_thread || !(want.events || want.log) {
        let text = if by_thread { "the library's own thread delivers" } else { "no callback: call pj_on_event first" };
        return Err(Fault::new(Status::WrongState, text));
    }
    round.begin(&cell, place, want, timeout_ms)
}

/// Fetches the next event without any callback: the same news for programs that would rather ask. Waits at most
/// `timeout_ms` milliseconds; 0 not at all, -1 for ever. An event given out counts as told.
///
/// Set `event->struct_size`, and `result->struct_size` if `result` is not NULL. When there is no news, PJ_OK and
/// `event->kind` is PJ_EVENT_NONE; `result` is then left alone. Else `event->result` is your `result`, and
/// `event->request` is lent until the next call of this function.
///
/// PJ_ERR_WRONG_STATE: the client has an event callback. PJ_ERR_BUSY, PJ_ERR_REENTRANT, PJ_ERR_CLOSED: as for pj_dispatch.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_next_event(
    client: *mut pj_client,
    timeout_ms: i32,
    event: *mut pj_event,
    result: *mut pj_result,
) -> pj_status {
    let mut stamps = Stamps::NONE;
    let stamp = stamps.renew();
    let place = Place::at(&raw const stamps);
    // SAFETY: the caller's pointers, as the header describes them.
    guard::call(Function::pj_next_event, || unsafe { next_event(client, timeout_ms, event, result, place, stamp) })
}

/// # Safety
/// The pointers are NULL or point to structs whose first member is their size.
#[inline(never)]
unsafe fn next_event(
    client: *mut pj_client,
    timeout_ms: i32,
    event: *mut pj_event,
    result: *mut pj_result,
    place: Place,
    stamp: u64,
) -> Outcome {
    check_timeout(timeout_ms)?;
    // SAFETY: as promised.
    let event_size = unsafe { struct_size(event, "event") }?;
    // SAFETY: as promised.
    let result_size = if result.is_null() { 0 } else { unsafe { struct_size(result, "result") }? };
    let cell = handles::client(client)?;
    cell.desk.refuse_nested(place)?;
    if cell.desk.on_event().is_some() {
        return Err(Fault::new(Status::WrongState, "this client tells its events to a callback"));
    }
    let news = pull(&cell, timeout_ms, place, stamp)?;
    let mut image = pj_event::none();
    if let Some((news, handle)) = &news {
        image = pj_event::of(news, *handle);
        image.result = result;
        if !result.is_null() {
            // SAFETY: as promised, and its size was checked.
            unsafe { write_struct(&result::image(&news.snapshot), result, result_size) };
        }
    }
    // SAFETY: as promised, and its size was checked.
    unsafe { write_struct(&image, event, event_size) };
    Ok(())
}

/// The next event and the handle lent with it.
fn pull(
    cell: &Arc<ClientCell>,
    timeout_ms: i32,
    place: Place,
    stamp: u64,
) -> Result<Option<(Event, *mut pj_request)>, Fault> {
    struct Leave<'a>(&'a desk::Desk);
    impl Drop for Leave<'_> {
        fn drop(&mut self) {
            self.0.leave();
        }
    }
    cell.desk.sit(cell, place, stamp)?;
    let _leave = Leave(&cell.desk);
    cell.client.news().heard();
    let Some(event) = cell.client.news().next(timeout_ms)? else { return Ok(None) };
    let handle = handles::lend(cell, &event.request)?;
    event.request.saw(&event.snapshot);
    let lent = Current { request: Some(event.request.clone()), snapshot: None, handle, _line: None };
    let before = cell.lent.lock().unwrap_or_else(PoisonError::into_inner).replace(lent);
    drop(before);
    Ok(Some((event, handle)))
}

/// Gives a descriptor that poll, select and epoll show as readable while there is news: for Linux programs with a loop
/// of their own. It belongs to the library: only watch it, never read or close it, and call pj_dispatch when it is
/// readable. Always the same one; gone after pj_client_close.
///
/// PJ_ERR_UNSUPPORTED: Windows; there pj_wakeup_window does it. PJ_ERR_THREAD: the system refused a socket pair.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_wakeup_fd(client: *mut pj_client, fd: *mut i32) -> pj_status {
    guard::call(Function::pj_wakeup_fd, || {
        refuse_null(fd, "fd")?;
        let cell = handles::client(client)?;
        let number = cell.client.news().wakeup_fd().map_err(|error| match error.kind() {
            std::io::ErrorKind::Unsupported => {
                Fault::new(Status::Unsupported, "this system has no descriptors to watch; use pj_wakeup_window")
            }
            _ => Fault::new(Status::Thread, format!("the system refused a socket pair: {error}")),
        })?;
        // SAFETY: checked for NULL; the caller gave room for an int32_t.
        unsafe { put(fd, number) };
        Ok(())
    })
}

/// Posts the message `message` (WM_APP + n) to the window `hwnd` whenever there is news: for Windows programs. Call
/// pj_dispatch with timeout 0 when it arrives. At most one message is under way; one that could not be posted is tried
/// again with the next news. One may arrive for which pj_dispatch finds nothing. Call it again with the new window
/// when the old one is destroyed, with NULL to stop.
///
/// PJ_ERR_UNSUPPORTED: not Windows; there pj_wakeup_fd does it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_wakeup_window(client: *mut pj_client, hwnd: *mut c_void, message: u32) -> pj_status {
    guard::call(Function::pj_wakeup_window, || {
        let cell = handles::client(client)?;
        if cfg!(not(windows)) {
            return Err(Fault::new(Status::Unsupported, "this system has no window messages; use pj_wakeup_fd"));
        }
        let bell = if hwnd.is_null() { None } else { WindowBell::new(hwnd, message) };
        cell.client.news().wakeup_window(bell);
        Ok(())
    })
}
