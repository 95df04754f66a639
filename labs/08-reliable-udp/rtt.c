/* RFC 6298, with two limits of our own.
 *
 * The RFC wants a minimum of 1 s and a maximum of at least 60 s.  It speaks for
 * connections that live for days and peers whose ACKs may be late by half a
 * second.  Here an ACK is late by 25 ms at most, so 200 ms is safe (Linux TCP
 * says the same), and who gives up after 10 s of silence must not wait for 60:
 * at 2 s there are some seven attempts before the end.
 *
 * Samples come from echoed timestamps.  They say which transmission they
 * answer, so retransmitted segments may be measured too, which Karn's rule
 * (section 3) forbids to those who cannot tell. */
#include "rtt.h"

#include <stdlib.h>

void rtt_init(struct rtt *rtt)
{
    *rtt = (struct rtt){.timeout_us = RTT_INITIAL_US};
}

int64_t rtt_longest_us(const struct rtt *rtt)
{
    return rtt->longest_us > rtt->longest_before_us ? rtt->longest_us
                                                    : rtt->longest_before_us;
}


/* DOC: rtt_sample */
void rtt_sample(struct rtt *rtt, int64_t sample_us, int64_t now_us)
{
    (void)now_us; /* Checkpoint 4: rtt_longest_us, if you want it. */
    /* Checkpoint 5: SRTT, RTTVAR, RTO, see RFC 6298 section 2. */
    rtt->smoothed_us = sample_us;
    rtt->sampled = true;
}

void rtt_back_off(struct rtt *rtt)
{
    /* Checkpoint 5: the next time-out is twice as long. */
    (void)rtt;
}

int64_t rtt_timeout_us(const struct rtt *rtt)
{
    /* Checkpoint 5: RTO, doubled for each time-out in a row, clamped. */
    return rtt->timeout_us;
}
