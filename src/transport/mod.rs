//! Carries messages to the vendor on worker threads, and says precisely whether a request can have reached it.
//!
//! | file | idea |
//! |---|---|
//! | `mod` | what the engine sees: options, calls, reports, `Transport` |
//! | `settings` | checks the options and turns them into a configuration in which ureq cannot panic |
//! | `proxy` | which proxy, from the configuration or the environment |
//! | `workers` | the queue and the threads that empty it |
//! | `exchange` | one call: write the request, read the reply, explain a failure |
//! | `current` | the call that this thread is working on: deadline, interruption, count of bytes |
//! | `counter` | the layer above TLS that counts what was handed down |
//! | `tcp` | the layer below TLS: a socket that is read and written in slices |
//! | `dial` | reaching one of several addresses on disposable threads |
//! | `lookup` | names to addresses on disposable threads, with a memory |
//! | `tuning` | the times and limits of this room in one place |
//! | `quiet` | which log lines of the libraries below may pass |

mod counter;
mod current;
mod dial;
mod exchange;
mod lookup;
mod proxy;
mod quiet;
mod settings;
mod tcp;
mod tuning;
mod workers;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::http::{Delivery, HttpRequest};
use crate::secret::Secret;
use crate::status::Status;
use tuning::Tuning;
use workers::Workers;

pub use quiet::log_passes;

/// Where calls go and how. Checked by [`Transport::new`].
pub struct Options {
    /// `scheme://host[:port][/prefix]`. `http` only to this machine.
    pub base_url: String,
    pub proxy: ProxyChoice,
    pub tls_roots: TlsRoots,
    /// Calls that may run at the same time, which is also the number of worker threads and of kept connections.
    pub max_connections: usize,
    /// Milliseconds for name lookup, and again for TCP, proxy and TLS handshake together.
    pub connect_timeout_ms: u32,
    pub user_agent: String,
}

/// Which proxy to use. No environment variable is read unless `Environment` asks for it.
pub enum ProxyChoice {
    None,
    /// `HTTPS_PROXY`, `ALL_PROXY`, `HTTP_PROXY` and `NO_PROXY`, upper or lower case, read once by [`Transport::new`].
    Environment,
    /// `http://` or `https://`, with user and password if the proxy wants them.
    Url(Secret),
}

/// Whom to believe about the vendor's certificate.
pub enum TlsRoots {
    /// The certificates that came with the library.
    Bundled,
    /// The operating system's. On Windows its verifier may wait up to ten seconds for the network at a first handshake,
    /// which no deadline of ours interrupts.
    System,
    /// The certificates of a PEM file.
    File(PathBuf),
}

/// One request for the wire. The number is the caller's and comes back in the reports.
pub struct Call {
    pub id: u64,
    pub request: HttpRequest,
}

/// What becomes of a call.
pub enum Report {
    /// The first byte of the request is being handed to the connection. At most once for a call, always before `Finished`.
    Departed { id: u64 },
    /// The call has ended. Exactly once for every call that was started.
    Finished { id: u64, delivery: Delivery },
}

/// Worker threads that carry calls to one base URL. All methods may be called from any thread.
pub struct Transport {
    workers: Workers,
}

impl Transport {
    /// Checks the options. Opens nothing and starts no thread; reads the PEM file and, if asked, the environment.
    ///
    /// An error is `Config` and its text begins with the key that is wrong. `reports` must be unbounded, for workers
    /// do not wait for the one who reads it.
    pub fn new(options: Options, reports: Sender<Report>) -> Result<Transport, (Status, String)> {
        Transport::tuned(options, reports, Tuning::default())
    }

    fn tuned(options: Options, reports: Sender<Report>, tuning: Tuning) -> Result<Transport, (Status, String)> {
        let settings = settings::check(&options)?;
        let most = options.max_connections.max(1);
        Ok(Transport { workers: Workers::new(Arc::new(exchange::Road::new(settings, most, tuning)), most, reports) })
    }

    /// Hands a call to a worker; queues it when all are busy. Never waits. After `close` the call ends as not sent.
    ///
    /// The call's time begins now, so the queue is part of it; more than ten minutes are cut to ten minutes.
    pub fn start(&self, call: Call) {
        self.workers.start(call);
    }

    /// Interrupts every call that was started, queued ones too. Does not wait: each still gives its `Finished`, within
    /// about two slices of 100 ms. Calls started afterwards are not affected.
    pub fn cancel_all(&self) {
        self.workers.cancel_all();
    }

    /// Refuses new calls, interrupts the others and waits for the workers: about two slices of 100 ms, two seconds at
    /// most. Threads inside a name lookup or a TCP connect are left to end by themselves; they hold nothing of ours.
    pub fn close(&self) {
        self.workers.close();
    }

    /// Worker threads alive now, idle ones included.
    pub fn threads(&self) -> usize {
        self.workers.threads()
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        self.close();
    }
}
