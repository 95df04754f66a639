#!/bin/sh
# The world `virtual`: the same seed gives the same packets at the same times,
# also beside programs that keep the processors busy; a replay proves it; a
# program that polls is told so.  Long: 100 runs beside four hogs.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

"$root/harness/world/virtual-kernel" --find >/dev/null || {
    skip "the world virtual" "its kernel is not built: make virtual-kernel"
    finish
    exit 0
}

runs_of=2 hogs=0
[ -z "$WIRELAB_LONG" ] || runs_of=100 hogs=4
tests="--test 04.1.echoes_a_line --test 04.5.survives_a_bad_link"

# Writes what identifies a run: each test's verdict, packets and name.
run() { # run SEED INTO [OPTION...]
    _seed=$1 _into=$2
    shift 2
    # shellcheck disable=SC2086 # a list of words
    "$wirelab" check 04 --impl solution --world virtual $tests \
        --seed "$_seed" --json "$scratch/results.json" "$@" &&
        python3 -c '
import json, sys
for test in json.load(open(sys.argv[1]))["tests"]:
    print(test["id"], test["verdict"], test["packets"])
' "$scratch/results.json" >"$_into"
}
all_alike() {
    i=1
    while [ $i -le $runs_of ]; do
        run 5 "$scratch/again" || return 1
        diff "$scratch/first" "$scratch/again" || return 1
        i=$((i + 1))
    done
}
differs() {
    run 6 "$scratch/other" && ! cmp -s "$scratch/first" "$scratch/other"
}

expect "lab 04 runs in virtual time" run 5 "$scratch/first"
pids=
while [ $hogs -gt 0 ]; do
    sh -c 'while :; do :; done' &
    pids="$pids $!" hogs=$((hogs - 1))
done
expect "$runs_of more runs of the seed have the same packets" all_alike
# shellcheck disable=SC2086 # a list of pids
[ -z "$pids" ] || kill $pids
expect "another seed has others" differs
expect_status "a replay is the run itself" 0 "$wirelab" replay \
    "$build/runs/04/latest" 04.5.survives_a_bad_link
expect_output "... and proves it" 'packets: the recorded ones'

for flags in "" -DREADS_CLOCK; do
    mkdir -p "$scratch/polls$flags"
    # shellcheck disable=SC2086 # none, or one word
    ${CC:-gcc} -D_GNU_SOURCE -O1 $flags -o "$scratch/polls$flags/echod" \
        "$root/harness/tests/virtual/echod.c"
    expect_status "a program that polls ${flags:+and reads the clock }passes" \
        0 "$wirelab" check 04 --impl "$scratch/polls$flags" --world virtual \
        --test 04.1.echoes_a_line
    expect_output "... and is told the call" 'polls: it calls poll.timeout 0.'
done
finish
