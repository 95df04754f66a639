#!/bin/sh
# wirelab results gradescope, classroom, …: other systems read what is written,
# no point is lost on the way, and students are told of hidden tests what they
# may be told.  golden/convert/*.json are the input, made to be hard to write
# down; after a change that is meant, WIRELAB_GOLDEN=write makes the rest anew.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
"$wirelab" results --help >/dev/null # builds it
golden=$root/harness/tests/golden/convert
each="gradescope classroom prairielearn autolab junit tap"
all="$each canvas moodle csv"
cd "$scratch"

results() { # results FORMAT IN [OPTION...]: status 3 where somebody's was void
    "$build/wirelab" results "$@" >log 2>&1 || [ $? -eq 3 ] || {
        cat log
        return 1
    }
}
convert() { # convert BATCH OUT [OPTION...]: into each format
    batch=$1 out=$2
    shift 2
    mkdir -p "$out"
    for format in $all; do
        results "$format" "$batch" --out "$out/$format" "$@" || return 1
    done
}
reader() { # reader VERB BATCH OUT
    python3 -B "$root/harness/tests/convert.py" "$@"
}
golden() { # golden FILE NAME: is what it was
    [ "${WIRELAB_GOLDEN:-}" != write ] || cp "$1" "$golden/$2"
    expect "golden: $2" diff "$golden/$2" "$1"
}
fails() { # fails COMMAND...
    ! "$@"
}

# ---- A batch -----------------------------------------------------------------

expect "a batch becomes each of the formats" convert "$golden/batch.json" out
for format in $each; do
    set -- "out/$format"/eve.*
    golden "$1" "eve.$format.${1##*.}"
done
for format in canvas moodle csv; do
    golden "out/$format" "$format.csv"
done
expect "their shapes are as documented, their points those of the batch" \
    reader check "$golden/batch.json" out
expect "a point less would be seen in each" test \
    "$(reader unlike "$golden/batch.json" out | xargs)" = "$all"
touch out/gradescope/zoe.json # of an earlier day
results gradescope "$golden/batch.json" --out out/gradescope
expect "of whom nothing could be judged there is no file" \
    test ! -e out/gradescope/zoe.json
expect_status "which is told, and is status 3" 3 "$build/wirelab" results \
    canvas "$golden/batch.json"
expect_output "with the name" "^wirelab: zoe: nothing could be judged"
expect_output "as are scores of less than all tests" \
    "2 of 5: not all could be judged; the score is the same part"

if command -v xmllint >/dev/null; then
    expect "JUnit's XML is valid" xmllint --noout \
        --relaxng "$root/harness/tests/junit.rng" out/junit/*.xml
    sed 's/<testcase /<case /' out/junit/ada.xml >wrong.xml
    expect "and would not be with another element" \
        fails xmllint --noout --relaxng "$root/harness/tests/junit.rng" wrong.xml
else
    skip "JUnit's XML is valid" "no xmllint: apt-get install libxml2-utils"
fi

# perl's reader is one of TAP 13, of which 14 is an extension.
prove_tap() { # prove_tap STUDENT: what prove says
    sed '1s/14/13/' "out/tap/$1.tap" >proved.tap
    prove --exec cat proved.tap >proved 2>&1 || true
    cat proved
}
if command -v prove >/dev/null; then
    expect "prove passes who passed all" sh -c \
        "$(command -v prove) --exec cat out/tap/ada.tap 2>&1 |
        sed '/version 14/d' | grep -q 'Tests: 6 Failed: 0'"
    prove_tap ada >proved.ada
    expect "and finds nothing wrong" grep -qx "Result: PASS" proved.ada
    prove_tap eve >proved.eve
    expect "and for others, which tests failed" \
        grep -qE "Failed tests: +3-4, 6" proved.eve
    expect "but no error of TAP's" fails grep -q "Parse errors" proved.eve
else
    skip "prove reads TAP" "no prove: apt-get install perl"
fi

# ---- Who may know what -------------------------------------------------------

expect "students are told nothing of hidden tests" \
    reader secrets "$golden/batch.json" out
expect "instructors' files are made" \
    convert "$golden/batch.json" all --for instructor
expect "which are told all, under another name" sh -c "
    grep -q '08.4.hidden_zebra' all/gradescope/eve.instructor.json &&
    grep -q '1 of 3 variants passed' all/gradescope/eve.instructor.json &&
    grep -q '14001400140014001402' all/gradescope/eve.instructor.json &&
    grep -q ',08.4.hidden_zebra,' all/csv"
expect "and the test of secrets sees them" fails \
    reader secrets "$golden/batch.json" all
golden all/gradescope/eve.instructor.json eve.gradescope.instructor.json
mkdir own
for format in $each; do # of the file that a batch leaves for the instructor
    "$build/wirelab" results "$format" "$golden/student.json" \
        >"own/$format" 2>/dev/null
done
expect "one student's own results give no more away" fails \
    grep -rE 'hidden_|7777|99000000|14001400' own
golden own/gradescope student.gradescope.json

# ---- One check ---------------------------------------------------------------

for format in $each; do
    "$build/wirelab" results "$format" "$golden/check.json" >check.out \
        2>/dev/null
    golden check.out "check.$format.txt"
done
expect "a learner is told the seed of a check" grep -q "seed 4711" \
    "$golden/check.gradescope.txt"

edited() { # edited STATEMENTS: check.json `r`, changed
    python3 -c "import json, sys
r = json.load(open(sys.argv[1]))
$1
json.dump(r, sys.stdout)" "$golden/check.json"
}
edited 'r["build"] = {"ok": False, "message": "shout.c:1: no"}' >broken.json
expect_status "what does not compile is not gradable to PrairieLearn" 0 \
    "$build/wirelab" results prairielearn broken.json
expect_output "  with the compiler's words" '"shout.c:1: no"'
expect "  and an error to Classroom" sh -c \
    "'$build/wirelab' results classroom broken.json | grep -q '\"error\"'"

ln -s linked.csv link.csv
touch linked.csv
results csv "$golden/batch.json" --out link.csv
expect "a link stays one" test -L link.csv -a -s linked.csv
mkfifo pipe
timeout 20 cat pipe >piped &
results csv "$golden/batch.json" --out pipe
wait $!
expect "a pipe is written to, not replaced" cmp linked.csv piped

# ---- Rosters -----------------------------------------------------------------

printf '%s\n' 'Student,ID,SIS User ID,SIS Login ID,Section' \
    '    Points Possible,,,,' '"L, Ada",4711,,ada,S' >canvas.csv
expect "a gradebook from Canvas gives Canvas's ids" results canvas \
    "$golden/batch.json" --roster canvas.csv --out joined
expect "  to those who are in it" grep -q ',4711,,ada,,100' joined
expect "  and the others are counted" grep -q "4 of 5 students are not in" log
printf '%s\n' 'Identifier,Full name,ID number,Email address,Grade' \
    'Participant 99,Eve,,EVE@example.edu,' \
    'Participant 21,Ada,ada,,' | sed 's/Eve,,/Eve,e1,/' >moodle.csv
expect "a worksheet from Moodle gives identifiers" results moodle \
    "$golden/batch.json" --roster moodle.csv --out joined
expect "  by id" grep -q '^Participant 21,' joined
expect "  or by address" grep -q '^Participant 99,' joined

# ---- By chance ---------------------------------------------------------------

seeds=3
[ -z "$WIRELAB_LONG" ] || seeds=150
mkdir made
reader make made $seeds
for seed in $(seq $seeds); do
    expect "grades made up, seed $seed, are converted" \
        convert "made/$seed.json" "made/$seed"
done
expect "their points are what they were, and nothing is given away" \
    reader chance made $seeds
if command -v xmllint >/dev/null; then
    expect "XML is valid, whatever is in it" xmllint --noout \
        --relaxng "$root/harness/tests/junit.rng" made/*/junit/*.xml
fi

# ---- What cannot be converted ------------------------------------------------

one_line() { # one_line NAME STATUS PATTERN WORD...
    name=$1 status=$2 pattern=$3
    shift 3
    expect_status "$name" "$status" "$build/wirelab" results "$@"
    expect_output "  it says so" "^wirelab: .*$pattern"
    expect "  in one line" test 1 -eq "$(wc -l <output)"
}
one_line "a typing error" 2 "did you mean 'gradescope'" gradscope
one_line "nothing to convert" 2 "too few words" csv
one_line "another audience" 2 "did you mean 'instructor'" csv \
    "$golden/batch.json" --for instuctor
one_line "an option of others" 2 "unknown option '--roster'" csv \
    "$golden/batch.json" --roster moodle.csv
one_line "a file that is not there" 2 "nowhere: No such file" csv nowhere
head -c 3000 "$golden/batch.json" >short.json
one_line "a file that is cut short" 2 "short.json: line [0-9]*, column" \
    csv short.json
printf '{"schema": 1, "title": "R\351"}' >latin.json
one_line "a file that is not UTF-8" 2 "latin.json: line 1, column .*decode" \
    csv latin.json
sed 's/"schema": 1/"schema": 2/' "$golden/batch.json" >new.json
one_line "a batch of another schema" 2 "is of schema 2; this wirelab reads 1" \
    csv new.json
sed 's/"schema": 1/"schema": 2/' "$golden/check.json" >new.json
one_line "a check of another schema" 2 "is of schema 2; this wirelab reads 1" \
    gradescope new.json
one_line "another file of ours" 2 "is no batch's" csv \
    "$root/labs/08-reliable-udp/lab.json"
one_line "one check for a table of people" 2 "the result of one check" canvas \
    "$golden/check.json"
one_line "a file for each student, and no folder" 2 "--out DIR is needed" \
    gradescope "$golden/batch.json"
sed 's/"points": 45/"points": 95/' "$golden/batch.json" >edited.json
one_line "points that do not add up" 2 \
    "student 'eve': the score is 95 points .*make 45: was it edited" \
    csv edited.json
sed 's/"verdict": "flaky"/"verdict": "flakey"/' "$golden/batch.json" >odd.json
one_line "a verdict that is none" 2 "tests\[0\].verdict: 'flakey' is none" \
    csv odd.json
edited 'del r["score"]["judged"]' >odd.json
one_line "a member that is missing" 2 "score.judged is missing" tap odd.json
one_line "a roster that is none" 2 "no column is called 'id'" canvas \
    "$golden/batch.json" --roster "$golden/eve.tap.tap"
edited 'r["tests"] = r["tests"][:1]
r["score"] = {"points": 20, "max": 20, "judged": 20}' >one.json
one_line "a place where nobody may write" 3 "cannot write /proc/x: " tap \
    one.json --out /proc/x
finish
