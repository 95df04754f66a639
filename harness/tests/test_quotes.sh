#!/bin/sh
# The code in each walkthrough is the code that is compiled.
set -eu
cd "$(dirname "$0")/../.."

set -- solutions/[0-9][0-9]-*/WALKTHROUGH.md
[ -e "$1" ] || set --
echo "1..$(($# + 2))"
n=0
verdict() { # STATUS NAME
    n=$((n + 1))
    [ "$1" -eq 0 ] || printf 'not '
    echo "ok $n - $2"
}

for prose; do
    status=0
    harness/quote "$prose" | diff -u "$prose" - >&2 || status=1
    verdict $status "$prose quotes what is compiled \
(else: harness/quote $prose, and look)"
done

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf '/* DOC: one */\nint one(void)\n{\n    /* BEGIN SOLUTION */\n' >"$dir/a.c"
printf '    return 1;\n    /* END SOLUTION */\n    //> return 0;\n}\n' >>"$dir/a.c"
# shellcheck disable=SC2016 # the backticks are a fence
printf 'See:\n<!-- quote a.c one -->\n```c\nstale\n```\nEnd.\n' >"$dir/a.md"
# shellcheck disable=SC2016
printf 'See:\n<!-- quote a.c one -->\n```c\nint one(void)\n{\n    return 1;\n}\n```\nEnd.\n' \
    >"$dir/wanted.md"
status=0
harness/quote "$dir/a.md" | diff -u "$dir/wanted.md" - >&2 || status=1
verdict $status "a stale quotation is replaced"

printf '<!-- quote a.c two -->\n' >"$dir/b.md"
status=0
harness/quote "$dir/b.md" >/dev/null 2>&1 && status=1
verdict $status "an anchor that is not there is an error"
