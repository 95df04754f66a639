# Sourced by the shell tests and gates: TAP on stdout, and nothing else there.
#
#   root, build   the project, its build directory (from $BUILD)
#   scratch       a directory of this test's own, removed at its end
#   expect NAME COMMAND...    passes if the command succeeds
#   pass NAME; fail NAME; skip NAME REASON; finish
# Names that begin with _ are its own.
# shellcheck shell=sh

root=$(cd "$(dirname "$0")/../.." && pwd -P)
build=${BUILD:-$root/build}
case $build in /*) ;; *) build=$root/$build ;; esac
export BUILD="$build" NO_COLOR=1 WIRELAB_LONG="${WIRELAB_LONG:-}"
export wirelab="$root/wirelab"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/wl-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
export XDG_STATE_HOME="$scratch/state" # nobody's progress is ours to change
count=0

pass() {
    count=$((count + 1))
    echo "ok $count - $1"
}
fail() {
    count=$((count + 1))
    echo "not ok $count - $1"
}
skip() {
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}
# What the command prints is shown, as TAP comments, only if it fails.
expect() {
    _name=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        pass "$_name"
    else
        fail "$_name"
        tail -n 40 "$scratch/output" | sed 's/^/# /'
    fi
}
finish() {
    echo "1..$count"
}
# expect_status NAME STATUS COMMAND...: leaves its output in $scratch/output.
expect_status() {
    _name=$1 _wanted=$2
    shift 2
    _status=0
    "$@" >"$scratch/output" 2>&1 || _status=$?
    if [ "$_status" -eq "$_wanted" ]; then
        pass "$_name"
    else
        fail "$_name"
        echo "# exit status $_status, not $_wanted"
        tail -n 40 "$scratch/output" | sed 's/^/# /'
    fi
}
# expect_output NAME PATTERN: what the last expect_status left matches.
expect_output() {
    if grep -Eq "$2" "$scratch/output"; then
        pass "$1"
    else
        fail "$1"
        echo "# no line matches: $2"
        tail -n 20 "$scratch/output" | sed 's/^/# /'
    fi
}
# Tells as TAP what a test of pages (browser/*.js) has left in $scratch/seen and
# $scratch/errors.
tap_browser() {
    while read -r _line; do
        case $_line in
        "ok "*) pass "browser: ${_line#ok }" ;;
        "not ok "*) fail "browser: ${_line#not ok }" ;;
        "#"*) echo "$_line" ;;
        esac
    done <"$scratch/seen"
    expect "the browser came to the end" grep -qx 'done' "$scratch/seen"
    [ ! -s "$scratch/errors" ] || sed 's/^/# /' "$scratch/errors"
}
