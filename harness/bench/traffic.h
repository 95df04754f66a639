/* Traffic for benches, between two hosts whatever link joins them: a TCP stream
 * and windows of small datagrams.  Sockets block: the kernel does the waiting.
 * Functions stand in a header because every bench is one source file. */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <wirelab/expect.h>
#include <wirelab/net.h>
#include <wirelab/sock.h>

enum { TRAFFIC_PORT = 7077, TRAFFIC_CHUNK = 256 << 10 };

#define TRAFFIC_WARM_UP_NS MSECONDS(300)
#define TRAFFIC_NS MSECONDS(1200)

static inline void traffic_check(bool ok, const char *what)
{
    if (!ok)
        test_infra("%s: %s", what, strerror(errno));
}

static inline struct sockaddr_in traffic_address(struct host *host)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(TRAFFIC_PORT)};
    inet_pton(AF_INET, host_addr(host), &at.sin_addr);
    return at;
}

/* A socket of `host`, bound to (`here`) or connected to (`there`) an address.
 */
static inline int traffic_socket(struct host *host, int type, struct host *here,
                                 struct host *there)
{
    struct timeval patience = {.tv_sec = 5};
    int fd = host_socket(host, AF_INET, type, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    struct sockaddr_in at = traffic_address(here ? here : there);
    if (here)
        traffic_check(bind(fd, (void *)&at, sizeof(at)) == 0, "bind");
    else
        traffic_check(connect(fd, (void *)&at, sizeof(at)) == 0, "connect");
    return fd;
}

/* ---- A TCP stream -------------------------------------------------------- */

static inline void *traffic_pour(void *context)
{
    static const uint8_t data[TRAFFIC_CHUNK];
    int fd = *(int *)context;
    while (send(fd, data, sizeof(data), MSG_NOSIGNAL) > 0)
        continue;
    return NULL;
}

/* Receives until the time is over; returns the bytes. */
static inline int64_t traffic_drain(int fd, int64_t until_ns)
{
    static uint8_t data[TRAFFIC_CHUNK];
    int64_t bytes = 0;
    while (clock_now_ns() < until_ns) {
        ssize_t n = recv(fd, data, sizeof(data), 0);
        traffic_check(n > 0, "recv");
        bytes += n;
    }
    return bytes;
}

/* Kernel TCP from a to b.  Returns payload bits per second. */
static inline double traffic_tcp(struct host *a, struct host *b)
{
    int listener = traffic_socket(b, SOCK_STREAM, b, NULL);
    traffic_check(listen(listener, 1) == 0, "listen");
    int tx = traffic_socket(a, SOCK_STREAM, NULL, b);
    int rx = accept(listener, NULL, NULL);
    traffic_check(rx >= 0, "accept");
    pthread_t thread;
    pthread_create(&thread, NULL, traffic_pour, &tx);
    (void)traffic_drain(rx, clock_now_ns() + TRAFFIC_WARM_UP_NS);
    int64_t begin_ns = clock_now_ns();
    int64_t bytes = traffic_drain(rx, begin_ns + TRAFFIC_NS);
    double seconds = (double)(clock_now_ns() - begin_ns) / 1e9;
    close(rx); /* unread data: a reset, which ends the sender */
    pthread_join(thread, NULL);
    close(tx);
    close(listener);
    return (double)bytes * 8 / seconds;
}

/* ---- Datagrams ----------------------------------------------------------- */

enum { WINDOW_PKTS = 256, ROUND_PKTS = 64, DATAGRAM_BYTES = 64 };

static inline void *traffic_answer(void *context)
{
    int fd = *(int *)context;
    uint8_t data[DATAGRAM_BYTES];
    struct sockaddr_in from;
    socklen_t bytes = sizeof(from);
    unsigned count = 0;
    while (recvfrom(fd, data, sizeof(data), 0, (void *)&from, &bytes) ==
           (ssize_t)sizeof(data)) {
        if (++count % ROUND_PKTS == 0)
            (void)sendto(fd, &count, sizeof(count), 0, (void *)&from, bytes);
    }
    return NULL;
}

/* Small datagrams from a to b, WINDOW_PKTS on their way at once, so that none
 * has to be dropped.  Returns datagrams per second. */
static inline double traffic_datagrams(struct host *a, struct host *b)
{
    int rx = traffic_socket(b, SOCK_DGRAM, b, NULL);
    int tx = traffic_socket(a, SOCK_DGRAM, NULL, b);
    uint8_t data[DATAGRAM_BYTES] = {0};
    pthread_t thread;
    pthread_create(&thread, NULL, traffic_answer, &rx);
    int64_t begin_ns = clock_now_ns() + TRAFFIC_WARM_UP_NS, now_ns;
    unsigned sent = 0, answered = 0, at_begin = 0;
    while ((now_ns = clock_now_ns()) < begin_ns + TRAFFIC_NS) {
        if (now_ns < begin_ns)
            at_begin = answered;
        while (sent - answered < WINDOW_PKTS) {
            traffic_check(send(tx, data, sizeof(data), 0) > 0, "send");
            sent++;
        }
        traffic_check(recv(tx, &answered, sizeof(answered), 0) > 0, "answer");
    }
    double seconds = (double)(clock_now_ns() - begin_ns) / 1e9;
    (void)send(tx, data, 1, 0); /* a short one ends the other side */
    pthread_join(thread, NULL);
    close(rx);
    close(tx);
    return (double)(answered - at_begin) / seconds;
}

#endif
