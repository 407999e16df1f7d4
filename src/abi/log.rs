//! The log, delivered as events are.

use super::desk::Callback;
use super::guard::{self, Fault};
use super::handles;
use super::table::Function;
use super::types::{pj_client, pj_status};
use std::ffi::{c_char, c_void};

/// Called with each line of the log: its PJ_LOG_* level, and its text without a line end. Gone when it returns.
#[allow(non_camel_case_types)]
pub type pj_log_fn = Option<unsafe extern "C-unwind" fn(level: i32, line: *const c_char, user: *mut c_void)>;

/// Registers the function that is called with the lines of the library's log, up to `level` (PJ_LOG_*). It is called
/// where events are: inside pj_dispatch, or on the library's thread with PJ_DELIVER_ON_THREAD. A program that uses
/// pj_next_event calls pj_dispatch now and then for its log. At most 1000 lines are kept; those beyond are counted,
/// and a line says how many. Lines hold no passwords and no card data.
///
/// May be called again, to change the level or the function; NULL or PJ_LOG_NONE ends it.
/// PJ_ERR_INVALID_ARGUMENT: `level` is not one of PJ_LOG_*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_on_log(
    client: *mut pj_client,
    callback: pj_log_fn,
    user: *mut c_void,
    level: i32,
) -> pj_status {
    guard::call(Function::pj_on_log, || {
        let cell = handles::client(client)?;
        if !(0..=5).contains(&level) {
            return Err(Fault::argument(format!("level {level} is not one of PJ_LOG_*")));
        }
        let wanted = callback.is_some() && level > 0;
        cell.desk.set_on_log(wanted.then_some(Callback { function: callback, user: user as usize }));
        cell.client.news().keep_log(if wanted { level } else { 0 });
        Ok(())
    })
}
