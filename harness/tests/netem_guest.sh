# Runs in the guest of test_netem_scripts.sh, as root of a kernel with netem, and
# prints TAP lines.  The guest shares a busy machine: whatever is late is late by
# any amount, so that the shortest of many times is judged, and counts.
# shellcheck shell=sh disable=SC2154 # scripts is set by the test
set -u
said=/tmp/said

verdict() { # verdict NAME STATUS
    [ "$2" -eq 0 ] && echo "ok 1 - $1" && return
    echo "not ok 1 - $1"
    tail -n 20 "$said"
}
check() { # check NAME COMMAND...
    _name=$1
    shift
    "$@" >"$said" 2>&1
    verdict "$_name" $?
}
says() { # says NAME PATTERN: what the last command said
    grep -Eq "$2" "$said"
    verdict "$1" $?
}
# rtt NAME FIELD LOW HIGH: milliseconds of what ping told (1 min, 2 mean, 3 max)
rtt() {
    awk -v field="$2" -v low="$3" -v high="$4" '
        /^rtt/ { split($4, ms, "/"); ok = ms[field] >= low && ms[field] <= high }
        END { exit !ok }' "$said"
    verdict "$1" $?
}
state() {
    ip -o link show | sed 's/^[0-9]*: //; s/qlen.*//'
    tc qdisc show
    ip netns list
    ls -d /etc/netns/* /tmp/replay.* 2>/dev/null
}
cd "$scripts" || exit

# ---- Hosts -------------------------------------------------------------------

state >/tmp/before
check "two-hosts reach each other by name" \
    ./two-hosts --profile "delay 100ms" --back "delay 50ms" -- \
    ping -c 8 -i 0.1 right
rtt "each direction has its own delay" 1 150 200
check "a lossy cable loses" ./two-hosts --profile "loss 30%" \
    --back "delay 1ms" -- ping -c 300 -i 0.002 -W 1 -q right
# 90 of 300, give or take 4.9 deviations of a binomial.
awk '/received/ { ok = 300 - $4 >= 51 && 300 - $4 <= 129 } END { exit !ok }' \
    "$said"
verdict "30 % of the packets, as chance will have it" $?
check "a slow cable carries them all" ./two-hosts --profile "rate 1mbit limit 200" \
    --back "delay 1ms" -- ping -A -c 50 -s 1400 -W 5 -q right
# A packet of 1442 bytes takes 11.5 ms at 1 Mbit/s; the fiftieth is sent when
# 49 are back.
rtt "a packet takes its time on the wire" 1 12.5 60
awk '/received/ { sub(/.*time /, ""); sub(/ms.*/, ""); ok = $0 + 0 >= 565 }
    END { exit !ok }' "$said"
verdict "49 packets take 49 times as long" $?
check "a lan delays each frame once" ./lan 3 --profile "delay 20ms" -- \
    ping -c 8 -i 0.1 host3
rtt "a ping meets it twice" 1 40 80
check "a row of routers is crossed" ./router-chain 2 --profile "delay 5ms" -- \
    ping -c 8 -i 0.1 server
rtt "three cables, there and back" 1 30 70
state >/tmp/after
check "nothing of the networks is left" diff /tmp/before /tmp/after

# ---- An interface ------------------------------------------------------------

ip netns add peer
ip link add e0 type veth peer name e1 netns peer
ip address add 10.9.0.1/24 dev e0
ip link set e0 up
ip -n peer address add 10.9.0.2/24 dev e1
ip -n peer link set e1 up
ping -c 2 -W 2 10.9.0.2 >/dev/null # until both ends know each other
state >/tmp/before
ethtool -k e0 >/tmp/offloads

for file in profiles/*.netem; do
    # shellcheck disable=SC2046 # the profile is a list of words
    tc qdisc replace dev e0 root netem $(sed '/^#/d' "$file") ||
        echo "$file"
done >"$said" 2>&1
check "tc takes every profile" test ! -s "$said"
tc qdisc del dev e0 root

check "apply holds what leaves" ./apply e0 "delay 60ms 1ms loss gemodel 1% 20%"
check "show explains it" ./show e0
says "the delay" '^  - delays each packet by 60ms, give or take 1ms'
says "the loss" 'that is 4.76% in the long run'
check "ingress is held as well" ./apply e0 "delay 40ms" --ingress
check "packets meet both" ping -c 20 -i 0.05 10.9.0.2
rtt "60 and 40 ms" 1 98 140
check "show knows both" ./show e0
says "what arrives" '^What arrives by e0 \(through ifb-'
check "clear" ./clear e0
check "clear of what is clear is no error" ./clear e0
state >/tmp/after
check "leaves nothing" diff /tmp/before /tmp/after
ethtool -k e0 >/tmp/offloads2
check "and turns offloads on again" diff /tmp/offloads /tmp/offloads2

check "apply with a command clears after it" \
    ./apply e0 "delay 60ms" -- ping -c 8 -i 0.1 10.9.0.2
rtt "which met the delay" 1 60 100
./apply e0 "delay 60 dealy" >"$said" 2>&1
says "a profile that tc refuses is told" "failed: What is"
env --default-signal=INT ./apply e0 lte --ingress -- sleep 60 >"$said" 2>&1 &
until grep -q '^+ sleep' "$said"; do sleep 0.1; done
kill -INT $!
wait $!
state >/tmp/after
check "Ctrl-C and refusals leave nothing" diff /tmp/before /tmp/after

# ---- A trace -----------------------------------------------------------------

# Whenever it is looked at, an outage of 1 s is never far.
printf '%s\n' time,rate 0,1mbit 0.5,0 1.5,1mbit 2,end >/tmp/trace.csv
printf '%s\n' 0,1mbit 60,end >/tmp/steady.csv
state >/tmp/before
check "replay keeps to a rate" ./replay /tmp/steady.csv e0 \
    --profile "delay 1ms" -- ping -c 40 -l 40 -s 1400 -W 5 -q 10.9.0.2
says "and loses nothing" ' 0% packet loss'
# 40 packets take 460 ms, less what ping needs to send them.
rtt "40 packets wait for each other" 3 150 5000
check "replay keeps to outages" ./replay /tmp/trace.csv e0 \
    --profile "delay 1ms" -- ping -c 50 -i 0.1 -W 5 10.9.0.2
says "in which nothing is lost" ' 0% packet loss'
rtt "but waits" 3 500 5000
check "replay --once ends with the trace" timeout 60 ./replay /tmp/trace.csv e0 \
    --once
state >/tmp/after
check "and leaves nothing" diff /tmp/before /tmp/after

# ---- Refusals ----------------------------------------------------------------

tc qdisc add dev e0 root pfifo limit 7
./apply e0 lte >"$said" 2>&1
[ $? -eq 3 ]
verdict "a qdisc of somebody else's is not replaced" $?
says "but named" "e0 has a qdisc 'pfifo'"
tc qdisc del dev e0 root
rmmod sch_netem
./apply e0 lte >"$said" 2>&1
[ $? -eq 3 ]
verdict "a kernel without netem is named" $?
says "with the way out" 'this kernel has no netem.*--world uml'
echo finished
