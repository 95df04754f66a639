#!/bin/sh
# The images of docker/ are built and run, by podman.  The base image is made by
# mmdebstrap from this machine's own package sources, so no registry is asked.
# Minutes and gigabytes: `make verify` runs it.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

absent() { # absent REASON: nothing of this can be tested here
    skip "the images are built and run" "$1"
    finish
    exit 0
}
[ "$WIRELAB_LONG" ] || absent "long: make verify ONLY=test_docker"
[ "$(id -u)" -eq 0 ] || absent "mmdebstrap and a storage of our own want root"
for tool in podman buildah mmdebstrap; do
    command -v $tool >/dev/null || absent "no $tool: apt-get install $tool"
done
free_kib=$(df -Pk "$scratch" | awk 'NR == 2 { print $4 }')
[ "$free_kib" -gt 20000000 ] || absent "less than 20 GB are free in $scratch"

export STORAGE_DRIVER=vfs
storage="--root $scratch/root --runroot $scratch/run"
trap 'podman $storage rm -fa >/dev/null 2>&1 || :; rm -rf "$scratch"' EXIT

mkdir -m 1777 "$scratch/tmp"
expect "a base image of Debian 12 is made" sh -eu -c "
    TMPDIR=$scratch/tmp mmdebstrap --variant=minbase bookworm $scratch/base.tar
    container=\$(buildah $storage from scratch)
    buildah $storage add \$container $scratch/base.tar /
    buildah $storage commit --rm \$container localhost/debian:12
    rm $scratch/base.tar"
git -C "$root" clone -q --depth 1 "file://$root" "$scratch/clone"

image() { # image TARGET [OPTION...]: builds localhost/TARGET
    target=$1
    shift
    # shellcheck disable=SC2086 # storage is words
    expect "the $target image is built" buildah $storage build \
        --isolation chroot --pull=never --build-arg BASE=localhost/debian:12 \
        --target "$target" -t "$target" "$@" \
        -f "$scratch/clone/docker/Dockerfile" "$scratch/clone"
}

# A host whose cgroups are of both versions, as this may be, is more than crun
# takes; it is shown the second version alone.
cat >"$scratch/in" <<'SCRIPT'
set -eu
mount --make-rprivate /
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
    umount -l /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
fi
exec podman --cgroup-manager cgroupfs "$@"
SCRIPT
in_container() { # in_container OPTION... IMAGE COMMAND...
    # shellcheck disable=SC2086
    unshare -m sh "$scratch/in" $storage run --rm --network=none \
        --cgroups=disabled --ulimit nofile=1024:1024 \
        --ulimit nproc=4096:4096 "$@"
}
mknod -m 666 "$scratch/tun" c 10 200 # by --device it keeps its mode

image learner
expect_status "doctor runs in a container without a flag" 0 \
    in_container learner ./wirelab doctor
expect "and a lab's reference passes there" in_container learner \
    ./wirelab check 08 --impl solution --test 08.1.one_segment
expect "with the flags of docker/README.md it runs natively" in_container \
    --device "$scratch/tun:/dev/net/tun" --security-opt seccomp=unconfined \
    --security-opt unmask=ALL \
    learner ./wirelab check 08 --impl solution --world host

image grader --build-arg LAB=04
mkdir "$scratch/submission" "$scratch/results"
cp "$root"/solutions/04-sockets/*.c "$root"/labs/04-sockets/*.h \
    "$scratch/submission/"
expect "the grader judges a submission" in_container \
    -v "$scratch/submission:/autograder/submission:ro" \
    -v "$scratch/results:/autograder/results" grader
expect "and leaves Gradescope's results.json" jq -e \
    '.score > 0 and (.tests | length) > 12' "$scratch/results/results.json"
rm -f "$scratch/submission"/*.c
cp "$root"/labs/04-sockets/*.c "$scratch/submission/"
expect "a skeleton is judged too" in_container \
    -v "$scratch/submission:/autograder/submission:ro" \
    -v "$scratch/results:/autograder/results" grader
expect "and gets no point" jq -e '.score == 0' "$scratch/results/results.json"
expect "its virtual kernel is there" in_container grader \
    sh -c '/autograder/source/wirelab/wirelab doctor | grep -q "^ok *virtual"'
finish
