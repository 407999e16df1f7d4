//! The header under the strictest settings of C and C++, for both widths of pointers.

use crate::{header, macros};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

const INCLUDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/include");
const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-pedantic", "-Werror", "-Wstrict-aliasing", "-Wundef", "-Wshadow"];

/// A program that includes the header twice, uses every macro and every type, and holds the layout to the contract.
fn program() -> String {
    let header = header();
    let mut text = String::from("#include \"posjunction.h\"\n#include \"posjunction.h\"\n#include <stddef.h>\n");
    text.push_str("extern const int64_t numbers[];\nconst int64_t numbers[] = {\n");
    let is_text = |value: &str| value.starts_with('"');
    for (name, _) in macros(&header).iter().filter(|(_, value)| !is_text(value)) {
        let _ = writeln!(text, "    {name},");
    }
    text.push_str("    0\n};\n");
    for (name, _) in macros(&header).iter().filter(|(_, value)| !is_text(value)) {
        let _ = writeln!(text, "#if !(({name}) + 1 > 0)\n#error {name}\n#endif");
    }
    text.push_str("extern const char *const texts[];\nconst char *const texts[] = { PJ_HEADER_VERSION_TEXT };\n");
    let mut hold = |name: &str, condition: &str| {
        let _ = writeln!(text, "typedef char hold_{name}[({condition}) ? 1 : -1];\nextern hold_{name} use_{name};");
    };
    hold("result", "sizeof(pj_result) == 672");
    hold("event", "sizeof(pj_event) == 16 + 2 * sizeof(void *)");
    hold("status", "sizeof(pj_status) == 4");
    for (member, offset) in [
        ("state", 4),
        ("flags", 20),
        ("requested_amount", 24),
        ("surcharge_amount", 48),
        ("vendor_code", 56),
        ("event_number", 68),
        ("currency", 72),
        ("card_last4", 80),
        ("card_brand", 88),
        ("entry_method", 108),
        ("authorization_code", 128),
        ("response_code", 144),
        ("reference", 160),
        ("request_id", 224),
        ("transaction_id", 288),
        ("terminal", 352),
        ("message", 416),
    ] {
        hold(member, &format!("offsetof(pj_result, {member}) == {offset}"));
    }
    hold("request", "offsetof(pj_event, request) == 16");
    text.push_str("static void PJ_CALL on_event(const pj_event *event, void *user) { (void)event; (void)user; }\n");
    text.push_str("extern pj_event_fn event_function;\npj_event_fn event_function = on_event;\n");
    text
}

fn compile(compiler: &str, arguments: &[&str], source: &Path) {
    let output = Command::new(compiler)
        .args(arguments)
        .args(WARNINGS)
        .args(["-fsyntax-only", "-I", INCLUDE])
        .arg(source)
        .output()
        .unwrap_or_else(|error| panic!("{compiler}: {error}"));
    assert!(output.status.success(), "{compiler} {arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn with_sources(check: impl Fn(&Path, &Path)) {
    let directory = tempfile::tempdir().expect("a directory");
    let (c, cpp) = (directory.path().join("use.c"), directory.path().join("use.cpp"));
    std::fs::write(&c, program()).expect("use.c");
    std::fs::write(&cpp, program()).expect("use.cpp");
    check(&c, &cpp);
}

#[test]
fn compiles_as_c_and_cpp_old_and_new() {
    with_sources(|c, cpp| {
        compile("gcc", &["-std=c90", "-Wno-long-long"], c);
        compile("gcc", &["-std=c99"], c);
        compile("gcc", &["-std=c11"], c);
        compile("g++", &["-std=c++98", "-Wno-long-long"], cpp);
        compile("g++", &["-std=c++17"], cpp);
    });
}

#[test]
fn compiles_for_32_bits() {
    // Without the 32-bit system headers the compiler's own will do: the header needs no more than stdint.h.
    with_sources(|c, cpp| {
        compile("gcc", &["-m32", "-ffreestanding", "-std=c90", "-Wno-long-long"], c);
        compile("g++", &["-m32", "-ffreestanding", "-std=c++98", "-Wno-long-long"], cpp);
    });
}

#[test]
fn compiles_for_windows() {
    with_sources(|c, cpp| {
        for target in ["i686-w64-mingw32", "x86_64-w64-mingw32"] {
            let (gcc, gpp) = (format!("{target}-gcc"), format!("{target}-g++"));
            if Command::new(&gcc).arg("--version").output().is_ok() {
                compile(&gcc, &["-std=c90", "-Wno-long-long"], c);
            }
            if Command::new(&gpp).arg("--version").output().is_ok() {
                compile(&gpp, &["-std=c++98", "-Wno-long-long"], cpp);
            }
        }
    });
}
