/* The request goes out, the reply comes in. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

/* Sends all of it on a socket that does not block.
 * Returns 0, -ETIMEDOUT, or -errno; a peer that has gone is -EPIPE or
 * -ECONNRESET, never a signal. */
int send_all(int fd, const void *data, size_t bytes, int64_t deadline_ns);

struct reply {
    int64_t first_byte_ns; /* when it came; 0: it did not */
    int status;            /* 0: the head has not come */
    int64_t body_bytes;    /* of content so far */
};

/* Receives a whole reply, however it is cut.  Fills `reply` with what came,
 * on failure too.
 * Returns 0; -ENODATA if the stream ended first, -EBADMSG if it is no HTTP
 * reply, -ETIMEDOUT, or -errno. */
int receive_reply(int fd, int64_t deadline_ns, struct reply *reply);

#endif
