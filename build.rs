//! Writes the C header to OUT_DIR, and tells the linker what the shared library is called.
//!
//! The header of the sources, `include/posjunction.h`, is a copy; a test compares the two. Nothing here fails the build:
//! somebody who only wants the library must not need a header generator that works.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

// The tables of the library itself. They use nothing of the crate, so that they can be read here.
#[path = "src/client/capability.rs"]
#[allow(dead_code)]
mod capability;
#[path = "src/abi/table.rs"]
#[allow(dead_code)]
mod table;

const TEMPLATE: &str = "src/abi/posjunction.h.in";
const STATUS: &str = "src/status.rs";
/// Comments are wrapped at this column.
const WIDTH: usize = 110;

fn main() {
    for path in ["build.rs", "cbindgen.toml", "src/abi", STATUS, "src/client/capability.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    link_arguments();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("posjunction.h");
    println!("cargo:rustc-env=POSJUNCTION_HEADER={}", out.display());
    let written = header().and_then(|text| fs::write(&out, text).map_err(|error| error.to_string()));
    if let Err(error) = written {
        println!("cargo:warning=the C header was not generated: {error}");
        let _ = fs::write(&out, format!("#error \"not generated: {}\"\n", error.replace(['"', '\n', '\\'], " ")));
    }
}

fn link_arguments() {
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // A library with threads cannot be unloaded; and programs bind to its name with the version of its interface.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libposjunction.so.0");
    }
}

fn header() -> Result<String, String> {
    let template = fs::read_to_string(TEMPLATE).map_err(|error| format!("{TEMPLATE}: {error}"))?;
    let values = piece("values")?;
    let mut text = String::new();
    for line in template.lines() {
        match line.strip_prefix('@').and_then(|line| line.split_once(' ').or(Some((line, "")))) {
            None => text.push_str(line),
            Some(("version", _)) => text.push_str(&version()),
            Some(("statuses", _)) => text.push_str(&statuses()?),
            Some(("capabilities", _)) => text.push_str(&capabilities()),
            Some(("values", prefix)) => text.push_str(&defines(&values, prefix)),
            Some(("piece", name)) => text.push_str(piece(name)?.trim_end()),
            Some((other, _)) => return Err(format!("{TEMPLATE}: @{other} is not known")),
        }
        text.push('\n');
    }
    for row in table::TABLE {
        if !text.contains(&format!(" {}(", row.name)) && !text.contains(&format!("*{}(", row.name)) {
            return Err(format!("{} is not in the header", row.name));
        }
    }
    Ok(text)
}

/// What cbindgen makes of one file of `src/abi`, with `PJ_API`, `PJ_CALL` and the rows of the table put in.
fn piece(name: &str) -> Result<String, String> {
    let config = cbindgen::Config::from_file("cbindgen.toml")?;
    let source = Path::new("src/abi").join(format!("{name}.rs"));
    let bindings = cbindgen::Builder::new().with_config(config).with_src(&source).generate();
    let mut bytes = Vec::new();
    bindings.map_err(|error| format!("{}: {error}", source.display()))?.write(&mut bytes);
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    Ok(finish(&text))
}

/// Goes over cbindgen's output line by line: gathers each comment, and writes it anew before what it belongs to.
fn finish(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    let mut doc: Vec<String> = Vec::new();
    while let Some(line) = lines.next() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim() == "/*" {
            let body = lines.by_ref().take_while(|line| line.trim() != "*/");
            doc = body.map(|line| line.trim().trim_start_matches('*').trim().to_owned()).collect();
            continue;
        }
        let row = table::TABLE.iter().find(|row| declares(line, row.name));
        if let Some(row) = row {
            doc.push(String::new());
            doc.push(row.line());
        }
        if !doc.is_empty() {
            out.push_str(&comment(indent, &doc));
            doc.clear();
        }
        match row {
            Some(row) => out.push_str(&plain(&declaration(line, row.name))),
            None => out.push_str(&plain(line)),
        }
        out.push('\n');
    }
    out
}

/// cbindgen knows no calling conventions, and names a struct by its tag where the file makes it.
fn plain(line: &str) -> String {
    line.replace("void (*pj_", "void (PJ_CALL *pj_").replace("struct pj_event *", "pj_event *")
}

fn declares(line: &str, name: &str) -> bool {
    line.ends_with(");") && !line.starts_with("typedef") && split(line, name).is_some()
}

fn split<'a>(line: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let at = line.find(&format!("{name}("))?;
    matches!(line[..at].chars().last(), Some(' ' | '*')).then(|| line.split_at(at))
}

fn declaration(line: &str, name: &str) -> String {
    let Some((result, rest)) = split(line, name) else { return line.to_owned() };
    let gap = if result.ends_with(' ') { "" } else { " " };
    let short = format!("PJ_API {}{gap}PJ_CALL {rest}", result.trim_start_matches("extern "));
    if short.len() <= WIDTH + 10 {
        return short;
    }
    // One parameter to a line.
    let (head, parameters) = rest.split_once('(').unwrap_or((rest, ""));
    format!("PJ_API {result}{gap}PJ_CALL {head}(\n    {}", parameters.replace(", ", ",\n    "))
}

/// A C comment, wrapped. Paragraphs are separated by empty lines; lines that start with a space stay as they are.
fn comment(indent: &str, doc: &[String]) -> String {
    let lines = wrap(&doc.join("\n").replace("**", ""), WIDTH - indent.len());
    match lines.as_slice() {
        [] => String::new(),
        [one] => format!("{indent}/* {one} */\n"),
        many => {
            let mut out = String::new();
            for (number, line) in many.iter().enumerate() {
                let start = if number == 0 { "/*" } else { " *" };
                let _ = writeln!(out, "{}", format!("{indent}{start} {line}").trim_end());
            }
            let _ = writeln!(out, "{indent} */");
            out
        }
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (number, paragraph) in text.split("\n\n").enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.len() + 1 + word.len() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The constants of a piece whose names start so, each with its comment.
fn defines(piece: &str, prefix: &str) -> String {
    let mut out = String::new();
    let mut doc = String::new();
    for line in piece.lines() {
        match line.strip_prefix("#define ").and_then(|define| define.split_once(' ')) {
            Some((name, number)) => {
                if name.starts_with(prefix) {
                    let _ = writeln!(out, "{doc}{}", define(name, number));
                }
                doc.clear();
            }
            None if line.is_empty() => doc.clear(),
            None => {
                let _ = writeln!(doc, "{line}");
            }
        }
    }
    out.trim_end().to_owned()
}

fn define(name: &str, number: &str) -> String {
    format!("#define {name:<36} {number}")
}

fn capabilities() -> String {
    let mut out = String::new();
    for capability in capability::Capability::ALL {
        let doc = [capability.text().to_owned()];
        let _ = writeln!(out, "{}{}", comment("", &doc), define(capability.name(), &capability.number().to_string()));
    }
    out.trim_end().to_owned()
}

/// The status codes, read out of the lines of their table: `Name = 1, "PJ_ERR_NAME", "sentence", "what to do";`
fn statuses() -> Result<String, String> {
    let source = fs::read_to_string(STATUS).map_err(|error| format!("{STATUS}: {error}"))?;
    let mut out = String::new();
    for line in source.lines().map(str::trim) {
        let Some((_, rest)) = line.split_once(" = ") else { continue };
        let Some((number, rest)) = rest.split_once(", \"PJ_") else { continue };
        let parts: Vec<&str> = rest.trim_end_matches("\";").split("\", \"").collect();
        let [name, _, help] = parts.as_slice() else { return Err(format!("{STATUS}: {line}")) };
        let doc = [help.replace("\\\"", "\"")];
        let _ = writeln!(out, "{}{}", comment("", &doc), define(&format!("PJ_{name}"), number));
    }
    if out.is_empty() { Err(format!("{STATUS}: no rows found")) } else { Ok(out.trim_end().to_owned()) }
}

fn version() -> String {
    let part = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let number =
        part("CARGO_PKG_VERSION_MAJOR") << 16 | part("CARGO_PKG_VERSION_MINOR") << 8 | part("CARGO_PKG_VERSION_PATCH");
    let text = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    format!(
        "{}\n{}",
        define("PJ_HEADER_VERSION", &format!("0x{number:06X}")),
        define("PJ_HEADER_VERSION_TEXT", &format!("\"{text}\""))
    )
}
