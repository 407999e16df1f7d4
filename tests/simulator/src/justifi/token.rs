//! Who calls: the key pair, the tokens it is given, and the gate that reads them.

use crate::faults::CallKind;
use crate::http::{Answer, Request};
use crate::justifi::cloud::Cloud;
use crate::justifi::errors::{refusal, refusal_of};
use crate::justifi::params::{Params, Rule, Shape};
use crate::justifi::route::Route;
use serde_json::json;

/// A token is not asked for more often than this.
const PACE_MS: u64 = 60_000;
/// What is on the road when a token is refused still carries it.
const GRACE_MS: u64 = 10_000;
/// JustiFi's tokens are very long.
const TOKEN_LETTERS: usize = 12;

const CREDENTIALS: [Rule; 2] = [("client_id", Shape::Text(255)), ("client_secret", Shape::Text(255))];

#[derive(Clone, Debug)]
struct Token {
    text: String,
    issued_ms: u64,
    revoked: bool,
    /// When a client was first told that it is worth nothing.
    refused_ms: Option<u64>,
}

/// The tokens handed out, and what the clients know of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    given: Vec<Token>,
    /// When tokens arrived at the clients, since the last 401 that arrived.
    held_ms: Vec<u64>,
    /// When a client was last told that its key pair is wrong.
    credentials_refused_ms: Option<u64>,
    /// The call that is carried out came long ago: its token was taken then.
    pub(super) late: bool,
}

/// The token a call carries.
fn bearer(request: &Request) -> Option<&str> {
    request.header("authorization")?.strip_prefix("Bearer ").map(str::trim).filter(|token| !token.is_empty())
}

impl Cloud {
    /// `POST /oauth/token`.
    pub(super) fn token(&mut self, request: &Request) -> Answer {
        self.check_content(request);
        self.check_token_pace();
        let params = Params::read(&request.body, &CREDENTIALS);
        for what in params.violations.clone() {
            // The value would be a secret.
            self.violate(format!("POST /oauth/token: {}", what.split('=').next().unwrap_or_default()));
        }
        let known = params.text("client_id") == Some(&self.setup.client_id)
            && params.text("client_secret") == Some(&self.setup.client_secret);
        if !known {
            return refusal(401, "not_authenticated");
        }
        let text = (0..TOKEN_LETTERS).map(|_| self.id("sim")).collect::<Vec<_>>().join(".");
        let mut body = json!({"access_token": text});
        if self.switches.token_tells_life {
            body["expires_in"] = json!(self.setup.token_life_ms / 1000);
            body["token_type"] = json!("Bearer");
        }
        self.tokens.given.push(Token { text, issued_ms: self.now, revoked: false, refused_ms: None });
        Answer::json(200, &body)
    }

    fn check_token_pace(&mut self) {
        let now = self.now;
        self.tokens.held_ms.retain(|at| now < at + PACE_MS);
        if self.tokens.held_ms.len() >= self.setup.clients {
            self.violate("a token was asked for within a minute of the last one, which nobody had refused");
        }
        if self.tokens.credentials_refused_ms.is_some_and(|at| now < at + PACE_MS) {
            self.violate("a key pair that was refused was sent again within a minute");
        }
    }

    /// What the client learns from an answer that arrives whole, at once or late. A token that comes late may find nobody.
    pub(super) fn note_arrival(&mut self, route: &Route, request: &Request, status: u16, late: bool) {
        let (now, tokens) = (self.now, &mut self.tokens);
        match (route, status) {
            (Route::Token, 200) if !late => tokens.held_ms.push(now),
            (Route::Token, 401) => tokens.credentials_refused_ms = Some(now),
            (_, 401) => {
                tokens.held_ms.clear();
                let refused = bearer(request);
                if let Some(token) = tokens.given.iter_mut().find(|t| Some(t.text.as_str()) == refused) {
                    token.refused_ms.get_or_insert(now);
                }
            }
            _ => {}
        }
    }

    /// Whether the call may go on.
    pub(super) fn gate(&mut self, route: &Route, kind: CallKind, request: &Request) -> Result<(), Answer> {
        self.check_token(request)?;
        self.check_content(request);
        if route.is_bare() && !request.body.is_empty() {
            self.violate(format!("{} {}: a body where none is documented", request.method, request.path));
        }
        match request.header("sub-account") {
            None if route.needs_sub_account() => {
                self.violate(format!("{} {}: no Sub-Account", request.method, request.path));
                return Err(refusal(403, "invalid_sub_account"));
            }
            Some(account) if account != self.setup.sub_account => return Err(refusal(403, "invalid_sub_account")),
            _ => {}
        }
        if self.switches.forbidden.contains(&kind) {
            return Err(refusal(403, "not_authorized"));
        }
        let pays = matches!(kind, CallKind::Prepare | CallKind::Submit | CallKind::Refund | CallKind::Capture);
        if self.switches.sub_account_disabled && pays {
            return Err(refusal(400, "service_not_allowed"));
        }
        Ok(())
    }

    fn check_token(&mut self, request: &Request) -> Result<(), Answer> {
        let refused = || refusal(401, "not_authenticated");
        let Some(text) = bearer(request) else {
            self.violate(format!("{} {}: no Authorization with a Bearer token", request.method, request.path));
            return Err(refused());
        };
        let (now, life) = (self.now, self.setup.token_life_ms);
        let Some(token) = self.tokens.given.iter().find(|t| t.text == text) else { return Err(refused()) };
        if !token.revoked && now < token.issued_ms + life {
            return Ok(());
        }
        if !self.tokens.late && token.refused_ms.is_some_and(|at| now > at + GRACE_MS) {
            self.violate(format!("{} {}: a token that was refused before", request.method, request.path));
        }
        Err(refused())
    }

    fn check_content(&mut self, request: &Request) {
        if request.body.is_empty() {
            return;
        }
        if request.method == "GET" {
            self.violate("a GET with a body");
        }
        let kind = request.header("content-type").unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            self.violate(format!("Content-Type: {}", if kind.is_empty() { "(none)" } else { kind }));
        }
    }

    /// Reads a body; what it must not say is recorded, and what is no JSON object is refused.
    pub(super) fn params(&mut self, request: &Request, table: &[Rule]) -> Result<Params, Answer> {
        let params = Params::read(&request.body, table);
        for what in &params.violations {
            self.violate(format!("{} {}: {what}", request.method, request.path));
        }
        if params.malformed { Err(refusal(400, "unexpected_parameter")) } else { Ok(params) }
    }

    /// A member that must be there.
    pub(super) fn required(&mut self, params: &Params, name: &str) -> Result<String, Answer> {
        params.owned(name).ok_or_else(|| {
            self.violate(format!("{name} is missing"));
            refusal_of(422, "parameter_missing", name)
        })
    }

    /// From now on every token is worth nothing.
    pub fn revoke_tokens(&mut self) {
        self.tokens.given.iter_mut().for_each(|token| token.revoked = true);
    }

    /// How many tokens were handed out, whether they arrived or not.
    pub fn tokens_given(&self) -> usize {
        self.tokens.given.len()
    }

    /// The client starts anew: it may ask for a token, because it has lost the one it held, and with whatever key pair it
    /// was given meanwhile.
    pub fn client_restarts(&mut self) {
        self.tokens.held_ms.clear();
        self.tokens.credentials_refused_ms = None;
    }
}
