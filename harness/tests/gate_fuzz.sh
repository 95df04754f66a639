#!/bin/sh
# No fuzz target finds anything: 5 s each, or 60 in full.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

if ! command -v clang-14 >/dev/null; then
    skip "fuzzing" "clang-14 is not installed"
    finish
    exit 0
fi
seconds=$([ -n "$WIRELAB_LONG" ] && echo 60 || echo 5)
for fuzzer in "$build"/fuzz/*; do
    if [ ! -f "$fuzzer" ] || [ ! -x "$fuzzer" ]; then
        continue
    fi
    name=${fuzzer##*/}
    dict=$root/harness/fuzz/$name.dict
    case $name in
    [0-9][0-9]-*)
        dict=$(echo "$root"/solutions/"${name%%-*}"-*/fuzz/"${name#*-}.dict")
        ;;
    esac
    [ ! -f "$dict" ] || set -- "-dict=$dict"
    mkdir -p "$scratch/$name"
    expect "fuzz $name for $seconds s" "$fuzzer" -max_total_time="$seconds" \
        -max_len=4096 -artifact_prefix="$build/fuzz/$name." "$@" \
        "$scratch/$name"
    set --
done
[ "$count" -gt 0 ] || fail "there are fuzz targets: make fuzzers"
finish
