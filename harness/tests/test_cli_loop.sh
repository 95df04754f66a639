#!/bin/sh
# What wirelab remembers of a learner: list's bars, hints, reports, reset.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

export LC_ALL=C # bars in ASCII
state=$XDG_STATE_HOME/wirelab/90.json
lab=$toy/labs/90-toy
cp "$lab/shout.c" "$scratch/skeleton.c"
solve() {
    cp "$toy/solutions/90-toy/shout.c" "$lab/shout.c"
}
unsolve() {
    cp "$scratch/skeleton.c" "$lab/shout.c"
}
lists() { # lists NAME PATTERN: what `list 90` shows
    expect_status "list, $1" 0 "$wirelab" list 90
    expect_output "$1: $2" "$2"
}
wirelab_lines() { # how many lines were on stderr, from wirelab itself
    grep -c '^wirelab: ' "$scratch/output" || true
}

# ---- Progress ------------------------------------------------------------------

lists "before the first check" "not checked yet as a whole"
expect_status "the reference passes" 0 "$wirelab" check 90 --impl solution
lists "a check of the reference is nobody's progress" "not checked yet"
expect_status "the skeleton fails" 1 "$wirelab" check 90
lists "a failed check" "last check: 0 of 100 points$"
lists "an empty bar" '1  Answer +[.]{20}   0/60$'

solve
expect_status "half of it" 0 "$wirelab" check 90 --test 90.1.answers
lists "the tests that were run count" '1  Answer +#{20}  60/60$'
lists "the others do not" '2  Answer everything +[.]{20}   0/40$'
lists "nor is it a check of the whole" "last check: 0 of 100 points$"
expect "a walkthrough that is not there is not told of" sh -c \
    "! '$wirelab' check 90 | grep -q 'another way'"
echo "# The way" >"$toy/solutions/90-toy/WALKTHROUGH.md"
expect_status "all of it" 0 "$wirelab" check 90
expect_output "the last checkpoint points at the walkthrough" \
    "solutions/90-toy/WALKTHROUGH.md"
expect "one test alone is not the last checkpoint" sh -c \
    "! '$wirelab' check 90 --test 90.1.answers | grep -q WALKTHROUGH"
expect "the reference needs no walkthrough" sh -c \
    "! '$wirelab' check 90 --impl solution | grep -q WALKTHROUGH"
expect_status "list of all" 0 "$wirelab" list
expect_output "counts what is done" "^1 of 1 labs done, 100 of 100 points"
expect_output "a whole bar" '#{20} 100/100$'

sed -i 's/int main/int nonsense main/' "$lab/shout.c"
expect_status "what does not compile" 1 "$wirelab" check 90
lists "is said of the last check" "did not compile when last checked; best: 100"
lists "and unlearns nothing" '1  Answer +#{20}  60/60$'
unsolve
expect_status "a step back" 1 "$wirelab" check 90
lists "the best stays" "last check: 0 of 100 points; best: 100, on 20[0-9-]+$"
expect "as JSON, too" sh -c "'$wirelab' list --json | python3 -c '
import json, sys
lab = json.load(sys.stdin)[\"labs\"][0]
assert lab[\"best\"][\"points\"] == 100 and lab[\"points\"] == 0, lab'"
solve
"$wirelab" check 90 --test 90.1.answers >/dev/null
expect_status "reset" 0 "$wirelab" reset 90 --yes
lists "a reset forgets but the best" "not checked yet as a whole; best: 100"
lists "the bars are empty again" '1  Answer +[.]{20}   0/60$'

# ---- Hints ---------------------------------------------------------------------

hints() { # hints NAME PATTERN ARGUMENT...
    name=$1 pattern=$2
    shift 2
    expect_status "$name: hint $*" 0 "$wirelab" hint "$@"
    expect_output "$name: $pattern" "$pattern"
}
hints "the first" "90.1 Answer: hint 1 of 3" 90.1
expect_output "asks, and tells of the next" "more: ./wirelab hint 90.1$"
hints "another checkpoint begins anew" "hint 1 of 3" 90.2
hints "one level more each time" "See .toupper" 90.1
hints "the same again" "See .toupper" 90.1 --again
hints "by a test's name" "hint 3 of 3" 90.1.answers
expect_output "the last says so, and where to read on" \
    "last hint. .*labs/90-toy/README.md#checkpoint-1$"
hints "beyond the last" "there is no further hint.*README.md#checkpoint-1$" 90.1
expect_output "is the last once more" "hint 3 of 3"
hints "a level of choice" "hint 1 of 3" 90.1 --level 1
hints "which forgets nothing" "hint 3 of 3" 90.1 --again
"$wirelab" check 90 --test 90.1.answers >/dev/null 2>&1 || true
hints "a lab: where the learner is" "90.1 Answer" 90
solve
"$wirelab" check 90 --test 90.1.answers >/dev/null
hints "a lab: the next that is open" "90.2 Answer everything: hint 2" 90
while read -r argument words; do
    expect_status "hint $argument" 2 "$wirelab" hint "$argument"
    expect_output "hint $argument says: $words" "$words"
done <<'WRONG'
90.3 unknown checkpoint '90.3'.*90.[12]
90.x unknown checkpoint '90.x'
90.1.anwsers did you mean '90.1.answers'
91.1 did you mean '90'
WRONG
expect_status "a level that is not there" 2 "$wirelab" hint 90.1 --level 4
expect_output "is told with how many there are" "90.1 has 3 hints"
mv "$lab/hints.md" "$scratch/hints.md"
expect_status "a lab without hints" 3 "$wirelab" hint 90.1
expect_output "names the file" "labs/90-toy/hints.md: No such file"
mv "$scratch/hints.md" "$lab/hints.md"

for dir in "$root"/labs/[0-9][0-9]-*; do
    number=${dir##*/}
    number=${number%%-*}
    last=$(python3 -c "import json,sys
print(len(json.load(open(sys.argv[1]))['checkpoints']))" "$dir/lab.json")
    expect "lab $number has three hints to each of its $last checkpoints" sh -c "
        for k in \$(seq $last); do
            '$root/wirelab' hint $number.\$k --level 3 | grep -q '3 of 3' ||
                exit 1
        done"
    expect "and its handout has the anchors they point at" sh -c "
        for k in \$(seq $last); do
            grep -q \"^### Checkpoint \$k\\\$\" '$dir/README.md' || exit 1
        done"
done

# ---- The state's file ----------------------------------------------------------

rm -f "$state"
for checkpoint in 1 2 1 2 1 2; do
    "$wirelab" hint 90.$checkpoint >/dev/null &
done
wait
expect "six at once lose nothing of each other" python3 -c "
import json, sys
assert json.load(open(sys.argv[1]))['hints'] == {'1': 3, '2': 3}" "$state"

sed 's/"schema": 1/"schema": 2/' "$state" >"$scratch/newer"
cp "$scratch/newer" "$state"
lists "the state of another version is not read" "not checked yet"
expect_output "which is told" "90.json is not read: .*another version.*schema 2"
expect "nor touched" cmp "$state" "$scratch/newer"
hints "but a change" "hint 1 of 3" 90.1
expect_output "keeps it aside, and says where" "kept as .*90.json.kept-1,"
expect "as it was" cmp "$state.kept-1" "$scratch/newer"
echo '{"schema": 1, "lab"' >"$state"
hints "what is no JSON" "it is damaged; it is kept as .*kept-2" 90.1
hints "and then all is well" "hint 2 of 3" 90.1
expect "in silence" test "$(wirelab_lines)" -eq 0

for place in /proc/nowhere /dev/null; do
    expect_status "where nothing can be remembered: $place" 0 \
        env XDG_STATE_HOME=$place "$wirelab" check 90 --test 90.1.answers
    expect_output "one line tells" "progress is not remembered: $place/wirelab:"
    expect "and no more" test "$(wirelab_lines)" -eq 1
done
expect_status "without a home" 0 \
    env -u XDG_STATE_HOME -u HOME "$wirelab" hint 90.1
expect_output "the same" "not remembered: .HOME: it is not set"
mkdir "$scratch/home"
expect_status "a relative XDG_STATE_HOME does not count" 0 \
    env XDG_STATE_HOME=state HOME="$scratch/home" "$wirelab" hint 90.1
expect "but HOME does" test -s "$scratch/home/.local/state/wirelab/90.json"

# ---- Reports -------------------------------------------------------------------

rm -rf "$runs"
expect_status "no check, no report" 2 "$wirelab" report 90
expect_output "it says what makes one" "./wirelab check 90$"
"$wirelab" check 90 --test 90.1.answers >/dev/null
expect_status "the report of the last check" 0 \
    env -u DISPLAY -u WAYLAND_DISPLAY "$wirelab" report 90
expect_output "is where latest points" "^$(readlink -f "$runs/latest")/report.html$"
expect_output "without a display it says so" "no display here"
mkdir "$scratch/bin"
# shellcheck disable=SC2016 # the script's own
printf '#!/bin/sh\necho "$1" >"%s/opened"\n' "$scratch" >"$scratch/bin/xdg-open"
chmod +x "$scratch/bin/xdg-open"
expect "--print only prints" sh -c "PATH=$scratch/bin:\$PATH DISPLAY=:9 \
    '$wirelab' report 90 --print && ! test -e '$scratch/opened'"
expect "with a display it is opened" sh -c "PATH=$scratch/bin:\$PATH DISPLAY=:9 \
    '$wirelab' report 90 >'$scratch/said' && cmp '$scratch/said' '$scratch/opened'"
mkdir "$runs/20991231-235959-1"
expect "a check under way has none yet" sh -c \
    "'$wirelab' report 90 --print | cmp - '$scratch/said'"
finish
