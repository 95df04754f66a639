#!/bin/sh
# wirelab replay and stress: the same seed, the same faults.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

# Answers in capitals, but every second datagram not at all.
mkdir "$scratch/lazy"
sed 's/    if (n >= 0)/    static int count;\n    if (n >= 0 \&\& ++count % 2)/' \
    "$toy/solutions/90-toy/shout.c" >"$scratch/lazy/shout.c"

expect_status "a lazy program fails" 1 \
    "$wirelab" check 90 --impl "$scratch/lazy" --seed 5
expect_status "its failure is replayed" 1 "$wirelab" replay "$runs/latest"
expect_output "with the same verdict" "verdict: fail, as before it was fail"
expect_output "and the same faults" "faults: [0-9]{3} units in common, 0 decided"

"$wirelab" check 90 --impl "$scratch/lazy" --seed 5 --json "$scratch/moved.json" \
    >/dev/null || true
expect_status "from results that were moved" 1 \
    "$wirelab" replay "$scratch/moved.json" 90.2.answers_all
expect_output "faults are still compared" "units in common, 0 decided"
expect_status "with an implementation that is right" 0 "$wirelab" replay \
    "$scratch/moved.json" --impl solution
expect_output "the verdict is another" "verdict: pass, as before it was fail"
expect_status "a test that passed, by its name" 0 \
    "$wirelab" replay "$scratch/moved.json" 90.1.answers

# A record that was tampered with: what was lost is now kept.
cp -r "$(sed -n 's/.*"directory": "\(.*\)".*/\1/p' "$scratch/moved.json")" \
    "$scratch/run"
find "$scratch/run" -name fates.tsv -exec sed -i 's/\tlost[^\t]*$/\tkept/' {} +
expect_status "decisions that differ are our fault" 3 \
    "$wirelab" replay "$scratch/run/results.json" 90.2.answers_all
expect_output "and the first is shown" "the links decided otherwise .*lost"
rm -r "$scratch/lazy"
expect_status "an implementation that is gone" 2 \
    "$wirelab" replay "$scratch/moved.json"
echo '{"schema": 1' >"$scratch/broken.json"
expect_status "half a results.json" 2 "$wirelab" replay "$scratch/broken.json"
expect_output "is named" "broken.json"

expect_status "stress, the reference" 0 "$wirelab" stress 90 --impl solution \
    --runs 3 --hogs 1
expect_output "counts" "90.1.answers +3 +0 +0 +0"
mkdir "$scratch/odd" # answers eight times
sed 's/    if (n >= 0)/    static int count;\n    if (n >= 0 \&\& ++count < 9)/' \
    "$toy/solutions/90-toy/shout.c" >"$scratch/odd/shout.c"
expect_status "stress, a wrong program" 1 "$wirelab" stress 90 \
    --impl "$scratch/odd" --runs 2 --jobs 1 --seed 11 --test 90.2.answers_all
expect_output "each failure counts" "90.2.answers_all +0 +2 +0 +0"
replay=$(sed -n 's/^ *.\/wirelab replay //p' "$scratch/output" | head -n 1)
expect_status "and can be replayed" 1 "$wirelab" replay "$replay"
expect_output "with its faults" "units in common, 0 decided otherwise"
finish
