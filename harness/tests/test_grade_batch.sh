#!/bin/sh
# wirelab grade: the same grades however often it is killed, with one test at a
# time or two, whole or in shards, from the cache or not.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toybatch.sh
. "$root/harness/tests/toybatch.sh"

students=6 kills=10
[ -z "$WIRELAB_LONG" ] || students=60 kills=500
submissions "$submissions" $students
head -c 32 /dev/urandom | base64 >"$scratch/secret"
chmod 600 "$scratch/secret"
set -- --secret "$scratch/secret"

expect_status "a batch is graded" 0 grade "$scratch/all" "$@"
expect_output "and says how fast" "$students students in .* an hour and core"
expect "right ones have all points, others what they earned" sh -c "
    echo '$(scores "$scratch/all")' |
        grep -q '^s001:0 s002:0 s003:100 s004:0 s005:60 s006:100'"
expect "each student has a seed of their own" test $students -eq \
    "$(member "$scratch/all/results.json" "len({s['seed'] for s in r['students']})")"
expect "one that does not compile is told where" sh -c "
    grep -q '\"message\": \"shout.c:1:' '$scratch/all/results.json'"

# Killed at any moment, again and again, each time gone on with.
killed=0 ended=0 differ=0 round=0 spread=$((students < 20 ? 200 : 400))
while [ $killed -lt $kills ]; do
    out=$scratch/killed.$round
    "$wirelab" grade --lab 90 --submissions "$submissions" --out "$out" \
        --no-cache "$@" --resume >"$scratch/log" 2>&1 & # no subshell to kill
    batch=$!
    # One in five is killed while it prepares, the others while they judge.
    for _ in $(seq 600); do
        if [ $((killed % 5)) -eq 0 ] || ! kill -0 $batch 2>/dev/null ||
            grep -q submissions "$scratch/log"; then
            break
        fi
        sleep 0.05
    done
    # The moment is what is varied: 0.2 to 2.2 s, or 0.2 to 4.2 s.
    sleep "$(awk -v seed="$killed$$" -v n=$spread \
        'BEGIN { srand(seed); printf "%.2f", .2 + rand() * n / 100 }')"
    kill -KILL $batch 2>/dev/null && killed=$((killed + 1))
    status=0
    wait $batch 2>/dev/null || status=$?
    if [ $status -eq 0 ]; then
        ended=$((ended + 1))
        cmp -s "$scratch/all/results.json" "$out/results.json" ||
            differ=$((differ + 1))
        rm -rf "$out"
        round=$((round + 1))
    elif [ $status -ne 137 ]; then
        tail -n 3 "$scratch/log" | sed 's/^/# /'
        fail "a killed batch could not be gone on with: status $status"
        break
    fi
done
expect_status "after $killed kills it ends" 0 grade "$scratch/killed.$round" \
    "$@" --resume
expect "in the same grades, byte by byte" cmp "$scratch/all/results.json" \
    "$scratch/killed.$round/results.json"
expect "and so did the $ended that ended before" test $differ -eq 0
expect "nothing that was written is half a file" sh -c "
    find '$scratch/killed.$round' -name '*.json' -exec python3 -c '
import json, sys
for name in sys.argv[1:]: json.load(open(name))' {} +"

for jobs in 1 2; do
    grade "$scratch/jobs$jobs" "$@" --jobs $jobs >/dev/null
done
expect "one test at a time, or two: the same grades" \
    cmp "$scratch/jobs1/results.json" "$scratch/jobs2/results.json"
expect "grading twice gives the same grades" \
    cmp "$scratch/all/results.json" "$scratch/jobs1/results.json"

for shard in 1 2 3; do
    grade "$scratch/shard$shard" "$@" --shard $shard/3 >/dev/null
done
expect_status "two shards of three are not joined" 2 "$wirelab" results merge \
    "$scratch/shard1" "$scratch/shard2" --out "$scratch/merged"
expect_status "shards are joined" 0 "$wirelab" results merge "$scratch/shard3" \
    "$scratch/shard1" "$scratch/shard2" --out "$scratch/merged"
expect "and are what one run gives" \
    cmp "$scratch/all/results.json" "$scratch/merged/results.json"
expect "with everybody's evidence" test $students -eq \
    "$(find "$scratch/merged/students" -mindepth 1 -maxdepth 1 | wc -l)"
sed -i 's/"wirelab": "/&9/' "$scratch/shard2/batch.json"
expect_status "shards of two versions are refused" 2 "$wirelab" results merge \
    "$scratch"/shard[123] --out "$scratch/mixed"
expect_output "and it says in what they differ" "differ in 'wirelab'"

cached() {
    "$wirelab" grade --lab 90 --submissions "$submissions" "$@" \
        --cache "$scratch/cache"
}
cached --out "$scratch/first" "$@" >/dev/null
expect_status "what was judged before is not run again" 0 \
    cached --out "$scratch/second" "$@"
expect "there is no new evidence" test 0 -eq \
    "$(find "$scratch/second/students" -name '*.pcapng' | wc -l)"
expect "the grades are the same" \
    cmp "$scratch/first/results.json" "$scratch/second/results.json"

for schema in batch:all/batch.json grades:all/results.json \
    results:all/students/s001/results.json \
    verdict:all/students/s001/tests/90.1.answers.json; do
    expect "the JSON Schema holds: ${schema#*:}" python3 -c "
import json, sys
from jsonschema import Draft202012Validator as V
schema, instance = (json.load(open(name)) for name in sys.argv[1:])
V.check_schema(schema)
V(schema, format_checker=V.FORMAT_CHECKER).validate(instance)" \
        "$root/harness/grade/${schema%%:*}.schema.json" \
        "$scratch/${schema#*:}"
done
finish
