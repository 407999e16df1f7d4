//! The header is what the library is to its users: it must be fresh, compile everywhere, and say what is true.

mod compile;
mod content;
mod exports;

/// The committed header.
fn header() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/include/posjunction.h");
    std::fs::read_to_string(path).expect("include/posjunction.h")
}

/// Names and values of the header's macros, those for the compiler left out.
fn macros(header: &str) -> Vec<(&str, &str)> {
    let defines = header.lines().filter_map(|line| line.strip_prefix("#define "));
    let pairs = defines.filter_map(|define| define.split_once(char::is_whitespace));
    pairs
        .map(|(name, value)| (name, value.trim()))
        .filter(|(name, value)| !value.is_empty() && !matches!(*name, "PJ_CALL" | "PJ_API"))
        .collect()
}
