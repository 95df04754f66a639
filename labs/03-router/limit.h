/* How many ICMP errors may be sent: a token bucket. */
#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limit {
    unsigned per_s; /* tokens that come in a second */
    unsigned burst; /* tokens the bucket holds */
    int64_t millitokens;
    int64_t filled_ms; /* until when they were counted */
};

/* A full bucket. */
void limit_init(struct limit *limit, unsigned per_s, unsigned burst,
                int64_t now_ms);
/* Takes a token, if there is one. */
bool limit_take(struct limit *limit, int64_t now_ms);

#endif
