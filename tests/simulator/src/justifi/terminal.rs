//! A terminal on the counter, what it shows, and the hand that touches it.

use crate::justifi::setup::TerminalSetup;
use crate::money::money;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What the customer sees.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Screen {
    Idle,
    Dark,
    /// Busy with something that is not ours, or hanging.
    Hanging,
    /// Insert, swipe or tap, for so many cents.
    Present(i64),
    /// The same, to give so many cents back.
    PresentForRefund(i64),
    AnotherCard(i64),
    Processing,
    Approved(i64),
    Declined,
    /// The nickname or the serial number.
    Name(String),
}

impl Screen {
    /// The words on the screen.
    pub fn text(&self) -> String {
        match self {
            Screen::Idle => "Welcome".into(),
            Screen::Dark => String::new(),
            Screen::Hanging => "Please wait".into(),
            Screen::Present(cents) => format!("${}\nInsert, swipe or tap", money(*cents)),
            Screen::PresentForRefund(cents) => format!("Refund ${}\nInsert, swipe or tap", money(*cents)),
            Screen::AnotherCard(cents) => format!("Declined\n${}\nTry another card", money(*cents)),
            Screen::Processing => "Processing\nDo not remove the card".into(),
            Screen::Approved(cents) => format!("Approved\n${}", money(*cents)),
            Screen::Declined => "Declined\nPlease remove the card".into(),
            Screen::Name(name) => name.clone(),
        }
    }
}

/// A terminal.
#[derive(Clone, Debug, Serialize)]
pub struct Terminal {
    pub id: String,
    pub nickname: String,
    pub provider_id: String,
    pub serial_number: String,
    pub plugged: bool,
    pub occupied: bool,
    pub touch: bool,
    pub archived: bool,
    pub screen: Screen,
    /// The word the list has, which only the status endpoint refreshes.
    pub listed: &'static str,
    pub(super) listed_ms: Option<u64>,
    pub(super) connected_ms: u64,
    pub(super) active_ms: u64,
    pub(super) updated_ms: u64,
    /// When it last told another word than the true one.
    pub(super) misled_ms: u64,
    /// Since when it is occupied by somebody else.
    pub(super) occupied_ms: u64,
    /// Index of the session it works on.
    pub(super) running: Option<usize>,
    /// Since when it does.
    pub(super) running_ms: u64,
    /// Sessions that wait for their turn.
    pub(super) queue: VecDeque<usize>,
}

impl Terminal {
    pub(super) fn new(setup: &TerminalSetup) -> Terminal {
        let mut terminal = Terminal {
            id: setup.id.clone(),
            nickname: setup.nickname.clone(),
            provider_id: setup.provider_id.clone(),
            serial_number: setup.serial_number.clone(),
            plugged: setup.plugged,
            occupied: setup.occupied,
            touch: setup.touch,
            archived: setup.archived,
            screen: Screen::Idle,
            listed: if setup.archived { "archived" } else { "connected" },
            listed_ms: None,
            connected_ms: 0,
            active_ms: 0,
            updated_ms: 0,
            misled_ms: 0,
            occupied_ms: 0,
            running: None,
            running_ms: 0,
            queue: VecDeque::new(),
        };
        terminal.rest();
        terminal
    }

    pub fn is_taken(&self) -> bool {
        self.occupied || self.running.is_some()
    }

    /// The live status.
    pub fn word(&self) -> &'static str {
        match (self.archived, self.plugged, self.is_taken()) {
            (true, ..) => "UNKNOWN",
            (_, false, _) => "DISCONNECTED",
            (_, _, true) => "ACTIVE",
            _ => "CONNECTED",
        }
    }

    /// Back to the screen it shows when nobody pays.
    pub(super) fn rest(&mut self) {
        self.running = None;
        self.screen = match (self.plugged, self.occupied) {
            (false, _) => Screen::Dark,
            (true, true) => Screen::Hanging,
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
    /// A card that is declined with this network error code, such as 116.
    Decline(u16),
    /// The X key; held, it also resets a terminal that hangs.
    Cancel,
    Unplug,
    Plug,
}
