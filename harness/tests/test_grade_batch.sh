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

students=6 kills=6
[ -z "$WIRELAB_LONG" ] || { students=60 kills=500; }
submissions "$submissions" $students
head -c 32 /dev/urandom | base64 >"$scratch/secret"
chmod 600 "$scratch/secret"
set -- --secret "$scratch/secret"

expect_status "a batch is graded" 0 graded "$scratch/all" "$@"
expect_output "and says how fast" "$students students in .* an hour and core"
expect "right ones have all points, others what they earned" sh -c "
    echo '$(scores "$scratch/all")' |
        grep -q '^s001:0 s002:0 s003:100 s004:0 s005:60 s006:100'"
expect "each student has a seed of their own" test $students -eq \
    "$(member "$scratch/all/results.json" "len({s['seed'] for s in r['students']})")"
expect "one that does not compile is told where" sh -c "
    grep -q '\"message\": \"shout.c:1:' '$scratch/all/results.json'"

# Killed at any moment, again and again, each time gone on with.  One in five is
# killed while it prepares.  A test that fails is decided after four seconds, so
# most moments are too early for it, and one in ten is late enough.
moment() { # seconds: below 1, or, one in ten, below 8
    od -An -N4 -tu2 /dev/urandom |
        awk '{ printf "%.2f", ($1 % 10 ? 1 : 8) * $2 / 65536 }'
}
prepared() { # prepared PID: it judges, or has ended
    for _ in $(seq 600); do
        ! kill -0 "$1" 2>/dev/null || grep -q submissions "$scratch/log" ||
            { sleep 0.05 && continue; }
        return
    done
}
killed=0 tries=0 ended=0 differ=0 round=0
while [ $killed -lt $kills ]; do
    out=$scratch/killed.$round tries=$((tries + 1))
    "$wirelab" grade --lab 90 --submissions "$submissions" --out "$out" \
        --no-cache "$@" --resume >"$scratch/log" 2>&1 & # no subshell to kill
    batch=$!
    [ $((tries % 5)) -eq 0 ] || prepared $batch
    sleep "$(moment)"
    kill -KILL $batch 2>/dev/null || :
    status=0
    wait $batch 2>/dev/null || status=$?
    case $status in
    137) killed=$((killed + 1)) ;;
    0)
        ended=$((ended + 1)) round=$((round + 1))
        cmp -s "$scratch/all/results.json" "$out/results.json" ||
            differ=$((differ + 1))
        rm -rf "$out"
        ;;
    3) ;; # void: the next goes on
    *)
        tail -n 3 "$scratch/log" | sed 's/^/# /'
        fail "a killed batch could not be gone on with: status $status"
        break
        ;;
    esac
done
expect_status "after $killed kills it ends" 0 graded \
    "$scratch/killed.$round" "$@"
expect "in the same grades, byte by byte" cmp "$scratch/all/results.json" \
    "$scratch/killed.$round/results.json"
expect "and so did the $ended that ended before" test $differ -eq 0
expect "nothing that was written is half a file" sh -c "
    find '$scratch/killed.$round' -name '*.json' -exec python3 -c '
import json, sys
for name in sys.argv[1:]: json.load(open(name))' {} +"

cached() {
    "$wirelab" grade --lab 90 --submissions "$submissions" "$@" \
        --cache "$scratch/cache"
}
cache_all() {
    for _ in 1 2 3 4 5 6; do # until nothing is void
        ! cached --out "$scratch/first" "$@" --resume || break
    done
}
# These have nothing to do with each other, and mostly wait.
for jobs in 1 2; do
    graded "$scratch/jobs$jobs" "$@" --jobs $jobs >/dev/null 2>&1 &
done
for shard in 1 2 3; do
    graded "$scratch/shard$shard" "$@" --shard $shard/3 >/dev/null 2>&1 &
done
cache_all "$@" >/dev/null 2>&1 &
wait
expect "one test at a time, or two: the same grades" \
    cmp "$scratch/jobs1/results.json" "$scratch/jobs2/results.json"
expect "grading twice gives the same grades" \
    cmp "$scratch/all/results.json" "$scratch/jobs1/results.json"
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
