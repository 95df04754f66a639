#!/bin/sh
# The page of a class as its reader meets it: Chromium opens made-up ones, and is
# used by pointer and keyboard.  WIRELAB_GOLDEN=write makes the pictures anew.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$root"

browser=harness/tests/browser
expect "batches are made" "$build/tests/test_classpage" batches "$scratch/pages"
for name in class hostile crowd nobody; do
    expect "a page is made of $name" "$wirelab" results html \
        "$scratch/pages/$name" --out "$scratch/pages/$name"
done
if ! NODE_PATH=$("$browser/modules" 2>"$scratch/why"); then
    skip "the page of a class in the browser" "$(cat "$scratch/why")"
    finish
    exit 0
fi
export NODE_PATH

timeout 300 node "$browser/class.js" "$scratch/pages" "$browser/golden" \
    "${WIRELAB_GOLDEN:-}" >"$scratch/seen" 2>"$scratch/errors" || true
tap_browser
finish
