//! Webhooks on their way: how each vendor signs an event, where it goes, and when it goes again. Pure: time is handed in.

use crate::rng::Rng;
use ring::hmac;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose event it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Sender {
    Payjunction,
    Ebizcharge,
    Justifi,
}

/// Something that happened, as the vendor words it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    pub id: String,
    /// The vendor's word for it.
    pub kind: String,
    /// The very bytes that are signed.
    pub body: Vec<u8>,
}

/// Where events go, and how badly.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscription {
    /// `http://host:port/path`.
    pub url: String,
    /// Empty: nothing is signed.
    pub secret: String,
    /// Every event waits for some time of its own, so that they arrive in any order.
    pub unordered: bool,
    /// Every event is posted twice, whatever the answer.
    pub duplicates: bool,
}

/// One post of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    pub event: Event,
    /// Counts the posts of this event from 1.
    pub attempt: u32,
    first_ms: u64,
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

impl Sender {
    /// How long a connection may take, and the answer after that.
    pub fn patience_ms(self) -> (u64, u64) {
        match self {
            // Receiving Webhooks.
            Sender::Payjunction => (5 * SECOND, 15 * SECOND),
            // Webhook Delivery.
            Sender::Justifi => (5 * SECOND, 5 * SECOND),
            // Not documented; this is what is usual.
            Sender::Ebizcharge => (5 * SECOND, 10 * SECOND),
        }
    }

    /// Whether this HTTP status ends the matter.
    pub fn is_content(self, status: u16) -> bool {
        match self {
            Sender::Justifi => status == 200,
            _ => (200..300).contains(&status),
        }
    }

    /// The pause after so many attempts without an answer that counts, so long after the first one. `None`: no more.
    pub fn pause_ms(self, attempts: u32, since_first_ms: u64) -> Option<u64> {
        match self {
            // Attempts 2 to 5 after 30 s, 6 to 10 after 5 min, the rest hourly, and after three days it is deleted.
            Sender::Payjunction => {
                let pause = match attempts {
                    0..=4 => 30 * SECOND,
                    5..=9 => 5 * MINUTE,
                    _ => HOUR,
                };
                (since_first_ms + pause <= 72 * HOUR).then_some(pause)
            }
            // A test account: three retries in an hour. How they are spaced is not published.
            Sender::Justifi => (attempts <= 3).then_some(20 * MINUTE),
            // Not documented; five retries, further and further apart.
            Sender::Ebizcharge => [1, 5, 15, 60, 240].get(attempts as usize - 1).map(|minutes| minutes * MINUTE),
        }
    }

    /// The headers of a post, without those of HTTP itself.
    pub fn headers(self, secret: &str, body: &[u8], unix_ms: u64) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Content-Type", String::from("application/json"))];
        let timestamp = (unix_ms / 1000).to_string();
        let signed = match self {
            Sender::Justifi => [timestamp.as_bytes(), b".", body].concat(),
            _ => body.to_vec(),
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature: String = hmac::sign(&key, &signed).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let signature = Some(signature).filter(|_| !secret.is_empty());
        match self {
            Sender::Payjunction => {
                headers.push(("User-Agent", String::from("PayJunction WebHook")));
                headers.push(("Pj-Merchant", String::from("9e000000-0000-4000-8000-000000000001")));
                headers.push(("Pj-Account", String::from("acc00000-0000-4000-8000-000000000001")));
                headers.push(("Accept-Encoding", String::from("gzip,deflate")));
                headers.extend(signature.map(|signature| ("X-Pj-Signature", signature)));
            }
            Sender::Justifi => {
                headers.push(("JUSTIFI-TIMESTAMP", timestamp));
                headers.extend(signature.map(|signature| ("JUSTIFI-SIGNATURE", signature)));
            }
            Sender::Ebizcharge => headers.extend(signature.map(|signature| ("X-Signature", signature))),
        }
        headers
    }
}

/// The longest that an event waits so that others overtake it.
const OVERTAKEN_MS: u64 = 3_000;
/// The second copy of an event follows the first one after this.
const COPY_MS: u64 = 700;

/// The events of one vendor that are to be posted.
pub struct Outbox {
    pub sender: Sender,
    pub subscription: Subscription,
    waiting: BTreeMap<(u64, u64), Delivery>,
    count: u64,
    rng: Rng,
}

impl Outbox {
    pub fn new(sender: Sender, subscription: Subscription) -> Outbox {
        Outbox { sender, subscription, waiting: BTreeMap::new(), count: 0, rng: Rng::new(7) }
    }

    /// An event has happened.
    pub fn push(&mut self, now_ms: u64, event: Event) {
        let late = if self.subscription.unordered { self.rng.below(OVERTAKEN_MS) } else { 0 };
        let first = Delivery { event, attempt: 1, first_ms: now_ms };
        if self.subscription.duplicates {
            self.wait(now_ms + late + COPY_MS, first.clone());
        }
        self.wait(now_ms + late, first);
    }

    /// What is to be posted by now.
    pub fn take_due(&mut self, now_ms: u64) -> Vec<Delivery> {
        let later = self.waiting.split_off(&(now_ms + 1, 0));
        std::mem::replace(&mut self.waiting, later).into_values().collect()
    }

    /// A post got this HTTP status, or no answer in time.
    pub fn answered(&mut self, now_ms: u64, delivery: &Delivery, status: Option<u16>) {
        if status.is_some_and(|status| self.sender.is_content(status)) {
            return;
        }
        let since_first = now_ms.saturating_sub(delivery.first_ms);
        if let Some(pause) = self.sender.pause_ms(delivery.attempt, since_first) {
            self.wait(now_ms + pause, Delivery { attempt: delivery.attempt + 1, ..delivery.clone() });
        }
    }

    fn wait(&mut self, until_ms: u64, delivery: Delivery) {
        self.count += 1;
        self.waiting.insert((until_ms, self.count), delivery);
    }
}
