//! What the header says, held to the tables of the library.

use crate::{header, macros};
use posjunction::abi;
use posjunction::client::Capability;
use posjunction::status;

#[test]
fn the_committed_header_is_the_generated_one() {
    let generated = std::fs::read_to_string(env!("POSJUNCTION_HEADER")).expect("the header in OUT_DIR");
    assert!(
        generated == header(),
        "include/posjunction.h is stale: look at `diff include/posjunction.h {}`, then tests/run --bless",
        env!("POSJUNCTION_HEADER")
    );
}

fn number(name: &str) -> Option<i64> {
    let header = header();
    let value = macros(&header).into_iter().find(|(n, _)| *n == name)?.1.to_owned();
    match value.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => value.parse().ok(),
    }
}

#[test]
fn the_version_is_that_of_the_library() {
    assert_eq!(number("PJ_HEADER_VERSION"), Some(abi::pj_version().into()));
    let parts: Vec<i64> = env!("CARGO_PKG_VERSION").split('.').map(|part| part.parse().unwrap()).collect();
    assert_eq!(number("PJ_HEADER_VERSION"), Some(parts[0] << 16 | parts[1] << 8 | parts[2]));
    assert!(header().contains(&format!("\"{}\"", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn statuses_and_capabilities_are_those_of_their_tables() {
    for row in status::TABLE {
        assert_eq!(number(row.name), Some(row.number.into()), "{}", row.name);
    }
    for capability in Capability::ALL {
        assert_eq!(number(capability.name()), Some(capability.number().into()), "{}", capability.name());
    }
    let header = header();
    let count = |prefix: &str| macros(&header).iter().filter(|(name, _)| name.starts_with(prefix)).count();
    assert_eq!(count("PJ_ERR_") + 1, status::TABLE.len());
    assert_eq!(count("PJ_CAN_"), Capability::ALL.len());
}

#[test]
fn every_function_stands_in_order_under_the_line_of_its_row() {
    let header = header();
    let mut rest = header.as_str();
    for row in abi::TABLE {
        let at = rest.find(&format!("PJ_CALL {}(", row.name)).unwrap_or_else(|| panic!("{} is missing", row.name));
        let (before, after) = rest.split_at(at);
        let comment = before.rsplit_once("*/").expect(row.name).0.trim_end();
        assert!(comment.ends_with(&row.line()), "{}: {}", row.name, row.line());
        rest = after;
    }
    let declared = header.lines().filter(|line| line.starts_with("PJ_API ")).count();
    assert_eq!(declared, abi::TABLE.len(), "a function without a row");
}

#[test]
fn nothing_of_rust_is_in_the_manual() {
    for word in ["# Safety", "`[", "[`", "::", "Rust", "Arc<", "Result<", "Option<", "usize", "u32 ", "i64 "] {
        assert!(!header().contains(word), "{word}");
    }
    assert!(header().is_ascii());
    assert!(header().lines().all(|line| line.len() <= 120 && !line.ends_with(' ')));
}
