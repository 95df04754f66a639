/* The request goes out, the reply comes in; see exchange.h.
 *
 * A stream has no boundaries: a write may be taken in part, and what is read
 * ends anywhere, in the midst of a line as well.  So there is one loop for
 * either way, and the parsers of http.h, which can say "not yet", decide when
 * the reply is at its end. */
#include "exchange.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "http.h"
#include "wait.h"

/* BEGIN SOLUTION 3 */
enum { RECEIVE_BYTES = 64 * 1024 };

/* END SOLUTION */
/* DOC: send-all */
int send_all(int fd, const void *data, size_t bytes, int64_t deadline_ns)
{
    /* BEGIN SOLUTION 3 */
    const char *at = data;
    while (bytes > 0) {
        ssize_t n = send(fd, at, bytes, MSG_NOSIGNAL);
        if (n > 0) {
            at += n; /* perhaps not all: the rest is still ours to send */
            bytes -= (size_t)n;
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        int error = wait_for(fd, POLLOUT, deadline_ns);
        if (error < 0)
            return error;
    }
    return 0;
    /* END SOLUTION */
    //> (void)fd, (void)data, (void)bytes, (void)deadline_ns;
    //> return -ENOSYS; /* checkpoint 3: a loop around send(2) */
}

/* BEGIN SOLUTION 3 */
/* DOC: receive-some
 * Waits for at least one byte.  Returns the count, 0 at the end of the stream,
 * -ETIMEDOUT, or -errno. */
static ssize_t receive_some(int fd, void *data, size_t bytes,
                            int64_t deadline_ns)
{
    for (;;) {
        ssize_t n = recv(fd, data, bytes, 0);
        if (n >= 0)
            return n;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        int error = wait_for(fd, POLLIN, deadline_ns);
        if (error < 0)
            return error;
    }
}

/* What has come of a reply. */
struct intake {
    int fd;
    int64_t deadline_ns;
    struct reply *reply;
    size_t used, count; /* data[used..count) was not looked at yet */
    char data[RECEIVE_BYTES];
};

/* Receives more behind what is there.  Returns the count, 0 at the end, or
 * -errno. */
static ssize_t fill(struct intake *intake)
{
    ssize_t n =
        receive_some(intake->fd, intake->data + intake->count,
                     sizeof(intake->data) - intake->count, intake->deadline_ns);
    if (n > 0) {
        if (intake->reply->first_byte_ns == 0)
            intake->reply->first_byte_ns = clock_ns();
        intake->count += (size_t)n;
    }
    return n;
}

/* DOC: receive-head
 * Interim replies (1xx) may come before the one that counts. */
static int receive_head(struct intake *intake, struct http_head *head)
{
    for (;;) {
        ssize_t used = http_head_parse(intake->data + intake->used,
                                       intake->count - intake->used, head);
        if (used > 0) {
            intake->used += (size_t)used;
            if (head->status >= 200)
                return 0;
            continue;
        }
        if (used != -EAGAIN)
            return (int)used;
        if (intake->count == sizeof(intake->data))
            return -EBADMSG; /* nothing but interim replies */
        ssize_t n = fill(intake);
        if (n <= 0)
            return n == 0 ? -ENODATA : (int)n;
    }
}

/* DOC: receive-body
 * Only the body itself knows where it ends: by its length, by its last chunk,
 * or by the end of the stream. */
static int receive_body(struct intake *intake, struct http_body *body)
{
    while (!http_body_complete(body)) {
        int error = http_body_take(body, intake->data + intake->used,
                                   intake->count - intake->used);
        if (error < 0 || http_body_complete(body))
            return error;
        intake->used = intake->count = 0;
        ssize_t n = fill(intake);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return http_body_close(body);
    }
    return 0;
}

/* END SOLUTION */
int receive_reply(int fd, int64_t deadline_ns, struct reply *reply)
{
    *reply = (struct reply){0};
    /* BEGIN SOLUTION 3 */
    struct intake intake; /* its data need no zeros */
    intake.fd = fd;
    intake.deadline_ns = deadline_ns;
    intake.reply = reply;
    intake.used = intake.count = 0;
    struct http_head head;
    int error = receive_head(&intake, &head);
    if (error < 0)
        return error;
    struct http_body body;
    http_body_begin(&body, &head);
    reply->status = head.status;
    error = receive_body(&intake, &body);
    reply->body_bytes = body.bytes;
    return error;
    /* END SOLUTION */
    //> (void)fd, (void)deadline_ns;
    //> return -ENOSYS; /* checkpoint 3: receive, parse, until it is whole */
}
