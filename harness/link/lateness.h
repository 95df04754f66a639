/* How punctual deliveries are: a histogram of actual minus due.
 *
 * Buckets are a sixteenth of a power of two wide, so any quantile is known to
 * 6 % from a fixed table. */
#ifndef LINK_LATENESS_H
#define LINK_LATENESS_H

#include <stdbool.h>
#include <stdint.h>

enum { LATENESS_BUCKETS = 16 * 60 };

struct lateness {
    uint64_t packets, too_late;
    int64_t max_ns;
    uint64_t buckets[LATENESS_BUCKETS];
};

/* Adds `packets` that were to take `delay_ns` and came `late_ns` after that. */
void lateness_add(struct lateness *lateness, int64_t delay_ns, int64_t late_ns,
                  uint64_t packets);
/* The value that a share `quantile` (0..1) of the packets does not exceed; 0 if
 * there are none. */
int64_t lateness_quantile_ns(const struct lateness *lateness, double quantile);
/* The largest value that falls into a bucket. */
int64_t lateness_bucket_ns(unsigned bucket);
/* What is too late: more than max(2 ms, 10 % of the delay). */
int64_t lateness_allowed_ns(int64_t delay_ns);

#endif
