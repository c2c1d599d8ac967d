#!/usr/bin/env bash
# Fonts for Arabic, Hindi and Chinese, so that screenshots show letters instead of boxes.
set -euo pipefail

missing=()
for package in fonts-noto-core fonts-noto-cjk; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] || "$(dirname "$0")/debian.sh" "${missing[@]}"
