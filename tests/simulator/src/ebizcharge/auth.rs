//! Who calls: the key, the hash of its PIN, and the lock-out that follows wrong ones.

use crate::ebizcharge::cloud::Cloud;
use crate::ebizcharge::envelope::refusal;
use crate::ebizcharge::setup::Endpoint;
use crate::faults::CallKind;
use crate::http::{Answer, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The value of the `Authorization` header: Basic, with the hash of key, seed and PIN as the password.
pub fn authorization(api_key: &str, seed: &str, pin: &str) -> String {
    let password = format!("s2/{seed}/{}", pin_hash(api_key, seed, pin));
    format!("Basic {}", STANDARD.encode(format!("{api_key}:{password}")))
}

fn pin_hash(api_key: &str, seed: &str, pin: &str) -> String {
    let digest = Sha256::digest(format!("{api_key}{seed}{pin}"));
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

struct Credentials {
    api_key: String,
    seed: String,
    hash: String,
}

/// What the header says, as far as it has the right form.
fn credentials(request: &Request) -> Option<Credentials> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (api_key, password) = decoded.split_once(':')?;
    let (seed, hash) = password.strip_prefix("s2/")?.rsplit_once('/')?;
    Some(Credentials { api_key: api_key.into(), seed: seed.into(), hash: hash.into() })
}

impl Cloud {
    /// Every request, executed or not, must come with a seed of its own.
    pub(super) fn note_seed(&mut self, request: &Request) {
        let Some(Credentials { seed, .. }) = credentials(request) else { return };
        if seed.is_empty() {
            self.violate("an empty seed");
        } else if seed.contains(['/', ':']) {
            self.violate(format!("a seed with a separator in it: {seed}"));
        } else if !self.seeds.insert(seed) {
            self.violate(format!("{} {}: a seed that was used before", request.method, request.path));
        }
    }

    /// Whether the call may go on.
    pub(super) fn gate(&mut self, endpoint: &Endpoint, kind: CallKind, request: &Request) -> Result<(), Answer> {
        if endpoint.restricted {
            return Err(refusal(401, 156));
        }
        self.check_login(request)?;
        self.check_body(request);
        if self.switches.forbidden.contains(&kind) {
            return Err(refusal(403, 80));
        }
        Ok(())
    }

    fn check_login(&mut self, request: &Request) -> Result<(), Answer> {
        if self.blocked_until.is_some_and(|until| self.now < until) {
            self.violate("a call to a host that says it is locked out");
            return Err(refusal(401, 10_140));
        }
        let code = match credentials(request) {
            None if request.header("authorization").is_none() => {
                self.violate("no Authorization header: credentials must be sent with the first request");
                0
            }
            None => {
                self.violate("an Authorization header that is not Basic with s2/seed/hash");
                10_137
            }
            Some(sent) if sent.api_key != self.setup.api_key => 23,
            Some(sent) if sent.hash != pin_hash(&sent.api_key, &sent.seed, &self.setup.pin) => 21_002,
            Some(_) => {
                self.failed_logins.clear();
                return Ok(());
            }
        };
        Err(self.refuse_login(code))
    }

    fn refuse_login(&mut self, code: u32) -> Answer {
        let hour = self.setup.lock_out_ms;
        self.failed_logins.retain(|at| self.now < at + hour);
        if !self.failed_logins.is_empty() {
            self.violate("a 401 was repeated");
        }
        self.failed_logins.push(self.now);
        if self.failed_logins.len() as u32 >= self.setup.login_failures {
            self.lock_out();
            return refusal(401, 10_140);
        }
        refusal(401, code)
    }

    /// Blocks the host for an hour, as too many failed logins do.
    pub fn lock_out(&mut self) {
        self.failed_logins.clear();
        self.blocked_until = Some(self.now + self.setup.lock_out_ms);
    }

    /// The merchant changes the PIN of the key: what the client has is wrong from now on.
    pub fn change_pin(&mut self, pin: &str) {
        self.setup.pin = pin.into();
    }

    fn check_body(&mut self, request: &Request) {
        if request.body.is_empty() {
            return;
        }
        if request.method == "GET" {
            self.violate("a GET with a body");
        }
        let kind = request.header("content-type").unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            self.violate(format!("Content-Type: {}", if kind.is_empty() { "(none)" } else { kind }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "_V87Qtb513Cd3vabM7RC0TbtJWeSo8p7";

    #[test]
    fn the_published_example() {
        let hash = "b74c2fa91fb0a09755e377ee8e20aa86d2b92c3d2f277280db595f636bb190e6";
        assert_eq!(pin_hash(KEY, "abcdefghijklmnop", "123456"), hash);
        let token = "X1Y4N1F0YjUxM0NkM3ZhYk03UkMwVGJ0SldlU284cDc6czIvYWJjZGVmZ2hpamtsbW5vcC9iNzRjMmZhOTFmYjBhMDk3NTVlMzc3\
                     ZWU4ZTIwYWE4NmQyYjkyYzNkMmYyNzcyODBkYjU5NWY2MzZiYjE5MGU2";
        assert_eq!(authorization(KEY, "abcdefghijklmnop", "123456"), format!("Basic {token}"));
    }

    #[test]
    fn what_is_written_is_read() {
        let request = Request::new("GET", "/").with_header("Authorization", &authorization(KEY, "a/b", "1"));
        let read = credentials(&request).map(|c| (c.api_key, c.seed, c.hash.len()));
        assert_eq!(read, Some((KEY.into(), "a/b".into(), 64)));
        for bad in ["Bearer x", "Basic !", "Basic a2V5", "Basic a2V5OnBpbg=="] {
            assert!(credentials(&Request::new("GET", "/").with_header("Authorization", bad)).is_none(), "{bad}");
        }
    }
}
