/* Seeds and the time of day: the only two things a check takes from outside. */
#ifndef CLI_SEED_H
#define CLI_SEED_H

#include <stdint.h>

enum { SEED_TIME_BYTES = 32 };

/* A new seed, of at most six digits: a learner may have to type it. */
uint64_t seed_new(void);
/* Now, as RFC 3339 has it, in UTC; `text` holds SEED_TIME_BYTES. */
void rfc3339_now(char *text);

#endif
