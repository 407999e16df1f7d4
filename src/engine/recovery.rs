//! What an earlier run left behind: the journal is read, folded, and every open payment goes on from its facts.

use super::admission::{Asked, Attempt, Standing};
use super::core::Core;
use super::lane::Lane;
use super::request::Request;
use super::writing::{LANDMARK, index_row};
use crate::journal::{Disposition, IndexRow, Row};
use crate::payment::fact::{Intent, Landmark};
use crate::payment::report::Ownership;
use crate::payment::snapshot::{Detail, EventKind, Snapshot};
use crate::payment::{Entry, Fact, Kind, Payment, Volatile, face};
use base64::Engine as _;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Core {
    /// Takes over what the journal holds: the index for admission, and the facts of every payment that needs attention.
    pub fn recover(&mut self, index: &[IndexRow], rows: &[Row], meta: &[(String, String)]) {
        let landmarks = meta.iter().filter(|(key, _)| key.starts_with(LANDMARK));
        let landmarks = landmarks.filter_map(|(_, text)| serde_json::from_str::<Landmark>(text).ok());
        self.hints.recover(meta);
        self.recall_spent(meta);
        self.landmarks = landmarks.map(|landmark| (landmark.merchant_terminal.clone(), landmark)).collect();
        if !index.is_empty() {
            self.readings.begin_after(self.run_began);
        }
        for row in index {
            if Kind::named(&row.kind).is_some_and(Kind::is_question) {
                self.admission.name_question(&row.reference, row.payment);
            } else {
                self.admission.restore(attempt(row), if moves_money(row) { &row.reference } else { "" });
            }
        }
        // Another account's transaction of that id is another one.
        for row in index.iter().filter(|row| !row.transaction.is_empty() && row.identity == self.identity) {
            self.admission.name_transaction(&row.reference, row.payment, &row.transaction);
        }
        let mut by_payment: BTreeMap<u64, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            by_payment.entry(row.payment).or_default().push(row);
        }
        for (payment, rows) in by_payment {
            let rows: Vec<Row> = rows.into_iter().cloned().collect();
            let known = index.iter().find(|row| row.payment == payment);
            self.adopt_as(payment, &rows, None, known);
            self.retell(payment);
        }
        // Those whose earlier attempts wait must know all of them, so standing is reported once everybody is there.
        let payments: Vec<u64> = self.lanes.keys().copied().collect();
        for payment in payments {
            self.report_standing(payment);
            self.ready.insert(payment);
        }
        self.words_of_last_run();
    }

    /// Makes a lane out of facts of the journal. Without facts there is none.
    pub(super) fn adopt(&mut self, payment: u64, rows: &[Row], request: Option<Arc<Request>>) {
        self.adopt_as(payment, rows, request, None);
    }

    /// The same, where the index knows something of the payment if its intent cannot be read.
    fn adopt_as(&mut self, payment: u64, rows: &[Row], request: Option<Arc<Request>>, known: Option<&IndexRow>) {
        let mut entries: Vec<Entry> = rows.iter().map(entry).collect();
        if let (Some(Fact::Unreadable), Some(known)) = (entries.first().map(|first| &first.fact), known)
            && let Some(intent) = stand_in(known)
        {
            let intent = Entry { fact: Fact::Intent(Box::new(intent)), ..entries[0].clone() };
            entries.insert(0, intent);
        }
        let Some(mut folded) = Payment::fold(payment, self.run, self.run_began, &entries) else { return };
        folded.apply(&Entry {
            number: folded.newest,
            run: self.run,
            at_ms: self.now,
            asked_ms: self.now,
            wall_ms: self.wall,
            fact: Fact::Resumed { restart: true },
        });
        for seen in &folded.transactions {
            if seen.report.as_ref().is_some_and(|r| r.ownership == Ownership::Ours) || seen.by_request {
                self.claimed.insert(seen.id.clone());
            }
        }
        self.claimed.extend(folded.named.clone());
        let mut snapshot = face::of(&folded, self.durable_journal);
        face::show_answer(&folded, &Volatile::default(), &mut snapshot);
        let request = request
            .or_else(|| self.admission.request(payment))
            .unwrap_or_else(|| Arc::new(Request::new(payment, snapshot.clone())));
        let mut shown = snapshot;
        shown.details.insert("json".to_owned(), Detail::Text(json(&shown)));
        request.publish(Arc::new(shown));
        request.set_acknowledged(folded.acknowledged);
        self.admission.hold_request(&request);
        if folded.is_being_undone() {
            request.begin_undo();
        }
        let asked = folded.intent.request.clone();
        if !folded.is_final() || (!folded.terminal_free && asked.kind.occupies_terminal()) {
            if asked.kind.occupies_terminal() {
                self.admission.hold_terminal(&asked.terminal, &request);
            }
            if asked.kind.changes_original() && !folded.is_final() {
                self.admission.hold_original(&asked, folded.intent.original_id.as_deref(), payment);
            }
        }
        if let (true, Some(told)) = (folded.is_confirming(), folded.told()) {
            self.admission.claim_own(&asked.reference, &told.id, payment);
        }
        folded.former_account = folded.intent.identity != self.identity;
        let index = index_row(&folded);
        let mut lane = Lane::new(folded, request, true);
        lane.index = index;
        lane.original = self.admission.find_original(&asked).map(|a| a.payment);
        self.insert(lane);
    }

    /// Tells again what the till has not acknowledged.
    fn retell(&mut self, payment: u64) {
        let Some(lane) = self.lanes.get_mut(&payment) else { return };
        if lane.payment.acknowledged {
            return;
        }
        let kind = match &lane.payment {
            p if !p.is_final() => EventKind::State,
            p => p.told_anew.map_or(EventKind::Result, |(_, kind)| kind),
        };
        let snapshot = lane.request.snapshot();
        if lane.payment.told_anew.is_some() {
            lane.request.must_be_seen(snapshot.event_number);
        }
        let request = lane.request.clone();
        self.news.push(super::Event { kind, number: snapshot.event_number, request, snapshot });
    }
}

fn entry(row: &Row) -> Entry {
    let fact = Fact::from_json(row.version, &row.body);
    Entry { number: row.number, run: row.run, at_ms: row.at_ms, asked_ms: row.at_ms, wall_ms: row.wall_ms, fact }
}

/// An intent that this version cannot read, as far as the index knows it. Nothing can be searched for with it.
fn stand_in(row: &IndexRow) -> Option<Intent> {
    let asked = |kind: &str| {
        let (reference, amount, currency, terminal) = (&row.reference, row.amount, &row.currency, &row.terminal);
        let fields = serde_json::json!({
            "kind": kind, "reference": reference, "amount": amount, "currency": currency, "terminal": terminal
        });
        serde_json::from_value(fields).ok()
    };
    Some(Intent {
        // A kind that this version does not know may be a payment: that is the careful reading.
        request: asked(&row.kind).or_else(|| asked(Kind::Payment.name()))?,
        wire_key: String::new(),
        key_on_wire: false,
        attempt: row.attempt,
        earlier: Vec::new(),
        identity: row.identity.clone(),
        original_id: None,
        given_back: 0,
        reserved: false,
        confirm: None,
        landmark: None,
    })
}

fn moves_money(row: &IndexRow) -> bool {
    !row.reference.is_empty()
}

fn attempt(row: &IndexRow) -> Attempt {
    Attempt {
        payment: row.payment,
        standing: match row.disposition {
            Disposition::Open => Standing::Open,
            Disposition::Unknown => Standing::Unknown,
            Disposition::Moved => Standing::Moved,
            Disposition::Clear => Standing::Clear,
        },
        asked: Asked {
            kind: row.kind.clone(),
            amount: row.amount,
            currency: row.currency.clone(),
            original: row.original.clone(),
        },
        wire_key: String::new(),
        // Its facts are in the journal; whether anything of it left is seen when they are read.
        dispatched: true,
    }
}

/// The snapshot as JSON, for pj_get_json: flat, by the names of the getters; bytes as base64, nothing private.
pub(super) fn json(snapshot: &Snapshot) -> String {
    let mut map = serde_json::Map::new();
    let mut put = |key: &str, value: serde_json::Value| {
        map.insert(key.to_owned(), value);
    };
    put("state", snapshot.state.name().into());
    put("status", snapshot.status.name().into());
    put("status_number", snapshot.status.number().into());
    put("money", snapshot.money.name().into());
    put("advice", snapshot.advice.name().into());
    put("flags", snapshot.flags.into());
    for (key, number) in [
        ("requested_amount", snapshot.requested_amount),
        ("approved_amount", snapshot.approved_amount),
        ("tip_amount", snapshot.tip_amount),
        ("surcharge_amount", snapshot.surcharge_amount),
        ("vendor_code", i64::from(snapshot.vendor_code)),
        ("http_status", i64::from(snapshot.http_status)),
        ("event_number", i64::from(snapshot.event_number)),
    ] {
        put(key, number.into());
    }
    let currency = snapshot.currency.map(|c| c.code().to_owned()).unwrap_or_default();
    for (key, text) in [
        ("currency", &currency),
        ("card_last4", &snapshot.card_last4),
        ("card_brand", &snapshot.card_brand),
        ("entry_method", &snapshot.entry_method),
        ("authorization_code", &snapshot.authorization_code),
        ("response_code", &snapshot.response_code),
        ("reference", &snapshot.reference),
        ("request_id", &snapshot.request_id),
        ("transaction_id", &snapshot.transaction_id),
        ("terminal", &snapshot.terminal),
        ("message", &snapshot.message),
    ] {
        put(key, text.as_str().into());
    }
    for (key, detail) in snapshot.details.iter().filter(|(key, _)| *key != "json") {
        match detail {
            Detail::Text(text) => put(key, text.as_str().into()),
            Detail::Int(number) => put(key, (*number).into()),
            Detail::Bytes(bytes) => put(key, base64::engine::general_purpose::STANDARD.encode(bytes).into()),
            // What goes into a till's log must not hold it.
            Detail::Private(_) => {}
        }
    }
    serde_json::Value::Object(map).to_string()
}
