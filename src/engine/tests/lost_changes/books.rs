//! The vendors' books, as the list of lost changes asks them.

use super::Change;
use crate::engine::tests::world::Cloud;
use posjunction_simulator::CallKind;
use posjunction_simulator::ebizcharge as eb;
use posjunction_simulator::justifi as jf;
use posjunction_simulator::payjunction as pj;

/// A payment and what was done to it, in minor units.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Row {
    pub total: i64,
    pub tip: i64,
    /// Authorized and not captured.
    pub reserved: bool,
    pub voided: bool,
    /// Refunds of it that stand.
    pub refunds: Vec<i64>,
}

/// A vendor's cloud and its books.
pub trait Books: Cloud + Sized {
    /// What the vendor can do.
    const CHANGES: &'static [Change];
    /// A reverse of what is settled is a void that is refused, and a refund; elsewhere one call.
    const SPLITS_REVERSE: bool;

    /// A cloud whose cards take back what they paid.
    fn fresh() -> Self;

    /// The call that does it.
    fn call(change: Change) -> CallKind;

    fn settle_all(&mut self);

    fn row(&self, transaction: &str) -> Row;
}

/// Where every change has a call of its own.
fn own_call(change: Change) -> CallKind {
    match change {
        Change::Void | Change::Reverse => CallKind::Void,
        Change::Refund | Change::RefundOfAPart | Change::SecondEqualRefund | Change::ReverseOfSettled => {
            CallKind::Refund
        }
        Change::Capture | Change::CaptureOfLess => CallKind::Capture,
        Change::Tip => CallKind::Adjust,
    }
}

impl Books for pj::Cloud {
    const CHANGES: &'static [Change] = &[
        Change::Void,
        Change::Refund,
        Change::RefundOfAPart,
        Change::SecondEqualRefund,
        Change::Capture,
        Change::CaptureOfLess,
        Change::Reverse,
        Change::ReverseOfSettled,
        Change::Tip,
    ];
    const SPLITS_REVERSE: bool = true;

    fn fresh() -> pj::Cloud {
        pj::Cloud::new(pj::Setup { card_history_cents: 1_000_000, ..pj::Setup::default() })
    }

    fn call(change: Change) -> CallKind {
        own_call(change)
    }

    fn settle_all(&mut self) {
        self.settle();
    }

    fn row(&self, transaction: &str) -> Row {
        let sale = self.ledger().iter().find(|t| t.id.to_string() == transaction).expect("the sale is in the books");
        let of_it = |t: &&pj::Transaction| t.original_id == Some(sale.id) && t.verdict.approved;
        let refunds = self.ledger().iter().filter(of_it).filter(|t| t.status != pj::Status::Void);
        Row {
            total: sale.amounts.total(),
            tip: sale.amounts.tip.unwrap_or(0),
            reserved: sale.status == pj::Status::Hold,
            voided: sale.status == pj::Status::Void,
            refunds: refunds.map(|t| t.amounts.total()).collect(),
        }
    }
}

impl Books for eb::Cloud {
    const CHANGES: &'static [Change] = &[
        Change::Void,
        Change::Refund,
        Change::RefundOfAPart,
        Change::SecondEqualRefund,
        Change::Capture,
        Change::CaptureOfLess,
        Change::Reverse,
        Change::ReverseOfSettled,
        Change::Tip,
    ];
    const SPLITS_REVERSE: bool = true;

    fn fresh() -> eb::Cloud {
        eb::Cloud::new(eb::Setup::default())
    }

    fn call(change: Change) -> CallKind {
        own_call(change)
    }

    fn settle_all(&mut self) {
        self.settle();
    }

    fn row(&self, transaction: &str) -> Row {
        let is_sale = |t: &&eb::Transaction| t.key == transaction || t.refnum.to_string() == transaction;
        let sale = self.ledger().iter().find(is_sale).expect("the sale is in the books");
        let of_it = |t: &&eb::Transaction| t.original_key.as_deref() == Some(&sale.key) && t.verdict.is_approved();
        let refunds = self.ledger().iter().filter(of_it).filter(|t| t.state != eb::State::Voided);
        Row {
            total: sale.amounts.total,
            tip: sale.amounts.tip.unwrap_or(0),
            reserved: sale.state == eb::State::Queued,
            voided: sale.state == eb::State::Voided,
            refunds: refunds.map(|t| t.amounts.total).collect(),
        }
    }
}

impl Books for jf::Cloud {
    const CHANGES: &'static [Change] = &[
        Change::Void,
        Change::Refund,
        Change::RefundOfAPart,
        Change::SecondEqualRefund,
        Change::Reverse,
        Change::ReverseOfSettled,
    ];
    const SPLITS_REVERSE: bool = true;

    fn fresh() -> jf::Cloud {
        jf::Cloud::new(jf::Setup::default())
    }

    fn call(change: Change) -> CallKind {
        own_call(change)
    }

    fn settle_all(&mut self) {
        self.settle();
    }

    fn row(&self, transaction: &str) -> Row {
        let sale = self.ledger().iter().find(|p| p.id == transaction).expect("the sale is in the books");
        let refunds = self.refunds().iter().filter(|r| r.payment_id == sale.id);
        Row {
            total: sale.amount,
            tip: 0,
            reserved: sale.state == jf::PaymentState::Authorized,
            voided: sale.state == jf::PaymentState::Canceled,
            refunds: refunds.filter(|r| r.status != jf::RefundStatus::Failed).map(|r| r.amount).collect(),
        }
    }
}
