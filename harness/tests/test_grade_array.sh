#!/bin/sh
# A batch as an array job: Slurm's, on one node of our own, and the manifest of
# Kubernetes'.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toybatch.sh
. "$root/harness/tests/toybatch.sh"

submissions "$submissions" 6
expect_status "outside of an array it is refused" 2 \
    "$root/harness/batch/slurm-grade" out
expect_output "and says how it is submitted" "sbatch --array=1-N"
export SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=3 SLURM_ARRAY_TASK_COUNT=4
expect_status "and so is an array that begins with 0" 2 env \
    SLURM_ARRAY_TASK_ID=0 "$root/harness/batch/slurm-grade" out
unset SLURM_ARRAY_TASK_MIN SLURM_ARRAY_TASK_MAX SLURM_ARRAY_TASK_COUNT

# The daemons have a network of their own: this program starts itself there.
cat >"$scratch/inside" <<'SCRIPT'
set -eu
. "$root/harness/tests/slurm.sh"
trap slurm_stop EXIT
slurm_start || { echo "$slurm_reason" >"$scratch/reason"; exit 77; }
cd "$toy"
timeout 200 sbatch --wait --quiet --array=1-4 --output="$scratch/task-%a.log" \
    "$root/harness/batch/slurm-grade" "$scratch/array" --lab 90 \
    --submissions "$submissions" --seed 7 --no-cache
SCRIPT
export root scratch toy submissions
status=77
echo "only root makes a network namespace" >"$scratch/reason"
if [ "$(id -u)" -eq 0 ]; then
    status=0
    unshare -n sh "$scratch/inside" >"$scratch/log" 2>&1 || status=$?
fi
if [ $status -eq 77 ]; then
    skip "an array job of Slurm" "$(cat "$scratch/reason")"
else
    expect "an array job of Slurm ends: $(tail -n 1 "$scratch/log")" \
        test $status -eq 0
    grade "$scratch/all" --seed 7 >/dev/null
    expect_status "its four shards are joined" 0 "$wirelab" results merge \
        "$scratch"/array/shard-[1234] --out "$scratch/merged"
    expect "and are what one run gives" \
        cmp "$scratch/all/results.json" "$scratch/merged/results.json"
fi

expect "the Kubernetes manifest is an Indexed Job of as many shards as tasks" \
    python3 - "$root/docker/k8s-grade.yaml" <<'PYTHON'
import sys
import yaml

[job] = yaml.safe_load_all(open(sys.argv[1]))
spec = job["spec"]
pod = spec["template"]["spec"]
container = pod["containers"][0]
assert job["apiVersion"] == "batch/v1" and job["kind"] == "Job"
assert spec["completionMode"] == "Indexed"
assert pod["restartPolicy"] in ("Never", "OnFailure")
env = {e["name"]: e["value"] for e in container["env"]}
assert int(env["SHARDS"]) == spec["completions"] >= spec["parallelism"]
command = container["command"][-1]
assert "JOB_COMPLETION_INDEX + 1" in command and "--resume" in command
mounts = {m["name"] for m in container["volumeMounts"]}
assert mounts == {v["name"] for v in pod["volumes"]}
PYTHON
finish
