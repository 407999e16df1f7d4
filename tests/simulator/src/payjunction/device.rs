//! What happens at the terminals: connecting, cards, receipts, the red X, the plug.

use crate::payjunction::cloud::{Cloud, Event};
use crate::payjunction::issuer::{MASTERCARD, PIN_DEBIT, VISA};
use crate::payjunction::scenario::Scenario;
use crate::payjunction::switches::CanceledRequest;
use crate::payjunction::terminal::{RequestStatus, Screen, Step, Task, Touch};

impl Cloud {
    pub(super) fn plan_step(&mut self, request: usize, delay_ms: u64, step: Step) {
        let plan = self.requests[request].plan;
        self.plan_in(delay_ms, Event::Step { request, plan, step });
    }

    /// Forgets what was planned for the request.
    fn replan(&mut self, request: usize) {
        self.requests[request].plan += 1;
    }

    pub(super) fn step(&mut self, r: usize, step: Step) {
        match step {
            Step::Connect => self.connect(r),
            Step::Refuse => self.refuse(r),
            Step::Reconnect => self.reconnect(r),
            Step::Unheard => self.requests[r].status = RequestStatus::Unheard,
            Step::Insert(card) => {
                self.requests[r].card = Some(card);
                self.terminals[self.requests[r].terminal].screen = Screen::Processing;
                if self.requests[r].scenario == Scenario::UnplugAfterCard {
                    self.plan_step(r, self.takes(|t| t.authorize) / 2, Step::Unplug);
                }
                self.plan_step(r, self.takes(|t| t.authorize), Step::Authorize);
            }
            Step::Authorize => self.authorized(r),
            Step::Reply(button) => self.reply(r, button),
            Step::Finish => self.finish(r),
            Step::Abandon => self.abandon(r),
            Step::Unplug => self.unplug(self.requests[r].terminal),
        }
    }

    fn end(&mut self, r: usize, status: RequestStatus) {
        self.requests[r].status = status;
        self.requests[r].ended_ms = Some(self.now);
    }

    fn connect(&mut self, r: usize) {
        let t = self.requests[r].terminal;
        let scenario = self.requests[r].scenario;
        let offline = matches!(scenario, Scenario::Offline | Scenario::OfflineThenSuccess);
        if offline || !self.terminals[t].plugged {
            return self.plan_step(r, self.takes(|t| t.no_connection), Step::Refuse);
        }
        let taken = self.terminals[t].occupied || self.terminals[t].running.is_some();
        if scenario == Scenario::Busy || taken && !self.requests[r].interrupt {
            return self.end(r, RequestStatus::Busy);
        }
        if let Some(running) = self.terminals[t].running {
            self.interrupt(running);
        }
        self.terminals[t].occupied = false;
        self.begin(r);
    }

    /// Another request takes the device. A card that is being authorized goes on behind the screen.
    fn interrupt(&mut self, running: usize) {
        if self.requests[running].card.is_none() || self.requests[running].transaction_id.is_some() {
            self.return_to_main(running);
        } else {
            self.terminals[self.requests[running].terminal].rest();
        }
    }

    fn refuse(&mut self, r: usize) {
        self.end(r, RequestStatus::NoConnection);
        if self.requests[r].scenario == Scenario::OfflineThenSuccess || self.switches.no_connection_then_success {
            self.plan_step(r, self.takes(|t| t.reconnect), Step::Reconnect);
        }
    }

    /// The device answers after all, unless it has found something else to do.
    fn reconnect(&mut self, r: usize) {
        let terminal = &mut self.terminals[self.requests[r].terminal];
        if terminal.running.is_none() {
            terminal.plugged = true;
            self.requests[r].ended_ms = None;
            self.begin(r);
        }
    }

    /// The payment screen comes up, and the story begins.
    fn begin(&mut self, r: usize) {
        let (t, cents) = (self.requests[r].terminal, self.requests[r].asked.total());
        self.requests[r].status = RequestStatus::InProgress;
        self.terminals[t].running = Some(r);
        if self.requests[r].task != Task::Payment {
            return self.begin_action(r);
        }
        self.terminals[t].screen = Screen::Present(cents);
        let (card, plan) = (self.takes(|t| t.card), |cloud: &mut Cloud, ms, step| cloud.plan_step(r, ms, step));
        match self.requests[r].scenario {
            Scenario::Stuck => {}
            Scenario::CustomerCancel => plan(self, card, Step::Abandon),
            Scenario::UnplugBeforeCard => plan(self, card, Step::Unplug),
            Scenario::DeviceTimeout | Scenario::Touch => plan(self, self.takes(|t| t.device_timeout), Step::Abandon),
            Scenario::SlowCard => plan(self, self.takes(|t| t.slow_card), Step::Insert(VISA)),
            Scenario::ApproveLate => plan(self, self.takes(|t| t.late_card), Step::Insert(VISA)),
            Scenario::PinDebit => plan(self, card, Step::Insert(PIN_DEBIT)),
            Scenario::UnknownStatus => {
                plan(self, card / 2, Step::Unheard);
                plan(self, card, Step::Insert(VISA));
            }
            _ => plan(self, card, Step::Insert(VISA)),
        }
    }

    fn authorized(&mut self, r: usize) {
        let (id, approved, total) = self.authorize(r);
        let (t, scenario) = (self.requests[r].terminal, self.requests[r].scenario);
        if self.requests[r].lost {
            return;
        }
        self.requests[r].status = RequestStatus::InProgress;
        self.requests[r].transaction_id = Some(id).filter(|_| scenario != Scenario::HiddenApproval);
        if self.terminals[t].running != Some(r) {
            return self.end(r, RequestStatus::Complete);
        }
        let again = scenario == Scenario::DeclineThenApprove || self.switches.second_card_after_decline;
        if !approved && again && !self.requests[r].second_card {
            self.requests[r].second_card = true;
            self.requests[r].card = None;
            self.requests[r].refused_with = None;
            self.terminals[t].screen = Screen::AnotherCard(self.requests[r].asked.total());
            return self.plan_step(r, self.takes(|t| t.second_card), Step::Insert(MASTERCARD));
        }
        self.terminals[t].screen = if approved { Screen::Approved(total) } else { Screen::Declined };
        let slow = scenario == Scenario::SlowReceipt;
        self.plan_step(r, self.takes(|t| if slow { t.slow_receipt } else { t.receipt }), Step::Finish);
    }

    pub(super) fn finish(&mut self, r: usize) {
        self.end(r, RequestStatus::Complete);
        self.free(r);
    }

    fn abandon(&mut self, r: usize) {
        if self.switches.canceled_request == CanceledRequest::Complete || self.requests[r].transaction_id.is_some() {
            self.end(r, RequestStatus::Complete);
        }
        self.free(r);
    }

    fn free(&mut self, r: usize) {
        let t = self.requests[r].terminal;
        self.replan(r);
        if self.terminals[t].running == Some(r) {
            self.terminals[t].rest();
        }
    }

    fn return_to_main(&mut self, r: usize) {
        if self.requests[r].card.is_some() { self.finish(r) } else { self.abandon(r) }
    }

    /// The terminal hears `/main`. It is too late once a card is in and not yet decided.
    pub(super) fn main_screen(&mut self, t: usize) {
        if !self.terminals[t].plugged {
            return;
        }
        self.terminals[t].occupied = false;
        match self.terminals[t].running {
            None => self.terminals[t].rest(),
            Some(r) if self.requests[r].card.is_some() && self.terminals[t].screen == Screen::Processing => {}
            Some(r) => self.return_to_main(r),
        }
    }

    /// The device goes dark. Its request never ends; a card that is in is authorized all the same.
    fn unplug(&mut self, t: usize) {
        if let Some(r) = self.terminals[t].running {
            self.requests[r].lost = true;
            if self.terminals[t].screen != Screen::Processing {
                self.replan(r);
            }
        }
        self.terminals[t].plugged = false;
        self.terminals[t].rest();
    }

    /// Whether a hand decides at this terminal from the next payment on. False when there is no such terminal.
    pub fn set_touch(&mut self, smart_terminal_id: &str, touch: bool) -> bool {
        let found = self.terminals.iter_mut().find(|t| t.id == smart_terminal_id);
        found.map(|t| t.touch = touch).is_some()
    }

    /// A hand at the terminal. False when there is no such terminal or nothing to do it to.
    pub fn touch(&mut self, smart_terminal_id: &str, touch: Touch) -> bool {
        let Some(t) = self.terminals.iter().position(|t| t.id == smart_terminal_id) else {
            return false;
        };
        match touch {
            Touch::Unplug => self.unplug(t),
            Touch::Plug => {
                self.terminals[t].plugged = true;
                self.terminals[t].rest();
            }
            _ => return self.touch_payment(t, touch),
        }
        true
    }

    fn touch_payment(&mut self, t: usize, touch: Touch) -> bool {
        let screen = &self.terminals[t].screen;
        let waiting = matches!(screen, Screen::Present(_) | Screen::AnotherCard(_) | Screen::Ask(_));
        let Some(r) = self.terminals[t].running else { return false };
        if !waiting {
            // On the receipt screen the only key left is the one that leaves it.
            let leaving = touch == Touch::Cancel && *screen != Screen::Processing;
            if leaving {
                self.finish(r);
            }
            return leaving;
        }
        if self.requests[r].task != Task::Payment {
            return self.touch_action(r, touch);
        }
        let card = match touch {
            Touch::Tip(cents) => {
                self.requests[r].tip = Some(cents).filter(|_| self.requests[r].allow_tips != Some(false));
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
            Touch::Button(_) => return false,
            Touch::TapOther => MASTERCARD,
            Touch::TapDebit => PIN_DEBIT,
            _ => VISA,
        };
        self.replan(r);
        self.step(r, Step::Insert(card));
        true
    }

    fn touch_action(&mut self, r: usize, touch: Touch) -> bool {
        match touch {
            Touch::Cancel => self.abandon(r),
            Touch::Tap => self.reply(r, 0),
            Touch::Button(n) if usize::from(n) < self.requests[r].buttons.len() => self.reply(r, n.into()),
            _ => return false,
        }
        true
    }
}
