//! The one table of the vendors' failures: its types and look-ups. The rows stand with each vendor, in `codes.rs`.
//!
//! A row says for one code of a vendor what it means for money, under which of the library's numbers it is told, and what
//! people do about it. The same failure has the same number whichever vendor it comes from. Pure.

pub(super) mod say;

use crate::payment::fact::Failure;
use crate::payment::report::Reason;
use crate::payment::snapshot::Advice;
use crate::status::Status;

/// What a code of a vendor says about a submit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Rejected before anything started: no money moved and none will.
    Refused,
    /// A transaction was tried and did not go through: no money moved.
    Declined,
    /// The call may have been executed. Only looking tells.
    Unclear,
    /// "Already voided, captured, settled": the original transaction is read, and what it shows counts.
    ReadOriginal,
    /// Not executed, because the vendor wants fewer calls or has locked this computer out. Calls pause; no request ends.
    Pause,
    /// The terminal is done with the request. The transaction decides, if there is one.
    Ended,
    /// How a terminal stands. It proves nothing about a payment.
    Informs,
    /// No failure, though it stands where failures stand.
    Success,
}

/// Where a vendor writes a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The HTTP status itself, with the vendor's own error body.
    Http,
    /// The code in the error body of a call.
    Body,
    /// The response code of a transaction.
    Response,
    /// The card network's own code beside it.
    Network,
    /// The word for where a terminal, or its request, stands.
    Word,
}

/// A call, as far as it matters for what its failure means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    /// Makes what a payment needs first, and moves no money (a checkout).
    Prepare,
    /// Starts a payment or refund at a terminal.
    Start,
    /// Void, capture, tip.
    Change,
    /// A refund without the card.
    Refund,
    /// Reads, lists, cancels: their failure says nothing about money.
    Read,
}

impl Call {
    pub const ALL: &'static [Call] = &[Call::Prepare, Call::Start, Call::Change, Call::Refund, Call::Read];
}

/// A vendor's code, or the class that codes belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    Is(&'static str),
    /// Numbers, both ends included.
    Range(i32, i32),
    /// So many digits.
    Digits(usize),
    /// So many capital letters.
    Letters(usize),
}

impl Code {
    fn matches(self, code: &str) -> bool {
        match self {
            Code::Is(known) => known.eq_ignore_ascii_case(code),
            Code::Range(from, to) => code.parse::<i32>().is_ok_and(|number| (from..=to).contains(&number)),
            Code::Digits(count) => code.len() == count && code.bytes().all(|b| b.is_ascii_digit()),
            Code::Letters(count) => code.len() == count && code.bytes().all(|b| b.is_ascii_uppercase()),
        }
    }

    fn is_class(self) -> bool {
        !matches!(self, Code::Is(_))
    }
}

/// One failure, as a vendor tells it.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    pub code: Code,
    pub status: Status,
    pub means: Meaning,
    /// What is done about it once it is the result. While it is unclear whether money moved, that is `Resolve`.
    pub advice: Advice,
    /// What the vendor says, and what the programmer or the owner does about it.
    pub help: &'static str,
    /// One sentence that a cashier can read out. Empty: the status has it.
    pub sentence: &'static str,
}

/// Rows that occur in the same places.
pub struct Section {
    pub title: &'static str,
    pub places: &'static [Place],
    /// The calls at whose failure the rows speak. Without meaning for transactions and words.
    pub calls: &'static [Call],
    /// The HTTP statuses that the rows come with, both ends included.
    pub http: &'static [(u16, u16)],
    /// The vendor's document.
    pub source: &'static str,
    pub rows: &'static [Row],
}

/// All failures of one vendor.
pub struct Table {
    pub vendor: &'static str,
    pub title: &'static str,
    pub sections: &'static [Section],
}

/// The class defaults of all vendors. An answer that is not the vendor's own, or that no row explains, proves nothing.
pub const NOT_UNDERSTOOD: Row = row(
    Code::Is(""),
    Status::BadReply,
    Meaning::Unclear,
    Advice::Resolve,
    "An answer that is not the vendor's own, such as a proxy's page, or that no row explains.",
);
/// Something between here and the vendor asks for patience.
pub const FOREIGN_LIMIT: Row = row(
    Code::Is("429"),
    Status::RateLimited,
    Meaning::Unclear,
    Advice::Resolve,
    "HTTP 429 without the vendor's own body: who refused the call is not known.",
);
/// Something between here and the vendor has failed.
pub const FOREIGN_FAULT: Row = row(
    Code::Range(500, 599),
    Status::Unavailable,
    Meaning::Unclear,
    Advice::Resolve,
    "HTTP 5xx without the vendor's own body: how far the call came is not known.",
);
/// A transaction that did not go through, for a reason that is in no row.
pub const DECLINED: Row = row(
    Code::Is(""),
    Status::Declined,
    Meaning::Declined,
    Advice::NewCard,
    "A transaction that did not go through, with a code that no row explains. Code and text are passed on.",
);
pub const DEFAULTS: &[Row] = &[NOT_UNDERSTOOD, FOREIGN_LIMIT, FOREIGN_FAULT, DECLINED];

impl Table {
    /// What the failure of a call means, when the answer is the vendor's own error body. `code` is empty if it has none.
    pub fn reply(&self, call: Call, http: u16, code: &str) -> &'static Row {
        let speaks = |section: &&Section| {
            section.calls.contains(&call) && section.http.iter().any(|(from, to)| (*from..=*to).contains(&http))
        };
        let code = code.trim();
        if !code.is_empty() {
            // A number that is listed, but not for this call, is not one of an unlisted number's class.
            let listed = self.rows(Place::Body, |_| true).any(|row| !row.code.is_class() && row.code.matches(code));
            let mut rows = self.rows(Place::Body, speaks).filter(|row| row.code.matches(code));
            if let Some(row) = rows.find(|row| !listed || !row.code.is_class()) {
                return row;
            }
        }
        let http = http.to_string();
        let called = |section: &&Section| section.calls.contains(&call);
        self.rows(Place::Http, called).find(|row| row.code.matches(&http)).unwrap_or(&NOT_UNDERSTOOD)
    }

    /// Why a transaction did not go through.
    pub fn response(&self, code: &str) -> &'static Row {
        self.find(Place::Response, code).unwrap_or(&DECLINED)
    }

    /// The same for the result of a payment, of a transaction that certainly did not go through. A code of success is no
    /// reason for that. Where the vendor's answer alone says that it failed, look first what the row means.
    pub fn reason(&self, code: &str) -> Reason {
        let row = self.response(code);
        let row = if row.means == Meaning::Success { &DECLINED } else { row };
        let sentence = row.sentence.to_owned();
        Reason { status: row.status, advice: row.advice, vendor_code: number(code), sentence }
    }

    /// Why the card network did not let a transaction through.
    pub fn network(&self, code: &str) -> &'static Row {
        self.find(Place::Network, code).unwrap_or(&DECLINED)
    }

    /// What is wrong with a terminal or its request, by the vendor's word for where it stands. `None`: nothing, or
    /// nothing that is known.
    pub fn word(&self, word: &str) -> Option<&'static Row> {
        self.find(Place::Word, word)
    }

    fn find(&self, place: Place, code: &str) -> Option<&'static Row> {
        let code = code.trim();
        let exact = self.rows(place, |_| true).find(|row| !row.code.is_class() && row.code.matches(code));
        exact.or_else(|| self.rows(place, |_| true).find(|row| row.code.matches(code)))
    }

    fn rows(&self, place: Place, wanted: impl Fn(&&Section) -> bool) -> impl Iterator<Item = &'static Row> {
        let sections: &'static [Section] = self.sections;
        sections.iter().filter(move |section| section.places.contains(&place) && wanted(section)).flat_map(|s| s.rows)
    }
}

/// What an answer means that is not the vendor's own: it never proves anything.
pub fn foreign(http: u16) -> &'static Row {
    match http {
        429 => &FOREIGN_LIMIT,
        500..=599 => &FOREIGN_FAULT,
        _ => &NOT_UNDERSTOOD,
    }
}

/// The vendor's own number, 0 when its code is a word or too long for one.
pub fn number(code: &str) -> i32 {
    code.trim().parse().unwrap_or(0)
}

impl Row {
    pub(super) const fn saying(self, sentence: &'static str) -> Row {
        Row { sentence, ..self }
    }

    /// For the cashier.
    pub fn sentence(&self) -> &'static str {
        if self.sentence.is_empty() { self.status.text() } else { self.sentence }
    }

    /// The advice that goes with the result when this row is its reason. `None` while something else decides.
    pub fn verdict(&self) -> Option<Advice> {
        matches!(self.means, Meaning::Refused | Meaning::Declined | Meaning::Pause).then_some(self.advice)
    }

    /// The failure of a call, with the vendor's own number and text, which must be masked already.
    pub fn failure(&self, http: u16, code: &str, text: String) -> Failure {
        Failure {
            status: self.status,
            vendor_code: number(code),
            http_status: i32::from(http),
            text,
            advice: self.verdict(),
            sentence: self.sentence.to_owned(),
        }
    }
}

pub(super) const fn row(code: Code, status: Status, means: Meaning, advice: Advice, help: &'static str) -> Row {
    Row { code, status, means, advice, help, sentence: "" }
}

/// Declined by issuer, network or gateway: another card may do.
pub(super) const fn declined(code: &'static str, sentence: &'static str, help: &'static str) -> Row {
    row(Code::Is(code), Status::Declined, Meaning::Declined, Advice::NewCard, help).saying(sentence)
}

/// Codes that are declines by what they look like; their texts are the vendor's.
pub(super) const fn family(code: Code, help: &'static str) -> Row {
    row(code, Status::Declined, Meaning::Declined, Advice::NewCard, help)
}

/// Did not go through because the issuer or processor could not be reached: the same once more may do.
pub(super) const fn away(code: &'static str, help: &'static str) -> Row {
    row(Code::Is(code), Status::Declined, Meaning::Declined, Advice::Retry, help).saying(say::BANK_AWAY)
}

/// Did not go through because the gateway or its processor was out of order: the same once more may do.
pub(super) const fn down(code: &'static str, help: &'static str) -> Row {
    row(Code::Is(code), Status::Unavailable, Meaning::Declined, Advice::Retry, help)
}

/// The program's request is wrong.
pub(super) const fn rejected(code: &'static str, help: &'static str) -> Row {
    refused(code, Status::Rejected, Advice::FixRequest, help)
}

pub(super) const fn refused(code: &'static str, status: Status, advice: Advice, help: &'static str) -> Row {
    row(Code::Is(code), status, Meaning::Refused, advice, help)
}

/// The set-up is wrong.
pub(super) const fn setup(code: &'static str, status: Status, help: &'static str) -> Row {
    refused(code, status, Advice::FixSetup, help)
}

/// Whether money moved is not known.
pub(super) const fn unclear(code: &'static str, status: Status, help: &'static str) -> Row {
    row(Code::Is(code), status, Meaning::Unclear, Advice::Resolve, help)
}

/// The original transaction has the answer. Its state is refused as any field would be, so that a reverse may go on.
pub(super) const fn original(code: &'static str, advice: Advice, help: &'static str) -> Row {
    row(Code::Is(code), Status::Rejected, Meaning::ReadOriginal, advice, help)
}

/// A word for the end of a terminal's request.
pub(super) const fn ended(word: &'static str, status: Status, advice: Advice, help: &'static str) -> Row {
    row(Code::Is(word), status, Meaning::Ended, advice, help)
}

/// A word for a terminal that cannot work.
pub(super) const fn informs(word: &'static str, status: Status, advice: Advice, help: &'static str) -> Row {
    row(Code::Is(word), status, Meaning::Informs, advice, help)
}
