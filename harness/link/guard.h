/* Against false senders: what a host may send whose program was given a packet
 * socket or a TAP.
 *
 * Without such a descriptor a program cannot lie about where a packet comes
 * from: the kernel fills that in (and the sandbox's filter refuses the options
 * which would change it).  With one it writes whole frames, and could speak for
 * the driver or for another host. */
#ifndef LINK_GUARD_H
#define LINK_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/view.h"
#include "topo/topo.h"

/* Whether a frame that entered by the port names its sender truly.
 *
 *   Ethernet   the source is the port's hardware address
 *   ARP        so is the sender's, and its IPv4 address the port's, or 0.0.0.0
 *              (a probe, RFC 5227)
 *   IP         the source is an address of the host, on whichever link, or the
 *              unspecified one; or link-local (IPv6).  A host that forwards
 *              (host_forward, or a TAP host on several links, whose program may
 *              be a router) sends what others have written.
 *
 * `view` is NULL when there is no IP packet that can be read. */
bool guard_passes(const struct port *port, const uint8_t *frame, size_t bytes,
                  const struct view *view);

#endif
