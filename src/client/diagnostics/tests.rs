//! The file for support, written by clients that reach no vendor.

use super::*;
use crate::client::Request;
use crate::payment::Kind;
use std::path::Path;

/// A vendor, its secrets, its other settings, and where a request of it may speak of the customer.
type Case = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)], &'static str);

const VENDORS: &[Case] = &[
    ("payjunction", &["login", "password", "application_key"], &[("merchant_terminal", "1")], "customer"),
    ("ebizcharge", &["api_key", "pin"], &[], "billing.last_name"),
    ("justifi", &["client_id", "client_secret"], &[("sub_account", "acc_1")], "description"),
];

fn open(vendor: &str, directory: &Path) -> Arc<Client> {
    let (_, secrets, plain, _) = VENDORS.iter().find(|(name, ..)| *name == vendor).expect("a vendor");
    let mut fields = Fields::new();
    fields.set_text("vendor", vendor);
    // Nobody listens there.
    fields.set_text("base_url", "http://127.0.0.1:9");
    fields.set_text("journal", directory.join("till.journal").to_str().expect("a path in UTF-8"));
    fields.set_text("terminal", "lane-1");
    fields.set_text("webhook_secret", "canary-webhook");
    fields.set_text("proxy", "http://canary-user:canary-proxy@127.0.0.1:9");
    fields.set_int("send_within", 1);
    secrets.iter().for_each(|key| fields.set_text(key, &format!("canary-{key}")));
    plain.iter().for_each(|(key, value)| fields.set_text(key, value));
    Client::open(&fields).unwrap_or_else(|error| panic!("{}", error.text))
}

fn pay(client: &Client, reference: &str, texts: &[(&str, &str)]) -> Arc<Request> {
    let mut fields = Fields::new();
    fields.set_text("reference", reference);
    fields.set_int("amount", 1234);
    texts.iter().for_each(|(key, text)| fields.set_text(key, text));
    client.start(Kind::Payment, &fields).unwrap_or_else(|refusal| panic!("{}", refusal.error.text))
}

fn written(client: &Client, path: &Path) -> String {
    let path = path.to_str().expect("a path in UTF-8");
    client.diagnostics(path, Some(String::from("src/somewhere.rs:7"))).unwrap_or_else(|error| panic!("{}", error.text));
    std::fs::read_to_string(path).expect("UTF-8 text")
}

#[test]
fn the_file_tells_the_story_of_every_vendor_and_none_of_the_secrets() {
    for (vendor, secrets, _, personal) in VENDORS {
        let directory = tempfile::tempdir().unwrap();
        let client = open(vendor, directory.path());
        let request = pay(&client, "receipt-4711", &[(personal, "canary Miller")]);
        // While it runs, and when it has ended.
        let file = directory.path().join("for support \u{e4}.txt");
        assert!(written(&client, &file).contains("receipt-4711"));
        let ended = request.wait(20_000).unwrap_or_else(|(error, _)| panic!("{}", error.text));
        assert!(ended.state.is_final());
        let text = written(&client, &file);
        let wanted = [
            report_file::MARK,
            env!("CARGO_PKG_VERSION"),
            "src/somewhere.rs:7",
            "vendor's server: http://127.0.0.1:9",
            "terminal = lane-1",
            "webhook_secret = set",
            "currency = USD (default)",
            "till.journal",
            "check: ok",
            "1 payments",
            "receipt-4711",
            "intent",
            "amount=1234",
            "pace: ",
            "session: ",
            "this PC's clock: not compared yet",
            "opened: run 1",
        ];
        wanted.iter().for_each(|part| assert!(text.contains(part), "{vendor} lacks {part}:\n{text}"));
        secrets.iter().for_each(|key| assert!(text.contains(&format!("{key} = set")), "{vendor}, {key}"));
        assert!(!text.contains("canary"), "{vendor}:\n{text}");
        // What was done is in the log at the end, although nobody had asked for a log.
        let log = &text[text.find("== Log").expect("a log")..];
        assert!(log.contains("debug") && log.contains("not sent") | log.contains("no session"), "{log}");
        client.close(10_000).unwrap();
    }
}

#[test]
fn a_closed_client_a_bad_path_and_a_foreign_file_get_their_errors() {
    let directory = tempfile::tempdir().unwrap();
    let client = open("payjunction", directory.path());
    let refused = |path: &Path| client.diagnostics(path.to_str().unwrap(), None).unwrap_err();
    assert_eq!(client.diagnostics("", None).unwrap_err().status, Status::InvalidArgument);
    for bad in ["missing/file.txt", "till.journal", "till.journal.lock", "."] {
        let error = refused(&directory.path().join(bad));
        assert_eq!(error.status, Status::File, "{bad}");
        assert!(error.text.starts_with("path: ") && error.text.contains(bad), "{}", error.text);
    }
    // The journal was not touched: it takes facts as before.
    // At a terminal of its own: another test of this program pays at the usual one.
    pay(&client, "afterwards", &[("terminal", "lane-2")])
        .wait(20_000)
        .unwrap_or_else(|(error, _)| panic!("{}", error.text));
    client.close(10_000).unwrap();
    assert_eq!(refused(&directory.path().join("late.txt")).status, Status::Closed);
    assert!(!directory.path().join("late.txt").exists());
}

#[test]
fn the_file_has_an_end_however_much_there_is_to_tell() {
    let log = Arc::new(Log::silent());
    let work =
        |about: String| Work { about, caught: None, log: log.clone(), engine: bounded(0).1, journal: bounded(0).1 };
    let text = work("a line that is rather long, again and again\n".repeat(200_000)).text();
    assert!(text.len() < LARGEST + 200 && text.trim_end().ends_with("would be too large)"));
    // Neither the engine nor the journal is there any more: that is said, and the rest is told.
    let text = work(String::from("about\u{1b}[2J")).text();
    assert!(text.contains("the engine did not answer") && text.contains("the journal did not answer"), "{text}");
    assert!(text.contains("about [2J") && text.contains("== Log"), "{text}");
}
