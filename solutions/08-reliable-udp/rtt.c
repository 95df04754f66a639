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

/* BEGIN SOLUTION 4 */
/* Two periods, so that what is forgotten is never recent; each as long as the
 * longest round trip, for on a path that reorders SRTT may be far too short. */
static void note_longest(struct rtt *rtt, int64_t sample_us, int64_t now_us)
{
    if (now_us - rtt->longest_since_us > rtt_longest_us(rtt)) {
        rtt->longest_before_us = rtt->longest_us;
        rtt->longest_us = 0;
        rtt->longest_since_us = now_us;
    }
    if (sample_us > rtt->longest_us)
        rtt->longest_us = sample_us;
}
/* END SOLUTION */

/* DOC: rtt_sample */
void rtt_sample(struct rtt *rtt, int64_t sample_us, int64_t now_us)
{
    /* BEGIN SOLUTION 4 */
    note_longest(rtt, sample_us, now_us);
    /* END SOLUTION */
    //> (void)now_us; /* Checkpoint 4: rtt_longest_us, if you want it. */
    /* BEGIN SOLUTION 5 */
    if (!rtt->sampled) {
        rtt->smoothed_us = sample_us; /* (2.2) */
        rtt->variation_us = sample_us / 2;
        rtt->sampled = true;
    } else { /* (2.3), the variation first: it needs the old SRTT */
        int64_t off_us = llabs(rtt->smoothed_us - sample_us);
        rtt->variation_us += (off_us - rtt->variation_us) / 4;
        rtt->smoothed_us += (sample_us - rtt->smoothed_us) / 8;
    }
    int64_t spread_us = 4 * rtt->variation_us;
    if (spread_us < RTT_GRANULARITY_US)
        spread_us = RTT_GRANULARITY_US;
    rtt->timeout_us = rtt->smoothed_us + spread_us;
    rtt->backoff = 0;
    /* END SOLUTION */
    //> /* Checkpoint 5: SRTT, RTTVAR, RTO, see RFC 6298 section 2. */
    //> rtt->smoothed_us = sample_us;
    //> rtt->sampled = true;
}

void rtt_back_off(struct rtt *rtt)
{
    /* BEGIN SOLUTION 5 */
    if (rtt->backoff < 16) /* far beyond RTT_MAX_US; keeps the shift small */
        rtt->backoff++;
    /* END SOLUTION */
    //> /* Checkpoint 5: the next time-out is twice as long. */
    //> (void)rtt;
}

int64_t rtt_timeout_us(const struct rtt *rtt)
{
    /* BEGIN SOLUTION 5 */
    int64_t timeout_us = rtt->timeout_us;

    if (timeout_us < RTT_MIN_US)
        timeout_us = RTT_MIN_US;
    timeout_us <<= rtt->backoff; /* at most 2 minutes << 16 */
    return timeout_us < RTT_MAX_US ? timeout_us : RTT_MAX_US;
    /* END SOLUTION */
    //> /* Checkpoint 5: RTO, doubled for each time-out in a row, clamped. */
    //> return rtt->timeout_us;
}
