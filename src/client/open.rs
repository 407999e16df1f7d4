//! Opening a client: configuration, journal, transport, engine.

use super::Client;
use super::diagnostics::Diagnostics;
use crate::config::{self, Config};
use crate::engine::{Admission, Core, Engine, Limits, News, Pace, Setup};
use crate::journal::{self, Opening, Place};
use crate::observe::{Level, Log};
use crate::os;
use crate::payment::Fields;
use crate::payment::plan::Rules;
use crate::secret::Secret;
use crate::status::{Error, Status};
use crate::transport::{Options, ProxyChoice, TlsRoots, Transport};
use crate::vendors::{self, Feature, Vendor};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

static CLIENTS: AtomicU64 = AtomicU64::new(1);

pub(super) fn open(fields: &Fields) -> Result<Arc<Client>, Error> {
    let config = Config::read(fields).map_err(|fault| Error::new(fault.status, fault.text))?;
    let news = Arc::new(News::new());
    let log = Arc::new(open_log(&config, fields, &news)?);
    let entry = vendors::ALL.iter().find(|entry| entry.name == config.vendor.name());
    let Some(entry) = entry else {
        return Err(Error::new(Status::Unsupported, "vendor: not built into this version"));
    };
    let vendor = (entry.open)(&config);
    if config.confirm.is_some() && !(vendor.has(Feature::CaptureLater) || vendor.has(Feature::HoldAfter)) {
        let text = format!("confirm: {} cannot reserve money at the terminal and take it later", entry.name);
        return Err(Error::new(Status::Unsupported, text));
    }
    // Before the journal, so that a bad setting leaves no trace.
    let (to_engine, from_transport) = crossbeam_channel::unbounded();
    let transport = Transport::new(transport_options(&config), to_engine).map_err(failed)?;
    let (reports, from_journal) = crossbeam_channel::unbounded();
    let identity = config.identity();
    let opened = journal::open(Opening {
        place: place(&config)?,
        identity: &identity,
        allow_account_change: config.account_change,
        retention_days: config.retention_days,
        now_wall_ms: os::wall_ms(),
        reports,
        flush_delay_ms: FLUSH_DELAY_MS.load(Ordering::Relaxed),
        fault: None,
    })
    .map_err(failed)?;
    let client = CLIENTS.fetch_add(1, Ordering::Relaxed);
    let admission = Arc::new(Admission::new(client, &config.base_url, opened.next_payment));
    let pace =
        Pace::shared(&format!("{identity}|{}", config.base_url), Limits::of(&vendor.policy(), config.rate_share));
    let mut core = Core::new(Setup {
        rules: rules(&config, vendor.as_ref()),
        vendor,
        identity,
        admission: admission.clone(),
        pace: pace.clone(),
        news: news.clone(),
        log: log.clone(),
        entropy: Box::new(os::entropy),
        run: opened.run,
        next_number: opened.next_number,
        durable_journal: opened.journal.is_durable_kind(),
        now: os::elapsed_ms(),
    });
    core.recover(&opened.index, &opened.rows, &opened.meta);
    log.info(|| format!("opened: run {}, version {}", opened.run, env!("CARGO_PKG_VERSION")));
    let diagnostics = Diagnostics::new(&config, fields, log.clone(), opened.journal.examiner());
    let engine = Engine::start(core, transport, from_transport, opened.journal, from_journal)
        .map_err(|error| Error::new(Status::Thread, format!("the engine's thread could not be started: {error}")))?;
    let vendor = (entry.open)(&config);
    Ok(Arc::new(Client {
        engine,
        admission,
        pace,
        news,
        vendor,
        defaults: config.defaults,
        webhook_secret: config.webhook_secret,
        diagnostics,
    }))
}

fn failed((status, text): (Status, String)) -> Error {
    Error::new(status, text)
}

fn rules(config: &Config, vendor: &dyn Vendor) -> Rules {
    let policy = vendor.policy();
    Rules {
        ways: policy.ways,
        first_read_ms: policy.first_read_ms,
        read_floor_ms: policy.read_floor_ms,
        absence_after_ms: policy.absence_after_ms,
        resend_on_original: policy.resend_on_original,
        refund_absence_ms: policy.refund_absence_ms,
        send_within_ms: u64::from(config.send_within) * 1000,
        deadline_ms: config.deadline.map_or(policy.deadline_ms, |seconds| u64::from(seconds) * 1000),
        poll_interval_ms: u64::from(config.poll_interval_ms),
        terminal_shared: config.terminal_shared,
        confirm: config.confirm,
    }
}

fn transport_options(config: &Config) -> Options {
    let software = &config.defaults.software;
    let product = concat!("PosJunction/", env!("CARGO_PKG_VERSION"));
    let plain = software.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    Options {
        base_url: config.base_url.clone(),
        proxy: match &config.proxy {
            config::Proxy::None => ProxyChoice::None,
            config::Proxy::Environment => ProxyChoice::Environment,
            config::Proxy::Url(url) => ProxyChoice::Url(url.clone()),
        },
        tls_roots: match &config.tls_roots {
            config::TlsRoots::Bundled => TlsRoots::Bundled,
            config::TlsRoots::System => TlsRoots::System,
            config::TlsRoots::File(path) => TlsRoots::File(path.clone()),
        },
        max_connections: config.max_connections as usize,
        connect_timeout_ms: config.connect_timeout_ms,
        user_agent: if plain && !software.is_empty() { format!("{product} ({software})") } else { product.to_owned() },
    }
}

fn place(config: &Config) -> Result<Place, Error> {
    Ok(match &config.journal {
        config::Journal::Memory => Place::Memory,
        config::Journal::File(path) => Place::File(path.clone()),
        config::Journal::Default => {
            let path = journal::default_path(config.vendor.name(), &config.identity_hash());
            let missing = || Error::new(Status::Config, "journal: this user has no home directory; name a file");
            Place::File(path.ok_or_else(missing)?)
        }
    })
}

fn open_log(config: &Config, fields: &Fields, news: &Arc<News>) -> Result<Log, Error> {
    let file =
        match &config.log_file {
            Some(path) => Some(Log::open_file(path).map_err(|error| {
                Error::new(Status::Config, format!("log_file: cannot be opened for writing: {error}"))
            })?),
            None => None,
        };
    let secrets = config::secret_keys().filter_map(|key| fields.text(key)).map(Secret::from).collect();
    let wants = news.clone();
    let sink = news.clone();
    Ok(Log::new(
        secrets,
        file,
        level(config.log_level),
        Arc::new(move || wants.log_level()),
        Arc::new(move |level, line| sink.push_log(level, line)),
        os::wall_ms,
    ))
}

fn level(filter: log::LevelFilter) -> i32 {
    match filter {
        log::LevelFilter::Off => 0,
        log::LevelFilter::Error => Level::Error as i32,
        log::LevelFilter::Warn => Level::Warning as i32,
        log::LevelFilter::Info => Level::Info as i32,
        log::LevelFilter::Debug => Level::Debug as i32,
        log::LevelFilter::Trace => Level::Trace as i32,
    }
}

static FLUSH_DELAY_MS: AtomicU32 = AtomicU32::new(0);

/// Lets the journals of clients that are opened from now on wait so long before each flush, as a slow disk does. For the
/// benches of this repository only.
#[doc(hidden)]
pub fn imitate_slow_disk(flush_ms: u32) {
    FLUSH_DELAY_MS.store(flush_ms, Ordering::Relaxed);
}
