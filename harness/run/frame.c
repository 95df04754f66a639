/* Packet sockets of the test's own; see wirelab/frame.h.
 *
 * A port on an Ethernet link is a SOCK_RAW socket: whole frames.  On a link
 * without Ethernet it is SOCK_DGRAM: the kernel puts on and takes off whatever
 * header the device has, none on a TUN device of the wire engine, Ethernet on a
 * veth device of netem's, so that a test sees the same in both.
 *
 * The kernel takes a VLAN tag off a frame before any packet socket sees it, and
 * tells it in auxiliary data (packet(7), PACKET_AUXDATA):
 *
 *      on the wire    | to | from | 8100 tag | type | ...
 *      recvmsg        | to | from | type | ...          + 8100, tag */
#include <wirelab/frame.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <wirelab/sock.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "link/filter.h"
#include "link/nethosts.h"
#include "topo/topo.h"

enum {
    FRAME_MAX_BYTES = 65536 + 64,
    WAITING_BYTES = 4 << 20, /* what a port keeps until it is asked */
    MAC_BYTES = ETH_ALEN,
    TAG_BYTES = 4,
};

struct frame_port {
    const struct port *port;
    int fd, ifindex;
    uint8_t buffer[FRAME_MAX_BYTES];
};

/* ---- Opening ------------------------------------------------------------- */

static const struct port *port_of(const struct host *host,
                                  const struct link *link)
{
    for (unsigned i = 0; i < host->port_count; i++) {
        if (host->ports[i]->link == link)
            return host->ports[i];
    }
    infra("host %s has no device on that link", host->name);
}

static void option(int fd, int level, int name, int value, const char *what)
{
    if (setsockopt(fd, level, name, &value, sizeof(value)) < 0)
        infra("cannot %s: %s", what, strerror(errno));
}

static int open_bound(struct host *host, const struct port *port, int type,
                      int *ifindex)
{
    host_enter(host);
    *ifindex = (int)if_nametoindex(port->device);
    host_leave();
    /* Protocol 0: nothing is received before it is bound to its device. */
    int fd = host_socket(host, AF_PACKET, type, 0);
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = *ifindex};
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
        infra("cannot bind a packet socket to %s of %s: %s", port->device,
              host->name, strerror(errno));
    return fd;
}

static void free_port(void *context)
{
    struct frame_port *port = context;
    close(port->fd);
    free(port);
}

/* Only the machine's root may go beyond net.core.rmem_max; in a user namespace
 * the buffer is smaller, and its overflow is told as anywhere. */
static void enlarge(int fd)
{
    int bytes = WAITING_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
        option(fd, SOL_SOCKET, SO_RCVBUF, bytes,
               "enlarge a packet socket's buffer");
}

struct frame_port *frame_open(struct host *host, const struct link *link)
{
    struct frame_port *port = mem_zalloc(sizeof(*port));
    port->port = port_of(host, link);
    port->fd =
        open_bound(host, port->port,
                   (link->ethernet ? SOCK_RAW : SOCK_DGRAM) | SOCK_NONBLOCK,
                   &port->ifindex);
    option(port->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1,
           "leave a host's own packets out");
    option(port->fd, SOL_PACKET, PACKET_AUXDATA, 1, "ask for VLAN tags");
    enlarge(port->fd);
    testrun_cleanup(free_port, port);
    return port;
}

void frame_close(struct frame_port *port)
{
    testrun_forget(port);
    free_port(port);
}

int host_packet_socket(struct host *host, const struct link *link)
{
    int ifindex;
    return open_bound(host, port_of(host, link), SOCK_RAW, &ifindex);
}

int host_raw_socket(struct host *host, int domain, int protocol)
{
    return host_socket(host, domain, SOCK_RAW, protocol);
}

void host_mac(const struct host *host, const struct link *link, uint8_t mac[6])
{
    memcpy(mac, port_of(host, link)->mac, MAC_BYTES);
}

/* ---- Sending ------------------------------------------------------------- */

static int packet_protocol(const struct frame_port *port, const uint8_t *packet,
                           size_t bytes)
{
    if (port->port->link->ethernet)
        return bytes >= 2 * MAC_BYTES + 2
                   ? packet[2 * MAC_BYTES] << 8 | packet[2 * MAC_BYTES + 1]
                   : 0;
    return bytes > 0 && packet[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
}

int frame_send(struct frame_port *port, const void *frame, size_t bytes)
{
    const struct link *link = port->port->link;
    const struct port *peer = &link->ports[port->port->index == 0];
    struct sockaddr_ll to = {
        .sll_family = AF_PACKET,
        .sll_ifindex = port->ifindex,
        .sll_protocol = htons((uint16_t)packet_protocol(port, frame, bytes)),
        .sll_halen = MAC_BYTES,
    };
    memcpy(to.sll_addr, peer->mac, MAC_BYTES); /* for SOCK_DGRAM on veth */
    for (;;) {
        if (sendto(port->fd, frame, bytes, 0, (struct sockaddr *)&to,
                   sizeof(to)) >= 0)
            return 0;
        struct pollfd room = {.fd = port->fd, .events = POLLOUT};
        if (errno == EAGAIN)
            (void)poll(&room, 1, -1); /* the test's own limit ends it */
        else if (errno != EINTR)
            return -errno;
    }
}

/* ---- Receiving ----------------------------------------------------------- */

static const struct tpacket_auxdata *auxdata(struct msghdr *header)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c;
         c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
            return (const struct tpacket_auxdata *)CMSG_DATA(c);
    }
    return NULL;
}

/* Makes room behind the addresses and writes the tag there. */
static size_t put_tag_back(uint8_t *frame, size_t bytes,
                           const struct tpacket_auxdata *aux)
{
    uint8_t *at = frame + 2 * MAC_BYTES;
    uint16_t type = aux->tp_status & TP_STATUS_VLAN_TPID_VALID
                        ? aux->tp_vlan_tpid
                        : ETHERTYPE_VLAN;
    memmove(at + TAG_BYTES, at, bytes - 2 * MAC_BYTES);
    at[0] = (uint8_t)(type >> 8);
    at[1] = (uint8_t)type;
    at[2] = (uint8_t)(aux->tp_vlan_tci >> 8);
    at[3] = (uint8_t)aux->tp_vlan_tci;
    return bytes + TAG_BYTES;
}

/* Takes the next frame that waits into port->buffer.
 * Returns its bytes, or -EAGAIN. */
static ssize_t take(struct frame_port *port)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
    } control;
    struct iovec data = {port->buffer, sizeof(port->buffer) - TAG_BYTES};
    struct msghdr header = {.msg_iov = &data,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(port->fd, &header, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return -EAGAIN;
    if (n < 0)
        infra("cannot receive on %s of %s: %s", port->port->device,
              port->port->host->name, strerror(errno));
    const struct tpacket_auxdata *aux = auxdata(&header);
    if (aux && aux->tp_status & TP_STATUS_VLAN_VALID &&
        port->port->link->ethernet && n >= 2 * MAC_BYTES)
        return (ssize_t)put_tag_back(port->buffer, (size_t)n, aux);
    return n;
}

static void check_overflow(struct frame_port *port)
{
    struct tpacket_stats stats = {0};
    socklen_t size = sizeof(stats);
    if (getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) ==
            0 &&
        stats.tp_drops > 0)
        infra("the buffer of a packet socket on %s overflowed: %u frames are "
              "missing; call frame_await or frame_drain more often",
              port->port->host->name, stats.tp_drops);
}

static struct filter *compile(const struct frame_port *port, const char *text)
{
    struct filter_hosts hosts = nethosts(port->port->host->net);
    struct filter *filter;
    struct scan_error error;
    if (filter_compile(&filter, text, port->port->link->ethernet, &hosts,
                       &error) < 0)
        infra("frame_await: %s", error.message);
    nethosts_free(&hosts);
    return filter;
}

/* Takes frames until one matches.  Returns its bytes, or -EAGAIN. */
static ssize_t take_matching(struct frame_port *port,
                             const struct filter *filter)
{
    ssize_t n;
    while ((n = take(port)) != -EAGAIN) {
        if (filter_match(filter, port->buffer, (size_t)n, (size_t)n))
            return n;
    }
    return n;
}

/* Returns false when the time is over. */
static bool await_more(const struct frame_port *port, int64_t deadline_ns)
{
    struct pollfd ready = {.fd = port->fd, .events = POLLIN};
    int64_t left_ns = deadline_ns - clock_now_ns();
    if (left_ns <= 0)
        return false;
    struct timespec left = {.tv_sec = left_ns / 1000000000,
                            .tv_nsec = left_ns % 1000000000};
    (void)ppoll(&ready, 1, &left, NULL); /* the caller looks again anyway */
    return true;
}

ssize_t frame_await(struct frame_port *port, const char *filter, void *frame,
                    size_t size, int64_t timeout_ns)
{
    struct filter *compiled = compile(port, filter);
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    ssize_t n = take_matching(port, compiled);
    while (n < 0 && await_more(port, deadline_ns))
        n = take_matching(port, compiled);
    filter_free(compiled);
    if (n < 0) {
        check_overflow(port);
        return -ETIMEDOUT;
    }
    memcpy(frame, port->buffer, (size_t)n < size ? (size_t)n : size);
    return n;
}

void frame_drain(struct frame_port *port)
{
    while (take(port) >= 0)
        ;
    check_overflow(port);
}
