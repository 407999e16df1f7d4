//! The manual's page about the configuration, printed from the table.

use super::Vendor;
use super::table::{Row, TABLE};
use crate::payment::fields::{escape, value_column};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# Configuration

<!-- Printed from the table in src/config/table.rs. POSJUNCTION_BLESS=1 cargo test writes it anew. -->

`pj_client_open` takes a bag of these keys and values. Texts are set with `pj_fields_set_text`, numbers and flags with
`pj_fields_set_int`. An empty text counts as not set. A key that is not in this table, or that belongs to another vendor,
is refused, never ignored. `pj_last_error` names the key and the rule; the values of secrets stand in no message.
";

/// The page, as Markdown.
pub fn print_manual() -> String {
    let mut page = String::from(INTRODUCTION);
    for section in TABLE {
        let _ = write!(
            page,
            "\n## {}\n\n| key | value | default | vendors | meaning |\n|---|---|---|---|---|\n",
            section.title
        );
        section.rows.iter().for_each(|row| line(&mut page, row));
    }
    page
}

fn line(page: &mut String, row: &Row) {
    let default = if row.default.is_empty() { String::new() } else { format!("`{}`", row.default) };
    let mut vendors = match row.vendors == Vendor::ALL {
        true => "all".to_owned(),
        false => row.vendors.iter().map(|v| v.name()).collect::<Vec<_>>().join(", "),
    };
    if !row.required.is_empty() {
        vendors.push_str("; required");
    }
    let secret = if row.secret { " Secret." } else { "" };
    let (value, meaning) = (value_column(&row.rule), escape(row.meaning));
    let _ = writeln!(page, "| `{}` | {value} | {default} | {vendors} | {meaning}{secret} |", row.key);
}
