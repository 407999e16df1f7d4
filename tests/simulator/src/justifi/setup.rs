//! What the cloud starts from: the platform's key pair, its sub account, the terminals, how fast everything is.

use crate::justifi::switches::Switches;

/// The key pair. The prefix says that this is the test mode.
pub const CLIENT_ID: &str = "test_SimulatorClient0000001";
pub const CLIENT_SECRET: &str = "test_SimulatorSecret0000001";
/// The merchant, called a sub account, and the platform above it.
pub const SUB_ACCOUNT: &str = "acc_SimulatorMerchant0001";
pub const PLATFORM_ACCOUNT: &str = "acc_SimulatorPlatform0001";

/// The first terminal: does what the script, or the amount, says.
pub const TERMINAL_ID: &str = "trm_1111111111111111111111";
/// A second scripted terminal.
pub const SECOND_TERMINAL_ID: &str = "trm_2222222222222222222222";
/// A terminal without power.
pub const OFFLINE_TERMINAL_ID: &str = "trm_3333333333333333333333";
/// A terminal that hangs, ACTIVE, until somebody holds its X key.
pub const BUSY_TERMINAL_ID: &str = "trm_4444444444444444444444";
/// A terminal that waits for a hand: see [`crate::justifi::Touch`].
pub const TOUCH_TERMINAL_ID: &str = "trm_5555555555555555555555";
/// A terminal that was put away.
pub const ARCHIVED_TERMINAL_ID: &str = "trm_6666666666666666666666";

/// Noon on 20 November 2025, UTC.
pub const DEFAULT_EPOCH_MS: u64 = 1_763_640_000_000;

/// A terminal on the counter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerminalSetup {
    pub id: String,
    pub nickname: String,
    pub provider_id: String,
    pub serial_number: String,
    pub plugged: bool,
    /// ACTIVE, and nobody here knows why.
    pub occupied: bool,
    /// Waits for a hand instead of following a script.
    pub touch: bool,
    pub archived: bool,
}

/// How long people and terminals take, in milliseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timing {
    /// From `/terminals/pay` to the amount on the screen.
    pub connect: u64,
    /// Until a terminal that could not be reached is reached after all.
    pub reconnect: u64,
    pub card: u64,
    pub slow_card: u64,
    pub second_card: u64,
    pub authorize: u64,
    pub slow_authorize: u64,
    /// From the decision until the terminal is no longer ACTIVE.
    pub finish: u64,
    /// The terminal's own limit.
    pub device_timeout: u64,
    /// From the terminal's limit to the approval that comes all the same.
    pub late: u64,
    /// How long a terminal shows its name.
    pub identify: u64,
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
            finish: 2_000,
            device_timeout: 90_000,
            late: 20_000,
            identify: 20_000,
        }
    }
}

/// Everything a [`crate::justifi::Cloud`] starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    pub seed: u64,
    /// Unix time, in milliseconds, of the cloud's time 0.
    pub epoch_ms: u64,
    pub client_id: String,
    pub client_secret: String,
    pub sub_account: String,
    pub platform_account: String,
    pub terminals: Vec<TerminalSetup>,
    pub timing: Timing,
    /// All of [`Timing`] is divided by this. Lifetimes, windows and lags are not.
    pub device_speed: u64,
    /// What the poll floor forgives for jitter on the road.
    pub tolerance_ms: u64,
    /// So many clients share the key pair, each with a token of its own.
    pub clients: usize,
    pub token_life_ms: u64,
    /// One checkout or intent is not read more often than this.
    pub poll_floor_ms: u64,
    /// How long a checkout can be paid.
    pub checkout_life_ms: u64,
    /// How long a payment can be voided.
    pub void_window_ms: u64,
    /// How long an authorization can be captured.
    pub authorization_ms: u64,
    pub refund_window_ms: u64,
    pub switches: Switches,
}

impl Default for Setup {
    fn default() -> Setup {
        const DAY_MS: u64 = 86_400_000;
        Setup {
            seed: 1,
            epoch_ms: DEFAULT_EPOCH_MS,
            client_id: CLIENT_ID.into(),
            client_secret: CLIENT_SECRET.into(),
            sub_account: SUB_ACCOUNT.into(),
            platform_account: PLATFORM_ACCOUNT.into(),
            terminals: vec![
                terminal(TERMINAL_ID, "Lane 1", 1),
                terminal(SECOND_TERMINAL_ID, "Lane 2", 2),
                TerminalSetup { plugged: false, ..terminal(OFFLINE_TERMINAL_ID, "Unplugged", 3) },
                TerminalSetup { occupied: true, ..terminal(BUSY_TERMINAL_ID, "Hanging", 4) },
                TerminalSetup { touch: true, ..terminal(TOUCH_TERMINAL_ID, "Touch me", 5) },
                TerminalSetup { archived: true, plugged: false, ..terminal(ARCHIVED_TERMINAL_ID, "Put away", 6) },
            ],
            timing: Timing::default(),
            device_speed: 1,
            tolerance_ms: 0,
            clients: 1,
            token_life_ms: DAY_MS,
            poll_floor_ms: 1_000,
            checkout_life_ms: 7 * DAY_MS,
            void_window_ms: 25 * 60_000,
            authorization_ms: 7 * DAY_MS,
            refund_window_ms: 365 * DAY_MS,
            switches: Switches::default(),
        }
    }
}

fn terminal(id: &str, nickname: &str, number: u32) -> TerminalSetup {
    TerminalSetup {
        id: id.into(),
        nickname: nickname.into(),
        provider_id: format!("2345678{number}"),
        serial_number: format!("888-222-44{number}"),
        plugged: true,
        occupied: false,
        touch: false,
        archived: false,
    }
}
