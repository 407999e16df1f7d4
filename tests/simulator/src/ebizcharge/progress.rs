//! A payment request on its way: how GET tells it, and how DELETE calls it off.

use crate::ebizcharge::cloud::{Cloud, Event};
use crate::ebizcharge::envelope::{refusal, text};
use crate::ebizcharge::payrequest::Status;
use crate::ebizcharge::switches::{Cancel, CompletePlace, CompleteType, ExpiredKey, TimeoutReply};
use crate::http::Answer;
use serde_json::{Value, json};

impl Cloud {
    pub(super) fn word(&self, status: Status) -> &'static str {
        if self.switches.old_status_words { status.old_word() } else { status.word() }
    }

    fn request_index(&self, key: &str) -> Option<usize> {
        let fresh = self.switches.fresh_request_404_ms;
        let r = self.requests.iter().rposition(|r| r.key == key)?;
        (self.now >= self.requests[r].created_ms + fresh).then_some(r)
    }

    pub(super) fn get_payrequest(&mut self, key: &str) -> Answer {
        let Some(r) = self.request_index(key) else {
            return refusal(404, 21_104);
        };
        let request = &self.requests[r];
        if self.now > request.expires_ms + self.switches.key_lifetime_ms {
            match self.switches.expired_key {
                ExpiredKey::Kept => {}
                ExpiredKey::WithoutStatus => return refusal(200, 21_104),
                ExpiredKey::NotFound => return refusal(404, 21_104),
            }
        }
        let mut error = request.error;
        if request.status == Status::Timeout {
            match self.switches.timeout_reply {
                TimeoutReply::Status => {}
                TimeoutReply::StatusAndError => error = Some(21_144),
                TimeoutReply::ErrorOnly => return refusal(200, 21_144),
            }
        }
        let mut body = json!({"type": "request", "key": request.key, "status": self.word(request.status)});
        if request.ended_ms.is_none() {
            body["expiration"] = json!(self.local(request.expires_ms));
        }
        if let Some(code) = error {
            body["error"] = json!(text(code));
            body["errorcode"] = json!(code);
        }
        if let Some(t) = request.transaction {
            body["transaction"] = self.result(request, &self.transactions[t]);
        }
        self.put_complete(&mut body, request.complete);
        Answer::json(200, &body)
    }

    fn put_complete(&self, body: &mut Value, complete: bool) {
        let value = match self.switches.complete_type {
            CompleteType::Bool => json!(complete),
            CompleteType::Text => json!(complete.to_string()),
            CompleteType::Number => json!(u8::from(complete)),
        };
        let place = self.switches.complete_place;
        if matches!(place, CompletePlace::Inside | CompletePlace::Both) && body["transaction"].is_object() {
            body["transaction"]["complete"] = value.clone();
        }
        if matches!(place, CompletePlace::Top | CompletePlace::Both) {
            body["complete"] = value;
        }
    }

    pub(super) fn cancel_payrequest(&mut self, key: &str) -> Answer {
        let running = self.request_index(key).filter(|r| self.requests[*r].ended_ms.is_none());
        let Some(r) = running else {
            return if self.switches.delete_of_ended_succeeds { success() } else { refusal(404, 21_104) };
        };
        match self.switches.cancel {
            Cancel::Obeyed => self.plan_in(self.takes(|t| t.cancel), Event::Canceled { request: r }),
            Cancel::Ignored => {}
            Cancel::TurnsApproved => self.requests[r].status = Status::Canceled,
            Cancel::HidesApproval => {
                let request = &mut self.requests[r];
                (request.status, request.complete, request.frozen) = (Status::Canceled, true, true);
                (request.transaction, request.ended_ms) = (None, Some(self.now));
            }
        }
        success()
    }
}

pub(super) fn success() -> Answer {
    Answer::json(200, &json!({"status": "success"}))
}
