#!/bin/sh
# Tests of what strangers do once more, as an ordinary user: user namespaces, no
# control groups, no uid to drop to; but a TUN device for everybody.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Of nobody in systemd's table of users; the build directory may be closed.
uid=60577
mkdir "$scratch/user" "$scratch/user/tmp"
cp -r "$build/attacks" "$scratch/user/attacks"
mkdir "$scratch/user/tests"
tests="test_run test_sandbox test_guard test_grade_handin"
for test in $tests; do
    cp "$build/tests/$test" "$scratch/user/tests/"
done
chmod 755 "$scratch" "$scratch/user"
chmod 1777 "$scratch/user/tmp"

# shellcheck disable=SC2016 # the inner shell expands
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        unshare --mount --propagation private sh -eu -c '
            uid=$1 && shift
            mount -t tmpfs -o mode=755 tmpfs /dev/net
            mknod -m 666 /dev/net/tun c 10 200
            exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
        ' sh "$uid" "$@"
    else
        "$@"
    fi
}

for test in $tests; do
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
