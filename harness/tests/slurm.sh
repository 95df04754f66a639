# Sourced after tap.sh, in a network namespace of its own: a Slurm of one node,
# all of it in $scratch/slurm, on loopback.
#
#   slurm_start   returns 1, with the reason in $slurm_reason, if it cannot be
#   slurm_stop
# shellcheck shell=sh disable=SC2154 # of tap.sh
slurm=$scratch/slurm slurm_pids='' slurm_reason=''

slurm_conf() {
    node=$(hostname -s)
    cat >"$slurm/slurm.conf" <<CONF
ClusterName=toy
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthInfo=socket=$slurm/munge.socket
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
}

slurm_start() {
    for tool in munged slurmctld slurmd sbatch; do
        command -v $tool >/dev/null || {
            slurm_reason="no $tool: apt-get install slurm-wlm munge"
            return 1
        }
    done
    # Names resolve to what a machine has addresses for besides loopback's.
    ip link set lo up
    ip link add slurm0 type veth peer name slurm1
    ip address add 10.99.0.1/24 dev slurm0
    ip link set slurm0 up
    ip link set slurm1 up
    mkdir -p "$slurm/state" "$slurm/spool"
    (umask 077 && head -c 128 /dev/urandom >"$slurm/munge.key")
    export SLURM_CONF="$slurm/slurm.conf"
    slurm_conf
    munged --foreground --force --key-file="$slurm/munge.key" \
        --socket="$slurm/munge.socket" --pid-file="$slurm/munge.pid" \
        --seed-file="$slurm/munge.seed" --log-file="$slurm/munge.log" \
        >"$slurm/munged.out" 2>&1 &
    slurm_pids=$!
    slurm_await "munged does not answer" \
        munge -n -S "$slurm/munge.socket" || return 1
    slurmctld -D >"$slurm/slurmctld.out" 2>&1 &
    slurm_pids="$slurm_pids $!"
    slurmd -D -N "$(hostname -s)" >"$slurm/slurmd.out" 2>&1 &
    slurm_pids="$slurm_pids $!"
    slurm_await "no node is idle" sh -c "sinfo -h -o %t | grep -q idle"
}

slurm_await() { # slurm_await REASON COMMAND...
    slurm_reason=$1
    shift
    for _ in $(seq 300); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    slurm_reason="$slurm_reason: $(tail -qn 1 "$slurm"/*.log | tail -n 1)"
    return 1
}

slurm_stop() {
    # shellcheck disable=SC2086 # words
    [ -z "$slurm_pids" ] || kill $slurm_pids 2>/dev/null || :
    wait
}
