#!/bin/sh
# wirelab link: what it prints, what it returns, and that its examples work.
#
#   left ──── the emulator ──── right
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$scratch"

link() {
    "$wirelab" link "$@"
}

expect_status "a command runs on left and finds right" 0 \
    link "delay 5ms" --seed 3 -- ping -c 3 -i 0.01 -q right
expect_output "the table counts its packets" '^left->right +3 +3 +0'
expect_output "the table tells the seed" '^seed 3; of 6 delayed packets'

expect_status "a command's failure is exit status 1" 1 link "" -- false
expect_output "and is told" 'false ended with status 1'
expect_status "a missing command is exit status 1" 1 link "" -- ./no-such
expect_output "and is named" 'cannot run \./no-such on left: No such file'

expect_status "a bad profile is wrong usage" 2 link "loss 5% dealy 10ms" -- true
expect_output "with the nearest word" 'did you mean "delay"'
expect_output "and a caret under the word" '^        \^~~~~$'
expect_status "a bad script is wrong usage" 2 \
    link "" --script 'drop frist 2 of "udp"' -- true
expect_output "with a caret, too" '^     \^~~~~$'
expect_status "no command is wrong usage" 2 link "delay 5ms"
expect_status "no profile is wrong usage" 2 link

expect_status "--explain says it in words" 0 \
    link --explain "delay 20ms loss gemodel 1% 10%"
expect_output "clause by clause" '^loss: comes in bursts'
expect_status "--explain points at mistakes" 2 link --explain "loss 101%"

expect_status "a script drops what it names" 0 \
    link "" --script 'drop nth 2 of "icmp" left->right' --capture ping.pcapng \
    -- ping -c 4 -i 0.01 -W 1 -q right
expect_output "exactly that" '^left->right +4 +3 +1'
expect "the capture was written" test -s ping.pcapng
if command -v tshark >/dev/null; then
    lost='frame.comment contains "lost: drop nth 2"'
    expect "and shows the loss as a comment" sh -c \
        "tshark -r ping.pcapng -Y '$lost' 2>/dev/null | grep -q 'seq=2'"
else
    skip "and shows the loss as a comment" "there is no tshark"
fi

# --right is awaited: no connection is refused, and what it prints is whole.
if command -v nc >/dev/null; then
    # shellcheck disable=SC2016 # it is left that expands it
    expect_status "a server on right is ready before left begins" 0 \
        link "delay 50ms" --right "nc -l -p 7000 -N >got" -- \
        sh -c 'seq 1 20000 | nc -N "$WIRELAB_RIGHT" 7000'
    expect "and gets everything" sh -c 'seq 1 20000 | cmp - got'
else
    skip "a server on right is ready before left begins" "there is no nc"
fi

link "loss 50%" --seed 5 --json -- ping -c 20 -i 0.01 -W 1 -q right \
    >first.json 2>said || true
link "loss 50%" --seed 5 --json -- ping -c 20 -i 0.01 -W 1 -q right \
    >second.json 2>/dev/null || true
expect "--json leaves stdout to the JSON" python3 -c \
    'import json; print(json.load(open("first.json"))["links"][0]["lost"])'
expect "the command's output goes to stderr" grep -q 'ping statistics' said
links='import json, sys; print([l["lost"] for l in json.load(sys.stdin)["links"]])'
expect "the same seed loses the same packets" sh -c \
    "[ \"\$(python3 -c '$links' <first.json)\" = \
       \"\$(python3 -c '$links' <second.json)\" ]"

finish
