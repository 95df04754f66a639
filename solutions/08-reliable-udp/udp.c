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
    /* BEGIN SOLUTION 10 */
    (void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof(probe));
    /* END SOLUTION */
    //> (void)probe; /* Checkpoint 10: never let IP fragment a datagram. */
    /* BEGIN SOLUTION batching */
    int on = 1;
    (void)setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on));
    /* END SOLUTION */
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

/* BEGIN SOLUTION batching */
/* How many datagrams from `first` on can go out as one: all of one length, but
 * the last may be shorter. */
static unsigned run_length(const struct udp_out *out, unsigned first)
{
    unsigned i = first + 1;

    while (i < out->count && out->lengths[i] == out->lengths[first])
        i++;
    if (i < out->count && out->lengths[i] < out->lengths[first])
        i++;
    return i - first;
}

static ssize_t send_run(struct udp_out *out, uint8_t *data, unsigned first,
                        unsigned count, const struct sockaddr_in *to)
{
    struct iovec vector = {.iov_base = data};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
    } control = {0};
    struct msghdr message = {
        .msg_name = (void *)to,
        .msg_namelen = to ? sizeof(*to) : 0,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    for (unsigned i = 0; i < count; i++)
        vector.iov_len += out->lengths[first + i];
    control.header.cmsg_level = SOL_UDP;
    control.header.cmsg_type = UDP_SEGMENT;
    control.header.cmsg_len = CMSG_LEN(sizeof(uint16_t));
    memcpy(CMSG_DATA(&control.header), &out->lengths[first], sizeof(uint16_t));
    return sendmsg(out->fd, &message, 0);
}

/* DOC: flush_runs */
static int flush_runs(struct udp_out *out, const struct sockaddr_in *to)
{
    uint8_t *data = out->data;

    for (unsigned first = 0, count; first < out->count; first += count) {
        count = run_length(out, first);
        if (send_run(out, data, first, count, to) < 0 && errno != EINTR &&
            !is_a_loss(errno))
            return -errno;
        for (unsigned i = 0; i < count; i++)
            data += out->lengths[first + i];
    }
    return 0;
}

static int flush_singly(struct udp_out *out, const struct sockaddr_in *to)
{
    struct mmsghdr messages[UDP_OUT_DATAGRAMS] = {0};
    struct iovec vectors[UDP_OUT_DATAGRAMS];
    uint8_t *data = out->data;

    for (unsigned i = 0; i < out->count; data += out->lengths[i++]) {
        vectors[i] = (struct iovec){data, out->lengths[i]};
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = (void *)to;
        messages[i].msg_hdr.msg_namelen = to ? sizeof(*to) : 0;
    }
    for (unsigned sent = 0; sent < out->count;) {
        int n = sendmmsg(out->fd, messages + sent, out->count - sent, 0);
        if (n > 0)
            sent += (unsigned)n;
        else if (is_a_loss(errno))
            sent++; /* the error is this one's; the next may fare better */
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}
/* END SOLUTION */

int udp_out_flush(struct udp_out *out, const struct sockaddr_in *to)
{
    int rc = 0;

    /* BEGIN SOLUTION batching */
    if (out->count > 1 && out->segment_offload) {
        rc = flush_runs(out, to);
        if (rc == -EIO || rc == -EINVAL || rc == -EOPNOTSUPP)
            out->segment_offload = false; /* this device cannot; once is
                                             enough to know */
    }
    if (out->count && !(out->count > 1 && out->segment_offload))
        rc = flush_singly(out, to);
    /* END SOLUTION */
    //> uint8_t *data = out->data;
    //> for (unsigned i = 0; i < out->count && !rc; data += out->lengths[i++])
    //>     if (sendto(out->fd, data, out->lengths[i], 0,
    //>                (const struct sockaddr *)to, to ? sizeof(*to) : 0) < 0 &&
    //>         errno != EINTR && !is_a_loss(errno))
    //>         rc = -errno;
    out->count = 0;
    out->bytes = 0;
    return rc;
}

void udp_in_init(struct udp_in *in, int fd)
{
    in->fd = fd;
    in->count = in->current = 0;
}

/* BEGIN SOLUTION batching */
/* The length of the datagrams a message was merged from; its own, if from one
 * only. */
static size_t merged_bytes(struct msghdr *message, size_t bytes)
{
    struct cmsghdr *c;

    for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        int segment;
        if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO)
            continue;
        memcpy(&segment, CMSG_DATA(c), sizeof(segment));
        if (segment > 0)
            return (size_t)segment;
    }
    return bytes;
}
/* END SOLUTION */

int udp_in_fill(struct udp_in *in)
{
    int n;

    in->count = in->current = 0;
    in->offset = 0;
    /* BEGIN SOLUTION batching */
    struct mmsghdr messages[UDP_IN_MESSAGES] = {0};
    struct iovec vectors[UDP_IN_MESSAGES];
    char control[UDP_IN_MESSAGES][CMSG_SPACE(sizeof(int))];

    for (unsigned i = 0; i < UDP_IN_MESSAGES; i++) {
        struct msghdr *m = &messages[i].msg_hdr;
        vectors[i] = (struct iovec){in->data[i], UDP_IN_BYTES};
        m->msg_iov = &vectors[i];
        m->msg_iovlen = 1;
        m->msg_name = &in->from[i];
        m->msg_namelen = sizeof(in->from[i]);
        m->msg_control = control[i];
        m->msg_controllen = sizeof(control[i]);
    }
    n = recvmmsg(in->fd, messages, UDP_IN_MESSAGES, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
        in->lengths[i] = messages[i].msg_len;
        in->segment_bytes[i] =
            merged_bytes(&messages[i].msg_hdr, messages[i].msg_len);
    }
    /* END SOLUTION */
    //> socklen_t from_bytes = sizeof(in->from[0]);
    //> ssize_t bytes = recvfrom(in->fd, in->data[0], UDP_IN_BYTES,
    //>                          MSG_DONTWAIT,
    //>                          (struct sockaddr *)&in->from[0], &from_bytes);
    //> in->lengths[0] = in->segment_bytes[0] = bytes < 0 ? 0 : (size_t)bytes;
    //> n = bytes < 0 ? -1 : 1;
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
