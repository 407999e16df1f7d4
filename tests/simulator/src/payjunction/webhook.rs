//! The events PayJunction posts, as bytes. Blanks and lines are as in the captured ones, because a signature covers the
//! very bytes.

use crate::date;
use crate::payjunction::cloud::Cloud;
use crate::payjunction::terminal::RequestStatus;
use crate::webhooks::Event;

/// What a merchant can subscribe to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventKind {
    /// Every change of a request's status.
    SmartterminalRequest,
    /// Once per transaction, from wherever.
    Transaction,
    /// A transaction was signed. Here: at the receipt screen of every approval.
    TransactionSignature,
    /// Of older subscriptions: a transaction at a terminal was authorized.
    SmartterminalTransaction,
}

impl EventKind {
    /// What can be subscribed to today.
    pub const PRESENT: &'static [EventKind] =
        &[EventKind::SmartterminalRequest, EventKind::Transaction, EventKind::TransactionSignature];

    pub fn word(self) -> &'static str {
        match self {
            EventKind::SmartterminalRequest => "SMARTTERMINAL_REQUEST",
            EventKind::Transaction => "TRANSACTION",
            EventKind::TransactionSignature => "TRANSACTION_SIGNATURE",
            EventKind::SmartterminalTransaction => "SMARTTERMINAL_TRANSACTION",
        }
    }
}

/// What was announced of the cloud so far.
#[derive(Clone, Default, Debug)]
pub(super) struct Announced {
    subscribed: Vec<EventKind>,
    /// Of each request the status, and whether its transaction was named.
    requests: Vec<(Option<RequestStatus>, bool)>,
    transactions: usize,
    events: Vec<Event>,
}

impl Cloud {
    /// From now on these events happen.
    pub fn subscribe(&mut self, kinds: &[EventKind]) {
        self.announced.subscribed = kinds.to_vec();
        self.announced.requests = self.requests.iter().map(|r| (Some(r.status), r.transaction_id.is_some())).collect();
        self.announced.transactions = self.transactions.len();
    }

    /// The events that happened since this was asked last, oldest first.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.announced.events)
    }

    /// The body of a SMARTTERMINAL_REQUEST event for the request as it stands now.
    pub fn webhook(&mut self, request_id: &str) -> Option<Vec<u8>> {
        let request = self.requests.iter().rposition(|r| r.id == request_id)?;
        let data = self.request_data(request);
        Some(self.event(EventKind::SmartterminalRequest, &data).body)
    }

    /// Words what has changed, for those who want to know.
    pub(super) fn announce(&mut self) {
        if self.announced.subscribed.is_empty() {
            return;
        }
        for transaction in self.announced.transactions..self.transactions.len() {
            let id = self.transactions[transaction].id.to_string();
            self.happened(EventKind::Transaction, &[("transactionId", id)]);
        }
        self.announced.transactions = self.transactions.len();
        self.announced.requests.resize(self.requests.len(), (None, false));
        for r in 0..self.requests.len() {
            self.announce_request(r);
        }
    }

    fn announce_request(&mut self, r: usize) {
        let request = &self.requests[r];
        let (status, transaction) = (request.status, request.transaction_id);
        let (known_status, named) = self.announced.requests[r];
        if (known_status, named) == (Some(status), transaction.is_some()) {
            return;
        }
        self.announced.requests[r] = (Some(status), transaction.is_some());
        if let Some(id) = transaction.filter(|_| !named) {
            let data = [
                ("requestPaymentId", quoted(&request.id)),
                ("smartTerminalId", quoted(&request.smart_terminal_id)),
                ("transactionId", quoted(&id.to_string())),
            ];
            self.happened(EventKind::SmartterminalTransaction, &data);
        }
        if known_status == Some(status) {
            return;
        }
        let approved = |id| self.transactions.iter().any(|t| t.id == id && t.verdict.approved);
        if let Some(id) = transaction.filter(|id| status == RequestStatus::Complete && approved(*id)) {
            self.happened(EventKind::TransactionSignature, &[("transactionId", quoted(&id.to_string()))]);
        }
        let data = self.request_data(r);
        self.happened(EventKind::SmartterminalRequest, &data);
    }

    fn request_data(&self, r: usize) -> Vec<(&'static str, String)> {
        let request = &self.requests[r];
        let mut data = vec![("requestId", quoted(&request.id)), ("status", quoted(request.status.word()))];
        data.extend(request.transaction_id.map(|id| ("transactionId", id.to_string())));
        data.extend(request.result.as_ref().map(|(field, value)| (*field, quoted(value))));
        data
    }

    fn happened(&mut self, kind: EventKind, data: &[(&str, String)]) {
        if self.announced.subscribed.contains(&kind) {
            let event = self.event(kind, data);
            self.announced.events.push(event);
        }
    }

    fn event(&mut self, kind: EventKind, data: &[(&str, String)]) -> Event {
        let unix = self.setup.epoch_ms + self.now;
        let created = format!("{}.{:03}Z", date::iso(unix).trim_end_matches('Z'), unix % 1000);
        let (id, word) = (self.rng.uuid(), kind.word());
        let data: Vec<String> = data.iter().map(|(name, value)| format!("    \"{name}\" : {value}")).collect();
        let head = format!("  \"id\" : \"{id}\",\n  \"created\" : \"{created}\",\n  \"type\" : \"{word}\"");
        let body = format!("{{\n{head},\n  \"data\" : {{\n{}\n  }}\n}}", data.join(",\n")).into_bytes();
        Event { id, kind: word.into(), body }
    }
}

fn quoted(text: &str) -> String {
    serde_json::json!(text).to_string()
}
