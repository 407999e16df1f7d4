//! The clouds behind a real socket on 127.0.0.1, with faults that really happen to the connection.

mod connection;
mod post;
mod tls;

use crate::ebizcharge;
use crate::justifi;
use crate::payjunction::{Cloud, Setup};
use crate::webhooks::{Outbox, Sender, Subscription};
pub use post::Posted;
use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// How long a stopping server waits for its threads, so that its port is free afterwards.
const STOP: Duration = Duration::from_secs(2);

/// Where the cloud's time comes from. Rate limits always keep real time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Clock {
    #[default]
    Real,
    /// Moves only by [`Server::advance`].
    Manual,
}

/// How to start a server.
#[derive(Clone, Debug)]
pub struct Options {
    pub tls: bool,
    /// 0 takes a free port.
    pub port: u16,
    /// What a rate limit forgives for jitter on the road.
    pub tolerance_ms: u64,
    pub clock: Clock,
    /// A connection on which nothing is asked for so long is closed, as every gateway does.
    pub idle_ms: u64,
    /// How many times faster than in life devices and people are. Rate limits, lags and days are not touched.
    pub device_speed: u64,
    /// PayJunction's merchant. Its base URL, tolerance, speed and (on the real clock) epoch are filled in by the server.
    pub setup: Setup,
    /// The same for EBizCharge, which answers under `/api/` on the same port.
    pub ebizcharge: ebizcharge::Setup,
    /// The same for JustiFi, which answers under `/v1/` and at `/oauth/token`.
    pub justifi: justifi::Setup,
    /// Where events are posted.
    pub webhooks: Vec<(Sender, Subscription)>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            tls: false,
            port: 0,
            tolerance_ms: 15,
            clock: Clock::Real,
            idle_ms: 60_000,
            device_speed: 1,
            setup: Setup::default(),
            ebizcharge: ebizcharge::Setup::default(),
            justifi: justifi::Setup::default(),
            webhooks: Vec::new(),
        }
    }
}

/// What the connections share.
struct Shared {
    cloud: Mutex<Cloud>,
    ebizcharge: Mutex<ebizcharge::Cloud>,
    justifi: Mutex<justifi::Cloud>,
    started: Instant,
    clock: Clock,
    manual_ms: AtomicU64,
    connections: AtomicUsize,
    handshakes: AtomicUsize,
    slams: AtomicUsize,
    idle: Duration,
    /// Unix time of the clouds' time 0.
    epoch_ms: u64,
    /// Taken before the clouds' locks where both are needed.
    outboxes: Mutex<Vec<Outbox>>,
    posted: Mutex<Vec<Posted>>,
}

impl Shared {
    /// A test that failed while it held the cloud must not silence the server for the others.
    fn lock(&self) -> MutexGuard<'_, Cloud> {
        self.cloud.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Taken after PayJunction's lock where both are needed.
    fn lock_ebizcharge(&self) -> MutexGuard<'_, ebizcharge::Cloud> {
        self.ebizcharge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Taken last where several are needed.
    fn lock_justifi(&self) -> MutexGuard<'_, justifi::Cloud> {
        self.justifi.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn real_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn now_ms(&self) -> u64 {
        match self.clock {
            Clock::Real => self.real_ms(),
            Clock::Manual => self.manual_ms.load(Ordering::SeqCst),
        }
    }
}

/// The running clouds. They stop when it is dropped.
pub struct Server {
    shared: Arc<Shared>,
    base_url: String,
    ca: Option<tls::CaFile>,
    runtime: Option<Runtime>,
}

impl Server {
    /// Starts a server, or says why it cannot.
    pub fn try_start(options: Options) -> io::Result<Server> {
        let socket = StdListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        socket.set_nonblocking(true)?;
        let scheme = if options.tls { "https" } else { "http" };
        let base_url = format!("{scheme}://{}", socket.local_addr()?);
        let (acceptor, ca) = if options.tls {
            let (acceptor, ca) = tls::make()?;
            (Some(acceptor), Some(ca))
        } else {
            (None, None)
        };
        let webhooks = options.webhooks.clone();
        let shared = Arc::new(shared(options, &base_url));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("simulator")
            .enable_all()
            .build()?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(socket)?
        };
        runtime.spawn(accept(listener, acceptor, Arc::clone(&shared)));
        runtime.spawn(post::run(Arc::clone(&shared)));
        let server = Server { shared, base_url, ca, runtime: Some(runtime) };
        webhooks.into_iter().for_each(|(sender, to)| server.subscribe(sender, to));
        Ok(server)
    }

    /// Starts a server. Panics when it cannot: this is for tests.
    pub fn start(options: Options) -> Server {
        match Server::try_start(options) {
            Ok(server) => server,
            Err(error) => panic!("the simulator cannot start: {error}"),
        }
    }

    /// Such as `http://127.0.0.1:40123`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The PEM file of the authority that signed the server's certificate. It lives as long as the server.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca.as_ref().map(tls::CaFile::path)
    }

    /// Works on the cloud: script it, ask it, touch its terminals. Everything due by now has happened before. The server
    /// answers nobody meanwhile, so do not wait in here for a client.
    pub fn with<T>(&self, work: impl FnOnce(&mut Cloud) -> T) -> T {
        let mut cloud = self.shared.lock();
        cloud.advance(self.shared.now_ms());
        work(&mut cloud)
    }

    /// The same for EBizCharge's cloud.
    pub fn with_ebizcharge<T>(&self, work: impl FnOnce(&mut ebizcharge::Cloud) -> T) -> T {
        let mut cloud = self.shared.lock_ebizcharge();
        cloud.advance(self.shared.now_ms());
        work(&mut cloud)
    }

    /// The same for JustiFi's cloud.
    pub fn with_justifi<T>(&self, work: impl FnOnce(&mut justifi::Cloud) -> T) -> T {
        let mut cloud = self.shared.lock_justifi();
        cloud.advance(self.shared.now_ms());
        work(&mut cloud)
    }

    /// Moves a manual clock on.
    pub fn advance(&self, ms: u64) {
        self.shared.manual_ms.fetch_add(ms, Ordering::SeqCst);
        self.with(|_| ());
        self.with_ebizcharge(|_| ());
        self.with_justifi(|_| ());
    }

    /// From now on this vendor's events are posted there. What was to be posted elsewhere is forgotten.
    pub fn subscribe(&self, sender: Sender, to: Subscription) {
        self.shared.subscribe(sender, to);
    }

    /// What was posted so far, and how it was answered.
    pub fn posted(&self) -> Vec<Posted> {
        self.shared.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next connections, so many, are closed as soon as they are made: nothing can have been sent.
    pub fn slam(&self, connections: usize) {
        self.shared.slams.store(connections, Ordering::SeqCst);
    }

    /// TCP connections accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// TLS handshakes finished so far.
    pub fn handshakes(&self) -> usize {
        self.shared.handshakes.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if tokio::runtime::Handle::try_current().is_ok() {
            // Waiting is not allowed here.
            runtime.shutdown_background();
        } else {
            runtime.shutdown_timeout(STOP);
        }
    }
}

fn shared(options: Options, base_url: &str) -> Shared {
    let mut setup = options.setup;
    setup.base_url = base_url.into();
    setup.tolerance_ms = options.tolerance_ms;
    setup.device_speed = options.device_speed;
    let mut ebizcharge = options.ebizcharge;
    ebizcharge.tolerance_ms = options.tolerance_ms;
    ebizcharge.device_speed = options.device_speed;
    let mut justifi = options.justifi;
    justifi.tolerance_ms = options.tolerance_ms;
    justifi.device_speed = options.device_speed;
    if options.clock == Clock::Real {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        setup.epoch_ms = unix.as_millis() as u64;
        ebizcharge.epoch_ms = setup.epoch_ms;
        justifi.epoch_ms = setup.epoch_ms;
    }
    Shared {
        epoch_ms: setup.epoch_ms,
        outboxes: Mutex::default(),
        posted: Mutex::default(),
        cloud: Mutex::new(Cloud::new(setup)),
        ebizcharge: Mutex::new(ebizcharge::Cloud::new(ebizcharge)),
        justifi: Mutex::new(justifi::Cloud::new(justifi)),
        started: Instant::now(),
        clock: options.clock,
        manual_ms: AtomicU64::new(0),
        connections: AtomicUsize::new(0),
        handshakes: AtomicUsize::new(0),
        slams: AtomicUsize::new(0),
        idle: Duration::from_millis(options.idle_ms),
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let slam = |n: usize| n.checked_sub(1);
        if shared.slams.fetch_update(Ordering::SeqCst, Ordering::SeqCst, slam).is_ok() {
            let _ = stream.set_zero_linger();
            continue;
        }
        // Answers are small; waiting to fill a packet would show up as latency of the client under test.
        let _ = stream.set_nodelay(true);
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            let Some(acceptor) = acceptor else {
                return connection::run(stream, shared).await;
            };
            if let Ok(stream) = acceptor.accept(stream).await {
                shared.handshakes.fetch_add(1, Ordering::SeqCst);
                connection::run(stream, shared).await;
            }
        });
    }
}
