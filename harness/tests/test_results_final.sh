#!/bin/sh
# wirelab results policy and diff: grades become final without judging again,
# and nobody loses points on the same code unnoticed.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toybatch.sh
. "$root/harness/tests/toybatch.sh"
cd "$scratch"

# Two attempts: in the first bob's was wrong; the second came a day late.  Of
# ada, nobody says when.
one submissions/ada 1
one submissions/bob 2
grade second --seed 7 >/dev/null
wirelab=$build/wirelab # built by now
mkdir first
python3 - <<'PYTHON'
import json

grades = json.load(open("second/results.json"))
[bob] = [s for s in grades["students"] if s["id"] == "bob"]
bob["submission"]["digest"] = "sha256:" + 64 * "b"
bob["score"]["points"] = 0
for test in bob["tests"]:
    test.update(points=0, verdict="fail", message="is wrong")
json.dump(grades, open("first/results.json", "w"), indent=1)
PYTHON

cat >policy.json <<'JSON'
{"schema": 1, "lab": "90", "take": "last", "due": "2026-11-20T23:59:00+01:00",
 "late": {"per": "day", "percent": 10, "grace_minutes": 15},
 "submitted": {"bob": "2026-11-22T00:30:00+01:00"},
 "extensions": [{"id": "bob", "hours": 2, "reason": "\u001b[31mill"}]}
JSON
policy() {
    "$wirelab" results policy "$@"
}
expect_status "a policy is applied" 0 policy first second --policy policy.json \
    --out final.json
expect_output "  it says to whom" "^  bob +100 -> +90$"
expect_output "  and why" "late +-10  handed in 22 h 31 min late: 10 %"
expect_output "  and that of one nobody says when" "nobody says when 1 of them"
expect_output "  what it prints is safe for a terminal" "by 2 hours: .*31mill"
expect "  without a control character" test 0 -eq \
    "$(tr -d '\n' <output | tr -dc '\001-\037' | wc -c)"
expect "bob has 90, ada what she had" test "ada:100 bob:90" = \
    "$(member final.json "' '.join('%s:%d' % (s['id'], s['score']['points'])
        for s in r['students'])")"
expect "what was graded has not changed" test "ada:100 bob:0" = "$(scores first)"
expect_status "the same again" 0 policy first/results.json second --policy \
    policy.json --out again.json
expect "  gives the same bytes" cmp final.json again.json

# The reason for an extension is nobody's business; that for an override is.
expect "an extension's reason is not told" test 0 -eq "$(grep -c mill final.json)"
cat >override.json <<'JSON'
{"schema": 1, "overrides": [
 {"id": "bob", "test": "90.1.answers", "points": 0, "reason": "copied"}]}
JSON
test_of() { # test_of FILE: bob's points in the test that is overridden
    member "$1" "[t['points'] for s in r['students'] if s['id'] == 'bob'
        for t in s['tests'] if t['id'] == '90.1.answers'][0]"
}
expect_status "a test is overridden" 0 policy second --policy override.json \
    --out overridden.json
expect "  in the test itself" test 0 = "$(test_of overridden.json)"
expect "  and the student reads why" grep -q '"reason": "copied"' overridden.json

# README's example is the first thing that anybody will copy.
awk '/^```json$/ { on = 1; block = ""; next }
    /^```$/ { if (on && block ~ /"due"/) printf "%s", block; on = 0 }
    on { block = block $0 "\n" }' "$root/README.md" >readme.json
expect "the JSON Schemas hold" python3 - "$root/harness/grade" <<'PYTHON'
import json
import sys

from jsonschema import Draft202012Validator

for name, files in (("grades", ("final.json", "overridden.json")),
                    ("policy", ("policy.json", "override.json",
                                "readme.json"))):
    with open(f"{sys.argv[1]}/{name}.schema.json") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(
        schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for file in files:
        validator.validate(json.load(open(file)))
PYTHON

expect_status "README's policy is another lab's" 2 policy \
    second --policy readme.json --out none.json
expect_output "  and is read as far as that" 'lab is "08", but these are'

# Late days of another lab count.
python3 - <<'PYTHON'
import json

final = json.load(open("final.json"))
policy = json.load(open("policy.json"))
policy["late_days"] = {"each": 2}
json.dump(policy, open("days.json", "w"))
final["lab"] = "91"
for student in final["students"]:
    student["late"] = {"due": policy["due"], "by_s": 1, "late_days": 2}
json.dump(final, open("other.json", "w"))
PYTHON
expect_status "a late day is spent" 0 policy second --policy days.json \
    --out days.out
expect_output "  and nothing taken" "late +\+0  .*1 late day spent"
expect_status "unless all are spent" 0 policy second --policy days.json \
    --spent other.json --out days.out
expect_output "  for another lab" "late +-10 "

# Graded anew.
diff_() {
    "$wirelab" results diff "$@"
}
expect_status "nobody loses by other code" 0 diff_ first second
expect_output "  bob's is other code" "^  other code bob +0 -> 100$"
expect_output "  ada is as before" "fell on the same code: 0; .*as before: 1"
python3 - <<'PYTHON'
import json

grades = json.load(open("second/results.json"))
for student in grades["students"]:
    if student["id"] == "ada":
        test = student["tests"][0]
        student["score"]["points"] -= test["points"]
        test.update(points=0, verdict="fail", message="late by N TIME\nmore")
json.dump(grades, open("worse.json", "w"))
PYTHON
expect_status "who falls on the same code is found" 1 diff_ second worse.json
expect_output "  who it is" "^  fell +ada +100 -> "
expect_output "  by which test" "pass [0-9]+ -> fail 0: late by N TIME$"
expect_output "  how many" "fell on the same code: 1"
expect_status "and who rises" 0 diff_ worse.json second
expect_output "  is told" "^  rose +ada "
expect_status "a policy's changes are told" 1 diff_ second final.json
expect_output "  as such" "new policy: late -10, handed in"

says() { # says NAME STATUS PATTERN ARGUMENT...: in one line
    _what=$1 _status=$2 _pattern=$3
    shift 3
    expect_status "$_what" "$_status" "$wirelab" results "$@"
    expect_output "  it says so" "^wirelab: .*$_pattern"
    expect "  in one line" test 1 -eq "$(wc -l <output)"
}
head -c 1000 first/results.json >cut.json
sed 's/"schema": 1/"schema": 2/' first/results.json >schema2.json
sed 's/"shard": null/"shard": "1\/2"/' first/results.json >shard.json
sed '/"harness_digest"/y/0123456789/1234567890/' first/results.json >harness.json
sed 's/"lab": "90"/"lab": "91"/' first/results.json >lab.json
echo '{"schema": 1, "due": "noon"}' >noon.json
set -- --policy policy.json --out out.json
says "nothing given" 2 "too few words" policy
says "no policy" 2 "are needed" policy first
says "an action with a typing error" 2 "did you mean 'policy'" plicy first
says "an option with a typing error" 2 "did you mean '--policy'" policy first \
    --polcy x
says "a batch that is not there" 2 "none: No such file" policy none "$@"
says "a batch cut short" 2 "cut.json: line " policy cut.json "$@"
says "another schema" 2 "schema 2; this wirelab reads 1" policy schema2.json "$@"
says "the result of one check" 2 "one check" policy \
    second/students/ada/results.json "$@"
says "batch.json" 2 "results.json beside it" policy second/batch.json "$@"
says "a shard" 2 "shard 1/2 of a batch: join them first" policy shard.json "$@"
says "a second policy" 2 "a policy was applied to it already" policy \
    final.json "$@"
says "two harnesses" 2 "differ in 'harness_digest'" policy first harness.json \
    "$@"
says "a wrong policy" 2 'noon.json: due is "noon"' policy first --policy \
    noon.json --out out.json
says "what was graded is not overwritten" 2 "would overwrite" policy first \
    --policy policy.json --out first/results.json
says "a directory" 2 "name the file" policy first --policy policy.json --out .
says "a place where nobody may write" 3 "cannot write /proc/x" policy first \
    --policy policy.json --out /proc/x
says "late days of the same lab" 2 "counted already" policy first --spent \
    final.json "$@"
says "late days of no policy" 2 "no policy was applied" policy first --spent \
    lab.json "$@"
says "two labs" 2 "is of lab 90, lab.json of lab 91" diff first lab.json
says "one batch" 2 "too few words" diff first
expect "nothing was written" test ! -e out.json
finish
