//! A step becomes a request.

use super::{JustiFi, body, errands};
use crate::config::Flow;
use crate::http::{HttpRequest, Method};
use crate::payment::fact::{Action, Failure};
use crate::payment::plan::Step;
use crate::payment::{Kind, Payment};
use crate::secret::Secret;
use crate::status::Status;
use crate::vendors::{Account, Search};
use serde_json::{Value, json};

/// The most that one page of a list holds (Pagination).
pub(super) const PAGE: u32 = 100;

pub(super) fn of(
    account: &JustiFi,
    step: &Step,
    payment: &Payment,
    search: &Search,
    session: &Account,
) -> Result<HttpRequest, Failure> {
    let token = session.session.map(|session| session.token.clone());
    let call = Caller { account, token: token.ok_or_else(|| Failure::new(Status::Unauthorized, "no session"))? };
    let request = &payment.intent.request;
    match step {
        Step::Submit(action) => call.submit(payment, *action),
        Step::Prepare => call.prepare(payment),
        Step::Baseline if payment.kind().is_card_present() => call.look(payment, search),
        Step::Baseline => call.refunds(payment, search),
        Step::TerminalStatus => Ok(call.get(format!("/v1/terminals/{}/status", encode(&request.terminal)), false)),
        Step::Watch => call.look(payment, search),
        Step::Lookup if !payment.kind().is_card_present() => call.refunds(payment, search),
        Step::Lookup => match named_first(account, payment, search) {
            Some(named) => Ok(call.get(format!("/v1/payments/{}", encode(named)), false)),
            None => call.look(payment, search),
        },
        Step::Settle { id } => Ok(call.settle(payment, id)),
        Step::Errand => {
            let (method, path, body, scoped) = errands::request(payment, search)?;
            Ok(call.call(method, path, body, scoped))
        }
        Step::Cancel | Step::SearchDuplicate | Step::FetchAnswer { .. } => {
            Err(Failure::new(Status::Unsupported, "JustiFi has no such call"))
        }
    }
}

/// The payment that the session named may be there although its checkout does not say so. An intent lists all of its own.
pub(super) fn named_first<'a>(account: &JustiFi, payment: &'a Payment, search: &Search) -> Option<&'a str> {
    let wanted = payment.kind() == Kind::Payment && account.flow == Flow::Checkout && !search.beyond;
    payment.named.as_deref().filter(|_| wanted)
}

struct Caller<'a> {
    account: &'a JustiFi,
    token: Secret,
}

impl Caller<'_> {
    /// `scoped`: the call's page lists `Sub-Account` among its headers.
    fn get(&self, path: String, scoped: bool) -> HttpRequest {
        self.call(Method::Get, path, None, scoped)
    }

    fn call(&self, method: Method, path: String, body: Option<Value>, scoped: bool) -> HttpRequest {
        let mut headers = vec![
            ("Authorization", Secret::new(format!("Bearer {}", self.token.reveal()))),
            ("Accept", Secret::from("application/json")),
        ];
        if scoped {
            headers.push(("Sub-Account", Secret::from(self.account.sub_account.as_str())));
        }
        if body.is_some() {
            headers.push(("Content-Type", Secret::from("application/json")));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let timeout_ms = self.account.call_timeout_ms;
        HttpRequest { method, path, headers, body, submit: false, timeout_ms, leave_by_ms: u64::MAX }
    }

    /// A write under a key that is the same in every run: it comes from the wire key.
    fn post(&self, path: String, body: Option<Value>, key: &str, scoped: bool) -> HttpRequest {
        let mut request = self.call(Method::Post, path, body, scoped);
        request.headers.push(("Idempotency-Key", Secret::from(key)));
        request
    }

    /// Makes the checkout or the intent; for a refund at a terminal, finds the intent of the original.
    fn prepare(&self, payment: &Payment) -> Result<HttpRequest, Failure> {
        let key = key(payment, "prepare");
        Ok(match (payment.kind(), self.account.flow) {
            (Kind::TerminalRefund, _) => self.get(format!("/v1/payments/{}", encode(original(payment)?)), false),
            (_, Flow::Checkout) => self.post("/v1/checkouts".to_owned(), Some(body::checkout(payment)), &key, true),
            (_, Flow::PaymentIntent) => {
                self.post("/v1/payment_intents".to_owned(), Some(body::intent(payment)), &key, true)
            }
        })
    }

    /// What has come of it so far. An intent is read in two requests: itself, and then its payments.
    fn look(&self, payment: &Payment, search: &Search) -> Result<HttpRequest, Failure> {
        if payment.kind() == Kind::TerminalRefund {
            return self.refunds(payment, search);
        }
        let id = payment.prepared.as_deref().ok_or_else(missing)?;
        Ok(match self.account.flow {
            Flow::Checkout if search.listing => self.payments_since(search),
            Flow::Checkout => self.get(format!("/v1/checkouts/{}", encode(id)), true),
            Flow::PaymentIntent if search.listing => {
                self.get(format!("/v1/payment_intents/{}/payments?limit={PAGE}", encode(id)), true)
            }
            Flow::PaymentIntent => self.get(format!("/v1/payment_intents/{}", encode(id)), true),
        })
    }

    /// The account's payments since the checkout was made (Payments, `created_after`).
    fn payments_since(&self, search: &Search) -> HttpRequest {
        let after = |cursor: &str| format!("&after_cursor={}", encode(cursor));
        let page = Some(search.cursor.as_str()).filter(|cursor| !cursor.is_empty()).map(after).unwrap_or_default();
        self.get(format!("/v1/payments?limit={PAGE}&created_after={}{page}", encode(&search.word)), true)
    }

    /// The refunds of the original: those that it lists itself, else those of the account.
    fn refunds(&self, payment: &Payment, search: &Search) -> Result<HttpRequest, Failure> {
        if !search.listing {
            return Ok(self.get(format!("/v1/payments/{}", encode(original(payment)?)), false));
        }
        let after =
            if search.cursor.is_empty() { String::new() } else { format!("&after_cursor={}", encode(&search.cursor)) };
        Ok(self.get(format!("/v1/refunds?limit={PAGE}{after}"), true))
    }

    /// One transaction, by what kind of thing its id names.
    fn settle(&self, payment: &Payment, id: &str) -> HttpRequest {
        if id.starts_with("chc_") {
            let checkout = payment.prepared.as_deref().unwrap_or_default();
            return self.get(format!("/v1/checkouts/{}", encode(checkout)), true);
        }
        let what = if is_refund(payment, id) { "refunds" } else { "payments" };
        self.get(format!("/v1/{what}/{}", encode(id)), false)
    }

    fn submit(&self, payment: &Payment, action: Action) -> Result<HttpRequest, Failure> {
        let request = &payment.intent.request;
        let terminal = &request.terminal;
        let prepared = || payment.prepared.as_deref().ok_or_else(missing);
        let mut call = match (request.kind, action) {
            (Kind::Payment, _) => {
                let name = if self.account.flow == Flow::Checkout { "checkout_id" } else { "payment_intent_id" };
                let body = json!({name: prepared()?, "terminal_id": terminal});
                self.post("/v1/terminals/pay".to_owned(), Some(body), &key(payment, "pay"), false)
            }
            (Kind::TerminalRefund, _) => {
                let body = json!({"payment_intent_id": prepared()?, "terminal_id": terminal, "amount": request.amount});
                self.post("/v1/terminals/refund".to_owned(), Some(body), &key(payment, "refund"), false)
            }
            (Kind::Void, _) | (Kind::Reverse, Action::Void) => self.post(
                format!("/v1/payments/{}/void", encode(original(payment)?)),
                None,
                &key(payment, "void"),
                false,
            ),
            (Kind::Capture, _) => {
                let path = format!("/v1/payments/{}/capture", encode(original(payment)?));
                self.post(path, None, &key(payment, "capture"), false)
            }
            (Kind::Refund | Kind::Reverse, _) => {
                let path = format!("/v1/payments/{}/refunds", encode(original(payment)?));
                self.post(path, Some(body::refund(payment)), &key(payment, "refund"), false)
            }
            _ => return Err(Failure::new(Status::Unsupported, "JustiFi cannot do that")),
        };
        call.submit = true;
        Ok(call)
    }
}

/// Whether an id names a refund. What a refund works on is a payment; what comes of it is a refund.
pub(super) fn is_refund(payment: &Payment, id: &str) -> bool {
    let of_refund = matches!(payment.kind(), Kind::TerminalRefund | Kind::Refund | Kind::Reverse);
    let original = payment.intent.original_id.as_deref() == Some(id);
    id.starts_with("re_") || (of_refund && !original)
}

/// At most 100 characters (Idempotency).
fn key(payment: &Payment, what: &str) -> String {
    format!("{}-{what}", payment.intent.wire_key)
}

fn original(payment: &Payment) -> Result<&str, Failure> {
    let unknown = || Failure::new(Status::NotFound, "the original's transaction is not known");
    payment.intent.original_id.as_deref().ok_or_else(unknown)
}

fn missing() -> Failure {
    Failure::new(Status::Internal, "the id is not known")
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
