/* Moments become figures: how long each stage took, in one attempt and in many.
 */
#ifndef FIGURES_H
#define FIGURES_H

#include <stddef.h>

#include "attempt.h"

enum figure {
    FIGURE_DNS,     /* to the addresses */
    FIGURE_CONNECT, /* from there to the connection */
    FIGURE_SEND,    /* from there until the kernel has the request */
    FIGURE_TTFB,    /* from there to the first byte of the reply */
    FIGURE_TOTAL,   /* from the beginning to the end, whatever that was */
    FIGURES,
};

/* "dns_ms" */
const char *figure_name(enum figure figure);

/* Milliseconds; NAN for a stage that was not completed. */
double figure_ms(const struct attempt *attempt, enum figure figure);

struct summary {
    double min, median, max; /* NAN: of nothing */
};

/* Sums up `count` figures; NANs among them are left out.  Of an even number the
 * median is the mean of the two in the middle.  Sorts `ms`. */
struct summary summarize(double *ms, size_t count);

#endif
