//! The merchant the cloud serves: credentials, accounts, terminals, and how fast people are.

use crate::payjunction::switches::Switches;

/// The API login every call must carry.
pub const LOGIN: &str = "pj-simulator-login";
/// Its password.
pub const PASSWORD: &str = "pj-simulator-password";
/// The value of `X-PJ-Application-Key`.
pub const APPLICATION_KEY: &str = "5177a70b-0000-4000-8000-000000000001";
/// The version this simulator was written against.
pub const VERSION: &str = "2023-05-16";

/// The first terminal: does what the script, or the amount, says.
pub const SMART_TERMINAL_ID: &str = "11111111-1111-4111-8111-111111111111";
/// A second scripted terminal.
pub const SECOND_SMART_TERMINAL_ID: &str = "22222222-2222-4222-8222-222222222222";
/// A terminal without power.
pub const OFFLINE_SMART_TERMINAL_ID: &str = "33333333-3333-4333-8333-333333333333";
/// A terminal that somebody else keeps busy until `/main`.
pub const BUSY_SMART_TERMINAL_ID: &str = "44444444-4444-4444-8444-444444444444";
/// A terminal that waits for a hand: see [`crate::payjunction::Touch`].
pub const TOUCH_SMART_TERMINAL_ID: &str = "55555555-5555-4555-8555-555555555555";

/// `terminalId` of the ordinary card account.
pub const MERCHANT_TERMINAL_ID: u64 = 12345;
/// `terminalId` of an account that adds a surcharge of 3 %.
pub const SURCHARGE_MERCHANT_TERMINAL_ID: u64 = 12346;
/// `terminalId` of an account for checks, which no card terminal can use.
pub const ACH_MERCHANT_TERMINAL_ID: u64 = 12347;

/// Noon on 20 November 2025, UTC.
pub const DEFAULT_EPOCH_MS: u64 = 1_763_640_000_000;

/// An account that payments are booked on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub terminal_id: u64,
    pub nick_name: String,
    /// `CARD` or `ACH`.
    pub kind: String,
    pub enabled: bool,
    /// In thousandths of a percent: 3000 is 3 %.
    pub surcharge: Option<u32>,
}

/// A device on the counter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerminalSetup {
    pub id: String,
    pub nick_name: String,
    pub plugged: bool,
    /// Somebody else is using it.
    pub occupied: bool,
    /// Waits for a hand instead of following a script.
    pub touch: bool,
}

/// How long people and devices take, in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timing {
    pub connect: u64,
    pub no_connection: u64,
    /// From NO_CONNECTION to the late connection, where there is one.
    pub reconnect: u64,
    pub card: u64,
    pub slow_card: u64,
    pub late_card: u64,
    pub second_card: u64,
    pub authorize: u64,
    pub receipt: u64,
    pub slow_receipt: u64,
    /// How long the payment screen waits for a card.
    pub device_timeout: u64,
    /// From the answer to `/main` until the device obeys.
    pub main: u64,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            connect: 400,
            no_connection: 8_000,
            reconnect: 15_000,
            card: 2_500,
            slow_card: 45_000,
            late_card: 150_000,
            second_card: 8_000,
            authorize: 1_100,
            receipt: 2_000,
            slow_receipt: 45_000,
            device_timeout: 90_000,
            main: 300,
        }
    }
}

/// Everything a [`crate::payjunction::Cloud`] starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    pub seed: u64,
    /// Unix time, in milliseconds, of the cloud's time 0.
    pub epoch_ms: u64,
    pub login: String,
    pub password: String,
    pub application_key: String,
    pub base_url: String,
    pub accounts: Vec<Account>,
    pub terminals: Vec<TerminalSetup>,
    pub timing: Timing,
    /// All of [`Timing`] is divided by this. Rate limits are not.
    pub device_speed: u64,
    /// What a rate limit forgives for jitter on the road.
    pub tolerance_ms: u64,
    /// What the customers' card was charged, in cents, before the story begins: a refund cannot exceed what the card was
    /// charged in a year.
    pub card_history_cents: i64,
    pub switches: Switches,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            seed: 1,
            epoch_ms: DEFAULT_EPOCH_MS,
            login: LOGIN.into(),
            password: PASSWORD.into(),
            application_key: APPLICATION_KEY.into(),
            base_url: "https://api.payjunctionlabs.com".into(),
            accounts: vec![
                account(MERCHANT_TERMINAL_ID, "Main Street", "CARD", None),
                account(SURCHARGE_MERCHANT_TERMINAL_ID, "Main Street with surcharge", "CARD", Some(3_000)),
                account(ACH_MERCHANT_TERMINAL_ID, "Checks", "ACH", None),
            ],
            terminals: vec![
                terminal(SMART_TERMINAL_ID, "Lane 1"),
                terminal(SECOND_SMART_TERMINAL_ID, "Lane 2"),
                TerminalSetup { plugged: false, ..terminal(OFFLINE_SMART_TERMINAL_ID, "Unplugged") },
                TerminalSetup { occupied: true, ..terminal(BUSY_SMART_TERMINAL_ID, "Occupied") },
                TerminalSetup { touch: true, ..terminal(TOUCH_SMART_TERMINAL_ID, "Touch me") },
            ],
            timing: Timing::default(),
            device_speed: 1,
            tolerance_ms: 0,
            card_history_cents: 0,
            switches: Switches::default(),
        }
    }
}

fn account(terminal_id: u64, nick_name: &str, kind: &str, surcharge: Option<u32>) -> Account {
    Account { terminal_id, nick_name: nick_name.into(), kind: kind.into(), enabled: true, surcharge }
}

fn terminal(id: &str, nick_name: &str) -> TerminalSetup {
    TerminalSetup { id: id.into(), nick_name: nick_name.into(), plugged: true, occupied: false, touch: false }
}
