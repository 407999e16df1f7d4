//! A device on the counter, the request it works on, and the hand that touches it.

use crate::payjunction::issuer::Card;
use crate::payjunction::rules::money;
use crate::payjunction::scenario::Scenario;
use crate::payjunction::setup::TerminalSetup;
use crate::payjunction::transaction::{Action, Amounts};
use serde::{Deserialize, Serialize};

/// What the customer sees.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Screen {
    Idle,
    Dark,
    Occupied,
    /// Insert, swipe or tap, for so many cents.
    Present(i64),
    AnotherCard(i64),
    Processing,
    /// A question that has nothing to do with money.
    Ask(String),
    Approved(i64),
    Declined,
}

impl Screen {
    /// The words on the screen.
    pub fn text(&self) -> String {
        match self {
            Screen::Idle => "Smart Terminal by PayJunction".into(),
            Screen::Dark => String::new(),
            Screen::Occupied => "In use".into(),
            Screen::Present(cents) => format!("${}\nInsert, swipe or tap", money(*cents)),
            Screen::AnotherCard(cents) => format!("Declined\n${}\nTry another card", money(*cents)),
            Screen::Processing => "Processing\nDo not remove the card".into(),
            Screen::Ask(text) => text.clone(),
            Screen::Approved(cents) => format!("Approved\n${}\nReceipt?", money(*cents)),
            Screen::Declined => "Declined\nPlease remove the card".into(),
        }
    }
}

/// A device.
#[derive(Clone, Debug, Serialize)]
pub struct Terminal {
    pub id: String,
    pub nick_name: String,
    pub plugged: bool,
    pub occupied: bool,
    pub touch: bool,
    pub screen: Screen,
    /// Index of the request it works on.
    pub(super) running: Option<usize>,
}

impl Terminal {
    pub(super) fn new(setup: &TerminalSetup) -> Terminal {
        let mut terminal = Terminal {
            id: setup.id.clone(),
            nick_name: setup.nick_name.clone(),
            plugged: setup.plugged,
            occupied: setup.occupied,
            touch: setup.touch,
            screen: Screen::Idle,
            running: None,
        };
        terminal.rest();
        terminal
    }

    /// Back to the screen it shows when nobody pays.
    pub(super) fn rest(&mut self) {
        self.running = None;
        self.screen = match (self.plugged, self.occupied) {
            (false, _) => Screen::Dark,
            (true, true) => Screen::Occupied,
            (true, false) => Screen::Idle,
        };
    }
}

/// What a hand does at a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Touch {
    /// The customer's card.
    Tap,
    /// Another card of the same customer.
    TapOther,
    /// A PIN debit card.
    TapDebit,
    /// A card that is declined with this two-digit code.
    Decline(u8),
    /// So many cents of tip, before the card.
    Tip(i64),
    /// A button of a prompt, counted from 0. Any other answer is a `Tap`.
    Button(u8),
    /// The red X.
    Cancel,
    Unplug,
    Plug,
}

/// The status word of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum RequestStatus {
    Connecting,
    Busy,
    NoConnection,
    InProgress,
    Complete,
    /// A word no document knows.
    Unheard,
}

impl RequestStatus {
    pub fn word(self) -> &'static str {
        match self {
            RequestStatus::Connecting => "CONNECTING",
            RequestStatus::Busy => "BUSY",
            RequestStatus::NoConnection => "NO_CONNECTION",
            RequestStatus::InProgress => "IN_PROGRESS",
            RequestStatus::Complete => "COMPLETE",
            RequestStatus::Unheard => "AWAITING_PIN",
        }
    }
}

/// What a request asks of the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Task {
    Payment,
    Signature,
    Prompt,
    Input,
    Read,
}

/// A request that a terminal carries out.
#[derive(Clone, Debug, Serialize)]
pub struct TerminalRequest {
    pub id: String,
    pub task: Task,
    /// What the customer reads, when it is not a payment.
    pub words: String,
    pub buttons: Vec<String>,
    pub smart_terminal_id: String,
    pub terminal_id: u64,
    pub action: Action,
    pub asked: Amounts,
    pub allow_tips: Option<bool>,
    /// The payment asks for a signature.
    pub show_signature: Option<bool>,
    pub invoice_number: Option<String>,
    pub purchase_order_number: Option<String>,
    pub note: Option<String>,
    pub billing_email: Option<String>,
    pub scenario: Scenario,
    pub status: RequestStatus,
    /// What a poll tells.
    pub transaction_id: Option<u64>,
    /// The field and the value of what is not a payment.
    pub result: Option<(&'static str, String)>,
    pub created_ms: u64,
    pub ended_ms: Option<u64>,
    pub(super) interrupt: bool,
    pub(super) terminal: usize,
    /// Steps planned under another number are void.
    pub(super) plan: u32,
    pub(super) card: Option<Card>,
    pub(super) second_card: bool,
    /// The device is gone; what happens is not told.
    pub(super) lost: bool,
    pub(super) tip: Option<i64>,
    pub(super) refused_with: Option<u8>,
}

/// What happens to a request next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Connect,
    Refuse,
    Reconnect,
    Unheard,
    Insert(Card),
    Authorize,
    /// The customer answers what is not a payment, with this button.
    Reply(usize),
    Finish,
    /// Ends without a card: the red X, or the screen's time-out.
    Abandon,
    Unplug,
}
