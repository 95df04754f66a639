#!/bin/sh
# wirelab watch, in a terminal of its own: tmux.
#
#   tmux ── wirelab watch ── wirelab check ── tests
#     └─ everything it prints goes to $scratch/log, too
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

if ! command -v tmux >/dev/null; then
    skip "wirelab watch in a terminal" "tmux is not installed"
    finish
    exit 0
fi
export LC_ALL=C.UTF-8 TERM=xterm
lab=$toy/labs/90-toy
log=$scratch/log
solved=$toy/solutions/90-toy/shout.c
cp "$lab/shout.c" "$scratch/skeleton.c"
session=0
tmux() { # a server for each session: the one before may still be going
    command tmux -S "$scratch/tmux$session" -f /dev/null "$@"
}
trap 'tmux kill-server 2>/dev/null || :; rm -rf "$scratch"' EXIT

await() { # await COMMAND...: until it succeeds, 30 s at most
    for _ in $(seq 600); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    { echo "in vain: $*" && screen; } >&2 || : # for the log
    return 1
}
screen() {
    tmux capture-pane -p
}
shows() { # shows PATTERN: on the screen
    screen | grep -Eq -- "$1"
}
# Once more each time: what it printed before must not be taken for an answer.
said=0
count() {
    tr -d '\r' <"$log" | grep -Ec -- "$1" || true
}
more_than() {
    [ "$(count "$2")" -gt "$1" ]
}
says() { # says NAME PATTERN COMMAND...: the command makes watch print this anew
    name=$1 pattern=$2 said=$(count "$2")
    shift 2
    "$@"
    expect "$name" await more_than "$said" "$pattern"
}
start() { # start [OPTION...]
    : >"$log"
    rm -f "$scratch/after"
    session=$((session + 1))
    tmux new-session -d -x 100 -y 50 "trap : INT; stty -a | tr ' ' '\n' >$scratch/before;
        $wirelab watch 90 $*; echo left with \$?;
        stty -a | tr ' ' '\n' >$scratch/after; exec cat"
    tmux pipe-pane "cat >>$log"
}
end() {
    tmux kill-server 2>/dev/null || : # it may be gone already
}
rests='^watching labs/90-toy: a save runs '

# ---- From the first failure to the last test -----------------------------------

cd "$toy"
start
expect "it begins with the first test" await shows 'first: 90.1.answers$'
expect "its failure is told" await shows "checkpoint 1 is not done yet"
expect "all of it is on the screen" shows '^FAIL  90.1.answers'
expect "then it is the learner's turn" await shows "${rests}90.1.answers"

cat >"$scratch/broken.c" <<'C'
int main(void) { return nonsense; }
C
says "a compile error is told" "shout.c:1:.*error: .nonsense. undeclared" \
    cp "$scratch/broken.c" "$lab/shout.c"
hides() {
    ! shows "$1"
}
expect "the failure before is off the screen" hides FAIL
says "and survived" "ok    90.1.answers " cp "$solved" "$lab/shout.c"
expect "it goes on to the next checkpoint" await shows \
    'next: all of checkpoint 2, Answer everything'
expect "which passes" await shows 'ok    90.2.answers_all'
expect "and at last to all tests" await shows 'next: all tests of lab 90'
expect "then it rests" await shows "${rests}all tests of lab 90"
says "key a runs all tests" "${rests}all tests of lab 90" tmux send-keys a
expect "and says so" shows 'key a: all tests of lab 90'
tmux send-keys q
expect "q leaves, with the last status" await shows "^left with 0"
expect "the terminal is as it was" await cmp "$scratch/before" "$scratch/after"
end

# ---- Saves of all kinds --------------------------------------------------------

save_by_rename() { # as vim and many others do
    cp "$1" "$lab/.shout.c.new"
    mv "$lab/.shout.c.new" "$lab/shout.c"
}
save_burst() {
    for i in 1 2 3 4 5 6 7 8 9; do
        echo "int unused_$i;" >"$lab/more$i.c"
        cp "$solved" "$lab/shout.c"
    done
}
leave_droppings() { # what editors leave, then one true save
    for name in .shout.c.swp shout.c~ '#shout.c#' 4913 notes.txt; do
        echo x >"$lab/$name"
    done
    rm -f "$lab/4913"
    cp "$solved" "$lab/shout.c"
}
start --no-clear
expect "progress is remembered: it begins with all tests" await \
    shows 'first: all tests of lab 90'
expect "and rests" await more_than 0 "$rests"
expect "nothing is wiped away now" sh -c "! grep -q '\[2J' '$log'"
says "a file that takes the name over" 'saved shout.c: ' \
    save_by_rename "$scratch/skeleton.c"
expect "is what is tested" await more_than 0 'FAIL  90.1.answers'
expect "as far as checkpoint 1" await more_than 0 "${rests}90.1.answers"
seed=$(python3 -c "import json,sys
print(json.load(open(sys.argv[1]))['seed'])" "$runs/latest/results.json")
says "a failed test" "${rests}90.1.answers" tmux send-keys r
expect "meets the same faults again: seed $seed" grep -q "\"seed\": \"$seed\"" \
    "$runs/latest/results.json"
says "key h gives a hint" "90.1 Answer: hint 1 of 3" tmux send-keys h
says "and one level more" "90.1 Answer: hint 2 of 3" tmux send-keys h

before=$(count ' saved ')
says "a burst of saves" "${rests}all tests" save_burst
runs_begun=$(($(count ' saved ') - before))
expect "is one round, or a few: $runs_begun" test "$runs_begun" -le 6
says "a file made anew" 'saved extra.c: ' sh -c \
    "echo 'int extra;' >'$lab/extra.c'"
says "and removed" 'saved extra.c: ' rm "$lab/extra.c"
expect "is tested" await more_than 1 "${rests}all tests"
before=$(count ' saved ')
says "what editors leave is no save, what they save is" ' saved shout.c' \
    leave_droppings
expect "it was the only one" test "$(count ' saved ')" -eq $((before + 1))
mv "$lab" "$lab.moved"
cp -r "$lab.moved" "$lab"
says "the folder may be another under the same name" ' saved more1.c' \
    sh -c "sleep 1.5; echo 'int again;' >'$lab/more1.c'"
rm -rf "$lab.moved"
tmux send-keys q
expect "q leaves while a check runs" await shows "^left with "
end

# ---- Programs that run away ----------------------------------------------------

name=run$$
cat >"$scratch/runaway.c" <<C
#include <sys/prctl.h>
#include <unistd.h>
int main(void)
{
    prctl(PR_SET_NAME, "$name");
    while (getppid())
        ;
}
C
runs_away() {
    pgrep -x "$name"
}
is_stopped() {
    ! pgrep -x "$name"
}
rm -f "$lab"/more*.c
start
expect "it runs" await shows "$rests"
cp "$scratch/runaway.c" "$lab/shout.c"
expect "a program that runs away" await runs_away
started=$(date +%s%N)
cp "$solved" "$lab/shout.c"
expect "is ended by the next save" await is_stopped
ended_ms=$((($(date +%s%N) - started) / 1000000))
expect "at once, and not by its limit of 20 s: $ended_ms ms" \
    test "$ended_ms" -lt 10000
expect "and the program saved is judged" await shows "^ok    90.1.answers"

cp "$scratch/runaway.c" "$lab/shout.c"
expect "once more" await runs_away
tmux send-keys C-c
expect "Ctrl-C leaves" await shows "^left with 130"
expect "and nothing runs" await is_stopped
expect "nor is the terminal another" await cmp "$scratch/before" \
    "$scratch/after"
end

start
expect "a third time" await runs_away
kill -KILL "$(pgrep -f "^$build/wirelab watch 90" | head -n 1)"
expect "killed, it takes all of it along" await is_stopped
end

# ---- How fast ------------------------------------------------------------------

# Looking at the screen takes time itself, on a busy machine much.
cp "$solved" "$lab/shout.c"
start
expect "once more at rest" await shows "$rests"
began=$(date +%s%N)
shows nothing || :
look_ms=$((($(date +%s%N) - began) / 1000000))
began=$(date +%s%N)
cp "$scratch/skeleton.c" "$lab/shout.c"
await more_than 0 ' saved shout.c'
start_ms=$((($(date +%s%N) - began) / 1000000))
echo "# from save to start: $start_ms ms; one look takes $look_ms ms"
expect "a save is seen within a second" \
    test "$start_ms" -lt $((1000 + 10 * look_ms))
end
finish
