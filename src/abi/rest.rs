//! Webhooks and diagnostics.

use super::guard::{self, Fault};
use super::handles;
use super::memory::{read_text, refuse_null};
use super::table::Function;
use super::types::{pj_client, pj_status};
use crate::status::Status;
use std::ffi::{c_char, c_void};

/// Hands in a message that the vendor posted to a server of yours, so that news comes sooner. It is a hint: the
/// library asks the vendor itself before it believes anything. `headers` are its HTTP headers as "Name: value" lines,
/// `body` its `len` bytes as they came; `webhook_secret` of the configuration checks the signature.
///
/// Not yet available: this version answers PJ_ERR_UNSUPPORTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_webhook(
    client: *mut pj_client,
    headers: *const c_char,
    body: *const c_void,
    len: u32,
) -> pj_status {
    guard::call(Function::pj_webhook, || {
        handles::client(client)?;
        // SAFETY: the caller's text, as the header describes it.
        unsafe { read_text(headers, "headers") }?;
        if len > 0 {
            refuse_null(body, "body")?;
        }
        Err(Fault::new(Status::Unsupported, "webhooks are not available in this version"))
    })
}

/// Writes one file to mail to support: versions, settings, the log and the journal's facts, without passwords and card
/// data. `path` is UTF-8. Waits for the disk.
///
/// Not yet available: this version answers PJ_ERR_UNSUPPORTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_diagnostics(client: *mut pj_client, path: *const c_char) -> pj_status {
    guard::call(Function::pj_diagnostics, || {
        handles::client(client)?;
        // SAFETY: the caller's text, as the header describes it.
        unsafe { read_text(path, "path") }?;
        Err(Fault::new(Status::Unsupported, "diagnostics are not available in this version"))
    })
}
