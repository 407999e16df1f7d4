//! List, read, pair, set up, delete, kick.

use crate::bench::Bench;
use posjunction_simulator::ebizcharge::{self as ebc, Scenario, Touch};
use serde_json::{Value, json};

const DEVICES: &str = "/paymentengine/devices";

fn path(key: &str) -> String {
    format!("{DEVICES}/{key}")
}

#[test]
fn the_list_and_its_words() {
    let mut bench = Bench::new();
    bench.cloud.script(Scenario::Timeout);
    bench.sale("1.00");
    let list = bench.get(DEVICES);
    assert_eq!((&list["type"], &list["limit"], &list["total"]), (&json!("list"), &json!(20), &json!(6)));
    let words: Vec<&Value> = list["data"].as_array().into_iter().flatten().map(|d| &d["status"]).collect();
    let (busy, ready) = ("processing transaction", "connected");
    assert_eq!(words, [busy, ready, "offline", busy, ready, ready]);
    let page = bench.get(&format!("{DEVICES}?limit=2&offset=1"));
    assert_eq!(page["data"][0]["key"], ebc::SECOND_DEVICE_KEY);
    assert_eq!(bench.call("GET", &path("sa_nobody"), &Value::Null).status, 404);
    bench.clean();
}

#[test]
fn pairing() {
    let mut bench = Bench::new();
    let body = json!({"terminal_type": "standalone", "name": "Register #1", "settings": {"timeout": 45}});
    let device = bench.call("POST", DEVICES, &body).value();
    let key = device["key"].as_str().unwrap_or_default().to_string();
    let code = device["pairing_code"].as_u64().unwrap_or_default() as u32;
    assert_eq!((&device["status"], &device["name"]), (&json!("waiting for device pairing"), &json!("Register 1")));
    assert_eq!((&device["settings"]["timeout"], &device["expiration"]), (&json!(45), &json!("2025-11-20 04:15:00")));
    assert!(device.get("terminal_info").is_none() && key.len() == 32);
    let sale = json!({"devicekey": key, "command": "sale", "amount": "1.00", "block_offline": true});
    assert_eq!(bench.submit(&sale).value()["errorcode"], 21_145);
    assert!(!bench.cloud.touch(&key, Touch::Pair(code + 1)));
    assert!(bench.cloud.touch(&key, Touch::Pair(code)));
    assert_eq!(bench.get(&path(&key))["status"], "connected");
    assert_eq!(bench.pay(&sale)["transaction"]["result_code"], "A");
    assert_eq!(bench.call("DELETE", &path(&key), &Value::Null).value(), json!({"status": "success"}));
    assert_eq!(bench.submit(&sale).value()["errorcode"], 21_121);
    bench.clean();
}

#[test]
fn a_code_nobody_types_dies_with_its_key() {
    let mut bench = Bench::new();
    let body = json!({"terminal_type": "standalone", "name": "Late"});
    let key = bench.call("POST", DEVICES, &body).value()["key"].as_str().unwrap_or_default().to_string();
    bench.wait(15 * 60_000);
    assert_eq!(bench.call("GET", &path(&key), &Value::Null).value()["errorcode"], 21_121);
    bench.cloud.switches.clerk_pairs_after_ms = Some(20_000);
    bench.cloud.switches.pairing_code_as_text = true;
    let device = bench.call("POST", DEVICES, &body).value();
    assert_eq!(device["pairing_code"].as_str().map(str::len), Some(6));
    bench.wait(20_000);
    assert_eq!(bench.get(&path(device["key"].as_str().unwrap_or_default()))["status"], "connected");
    bench.clean();
}

#[test]
fn settings() {
    let mut bench = Bench::new();
    let target = path(ebc::DEVICE_KEY);
    let changed = bench.call("PUT", &format!("{target}/settings"), &json!({"sleep_battery_device": 0})).value();
    assert_eq!(
        (&changed["settings"]["sleep_battery_device"], &changed["settings"]["timeout"]),
        (&json!(0), &json!(30))
    );
    bench.call("PUT", &format!("{target}/terminal-config"), &json!({"enable_tip_adjust": false}));
    bench.call("PUT", &target, &json!({"name": "Bar"}));
    assert_eq!(bench.get(&format!("{target}/terminal-config"))["enable_tip_adjust"], false);
    assert_eq!(bench.get(&target)["name"], "Bar");
    bench.clean();
    bench.call("PUT", &format!("{target}/settings"), &json!({"nonsense": 1}));
    assert_eq!(bench.cloud.violations().len(), 1);
}

#[test]
fn kicked_and_back() {
    let mut bench = Bench::new();
    let target = path(ebc::BUSY_DEVICE_KEY);
    let sale = json!({"devicekey": ebc::BUSY_DEVICE_KEY, "command": "sale", "amount": "3.00"});
    assert_eq!(bench.submit(&sale).value()["errorcode"], 21_146);
    assert_eq!(bench.call("POST", &format!("{target}/kick"), &Value::Null).value()["status"], "offline");
    // Held until the device is back.
    assert_eq!(bench.pay(&sale)["transaction"]["result_code"], "A");
    bench.clean();
}

#[test]
fn without_a_device_key() {
    let mut bench = Bench::with(ebc::Setup { default_device: None, ..ebc::Setup::default() });
    let answer = bench.submit(&json!({"command": "sale", "amount": "3.00"}));
    assert_eq!(answer.value()["errorcode"], 21_100);
}
