//! The caller's memory. It is touched here only, by byte copies and unaligned reads and writes: no Rust reference to it
//! ever exists, because a misaligned `int64_t` is ordinary on 32-bit Windows.

use super::guard::Fault;
use crate::status::Status;
use std::ffi::{c_char, c_void};
use std::fmt::Display;

/// The longest text taken from a caller, in bytes.
pub const LONGEST_TEXT: usize = 64 * 1024;
/// The largest struct_size that can be meant; beyond it the caller never set it.
const LARGEST_STRUCT: u32 = 64 * 1024;

/// The start of a text that fits into so many bytes, cut at a character.
pub fn cut(text: &str, room: usize) -> &str {
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

pub fn refuse_null<T>(pointer: *const T, name: &str) -> Result<(), Fault> {
    if pointer.is_null() { Err(Fault::argument(format!("{name} is NULL"))) } else { Ok(()) }
}

/// Writes an output. The caller of this function has refused NULL.
///
/// # Safety
/// `out` points to room for a `T`, aligned or not.
pub unsafe fn put<T: Copy>(out: *mut T, value: T) {
    // SAFETY: as promised; the write is unaligned.
    unsafe { out.write_unaligned(value) };
}

/// Copies a text in: NUL-terminated UTF-8 of at most 64 KiB.
///
/// # Safety
/// `text` is NULL or points to a NUL-terminated text.
pub unsafe fn read_text(text: *const c_char, name: impl Display) -> Result<String, Fault> {
    if text.is_null() {
        return Err(Fault::argument(format!("{name} is NULL")));
    }
    let mut bytes = Vec::new();
    loop {
        // SAFETY: every byte before this one was not NUL, so this one belongs to the text too.
        match unsafe { text.cast::<u8>().add(bytes.len()).read() } {
            0 => break,
            byte => bytes.push(byte),
        }
        if bytes.len() > LONGEST_TEXT {
            return Err(Fault::new(Status::InvalidText, format!("{name} is longer than 64 KiB")));
        }
    }
    // The text itself may be a password: the message must not quote it.
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Fault::new(
            Status::InvalidText,
            format!("{name} is not UTF-8 (byte {at}); convert it from the system's code page"),
        )
    })
}

/// Copies bytes in.
///
/// # Safety
/// `bytes` points to `len` bytes, or is NULL.
pub unsafe fn read_bytes(bytes: *const c_void, len: u32, name: &str) -> Result<Vec<u8>, Fault> {
    if len == 0 {
        return Ok(Vec::new());
    }
    refuse_null(bytes, name)?;
    let mut copied = vec![0u8; len as usize];
    // SAFETY: as promised; the destination is ours, and as long.
    unsafe { std::ptr::copy_nonoverlapping(bytes.cast::<u8>(), copied.as_mut_ptr(), copied.len()) };
    Ok(copied)
}

/// Copies a text out by the rule of all text outputs.
///
/// # Safety
/// `buf` has room for `cap` bytes, `len` is NULL or points to a `uint32_t`.
pub unsafe fn write_text(text: &[u8], buf: *mut c_char, cap: u32, len: *mut u32) -> Result<(), Fault> {
    let room = (cap as usize).checked_sub(1);
    // SAFETY: as promised; the NUL needs one byte, and `room` is what remains beside it.
    unsafe {
        if !len.is_null() {
            put(len, text.len() as u32);
        }
        let Some(room) = room else { return Ok(()) };
        refuse_null(buf, "buf")?;
        if room < text.len() {
            buf.write(0);
            return Err(too_small(text.len() + 1, cap));
        }
        copy(text, buf.cast());
        buf.add(text.len()).write(0);
    }
    Ok(())
}

/// Copies bytes out: as a text, but there is no NUL.
///
/// # Safety
/// As for [`write_text`].
pub unsafe fn write_bytes(bytes: &[u8], buf: *mut c_void, cap: u32, len: *mut u32) -> Result<(), Fault> {
    // SAFETY: as promised; nothing is written unless all of it fits.
    unsafe {
        if !len.is_null() {
            put(len, bytes.len() as u32);
        }
        if cap == 0 {
            return Ok(());
        }
        refuse_null(buf, "buf")?;
        if (cap as usize) < bytes.len() {
            return Err(too_small(bytes.len(), cap));
        }
        copy(bytes, buf.cast());
    }
    Ok(())
}

fn too_small(needed: usize, cap: u32) -> Fault {
    Fault::new(Status::BufferTooSmall, format!("{needed} bytes are needed, cap is {cap}"))
}

/// Checks the `struct_size` that stands first in a caller's struct.
///
/// # Safety
/// `out` is NULL or points to at least a `uint32_t`.
pub unsafe fn struct_size<T>(out: *const T, name: &str) -> Result<usize, Fault> {
    refuse_null(out, name)?;
    // SAFETY: as promised; the read is unaligned.
    let size = unsafe { out.cast::<u32>().read_unaligned() };
    // Version 1 of every struct is the present one.
    if (size as usize) < size_of::<T>() || size > LARGEST_STRUCT {
        let right = size_of::<T>();
        return Err(Fault::argument(format!("{name}->struct_size is {size}; set it to sizeof, which is {right}")));
    }
    Ok(size as usize)
}

/// Fills a caller's struct: all but its `struct_size`, and zeros beyond what this version knows.
///
/// # Safety
/// `out` has room for `size` bytes, which [`struct_size`] has checked.
pub unsafe fn write_struct<T: Copy>(value: &T, out: *mut T, size: usize) {
    let known = size_of::<T>().min(size);
    let first = size_of::<u32>();
    let from = (&raw const *value).cast::<u8>();
    let to = out.cast::<u8>();
    // SAFETY: both ranges lie inside their structs; ours is a live local that the caller cannot overlap.
    unsafe {
        std::ptr::copy_nonoverlapping(from.add(first), to.add(first), known - first);
        std::ptr::write_bytes(to.add(known), 0, size - known);
    }
}

/// # Safety
/// `to` has room for all of `bytes`.
unsafe fn copy(bytes: &[u8], to: *mut u8) {
    // SAFETY: as promised; the source is ours and the caller's memory does not overlap it.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_out_at_every_boundary() {
        let text = "na\u{ef}ve";
        for cap in 0..10u32 {
            let mut buf = [0x55 as c_char; 12];
            let mut len = 99u32;
            // SAFETY: live locals, cap within the buffer.
            let result = unsafe { write_text(text.as_bytes(), buf.as_mut_ptr(), cap, &mut len) };
            assert_eq!(len, 6);
            match cap {
                0 => assert!(result.is_ok() && buf[0] == 0x55),
                1..=6 => {
                    assert_eq!(result.unwrap_err().status, Status::BufferTooSmall);
                    assert!(buf[0] == 0 && buf[1] == 0x55);
                }
                _ => {
                    assert!(result.is_ok() && buf[6] == 0 && buf[7] == 0x55);
                    assert_eq!(buf[..6].iter().map(|c| *c as u8).collect::<Vec<_>>(), text.as_bytes());
                }
            }
        }
        // SAFETY: cap 0 asks only; with a cap NULL is refused.
        unsafe {
            assert!(write_text(b"x", std::ptr::null_mut(), 0, std::ptr::null_mut()).is_ok());
            assert!(write_text(b"x", std::ptr::null_mut(), 2, std::ptr::null_mut()).is_err());
        }
    }

    #[test]
    fn bytes_out_have_no_nul_and_come_whole_or_not_at_all() {
        for cap in 0..6u32 {
            let mut buf = [9u8; 6];
            let mut len = 0;
            // SAFETY: live locals, cap within the buffer.
            let result = unsafe { write_bytes(&[1, 2, 3], buf.as_mut_ptr().cast(), cap, &mut len) };
            assert_eq!((result.is_ok(), len), (cap == 0 || cap >= 3, 3));
            assert_eq!(buf, if cap >= 3 { [1, 2, 3, 9, 9, 9] } else { [9; 6] });
        }
    }

    #[test]
    fn text_in_is_bounded_utf8() {
        // SAFETY: every text ends with NUL.
        let read = |bytes: &[u8]| unsafe { read_text(bytes.as_ptr().cast(), "value") };
        assert_eq!(read(b"caf\xc3\xa9\0").unwrap(), "caf\u{e9}");
        assert_eq!(read(b"\0").unwrap(), "");
        let fault = read(b"secret\xe9\0").unwrap_err();
        assert!(fault.status == Status::InvalidText && !fault.text.contains("secret"));
        let mut long = vec![b'x'; LONGEST_TEXT];
        long.push(0);
        assert_eq!(read(&long).unwrap().len(), LONGEST_TEXT);
        long.insert(0, b'x');
        assert_eq!(read(&long).unwrap_err().status, Status::InvalidText);
    }

    #[test]
    fn struct_sizes_at_every_boundary() {
        #[repr(C)]
        #[derive(Clone, Copy)]
        struct Pair {
            struct_size: u32,
            value: [u8; 8],
        }
        for size in (0..20u32).chain([LARGEST_STRUCT, LARGEST_STRUCT + 1, u32::MAX]) {
            let mut room = vec![0xAAu8; LARGEST_STRUCT as usize + 8];
            room[1..5].copy_from_slice(&size.to_ne_bytes());
            // One byte off: callers' structs need not be aligned.
            let out = room[1..].as_mut_ptr().cast::<Pair>();
            // SAFETY: the room is larger than every size that passes the check.
            let checked = unsafe { struct_size(out, "pair") };
            assert_eq!(checked.is_ok(), (12..=LARGEST_STRUCT).contains(&size), "{size}");
            let Ok(size) = checked else { continue };
            // SAFETY: as above.
            unsafe { write_struct(&Pair { struct_size: 7, value: [1; 8] }, out, size) };
            assert_eq!(room[1..5], (size as u32).to_ne_bytes(), "struct_size is never written");
            assert_eq!(room[5..13], [1; 8]);
            assert!(room[13..1 + size].iter().all(|b| *b == 0) && room[1 + size] == 0xAA);
        }
    }
}
