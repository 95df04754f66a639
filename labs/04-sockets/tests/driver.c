/* The driver: a client that speaks byte by byte; see common.h. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "common.h"

enum { PIECE_BYTES = 64 * 1024, STALLED_MS = 5000, BLOCKED_MS = 300 };

/* The k-th byte of what the driver sends: no piece of the stream looks like its
 * neighbour, so that a piece which is lost or sent twice is seen. */
static uint8_t pattern(size_t k)
{
    return (uint8_t)((k * 2654435761u) >> 11);
}

int connect_to(struct pair *pair, uint16_t port)
{
    int fd =
        host_connect(pair->client, host_addr(pair->server), port, PATIENCE);
    if (fd < 0)
        test_fail("the server should take a connection on port %d: %s", port,
                  strerror(-fd));
    return fd;
}

/* A FIN, a RST, or the error of the next write: which one the driver sees of a
 * server that hung up is chance. */
static bool hung_up(ssize_t n)
{
    return n == -ECONNRESET || n == -EPIPE;
}

void expect_echo(int fd, const void *data, size_t bytes)
{
    char *back = malloc(bytes + 1);
    ssize_t n = sock_send(fd, data, bytes, PATIENCE);
    if (n == 0)
        n = sock_recv(fd, back, bytes, PATIENCE);
    if (n == -ETIMEDOUT)
        test_fail("of %zu bytes that echod got nothing came back for 5 s, or "
                  "not all",
                  bytes);
    if (hung_up(n) || (n >= 0 && (size_t)n < bytes))
        test_fail("echod ended the connection before %zu bytes had come back",
                  bytes);
    if (n < 0)
        test_fail("echod should send back %zu bytes: %s", bytes,
                  strerror((int)-n));
    expect_bytes(back, (size_t)n, data, bytes, "echo");
    free(back);
}

void await_delivered(struct pair *pair, const char *filter, const char *what)
{
    struct timespec pause = {.tv_nsec = 500000};
    int64_t deadline_ns = clock_now_ns() + PATIENCE;
    while (capture_count_fate(pair->net, FATE_DELIVERED, filter) == 0) {
        if (clock_now_ns() > deadline_ns)
            test_fail("%s did not come within 5 s", what);
        nanosleep(&pause, NULL); /* no event tells of a delivery */
    }
}

/* Waits until the peer's kernel has acknowledged all that was sent. */
static void await_acknowledged(int fd)
{
    struct timespec pause = {.tv_nsec = 500000};
    int64_t deadline_ns = clock_now_ns() + PATIENCE;
    int unacknowledged;
    while (ioctl(fd, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged > 0) {
        if (clock_now_ns() > deadline_ns)
            test_fail("the last bytes were not acknowledged for 5 s");
        nanosleep(&pause, NULL); /* no event tells of an ACK */
    }
}

/* A first congestion window has room for ten segments; bytes that are written
 * beyond it would share one. */
void send_dribbling(int fd, const char *data, size_t bytes)
{
    enum { SEGMENTS_AT_ONCE = 8 };
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    step("send %zu bytes, each in a segment of its own", bytes);
    for (size_t i = 0; i < bytes; i++) {
        if (i % SEGMENTS_AT_ONCE == 0)
            await_acknowledged(fd);
        int error = sock_send(fd, data + i, 1, PATIENCE);
        if (hung_up(error))
            return; /* why, is what the server has answered */
        if (error != 0)
            test_fail("byte %zu was not taken: %s", i, strerror(-error));
    }
    await_acknowledged(fd);
}

/* Both directions of a stream under test. */
struct stream {
    int fd;
    size_t sent, received, total;
};

static void pump_out(struct stream *stream)
{
    uint8_t piece[PIECE_BYTES];
    size_t bytes = stream->total - stream->sent;
    if (bytes > sizeof(piece))
        bytes = sizeof(piece);
    for (size_t i = 0; i < bytes; i++)
        piece[i] = pattern(stream->sent + i);
    ssize_t n = send(stream->fd, piece, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
        test_fail("echod broke the connection off after %zu of %zu bytes: %s",
                  stream->sent, stream->total, strerror(errno));
    if (n > 0)
        stream->sent += (size_t)n;
}

static void pump_in(struct stream *stream)
{
    uint8_t piece[PIECE_BYTES];
    ssize_t n = recv(stream->fd, piece, sizeof(piece), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        test_fail("of %zu bytes %zu should still come back, but the stream "
                  "ended: %s",
                  stream->total, stream->total - stream->received,
                  n == 0 ? "FIN" : strerror(errno));
    for (ssize_t i = 0; i < n; i++) {
        size_t k = stream->received + (size_t)i;
        if (k >= stream->total || piece[i] != pattern(k))
            test_fail("byte %zu of the echo should be 0x%02x, and was 0x%02x: "
                      "bytes before it were lost, doubled or changed",
                      k, pattern(k), piece[i]);
    }
    stream->received += (size_t)n;
}

/* Waits until something can be done; fails the test when nothing ever can. */
static short await(const struct stream *stream)
{
    short out = stream->sent < stream->total ? POLLOUT : 0;
    struct pollfd wait = {.fd = stream->fd, .events = POLLIN | out};
    if (poll(&wait, 1, STALLED_MS) == 0)
        test_fail("nothing moved for %d s: %zu of %zu bytes sent, %zu come "
                  "back",
                  STALLED_MS / 1000, stream->sent, stream->total,
                  stream->received);
    return wait.revents;
}

static void run_stream(struct stream *stream, void (*tick)(void *context),
                       void *context)
{
    size_t ticks = 0;
    while (stream->received < stream->total) {
        short events = await(stream);
        if (events & POLLOUT)
            pump_out(stream);
        if (events & (POLLIN | POLLHUP | POLLERR))
            pump_in(stream);
        if (tick && stream->received / PIECE_BYTES > ticks) {
            ticks++;
            tick(context);
        }
    }
}

void pump(int fd, size_t bytes, void (*tick)(void *context), void *context)
{
    step("send %zu bytes and read their echo, both at once", bytes);
    run_stream(&(struct stream){.fd = fd, .total = bytes}, tick, context);
}

size_t send_until_blocked(int fd, size_t limit)
{
    struct stream stream = {.fd = fd, .total = limit};
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    step("send without reading, until nothing more is taken");
    while (stream.sent < limit && poll(&wait, 1, BLOCKED_MS) > 0)
        pump_out(&stream);
    return stream.sent;
}

void expect_pattern(int fd, size_t bytes)
{
    step("read the echo of those %zu bytes", bytes);
    struct stream stream = {.fd = fd, .sent = bytes, .total = bytes};
    run_stream(&stream, NULL, NULL);
}

void expect_end_of_stream(int fd, const char *who)
{
    int error = sock_await_eof(fd, PATIENCE);
    if (error != 0)
        test_fail(
            "%s should end the stream with a FIN and nothing before it: %s",
            who,
            error == -EBUSY       ? "more bytes came"
            : error == -ETIMEDOUT ? "nothing came for 5 s"
                                  : strerror(-error));
}

/* Reads a reply line; fails the test where there is none. */
static void read_reply(int fd, char *line, size_t size)
{
    ssize_t n = sock_gets(fd, line, size, PATIENCE);
    if (n == -ENODATA || hung_up(n))
        test_fail("fetchd ended the connection without a reply");
    if (n < 0)
        test_fail("fetchd should reply with a line: %s",
                  n == -ETIMEDOUT ? "none came for 5 s" : strerror((int)-n));
}

void expect_ok(int fd, int64_t size_bytes)
{
    char line[512], wanted[64];
    snprintf(wanted, sizeof(wanted), "OK %lld", (long long)size_bytes);
    read_reply(fd, line, sizeof(line));
    expect_text(line, wanted, "reply");
}

void expect_error(int fd, int code, const char *to_what)
{
    char line[512], wanted[64];
    snprintf(wanted, sizeof(wanted), "ERR %d ", code);
    read_reply(fd, line, sizeof(line));
    step("reply to %s: \"%s\"", to_what, line);
    if (strncmp(line, wanted, strlen(wanted)) != 0)
        test_fail("fetchd should answer %s with \"%s…\", and said \"%s\"",
                  to_what, wanted, line);
}

void expect_body(int fd, const void *data, size_t bytes)
{
    char *body = malloc(bytes + 1);
    ssize_t n = sock_recv(fd, body, bytes, PATIENCE);
    if (n < 0)
        test_fail("%zu bytes of a file should come: %s", bytes,
                  strerror((int)-n));
    expect_bytes(body, (size_t)n, data, bytes, "body");
    free(body);
}
