//! The endpoints of the terminals: list, read, rename, live status, identify.

use crate::http::{Answer, Request};
use crate::justifi::cloud::{Cloud, Event};
use crate::justifi::errors::not_found;
use crate::justifi::params::{Rule, Shape};
use crate::justifi::terminal::{Screen, Terminal};
use serde_json::{Value, json};

const CHANGE: [Rule; 1] = [("nickname", Shape::Text(255))];
const FILTERS: [&str; 10] = [
    "status",
    "terminal_id",
    "provider_id",
    "terminal_order_id",
    "verified_after",
    "verified_before",
    "verified_on",
    // What the vendor's own web components send besides.
    "serial_number",
    "created_after",
    "created_before",
];
const STATUSES: [&str; 5] = ["connected", "disconnected", "unknown", "pending_configuration", "archived"];

impl Cloud {
    pub(super) fn terminal_index(&self, id: &str) -> Result<usize, Answer> {
        self.terminals.iter().position(|t| t.id == id).ok_or_else(not_found)
    }

    fn terminal_json(&self, terminal: &Terminal) -> Value {
        let (account, born) = (&self.setup.sub_account, self.time(0));
        if self.switches.seed_replies {
            return json!({"id": terminal.id, "account_id": account, "created_at": born, "updated_at": born});
        }
        json!({
            "id": terminal.id,
            "account_id": account,
            "platform_account_id": self.link(&self.setup.platform_account),
            "provider": "verifone_simulator",
            "status": terminal.listed,
            "provider_id": terminal.provider_id,
            "provider_serial_number": terminal.serial_number,
            "nickname": terminal.nickname,
            "model_name": "e285",
            "verified_at": born,
            "terminal_order_created_at": born,
            "status_last_requested_at": terminal.listed_ms.map(|ms| self.time(ms)),
            "created_at": born,
            "updated_at": self.time(terminal.updated_ms),
        })
    }

    pub(super) fn list_terminals(&mut self, request: &Request) -> Result<Answer, Answer> {
        let query = self.query(request, &FILTERS);
        if query.has("status") && !STATUSES.iter().any(|status| query.allows("status", Some(status))) {
            self.violate(format!("GET {}: no such status in {}", request.path, request.query));
        }
        let born = self.setup.epoch_ms;
        let wanted = |t: &Terminal| {
            query.allows("status", Some(t.listed))
                && query.allows("terminal_id", Some(&t.id))
                && query.allows("provider_id", Some(&t.provider_id))
                && query.allows("serial_number", Some(&t.serial_number))
                && query.allows("terminal_order_id", None)
                && query.allows_time("verified", born)
                && query.allows_time("created", born)
        };
        let found = self.terminals.iter().enumerate().filter(|(_, t)| wanted(t));
        let rows = found.map(|(place, t)| (place, t.id.clone(), 0)).collect();
        Ok(self.page(&query, rows, |cloud, place| cloud.terminal_json(&cloud.terminals[place])))
    }

    fn terminal_answer(&self, t: usize) -> Answer {
        self.single(200, "terminal", self.terminal_json(&self.terminals[t]))
    }

    pub(super) fn get_terminal(&self, id: &str) -> Result<Answer, Answer> {
        self.terminal_index(id).map(|t| self.terminal_answer(t))
    }

    pub(super) fn change_terminal(&mut self, id: &str, request: &Request) -> Result<Answer, Answer> {
        let t = self.terminal_index(id)?;
        let nickname = self.params(request, &CHANGE)?.owned("nickname");
        let now = self.now;
        let terminal = &mut self.terminals[t];
        if let Some(nickname) = nickname {
            (terminal.nickname, terminal.updated_ms) = (nickname, now);
        }
        Ok(self.terminal_answer(t))
    }

    /// Asks the terminal, and refreshes the word of the list.
    pub(super) fn terminal_status(&mut self, id: &str) -> Result<Answer, Answer> {
        let t = self.terminal_index(id)?;
        let (now, always) = (self.now, self.switches.terminal_always_connected);
        let terminal = &mut self.terminals[t];
        if terminal.plugged {
            terminal.connected_ms = now;
        }
        if terminal.word() == "ACTIVE" {
            terminal.active_ms = now;
        }
        let word = if always { "CONNECTED" } else { terminal.word() };
        if word != terminal.word() {
            terminal.misled_ms = now;
        }
        terminal.listed_ms = Some(now);
        if !terminal.archived {
            terminal.listed = if matches!(word, "CONNECTED" | "ACTIVE") { "connected" } else { "disconnected" };
        }
        let word = if self.switches.status_in_lower_case { word.to_ascii_lowercase() } else { word.into() };
        let terminal = &self.terminals[t];
        let data = json!({
            "id": terminal.id,
            "status": word,
            "last_date_time_connected": self.time(terminal.connected_ms),
            "last_date_time_active": self.time(terminal.active_ms),
        });
        Ok(self.single(200, "terminal", data))
    }

    /// The terminal shows its nickname, or else its serial number, for a while.
    pub(super) fn identify(&mut self, id: &str) -> Result<Answer, Answer> {
        let t = self.terminal_index(id)?;
        let terminal = &mut self.terminals[t];
        if terminal.word() == "CONNECTED" {
            let name = if terminal.nickname.is_empty() { &terminal.serial_number } else { &terminal.nickname };
            terminal.screen = Screen::Name(name.clone());
            self.plan_in(self.takes(|t| t.identify), Event::NameGoes { terminal: t });
        }
        Ok(Answer::empty(204))
    }

    pub(super) fn name_goes(&mut self, t: usize) {
        let terminal = &mut self.terminals[t];
        if matches!(terminal.screen, Screen::Name(_)) && !terminal.is_taken() {
            terminal.rest();
        }
    }

    /// Somebody who is not this client pays at the terminal for so long.
    pub fn neighbor_pays(&mut self, terminal_id: &str, ms: u64) -> bool {
        let Ok(t) = self.terminal_index(terminal_id) else { return false };
        if self.terminals[t].is_taken() {
            return false;
        }
        (self.terminals[t].occupied, self.terminals[t].occupied_ms) = (true, self.now);
        self.terminals[t].rest();
        self.plan_in(ms, Event::NeighborLeaves { terminal: t });
        true
    }

    pub(super) fn neighbor_leaves(&mut self, t: usize) {
        if self.terminals[t].occupied {
            self.terminals[t].occupied = false;
            self.free(t);
        }
    }
}
