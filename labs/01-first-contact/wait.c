/* Time, and waiting with a deadline; see wait.h.  There is nothing to write
 * here. */
#include "wait.h"

#include <errno.h>
#include <time.h>

/* DOC: clock */
int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* DOC: wait-for-any
 * ppoll takes nanoseconds, where poll would round to a millisecond.  It is told
 * what is left of the deadline, anew after each signal: a program that is
 * stopped and continued waits no longer for it. */
int wait_for_any(struct pollfd *fds, size_t count, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ns = deadline_ns - clock_ns();
        if (left_ns < 0)
            left_ns = 0;
        struct timespec left = {.tv_sec = left_ns / NS_PER_S,
                                .tv_nsec = left_ns % NS_PER_S};
        int ready = ppoll(fds, count, &left, NULL);
        if (ready > 0)
            return ready;
        if (ready == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

int wait_for(int fd, short events, int64_t deadline_ns)
{
    struct pollfd one = {.fd = fd, .events = events};
    int ready = wait_for_any(&one, 1, deadline_ns);
    return ready < 0 ? ready : 0;
}
