//! The hand at a device: cards, the red X, the plug, the pairing code.

use crate::ebizcharge::cloud::Cloud;
use crate::ebizcharge::device::{Screen, Touch};
use crate::ebizcharge::issuer::{MASTERCARD, PIN_DEBIT, VISA};
use crate::ebizcharge::payrequest::Step;

impl Cloud {
    /// Whether a hand decides at this device from the next payment on. False when there is no such device.
    pub fn set_touch(&mut self, device_key: &str, touch: bool) -> bool {
        let found = self.devices.iter_mut().find(|d| d.key == device_key);
        found.map(|d| d.touch = touch).is_some()
    }

    /// A hand at the device. False when there is no such device or nothing to do it to.
    pub fn touch(&mut self, device_key: &str, touch: Touch) -> bool {
        let Some(d) = self.devices.iter().position(|d| d.key == device_key) else {
            return false;
        };
        match touch {
            Touch::Unplug => self.unplug(d),
            Touch::Plug => self.plug(d),
            Touch::Pair(code) if self.devices[d].pairing_code == Some(code) => self.paired(d),
            Touch::Pair(_) => return false,
            _ => return self.devices[d].running.is_some_and(|r| self.touch_payment(d, r, touch)),
        }
        true
    }

    fn touch_payment(&mut self, d: usize, r: usize, touch: Touch) -> bool {
        if self.devices[d].screen == Screen::Sign {
            match touch {
                Touch::Sign => self.sign(r),
                Touch::Cancel => self.not_signed(r),
                _ => return false,
            }
            return true;
        }
        if !matches!(self.devices[d].screen, Screen::Present(_) | Screen::AnotherCard(_)) {
            return false;
        }
        let card = match touch {
            Touch::Tip(cents) => {
                self.requests[r].tip = Some(cents).filter(|_| self.requests[r].prompt_tip);
                return self.requests[r].tip.is_some();
            }
            Touch::Cancel => {
                self.abandon(r);
                return true;
            }
            Touch::Decline(code) => {
                self.requests[r].refused_with = Some(code);
                VISA
            }
            Touch::TapOther => MASTERCARD,
            Touch::TapDebit => PIN_DEBIT,
            Touch::Tap => VISA,
            Touch::Sign | Touch::Pair(_) | Touch::Unplug | Touch::Plug => return false,
        };
        self.replan(r);
        self.step(r, Step::Insert(card));
        true
    }
}
