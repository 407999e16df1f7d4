//! Which endpoint a call means.

use crate::faults::CallKind;
use crate::http::Request;

/// An endpoint, with the id that stands in its path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    Token,
    NewCheckout,
    Checkouts,
    Checkout(String),
    ChangeCheckout(String),
    RefundCheckout(String),
    NewIntent,
    Intents,
    Intent(String),
    ChangeIntent(String),
    CaptureIntent(String),
    IntentPayments(String),
    Pay,
    RefundAtTerminal,
    Terminals,
    Terminal(String),
    ChangeTerminal(String),
    TerminalStatus(String),
    Identify(String),
    Payments,
    Payment(String),
    ChangePayment(String),
    Capture(String),
    Void(String),
    NewRefund(String),
    Refunds,
    Refund(String),
    ChangeRefund(String),
    Unknown,
}

impl Route {
    pub fn of(request: &Request) -> Route {
        if request.path == "/oauth/token" && request.method == "POST" {
            return Route::Token;
        }
        let path = request.path.strip_suffix('/').unwrap_or(&request.path);
        let Some(rest) = path.strip_prefix("/v1/") else { return Route::Unknown };
        let parts: Vec<&str> = rest.split('/').collect();
        let method = request.method.as_str();
        match parts.split_first() {
            Some((&"checkouts", rest)) => checkout(method, rest),
            Some((&"payment_intents", rest)) => intent(method, rest),
            Some((&"terminals", rest)) => terminal(method, rest),
            Some((&"payments", rest)) => payment(method, rest),
            Some((&"refunds", rest)) => refund(method, rest),
            _ => Route::Unknown,
        }
    }

    /// What the call is for.
    pub fn kind(&self) -> CallKind {
        match self {
            Route::Token => CallKind::Authenticate,
            Route::NewCheckout | Route::NewIntent => CallKind::Prepare,
            Route::Pay | Route::RefundAtTerminal => CallKind::Submit,
            Route::Checkout(_) | Route::Intent(_) => CallKind::Poll,
            Route::Identify(_) => CallKind::Action,
            Route::Payment(_) | Route::Refund(_) => CallKind::GetTransaction,
            Route::Checkouts | Route::Intents | Route::IntentPayments(_) | Route::Payments | Route::Refunds => {
                CallKind::Search
            }
            Route::Void(_) => CallKind::Void,
            Route::Capture(_) => CallKind::Capture,
            Route::NewRefund(_) | Route::RefundCheckout(_) => CallKind::Refund,
            Route::Terminals => CallKind::ListTerminals,
            Route::Terminal(_) | Route::TerminalStatus(_) => CallKind::GetTerminal,
            Route::ChangeTerminal(_) => CallKind::ChangeTerminal,
            Route::ChangeCheckout(_)
            | Route::ChangeIntent(_)
            | Route::CaptureIntent(_)
            | Route::ChangePayment(_)
            | Route::ChangeRefund(_)
            | Route::Unknown => CallKind::Other,
        }
    }

    /// Whether the specification requires `Sub-Account`.
    pub fn needs_sub_account(&self) -> bool {
        matches!(self, Route::NewCheckout | Route::NewIntent)
    }

    /// Whether the specification requires `Idempotency-Key`.
    pub fn needs_key(&self) -> bool {
        matches!(
            self,
            Route::RefundCheckout(_)
                | Route::NewIntent
                | Route::ChangeIntent(_)
                | Route::CaptureIntent(_)
                | Route::ChangePayment(_)
                | Route::Capture(_)
                | Route::Void(_)
                | Route::NewRefund(_)
                | Route::ChangeRefund(_)
        )
    }

    /// Whether the call takes no body at all.
    pub fn is_bare(&self) -> bool {
        matches!(self, Route::Capture(_) | Route::Void(_) | Route::Identify(_))
    }
}

fn checkout(method: &str, rest: &[&str]) -> Route {
    match (method, rest) {
        ("POST", []) => Route::NewCheckout,
        ("GET", []) => Route::Checkouts,
        ("GET", [id]) => Route::Checkout((*id).into()),
        ("PATCH", [id]) => Route::ChangeCheckout((*id).into()),
        ("POST", [id, "refunds"]) => Route::RefundCheckout((*id).into()),
        _ => Route::Unknown,
    }
}

fn intent(method: &str, rest: &[&str]) -> Route {
    match (method, rest) {
        ("POST", []) => Route::NewIntent,
        ("GET", []) => Route::Intents,
        ("GET", [id]) => Route::Intent((*id).into()),
        ("PATCH", [id]) => Route::ChangeIntent((*id).into()),
        ("POST", [id, "capture"]) => Route::CaptureIntent((*id).into()),
        ("GET", [id, "payments"]) => Route::IntentPayments((*id).into()),
        _ => Route::Unknown,
    }
}

fn terminal(method: &str, rest: &[&str]) -> Route {
    match (method, rest) {
        ("POST", ["pay"]) => Route::Pay,
        ("POST", ["refund"]) => Route::RefundAtTerminal,
        ("GET", []) => Route::Terminals,
        ("GET", [id]) => Route::Terminal((*id).into()),
        ("PATCH", [id]) => Route::ChangeTerminal((*id).into()),
        ("GET", [id, "status"]) => Route::TerminalStatus((*id).into()),
        ("POST", [id, "identify"]) => Route::Identify((*id).into()),
        _ => Route::Unknown,
    }
}

fn payment(method: &str, rest: &[&str]) -> Route {
    match (method, rest) {
        ("GET", []) => Route::Payments,
        ("GET", [id]) => Route::Payment((*id).into()),
        ("PATCH", [id]) => Route::ChangePayment((*id).into()),
        ("POST", [id, "capture"]) => Route::Capture((*id).into()),
        ("POST", [id, "void"]) => Route::Void((*id).into()),
        ("POST", [id, "refunds"]) => Route::NewRefund((*id).into()),
        _ => Route::Unknown,
    }
}

fn refund(method: &str, rest: &[&str]) -> Route {
    match (method, rest) {
        ("GET", []) => Route::Refunds,
        ("GET", [id]) => Route::Refund((*id).into()),
        ("PATCH", [id]) => Route::ChangeRefund((*id).into()),
        _ => Route::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let of = |method, path| Route::of(&Request::new(method, path));
        assert_eq!(of("POST", "/oauth/token"), Route::Token);
        assert_eq!(of("POST", "/v1/oauth/token"), Route::Unknown);
        assert_eq!(of("POST", "/v1/terminals/pay"), Route::Pay);
        assert_eq!(of("GET", "/v1/terminals/trm_1/status"), Route::TerminalStatus("trm_1".into()));
        assert_eq!(of("GET", "/v1/payments/?limit=1"), Route::Payments);
        assert_eq!(of("DELETE", "/v1/checkouts/cho_1"), Route::Unknown);
        assert_eq!(of("POST", "/v1/terminals/trm_1/cancel"), Route::Unknown);
    }
}
