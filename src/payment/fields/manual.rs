//! The manual's page about fields, printed from the table.

use super::places::PLACES;
use super::row::{Charset, Kinds, MOST_MONEY, Row, Rule};
use super::table::{self, TABLE};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# Fields of a request

<!-- Printed from the table in src/payment/fields/table.rs. POSJUNCTION_BLESS=1 cargo test writes it anew. -->

A request is a bag of keys and values. Everything is checked before anything is sent; `pj_last_error` names the key, the
rule and what is wrong with the value.

* Amounts are whole numbers of minor units (cents) and are set with `pj_fields_set_int`.
* `amount` is the whole sum asked of the card. The parts say what it consists of and never raise it: their sum is less
  than the amount.
* An empty text counts as not set.
* A text must not hold a control character (line ends are allowed where the table says \"lines\") nor a card number. What
  has 13 to 19 digits, the first digits of a card brand and a right check digit is taken for one, also with blanks or
  dashes in it. One in ten numbers of such a length that begin with 3, 4, 5 or 6 has that check digit by chance: keep
  purely numeric references shorter, or put a letter in the middle.
* A key that is not in this table is an error. So is one that the kind of work does not use. What the vendor cannot do
  is `PJ_ERR_UNSUPPORTED`, never ignored.
";

/// The page, as Markdown.
pub fn print_manual() -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## Kinds of work\n\nThe tables below use these names.\n\n| name | stands for |\n|---|---|\n");
    for (name, kinds) in GROUPS {
        let _ = writeln!(page, "| {name} | {} |", plain_names(*kinds));
    }
    for section in TABLE {
        let _ = write!(page, "\n## {}\n\n{HEAD}", section.title);
        section.rows.iter().for_each(|row| line(&mut page, row));
    }
    for row in table::rows() {
        if let Rule::Items { keys, .. } = row.rule {
            let _ = write!(page, "\n## In a group of `{}`\n\n{GROUP_HEAD}", row.key);
            keys.iter().for_each(|row| group_line(&mut page, row));
        }
    }
    page.push_str("\n## Coming from a vendor's own interface\n\n| the vendor's name | key |\n|---|---|\n");
    for (name, key) in PLACES {
        let _ = writeln!(page, "| `{name}` | `{key}` |");
    }
    page
}

const HEAD: &str = "| key | value | used by | meaning | since |\n|---|---|---|---|---|\n";
const GROUP_HEAD: &str = "| key | value | meaning | since |\n|---|---|---|---|\n";

const GROUPS: &[(&str, Kinds)] = &[
    ("all", Kinds::ALL),
    ("at terminal", Kinds::AT_TERMINAL),
    ("money", Kinds::MONEY),
    ("card", Kinds::CARD),
    ("change", Kinds::CHANGE),
    ("read", Kinds::READ),
    ("device", Kinds::DEVICE),
];

fn line(page: &mut String, row: &Row) {
    let mut used = names(row.kinds);
    if row.required == row.kinds {
        used.push_str("; required");
    } else if row.required != Kinds::NONE {
        let _ = write!(used, "; required by {}", names(row.required));
    }
    let (value, meaning) = (value_column(&row.rule), escape(row.meaning));
    let _ = writeln!(page, "| `{}` | {value} | {used} | {meaning} | {} |", row.key, row.since);
}

fn group_line(page: &mut String, row: &Row) {
    let required = if row.required == Kinds::NONE { "" } else { " Required." };
    let (value, meaning) = (value_column(&row.rule), escape(row.meaning));
    let _ = writeln!(page, "| `{}` | {value} | {meaning}{required} | {} |", row.key, row.since);
}

/// The kinds, by the names of groups where these cover them.
fn names(kinds: Kinds) -> String {
    let mut left = kinds;
    let mut names: Vec<&str> = Vec::new();
    for (name, group) in GROUPS {
        if left.holds(*group) {
            names.push(name);
            left = left.without(*group);
        }
    }
    names.extend(left.iter().map(crate::payment::Kind::name));
    names.join(", ")
}

fn plain_names(kinds: Kinds) -> String {
    if kinds == Kinds::ALL {
        return "every kind of work".to_owned();
    }
    kinds.iter().map(crate::payment::Kind::name).collect::<Vec<_>>().join(", ")
}

/// What a value must be, in a few words.
pub fn value_column(rule: &Rule) -> String {
    match rule {
        Rule::Text { max, charset } => match charset {
            Charset::Line => format!("text, {max}"),
            Charset::Lines => format!("lines, {max}"),
            Charset::Ascii => format!("ASCII, {max}"),
            Charset::Token => format!("ASCII without blanks, {max}"),
            Charset::Word => format!("letters, digits, `-`, `_`, {max}"),
            Charset::Email => format!("e-mail address, {max}"),
            Charset::Currency => "three letters".to_owned(),
            Charset::Time => "UTC time".to_owned(),
        },
        Rule::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Rule::Amount { min } => format!("minor units, {min} to {MOST_MONEY}"),
        Rule::Int { min, max } => format!("{min} to {max}"),
        Rule::Flag => "0 or 1".to_owned(),
        Rule::Decimal => "decimal number".to_owned(),
        Rule::Texts { max_count, max_len } => format!("up to {max_count} texts of {max_len}"),
        Rule::Items { max_count, .. } => format!("up to {max_count} groups, see below"),
    }
}

/// A text that stands in a table.
pub fn escape(text: &str) -> String {
    text.replace('|', "\\|")
}
