/* Sockets and batches.
 *
 * At 1.5 Gbit/s a datagram of 1200 bytes is due every 6 us; a system call with
 * its walk through the IP stack takes one to two of these.  So the kernel gets
 * many at once: one long buffer with UDP_SEGMENT, which is cut into datagrams
 * at the last moment, or, where the device cannot have that, sendmmsg(2).  On
 * the way in UDP_GRO hands us runs of datagrams as one message.  On the wire
 * nothing of this can be seen. */
#include "udp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

enum { SOCKET_BUFFER_BYTES = 4 << 20 };

/* Options that make it faster or kinder; none is needed to be right. */
static void tune(int fd)
{
    int bytes = SOCKET_BUFFER_BYTES, probe = IP_PMTUDISC_PROBE;

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    (void)probe; /* Checkpoint 10: never let IP fragment a datagram. */
}

int udp_bind(uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    tune(fd);
    if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0) {
        int rc = -errno;
        (void)close(fd); /* never used */
        return rc;
    }
    return fd;
}

int udp_connect(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found;
    int rc = 0;

    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -EADDRNOTAVAIL;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        rc = -errno;
        goto out;
    }
    tune(fd);
    if (connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
        rc = -errno;
        (void)close(fd); /* never used */
    }
out:
    freeaddrinfo(found);
    return rc ? rc : fd;
}

void udp_out_init(struct udp_out *out, int fd)
{
    out->fd = fd;
    out->segment_offload = true;
    out->count = 0;
    out->bytes = 0;
}

uint8_t *udp_out_room(struct udp_out *out)
{
    if (out->count == UDP_OUT_DATAGRAMS)
        return NULL;
    return out->data + out->bytes;
}

void udp_out_add(struct udp_out *out, size_t bytes)
{
    assert(bytes <= WIRE_MAX_BYTES);
    out->lengths[out->count++] = (uint16_t)bytes;
    out->bytes += bytes;
}

/* Errors that stand for "this datagram was lost": an ICMP message that came
 * back, a full queue, a route that is away. */
static bool is_a_loss(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENOBUFS:
    case EPERM: /* a firewall's way to say it */
    case EMSGSIZE:
        return true;
    default:
        return false;
    }
}


int udp_out_flush(struct udp_out *out, const struct sockaddr_in *to)
{
    int rc = 0;

    uint8_t *data = out->data;
    for (unsigned i = 0; i < out->count && !rc; data += out->lengths[i++])
        if (sendto(out->fd, data, out->lengths[i], 0,
                   (const struct sockaddr *)to, to ? sizeof(*to) : 0) < 0 &&
            errno != EINTR && !is_a_loss(errno))
            rc = -errno;
    out->count = 0;
    out->bytes = 0;
    return rc;
}

void udp_in_init(struct udp_in *in, int fd)
{
    in->fd = fd;
    in->count = in->current = 0;
}


int udp_in_fill(struct udp_in *in)
{
    int n;

    in->count = in->current = 0;
    in->offset = 0;
    socklen_t from_bytes = sizeof(in->from[0]);
    ssize_t bytes = recvfrom(in->fd, in->data[0], UDP_IN_BYTES,
                             MSG_DONTWAIT,
                             (struct sockaddr *)&in->from[0], &from_bytes);
    in->lengths[0] = in->segment_bytes[0] = bytes < 0 ? 0 : (size_t)bytes;
    n = bytes < 0 ? -1 : 1;
    if (n < 0 && (errno == EAGAIN || errno == EINTR || is_a_loss(errno)))
        return 0;
    if (n < 0)
        return -errno;
    in->count = (unsigned)n;
    return n;
}

const uint8_t *udp_in_next(struct udp_in *in, size_t *bytes,
                           struct sockaddr_in *from)
{
    while (in->current < in->count) {
        unsigned i = in->current;
        size_t left = in->lengths[i] - in->offset;
        const uint8_t *datagram = in->data[i] + in->offset;

        if (!left) { /* through with it, or it was empty */
            in->current++;
            in->offset = 0;
            continue;
        }
        *bytes = left < in->segment_bytes[i] ? left : in->segment_bytes[i];
        *from = in->from[i];
        in->offset += *bytes;
        return datagram;
    }
    return NULL;
}
