//! Which proxy, if any: from the configuration, or from the environment when the configuration says so.

use ureq::Proxy;
use ureq::ProxyProtocol;
use ureq::http::Uri;

use super::ProxyChoice;
use super::settings::Base;

/// The variables in the order in which they count. The vendors are reached by https, so that one comes first.
const VARIABLES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];

/// The proxy for this base URL. An error begins with `proxy` and never quotes the value, which may hold a password.
pub fn choose(
    choice: &ProxyChoice,
    base: &Base,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Proxy>, String> {
    let proxy = match choice {
        ProxyChoice::None => return Ok(None),
        ProxyChoice::Url(url) => parse(url.reveal()).map_err(|fault| format!("proxy: {fault}"))?,
        ProxyChoice::Environment => {
            let except = variable("NO_PROXY").or_else(|| variable("no_proxy")).unwrap_or_default();
            // What listens on this machine is never behind a proxy.
            if base.loopback || is_excepted(&base.host, &except) {
                return Ok(None);
            }
            let found = VARIABLES.iter().find_map(|name| Some((name, variable(name).filter(|v| !v.is_empty())?)));
            let Some((name, value)) = found else { return Ok(None) };
            parse(&value).map_err(|fault| format!("proxy: the environment variable {name}: {fault}"))?
        }
    };
    if !base.https && !is_loopback(proxy.host()) {
        return Err("proxy: a plain http base_url is for this machine and cannot go through a proxy".to_owned());
    }
    Ok(Some(proxy))
}

/// Reads a proxy's URL, with everything refused that ureq would misread or answer with a panic.
fn parse(text: &str) -> Result<Proxy, String> {
    let text = text.trim();
    if text.contains("://") && !text.starts_with("http://") && !text.starts_with("https://") {
        return Err("only http:// and https:// proxies are supported, no SOCKS".to_owned());
    }
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let uri: Uri = with_scheme.parse().map_err(|_| "not a valid URL".to_owned())?;
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err("must be http://[user:password@]host[:port]".to_owned());
    }
    super::settings::host_and_port(&uri)?;
    let proxy = Proxy::new(&with_scheme).map_err(|_| "not a valid URL".to_owned())?;
    match proxy.protocol() {
        ProxyProtocol::Http | ProxyProtocol::Https => Ok(proxy),
        _ => Err("only http:// and https:// proxies are supported, no SOCKS".to_owned()),
    }
}

/// True if `NO_PROXY` names the host: `*`, the name itself, or a domain above it with or without a leading dot.
fn is_excepted(host: &str, list: &str) -> bool {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let domain = entry.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
        entry == "*" || host == domain || (!domain.is_empty() && host.ends_with(&format!(".{domain}")))
    })
}

fn is_loopback(host: &str) -> bool {
    super::settings::is_loopback(&host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn base(url: &str) -> Base {
        super::super::settings::base(url).ok().unwrap()
    }

    fn environment(pairs: &[(&str, &str)], url: &str) -> Result<Option<String>, String> {
        let variable = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        choose(&ProxyChoice::Environment, &base(url), variable).map(|p| p.map(|p| p.host().to_owned()))
    }

    fn named(url: &str) -> Result<Option<Proxy>, String> {
        choose(&ProxyChoice::Url(Secret::new(url)), &base("https://api.example.com"), |_| unreachable!())
    }

    #[test]
    fn the_environment_is_read_only_when_asked_for() {
        let asked = |_: &str| -> Option<String> { panic!("read") };
        assert!(choose(&ProxyChoice::None, &base("https://api.example.com"), asked).unwrap().is_none());
        assert!(named("http://proxy:3128").unwrap().is_some());
    }

    #[test]
    fn the_environment_has_an_order_and_exceptions() {
        let api = "https://api.example.com";
        assert_eq!(environment(&[], api), Ok(None));
        assert_eq!(environment(&[("HTTP_PROXY", "http://c:1")], api), Ok(Some("c".into())));
        let all = [("HTTP_PROXY", "http://c:1"), ("all_proxy", "b:1"), ("https_proxy", "http://a:1")];
        assert_eq!(environment(&all, api), Ok(Some("a".into())));
        for except in ["*", "api.example.com", "x, .example.com", "*.example.com", "EXAMPLE.com"] {
            assert_eq!(environment(&[("HTTPS_PROXY", "a:1"), ("NO_PROXY", except)], api), Ok(None), "{except}");
        }
        for except in ["", "ample.com", "i.example.com", "example.org"] {
            let got = environment(&[("HTTPS_PROXY", "a:1"), ("no_proxy", except)], api);
            assert_eq!(got, Ok(Some("a".into())), "{except}");
        }
        assert_eq!(environment(&[("HTTPS_PROXY", "a:1")], "http://127.0.0.1:8080"), Ok(None));
    }

    #[test]
    fn what_ureq_would_panic_on_or_pass_by_is_an_error_that_hides_the_password() {
        let wrong =
            ["socks5://u:hunter2@p:1080", "socks://p", "ftp://p", "http://u:hunter2@p:99999", "http://", "", "::"];
        for url in wrong.into_iter().chain(["http://u:hunter2@p/path", "http://u:hunter2 @p", "http://u:%ff@p"]) {
            let fault = named(url).unwrap_err();
            assert!(fault.starts_with("proxy: ") && !fault.contains("hunter2"), "{url}: {fault}");
        }
        assert!(
            environment(&[("ALL_PROXY", "socks5://p:1")], "https://api.example.com").unwrap_err().contains("ALL_PROXY")
        );
    }

    #[test]
    fn plain_http_does_not_leave_the_machine_through_a_proxy() {
        let choice = ProxyChoice::Url(Secret::new("http://proxy.example.com:3128"));
        assert!(choose(&choice, &base("http://127.0.0.1:1"), |_| None).is_err());
        let choice = ProxyChoice::Url(Secret::new("http://127.0.0.1:3128"));
        assert!(choose(&choice, &base("http://127.0.0.1:1"), |_| None).unwrap().is_some());
    }
}
