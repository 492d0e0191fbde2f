#!/usr/bin/env bash
# Names what is missing in a plain sentence, and installs the Debian packages given as arguments.
set -euo pipefail

need() {
    command -v "$1" >/dev/null || { echo "Missing: $2" >&2; exit 1; }
}
need cargo "Rust with cargo, 1.95 or newer (https://rustup.rs)."
need npm "Node.js 20.19, 22.12, or 24 and newer, with npm (https://nodejs.org)."
need cc "a C compiler (on Debian: apt-get install build-essential)."

# Build scripts run with whatever `node` is found first: an old one fails late and obscurely.
node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    const least = { 20: 19, 22: 12 }[major] ?? (major > 23 ? 0 : Infinity);
    if (minor < least) process.exit(1)' ||
    { echo "Node.js $(node --version) does not do: 20.19, 22.12, or 24 or newer is needed." >&2; exit 1; }

[ "$(uname -s)" = Linux ] || exit 0
if ! command -v dpkg-query >/dev/null; then
    echo "This is not a Debian system: see README for what these packages are called here: $*" >&2
    exit 0
fi

missing=()
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
        { echo "These packages are missing and there is no sudo to install them: ${missing[*]}" >&2; exit 1; }
    root=(sudo)
fi
echo "Installing ${missing[*]}"
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
