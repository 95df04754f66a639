/* Sums over packets and shares: plain arithmetic, apart from where the packets
 * come from. */
#ifndef EXPECT_STATS_H
#define EXPECT_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/capture.h>

/* Payload that was delivered, and when: add packets in the order sent. */
struct goodput {
    int64_t first_ns, last_ns; /* first sent, last delivered */
    uint64_t payload_bytes;
    size_t packets;
};
/* Counts a packet if it was delivered.  A copy that the link made is no payload
 * of the program's. */
void goodput_add(struct goodput *goodput, const struct packet *packet);
/* In bit/s; 0 if less than two packets were delivered. */
double goodput_bps(const struct goodput *goodput);

/* By how much a measured time may miss what was asked for: what this run itself
 * missed, at both ends, and 2 ms at the least. */
int64_t timing_slack_ns(int64_t lateness_p99_ns);

#endif
