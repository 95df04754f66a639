#!/bin/sh
# The references pass all, built by gcc and by clang; in full, again and again.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

for lab in "$root"/labs/[0-9][0-9]-*; do
    name=${lab##*/}
    number=${name%%-*}
    expect "the reference of $name passes, by gcc" \
        "$wirelab" check "$number" --impl solution
    if met=$("$root/harness/impaired" "$build/runs/$number/latest"); then
        pass "$name: ${met%%;*}"
    else
        fail "half of the tests of $name meet an impaired link: $met"
    fi
    if command -v clang-14 >/dev/null; then
        expect "the reference of $name passes, by clang" \
            env CC=clang-14 "$wirelab" check "$number" --impl solution
    else
        skip "the reference of $name by clang" "clang-14 is not installed"
    fi
    if [ -n "$WIRELAB_LONG" ]; then
        expect "the reference of $name passes 200 times, beside two hogs" \
            "$wirelab" stress "$number" --impl solution --runs 200 --hogs 2
    fi
done
finish
