/* Whole reads and whole writes on sockets and files that do either in parts.
 *
 * All calls here block, go on after a signal (EINTR), and turn the expiry of
 * options_deadline() into -ETIMEDOUT. */
#ifndef IO_H
#define IO_H

#include <stddef.h>
#include <sys/types.h>

/* Reads what there is, at least one byte.
 * Returns the count, 0 at the end of the stream, or -errno. */
ssize_t read_some(int fd, void *data, size_t bytes);

/* Reads exactly `bytes`, fewer only where the stream ends first.
 * Returns the count, or -errno. */
ssize_t read_full(int fd, void *data, size_t bytes);

/* Writes all of `bytes`.  Returns 0, or -errno; some bytes may then have gone
 * out.  A peer that has gone is -EPIPE, never a signal. */
int write_full(int fd, const void *data, size_t bytes);

/* Closes so that what was written last still arrives: sends FIN, then reads and
 * discards for a short while until the peer closes too. */
void close_gently(int fd);

#endif
