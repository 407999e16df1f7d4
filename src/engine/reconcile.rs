//! The vendor's books against the journal: the list is there, the journal is leafed through, and both are compared.

use super::core::{Core, Effect};
use crate::journal::{Leaf, Row};
use crate::payment::fact::{Entry, Failure};
use crate::payment::plan::Step;
use crate::payment::reconcile::{self, Booked, Comparison, Listed, Span};
use crate::payment::{Fact, Payment};
use crate::status::Status;
use std::collections::BTreeMap;

/// A journal with more payments in the span than this is not compared: the memory of a till is small.
const MOST: usize = 50_000;

/// A reconciliation whose list is complete.
pub(super) struct Comparing {
    span: Span,
    listed: Vec<Listed>,
    /// When the list was begun to be read.
    began: u64,
    booked: BTreeMap<u64, Booked>,
    /// How far this PC's clock is ahead, as far as is known. The journal's times are this clock's.
    ahead_ms: i64,
}

impl Core {
    /// The list is complete. Now the journal, some payments at a time.
    pub(super) fn compare(&mut self, request: u64, listed: Vec<Listed>, began: u64) {
        let Some(lane) = self.lanes.get_mut(&request) else { return };
        lane.search = None;
        let Some(span) = Span::of(&lane.payment.intent.request) else {
            return self.leaf_failed(request, Failure::new(Status::Internal, "the span is lost"));
        };
        let ahead_ms = self.clock_ahead_seconds.unwrap_or(0).saturating_mul(1_000);
        lane.comparing = Some(Comparing { span, listed, began, booked: BTreeMap::new(), ahead_ms });
        self.leaf(request, span, ahead_ms, 0);
    }

    fn leaf(&mut self, request: u64, span: Span, ahead_ms: i64, after: u64) {
        let wide = span.wide();
        let wall = |at: i64| at.saturating_add(ahead_ms);
        let leaf = Leaf { request, from_wall_ms: wall(wide.from), until_wall_ms: wall(wide.until), after };
        self.effects.push(Effect::Leaf(leaf));
    }

    /// Some payments of the journal.
    pub(super) fn leafed(&mut self, request: u64, payments: &[(u64, Vec<Row>)], next: Option<u64>) {
        let Some(mut comparing) = self.lanes.get_mut(&request).and_then(|lane| lane.comparing.take()) else { return };
        self.ready.insert(request);
        if payments.iter().any(|(_, rows)| rows.is_empty()) {
            let text = "from: the journal no longer keeps the facts of that time; see retention_days";
            return self.leaf_failed(request, Failure::new(Status::Rejected, text));
        }
        if comparing.booked.len() + payments.len() > MOST {
            let text = "until: the journal has too many payments in that time; ask for less at once";
            return self.leaf_failed(request, Failure::new(Status::Rejected, text));
        }
        let began = comparing.began;
        let known = payments.iter().filter_map(|(payment, rows)| self.booked(*payment, rows, began));
        comparing.booked.extend(known.map(|booked| (booked.payment, booked)));
        match next {
            Some(after) => {
                self.leaf(request, comparing.span, comparing.ahead_ms, after);
                if let Some(lane) = self.lanes.get_mut(&request) {
                    lane.comparing = Some(comparing);
                }
            }
            None => self.conclude(request, comparing),
        }
    }

    /// Nothing is said about a part.
    pub(super) fn leaf_failed(&mut self, request: u64, failure: Failure) {
        let Some(lane) = self.lanes.get_mut(&request) else { return };
        lane.comparing = None;
        self.failed_read(request, &Step::Errand, failure, 0);
        self.ready.insert(request);
    }

    /// A payment of this account as the engine holds it, else as its facts have it.
    fn booked(&self, payment: u64, rows: &[Row], began: u64) -> Option<Booked> {
        if let Some(lane) = self.lanes.get(&payment) {
            return Booked::of(&lane.payment, began).filter(|_| !lane.payment.former_account);
        }
        let mut entries = rows.iter().map(|row| Entry {
            number: row.number,
            run: row.run,
            at_ms: row.at_ms,
            asked_ms: row.at_ms,
            wall_ms: row.wall_ms,
            fact: Fact::from_json(row.version, &row.body),
        });
        let mut folded = Payment::begin(payment, self.run, self.run_began, &entries.next()?)?;
        entries.for_each(|entry| folded.apply(&entry));
        Booked::of(&folded, began).filter(|_| folded.intent.identity == self.identity)
    }

    fn conclude(&mut self, request: u64, mut comparing: Comparing) {
        // What was asked for meanwhile, or has a wrong date, is known here all the same.
        let live = self.lanes.values().filter(|lane| !lane.payment.former_account);
        let live: Vec<Booked> = live.filter_map(|lane| Booked::of(&lane.payment, comparing.began)).collect();
        comparing.booked.extend(live.into_iter().map(|booked| (booked.payment, booked)));
        let mut booked: Vec<Booked> = comparing.booked.into_values().collect();
        booked.iter_mut().for_each(|b| b.asked_wall = b.asked_wall.saturating_sub(comparing.ahead_ms));
        let Some(lane) = self.lanes.get_mut(&request) else { return };
        let account = lane.payment.intent.request.merchant_terminal.clone();
        let compared = reconcile::compare(comparing.span, &account, &comparing.listed, &booked);
        lane.volatile.extend(reconcile::values(&compared));
        let outcome = Box::new(reconcile::outcome(&compared));
        self.tell_unknown_ones(&compared);
        self.record(request, Fact::Decided { outcome });
    }

    /// A payment whose outcome is unknown, and a transaction under its own key: it is read like any other that came up.
    fn tell_unknown_ones(&mut self, compared: &Comparison<'_>) {
        for (payment, id) in &compared.to_read {
            let Some(lane) = self.lanes.get(payment) else { continue };
            if lane.payment.is_final() || lane.payment.has_heard_of(id) {
                continue;
            }
            self.record(*payment, Fact::TransactionHinted { id: id.clone() });
            self.ready.insert(*payment);
        }
    }
}
