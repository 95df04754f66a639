/* One of a name's addresses takes a connection. */
#ifndef REACH_H
#define REACH_H

#include <stddef.h>
#include <stdint.h>

#include "resolve.h"

/* How much later each address is tried than the one before it, while that has
 * not said no: the "Connection Attempt Delay" of RFC 8305 section 5. */
enum { STAGGER_MS = 250 };

/* Begins to connect, without waiting.  Returns a socket that does not block;
 * when it is writable the attempt is over, one way or the other.  Returns
 * -errno when the kernel says no at once. */
int connect_begin(const struct address *address);
/* How an attempt that is over went.  Returns 0, or -errno. */
int connect_result(int fd);

/* Connects to one address.  Returns the socket, -ETIMEDOUT, or -errno. */
int connect_within(const struct address *address, int64_t deadline_ns);

/* Connects to the first of several addresses that answers, racing them; the
 * sockets of the others are closed.  Sets `*winner` to its index; on failure to
 * that of the address that was given up last.
 * Returns the socket, -ETIMEDOUT, or the -errno of the last that failed. */
int reach(const struct addresses *addresses, int64_t deadline_ns,
          size_t *winner);

#endif
