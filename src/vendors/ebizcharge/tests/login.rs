//! Who calls.

use super::super::auth;
use super::{sale, vendor};
use crate::http::HttpRequest;
use crate::payment::fact::Action;
use crate::payment::plan::Step;
use crate::secret::Secret;
use crate::vendors::{Account, Search};
use base64::Engine as _;

/// The sample that the vendor publishes (REST API, Authentication).
#[test]
fn the_published_login_is_made_letter_by_letter() {
    let login = auth::authorization(
        &Secret::from("_V87Qtb513Cd3vabM7RC0TbtJWeSo8p7"),
        &Secret::from("123456"),
        "abcdefghijklmnop",
    );
    let published = "X1Y4N1F0YjUxM0NkM3ZhYk03UkMwVGJ0SldlU284cDc6czIvYWJjZGVmZ2hpamtsbW5vcC9iNzRjMmZhOTFmYjBhMDk3NTVlMz\
                     c3ZWU4ZTIwYWE4NmQyYjkyYzNkMmYyNzcyODBkYjU5NWY2MzZiYjE5MGU2";
    assert_eq!(login.reveal(), format!("Basic {published}"));
}

#[test]
fn blanks_around_key_and_pin_do_not_count() {
    let login = |key: &str, pin: &str| auth::authorization(&Secret::from(key), &Secret::from(pin), "seed");
    assert!(login(" key\t", " 1234 ") == login("key", "1234"));
    assert!(login("key", "1235") != login("key", "1234"));
}

fn call(entropy: u8) -> HttpRequest {
    let account = Account { session: None, entropy: [entropy; 20] };
    vendor()
        .request(&Step::Submit(Action::Start), &sale(), &Search::default(), &account)
        .unwrap_or_else(|failure| panic!("{}", failure.text))
}

/// The password is made anew for every call, from random bytes, and its seed holds none of the separators.
#[test]
fn every_call_has_a_seed_of_its_own() {
    let seed = |request: &HttpRequest| {
        let header = request.headers.iter().find(|(name, _)| *name == "Authorization").expect("a login").1.reveal();
        let decoded = base64::engine::general_purpose::STANDARD.decode(header.strip_prefix("Basic ").expect("Basic"));
        let decoded = String::from_utf8(decoded.expect("base64")).expect("text");
        let parts: Vec<String> = decoded.split('/').map(str::to_owned).collect();
        assert_eq!(parts.len(), 3, "{decoded}");
        assert!(parts[0].ends_with(":s2") && parts[2].len() == 64);
        parts[1].clone()
    };
    assert_eq!(seed(&call(1)), "01".repeat(20));
    assert_eq!(seed(&call(255)), "ff".repeat(20));
}
