//! The page for people at `/`, and the JSON behind it at `/_simulator/`, which tests in other languages use too.
//!
//! These calls belong to the simulator, not to a vendor: no credentials, no rate limits, no records.

mod ebizcharge;
mod justifi;
mod sale;
mod stage;

use crate::ebizcharge::Cloud as EbizchargeCloud;
use crate::http::{Answer, Request};
use crate::justifi::Cloud as JustifiCloud;
use crate::payjunction::{AMOUNTS, Cloud, MERCHANT_TERMINAL_ID};
use serde_json::{Value, json};

const PAGE: &str = include_str!("index.html");
const OURS: &str = "/_simulator/";
const ROWS: usize = 60;

/// Whether the call is the simulator's own.
pub fn is_ours(request: &Request) -> bool {
    // A browser asks for the icon by itself; that is no breach of the vendor's rules.
    matches!(request.path.as_str(), "/" | "/favicon.ico") || request.path.starts_with(OURS)
}

/// The clouds behind the page.
pub struct Clouds<'a> {
    pub payjunction: &'a mut Cloud,
    pub ebizcharge: &'a mut EbizchargeCloud,
    pub justifi: &'a mut JustifiCloud,
}

/// Answers one of the simulator's own calls.
pub fn answer(clouds: Clouds<'_>, request: &Request) -> Answer {
    if !is_local(request) {
        return say(403, "only for this machine");
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/") => Answer::html(200, PAGE),
        ("GET", "/favicon.ico") => Answer::empty(204),
        ("GET", path) => match path.strip_prefix(OURS).and_then(|rest| look(&clouds, rest)) {
            Some(found) => Answer::json(200, &found),
            None => say(404, "no such page"),
        },
        ("POST", path) if is_json(request) => {
            let done = act(clouds, path.strip_prefix(OURS).unwrap_or_default(), request);
            done.map_or_else(|message| say(400, &message), |()| say(200, "done"))
        }
        ("POST", _) => say(415, "the body must be application/json"),
        _ => say(404, "no such page"),
    }
}

/// What is asked of a vendor's cloud: its state, or what the books say of one sale.
fn look(clouds: &Clouds<'_>, what: &str) -> Option<Value> {
    let (vendor, what) = of_vendor(what);
    let sale = what.strip_prefix("sale/");
    match (vendor, what, sale) {
        ("payjunction", "state", _) => Some(state(clouds.payjunction)),
        ("ebizcharge", "state", _) => Some(ebizcharge::state(clouds.ebizcharge)),
        ("justifi", "state", _) => Some(justifi::state(clouds.justifi)),
        ("payjunction", _, Some(key)) => Some(json!(sale::payjunction(clouds.payjunction, key))),
        ("ebizcharge", _, Some(key)) => Some(json!(sale::ebizcharge(clouds.ebizcharge, key))),
        ("justifi", _, Some(key)) => Some(json!(sale::justifi(clouds.justifi, key))),
        _ => None,
    }
}

fn act(clouds: Clouds<'_>, what: &str, request: &Request) -> Result<(), String> {
    match of_vendor(what) {
        ("ebizcharge", action) => stage::act(clouds.ebizcharge, action, request),
        ("justifi", "revoke") => {
            clouds.justifi.revoke_tokens();
            Ok(())
        }
        ("justifi", action) => stage::act(clouds.justifi, action, request),
        (_, action) => stage::act(clouds.payjunction, action, request),
    }
}

/// `VENDOR/...`, where PayJunction need not be named.
fn of_vendor(what: &str) -> (&str, &str) {
    match what.split_once('/') {
        Some((vendor @ ("payjunction" | "ebizcharge" | "justifi"), rest)) => (vendor, rest),
        _ => ("payjunction", what),
    }
}

pub fn say(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"message": message}))
}

/// Why a call that changes something is not carried out.
pub fn refusal(request: &Request) -> Option<Answer> {
    if !is_local(request) {
        return Some(say(403, "only for this machine"));
    }
    (!is_json(request)).then(|| say(415, "the body must be application/json"))
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
        "emails": last(cloud.emails()),
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
