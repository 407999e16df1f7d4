//! The house keeps its floors: nobody imports from above, and what is pure stays pure. Read from the sources themselves.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of each floor, from the ground up. Rooms of one floor stand side by side and do not know each other, except
/// on the ground.
const FLOORS: &[&[&str]] = &[
    &["http", "status", "secret", "os"],
    &["payment"],
    // Both build on payment: configuration on its table of fields, the log on its masking of card numbers.
    &["config", "observe"],
    &["vendors", "transport", "journal"],
    &["engine"],
    &["client"],
    &["abi"],
];
const PURE: &[&str] = &["payment", "vendors"];
/// What time, the network, the disk and other threads could come in by.
const IMPURE_STD: &[&str] = &["time", "net", "fs", "thread", "env", "process"];
const PURE_CRATES: &[&str] = &["base64", "ring", "serde", "serde_json", "zeroize"];

struct Source {
    room: String,
    path: PathBuf,
    text: String,
    /// How many times `super` stays within the room.
    depth: usize,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// The program's own sources: tests may do what they like.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let rooms: Vec<&str> = FLOORS.iter().flat_map(|floor| floor.iter().copied()).collect();
    let source = |path: PathBuf| {
        let inner = path.strip_prefix(&root).expect("below the root").with_extension("");
        let parts: Vec<String> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let room = parts[0].clone();
        let is_test = parts.iter().any(|part| part == "tests");
        if is_test || !rooms.contains(&room.as_str()) {
            return None;
        }
        let depth = parts.iter().filter(|part| *part != "mod").count() - 1;
        let text = fs::read_to_string(&path).expect("a source is text");
        Some(Source { room, text: code(&text), path: inner, depth })
    };
    found.into_iter().filter_map(source).collect()
}

/// Without comments, and without the tests at the end of a file.
fn code(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod ").or_else(|| text.find("\n#[cfg(test)]\npub(crate) mod "));
    let own = end.filter(|at| text[*at..].contains('{')).map_or(text, |at| &text[..at]);
    own.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn floor(room: &str) -> usize {
    FLOORS.iter().position(|floor| floor.contains(&room)).unwrap_or_else(|| panic!("{room} stands on no floor"))
}

/// The words that follow this one in paths: `a` and `b` of `crate::{a::x, b}`.
fn followers(text: &str, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(word) {
        let inside = text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        if inside {
            continue;
        }
        let rest = &text[at + word.len()..];
        found.extend(if let Some(list) = rest.strip_prefix('{') { heads(list) } else { vec![head(rest)] });
    }
    found
}

fn head(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first words of a list in braces, at its own level.
fn heads(list: &str) -> Vec<String> {
    let (mut level, mut words, mut start) = (0, Vec::new(), 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => level += 1,
            '}' if level == 0 => {
                words.push(head(&list[start..]));
                break;
            }
            '}' => level -= 1,
            ',' if level == 0 => {
                words.push(head(&list[start..]));
                start = at + 1;
            }
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn no_arrow_runs_up_between_the_rooms() {
    let mut faults = Vec::new();
    for source in sources() {
        for other in followers(&source.text, "crate::") {
            let known = FLOORS.iter().any(|floor| floor.contains(&other.as_str()));
            if !known || other == source.room {
                continue;
            }
            let (here, there) = (floor(&source.room), floor(&other));
            if there > here || (there == here && here > 0) {
                faults.push(format!("{}: {} knows {other}", source.path.display(), source.room));
            }
        }
        let up = "super::".repeat(source.depth + 1);
        if source.text.contains(&up) {
            faults.push(format!("{}: {up} leaves the room", source.path.display()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn what_is_pure_knows_no_clock_no_socket_no_file_and_no_thread() {
    let manifest = include_str!("../Cargo.toml");
    let dependencies = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let crates: Vec<String> = dependencies
        .expect("the manifest has dependencies")
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim().replace('-', "_")))
        .filter(|name| !name.starts_with('#') && !PURE_CRATES.contains(&name.as_str()))
        .collect();
    assert!(crates.contains(&"ureq".to_owned()) && crates.contains(&"rusqlite".to_owned()), "{crates:?}");
    let mut faults = Vec::new();
    for source in sources().into_iter().filter(|source| PURE.contains(&source.room.as_str())) {
        let mut fault = |what: String| faults.push(format!("{}: {what}", source.path.display()));
        for word in followers(&source.text, "std::").iter().chain(&followers(&source.text, "core::")) {
            if IMPURE_STD.contains(&word.as_str()) {
                fault(format!("std::{word}"));
            }
        }
        for name in &crates {
            if source.text.contains(&format!("{name}::")) && !followers(&source.text, &format!("{name}::")).is_empty() {
                fault(format!("{name}::"));
            }
        }
        for word in followers(&source.text, "ring::") {
            if !["digest", "hmac"].contains(&word.as_str()) {
                fault(format!("ring::{word}"));
            }
        }
        for word in ["Instant", "SystemTime", "unsafe"] {
            if source.text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|known| known == word) {
                fault(word.to_owned());
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Where unsafe code may stand.
const UNSAFE: &[&str] = &["abi", "os"];

/// The compiler refuses unsafe code where it is not allowed; here it is seen that nobody else allows it to himself.
#[test]
fn unsafe_code_stands_in_two_rooms_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let mut faults = Vec::new();
    let mut seen = 0;
    for path in found {
        let text = fs::read_to_string(&path).expect("a source is text");
        let inside = path.strip_prefix(&root).expect("below the root");
        let room = inside.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or(""));
        for (number, line) in lines.enumerate().filter(|(_, line)| is_unsafe(line)) {
            let allows = room == "lib" && ["#[allow(unsafe_code)]", "#![deny(unsafe_code)]"].contains(&line);
            if !UNSAFE.contains(&room.as_str()) && room != "purity" && !allows {
                faults.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
            seen += 1;
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(seen > 100, "unsafe code was not found where it is");
    let map = fs::read_to_string(root.join("lib.rs")).expect("a source is text");
    assert_eq!(map.matches("allow(unsafe_code)").count(), UNSAFE.len());
    assert!(map.contains("#![deny(unsafe_code)]"));
}

/// The word itself, as a keyword or in the name of its lint.
fn is_unsafe(line: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe" || word == "unsafe_code")
}

/// The reader of imports sees what it must.
#[test]
fn imports_are_found_in_every_way_they_are_written() {
    let text =
        code("use crate::{engine::Core, payment::{Fact, Kind}, os};\nlet x = crate::journal::open(); // crate::abi\n");
    assert_eq!(followers(&text, "crate::"), ["engine", "payment", "os", "journal"]);
    assert_eq!(followers("use std::time::Instant; mystd::fs; x::std::net;", "std::"), ["time"]);
    let own = code("a\n#[cfg(test)]\nmod tests {\n    use std::time;\n}\n");
    assert_eq!(own.trim(), "a");
    let whole = code("#[cfg(test)]\nmod tests;\nuse std::fs;\n");
    assert!(whole.contains("std::fs"));
}
