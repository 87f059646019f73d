#!/bin/sh
# Checks that the tools named as arguments are here, installs with apt-get those that it may, and otherwise says in a
# sentence what to do. Says nothing when all is well. Tools: rust, rust-checks, cc, python, node, chromium.
set -eu
cd "$(dirname "$0")/.."

NODE_MAJOR=20

fail() {
    printf 'make: %s\n' "$1" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# Installs Debian packages if this user may; fails quietly if not.
apt_install() {
    has apt-get || return 1
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        has sudo && sudo -n true 2>/dev/null || return 1
        as_root='sudo -n'
    fi
    echo "Installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends "$@" >&2
}

# Whether version $1 is at least version $2.
is_at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

need_rust() {
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    has cargo && has rustc || fail "Rust is missing: install version $wanted or later from https://rustup.rs, then open a new shell."
    found=$(rustc --version | cut -d ' ' -f 2)
    is_at_least "$found" "$wanted" || fail "Rust $found is too old: version $wanted or later is needed; run 'rustup update stable'."
}

need_rust_checks() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 ||
        fail "rustfmt or clippy is missing: run 'rustup component add rustfmt clippy'."
}

need_cc() {
    has cc || apt_install gcc libc6-dev || true
    has cc || fail "a C compiler is missing (SQLite is compiled in): install gcc or clang, on Debian with 'apt-get install gcc libc6-dev'."
}

has_venv() {
    has python3 && python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

need_python() {
    has_venv || apt_install python3 python3-venv || true
    has_venv || fail "Python 3.10 or later with venv is missing: install it, on Debian with 'apt-get install python3 python3-venv'."
}

has_node() {
    has node && has npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_MAJOR" ]
}

need_node() {
    has_node || apt_install nodejs npm || true
    has_node || fail "Node.js $NODE_MAJOR or later with npm is missing: install it from https://nodejs.org or your system's packages."
}

# The tests take the browser that CHROMIUM names, if it is set.
has_chromium() {
    [ -z "${CHROMIUM:-}" ] || { has "$CHROMIUM" || fail "CHROMIUM names $CHROMIUM, which is no program."; return; }
    has chromium || has chromium-browser || has google-chrome
}

need_chromium() {
    has_chromium || apt_install chromium || true
    has_chromium || fail "Chromium is missing (the browser tests need it): install it, on Debian with 'apt-get install chromium'."
}

for tool in "$@"; do
    case $tool in
        rust) need_rust ;;
        rust-checks) need_rust_checks ;;
        cc) need_cc ;;
        python) need_python ;;
        node) need_node ;;
        chromium) need_chromium ;;
        *) fail "scripts/need.sh does not know the tool '$tool'." ;;
    esac
done
