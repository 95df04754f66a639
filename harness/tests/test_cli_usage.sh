#!/bin/sh
# What wirelab says to those who mistype: one line, the nearest name, status 2.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

says() { # says PATTERN ARGUMENT...
    pattern=$1
    shift
    expect_status "wirelab $* is wrong usage" 2 "$wirelab" "$@"
    expect_output "wirelab $* says: $pattern" "$pattern"
    if [ "$(wc -l <"$scratch/output")" -eq 1 ]; then
        pass "wirelab $* says one line"
    else
        fail "wirelab $* says one line"
        sed 's/^/# /' "$scratch/output"
    fi
}

"$wirelab" check 90 --impl solution >/dev/null 2>&1 || true # builds all
says "did you mean 'check'" chek 90
says "unknown command 'frobnicate': there are" frobnicate
says "did you mean '90'" check 91
says "unknown lab 'zebra': there are 90-toy$" check zebra
says "unknown lab '1': there are 90$" check 1
says "did you mean '90-toy'" check 90-tiy
says "did you mean '90.1.answers'" check 90 --test 90.1.answer
says "did you mean '--seed'" check 90 --sede 4
says "did you mean 'netem'" check 90 --engine nettem
says "unknown world 'moon'" check 90 --world moon
says "wants a number" check 90 --seed seven
says "wants a value" check 90 --seed
says "takes no value" check 90 --no-color=1
says "too few words: wirelab check NN" check
says "one word too many" check 90 91
says "No such file" check 90 --impl "$scratch/nowhere"
says "is not a directory" check 90 --impl "$root/Makefile"
says "holds neither" check 90 --impl "$root/harness"
says "No such file" replay "$scratch/nowhere.json"
says "did you mean 'whispers'" mutants 90 --only wispers
says "add --yes" reset 90
says "did you mean 'bash'" completion bsh
says "no 'wirelab shell' runs" shell --join 1:sender
says "did you mean .?delay" shell 90 "dealy 3ms"
says "too few words" stress
says "64 at most" stress 90 --hogs 65

for verb in $("$wirelab" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    expect_status "wirelab $verb --help" 0 "$wirelab" "$verb" --help
    expect_output "wirelab $verb --help shows its usage" \
        "^(usage|Usage):? *wirelab $verb"
    expect_status "wirelab help $verb" 0 "$wirelab" help "$verb"
done
finish
