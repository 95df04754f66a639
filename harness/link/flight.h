/* Packets on their way: buffers made beforehand, in two sizes. */
#ifndef LINK_FLIGHT_H
#define LINK_FLIGHT_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VNET_BYTES = sizeof(struct virtio_net_hdr),
    /* So many bytes before a packet that it lies aligned when a device's vnet
     * header is read in front of it. */
    FLIGHT_HEADROOM = 16,
    FLIGHT_SMALL_BYTES = 1792, /* of packet; an Ethernet frame fits */
    FLIGHT_LARGE_BYTES = 65536 + 64,
    FLIGHT_SMALL_COUNT = 65536,
    FLIGHT_LARGE_COUNT = 4096,
};

struct direction;

struct flight {
    struct flight *next; /* in the pool's list of free ones */
    struct direction *direction;
    int64_t sent_ns, due_ns;
    uint32_t number;   /* of the first segment's record, or 0 */
    uint32_t segments; /* of a super-packet; else 1 */
    unsigned fate;     /* once it is delivered */
    unsigned to;       /* port, or CAPTURE_TO_ALL */
    uint32_t bytes;    /* of packet, from the device's first header on */
    bool large;
    uint8_t room[] __attribute__((aligned(16)));
};

/* What read(2) fills and write(2) takes: the vnet header, then the packet. */
static inline uint8_t *flight_vnet(struct flight *flight)
{
    return flight->room + FLIGHT_HEADROOM - VNET_BYTES;
}

static inline uint8_t *flight_packet(struct flight *flight)
{
    return flight->room + FLIGHT_HEADROOM;
}

static inline size_t flight_capacity(const struct flight *flight)
{
    return flight->large ? FLIGHT_LARGE_BYTES : FLIGHT_SMALL_BYTES;
}

/* The buffers of an engine; used by its thread alone. */
struct flights;
/* Returns NULL if there is no memory. */
struct flights *flights_new(void);
void flights_free(struct flights *flights);

/* Takes a buffer which holds at least `bytes`.  Returns NULL when all are in
 * use: the engine is overrun. */
struct flight *flight_take(struct flights *flights, size_t bytes);
void flight_give(struct flights *flights, struct flight *flight);

#endif
