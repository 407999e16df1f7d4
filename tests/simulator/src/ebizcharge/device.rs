//! A device on the counter, what it shows, and what the API says about it.

use crate::ebizcharge::setup::DeviceSetup;
use crate::money::money;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the customer sees.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Screen {
    Idle,
    Dark,
    Occupied,
    /// The prompt for a pairing code.
    Pairing,
    /// Insert, swipe or tap, for so many cents.
    Present(i64),
    AnotherCard(i64),
    Processing,
    Sign,
}

impl Screen {
    /// The words on the screen.
    pub fn text(&self) -> String {
        match self {
            Screen::Idle => "Welcome".into(),
            Screen::Dark => String::new(),
            Screen::Occupied => "In use".into(),
            Screen::Pairing => "Enter pairing code".into(),
            Screen::Present(cents) => format!("${}\nInsert, swipe or tap", money(*cents)),
            Screen::AnotherCard(cents) => format!("Declined\n${}\nTry another card", money(*cents)),
            Screen::Processing => "Processing\nDo not remove the card".into(),
            Screen::Sign => "Approved\nPlease sign".into(),
        }
    }
}

/// A device.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    pub key: String,
    pub name: String,
    pub plugged: bool,
    pub occupied: bool,
    pub touch: bool,
    pub battery_low: bool,
    /// Waits for this code, until it is paired.
    pub pairing_code: Option<u32>,
    pub deleted: bool,
    pub screen: Screen,
    pub settings: Value,
    pub terminal_config: Value,
    /// When the pairing code dies.
    pub(super) expires_ms: u64,
    /// Index of the request it works on.
    pub(super) running: Option<usize>,
}

impl Device {
    pub(super) fn new(setup: &DeviceSetup) -> Device {
        let mut device = Device {
            key: setup.key.clone(),
            name: setup.name.clone(),
            plugged: setup.plugged,
            occupied: setup.occupied,
            touch: setup.touch,
            battery_low: setup.battery_low,
            pairing_code: None,
            deleted: false,
            screen: Screen::Idle,
            settings: default_settings(),
            terminal_config: default_config(),
            expires_ms: 0,
            running: None,
        };
        device.rest();
        device
    }

    pub fn is_connected(&self) -> bool {
        self.plugged && self.pairing_code.is_none() && !self.deleted
    }

    pub fn is_taken(&self) -> bool {
        self.occupied || self.running.is_some()
    }

    /// Back to the screen it shows when nobody pays.
    pub(super) fn rest(&mut self) {
        self.running = None;
        self.screen = if !self.plugged {
            Screen::Dark
        } else if self.pairing_code.is_some() || self.deleted {
            Screen::Pairing
        } else if self.occupied {
            Screen::Occupied
        } else {
            Screen::Idle
        };
    }

    /// The device as JSON, with the status word and the local time its code dies.
    pub(super) fn json(&self, status: &str, expiration: &str, code_as_text: bool) -> Value {
        let mut device = json!({
            "type": "device",
            "key": self.key,
            "apikeyid": "ntC8nP31Moh0wtvYT",
            "terminal_type": "standalone",
            "status": status,
            "name": self.name,
            "settings": self.settings,
            "terminal_config": self.terminal_config,
        });
        if let Some(code) = self.pairing_code {
            device["pairing_code"] = if code_as_text { json!(code.to_string()) } else { json!(code) };
            device["expiration"] = json!(expiration);
            return device;
        }
        device["terminal_info"] = json!({
            "make": "Castles", "model": "VEGA3000", "revision": "18043001-0055.00", "serial": "011118170300198",
            "key_pin": "FFFF5B04", "key_pan": "FF908A",
        });
        device["capabilities"] = json!({
            "emv": true, "swipe": true, "contactless": true, "signature_capture": true, "printer": true, "pin": true,
            "sleep_battery": true, "sleep_power": true,
        });
        device
    }
}

fn default_settings() -> Value {
    json!({
        "timeout": 30, "share_device": false, "enable_standalone": false, "sleep_battery_device": 5,
        "sleep_battery_display": 1, "sleep_powered_device": 0, "sleep_powered_display": 0,
    })
}

fn default_config() -> Value {
    json!({"enable_emv": true, "enable_debit_msr": true, "enable_tip_adjust": true, "enable_contactless": true})
}

/// What a hand does at a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Touch {
    /// The customer's card.
    Tap,
    /// Another card of the same customer.
    TapOther,
    /// A PIN debit card.
    TapDebit,
    /// A card that is declined with this number, such as 10251.
    Decline(u32),
    /// So many cents of tip, before the card.
    Tip(i64),
    /// The customer signs.
    Sign,
    /// The red X.
    Cancel,
    /// A clerk types a pairing code.
    Pair(u32),
    Unplug,
    Plug,
}
