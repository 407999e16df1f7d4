//! What only the operating system can do: threads born clean, time that counts sleep, pinning, forks, window messages.
//!
//! Beside `abi/` this is the one room where `unsafe` is allowed, each block with its reason.

mod clock;
mod thread;

pub use clock::{elapsed_ms, wall_ms};
pub use thread::spawn;
