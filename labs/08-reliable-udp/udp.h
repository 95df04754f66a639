/* Datagrams in and out, many for one system call.
 *
 * The socket is blocking for sending (a full device queue holds us up, as it
 * should) and is asked without blocking for what has come in. */
#ifndef UDP_H
#define UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wire.h"

enum {
    UDP_OUT_DATAGRAMS = 48, /* 48 x 1200 bytes fit one UDP_SEGMENT send */
    UDP_IN_MESSAGES = 8,
    UDP_IN_BYTES = 65535, /* a message may be many datagrams (UDP_GRO) */
};

/* Binds to a port, any IPv4 address.  Returns the fd or -errno. */
int udp_bind(uint16_t port);
/* Connects to a host, so that the kernel drops what others send us.
 * Returns the fd, -errno, or -EADDRNOTAVAIL if the name means nothing. */
int udp_connect(const char *host, const char *port);

/* Datagrams on their way out: equally long ones, the last may be shorter, are
 * one system call. */
struct udp_out {
    int fd;
    bool segment_offload; /* until the kernel says it cannot */
    unsigned count;
    size_t bytes;
    uint16_t lengths[UDP_OUT_DATAGRAMS];
    uint8_t data[UDP_OUT_DATAGRAMS * WIRE_MAX_BYTES];
};

void udp_out_init(struct udp_out *out, int fd);
/* Room for one more datagram of at most WIRE_MAX_BYTES; NULL: flush first. */
uint8_t *udp_out_room(struct udp_out *out);
/* What stands in that room is a datagram of this length. */
void udp_out_add(struct udp_out *out, size_t bytes);
/* Sends them all, to `to` or, if NULL, to the connected peer.  A datagram the
 * network refuses counts as lost, which is nothing new for us.
 * Returns 0, or -errno if the socket itself is of no use. */
int udp_out_flush(struct udp_out *out, const struct sockaddr_in *to);

/* Datagrams that have come in. */
struct udp_in {
    int fd;
    unsigned count, current; /* messages of the last call */
    size_t offset;           /* in the current message */
    size_t lengths[UDP_IN_MESSAGES];
    size_t segment_bytes[UDP_IN_MESSAGES];
    struct sockaddr_in from[UDP_IN_MESSAGES];
    uint8_t data[UDP_IN_MESSAGES][UDP_IN_BYTES];
};

void udp_in_init(struct udp_in *in, int fd);
/* Takes what the socket holds, without waiting.
 * Returns the number of messages, 0 if there is nothing, or -errno. */
int udp_in_fill(struct udp_in *in);
/* The next datagram of what was taken; NULL when all have been seen. */
const uint8_t *udp_in_next(struct udp_in *in, size_t *bytes,
                           struct sockaddr_in *from);

#endif
