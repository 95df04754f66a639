#!/bin/sh
# Every hostile submission of harness/attacks/handed-in ends without points that
# it did not earn, and harms nobody: `make attacks` draws the same as a table.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

if ! "$wirelab" link "delay 1ms" -- true >/dev/null 2>"$scratch/reason"; then
    skip "hostile submissions" "$(tail -n 1 "$scratch/reason")"
    finish
    exit 0
fi
status=0
"$root/harness/attacks/run" >"$scratch/table" 2>"$scratch/errors" || status=$?
sed 's/^/# /' "$scratch/table"
while read -r name line; do
    case $name in attack | [0-9]* | '') continue ;; esac
    case $line in
    *WRONG:*) fail "$name: ${line#*WRONG: }" ;;
    *) pass "$name ends as it should" ;;
    esac
done <"$scratch/table"
expect "nothing of them is left, nobody is harmed" [ "$status" -eq 0 ]
sed 's/^/# /' "$scratch/errors"
finish
