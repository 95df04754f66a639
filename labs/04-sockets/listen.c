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
#include "cli.h"

int listen_on(int type, uint16_t port)
{
    (void)type, (void)port;
    not_done(1, "listen_on() in listen.c, then serve() in serve.c");
}
