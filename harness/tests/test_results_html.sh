#!/bin/sh
# wirelab results html: what it makes of a batch, and what it says of a bad one.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toybatch.sh
. "$root/harness/tests/toybatch.sh"

# data PAGE EXPRESSION: of the data `d` in a page, by python.
data() {
    python3 - "$1" "$2" <<'END'
import json, re, sys
page = open(sys.argv[1]).read()
d = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
print(eval(sys.argv[2]))
END
}
html() { "$wirelab" results html "$@"; }
says() { # says NAME STATUS PATTERN ARGUMENT...
    _wrong=$1 _status_wanted=$2 _pattern=$3
    shift 3
    expect_status "$_wrong is refused" "$_status_wanted" html "$@"
    expect_output "$_wrong: it says why" "$_pattern"
    expect "$_wrong: in one line" test "$(wc -l <"$scratch/output")" -eq 1
}

submissions "$submissions" 4
batch=$scratch/batch
expect_status "a batch is graded" 0 graded "$batch"

# ---- What it makes ----
expect_status "it becomes pages" 0 html "$batch" --out "$scratch/pages"
expect_output "and it says where" "^4 students, 3 reports: .*/pages/index.html"
expect "everybody is on the page, with what they have" test \
    "s001:0:built s002:0:built s003:100:built s004:0:broken" = "$(data \
        "$scratch/pages/index.html" "' '.join('%s:%d:%s' % (s['id'],
            s['points'], s['state']) for s in d['students'])")"
expect "and how long their tests took" data "$scratch/pages/index.html" \
    "1 / (d['students'][2]['ms'] > 0 and d['tests'][0]['median_ms'] > 0)"
for way in $(data "$scratch/pages/index.html" \
    "' '.join(s.get('report', '') for s in d['students'])"); do
    expect "$way is there" test -s "$scratch/pages/$way"
    expect "$way leads back" test "../../index.html" = \
        "$(data "$scratch/pages/$way" "d['about']['back']")"
done
report=$scratch/pages/students/s001/report.html
expect "a report says whose it is" grep -q '<title>s001, lab 90' "$report"
expect "what failed has its packets or its programs in it" data "$report" \
    "1 / any(t['verdict'] == 'fail' and ('packets' in t or t.get('programs'))
        for t in d['tests'])"
expect "evidence that was not kept is not spoken of" data \
    "$scratch/pages/students/s003/report.html" \
    "1 / all('evidence' not in t for t in d['tests'])"
expect "no page asks the network for anything" sh -c "
    ! grep -lE '(src|href)=\"?https?:' -r '$scratch/pages'"

expect_status "made again, it is the same" 0 html "$batch" --out "$scratch/again"
expect "byte by byte" diff -r "$scratch/pages" "$scratch/again"
expect_status "a batch's own folder can hold them" 0 html "$batch" --out "$batch"
expect "with nothing of it lost" test -s "$batch/students/s001/results.json"
expect_status "the page of the class alone" 0 html "$batch" --no-reports \
    --out "$scratch/alone"
expect "is alone" test "index.html" = "$(ls "$scratch/alone")"

mkdir "$scratch/moved"
cp "$batch/results.json" "$scratch/moved"
expect_status "grades elsewhere become a page" 0 html \
    "$scratch/moved/results.json" --out "$scratch/far"
expect_output "without reports" "^4 students, 0 reports"
expect_status "unless it is told where evidence is" 0 html "$scratch/moved" \
    --evidence "$batch" --out "$scratch/far"
expect_output "then with them" "^4 students, 3 reports"

python3 - "$scratch/moved/results.json" <<'END' # as a policy over two batches does
import json, sys
grades = json.load(open(sys.argv[1]))
for student in grades["students"]:
    taken = 1 if student["id"] == "s001" else 2
    student["attempt"] = {"taken": taken, "of": 2}
json.dump(grades, open(sys.argv[1], "w"))
END
expect_status "of several batches that is taken which the grades name" 0 html \
    "$scratch/moved" --evidence "$scratch/far" --evidence "$batch" \
    --out "$scratch/two"
expect_output "so one report is missing" "^4 students, 2 reports"

echo '{"schema":' >"$batch/students/s002/results.json"
expect_status "a result that is cut short costs its report" 0 html "$batch" \
    --out "$scratch/cut"
expect_output "and that is said" "s002/results.json: .*no report is made"
expect_output "the others are made" "^4 students, 2 reports"

# ---- What it says of what is bad ----
head -c 700 "$batch/results.json" >"$scratch/short.json"
sed 's/"schema": 1/"schema": 9/' "$batch/results.json" >"$scratch/other.json"
says "a file that is cut short" 2 "short.json: line [0-9]+, column" \
    "$scratch/short.json" --out "$scratch/no"
says "another schema" 2 "schema 9.* 1" "$scratch/other.json" --out "$scratch/no"
says "one check's result" 2 "s003/results.json: .*(check|batch)" \
    "$batch/students/s003/results.json" --out "$scratch/no"
says "what is not there" 2 "No such file" "$scratch/nowhere" --out "$scratch/no"
says "a folder without grades" 2 "results.json: No such file" "$toy" \
    --out "$scratch/no"
says "a folder that cannot be made" 3 "cannot make" "$batch" \
    --out "$batch/results.json/pages"
says "no --out" 2 "out is needed" "$batch"
says "no batch" 2 "too few words" --out "$scratch/no"
says "a mistyped option" 2 "did you mean '--out'" "$batch" --ouy "$scratch/no"
expect "nothing was made of them" test ! -e "$scratch/no"
expect_status "a mistyped action is wrong usage" 2 "$wirelab" results htm
expect_output "and the nearest is told" "did you mean 'html'"
expect_status "results html --help" 0 html --help
expect_output "shows its usage" "^usage: wirelab results html IN --out DIR"
finish
