#!/bin/sh
# wirelab mutants, reset and shell.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
mutants=$toy/solutions/90-toy/mutants

expect_status "a mutant without its golden message" 1 "$wirelab" mutants 90
expect_output "says how to write it" "MESSAGE +whispers .*--update"
expect_status "--update writes it" 0 "$wirelab" mutants 90 --update
expect_status "it is killed" 0 "$wirelab" mutants 90
expect_output "and the table says so" "killed +whispers +90.1.answers"
sed -i '1s/$/ otherwise/; $s/$/ now/' "$mutants/whispers.golden"
expect_status "another message than the golden one" 1 "$wirelab" mutants 90
expect_output "is shown" "MESSAGE .*golden '.*', now '"

cat >"$mutants/harmless.patch" <<'PATCH'
Mistake: none at all
Killed-by: 90.1.answers
--- a/shout.c
+++ b/shout.c
@@ -1,2 +1,2 @@
-/* shout PORT: answers each datagram with its text in capitals. */
+/* shout PORT: answers each datagram. */
 #include <ctype.h>
PATCH
expect_status "a mutant that survives" 1 \
    "$wirelab" mutants 90 --only harmless
expect_output "is named" "SURVIVED +harmless .*none at all"
sed -i 's/in capitals/in italics/' "$mutants/harmless.patch"
expect_status "a patch that does not apply" 1 \
    "$wirelab" mutants 90 --only harmless
expect_output "is broken" "BROKEN +harmless .*does not apply"
sed -i 's/^Killed-by.*/Killed-by: 90.1.nothing/' "$mutants/harmless.patch"
expect_status "a test that does not exist" 3 \
    "$wirelab" mutants 90 --only harmless

# A test that is void the first four times is tried until it judges, alone from
# the second run on.
lab=$toy/labs/90-toy
cp "$lab/tests/suite.c" "$scratch/suite.c"
sed -i '/^START_TEST(answers)/,/^{/ s|^{|{\
    FILE *runs = fopen("'"$scratch"'/runs", "a+");\
    fseek(runs, 0, SEEK_END);\
    fputc(0, runs);\
    bool is_void = ftell(runs) <= VOID_RUNS;\
    fclose(runs);\
    if (is_void)\
        test_infra("played");|' "$lab/tests/suite.c"
for voids in 4 5; do
    rm -f "$scratch/runs"
    sed -i '/^#define VOID_RUNS/d; /shouting.h/a #define VOID_RUNS '$voids \
        "$lab/tests/suite.c"
    "$wirelab" mutants 90 --only whispers --update >"$scratch/output" 2>&1 || :
    cp "$scratch/output" "$scratch/void-$voids"
done
expect "void four times, then judged" \
    grep -qE "^killed +whispers" "$scratch/void-4"
expect "void five times is no judgement" \
    grep -qE "^infra +whispers .* played" "$scratch/void-5"
cp "$scratch/suite.c" "$lab/tests/suite.c"

cp "$lab/shout.c" "$scratch/skeleton.c"
echo '/* mine */' >>"$lab/shout.c"
echo '/* mine, too */' >"$lab/more.c"
expect_status "reset" 0 "$wirelab" reset 90 --yes
expect "the skeleton is back" cmp "$lab/shout.c" "$scratch/skeleton.c"
expect "what does not belong to it is gone" test ! -e "$lab/more.c"
archive=$(find "$toy/labs" -name '90-toy.saved-*.tar.gz')
expect "the work is in the archive" sh -c \
    "tar -xzOf '$archive' 90-toy/shout.c 90-toy/more.c | grep -c mine | grep -q 2"

expect_status "shell without a terminal" 0 sh -c \
    "echo 'hostname; command -v shout; ping -c 2 receiver' |
    '$wirelab' shell 90 'delay 5ms'"
expect_output "its host has the name" "^sender"
expect_output "the programs are on PATH" "labs/90-toy/skeleton/shout"
expect_output "the other host is reached" "2 received, 0% packet loss"
expect_output "and the packets are captured" "capture is .*capture.pcapng"
capture=$(sed -n 's/.*its capture is //p' "$scratch/output")
if command -v tshark >/dev/null; then
    expect "the capture opens: 2 requests, 2 replies" sh -c \
        "test \"\$(tshark -r '$capture' -Y icmp 2>/dev/null | wc -l)\" = 4"
else
    skip "the capture opens" "no tshark"
fi
expect_status "shell on the other host" 0 sh -c \
    "echo hostname | '$wirelab' shell 90 --host receiver"
expect_output "is the other host" "^receiver"
finish
