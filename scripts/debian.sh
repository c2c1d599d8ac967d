#!/usr/bin/env bash
# Install Debian packages: as root, or through sudo.
#
#   scripts/debian.sh PACKAGE...
set -euo pipefail

if ! command -v apt-get >/dev/null; then
    echo "These are needed and there is no apt-get to install them: $*" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Installing $* needs root: run 'apt-get install $*' as root, then try again." >&2
        exit 1
    fi
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
