//! Two clocks: elapsed time, which never goes back and counts sleep, and wall time, which is for people only.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds on a clock that never goes back and goes on while the machine sleeps, since the machine started.
#[cfg(target_os = "linux")]
pub fn elapsed_ms() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live local of the right type, and CLOCK_BOOTTIME exists since Linux 2.6.39.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) };
    time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
}

/// The same. The performance counter, which std's Instant reads, goes on through sleep; where it began, only the coarser
/// count of ticks tells.
#[cfg(windows)]
pub fn elapsed_ms() -> u64 {
    static START: once_cell::sync::Lazy<(std::time::Instant, u64)> = once_cell::sync::Lazy::new(|| {
        // SAFETY: it takes nothing and cannot fail.
        let ticks = unsafe { windows_sys::Win32::System::SystemInformation::GetTickCount64() };
        (std::time::Instant::now(), ticks)
    });
    START.1 + START.0.elapsed().as_millis() as u64
}

/// The same, from the start of the program where nothing better is known.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn elapsed_ms() -> u64 {
    static START: once_cell::sync::Lazy<std::time::Instant> = once_cell::sync::Lazy::new(std::time::Instant::now);
    START.elapsed().as_millis() as u64
}

/// Milliseconds since 1970 by the PC's clock. Shown to people, never compared with anything.
pub fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}
