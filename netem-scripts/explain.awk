# explain.awk: `tc -s qdisc show dev DEVICE` in words; `title` is the first line.
#
# tc prints a line for each qdisc, then its counters:
#
#   qdisc netem 8001: root refcnt 2 limit 1000 delay 20ms  5ms 25% loss 1%
#    Sent 9800 bytes 100 pkt (dropped 1, overlimits 0 requeues 0)
#    backlog 0b 0p requeues 0
#
# Of a netem line each word that is a keyword below takes the values behind it.

function is_value(i) { return i <= NF && $i ~ /^-?[0-9.]/ }
function say(text) { print "  - " text }

function delay(i,    text) {
    text = "delays each packet by " $(i + 1)
    if (is_value(i + 2)) {
        text = text ", give or take " $(i + 2)
        if (is_value(i + 3))
            text = text " (" $(i + 3) " of each draw taken from the one before)"
    }
    say(text)
}

function loss(i,    p, r) {
    if ($(i + 1) == "gemodel") {
        p = $(i + 3) + 0; r = $(i + 5) + 0
        say("loses in bursts: a good link turns bad with " $(i + 3) \
            " a packet, a bad one good with " $(i + 5) "; lost are " \
            $(i + 7) " while bad and " $(i + 9) " while good")
        say(sprintf("  (that is %.3g%% in the long run; a bad stretch lasts " \
            "%.3g packets)", p + r > 0 ? \
            (p * $(i + 7) + r * $(i + 9)) / (p + r) : 0, r > 0 ? 100 / r : 0))
    } else if ($(i + 1) == "state") {
        say("loses by a chain of four states: p13 " $(i + 3) ", p31 " \
            $(i + 5) ", p32 " $(i + 7) ", p23 " $(i + 9) ", p14 " $(i + 11))
    } else {
        say("loses " $(i + 1) " of the packets" correlated(i + 2))
    }
}

function correlated(i) {
    return is_value(i) ? ", correlated by " $i ": far fewer, but in a row" : ""
}

function netem(    i) {
    for (i = 3; i <= NF; i++) {
        if ($i == "delay") delay(i)
        else if ($i == "loss") loss(i)
        else if ($i == "duplicate") say("sends " $(i + 1) " twice")
        else if ($i == "corrupt") say("flips a bit in " $(i + 1))
        else if ($i == "reorder")
            say("lets " $(i + 1) " pass without any delay, ahead of others" \
                correlated(i + 2))
        else if ($i == "rate") say("sends no faster than " $(i + 1) "/s")
        else if ($i == "packetoverhead" && $(i + 1) + 0 != 0)
            say("  (a packet counts " $(i + 1) " bytes more than it has)")
        else if ($i == "cellsize" && $(i + 1) + 0 > 0)
            say("  (in cells of " $(i + 1) " bytes and " $(i + 3) " of header)")
        else if ($i == "slot") say("lets packets out in slots only")
        else if ($i == "ecn") say("marks rather than loses what knows ECN")
        else if ($i == "limit")
            say("holds " $(i + 1) " packets at most, and drops what is more")
    }
}

BEGIN { print title ":" }
$1 == "qdisc" && $2 == "netem" { netem(); next }
$1 == "qdisc" && $2 == "tbf" {
    for (i = 3; i < NF; i++)
        if ($i == "rate") say("then, in order, no faster than " $(i + 1) "/s")
    next
}
$1 == "qdisc" && $2 == "noqueue" { say("passes at once: it has no queue"); next }
$1 == "qdisc" && $2 == "ingress" { next } # shown as what arrives
$1 == "qdisc" { say("goes through the queue '" $2 "'"); next }
$1 == "Sent" && !told {
    gsub(/[(,]/, ""); told = 1
    printf "  so far: %d packets sent, %d dropped", $4, $6; next
}
$1 == "backlog" && told == 1 { printf ", %d waiting\n", $3; told = 2 }
