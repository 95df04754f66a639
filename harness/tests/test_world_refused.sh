#!/bin/sh
# Machines that refuse what the world `uml` wants, or lack it, or kill it in the
# middle: one line says what, and the remedy; nobody loses a point by it.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"

if ! command -v linux.uml >/dev/null; then
    skip "machines that refuse guests" "user-mode-linux is not installed"
    finish
    exit 0
fi
mkdir "$scratch/tmp"
unset XDG_RUNTIME_DIR XDG_CACHE_HOME
export TMPDIR="$scratch/tmp"

# One line, as far as the program itself is concerned.
expect_one_line() {
    expect "in one line" test "$(grep -c '^wirelab: ' "$scratch/output")" -eq 1
}
check() { # check [COMMAND...]: the reference in uml, by way of the command
    "$@" "$wirelab" check 90 --impl solution --world uml \
        --test 90.1.answers
}

# ---- What it lacks -------------------------------------------------------------

inside() { # inside BWRAP-OPTION... COMMAND...: this machine, changed
    bwrap --dev-bind / / "$@"
}
expect_status "without its modules" 3 check inside --tmpfs /usr/lib/uml
expect_output "the packages are named" "apt-get install user-mode-linux kmod"
expect_one_line

small="--size 67108864 --tmpfs"
# shellcheck disable=SC2086 # words
expect_status "where no directory has room for a guest's memory" 3 \
    check inside $small /dev/shm $small /var/tmp $small /tmp \
    --dev-bind "$root" "$root" --dev-bind "$build" "$build" \
    --dev-bind "$toy" "$toy" --setenv HOME /nonexistent --setenv TMPDIR /tmp
expect_output "each is told once, with what would do" \
    "/dev/shm has 64 MiB free of 512 needed, /tmp has 64 [^,]*, /var/tmp has"
expect_output "and the remedy" "set TMPDIR to one that will do"
expect_one_line

mkdir "$scratch/bin"
for dir in /usr/bin /bin /usr/sbin; do
    ln -sf "$dir"/* "$scratch/bin/" 2>/dev/null || true
done
rm -f "$scratch/bin/linux.uml"
expect_status "on another processor" 3 \
    check setarch linux32 env PATH="$scratch/bin"
expect_output "it is told that there is none for it" \
    "exists for x86-64, not for i[3-6]86: use --world host"
expect_one_line

# ---- What it refuses -----------------------------------------------------------

# Not a user namespace may be made, nor anything else that takes one.
expect_status "where there are no user namespaces a guest has its own" 0 \
    inside --unshare-user --disable-userns --uid 65534 --gid 65534 \
    --tmpfs /dev/net "$wirelab" check 90 --impl solution
expect_output "and it is told why it is in one" \
    "^wirelab: the world is 'uml', .*no user or network namespaces.*sysctl"
expect_one_line

# A guest's kernel traces its processes; some containers forbid that.
cat >"$scratch/untraced" <<'PYTHON'
#!/usr/bin/env python3
import ctypes, os, struct, sys
PTRACE, EPERM = 101, 1
def step(code, jump_true, jump_false, k):
    return struct.pack("HBBI", code, jump_true, jump_false, k)
program = ctypes.create_string_buffer(
    step(0x20, 0, 0, 0)                     # load the call's number
    + step(0x15, 0, 1, PTRACE)              # is it ptrace?
    + step(0x06, 0, 0, 0x00050000 | EPERM)  # refuse it
    + step(0x06, 0, 0, 0x7fff0000))         # allow all others
filter = ctypes.create_string_buffer(
    struct.pack("HxxxxxxP", 4, ctypes.addressof(program)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0      # no new privileges
assert libc.prctl(22, 2, filter, 0, 0) == 0 # this filter
os.execvp(sys.argv[1], sys.argv[1:])
PYTHON
expect_status "where nobody may trace a guest does not boot" 3 \
    check python3 "$scratch/untraced"
expect_output "it is infra, with what its kernel said" "infra 90.1.answers"
expect_output "by which one sees why" "ptrace: Operation not permitted"

# ---- What is killed ------------------------------------------------------------

"$wirelab" check 90 --impl solution --world uml --json "$scratch/result" \
    >"$scratch/output" 2>&1 &
check=$!
until kernel=$(pgrep -o -f "rootflags=$TMPDIR/wirelab-"); do
    sleep 0.05
done
kill -KILL "$kernel"
status=0
wait "$check" || status=$?
expect "a guest that is killed is replaced" test "$status" -eq 0
expect "and costs no point" python3 -c "import json
r = json.load(open('$scratch/result'))
assert r['score']['points'] == 100, r['score']
assert any(t['attempts'] > 1 for t in r['tests']), 'none was tried again'"
finish
