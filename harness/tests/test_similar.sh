#!/bin/sh
# wirelab similar: a copy, a copy with other names and another layout, two who
# handed the skeleton in, and somebody who wrote it alone.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
cd "$scratch"

if ! command -v sim_c >/dev/null; then
    skip "wirelab similar" "sim_c (similarity-tester) is not installed"
    finish
    exit 0
fi
skeleton=$toy/labs/90-toy/shout.c
mkdir -p class/ada class/bob class/cyd class/dan class/eve class/flo class/gus

# ada's own: what the skeleton lacks, not as the reference has it.
answer='static size_t shouted(char *to, const char *from, size_t n)
{
    size_t made = 0;
    while (made < n) {
        int c = from[made];
        if (c >= 97 && c <= 122)
            c -= 32;
        to[made++] = (char)c;
    }
    return made;
}
static int serve(int fd, unsigned long *served)
{
    char in[2048], out[2048];
    struct sockaddr_storage who;
    socklen_t room = sizeof(who);
    ssize_t got = recvfrom(fd, in, sizeof(in), 0, (void *)&who, &room);
    if (got < 0)
        return -1;
    size_t n = shouted(out, in, (size_t)got);
    if (sendto(fd, out, n, 0, (void *)&who, room) != (ssize_t)n)
        return -1;
    *served += 1;
    return 0;
}'
with() { # with DIR ANSWER: the skeleton and that
    { cat "$skeleton" && printf '%s\n' "$2"; } >"$1/shout.c"
}
with class/ada "$answer"
# bob: other names, comments and layout, all in another file, as an archive.
cp "$skeleton" class/bob
printf '%s\n' "$answer" | sed -E 's/\b(made|got|who|room|served)\b/my_\1/g
    s/shouted/to_upper/g; s/serve\b/one/; s/2048/4000/g; s/^ +//' |
    sed 's/while/\/* loop *\/\n&/' | tr '\n' ' ' | fold -s -w 50 \
    >class/bob/udp.c
tar -C class/bob -czf class/bob.tar.gz . && rm -r class/bob
# cyd and dan: nothing but the skeleton, dan's laid out in another way.
cp "$skeleton" class/cyd
sed '/^#/!{ s/[;{(]/ &\n\n/g; s/^/\t/; }' "$skeleton" >class/dan/shout.c
# eve, alone: the same task in another way.
with class/eve 'static char upper[256];
static void learn(void)
{
    for (int i = 0; i < 256; i++)
        upper[i] = (char)toupper(i);
}
struct peer { struct sockaddr_in at; socklen_t bytes; };
static void loop(int fd)
{
    struct peer peer;
    char line[1501];
    learn();
    do {
        peer.bytes = sizeof(peer.at);
        long n = recvfrom(fd, line, 1500, MSG_TRUNC,
                          (struct sockaddr *)&peer.at, &peer.bytes);
        for (char *p = line; n > 0 && p < line + n; ++p)
            *p = upper[(unsigned char)*p];
        if (n <= 0 || n > 1500) continue;
        sendto(fd, line, n, MSG_DONTWAIT, (struct sockaddr *)&peer.at,
               peer.bytes);
    } while (1);
}'
# flo writes Python, gus sends what cannot be unpacked; a name is a formula.
rm -r class/gus
printf '#!/usr/bin/env python3\n' >class/flo/shout
echo noise >class/gus.zip
cp -r class/ada 'class/=1+1'

similar() {
    "$wirelab" similar --lab 90 --submissions class "$@"
}
expect_status "a class is compared" 0 similar --out out.csv
export WIRELAB_ROOT="$toy"
wirelab=$build/wirelab # built by now
expect_output "  with so many" "^4 submissions .* compared, 4 not; 3 pairs"
expect_output "  the skeleton alone is not compared" \
    "not compared: cyd: it is the skeleton as it was given"
expect_output "  whatever its layout" "not compared: dan: it is the skeleton"
expect_output "  no C" "not compared: flo: there is no C in it"
expect_output "  no archive" "not compared: gus: .*cannot be read"
pairs() { # pairs FIELD...: of out.csv, each pair's
    python3 -c "import csv, sys
for row in csv.DictReader(open('out.csv')):
    print(*(row[field] for field in sys.argv[1:]))" "$@"
}
pairs first second percent >list
expect "a copy is the same" grep -qx "'=1+1 ada 100" list
expect "other names, layout and files make no difference" \
    sh -c "grep -qxE 'ada bob (100|9[0-9])' list"
expect "no formula is in the table" test 0 -eq "$(grep -c '^=' out.csv)"
expect "who wrote it alone is like nobody" test 0 -eq "$(grep -c eve list)"
similar --out out.csv --threshold 0 >all
pairs first second percent >list
# shellcheck disable=SC2016 # of awk
expect "  not by a third: $(grep eve list | tr '\n' ';')" \
    awk '/eve/ && $NF >= 30 { bad = 1 } END { exit bad }' list

# A class that sim_c is not given at once: whoever is alike is found wherever.
for number in $(seq -w 18); do
    mkdir -p many/s"$number"
    cp class/eve/shout.c many/s"$number"
done
cp class/ada/shout.c many/s01
cp class/ada/shout.c many/s18
"$wirelab" similar --lab 90 --submissions many --out out.csv >all
pairs first second percent >list
expect "two in a large class, and sixteen others, are found" \
    sh -c "grep -qx 's01 s18 100' list && test 121 -eq \$(grep -c ' 100$' list)"

# The reference, where it is.
mkdir class/hal
cp "$toy/solutions/90-toy/shout.c" class/hal
similar --out out.csv >all
expect "a copy of the reference is told" \
    grep -q '100 %  hal and (the reference)' all
rm -r class/hal

# The page holds names and code as data, however they are meant.
mkdir 'class/<img src=x onerror=alert(1)>'
{ cat class/ada/shout.c && printf '/* </script><script>alert(2)</script> */\n'
} >'class/<img src=x onerror=alert(1)>/shout.c'
expect_status "a page is written" 0 similar --out out.html
expect "  no name or code of theirs is markup" \
    test 0 -eq "$(grep -c '<img\|alert(2)</script>' out.html)"
expect "  and all of it is in its data" python3 - <<'PYTHON'
import json
import re

page = open("out.html").read()
[data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>',
                    page, re.S)
data = json.loads(data)
names = {text["id"] for text in data["texts"].values()}
assert "<img src=x onerror=alert(1)>" in names, names
for pair in data["pairs"]:
    for side in "ab":
        files = data["texts"][str(pair[side])]["files"]
        for run in pair["runs"]:
            for file, first, last in run[side]:
                lines = files[file]["text"].split("\n")
                assert 1 <= first <= last <= len(lines), (first, last)
PYTHON

says() { # says NAME STATUS PATTERN OPTION...: in one line
    _what=$1 _status=$2 _pattern=$3
    shift 3
    expect_status "$_what" "$_status" "$wirelab" similar "$@"
    expect_output "  it says so" "^wirelab: .*$_pattern"
    expect "  in one line" test 1 -eq "$(wc -l <output)"
}
set -- --lab 90 --submissions class
says "nothing given" 2 "are needed"
says "a file of no kind" 2 "FILE.csv or FILE.html" "$@" --out out.txt
says "more than all" 2 "100 at most" "$@" --out o.csv --threshold 101
says "no such class" 2 "No such file" --lab 90 --submissions none --out o.csv
says "an option with a typing error" 2 "did you mean '--threshold'" "$@" \
    --treshold 3
says "a place where nobody may write" 3 "cannot write /proc/o.csv" "$@" \
    --out /proc/o.csv
mkdir bin
for tool in sh dirname cat id sed tr sort grep; do
    ln -s "$(command -v $tool)" bin/$tool
done
expect_status "no sim_c" 3 env PATH="$scratch/bin" "$wirelab" \
    similar "$@" --out o.csv
expect_output "  it says how it is had" \
    "^wirelab: sim_c, .* is missing: .*(similarity-tester|no package)"
expect "nothing is left behind" test ! -e o.csv
alone() { # no directory is left of a process that has ended
    for left in "$build"/similar/[0-9]*; do
        [ ! -e "$left" ] || kill -0 "${left##*/}" || return 1
    done
}
expect "  not even in the build directory" alone

browser=$root/harness/tests/browser
if NODE_PATH=$("$browser/modules" 2>why); then
    export NODE_PATH
    timeout 120 node "$browser/similar.js" out.html \
        "$(grep -o '"a_percent"' out.html | wc -l)" >seen 2>errors || true
    tap_browser
else
    skip "the page in the browser" "$(cat why)"
fi
finish
