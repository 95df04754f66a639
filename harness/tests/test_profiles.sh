#!/bin/sh
# Every profile of netem-scripts is one that the emulator takes, and is listed.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

for profile in "$root"/netem-scripts/profiles/*.netem; do
    name=$(basename "$profile" .netem)
    expect "$name is understood" "$wirelab" link --explain "$(cat "$profile")"
    expect "$name is listed" grep -q "^| \`$name\` |" \
        "$root/netem-scripts/README.md"
done
demo=$(sed '/^#/d' "$root/netem-scripts/profiles/demo.netem")
expect "demo is the demo's" grep -qF "\"$demo\"" "$root/harness/bench/demo.c"
finish
