#!/bin/sh
# wirelab check in the world `uml`: for root, for an ordinary user on a machine
# that refuses everything, stopped, killed, twice at once.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toyuser.sh
. "$root/harness/tests/toyuser.sh"

if ! command -v linux.uml >/dev/null; then
    skip "the world uml" "user-mode-linux is not installed"
    finish
    exit 0
fi

# await COMMAND...: until it succeeds, 30 s at most.
await() {
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}
json() { # json EXPRESSION: of the latest results
    python3 -c "import json
r = json.load(open('$runs/latest/results.json'))
print($1)"
}
kernels() { # pids of the guests' kernels that show this test's project
    pgrep -f "rootflags=$TMPDIR/wirelab-"
}
none_left() {
    ! kernels && ! ls -d "$TMPDIR"/wirelab-*
}
# Whatever a guest leaves would be here.
mkdir "$scratch/tmp"
unset XDG_RUNTIME_DIR
export TMPDIR="$scratch/tmp"

# A program that computes, and fails, where the host gives the guest no CPU.  The
# guest's own clock and schedstat know nothing of that.
mkdir "$scratch/computes"
cat >"$scratch/computes/shout.c" <<'END'
int main(void)
{
    for (volatile unsigned i = 0; i < 300000000; i++)
        continue;
    return 3;
}
END
# There is no calm before the hogs end; then it is judged.
start_hogs() {
    hogs=
    for _ in 1 2 3 4; do
        taskset -c 0 timeout 20 sh -c 'while :; do :; done' &
        hogs="$hogs $!"
    done
}
start_hogs
expect_status "beside hogs one run is void" 3 taskset -c 0 \
    "$wirelab" stress 90 --test 90.1.answers --world uml --runs 1 \
    --impl "$scratch/computes"
expect_output "by the host's doing" "the guest waited [0-9.]* s for a CPU"
expect_output "and the test's own words are kept" "the test said: [^ ]"
# shellcheck disable=SC2086 # pids
wait $hogs || :
start_hogs
expect_status "a check goes on when they are gone" 1 taskset -c 0 \
    "$wirelab" check 90 --test 90.1.answers --world uml --seed 7 \
    --impl "$scratch/computes"
expect "only the runs beside them were void" test \
    "$(json "r['tests'][0]['variants'][0]['history']")" = \
    "['infra', 'fail', 'fail']"
# shellcheck disable=SC2086 # pids
wait $hogs || :

expect_status "the reference passes" 0 \
    "$wirelab" check 90 --impl solution --world uml --seed 7
expect "and the results name the world" test "$(json "r['world']")" = uml
expect "captures belong to the caller" \
    test -O "$runs/latest/90.1.answers/capture.pcapng"
expect "nothing is left of the guests" none_left
expect_status "a run is replayed in its world" 0 \
    "$wirelab" replay "$runs/latest" 90.2.answers_all
expect_output "and says so" "verdict: pass, as before"
expect_status "with netem, which profiles need" 0 "$wirelab" check 90 \
    --impl solution --world uml --engine netem --test 90.1.answers
expect "netem is named" test "$(json "r['engine']")" = netem

# Two at once.
"$wirelab" check 90 --impl solution --world uml >"$scratch/one" 2>&1 &
one=$!
"$wirelab" check 90 --impl solution --world uml >"$scratch/two" 2>&1 &
two=$!
expect "two checks at once: one passes" wait "$one"
expect "and so does the other" wait "$two"

# A program that never answers: its test waits.
mkdir "$scratch/silent"
cat >"$scratch/silent/shout" <<'PYTHON'
#!/usr/bin/env python3
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
time.sleep(1000)
PYTHON
chmod +x "$scratch/silent/shout"
start() { # start: a check in a guest that is under way
    "$wirelab" check 90 --impl "$scratch/silent" --world uml \
        --test 90.2.answers_all >"$scratch/output" 2>&1 &
    check=$!
    await kernels || fail "no guest was started"
}
start
kill -INT "$check"
status=0
wait "$check" || status=$?
expect "Ctrl-C ends it with 130, not $status" test "$status" -eq 130
expect "and nothing is left" await none_left
start
kill -9 "$check"
wait "$check" 2>/dev/null || true
expect "kill -9 ends the guests, too" await sh -c "! pgrep -f \
    'rootflags=$TMPDIR/[w]irelab-'"
"$wirelab" check 90 --impl solution --world uml >/dev/null 2>&1 || true
expect "and the next run sweeps what they left" await none_left

# Each machine lacks something.
mkdir "$scratch/bin"
for dir in /usr/bin /bin /usr/sbin; do
    ln -sf "$dir"/* "$scratch/bin/" 2>/dev/null || true
done
rm -f "$scratch/bin/linux.uml"
expect_status "without linux.uml" 3 env PATH="$scratch/bin" \
    "$wirelab" check 90 --impl solution --world uml
expect_output "the remedy is told" "apt-get install user-mode-linux"

if [ "$(id -u)" -ne 0 ]; then
    skip "an ordinary user" "setting it up takes root"
    finish
    exit 0
fi
expect_status "an ordinary user falls to uml" 0 \
    as_nobody mode=1777,size=3g none "./wirelab check 90 --impl solution &&
        ls -l /mnt/build/runs/90/latest/ && ! ls -d /mnt/tmp/wirelab-*"
expect_output "which is said in one line" \
    "^wirelab: the world is 'uml', .*: no /dev/net/tun"
expect_output "and results are the user's" "nobody .* results.json"
expect_status "where /dev/shm is noexec" 0 as_nobody \
    mode=1777,size=3g,noexec none "./wirelab check 90 --impl solution"
expect_output "memory goes elsewhere, and that is said" \
    "guests' memory is in /.*, since /dev/shm is mounted noexec"
expect_status "doctor tells of all worlds" 0 as_nobody \
    mode=1777,size=3g none "./wirelab doctor"
expect_output "the host's is missing" "absent +world host"
expect_output "uml's works" "ok +world uml +works; boots in"
expect_output "the virtual one is told of" "world virtual"
finish
