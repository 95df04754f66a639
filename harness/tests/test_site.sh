#!/bin/sh
# The course's site: what is built holds together, wrong sources are named, and
# Chromium reads it as a learner would.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$root"

without() { # without TOOL: a PATH with all tools but one
    mkdir "$scratch/bin"
    ln -sf /bin/* /usr/bin/* "$scratch/bin/" 2>/dev/null || true
    rm -f "$scratch/bin/$1"
}
without cmark-gfm
expect_status "without cmark-gfm nothing is built" 3 \
    env PATH="$scratch/bin" harness/site/build "$scratch/none"
expect_output "and one command is named" \
    "cmark-gfm is not installed: apt-get install cmark-gfm"
if ! command -v cmark-gfm >/dev/null || ! command -v jq >/dev/null; then
    skip "the site" "cmark-gfm or jq is not installed: make setup"
    finish
    exit 0
fi

# A project of its own, to be broken below: what a page can come from.
copy=$scratch/copy
mkdir "$copy"
tar -c --exclude='*.o' --exclude=node_modules ./*.md LICENSE labs solutions \
    harness netem-scripts docker | tar -x -C "$copy"
site=$scratch/site
build() { # build [OUT]: the copy's site
    "$copy/harness/site/build" "${1:-$site}"
}
check() {
    "$copy/harness/site/check" "$1"
}

expect "it builds" build
mv "$copy" "$scratch/moved"
copy=$scratch/moved
expect "again, from elsewhere" build "$scratch/again"
expect "the bytes are the same" diff -r "$site" "$scratch/again"
expect "every link and anchor leads somewhere" check "$site"
expect "it says which labs are here" grep -q \
    "The labs to $(find labs -name lab.json | wc -l) of them are here" \
    "$site/index.html"
expect "a list of RFCs tells who cites them" \
    grep -q '<td><a href="labs/08-reliable-udp/README.html#late-or-lost"' \
    "$site/rfcs.html"
expect "a list of topics tells who works on them" \
    grep -q 'id="happy-eyeballs".*01-first-contact/README.html' \
    "$site/topics.html"

# ---- Sources that are wrong --------------------------------------------------

handout=$copy/labs/04-sockets/README.md
cp "$handout" "$scratch/handout.md"
wrong() { # wrong NAME MARKDOWN PATTERN: a line more is refused, and told so
    cp "$scratch/handout.md" "$handout"
    printf '\n%s\n' "$2" >>"$handout"
    expect_status "$1 is refused" 1 build "$scratch/wrong"
    expect_output "$1 is named" "$3"
    cp "$scratch/handout.md" "$handout"
}
line=$(($(wc -l <"$handout") + 2))
wrong "a link to nowhere" 'See [it](nowhere.md).' \
    "^labs/04-sockets/README.md:$line: .nowhere.md.: there is no"
wrong "an anchor that is none" 'See [it](../08-reliable-udp/README.md#nix).' \
    "^labs/04-sockets/README.md:$line: .*has no heading #nix"
wrong "an RFC without a title" 'As RFC 99999 says.' \
    "^labs/04-sockets/README.md: RFC 99999 has no title .*: add a line"
wrong "a picture that is no drawing" '![it](proto.h)' "is no SVG"
wrong "a link to a folder" 'See [it](tests).' "labs/04-sockets/tests.*no file"
printf 'No heading.\n' >"$handout"
expect_status "a page without a title is refused" 1 build "$scratch/wrong"
expect_output "and named" "^site: labs/04-sockets/README.md:1: no heading"
rm "$handout"
expect_status "a lab without a handout is refused" 1 build "$scratch/wrong"
expect_output "and named" "^site: labs/04-sockets has no README.md"
cp "$scratch/handout.md" "$handout"
lab=$copy/labs/04-sockets/lab.json
cp "$lab" "$scratch/lab.json"
echo '{"id": "04",' >"$lab"
expect_status "a lab.json that does not parse is refused" 1 \
    build "$scratch/wrong"
expect_output "and named" "^site: labs/04-sockets/lab.json: not as"
cp "$scratch/lab.json" "$lab"

mkdir "$scratch/mine"
: >"$scratch/mine/letter"
expect_status "a folder that is no site is not replaced" 1 \
    build "$scratch/mine"
expect "and keeps what it has" test -f "$scratch/mine/letter"

mv "$copy/solutions" "$scratch/solutions"
expect "without solutions it builds" build "$scratch/handed"
expect "and holds together" check "$scratch/handed"
expect "and knows no walkthrough" sh -c \
    "! grep -rqi 'href=[^>]*walkthrough' '$scratch/handed' --include=*.html"
mv "$scratch/solutions" "$copy/solutions"

# ---- A site that is wrong ----------------------------------------------------

# One site with all the faults: each must be told beside the others.
broken=$scratch/broken
cp -r "$site" "$broken"
sed -i -e 's/href="topics.html"/href="topic.html"/' -e 's/id="arq"/id="qra"/' \
    -e 's|src="site.js"|src="https://example.com/site.js"|' \
    -e 's|href="style.css"|href="/style.css"|' \
    -e 's/id="back-off"/id="ack"/' "$broken/glossary.html"
sed -i 's|^:root|@import "//example.com/x";&|' "$broken/style.css"
cp "$site/topics.html" "$broken/orphan.html"
expect_status "the checker finds faults" 1 check "$broken"
expect_output "a missing page" '^glossary.html:[0-9]+: there is no topic.html'
expect_output "a missing anchor" '^topics.html:[0-9]+: glossary.html has no #arq'
expect_output "an anchor that the Markdown has" \
    '^glossary.html: lacks #arq of harness/site/pages/glossary.md'
expect_output "a script from elsewhere" \
    '^glossary.html:[0-9]+: <script> .* asks the network'
expect_output "a path from the top of a server" \
    '^glossary.html:[0-9]+: <link> /style.css is absolute'
expect_output "an id that is there twice" 'id ack is there twice'
expect_output "a style from elsewhere" '^style.css:[0-9]+: asks the network'
expect_output "a page to which nothing leads" \
    '^orphan.html: no way leads there'

# ---- In the browser ----------------------------------------------------------

browse() { # browse SITE [few]: leaves "ok NAME" and "not ok NAME" lines
    timeout "$([ "$WIRELAB_LONG" ] && echo 3000 || echo 480)" \
        node harness/tests/browser/site.js "$@" >"$scratch/seen" \
        2>"$scratch/errors" || true
}
if NODE_PATH=$(harness/tests/browser/modules 2>"$scratch/why"); then
    export NODE_PATH
    browse "$site"
    while read -r line; do
        case $line in
        "ok "*) pass "browser: ${line#ok }" ;;
        "not ok "*) fail "browser: ${line#not ok }" ;;
        esac
    done <"$scratch/seen"
    expect "the browser came to the end" grep -qx 'done' "$scratch/seen"

    # What the browser has to complain of; long form, for it takes a while.
    if [ -n "$WIRELAB_LONG" ]; then
        echo 'p { color: #999 !important; min-width: 40rem; }' >>"$site/style.css"
        echo 'nonsense(' >>"$site/site.js"
        browse "$site" few
        for said in 'without a complaint' 'wider than a phone' 'contrast is AA'; do
            expect "a broken site: not $said" grep -q "^not ok .*$said" \
                "$scratch/seen"
        done
    fi
else
    skip "the site in the browser" "$(cat "$scratch/why")"
fi
finish
