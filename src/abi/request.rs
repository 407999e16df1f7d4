//! `pj_request`: the life of a request.

use super::client::{ClientCell, check_timeout};
use super::desk::Place;
use super::guard::{self, Fault, Outcome};
use super::handles;
use super::memory::{put, read_text, refuse_null, struct_size, write_bytes, write_struct, write_text};
use super::result::{EMPTY, draw, image, value_of};
use super::table::Function;
use super::types::{pj_client, pj_request, pj_result, pj_status};
use crate::client::{Decision, Request};
use crate::payment::snapshot::{Detail, Snapshot};
use crate::status::Status;
use std::ffi::{c_char, c_void};
use std::sync::{Arc, PoisonError};
use zeroize::Zeroizing;

/// Copies the newest state of a request. Memory only, well under a microsecond: call it from a timer as often as you like.
///
/// Set `result->struct_size` first. PJ_OK says that the result was filled in, not that the payment is well: look at
/// `state`, `money` and `advice` for that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_poll(request: *mut pj_request, result: *mut pj_result) -> pj_status {
    guard::call(Function::pj_poll, || {
        // SAFETY: the caller's struct, as the header describes it.
        let size = unsafe { struct_size(result, "result") }?;
        let mut seen = EMPTY;
        let mut shown = false;
        handles::look(request, |request| shown = request.show(|snapshot| draw(snapshot, &mut seen)))?;
        if !shown {
            return Err(Fault::new(Status::Closed, "the client broke; close it and open it again"));
        }
        // SAFETY: its size was checked.
        unsafe { write_struct(&seen, result, size) };
        Ok(())
    })
}

/// Waits until a request has ended **or its outcome is PJ_STATE_UNKNOWN**, at most `timeout_ms` milliseconds; 0 not at
/// all, -1 for ever. For programs without a window, and for tests. Several threads may wait for one request.
///
/// PJ_OK: it has, look at `state`. PJ_ERR_WAIT_TIMEOUT: it is still running; nothing is wrong, call again. The result
/// is filled in in both cases. PJ_ERR_CLOSED: the client was closed meanwhile. PJ_ERR_REENTRANT: you are in a callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_wait(request: *mut pj_request, timeout_ms: i32, result: *mut pj_result) -> pj_status {
    let here = 0u8;
    let place = Place::at(&raw const here);
    // SAFETY: the caller's struct, as the header describes it.
    guard::call(Function::pj_wait, || unsafe { wait(request, timeout_ms, result, place) })
}

/// # Safety
/// `result` is NULL or points to a struct whose first member is its size.
#[inline(never)]
unsafe fn wait(handle: *mut pj_request, timeout_ms: i32, result: *mut pj_result, here: Place) -> Outcome {
    check_timeout(timeout_ms)?;
    // SAFETY: as promised.
    let size = unsafe { struct_size(result, "result") }?;
    let request = {
        let (request, cell) = handles::request_and_client(handle)?;
        cell.desk.refuse_nested(here)?;
        // The client is let go: a waiting thread must not keep a closed one alive.
        request
    };
    let (outcome, snapshot) = match request.wait(timeout_ms) {
        Ok(snapshot) => (Ok(()), snapshot),
        Err((error, snapshot)) => (Err(Fault::from(error)), snapshot),
    };
    if !matches!(&outcome, Err(fault) if fault.status != Status::WaitTimeout) {
        request.saw(&snapshot);
        // SAFETY: its size was checked.
        unsafe { write_struct(&image(&snapshot), result, size) };
    }
    outcome
}

/// Asks for a request to be canceled. Returns at once; whether it is canceled, the result says: the customer may have
/// paid in the meantime. May be called at any time and repeatedly.
///
/// PJ_ERR_WRONG_STATE: it has ended. PJ_ERR_UNSUPPORTED: this vendor's terminals cannot be reached for that (see
/// PJ_CAN_CANCEL); cancel at the terminal, and keep waiting for the result.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_cancel(request: *mut pj_request) -> pj_status {
    guard::call(Function::pj_cancel, || {
        let (request, cell) = handles::request_and_client(request)?;
        Ok(cell.client.cancel(&request)?)
    })
}

/// Says that you have stored the final result of a request, on disk, with the sale. From then on it is not told again
/// and is not in the pending list. Until then it is, also after a crash or a restart: that is what makes sure that no
/// payment is lost between this library and your database. Saying it twice is PJ_OK. You may do so, and close the
/// client, before PJ_FLAG_TERMINAL_FREE is set.
///
/// With the configuration `confirm` = "on_acknowledge" it also says that the money of a payment may be taken: the
/// library captures the authorization, in the background, and PJ_EVENT_UPDATED tells PJ_MONEY_MOVED. If the program or
/// the machine ends before that, it goes on at the next pj_client_open; an authorization lapses when nobody opens the
/// client for days. A capture that the vendor refuses, or that never gets through, is PJ_EVENT_RESULT_CHANGED with
/// PJ_MONEY_PENDING: acknowledge that too, and use pj_capture or pj_void. After a restart acknowledge again what is
/// told again, in time (`confirm_within`); of a capture that is done only the journal knows then, as pj_find shows. A late approval is never captured by itself.
///
/// PJ_ERR_WRONG_STATE: it has not ended; or a late approval, or a change of the vendor's record, has arrived that you
/// have not been shown: look at the request with pj_poll, store that, and call again; or, under `confirm`, you did not
/// call in time and the payment is being undone: wait for PJ_EVENT_REVERSED, and acknowledge that. Success here and the
/// undoing exclude each other.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_acknowledge(request: *mut pj_request) -> pj_status {
    guard::call(Function::pj_acknowledge, || {
        let (request, cell) = handles::request_and_client(request)?;
        if request.is_news_unseen() {
            let text = "the result has changed since: look at the request again, store that, and acknowledge it";
            return Err(Fault::new(Status::WrongState, text));
        }
        Ok(cell.client.acknowledge(&request)?)
    })
}

/// Decides a request whose state is PJ_STATE_UNKNOWN by a person's word, after that person has looked at the terminal
/// and at the vendor's own record. `decision` is PJ_DECISION_PAID, PJ_DECISION_NOT_PAID or PJ_DECISION_KEEP_LOOKING;
/// `by` names the person and `reason` says what was seen; both are kept in the journal.
///
/// PAID makes it APPROVED and NOT_PAID makes it FAILED, both with PJ_FLAG_RESOLVED; reference and terminal are free
/// again; pj_wait waits until that has happened. The library goes on looking: if the person was wrong,
/// PJ_EVENT_LATE_APPROVAL or PJ_EVENT_RESULT_CHANGED tells.
/// PJ_ERR_WRONG_STATE: the state is another one. PJ_ERR_INVALID_ARGUMENT: PAID for a question that moves no money.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_resolve(
    request: *mut pj_request,
    decision: i32,
    by: *const c_char,
    reason: *const c_char,
) -> pj_status {
    guard::call(Function::pj_resolve, || {
        let decision = match decision {
            1 => Decision::Paid,
            2 => Decision::NotPaid,
            3 => Decision::KeepLooking,
            other => return Err(Fault::argument(format!("decision {other} is not one of PJ_DECISION_*"))),
        };
        // SAFETY: the caller's texts, as the header describes them.
        let (by, reason) = unsafe { (read_text(by, "by")?, read_text(reason, "reason")?) };
        let (request, cell) = handles::request_and_client(request)?;
        Ok(cell.client.resolve(&request, decision, &by, &reason)?)
    })
}

/// Gives one use of a handle back. The payment itself goes on, and pj_find and pj_pending_at find it again.
///
/// Every function that hands a handle out adds one use, and this takes one: call it once for each time you were given
/// the handle. Not for the handle in an event, which is lent. NULL is nothing. Also right after pj_client_close, in any order.
/// PJ_ERR_INVALID_HANDLE: one time too many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_request_free(request: *mut pj_request) -> pj_status {
    guard::call(Function::pj_request_free, || if request.is_null() { Ok(()) } else { handles::release(request) })
}

/// Counts the pending requests, and freezes the list that pj_pending_at walks: those that have not ended, are UNKNOWN,
/// or whose result you have not acknowledged, oldest first. Walk it at the start of the program, and store and
/// acknowledge what has ended: these are the payments that a crash or a power cut left over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_pending_count(client: *mut pj_client, count: *mut u32) -> pj_status {
    guard::call(Function::pj_pending_count, || {
        refuse_null(count, "count")?;
        let cell = handles::client(client)?;
        let list = cell.client.pending()?;
        let number = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let old = std::mem::replace(&mut *cell.pending.lock().unwrap_or_else(PoisonError::into_inner), list);
        drop(old);
        // SAFETY: checked for NULL; the caller gave room for a uint32_t.
        unsafe { put(count, number) };
        Ok(())
    })
}

/// Gives a handle of the pending request with this index, counted from 0, in the list that the last pj_pending_count
/// froze. Give it back with pj_request_free. PJ_ERR_NO_SUCH_REQUEST: the list is shorter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_pending_at(client: *mut pj_client, index: u32, out: *mut *mut pj_request) -> pj_status {
    guard::call(Function::pj_pending_at, || {
        refuse_null(out, "out")?;
        let cell = handles::client(client)?;
        let request = cell.pending.lock().unwrap_or_else(PoisonError::into_inner).get(index as usize).cloned();
        let request = request.ok_or_else(|| {
            Fault::new(Status::NoSuchRequest, format!("the list that pj_pending_count froze has no index {index}"))
        })?;
        give(&cell, request, out)
    })
}

/// Gives a handle of the newest request with this reference. Give it back with pj_request_free.
///
/// PJ_ERR_NO_SUCH_REQUEST: the journal has none, and within its retention (see `retention_days`) that is proof that
/// none was sent. This is the question to ask when your program does not remember whether it asked for a payment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_find(
    client: *mut pj_client,
    reference: *const c_char,
    out: *mut *mut pj_request,
) -> pj_status {
    guard::call(Function::pj_find, || {
        refuse_null(out, "out")?;
        // SAFETY: the caller's text, as the header describes it.
        let reference = unsafe { read_text(reference, "reference") }?;
        let cell = handles::client(client)?;
        let request = cell.client.find(&reference)?;
        give(&cell, request, out)
    })
}

/// Gives a handle out.
pub(super) fn give(cell: &Arc<ClientCell>, request: Arc<Request>, out: *mut *mut pj_request) -> Outcome {
    let handle = handles::hand_out(cell, request)?;
    // SAFETY: our callers have refused NULL; the caller gave room for a handle.
    unsafe { put(out, handle) };
    Ok(())
}

/// Copies one value of a request as text: a member of pj_result by its name, or one of the further values that the
/// kind of work brings, such as `terminals.count` and `terminals.0.name`. Numbers come as digits, bytes if they are UTF-8.
/// Memory only. In a callback the value is that of the event.
///
/// Buffers work as in pj_last_error. PJ_ERR_NO_VALUE: there is no such value, or not yet. PJ_ERR_INVALID_FIELD: it is no
/// text; use pj_get_bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_get_text(
    request: *mut pj_request,
    key: *const c_char,
    buf: *mut c_char,
    cap: u32,
    len: *mut u32,
) -> pj_status {
    let here = 0u8;
    let place = Place::at(&raw const here);
    guard::call(Function::pj_get_text, || {
        // SAFETY: the caller's text, as the header describes it.
        let key = unsafe { read_text(key, "key") }?;
        let text = text_of(request, &key, len, place)?;
        // SAFETY: the caller's buffer, as the header describes it.
        unsafe { write_text(text.as_bytes(), buf, cap, len) }
    })
}

/// Copies one value of a request as a whole number. PJ_ERR_NO_VALUE: there is no such value, or not yet.
/// PJ_ERR_INVALID_FIELD: it is a text, or bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_get_int(request: *mut pj_request, key: *const c_char, value: *mut i64) -> pj_status {
    let here = 0u8;
    let place = Place::at(&raw const here);
    guard::call(Function::pj_get_int, || {
        refuse_null(value, "value")?;
        // SAFETY: the caller's text, as the header describes it.
        let key = unsafe { read_text(key, "key") }?;
        match find_value(request, &key, place)? {
            // SAFETY: checked for NULL; the caller gave room for an int64_t.
            Detail::Int(number) => unsafe { put(value, number) },
            Detail::Text(_) | Detail::Private(_) => {
                return Err(Fault::new(Status::InvalidField, format!("{key} is a text; use pj_get_text")));
            }
            Detail::Bytes(_) => return Err(are_bytes(&key)),
        }
        Ok(())
    })
}

/// Copies one value of a request as bytes, such as the image of a signature; a text comes as its UTF-8. Buffers work as
/// in pj_last_error, but there is no NUL, and `cap` equal to the length is enough.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_get_bytes(
    request: *mut pj_request,
    key: *const c_char,
    buf: *mut c_void,
    cap: u32,
    len: *mut u32,
) -> pj_status {
    let here = 0u8;
    let place = Place::at(&raw const here);
    guard::call(Function::pj_get_bytes, || {
        // SAFETY: the caller's text, as the header describes it.
        let key = unsafe { read_text(key, "key") }?;
        let found = found(request, &key, len, place)?;
        let digits;
        let bytes = match &found {
            Detail::Bytes(bytes) => &bytes[..],
            Detail::Text(text) => text.as_bytes(),
            Detail::Private(text) => text.reveal().as_bytes(),
            Detail::Int(number) => {
                digits = number.to_string();
                digits.as_bytes()
            }
        };
        // SAFETY: the caller's buffer, as the header describes it.
        unsafe { write_bytes(bytes, buf, cap, len) }
    })
}

/// Copies all values of a request as one JSON text, for logs and for programs that like JSON. Bytes come as base64. What
/// is for the program only is not in it: `input.value` and `card_read.*`, which pj_get_text gives. Buffers work as in
/// pj_last_error. PJ_ERR_NO_VALUE: the library has not prepared it yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_get_json(request: *mut pj_request, buf: *mut c_char, cap: u32, len: *mut u32) -> pj_status {
    let here = 0u8;
    let place = Place::at(&raw const here);
    guard::call(Function::pj_get_json, || {
        let text = text_of(request, "json", len, place)?;
        // SAFETY: the caller's buffer, as the header describes it.
        unsafe { write_text(text.as_bytes(), buf, cap, len) }
    })
}

fn text_of(request: *mut pj_request, key: &str, len: *mut u32, here: Place) -> Result<Zeroizing<String>, Fault> {
    let text = found(request, key, len, here)?;
    Ok(Zeroizing::new(match text {
        Detail::Text(text) => text,
        Detail::Int(number) => number.to_string(),
        Detail::Private(text) => text.reveal().to_owned(),
        Detail::Bytes(bytes) => match std::str::from_utf8(&bytes) {
            Ok(text) if !text.contains('\0') => text.to_owned(),
            _ => {
                set_zero(len);
                return Err(are_bytes(key));
            }
        },
    }))
}

/// The value of a key. Of a value that is not there the length becomes 0: a caller that skips the status reads nothing.
fn found(request: *mut pj_request, key: &str, len: *mut u32, here: Place) -> Result<Detail, Fault> {
    let found = find_value(request, key, here);
    if found.is_err() {
        set_zero(len);
    }
    found
}

fn set_zero(len: *mut u32) {
    if !len.is_null() {
        // SAFETY: not NULL; the caller gave room for a uint32_t.
        unsafe { put(len, 0) };
    }
}

fn are_bytes(key: &str) -> Fault {
    Fault::new(Status::InvalidField, format!("{key} is no text; use pj_get_bytes"))
}

fn find_value(handle: *mut pj_request, key: &str, here: Place) -> Result<Detail, Fault> {
    let (request, cell) = handles::request_and_client(handle)?;
    let snapshot: Arc<Snapshot> = cell.desk.told_snapshot(&request, here).unwrap_or_else(|| request.snapshot());
    value_of(&snapshot, key).ok_or_else(|| Fault::new(Status::NoValue, format!("the request has no value {key:?}")))
}
