# Sourced by tests that need the kernel's netem: a command in user-mode-linux,
# whose kernel has it.  tap.sh comes before.
#
#   uml_reason            why this machine cannot, or nothing
#   uml_run LIMIT SCRIPT  runs it as root of a guest; its output is ours, its
#                         status too
#   uml_virtual           makes that a guest in virtual time, if there is one:
#                         waiting costs nothing, and no timer is late
#
# The guest sees all files of this machine, read-only; /tmp, /run, /root and the
# few files of /etc that programs look for are its own, and $scratch/guest is
# written to from both sides.  It has no network but what the script makes.
# shellcheck shell=sh disable=SC2154 # root, build and scratch are tap.sh's

uml=${WIRELAB_UML:-linux.uml}
uml_args=''
uml_modules="tun veth ifb bridge sch_netem sch_tbf sch_plug sch_ingress \
cls_matchall cls_u32 act_mirred act_gact"

uml_virtual() {
    _kernel=$("$root/harness/world/virtual-kernel" --find) || return 1
    uml="taskset -c $(($$ % $(nproc))) $_kernel"
    uml_args="time-travel=inf-cpu time-travel-start=1700000000000000000"
}
uml_reason() {
    command -v "$uml" >/dev/null || {
        echo "user-mode-linux is not installed"
        return
    }
    [ "$(uname -m)" = x86_64 ] || echo "user-mode-linux needs x86_64"
}

_uml_init() {
    cat <<END
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
export WIRELAB_NO_SPIN=1 BUILD='$build' WIRELAB_LONG='$WIRELAB_LONG' CK_FORK='${CK_FORK:-}'
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs run /run
mount -t tmpfs root /root
mkdir /run/etc /run/guest
cd /etc
cp -a alternatives ld.so.cache passwd group nsswitch.conf protocols services \
    host.conf shells hosts /run/etc/ 2>/dev/null
mount --bind /run/etc /etc
mount -t hostfs none /run/guest -o '$scratch/guest'
mount --bind '$root' /mnt && mount --bind '$build' /media
mount -t tmpfs tmp /tmp
mkdir -p '$root' '$build' 2>/dev/null
mountpoint -q '$root' 2>/dev/null || [ -e '$root/Makefile' ] ||
    mount --bind /mnt '$root'
[ -e '$build/wirelab' ] || mount --bind /media '$build'
version=\$(uname -r)
mkdir -p /run/modules/lib/modules
ln -s "/usr/lib/uml/modules/\$version" /run/modules/lib/modules/
[ ! -d "/run/modules/lib/modules/\$version/kernel" ] ||
    modprobe -d /run/modules -a $uml_modules
sysctl -q -w net.core.rmem_max=8388608 net.core.wmem_max=8388608
ip link set lo up
cd /tmp
status=0
echo "# the script begins"
sh /run/guest/script || status=\$?
echo "\$status" >/run/guest/status
# reboot(2), LINUX_REBOOT_CMD_POWER_OFF: not every kernel here has sysrq.
exec perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc)'
END
}

uml_run() {
    mkdir -p "$scratch/guest"
    rm -f "$scratch/guest/status"
    cp "$2" "$scratch/guest/script"
    _uml_init >"$scratch/guest/init"
    chmod 755 "$scratch/guest/init"
    # shellcheck disable=SC2086 # the arguments are a list of words
    timeout -k 5 "$1" $uml mem=1G rootfstype=hostfs hostfs=/ ro quiet \
        umid="wl-$$" init="$scratch/guest/init" con=null con0=fd:0,fd:1 $uml_args \
        </dev/null >"$scratch/console" 2>&1 || :
    tr -d '\r' <"$scratch/console" >"$scratch/console.text"
    if grep -q '^# the script begins$' "$scratch/console.text"; then
        awk 'begun; /^# the script begins$/ { begun = 1 }' \
            "$scratch/console.text"
    else
        echo "the guest did not come up; its console:"
        tail -n 20 "$scratch/console.text"
    fi
    [ -s "$scratch/guest/status" ] || return 1
    return "$(cat "$scratch/guest/status")"
}
