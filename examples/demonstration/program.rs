//! Builds the library and compiles the programs in C, as an integrator would on this machine.

use serde_json::Value;
use std::env::consts;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs of `examples/c`, with the library beside them.
pub struct Programs {
    pub checkout: PathBuf,
    pub webhook_receiver: PathBuf,
}

pub fn build() -> Result<Programs, String> {
    let library = library()?;
    let directory = library.parent().unwrap_or(Path::new(".")).join("examples").join("c");
    fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    // Programs bind to the library under its SONAME. On Windows its file name is the name.
    let name = if cfg!(windows) { "posjunction.dll" } else { "libposjunction.so.0" };
    let beside = directory.join(name);
    place(&beside, |fresh| fs::copy(&library, fresh).map(drop).map_err(|error| error.to_string()))?;
    let program = |name: &str| {
        let program = directory.join(format!("{name}{}", consts::EXE_SUFFIX));
        place(&program, |fresh| compile(name, fresh, &beside, &library)).map(|()| program)
    };
    Ok(Programs { checkout: program("checkout")?, webhook_receiver: program("webhook_receiver")? })
}

/// Makes a file under another name first: the old one may be running.
fn place(path: &Path, make: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    let fresh = path.with_file_name(format!("fresh-{}{}", std::process::id(), consts::EXE_SUFFIX));
    make(&fresh).map_err(|error| format!("{}: {error}", path.display()))?;
    fs::rename(&fresh, path).map_err(|error| format!("{}: {error}", path.display()))
}

/// `cargo run --example` leaves no shared library where it can be found, so it is built once more by name.
fn library() -> Result<PathBuf, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--lib", "--example", "checkout", "--message-format=json-render-diagnostics"]);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(std::process::Stdio::inherit());
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // What cargo said of this run would make another build of it, from the first crate on.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "OUT_DIR" || ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|begin| text.starts_with(begin)) {
            cargo.env_remove(&name);
        }
    }
    let output = cargo.output().map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err("the library does not build".into());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = |message: &Value| message["reason"] == "compiler-artifact" && message["target"]["name"] == "posjunction";
    let files = messages.filter(ours).flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let paths = files.filter_map(|file| file.as_str().map(PathBuf::from));
    let mut shared = paths.filter(|path| path.extension().is_some_and(|extension| extension == consts::DLL_EXTENSION));
    shared.next().ok_or("cargo names no shared library".into())
}

fn compile(name: &str, program: &Path, beside: &Path, library: &Path) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = target();
    let mut c = cc::Build::new();
    c.target(&target).host(&target).opt_level(1).cargo_metadata(false).warnings(true).extra_warnings(true);
    c.include(root.join("include"));
    let compiler = c.try_get_compiler().map_err(|error| format!("no C compiler is to be had: {error}"))?;
    let mut command = compiler.to_command();
    command.arg(root.join("examples/c").join(name).with_extension("c"));
    if compiler.is_like_msvc() {
        // The import library lies beside the library: posjunction.dll.lib.
        let objects = program.with_extension("obj");
        command.arg("/D_CRT_SECURE_NO_WARNINGS").arg(format!("/Fo{}", objects.display()));
        command.arg(format!("/Fe{}", program.display())).arg(library.with_extension("dll.lib")).arg("ws2_32.lib");
    } else {
        command.args(["-std=c90", "-pedantic", "-o"]).arg(program).arg(beside);
        if cfg!(windows) {
            command.arg("-lws2_32");
        } else {
            // The library is looked for beside the program, wherever that is.
            command.arg("-Wl,-rpath,$ORIGIN");
        }
    }
    let output = command.output().map_err(|error| format!("{}: {error}", compiler.path().display()))?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || said.contains("warning") {
        eprintln!("{}", said.trim_end());
    }
    if output.status.success() { Ok(()) } else { Err(format!("{command:?} failed")) }
}

/// The triple of this machine, by which cc finds the compiler outside of a build script.
fn target() -> String {
    let cpu = if consts::ARCH == "x86" { "i686" } else { consts::ARCH };
    let system = match (consts::OS, cfg!(target_env = "msvc")) {
        ("windows", true) => "pc-windows-msvc",
        ("windows", false) => "pc-windows-gnu",
        ("macos", _) => "apple-darwin",
        _ => "unknown-linux-gnu",
    };
    format!("{cpu}-{system}")
}
