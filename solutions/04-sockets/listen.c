/* A server's own sockets; see listen.h.
 *
 * An IPv6 socket bound to "::" with IPV6_V6ONLY off takes IPv4 clients as well;
 * they appear as ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).  So one socket is
 * enough, and the code behind it never asks which family a client is of.  The
 * default of IPV6_V6ONLY is the administrator's (net.ipv6.bindv6only), hence
 * it is always set.
 *
 * SO_REUSEADDR is for TCP alone.  There it means: connections of the last
 * server that still linger in TIME_WAIT do not keep the port from me; a second
 * listener is still refused.  On UDP the same option lets two programs have one
 * port, and the newer one silently takes the datagrams. */
#include "listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "options.h"
//> #include "cli.h"

/* BEGIN SOLUTION 6 */
/* Asks for the address at which each datagram arrived, so that the answer can
 * leave from the same one: a client with a connected socket takes no other. */
static int want_arrival_address(int fd, int family)
{
    if (family == AF_INET6)
        return option_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    return option_set(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

/* END SOLUTION */
/* BEGIN SOLUTION 1 */
static int prepare(int fd, int family, int type)
{
    int error = 0;
    if (family == AF_INET6)
        error = option_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (error == 0 && type == SOCK_STREAM)
        error = option_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (error == 0 && type == SOCK_DGRAM)
        error = want_arrival_address(fd, family);
    return error;
}

static int bind_any(int fd, int family, uint16_t port)
{
    struct sockaddr_in6 any6 = {.sin6_family = AF_INET6,
                                .sin6_port = htons(port)};
    struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    int status = family == AF_INET6
                     ? bind(fd, (struct sockaddr *)&any6, sizeof(any6))
                     : bind(fd, (struct sockaddr *)&any4, sizeof(any4));
    return status < 0 ? -errno : 0;
}

/* DOC: listen-family
 * The socket does not block because poll(2) only guesses: a connection that is
 * reset before accept(2) is gone, a datagram with a bad checksum is dropped as
 * it is read, and a server that then blocks serves nobody. */
static int listen_family(int family, int type, uint16_t port)
{
    int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int error = prepare(fd, family, type);
    if (error == 0)
        error = bind_any(fd, family, port);
    if (error == 0 && type == SOCK_STREAM && listen(fd, SOMAXCONN) < 0)
        error = -errno;
    if (error == 0)
        return fd;
    (void)close(fd); /* the first error is the one to report */
    return error;
}

/* END SOLUTION */
int listen_on(int type, uint16_t port)
{
    /* BEGIN SOLUTION 1 */
    int fd = listen_family(AF_INET6, type, port);
    if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL)
        fd = listen_family(AF_INET, type, port);
    return fd;
    /* END SOLUTION */
    //> (void)type, (void)port;
    //> not_done(1, "listen_on() in listen.c, then serve() in serve.c");
}
