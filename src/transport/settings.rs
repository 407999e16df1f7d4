//! Checks the options and turns them into a configuration in which none of ureq's panics can be reached.

use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::time::Duration;

use ureq::Proxy;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::{HeaderValue, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use super::tuning::Tuning;
use super::{Options, TlsRoots, proxy};
use crate::status::Status;

/// Bytes of a connection's buffers, one each way.
const BUFFER: usize = 16 * 1024;
/// Bytes that the head of an answer may have: one less than fits, so that ureq sees it is too long and not at its end.
const MOST_HEAD: usize = BUFFER - 1;
/// A bound for every phase beside the call's own deadline. No call may take longer.
pub const MOST_CALL_MS: u32 = 600_000;
/// A PEM file of more bytes is none.
const MOST_PEM: u64 = 4 * 1024 * 1024;

/// The options, checked.
pub struct Settings {
    pub base: Base,
    pub proxy: Option<Proxy>,
    pub roots: RootCerts,
    pub connect_timeout_ms: u32,
    pub user_agent: String,
}

/// The base URL, taken apart.
pub struct Base {
    /// `scheme://host[:port][/prefix]`, with no slash at the end.
    pub text: String,
    /// In lower case.
    pub host: String,
    pub https: bool,
    pub loopback: bool,
}

/// Checks the options. An error's text begins with the key at fault.
pub fn check(options: &Options) -> Result<Settings, (Status, String)> {
    let wrong = |text: String| (Status::Config, text);
    let base = base(&options.base_url).map_err(|fault| wrong(format!("base_url: {fault}")))?;
    let proxy = proxy::choose(&options.proxy, &base, |name| std::env::var(name).ok()).map_err(wrong)?;
    let roots = roots(&options.tls_roots).map_err(|fault| wrong(format!("tls_roots: {fault}")))?;
    if options.user_agent.is_empty() || HeaderValue::from_str(&options.user_agent).is_err() {
        return Err(wrong("user_agent: it must be visible text and not empty".to_owned()));
    }
    if options.max_connections == 0 {
        return Err(wrong("max_connections: it must be at least 1".to_owned()));
    }
    if options.connect_timeout_ms == 0 {
        return Err(wrong("connect_timeout_ms: it must be at least 1".to_owned()));
    }
    let connect_timeout_ms = options.connect_timeout_ms.min(MOST_CALL_MS);
    Ok(Settings { base, proxy, roots, connect_timeout_ms, user_agent: options.user_agent.clone() })
}

/// Takes a base URL apart. The fault never quotes the URL, which may hold a password.
pub fn base(url: &str) -> Result<Base, String> {
    if url.contains(['#', '?']) {
        return Err("it must not have a query or a fragment".to_owned());
    }
    let uri: Uri = url.parse().map_err(|_| "it is not a valid URL".to_owned())?;
    let https = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err("it must begin with https://".to_owned()),
    };
    let authority = uri.authority().map_or("", |a| a.as_str());
    if authority.contains('@') {
        return Err("it must not hold a user or password".to_owned());
    }
    let host = host_and_port(&uri)?;
    let loopback = is_loopback(&host);
    if !https && !loopback {
        return Err("plain http:// is allowed to this machine only; use https://".to_owned());
    }
    let scheme = if https { "https" } else { "http" };
    let prefix = uri.path().trim_end_matches('/');
    Ok(Base { text: format!("{scheme}://{authority}{prefix}"), host, https, loopback })
}

/// The host of a URL in lower case, without brackets, after checking it and the port.
pub fn host_and_port(uri: &Uri) -> Result<String, String> {
    let authority = uri.authority().ok_or("it has no host")?;
    let host = authority.host().to_ascii_lowercase();
    let after_user = authority.as_str().rsplit('@').next().unwrap_or_default();
    // The parser takes a port out of range for no port at all.
    let port = after_user.get(host.len()..).unwrap_or_default();
    if !port.is_empty() && !matches!(authority.port_u16(), Some(1..)) {
        return Err("its port is not a number from 1 to 65535".to_owned());
    }
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().map(|_| address.to_owned()).map_err(|_| "its address is wrong".to_owned());
    }
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let labels = host.strip_suffix('.').unwrap_or(&host).split('.').all(|label| matches!(label.len(), 1..=63));
    if host.len() > 253 || !labels || !host.chars().all(good) {
        return Err("its host is not a name or an address".to_owned());
    }
    Ok(host)
}

/// True for 127.0.0.0/8, ::1 and localhost, which are this machine by definition and not by lookup.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|a| a.is_loopback())
        || host.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok_and(|a| a.is_loopback())
}

fn roots(choice: &TlsRoots) -> Result<RootCerts, String> {
    match choice {
        TlsRoots::Bundled => Ok(RootCerts::WebPki),
        TlsRoots::System => Ok(RootCerts::PlatformVerifier),
        TlsRoots::File(path) => read_pem(path).map(|list| RootCerts::new_with_certs(&list)),
    }
}

fn read_pem(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let mut pem = Vec::new();
    let file = File::open(path).map_err(|e| format!("the file cannot be opened: {e}"))?;
    file.take(MOST_PEM + 1).read_to_end(&mut pem).map_err(|e| format!("the file cannot be read: {e}"))?;
    if pem.len() as u64 > MOST_PEM {
        return Err("the file is too large".to_owned());
    }
    let mut list = Vec::new();
    for item in parse_pem(&pem) {
        match item.map_err(|_| "the file is not PEM".to_owned())? {
            // Every certificate is a DER sequence. rustls would pass over anything else without a word.
            PemItem::Certificate(certificate) if certificate.der().first() == Some(&0x30) => list.push(certificate),
            PemItem::Certificate(_) => return Err("the file has a certificate that is none".to_owned()),
            _ => {}
        }
    }
    if list.is_empty() { Err("the file has no certificate".to_owned()) } else { Ok(list) }
}

impl Settings {
    /// ureq's configuration. It is the agent's and never changes for a request.
    pub fn config(&self, most_connections: usize, tuning: &Tuning) -> Config {
        let tls = TlsConfig::builder().provider(TlsProvider::Rustls).root_certs(self.roots.clone()).build();
        let connect = Some(Duration::from_millis(self.connect_timeout_ms.into()));
        let most = Some(Duration::from_millis(MOST_CALL_MS.into()));
        Config::builder()
            .http_status_as_error(false)
            .https_only(self.base.https)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(self.proxy.clone())
            .tls_config(tls)
            .user_agent(&self.user_agent)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .max_response_header_size(MOST_HEAD)
            .max_idle_connections(most_connections)
            .max_idle_connections_per_host(most_connections)
            .max_idle_age(Duration::from_millis(tuning.idle_ms))
            .timeout_resolve(connect)
            .timeout_connect(connect)
            .timeout_send_request(most)
            .timeout_send_body(most)
            .timeout_recv_response(most)
            .timeout_recv_body(most)
            .timeout_global(most)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_taken_apart() {
        let good = base("https://Api.Example.com:8443/usaepay/").ok().unwrap();
        assert_eq!(
            (good.text.as_str(), good.host.as_str()),
            ("https://Api.Example.com:8443/usaepay", "api.example.com")
        );
        assert!(good.https && !good.loopback);
        assert_eq!(base("https://h").ok().unwrap().text, "https://h");
        for url in ["http://127.0.0.1:1", "http://127.255.0.9", "http://[::1]:80/x", "http://localhost:8080"] {
            assert!(base(url).is_ok_and(|b| b.loopback), "{url}");
        }
    }

    #[test]
    fn a_bad_base_url_is_refused_and_not_quoted() {
        let wrong = [
            "",
            "api.example.com",
            "ftp://h",
            "https://",
            "https:///x",
            "https://h:0",
            "https://h:65536",
            "https://h:x",
            "https://h:",
            "https://u:hunter2@h",
            "https://hunter2@h",
            "https://h?a",
            "https://h/#a",
            "https://h h",
            "https://h\n",
            "https://b\u{fc}cher.example",
            "https://a..b",
            "https://h%41",
            "https://[::x]",
            "http://api.example.com",
            "http://10.0.0.1",
            "http://127.1",
            "http://localhost.example.com",
            "http://[::2]",
        ];
        for url in wrong {
            let fault = base(url).err().unwrap_or_else(|| panic!("{url} was taken"));
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }

    #[test]
    fn a_pem_file_must_hold_a_certificate() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roots.pem");
        assert!(read_pem(&path).is_err());
        let none = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no PEM at all", none, "-----BEGIN CERTIFICATE-----\nMII"] {
            std::fs::write(&path, text).unwrap();
            assert!(read_pem(&path).is_err(), "{text}");
        }
    }
}
