//! This thread's last failure in words.

use super::memory;
use super::table::Function;
use super::types::pj_status;
use std::cell::RefCell;
use std::ffi::c_char;
use std::fmt::{self, Write};

/// A fixed buffer: remembering a failure allocates nothing. What does not fit is cut at a character.
pub struct Text {
    len: usize,
    bytes: [u8; 512],
}

impl Text {
    pub const EMPTY: Text = Text { len: 0, bytes: [0; 512] };

    pub fn set(&mut self, args: fmt::Arguments<'_>) {
        self.len = 0;
        // Cutting reports success, and the texts written here have no other way to fail.
        let _ = self.write_fmt(args);
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.len() - self.len;
        let kept = memory::cut(text, room).as_bytes();
        self.bytes[self.len..self.len + kept.len()].copy_from_slice(kept);
        self.len += kept.len();
        Ok(())
    }
}

thread_local! {
    static LAST: RefCell<Text> = const { RefCell::new(Text::EMPTY) };
}

/// Remembers a failure of this thread.
pub fn remember(args: fmt::Arguments<'_>) {
    LAST.with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            last.set(args);
        }
    });
}

/// Copies the text of this thread's last failure: the function and the code's name, which key or argument, what is wrong
/// with it, and what would be right. It is for the programmer and for the log; pj_status_text has a sentence for the cashier.
///
/// Call it right after a call that failed, on the same thread. Calls that succeed leave the text alone, and so does
/// this one when it fails. The text never contains the value of a password or key. Before the first failure it is empty.
///
/// Text out works in all functions alike: `*len` becomes the length without the NUL and may be NULL; `cap` 0 only asks
/// for the length; PJ_ERR_BUFFER_TOO_SMALL when `cap` is less than the length and the NUL, and the buffer is then empty.
/// 512 bytes are always enough here, NUL included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pj_last_error(buf: *mut c_char, cap: u32, len: *mut u32) -> pj_status {
    let status = super::guard::quiet(Function::pj_last_error, || {
        LAST.with(|last| match last.try_borrow() {
            // SAFETY: the caller's pointers, as the header describes them.
            Ok(last) => unsafe { memory::write_text(last.as_str().as_bytes(), buf, cap, len) },
            Err(_) => Ok(()),
        })
    });
    status.number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let mut text = Text::EMPTY;
        text.set(format_args!("{}{}", "x".repeat(511), "\u{e9}"));
        assert_eq!(text.as_str().len(), 511);
        text.set(format_args!("{}", "\u{20ac}".repeat(300)));
        assert_eq!(text.as_str().chars().count(), 170);
    }
}
