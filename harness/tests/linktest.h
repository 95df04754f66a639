/* For tests of links: two hosts, numbered datagrams between them, and what
 * became of each.  Stands in a header like incell.h, which it builds upon. */
#ifndef TESTS_LINKTEST_H
#define TESTS_LINKTEST_H

#include "incell.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <wirelab/capture.h>
#include <wirelab/net.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "link/links.h"

enum { LT_PORT = 7077, LT_MAX = 4096, LT_PATIENCE_S = 10 };

struct pair {
    struct net *net;
    struct host *a, *b;
    struct link *link;
    int tx, rx; /* UDP, connected; bound to LT_PORT */
};

static inline int lt_socket(struct host *host, int family, int type)
{
    host_enter(host);
    int fd = socket(family, type | SOCK_CLOEXEC, 0);
    host_leave();
    ck_assert_int_ge(fd, 0);
    int bytes = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    return fd;
}

static inline socklen_t lt_address(struct sockaddr_storage *at,
                                   const char *text, uint16_t port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)at;
    *at = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof(*v4);
    }
    ck_assert_int_eq(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return sizeof(*v6);
}

static inline int lt_receiver(struct host *host, const char *addr)
{
    struct sockaddr_storage at;
    socklen_t bytes = lt_address(&at, addr, LT_PORT);
    int fd = lt_socket(host, at.ss_family, SOCK_DGRAM);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, bytes), 0);
    return fd;
}

static inline int lt_sender(struct host *host, const char *addr)
{
    struct sockaddr_storage at;
    socklen_t bytes = lt_address(&at, addr, LT_PORT);
    int fd = lt_socket(host, at.ss_family, SOCK_DGRAM);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, bytes), 0);
    return fd;
}

/* A net of two hosts, "left" and "right". */
static inline struct pair pair_hosts(uint64_t seed)
{
    struct pair pair = {.net = net_new(seed)};
    pair.a = net_host(pair.net, "left");
    pair.b = net_host(pair.net, "right");
    return pair;
}

static inline struct pair pair_new(uint64_t seed, const char *profile)
{
    struct pair pair = pair_hosts(seed);
    pair.link = net_link(pair.a, pair.b, profile);
    pair.rx = lt_receiver(pair.b, host_addr(pair.b));
    pair.tx = lt_sender(pair.a, host_addr(pair.b));
    return pair;
}

/* Sends datagrams first .. first + count - 1, each saying its number. */
static inline void blast(const struct pair *pair, unsigned first,
                         unsigned count, size_t bytes)
{
    uint8_t data[1472];
    for (unsigned i = first; i < first + count; i++) {
        memset(data, (int)(i & 0xff), sizeof(data));
        memcpy(data, &i, sizeof(i));
        ck_assert_int_eq(send(pair->tx, data, bytes, 0), (ssize_t)bytes);
    }
}

/* Waits until `count` packets have entered links and none is in flight. */
static inline void settle(struct net *net, int count)
{
    int64_t until_ns = clock_now_ns() + SECONDS(LT_PATIENCE_S);
    ck_assert_msg(capture_await(net, NULL, count, SECONDS(LT_PATIENCE_S)),
                  "only %d of %d packets entered", capture_count(net, NULL),
                  count);
    while (capture_count_fate(net, FATE_IN_FLIGHT, NULL) > 0) {
        ck_assert_msg(clock_now_ns() < until_ns, "packets stay in flight");
        poll(NULL, 0, 1);
    }
}

/* Takes what has arrived: how often each number, and in which order.  Returns
 * how many there were. */
static inline unsigned collect(const struct pair *pair, unsigned *times,
                               unsigned *order)
{
    unsigned n = 0, number;
    memset(times, 0, LT_MAX * sizeof(*times));
    while (recv(pair->rx, &number, sizeof(number), MSG_DONTWAIT | MSG_TRUNC) >=
           (ssize_t)sizeof(number)) {
        ck_assert_uint_lt(number, LT_MAX);
        times[number]++;
        if (order)
            order[n] = number;
        n++;
    }
    return n;
}

/* The number a captured datagram says. */
static inline unsigned number_in(const struct packet *packet)
{
    unsigned number;
    ck_assert_uint_ge(packet->payload_bytes, sizeof(number));
    memcpy(&number, packet->payload, sizeof(number));
    return number;
}

#endif
