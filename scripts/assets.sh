#!/usr/bin/env bash
# Fetch the front-end packages of package-lock.json and copy what pages use into static/vendor,
# each folder with its licence. Pages name these files:
#
#   vendor/bootstrap/bootstrap.min.css   bootstrap.rtl.min.css   (no script)
#   vendor/htmx/htmx.min.js
#   vendor/echarts/echarts.min.js
#   vendor/inter/*.woff2                 (through fonts/inter.css)
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
    echo "npm was not found. On Debian: apt-get install nodejs npm." >&2
    exit 1
fi
npm ci

fresh=static/vendor.new
rm -rf "$fresh"

copy() { # FOLDER PACKAGE FILE...
    local folder=$fresh/$1 package=node_modules/$2
    shift 2
    mkdir -p "$folder"
    cp "$package"/LICENSE* "$folder/"
    local file
    for file in "$@"; do
        cp "$package/$file" "$folder/"
    done
}

copy bootstrap bootstrap dist/css/bootstrap.min.css dist/css/bootstrap.rtl.min.css
copy htmx htmx.org dist/htmx.min.js
copy echarts echarts dist/echarts.min.js NOTICE
copy inter @fontsource-variable/inter \
    files/inter-latin-wght-normal.woff2 files/inter-latin-ext-wght-normal.woff2
# Source maps are not served, so nothing should ask for them.
for sheet in "$fresh"/bootstrap/*.css; do
    sed '/^\/\*# sourceMappingURL=/d' "$sheet" >"$sheet.new"
    mv "$sheet.new" "$sheet"
done

rm -rf static/vendor
mv "$fresh" static/vendor
