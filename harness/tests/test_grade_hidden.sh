#!/bin/sh
# wirelab grade --hidden: a program that knows the public case passes that, and
# not the hidden ones; what a student reads tells nothing of them.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toybatch.sh
. "$root/harness/tests/toybatch.sh"

one "$submissions/honest" 1
one "$submissions/knows" 2
# It answers the one question that everybody has seen, and echoes all others.
sed -i 's/text\[i\] = (char)toupper/if (n == 5)\n            &/' "$submissions/knows/shout.c"
head -c 32 /dev/urandom | base64 >"$scratch/secret"
chmod 600 "$scratch/secret"
set -- --secret "$scratch/secret"

hidden() { # hidden FILE PARAMS [TEST]: the private file
    cat >"$scratch/$1" <<JSON
{"lab": "90", "hidden": [{"category": "Other questions", "count": 2,
  "points": 30, "test": "${3:-90.1.answers}", "params": [$2]}]}
JSON
}
hidden right '"number=4711", "number=815"'

expect_status "without hidden variants" 0 grade "$scratch/public" "$@"
expect "both have all points" test "honest:100 knows:100" = \
    "$(scores "$scratch/public")"
expect_status "with hidden variants" 0 \
    grade "$scratch/all" "$@" --hidden "$scratch/right"
expect "who knows only the public case loses their points" \
    test "honest:100 knows:70" = "$(scores "$scratch/all")"
hidden_test() { # hidden_test STUDENT EXPRESSION of the hidden test `t`
    member "$scratch/all/results.json" "(lambda t: $2)(
        [t for t in r['students'][$1]['tests'] if t['hidden']][0])"
}
expect "the honest one passes both" test "pass 2 of 2 variants passed" = \
    "$(hidden_test 0 "t['verdict'] + ' ' + t['message']")"
expect "the other one neither" test "fail 0 of 2 variants passed" = \
    "$(hidden_test 1 "t['verdict'] + ' ' + t['message']")"
expect "a student is told category and number" \
    test "90.1.hidden_other_questions Other questions 2" = \
    "$(hidden_test 1 "t['id'] + ' ' + t['category'] + ' ' + str(t['count'])")"
expect "and nothing else: neither figure nor question" sh -c "
    ! grep -Ew '4711|815|number|HELLO' '$scratch/all/results.json'"
expect "the instructor's file has them" \
    grep -q "HELLO 4711" "$scratch/all/students/knows/results.json"
expect "the two variants had seeds of their own" test 4 -eq "$(python3 -c "
import json, sys
print(len({run['verdict']['seed'] for name in sys.argv[1:]
           for run in json.load(open(name))['runs']}))" \
    "$scratch"/all/students/*/tests/90.1.hidden_other_questions.json)"


# What is made for students, of the grades and of the instructor's own file.
for format in gradescope classroom prairielearn autolab junit tap; do
    "$wirelab" results $format "$scratch/all" --out "$scratch/told/$format" \
        >/dev/null
    "$wirelab" results $format "$scratch/all/students/knows/results.json" \
        --out "$scratch/told/$format/of-own"
done
for format in canvas moodle csv; do
    "$wirelab" results $format "$scratch/all" --out "$scratch/told/$format"
done
for format in gradescope classroom prairielearn autolab junit tap moodle csv; do
    expect "students read of them: $format" \
        grep -rq "Other questions" "$scratch/told/$format"
done
python3 -c "
import json, sys
for name in sys.argv[1:]:
    r = json.load(open(name))
    print(r['seed'])
    for t in r['tests']:
        for v in t['variants']: print(v.get('seed', r['seed']))" \
    "$scratch"/all/students/*/results.json >"$scratch/seeds"
printf '%s\n' 'HELLO 4711' 'HELLO 815' number= hidden_other \
    >>"$scratch/seeds"
expect "but no figure, name, message or seed" sh -c "
    ! grep -rFf '$scratch/seeds' '$scratch/told'"
expect "all of which are in the instructor's" sh -c "
    '$wirelab' results gradescope --for instructor \
        '$scratch/all/students/knows/results.json' >'$scratch/whole' &&
    grep -q 'HELLO 4711' '$scratch/whole' && grep -q hidden_other '$scratch/whole'"

hidden other '"number=4712"'
expect_status "other figures are another batch" 2 \
    grade "$scratch/all" "$@" --resume --hidden "$scratch/other"
expect_output "and it says in what" "its hidden is"

# What an instructor may get wrong.
refuse() { # refuse NAME PATTERN PARAMS [TEST]
    hidden wrong "$3" "${4:-}"
    expect_status "$1" 2 "$wirelab" grade --lab 90 --out "$scratch/refused" \
        --submissions "$submissions" --secret "$scratch/secret" --no-cache \
        --hidden "$scratch/wrong"
    expect_output "  it says so" "wirelab: --hidden .*hidden\[0\]: .*$2"
    rm -rf "$scratch/refused"
}
refuse "a figure that the test does not read" \
    "reads no figure 'numbr'; it reads: number" '"numbr=1"'
refuse "a test that reads none" "it reads: none" '"number=1"' 90.2.answers_all
refuse "a figure without a number" "wants a whole number" '"number=few"'
refuse "a figure without a value" 'must be "NAME=NUMBER' '"number"'
refuse "a test that is not there" "none of the lab's" '"number=1"' 90.1.x
hidden high '"number=10000"'
expect_status "a figure beyond its bounds is infra" 3 \
    grade "$scratch/judged" "$@" --hidden "$scratch/high"
expect_output "  which is told, and costs nobody points" \
    "2 tests could not be judged"
expect "  the others count" test "honest:70 knows:70" = \
    "$(scores "$scratch/judged")"
finish
