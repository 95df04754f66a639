#!/bin/sh
# What wirelab does for an ordinary user, and on machines that lack something,
# User Mode Linux among it (test_world_uml.sh is about those that have it).
#
#   private mount namespace
#   ├─ /dev/net        a tmpfs: with a tun node for all, or without any
#   └─ /mnt            a tmpfs: project (this one, bound), build (a copy)
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

uid=60577
if [ "$(id -u)" -ne 0 ]; then
    skip "an ordinary user" "setting it up takes root"
    finish
    exit 0
fi

# shellcheck disable=SC2016 # the inner shell expands
# in_user_world TUN COMMAND: as the user, in /mnt/project.
in_user_world() {
    unshare --mount --propagation private sh -eu -c '
        uid=$1 root=$2 build=$3 tun=$4
        mount -t tmpfs -o mode=755 tmpfs /mnt
        mkdir /mnt/project /mnt/build /mnt/tmp
        mount --bind "$root" /mnt/project
        for part in wirelab libwirelab.a sandbox-init guest-agent obj suites \
            labs; do
            cp -a "$build/$part" /mnt/build/
        done
        chown -R "$uid:$uid" /mnt/build /mnt/tmp
        mount -t tmpfs -o mode=755 tmpfs /dev/net
        [ "$tun" = none ] || mknod -m 666 /dev/net/tun c 10 200
        ! [ -e /usr/bin/linux.uml ] || mount --bind /dev/null /usr/bin/linux.uml
        cd /mnt/project
        exec setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i \
            PATH="$PATH" HOME=/mnt/tmp TMPDIR=/mnt/tmp BUILD=/mnt/build \
            sh -c "$5"
    ' sh "$uid" "$root" "$build" "$1" "$2"
}

expect_status "doctor finds what an ordinary user needs" 0 \
    in_user_world tun "./wirelab doctor"
expect_output "and works in user namespaces" "ok +namespaces +as an ordinary"
expect_status "a reference passes for an ordinary user" 0 \
    in_user_world tun "./wirelab check 04 --impl solution"
if [ -n "$WIRELAB_LONG" ]; then
    expect_status "and lab 08's" 0 \
        in_user_world tun "./wirelab check 08 --impl solution"
else
    expect_status "and some of lab 08's" 0 in_user_world tun \
        "./wirelab check 08 --impl solution --test 08.2.corruption \
        --test 08.8.fin_lost --test 08.6.only_the_lost"
fi
expect_status "the skeleton fails as it should" 1 \
    in_user_world tun "./wirelab check 08"

# A few of each kind; with WIRELAB_LONG all.
some="fork-bomb memory-bomb kills-all reads-files inherited-fds spoofs \
include-shadow recorded-answer"
[ -z "$WIRELAB_LONG" ] || some=
expect_status "hostile submissions end as they should" 0 \
    in_user_world tun "harness/attacks/run $some"
expect_status "and so does the launcher" 0 in_user_world tun "
    harness/tests/test_launcher.sh >/mnt/tmp/tap; cat /mnt/tmp/tap
    grep -q '^1[.][.]' /mnt/tmp/tap && ! grep '^not ok' /mnt/tmp/tap"

expect_status "without /dev/net/tun a check is infra" 3 \
    in_user_world none "./wirelab check 08 --impl solution"
expect_output "and names it, with a remedy" "infra: .*/dev/net/tun.*: "
expect_status "and doctor agrees" 3 in_user_world none "./wirelab doctor"
expect_output "it is what is missing" "MISSING +/dev/net/tun"

# A user namespace in which no further one may be made, and no capability.
# shellcheck disable=SC2016
without_namespaces() {
    unshare --user --map-root-user --mount sh -eu -c '
        ! [ -e /usr/bin/linux.uml ] || mount --bind /dev/null /usr/bin/linux.uml
        echo 0 >/proc/sys/user/max_user_namespaces
        exec setpriv --bounding-set -all --inh-caps -all \
            --no-new-privs "$@"' sh "$@"
}
expect_status "without namespaces a check is infra" 3 \
    without_namespaces "$wirelab" check 08 --impl solution
expect_output "and says so, with a remedy" "infra: no user or network namesp"
expect_status "and doctor agrees again" 3 without_namespaces "$wirelab" doctor
expect_output "namespaces are missing" "MISSING +namespaces"
finish
