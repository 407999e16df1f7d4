//! Who calls: Basic, with a hash of the key, a seed and the PIN in place of a password (REST API, Authentication).

use crate::secret::Secret;
use base64::Engine as _;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// The value of `Authorization`. The seed must hold neither `/` nor `:`.
pub(super) fn authorization(api_key: &Secret, pin: &Secret, seed: &str) -> Secret {
    // What was copied from a web page often ends in a blank; neither can hold one.
    let (key, pin) = (api_key.reveal().trim(), pin.reveal().trim());
    let plain = Zeroizing::new(format!("{key}{seed}{pin}"));
    let digest = ring::digest::digest(&ring::digest::SHA256, plain.as_bytes());
    let login = Zeroizing::new(format!("{key}:s2/{seed}/{}", hex(digest.as_ref())));
    Secret::new(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(login.as_bytes())))
}

/// Lower case, as the vendor compares it.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
