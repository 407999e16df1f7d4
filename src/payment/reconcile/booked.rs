//! A payment of the journal as a comparison needs it: what the till was told, and what it can be found by.

use super::{Listed, moment};
use crate::payment::face;
use crate::payment::money::Currency;
use crate::payment::report::Verdict;
use crate::payment::snapshot::{MoneyMoved, State};
use crate::payment::{Kind, Payment};

/// What the till was told about money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// No result yet.
    Running,
    Unknown,
    Moved,
    Reserved,
    Reversed,
    NotMoved,
}

/// A payment, refund or change of this journal.
#[derive(Clone, PartialEq, Debug)]
pub struct Booked {
    pub payment: u64,
    pub reference: String,
    pub kind: Kind,
    pub state: State,
    pub standing: Standing,
    pub is_refund: bool,
    /// Our key on the wire, if it went out.
    pub key: Option<String>,
    /// The vendor's ids of its own transactions, and of the one that the till was told.
    pub ids: Vec<String>,
    pub told_id: String,
    /// The transaction that it has changed, and whether that was voided.
    pub changed: Option<String>,
    pub voided: bool,
    /// Minor units, as told.
    pub amount: i64,
    pub currency: Currency,
    pub terminal: String,
    pub merchant_terminal: String,
    pub card_last4: String,
    /// The vendor's time of its transaction, as the vendor writes it.
    pub created: String,
    /// When it was asked for, by this PC's clock.
    pub asked_wall: i64,
    /// It was decided so shortly before the list was read that the list may not have it yet.
    pub is_fresh: bool,
}

/// Lists lag behind the vendor's own word.
const LAG_MS: u64 = 180_000;

impl Booked {
    /// `began`: when the reading of the list began. `None` for what has nothing to do with money.
    pub fn of(payment: &Payment, began: u64) -> Option<Booked> {
        let (request, told) = (&payment.intent.request, payment.told());
        if !request.kind.moves_money() {
            return None;
        }
        let shown = face::of(payment, true);
        let original = payment.intent.original_id.as_deref();
        let own = |id: &str| original != Some(id);
        let mine = payment.transactions.iter().filter(|t| t.is_mine()).map(|t| t.id.as_str());
        let told_id = told.map(|report| report.id.clone()).filter(|id| own(id)).unwrap_or_default();
        let mut ids: Vec<String> = mine.filter(|id| own(id)).map(str::to_owned).collect();
        if !told_id.is_empty() && !ids.contains(&told_id) {
            ids.push(told_id.clone());
        }
        let done = shown.state == State::Approved && told_id.is_empty() && request.kind.changes_original();
        // A reversal that went as a refund is told as given back, and stands in the books as a refund that moved.
        let own_refund = request.kind == Kind::Reverse && !told_id.is_empty() && payment.reversed == 0;
        let money = if own_refund && shown.state == State::Approved { MoneyMoved::Moved } else { shown.money };
        let fresh = payment.decided.as_ref().is_some_and(|d| d.at > payment.run_began && d.at + LAG_MS > began);
        Some(Booked {
            payment: payment.id,
            reference: request.reference.clone(),
            kind: request.kind,
            state: shown.state,
            standing: standing(shown.state, money),
            is_refund: matches!(request.kind, Kind::TerminalRefund | Kind::Refund | Kind::Reverse),
            key: Some(payment.intent.wire_key.clone()).filter(|key| payment.intent.key_on_wire && !key.is_empty()),
            ids,
            told_id,
            changed: payment.intent.original_id.clone().filter(|_| done),
            voided: done && told.is_some_and(|report| report.verdict == Verdict::Voided),
            amount: shown.approved_amount,
            currency: told.and_then(|report| report.currency).unwrap_or(request.currency),
            terminal: request.terminal.clone(),
            merchant_terminal: told
                .map(|report| report.merchant_terminal.clone())
                .filter(|account| !account.is_empty())
                .unwrap_or_else(|| request.merchant_terminal.clone()),
            card_last4: shown.card_last4,
            created: told.map(|report| report.created.clone()).unwrap_or_default(),
            asked_wall: payment.asked_wall,
            is_fresh: fresh,
        })
    }

    /// The vendor's time of it.
    pub fn at(&self) -> Option<i64> {
        moment(&self.created)
    }

    /// Money that must stand in the vendor's books under a transaction of its own.
    pub(super) fn is_money(&self) -> bool {
        let own = self.changed.is_none() && !matches!(self.kind, Kind::Capture | Kind::Void | Kind::AdjustTip);
        own && matches!(self.standing, Standing::Moved | Standing::Reserved)
    }

    pub(super) fn is_on(&self, account: &str) -> bool {
        account.is_empty() || self.merchant_terminal.is_empty() || self.merchant_terminal == account
    }

    pub(super) fn has_key(&self, one: &Listed) -> bool {
        self.key.as_deref() == Some(one.report.wire_key.as_str()) && self.is_refund == one.report.is_refund
    }
}

fn standing(state: State, money: MoneyMoved) -> Standing {
    match (state, money) {
        (State::Unknown, _) => Standing::Unknown,
        (state, _) if !state.is_final() => Standing::Running,
        (_, MoneyMoved::Reversed) => Standing::Reversed,
        (State::Approved, MoneyMoved::Pending) => Standing::Reserved,
        (State::Approved, MoneyMoved::Moved) => Standing::Moved,
        _ => Standing::NotMoved,
    }
}
