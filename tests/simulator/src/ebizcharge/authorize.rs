//! One card meets one amount: duplicates, issuer, tip, and a new row in the ledger.

use crate::ebizcharge::cloud::Cloud;
use crate::ebizcharge::issuer::{self, Card, VISA, Verdict};
use crate::ebizcharge::payrequest::PayRequest;
use crate::ebizcharge::scenario::Scenario;
use crate::ebizcharge::switches::Duplicates;
use crate::ebizcharge::transaction::{Amounts, Kind, State, Transaction};

const FIRST_REFNUM: u64 = 2_226_860_110;
const ALPHABET: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: u64 = 36;

impl Cloud {
    /// Random letters and digits, as in the keys of requests and devices.
    pub(super) fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(ALPHABET[self.rng.below(62) as usize])).collect()
    }

    pub(super) fn authcode(&mut self) -> String {
        format!("{:06}", self.rng.below(1_000_000))
    }

    /// Runs the card that is in the reader. Yields the place of the result in the ledger.
    pub(super) fn authorize(&mut self, r: usize) -> usize {
        let request = self.requests[r].clone();
        let card = request.card.clone().unwrap_or(VISA);
        let mut amounts = with_tip(&request);
        let earlier = self.duplicate_of(&request, &card, amounts.total);
        if let (Some(earlier), Duplicates::Fold) = (earlier, self.switches.duplicates) {
            self.requests[r].is_duplicate = true;
            return earlier;
        }
        let verdict = if earlier.is_some() { Verdict::error(31) } else { self.verdict(&request, &mut amounts) };
        let state = match (verdict.is_approved(), request.kind) {
            (false, _) => State::Failed,
            (true, Kind::AuthOnly) => State::Queued,
            (true, _) => State::Pending,
        };
        self.book(Transaction {
            key: String::new(),
            refnum: 0,
            device_key: Some(request.device_key),
            request_key: Some(request.key),
            original_key: None,
            kind: request.kind,
            state,
            amounts,
            card,
            verdict,
            orderid: request.orderid.clone().filter(|_| !self.switches.orderid_dropped),
            sent_orderid: request.orderid,
            details: request.details,
            saved_card: request.save_card,
            batch: 0,
            created_ms: 0,
        })
    }

    /// Writes a new row; keys, batch and time are set here.
    pub(super) fn book(&mut self, transaction: Transaction) -> usize {
        let place = self.transactions.len();
        let key = (0..16).map(|_| char::from(ALPHABET[self.rng.below(LOWER) as usize])).collect();
        let refnum = FIRST_REFNUM + place as u64;
        self.transactions.push(Transaction { key, refnum, batch: self.batch, created_ms: self.now, ..transaction });
        place
    }

    /// An approved payment of the same kind, card, total and invoice a short while ago.
    fn duplicate_of(&self, request: &PayRequest, card: &Card, total: i64) -> Option<usize> {
        if self.switches.duplicates == Duplicates::Off || request.ignore_duplicate {
            return None;
        }
        let invoice = request.details.get("invoice").and_then(|invoice| invoice.as_str());
        self.transactions.iter().rposition(|t| {
            self.now < t.created_ms + self.switches.duplicate_window_ms
                && t.kind == request.kind
                && t.card == *card
                && t.amounts.total == total
                && t.invoice() == invoice
                && t.verdict.is_approved()
                && t.state != State::Voided
        })
    }

    fn verdict(&mut self, request: &PayRequest, amounts: &mut Amounts) -> Verdict {
        if let Some(code) = request.refused_with {
            return Verdict::declined(code);
        }
        let authcode = self.authcode();
        match request.scenario {
            Scenario::Decline(code) => Verdict::declined(code),
            Scenario::DeclineThenApprove if !request.second_card => Verdict::declined(10_205),
            Scenario::GatewayError(code) => Verdict::error(code),
            Scenario::Partial(cents) if request.kind != Kind::Refund && request.enable_partialauth => {
                *amounts = Amounts { total: cents, ..Amounts::default() };
                Verdict::partial(authcode)
            }
            Scenario::Partial(_) if request.kind != Kind::Refund => Verdict::declined(10_151),
            _ => match issuer::by_amount(request.asked.total).filter(|_| !request.second_card) {
                Some(code) => Verdict::declined(code),
                None => Verdict::approved(authcode),
            },
        }
    }
}

/// The asked amounts with what the customer adds: the amount asked for becomes the subtotal.
fn with_tip(request: &PayRequest) -> Amounts {
    let mut amounts = request.asked.clone();
    let scripted = match request.scenario {
        Scenario::Tip(cents) => Some(cents),
        _ => None,
    };
    let tip = request.tip.or(scripted).filter(|_| request.prompt_tip && request.kind != Kind::Refund);
    if let Some(tip) = tip {
        amounts.subtotal.get_or_insert(amounts.total);
        amounts.tip = Some(amounts.tip.unwrap_or(0) + tip);
        amounts.total += tip;
    }
    amounts
}
