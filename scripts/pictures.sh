#!/usr/bin/env bash
# What screenshots need: fonts for Arabic, Hindi and Chinese, so that they show letters instead of boxes, and
# pngquant, so that they stay small.
set -euo pipefail

missing=()
for package in fonts-noto-core fonts-noto-cjk pngquant; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] || "$(dirname "$0")/debian.sh" "${missing[@]}"
