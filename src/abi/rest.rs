//! Webhooks and diagnostics.

use super::guard::{self, Fault};
use super::handles;
use super::memory::{read_bytes, read_text};
use super::table::Function;
use super::types::{pj_client, pj_status};
use crate::client::LONGEST_WEBHOOK;
use crate::status::Status;
use std::ffi::{c_char, c_void};

/// Hands in what the vendor posted to a web server of yours, so that news comes at once instead of at the next look.
/// For programs that have such a server; all others lose nothing, for the library looks by itself.
///
/// `headers` are the HTTP headers as "Name: value" lines, ended by LF or CR LF, in any order, UTF-8, at most 64 KiB. The
/// request line may stand before them. `body` is the body as it came, `len` bytes, at most 1 MiB: not parsed, not
/// converted and not ended by NUL, because the signature covers the very bytes. Both are copied.
///
/// The signature is checked now, on your thread, with `webhook_secret` of the configuration: the secret that you told the
/// vendor, or that the vendor shows where you subscribe. It takes microseconds, a few milliseconds for the largest body;
/// nothing waits for disk or network, so you can answer the vendor right after it. What the event says is believed in
/// nothing. It makes the library ask the vendor about the payment that it names, and the answer is told like any other
/// news. Events may come in any order, late, before the payment is known, or about what other programs did. Any thread
/// may call, also several at a time.
///
/// What to answer to the vendor's HTTP request:
///
/// PJ_OK: 200. A repetition is PJ_OK too, and does nothing. So is an event that this version does not know.
///
/// PJ_ERR_SIGNATURE: 401. Forged, changed on its way, signed with another secret, or without the signature's header.
///
/// PJ_ERR_INVALID_ARGUMENT, PJ_ERR_INVALID_TEXT, PJ_ERR_LIMIT: 400. No body, a body that is too long, or headers that are no
/// text.
///
/// PJ_ERR_CONFIG (there is no `webhook_secret`: nothing unsigned is ever taken), PJ_ERR_UNSUPPORTED (see PJ_CAN_WEBHOOKS),
/// PJ_ERR_CLOSED and everything else: 503, and the vendor comes again. PayJunction waits 15 seconds for the answer and
/// JustiFi 5.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_webhook(
    client: *mut pj_client,
    headers: *const c_char,
    body: *const c_void,
    len: u32,
) -> pj_status {
    guard::call(Function::pj_webhook, || {
        let cell = handles::client(client)?;
        // SAFETY: the caller's text, as the header describes it.
        let headers = unsafe { read_text(headers, "headers") }?;
        if len as usize > LONGEST_WEBHOOK {
            return Err(Fault::new(Status::Limit, format!("body: longer than {LONGEST_WEBHOOK} bytes")));
        }
        // SAFETY: the caller's bytes, as the header describes them; more than can be meant are not read.
        let body = unsafe { read_bytes(body, len, "body") }?;
        Ok(cell.client.webhook(&headers, &body)?)
    })
}

/// Writes one file to mail to support: everything that tells why a payment went as it did.
///
/// It holds the library's version and the system, the settings (of a secret only whether it is set), where each request
/// stands, the account's pace and session, the journal's place, size and check, the facts of the open and the newest
/// payments with their times, and the newest log lines. It is UTF-8 text, at most 4 MiB, to be read from top to bottom.
/// Passwords, card data, and what was said of the customer (names, addresses, goods, notes) are not in it; references,
/// amounts, terminals and the vendor's ids are.
///
/// `path` is the file's path in UTF-8, on Windows too; it is copied. The file is written under another name in the same
/// directory and then put in its place, readable by its owner only. A diagnostics file that is there already is replaced.
/// Anything else that is there, a link included, is left alone: PJ_ERR_FILE.
///
/// Asks no network, so it works when the vendor cannot be reached, and while payments run. It may be called from any
/// thread, also in a callback. Waits for the disk, at most 15 seconds; the journal waits meanwhile for the check of its
/// file, which takes some tenths of a second.
///
/// PJ_ERR_FILE: the file cannot be written; pj_last_error has the path and the cause. PJ_ERR_INVALID_ARGUMENT: no path.
/// PJ_ERR_THREAD: the system refused a thread. PJ_ERR_CLOSED: the client was closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_diagnostics(client: *mut pj_client, path: *const c_char) -> pj_status {
    guard::call(Function::pj_diagnostics, || {
        let cell = handles::client(client)?;
        // SAFETY: the caller's text, as the header describes it.
        let path = unsafe { read_text(path, "path") }?;
        Ok(cell.client.diagnostics(&path, guard::last_panic())?)
    })
}
