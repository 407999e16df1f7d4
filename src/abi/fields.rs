//! `pj_fields`: the one bag that carries configuration and request parameters.

use super::guard::{self, Fault, Outcome};
use super::handles;
use super::memory::{put, read_text, refuse_null};
use super::table::Function;
use super::types::{pj_fields, pj_status};
use crate::payment::{Fields, Value};
use crate::status::Status;
use std::ffi::c_char;
use std::sync::PoisonError;

/// Values in a bag, those of its items included.
const MOST_VALUES: usize = 10_000;
/// Items within items.
const DEEPEST: usize = 4;
const LONGEST_KEY: usize = 128;

/// Makes an empty bag. `*out` is its handle; give it back with pj_fields_free.
///
/// A bag is copied where it is used, so one may be filled once and used again, and changed between.
/// PJ_ERR_LIMIT: no handle is left, because bags or requests are never freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fields_new(out: *mut *mut pj_fields) -> pj_status {
    guard::call(Function::pj_fields_new, || {
        refuse_null(out, "out")?;
        let handle = handles::add_fields(Fields::new())?;
        // SAFETY: checked for NULL; the caller gave room for a handle.
        unsafe { put(out, handle) };
        Ok(())
    })
}

/// Sets a text, in place of what the key had. Both are UTF-8 and copied; at most 64 KiB.
///
/// Whether a key is known and its value right is checked where the bag is used, not here.
/// PJ_ERR_INVALID_TEXT: not UTF-8, or too long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fields_set_text(
    fields: *mut pj_fields,
    key: *const c_char,
    value: *const c_char,
) -> pj_status {
    guard::call(Function::pj_fields_set_text, || {
        // SAFETY: the caller's texts, as the header describes them.
        let (key, text) = unsafe { key_and_text(key, value) }?;
        change(fields, 1, |bag| bag.set_text(&key, &text))
    })
}

/// Sets a whole number, in place of what the key had: an amount in minor units (1234 is 12.34), seconds, a count, or
/// 0 and 1 for no and yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fields_set_int(fields: *mut pj_fields, key: *const c_char, value: i64) -> pj_status {
    guard::call(Function::pj_fields_set_int, || {
        // SAFETY: the caller's text, as the header describes it.
        let key = unsafe { read_key(key) }?;
        change(fields, 1, |bag| bag.set_int(&key, value))
    })
}

/// Adds one more text to a key that takes several, such as the buttons of a prompt.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fields_add_text(
    fields: *mut pj_fields,
    key: *const c_char,
    value: *const c_char,
) -> pj_status {
    guard::call(Function::pj_fields_add_text, || {
        // SAFETY: the caller's texts, as the header describes them.
        let (key, text) = unsafe { key_and_text(key, value) }?;
        change(fields, 1, |bag| bag.add_text(&key, &text))
    })
}

/// Adds one more group of fields to a key that takes several, such as `line_items`. `item` is copied; it may be used
/// again or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fields_add_item(
    fields: *mut pj_fields,
    key: *const c_char,
    item: *const pj_fields,
) -> pj_status {
    guard::call(Function::pj_fields_add_item, || {
        // SAFETY: the caller's text, as the header describes it.
        let key = unsafe { read_key(key) }?;
        // Copied before the other bag is locked: they may be one and the same.
        let item = handles::fields(item, "item")?.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (values, depth) = measure(&item);
        if depth >= DEEPEST {
            return Err(Fault::new(Status::Limit, format!("items may stand {DEEPEST} deep within items, no deeper")));
        }
        change(fields, values + 1, |bag| bag.add_item(&key, item))
    })
}

/// Gives a bag back. NULL is nothing. PJ_ERR_INVALID_HANDLE: it was given back before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_fields_free(fields: *mut pj_fields) -> pj_status {
    guard::call(Function::pj_fields_free, || if fields.is_null() { Ok(()) } else { handles::remove_fields(fields) })
}

fn change(fields: *mut pj_fields, more: usize, change: impl FnOnce(&mut Fields)) -> Outcome {
    let bag = handles::fields(fields, "fields")?;
    let mut bag = bag.lock().unwrap_or_else(PoisonError::into_inner);
    if measure(&bag).0 + more > MOST_VALUES {
        return Err(Fault::new(Status::Limit, format!("a bag holds at most {MOST_VALUES} values")));
    }
    change(&mut bag);
    Ok(())
}

/// How many values a bag holds, and how deep its items stand.
fn measure(bag: &Fields) -> (usize, usize) {
    let mut values = 0;
    let mut depth = 0;
    for (_, value) in bag.iter() {
        values += 1;
        match value {
            Value::Texts(texts) => values += texts.len(),
            Value::Items(items) => {
                for (inner, below) in items.iter().map(measure) {
                    values += inner;
                    depth = depth.max(below + 1);
                }
            }
            Value::Text(_) | Value::Int(_) => {}
        }
    }
    (values, depth)
}

/// # Safety
/// `key` is NULL or points to a NUL-terminated text.
unsafe fn read_key(key: *const c_char) -> Result<String, Fault> {
    // SAFETY: as promised.
    let key = unsafe { read_text(key, "key") }?;
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Fault::argument(format!("key has {} bytes; it has 1 to {LONGEST_KEY}", key.len())));
    }
    Ok(key)
}

/// # Safety
/// Both are NULL or point to NUL-terminated texts.
unsafe fn key_and_text(key: *const c_char, value: *const c_char) -> Result<(String, String), Fault> {
    // SAFETY: as promised.
    unsafe {
        let key = read_key(key)?;
        let text = read_text(value, format_args!("the value of {key}"))?;
        Ok((key, text))
    }
}
