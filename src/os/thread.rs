//! Threads born clean: with default floating-point state, deaf to the host's signals, named.
//!
//! A till written in Delphi or Free Pascal runs with floating-point exceptions unmasked, and on Linux a new thread
//! inherits that from its parent; compilers assume the opposite, and a harmless division in unused lanes would end the
//! program. Likewise a host's signal handler that runs on our stack can interrupt what it knows nothing about.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Bytes of stack of every thread of ours. A TLS handshake in an unoptimized build fits.
const STACK: usize = 512 * 1024;

/// Starts a thread of the library, named `posjunction-NAME`. Does not wait. Fails when the system refuses a thread.
///
/// The thread begins with every floating-point exception masked, rounding to nearest, and (on Unix) every signal blocked.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    let builder = Builder::new().name(format!("posjunction-{name}")).stack_size(STACK);
    let _deaf = AllSignalsBlocked::new();
    builder.spawn(move || {
        reset_floating_point();
        yield_to_the_host();
        work();
    })
}

/// Lets a thread of ours that wakes wait for a free processor instead of taking the one of the thread that woke it: a till
/// that starts a payment must not be set aside for the engine's work on it. Its share of the processor stays the same.
#[cfg(target_os = "linux")]
fn yield_to_the_host() {
    let usual = libc::sched_param { sched_priority: 0 };
    // SAFETY: 0 is the calling thread, and the struct is a live local. A system that refuses leaves things as they were.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &usual) };
}

#[cfg(not(target_os = "linux"))]
fn yield_to_the_host() {}

/// Puts the floating-point state of this thread to what every compiler assumes.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn reset_floating_point() {
    // All exceptions masked, round to nearest, no flush to zero.
    #[cfg(target_feature = "sse")]
    const MXCSR: u32 = 0x1F80;
    // All exceptions masked, round to nearest, 64-bit mantissa.
    const X87: u16 = 0x037F;
    // SAFETY: both instructions read one live local of the size they want. The values are the power-on defaults, so
    // they break no assumption of the compiler; nothing else is touched. A pending x87 exception is cleared first,
    // because loading the control word would otherwise raise it.
    unsafe {
        #[cfg(target_feature = "sse")]
        std::arch::asm!("ldmxcsr dword ptr [{}]", in(reg) &MXCSR, options(nostack, readonly, preserves_flags));
        std::arch::asm!("fnclex", "fldcw word ptr [{}]", in(reg) &X87, options(nostack, readonly, preserves_flags));
    }
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn reset_floating_point() {}

/// While it lives, this thread has every signal blocked, and so has every thread that it starts.
#[cfg(unix)]
struct AllSignalsBlocked(Option<libc::sigset_t>);

#[cfg(unix)]
impl AllSignalsBlocked {
    fn new() -> Self {
        let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: sigfillset initializes `all`; pthread_sigmask reads it and, when it returns 0, has initialized
        // `before`, which is read only then. Both pointers are to live locals.
        unsafe {
            libc::sigfillset(all.as_mut_ptr());
            let refused = libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
            AllSignalsBlocked((refused == 0).then(|| before.assume_init()))
        }
    }
}

#[cfg(unix)]
impl Drop for AllSignalsBlocked {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: `before` is the mask that pthread_sigmask gave for this same thread; the old mask is not wanted.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
        }
    }
}

/// Windows has no signals that a thread could inherit.
#[cfg(not(unix))]
struct AllSignalsBlocked;

#[cfg(not(unix))]
impl AllSignalsBlocked {
    fn new() -> Self {
        AllSignalsBlocked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    fn floating_point_state() -> (u32, u16) {
        let (mut mxcsr, mut x87) = (0_u32, 0_u16);
        // SAFETY: both instructions store into one live local of the size they write.
        unsafe {
            std::arch::asm!("stmxcsr dword ptr [{}]", in(reg) &mut mxcsr, options(nostack));
            std::arch::asm!("fnstcw word ptr [{}]", in(reg) &mut x87, options(nostack));
        }
        // The low six bits are sticky flags, not settings.
        (mxcsr & !0x3F, x87)
    }

    #[test]
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    fn a_thread_masks_floating_point_exceptions_whatever_its_parent_does() {
        let (tell, told) = channel();
        std::thread::spawn(move || {
            // What Free Pascal sets: invalid operation, division by zero and overflow raise.
            let (mxcsr, x87) = (0x1900_u32, 0x1332_u16);
            // SAFETY: loads of live locals, on a thread that computes nothing with floating point.
            unsafe {
                std::arch::asm!("ldmxcsr dword ptr [{}]", in(reg) &mxcsr, options(nostack, readonly));
                std::arch::asm!("fldcw word ptr [{}]", in(reg) &x87, options(nostack, readonly));
            }
            spawn("test", move || tell.send(floating_point_state()).unwrap()).unwrap().join().unwrap();
        })
        .join()
        .unwrap();
        assert_eq!(told.recv().unwrap(), (0x1F80, 0x037F));
    }

    #[cfg(unix)]
    fn blocks(signal: i32) -> bool {
        let mut mask = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: a null new mask only reads; the call initializes `mask` and cannot fail with these arguments.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), mask.as_mut_ptr());
            libc::sigismember(mask.as_ptr(), signal) == 1
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_thread_is_deaf_to_signals_and_its_parent_is_not() {
        let (tell, told) = channel();
        assert!(!blocks(libc::SIGUSR1));
        spawn("test", move || tell.send(blocks(libc::SIGUSR1) && blocks(libc::SIGALRM)).unwrap())
            .unwrap()
            .join()
            .unwrap();
        assert!(told.recv().unwrap());
        assert!(!blocks(libc::SIGUSR1));
    }

    #[test]
    fn a_thread_has_our_name() {
        let (tell, told) = channel();
        spawn("test", move || tell.send(std::thread::current().name().map(str::to_owned)).unwrap())
            .unwrap()
            .join()
            .unwrap();
        assert_eq!(told.recv().unwrap().as_deref(), Some("posjunction-test"));
    }
}
