/* Whole reads and whole writes; see io.h.
 *
 * read(2) and write(2) promise very little: read returns when *something* is
 * there, write when *something* was taken, and either may be interrupted by a
 * signal before it did anything (EINTR) or after it did part (a short count).
 * TCP keeps the order of bytes and nothing else: ten bytes written at once may
 * be read as ten times one, and ten writes as one read.  Every stream program
 * therefore needs the two loops below, and a program that lacks them works on
 * loopback and fails on a network. */
#include "io.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

//> #include "cli.h"
//>
/* BEGIN SOLUTION 5 */
enum {
    LINGER_MS = 2000,           /* how long close_gently waits for the peer */
    LINGER_BYTES = 4096,        /* read at once, only to be thrown away */
    LINGER_LIMIT = 64 * 1 << 20 /* bytes it is ready to throw away */
};

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* END SOLUTION */
/* BEGIN SOLUTION 2 */
/* A blocking socket says EAGAIN in one case only: its SO_RCVTIMEO or
 * SO_SNDTIMEO is over.  To callers "try again" would be a lie. */
static int io_error(void)
{
    return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

/* END SOLUTION */
/* DOC: read-some */
ssize_t read_some(int fd, void *data, size_t bytes)
{
    /* BEGIN SOLUTION 1 */
    for (;;) {
        ssize_t n = read(fd, data, bytes);
        if (n >= 0)
            return n;
        if (errno != EINTR)
            return io_error();
    }
    /* END SOLUTION */
    //> (void)fd, (void)data, (void)bytes;
    //> not_done(1, "read_some() in io.c");
}

ssize_t read_full(int fd, void *data, size_t bytes)
{
    /* BEGIN SOLUTION 2 */
    char *at = data;
    size_t done = 0;
    while (done < bytes) {
        ssize_t n = read_some(fd, at + done, bytes - done);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
    /* END SOLUTION */
    //> (void)fd, (void)data, (void)bytes;
    //> not_done(2, "read_full() in io.c");
}

/* DOC: write-full */
int write_full(int fd, const void *data, size_t bytes)
{
    /* BEGIN SOLUTION 2 */
    const char *at = data;
    while (bytes > 0) {
        ssize_t n = write(fd, at, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_error();
        at += n; /* part of it went out: only the rest is left to do */
        bytes -= (size_t)n;
    }
    return 0;
    /* END SOLUTION */
    //> (void)fd, (void)data, (void)bytes;
    //> not_done(1, "write_full() in io.c");
}

/* DOC: close-gently
 * A socket that is closed while bytes lie unread in it sends RST instead of
 * FIN (RFC 2525 section 2.17), and a host that gets a RST forgets the rest of
 * the stream, our last answer with it if that was lost and should be sent
 * again.  So: FIN first, then read until the peer has read everything and
 * closes, but not for ever. */
void close_gently(int fd)
{
    /* BEGIN SOLUTION 5 */
    int64_t until_ms = clock_ms() + LINGER_MS, left_ms = LINGER_MS;
    size_t thrown_away = 0;
    char waste[LINGER_BYTES];
    (void)shutdown(fd, SHUT_WR); /* ENOTCONN: the peer was faster */
    while (left_ms > 0 && thrown_away < LINGER_LIMIT) {
        struct timeval wait = {.tv_sec = left_ms / 1000,
                               .tv_usec = left_ms % 1000 * 1000};
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
        ssize_t n = read_some(fd, waste, sizeof(waste));
        if (n <= 0)
            break;
        thrown_away += (size_t)n;
        left_ms = until_ms - clock_ms();
    }
    (void)close(fd); /* nothing can be done about what it says */
    /* END SOLUTION */
    //> (void)close(fd); /* checkpoint 5: is that enough after an ERR? */
}
