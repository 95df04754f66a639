#!/bin/sh
# wirelab doctor on machines that lack something.  What is refused is refused
# in earnest, by bubblewrap and mounts; which distribution it is, and which
# setting refuses, is read from a folder of this test's own.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

lab=$toy/labs/90-toy
"$wirelab" check 90 --impl solution >/dev/null 2>&1 || true # builds all
system=$scratch/system
system_is() { # system_is ID ID_LIKE [FILE TEXT]...: what it tells of itself
    rm -rf "$system"
    mkdir -p "$system/etc"
    printf 'ID=%s\nID_LIKE="%s"\nPRETTY_NAME="The %s"\n' "$1" "$2" "$1" \
        >"$system/etc/os-release"
    shift 2
    while [ $# -gt 0 ]; do
        mkdir -p "$system/$(dirname "$1")"
        echo "$2" >"$system/$1"
        shift 2
    done
}
wants() { # wants JSON: what the toy lab wants
    sed "s/\"time_limit_s\": 20/&, \"wants\": [$1]/" \
        "$root/harness/tests/toylab/lab/lab.json" >"$lab/lab.json"
}
doctor() { # doctor NAME
    expect_status "$1" 0 \
        env WIRELAB_SYSTEM_ROOT="$system" "$build/wirelab" doctor
}
export WIRELAB_ROOT="$toy" XDG_CACHE_HOME="$scratch/cache"
# All tools but user-mode-linux: guests take seconds to boot, and what they can
# do is told by test_world_uml.sh.
mkdir "$scratch/bin"
for dir in /usr/bin /bin /usr/sbin /sbin; do
    ln -sf "$dir"/* "$scratch/bin/" 2>/dev/null || true
done
rm -f "$scratch/bin/linux.uml"
export PATH="$scratch/bin"
sudo=
[ "$(id -u)" -eq 0 ] || sudo='sudo '

# ---- This machine --------------------------------------------------------------

system_is debian ""
if ! "$build/wirelab" doctor --json >/dev/null; then
    skip "wirelab doctor" "this machine cannot run the labs itself"
    finish
    exit 0
fi
doctor "this machine runs the labs"
expect_output "it says on what" "^wirelab [0-9.]+ on The debian$"
expect_output "a lab is runnable" "^runnable +90-toy$"
expect_output "the last word says so" "^This machine can run the labs\."
expect "as JSON, too" sh -c "'$build/wirelab' doctor --json | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d[\"labs\"] == [{\"id\": \"90\", \"name\": \"90-toy\",
                        \"state\": \"runnable\", \"why\": []}], d[\"labs\"]'"

# ---- A tool that a lab wants ---------------------------------------------------

wants '"zsocat", {"tool": "tshork", "lost": "the tests with sharks"}'
doctor "tools that a lab wants and that are not there"
expect_output "degrade it" "^degraded +90-toy$"
expect_output "and it is told what is lost" \
    "zsocat is not installed: the tests with it are skipped"
expect_output "in the lab's own words" \
    "tshork is not installed: the tests with sharks are skipped"
expect_output "with one command" "remedy: ${sudo}apt-get install -y tshork zsocat$"
expect_output "which is the last word as well" "^    ${sudo}apt-get install"
expect_output "after the verdict" "can run the labs, 1 of them not in full"

while read -r id like words; do
    like=$(echo "$like" | tr _ ' ')
    system_is "$id" "$like"
    expect_status "the same on $id" 0 \
        env WIRELAB_SYSTEM_ROOT="$system" "$root/harness/remedy" tshork zsocat
    expect_output "is mended by $words" "^$sudo$words tshork zsocat$"
done <<'SYSTEMS'
debian - apt-get install -y
ubuntu debian apt-get install -y
linuxmint ubuntu_debian apt-get install -y
fedora - dnf install -y
rocky rhel_centos_fedora dnf install -y
arch - pacman -S --needed
endeavouros arch pacman -S --needed
SYSTEMS
system_is fedora -
doctor "doctor asks the same source"
expect_output "on Fedora, say" "remedy: ${sudo}dnf install -y tshork zsocat$"
system_is alpine -
doctor "on a system that is not known"
expect_output "Debian's names are told" \
    "remedy: install what Debian calls tshork zsocat$"
wants '7'
doctor "a lab.json that is wrong"
expect_output "is not runnable" "^not runnable +90-toy$"
expect_output "and it says where" "lab.json: wants\[0\] must name a tool"
wants ''

# Each name that a lab wants is known, in every distribution or in none.
expect "what labs want is in harness/packages" python3 - "$root" <<'PYTHON'
import glob, json, sys
rows = [line.split() for line in open(sys.argv[1] + "/harness/packages")
        if line.strip() and line[0] != "#"]
bad = [row for row in rows if len(row) != 5]
known = {row[1] for row in rows}
wanted = {(path, want if isinstance(want, str) else want["tool"])
          for path in glob.glob(sys.argv[1] + "/labs/*/lab.json")
          for want in json.load(open(path)).get("wants", [])}
missing = [f"{path}: {tool}" for path, tool in wanted if tool not in known]
sys.exit("\n".join(map(str, bad + missing)) or 0)
PYTHON

# ---- Namespaces that are refused -----------------------------------------------

# unshare(2) says EPERM, as in containers: load the call's number; if it is
# that, the error; else go on.
case $(uname -m) in
x86_64) unshare_nr=272 ;;
aarch64) unshare_nr=97 ;;
*) unshare_nr= ;;
esac
python3 -c "import struct, sys
sys.stdout.buffer.write(b''.join(struct.pack('HBBI', *i) for i in [
    (0x20, 0, 0, 0), (0x15, 0, 1, ${unshare_nr:-0}), (6, 0, 0, 0x50001),
    (6, 0, 0, 0x7fff0000)]))" >"$scratch/no-unshare"
refused() { # refused COMMAND...
    bwrap --dev-bind / / --unshare-user --uid 60577 --gid 60577 --cap-drop ALL \
        --seccomp 9 "$@" 9<"$scratch/no-unshare"
}
refuses() { # refuses NAME REMEDY: which is the last word, too
    expect_status "namespaces are refused $1" 3 refused \
        env WIRELAB_SYSTEM_ROOT="$system" "$build/wirelab" doctor
    expect_output "it is told: $2" "^    $2"
}
apparmor=proc/sys/kernel/apparmor_restrict_unprivileged_userns
clone=proc/sys/kernel/unprivileged_userns_clone
release=proc/sys/kernel/osrelease
if [ -z "$unshare_nr" ] || ! refused true; then
    skip "machines that refuse namespaces" "bubblewrap cannot play them here"
else
    system_is debian -
    refuses "for no reason that is known" "run as root: sudo ./wirelab$"
    expect_output "they are MISSING" "^MISSING +namespaces"
    expect_output "no lab is runnable" "^not runnable +90-toy$"
    expect_output "and the verdict is clear" "cannot run the labs until what is"
    system_is ubuntu debian $apparmor 1
    refuses "by Ubuntu's AppArmor" "sudo sysctl -w kernel.apparmor_.*_userns=0$"
    system_is debian - $clone 0
    refuses "by an old Debian" "sudo sysctl -w kernel.unprivileged_userns_clone=1$"
    system_is arch - proc/sys/user/max_user_namespaces 0
    refuses "by a limit" "sudo sysctl -w user.max_user_namespaces=10000$"
    system_is debian - .dockerenv ""
    refuses "in Docker" "on the container's host: docker compose -f docker/comp"
    system_is fedora - run/.containerenv ""
    refuses "in podman" "on the container's host: docker compose -f docker/comp"
    expect "that service is there" grep -q '^  native:' \
        "$root/docker/compose.yaml"
    system_is ubuntu debian $release 4.4.0-19041-Microsoft
    refuses "in WSL 1" "in PowerShell: wsl --set-default-version 2; wsl --set-v"

    wants '"tshork"'
    system_is ubuntu debian $apparmor 1
    refuses "and a tool is missing" \
        "sudo sysctl -w [^ ]+=0 && sudo apt-get install -y tshork$"
    wants ''
fi

# As root of a container is that runs with Docker's own capabilities.
unseeing() {
    setpriv --bounding-set=-sys_ptrace env WIRELAB_SYSTEM_ROOT="$system" "$@"
}
if [ "$(id -u)" -ne 0 ] || ! unseeing true; then
    skip "root that may not look into others' programs" "only root can play it"
else
    system_is debian - .dockerenv ""
    expect_status "root may not look into others' programs" 3 \
        unseeing "$wirelab" check 90 --world host
    expect_output "and is told of it" "^wirelab: infra: no world 'host': root may"
    expect_output "with a remedy" "docker run --cap-add SYS_PTRACE"
    unseeing "$build/wirelab" doctor >"$scratch/output" 2>&1 || true
    expect_output "doctor tells it, too" "^    on the cont.*SYS_PTRACE"
fi

# ---- A device that is not there ------------------------------------------------

cp "$build/wirelab" "$scratch/wirelab" # the build directory may be closed
chmod 755 "$scratch" "$scratch/wirelab"
without_tun() { # without_tun USER MODE COMMAND...: the node has this mode
    # shellcheck disable=SC2016 # the inner shell expands
    unshare --mount --propagation private sh -eu -c '
        mount -t tmpfs -o mode=755 tmpfs /dev/net
        [ "$2" = none ] || mknod -m "$2" /dev/net/tun c 10 200
        uid=$1
        shift 2
        exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
        ' sh "$@"
}
misses() { # misses NAME REMEDY USER MODE
    expect_status "/dev/net/tun $1" 3 without_tun "$3" "$4" \
        env HOME=/nonexistent WIRELAB_SYSTEM_ROOT="$system" "$scratch/wirelab" \
        doctor
    expect_output "it is told: $2" "^    $2"
    expect_output "it is MISSING" "^MISSING +/dev/net/tun"
}
if [ "$(id -u)" -ne 0 ] || ! without_tun 0 none true; then
    skip "machines without /dev/net/tun" "only root can play them"
else
    system_is debian -
    misses "that the kernel does not know" "sudo modprobe tun$" 0 none
    misses "that is closed to users" "sudo chmod 0666 /dev/net/tun$" 60577 600
    system_is debian - .dockerenv ""
    misses "in a container" "on the container.s host: docker run --device /dev/net" 0 none
    system_is ubuntu debian $release 5.15.153.1-microsoft-standard-WSL2
    misses "in WSL 2" "in PowerShell: wsl --update; wsl --shutdown$" 0 none
fi
finish
