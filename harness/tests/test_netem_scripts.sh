#!/bin/sh
# netem-scripts: what they say, what they do to a kernel with netem (in
# user-mode-linux), and that nothing of it is left.
# runs: beside others
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/uml.sh
. "$(dirname "$0")/uml.sh"
scripts=$root/netem-scripts

# ---- Words: no privilege is needed, nothing is changed -------------------------

for name in apply clear show replay two-hosts lan nat router-chain; do
    expect_status "$name --help tells its usage" 0 "$scripts/$name" --help
    expect_output "in a line of its own" "^usage: $name"
    expect_status "$name refuses an unknown option" 2 "$scripts/$name" --dry-rum
    expect_output "and names the nearest" "did you mean '--dry-run'"
    expect "in one line" test "$(wc -l <"$scratch/output")" -eq 1
done
expect_status "an unknown profile is wrong usage" 2 "$scripts/apply" lo geoo
expect_output "with the nearest name" "did you mean 'geo'.*transatlantic"
expect_status "a missing profile is wrong usage" 2 "$scripts/apply" lo
expect_status "a number out of range is wrong usage" 2 "$scripts/lan" 65
expect_output "which tells the range" 'from 2 to 64'
expect_status "an option without its value is wrong usage" 2 \
    "$scripts/two-hosts" --profile
expect_status "a rate in replay's profile is wrong usage" 2 \
    "$scripts/replay" leo lo --profile lte
printf '0,1mbit\n5,many\n9,end\n' >"$scratch/bad.csv"
expect_status "a bad trace is wrong usage" 2 \
    "$scripts/replay" "$scratch/bad.csv" lo --dry-run
expect_output "and the line is named" "bad.csv:2: 'many' is not a rate"

before=$(ip -o link show 2>/dev/null; ip netns list 2>/dev/null)
for run in "apply lo dsl" "apply lo dsl --ingress" "clear lo" "replay leo lo" \
    "two-hosts --profile lte" "lan 4" "nat --profile geo" "router-chain 2"; do
    # shellcheck disable=SC2086 # a command line
    set -- $run
    name=$1
    shift
    expect_status "$run --dry-run succeeds" 0 "$scripts/$name" "$@" --dry-run
    grep -v '^[ +#]' "$scratch/output" | grep . >"$scratch/other" || :
    expect "and prints commands only" test ! -s "$scratch/other"
done
expect "dry runs changed nothing" test "$before" = \
    "$(ip -o link show 2>/dev/null; ip netns list 2>/dev/null)"

as_nobody() { # without any privilege, whoever runs the test
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid 60577 --regid 60577 --clear-groups "$@"
    else
        "$@"
    fi
}
expect_status "without privilege it says what to do" 3 \
    as_nobody sh "$scripts/two-hosts" -- true
expect_output "in one line" '^two-hosts: you may not change .*unshare -rmn'

# ---- Networks, on this machine's own kernel ------------------------------------

# In a namespace of its own, as root or as an ordinary user may have one.
own() {
    unshare -rmn sh -c 'mount -t tmpfs run /run && ip link set lo up && "$@"' \
        own "$@"
}
# The hosts' names need /etc/netns, and there is none: addresses do it.
reaches() { # reaches NAME ADDRESS SCRIPT ARGUMENT...
    _what=$1 _address=$2
    shift 2
    expect_status "$_what" 0 own "$@" -- ping -c 2 -i 0.2 -W 2 -q "$_address"
    expect_output "and not a packet is missing" '2 received, 0% packet loss'
}
if own true 2>/dev/null; then
    reaches "two-hosts reach each other" 10.77.1.2 "$scripts/two-hosts"
    reaches "hosts of a lan reach each other" 10.77.1.4 "$scripts/lan" 4
    reaches "a client reaches a server through routers" 10.77.4.2 \
        "$scripts/router-chain" 3
    if own nft list tables >/dev/null 2>&1; then
        reaches "an inside reaches the server" 203.0.113.2 "$scripts/nat"
    else
        skip "an inside reaches the server" "nftables does not work here"
    fi
    expect_status "the command's status is the script's" 7 \
        own "$scripts/two-hosts" -- sh -c 'exit 7'
    # What a script leaves is seen from within the same namespace.
    cat >"$scratch/leftovers" <<END
ended() { # ended SIGNAL: by what it is told, and with nothing left
    rm -f '$scratch/up'
    env --default-signal=INT '$scripts/two-hosts' -- \
        sh -c 'echo up >&2; exec sleep 60' 2>'$scratch/up' &
    until grep -qs '^up' '$scratch/up'; do sleep 0.05; done
    kill "-\$1" \$!
    wait \$! || echo "\$1 \$?"
    ip netns list
}
ended TERM
ended INT
'$scripts/two-hosts' --profile "delay 5 dealy" -- true 2>/dev/null || :
ip netns list
ip -o link show type veth
END
    expect_status "signals are heard while a command runs" 0 \
        own sh "$scratch/leftovers"
    expect "SIGTERM and SIGINT end it at once, and nothing is left" \
        test "$(cat "$scratch/output")" = "TERM 143
INT 130"
    # The same at each step of building: an `ip` that, called for the nth time,
    # sends the script a signal.  The script's pid is in its hosts' names.
    mkdir "$scratch/bin"
    cat >"$scratch/bin/ip" <<END
#!/bin/sh
n=\$((\$(cat '$scratch/calls') + 1))
echo \$n >'$scratch/calls'
[ \$n -ne "\$end_at" ] ||
    kill "-\$signal" "\$(echo "\$*" | sed 's/.*-\([0-9]*\).*/\1/')"
exec $(command -v ip) "\$@"
END
    chmod +x "$scratch/bin/ip"
    cat >"$scratch/halfway" <<END
build() { # build SIGNAL N: stopped at the nth call
    echo 0 >'$scratch/calls'
    env PATH='$scratch/bin':"\$PATH" signal=\$1 end_at=\$2 \
        '$scripts/two-hosts' -- true 2>/dev/null || echo "\$2 \$?"
}
for n in 1 2 3 4 5 6 7 8 9; do build TERM \$n; done
ip netns list
echo killed
build KILL 6
ip netns list | wc -l
build TERM 0 && echo another runs
for left in \$(ip netns list | sed 's/ .*//'); do ip netns del "\$left"; done
ip netns list; ip -o link show type veth
END
    expect_status "a script is stopped half way" 0 \
        own sh "$scratch/halfway"
    expect "SIGTERM undoes what was done; SIGKILL leaves two hosts to delete" \
        test "$(cat "$scratch/output")" = "1 143
2 143
3 143
4 143
5 143
6 143
7 143
8 143
9 143
killed
6 137
2
another runs"
else
    skip "networks are built" "user namespaces are refused here"
fi

# ---- On a kernel with netem ----------------------------------------------------

reason=$(uml_reason)
if [ -n "$reason" ]; then
    skip "scripts shape what passes" "$reason"
    finish
    exit
fi
echo "scripts='$scripts'" >"$scratch/script"
cat "$root/harness/tests/netem_guest.sh" >>"$scratch/script"
uml_run 400 "$scratch/script" >"$scratch/said" 2>&1 || :
sed 's/^/# /' "$scratch/said" >&2
grep '^\(not \)\{0,1\}ok ' "$scratch/said" >"$scratch/tap" || :
while read -r line; do
    name=${line#*ok - }
    case $line in
    ok*) pass "$name" ;;
    *) fail "$name" ;;
    esac
done <"$scratch/tap"
expect "the guest did all of it" grep -q '^finished$' "$scratch/said"
finish
