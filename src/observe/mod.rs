//! What the library says about itself: the log, redacted at its source, and the file for support.

mod log;
pub mod report_file;

pub use self::log::{Level, Log, stamp};
