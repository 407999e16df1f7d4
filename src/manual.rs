//! The pages of the manual that are printed from tables are the ones in `docs/`.
//!
//! `POSJUNCTION_BLESS=1 cargo test` writes them anew.

use std::path::Path;

fn fresh(page: &str, text: String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    if std::env::var_os("POSJUNCTION_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    // A checkout on Windows may have turned the line ends.
    let stands = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(stands == text, "docs/{page} is stale: POSJUNCTION_BLESS=1 cargo test writes it anew");
}

#[test]
fn the_page_of_fields_is_fresh() {
    fresh("fields.md", crate::payment::fields::print_manual());
}

#[test]
fn the_page_of_the_configuration_is_fresh() {
    fresh("configuration.md", crate::config::print_manual());
}

#[test]
fn the_page_of_failures_is_fresh() {
    fresh("errors.md", crate::vendors::print_manual());
}
