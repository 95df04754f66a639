/* The shapes of a random delay: netem's tables, computed instead of read. */
#ifndef LINK_DIST_H
#define LINK_DIST_H

#include <stdint.h>

enum dist_shape {
    DIST_UNIFORM,
    DIST_NORMAL,
    DIST_PARETO,
    DIST_PARETONORMAL,
};

enum {
    DIST_SCALE = 8192,   /* a table's entry of one sigma */
    DIST_ENTRIES = 4096, /* of a table: this fine is the distribution */
};

const char *dist_name(enum dist_shape shape);

/* The i-th entry (0 .. DIST_ENTRIES - 1) of the table of any shape but uniform:
 * the distribution's i/DIST_ENTRIES quantile in units of sigma / DIST_SCALE. */
int dist_entry(enum dist_shape shape, unsigned i);

/* A value of the distribution with this mean and spread.  `chance` is 32 bits
 * of uniform chance; the value rises with it.  Uniform is [mean - spread,
 * mean + spread).  The result may be negative. */
int64_t dist_ns(enum dist_shape shape, int64_t mean_ns, int64_t spread_ns,
                uint32_t chance);

#endif
