//! What a row of the table says: a key, the rule for its value, and the kinds of work that take it.

use crate::payment::Kind;

/// One row of the table.
pub struct Row {
    /// The key, or a pattern: a part `N` stands for a number from 1 to 20, a last part `NAME` for any name.
    pub key: &'static str,
    pub rule: Rule,
    /// The kinds of work that take it.
    pub kinds: Kinds,
    /// Those that must have it.
    pub required: Kinds,
    /// One sentence.
    pub meaning: &'static str,
    /// The version of the library in which it came.
    pub since: &'static str,
}

/// What a value must be.
#[derive(Clone, Copy)]
pub enum Rule {
    /// At most `max` characters.
    Text {
        max: usize,
        charset: Charset,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Minor units from `min` to [`MOST_MONEY`].
    Amount {
        min: i64,
    },
    Int {
        min: i64,
        max: i64,
    },
    /// 0 or 1.
    Flag,
    /// A number that is no money, such as 2 or 1.25, as text; a whole one may be set as a number.
    Decimal,
    /// Up to `max_count` different texts of up to `max_len` characters.
    Texts {
        max_count: usize,
        max_len: usize,
    },
    /// Up to `max_count` groups with these keys.
    Items {
        max_count: usize,
        keys: &'static [Row],
    },
}

impl Rule {
    /// True when the value is set as one text, of which an empty one counts as not set.
    pub fn is_text(&self) -> bool {
        matches!(self, Rule::Text { .. } | Rule::Choice(_) | Rule::Decimal)
    }
}

/// One million of a currency with cents. Every vendor refuses more; a vendor may refuse less.
pub const MOST_MONEY: i64 = 100_000_000;

/// Which characters a text may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// One line: everything but control characters.
    Line,
    /// Several lines: control characters other than line ends are refused.
    Lines,
    /// Printable ASCII, no blank at either end.
    Ascii,
    /// Printable ASCII without blanks: the ids of vendors.
    Token,
    /// Letters, digits, `-` and `_`.
    Word,
    Email,
    /// Three letters.
    Currency,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    Time,
}

/// A set of kinds of work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    pub const NONE: Kinds = Kinds(0);
    pub const ALL: Kinds = Kinds::of(&EVERY);
    /// A charge or refund with the card at a terminal.
    pub const CARD: Kinds = Kinds::of(&[Kind::Payment, Kind::TerminalRefund]);
    /// Everything that occupies a terminal.
    pub const AT_TERMINAL: Kinds =
        Kinds::CARD.and(Kinds::of(&[Kind::Signature, Kind::Prompt, Kind::Input, Kind::CardRead]));
    /// Work on an existing transaction that changes money.
    pub const CHANGE: Kinds = Kinds::of(&[Kind::Capture, Kind::Void, Kind::Refund, Kind::Reverse, Kind::AdjustTip]);
    /// Everything that moves money.
    pub const MONEY: Kinds = Kinds::CARD.and(Kinds::CHANGE);
    /// Everything that reads about an existing transaction.
    pub const READ: Kinds =
        Kinds::of(&[Kind::FetchTransaction, Kind::FetchReceipt, Kind::SendReceipt, Kind::FetchSignature]);
    /// Work on one terminal itself.
    pub const DEVICE: Kinds =
        Kinds::of(&[Kind::FetchTerminal, Kind::UnpairTerminal, Kind::SetTerminal, Kind::IdentifyTerminal]);

    pub const fn of(kinds: &[Kind]) -> Kinds {
        let mut bits = 0;
        let mut at = 0;
        while at < kinds.len() {
            bits |= 1 << kinds[at] as u32;
            at += 1;
        }
        Kinds(bits)
    }

    pub const fn and(self, others: Kinds) -> Kinds {
        Kinds(self.0 | others.0)
    }

    pub fn without(self, others: Kinds) -> Kinds {
        Kinds(self.0 & !others.0)
    }

    /// True when all the others are in it.
    pub fn holds(self, others: Kinds) -> bool {
        self.0 & others.0 == others.0
    }

    pub fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Kind> {
        EVERY.into_iter().filter(move |kind| self.has(*kind))
    }
}

/// Every kind of work, in the order of the header.
pub const EVERY: [Kind; 23] = [
    Kind::Payment,
    Kind::TerminalRefund,
    Kind::Capture,
    Kind::Void,
    Kind::Refund,
    Kind::Reverse,
    Kind::AdjustTip,
    Kind::FetchTransaction,
    Kind::Signature,
    Kind::Prompt,
    Kind::Input,
    Kind::CardRead,
    Kind::FetchReceipt,
    Kind::SendReceipt,
    Kind::FetchSignature,
    Kind::Reconcile,
    Kind::SelfCheck,
    Kind::ListTerminals,
    Kind::FetchTerminal,
    Kind::PairTerminal,
    Kind::UnpairTerminal,
    Kind::SetTerminal,
    Kind::IdentifyTerminal,
];

/// A row that no kind of work must have, there since the first version.
pub const fn row(key: &'static str, rule: Rule, kinds: Kinds, meaning: &'static str) -> Row {
    Row { key, rule, kinds, required: Kinds::NONE, meaning, since: "0.1" }
}

impl Row {
    /// The same row, required by these kinds of work.
    pub const fn required(self, kinds: Kinds) -> Row {
        Row { required: kinds, ..self }
    }

    /// True when the key is this row's, or fits its pattern.
    pub fn fits(&self, key: &str) -> bool {
        let mut parts = key.split('.');
        for wanted in self.key.split('.') {
            let fits = match (wanted, parts.next()) {
                (_, None) => false,
                ("N", Some(part)) => is_one_to_twenty(part),
                ("NAME", Some(part)) => return is_name(part) && parts.all(is_name) && key.len() <= 64,
                (wanted, Some(part)) => part == wanted,
            };
            if !fits {
                return false;
            }
        }
        parts.next().is_none()
    }
}

/// Without a sign or a leading zero: each field has one spelling.
fn is_one_to_twenty(part: &str) -> bool {
    part.starts_with(|c: char| ('1'..='9').contains(&c)) && part.parse().is_ok_and(|n: u8| n <= 20)
}

fn is_name(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'[' | b']'))
}
