//! `/terminals/pay` and `/terminals/refund`: how a session is taken in, or refused.

use crate::http::{Answer, Request};
use crate::justifi::books::sent;
use crate::justifi::cloud::Cloud;
use crate::justifi::errors::{invalid, not_found, refusal, refusal_of};
use crate::justifi::idempotency::key_of;
use crate::justifi::params::{Params, Rule, Shape};
use crate::justifi::scenario::{Scenario, by_amount};
use crate::justifi::session::{Progress, Session, SessionKind, Target};
use crate::justifi::switches::ActivePay;
use serde_json::{Value, json};

const ID: Shape = Shape::Text(64);
const PAY: [Rule; 3] = [("checkout_id", ID), ("payment_intent_id", ID), ("terminal_id", ID)];
const REFUND: [Rule; 3] = [("payment_intent_id", ID), ("terminal_id", ID), ("amount", Shape::Cents)];
/// A client that looked at the terminal just before somebody else took it has done nothing wrong.
const RACE_MS: u64 = 2_000;
/// So long a client may go by what it was told of a terminal.
const BELIEVED_MS: u64 = 15_000;

impl Cloud {
    pub(super) fn pay(&mut self, request: &Request) -> Result<Answer, Answer> {
        let params = self.params(request, &PAY)?;
        let terminal = self.required(&params, "terminal_id")?;
        let target = self.target(&params)?;
        let t = self.terminal_index(&terminal)?;
        let (amount, open) = match target {
            Target::Checkout(c) => (self.checkouts[c].amount, self.checkouts[c].status.is_open()),
            Target::Intent(i) => (self.intents[i].amount, self.intents[i].status.is_open()),
        };
        if !open {
            return Err(invalid("payment_intent_unexpected_state"));
        }
        let scenario = self.admit(t, amount)?;
        let s = self.session(SessionKind::Payment, target, t, amount, scenario, request);
        self.start(s);
        Ok(self.session_answer(s))
    }

    fn target(&mut self, params: &Params) -> Result<Target, Answer> {
        if params.has("checkout_id") && params.has("payment_intent_id") {
            self.violate("both checkout_id and payment_intent_id");
        }
        if let Some(id) = params.text("checkout_id") {
            let found = self.checkouts.iter().position(|c| c.id == id);
            return found.map(Target::Checkout).ok_or_else(not_found);
        }
        let Some(id) = params.text("payment_intent_id") else {
            self.violate("neither checkout_id nor payment_intent_id");
            return Err(refusal_of(422, "parameter_missing", "checkout_id"));
        };
        let found = self.intents.iter().position(|i| i.id == id);
        found.map(Target::Intent).ok_or_else(|| refusal(404, "payment_intent_not_found"))
    }

    pub(super) fn refund_at_terminal(&mut self, request: &Request) -> Result<Answer, Answer> {
        let params = self.params(request, &REFUND)?;
        let terminal = self.required(&params, "terminal_id")?;
        self.required(&params, "payment_intent_id")?;
        let target = self.target(&params)?;
        let t = self.terminal_index(&terminal)?;
        let Target::Intent(i) = target else { return Err(refusal(404, "payment_intent_not_found")) };
        let paid = self.intents[i].successful_payment_id.clone();
        let place = self.payments.iter().position(|p| Some(&p.id) == paid.as_ref());
        let place = place.ok_or_else(|| invalid("payment_intent_unexpected_state"))?;
        let amount = self.checked_refund(place, &params)?;
        let scenario = self.admit(t, amount)?;
        let s = self.session(SessionKind::Refund, target, t, amount, scenario, request);
        self.start(s);
        Ok(self.session_answer(s))
    }

    /// What the terminal has against a session. Yields the story it will play.
    fn admit(&mut self, t: usize, amount: i64) -> Result<Scenario, Answer> {
        let terminal = &self.terminals[t];
        if terminal.archived {
            return Err(invalid("service_not_allowed"));
        }
        if terminal.is_taken() {
            self.blame_for_taking(t);
            match self.switches.active_pay {
                ActivePay::Refuses => return Err(invalid("terminal_busy")),
                ActivePay::Replaces => self.throw_out(t),
                ActivePay::Queues => {}
            }
        }
        let scenario = self.scenario(t, amount);
        match scenario {
            Scenario::Busy => return Err(invalid("terminal_busy")),
            Scenario::Refuse => return Err(invalid("terminal_error")),
            _ => {}
        }
        let unreached = matches!(scenario, Scenario::Offline | Scenario::OfflineThenSuccess);
        if self.switches.offline_refused && (unreached || !self.terminals[t].plugged) {
            return Err(invalid("terminal_not_connected"));
        }
        Ok(scenario)
    }

    /// A session on a terminal that says ACTIVE is a breach, unless the client cannot have seen it.
    fn blame_for_taking(&mut self, t: usize) {
        let terminal = &self.terminals[t];
        let since = match terminal.running {
            // Also of the client's own: one that waited in the queue begins when nobody asks for it.
            Some(running) if self.setup.clients > 1 || terminal.running_ms > self.sessions[running].created_ms => {
                terminal.running_ms + RACE_MS
            }
            Some(_) => 0,
            None => terminal.occupied_ms + if terminal.occupied_ms > 0 { RACE_MS } else { 0 },
        };
        let misled = terminal.misled_ms > 0 && self.now < terminal.misled_ms + BELIEVED_MS;
        // A call that is carried out late was allowed when it came.
        let unseen = self.switches.terminal_always_connected || misled || self.tokens.late;
        let told = terminal.word() == "ACTIVE" && !unseen;
        if told && self.now >= since {
            let id = terminal.id.clone();
            let ms = self.now - terminal.running_ms.max(terminal.occupied_ms);
            self.violate(format!("a session for {id}, which is ACTIVE for {ms} ms"));
        }
    }

    fn scenario(&mut self, t: usize, cents: i64) -> Scenario {
        if let Some(scenario) = self.scripts.pop_front() {
            scenario
        } else if self.terminals[t].touch {
            Scenario::Touch
        } else {
            by_amount(cents).unwrap_or(Scenario::Approve)
        }
    }

    fn session(
        &mut self,
        kind: SessionKind,
        target: Target,
        terminal: usize,
        amount: i64,
        scenario: Scenario,
        request: &Request,
    ) -> usize {
        let (checkout_id, payment_intent_id, sent_metadata) = match target {
            Target::Checkout(c) => {
                let of = &self.checkouts[c];
                (Some(of.id.clone()), of.payment_intent_id.clone(), sent(&of.metadata, &of.payment["metadata"]))
            }
            Target::Intent(i) => (None, self.intents[i].id.clone(), sent(&self.intents[i].metadata, &Value::Null)),
        };
        let old = self.switches.seed_replies && checkout_id.is_none();
        let session = Session {
            id: self.id(if old { "tmses" } else { "tses" }),
            kind,
            terminal_id: self.terminals[terminal].id.clone(),
            checkout_id,
            payment_intent_id,
            payment_id: self.id("py"),
            amount,
            sent_metadata,
            idempotency_key: key_of(request).map(String::from),
            scenario,
            progress: Progress::Created,
            payments: Vec::new(),
            created_ms: self.now,
            ended_ms: None,
            target,
            terminal,
            completion: None,
            plan: 0,
            card: None,
            second_card: false,
            lost: false,
            given_up: false,
            decided: None,
            refused_with: None,
        };
        self.sessions.push(session);
        self.sessions.len() - 1
    }

    fn session_answer(&self, s: usize) -> Answer {
        let session = &self.sessions[s];
        if let (Target::Intent(i), true) = (session.target, self.switches.seed_replies) {
            let data =
                json!({"payment_intent": self.intent_json(&self.intents[i]), "terminal": {"id": session.terminal_id}});
            let body = json!({
                "id": session.id, "type": "terminal_payment_intent", "data": data, "page_info": "string",
            });
            return Answer::json(201, &body);
        }
        let told = |id: &str| if self.switches.session_payment_null { Value::Null } else { json!(id) };
        let data = json!({
            "id": session.id,
            "session_type": if session.kind == SessionKind::Payment { "payment" } else { "refund" },
            "status": "created",
            "payment_id": told(&session.payment_id),
            "payment_intent_id": told(&session.payment_intent_id),
            "terminal_id": session.terminal_id,
            "account_id": self.setup.sub_account,
            "platform_account_id": self.link(&self.setup.platform_account),
            "checkout_id": session.checkout_id,
        });
        let mut answer = self.envelope("terminal_sessions", data);
        answer["id"] = json!(session.id);
        Answer::json(201, &answer)
    }
}
