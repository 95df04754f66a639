/* How the engine's thread is scheduled: ahead of everybody, as long as it is
 * idle most of the time. */
#ifndef LINK_DUTY_H
#define LINK_DUTY_H

#include <stdbool.h>
#include <stdint.h>

/* Of the calling thread. */
struct duty {
    bool allowed; /* the machine lets us have real-time priority */
    bool ahead;   /* we have it now */
    int64_t begun_ns, slept_ns;
};

/* Takes real-time priority where that is allowed, and wakes up on time. */
void duty_begin(struct duty *duty, int64_t now_ns);
/* Notes that the thread slept from `from_ns` to `to_ns`, and takes or gives
 * back its priority according to how much it works. */
void duty_slept(struct duty *duty, int64_t from_ns, int64_t to_ns);

#endif
