//! The hand at a terminal: cards, the X key, the plug.

use crate::justifi::cloud::Cloud;
use crate::justifi::issuer::{MASTERCARD, VISA};
use crate::justifi::session::Step;
use crate::justifi::terminal::{Screen, Touch};

impl Cloud {
    /// Whether a hand decides at this terminal from the next payment on. False when there is no such terminal.
    pub fn set_touch(&mut self, terminal_id: &str, touch: bool) -> bool {
        let found = self.terminals.iter_mut().find(|t| t.id == terminal_id);
        found.map(|t| t.touch = touch).is_some()
    }

    /// A hand at the terminal. False when there is no such terminal or nothing to do it to.
    pub fn touch(&mut self, terminal_id: &str, touch: Touch) -> bool {
        let Ok(t) = self.terminal_index(terminal_id) else { return false };
        match touch {
            Touch::Unplug => self.unplug(t),
            Touch::Plug => self.plug(t),
            Touch::Cancel if self.terminals[t].screen == Screen::Hanging => {
                self.terminals[t].occupied = false;
                self.free(t);
            }
            _ => return self.terminals[t].running.is_some_and(|s| self.touch_payment(t, s, touch)),
        }
        true
    }

    fn touch_payment(&mut self, t: usize, s: usize, touch: Touch) -> bool {
        let waits = matches!(
            self.terminals[t].screen,
            Screen::Present(_) | Screen::PresentForRefund(_) | Screen::AnotherCard(_)
        );
        if !waits {
            return false;
        }
        let card = match touch {
            Touch::Cancel => {
                self.abandon(s);
                return true;
            }
            Touch::Decline(code) => {
                self.sessions[s].refused_with = Some(code);
                VISA
            }
            Touch::TapOther => MASTERCARD,
            Touch::Tap | Touch::Unplug | Touch::Plug => VISA,
        };
        self.replan(s);
        self.step(s, Step::Insert(card));
        true
    }
}
