/* The lines of proto.h and the bodies behind them, on a connection; see
 * talk.h.  Here the parsers, which know no sockets, meet the reader, which
 * knows no lines. */
#include "talk.h"

#include <errno.h>
#include <sys/sendfile.h>

#include "io.h"
//> #include "cli.h"

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
    /* BEGIN SOLUTION 5 */
    for (;;) {
        ssize_t used =
            request_parse(reader_data(reader), reader_count(reader), request);
        if (used > 0)
            reader_use(reader, (size_t)used);
        if (used != -EAGAIN)
            return used < 0 ? (int)used : 0;
        ssize_t n = reader_fill(reader);
        if (n <= 0)
            return n < 0 ? (int)n : -ENODATA;
    }
    /* END SOLUTION */
    //> (void)reader, (void)request;
    //> not_done(5, "talk_next_request() in talk.c");
}

int talk_next_reply(struct reader *reader, struct reply *reply)
{
    /* BEGIN SOLUTION 5 */
    for (;;) {
        ssize_t used =
            reply_parse(reader_data(reader), reader_count(reader), reply);
        if (used > 0)
            reader_use(reader, (size_t)used);
        if (used != -EAGAIN)
            return used < 0 ? (int)used : 0;
        ssize_t n = reader_fill(reader);
        if (n <= 0)
            return n < 0 ? (int)n : -ENODATA;
    }
    /* END SOLUTION */
    //> (void)reader, (void)reply;
    //> not_done(5, "talk_next_reply() in talk.c");
}

/* DOC: send-body
 * sendfile(2) is a write(2) whose bytes never enter this process; it has short
 * counts, EINTR and time-outs like any other.  A file that has become shorter
 * since its size was promised leaves no honest way on but to break off. */
int talk_send_body(int fd, int file_fd, int64_t bytes)
{
    /* BEGIN SOLUTION 5 */
    while (bytes > 0) {
        ssize_t n = sendfile(fd, file_fd, NULL, (size_t)bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (n == 0)
            return -EIO;
        bytes -= n;
    }
    return 0;
    /* END SOLUTION */
    //> (void)fd, (void)file_fd, (void)bytes;
    //> not_done(5, "talk_send_body() in talk.c");
}
