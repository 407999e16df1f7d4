//! The shared library: it exports exactly the header's functions, has its name, and links with C.

use posjunction::abi;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The library as cargo builds it now. What lies in target/ may be older.
fn library() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--lib", "--message-format=json", "--manifest-path"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .output()
            .expect("cargo");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let files = messages.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
        let mut paths = files.filter_map(|file| file.as_str().map(PathBuf::from));
        paths.find(|path| path.ends_with("libposjunction.so")).expect("cargo names the library")
    })
}

fn output_of(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output().unwrap_or_else(|e| panic!("{program}: {e}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn exports_are_exactly_the_functions_of_the_header() {
    let symbols = output_of("nm", &["-D", "--defined-only"], library());
    let exported: BTreeSet<&str> = symbols.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    let right: BTreeSet<&str> = abi::TABLE.iter().map(|row| row.name).collect();
    assert_eq!(exported, right);
}

#[test]
#[cfg(target_os = "linux")]
fn the_library_has_its_name_and_stays_loaded() {
    let dynamic = output_of("readelf", &["-d"], library());
    assert!(dynamic.contains("Library soname: [libposjunction.so.0]"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
}

/// Takes the address of every function, and asks the few questions that need no client.
fn program() -> String {
    let mut text = String::from("#include \"posjunction.h\"\n#include <stdio.h>\n#include <string.h>\n");
    text.push_str("typedef void (*any)(void);\nstatic const any all[] = {\n");
    for row in abi::TABLE {
        text.push_str(&format!("    (any){},\n", row.name));
    }
    text.push_str(
        r#"};
#define CHECK(condition) do { if (!(condition)) { printf("%s\n", #condition); return 1; } } while (0)

int main(void)
{
    unsigned n;
    char room[sizeof(pj_result) + 1], words[512];
    uint32_t size = sizeof(pj_result), len = 0;
    pj_fields *bag = NULL;
    pj_client *client = NULL;
    pj_result *crooked = (pj_result *)(void *)(room + 1);
    for (n = 0; n < sizeof all / sizeof all[0]; n++)
        CHECK(all[n] != NULL);
    CHECK(pj_version() == PJ_HEADER_VERSION && strcmp(pj_version_text(), PJ_HEADER_VERSION_TEXT) == 0);
    CHECK(strcmp(pj_status_name(PJ_ERR_DEVICE_OFFLINE), "PJ_ERR_DEVICE_OFFLINE") == 0);
    CHECK(strcmp(pj_status_name(-5), "(unknown)") == 0 && strlen(pj_status_text(-5)) > 0);
    CHECK(strcmp(pj_state_name(PJ_STATE_UNKNOWN), "PJ_STATE_UNKNOWN") == 0);
    memcpy(room + 1, &size, sizeof size);
    CHECK(pj_poll(NULL, crooked) == PJ_ERR_INVALID_HANDLE);
    CHECK(pj_poll((pj_request *)(void *)room, crooked) == PJ_ERR_INVALID_HANDLE);
    CHECK(pj_last_error(words, sizeof words, &len) == PJ_OK && len == strlen(words));
    CHECK(strstr(words, "pj_poll") != NULL && strstr(words, "PJ_ERR_INVALID_HANDLE") != NULL);
    CHECK(pj_fields_new(&bag) == PJ_OK && bag != NULL);
    CHECK(pj_fields_set_text(bag, "vendor", "caf\xE9") == PJ_ERR_INVALID_TEXT);
    CHECK(pj_fields_set_int(bag, "amount", 1234) == PJ_OK && pj_fields_add_item(bag, "line_items", bag) == PJ_OK);
    CHECK(pj_client_open((pj_fields *)(void *)&bag, &client) == PJ_ERR_INVALID_HANDLE && client == NULL);
    CHECK(pj_fields_free(bag) == PJ_OK && pj_fields_free(bag) == PJ_ERR_INVALID_HANDLE);
    CHECK(pj_fields_free(NULL) == PJ_OK && pj_request_free(NULL) == PJ_OK && pj_client_close(NULL, 0) == PJ_OK);
    return 0;
}
"#,
    );
    text
}

/// Compiles a program against the library, and runs it with an argument of its own directory.
fn run(compiler: &str, standard: &str, source: &str, text: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at(source), text).expect(source);
    std::fs::copy(library(), at("libposjunction.so.0")).expect("the library under its own name");
    for level in ["-O0", "-O2"] {
        let output = Command::new(compiler)
            .args([standard, level, "-Wall", "-Wextra", "-Werror", "-Wl,-rpath,$ORIGIN", "-o"])
            .arg(at("use"))
            .args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/include")])
            .args([at(source), at("libposjunction.so.0")])
            .output()
            .unwrap_or_else(|error| panic!("{compiler}: {error}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let output = Command::new(at("use")).arg(at(level)).output().expect("the program");
        let words = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{level}: {:?} {words}", output.status);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_c_program_links_with_every_function() {
    run("gcc", "-std=c99", "use.c", &program());
}

#[test]
#[cfg(target_os = "linux")]
fn an_exception_passes_through_a_dispatch_and_harms_nothing() {
    run("g++", "-std=c++98", "use.cpp", include_str!("exception.cpp"));
}
