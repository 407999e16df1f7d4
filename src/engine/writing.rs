//! Facts on their way into the journal, what waits for them, and what the till is told when.

use super::admission::Standing;
use super::core::Core;
use super::news::Event;
use crate::journal::{Disposition, IndexRow, Report, Row};
use crate::payment::fact::{Entry, Failure, Landmark, VERSION};
use crate::payment::plan::needs_late_watch;
use crate::payment::report::{Ownership, TransactionReport, Verdict};
use crate::payment::snapshot::{Detail, EventKind, MoneyMoved, Snapshot, State};
use crate::payment::state::SendResult;
use crate::payment::{Fact, Kind, Payment, face};
use std::sync::Arc;

impl Core {
    /// Adds a fact to a payment: in memory at once, in the journal with this turn's batch.
    pub(super) fn record(&mut self, payment: u64, fact: Fact) {
        let Some(lane) = self.lanes.get(&payment) else { return };
        let asked = self.asked_at.unwrap_or(self.now);
        let outdated = matches!(&fact, Fact::TransactionRead { report } if lane.payment.is_outdated(report, asked));
        if outdated || lane.payment.repeats(&fact) || !lane.journaled {
            return self.note(payment, fact);
        }
        let entry = self.entry(fact);
        self.batch.rows.push(Row {
            number: entry.number,
            payment,
            run: entry.run,
            at_ms: entry.at_ms,
            wall_ms: entry.wall_ms,
            version: VERSION,
            body: entry.fact.to_json(),
        });
        if entry.fact.must_be_durable() {
            let ticket = self.next_ticket;
            let now = self.now;
            if let Some(lane) = self.lanes.get_mut(&payment) {
                let since = lane.waits_for.map_or(now, |(_, since)| since);
                lane.waits_for = Some((ticket, since));
            }
        }
        self.dirty.insert(payment);
        self.take_in(payment, &entry);
    }

    /// Adds a fact in memory only: it says nothing new, or is not for the journal.
    pub(super) fn note(&mut self, payment: u64, fact: Fact) {
        let known = self.lanes.get(&payment).map_or(0, |lane| lane.payment.newest);
        let entry = self.numbered(known, fact);
        self.take_in(payment, &entry);
    }

    pub(super) fn entry(&mut self, fact: Fact) -> Entry {
        let number = self.next_number;
        self.next_number += 1;
        self.numbered(number, fact)
    }

    fn numbered(&self, number: u64, fact: Fact) -> Entry {
        let asked_ms = self.asked_at.unwrap_or(self.now);
        Entry { number, run: self.run, at_ms: self.now, asked_ms, wall_ms: self.wall, fact }
    }

    fn take_in(&mut self, payment: u64, entry: &Entry) {
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        let reached_before = lane.payment.reached_customer;
        self.watched -= usize::from(lane.is_watched());
        lane.payment.apply(entry);
        self.watched += usize::from(lane.is_watched());
        let kind = match &entry.fact {
            Fact::Decided { .. } => EventKind::Result,
            Fact::LateApproval { .. } => EventKind::LateApproval,
            Fact::ResultChanged { .. } | Fact::ConfirmFailed { .. } => EventKind::ResultChanged,
            Fact::ReversedBy { .. } | Fact::VoidedForSilence { .. } => EventKind::Reversed,
            Fact::ReversalUndone { .. } | Fact::UpdatedBy { .. } | Fact::Captured { .. } => EventKind::Updated,
            Fact::TerminalFree { .. } if lane.payment.is_final() => EventKind::TerminalFree,
            _ => EventKind::State,
        };
        if kind != EventKind::State || !lane.untold.contains(&EventKind::State) {
            lane.untold.push(kind);
        }
        let reached = lane.payment.reached_customer && !reached_before;
        let may_tell = !lane.is_held(self.now);
        // Before the till is told: when it sees that the terminal is free, the next request must not be refused.
        self.report_standing(payment);
        if may_tell {
            self.tell(payment);
        }
        self.follow(payment, entry, reached);
    }

    /// Publishes the newest snapshot and queues the news that were held back.
    pub(super) fn tell(&mut self, payment: u64) {
        let durable_journal = self.durable_journal;
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        let durable = durable_journal && !lane.undurable && lane.waits_for.is_none();
        let mut snapshot = face::of(&lane.payment, durable || !lane.payment.kind().is_kept());
        face::show_answer(&lane.payment, &lane.volatile, &mut snapshot);
        let told = lane.request.snapshot();
        let mut kinds = std::mem::take(&mut lane.untold);
        // What the till has stored is not told again for the library's own housekeeping.
        if same_to_the_till(&told, &snapshot) || (lane.payment.is_final() && lane.payment.acknowledged) {
            kinds.retain(|kind| *kind != EventKind::State);
        }
        if kinds.is_empty() && same_to_the_till(&told, &snapshot) && told.event_number != 0 {
            return;
        }
        snapshot.details.insert("json".to_owned(), Detail::Text(super::recovery::json(&snapshot)));
        let snapshot = Arc::new(snapshot);
        lane.request.publish(snapshot.clone());
        // Money that turned up after the end, or changed, must be acknowledged anew.
        let anew = lane.payment.told_anew.map(|(_, kind)| kind);
        let undone = |kind: &EventKind| *kind == EventKind::Reversed && anew == Some(*kind);
        if kinds.iter().any(|k| matches!(k, EventKind::LateApproval | EventKind::ResultChanged) || undone(k)) {
            lane.request.set_acknowledged(lane.payment.acknowledged);
            lane.request.must_be_seen(snapshot.event_number);
        }
        // Only when what has become of it must be seen first.
        if !lane.payment.is_being_undone() {
            lane.request.end_undo();
        }
        // One piece of news per telling and kind; a mere change of state is covered by any other.
        if kinds.len() > 1 {
            kinds.retain(|kind| *kind != EventKind::State);
        }
        let request = lane.request.clone();
        for kind in kinds {
            let number = snapshot.event_number;
            self.news.push(Event { kind, number, request: request.clone(), snapshot: snapshot.clone() });
        }
        self.log.info(|| format!("payment {payment}: {}", line(&snapshot)));
    }

    /// A flush that takes very long does not hide a result.
    pub(super) fn tell_if_patience_is_over(&mut self, payment: u64) {
        let Some(lane) = self.lanes.get(&payment) else { return };
        if lane.waits_for.is_some() && !lane.is_held(self.now) && !lane.untold.is_empty() {
            self.tell(payment);
        }
    }

    pub(super) fn journal_report(&mut self, report: Report) {
        match report {
            Report::Durable { ticket } => self.durable(ticket),
            Report::Failed { ticket, status, text } => self.not_durable(ticket, status, &text),
            Report::Loaded { payment, rows } => self.loaded(payment, Some(&rows)),
            Report::LoadFailed { payment, text, .. } => {
                self.log.error(|| format!("payment {payment} cannot be read from the journal: {text}"));
                self.loaded(payment, None);
            }
            Report::Leafed { request, payments, next } => self.leafed(request, &payments, next),
            Report::LeafFailed { request, status, text } => self.leaf_failed(request, Failure::new(status, text)),
        }
    }

    /// Tells admission what became of the reference, the terminal and the original.
    pub(super) fn report_standing(&mut self, payment: u64) {
        let Some(lane) = self.lanes.get(&payment) else { return };
        let p = &lane.payment;
        let request = &p.intent.request;
        if request.kind.moves_money() {
            let (wire_key, dispatched) = (&p.intent.wire_key, p.may_be_executed() || !p.is_final());
            self.admission.report(&request.reference, payment, standing(p), dispatched, wire_key);
        }
        let released = p.is_final() && (p.terminal_free || p.resolved.is_some() || !p.may_be_executed());
        if request.kind.occupies_terminal() && released {
            self.admission.release_terminal(&request.terminal, payment);
        }
        let changed = request.kind.changes_original() && p.is_final();
        if changed || (p.confirming.is_some() && !p.is_confirming()) {
            self.admission.release_original(payment);
        }
        if let Some(id) = led_to(p) {
            self.admission.name_transaction(&request.reference, payment, id);
        }
    }

    /// A transaction that the vendor showed under our key: later searches must see it.
    pub(super) fn note_landmark(&mut self, payment: u64, report: &TransactionReport) {
        let Some(lane) = self.lanes.get(&payment) else { return };
        let intent = &lane.payment.intent;
        let keyed = intent.key_on_wire && report.wire_key == intent.wire_key && !report.created.is_empty();
        let ours = report.ownership == Ownership::Ours && report.verdict != Verdict::Open;
        let known = self.landmarks.get(&report.merchant_terminal);
        let newer = known.is_none_or(|l| l.created <= report.created && l.transaction_id != report.id);
        if !(keyed && ours && newer) {
            return;
        }
        let landmark = Landmark {
            transaction_id: report.id.clone(),
            wire_key: report.wire_key.clone(),
            created: report.created.clone(),
            merchant_terminal: report.merchant_terminal.clone(),
        };
        if let Ok(text) = serde_json::to_string(&landmark) {
            self.batch.meta.push((format!("{LANDMARK}{}", report.merchant_terminal), text));
        }
        self.landmarks.insert(report.merchant_terminal.clone(), landmark);
    }

    /// The landmark of a merchant account; of all accounts the newest, where the account is not known.
    pub(super) fn landmark_of(&self, account: &str) -> Option<&Landmark> {
        if account.is_empty() {
            return self.landmarks.values().max_by(|a, b| a.created.cmp(&b.created));
        }
        self.landmarks.get(account)
    }
}

/// The journal keeps a landmark under this and its merchant account.
pub(super) const LANDMARK: &str = "landmark";

/// Whether the till would notice a difference. The number of the newest fact alone is none.
fn same_to_the_till(a: &Snapshot, b: &Snapshot) -> bool {
    let plain = |s: &Snapshot| {
        let mut copy = s.clone();
        copy.event_number = 0;
        copy.details.remove("json");
        copy
    };
    a.state == b.state && a.flags == b.flags && plain(a) == plain(b)
}

/// One line for the log: no card, no text of the till.
fn line(snapshot: &Snapshot) -> String {
    format!(
        "{} {} {} transaction={} request={}",
        snapshot.state.name(),
        snapshot.status.name(),
        snapshot.money.name(),
        snapshot.transaction_id,
        snapshot.request_id
    )
}

/// What a reference or the journal's index must know of a payment.
pub(super) fn standing(payment: &Payment) -> Standing {
    let Some(decided) = &payment.decided else {
        return if payment.unknown.is_some() { Standing::Unknown } else { Standing::Open };
    };
    let moved = payment.late.is_some()
        || decided.outcome.state == State::Approved
        || decided.outcome.money != MoneyMoved::NotMoved;
    if moved { Standing::Moved } else { Standing::Clear }
}

/// The transaction that a payment led to, as far as the till was told: the till may name the payment by it. What works on
/// another payment's transaction has none of its own.
pub(super) fn led_to(payment: &Payment) -> Option<&str> {
    let id = payment.told()?.id.as_str();
    let own = payment.kind().is_card_present() || payment.kind() == Kind::Refund;
    (own && payment.intent.original_id.as_deref() != Some(id)).then_some(id)
}

pub(super) fn index_row(payment: &Payment) -> IndexRow {
    let request = &payment.intent.request;
    IndexRow {
        payment: payment.id,
        reference: request.reference.clone(),
        attempt: payment.intent.attempt,
        kind: request.kind.name().to_owned(),
        amount: request.sum_asked(),
        currency: request.currency.code().to_owned(),
        terminal: request.terminal.clone(),
        original: super::admission::Asked::of(request).original,
        transaction: led_to(payment).unwrap_or_default().to_owned(),
        identity: payment.intent.identity.clone(),
        disposition: match standing(payment) {
            Standing::Open => Disposition::Open,
            Standing::Unknown => Disposition::Unknown,
            Standing::Moved => Disposition::Moved,
            Standing::Clear => Disposition::Clear,
        },
        attention: needs_attention(payment),
        wall_ms: payment.asked_wall,
    }
}

/// Whether the next run must read this payment's facts at its start.
fn needs_attention(payment: &Payment) -> bool {
    !payment.acknowledged
        || needs_late_watch(payment)
        || holds_unsent(payment)
        || payment.owes_word()
        || payment.owes_policy_step()
        || payment.hold_in_doubt()
}

fn holds_unsent(payment: &Payment) -> bool {
    !payment.is_final() && payment.send.as_ref().is_none_or(|send| send.result == SendResult::Pending)
}
