//! The endpoints of the devices: list, read, pair, set up, delete, kick.

use crate::ebizcharge::cloud::{Cloud, Event};
use crate::ebizcharge::device::Device;
use crate::ebizcharge::envelope::{refusal_with, text};
use crate::ebizcharge::params::{Rule, Shape};
use crate::ebizcharge::payrequest::Status;
use crate::ebizcharge::progress::success;
use crate::ebizcharge::route::Part;
use crate::ebizcharge::setup::DeviceSetup;
use crate::http::{Answer, Request};
use serde_json::{Value, json};

const DEVICE: [Rule; 4] = [
    ("name", Shape::Text(255)),
    ("terminal_type", Shape::Text(32)),
    ("settings", Shape::Map),
    ("terminal_config", Shape::Map),
];
const SETTINGS: [Rule; 9] = [
    ("timeout", Shape::Number),
    ("enable_standalone", Shape::Bool),
    ("share_device", Shape::Bool),
    ("notify_update", Shape::Bool),
    ("notify_update_next", Shape::Text(64)),
    ("sleep_battery_device", Shape::Number),
    ("sleep_battery_display", Shape::Number),
    ("sleep_powered_device", Shape::Number),
    ("sleep_powered_display", Shape::Number),
];
const CONFIG: [Rule; 5] = [
    ("enable_emv", Shape::Bool),
    ("enable_debit_msr", Shape::Bool),
    ("enable_tip_adjust", Shape::Bool),
    // The same on an older page.
    ("tip_adjust", Shape::Bool),
    ("enable_contactless", Shape::Bool),
];

impl Cloud {
    pub(super) fn device_index(&self, key: &str) -> Result<usize, Answer> {
        let found = self.devices.iter().position(|d| d.key == key && !d.deleted);
        found.ok_or_else(|| refusal_with(404, 21_121, &format!("{} {key}", text(21_121))))
    }

    fn device_word(&self, device: &Device) -> &'static str {
        let ready = if self.switches.device_says_online { "online" } else { "connected" };
        if self.switches.device_always_connected {
            ready
        } else if device.pairing_code.is_some() {
            "waiting for device pairing"
        } else if !device.is_connected() || self.is_unreached(device) {
            "offline"
        } else if device.is_taken() {
            "processing transaction"
        } else {
            ready
        }
    }

    /// The story of its request is that the device cannot be reached yet.
    fn is_unreached(&self, device: &Device) -> bool {
        device.running.is_some_and(|r| self.requests[r].status == Status::SendingToDevice)
    }

    fn device_json(&self, device: &Device) -> Value {
        device.json(self.device_word(device), &self.local(device.expires_ms), self.switches.pairing_code_as_text)
    }

    fn device_answer(&self, d: usize) -> Answer {
        Answer::json(200, &self.device_json(&self.devices[d]))
    }

    pub(super) fn list_devices(&mut self, request: &Request) -> Answer {
        let known = self.devices.iter().filter(|d| !d.deleted);
        let rows: Vec<Value> = known.map(|device| self.device_json(device)).collect();
        let total = json!(rows.len());
        self.page(request, rows, total)
    }

    pub(super) fn get_device(&self, key: &str, part: Option<Part>) -> Answer {
        match (self.device_index(key), part) {
            (Err(refusal), _) => refusal,
            (Ok(d), None) => self.device_answer(d),
            (Ok(d), Some(Part::Settings)) => Answer::json(200, &self.devices[d].settings),
            (Ok(d), Some(Part::TerminalConfig)) => Answer::json(200, &self.devices[d].terminal_config),
        }
    }

    pub(super) fn new_device(&mut self, request: &Request) -> Answer {
        let params = self.params(request, &[&DEVICE]);
        if params.text("terminal_type") != Some("standalone") {
            self.violate("terminal_type must be standalone");
        }
        let key = format!("sa_{}", self.letters(29));
        let name = params.text("name").map(plain).unwrap_or_default();
        let setup = DeviceSetup { key, name, plugged: true, occupied: false, touch: false, battery_low: false };
        let mut device = Device::new(&setup);
        device.pairing_code = Some(100_000 + self.rng.below(900_000) as u32);
        device.expires_ms = self.now + self.setup.pairing_ms;
        device.rest();
        let d = self.devices.len();
        self.devices.push(device);
        self.merge(d, Part::Settings, params.value("settings"));
        self.merge(d, Part::TerminalConfig, params.value("terminal_config"));
        self.plan_in(self.setup.pairing_ms, Event::Unpaired { device: d });
        if let Some(ms) = self.switches.clerk_pairs_after_ms {
            self.plan_in(ms, Event::Paired { device: d });
        }
        self.device_answer(d)
    }

    pub(super) fn change_device(&mut self, key: &str, request: &Request) -> Answer {
        let params = self.params(request, &[&DEVICE]);
        let d = match self.device_index(key) {
            Ok(d) => d,
            Err(refusal) => return refusal,
        };
        if let Some(name) = params.text("name") {
            self.devices[d].name = plain(name);
        }
        self.merge(d, Part::Settings, params.value("settings"));
        self.merge(d, Part::TerminalConfig, params.value("terminal_config"));
        self.device_answer(d)
    }

    pub(super) fn change_part(&mut self, key: &str, part: Part, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match self.device_index(key) {
            Ok(d) => {
                self.merge(d, part, Some(&body));
                self.device_answer(d)
            }
            Err(refusal) => refusal,
        }
    }

    /// Takes over what is sent; the rest stays.
    fn merge(&mut self, d: usize, part: Part, changes: Option<&Value>) {
        let Some(changes) = changes else { return };
        let table: &[Rule] = if part == Part::Settings { &SETTINGS } else { &CONFIG };
        let params = crate::ebizcharge::params::Params::read(changes.to_string().as_bytes(), &[table]);
        for what in &params.violations {
            self.violate(format!("{}: {what}", part.member()));
        }
        let device = &mut self.devices[d];
        let target = if part == Part::Settings { &mut device.settings } else { &mut device.terminal_config };
        for (name, value) in params.of(table) {
            target[name] = value;
        }
    }

    pub(super) fn delete_device(&mut self, key: &str) -> Answer {
        match self.device_index(key) {
            Ok(d) => {
                self.unplug(d);
                self.devices[d].deleted = true;
                success()
            }
            Err(refusal) => refusal,
        }
    }

    /// Cuts the line; the device comes back by itself, and whoever used it is gone.
    pub(super) fn kick(&mut self, key: &str) -> Answer {
        match self.device_index(key) {
            Ok(d) => {
                self.unplug(d);
                self.devices[d].occupied = false;
                self.plan_in(self.takes(|t| t.reconnect), Event::Reconnect { device: d });
                self.device_answer(d)
            }
            Err(refusal) => refusal,
        }
    }

    pub(super) fn paired(&mut self, d: usize) {
        let device = &mut self.devices[d];
        if !device.deleted {
            device.pairing_code = None;
            self.plug(d);
        }
    }

    /// A code that nobody typed is deleted, and the device key with it.
    pub(super) fn unpaired(&mut self, d: usize) {
        if self.devices[d].pairing_code.is_some() {
            self.devices[d].deleted = true;
        }
    }
}

/// Letters, digits, blanks and dashes; the rest is stripped.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stripped() {
        assert_eq!(plain("Register #1 - \"Bar\""), "Register 1 - Bar");
    }
}
