//! What goes over the wire, letter by letter.

use super::{CHECKOUT, INTENT, KEY, Till, apply};
use crate::http::{HttpRequest, Method};
use crate::payment::fact::Action;
use crate::payment::plan::Step;
use crate::payment::report::{TransactionReport, Verdict};
use crate::payment::{Fact, Fields, Kind, Payment, Value as FieldValue, fields};
use crate::vendors::Search;
use serde_json::{Value, json};

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

fn header(request: &HttpRequest, name: &str) -> Option<String> {
    let found: Vec<String> = request
        .headers
        .iter()
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value.reveal().to_owned())
        .collect();
    assert!(found.len() <= 1, "{name} is sent twice");
    found.into_iter().next()
}

fn prepare(till: Till, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Value {
    body(&till.request(&till.asks(Kind::Payment, texts, numbers), &Step::Prepare))
}

#[test]
fn the_token_is_asked_for_with_the_key_pair_and_nothing_else() {
    let request = CHECKOUT.vendor().open_session().expect("there is a session");
    assert!(request.method == Method::Post && request.path == "/oauth/token" && !request.submit);
    assert_eq!(body(&request), json!({"client_id": "test_clientId", "client_secret": "test_clientSecret"}));
    assert_eq!(header(&request, "Content-Type").as_deref(), Some("application/json"));
    assert_eq!(header(&request, "Authorization"), None);
}

#[test]
fn a_plain_checkout_says_what_must_be_said_and_nothing_more() {
    let sent = prepare(CHECKOUT, &[], &[("amount", 1234)]);
    let metadata = json!({"posjunction_key": KEY, "reference": "4711"});
    let expected = json!({
        "amount": 1234, "description": "4711", "metadata": metadata,
        "payment": {"description": "4711", "metadata": metadata},
    });
    assert_eq!(sent, expected);
}

#[test]
fn every_parameter_of_a_checkout_has_a_field() {
    let mut given = Fields::new();
    for (key, text) in [
        ("reference", "4711"),
        ("description", "Lunch"),
        ("statement_descriptor", "Big-Business"),
        ("metadata.color", "blue"),
        ("custom.1", "one"),
        ("invoice", "654321"),
        ("order", "O-7"),
        ("clerk", "Ann"),
        ("vendor.payment_method_group_id", "pmg_xyz"),
    ] {
        given.set_text(key, text);
    }
    given.set_int("amount", 10_000);
    given.set_int("expedited", 1);
    let mut fee = Fields::new();
    fee.set_text("type", "platform_fee");
    fee.set_int("amount", 500);
    given.set("fees", FieldValue::Items(vec![fee]));
    let checked = fields::check(Kind::Payment, &given, &super::config("checkout").defaults).expect("it fits");
    CHECKOUT.vendor().admit(&checked).expect("it is admitted");
    let sent = body(&CHECKOUT.request(&super::begin(checked), &Step::Prepare));
    let metadata = json!({
        "posjunction_key": KEY, "reference": "4711", "color": "blue", "custom.1": "one", "invoice": "654321",
        "order": "O-7", "clerk": "Ann",
    });
    let payment = json!({
        "description": "Lunch", "metadata": metadata, "expedited": true,
        "fees": [{"type": "platform_fee", "amount": 500}],
    });
    let expected = json!({
        "amount": 10_000, "description": "Lunch", "metadata": metadata, "payment": payment,
        "statement_descriptor": "Big-Business", "payment_method_group_id": "pmg_xyz",
    });
    assert_eq!(sent, expected);
    let older = prepare(CHECKOUT, &[], &[("amount", 10_000), ("application_fee_amount", 300)]);
    assert_eq!(older["application_fees"], json!({"card": {"amount": 300}}));
}

#[test]
fn a_payment_intent_says_its_currency() {
    let sent = prepare(INTENT, &[("order", "O-7")], &[("amount", 1234)]);
    let metadata = json!({"posjunction_key": KEY, "reference": "4711", "order": "O-7"});
    assert_eq!(sent, json!({"amount": 1234, "currency": "usd", "description": "O-7", "metadata": metadata}));
}

/// The samples of both pages.
#[test]
fn a_submit_names_what_was_prepared_and_the_terminal() {
    let submit = |till: Till| till.request(&till.sale(), &Step::Submit(Action::Start));
    let (today, older) = (submit(CHECKOUT), submit(INTENT));
    assert_eq!(body(&today), json!({"checkout_id": "cho_xyz", "terminal_id": "trm_abc123"}));
    assert_eq!(body(&older), json!({"payment_intent_id": "pi_xyz", "terminal_id": "trm_abc123"}));
    let mut refund = INTENT.asks(Kind::TerminalRefund, &[("transaction", "py_xyz")], &[("amount", 1000)]);
    apply(&mut refund, Fact::Prepared { id: "pi_abc123".into() });
    let refund = INTENT.request(&refund, &Step::Submit(Action::Start));
    assert_eq!(refund.path, "/v1/terminals/refund");
    assert_eq!(body(&refund), json!({"payment_intent_id": "pi_abc123", "terminal_id": "trm_abc123", "amount": 1000}));
}

fn refunding(texts: &[(&str, &str)], numbers: &[(&str, i64)], given_back: i64) -> Payment {
    let texts: Vec<(&str, &str)> = texts.iter().copied().chain([("transaction", "py_xyz")]).collect();
    let mut refund = CHECKOUT.asks(Kind::Refund, &texts, numbers);
    refund.intent.given_back = given_back;
    let report = TransactionReport {
        id: "py_xyz".into(),
        verdict: Verdict::Approved,
        total: 5_000,
        ..TransactionReport::default()
    };
    apply(&mut refund, Fact::TransactionRead { report: Box::new(report) });
    refund
}

#[test]
fn a_refund_says_its_amount_and_carries_our_key() {
    let submit = |payment: &Payment| CHECKOUT.request(payment, &Step::Submit(Action::Start));
    let request = submit(&refunding(&[("reason", "duplicate"), ("description", "twice")], &[("amount", 1000)], 0));
    let metadata = json!({"posjunction_key": KEY, "reference": "4711"});
    let expected = json!({"amount": 1000, "reason": "duplicate", "description": "twice", "metadata": metadata});
    assert_eq!((request.path.as_str(), body(&request)), ("/v1/payments/py_xyz/refunds", expected));
    let rest = submit(&refunding(&[], &[], 1_500));
    assert_eq!(body(&rest)["amount"], 3_500);
}

/// One call: whose, for which step, on which leg of a search; its method and path, whether it names the sub account, and
/// the end of its key.
type Row<'a> = (Till, &'a Payment, Step, bool, Method, &'a str, bool, Option<&'a str>);

/// The headers that each call's page lists, and no others.
#[test]
fn every_call_has_its_method_path_and_headers() {
    let sale = CHECKOUT.sale();
    let intent = INTENT.sale();
    let of = |kind| CHECKOUT.asks(kind, &[("transaction", "py/xyz")], &[]);
    let (void, capture, refund) = (of(Kind::Void), of(Kind::Capture), refunding(&[], &[], 0));
    let submit = Step::Submit(Action::Start);
    let settle = |id: &str| Step::Settle { id: id.to_owned() };
    let rows: Vec<Row> = vec![
        (CHECKOUT, &sale, Step::Prepare, false, Method::Post, "/v1/checkouts", true, Some("prepare")),
        (CHECKOUT, &sale, Step::Baseline, false, Method::Get, "/v1/checkouts/cho_xyz", true, None),
        (CHECKOUT, &sale, Step::TerminalStatus, false, Method::Get, "/v1/terminals/trm_abc123/status", false, None),
        (CHECKOUT, &sale, submit.clone(), false, Method::Post, "/v1/terminals/pay", false, Some("pay")),
        (CHECKOUT, &sale, Step::Watch, false, Method::Get, "/v1/checkouts/cho_xyz", true, None),
        (CHECKOUT, &sale, Step::Lookup, false, Method::Get, "/v1/checkouts/cho_xyz", true, None),
        (CHECKOUT, &sale, settle("py_a/b"), false, Method::Get, "/v1/payments/py_a%2Fb", false, None),
        (CHECKOUT, &sale, settle("chc_1"), false, Method::Get, "/v1/checkouts/cho_xyz", true, None),
        (INTENT, &intent, Step::Prepare, false, Method::Post, "/v1/payment_intents", true, Some("prepare")),
        (INTENT, &intent, Step::Watch, false, Method::Get, "/v1/payment_intents/pi_xyz", true, None),
        (INTENT, &intent, Step::Watch, true, Method::Get, "/v1/payment_intents/pi_xyz/payments?limit=100", true, None),
        (INTENT, &intent, submit.clone(), false, Method::Post, "/v1/terminals/pay", false, Some("pay")),
        (CHECKOUT, &void, submit.clone(), false, Method::Post, "/v1/payments/py%2Fxyz/void", false, Some("void")),
        (
            CHECKOUT,
            &capture,
            submit.clone(),
            false,
            Method::Post,
            "/v1/payments/py%2Fxyz/capture",
            false,
            Some("capture"),
        ),
        (CHECKOUT, &refund, submit.clone(), false, Method::Post, "/v1/payments/py_xyz/refunds", false, Some("refund")),
        (CHECKOUT, &refund, Step::Lookup, false, Method::Get, "/v1/payments/py_xyz", false, None),
        (CHECKOUT, &refund, Step::Lookup, true, Method::Get, "/v1/refunds?limit=100", true, None),
        (CHECKOUT, &refund, settle("re_xyz"), false, Method::Get, "/v1/refunds/re_xyz", false, None),
    ];
    for (till, payment, step, listing, method, path, scoped, key) in rows {
        let request = till.request_of(payment, &step, &Search { listing, ..Search::default() });
        assert_eq!((request.method, request.path.as_str()), (method, path), "{step:?}");
        assert_eq!(request.submit, matches!(step, Step::Submit(_)), "{step:?}");
        assert_eq!(header(&request, "Authorization").as_deref(), Some("Bearer t0ken"), "{path}");
        assert_eq!(header(&request, "Accept").as_deref(), Some("application/json"), "{path}");
        assert_eq!(header(&request, "Sub-Account").as_deref(), scoped.then_some("acc_xyz"), "{path}");
        let expected = key.map(|what| format!("{KEY}-{what}"));
        assert!(expected.as_ref().is_none_or(|key| key.len() <= 100));
        assert_eq!(header(&request, "Idempotency-Key"), expected, "{path}");
        let bare = request.body.is_empty();
        assert_eq!(bare, method == Method::Get || matches!(key, Some("void" | "capture")), "{path}");
        assert_eq!(header(&request, "Content-Type").is_none(), bare, "{path}");
    }
}

#[test]
fn the_payment_that_the_session_named_is_looked_up_first() {
    let mut sale = CHECKOUT.sale();
    apply(&mut sale, Fact::TransactionNamed { id: "py_named".into() });
    assert_eq!(CHECKOUT.request(&sale, &Step::Lookup).path, "/v1/payments/py_named");
    let beyond = Search { beyond: true, ..Search::default() };
    assert_eq!(CHECKOUT.request_of(&sale, &Step::Lookup, &beyond).path, "/v1/checkouts/cho_xyz");
    let list = Search { listing: true, word: "2026-11-29T04:00:00Z".into(), ..Search::default() };
    let path = "/v1/payments?limit=100&created_after=2026-11-29T04%3A00%3A00Z";
    assert_eq!(CHECKOUT.request_of(&CHECKOUT.sale(), &Step::Lookup, &list).path, path);
    let page = Search { cursor: "a b".into(), ..list };
    let path = format!("{path}&after_cursor=a%20b");
    assert_eq!(CHECKOUT.request_of(&CHECKOUT.sale(), &Step::Lookup, &page).path, path);
    let page = Search { listing: true, cursor: "a b/c".into(), ..Search::default() };
    let refund = refunding(&[], &[], 0);
    let path = CHECKOUT.request_of(&refund, &Step::Lookup, &page).path;
    assert_eq!(path, "/v1/refunds?limit=100&after_cursor=a%20b%2Fc");
}

#[test]
fn without_a_token_nothing_is_written() {
    let account = crate::vendors::Account { session: None, entropy: [0; 20] };
    let refused = CHECKOUT.vendor().request(&Step::Watch, &CHECKOUT.sale(), &Search::default(), &account);
    assert!(refused.is_err());
}
