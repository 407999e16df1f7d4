//! What a client says without asking the engine.

use super::{Capability, Client};
use crate::engine::Request;
use crate::engine::news::tests::snapshot;
use crate::payment::Fields;
use crate::payment::snapshot::State;
use crate::status::Status;
use std::sync::Arc;

fn client(vendor: &str) -> Arc<Client> {
    Client::open(&fields(vendor)).unwrap_or_else(|error| panic!("{}", error.text))
}

fn fields(vendor: &str) -> Fields {
    let mut fields = Fields::new();
    for (key, value) in [("vendor", vendor), ("base_url", "http://127.0.0.1:9"), ("journal", "memory")] {
        fields.set_text(key, value);
    }
    let own: &[(&str, &str)] = match vendor {
        "justifi" => &[("client_id", "a"), ("client_secret", "b"), ("sub_account", "acc_1")],
        "payjunction" => &[("login", "a"), ("password", "b"), ("application_key", "c")],
        _ => &[("api_key", "a"), ("pin", "b")],
    };
    own.iter().for_each(|(key, value)| fields.set_text(key, value));
    fields
}

/// Truth, section 7: where the terminal cannot reserve, the policy is refused before anything begins.
#[test]
fn a_policy_that_the_vendor_cannot_carry_out_is_refused_at_the_opening() {
    let open = |vendor, word| {
        let mut fields = fields(vendor);
        fields.set_text("confirm", word);
        Client::open(&fields).map(|client| client.close(10_000))
    };
    let error = open("justifi", "on_acknowledge").expect_err("justifi cannot reserve at the terminal");
    assert_eq!(error.status, Status::Unsupported);
    assert!(error.text.starts_with("confirm: justifi cannot reserve"), "{}", error.text);
    assert_eq!(open("justifi", "off").ok(), Some(Ok(())));
    for vendor in ["payjunction", "ebizcharge", "usaepay"] {
        assert_eq!(open(vendor, "on_acknowledge").ok(), Some(Ok(())), "{vendor}");
    }
}

/// "Stored" and "undone" exclude each other, whichever thread is faster.
#[test]
fn an_acknowledgement_of_what_is_being_undone_is_refused() {
    let client = client("payjunction");
    let request = Request::new(1, snapshot(State::Approved));
    assert!(request.begin_undo(), "the till has said nothing");
    let error = client.acknowledge(&request).expect_err("too late");
    assert_eq!(error.status, Status::WrongState);
    assert!(error.text.contains("being undone") && !request.is_acknowledged(), "{}", error.text);
    request.end_undo();
    assert_eq!(client.acknowledge(&request), Ok(()));
    assert!(!request.begin_undo(), "the till was faster");
    assert_eq!(client.acknowledge(&request), Ok(()), "saying it twice is no error");
    assert!(client.close(10_000).is_ok());
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
