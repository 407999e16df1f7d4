//! Tokens, headers, bodies, faults on the road.

use crate::bench::{Bench, code};
use posjunction_simulator::justifi::{self as jf, Setup};
use posjunction_simulator::{CallKind, Fault, Request, When};
use serde_json::{Value, json};

const HOUR_MS: u64 = 3_600_000;

fn probe(bench: &mut Bench) -> u16 {
    bench.call("GET", "/terminals", &Value::Null).status
}

#[test]
fn a_token_lives_for_a_day() {
    let mut bench = Bench::new();
    bench.wait(24 * HOUR_MS - 2_000);
    assert_eq!(probe(&mut bench), 200);
    bench.wait(2_000);
    let answer = bench.call("GET", "/terminals", &Value::Null);
    assert_eq!((answer.status, code(&answer)), (401, "not_authenticated".into()));
    bench.renew();
    assert_eq!((probe(&mut bench), bench.cloud.tokens_given()), (200, 2));
    bench.clean();
}

#[test]
fn revoked_tokens_are_renewed_at_once() {
    let mut bench = Bench::new();
    bench.cloud.revoke_tokens();
    assert_eq!(probe(&mut bench), 401);
    // What was on the road then carries it too.
    assert_eq!(probe(&mut bench), 401);
    bench.renew();
    assert_eq!(probe(&mut bench), 200);
    bench.clean();
}

#[test]
fn a_refused_token_is_not_sent_for_ever() {
    let mut bench = Bench::new();
    bench.cloud.revoke_tokens();
    assert_eq!(probe(&mut bench), 401);
    bench.wait(10_000);
    assert_eq!(probe(&mut bench), 401);
    assert_eq!(bench.cloud.violations().len(), 1);
}

#[test]
fn tokens_are_asked_for_once_a_minute_unless_refused_or_lost() {
    let mut bench = Bench::new();
    bench.wait(60_000);
    bench.cloud.fail_next(CallKind::Authenticate, When::After, Fault::Reset);
    bench.send(&jf::token_request());
    bench.renew();
    bench.clean();
    bench.cloud.client_restarts();
    bench.renew();
    bench.clean();
    bench.renew();
    assert_eq!((bench.cloud.violations().len(), bench.cloud.tokens_given()), (1, 5));
    let mut two = Bench::with(Setup { clients: 2, ..Setup::default() });
    two.renew();
    two.clean();
}

#[test]
fn a_token_that_comes_late_may_have_found_nobody() {
    let mut bench = Bench::new();
    bench.cloud.revoke_tokens();
    bench.cloud.fail_next(CallKind::ListTerminals, When::After, Fault::Delay(2_000));
    assert_eq!(probe(&mut bench), 401);
    bench.cloud.fail_next(CallKind::Authenticate, When::After, Fault::Delay(40_000));
    bench.renew();
    bench.renew();
    bench.clean();
    bench.renew();
    assert_eq!(bench.cloud.violations().len(), 1);
}

#[test]
fn a_wrong_secret() {
    let mut bench = Bench::new();
    let wrong = json!({"client_id": jf::CLIENT_ID, "client_secret": "wrong"}).to_string();
    let call = jf::token_request().with_header("Content-Length", &wrong.len().to_string()).with_body(wrong);
    bench.wait(60_000);
    let answer = bench.send(&call);
    assert_eq!((answer.status, code(&answer)), (401, "not_authenticated".into()));
    bench.clean();
    bench.send(&call);
    assert_eq!(bench.cloud.violations().len(), 1, "it was refused a second ago");
    let calls = format!("{:?}", bench.cloud.calls());
    assert!(!calls.contains("wrong") && !calls.contains(&bench.token), "secrets are masked");
}

#[test]
fn the_gate() {
    let good = |bench: &Bench| jf::request(&bench.token, "GET", "/terminals", &Value::Null, "");
    type Change = fn(Request) -> Request;
    let cases: [(Change, u16, usize); 7] = [
        (|r| r, 200, 0),
        (|r| r.without_header("Sub-Account"), 200, 0),
        (|r| r.with_header("Sub-Account", "acc_somebody"), 403, 0),
        (|r| r.without_header("Authorization"), 401, 1),
        (|r| r.with_header("Authorization", "Basic eA=="), 401, 1),
        (|r| r.with_header("Authorization", "Bearer nobodys"), 401, 0),
        (|r| r.with_body("{}").with_header("Content-Type", "application/json"), 200, 1),
    ];
    for (n, (change, status, violations)) in cases.into_iter().enumerate() {
        let mut bench = Bench::new();
        let call = change(good(&bench));
        let answer = bench.send(&call);
        assert_eq!((answer.status, bench.cloud.violations().len()), (status, violations), "case {n}");
    }
}

#[test]
fn a_checkout_and_an_intent_need_their_sub_account() {
    let mut bench = Bench::new();
    for (target, body) in [
        ("/checkouts", json!({"amount": 100, "description": "d"})),
        ("/payment_intents", json!({"amount": 100, "currency": "usd", "description": "d"})),
    ] {
        let call = jf::request(&bench.token, "POST", target, &body, target);
        let answer = bench.send(&call.clone().without_header("Sub-Account"));
        assert_eq!((answer.status, code(&answer)), (403, "invalid_sub_account".into()));
        assert_eq!(bench.send(&call).status, 201);
    }
    assert_eq!(bench.cloud.violations().len(), 2);
}

#[test]
fn what_a_body_must_not_say() {
    let cases = [
        (json!({"description": "d"}), 422, "amount_required"),
        (json!({"amount": "100", "description": "d"}), 422, "amount_must_be_an_integer"),
        (json!({"amount": 10.5, "description": "d"}), 422, "amount_must_be_an_integer"),
        (json!({"amount": 50, "description": "d"}), 422, "amount_below_minimum"),
        (json!({"amount": 100_000_000, "description": "d"}), 422, "amount_above_maximum"),
        (json!({"amount": 100}), 422, "parameter_missing"),
        (json!([1]), 400, "unexpected_parameter"),
        (json!({"amount": 100, "description": "d", "currency": "cad"}), 422, "checkout_invalid_currency"),
        (
            json!({"amount": 100, "description": "d", "application_fees": {"card": {"amount": 1}},
                "payment": {"fees": [{"type": "platform_fee", "amount": 1}]}}),
            422,
            "fee_and_application_fee_declared",
        ),
        // Tolerated, and a breach all the same.
        (json!({"amount": 100, "description": "d", "tip": 5}), 201, ""),
        (json!({"amount": 100, "description": "d", "metadata": "text"}), 201, ""),
        (json!({"amount": 100, "description": "d", "statement_descriptor": "Joe"}), 201, ""),
    ];
    for (body, status, expected) in cases {
        let mut bench = Bench::new();
        let answer = bench.post("/checkouts", &body);
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{body}");
        assert!(!bench.cloud.violations().is_empty(), "{body}");
    }
    let mut bench = Bench::new();
    assert_eq!(bench.post("/checkouts", &json!({"amount": 51, "description": "d"})).status, 201);
    bench.clean();
}

#[test]
fn paths_nobody_documents() {
    let mut bench = Bench::new();
    for (method, target) in [("POST", "/terminals/trm_1/cancel"), ("DELETE", "/checkouts/x"), ("GET", "/sessions/x")] {
        let answer = bench.call(method, target, &Value::Null);
        assert_eq!((answer.status, code(&answer)), (404, "resource_not_found".into()));
    }
    assert_eq!(bench.cloud.violations().len(), 3);
}

#[test]
fn one_checkout_is_read_once_a_second() {
    let mut bench = Bench::new();
    let (one, two) = (bench.checkout(500, "a"), bench.checkout(600, "b"));
    bench.pause = 999;
    bench.poll(&one);
    bench.poll(&two);
    bench.clean();
    bench.poll(&two);
    bench.clean_but(1);
    bench.wait(1);
    bench.poll(&two);
    bench.clean_but(1);
}

#[test]
fn faults_speak_the_vendors_words() {
    let mut bench = Bench::new();
    let mut fail = |fault| {
        bench.cloud.fail_next(CallKind::ListTerminals, When::Before, fault);
        let answer = bench.call("GET", "/terminals", &Value::Null);
        (answer.status, code(&answer), answer.header("Retry-After").map(String::from), answer.fault)
    };
    let limited = "gateway_rate_limit_error".to_string();
    assert_eq!(fail(Fault::RateLimited(Some(7))), (429, limited, Some("7".into()), None));
    assert_eq!(fail(Fault::ServerError), (500, "internal_server_error".into(), None, None));
    assert_eq!(fail(Fault::BadGateway), (502, String::new(), None, None));
    for fault in [Fault::Drop, Fault::Reset, Fault::HalfBody, Fault::Garbage, Fault::Silence(5)] {
        assert_eq!(fail(fault).3, Some(fault));
    }
    bench.clean();
}

#[test]
fn each_kind_of_call_can_be_executed_and_lost() {
    let mut bench = Bench::new();
    let checkout = bench.checkout(1_000, "wire 1");
    for (when, session) in [(When::Before, 0), (When::After, 1)] {
        bench.cloud.fail_next(CallKind::Submit, when, Fault::Reset);
        assert_eq!(bench.pay(&checkout).fault, Some(Fault::Reset));
        assert_eq!(bench.cloud.requests().len(), session);
    }
    bench.wait(30_000);
    assert_eq!((bench.cloud.submits("wire 1"), bench.cloud.charges("wire 1").len()), (2, 1));
    let id = bench.cloud.ledger()[0].id.clone();
    bench.cloud.fail_next(CallKind::Refund, When::After, Fault::BadGateway);
    let refund = bench.post(&format!("/payments/{id}/refunds"), &json!({"amount": 400}));
    assert_eq!((refund.status, bench.cloud.moved_cents()), (502, 600));
    let two = bench.paid(2_000);
    bench.cloud.fail_next(CallKind::Void, When::After, Fault::ServerError);
    assert_eq!(bench.post(&format!("/payments/{two}/void"), &Value::Null).status, 500);
    assert_eq!(bench.cloud.moved_cents(), 600);
    bench.cloud.fail_next(CallKind::Prepare, When::After, Fault::HalfBody);
    bench.post("/checkouts", &json!({"amount": 100, "description": "d"}));
    assert_eq!(bench.cloud.checkouts().len(), 3);
    bench.clean();
}

#[test]
fn a_call_that_is_stuck_is_carried_out_late() {
    let mut bench = Bench::new();
    let checkout = bench.checkout(1_000, "wire 1");
    bench.cloud.fail_next(CallKind::Submit, When::Before, Fault::Delay(20_000));
    assert_eq!(bench.pay(&checkout).fault, Some(Fault::Silence(20_000)));
    assert!(bench.cloud.requests().is_empty());
    bench.wait(40_000);
    assert_eq!((bench.poll(&checkout)["status"].as_str(), bench.cloud.moved_cents()), (Some("completed"), 1_000));
    bench.clean();
}

#[test]
fn where_money_may_not_move() {
    let mut bench = Bench::new();
    let checkout = bench.checkout(1_000, "wire 1");
    bench.cloud.switches.sub_account_disabled = true;
    assert_eq!(bench.pay(&checkout).status, 400);
    bench.cloud.switches.sub_account_disabled = false;
    bench.cloud.switches.forbidden = vec![CallKind::Submit];
    let answer = bench.pay(&checkout);
    assert_eq!((answer.status, code(&answer)), (403, "not_authorized".into()));
    assert!(bench.cloud.requests().is_empty());
    bench.clean();
}

#[test]
fn every_answer_has_an_id_and_a_date() {
    let mut bench = Bench::new();
    let answer = bench.call("GET", "/terminals", &Value::Null);
    assert!(answer.header("Request-Id").is_some_and(|id| id.starts_with("req_")));
    assert_eq!(answer.header("Date"), Some("Thu, 20 Nov 2025 12:00:01 GMT"));
}

impl Bench {
    fn clean_but(&self, violations: usize) {
        assert_eq!(self.cloud.violations().len(), violations, "{:#?}", self.cloud.violations());
    }
}
