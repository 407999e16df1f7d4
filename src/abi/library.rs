//! The library itself: its version, and the names of its numbers.

use super::guard;
use crate::payment::snapshot::{Advice, EventKind, MoneyMoved, State};
use crate::status;
use once_cell::sync::Lazy;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};

/// Texts by number, with their NULs, for ever. Not a hash table: only inner pointers lead to the memory of one, so that
/// checkers of hosts that look for leaks would name it.
type Names = Lazy<BTreeMap<i32, CString>>;

static STATUS_NAMES: Names = Lazy::new(|| names(status::TABLE.iter().map(|row| (row.number, row.name))));
static STATUS_TEXTS: Names = Lazy::new(|| names(status::TABLE.iter().map(|row| (row.number, row.text))));
static STATE_NAMES: Names = Lazy::new(|| names(State::ALL.iter().map(|s| (s.number(), s.name()))));
static MONEY_NAMES: Names = Lazy::new(|| names(MoneyMoved::ALL.iter().map(|m| (m.number(), m.name()))));
static ADVICE_NAMES: Names = Lazy::new(|| names(Advice::ALL.iter().map(|a| (a.number(), a.name()))));
static EVENT_NAMES: Names = Lazy::new(|| names(EventKind::ALL.iter().map(|e| (e.number(), e.name()))));

fn names(rows: impl Iterator<Item = (i32, &'static str)>) -> BTreeMap<i32, CString> {
    rows.filter_map(|(number, text)| Some((number, CString::new(text).ok()?))).collect()
}

fn look_up(names: &'static Names, number: i32, other: &'static CStr) -> *const c_char {
    guard::value(other.as_ptr(), || names.get(&number).map_or(other, CString::as_c_str).as_ptr())
}

const NO_NAME: &CStr = c"(unknown)";

/// The version of the library you run with: 0xMMmmpp, so 0x000102 is 0.1.2. PJ_HEADER_VERSION is the one you compiled with.
/// A library of the same MM that is not older than PJ_HEADER_VERSION is right.
#[unsafe(no_mangle)]
pub extern "C" fn pj_version() -> u32 {
    const fn part(text: &str) -> u32 {
        let mut number = 0;
        let mut at = 0;
        while at < text.len() {
            number = number * 10 + (text.as_bytes()[at] - b'0') as u32;
            at += 1;
        }
        number
    }
    const VERSION: u32 = part(env!("CARGO_PKG_VERSION_MAJOR")) << 16
        | part(env!("CARGO_PKG_VERSION_MINOR")) << 8
        | part(env!("CARGO_PKG_VERSION_PATCH"));
    VERSION
}

/// The same as text, such as "0.1.2". Like all texts these functions return it is never NULL and lasts for ever.
#[unsafe(no_mangle)]
pub extern "C" fn pj_version_text() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The name of a status: "PJ_ERR_DEVICE_OFFLINE". "(unknown)" for a number without one, here and below.
#[unsafe(no_mangle)]
pub extern "C" fn pj_status_name(status: i32) -> *const c_char {
    look_up(&STATUS_NAMES, status, NO_NAME)
}

/// One sentence about a status that a cashier can read out: "The card terminal is not connected."
#[unsafe(no_mangle)]
pub extern "C" fn pj_status_text(status: i32) -> *const c_char {
    look_up(&STATUS_TEXTS, status, c"Something unexpected happened. Call support.")
}

/// The name of a state: "PJ_STATE_APPROVED".
#[unsafe(no_mangle)]
pub extern "C" fn pj_state_name(state: i32) -> *const c_char {
    look_up(&STATE_NAMES, state, NO_NAME)
}

/// The name of a PJ_MONEY_* number.
#[unsafe(no_mangle)]
pub extern "C" fn pj_money_name(money: i32) -> *const c_char {
    look_up(&MONEY_NAMES, money, NO_NAME)
}

/// The name of a PJ_ADVICE_* number.
#[unsafe(no_mangle)]
pub extern "C" fn pj_advice_name(advice: i32) -> *const c_char {
    look_up(&ADVICE_NAMES, advice, NO_NAME)
}

/// The name of a PJ_EVENT_* number.
#[unsafe(no_mangle)]
pub extern "C" fn pj_event_name(event: i32) -> *const c_char {
    look_up(&EVENT_NAMES, event, NO_NAME)
}
