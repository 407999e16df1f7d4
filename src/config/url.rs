//! What a base URL must be. A fault never repeats the URL: it may hold a password.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A base URL that was found good.
pub struct BaseUrl {
    /// `scheme://host[:port][/prefix]`, host in lower case, no slash at the end.
    pub text: String,
    /// Without brackets and port.
    pub host: String,
}

/// Takes a base URL apart: https, or http to this machine; no user, query or fragment.
pub fn parse(text: &str) -> Result<BaseUrl, &'static str> {
    let (scheme, rest) = text.split_once("://").ok_or("must begin with https://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "https" | "http") {
        return Err("must begin with https://");
    }
    if rest.contains(['?', '#', '\\']) {
        return Err("must not hold a query, a fragment or a backslash");
    }
    let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("must not hold a user or password; these have keys of their own");
    }
    let authority = authority.to_ascii_lowercase();
    let host = host(&authority)?;
    if scheme == "http" && !is_this_machine(&host) {
        return Err("must begin with https://; http:// is allowed to this machine only");
    }
    if prefix.contains("//") || prefix.split('/').any(|part| matches!(part, "." | "..")) || !is_path(prefix) {
        return Err("has a path that is none");
    }
    Ok(BaseUrl { text: format!("{scheme}://{authority}{}", prefix.trim_end_matches('/')), host })
}

/// The host without brackets, after a look at the port.
fn host(authority: &str) -> Result<String, &'static str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or("has an address without its bracket")?;
            address.parse::<Ipv6Addr>().map_err(|_| "has an address that is none")?;
            (address, port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            if !is_host(host) {
                return Err("has a host that is neither a name nor an address");
            }
            (host, port)
        }
    };
    let is_port = |p: &str| p.bytes().all(|b| b.is_ascii_digit()) && p.parse().is_ok_and(|n: u16| n > 0);
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(host.to_owned()),
        Some(number) if is_port(number) => Ok(host.to_owned()),
        _ => Err("has a port that is not a number from 1 to 65535"),
    }
}

fn is_host(host: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_path(prefix: &str) -> bool {
    prefix.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~'))
}

/// Addresses that are this machine by definition, not by lookup.
fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|a| a.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|a| a.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_ones_are_made_uniform() {
        for (text, base, host) in [
            ("https://api.example.com", "https://api.example.com", "api.example.com"),
            ("HTTPS://API.Example.com/", "https://api.example.com", "api.example.com"),
            ("https://h:8443/api/v2/", "https://h:8443/api/v2", "h"),
            ("http://127.0.0.1:80", "http://127.0.0.1:80", "127.0.0.1"),
            ("http://127.9.9.9", "http://127.9.9.9", "127.9.9.9"),
            ("http://localhost:65535", "http://localhost:65535", "localhost"),
            ("http://[::1]:1/x", "http://[::1]:1/x", "::1"),
        ] {
            let url = parse(text).ok().unwrap_or_else(|| panic!("{text}"));
            assert_eq!((url.text.as_str(), url.host.as_str()), (base, host));
        }
    }

    #[test]
    fn bad_ones_are_refused_without_being_repeated() {
        for text in [
            "",
            "api.example.com",
            "ftp://api.example.com",
            "https://",
            "https:///x",
            "https://user:hunter2@api.example.com",
            "https://h?x=1",
            "https://h#x",
            "https://h\\x",
            "https://h:0",
            "https://h:65536",
            "https://h:",
            "https://h:+1",
            "https://h..x",
            "https://[::1",
            "https://[::zz]",
            "https://[::1]x",
            "https://h/a/../b",
            "https://h//a",
            "https://h/%2e%2e",
            "http://api.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://128.0.0.1",
            "http://[::2]",
        ] {
            let fault = parse(text).err().unwrap_or_else(|| panic!("{text}"));
            assert!(!fault.contains("hunter2"));
        }
    }
}
