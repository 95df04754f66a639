/* A name becomes addresses. */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "outcome.h"

enum { ADDRESSES_MAX = 16, ADDRESS_TEXT_BYTES = 64 };

/* An address and a port, ready for connect(2). */
struct address {
    struct sockaddr_storage storage;
    socklen_t bytes;
};

/* In the order in which they are to be tried. */
struct addresses {
    struct address list[ADDRESSES_MAX];
    size_t count;
};

/* Asks the system for the addresses of `host`, a name or a number.  `family` is
 * AF_INET, AF_INET6 or AF_UNSPEC for both; what is beyond ADDRESSES_MAX is left
 * out.  It returns by the deadline, whatever the resolver does.
 * Returns FAILURE_NONE and at least one address, or what went wrong. */
enum failure resolve(const char *host, uint16_t port, int family,
                     int64_t deadline_ns, struct addresses *addresses);

/* Puts the families in turn, beginning with that of the first address; within
 * a family the order stays (RFC 8305 section 4). */
void addresses_interleave(struct addresses *addresses);

/* "10.77.1.2" or "fd77:1::2", without the port. */
void address_text(const struct address *address, char text[ADDRESS_TEXT_BYTES]);

#endif
