#!/bin/sh
# The tier cgroup2, whatever this machine's own control groups are: in
# user-mode-linux, whose kernel gives version 2 all controllers.  There the
# limits hold by the kernel's doing.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/uml.sh
. "$(dirname "$0")/uml.sh"

reason=$(uml_reason)
if [ -n "$reason" ]; then
    skip "limits by cgroup2" "$reason"
    finish
    exit 0
fi
cat >"$scratch/script" <<END
mount -t cgroup2 none /sys/fs/cgroup
export CK_VERBOSITY=normal CK_RUN_CASE=limits WIRELAB_WANTED_TIER=cgroup2
'$build/tests/test_sandbox'
END
expect_status "limits by cgroup2" 0 uml_run 120 "$scratch/script"
expect_output "all of them" "^100%: Checks: 6,"
finish
