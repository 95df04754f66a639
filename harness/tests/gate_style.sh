#!/bin/sh
# Layout, scripts, direction of includes; clang-tidy in full only.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$root"

for gate in format-check shellcheck deps; do
    if [ "$gate" = format-check ] && ! command -v clang-format-14 >/dev/null ||
        [ "$gate" = shellcheck ] && ! command -v shellcheck >/dev/null; then
        skip "make $gate" "its tool is not installed"
    else
        expect "make $gate" make -s BUILD="$build" "$gate"
    fi
done
if [ -n "$WIRELAB_LONG" ]; then
    expect "make tidy" make -s -k -j"$(nproc)" BUILD="$build" tidy
fi
expect "compile_commands.json is JSON" sh -c \
    "make -s BUILD='$build' -B compile_commands.json >/dev/null 2>&1 &&
    python3 -m json.tool compile_commands.json"
finish
