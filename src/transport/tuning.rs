//! The times and limits of this room in one place, so that tests can shorten them.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// Finds the addresses of a host. May block for as long as the system likes.
pub type Finder = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// Times in milliseconds.
#[derive(Clone)]
pub struct Tuning {
    /// Blocking waits are cut into pieces of this length, between which deadline and interruption are looked at.
    pub slice_ms: u64,
    /// A submit takes no connection that idled longer. Servers and firewalls drop idle ones without a word, and a
    /// request written into such a connection is neither sent nor not sent.
    pub submit_idle_ms: u64,
    /// Nothing takes a connection that idled longer.
    pub idle_ms: u64,
    /// A worker without work ends after this time.
    pub worker_idle_ms: u64,
    /// How long an answer of the name service is fresh.
    pub fresh_ms: u64,
    /// A lookup that takes longer is believed stuck, and another one may be started beside it.
    pub stuck_ms: u64,
    /// Lookups that may be outstanding.
    pub most_lookups: usize,
    /// The next address is tried when the one before has not answered in this time.
    pub stagger_ms: u64,
    pub find: Finder,
    /// Called with the path before a request is written and after; tests make them panic.
    pub before: fn(&str),
    pub after: fn(&str),
}

impl Default for Tuning {
    fn default() -> Self {
        Tuning {
            slice_ms: 100,
            submit_idle_ms: 3_000,
            idle_ms: 15_000,
            worker_idle_ms: 10_000,
            fresh_ms: 60_000,
            stuck_ms: 5_000,
            most_lookups: 8,
            stagger_ms: 250,
            find: Arc::new(super::lookup::ask_system),
            before: |_| {},
            after: |_| {},
        }
    }
}
