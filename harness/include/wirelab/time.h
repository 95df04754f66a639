/* Durations and the clock.  Every duration in wirelab is an int64_t count of
 * nanoseconds and carries _ns in its name; these macros build them. */
#ifndef WIRELAB_TIME_H
#define WIRELAB_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define USECONDS(n) ((int64_t)((n)*1000.0))
#define MSECONDS(n) ((int64_t)((n)*1000000.0))
#define SECONDS(n) ((int64_t)((n)*1000000000.0))

/* Reads CLOCK_MONOTONIC.  Returns nanoseconds since an arbitrary start. */
int64_t clock_now_ns(void);

/* Whether time is simulated (`--world virtual`): it then stands still while
 * programs run and jumps when all of them wait.  Nothing may wait by looking at
 * the clock over and over there, for that would take for ever. */
bool clock_is_virtual(void);

#endif
