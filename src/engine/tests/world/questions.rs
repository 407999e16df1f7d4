//! What a test asks of a world: its journal, its cloud, what the till was told.

use super::{Cloud, World};
use crate::journal::Row;
use crate::payment::Fact;
use crate::payment::history::History;
use crate::payment::snapshot::EventKind;

impl<C: Cloud> World<C> {
    /// How many of the journal's small values have a key that begins so.
    pub fn remembered(&self, beginning: &str) -> usize {
        self.meta.keys().filter(|key| key.starts_with(beginning)).count()
    }

    /// The journal of this till knows nothing of the payment: it was another till's.
    pub fn lose_record(&mut self, payment: u64) {
        self.rows.retain(|_, row| row.payment != payment);
        self.index.remove(&payment);
        self.power_cut(1_000);
    }

    /// Retention takes the facts of the payment; that money moved stays known.
    pub fn prune(&mut self, payment: u64) {
        self.rows.retain(|_, row| row.payment != payment);
        if let Some(row) = self.index.get_mut(&payment) {
            row.attention = false;
        }
        self.power_cut(1_000);
    }

    /// The facts of a payment, as the journal has them.
    pub fn facts(&self, payment: u64) -> Vec<Fact> {
        let rows = self.rows.values().filter(|row| row.payment == payment);
        rows.map(|row| Fact::from_json(row.version, &row.body)).collect()
    }

    /// Everything known of a payment, for a message that a person reads: its facts, what the till was told, the calls.
    pub fn story(&self, payment: u64) -> String {
        let rows = self.rows.values().filter(|row| row.payment == payment);
        let mut history = History::default();
        let mut line = |row: &Row| history.tell(row.version, &row.body);
        let facts = rows.map(|row| format!("  run {} at {:>8}: {}\n", row.run, row.at_ms, line(row)));
        let told = self.told.iter().filter(|(id, ..)| *id == payment).map(|(_, kind, s)| {
            format!("  told {kind:?}: {:?} {:?} {:?} {:#x} {}\n", s.state, s.status, s.money, s.flags, s.transaction_id)
        });
        facts.chain(told).collect()
    }

    /// The first fact of a payment, if the journal has one.
    pub fn first_fact(&self, payment: u64) -> Option<Fact> {
        let row = self.rows.values().find(|row| row.payment == payment)?;
        Some(Fact::from_json(row.version, &row.body))
    }

    pub fn has_fact(&self, payment: u64, wanted: impl Fn(&Fact) -> bool) -> bool {
        self.facts(payment).iter().any(wanted)
    }

    /// The wire key of a payment's attempt.
    pub fn key(&self, payment: u64) -> String {
        let intent = self.facts(payment).into_iter().find_map(|fact| match fact {
            Fact::Intent(intent) => Some(intent.wire_key),
            _ => None,
        });
        intent.expect("the journal has the intent")
    }

    /// How often a payment's submit has reached the cloud.
    pub fn submits(&self, payment: u64) -> usize {
        self.cloud.submits(&self.key(payment))
    }

    /// The kinds of news told about a payment, without mere changes of state.
    pub fn news_of(&self, payment: u64) -> Vec<EventKind> {
        let about = self.told.iter().filter(|(id, kind, _)| *id == payment && *kind != EventKind::State);
        about.map(|(_, kind, _)| *kind).collect()
    }

    /// Panics if the client broke a rule of the vendor.
    pub fn assert_polite(&self) {
        assert!(self.cloud.violations().is_empty(), "{:#?}", self.cloud.violations());
    }
}
