//! What happens at the terminals: amounts, cards, the X key, the plug, the 90 seconds.

use crate::justifi::cloud::{Cloud, Event};
use crate::justifi::issuer::{Card, MASTERCARD, VISA};
use crate::justifi::results::Failure;
use crate::justifi::scenario::Scenario;
use crate::justifi::session::{Progress, SessionKind, Step};
use crate::justifi::terminal::Screen;

impl Cloud {
    pub(super) fn plan_step(&mut self, session: usize, delay_ms: u64, step: Step) {
        let plan = self.sessions[session].plan;
        self.plan_in(delay_ms, Event::Step { session, plan, step });
    }

    /// Forgets what was planned for the session.
    pub(super) fn replan(&mut self, s: usize) {
        self.sessions[s].plan += 1;
    }

    pub(super) fn step(&mut self, s: usize, step: Step) {
        match step {
            Step::Connect => self.connect(s),
            Step::Reconnect => self.show(s),
            Step::Unheard => self.unheard(s),
            Step::Insert(card) => self.insert(s, card),
            Step::Authorize => self.authorized(s),
            Step::Finish => self.finish(s),
            Step::Abandon => self.abandon(s),
            Step::Unplug => self.unplug(self.sessions[s].terminal),
            Step::Fail => {
                self.fail(s, Progress::Failed, &Failure::unheard());
                self.leave(s);
            }
        }
    }

    /// The session takes the terminal, or waits for it.
    pub(super) fn start(&mut self, s: usize) {
        let t = self.sessions[s].terminal;
        if self.terminals[t].is_taken() {
            self.sessions[s].progress = Progress::Queued;
            self.terminals[t].queue.push_back(s);
        } else {
            self.run(s);
        }
    }

    fn run(&mut self, s: usize) {
        self.sessions[s].progress = Progress::Created;
        let terminal = &mut self.terminals[self.sessions[s].terminal];
        (terminal.running, terminal.running_ms) = (Some(s), self.now);
        self.plan_step(s, self.takes(|t| t.connect), Step::Connect);
        self.plan_in(self.takes(|t| t.device_timeout), Event::Expire { session: s });
    }

    /// The terminal is free again: the next one in the queue has it.
    pub(super) fn free(&mut self, t: usize) {
        self.terminals[t].rest();
        if !self.terminals[t].occupied
            && let Some(next) = self.terminals[t].queue.pop_front()
        {
            self.run(next);
        }
    }

    /// The session leaves its terminal, if it still has it.
    pub(super) fn leave(&mut self, s: usize) {
        self.replan(s);
        let t = self.sessions[s].terminal;
        if self.terminals[t].running == Some(s) {
            self.free(t);
        }
    }

    /// Another session takes the terminal. A card that is being authorized goes on behind the screen.
    pub(super) fn throw_out(&mut self, t: usize) {
        self.terminals[t].occupied = false;
        if let Some(running) = self.terminals[t].running
            && self.sessions[running].card.is_none()
            && self.sessions[running].ended_ms.is_none()
        {
            let failure = self.abandoned("canceled_on_terminal");
            self.fail(running, Progress::Replaced, &failure);
            self.replan(running);
        }
        self.terminals[t].rest();
    }

    fn on_screen(&mut self, s: usize, screen: Screen) {
        let t = self.sessions[s].terminal;
        if self.terminals[t].running == Some(s) && self.terminals[t].plugged {
            self.terminals[t].screen = screen;
        }
    }

    fn connect(&mut self, s: usize) {
        self.open_attempt(s);
        match self.sessions[s].scenario {
            Scenario::Offline => {}
            Scenario::OfflineThenSuccess => self.plan_step(s, self.takes(|t| t.reconnect), Step::Reconnect),
            _ => self.show(s),
        }
    }

    /// The amount is on the screen, and the story begins.
    pub(super) fn show(&mut self, s: usize) {
        if !self.terminals[self.sessions[s].terminal].plugged {
            return;
        }
        let amount = self.sessions[s].amount;
        let refund = self.sessions[s].kind == SessionKind::Refund;
        self.on_screen(s, if refund { Screen::PresentForRefund(amount) } else { Screen::Present(amount) });
        let card = self.takes(|t| t.card);
        match self.sessions[s].scenario {
            Scenario::Timeout | Scenario::ApproveAfterTimeout | Scenario::Hang | Scenario::Touch => {}
            Scenario::CustomerCancel => self.plan_step(s, card, Step::Abandon),
            Scenario::UnplugBeforeCard => self.plan_step(s, card, Step::Unplug),
            Scenario::Fail => self.plan_step(s, card, Step::Fail),
            Scenario::SlowCard => self.plan_step(s, self.takes(|t| t.slow_card), Step::Insert(VISA)),
            Scenario::UnknownStatus => {
                self.plan_step(s, card / 2, Step::Unheard);
                self.plan_step(s, card, Step::Insert(VISA));
            }
            _ => self.plan_step(s, card, Step::Insert(VISA)),
        }
    }

    pub(super) fn insert(&mut self, s: usize, card: Card) {
        let scenario = self.sessions[s].scenario;
        let again = self.sessions[s].second_card && self.switches.declined_card_is_attempt;
        if again || self.sessions[s].given_up {
            self.open_attempt(s);
        }
        self.sessions[s].card = Some(card);
        self.on_screen(s, Screen::Processing);
        let takes = self.takes(|t| match scenario {
            Scenario::SlowAuthorization => t.slow_authorize,
            Scenario::GiveUp | Scenario::OnlyPaymentTells => t.device_timeout + t.late,
            _ => t.authorize,
        });
        if scenario == Scenario::UnplugAfterCard {
            self.plan_step(s, takes / 2, Step::Unplug);
        }
        self.plan_step(s, takes, Step::Authorize);
    }

    fn authorized(&mut self, s: usize) {
        let decided = self.authorize(s);
        let session = &mut self.sessions[s];
        session.decided = decided;
        session.payments.extend(decided);
        if session.lost {
            return;
        }
        let declined = decided.is_some_and(|p| !self.payments[p].is_approved());
        if session.scenario == Scenario::DeclineThenApprove && !session.second_card && declined {
            return self.another_card(s);
        }
        self.decide(s);
    }

    fn another_card(&mut self, s: usize) {
        if self.switches.declined_card_is_attempt {
            self.tell_decline(s);
            let session = &mut self.sessions[s];
            (session.progress, session.ended_ms) = (Progress::Processing, None);
        }
        let session = &mut self.sessions[s];
        (session.second_card, session.card, session.decided) = (true, None, None);
        let amount = session.amount;
        self.on_screen(s, Screen::AnotherCard(amount));
        self.plan_step(s, self.takes(|t| t.second_card), Step::Insert(MASTERCARD));
    }

    /// Tells what was decided; the terminal stays ACTIVE a little longer.
    fn decide(&mut self, s: usize) {
        let approved = self.tell(s);
        let amount = self.sessions[s].amount;
        self.on_screen(s, if approved { Screen::Approved(amount) } else { Screen::Declined });
        self.plan_step(s, self.takes(|t| t.finish), Step::Finish);
    }

    fn finish(&mut self, s: usize) {
        self.leave(s);
    }

    pub(super) fn abandon(&mut self, s: usize) {
        let failure = self.abandoned("canceled_on_terminal");
        self.fail(s, Progress::Canceled, &failure);
        self.leave(s);
    }

    /// The terminal's 90 seconds are over. A card that is in is waited for, as a rule.
    pub(super) fn expire(&mut self, s: usize) {
        let session = &self.sessions[s];
        let (scenario, card_in) = (session.scenario, session.card.is_some());
        let gives_up = matches!(scenario, Scenario::GiveUp | Scenario::OnlyPaymentTells) && card_in;
        if session.ended_ms.is_some() || card_in && !gives_up {
            return;
        }
        let plugged = self.terminals[session.terminal].plugged;
        let failure = self.abandoned("terminal_timeout");
        self.fail(s, Progress::TimedOut, &failure);
        match scenario {
            Scenario::Hang => {
                self.replan(s);
                self.on_screen(s, Screen::Hanging);
            }
            Scenario::ApproveAfterTimeout if plugged => {
                self.sessions[s].given_up = true;
                self.leave(s);
                self.plan_step(s, self.takes(|t| t.late), Step::Insert(VISA));
            }
            _ if gives_up => {
                // What the processor was asked it answers: the plan stays.
                self.sessions[s].given_up = true;
                let t = self.sessions[s].terminal;
                self.free(t);
            }
            _ => self.leave(s),
        }
    }

    /// The line is cut. A card that is in is authorized all the same, and nobody is told.
    pub(super) fn unplug(&mut self, t: usize) {
        if let Some(s) = self.terminals[t].running
            && self.sessions[s].ended_ms.is_none()
        {
            if self.sessions[s].card.is_some() {
                self.sessions[s].lost = true;
            } else {
                self.replan(s);
            }
        }
        self.terminals[t].plugged = false;
        self.terminals[t].screen = Screen::Dark;
    }

    /// The line is back: what was going on goes on.
    pub(super) fn plug(&mut self, t: usize) {
        if self.terminals[t].plugged {
            return;
        }
        self.terminals[t].plugged = true;
        match self.terminals[t].running {
            Some(s) if self.sessions[s].ended_ms.is_none() => self.resume(s),
            Some(s) => self.leave(s),
            None => self.free(t),
        }
    }

    fn resume(&mut self, s: usize) {
        let lost = std::mem::take(&mut self.sessions[s].lost);
        if lost && self.sessions[s].decided.is_some() {
            self.replan(s);
            self.decide(s);
        } else if self.sessions[s].card.is_some() {
            self.on_screen(s, Screen::Processing);
        } else if self.sessions[s].progress == Progress::Processing {
            self.replan(s);
            self.show(s);
        } else {
            // It has not connected yet.
            self.replan(s);
            self.plan_step(s, self.takes(|t| t.connect), Step::Connect);
        }
    }
}
