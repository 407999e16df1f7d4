//! What happens at the devices: prompts, cards, signatures, the red X, the plug.

use crate::ebizcharge::cloud::{Cloud, Event};
use crate::ebizcharge::device::Screen;
use crate::ebizcharge::issuer::{Card, MASTERCARD, PIN_DEBIT, VISA};
use crate::ebizcharge::payrequest::{Status, Step};
use crate::ebizcharge::scenario::Scenario;
use crate::ebizcharge::transaction::State;

impl Cloud {
    pub(super) fn plan_step(&mut self, request: usize, delay_ms: u64, step: Step) {
        let plan = self.requests[request].plan;
        self.plan_in(delay_ms, Event::Step { request, plan, step });
    }

    /// Forgets what was planned for the request.
    pub(super) fn replan(&mut self, r: usize) {
        self.requests[r].plan += 1;
    }

    pub(super) fn step(&mut self, r: usize, step: Step) {
        if self.requests[r].lost && matches!(step, Step::Complete | Step::Signed) {
            return;
        }
        match step {
            Step::Show => self.show(r),
            Step::Say(status) => self.say(r, status),
            Step::Insert(card) => self.insert(r, card),
            Step::Authorize => self.authorized(r),
            Step::Complete => self.completed(r),
            Step::Signed => self.signed(r),
            Step::Abandon => self.abandon(r),
            Step::Unplug => self.unplug(self.requests[r].device),
            Step::Fail(code) => {
                self.requests[r].error = Some(code);
                self.end(r, Status::Error);
            }
            Step::GiveUp => self.give_up(r),
        }
    }

    fn say(&mut self, r: usize, status: Status) {
        let request = &mut self.requests[r];
        // Once canceled, only a decision changes the word.
        let canceled = request.status == Status::Canceled && !status.is_decision();
        if !request.frozen && !request.lost && !canceled {
            request.status = status;
        }
    }

    /// The request is over, and the device free.
    fn end(&mut self, r: usize, status: Status) {
        self.say(r, status);
        self.replan(r);
        let request = &mut self.requests[r];
        request.complete = true;
        request.ended_ms = Some(self.now);
        let device = &mut self.devices[request.device];
        if device.running == Some(r) {
            device.rest();
        }
    }

    /// The card prompt comes up, and the story begins.
    pub(super) fn show(&mut self, r: usize) {
        let device = &mut self.devices[self.requests[r].device];
        if !device.is_connected() {
            return;
        }
        device.screen = Screen::Present(self.requests[r].asked.total);
        self.say(r, Status::WaitingForCardDip);
        let card = self.takes(|t| t.card);
        let scenario = self.requests[r].scenario;
        let mut plan = |ms, step| self.plan_step(r, ms, step);
        match scenario {
            Scenario::Timeout | Scenario::ApproveAfterTimeout | Scenario::Touch => {}
            Scenario::CustomerCancel => plan(card, Step::Abandon),
            Scenario::UnplugBeforeCard => plan(card, Step::Unplug),
            Scenario::Fail(code) => plan(card, Step::Fail(code)),
            Scenario::SlowCard => self.plan_step(r, self.takes(|t| t.slow_card), Step::Insert(VISA)),
            Scenario::PinDebit => plan(card, Step::Insert(PIN_DEBIT)),
            Scenario::ChangeInterface => self.detour(r, Status::ChangingInterfaces),
            Scenario::PhoneTap => self.detour(r, Status::SeePhone),
            Scenario::UnknownStatus => self.detour(r, Status::Unheard),
            _ => plan(card, Step::Insert(VISA)),
        }
    }

    /// Another word before the card.
    fn detour(&mut self, r: usize, status: Status) {
        let card = self.takes(|t| t.card);
        self.plan_step(r, card / 2, Step::Say(status));
        self.plan_step(r, card, Step::Insert(VISA));
    }

    pub(super) fn insert(&mut self, r: usize, card: Card) {
        let scenario = self.requests[r].scenario;
        self.requests[r].card = Some(card);
        self.devices[self.requests[r].device].screen = Screen::Processing;
        self.say(r, Status::ProcessingPayment);
        let takes = self.takes(|t| match scenario {
            Scenario::SlowAuthorization => t.slow_authorize,
            Scenario::GiveUp => t.authorize + t.late,
            _ => t.authorize,
        });
        match scenario {
            Scenario::UnplugAfterCard => self.plan_step(r, takes / 2, Step::Unplug),
            Scenario::GiveUp => self.plan_step(r, self.takes(|t| t.authorize), Step::GiveUp),
            _ => {}
        }
        self.plan_step(r, takes, Step::Authorize);
    }

    fn authorized(&mut self, r: usize) {
        let decided = self.authorize(r);
        let request = &mut self.requests[r];
        request.decided = Some(decided);
        if request.lost {
            return;
        }
        let approved = self.transactions[decided].verdict.is_approved();
        if request.scenario == Scenario::DeclineThenApprove && !request.second_card && !approved {
            (request.second_card, request.card, request.decided) = (true, None, None);
            self.devices[request.device].screen = Screen::AnotherCard(request.asked.total);
            self.say(r, Status::WaitingForCardDip);
            return self.plan_step(r, self.takes(|t| t.second_card), Step::Insert(MASTERCARD));
        }
        self.say(r, Status::CompletingPayment);
        if self.switches.told_early {
            self.tell(r);
        }
        self.plan_step(r, self.takes(|t| t.complete), Step::Complete);
    }

    /// GET shows the transaction from now on, unless that is the story.
    fn tell(&mut self, r: usize) {
        let request = &mut self.requests[r];
        if request.scenario != Scenario::HiddenApproval && !request.frozen {
            request.transaction = request.decided;
        }
    }

    fn completed(&mut self, r: usize) {
        self.tell(r);
        let Some(decided) = self.requests[r].decided else { return };
        let code = self.transactions[decided].verdict.result_code;
        if matches!(code, 'A' | 'P') && self.requests[r].signs() && !self.requests[r].frozen {
            self.devices[self.requests[r].device].screen = Screen::Sign;
            self.say(r, Status::CapturingSignature);
            if self.requests[r].scenario != Scenario::Touch {
                self.plan_step(r, self.takes(|t| t.signature), Step::Signed);
            }
            return;
        }
        let status = match code {
            'E' => Status::Error,
            'D' if self.switches.declined_is_failed => Status::TransactionFailed,
            _ => Status::TransactionComplete,
        };
        self.end(r, status);
    }

    fn signed(&mut self, r: usize) {
        match self.requests[r].scenario {
            Scenario::SignatureError => self.end(r, Status::SignatureCaptureError),
            Scenario::SignatureCanceled => self.not_signed(r),
            _ => self.end(r, Status::TransactionComplete),
        }
    }

    /// The customer cancels the signature: the sale goes with it where the flow says so.
    pub(super) fn not_signed(&mut self, r: usize) {
        if !self.requests[r].must_sign() {
            return self.end(r, Status::TransactionComplete);
        }
        if let Some(t) = self.requests[r].decided {
            self.transactions[t].state = State::Voided;
        }
        self.end(r, Status::TransactionCanceled);
    }

    pub(super) fn sign(&mut self, r: usize) {
        self.end(r, Status::TransactionComplete);
    }

    pub(super) fn abandon(&mut self, r: usize) {
        self.end(r, Status::TransactionCanceled);
    }

    /// The request is over, the device free, and the authorization still on its way.
    fn give_up(&mut self, r: usize) {
        self.say(r, Status::Error);
        let request = &mut self.requests[r];
        (request.error, request.complete, request.frozen) = (Some(21_102), true, true);
        request.ended_ms = Some(self.now);
        self.devices[request.device].rest();
    }

    /// The device hears of DELETE. It is too late once a card is in.
    pub(super) fn obey(&mut self, r: usize) {
        let request = &self.requests[r];
        if request.ended_ms.is_none() && request.card.is_none() {
            self.end(r, Status::Canceled);
        }
    }

    /// The time to present a card is over.
    pub(super) fn expire(&mut self, r: usize) {
        let request = &self.requests[r];
        let ended = request.ended_ms.is_some() && !request.frozen;
        if ended || request.card.is_some() {
            return;
        }
        if request.scenario == Scenario::ApproveAfterTimeout && self.devices[request.device].is_connected() {
            self.say(r, Status::Timeout);
            self.requests[r].ended_ms = Some(self.now);
            return self.plan_step(r, self.takes(|t| t.late), Step::Insert(VISA));
        }
        self.end(r, Status::Timeout);
    }

    /// The line is cut. A card that is in is authorized all the same, and nobody is told.
    pub(super) fn unplug(&mut self, d: usize) {
        if let Some(r) = self.devices[d].running {
            if self.requests[r].card.is_some() {
                self.requests[r].lost = true;
            } else {
                self.replan(r);
            }
        }
        self.devices[d].plugged = false;
        self.devices[d].screen = Screen::Dark;
    }

    /// The line is back: what was going on goes on.
    pub(super) fn plug(&mut self, d: usize) {
        self.devices[d].plugged = true;
        let Some(r) = self.devices[d].running else {
            return self.devices[d].rest();
        };
        let request = &mut self.requests[r];
        request.lost = false;
        if request.decided.is_some() {
            self.replan(r);
            self.completed(r);
        } else if request.card.is_none() {
            self.replan(r);
            self.say(r, Status::SentToDevice);
            self.plan_step(r, self.takes(|t| t.connect), Step::Show);
        } else {
            self.devices[d].screen = Screen::Processing;
        }
    }
}
