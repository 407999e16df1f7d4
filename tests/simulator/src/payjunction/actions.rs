//! What a terminal does besides payments: signature, prompt, input, card read.

use crate::http::{Answer, Request};
use crate::payjunction::cloud::Cloud;
use crate::payjunction::rules::{Checked, Rule, Shape, optional, required};
use crate::payjunction::scenario::Scenario;
use crate::payjunction::smart::{check_account, errors};
use crate::payjunction::terminal::{Screen, Step, Task, TerminalRequest};
use serde_json::json;

const BUTTONS_MAX: usize = 3;

const INTERRUPT: Rule = optional("interruptBusyTerminal", Shape::Bool);
const SIGNATURE: [Rule; 3] = [required("terminalId", Shape::Number), required("terms", Shape::Text(10_000)), INTERRUPT];
const PROMPT: [Rule; 4] = [
    required("terminalId", Shape::Number),
    required("text", Shape::Text(10_000)),
    optional("buttons[]", Shape::Text(8)),
    INTERRUPT,
];
const INPUT: [Rule; 3] = [required("terminalId", Shape::Number), required("type", Shape::OneOf(&["PHONE"])), INTERRUPT];
const READ: [Rule; 2] = [required("terminalId", Shape::Number), INTERRUPT];

fn rules(task: Task) -> &'static [Rule] {
    match task {
        Task::Signature => &SIGNATURE,
        Task::Prompt => &PROMPT,
        Task::Input => &INPUT,
        Task::Read | Task::Payment => &READ,
    }
}

impl Cloud {
    pub(super) fn request_action(&mut self, terminal: &str, task: Task, request: &Request, version: &str) -> Answer {
        let terminal = match self.terminal_index(terminal) {
            Ok(terminal) => terminal,
            Err(refusal) => return refusal,
        };
        let mut form = self.form(request, rules(task));
        let account = self.account(&form);
        check_account(&mut form, account.as_ref());
        let buttons = buttons(&mut form, request);
        if !form.errors.is_empty() {
            return errors(&form);
        }
        let scenario = self.scenario(terminal, 0);
        let interrupt = form.flag("interruptBusyTerminal").unwrap_or(version < "2018-06-19");
        let blank = self.blank_request(terminal, scenario, interrupt);
        let words = form.owned("terms").or(form.owned("text")).unwrap_or_default();
        let id = self.take(TerminalRequest {
            task,
            words,
            buttons,
            terminal_id: form.number("terminalId").unwrap_or_default(),
            ..blank
        });
        Answer::json(200, &json!({"requestId": id}))
    }

    /// The screen of an action, and when the customer will have answered it.
    pub(super) fn begin_action(&mut self, r: usize) {
        let request = &self.requests[r];
        let text = match request.task {
            Task::Signature => format!("{}\nPlease sign", request.words),
            Task::Prompt => format!("{}\n[{}]", request.words, request.buttons.join("] [")),
            Task::Input => "Phone number".into(),
            Task::Read | Task::Payment => "Swipe the card".into(),
        };
        let (t, scenario) = (request.terminal, request.scenario);
        self.terminals[t].screen = Screen::Ask(text);
        match scenario {
            Scenario::Stuck => {}
            Scenario::CustomerCancel => self.plan_step(r, self.takes(|t| t.card), Step::Abandon),
            Scenario::UnplugBeforeCard | Scenario::UnplugAfterCard => {
                self.plan_step(r, self.takes(|t| t.card), Step::Unplug);
            }
            Scenario::DeviceTimeout | Scenario::Touch => {
                self.plan_step(r, self.takes(|t| t.device_timeout), Step::Abandon);
            }
            Scenario::SlowCard => self.plan_step(r, self.takes(|t| t.slow_card), Step::Reply(0)),
            Scenario::ApproveLate => self.plan_step(r, self.takes(|t| t.late_card), Step::Reply(0)),
            _ => self.plan_step(r, self.takes(|t| t.card), Step::Reply(0)),
        }
    }

    /// The customer answers: with this button, where there are buttons.
    pub(super) fn reply(&mut self, r: usize, button: usize) {
        let id = format!("{:016x}{:016x}", self.rng.next_u64(), self.rng.next_u64());
        let request = &mut self.requests[r];
        request.result = match request.task {
            Task::Signature => Some(("signatureId", id)),
            Task::Prompt => request.buttons.get(button).map(|label| ("promptButton", label.clone())),
            Task::Input => Some(("inputValue", "8006010230".into())),
            // No document that could be read names this field.
            Task::Read => Some(("readValue", ";7090112233654321?".into())),
            Task::Payment => None,
        };
        self.finish(r);
    }
}

fn buttons(form: &mut Checked, request: &Request) -> Vec<String> {
    let pairs = request.form_pairs();
    let labels: Vec<String> =
        pairs.into_iter().filter(|(name, _)| name == "buttons[]").map(|(_, label)| label).collect();
    if labels.len() > BUTTONS_MAX {
        form.refuse("buttons", "This field is invalid.", "invalid");
    }
    labels
}
