#!/bin/sh
# The report as its reader meets it: Chromium opens made-up ones, and is used by
# pointer and keyboard.  WIRELAB_GOLDEN=write makes the pictures anew.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$root"

browser=harness/tests/browser
expect "pages are made" "$build/tests/test_report_html" pages "$scratch/pages"
if ! NODE_PATH=$("$browser/modules" 2>"$scratch/why"); then
    skip "the report in the browser" "$(cat "$scratch/why")"
    finish
    exit 0
fi
export NODE_PATH

timeout 300 node "$browser/report.js" "$scratch/pages" "$browser/golden" \
    "${WIRELAB_GOLDEN:-}" >"$scratch/seen" 2>"$scratch/errors" || true
tap_browser
finish
