#!/bin/sh
# wirelab handout: what goes along, what does not, and that it works there.
# In the long form all is built there, too, instead of taking what is built.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

# A project without git, with what lies about in an instructor's.
copy=$scratch/copy
mkdir "$copy"
tar -C "$root" -c --exclude=harness/tests --exclude='*.o' .clang-format \
    .editorconfig .gitignore .dockerignore .devcontainer LICENSE Makefile \
    README.md CHANGELOG.md CONTRIBUTING.md wirelab docker harness labs \
    netem-scripts solutions | tar -C "$copy" -x
cp "$copy/solutions/04-sockets/io.c" "$copy/labs/04-sockets/io.c"
echo '{"params":{"loss":7}}' >"$copy/labs/04-sockets/tests/hidden.json"
for junk in secret hidden.json labs/04-sockets/hidden.json harness/cli/secret \
    labs/04-sockets/more.c harness/cli/cli.c.orig labs/04-sockets/a.out; do
    echo "nobody's business" >"$copy/$junk"
done
cp -r "$copy/labs/04-sockets" "$copy/labs/77-half-done"
handout() { # handout OUT [OPTION...]: of the copy's lab 04, or as options say
    out=$1
    shift
    WIRELAB_ROOT=$copy "$build/wirelab" handout --out "$out" \
        "${@:---labs=04}"
}
gone() { # gone OUT: neither it nor what it was made in is there
    ! ls -d "$1" "$(dirname "$1")/.$(basename "$1").handout" 2>/dev/null
}
refused() { # refused NAME STATUS PATTERN OUT [OPTION...]
    name=$1 status=$2 pattern=$3
    shift 3
    expect_status "$name: status $status" "$status" handout "$@"
    expect_output "$name: told so" "$pattern"
    expect "$name: in one line" test "$(wc -l <"$scratch/output")" -eq 1
    expect "$name: nothing is there" gone "$1"
}

# ---- Wrong usage ---------------------------------------------------------------

refused "a lab that does not exist" 2 "unknown lab '05': did you mean" \
    "$scratch/none" --labs 04,05
refused "a lab without a solution" 2 "solutions/77-half-done is not here" \
    "$scratch/none" --labs 77
refused "an archive of another kind" 2 "a folder, a .tar or a .tar.gz" \
    "$scratch/none.zip"
refused "a place that is not there" 3 "cannot make .*: No such file" \
    "$scratch/no/where"
mkdir "$scratch/taken"
expect_status "a name that is taken" 2 handout "$scratch/taken/"
expect_output "is left alone" "taken exists already: choose another name"
expect "and so is what has it" rmdir "$scratch/taken"
rm -r "$copy/labs/77-half-done"

# ---- What goes along -----------------------------------------------------------

hand=$scratch/hand
expect_status "a handout of two labs" 0 handout "$hand" --labs 8,04
for left in labs/04-sockets/more.c labs/04-sockets/hidden.json \
    labs/04-sockets/tests/hidden.json labs/04-sockets/a.out; do
    expect_output "$left stays, which is told" "$left does not go along"
done
expect "nothing private is in it" sh -c \
    "! grep -r -e 'body.s business' -e loss.:7 '$hand'"
expect "the skeleton is the reference's, not what the lab's folder holds" \
    cmp "$hand/labs/04-sockets/io.c" "$root/labs/04-sockets/io.c"
expect "no solutions, mutants, fuzz targets, tests of ours" sh -c \
    "! find '$hand' -name 'solutions' -o -name '*.golden' -o -name 'fuzz*' \
        -o -name WALKTHROUGH.md -o -path '*/harness/tests*' | grep ."
expect "only the labs that were named" test \
    "$(find "$hand/labs" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2
expect "every link leads somewhere" sh -c \
    "cd '$hand' && find . -name '*.md' | xargs harness/links"
expect "no page of a learner's speaks of what is not there" sh -c "cd '$hand' &&
    ! grep -n 'handout: \|wirelab grade\|solutions/' ./*.md */*.md labs/*/*.md |
        grep -v '^./CHANGELOG\|^harness/README'"
# Not by the means of harness/handout/check: all lines of all answers of some
# length, but those that stand elsewhere by themselves.
lines() { # lines FILE...: without what is around them
    cat "$@" | sed 's/^[ \t]*//; s/[ \t]*$//' | sort -u
}
for source in "$root"/solutions/*/*.c; do
    "$root/harness/mkskel" "$source"
done >"$scratch/skeletons.c"
awk '/BEGIN SOLUTION/ { on = 1; next } /END SOLUTION/ { on = 0 }
    on && !/\/\/>/ && length >= 30' "$root"/solutions/*/*.c >"$scratch/inside"
lines "$scratch/inside" >"$scratch/lines"
lines "$scratch/skeletons.c" "$root"/harness/*/*.c \
    "$root"/labs/*/tests/*.[ch] "$root"/labs/*/*.h >"$scratch/idioms"
comm -23 "$scratch/lines" "$scratch/idioms" | awk 'length >= 28' \
    >"$scratch/answers"
expect "there are answers to look for" test \
    "$(wc -l <"$scratch/answers")" -gt 1000
find "$hand" -type f -exec cat {} + >"$scratch/all"
lines "$scratch/all" | comm -12 - "$scratch/answers" >"$scratch/found"
expect "no line of an answer is in it" cmp "$scratch/found" /dev/null
expect "nor within a line of a page" sh -c \
    "! grep -rFn -f '$scratch/answers' '$hand' --include='*.md'"

# ---- The same bytes ------------------------------------------------------------

# Made again below, in other circumstances.
expect "an archive" handout "$scratch/one.tar.gz"
expect "its files are nobody's, of a fixed date, in order" sh -c "
    export TZ=UTC0 LC_ALL=C
    tar -tvf '$scratch/one.tar.gz' | grep -v ' 0/0 .* 2020-01-01 00:00 ' && exit 1
    tar -tf '$scratch/one.tar.gz' | tr / '\001' | sort -c"

# ---- Its own check -------------------------------------------------------------

rm "$copy/labs/04-sockets/more.c" "$copy/labs/04-sockets/a.out" \
    "$copy/labs/04-sockets/hidden.json" "$copy/labs/04-sockets/tests/hidden.json"
answer=$(grep -F -m 1 -f "$scratch/answers" "$root/solutions/04-sockets/io.c")
# shellcheck disable=SC2016 # a span of Markdown
printf '\n- `%s`\n' "${answer#"${answer%%[! ]*}"}" \
    >>"$copy/labs/04-sockets/hints.md"
refused "an answer in a hint" 3 \
    "hints.md:[0-9]* gives solutions/04-sockets/io.c:[0-9]* away" \
    "$scratch/none"
cp "$root/labs/04-sockets/hints.md" "$copy/labs/04-sockets/"
echo '/* BEGIN SOLUTION */' >>"$hand/labs/04-sockets/io.h"
sed '/SOLUTION/d; /\/\/>/d' "$root/solutions/04-sockets/serve.c" \
    >>"$hand/labs/04-sockets/tests/echo.c"
cp "$root/solutions/04-sockets/WALKTHROUGH.md" "$hand/labs/04-sockets"
cp "$scratch/answers" "$hand/harness/handed/reference/08/notes"
expect_status "answers in many places" 1 "$root/harness/handout/check" "$hand"
expect_output "a mark in a header" "labs/04-sockets/io.h has a mark of an ans"
expect_output "a whole answer in a test" \
    "tests/echo.c:[0-9]* gives solutions/04-sockets/serve.c:[0-9]* away"
expect_output "a file that only solutions have" \
    "labs/04-sockets/WALKTHROUGH.md is nothing to hand out"
expect_output "lines in a file without a kind" \
    "handed/reference/08/notes:1 gives solutions/.* away"
cp "$root/labs/04-sockets/io.h" "$hand/labs/04-sockets/"
cp "$root/labs/04-sockets/tests/echo.c" "$hand/labs/04-sockets/tests/"
rm "$hand/labs/04-sockets/WALKTHROUGH.md" \
    "$hand/harness/handed/reference/08/notes"

# ---- Killed, interrupted, out of space -----------------------------------------

killed=$scratch/killed.tar.gz work=$scratch/.killed.tar.gz.handout
killed() { # killed SIGNAL: in the middle, which is when its folder fills
    WIRELAB_ROOT=$copy setsid "$build/wirelab" handout --labs 04 \
        --out "$killed" >"$scratch/said" 2>&1 &
    pid=$!
    until [ -d "$work/wirelab/harness" ]; do
        kill -0 "$pid" || return 1
    done
    case $1 in
    KILL) kill -KILL "$pid" ;;
    *) kill -"$1" "-$pid" ;; # as Ctrl-C does, to all of the terminal
    esac
    status=0
    wait "$pid" || status=$?
}
expect "it is interrupted in the middle" killed TERM
expect "its status says so" test "$status" -eq 130
expect "nothing is left" gone "$killed"
expect "it is killed in the middle" killed KILL
expect "nothing is there by that name" test ! -e "$killed"
# Its scripts may still be at work; as long as they are, nobody else is.
again() (
    umask 077
    for _ in $(seq 200); do
        TZ=Asia/Tokyo handout "$killed" >"$scratch/said" 2>&1 && return
        grep -q "is being made by another" "$scratch/said" || return 1
        sleep 0.05
    done
    return 1
)
expect "the next clears up, and makes it" again
expect "and leaves nothing else" test ! -e "$work"
expect "it is the same, byte by byte" cmp "$killed" "$scratch/one.tar.gz"

full() { # full BYTES: where there is no room
    # shellcheck disable=SC2016 # the inner shell expands
    unshare --mount --propagation private sh -c '
        mount -t tmpfs -o size="$1" tmpfs "$2" || exit 77
        WIRELAB_ROOT=$3 "$4" handout --labs 04 --out "$2/course.tar"
        status=$?
        ls -A "$2"
        exit $status' sh "$1" "$scratch/disk" "$copy" "$build/wirelab"
}
mkdir "$scratch/disk" "$scratch/tree"
tar -C "$scratch/tree" -xf "$scratch/one.tar.gz"
if [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null; then
    tree_kib=$(du -sk "$scratch/tree" | cut -f 1) # with an archive: twice
    for size in 1000 $((tree_kib + tree_kib / 4)); do
        expect_status "a disk of $size KiB" 3 full "${size}k"
        expect_output "says what is wrong" "No space left|Wrote only"
        expect "and nothing is left on it" \
            test "$(wc -l <"$scratch/output")" -eq 1
    done
else
    skip "a full disk" "mounting one takes root"
fi

# ---- In it ---------------------------------------------------------------------

wirelab=$hand/wirelab
if [ -n "$WIRELAB_LONG" ]; then
    export BUILD="$scratch/build"
    expect "all is built there" make -s -C "$hand" -j2 BUILD="$BUILD"
    expect "its site, too" make -s -C "$hand" site BUILD="$BUILD"
    expect "which holds together" "$hand/harness/site/check" "$BUILD/site"
else # what is newer than all of its files is not built again
    mkdir "$scratch/build"
    for part in wirelab libwirelab.a sandbox-init guest-agent obj suites; do
        cp -al "$build/$part" "$scratch/build/"
    done
    export BUILD="$scratch/build"
fi
expect "it has two labs" test \
    "$("$wirelab" list --numbers | tr '\n' ' ')" = "04 08 "
for goal in test demo skeletons; do
    expect_status "make $goal" 2 make -s -C "$hand" "$goal"
    expect_output "is not for handouts" "no '$goal' in a handout: "
done
expect_status "make help" 0 make -s -C "$hand" help
expect "tells of none of them" sh -c \
    "! grep -E '^  (test|demo|verify|skeletons) ' '$scratch/output'"
expect_status "--impl solution, of which there is nothing" 2 \
    "$wirelab" check 04 --impl solution
expect_output "is told so" "the reference of lab 04 is not here: .* handouts"
expect_status "mutants" 2 "$wirelab" mutants 04
expect_status "a handout of a handout" 2 "$wirelab" handout --out "$scratch/none"
expect_output "wants the solutions" "make handouts where the solutions are"

echo 'int more;' >"$hand/labs/08-reliable-udp/more.c"
echo 'broken' >>"$hand/labs/08-reliable-udp/wire.c"
expect_status "reset" 0 "$wirelab" reset 08 --yes
expect "brings the skeleton back" sh -c "
    cd '$hand/labs/08-reliable-udp' && test ! -e more.c &&
    for file in *.c; do cmp \$file '$root/labs/08-reliable-udp/'\$file; done"
if ! "$wirelab" link "delay 1ms" -- true >/dev/null 2>"$scratch/reason"; then
    skip "checks in a handout" "$(tail -n 1 "$scratch/reason")"
    finish
    exit 0
fi
expect_status "the skeleton fails" 1 "$wirelab" check 08 \
    --test 08.1.stop_and_wait
expect_output "as intended" "This failure is intended"
expect_status "its reference passes" 0 "$wirelab" check 08 --impl solution \
    --test 08.2.corruption
# The same programs as anybody's, so that they are paired with the reference.
cp -r "$hand/harness/handed/reference/08/$(uname -m)" "$scratch/mine"
expect_status "others are tested with it at the other end" 0 "$wirelab" \
    check 08 --impl "$scratch/mine" --test 08.2.corruption --json "$scratch/r"
paired() { # paired VERDICT...: of the variants
    python3 -c "import json, sys; test = json.load(open('$scratch/r'))['tests'][0]
said = [v['verdict'] for v in test['variants']]; print(said)
sys.exit(said != sys.argv[1:])" "$@"
}
expect "in both pairings" paired pass pass pass
mv "$hand/harness/handed/reference/08/$(uname -m)" \
    "$hand/harness/handed/reference/08/alpha"
expect_status "on another machine" 0 "$wirelab" check 08 \
    --impl "$scratch/mine" --test 08.2.corruption --json "$scratch/r"
expect_output "that it is not there is told" \
    "no reference of lab 08 for this machine: what tests do against it is skip"
expect "and these parts are skipped" paired pass skip skip
expect_status "all labs are handed out with --no-reference" 0 env \
    SOURCE_DATE_EPOCH=1700000000 WIRELAB_ROOT="$copy" "$build/wirelab" \
    handout --no-reference --out "$scratch/bare"
expect "each of them" test \
    "$(ls "$scratch/bare/labs")" = "$(cd "$root/solutions" && ls)"
expect "which leaves an empty folder" rmdir \
    "$scratch/bare/harness/handed/reference/08"
expect "SOURCE_DATE_EPOCH is the date of all" sh -c "TZ=UTC0 \
    find '$scratch/bare' -type f ! -newermt '2023-11-14 22:13:20' \
        -newermt '2023-11-14 22:13:19' | grep -q Makefile"
finish
