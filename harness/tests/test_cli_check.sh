#!/bin/sh
# wirelab check and list, on a lab made for this.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

member() { # member FILE EXPRESSION: a value in a JSON file, by python
    python3 -c "import json,sys; r=json.load(open(sys.argv[1])); print($2)" "$1"
}
is() { # is NAME WANTED FOUND
    expect "$1: $2" test "$2" = "$3"
}
file=$scratch/results.json

expect_status "the reference passes" 0 \
    "$wirelab" check 90 --impl solution --seed 7 --json "$file"
is "score" 100 "$(member "$file" "r['score']['points']")"
is "seed" 7 "$(member "$file" "r['seed']")"
is "evidence" True "$(member "$file" "__import__('os').path.exists(
    r['directory'] + '/' + r['tests'][1]['evidence']['capture'])")"

expect_status "the skeleton fails" 1 "$wirelab" check 90
expect_output "its failure is told" "checkpoint 1 is not done yet"
expect_output "a replay command is printed" "wirelab replay .*90.1.answers"
is "nothing passes" "fail blocked" "$(member "$runs/latest/results.json" \
    "' '.join(t['verdict'] for t in r['tests'])")"
expect "list shows it" sh -c "'$wirelab' list 90 | grep -q '0 of 100 points'"
expect "list --json is JSON" sh -c "'$wirelab' list --json | python3 -m json.tool"
is "list --ids" "90.1.answers 90.2.answers_all" \
    "$("$wirelab" list 90 --ids | tr '\n' ' ' | sed 's/ $//')"

expect_status "one test alone" 0 "$wirelab" check 90 --impl solution \
    --test 90.2.answers_all --json -
expect "--json - is JSON and nothing else" sh -c "'$wirelab' check 90 \
    --impl solution --test 90.1.answers --json - 2>/dev/null | python3 -m json.tool"

mkdir "$scratch/my program"
sed 's/int main/int nonsense main/' "$toy/solutions/90-toy/shout.c" \
    >"$scratch/my program/shout.c"
expect_status "what does not compile fails" 1 \
    "$wirelab" check 90 --impl "$scratch/my program" --json "$file"
expect_output "the compiler's first error is shown, with its place" \
    "my program/shout.c:[0-9]+:[0-9]+: error: "
expect_output "and where to begin" "begin with checkpoint 1, Answer"
is "all tests fail" 0 "$(member "$file" "r['score']['points']")"

cp "$toy/solutions/90-toy/shout.c" "$scratch/my program/shout.c"
expect_status "sources elsewhere, with a blank in the path" 0 \
    "$wirelab" check 90 --impl "$scratch/my program"

mkdir "$scratch/script"
cat >"$scratch/script/shout" <<'PYTHON'
#!/usr/bin/env python3
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
while True:
    data, peer = s.recvfrom(1500)
    s.sendto(data.upper(), peer)
PYTHON
chmod +x "$scratch/script/shout"
expect_status "a script in another language" 0 \
    "$wirelab" check 90 --impl "$scratch/script"

"$wirelab" check 90 --impl solution >"$scratch/one" 2>&1 &
one=$!
"$wirelab" check 90 --impl solution >"$scratch/two" 2>&1 &
two=$!
expect "two checks at once: the first" wait "$one"
expect "two checks at once: the second" wait "$two"

for day in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    mkdir -p "$runs/202001$day-101502-1/90.1.answers"
done
"$wirelab" check 90 --test 90.1.answers --impl solution >/dev/null
is "runs that are kept" 20 \
    "$(find "$runs" -mindepth 1 -maxdepth 1 -type d | wc -l)"
# A Makefile of somebody else's, and sources that the lab's own rules know
# nothing of; what it does besides is done in the box.
stranger=$scratch/stranger
mkdir -p "$stranger/deep"
cp "$toy/solutions/90-toy/shout.c" "$stranger/deep/main.cc"
# shellcheck disable=SC2016 # make expands
printf '%s\n\t' 'shout: deep/main.cc' "-touch $scratch/OUTSIDE" \
    "test ! -e $root && test ! -e /etc/passwd && test ! -w \$(LAB)" \
    '$(CC) -x c -o $@ $<' >"$stranger/Makefile"
own() {
    "$wirelab" check 90 --impl "$stranger" "$@"
}
expect_status "its own Makefile is not for the world outside" 2 \
    own --own-makefile
expect_output "which is told" "wants --boxed and --impl DIR: a stranger's"
expect_status "nor does it count unasked" 2 own --boxed
expect_status "in the box it builds what passes" 0 own --boxed --own-makefile
expect "and nothing of it is seen outside" test ! -e "$scratch/OUTSIDE"
echo 'echo "Makefile:5: error: no" >&2; false' >>"$stranger/Makefile"
expect_status "one that fails is a program that does not build" 1 \
    own --boxed --own-makefile
expect_output "whose first error is told" "Makefile:5: error: no"
rm "$stranger/Makefile"
expect_status "a folder without one" 2 own --boxed --own-makefile
expect_output "is told" "stranger has no Makefile of its own"
finish
