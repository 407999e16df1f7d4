//! Any bag, as a configuration: it is read or refused, no refusal shows a secret, and the transport takes what was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posjunction::config::{self, Config, Proxy};
use posjunction::transport::{Options, ProxyChoice, TlsRoots, Transport};
use posjunction_fuzz::{account, bag};

const CANARY: &str = "hunter2";

fuzz_target!(|text: &str| {
    let (vendor, lines) = text.split_once('\n').unwrap_or((text, ""));
    let mut fields = account(vendor);
    for (key, value) in bag(lines).iter() {
        fields.set(key, value.clone());
    }
    for key in config::secret_keys() {
        if let Some(text) = fields.text(key).map(str::to_owned) {
            fields.set_text(key, &format!("{text}{CANARY}"));
        }
    }
    let config = match Config::read(&fields) {
        Ok(config) => config,
        Err(fault) => return assert!(!fault.text.contains(CANARY), "a secret: {}", fault.text),
    };
    assert!(!config.identity().contains(CANARY));
    let options = Options {
        base_url: config.base_url.clone(),
        proxy: match &config.proxy {
            Proxy::Url(url) => ProxyChoice::Url(url.clone()),
            Proxy::None | Proxy::Environment => ProxyChoice::None,
        },
        tls_roots: TlsRoots::Bundled,
        max_connections: config.max_connections as usize,
        connect_timeout_ms: config.connect_timeout_ms,
        user_agent: "fuzz".to_owned(),
    };
    let (reports, _news) = crossbeam_channel::unbounded();
    match Transport::new(options, reports) {
        Ok(transport) => transport.close(),
        Err((_, text)) => assert!(!text.contains(CANARY), "a secret: {text}"),
    }
});
