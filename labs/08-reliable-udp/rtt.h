/* Round-trip time and the retransmission time-out that follows from it
 * (RFC 6298).  No clock in here: samples come in, a time-out goes out. */
#ifndef RTT_H
#define RTT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RTT_INITIAL_US = 1000 * 1000, /* before the first sample, section 2.1 */
    RTT_MIN_US = 200 * 1000,      /* see rtt.c for why not 1 s and 60 s */
    RTT_MAX_US = 2000 * 1000,
    RTT_GRANULARITY_US = 1000,
};

struct rtt {
    bool sampled;
    int64_t smoothed_us;  /* SRTT */
    int64_t variation_us; /* RTTVAR */
    int64_t timeout_us;   /* RTO before back-off */
    unsigned backoff;     /* time-outs in a row */
    /* The longest sample since a time, and of a period before that. */
    int64_t longest_us, longest_since_us, longest_before_us;
};

void rtt_init(struct rtt *rtt);
/* Takes one measurement, made by an echoed timestamp.  Ends the back-off. */
void rtt_sample(struct rtt *rtt, int64_t sample_us, int64_t now_us);
/* The longest sample of late: of the last one to two times as long as it. */
int64_t rtt_longest_us(const struct rtt *rtt);
/* The time-out expired: the next one is twice as long (section 5.5). */
void rtt_back_off(struct rtt *rtt);
/* The time-out to use now, back-off included, within the limits. */
int64_t rtt_timeout_us(const struct rtt *rtt);

#endif
