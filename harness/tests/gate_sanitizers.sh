#!/bin/sh
# The harness's own tests, built with AddressSanitizer and UBSan.  In full only.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

if [ -z "$WIRELAB_LONG" ]; then
    skip "tests under sanitizers" "a part of make verify"
    finish
    exit 0
fi
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
expect "they build" make -s -C "$root" -j"$(nproc)" BUILD="$build/sanitized" \
    CFLAGS="-std=c17 -O1 -g -fPIE -pthread -U_FORTIFY_SOURCE $sanitize" \
    LDFLAGS="-pie -pthread $sanitize" tests
# Tests crash on purpose, and leave the process without going through main.
export ASAN_OPTIONS=detect_leaks=0:handle_segv=0:handle_abort=0
export CK_VERBOSITY=normal CK_DEFAULT_TIMEOUT=60 CK_TIMEOUT_MULTIPLIER=3
for test in "$build"/sanitized/tests/test_*; do
    [ -x "$test" ] || continue
    expect "${test##*/}" "$test"
done
finish
