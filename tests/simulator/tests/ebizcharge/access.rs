//! Credentials, the lock-out, the limits, faults on the road.

use crate::bench::Bench;
use posjunction_simulator::ebizcharge::{self as ebc, authorization};
use posjunction_simulator::{CallKind, Fault, Request, When};
use serde_json::{Value, json};

const PROBE: &str = "/transactions?limit=1";

#[test]
fn who_may_call() {
    let good = ebc::request("GET", PROBE, &Value::Null, "once");
    let with = |value: &str| good.clone().with_header("Authorization", value);
    let cases: [(Request, u16, Option<u64>, usize); 6] = [
        (good.clone(), 200, None, 0),
        (good.clone().without_header("Authorization"), 401, Some(0), 1),
        (with("Basic nonsense"), 401, Some(10_137), 1),
        (with(&authorization("another key", "s", ebc::PIN)), 401, Some(23), 0),
        (with(&authorization(ebc::API_KEY, "s", "9999")), 401, Some(21_002), 0),
        (with(&authorization(ebc::API_KEY, "", ebc::PIN)), 200, None, 1),
    ];
    for (request, status, code, violations) in cases {
        let mut bench = Bench::new();
        let answer = bench.send(&request);
        assert_eq!((answer.status, answer.value()["errorcode"].as_u64()), (status, code), "{}", answer.text());
        assert_eq!(bench.cloud.violations().len(), violations, "{:?}", bench.cloud.violations());
    }
}

#[test]
fn a_seed_serves_once() {
    let mut bench = Bench::new();
    let request = ebc::request("GET", PROBE, &Value::Null, "the same");
    assert_eq!([bench.send(&request).status, bench.send(&request).status], [200, 200]);
    assert_eq!(bench.cloud.violations().len(), 1);
}

#[test]
fn repeated_401_locks_the_host_out_for_an_hour() {
    let mut bench = Bench::new();
    bench.cloud.change_pin("0000");
    let codes: Vec<u64> =
        (0..6).map(|_| bench.call("GET", PROBE, &Value::Null).value()["errorcode"].as_u64().unwrap_or(1)).collect();
    assert_eq!(codes, [21_002, 21_002, 21_002, 21_002, 10_140, 10_140]);
    assert_eq!(bench.cloud.violations().len(), 5, "the first one was no fault of the client");
    bench.cloud.change_pin(ebc::PIN);
    assert_eq!(bench.call("GET", PROBE, &Value::Null).status, 401);
    bench.wait(3_600_000);
    assert_eq!(bench.call("GET", PROBE, &Value::Null).status, 200);
}

#[test]
fn forty_five_calls_a_minute() {
    let mut bench = Bench::new();
    bench.pause = 1_000;
    for n in 1..=45 {
        let answer = bench.call("GET", PROBE, &Value::Null);
        assert_eq!(answer.header("X-Rate-Limit"), Some(format!("{n} of 45/min; {n} of 5000/day").as_str()));
    }
    bench.clean();
    let limited = bench.call("GET", PROBE, &Value::Null);
    assert_eq!(limited.value(), json!({"error": "API Rate Limit Exceed", "errorcode": 155}));
    assert_eq!((limited.status, limited.header("X-Rate-Limit")), (429, Some("45 of 45/min; 45 of 5000/day")));
    assert_eq!(bench.cloud.violations().len(), 1);
    bench.wait(14_000);
    assert_eq!(bench.call("GET", PROBE, &Value::Null).status, 200);
}

#[test]
fn five_thousand_calls_a_day() {
    let mut bench = Bench::new();
    bench.pause = 1_400;
    let statuses: Vec<u16> =
        (0..5_001).map(|_| bench.call("GET", "/transactions?limit=1", &Value::Null).status).collect();
    assert!(statuses[..5_000].iter().all(|status| *status == 200));
    assert_eq!((statuses[5_000], bench.cloud.violations().len()), (429, 1));
}

#[test]
fn what_neighbors_spend_is_nobodys_fault() {
    let mut bench = Bench::new();
    assert_eq!(bench.call("GET", PROBE, &Value::Null).status, 200);
    bench.cloud.neighbors_call("v2", 44);
    assert_eq!(bench.call("GET", PROBE, &Value::Null).status, 429);
    bench.clean();
}

#[test]
fn endpoint_keys_have_budgets_of_their_own() {
    let mut bench = Bench::new();
    let mut call = |endpoint: &str, rest: &str| {
        let seed = bench.seed();
        let mut request = ebc::request("GET", "", &Value::Null, &seed);
        request.path = format!("/api/{endpoint}{rest}");
        bench.send(&request)
    };
    let budget = call(ebc::ENDPOINT_KEY, "/paymentengine/devices").header("X-Rate-Limit").map(String::from);
    assert_eq!(budget.as_deref(), Some("1 of 600/min; 1 of 100000/day"));
    assert_eq!([call("RATELIMT", "/_").status, call("RATELIMT", "/_").status], [404, 429]);
    assert_eq!(call("IPACCESS", "/_").value(), json!({"error": "Access Denied", "errorcode": 156}));
    assert_eq!(call("nobody", "/transactions").value()["errorcode"], 21_001);
    assert!(bench.send(&Request::new("GET", "/ping")).text().starts_with("UP:"));
}

#[test]
fn faults_speak_the_vendors_words() {
    let mut bench = Bench::new();
    let mut fail = |fault| {
        bench.cloud.fail_next(CallKind::Search, When::Before, fault);
        let answer = bench.call("GET", PROBE, &Value::Null);
        (answer.status, answer.value()["errorcode"].as_u64(), answer.header("Retry-After").map(String::from))
    };
    assert_eq!(fail(Fault::RateLimited(Some(7))), (429, Some(155), Some("7".into())));
    assert_eq!(fail(Fault::ServerError), (500, Some(900_001), None));
    assert_eq!(fail(Fault::BadGateway), (502, None, None));
    bench.clean();
}

#[test]
fn executed_and_lost() {
    let mut bench = Bench::new();
    let body = json!({"command": "sale", "amount": "8.88", "orderid": "wire 1"});
    bench.cloud.fail_next(CallKind::Submit, When::After, Fault::Reset);
    assert_eq!(bench.submit(&body).fault, Some(Fault::Reset));
    bench.wait(30_000);
    bench.cloud.fail_next(CallKind::Submit, When::Before, Fault::Drop);
    assert_eq!(bench.submit(&body).fault, Some(Fault::Drop));
    bench.cloud.fail_next(CallKind::Submit, When::Before, Fault::Delay(5_000));
    assert_eq!(bench.submit(&body).fault, Some(Fault::Silence(5_000)));
    assert_eq!((bench.cloud.submits("wire 1"), bench.cloud.charges("wire 1").len()), (3, 1));
    bench.wait(30_000);
    assert_eq!(bench.cloud.charges("wire 1").len(), 2, "the late one was carried out after all");
    bench.clean();
}

#[test]
fn a_key_without_the_command() {
    let mut bench = Bench::new();
    bench.cloud.switches.forbidden = vec![CallKind::Submit];
    let answer = bench.submit(&json!({"command": "sale", "amount": "1.00"}));
    assert_eq!((answer.status, &answer.value()["errorcode"]), (403, &json!(80)));
    bench.clean();
}
