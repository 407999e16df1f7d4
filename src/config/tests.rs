//! Every rule of the configuration, at every boundary.

use super::table::{TABLE, rows};
use super::*;

fn good() -> Fields {
    let mut fields = Fields::new();
    for (key, text) in
        [("vendor", "payjunction"), ("login", "pj-login"), ("password", "hunter2"), ("application_key", "key-0815")]
    {
        fields.set_text(key, text);
    }
    fields
}

fn with(key: &str, value: Value) -> Result<Config, Fault> {
    let mut fields = good();
    // These two say something about it, and nothing without it.
    if ["confirm_within", "on_silence"].contains(&key) {
        fields.set_text("confirm", "on_acknowledge");
    }
    fields.set(key, value);
    Config::read(&fields)
}

fn with_text(key: &str, text: &str) -> Result<Config, Fault> {
    with(key, Value::Text(text.to_owned()))
}

#[track_caller]
fn refused(result: Result<Config, Fault>, status: Status, text: &str) {
    let fault = result.err().expect("must be refused");
    assert_eq!((fault.status, fault.text.as_str()), (status, text));
}

#[track_caller]
fn read(fields: &Fields) -> Config {
    Config::read(fields).unwrap_or_else(|fault| panic!("{}", fault.text))
}

#[test]
fn the_defaults_are_those_of_the_table() {
    let config = read(&good());
    assert_eq!((config.vendor, config.base_url.as_str()), (Vendor::Payjunction, "https://api.payjunction.com"));
    assert_eq!((config.api_version.as_str(), config.journal), ("2023-05-16", Journal::Default));
    assert_eq!((config.send_within, config.deadline, config.poll_interval_ms), (15, None, 1000));
    assert_eq!((config.rate_share, config.max_connections, config.retention_days), (1, 8, 400));
    assert_eq!((config.connect_timeout_ms, config.call_timeout_ms), (10_000, 30_000));
    assert!(config.terminal_shared && !config.account_change && config.proxy == Proxy::None);
    assert_eq!(
        (config.tls_roots, config.log_file, config.log_level),
        (TlsRoots::Bundled, None, log::LevelFilter::Info)
    );
    assert_eq!(config.defaults, Defaults::default());
    let Credentials::Payjunction { login, password, application_key } = config.credentials else {
        panic!("another vendor's credentials")
    };
    assert_eq!((login.reveal(), password.reveal(), application_key.reveal()), ("pj-login", "hunter2", "key-0815"));
}

#[test]
fn every_key_reaches_its_place() {
    let mut fields = good();
    for (key, text) in [
        ("environment", "sandbox"),
        ("journal", "/x/y.journal"),
        ("api_version", "2019-07-30"),
        ("terminal", "t-1"),
        ("merchant_terminal", "77"),
        ("currency", "cad"),
        ("software", "Till 1.0"),
        ("tls_roots", "/x/ca.pem"),
        ("proxy", "http://u:p@proxy:3128"),
        ("log_file", "/x/log"),
        ("log_level", "trace"),
    ] {
        fields.set_text(key, text);
    }
    for key in ["send_within", "deadline", "rate_share", "account_change", "max_connections", "retention_days"] {
        fields.set_int(key, 1);
    }
    for (key, number) in
        [("poll_interval_ms", 500), ("terminal_shared", 0), ("connect_timeout_ms", 100), ("call_timeout_ms", 200)]
    {
        fields.set_int(key, number);
    }
    let config = read(&fields);
    assert_eq!(config.base_url, "https://api.payjunctionlabs.com");
    assert_eq!(
        (config.journal, config.tls_roots),
        (Journal::File("/x/y.journal".into()), TlsRoots::File("/x/ca.pem".into()))
    );
    assert!(matches!(&config.proxy, Proxy::Url(url) if url.reveal() == "http://u:p@proxy:3128"));
    assert_eq!((config.api_version.as_str(), config.log_file), ("2019-07-30", Some("/x/log".into())));
    assert_eq!((config.log_level, config.defaults.currency.code()), (log::LevelFilter::Trace, "CAD"));
    assert_eq!((config.defaults.terminal, config.defaults.merchant_terminal), ("t-1".into(), "77".into()));
    assert_eq!((config.send_within, config.deadline, config.rate_share, config.retention_days), (1, Some(1), 1, 1));
    assert_eq!((config.poll_interval_ms, config.connect_timeout_ms, config.call_timeout_ms), (500, 100, 200));
    assert!(config.account_change && !config.terminal_shared && config.max_connections == 1);
    assert!(with_text("journal", "memory").ok().unwrap().journal == Journal::Memory);
    assert!(with_text("tls_roots", "system").ok().unwrap().tls_roots == TlsRoots::System);
    assert!(with_text("proxy", "env").ok().unwrap().proxy == Proxy::Environment);
}

#[test]
fn numbers_end_where_the_table_says() {
    for row in rows() {
        let (min, max) = match row.rule {
            Rule::Int { min, max } => (min, max),
            Rule::Flag => (0, 1),
            _ => continue,
        };
        assert!(max <= i64::from(u32::MAX), "{}", row.key);
        for (number, good) in [(min - 1, false), (min, true), (max, true), (max + 1, false)] {
            assert_eq!(with(row.key, Value::Int(number)).is_ok(), good, "{} {number}", row.key);
        }
        refused_as(with_text(row.key, "1"), Status::InvalidField);
    }
    let expected = "poll_interval_ms: must be from 500 to 60000, got 499";
    refused(with("poll_interval_ms", Value::Int(499)), Status::InvalidField, expected);
}

#[track_caller]
fn refused_as(result: Result<Config, Fault>, status: Status) -> String {
    let fault = result.err().expect("must be refused");
    assert_eq!(fault.status, status, "{}", fault.text);
    fault.text
}

#[test]
fn what_is_required_is_asked_for_by_name() {
    refused(Config::read(&Fields::new()), Status::MissingField, "vendor: is required");
    for key in ["login", "password", "application_key"] {
        let expected = format!("{key}: is required for payjunction");
        refused(with_text(key, ""), Status::MissingField, &expected);
    }
    refused(with_text("vendor", ""), Status::MissingField, "vendor: is required");
}

#[test]
fn every_vendor_has_its_servers_its_credentials_and_an_identity() {
    let account = |name: &str, rest: &[(&str, &str)]| {
        let mut fields = Fields::new();
        fields.set_text("vendor", name);
        rest.iter().for_each(|(key, text)| fields.set_text(key, text));
        read(&fields)
    };
    let usaepay = [("api_key", "key"), ("pin", "1234")];
    let justifi = [("client_id", "test_1"), ("client_secret", "s"), ("sub_account", "acc_1")];
    let (ebizcharge, usaepay) = (account("ebizcharge", &usaepay), account("usaepay", &usaepay));
    assert_eq!(ebizcharge.base_url, "https://secure.ebizcharge.com");
    assert_eq!(usaepay.base_url, "https://secure.usaepay.com");
    match &ebizcharge.credentials {
        Credentials::Usaepay { api_key, pin, endpoint_key } => {
            assert_eq!((api_key.reveal(), pin.reveal(), endpoint_key.as_str()), ("key", "1234", "v2"));
        }
        _ => panic!("another vendor's credentials"),
    }
    assert_eq!(ebizcharge.identity_hash(), usaepay.identity_hash(), "the same key");
    assert_ne!(ebizcharge.identity(), usaepay.identity(), "at another vendor");
    let first = account("justifi", &justifi);
    assert_eq!(first.base_url, "https://api.justifi.ai");
    let mut other = justifi;
    other[2].1 = "acc_2";
    assert_ne!(first.identity(), account("justifi", &other).identity(), "another sub account is another account");
    refused_as(with_text("vendor", "ebizcharge"), Status::UnknownField);
    let expected = "vendor: must be one of: payjunction, ebizcharge, usaepay, justifi";
    refused(with_text("vendor", "square"), Status::InvalidField, expected);
    let expected = "vendor: is a text, so set it with pj_fields_set_text";
    refused(with("vendor", Value::Int(1)), Status::InvalidField, expected);
}

#[test]
fn a_webhook_secret_is_there_or_not() {
    let secret =
        |text| with_text("webhook_secret", text).map(|config| config.webhook_secret.map(|s| s.reveal().to_owned()));
    assert_eq!(secret("s3cret").ok(), Some(Some(String::from("s3cret"))));
    assert_eq!(secret("").ok(), Some(None), "an empty one is none, and never a key");
    assert!(read(&good()).webhook_secret.is_none());
    assert!(secret_keys().any(|key| key == "webhook_secret"));
}

#[test]
fn the_policy_of_confirmation_is_off_unless_it_is_asked_for() {
    let policy = |texts: &[(&str, &str)], within: Option<i64>| {
        let mut fields = good();
        texts.iter().for_each(|(key, text)| fields.set_text(key, text));
        within.into_iter().for_each(|seconds| fields.set_int("confirm_within", seconds));
        Config::read(&fields).map(|config| config.confirm)
    };
    let on = ("confirm", "on_acknowledge");
    let wanted = |within_ms, on_silence| Some(Some(Confirm { within_ms, on_silence }));
    assert_eq!(policy(&[], None).ok(), Some(None));
    assert_eq!(policy(&[("confirm", "off")], None).ok(), Some(None));
    assert_eq!(policy(&[("confirm", "")], None).ok(), Some(None));
    assert_eq!(policy(&[on], None).ok(), wanted(300_000, OnSilence::Void));
    assert_eq!(policy(&[on, ("on_silence", "keep")], Some(60)).ok(), wanted(60_000, OnSilence::Keep));
    assert_eq!(policy(&[on, ("on_silence", "void")], Some(86_400)).ok(), wanted(86_400_000, OnSilence::Void));
    refused_as(with_text("confirm", "always"), Status::InvalidField);
    refused_as(with_text("on_silence", "refund"), Status::InvalidField);
}

#[test]
fn a_key_that_does_nothing_is_refused() {
    for (key, value) in [("confirm_within", Value::Int(60)), ("on_silence", Value::Text("keep".into()))] {
        let mut fields = good();
        fields.set(key, value);
        refused(Config::read(&fields), Status::Config, &format!("{key}: needs confirm = on_acknowledge"));
    }
    let expected = "api_key: not used by payjunction; it belongs to ebizcharge, usaepay";
    refused(with_text("api_key", "x"), Status::UnknownField, expected);
    refused_as(with_text("flow", "checkout"), Status::UnknownField);
    let expected = "\"pasword\" is not a configuration key; did you mean \"password\"?";
    refused(with_text("pasword", "hunter2"), Status::UnknownField, expected);
    refused(with_text("qqqq", "x"), Status::UnknownField, "\"qqqq\" is not a configuration key");
}

#[test]
fn environment_and_base_url_exclude_each_other() {
    let mut fields = good();
    fields.set_text("base_url", "http://127.0.0.1:8080/");
    assert_eq!(read(&fields).base_url, "http://127.0.0.1:8080");
    fields.set_text("environment", "production");
    let expected = "base_url: contradicts environment; set only one of them";
    refused(Config::read(&fields), Status::Config, expected);
    refused_as(with_text("environment", "test"), Status::InvalidField);
    refused_as(with_text("base_url", "http://api.payjunction.com"), Status::Config);
}

#[test]
fn credentials_are_ascii_and_without_stray_blanks() {
    for key in ["login", "password", "application_key"] {
        assert!(with_text(key, "~!x").is_ok());
        for bad in ["hunter2é", " hunter2", "hunter2 ", "hunter2\n", "hunter2\0"] {
            let fault = with_text(key, bad).err().unwrap_or_else(|| panic!("{key} {bad:?}"));
            assert!(!fault.text.contains("hunter2"), "{}", fault.text);
        }
    }
    assert!(with_text("password", "two words: one").is_ok());
    refused(with_text("login", "hunter2:x"), Status::InvalidField, "login: must not hold a colon");
    assert!(with_text("password", "4111111111111111").is_ok(), "a password may look like a card number");
}

#[test]
fn an_unknown_key_that_is_cut_shows_no_card_number() {
    let key = format!("{}4111111111111111", "k".repeat(50));
    let fault = with_text(&key, "x").err().expect("must be refused");
    assert!(fault.status == Status::UnknownField && !fault.text.contains("41"), "{}", fault.text);
}

#[test]
fn a_card_number_is_no_default_of_requests() {
    let mut keys = Vec::new();
    for row in rows().filter(|row| crate::payment::fields::table::find(row.key).is_some()) {
        let fault = with_text(row.key, "4111111111111111").err().unwrap_or_else(|| panic!("{}", row.key));
        assert!(!fault.text.contains("11111"), "{}", fault.text);
        keys.push(row.key);
    }
    assert_eq!(keys, ["terminal", "merchant_terminal", "currency", "software"]);
    let text =
        "software: holds what looks like a card number; never send one, and change a number that only looks like it";
    refused(with_text("software", "till 4111-1111-1111-1111"), Status::InvalidText, text);
}

#[test]
fn no_message_holds_the_value_of_a_secret() {
    for row in rows().filter(|row| row.secret) {
        for bad in ["hunter2\u{1}", "hunter2é", &"hunter2".repeat(1000)] {
            let fault = with_text(row.key, bad).err().unwrap_or_else(|| panic!("{}", row.key));
            assert!(!fault.text.contains("hunter2"), "{}", fault.text);
        }
    }
    for bad in ["https://u:hunter2@h", "hunter2", "https://h/hunter2//"] {
        assert!(!refused_as(with_text("base_url", bad), Status::Config).contains("hunter2"));
    }
    for bad in ["hunter2", "socks5://u:hunter2@h", "ENV"] {
        assert!(!refused_as(with_text("proxy", bad), Status::Config).contains("hunter2"));
    }
}

#[test]
fn the_version_of_the_interface_is_a_date() {
    for bad in ["2023", "latest", "2023-05-1", "2023/05/16", "2023-05-16T"] {
        refused_as(with_text("api_version", bad), Status::InvalidField);
    }
}

#[test]
fn the_identity_names_vendor_host_and_login() {
    let mut fields = good();
    // printf pj-login | sha256sum
    assert_eq!(read(&fields).identity(), "payjunction|api.payjunction.com|e7f1b00e03147843");
    let first = read(&fields).identity_hash();
    assert_eq!(first.len(), 16);
    fields.set_text("password", "another");
    fields.set_text("base_url", "http://127.0.0.1:1234");
    assert_eq!(read(&fields).identity(), format!("payjunction|127.0.0.1|{first}"), "no port, no password");
    fields.set_text("login", "somebody");
    assert_ne!(read(&fields).identity_hash(), first);
}

#[test]
fn every_row_is_whole_and_documented() {
    let page = print_manual();
    for (place, row) in rows().enumerate() {
        assert!(row.meaning.ends_with('.') && !row.vendors.is_empty(), "{}", row.key);
        assert!(page.contains(&format!("| `{}` |", row.key)), "{}", row.key);
        assert!(row.required.iter().all(|vendor| row.vendors.contains(vendor)), "{}", row.key);
        assert!(rows().enumerate().all(|(n, other)| n == place || other.key != row.key), "{}", row.key);
        if !row.default.is_empty() && row.vendors.contains(&Vendor::Payjunction) {
            let value = match row.rule {
                Rule::Int { .. } | Rule::Flag => Value::Int(row.default.parse().unwrap()),
                _ => Value::Text(row.default.to_owned()),
            };
            assert!(with(row.key, value).is_ok(), "{}", row.key);
        }
    }
    assert!(TABLE.iter().all(|section| page.contains(&format!("## {}", section.title))));
}

/// The header shows each vendor's keys. They are all that it needs.
#[test]
fn the_keys_that_the_header_shows_open_a_client_of_each_vendor() {
    let header = include_str!("../abi/posjunction.h.in");
    let set = |line: &str| {
        let (key, rest) = line.split_once("pj_fields_set_text(config, \"")?.1.split_once("\", \"")?;
        Some((key.to_owned(), rest.split('"').next()?.to_owned()))
    };
    let mut shown: Vec<Vec<(String, String)>> = Vec::new();
    for (key, value) in header.lines().filter_map(set) {
        if key == "vendor" {
            shown.push(Vec::new());
        }
        shown.last_mut().expect("the vendor comes first").push((key, value));
    }
    let vendors: Vec<&str> = shown.iter().map(|keys| keys[0].1.as_str()).collect();
    assert_eq!(vendors, ["payjunction", "ebizcharge", "justifi"]);
    for keys in &shown {
        let mut fields = Fields::new();
        keys.iter().for_each(|(key, value)| fields.set_text(key, value));
        assert!(keys.iter().any(|(key, _)| key == "terminal"), "{keys:?}");
        Config::read(&fields).unwrap_or_else(|fault| panic!("{keys:?}: {}", fault.text));
        let needed = |key: &&str| !["vendor", "terminal", "merchant_terminal"].contains(key);
        for left in keys.iter().map(|(key, _)| key.as_str()).filter(needed) {
            let mut fields = Fields::new();
            keys.iter().filter(|(key, _)| key != left).for_each(|(key, value)| fields.set_text(key, value));
            assert!(Config::read(&fields).is_err(), "{left} is not needed: {keys:?}");
        }
    }
}
