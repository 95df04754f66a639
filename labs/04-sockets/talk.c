/* The lines of proto.h and the bodies behind them, on a connection; see
 * talk.h.  Here the parsers, which know no sockets, meet the reader, which
 * knows no lines. */
#include "talk.h"

#include <errno.h>
#include <sys/sendfile.h>

#include "io.h"
#include "cli.h"

static int send_line(int fd, const char *line, int bytes)
{
    return bytes < 0 ? bytes : write_full(fd, line, (size_t)bytes);
}

int talk_send_request(int fd, const struct request *request)
{
    char line[PROTO_LINE_BYTES + 1];
    return send_line(fd, line, request_format(line, sizeof(line), request));
}

int talk_send_reply(int fd, const struct reply *reply)
{
    char line[PROTO_LINE_BYTES + 1];
    return send_line(fd, line, reply_format(line, sizeof(line), reply));
}

/* DOC: next-request */
int talk_next_request(struct reader *reader, struct request *request)
{
    (void)reader, (void)request;
    not_done(5, "talk_next_request() in talk.c");
}

int talk_next_reply(struct reader *reader, struct reply *reply)
{
    (void)reader, (void)reply;
    not_done(5, "talk_next_reply() in talk.c");
}

/* DOC: send-body
 * sendfile(2) is a write(2) whose bytes never enter this process; it has short
 * counts, EINTR and time-outs like any other.  A file that has become shorter
 * since its size was promised leaves no honest way on but to break off. */
int talk_send_body(int fd, int file_fd, int64_t bytes)
{
    (void)fd, (void)file_fd, (void)bytes;
    not_done(5, "talk_send_body() in talk.c");
}
