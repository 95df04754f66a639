/* Time, and waiting with a deadline.
 *
 * A time-out says how long one wait may last, and ten waits of a second may
 * last ten seconds.  A deadline is a moment: however many waits there are, all
 * are over by then.  All moments here are nanoseconds of CLOCK_MONOTONIC, which
 * nobody sets. */
#ifndef WAIT_H
#define WAIT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/* Now. */
int64_t clock_ns(void);

/* Waits until one of the descriptors has an event, as poll(2) says it, or until
 * the deadline.  Signals do not end it.
 * Returns how many have one, -ETIMEDOUT, or -errno. */
int wait_for_any(struct pollfd *fds, size_t count, int64_t deadline_ns);

/* The same for one descriptor and POLLIN or POLLOUT.  An error on it counts as
 * ready: the call that follows will tell.  Returns 0, -ETIMEDOUT, or -errno. */
int wait_for(int fd, short events, int64_t deadline_ns);

#endif
