#!/bin/sh
# The course's site: what is built holds together, wrong sources are named, and
# Chromium reads it as a learner would.
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

expect "it builds" build
expect "again: the same bytes" build "$scratch/again"
expect "from elsewhere, too" harness/site/build "$scratch/here"
expect "the two are one" diff -r "$site" "$scratch/again"
expect "the three are one" diff -r "$site" "$scratch/here"
expect "every link and anchor leads somewhere" harness/site/check "$site"
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
mkdir "$scratch/mine"
: >"$scratch/mine/letter"
expect_status "a folder that is no site is not replaced" 1 \
    build "$scratch/mine"
expect "and keeps what it has" test -f "$scratch/mine/letter"

mv "$copy/solutions" "$scratch/solutions"
expect "without solutions it builds" build "$scratch/handed"
expect "and holds together" "$copy/harness/site/check" "$scratch/handed"
expect "and knows no walkthrough" sh -c \
    "! grep -rqi 'href=[^>]*walkthrough' '$scratch/handed' --include=*.html"
mv "$scratch/solutions" "$copy/solutions"

# ---- A site that is wrong ----------------------------------------------------

# breaks NAME SED-SCRIPT PATTERN [FILE]: the checker finds it.
breaks() {
    rm -rf "$scratch/broken"
    cp -r "$site" "$scratch/broken"
    sed -i "$2" "$scratch/broken/${4:-glossary.html}"
    expect_status "the checker finds $1" 1 harness/site/check "$scratch/broken"
    expect_output "and says where" "$3"
}
breaks "a missing page" 's/href="topics.html"/href="topic.html"/' \
    '^glossary.html:[0-9]+: there is no topic.html'
breaks "a missing anchor" 's/id="arq"/id="qra"/' '#arq'
breaks "a script from elsewhere" \
    's|src="site.js"|src="https://example.com/site.js"|' \
    '^glossary.html:[0-9]+: <script> .* asks the network'
breaks "a path from the top" 's|href="style.css"|href="/style.css"|' 'is absolute'
breaks "an id that is there twice" 's/id="arq"/id="ack"/' 'id ack is there twice'
breaks "a style from elsewhere" 's|^:root|@import "//example.com/x";&|' \
    '^style.css:[0-9]+: asks the network' style.css
cp "$site/topics.html" "$site/orphan.html"
expect_status "the checker finds an orphan" 1 harness/site/check "$site"
expect_output "and names it" 'orphan.html: no way leads there'
rm "$site/orphan.html"

# ---- In the browser ----------------------------------------------------------

browse() { # browse SITE [ONLY]: leaves "ok NAME" and "not ok NAME" lines
    timeout 300 node harness/tests/browser/site.js "$@" >"$scratch/seen" \
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

    # What the browser would have to complain of.
    echo 'p { color: #999 !important; min-width: 40rem; }' >>"$site/style.css"
    echo 'nonsense(' >>"$site/site.js"
    browse "$site" pages
    for said in 'without a complaint' 'wider than a phone' 'contrast is AA'; do
        expect "a broken site: not $said" grep -q "^not ok .*$said" \
            "$scratch/seen"
    done
else
    skip "the site in the browser" "$(cat "$scratch/why")"
fi
finish
