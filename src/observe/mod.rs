//! What the library says about itself: the log, redacted at its source.

mod log;

pub use self::log::{Level, Log};
