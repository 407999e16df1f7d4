//! Knowing that this process is the child of a fork, and that it is ending.

use std::sync::atomic::{AtomicU32, Ordering};

/// How many forks lie between the first process and this one. A handle made before the last of them is of no use here.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// The number of forks so far. A flag in memory: asking the system for the process id costs more than a whole poll.
pub fn forks() -> u32 {
    FORKS.load(Ordering::Acquire)
}

/// Starts counting. Called before the first handle is made; only the first call does anything.
#[cfg(unix)]
pub fn watch_forks() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::AcqRel);
    }
    ONCE.call_once(|| {
        // SAFETY: the handler is a function of this library, which is never unloaded, and does one atomic addition.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

#[cfg(not(unix))]
pub fn watch_forks() {}

/// True when Windows has already stopped the other threads because the process ends. Locks they held stay locked.
#[cfg(windows)]
pub fn is_process_ending() -> bool {
    #[link(name = "ntdll")]
    unsafe extern "system" {
        fn RtlDllShutdownInProgress() -> u8;
    }
    // SAFETY: takes nothing, reads a flag of the loader, exists since Windows XP.
    unsafe { RtlDllShutdownInProgress() != 0 }
}

#[cfg(not(windows))]
pub fn is_process_ending() -> bool {
    false
}
