#!/bin/sh
# Prose: links and anchors resolve, commands exist.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$root"

for page in *.md */README.md labs/*/*.md solutions/*/*.md harness/*/*.md \
    harness/site/pages/*.md; do
    [ -f "$page" ] || continue
    expect "links of $page" harness/links "$page"
done
for source in labs/*/tests/*.c; do # .see = "README.md#closing"
    lab=${source%/tests/*}
    anchors=$(grep -ho '"[A-Za-z]*\.md#[a-z0-9-]*"' "$source" | tr -d '"' |
        sort -u)
    # shellcheck disable=SC2086 # words are anchors
    [ -z "$anchors" ] || expect "$source names anchors that exist" \
        harness/links --from "$lab" $anchors
done

# In blocks of code and in `backticks`.
grep -hoE '(^|`)(make [a-z-]+|\./wirelab [a-z]+|wirelab [a-z]+ )' README.md \
    CONTRIBUTING.md labs/*/*.md solutions/*/*.md harness/README.md \
    docker/README.md harness/site/pages/*.md 2>/dev/null |
    tr -d '`' | sed 's/ *$//' | sort -u \
    >"$scratch/commands"
while read -r tool word; do
    case $tool in
    make) expect "make $word exists" grep -qE "^$word:" Makefile \
        harness/user.mk ;;
    *) expect "wirelab $word exists" "$wirelab" help "$word" ;;
    esac
done <"$scratch/commands"
finish
