#!/bin/sh
# wirelab check when it is told to stop, killed, or cannot write.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

# A program that is ready and never answers: its test waits.
mkdir "$scratch/silent"
cat >"$scratch/silent/shout" <<PYTHON
#!/usr/bin/env python3
import ctypes, socket, sys, time
ctypes.CDLL(None).prctl(15, b"silent$$")
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
time.sleep(1000)
PYTHON
chmod +x "$scratch/silent/shout"

# await COMMAND...: until it succeeds, 10 s at most.
await() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}
# The programs under test bear a name of this test's own.
left() {
    pgrep -x "silent$$" >/dev/null
}
none_left() {
    ! left
}
start() { # start: a check whose test is under way
    "$wirelab" check 90 --impl "$scratch/silent" --test 90.2.answers_all \
        >"$scratch/output" 2>&1 &
    check=$!
    await left || fail "the check did not start its program"
}

"$wirelab" check 90 --impl solution >/dev/null 2>&1 || true # builds all

for signal in INT TERM; do
    start
    # A background job of a shell without job control ignores SIGINT, unless
    # the program itself asks for it, which wirelab does.
    kill -"$signal" "$check"
    status=0
    wait "$check" || status=$?
    expect_output "SIG$signal: says where the rest is" "interrupted; what was"
    expect "SIG$signal: exit status 130, not $status" test "$status" -eq 130
    expect "SIG$signal: nothing is left" await none_left
    expect "SIG$signal: partial results say so" grep -q '"interrupted": *true' \
        "$runs/latest/results.json"
    expect "SIG$signal: no test has failed" sh -c \
        "! grep -q '\"verdict\": *\"fail\"' '$runs/latest/results.json'"
done

start
kill -KILL "$check"
wait "$check" 2>/dev/null || true
expect "SIGKILL: nothing is left" await none_left

expect_status "results that cannot be written" 3 "$wirelab" check 90 \
    --impl solution --test 90.1.answers --json /dev/full
expect_output "and it says so" "/dev/full|No space left"
expect_status "a directory that is not there" 3 "$wirelab" check 90 \
    --impl solution --test 90.1.answers --json "$scratch/no/where.json"
expect_output "and it names it" "no/where.json"

# A compiler that dies half way, and all who wait for it: what it has written
# is no object, and newer than the source.
cat >"$scratch/dies" <<'SH'
#!/bin/sh
for word; do
    case $before in -o | -MF) echo half >"$word" ;; esac
    before=$word
done
kill -KILL 0
SH
chmod +x "$scratch/dies"
killed_build() { # killed_build TARGET MAKE-ARGUMENT...: ends well afterwards
    target=$1
    shift
    setsid -w make -s "$@" CC="$scratch/dies" "$target" >/dev/null 2>&1 || true
    make -s "$@" "$target" && nm "$target" >/dev/null
}
expect "a build that was killed is no trap for the next: the harness" \
    killed_build "$scratch/killed/obj/harness/base/hash.o" -C "$root" \
    BUILD="$scratch/killed"
expect "nor is a lab's" killed_build "$scratch/killed/lab/shout" \
    -C "$toy/labs/90-toy" OUT="$scratch/killed/lab"
finish
