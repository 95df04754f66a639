#!/bin/sh
# The tests of module run once more, as an ordinary user: user namespaces, no
# control groups, no uid to drop to.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Of nobody in systemd's table of users; the build directory may be closed.
uid=60577
mkdir "$scratch/user" "$scratch/user/tmp"
cp -r "$build/attacks" "$scratch/user/attacks"
mkdir "$scratch/user/tests"
cp "$build/tests/test_run" "$build/tests/test_sandbox" "$scratch/user/tests/"
chmod 755 "$scratch" "$scratch/user"
chmod 1777 "$scratch/user/tmp"

as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
    else
        "$@"
    fi
}

for test in test_run test_sandbox; do
    status=0
    as_user env -i PATH="$PATH" TMPDIR="$scratch/user/tmp" \
        "$scratch/user/tests/$test" >"$scratch/log" 2>&1 || status=$?
    if grep -q "^SKIP $test" "$scratch/log"; then
        skip "$test passes as an ordinary user" \
            "$(sed -n "s/^SKIP $test: //p" "$scratch/log")"
    elif [ "$status" -eq 0 ] && grep -q '^100%' "$scratch/log"; then
        pass "$test passes as an ordinary user"
    else
        fail "$test passes as an ordinary user"
        sed 's/^/# /' "$scratch/log"
    fi
done
finish
