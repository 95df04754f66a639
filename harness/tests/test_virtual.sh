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

runs_of=2 suites_of=0 hogs=0
[ -z "$WIRELAB_LONG" ] || { runs_of=100 suites_of=5 hogs=4; }
# The last one moves 4 MiB by the kernel's TCP, as fast as that can.
tests="--test 04.1.echoes_a_line --test 04.5.survives_a_bad_link \
--test 04.4.signals_disturb_nobody"

# Writes what identifies a run: each test's verdict, packets and name.
run() { # run SEED INTO LAB [OPTION...]
    _seed=$1 _into=$2 _lab=$3
    shift 3
    "$wirelab" check "$_lab" --impl solution --world virtual --seed "$_seed" \
        --json "$scratch/results.json" "$@" && python3 -c '
import json, sys
for test in json.load(open(sys.argv[1]))["tests"]:
    for one in test["variants"]:
        guest = "guest_ms" in one
        print(test["id"], one["name"], one["verdict"],
              one["packets"] if guest else "run on the host")
' "$scratch/results.json" >"$_into"
}
all_alike() { # all_alike RUNS LAB [OPTION...]
    _left=$1 _all=$1
    shift
    while [ "$_left" -gt 0 ]; do
        run 5 "$scratch/again" "$@" || return 1
        [ "$_left" -lt "$_all" ] || cp "$scratch/again" "$scratch/first.$1"
        diff "$scratch/first.$1" "$scratch/again" || return 1
        _left=$((_left - 1))
    done
}
# Changes the digest of a result's packets.
tamper() { # tamper FROM INTO
    python3 -c '
import json, sys
results = json.load(open(sys.argv[1]))
for test in results["tests"]:
    for one in test["variants"]:
        one["packets"] = "sha256:" + 64 * "0"
json.dump(results, open(sys.argv[2], "w"))
' "$1" "$2"
}
polls() { # polls NAME FLAG: makes $scratch/NAME with an echod
    mkdir -p "$scratch/$1"
    ${CC:-gcc} -D_GNU_SOURCE -O1 "$2" -o "$scratch/$1/echod" \
        "$root/harness/tests/virtual/echod.c"
}

pids=
while [ $hogs -gt 0 ]; do
    sh -c 'while :; do :; done' &
    pids="$pids $!" hogs=$((hogs - 1))
done
# shellcheck disable=SC2086 # a list of words
expect "$runs_of runs of a seed: the same verdicts and packets" \
    all_alike $runs_of 04 $tests
[ $suites_of -eq 0 ] || for lab in 04 08; do
    expect "$suites_of runs of lab $lab, each test: the same" \
        all_alike $suites_of $lab
done
# shellcheck disable=SC2086 # a list of pids
[ -z "$pids" ] || kill $pids

# shellcheck disable=SC2086 # a list of words
expect "another seed ..." run 6 "$scratch/other" 04 $tests
lossy() { # whose packets are lost; the other tests' links decide nothing
    grep 04.5.survives_a_bad_link "$1"
}
lossy "$scratch/first.04" >"$scratch/a"
lossy "$scratch/other" >"$scratch/b"
expect_status "... is another run" 1 cmp -s "$scratch/a" "$scratch/b"

expect_status "a replay is the run itself" 0 "$wirelab" replay \
    "$build/runs/04/latest" 04.5.survives_a_bad_link
expect_output "... and proves it" 'packets: the recorded ones'
tamper "$scratch/results.json" "$build/runs/04/latest/tampered.json"
expect_status "a replay of another run's digest" 3 "$wirelab" replay \
    "$build/runs/04/latest/tampered.json" 04.5.survives_a_bad_link
expect_output "... says that it is not that run" 'NOT the recorded ones'
expect_output "... and what to do" 'compare packets.tsv of both'

expect_status "stress runs there" 0 "$wirelab" stress 04 --impl solution \
    --world virtual --runs 2 --hogs 2 --test 04.4.half_close_keeps_the_tail
expect_output "... and each run passes" \
    '04.4.half_close_keeps_the_tail +2 +0 +0 +0 '
expect_status "... a wrong program's do not" 1 "$wirelab" stress 04 \
    --impl labs/04-sockets --world virtual --runs 1 \
    --test 04.4.half_close_keeps_the_tail
failure=$(sed -n 's/^ *\.\/wirelab replay //p' "$scratch/output")
expect "... and it was that world" grep -q '"world": *"virtual"' "$failure"

told() { # told NAME FLAG CALL
    polls "$1" "$2"
    expect_status "a program that polls by $3 passes" 0 "$wirelab" check 04 \
        --impl "$scratch/$1" --world virtual --test 04.1.echoes_a_line
    expect_output "... and is told the call" "polls: it calls $4"
}
told receives -DRECEIVES recv 'recvfrom.[0-9]*, MSG_DONTWAIT.'
told clock -DREADS_CLOCK "poll and reads the clock" 'poll.timeout 0.'
[ -z "$WIRELAB_LONG" ] || {
    told poll -DPOLLS poll 'poll.timeout 0.'
    polls works -DWORKS
    expect_status "a program that works alone for long passes" 0 "$wirelab" \
        check 04 --impl "$scratch/works" --world virtual \
        --test 04.1.echoes_a_line
    cp "$scratch/output" "$scratch/told"
    expect_status "... and is told nothing" 1 grep polls "$scratch/told"
}
finish
