#!/bin/sh
# Lab 02's reference and tshark agree, field by field, on 64 captures: four
# seeds, each with four captures of each of four subjects.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

if ! command -v tshark >/dev/null; then
    skip "lab 02's dissect against tshark" "tshark is not installed"
    finish
    exit 0
fi
for seed in 1 2 3 4; do
    for checkpoint in 1 2 3 4; do
        expect "seed $seed, checkpoint $checkpoint" "$wirelab" check 02 \
            --impl solution --seed "$seed" \
            --test "02.$checkpoint.agrees_with_tshark"
    done
done
finish
