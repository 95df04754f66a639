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

#include "cli.h"

/* DOC: read-some */
ssize_t read_some(int fd, void *data, size_t bytes)
{
    (void)fd, (void)data, (void)bytes;
    not_done(1, "read_some() in io.c");
}

ssize_t read_full(int fd, void *data, size_t bytes)
{
    (void)fd, (void)data, (void)bytes;
    not_done(2, "read_full() in io.c");
}

/* DOC: write-full */
int write_full(int fd, const void *data, size_t bytes)
{
    (void)fd, (void)data, (void)bytes;
    not_done(1, "write_full() in io.c");
}

/* DOC: close-gently
 * A socket that is closed while bytes lie unread in it sends RST instead of
 * FIN (RFC 2525 section 2.17), and a host that gets a RST forgets the rest of
 * the stream, our last answer with it if that was lost and should be sent
 * again.  So: FIN first, then read until the peer has read everything and
 * closes, but not for ever. */
void close_gently(int fd)
{
    (void)close(fd); /* checkpoint 5: is that enough after an ERR? */
}
