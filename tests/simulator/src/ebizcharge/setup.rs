//! What the cloud starts from: the merchant's key, its devices, how fast everything is, how strict the limits are.

use crate::ebizcharge::switches::Switches;

/// The API key, also called source key.
pub const API_KEY: &str = "_Simulator0SourceKey000000000001";
/// Its PIN.
pub const PIN: &str = "1234";
/// A developer endpoint key with a larger budget than `v2` has.
pub const ENDPOINT_KEY: &str = "SIMULATOR";

/// The first device: does what the script, or the amount, says. It belongs to the API key.
pub const DEVICE_KEY: &str = "sa_11111111111111111111111111111";
/// A second scripted device.
pub const SECOND_DEVICE_KEY: &str = "sa_22222222222222222222222222222";
/// A device without power.
pub const OFFLINE_DEVICE_KEY: &str = "sa_33333333333333333333333333333";
/// A device that somebody else keeps busy until it is kicked.
pub const BUSY_DEVICE_KEY: &str = "sa_44444444444444444444444444444";
/// A device that waits for a hand: see [`crate::ebizcharge::Touch`].
pub const TOUCH_DEVICE_KEY: &str = "sa_55555555555555555555555555555";
/// A device whose battery is too low for a payment.
pub const LOW_BATTERY_DEVICE_KEY: &str = "sa_66666666666666666666666666666";

/// Noon on 20 November 2025, UTC.
pub const DEFAULT_EPOCH_MS: u64 = 1_763_640_000_000;
/// The merchant's wall clock is in California, in winter.
pub const DEFAULT_UTC_OFFSET_MINUTES: i64 = -480;

/// What stands after `/api/`: `v2` or a developer's own key, each with its own budget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    pub key: String,
    pub per_minute: usize,
    pub per_day: usize,
    /// Only other addresses may use it: 401 and 156.
    pub restricted: bool,
}

/// A device on the counter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceSetup {
    pub key: String,
    pub name: String,
    pub plugged: bool,
    /// Somebody else is using it.
    pub occupied: bool,
    /// Waits for a hand instead of following a script.
    pub touch: bool,
    pub battery_low: bool,
}

/// How long people and devices take, in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timing {
    /// From the request to the card prompt.
    pub connect: u64,
    /// From losing the line to having it again, where that happens by itself.
    pub reconnect: u64,
    pub card: u64,
    pub slow_card: u64,
    pub second_card: u64,
    pub authorize: u64,
    pub slow_authorize: u64,
    /// From the authorization to the end of the EMV dialogue.
    pub complete: u64,
    pub signature: u64,
    /// From the answer to DELETE until the device obeys.
    pub cancel: u64,
    /// From the time-out to the approval that comes all the same.
    pub late: u64,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            connect: 700,
            reconnect: 15_000,
            card: 4_000,
            slow_card: 45_000,
            second_card: 8_000,
            authorize: 2_500,
            slow_authorize: 100_000,
            complete: 1_600,
            signature: 5_000,
            cancel: 300,
            late: 20_000,
        }
    }
}

/// Everything a [`crate::ebizcharge::Cloud`] starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    pub seed: u64,
    /// Unix time, in milliseconds, of the cloud's time 0.
    pub epoch_ms: u64,
    /// Timestamps are the merchant's wall clock, which is so far ahead of UTC.
    pub utc_offset_minutes: i64,
    pub api_key: String,
    pub pin: String,
    pub endpoints: Vec<Endpoint>,
    pub devices: Vec<DeviceSetup>,
    /// What is used when no `devicekey` is sent.
    pub default_device: Option<String>,
    pub timing: Timing,
    /// All of [`Timing`], and the `timeout` of requests, is divided by this. Rate limits are not.
    pub device_speed: u64,
    /// What a rate limit forgives for jitter on the road.
    pub tolerance_ms: u64,
    /// So many failed logins block the host.
    pub login_failures: u32,
    /// How long it stays blocked.
    pub lock_out_ms: u64,
    /// The seconds of `timeout` when none is sent.
    pub default_timeout: u64,
    /// How long a pairing code lives.
    pub pairing_ms: u64,
    /// A `limit` above this is cut down to it.
    pub page_max: u64,
    /// How long an authorization can be captured.
    pub authorization_ms: u64,
    pub switches: Switches,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            seed: 1,
            epoch_ms: DEFAULT_EPOCH_MS,
            utc_offset_minutes: DEFAULT_UTC_OFFSET_MINUTES,
            api_key: API_KEY.into(),
            pin: PIN.into(),
            endpoints: vec![
                endpoint("v2", 45, 5_000),
                endpoint(ENDPOINT_KEY, 600, 100_000),
                // The vendor's own test endpoints, misspelled as there.
                endpoint("RATELIMT", 1, 1),
                Endpoint { restricted: true, ..endpoint("IPACCESS", 45, 5_000) },
            ],
            devices: vec![
                device(DEVICE_KEY, "Lane 1"),
                device(SECOND_DEVICE_KEY, "Lane 2"),
                DeviceSetup { plugged: false, ..device(OFFLINE_DEVICE_KEY, "Unplugged") },
                DeviceSetup { occupied: true, ..device(BUSY_DEVICE_KEY, "Occupied") },
                DeviceSetup { touch: true, ..device(TOUCH_DEVICE_KEY, "Touch me") },
                DeviceSetup { battery_low: true, ..device(LOW_BATTERY_DEVICE_KEY, "Low battery") },
            ],
            default_device: Some(DEVICE_KEY.into()),
            timing: Timing::default(),
            device_speed: 1,
            tolerance_ms: 0,
            login_failures: 5,
            lock_out_ms: 3_600_000,
            default_timeout: 180,
            pairing_ms: 15 * 60_000,
            page_max: 100,
            authorization_ms: 7 * 86_400_000,
            switches: Switches::default(),
        }
    }
}

fn endpoint(key: &str, per_minute: usize, per_day: usize) -> Endpoint {
    Endpoint { key: key.into(), per_minute, per_day, restricted: false }
}

fn device(key: &str, name: &str) -> DeviceSetup {
    DeviceSetup { key: key.into(), name: name.into(), plugged: true, occupied: false, touch: false, battery_low: false }
}
