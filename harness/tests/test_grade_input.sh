#!/bin/sh
# wirelab grade, given what it cannot use: one line that says what to do.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toybatch.sh
. "$root/harness/tests/toybatch.sh"
cd "$scratch"

one_line() { # one_line NAME STATUS PATTERN OPTION...: refused in one line
    name=$1 wanted=$2 pattern=$3
    shift 3
    expect_status "$name" "$wanted" "$wirelab" grade --no-cache "$@"
    expect_output "  it says so" "^wirelab: .*$pattern"
    expect "  in one line" test 1 -eq \
        "$(grep -vc 'without --secret' "$scratch/output")"
}
toy() { # toy NAME STATUS PATTERN OPTION...: with what is right given
    name=$1 wanted=$2 pattern=$3
    shift 3
    one_line "$name" "$wanted" "$pattern" --lab 90 --out out "$@"
}
mkdir empty out.full && touch out.full/mine
one submissions/ada 1
one submissions/bob 2
"$wirelab" grade --lab 90 --submissions submissions --out begun --seed 7 \
    >/dev/null

one_line "nothing given" 2 "are needed"
toy "no submissions" 2 "no submissions in it" --submissions empty
toy "a folder that is not there" 2 "nowhere: No such file" --submissions nowhere
rm -rf out
echo nonsense >noise.zip
toy "a download that is no archive" 2 "noise.zip.*cannot be read" \
    --submissions noise.zip
rm -rf out
set -- --submissions submissions
printf 'name\nAda\n' >roster.csv
toy "a roster without ids" 2 "roster.csv: line 1: no column is called 'id'" \
    "$@" --roster roster.csv
printf 'id,name\nada,A\nbob,B\nada,C\n' >roster.csv
toy "a roster with somebody twice" 2 "line 4: the id 'ada' is that of line 2" \
    "$@" --roster roster.csv
printf '\377\376i\000' >roster.csv
toy "a roster in UTF-16" 2 "UTF-16: save it as CSV in UTF-8" "$@" \
    --roster roster.csv
: >secret
toy "an empty secret" 2 "16 bytes at least" "$@" --secret secret
toy "a shard that is none" 2 "from 1/N to N/N, not '5/4'" "$@" --shard 5/4
toy "hidden variants without a secret" 2 "wants --secret" "$@" --hidden x
toy "a world with a typing error" 2 "did you mean 'virtual'" "$@" --world vitual
one_line "an OUT that holds other things" 2 "is not empty" --lab 90 --out \
    out.full "$@"
one_line "an OUT that holds a batch" 2 "--resume goes on" --lab 90 --out begun \
    "$@"
one_line "an OUT of another batch" 2 'its seeds is "fixed 7", not "fixed 8"' \
    --lab 90 --out begun "$@" --resume --seed 8
one_line "an OUT where nobody may write" 3 "cannot make /proc/out" --lab 90 \
    --out /proc/out "$@"

# What is odd, but can be used.
head -c 32 /dev/urandom | base64 >secret
chmod 644 secret
printf '\357\273\277"id";"name"\r\n"ada";"Lovelace; Ada"\r\n"eve";"E"\r\n' \
    >roster.csv
expect_status "a roster with BOM, CRLF and semicolons, a secret for all" 0 \
    grade odd --roster roster.csv --secret secret
expect_output "  others can read the secret" "others than you .* chmod 600"
expect_output "  bob is not on the roster" "'bob' .* is not on the roster"
expect "  ada's name holds a semicolon" test "Lovelace; Ada" = \
    "$(member odd/results.json "r['students'][0]['name']")"
expect "  eve has handed in nothing, and 0 points" test \
    "eve ['nothing was handed in'] 0" = "$(member odd/results.json "' '.join(
        map(str, [(s := r['students'][2])['id'], s['submission']['problems'],
        s['score']['points']]))")"

# Names that would rename a terminal's window, or worse.
esc=$(printf '\033]0;owned\007')
one "hostile/a$esc" 1
one hostile/b 2 && mv hostile/b/shout.c "hostile/b/$esc.c"
one hostile/c 3 && mkfifo "hostile/c/$esc.c"
echo "#error \"$esc\"" >hostile/c/wrong.c
echo nonsense >"hostile/d$esc.tar.gz"
printf 'id,name\nb,%s\n' "$esc" >roster.csv
printf 'id,name\nb%s,B\nb%s,C\n' "$esc" "$esc" >twice.csv
obeyed() { # obeyed: what a terminal would obey in the output
    LC_ALL=C tr -d '\n\t\r\040-\377' <"$scratch/output"
}
expect_status "hostile names" 0 "$wirelab" grade --lab 90 --out hostile.out \
    --submissions hostile --roster roster.csv --no-cache --seed 7
expect_output "  of a student are shown" "a␛]0;owned␇ +100 of 100"
expect_output "  of what was left out" "'.\]0;owned.\.c' has a character"
expect_output "  of an archive" "'d.\]0;owned.*' cannot be read"
expect "  and not obeyed" test -z "$(obeyed)"
expect_status "hostile ids in a roster" 2 "$wirelab" grade --lab 90 --out h2 \
    --submissions hostile --roster twice.csv --no-cache --seed 7
expect_output "  are shown in the error" "the id 'b␛]0;owned␇' is that of"
expect "  and not obeyed, either" test -z "$(obeyed)"

# Two at once, and Ctrl-C.
mkdir silent
mkdir silent/ada
printf '#!/usr/bin/env python3\nimport time\ntime.sleep(100)\n' >silent/ada/shout
begin() { # begin OUT: a batch whose test waits
    "$wirelab" grade --lab 90 --submissions silent --out "$1" --no-cache \
        >log 2>&1 &
    batch=$!
    for _ in $(seq 600); do
        [ ! -e "$1/students/ada/tests/90.1.answers" ] || return 0
        sleep 0.05
    done
    fail "the batch did not begin"
}
begin twice
one_line "two in one OUT" 3 "process $batch.* is at work" --lab 90 --out twice \
    --submissions silent --resume
kill -INT $batch
status=0
wait $batch || status=$?
expect "Ctrl-C: status 130, not $status" test $status -eq 130
expect "  it says how to go on" grep -q -- "--out twice --no-cache --resume" log

if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=200k none full
then
    trap 'umount -l "$scratch/full"; rm -rf "$scratch"' EXIT
    head -c 190000 /dev/zero >full/filler
    expect_status "a full disk" 3 grade full/out
    expect_output "  is told" "No space left"
    rm full/filler
    mount -o remount,size=50m full
    expect_status "  with room, --resume ends it" 0 grade full/out --resume
    expect "  with all points" test "ada:100 bob:100" = "$(scores full/out)"
else
    skip "a full disk" "only root mounts a small one"
fi
finish
