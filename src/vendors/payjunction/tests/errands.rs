//! What moves no money: the calls to the letter, and what their answers say.

use super::{config, fixture, payment, read, vendor};
use crate::http::{HttpReply, HttpRequest, Method};
use crate::payment::fact::{Action, Phase};
use crate::payment::plan::Step;
use crate::payment::snapshot::Detail;
use crate::payment::{Fact, Kind, Payment, fields};
use crate::status::Status;
use crate::vendors::{Account, Feature, Known, Reading, Search};
use std::collections::HashSet;

const SUBMIT: Step = Step::Submit(Action::Start);
const UUID: &str = "88888888-4444-4444-4444-cccccccccccc";

fn write(payment: &Payment, step: &Step, search: &Search) -> HttpRequest {
    let account = Account { session: None, entropy: [0; 20] };
    vendor().request(step, payment, search, &account).unwrap_or_else(|failure| panic!("{}", failure.text))
}

fn body(request: &HttpRequest) -> String {
    String::from_utf8(request.body.clone()).expect("the form is text")
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.reveal())
}

fn reply(payment: &Payment, step: &Step, status: u16, kind: &str, body: &[u8]) -> Reading {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    let reply = HttpReply { status, headers, body: body.to_vec() };
    let known = Known { claimed: &HashSet::new(), landmark: None, handed_on: false };
    vendor().read(step, payment, Search::default(), &reply, &known)
}

fn value(reading: &Reading, key: &str) -> String {
    match reading.volatile.get(key) {
        Some(Detail::Text(text)) => text.clone(),
        Some(Detail::Private(text)) => format!("private {}", text.reveal()),
        Some(Detail::Int(number)) => number.to_string(),
        Some(Detail::Bytes(bytes)) => format!("{} bytes", bytes.len()),
        None => String::from("-"),
    }
}

fn prompt() -> Payment {
    payment(Kind::Prompt, &[("text", "Tea & coffee?\nChoose"), ("buttons", "Tea"), ("buttons", "Çay")], &[])
}

#[test]
fn each_question_goes_to_its_own_path_with_its_own_form() {
    let signature = payment(Kind::Signature, &[("terms", "I agree.")], &[]);
    let input = payment(Kind::Input, &[("input_type", "phone")], &[]);
    let card = payment(Kind::CardRead, &[("vendor.future", "1")], &[]);
    for (payment, path, form) in [
        (&signature, "request-signature", "terminalId=12345&terms=I%20agree."),
        (
            &prompt(),
            "request-prompt",
            "terminalId=12345&text=Tea%20%26%20coffee%3F%0AChoose&buttons%5B%5D=Tea&buttons%5B%5D=%C3%87ay",
        ),
        (&input, "request-input", "terminalId=12345&type=PHONE"),
        (&card, "request-read", "terminalId=12345&future=1"),
    ] {
        let request = write(payment, &SUBMIT, &Search::default());
        assert_eq!((request.method, request.submit), (Method::Post, true));
        assert_eq!(request.path, format!("/smartterminals/{UUID}/{path}"));
        assert_eq!(body(&request), form);
    }
}

/// Only the page of request-payment knows the parameter: it is sent where the vendor's default would interrupt.
#[test]
fn a_question_interrupts_a_busy_terminal_only_when_told_to() {
    let told = payment(Kind::CardRead, &[], &[("interrupt_busy", 1)]);
    assert!(body(&write(&told, &SUBMIT, &Search::default())).ends_with("&interruptBusyTerminal=true"));
    let mut old = config();
    old.api_version = "2018-06-01".to_owned();
    let account = Account { session: None, entropy: [0; 20] };
    let card = payment(Kind::CardRead, &[], &[]);
    let request = super::super::open(&old).request(&SUBMIT, &card, &Search::default(), &account);
    let request = request.unwrap_or_else(|failure| panic!("{}", failure.text));
    assert!(body(&request).ends_with("&interruptBusyTerminal=false"));
}

#[test]
fn the_answer_to_a_question_is_a_request_id_and_a_payments_id_is_none() {
    let prompt = prompt();
    let facts = read(&prompt, &SUBMIT, 200, fixture("request_signature").as_bytes()).facts;
    assert_eq!(facts, [Fact::Accepted { request_id: "422900dc-25bb-4b56-94f4-d7f5c9646e54".into() }]);
    let facts = read(&prompt, &SUBMIT, 200, fixture("request_payment").as_bytes()).facts;
    assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{facts:?}");
    let sale = super::sale();
    let facts = read(&sale, &SUBMIT, 200, fixture("request_signature").as_bytes()).facts;
    assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{facts:?}");
    let facts = read(&prompt, &SUBMIT, 404, fixture("not_found").as_bytes()).facts;
    assert!(matches!(&facts[..], [Fact::Refused { failure }] if failure.status == Status::UnknownDevice), "{facts:?}");
}

#[test]
fn the_polls_samples_hold_the_answers() {
    let ended = Fact::TerminalShows { phase: Phase::Ended };
    let answered = |id: &str, whole| vec![Fact::Answered { id: id.into(), whole }, ended.clone()];
    let watch = |payment: &Payment, name: &str| read(payment, &Step::Watch, 200, fixture(name).as_bytes());
    let yes = payment(Kind::Prompt, &[("text", "Tea?"), ("buttons", "No"), ("buttons", "Yes")], &[]);
    let reading = watch(&yes, "complete_prompt");
    assert_eq!(
        (reading.facts, value(&watch(&yes, "complete_prompt"), "prompt.button")),
        (answered("", true), "Yes".into())
    );
    assert_eq!(value(&watch(&yes, "complete_prompt"), "prompt.index"), "1");
    assert_eq!(value(&watch(&prompt(), "complete_prompt"), "prompt.index"), "-", "no button of ours");
    let input = payment(Kind::Input, &[], &[]);
    let reading = watch(&input, "complete_input");
    assert_eq!((value(&reading, "input.value"), reading.facts), ("private 8006010230".into(), answered("", true)));
    let signature = payment(Kind::Signature, &[("terms", "I agree.")], &[]);
    let reading = watch(&signature, "complete_signature");
    assert_eq!(reading.facts, answered("2f0bfa2c56894a398af741f3ecfc115e", false));
    // An answer of another kind is none, nor is one of a request that goes on.
    for (payment, name) in [(&yes, "complete_input"), (&input, "complete_signature"), (&signature, "complete_prompt")] {
        assert_eq!(watch(payment, name).facts, std::slice::from_ref(&ended), "{name}");
    }
    let early = fixture("complete_prompt").replace("COMPLETE", "IN_PROGRESS");
    let reading = read(&yes, &Step::Watch, 200, early.as_bytes());
    assert!(reading.volatile.is_empty() && reading.facts == [Fact::TerminalShows { phase: Phase::AtTerminal }]);
}

/// Nobody knows the member's name, and there may be more than one.
#[test]
fn card_data_is_found_whatever_its_member_is_called() {
    let card = payment(Kind::CardRead, &[], &[]);
    let both = "%B924696827707852^?;924696827707852=?";
    let watch = |members: &str| {
        let body = format!("{{\"requestId\":\"1\",\"status\":\"COMPLETE\",\"created\":\"2024\"{members}}}");
        read(&card, &Step::Watch, 200, body.as_bytes())
    };
    for members in [
        format!(",\"readData\":\"{both}\""),
        format!(",\"tracks\":{{\"a\":\"{}\",\"b\":\"{}\"}}", &both[..19], &both[19..]),
        format!(",\"magstripe\":[\"{}\",\"{}\"]", &both[..19], &both[19..]),
    ] {
        let reading = watch(&members);
        assert_eq!(value(&reading, "card_read.data"), format!("private {both}"), "{members}");
        assert_eq!(value(&reading, "card_read.track1"), "private %B924696827707852^?");
        assert_eq!(value(&reading, "card_read.track2"), "private ;924696827707852=?");
        assert_eq!(value(&reading, "card_read.track3"), "-");
        assert!(reading.facts.contains(&Fact::Answered { id: String::new(), whole: true }));
    }
    // A start sentinel inside of track 1 starts nothing.
    let reading = watch(",\"x\":\"%A;+B?;12?\"");
    assert_eq!(value(&reading, "card_read.track1"), "private %A;+B?");
    assert_eq!(value(&reading, "card_read.track2"), "private ;12?");
    let plain = watch(",\"x\":\"0815\"");
    assert_eq!(
        (value(&plain, "card_read.data"), value(&plain, "card_read.track2")),
        ("private 0815".into(), "-".into())
    );
    for nothing in [String::new(), ",\"x\":\"\"".into(), ",\"x\":7".into(), format!(",\"x\":\"{}\"", "7".repeat(1_001))]
    {
        let reading = watch(&nothing);
        assert!(reading.volatile.is_empty() && reading.facts == [Fact::TerminalShows { phase: Phase::Ended }]);
    }
}

#[test]
fn a_signatures_image_is_an_image_and_nothing_else() {
    let signature = payment(Kind::Signature, &[("terms", "I agree.")], &[]);
    let step = Step::FetchAnswer { id: "2f0b/1".into() };
    let request = write(&signature, &step, &Search::default());
    assert_eq!((request.method, request.path.as_str()), (Method::Get, "/smartterminals/signatures/2f0b%2F1/image"));
    assert_eq!(header(&request, "Accept"), "*/*");
    for (kind, body) in
        [("image/png", &b"anything"[..]), ("", b"\x89PNG..."), ("application/octet-stream", b"\xff\xd8\xff")]
    {
        let reading = reply(&signature, &step, 200, kind, body);
        assert_eq!(reading.facts, [Fact::Answered { id: "2f0b/1".into(), whole: true }], "{kind}");
        assert_eq!(value(&reading, "signature.image"), format!("{} bytes", body.len()));
    }
    for (status, kind, body) in [(200, "text/html", &b"<html>"[..]), (200, "image/png", b""), (502, "image/png", b"x")]
    {
        let reading = reply(&signature, &step, status, kind, body);
        assert!(matches!(reading.facts[..], [Fact::ReadFailed { .. }]) && reading.volatile.is_empty());
    }
}

#[test]
fn receipts_have_a_path_for_each_paper_and_take_html_only() {
    let receipt = |texts: &[(&str, &str)], unsigned| {
        let texts: Vec<_> = [("transaction", "8350")].iter().chain(texts).copied().collect();
        payment(Kind::FetchReceipt, &texts, &[("unsigned", unsigned)])
    };
    for (payment, path) in [
        (receipt(&[], 0), "latest/thermal"),
        (receipt(&[("format", "fullpage")], 0), "latest/fullpage"),
        (receipt(&[("format", "thermal")], 1), "unsigned/thermal"),
        (receipt(&[("format", "fullpage")], 1), "unsigned/fullpage"),
    ] {
        let request = write(&payment, &Step::Errand, &Search::default());
        assert_eq!(request.path, format!("/transactions/8350/receipts/{path}"));
        assert_eq!((header(&request, "Accept"), request.submit), ("*/*", false));
    }
    let payment = receipt(&[], 0);
    let good = reply(&payment, &Step::Errand, 200, "text/html;charset=UTF-8", b"<p>Thank you</p>");
    assert_eq!(good.facts, [Fact::Answered { id: String::new(), whole: true }]);
    for (status, kind, body) in [
        (200, "application/json", fixture("receipt").as_bytes()),
        (200, "text/html", b""),
        (502, "text/html", b"<html>Bad gateway</html>"),
        (404, "application/json", fixture("not_found").as_bytes()),
    ] {
        let reading = reply(&payment, &Step::Errand, status, kind, body);
        assert!(
            matches!(reading.facts[..], [Fact::ReadFailed { .. }]) && reading.volatile.is_empty(),
            "{status} {kind}"
        );
    }
}

#[test]
fn a_receipt_is_mailed_with_a_form_that_says_whether_to_sign() {
    let texts = [("transaction", "8350"), ("email", "a+b@c.example"), ("reply_to", "shop@d.example")];
    let send = payment(Kind::SendReceipt, &texts, &[]);
    let request = write(&send, &Step::Errand, &Search::default());
    assert_eq!((request.method, request.submit), (Method::Post, true));
    assert_eq!(request.path, "/transactions/8350/receipts/latest/email");
    assert_eq!(body(&request), "to=a%2Bb%40c.example&replyTo=shop%40d.example&requestSignature=false");
    let told = |status, name: &str| read(&send, &Step::Errand, status, fixture(name).as_bytes()).facts;
    assert!(matches!(read(&send, &Step::Errand, 204, b"").facts[..], [Fact::Answered { whole: true, .. }]));
    assert!(matches!(told(400, "validation_error")[..], [Fact::Refused { .. }]));
    assert!(matches!(told(404, "not_found")[..], [Fact::Refused { .. }]));
    assert!(matches!(told(429, "rate_limited")[..], [Fact::NotSent { again: true, .. }]));
    for status in [408, 429, 404, 500, 502] {
        let facts = read(&send, &Step::Errand, status, b"<html>").facts;
        assert!(matches!(facts[..], [Fact::Unclear { .. }]), "{status}: {facts:?}");
    }
}

#[test]
fn lists_take_the_samples_and_refuse_what_is_no_list() {
    let all = payment(Kind::ListTerminals, &[], &[]);
    let first = write(&all, &Step::Errand, &Search::default());
    assert_eq!(first.path, "/smartterminals?limit=50&offset=0");
    let devices = read(&all, &Step::Errand, 200, fixture("smart_terminals").as_bytes());
    let next = devices.next.expect("the accounts come next");
    assert_eq!(write(&all, &Step::Errand, &next).path, "/terminals?limit=50&offset=0");
    let reply = HttpReply { status: 200, headers: Vec::new(), body: fixture("terminals").as_bytes().to_vec() };
    let known = Known { claimed: &HashSet::new(), landmark: None, handed_on: false };
    let reading = vendor().read(&Step::Errand, &all, next, &reply, &known);
    for (key, wanted) in [
        ("terminals.count", "1"),
        ("terminals.0.id", UUID),
        ("terminals.0.name", "Front desk"),
        ("terminals.0.serial", "0080001234"),
        ("merchant_terminals.count", "2"),
        ("merchant_terminals.0.id", "12345"),
        ("merchant_terminals.0.name", "Main Street"),
        ("merchant_terminals.0.type", "CARD"),
        ("merchant_terminals.0.enabled", "1"),
        ("merchant_terminals.0.merchant_number", "700000000001"),
        ("merchant_terminals.0.surcharge.enabled", "1"),
        ("merchant_terminals.0.surcharge.percentage", "3.0"),
        ("merchant_terminals.1.name", "Checks"),
        ("merchant_terminals.1.enabled", "0"),
        ("merchant_terminals.1.surcharge.enabled", "-"),
    ] {
        assert_eq!(value(&reading, key), wanted, "{key}");
    }
    for bad in ["{}", "{\"results\":{}}", "{\"results\":[1]}", "<html>", "[]"] {
        let facts = read(&all, &Step::Errand, 200, bad.as_bytes()).facts;
        assert!(matches!(facts[..], [Fact::ReadFailed { .. }]), "{bad}: {facts:?}");
    }
}

#[test]
fn a_list_without_an_end_is_given_up() {
    let all = payment(Kind::ListTerminals, &[], &[]);
    let body = b"{\"results\":[],\"next\":\"https://api.payjunction.com/smartterminals?limit=50&offset=0\"}";
    let mut search = Search::default();
    for page in 0..1_000 {
        let reply = HttpReply { status: 200, headers: Vec::new(), body: body.to_vec() };
        let known = Known { claimed: &HashSet::new(), landmark: None, handed_on: false };
        let reading = vendor().read(&Step::Errand, &all, search, &reply, &known);
        match reading.next {
            Some(next) => search = next,
            None => {
                assert!(matches!(reading.facts[..], [Fact::ReadFailed { .. }]) && page == 99);
                return;
            }
        }
    }
    panic!("it goes on");
}

#[test]
fn what_payjunction_cannot_do_is_refused_before_anything_is_sent() {
    let vendor = vendor();
    for kind in [Kind::PairTerminal, Kind::UnpairTerminal, Kind::SetTerminal, Kind::IdentifyTerminal] {
        assert!(!vendor.can_do(kind), "{kind:?}");
    }
    assert!(vendor.has(Feature::Cancel));
    let refusal = |kind, texts: &[(&str, &str)], numbers: &[(&str, i64)]| {
        let mut given = crate::payment::Fields::new();
        texts.iter().for_each(|(key, text)| given.set_text(key, text));
        numbers.iter().for_each(|(key, number)| given.set_int(key, *number));
        let checked = fields::check(kind, &given, &config().defaults).unwrap_or_else(|fault| panic!("{}", fault.text));
        let fault = vendor.admit(&checked).expect_err("must be refused");
        (fault.status, fault.text)
    };
    let missing = refusal(Kind::Prompt, &[("text", "Coffee?")], &[]);
    assert_eq!(missing, (Status::MissingField, "buttons: one to three are required at payjunction".into()));
    for (kind, texts, numbers) in [
        (Kind::Input, &[("text", "x")][..0], &[("timeout", 60)][..]),
        (Kind::CardRead, &[], &[("wait_for_terminal", 1)]),
        (Kind::FetchReceipt, &[("transaction", "1"), ("template", "vterm")], &[]),
    ] {
        assert_eq!(refusal(kind, texts, numbers).0, Status::Unsupported, "{kind:?}");
    }
    let own = refusal(Kind::Signature, &[("terms", "x"), ("vendor.terms", "y")], &[]);
    assert_eq!(own.0, Status::InvalidField);
}
