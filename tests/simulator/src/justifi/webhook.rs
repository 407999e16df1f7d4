//! The events the vendor publishes. They are recorded, and whoever delivers them takes them from here.

use crate::http::Request;
use crate::justifi::cloud::Cloud;
use crate::justifi::idempotency::key_of;
use crate::webhooks::Event;
use serde::Serialize;
use serde_json::{Value, json};

/// An event that happened.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Published {
    pub at_ms: u64,
    /// Such as `checkout.completion.succeeded`.
    pub name: String,
    /// The body as it is posted; `data` in it is the bare object.
    pub payload: Value,
}

/// The call that caused an event.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    idempotency_key: Option<String>,
    request_id: String,
}

impl Cause {
    pub fn new(request: &Request, request_id: String) -> Cause {
        Cause { idempotency_key: key_of(request).map(String::from), request_id }
    }
}

impl Published {
    /// As it is posted.
    fn as_event(&self) -> Event {
        let id = self.payload["id"].as_str().unwrap_or_default().to_owned();
        Event { id, kind: self.name.clone(), body: self.payload.to_string().into_bytes() }
    }
}

impl Cloud {
    /// From now on events are there to be taken.
    pub fn subscribe(&mut self) {
        self.taken = Some(self.published.len());
    }

    /// The events that happened since this was asked last.
    pub fn take_events(&mut self) -> Vec<Event> {
        let Some(taken) = &mut self.taken else { return Vec::new() };
        let news = self.published[*taken..].iter().map(Published::as_event).collect();
        *taken = self.published.len();
        news
    }

    pub(super) fn publish(&mut self, name: &str, data: Value) {
        let id = self.id("evt");
        let payload = json!({
            "id": id,
            "account_id": self.setup.sub_account,
            "account_type": "test",
            "platform_account_id": self.setup.platform_account,
            "idempotency_key": self.cause.as_ref().and_then(|cause| cause.idempotency_key.clone()),
            "request_id": self.cause.as_ref().map(|cause| cause.request_id.clone()),
            "version": "v1",
            "data": data,
            "event_name": name,
        });
        self.published.push(Published { at_ms: self.now, name: name.into(), payload });
    }

    pub(super) fn publish_payment(&mut self, name: &str, place: usize) {
        let data = self.payment_json(&self.payments[place]);
        self.publish(name, data);
    }

    pub(super) fn publish_checkout(&mut self, name: &str, place: usize) {
        let data = self.checkout_json(&self.checkouts[place]);
        self.publish(name, data);
    }

    /// A completion's event has the checkout in it.
    pub(super) fn publish_completion(&mut self, name: &str, checkout: usize, completion: usize) {
        let of = &self.checkouts[checkout];
        let mut data = self.completion_json(of, &of.completions[completion]);
        data["checkout"] = self.checkout_json(of);
        self.publish(name, data);
    }

    pub(super) fn publish_intent(&mut self, name: &str, place: usize) {
        let data = self.intent_json(&self.intents[place]);
        self.publish(name, data);
    }
}
