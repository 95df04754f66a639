/* The other end of a link: packets that are due leave it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "link/wire.h"

/* What it means that a device did not take a packet. */
static unsigned refusal(int error)
{
    switch (error) {
    case EIO: /* somebody has set the device down */
        return FATE_CUT;
    case EINVAL: /* no IP packet: a raw socket may send anything */
        return FATE_LOST;
    default:
        return FATE_INTERNAL;
    }
}

/* Returns 0, or the fate of a packet that was refused. */
static unsigned write_to(const struct wire_link *link, unsigned port,
                         struct flight *flight)
{
    ssize_t n = write(link->directions[port].fd, flight_vnet(flight),
                      VNET_BYTES + flight->bytes);
    return n < 0 ? refusal(errno) : 0;
}

/* A switch floods what it cannot send to one port. */
static unsigned write_out(const struct wire_link *link, struct flight *flight)
{
    if (flight->to != CAPTURE_TO_ALL)
        return write_to(link, flight->to, flight);
    unsigned refused = 0;
    for (unsigned i = 0; i < link->link->port_count; i++) {
        if (i != flight->direction->port)
            refused |= write_to(link, i, flight);
    }
    return refused;
}

static void count(struct link_counters *counters, unsigned refused,
                  unsigned packets)
{
    if (refused & FATE_INTERNAL)
        counters->internal += packets;
    else if (refused & FATE_CUT)
        counters->cut += packets;
    else if (refused & FATE_LOST)
        counters->lost += packets;
    else
        counters->delivered += packets;
}

static void settle(struct wire *wire, const struct flight *flight,
                   unsigned refused, int64_t now_ns)
{
    unsigned fate = flight->fate | (refused ? refused : FATE_DELIVERED);
    if (flight->number == 0)
        return; /* only counted */
    for (unsigned i = 0; i < flight->segments; i++)
        capture_settle(wire->capture, flight->number + i, fate,
                       refused ? 0 : now_ns);
}

/* Writes a packet out.  Owns the flight. */
static void deliver(struct wire *wire, struct flight *flight, int64_t now_ns)
{
    struct direction *direction = flight->direction;
    unsigned refused = write_out(direction->link, flight);
    if (flight->due_ns > flight->sent_ns)
        lateness_add(&wire->lateness, flight->due_ns - flight->sent_ns,
                     now_ns - flight->due_ns, flight->segments);
    count(&direction->counters, refused, flight->segments);
    settle(wire, flight, refused, now_ns);
    for (unsigned i = 0; i < flight->segments; i++)
        line_leave(&direction->line);
    flight_give(wire->flights, flight);
}

/* A packet that is to stay does not occupy a large buffer needlessly. */
static struct flight *compact(struct wire *wire, struct flight *flight)
{
    if (!flight->large || flight->bytes > FLIGHT_SMALL_BYTES)
        return flight;
    struct flight *small = flight_take(wire->flights, flight->bytes);
    if (small == NULL)
        return flight;
    struct flight *next = small->next;
    memcpy(small, flight, sizeof(*flight));
    small->next = next;
    small->large = false;
    memcpy(flight_vnet(small), flight_vnet(flight), VNET_BYTES + flight->bytes);
    flight_give(wire->flights, flight);
    return small;
}

void wire_dispatch(struct wire *wire, struct flight *flight)
{
    if (flight->due_ns <= flight->sent_ns) {
        deliver(wire, flight, clock_now_ns());
        return;
    }
    flight = compact(wire, flight);
    heap_push(&wire->pending, (struct heap_item){.due_ns = flight->due_ns,
                                                 .index = wire->order++,
                                                 .thing = flight});
}

int64_t wire_deliver_due(struct wire *wire)
{
    const struct heap_item *first;
    while ((first = heap_peek(&wire->pending)) != NULL) {
        int64_t now_ns = clock_now_ns();
        if (first->due_ns > now_ns)
            return first->due_ns;
        struct heap_item item;
        heap_pop(&wire->pending, &item);
        deliver(wire, item.thing, now_ns);
    }
    return INT64_MAX;
}
