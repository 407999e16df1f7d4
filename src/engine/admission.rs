//! Who may start what: references, terminals and originals, reserved in memory under one short lock.
//!
//! The till's thread takes the lock to reserve, the engine to report what became of it. It is never held across I/O.

use super::Request;
use crate::payment::Kind;
use crate::payment::fact::Earlier;
use crate::payment::fields::Checked;
use crate::status::Status;
use once_cell::sync::Lazy;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What became of an attempt, as far as a reference must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Running, or its outcome is unknown.
    Open,
    Unknown,
    /// Money moved.
    Moved,
    /// Ended with proof that no money moved.
    Clear,
}

/// One attempt of a reference.
#[derive(Clone)]
pub struct Attempt {
    pub payment: u64,
    pub standing: Standing,
    /// What was asked, to tell a repetition from another payment under the same name.
    pub asked: Asked,
    pub wire_key: String,
    /// Something of it may have reached the vendor.
    pub dispatched: bool,
}

/// The part of a request by which a repetition is recognized.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked {
    pub kind: String,
    pub amount: i64,
    pub currency: String,
    pub original: String,
}

impl Asked {
    pub fn of(request: &Checked) -> Asked {
        let original = request.original.clone().or_else(|| request.transaction.clone());
        Asked {
            kind: request.kind.name().to_owned(),
            amount: request.sum_asked(),
            currency: request.currency.code().to_owned(),
            original: original.unwrap_or_default(),
        }
    }
}

/// The reservations of one client.
pub struct Admission {
    /// Tells the clients of this process apart.
    client: u64,
    /// The vendor's server: terminals are compared across all clients of the process.
    host: String,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    references: HashMap<String, Vec<Attempt>>,
    /// Which payments work on an original, under each name of the original: one, unless the caller said despite_unknown.
    originals: HashMap<String, Vec<u64>>,
    /// The transaction that each reference led to, and which payment each transaction belongs to.
    transactions: HashMap<String, String>,
    led_to: HashMap<String, (String, u64)>,
    /// The newest question at a terminal under each reference that one was given. It names them, and guards nothing.
    questions: HashMap<String, u64>,
    /// Requests that the engine holds, in the order in which they were made.
    live: BTreeMap<u64, Arc<Request>>,
    /// Requests that somebody else may still hold, so that a request has one face only.
    known: HashMap<u64, Weak<Request>>,
    next_payment: u64,
}

/// A terminal that carries a request of some client of this process.
struct Hold {
    client: u64,
    payment: u64,
    request: Weak<Request>,
}

/// Who holds each terminal: one, unless the caller said despite_unknown.
static TERMINALS: Lazy<Mutex<BTreeMap<String, Vec<Hold>>>> = Lazy::new(Mutex::default);

/// Why a request may not start, and the request that stands in the way.
pub struct Denied {
    pub status: Status,
    pub text: String,
    pub existing: Option<Arc<Request>>,
    /// A payment of the journal whose request has to be made first.
    pub existing_payment: u64,
}

impl Admission {
    pub fn new(client: u64, host: &str, next_payment: u64) -> Admission {
        let inner = Inner { next_payment, ..Inner::default() };
        Admission { client, host: host.to_owned(), inner: Mutex::new(inner) }
    }

    /// The number of the client among those of this process.
    pub fn client(&self) -> u64 {
        self.client
    }

    /// How many requests at terminals have no result yet.
    pub fn running_at_terminals(&self) -> u32 {
        let inner = self.lock();
        let running = |r: &&Arc<Request>| !r.snapshot().terminal.is_empty() && !r.snapshot().state.is_final();
        u32::try_from(inner.live.values().filter(running).count()).unwrap_or(u32::MAX)
    }

    /// Reserves reference, terminal and original for a new request, or says what stands in the way.
    ///
    /// `make` builds the request of the new payment's number; it runs under the lock and must be quick.
    pub fn reserve(
        &self,
        asked: &Checked,
        make: impl FnOnce(u64) -> Arc<Request>,
    ) -> Result<(Arc<Request>, Vec<Earlier>), Denied> {
        let mut inner = self.lock();
        let mut terminals = lock(&TERMINALS);
        let earlier = inner.check_reference(asked)?;
        let terminal = asked.kind.occupies_terminal().then(|| self.terminal_key(&asked.terminal));
        if let Some(key) = &terminal {
            check_terminal(&terminals, key, asked.despite_unknown)?;
        }
        let originals = inner.original_keys(asked);
        for key in &originals {
            inner.check_original(key, asked.despite_unknown, inner.next_payment)?;
        }
        let payment = inner.next_payment;
        inner.next_payment += 1;
        let request = make(payment);
        if !asked.reference.is_empty() && asked.kind.moves_money() {
            inner.references.entry(asked.reference.clone()).or_default().push(Attempt {
                payment,
                standing: Standing::Open,
                asked: Asked::of(asked),
                wire_key: String::new(),
                dispatched: false,
            });
        }
        if asked.kind.is_question() && !asked.reference.is_empty() {
            inner.questions.insert(asked.reference.clone(), payment);
        }
        if let Some(key) = terminal {
            let hold = Hold { client: self.client, payment, request: Arc::downgrade(&request) };
            terminals.entry(key).or_default().push(hold);
        }
        inner.hold_originals(originals, payment);
        inner.live.insert(payment, request.clone());
        inner.known.insert(payment, Arc::downgrade(&request));
        Ok((request, earlier))
    }

    /// Makes a recovered payment known, with everything it still holds.
    pub fn restore(&self, attempt: Attempt, reference: &str) {
        if !reference.is_empty() {
            self.lock().references.entry(reference.to_owned()).or_default().push(attempt);
        }
    }

    /// Makes a recovered question known by its reference. Those of the journal come oldest first.
    pub fn name_question(&self, reference: &str, payment: u64) {
        if !reference.is_empty() {
            self.lock().questions.insert(reference.to_owned(), payment);
        }
    }

    /// The newest question under a reference.
    pub fn find_question(&self, reference: &str) -> Option<u64> {
        self.lock().questions.get(reference).copied()
    }

    /// The engine holds this request from now on.
    pub fn hold_request(&self, request: &Arc<Request>) {
        let mut inner = self.lock();
        inner.live.insert(request.payment, request.clone());
        inner.known.insert(request.payment, Arc::downgrade(request));
    }

    /// Somebody else holds this request; whoever asks for the payment gets the same one.
    pub fn know_request(&self, request: &Arc<Request>) {
        self.lock().known.insert(request.payment, Arc::downgrade(request));
    }

    /// The engine is done with this request; the till may still hold it.
    pub fn release_request(&self, payment: u64) {
        let mut inner = self.lock();
        inner.live.remove(&payment);
        if inner.known.len() > 2 * inner.live.len() + 1024 {
            inner.known.retain(|_, request| request.strong_count() > 0);
        }
    }

    pub fn hold_terminal(&self, terminal: &str, request: &Arc<Request>) {
        self.release_terminal(terminal, request.payment);
        let hold = Hold { client: self.client, payment: request.payment, request: Arc::downgrade(request) };
        lock(&TERMINALS).entry(self.terminal_key(terminal)).or_default().push(hold);
    }

    /// Frees the terminal, as far as this payment is concerned.
    pub fn release_terminal(&self, terminal: &str, payment: u64) {
        let mut terminals = lock(&TERMINALS);
        let key = self.terminal_key(terminal);
        let Some(holds) = terminals.get_mut(&key) else { return };
        holds.retain(|hold| hold.client != self.client || hold.payment != payment);
        if holds.is_empty() {
            terminals.remove(&key);
        }
    }

    /// Frees everything that this client holds; at its close.
    pub fn release_all_terminals(&self) {
        lock(&TERMINALS).retain(|_, holds| {
            holds.retain(|hold| hold.client != self.client);
            !holds.is_empty()
        });
    }

    pub fn hold_original(&self, asked: &Checked, original_id: Option<&str>, payment: u64) {
        let mut inner = self.lock();
        let by_id = original_id.map(|id| format!("transaction|{id}"));
        let keys = inner.original_keys(asked).into_iter().chain(by_id).collect();
        inner.hold_originals(keys, payment);
    }

    /// The transaction behind a reference has become known: false when another request holds it under that name.
    pub fn claim_original(&self, asked: &Checked, id: &str, payment: u64) -> bool {
        let mut inner = self.lock();
        let key = format!("transaction|{id}");
        let free = inner.check_original(&key, asked.despite_unknown, payment).is_ok();
        if free {
            inner.hold_originals(vec![key], payment);
        }
        free
    }

    /// The policy of a payment is about to work on its own transaction: false when another request does.
    pub fn claim_own(&self, reference: &str, id: &str, payment: u64) -> bool {
        let mut inner = self.lock();
        let free = inner.is_free(&own_keys(reference, id), payment);
        if free {
            inner.hold_originals(own_keys(reference, id).into(), payment);
        }
        free
    }

    /// Whether [`Admission::claim_own`] would be granted now.
    pub fn is_free(&self, reference: &str, id: &str, payment: u64) -> bool {
        self.lock().is_free(&own_keys(reference, id), payment)
    }

    pub fn release_original(&self, payment: u64) {
        self.lock().originals.retain(|_, holders| {
            holders.retain(|holder| *holder != payment);
            !holders.is_empty()
        });
    }

    /// The vendor's id of the transaction that a reference led to: both names stand for the same original.
    pub fn name_transaction(&self, reference: &str, payment: u64, id: &str) {
        let mut inner = self.lock();
        if inner.led_to.get(id).is_none_or(|(_, known)| *known != payment) {
            inner.transactions.insert(reference.to_owned(), id.to_owned());
            inner.led_to.insert(id.to_owned(), (reference.to_owned(), payment));
        }
    }

    /// What became of an attempt.
    pub fn report(&self, reference: &str, payment: u64, standing: Standing, dispatched: bool, wire_key: &str) {
        let mut inner = self.lock();
        let attempts = inner.references.get_mut(reference);
        if let Some(attempt) = attempts.and_then(|all| all.iter_mut().find(|a| a.payment == payment)) {
            attempt.standing = standing;
            attempt.dispatched = dispatched;
            attempt.wire_key = wire_key.to_owned();
        }
    }

    /// Whether another payment has done to an original what this one was asked to do.
    pub fn was_changed(&self, asked: &Checked, payment: u64) -> bool {
        let inner = self.lock();
        let own = inner.original_keys(asked);
        let done = |attempt: &Attempt| {
            let kind = &attempt.asked.kind;
            // What was given back whole looks like a void at some vendors, as soon as the refund is under way.
            let refund = [Kind::Refund.name(), Kind::TerminalRefund.name()].contains(&kind.as_str());
            let (same_kind, done) = match asked.kind {
                Kind::Void | Kind::Reverse if refund => (true, attempt.standing != Standing::Clear),
                Kind::Void | Kind::Reverse => (
                    [Kind::Void.name(), Kind::Reverse.name()].contains(&kind.as_str()),
                    attempt.standing == Standing::Moved,
                ),
                other => (*kind == other.name(), attempt.standing == Standing::Moved),
            };
            let name = &attempt.asked.original;
            let same = own.iter().any(|key| key.split_once('|').is_some_and(|(_, known)| known == name));
            attempt.payment != payment && done && same_kind && same
        };
        inner.references.values().flatten().any(done)
    }

    /// The transaction that a reference led to.
    pub fn led_to(&self, reference: &str) -> Option<String> {
        self.lock().transactions.get(reference).cloned()
    }

    /// What the index knows to have gone back of an original, in minor units. A void, or a refund of all that was left,
    /// counts as everything.
    pub fn given_back(&self, asked: &Checked) -> i64 {
        let inner = self.lock();
        let names = inner.names_of_original(asked);
        let gives_back = [Kind::Refund, Kind::TerminalRefund, Kind::Reverse, Kind::Void].map(Kind::name);
        let done = |attempt: &&Attempt| {
            let known = gives_back.contains(&attempt.asked.kind.as_str()) && names.contains(&attempt.asked.original);
            known && attempt.standing == Standing::Moved
        };
        let done = inner.references.values().flatten().filter(done);
        let amounts = done.map(|attempt| if attempt.asked.amount > 0 { attempt.asked.amount } else { i64::MAX });
        amounts.fold(0, i64::saturating_add)
    }

    /// The attempt that speaks for a reference: the one that moved money, else the newest.
    pub fn find(&self, reference: &str) -> Option<Attempt> {
        let inner = self.lock();
        inner.references.get(reference).and_then(|attempts| speaks_for(attempts)).cloned()
    }

    /// The payment of this journal that a request works on, under either name of it.
    pub fn find_original(&self, asked: &Checked) -> Option<Attempt> {
        if let Some(reference) = &asked.original {
            return self.find(reference);
        }
        let inner = self.lock();
        let (reference, payment) = inner.led_to.get(asked.transaction.as_ref()?)?;
        inner.references.get(reference)?.iter().find(|attempt| attempt.payment == *payment).cloned()
    }

    /// The request of a payment, if it is known to this process.
    pub fn request(&self, payment: u64) -> Option<Arc<Request>> {
        self.lock().request(payment)
    }

    /// Requests that the engine holds, oldest first.
    pub fn live(&self) -> Vec<Arc<Request>> {
        self.lock().live.values().cloned().collect()
    }

    fn terminal_key(&self, terminal: &str) -> String {
        format!("{}|{terminal}", self.host)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Inner {
    fn request(&self, payment: u64) -> Option<Arc<Request>> {
        self.live.get(&payment).cloned().or_else(|| self.known.get(&payment).and_then(Weak::upgrade))
    }

    fn check_reference(&self, asked: &Checked) -> Result<Vec<Earlier>, Denied> {
        let Some(attempts) = self.references.get(&asked.reference).filter(|_| asked.kind.moves_money()) else {
            return Ok(Vec::new());
        };
        let standing = speaks_for(attempts).filter(|attempt| attempt.standing != Standing::Clear);
        if let Some(attempt) = standing {
            let same = attempt.asked == Asked::of(asked);
            let (status, text) = if same {
                (Status::DuplicateReference, "reference: this payment is running, unknown or paid; nothing was sent")
            } else {
                (
                    Status::ReferenceConflict,
                    "reference: names another kind, amount, currency or original; nothing was sent",
                )
            };
            return Err(self.denied(status, text, attempt.payment));
        }
        Ok(attempts
            .iter()
            .map(|a| Earlier { payment: a.payment, wire_key: a.wire_key.clone(), dispatched: a.dispatched })
            .collect())
    }

    /// The till's name and the vendor's of what a request works on, as far as they are known. Never an empty one.
    fn names_of_original(&self, asked: &Checked) -> Vec<String> {
        let by_id = asked.transaction.as_ref().and_then(|id| self.led_to.get(id)).map(|(reference, _)| reference);
        let by_reference = asked.original.as_ref().and_then(|reference| self.transactions.get(reference));
        let names = [asked.original.as_ref(), asked.transaction.as_ref(), by_id, by_reference];
        names.into_iter().flatten().filter(|name| !name.is_empty()).cloned().collect()
    }

    fn original_keys(&self, asked: &Checked) -> Vec<String> {
        if !asked.kind.changes_original() {
            return Vec::new();
        }
        let reference = asked.original.as_ref();
        let id = asked.transaction.as_ref().or_else(|| reference.and_then(|r| self.transactions.get(r)));
        let by_reference = reference.map(|reference| format!("reference|{reference}"));
        by_reference.into_iter().chain(id.map(|id| format!("transaction|{id}"))).collect()
    }

    fn hold_originals(&mut self, keys: Vec<String>, payment: u64) {
        for key in keys {
            let holders = self.originals.entry(key).or_default();
            if !holders.contains(&payment) {
                holders.push(payment);
            }
        }
    }

    fn check_original(&self, key: &str, despite_unknown: bool, own: u64) -> Result<(), Denied> {
        for payment in self.originals.get(key).into_iter().flatten().filter(|payment| **payment != own) {
            let request = self.request(*payment);
            if !(despite_unknown && request.as_ref().is_some_and(is_unknown)) {
                let text = "original: another change of it is running or unknown";
                return Err(self.denied(Status::TransactionInUse, text, *payment));
            }
        }
        Ok(())
    }

    fn is_free(&self, keys: &[String], payment: u64) -> bool {
        keys.iter().all(|key| self.check_original(key, false, payment).is_ok())
    }

    fn denied(&self, status: Status, text: &str, payment: u64) -> Denied {
        Denied { status, text: text.to_owned(), existing: self.request(payment), existing_payment: payment }
    }
}

/// The names of a payment's own transaction.
fn own_keys(reference: &str, id: &str) -> [String; 2] {
    [format!("reference|{reference}"), format!("transaction|{id}")]
}

fn check_terminal(terminals: &BTreeMap<String, Vec<Hold>>, key: &str, despite_unknown: bool) -> Result<(), Denied> {
    terminals.get(key).into_iter().flatten().try_for_each(|hold| check_hold(hold, despite_unknown))
}

fn check_hold(hold: &Hold, despite_unknown: bool) -> Result<(), Denied> {
    let Some(request) = hold.request.upgrade() else { return Ok(()) };
    // Of a result that was found by search nobody knows when the terminal is free; if it is not, the vendor says BUSY.
    let ended = request.snapshot().state.is_final();
    if despite_unknown && (ended || is_unknown(&request)) {
        return Ok(());
    }
    let text = if is_unknown(&request) {
        "terminal: the outcome of its last payment is unknown; resolve that, or set despite_unknown"
    } else if ended {
        "terminal: its last payment has ended, but it may still be busy with it; wait for PJ_FLAG_TERMINAL_FREE"
    } else {
        "terminal: carries another request"
    };
    let existing_payment = request.payment;
    Err(Denied { status: Status::TerminalInUse, text: text.to_owned(), existing: Some(request), existing_payment })
}

fn is_unknown(request: &Arc<Request>) -> bool {
    request.snapshot().state == crate::payment::snapshot::State::Unknown
}

/// Money that moved speaks loudest, then what is not decided, then the newest.
fn speaks_for(attempts: &[Attempt]) -> Option<&Attempt> {
    let of = |standing| attempts.iter().rev().find(|a| a.standing == standing);
    of(Standing::Moved).or_else(|| of(Standing::Unknown)).or_else(|| of(Standing::Open)).or(attempts.last())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is inside is a set of reservations; a panic elsewhere leaves them as they are.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
