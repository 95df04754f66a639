#!/bin/sh
# wirelab handout: what goes along, what does not, and that it works there.
# In the long form all is built there, by an ordinary user.
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
    echo "private" >"$copy/$junk"
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
expect "nothing private is in it" sh -c "! grep -r -e private -e loss.:7 '$hand'"
expect "the skeleton is the reference's, not what the lab's folder holds" \
    cmp "$hand/labs/04-sockets/io.c" "$root/labs/04-sockets/io.c"
expect "no solutions, mutants, fuzz targets, tests of ours" sh -c \
    "! find '$hand' -name 'solutions' -o -name '*.golden' -o -name 'fuzz*' \
        -o -name WALKTHROUGH.md -o -path '*/harness/tests*' | grep ."
expect "only the labs that were named" test \
    "$(find "$hand/labs" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2
expect "every link leads somewhere" sh -c \
    "cd '$hand' && find . -name '*.md' | xargs harness/links"
expect "no page speaks of what is not there" sh -c \
    "! grep -rn 'handout: \|wirelab grade\|solutions/' '$hand' --include='*.md'"
# Not by the means of harness/handout/check: all lines of all answers of some
# length, but those that skeletons and the harness have by themselves.
awk '/BEGIN SOLUTION/ { on = 1; next } /END SOLUTION/ { on = 0 }
    on && !/\/\/>/ { gsub(/^[ \t]+|[ \t]+$/, ""); if (length >= 30) print }' \
    "$root"/solutions/*/*.c | sort -u >"$scratch/lines"
cat "$root"/harness/*/*.c "$root"/labs/*/tests/*.[ch] |
    sed 's/^[ \t]*//; s/[ \t]*$//' | sort -u >"$scratch/idioms"
comm -23 "$scratch/lines" "$scratch/idioms" >"$scratch/answers"
expect "there are answers to look for" test \
    "$(wc -l <"$scratch/answers")" -gt 1000
expect "no line of an answer is in it" sh -c \
    "! grep -raFn -f '$scratch/answers' '$hand'"
expect "such a line would have been found" grep -qF -f "$scratch/answers" \
    "$root/solutions/04-sockets/io.c"

# ---- The same bytes ------------------------------------------------------------

expect "an archive" handout "$scratch/one.tar.gz"
rm "$copy"/labs/04-sockets/more.c
(umask 077 && TZ=Asia/Tokyo handout "$scratch/two.tar.gz") >/dev/null 2>&1
expect "is the same, byte by byte, when made again" \
    cmp "$scratch/one.tar.gz" "$scratch/two.tar.gz"
expect "its files are nobody's, of a fixed date, in order" sh -c "
    export TZ=UTC0 LC_ALL=C
    tar -tvf '$scratch/one.tar.gz' | grep -v ' 0/0 .* 2020-01-01 00:00 ' && exit 1
    tar -tf '$scratch/one.tar.gz' | tr / '\001' | sort -c"
SOURCE_DATE_EPOCH=1700000000 handout "$scratch/three.tar" >/dev/null 2>&1
expect "or of SOURCE_DATE_EPOCH" sh -c \
    "TZ=UTC0 tar -tvf '$scratch/three.tar' | grep -q '2023-11-14 22:13 wirelab/'"

# ---- Its own check -------------------------------------------------------------

gives_away() { # gives_away NAME FILE PATTERN: after FILE was made wrong
    refused "$1" 3 "$3" "$scratch/none"
    cp "$root/$2" "$copy/$2"
}
rm -f "$copy"/labs/04-sockets/*.json "$copy/labs/04-sockets/a.out" \
    "$copy"/labs/04-sockets/tests/*.json
cp "$root/labs/04-sockets/lab.json" "$copy/labs/04-sockets/"
answer=$(grep -F -m 1 -f "$scratch/answers" "$root/solutions/04-sockets/io.c")
# shellcheck disable=SC2016 # a span of Markdown
printf '\n- `%s`\n' "${answer#"${answer%%[! ]*}"}" \
    >>"$copy/labs/04-sockets/hints.md"
gives_away "an answer in a hint" labs/04-sockets/hints.md \
    "hints.md:[0-9]* gives solutions/04-sockets/io.c:[0-9]* away"
echo '/* BEGIN SOLUTION */' >>"$copy/labs/04-sockets/io.h"
gives_away "a mark in a header" labs/04-sockets/io.h \
    "labs/04-sockets/io.h has a mark of an answer"
cat "$root/solutions/04-sockets/serve.c" >>"$copy/labs/04-sockets/tests/echo.c"
sed -i '/SOLUTION/d; /\/\/>/d' "$copy/labs/04-sockets/tests/echo.c"
gives_away "a whole answer in a test" labs/04-sockets/tests/echo.c \
    "tests/echo.c:[0-9]* gives solutions/04-sockets/serve.c:[0-9]* away"

# ---- Killed, interrupted, out of space -----------------------------------------

work=$scratch/.killed.handout
killed() { # killed SIGNAL: in the middle, which is when its folder fills
    rm -rf "$scratch/killed"
    WIRELAB_ROOT=$copy setsid "$build/wirelab" handout --labs 04 \
        --out "$scratch/killed" >"$scratch/output" 2>&1 &
    pid=$!
    until [ -d "$work/wirelab/harness" ]; do
        kill -0 "$pid" || return 1
    done
    case $1 in
    KILL) kill -KILL "$pid" ;;
    *) kill -"$1" -- "-$pid" ;; # as Ctrl-C does, to all of the terminal
    esac
    status=0
    wait "$pid" || status=$?
}
expect "it is interrupted in the middle" killed TERM
expect "its status says so" test "$status" -eq 130
expect "nothing is left" gone "$scratch/killed"
expect "it is killed in the middle" killed KILL
expect "nothing is there by that name" test ! -e "$scratch/killed"
# Its scripts may still be at work; as long as they are, nobody else is.
again() {
    for _ in $(seq 200); do
        handout "$scratch/killed" >"$scratch/again" 2>&1 && return
        grep -q "is being made by another" "$scratch/again" || return 1
        sleep 0.05
    done
    return 1
}
expect "the next clears up, and makes it" again
expect "and leaves nothing else" test ! -e "$work"
tar -C "$scratch" -xf "$scratch/two.tar.gz"
expect "it is whole" diff -r "$scratch/wirelab" "$scratch/killed"

full() { # full BYTES: where there is no room
    # shellcheck disable=SC2016 # the inner shell expands
    unshare --mount --propagation private sh -c '
        mount -t tmpfs -o size="$1" tmpfs "$2" || exit 77
        WIRELAB_ROOT=$3 "$4" handout --labs 04 --out "$2/course.tar"
        status=$?
        ls -A "$2"
        exit $status' sh "$1" "$scratch/disk" "$copy" "$build/wirelab"
}
mkdir "$scratch/disk"
if [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null; then
    for size in 1m 8m; do # too little for the tree; for its archive beside it
        expect_status "a disk of $size" 3 full "$size"
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
if ! "$wirelab" doctor 2>/dev/null | grep -q '^ok *namespaces'; then
    skip "checks in a handout" "no namespaces can be made here"
    finish
    exit 0
fi
expect_status "the skeleton fails" 1 "$wirelab" check 08
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
expect_status "so it is with --no-reference" 0 env BUILD="$build" \
    WIRELAB_ROOT="$copy" "$build/wirelab" handout --labs 08 --no-reference \
    --out "$scratch/bare"
expect "which leaves an empty folder" rmdir \
    "$scratch/bare/harness/handed/reference/08"
finish
