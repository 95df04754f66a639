#!/bin/sh
# mkskel: what it leaves out, what it lays bare, what it refuses.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
mkskel=$root/harness/mkskel

given() { # given LINE...: writes the reference
    printf '%s\n' "$@" >"$scratch/a.c"
}
makes() { # makes NAME LINE...
    name=$1
    shift
    printf '%s\n' "$@" >"$scratch/wanted"
    expect "$name" sh -c "'$mkskel' '$scratch/a.c' >'$scratch/made' &&
        diff '$scratch/wanted' '$scratch/made'"
}
refuses() { # refuses NAME PATTERN
    expect_status "$1" 1 "$mkskel" "$scratch/a.c"
    expect_output "$1, and says where" "$2"
}

given 'int f(void)' '{' '    /* BEGIN SOLUTION 1 */' '    return 1;' \
    '    /* END SOLUTION */' '    //> return 0;' '}'
makes "the answer goes, the stub stays" 'int f(void)' '{' '    return 0;' '}'
given 'a' '//> b' '  //>' '//>c' '// > d'
makes "a stub line may be bare or empty" 'a' 'b' '' 'c' '// > d'
given '// BEGIN SOLUTION' 'x' '// END SOLUTION' '// BEGIN SOLUTION' \
    '// END SOLUTION' 'y'
makes "several answers, an empty one" 'y'
given 'y' '/* BEGIN SOLUTION */' '//> z' '/* END SOLUTION */'
makes "a stub within an answer stays" 'y' 'z'

given 'x' '/* BEGIN SOLUTION */' 'y'
refuses "an answer without an end" 'a.c:2: BEGIN SOLUTION has no END'
given 'x' '/* END SOLUTION */'
refuses "an end without a beginning" 'a.c:2: END SOLUTION without a BEGIN'
given '/* BEGIN SOLUTION */' '/* BEGIN SOLUTION */' '/* END SOLUTION */'
refuses "an answer within an answer" \
    'a.c:2: BEGIN SOLUTION inside the one of line 1'
given '/* END SOLUTION */ /* BEGIN SOLUTION */'
refuses "both on a line" 'a.c:1: END SOLUTION without a BEGIN'

for lab in "$root"/solutions/[0-9]*; do
    for source in "$lab"/*.c; do
        expect "skeleton of ${source#"$root"/}" sh -c \
            "'$mkskel' '$source' | cmp - '$root/labs/${source#"$root"/solutions/}'"
    done
done
finish
