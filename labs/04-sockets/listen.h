/* A server's own sockets. */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdint.h>

/* Opens a socket of `type` (SOCK_STREAM: also listening; SOCK_DGRAM) on a port
 * of every address of this machine, IPv6 and IPv4 by the same socket; where the
 * kernel has no IPv6, IPv4 alone.  The socket does not block, and a port whose
 * old connections still linger in TIME_WAIT can be had at once.
 * Returns the fd, or -errno. */
int listen_on(int type, uint16_t port);

#endif
