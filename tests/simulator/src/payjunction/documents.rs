//! Receipts, signatures and the e-mail: what is no JSON, but for the summary.

use crate::date;
use crate::http::{Answer, Request};
use crate::payjunction::auth::{not_found, refusal};
use crate::payjunction::cloud::Cloud;
use crate::payjunction::rules::{Rule, Shape, money, optional, required};
use crate::payjunction::smart::errors;
use crate::payjunction::transaction::Transaction;
use serde::Serialize;
use serde_json::json;

/// The smallest PNG: one transparent point.
pub const SIGNATURE_PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

const EMAIL: [Rule; 3] = [
    required("to", Shape::Text(125)),
    required("replyTo", Shape::Text(125)),
    optional("requestSignature", Shape::Bool),
];

/// A receipt that was sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Email {
    pub transaction_id: u64,
    pub to: String,
    pub reply_to: String,
    /// Asks the customer to sign, too.
    pub request_signature: bool,
}

impl Cloud {
    pub fn emails(&self) -> &[Email] {
        &self.emails
    }

    /// GET receipts/{latest|unsigned}/{thermal|fullpage}.
    pub(super) fn receipt(&mut self, id: &str, which: &str, paper: &str, request: &Request) -> Answer {
        if let Err(refusal) = self.accepts_any(request) {
            return refusal;
        }
        let Some(i) = self.transaction_index(id) else { return not_found() };
        let t = &self.transactions[i];
        let signed = which == "latest" && self.is_signed(t);
        let width = if paper == "thermal" { "narrow" } else { "page" };
        let line = if signed { "Signed" } else { "Signature: ____________" };
        let text = format!(
            "<!DOCTYPE html><html><body class=\"{width}\"><h1>Simulated Store</h1><p>Transaction {}</p><p>{} ${}</p><p>{line}</p></body></html>",
            t.id,
            t.action.word(),
            money(t.amounts.total()),
        );
        Answer::html(200, &text)
    }

    /// GET receipts/latest.
    pub(super) fn receipt_summary(&self, id: &str) -> Answer {
        let Some(i) = self.transaction_index(id) else { return not_found() };
        let t = &self.transactions[i];
        let base = format!("{}/transactions/{id}/receipts/latest", self.setup.base_url);
        let created = date::iso(self.setup.epoch_ms + t.created_ms);
        let mut body = json!({
            "uri": base,
            "signatureStatus": if self.is_signed(t) { "SIGNED" } else { "UNSIGNED" },
            "documents": {"thermal": {"uri": format!("{base}/thermal")}, "fullpage": {"uri": format!("{base}/fullpage")}},
            "actions": {"email": {"uri": format!("{base}/email")}},
            "created": created,
            "lastModified": created,
        });
        if self.is_signed(t) {
            body["signature"] = json!({"source": "EQUINOX", "image": {"uri": format!("{base}/signature")}});
        }
        Answer::json(200, &body)
    }

    /// GET receipts/latest/signature.
    pub(super) fn transaction_signature(&mut self, id: &str, request: &Request) -> Answer {
        if let Err(refusal) = self.accepts_any(request) {
            return refusal;
        }
        match self.transaction_index(id) {
            Some(i) if self.is_signed(&self.transactions[i]) => png(),
            _ => not_found(),
        }
    }

    /// GET /smartterminals/signatures/{signatureId}/image.
    pub(super) fn signature(&mut self, id: &str, request: &Request) -> Answer {
        if let Err(refusal) = self.accepts_any(request) {
            return refusal;
        }
        let known =
            self.requests.iter().any(|r| r.result.as_ref().is_some_and(|(f, v)| *f == "signatureId" && v == id));
        if known { png() } else { not_found() }
    }

    /// POST receipts/latest/email.
    pub(super) fn send_receipt(&mut self, id: &str, request: &Request) -> Answer {
        let form = self.form(request, &EMAIL);
        let Some(i) = self.transaction_index(id) else { return not_found() };
        if !form.errors.is_empty() {
            return errors(&form);
        }
        self.emails.push(Email {
            transaction_id: self.transactions[i].id,
            to: form.owned("to").unwrap_or_default(),
            reply_to: form.owned("replyTo").unwrap_or_default(),
            request_signature: form.flag("requestSignature").unwrap_or(true),
        });
        Answer::empty(204)
    }

    /// Signed on the terminal: where the payment asked for it.
    fn is_signed(&self, t: &Transaction) -> bool {
        t.verdict.approved
            && self.requests.iter().any(|r| r.transaction_id == Some(t.id) && r.show_signature == Some(true))
    }

    /// Who accepts JSON only gets none of these.
    fn accepts_any(&mut self, request: &Request) -> Result<(), Answer> {
        if request.header("accept").is_some_and(|accept| accept.contains("*/*")) {
            return Ok(());
        }
        self.violate(format!("Accept: {} for what is no JSON", request.header("accept").unwrap_or("(none)")));
        Err(refusal(406, "406 Not Acceptable"))
    }
}

fn png() -> Answer {
    let mut answer = Answer { status: 200, body: SIGNATURE_PNG.to_vec(), ..Answer::default() };
    answer.set_header("Content-Type", "image/png");
    answer
}
