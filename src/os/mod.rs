//! What only the operating system can do: threads born clean, time that counts sleep, pinning, forks, window messages.
//!
//! Beside `abi/` this is the one room where `unsafe` is allowed, each block with its reason.

mod clock;
mod defect;
mod entropy;
mod fork;
mod pin;
mod thread;
mod wakeup;
mod window;

pub use clock::{elapsed_ms, wall_ms};
pub use defect::defect;
pub use entropy::entropy;
pub use fork::{forks, is_process_ending, watch_forks};
pub use pin::pin_library;
pub use thread::spawn;
pub use wakeup::Wakeup;
#[cfg(all(test, target_os = "linux"))]
pub use wakeup::is_readable;
pub use window::WindowBell;
