//! Names to addresses: on disposable threads because nothing can interrupt a lookup, and with a memory because ureq asks
//! for every request, also for those that ride a kept connection.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::current::{self, Limit, Phase};
use super::dial::Seat;
use super::tuning::Tuning;
use crate::os::{elapsed_ms, spawn};

/// Addresses that ureq has room for.
const MOST_ADDRESSES: usize = 16;

/// Asks the operating system, for as long as it likes.
pub fn ask_system(host: &str) -> io::Result<Vec<IpAddr>> {
    (host, 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect())
}

/// The memory of one transport.
pub struct Lookups {
    book: Arc<Book>,
    tuning: Tuning,
}

#[derive(Default)]
struct Book {
    hosts: Mutex<HashMap<String, Host>>,
    changed: Condvar,
    outstanding: Arc<AtomicUsize>,
}

/// What is known about one name. Times are of [`elapsed_ms`].
#[derive(Default)]
struct Host {
    addresses: Vec<IpAddr>,
    /// The addresses are served without a new lookup until then.
    fresh_until_ms: u64,
    running: usize,
    newest_began_ms: u64,
    ended: u64,
    failure: String,
}

impl Lookups {
    pub fn new(tuning: Tuning) -> Lookups {
        Lookups { book: Arc::default(), tuning }
    }

    /// The addresses of a host. A fresh answer comes at once, an old one too while a lookup runs behind it; without any
    /// answer it waits for one until the limit, in slices. Calls for the same name share a lookup.
    pub fn find(&self, host: &str, limit: Limit) -> Result<Vec<IpAddr>, Error> {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        if host == "localhost" {
            // By definition, not by lookup: plain http is allowed to this name.
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let mut hosts = self.book.lock();
        let entry = hosts.entry(host.clone()).or_default();
        let now_ms = elapsed_ms();
        if now_ms < entry.fresh_until_ms {
            return Ok(entry.addresses.clone());
        }
        let under_way = entry.running > 0 && now_ms.saturating_sub(entry.newest_began_ms) < self.tuning.stuck_ms;
        let begun = if under_way { Ok(()) } else { self.begin(&host, entry, now_ms) };
        if !entry.addresses.is_empty() {
            return Ok(entry.addresses.clone());
        }
        begun?;
        let seen = entry.ended;
        self.await_answer(hosts, &host, seen, limit)
    }

    /// Makes the next call look again, while the addresses known stay in use until it has an answer.
    pub fn doubt(&self, host: &str) {
        if let Some(entry) = self.book.lock().get_mut(&host.to_ascii_lowercase()) {
            entry.fresh_until_ms = 0;
        }
    }

    fn begin(&self, host: &str, entry: &mut Host, now_ms: u64) -> Result<(), Error> {
        let Some(seat) = Seat::take(&self.book.outstanding, self.tuning.most_lookups) else {
            return Err(io::Error::other("too many name lookups have not ended yet").into());
        };
        let (book, name, find, fresh_ms) =
            (self.book.clone(), host.to_owned(), self.tuning.find.clone(), self.tuning.fresh_ms);
        spawn("lookup", move || {
            let result = Err(io::Error::other("the lookup broke off"));
            // Reports when dropped, so that a panic in a name service module leaves nobody waiting.
            let mut running = Running { book, host: name, result, fresh_ms, _seat: seat };
            running.result = find(&running.host);
        })?;
        // Our caller holds the lock, so the thread cannot have reported its end yet.
        entry.running += 1;
        entry.newest_began_ms = now_ms;
        Ok(())
    }

    fn await_answer(
        &self,
        mut hosts: MutexGuard<'_, HashMap<String, Host>>,
        host: &str,
        seen: u64,
        limit: Limit,
    ) -> Result<Vec<IpAddr>, Error> {
        loop {
            match hosts.get(host) {
                Some(entry) if !entry.addresses.is_empty() => return Ok(entry.addresses.clone()),
                Some(entry) if entry.ended != seen => return Err(io::Error::other(entry.failure.clone()).into()),
                _ => {}
            }
            let slice_ms = limit.left()?.min(self.tuning.slice_ms);
            let waited = self.book.changed.wait_timeout(hosts, Duration::from_millis(slice_ms));
            hosts = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Book {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One lookup under way. Writes down what it found, and wakes who waits, when it is dropped.
struct Running {
    book: Arc<Book>,
    host: String,
    result: io::Result<Vec<IpAddr>>,
    fresh_ms: u64,
    _seat: Seat,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut hosts = self.book.lock();
        if let Some(entry) = hosts.get_mut(&self.host) {
            entry.running = entry.running.saturating_sub(1);
            entry.ended += 1;
            match &self.result {
                Ok(found) if found.is_empty() => "the name has no address".clone_into(&mut entry.failure),
                Ok(found) => {
                    entry.addresses.clone_from(found);
                    entry.fresh_until_ms = elapsed_ms() + self.fresh_ms;
                }
                // Addresses known from before stay: an old answer is better than none.
                Err(e) => entry.failure = e.to_string(),
            }
        }
        drop(hosts);
        self.book.changed.notify_all();
    }
}

/// The face that ureq sees.
pub struct CachingResolver {
    pub lookups: Arc<Lookups>,
    pub proxied: bool,
}

impl Resolver for CachingResolver {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        // Behind a proxy only the proxy's own name is looked up here.
        current::enter(if self.proxied { Phase::Proxy } else { Phase::Lookup });
        let host = uri.host().ok_or(Error::HostNotFound)?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let found = self.lookups.find(host, Limit::of(timeout))?;
        let mut addresses = self.empty();
        for address in found.into_iter().take(MOST_ADDRESSES) {
            addresses.push(SocketAddr::new(address, port));
        }
        Ok(addresses)
    }
}

impl fmt::Debug for CachingResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CachingResolver")
    }
}
