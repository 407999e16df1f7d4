//! A descriptor that a host's own poll loop can watch.
//!
//! One end of a socket pair, not of a pipe: writing to a pipe whose reader is gone raises SIGPIPE, which ends a till.

use std::io;

/// The bell. Dropping it closes both ends.
#[cfg(target_os = "linux")]
pub struct Wakeup {
    watched: libc::c_int,
    ours: libc::c_int,
    rung: bool,
}

#[cfg(target_os = "linux")]
impl Wakeup {
    pub fn new() -> io::Result<Wakeup> {
        let mut ends = [-1; 2];
        let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: the pointer is to an array of two, as socketpair wants.
        if unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Wakeup { watched: ends[0], ours: ends[1], rung: false })
    }

    pub fn fd(&self) -> i32 {
        self.watched
    }

    /// Makes the descriptor readable.
    pub fn ring(&mut self) {
        if !self.rung {
            // SAFETY: one byte is read from a live local. A host that closed its end makes this fail, no more.
            unsafe { libc::send(self.ours, [1u8].as_ptr().cast(), 1, libc::MSG_NOSIGNAL) };
            self.rung = true;
        }
    }

    /// Makes it quiet again.
    pub fn drain(&mut self) {
        if self.rung {
            let mut bytes = [0u8; 16];
            // SAFETY: at most as many bytes are written as the live local holds. The socket never blocks.
            unsafe { libc::recv(self.watched, bytes.as_mut_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT) };
            self.rung = false;
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Wakeup {
    fn drop(&mut self) {
        // SAFETY: both descriptors are ours and open; nobody but the host's poll loop knows the first.
        unsafe {
            libc::close(self.ours);
            libc::close(self.watched);
        }
    }
}

/// True when something can be read from a descriptor.
#[cfg(all(test, target_os = "linux"))]
pub fn is_readable(fd: i32) -> bool {
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one live pollfd.
    unsafe { libc::poll(&mut poll, 1, 0) == 1 }
}

/// The bell, which this system does not have: it has window messages.
#[cfg(not(target_os = "linux"))]
pub struct Wakeup;

#[cfg(not(target_os = "linux"))]
impl Wakeup {
    pub fn new() -> io::Result<Wakeup> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn fd(&self) -> i32 {
        -1
    }

    pub fn ring(&mut self) {}

    pub fn drain(&mut self) {}
}
