# Sourced after toyroot.sh by tests that root runs: the toy project as an
# ordinary user has it, in a mount namespace of its own.
#
#   as_nobody SHM-OPTIONS TUN COMMAND
#
#   /dev/net      a tmpfs: with a device for all (TUN is "tun"), or empty
#   /dev/shm      a tmpfs, mounted so
#   /mnt          a tmpfs: toy (the project), build (a copy), tmp, cache, and
#                 given (a copy of $scratch/given, if there is one)
#
# The user is nobody, without any capability, whose home is not there and who
# cannot write the project; the command begins in /mnt/toy.
# shellcheck shell=sh disable=SC2154 # root, build, scratch, toy: tap.sh, toyroot.sh
# shellcheck disable=SC2016 # the inner shell expands
as_nobody() {
    unshare --mount --propagation private sh -eu -c '
        root=$1 toy=$2 build=$3 given=$4
        mount -t tmpfs -o mode=755 tmpfs /dev/net
        [ "$6" = none ] || mknod -m 666 /dev/net/tun c 10 200
        mount -t tmpfs -o "$5" tmpfs /dev/shm
        mount -t tmpfs -o mode=755 tmpfs /mnt
        mkdir /mnt/toy /mnt/build /mnt/cache && mkdir -m 1777 /mnt/tmp
        cp -a "$toy/." /mnt/toy/
        rm /mnt/toy/harness /mnt/toy/Makefile
        cp -a "$root/harness" "$root/Makefile" /mnt/toy/
        for part in wirelab libwirelab.a sandbox-init guest-agent obj suites \
            labs; do
            cp -a "$build/$part" /mnt/build/
        done
        [ ! -d "$given" ] || cp -a "$given" /mnt/given
        kernel=$("$root/harness/world/virtual-kernel" --find || :)
        [ -z "$kernel" ] || {
            mkdir /mnt/cache/wirelab
            cp -a "${kernel%/*}" /mnt/cache/wirelab/
        }
        chown -R 65534:65534 /mnt/build /mnt/cache
        [ ! -d "$given" ] || chown -R 65534:65534 /mnt/given
        cd /mnt/toy
        exec setpriv --reuid=65534 --regid=65534 --clear-groups \
            --bounding-set=-all --inh-caps=-all --no-new-privs \
            env -i PATH="$PATH" HOME=/nonexistent XDG_CACHE_HOME=/mnt/cache \
            TMPDIR=/mnt/tmp BUILD=/mnt/build sh -c "$7"
    ' sh "$root" "$toy" "$build" "$scratch/given" "$1" "$2" "$3"
}
