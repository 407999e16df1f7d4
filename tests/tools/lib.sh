# Sourced by every script here: strict mode, the project's directory, and how a missing package is had.
# shellcheck shell=bash
set -Eeuo pipefail
trap 'printf "FAILED: %s, line %s\n" "$0" "$LINENO" >&2' ERR

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034
TOOLS=$ROOT/tests/tools
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
cd "$ROOT"
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

missing_packages() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

# need_packages NAME...: Debian packages. Installs what is missing, or fails and says how to.
need_packages() {
    local missing
    command -v dpkg-query >/dev/null || fail "not a Debian system; what is needed here: $*"
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    mkdir -p "$TARGET"
    # Several programs may find the same package missing at the same time.
    (flock 9 && install_packages "$@") 9>"$TARGET/apt.lock" || exit 1
}

install_packages() {
    local missing
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    [ -z "${PJ_NO_INSTALL:-}" ] || fail "not installed, and --no-install was given: $missing"
    [ "$(id -u)" = 0 ] || fail "not installed, and only root can: apt-get install $missing"
    say "installing $missing"
    apt_get update
    # shellcheck disable=SC2086
    apt_get install -y --no-install-recommends $missing
}

apt_get() {
    local log=$TARGET/apt.log
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@" </dev/null >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "apt-get $*"
    }
}

# need_command COMMAND PACKAGE...: as need_packages, when the command is not there already.
need_command() {
    local command=$1
    shift
    command -v "$command" >/dev/null || need_packages "$@"
    command -v "$command" >/dev/null || fail "$command is not to be had from: $*"
}

# wine_runs ARCH: prepares wine. False when the caller asked for no 32-bit wine; fails when it cannot be had.
wine_runs() {
    if [ "$1" = x86 ] && [ -n "${PJ_NO_WINE32:-}" ]; then
        say "32-bit was not run, as asked"
        return 1
    fi
    "$TOOLS/wine-setup" "$1" || fail "$1 was not run: wine is not to be had for it here"
}

# remap: rustc flags that keep this machine's paths out of what is built.
remap() {
    printf '%s' "--remap-path-prefix=$ROOT=posjunction --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
}

megabytes() { awk -v bytes="$(stat -c %s "$1")" 'BEGIN { printf "%.2f MB", bytes / 1e6 }'; }

need_cargo() { command -v cargo >/dev/null || fail "cargo is missing: install Rust 1.89 or later"; }

# need_cargo_tool NAME VERSION: a program from the Rust registry, of that very version; built into target/ when missing.
need_cargo_tool() {
    need_cargo
    export PATH=$TARGET/cargo-tools/bin:$PATH
    [[ "$("$1" --version 2>/dev/null)" != "$1 $2"* ]] || return 0
    [ -z "${PJ_NO_INSTALL:-}" ] || fail "$1 $2 is not there, and --no-install was given"
    say "building $1 $2"
    mkdir -p "$TARGET"
    # They work for seconds and would be optimized for minutes.
    cargo install --debug --quiet --locked --root "$TARGET/cargo-tools" "$1@$2" >"$TARGET/$1.log" 2>&1 || {
        tail -n 20 "$TARGET/$1.log" >&2
        fail "cargo install $1@$2"
    }
}

# exports_of FILE.so: the functions it exports, sorted.
exports_of() { objdump -T "$1" | awk '$4 == ".text" { print $NF }' | LC_ALL=C sort; }
