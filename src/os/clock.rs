//! Two clocks: elapsed time, which never goes back and counts sleep, and wall time, which is for people only.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds on a clock that never goes back and goes on while the machine sleeps. The zero point is arbitrary.
#[cfg(target_os = "linux")]
pub fn elapsed_ms() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live local of the right type, and CLOCK_BOOTTIME exists since Linux 2.6.39.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) };
    time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
}

/// Milliseconds on a clock that never goes back and goes on while the machine sleeps. The zero point is arbitrary.
#[cfg(not(target_os = "linux"))]
pub fn elapsed_ms() -> u64 {
    // On Windows the performance counter, which std's Instant reads, goes on through sleep.
    static START: once_cell::sync::Lazy<std::time::Instant> = once_cell::sync::Lazy::new(std::time::Instant::now);
    START.elapsed().as_millis() as u64
}

/// Milliseconds since 1970 by the PC's clock. Shown to people, never compared with anything.
pub fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}
