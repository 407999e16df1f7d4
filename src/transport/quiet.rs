//! Which log lines of the libraries below may pass.
//!
//! ureq at TRACE prints the bytes of requests, credentials included. This library installs no logger, so by itself
//! nothing is printed: a `cdylib` has statics of `log` of its own, that no host can reach. Whoever does install one
//! (a Rust program that links the `rlib`, a test, a later module of this library) asks this function first.

use log::Level;

/// The libraries that see wire bytes or keys.
const BELOW: [&str; 5] = ["ureq", "ureq_proto", "rustls", "rustls_platform_verifier", "webpki"];

/// True if a line with this target and level may be written anywhere.
pub fn log_passes(target: &str, level: Level) -> bool {
    let root = target.split("::").next().unwrap_or(target);
    level <= Level::Info || !BELOW.contains(&root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_bytes_and_keys_never_pass() {
        assert!(!log_passes("ureq::unversioned::transport", Level::Trace));
        assert!(!log_passes("rustls::client::hs", Level::Debug));
        assert!(!log_passes("ureq_proto", Level::Debug));
        assert!(log_passes("rustls", Level::Warn));
        assert!(log_passes("ureqish", Level::Trace));
        assert!(log_passes("posjunction::engine", Level::Debug));
    }

    #[test]
    fn nothing_here_installs_a_logger() {
        assert_eq!(log::max_level(), log::LevelFilter::Off);
    }
}
