#!/bin/sh
# Skeletons: current, without answers, without warnings, and passing nothing.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$root"

no_marks() {
    ! grep -nE 'BEGIN SOLUTION|END SOLUTION|//>' "$1"/*.[ch]
}
# A learner's own build says nothing, whichever compiler it is.
quiet() { # quiet LAB COMPILER
    command -v "$2" >/dev/null || return 0
    make -s -B -C "$1" CC="$2" OUT="$scratch/$2" >"$scratch/said" 2>&1
    cat "$scratch/said"
    [ ! -s "$scratch/said" ]
}
passes_none() {
    python3 - "$1" <<'PYTHON'
import json, sys
tests = json.load(open(sys.argv[1]))["tests"]
passed = [t["id"] for t in tests if t["verdict"] not in ("fail", "blocked")]
first = next(t for t in tests if t["verdict"] == "fail")
print("not failed:", passed, "first message:", first["message"])
said = first["message"] + first.get("cause", "")
sys.exit(bool(passed) or "intended" not in said)
PYTHON
}

for lab in labs/[0-9][0-9]-*; do
    name=${lab#labs/}
    number=${name%%-*}
    for source in "solutions/$name"/*.c; do
        harness/mkskel "$source" >"$scratch/skeleton.c"
        expect "$lab/${source##*/} is current (else: make skeletons)" \
            cmp "$scratch/skeleton.c" "$lab/${source##*/}"
    done
    expect "$lab holds no marks of answers" no_marks "$lab"
    expect "$lab compiles without a warning under gcc" quiet "$lab" gcc
    expect "$lab compiles without a warning under clang" quiet "$lab" clang-14
    expect "$lab/lab.json agrees with its suite" \
        "$build/suites/$number" --lint "$lab/lab.json"
    # The tree may be worked in: what is tested is the skeleton itself.
    mkdir "$scratch/$number"
    for source in "solutions/$name"/*.c; do
        harness/mkskel "$source" >"$scratch/$number/${source##*/}"
    done
    expect_status "the skeleton of $name fails" 1 "$wirelab" check "$number" \
        --impl "$scratch/$number" --json "$scratch/$number.json"
    expect "it passes nothing, and says that this is intended" \
        passes_none "$scratch/$number.json"
done
finish
