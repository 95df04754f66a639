#!/bin/sh
# Each wrong program is killed by the test it names, with its golden message.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

for lab in "$root"/solutions/[0-9][0-9]-*; do
    name=${lab##*/}
    status=0
    "$wirelab" mutants "${name%%-*}" >"$scratch/output" 2>&1 || status=$?
    # One line for each: its mark, its name, its test, its mistake.
    for patch in "$lab"/mutants/*.patch; do
        mutant=$(basename "$patch" .patch)
        line=$(grep -E "^[A-Za-z]+ +$mutant " "$scratch/output" || true)
        case $line in
        killed*) pass "$name: $mutant is killed" ;;
        *)
            fail "$name: $mutant is killed"
            echo "# ${line:-$(tail -n 3 "$scratch/output")}"
            ;;
        esac
    done
    expect "wirelab mutants ${name%%-*} ends with 0, not $status" \
        test "$status" -eq 0
done
finish
