# trace.awk: a trace as steps, "MILLISECONDS BITS_PER_SECOND BUCKET_BYTES [NETEM
# WORDS]", the last of which says "MILLISECONDS end".  `step` is in milliseconds,
# `words` is the profile for steps that name none; it is printed when it changes.
#
# Two formats are read.  Mahimahi's has a line for each packet of 1500 bytes
# that the link could deliver, the millisecond at which; they are counted over
# each step:
#
#      0            time,rate,profile
#      3            0,20mbit,delay 22ms
#      3            14.9,0
#      9            15,35mbit,delay 31ms
#      ...          30,end
#
# The other is a table: from TIME seconds on the link has RATE (tc's units; 0 is
# an outage: packets wait); a PROFILE in the third column holds from there on.

BEGIN { FS = ","; PACKET_BITS = 1500 * 8 }

function bad(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
    failed = 1
    exit 2
}
# A token bucket of two packets, or 2 ms of data, since timers are not exact; of
# one packet where two would be much.  tbf fills it at each change of the rate,
# so that as much is taken off the step.
function flush(until_ms,    bucket, rate) {
    if (!steps) return
    bucket = held_rate >= 1e6 ? 3100 : 1600
    if (held_rate / 4000 > bucket) bucket = held_rate / 4000
    rate = held_rate - bucket * 8 * 1000 / (until_ms - held_ms)
    if (held_rate == 0) rate = 0
    else if (rate < 1000) rate = 1000
    printf "%d %.0f %d%s\n", held_ms, rate, bucket,
        held_words == said_words ? "" : " " held_words
    said_words = held_words
}
# Steps that change nothing are left out.
function put(ms, rate, profile) {
    if (steps && rate == held_rate && profile == held_words) return
    flush(ms)
    held_ms = ms; held_rate = rate; held_words = profile; steps++
}
function bits_per_s(text,    n, unit) {
    if (text !~ /^[0-9]+(\.[0-9]*)?[a-zA-Z]*$/)
        bad("'" text "' is not a rate, such as 12mbit")
    n = text + 0
    unit = tolower(text)
    gsub(/[0-9.]/, "", unit)
    if (n == 0 || unit == "bit") return n
    if (unit == "kbit") return n * 1e3
    if (unit == "mbit") return n * 1e6
    if (unit == "gbit") return n * 1e9
    bad("'" text "' is not a rate (units are bit, kbit, mbit and gbit)")
}

/^[ \t]*(#|$)/ { next }
{ sub(/\r$/, "") }
!format && /,/ { format = "csv" }
!format { format = "mahimahi" }
format == "csv" && !seen && /^[a-z]/ { next } # names of the columns

format == "csv" {
    if (ended) bad("stands after the end")
    if ($1 !~ /^[0-9]+(\.[0-9]*)?$/) bad("'" $1 "' is not a time in seconds")
    ms = $1 * 1000
    if (!seen && ms != 0) bad("the first line must be at time 0")
    if (seen && ms <= at) bad("time does not advance")
    at = ms; seen = 1
    if ($2 == "end") { ended = 1; next }
    put(ms, bits_per_s($2), NF >= 3 ? $3 : steps ? held_words : words)
    next
}
{
    if ($1 !~ /^[0-9]+$/) bad("'" $1 "' is not a number of milliseconds")
    if ($1 + 0 < at) bad("time goes back")
    at = $1 + 0
    packets[int(at / step)]++
}

END {
    if (failed) exit 2
    if (format == "csv" && !ended) bad("the last line must be 'TIME,end'")
    if (format == "mahimahi") {
        bins = int((at + step - 1) / step)
        packets[bins - 1] += packets[bins] # at the very end
        for (i = 0; i < bins; i++)
            put(i * step, packets[i] * PACKET_BITS * 1000 / step, words)
        at = bins * step
    }
    if (!steps || at <= 0) bad("holds no trace")
    flush(at)
    printf "%d end\n", at
}
