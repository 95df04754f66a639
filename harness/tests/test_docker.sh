#!/bin/sh
# The images of docker/ are built and run, by buildah and podman.  The base
# image is made by mmdebstrap from this machine's own package sources, so no
# registry is asked.  Half an hour and gigabytes: `make verify` runs it.
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
for tool in podman buildah mmdebstrap jq; do
    command -v $tool >/dev/null || absent "no $tool: apt-get install $tool"
done
free_kib=$(df -Pk "$scratch" | awk 'NR == 2 { print $4 }')
[ "$free_kib" -gt 20000000 ] || absent "less than 20 GB are free in $scratch"

# overlay where the kernel and the disk let it: vfs copies an image for each
# container.
storage="--root $scratch/root --runroot $scratch/run"
for STORAGE_DRIVER in overlay vfs; do
    export STORAGE_DRIVER
    # shellcheck disable=SC2086 # storage is words
    ! podman $storage info >/dev/null 2>&1 || break
done
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
    # shellcheck disable=SC2086
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
tun=$scratch/tun:/dev/net/tun

# ---- For learners --------------------------------------------------------------

image learner
expect_status "doctor runs in a container without a flag" 0 \
    in_container learner ./wirelab doctor
expect_status "and a lab's reference passes there" 0 \
    in_container learner ./wirelab check 04 --impl solution
expect_output "in user-mode-linux, which is said" "the world is 'uml'"
expect_status "NET_ADMIN alone makes no network" 0 in_container \
    --device "$tun" --cap-add NET_ADMIN \
    learner ./wirelab check 08 --impl solution --test 08.1.one_segment
expect_output "so that it is user-mode-linux again" "the world is 'uml'"
expect_status "with the flags of docker/README.md it runs natively" 0 \
    in_container --device "$tun" --security-opt seccomp=unconfined \
    --security-opt unmask=ALL \
    learner ./wirelab check 08 --impl solution --world host
expect_status "as root it does with the capabilities told there" 0 \
    in_container --user 0 --device "$tun" --cap-add SYS_ADMIN \
    --cap-add NET_ADMIN --cap-add SYS_PTRACE \
    --security-opt seccomp=unconfined --security-opt unmask=ALL \
    learner ./wirelab check 04 --impl solution --world host
expect_status "but not without seeing other users' programs" 3 in_container \
    --user 0 --device "$tun" --cap-add SYS_ADMIN --cap-add NET_ADMIN \
    --security-opt seccomp=unconfined --security-opt unmask=ALL \
    learner ./wirelab check 04 --impl solution --world host
expect_output "which is told with its remedy" "SYS_PTRACE"
mkdir "$scratch/labs"
cp -r "$root/labs/." "$scratch/labs/"
chown -R 1000:1000 "$scratch/labs"
expect_status "labs of the host's are checked, where they are mounted" 1 \
    in_container -v "$scratch/labs:/wirelab/labs" learner \
    ./wirelab check 04 --test 04.1.echoes_a_line

# ---- For graders ---------------------------------------------------------------

image grader --build-arg LAB=04
judge() { # judge NAME DIR [OPTION...]: DIR holds a submission
    name=$1 dir=$2
    shift 2
    rm -rf "$scratch/submission" "$scratch/results"
    mkdir "$scratch/submission" "$scratch/results"
    cp "$dir"/*.c "$root"/labs/04-sockets/*.h "$scratch/submission/"
    expect_status "$name" 0 in_container "$@" \
        -v "$scratch/submission:/autograder/submission:ro" \
        -v "$scratch/results:/autograder/results" grader
}
results=$scratch/results/results.json
judge "the grader judges a submission" "$root/solutions/04-sockets"
expect "and leaves Gradescope's results.json, with all points" jq -e \
    '.score == 100 and (.tests | length) > 12 and
    (.output | contains("world virtual")) and
    ([.tests[] | select(.score != null) | .status] | all(. == "passed"))' \
    "$results"
judge "a skeleton is judged too" "$root/labs/04-sockets"
expect "and gets no point" jq -e \
    '.score == 0 and ([.tests[].status] | any(. == "failed"))' "$results"
judge "what has no time of its own is judged in user-mode-linux" \
    "$root/solutions/04-sockets" --env WIRELAB_WORLD=uml
expect "with all points, too" jq -e \
    '.score == 100 and (.output | contains("world uml"))' "$results"
rm -rf "$scratch/results"
mkdir "$scratch/results"
expect_status "what cannot be judged ends with another status" 2 in_container \
    --env WIRELAB_LAB=77 -v "$scratch/results:/autograder/results" grader
expect "and costs nobody a point" test ! -e "$results"
finish
