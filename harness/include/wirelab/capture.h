/* What the links saw.  Every packet that was offered to a link is recorded
 * once, lost ones included, with its fate; a duplicate is a record of its own.
 * The same records become the test's capture.pcapng.
 *
 * Filters are libpcap's, over packets as they entered the link, beginning with
 * the IP header (or the Ethernet header on net_ethernet and net_lan).  A host's
 * name stands for its addresses: "udp[13] = 1 and src host sender". */
#ifndef WIRELAB_CAPTURE_H
#define WIRELAB_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/net.h>

enum packet_fate {
    FATE_DELIVERED = 1 << 0,
    FATE_LOST = 1 << 1,      /* the profile's loss, or a scripted drop */
    FATE_CUT = 1 << 2,       /* the link was down */
    FATE_OVERFLOW = 1 << 3,  /* the profile's queue limit was reached */
    FATE_DUPLICATE = 1 << 4, /* this record is a copy the link made */
    FATE_CORRUPT = 1 << 5,   /* one bit was flipped */
    FATE_REORDERED = 1 << 6, /* sent ahead of packets queued before it */
    FATE_HELD = 1 << 7,      /* a scripted hold */
    FATE_IN_FLIGHT = 1 << 8, /* not decided yet */
    FATE_INTERNAL = 1 << 9,  /* our own queues overflowed: the run is void */
    FATE_MARKED = 1 << 10,   /* ECN congestion experienced was set */
};

struct packet {
    uint32_t number;         /* as in the capture file, from 1 */
    uint32_t copy_of;        /* number of the original, or 0 */
    unsigned fate;           /* FATE_* bits */
    int64_t sent_ns;         /* entered the link, since net_new */
    int64_t due_ns;          /* should have left it */
    int64_t delivered_ns;    /* left it; 0 if it did not */
    const struct host *from; /* whose device it entered by */
    const struct host *to;   /* NULL for a LAN's broadcast */
    const struct link *link;
    const uint8_t *data; /* from the link-layer header on */
    size_t captured_bytes, length_bytes;
    const uint8_t *ip;      /* the IP header, or NULL (ARP) */
    const uint8_t *payload; /* of TCP or UDP, or NULL */
    size_t payload_bytes;   /* captured ones */
    const char *note;       /* "lost: loss 5% seed 7 data 12" */
};

/* Counts the packets that match: all, or those with any of `fates`. */
int capture_count(struct net *net, const char *filter);
int capture_count_fate(struct net *net, unsigned fates, const char *filter);
/* Sums their lengths from the IP header on, in bytes. */
int64_t capture_bytes(struct net *net, const char *filter);

/* Visits the matching packets in the order in which they entered their links.
 * `from_number` is 0 to begin; pass the last packet's number to go on.
 * Returns false at the end.  The packet's pointers live as long as the net. */
bool capture_next(struct net *net, const char *filter, uint32_t from_number,
                  struct packet *packet);

/* The n-th match, from 1.  Returns false if there are fewer. */
bool capture_nth(struct net *net, const char *filter, int n,
                 struct packet *packet);

/* Waits until at least n packets match.  Returns false at the deadline. */
bool capture_await(struct net *net, const char *filter, int n,
                   int64_t timeout_ns);

#endif
