//! The events of the payment engine, as the merchant guide (Settings, Webhooks) words them. They are about transactions
//! only: of requests and devices there are none.

use crate::ebizcharge::cloud::Cloud;
use crate::ebizcharge::transaction::{Kind, State, Transaction};
use crate::rng::Rng;
use crate::webhooks::Event;
use serde_json::json;

/// What was announced of the books so far.
#[derive(Clone, Debug)]
pub(super) struct Announced {
    subscribed: bool,
    /// Of each transaction its kind, state and total.
    transactions: Vec<(Kind, State, i64)>,
    rng: Rng,
}

impl Default for Announced {
    fn default() -> Announced {
        Announced { subscribed: false, transactions: Vec::new(), rng: Rng::new(11) }
    }
}

impl Cloud {
    /// From now on events happen.
    pub fn subscribe(&mut self) {
        self.announced.subscribed = true;
        self.announced.transactions = self.transactions.iter().map(mark).collect();
    }

    /// The events that happened since this was asked last, oldest transaction first.
    pub fn take_events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for place in 0..if self.announced.subscribed { self.transactions.len() } else { 0 } {
            let now = mark(&self.transactions[place]);
            let before = match self.announced.transactions.get_mut(place) {
                Some(known) => Some(std::mem::replace(known, now)),
                None => {
                    self.announced.transactions.push(now);
                    None
                }
            };
            events.extend(word(now, before).map(|word| self.event(word, place)));
        }
        events
    }

    fn event(&mut self, word: &str, place: usize) -> Event {
        let mut object = self.row(&self.transactions[place]);
        // A number here, and a text everywhere else.
        object["refnum"] = json!(self.transactions[place].refnum);
        let rng = &mut self.announced.rng;
        let id: String = (0..4).map(|_| format!("{:016x}", rng.next_u64())).collect();
        let body = json!({
            "type": "event",
            "event_triggered": self.local(self.now),
            "event_type": word,
            "event_body": {"merchant": {"merch_key": "m4xqrsdnq7tj5f9b"}, "object": object, "changes": {}},
            "event_id": id,
        });
        Event { id, kind: word.into(), body: body.to_string().into_bytes() }
    }
}

fn mark(transaction: &Transaction) -> (Kind, State, i64) {
    (transaction.kind, transaction.state, transaction.amounts.total)
}

/// What has happened to a transaction, if it is worth an event.
fn word(now: (Kind, State, i64), before: Option<(Kind, State, i64)>) -> Option<&'static str> {
    let refund = now.0 == Kind::Refund;
    match (now.1, before) {
        (_, Some(before)) if before == now => None,
        (State::Failed, _) if refund => None,
        (State::Failed, _) => Some("transaction.sale.failure"),
        (State::Voided, _) if refund => Some("transaction.refund.voided"),
        (State::Voided, _) => Some("transaction.sale.voided"),
        (State::Queued, None) => Some("transaction.sale.queued"),
        (_, None) if refund => Some("transaction.refund.success"),
        (_, None) => Some("transaction.sale.success"),
        (State::Pending, Some((_, State::Queued, _))) => Some("transaction.sale.captured"),
        (State::Pending, Some((_, State::Voided, _))) => Some("transaction.sale.unvoided"),
        (State::Pending | State::Queued, Some((.., total))) if total != now.2 => Some("transaction.sale.adjusted"),
        _ => None,
    }
}
