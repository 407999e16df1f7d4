//! What a client says without asking the engine.

use super::{Capability, Client};
use crate::engine::Request;
use crate::engine::news::tests::snapshot;
use crate::payment::Fields;
use crate::payment::snapshot::State;
use crate::status::Status;
use std::sync::Arc;

fn client(vendor: &str) -> Arc<Client> {
    let mut fields = Fields::new();
    for (key, value) in [("vendor", vendor), ("base_url", "http://127.0.0.1:9"), ("journal", "memory")] {
        fields.set_text(key, value);
    }
    let own: &[(&str, &str)] = match vendor {
        "justifi" => &[("client_id", "a"), ("client_secret", "b"), ("sub_account", "acc_1")],
        _ => &[("login", "a"), ("password", "b"), ("application_key", "c")],
    };
    own.iter().for_each(|(key, value)| fields.set_text(key, value));
    Client::open(&fields).unwrap_or_else(|error| panic!("{}", error.text))
}

/// Truth, section 8: there is no cancel from the till, and that is said, with what to do instead.
#[test]
fn a_vendor_without_a_cancel_says_so_once_the_request_may_have_left() {
    let justifi = client("justifi");
    assert_eq!(justifi.capable(Capability::Cancel.number()), Ok(false));
    let cancel = |state| justifi.cancel(&Request::new(1, snapshot(state)));
    assert_eq!(cancel(State::Queued), Ok(()), "nothing has left");
    for state in [State::Sending, State::Accepted, State::AtTerminal, State::Processing, State::Unknown] {
        let error = cancel(state).expect_err("there is no cancel");
        assert_eq!(error.status, Status::Unsupported, "{state:?}");
        assert!(error.text.contains("red X key"), "{}", error.text);
    }
    assert_eq!(cancel(State::Approved).expect_err("it has ended").status, Status::WrongState);
    let payjunction = client("payjunction");
    assert_eq!(payjunction.cancel(&Request::new(1, snapshot(State::AtTerminal))), Ok(()));
    assert!(justifi.close(10_000).is_ok() && payjunction.close(10_000).is_ok());
}
