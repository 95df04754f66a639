/* The test's own sockets; see wirelab/sock.h. */
#include <wirelab/sock.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testrun.h"
#include "topo/topo.h"

static const int64_t puts_timeout_ns = SECONDS(10);

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* ---- Addresses ----------------------------------------------------------- */

/* What a test passes is a constant or host_addr(): anything else is our bug. */
static socklen_t parse_address(const char *text, uint16_t port,
                               union address *address)
{
    memset(address, 0, sizeof(*address));
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return sizeof(address->v4);
    }
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        return sizeof(address->v6);
    }
    infra("\"%s\" is no numeric address", text);
}

/* IPv4 in IPv6 is shown as what it is. */
static void format_address(const union address *address, char *text,
                           uint16_t *port)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint16_t port_be16 = address->any.sa_family == AF_INET
                             ? address->v4.sin_port
                             : address->v6.sin6_port;
    if (port)
        *port = ntohs(port_be16);
    if (text == NULL)
        return;
    const uint8_t *bytes = address->v6.sin6_addr.s6_addr;
    if (address->any.sa_family == AF_INET)
        inet_ntop(AF_INET, &address->v4.sin_addr, text, INET6_ADDRSTRLEN);
    else if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
        inet_ntop(AF_INET, bytes + 12, text, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, bytes, text, INET6_ADDRSTRLEN);
}

/* ---- Opening ------------------------------------------------------------- */

static int open_socket(struct host *host, int domain, int type, int protocol)
{
    host_enter(host);
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
    int error = errno;
    host_leave();
    if (fd < 0)
        infra("cannot open a socket on %s: %s", host->name, strerror(error));
    return fd;
}

int host_socket(struct host *host, int domain, int type, int protocol)
{
    return open_socket(host, domain, type, protocol);
}

/* Waits for events.  Returns 0, -ETIMEDOUT or -errno. */
static int await(int fd, short events, int64_t deadline_ns)
{
    struct pollfd ready = {.fd = fd, .events = events};
    for (;;) {
        int64_t left_ns = deadline_ns - clock_now_ns();
        struct timespec left = {.tv_sec = left_ns / 1000000000,
                                .tv_nsec = left_ns % 1000000000};
        if (left_ns < 0)
            left = (struct timespec){0, 0};
        int n = ppoll(&ready, 1, &left, NULL);
        if (n > 0)
            return 0;
        if (n == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

static int await_connected(int fd, int64_t deadline_ns)
{
    int error = 0;
    socklen_t length = sizeof(error);
    int result = await(fd, POLLOUT, deadline_ns);
    if (result < 0)
        return result;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        return -errno;
    return -error;
}

int host_connect(struct host *host, const char *addr, uint16_t port,
                 int64_t timeout_ns)
{
    union address address;
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    socklen_t length = parse_address(addr, port, &address);
    journal_step("connect from %s to %s port %u", host->name, addr, port);
    int fd = open_socket(host, address.any.sa_family,
                         SOCK_STREAM | SOCK_NONBLOCK, 0);
    int result = connect(fd, &address.any, length) < 0 ? -errno : 0;
    if (result == -EINPROGRESS)
        result = await_connected(fd, deadline_ns);
    if (result < 0)
        close(fd);
    return result < 0 ? result : fd;
}

/* Dual stack where the net has IPv6.  `SO_REUSEADDR` since a test may open a
 * port again that it has just closed. */
static int open_bound(struct host *host, int type, uint16_t port)
{
    union address address;
    int on = 1, off = 0;
    bool ipv6 = host->net->ipv6;
    socklen_t length = parse_address(ipv6 ? "::" : "0.0.0.0", port, &address);
    int fd = open_socket(host, address.any.sa_family, type | SOCK_NONBLOCK, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (ipv6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, &address.any, length) < 0)
        infra("cannot bind port %u on %s: %s", port, host->name,
              strerror(errno));
    return fd;
}

int host_udp(struct host *host, uint16_t port)
{
    return open_bound(host, SOCK_DGRAM, port);
}

int host_udp_connected(struct host *host, const char *addr, uint16_t port)
{
    union address address;
    socklen_t length = parse_address(addr, port, &address);
    int fd =
        open_socket(host, address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (connect(fd, &address.any, length) < 0)
        infra("%s has no route to %s: %s", host->name, addr, strerror(errno));
    return fd;
}

int host_listen(struct host *host, uint16_t port)
{
    int fd = open_bound(host, SOCK_STREAM, port);
    if (listen(fd, SOMAXCONN) < 0)
        infra("cannot listen on port %u of %s: %s", port, host->name,
              strerror(errno));
    return fd;
}

int sock_accept(int fd, int64_t timeout_ns)
{
    int result = await(fd, POLLIN, clock_now_ns() + timeout_ns);
    if (result < 0)
        return result;
    int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}

/* ---- Streams ------------------------------------------------------------- */

int sock_send(int fd, const void *data, size_t bytes, int64_t timeout_ns)
{
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    const char *from = data;
    while (bytes > 0) {
        ssize_t n = send(fd, from, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            from += n;
            bytes -= (size_t)n;
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        int result = await(fd, POLLOUT, deadline_ns);
        if (result < 0)
            return result;
    }
    return 0;
}

int sock_puts(int fd, const char *text)
{
    return sock_send(fd, text, strlen(text), puts_timeout_ns);
}

/* One recv, waited for.  Returns its result or -errno. */
static ssize_t receive(int fd, void *data, size_t bytes, int flags,
                       int64_t deadline_ns)
{
    for (;;) {
        ssize_t n = recv(fd, data, bytes, flags | MSG_DONTWAIT);
        if (n >= 0)
            return n;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        int result = await(fd, POLLIN, deadline_ns);
        if (result < 0)
            return result;
    }
}

ssize_t sock_recv(int fd, void *data, size_t bytes, int64_t timeout_ns)
{
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    size_t have = 0;
    while (have < bytes) {
        ssize_t n =
            receive(fd, (char *)data + have, bytes - have, 0, deadline_ns);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

/* Looks before it takes, so that what follows the line stays in the socket. */
ssize_t sock_gets(int fd, char *line, size_t size, int64_t timeout_ns)
{
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    size_t have = 0;
    while (have < size) {
        char *at = line + have;
        ssize_t n = receive(fd, at, size - have, MSG_PEEK, deadline_ns);
        if (n <= 0)
            return n < 0 ? n : -ENODATA;
        char *end = memchr(at, '\n', (size_t)n);
        size_t take = end ? (size_t)(end - at) + 1 : (size_t)n;
        n = receive(fd, at, take, 0, deadline_ns);
        if (n < 0)
            return n;
        have += (size_t)n;
        if (end && n == (ssize_t)take) {
            *end = '\0';
            return (ssize_t)have - 1;
        }
    }
    return -EMSGSIZE;
}

int sock_await_eof(int fd, int64_t timeout_ns)
{
    char byte;
    ssize_t n = receive(fd, &byte, 1, MSG_PEEK, clock_now_ns() + timeout_ns);
    if (n < 0)
        return (int)n;
    return n > 0 ? -EBUSY : 0;
}

/* ---- Datagrams ----------------------------------------------------------- */

/* An IPv4 address through a dual-stack socket has to be written as IPv6. */
static socklen_t fit_family(int fd, union address *address, socklen_t length)
{
    int domain = AF_INET;
    socklen_t size = sizeof(domain);
    (void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
    if (domain != AF_INET6 || address->any.sa_family != AF_INET)
        return length;
    struct sockaddr_in from = address->v4;
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = from.sin_port};
    to.sin6_addr.s6_addr[10] = to.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&to.sin6_addr.s6_addr[12], &from.sin_addr, 4);
    address->v6 = to;
    return sizeof(to);
}

int sock_sendto(int fd, const char *addr, uint16_t port, const void *data,
                size_t bytes)
{
    union address address;
    socklen_t length = 0;
    int64_t deadline_ns = clock_now_ns() + puts_timeout_ns;
    if (addr) {
        length = parse_address(addr, port, &address);
        length = fit_family(fd, &address, length);
    }
    for (;;) {
        ssize_t n = sendto(fd, data, bytes, MSG_NOSIGNAL | MSG_DONTWAIT,
                           addr ? &address.any : NULL, length);
        if (n >= 0)
            return 0;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        int result = await(fd, POLLOUT, deadline_ns);
        if (result < 0)
            return result;
    }
}

ssize_t sock_recvfrom(int fd, void *data, size_t size, char *addr,
                      uint16_t *port, int64_t timeout_ns)
{
    union address address = {.any = {.sa_family = AF_UNSPEC}};
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    for (;;) {
        socklen_t length = sizeof(address);
        ssize_t n =
            recvfrom(fd, data, size, MSG_DONTWAIT, &address.any, &length);
        if (n >= 0) {
            format_address(&address, addr, port);
            return n;
        }
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        int result = await(fd, POLLIN, deadline_ns);
        if (result < 0)
            return result;
    }
}

void sock_reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}

void sock_half_close(int fd)
{
    (void)shutdown(fd, SHUT_WR); /* a peer that is gone has nothing to hear */
}
