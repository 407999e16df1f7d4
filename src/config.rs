//! The configuration: one table says which keys there are; it checks, gives the defaults, and prints the manual's page.

mod description;
mod manual;
pub mod table;
#[cfg(test)]
mod tests;
mod url;

pub use description::describe;
pub use manual::print_manual;

use crate::payment::confirm::{Confirm, OnSilence};
use crate::payment::fields::row::Rule;
use crate::payment::fields::{self, Defaults, Fault, Plain, bare_text, read, shown, suggest};
use crate::payment::money::Currency;
use crate::payment::{Fields, Value};
use crate::secret::Secret;
use crate::status::Status;
use std::collections::BTreeMap;
use std::path::PathBuf;
use zeroize::Zeroize;

/// Whose cloud it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vendor {
    Payjunction,
    Ebizcharge,
    Usaepay,
    Justifi,
}

impl Vendor {
    pub const ALL: &'static [Vendor] = &[Vendor::Payjunction, Vendor::Ebizcharge, Vendor::Usaepay, Vendor::Justifi];

    /// The word in the configuration and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Payjunction => "payjunction",
            Vendor::Ebizcharge => "ebizcharge",
            Vendor::Usaepay => "usaepay",
            Vendor::Justifi => "justifi",
        }
    }

    /// Where its servers are. JustiFi has one for both: the key pair tells test from live (API reference, Authentication).
    fn servers(self) -> Servers {
        let (production, sandbox) = match self {
            Vendor::Payjunction => ("https://api.payjunction.com", "https://api.payjunctionlabs.com"),
            Vendor::Ebizcharge => ("https://secure.ebizcharge.com", "https://sandbox.ebizcharge.com"),
            Vendor::Usaepay => ("https://secure.usaepay.com", "https://sandbox.usaepay.com"),
            Vendor::Justifi => ("https://api.justifi.ai", "https://api.justifi.ai"),
        };
        Servers { production, sandbox }
    }
}

struct Servers {
    production: &'static str,
    sandbox: &'static str,
}

/// The keys whose values must reach no log, journal or message.
pub fn secret_keys() -> impl Iterator<Item = &'static str> {
    table::rows().filter(|row| row.secret).map(|row| row.key)
}

/// Where facts are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Journal {
    /// A file of this account in the user's directory for such data.
    Default,
    File(PathBuf),
    Memory,
}

/// Whom to believe about the vendor's certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TlsRoots {
    Bundled,
    System,
    File(PathBuf),
}

/// Which proxy to use.
#[derive(Clone, PartialEq, Eq)]
pub enum Proxy {
    None,
    Environment,
    /// May hold a password.
    Url(Secret),
}

/// What proves to the vendor who we are.
pub enum Credentials {
    Payjunction {
        login: Secret,
        password: Secret,
        application_key: Secret,
    },
    /// EBizCharge and USAePay. The endpoint key stands in the path in place of the version.
    Usaepay {
        api_key: Secret,
        pin: Secret,
        endpoint_key: String,
    },
    Justifi {
        client_id: Secret,
        client_secret: Secret,
        sub_account: String,
        flow: Flow,
    },
}

/// Which of JustiFi's two ways to pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    Checkout,
    PaymentIntent,
}

/// A configuration that has passed the checks. There is no `Debug`: it holds secrets.
pub struct Config {
    pub vendor: Vendor,
    /// `scheme://host[:port][/prefix]`, without a slash at the end.
    pub base_url: String,
    /// The host of the base URL.
    pub host: String,
    pub credentials: Credentials,
    pub api_version: String,
    pub journal: Journal,
    pub account_change: bool,
    pub defaults: Defaults,
    /// Seconds.
    pub send_within: u32,
    /// Seconds. `None`: as the vendor's terminals need.
    pub deadline: Option<u32>,
    pub poll_interval_ms: u32,
    pub rate_share: u32,
    pub terminal_shared: bool,
    /// Payments are authorized first, and captured when the till has acknowledged them.
    pub confirm: Option<Confirm>,
    pub max_connections: u32,
    pub connect_timeout_ms: u32,
    pub call_timeout_ms: u32,
    pub tls_roots: TlsRoots,
    pub proxy: Proxy,
    pub log_file: Option<PathBuf>,
    pub log_level: log::LevelFilter,
    pub retention_days: u32,
    /// With it the vendor signs its webhooks.
    pub webhook_secret: Option<Secret>,
}

impl Config {
    /// Checks the configuration. A fault names the key and never the value of a secret.
    pub fn read(fields: &Fields) -> Result<Config, Fault> {
        let vendor = vendor(fields)?;
        let servers = vendor.servers();
        let values = Values::read(vendor, fields)?;
        let base = base_url(&values, &servers)?;
        Ok(Config {
            vendor,
            base_url: base.text,
            host: base.host,
            credentials: credentials(vendor, &values)?,
            api_version: api_version(&values)?,
            journal: match values.text("journal") {
                "" => Journal::Default,
                "memory" => Journal::Memory,
                path => Journal::File(PathBuf::from(path)),
            },
            account_change: values.flag("account_change"),
            defaults: Defaults {
                terminal: values.text("terminal").to_owned(),
                merchant_terminal: values.text("merchant_terminal").to_owned(),
                currency: Currency::parse(values.text("currency")).unwrap_or(Currency::USD),
                software: values.text("software").to_owned(),
            },
            send_within: values.int("send_within"),
            deadline: values.is_given("deadline").then(|| values.int("deadline")),
            poll_interval_ms: values.int("poll_interval_ms"),
            rate_share: values.int("rate_share"),
            terminal_shared: values.flag("terminal_shared"),
            confirm: confirm(&values)?,
            max_connections: values.int("max_connections"),
            connect_timeout_ms: values.int("connect_timeout_ms"),
            call_timeout_ms: values.int("call_timeout_ms"),
            tls_roots: match values.text("tls_roots") {
                "bundled" => TlsRoots::Bundled,
                "system" => TlsRoots::System,
                path => TlsRoots::File(PathBuf::from(path)),
            },
            proxy: proxy(&values)?,
            log_file: Some(values.text("log_file")).filter(|path| !path.is_empty()).map(PathBuf::from),
            log_level: values.text("log_level").parse().unwrap_or(log::LevelFilter::Info),
            retention_days: values.int("retention_days"),
            webhook_secret: Some(values.text("webhook_secret")).filter(|text| !text.is_empty()).map(Secret::from),
        })
    }

    /// The account: `vendor|host|hash`. A journal belongs to one. The port is left out: it is no part of who we are.
    pub fn identity(&self) -> String {
        format!("{}|{}|{}", self.vendor.name(), self.host, self.identity_hash())
    }

    /// The first 16 hexadecimal digits of SHA-256 of what names the account at the vendor.
    pub fn identity_hash(&self) -> String {
        let name = match &self.credentials {
            Credentials::Payjunction { login, .. } => login.clone(),
            Credentials::Usaepay { api_key, .. } => api_key.clone(),
            Credentials::Justifi { client_id, sub_account, .. } => {
                Secret::new(format!("{}|{sub_account}", client_id.reveal()))
            }
        };
        let digest = ring::digest::digest(&ring::digest::SHA256, name.reveal().as_bytes());
        digest.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn vendor(fields: &Fields) -> Result<Vendor, Fault> {
    let row = table::rows().find(|row| row.key == "vendor").map(|row| &row.rule);
    let value = fields.get("vendor").zip(row).map(|(value, rule)| read("vendor", rule, value)).transpose()?;
    let Some(Some(Plain::Text(name))) = value else {
        return Err(Fault::new(Status::MissingField, "vendor: is required"));
    };
    // The rule has let only these names pass.
    Ok(Vendor::ALL.iter().copied().find(|vendor| vendor.name() == name).unwrap_or(Vendor::Payjunction))
}

/// The values of the keys, defaults filled in.
struct Values {
    plain: BTreeMap<&'static str, Plain>,
    /// Those that the caller set.
    given: Vec<&'static str>,
}

impl Values {
    fn read(vendor: Vendor, fields: &Fields) -> Result<Values, Fault> {
        let mut values = Values { plain: BTreeMap::new(), given: Vec::new() };
        for (key, value) in fields.iter() {
            let row = known(vendor, key)?;
            if row.rule.is_text() && matches!(value, Value::Text(text) if text.is_empty()) {
                continue;
            }
            used(vendor, row)?;
            if let Some(plain) = read_one(row, value)? {
                values.plain.insert(row.key, plain);
                values.given.push(row.key);
            }
        }
        for row in table::rows().filter(|row| row.vendors.contains(&vendor)) {
            if row.required.contains(&vendor) && !values.plain.contains_key(row.key) {
                let text = format!("{}: is required for {}", row.key, vendor.name());
                return Err(Fault::new(Status::MissingField, text));
            }
            if !row.default.is_empty() {
                values.plain.entry(row.key).or_insert_with(|| by_default(row));
            }
        }
        Ok(values)
    }

    fn text(&self, key: &str) -> &str {
        match self.plain.get(key) {
            Some(Plain::Text(text)) => text,
            _ => "",
        }
    }

    /// A number of the table, whose ranges all fit.
    fn int(&self, key: &str) -> u32 {
        match self.plain.get(key) {
            Some(Plain::Int(number)) => u32::try_from(*number).unwrap_or(u32::MAX),
            _ => 0,
        }
    }

    fn flag(&self, key: &str) -> bool {
        self.int(key) == 1
    }

    fn is_given(&self, key: &str) -> bool {
        self.given.contains(&key)
    }
}

/// The passwords among them do not stay behind in freed memory.
impl Drop for Values {
    fn drop(&mut self) {
        for plain in self.plain.values_mut() {
            if let Plain::Text(text) = plain {
                text.zeroize();
            }
        }
    }
}

/// The row of a key.
fn known(vendor: Vendor, key: &str) -> Result<&'static table::Row, Fault> {
    table::rows().find(|row| row.key == key).ok_or_else(|| {
        let own = table::rows().filter(|row| row.vendors.contains(&vendor)).map(|row| row.key);
        let hint = suggest(key, own).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
        Fault::new(Status::UnknownField, format!("\"{}\" is not a configuration key{hint}", shown(key)))
    })
}

/// Refuses a key that this vendor does not know.
fn used(vendor: Vendor, row: &table::Row) -> Result<(), Fault> {
    if !row.vendors.contains(&vendor) {
        let users: Vec<&str> = row.vendors.iter().map(|v| v.name()).collect();
        let text = format!("{}: not used by {}; it belongs to {}", row.key, vendor.name(), users.join(", "));
        return Err(Fault::new(Status::UnknownField, text));
    }
    Ok(())
}

/// One value. Only what becomes a field of requests is searched for card numbers: a password or a path may look like one.
fn read_one(row: &table::Row, value: &Value) -> Result<Option<Plain>, Fault> {
    match (&row.rule, value) {
        (Rule::Text { max, charset }, Value::Text(text)) if fields::table::find(row.key).is_none() => {
            bare_text(row.key, *max, *charset, text).map(|text| Some(Plain::Text(text)))
        }
        (rule, value) => read(row.key, rule, value),
    }
}

fn by_default(row: &table::Row) -> Plain {
    match row.rule {
        Rule::Int { .. } | Rule::Flag => Plain::Int(row.default.parse().unwrap_or(0)),
        _ => Plain::Text(row.default.to_owned()),
    }
}

fn base_url(values: &Values, servers: &Servers) -> Result<url::BaseUrl, Fault> {
    if values.is_given("base_url") && values.is_given("environment") {
        let text = "base_url: contradicts environment; set only one of them";
        return Err(Fault::new(Status::Config, text));
    }
    let text = match (values.text("base_url"), values.text("environment")) {
        ("", "sandbox") => servers.sandbox,
        ("", _) => servers.production,
        (text, _) => text,
    };
    url::parse(text).map_err(|fault| Fault::new(Status::Config, format!("base_url: {fault}")))
}

/// The two keys that say more about `confirm` do nothing without it, and a setting that does nothing deceives.
fn confirm(values: &Values) -> Result<Option<Confirm>, Fault> {
    if values.text("confirm") == "on_acknowledge" {
        let on_silence = if values.text("on_silence") == "keep" { OnSilence::Keep } else { OnSilence::Void };
        return Ok(Some(Confirm { within_ms: u64::from(values.int("confirm_within")) * 1000, on_silence }));
    }
    match ["confirm_within", "on_silence"].into_iter().find(|key| values.is_given(key)) {
        Some(key) => Err(Fault::new(Status::Config, format!("{key}: needs confirm = on_acknowledge"))),
        None => Ok(None),
    }
}

fn credentials(vendor: Vendor, values: &Values) -> Result<Credentials, Fault> {
    let secret = |key: &str| Secret::new(values.text(key));
    Ok(match vendor {
        Vendor::Payjunction => Credentials::Payjunction {
            login: login(values)?,
            password: secret("password"),
            application_key: secret("application_key"),
        },
        Vendor::Ebizcharge | Vendor::Usaepay => Credentials::Usaepay {
            api_key: secret("api_key"),
            pin: secret("pin"),
            endpoint_key: values.text("endpoint_key").to_owned(),
        },
        Vendor::Justifi => Credentials::Justifi {
            client_id: secret("client_id"),
            client_secret: secret("client_secret"),
            sub_account: values.text("sub_account").to_owned(),
            flow: if values.text("flow") == "payment_intent" { Flow::PaymentIntent } else { Flow::Checkout },
        },
    })
}

/// Basic authentication ends the login at its first colon.
fn login(values: &Values) -> Result<Secret, Fault> {
    let login = values.text("login");
    match login.contains(':') {
        true => Err(Fault::new(Status::InvalidField, "login: must not hold a colon")),
        false => Ok(Secret::new(login)),
    }
}

/// A date: it goes into a header, and anything else selects a version nobody meant.
fn api_version(values: &Values) -> Result<String, Fault> {
    let text = values.text("api_version");
    if text.is_empty() {
        // Only PayJunction dates its interface; the table gives it a default.
        return Ok(String::new());
    }
    let shape = "dddd-dd-dd";
    let fits = |(wanted, got): (u8, u8)| if wanted == b'd' { got.is_ascii_digit() } else { got == wanted };
    match text.len() == shape.len() && shape.bytes().zip(text.bytes()).all(fits) {
        true => Ok(text.to_owned()),
        false => Err(Fault::new(Status::InvalidField, "api_version: must be a date such as 2023-05-16")),
    }
}

/// The transport takes the URL apart; here it is only told from a word that was mistyped.
fn proxy(values: &Values) -> Result<Proxy, Fault> {
    match values.text("proxy") {
        "none" => Ok(Proxy::None),
        "env" => Ok(Proxy::Environment),
        text if text.starts_with("http://") || text.starts_with("https://") => Ok(Proxy::Url(Secret::new(text))),
        _ => Err(Fault::new(Status::Config, "proxy: must be none, env, or http://[user:password@]host[:port]")),
    }
}
