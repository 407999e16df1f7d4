//! The page for people at `/`, and the JSON behind it at `/_simulator/`, which tests in other languages use too.
//!
//! These calls belong to the simulator, not to a vendor: no credentials, no rate limits, no records.

use crate::faults::{CallKind, Fault, FaultRates, Matcher, When};
use crate::http::{Answer, Request};
use crate::payjunction::{AMOUNTS, Cloud, MERCHANT_TERMINAL_ID, Scenario, Switches, Touch};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const PAGE: &str = include_str!("index.html");
const ROWS: usize = 60;

/// Whether the call is the simulator's own.
pub fn is_ours(request: &Request) -> bool {
    // A browser asks for the icon by itself; that is no breach of the vendor's rules.
    matches!(request.path.as_str(), "/" | "/favicon.ico") || request.path.starts_with("/_simulator/")
}

/// Answers one of the simulator's own calls.
pub fn answer(cloud: &mut Cloud, request: &Request) -> Answer {
    if !is_local(request) {
        return say(403, "only for this machine");
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/") => Answer::html(200, PAGE),
        ("GET", "/favicon.ico") => Answer::empty(204),
        ("GET", "/_simulator/state") => Answer::json(200, &state(cloud)),
        ("POST", _) if is_json(request) => match act(cloud, request) {
            Ok(()) => say(200, "done"),
            Err(message) => say(400, &message),
        },
        ("POST", _) => say(415, "the body must be application/json"),
        _ => say(404, "no such page"),
    }
}

fn say(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"message": message}))
}

/// A page of another site that resolves its own name to this machine must not reach the terminal.
fn is_local(request: &Request) -> bool {
    let host = request.header("host").unwrap_or("127.0.0.1");
    matches!(host.split(':').next(), Some("127.0.0.1" | "localhost"))
}

/// A form of another site cannot send this type, so it cannot press the buttons.
fn is_json(request: &Request) -> bool {
    request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"))
}

#[derive(Deserialize)]
struct TouchCall {
    terminal: String,
    touch: Touch,
}

#[derive(Deserialize)]
struct ScriptCall {
    scenario: Scenario,
}

#[derive(Deserialize)]
struct ModeCall {
    terminal: String,
    touch: bool,
}

#[derive(Deserialize)]
struct FailCall {
    kind: Option<CallKind>,
    when: When,
    fault: Fault,
    #[serde(default = "one")]
    nth: u32,
    #[serde(default = "one")]
    times: u32,
}

fn one() -> u32 {
    1
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

fn act(cloud: &mut Cloud, request: &Request) -> Result<(), String> {
    match request.path.as_str() {
        "/_simulator/touch" => {
            let call: TouchCall = read(request)?;
            let done = cloud.touch(&call.terminal, call.touch);
            done.then_some(()).ok_or_else(|| "nothing to do that to".into())
        }
        "/_simulator/mode" => {
            let call: ModeCall = read(request)?;
            let done = cloud.set_touch(&call.terminal, call.touch);
            done.then_some(()).ok_or_else(|| "no such terminal".into())
        }
        "/_simulator/script" => read(request).map(|call: ScriptCall| cloud.script(call.scenario)),
        "/_simulator/fail" => read(request).map(|call: FailCall| {
            let matcher = Matcher { kind: call.kind, nth: call.nth, times: call.times };
            cloud.fail_next(matcher, call.when, call.fault);
        }),
        "/_simulator/rates" => read(request).map(|rates: FaultRates| cloud.fail_randomly(rates)),
        "/_simulator/switches" => merge(&cloud.switches, read(request)?).map(|switches| cloud.switches = switches),
        "/_simulator/heal" => {
            cloud.heal();
            Ok(())
        }
        "/_simulator/settle" => {
            cloud.settle();
            Ok(())
        }
        _ => Err("no such action".into()),
    }
}

/// The switches with the named ones replaced.
fn merge(switches: &Switches, changes: Value) -> Result<Switches, String> {
    let mut merged = serde_json::to_value(switches).map_err(|error| error.to_string())?;
    for (name, value) in changes.as_object().ok_or("not an object")? {
        merged[name] = value.clone();
    }
    serde_json::from_value(merged).map_err(|error| error.to_string())
}

fn state(cloud: &Cloud) -> Value {
    let setup = cloud.setup();
    let terminals: Vec<Value> = cloud
        .terminals()
        .iter()
        .map(|t| json!({"id": t.id, "name": t.nick_name, "plugged": t.plugged, "touch": t.touch, "screen": t.screen.text()}))
        .collect();
    let amounts: Vec<Value> = AMOUNTS
        .iter()
        .map(|(cents, scenario, text)| json!({"cents": cents, "scenario": scenario, "text": text}))
        .collect();
    let transactions: Vec<Value> = last(cloud.ledger())
        .into_iter()
        .map(|t| {
            let mut row = json!(t);
            row["total"] = json!(t.amounts.total());
            row
        })
        .collect();
    json!({
        "now_ms": cloud.now_ms(),
        "setup": {
            "base_url": setup.base_url,
            "login": setup.login,
            "password": setup.password,
            "application_key": setup.application_key,
            "merchant_terminal_id": MERCHANT_TERMINAL_ID,
        },
        "terminals": terminals,
        "requests": last(cloud.requests()),
        "transactions": transactions,
        "calls": last(cloud.calls()),
        "violations": last(cloud.violations()),
        "switches": cloud.switches,
        "scripts": cloud.scripts().collect::<Vec<_>>(),
        "faults": cloud.faults().queue(),
        "rates": cloud.faults().rates,
        "amounts": amounts,
    })
}

/// The newest rows, newest first.
fn last<T>(rows: &[T]) -> Vec<&T> {
    rows.iter().rev().take(ROWS).collect()
}
