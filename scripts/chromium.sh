#!/usr/bin/env bash
# See that there is a Chromium for the browser tests; install Debian's when there is none.
#
# CHROMIUM  the browser to use instead
set -euo pipefail

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] && exit 0
    echo "CHROMIUM=$CHROMIUM is not a program." >&2
    exit 1
fi
[ -x /usr/bin/chromium ] && exit 0
echo "The browser tests need Chromium; installing Debian's."
if ! "$(dirname "$0")/debian.sh" chromium; then
    echo "Chromium could not be installed. Install it yourself, and name it when it is not /usr/bin/chromium:" \
        "make test CHROMIUM=/path/to/chromium" >&2
    exit 1
fi
