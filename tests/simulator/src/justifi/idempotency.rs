//! What the cloud remembers of a call under its `Idempotency-Key`.

use crate::http::{Answer, Request};
use crate::justifi::cloud::Cloud;
use crate::justifi::errors::refusal;
use crate::justifi::route::Route;
use serde_json::Value;

const KEY_MAX: usize = 100;

/// A key that was used.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// Method, path and body of the call.
    print: String,
    /// What a repeat gets; nothing where keys are ignored.
    answer: Option<Answer>,
    at_ms: u64,
    /// Until then the first call is still running.
    busy_until: u64,
}

fn print(request: &Request) -> String {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    format!("{} {} {body}", request.method, request.path)
}

/// The key of a write. An empty one is none.
pub(super) fn key_of(request: &Request) -> Option<&str> {
    request.header("idempotency-key").filter(|key| !key.is_empty() && request.method != "GET")
}

impl Cloud {
    fn honors_key(&self, route: &Route) -> bool {
        match route {
            Route::Pay | Route::RefundAtTerminal => self.switches.idempotent_pay,
            Route::NewCheckout | Route::ChangeCheckout(_) => self.switches.idempotent_checkouts,
            _ => route.needs_key(),
        }
    }

    /// Carries out a call that passed the gate, once for its key.
    pub(super) fn keyed(&mut self, route: &Route, request: &Request) -> Answer {
        let Some(key) = key_of(request) else {
            if route.needs_key() {
                self.violate(format!("{} {}: no Idempotency-Key", request.method, request.path));
                return refusal(400, "idempotency_key_required");
            }
            return self.serve(route, request);
        };
        if key.chars().count() > KEY_MAX {
            self.violate(format!("an Idempotency-Key of {} characters", key.chars().count()));
            return refusal(422, "idempotency_key_too_long");
        }
        let honored = self.honors_key(route);
        if let Some(answer) = self.remembered(key, honored, route, request) {
            return answer;
        }
        let answer = self.serve(route, request);
        if answer.status < 300 {
            let kept = Kept {
                print: print(request),
                answer: honored.then(|| answer.clone()),
                at_ms: self.now,
                busy_until: self.now + self.switches.key_busy_ms,
            };
            self.keys.insert(key.into(), kept);
        }
        answer
    }

    /// What an earlier call with this key means for this one.
    fn remembered(&mut self, key: &str, honored: bool, route: &Route, request: &Request) -> Option<Answer> {
        let (now, life) = (self.now, self.switches.key_lifetime_ms);
        let kept = self.keys.get(key).filter(|kept| life.is_none_or(|life| now < kept.at_ms + life))?;
        let (running, answer) = (now < kept.busy_until, kept.answer.clone());
        if kept.print != print(request) {
            self.violate(format!("{} {}: an Idempotency-Key of another call", request.method, request.path));
            return honored.then(|| refusal(409, "idempotency_params_mismatch"));
        }
        if honored && running {
            return Some(refusal(409, "idempotency_request_in_progress"));
        }
        let mut answer = answer.filter(|_| honored)?;
        if matches!(route, Route::Capture(_)) {
            answer.status = 200;
        }
        Some(answer)
    }

    /// The answer to this call takes so long: its key is in use meanwhile.
    pub(super) fn busy(&mut self, request: &Request, ms: u64) {
        let now = self.now;
        if let Some(kept) = key_of(request).and_then(|key| self.keys.get_mut(key)) {
            kept.busy_until = kept.busy_until.max(now + ms);
        }
    }
}
