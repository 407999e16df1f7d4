//! The manual's page about failures, printed from the tables.

use super::FAILURES;
use super::codes::{Call, Code, DEFAULTS, Meaning, Place, Row, Section};
use crate::payment::fields::escape;
use crate::status;
use std::fmt::Write;

const INTRODUCTION: &str = "\
# Failures

<!-- Printed from the tables in src/status.rs and src/vendors/*/codes.rs. POSJUNCTION_BLESS=1 cargo test writes it anew. -->

Every result has a `status`: one of the library's own numbers, below. They are append-only: a number never changes its
meaning. The same failure has the same number whichever vendor it comes from, and terminal failures keep the numbers
that vendors print in their manuals (21100 to 21199).

What the vendor itself said is always there too: its number in `vendor_code`, the code of a transaction in
`response_code`, the text in `message` or behind `pj_get_text` (`vendor_text`, `transaction.response_text`), the HTTP
status in `http_status`. A code that is in no table passes through with its number and text.
";

const MEANINGS: &[(Meaning, &str, &str, &str)] = &[
    (Meaning::Refused, "refused", "NOT_MOVED", "Rejected before anything started."),
    (Meaning::Declined, "declined", "NOT_MOVED", "A transaction was tried and did not go through."),
    (
        Meaning::Unclear,
        "unclear",
        "UNKNOWN",
        "The call may have been executed. The library looks; the submit is not repeated meanwhile. Advice while it is \
         not known: RESOLVE.",
    ),
    (
        Meaning::ReadOriginal,
        "read original",
        "original",
        "The transaction that was to be changed is read, and what it shows is the result. Advice if it shows the \
         change: DONE.",
    ),
    (Meaning::Pause, "pause", "NOT_MOVED", "Not executed. Calls pause for a while; running requests go on."),
    (Meaning::Ended, "ended", "transaction", "The terminal is done; a transaction, if there is one, decides."),
    (Meaning::Informs, "informs", "-", "Tells how the terminal stands, and nothing about a payment."),
    (Meaning::Success, "no failure", "transaction", "Stands where failures stand, and is none."),
];

/// The page, as Markdown.
pub fn print_manual() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str(
        "\n## The library's own numbers\n\n| number | name | for the cashier | what it is |\n|---|---|---|---|\n",
    );
    for row in status::TABLE {
        let _ = writeln!(page, "| {} | `{}` | {} | {} |", row.number, row.name, escape(row.text), escape(row.help));
    }
    page.push_str(
        "\n## What a vendor's failure means for a submit\n\n| a submit is | money | meaning |\n|---|---|---|\n",
    );
    for (_, word, money, text) in MEANINGS {
        let _ = writeln!(page, "| {word} | {money} | {text} |");
    }
    page.push_str(
        "\nMoney \"original\" and \"transaction\": the one named tells. The advice is that of the final result.\n",
    );
    let _ = write!(page, "\n## Answers that are in no vendor's table\n\n{HEAD}");
    DEFAULTS.iter().for_each(|row| line(&mut page, row));
    for table in FAILURES {
        let _ = writeln!(page, "\n## {}", table.title);
        table.sections.iter().for_each(|part| section(&mut page, part));
    }
    page
}

const HEAD: &str = "| code | status | a submit is | money | advice | what the vendor says; for the cashier |\n|---|---|---|---|---|---|\n";

fn section(page: &mut String, section: &Section) {
    let places = list(section.places.iter().map(|place| place_name(*place)));
    let _ = write!(page, "\n### {}\n\nWhere: {places}", section.title);
    if !section.calls.is_empty() {
        let calls =
            if section.calls == Call::ALL { "any call".to_owned() } else { list(section.calls.iter().map(call_name)) };
        let _ = write!(page, ", of {calls}");
    }
    if !section.http.is_empty() {
        let _ = write!(page, ". HTTP status: {}", list(section.http.iter().map(|(from, to)| range(*from, *to))));
    }
    let _ = write!(page, ". Source: {}.\n\n{HEAD}", section.source);
    section.rows.iter().for_each(|row| line(page, row));
}

fn line(page: &mut String, row: &Row) {
    let (_, word, money, _) =
        MEANINGS.iter().find(|(means, ..)| *means == row.means).expect("every meaning has a word");
    let status = format!("{} {}", row.status.number(), row.status.name().trim_start_matches("PJ_ERR_"));
    let advice = row.advice.name().trim_start_matches("PJ_ADVICE_");
    let mut text = escape(row.help);
    if !row.sentence.is_empty() {
        let _ = write!(text, " *{}*", escape(row.sentence));
    }
    let _ = writeln!(page, "| {} | {status} | {word} | {money} | {advice} | {text} |", code(row.code));
}

fn code(code: Code) -> String {
    match code {
        Code::Is("") => "any other".to_owned(),
        Code::Is(word) => format!("`{word}`"),
        Code::Range(from, to) => range(from, to),
        Code::Digits(count) => format!("any other {count} digits"),
        Code::Letters(count) => format!("any other {count} letters"),
    }
}

fn range<T: PartialEq + std::fmt::Display>(from: T, to: T) -> String {
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::Http => "the HTTP status",
        Place::Body => "the error body",
        Place::Response => "the response of a transaction",
        Place::Network => "the network's code in the response",
        Place::Word => "the status word",
    }
}

fn call_name(call: &Call) -> &'static str {
    match call {
        Call::Prepare => "a checkout",
        Call::Start => "a payment or refund at a terminal",
        Call::Change => "a void, capture or tip",
        Call::Refund => "a refund",
        Call::Read => "a read or cancel",
    }
}

fn list(words: impl Iterator<Item = impl Into<String>>) -> String {
    words.map(Into::into).collect::<Vec<String>>().join(", ")
}
