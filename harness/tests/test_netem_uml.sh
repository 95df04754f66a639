#!/bin/sh
# The netem engine and its parity with ours, on a kernel that has netem:
# user-mode-linux.  Parity is judged in virtual time where that kernel was built
# (make virtual-kernel), since a busy machine disturbs clocks of the other kind.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/uml.sh
. "$(dirname "$0")/uml.sh"

run_test() { # run_test NAME LIMIT PROGRAM
    mkdir -p "$scratch/guest"
    cat >"$scratch/script" <<END
cd '$root'
export CK_VERBOSITY=normal CK_DEFAULT_TIMEOUT=200
'$build/tests/$3'
END
    status=0
    uml_run "$2" "$scratch/script" >"$scratch/output" 2>&1 || status=$?
    sed 's/^/# /' "$scratch/output" >&2
    reason=$(sed -n 's/^SKIP parity of engines: //p' "$scratch/output" |
        head -n 1)
    if [ "$status" -eq 0 ] && [ -n "$reason" ]; then
        skip "$1" "$reason"
    elif [ "$status" -eq 0 ] && grep -q '^100%' "$scratch/output"; then
        pass "$1"
    else
        fail "$1"
        grep -v '^SKIP' "$scratch/output" | tail -n 30 | sed 's/^/# /'
    fi
}

reason=$(uml_reason)
if [ -n "$reason" ]; then
    skip "the netem engine does what a profile says" "$reason"
    skip "wire and netem agree on every profile" "$reason"
else
    run_test "the netem engine does what a profile says" 120 test_netem
    uml_virtual || :
    run_test "wire and netem agree on every profile" \
        "$([ "$WIRELAB_LONG" ] && echo 7200 || echo 400)" test_parity
fi
finish
