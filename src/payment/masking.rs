//! No text of a vendor becomes a fact before card numbers in it are masked. Ids stay as they are: an id that was changed
//! names another transaction, or none.

use super::Fact;
use super::cardmask;
use super::fact::{Failure, LookupDone};
use super::report::{Candidate, TransactionReport};

impl Fact {
    /// The fact as it may be journaled, logged and shown.
    pub fn masked(mut self) -> Fact {
        match &mut self {
            Fact::UnknownWord { word } | Fact::TerminalStatus { word, .. } => mask(word),
            Fact::NotSent { failure, .. }
            | Fact::Refused { failure }
            | Fact::Unclear { failure }
            | Fact::RequestEnded { failure, .. }
            | Fact::ReadFailed { failure, .. }
            | Fact::CancelUnclear { failure } => failure.mask(),
            Fact::TransactionRead { report }
            | Fact::FoldedOnto { report, .. }
            | Fact::LateApproval { report }
            | Fact::ResultChanged { report }
            | Fact::UpdatedBy { report, .. } => report.mask(),
            Fact::LookedUp(LookupDone { candidates, .. }) | Fact::DuplicateSearched { candidates, .. } => {
                candidates.iter_mut().for_each(Candidate::mask);
            }
            _ => {}
        }
        self
    }
}

impl Failure {
    pub fn mask(&mut self) {
        mask(&mut self.text);
    }
}

impl TransactionReport {
    pub fn mask(&mut self) {
        let texts = [
            &mut self.vendor_status,
            &mut self.response_code,
            &mut self.response_text,
            &mut self.authorization_code,
            &mut self.card_last4,
            &mut self.card_brand,
            &mut self.entry_method,
            &mut self.created,
        ];
        texts.into_iter().for_each(mask);
    }
}

impl Candidate {
    fn mask(&mut self) {
        mask(&mut self.created);
        mask(&mut self.card_last4);
    }
}

fn mask(text: &mut String) {
    if let std::borrow::Cow::Owned(masked) = cardmask::mask(text) {
        *text = masked;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "4111111111111111";

    #[test]
    fn no_text_of_a_report_keeps_a_card_number() {
        let text = || format!("x{CARD}");
        let report = TransactionReport {
            id: CARD.into(),
            vendor_status: text(),
            response_code: text(),
            response_text: text(),
            authorization_code: text(),
            card_last4: text(),
            card_brand: text(),
            entry_method: text(),
            created: text(),
            ..TransactionReport::default()
        };
        let Fact::TransactionRead { report } = Fact::TransactionRead { report: Box::new(report) }.masked() else {
            panic!("another fact");
        };
        assert_eq!(report.id, CARD, "an id is left as it is");
        let written = serde_json::to_string(&TransactionReport { id: String::new(), ..*report }).expect("JSON");
        assert!(!cardmask::holds_card_number(&written), "{written}");
        assert_eq!(written.matches("x************1111").count(), 8);
    }

    #[test]
    fn no_word_and_no_failure_keeps_a_card_number() {
        let failure = Failure::new(crate::status::Status::Vendor, CARD);
        for fact in [
            Fact::UnknownWord { word: CARD.into() },
            Fact::Refused { failure: failure.clone() },
            Fact::Unclear { failure: failure.clone() },
            Fact::ReadFailed { failure, pause_ms: 0 },
        ] {
            assert!(fact.to_json().contains(CARD));
            let masked = fact.masked().to_json();
            assert!(masked.contains("************1111"), "{masked}");
        }
    }
}
