/* The lines of proto.h and the bodies behind them, on a connection. */
#ifndef TALK_H
#define TALK_H

#include <stdint.h>

#include "proto.h"
#include "reader.h"

/* Send a line.  Return 0, -EINVAL if a name cannot be sent (no request may hide
 * in it), or -errno. */
int talk_send_request(int fd, const struct request *request);
int talk_send_reply(int fd, const struct reply *reply);

/* Wait for a line.  Spans in it hold until the next reader_fill().
 * Return 0; -ENODATA at the end of the stream, -EBADMSG, or -errno. */
int talk_next_request(struct reader *reader, struct request *request);
int talk_next_reply(struct reader *reader, struct reply *reply);

/* Sends the next `bytes` of a file.
 * Returns 0, -EIO if the file ended before, or -errno of the stream. */
int talk_send_body(int fd, int file_fd, int64_t bytes);

#endif
