/* The flows of a link: which packet belongs to which, and what it is called.
 * Private to flow.c; the essay stands there. */
#ifndef LINK_FLOWTABLE_H
#define LINK_FLOWTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/flow.h"
#include "link/stream.h"

enum {
    FLOW_TABLE_MAX = 1 << 18, /* beyond: one flow for the whole crowd */
    UNIT_KINDS = UNIT_ACK + 1,
};

/* Who talks with whom, without who talks: the lower endpoint first. */
struct flow_key {
    uint8_t addr[2][16];
    uint16_t port[2];
    uint16_t icmp_id;
    uint8_t version, protocol;
    uint8_t fragment;
    uint8_t zero[7]; /* compared as bytes */
};

struct flow {
    struct flow_key key;   /* as on the wire */
    struct flow_key class; /* without what differs from run to run */
    uint32_t ordinal;      /* among the flows of its class, from 1 */
    uint32_t number;       /* among all, from 1 */
    uint64_t label;
    struct {
        uint64_t counts[UNIT_KINDS];
        struct stream stream;
    } halves[2]; /* what the lower endpoint sends, what the higher */
};

struct flow_table {
    struct flow **flows; /* flows[i] has number i + 1 */
    uint32_t count, capacity;
    uint32_t *slots; /* numbers, by hash of the key; 0 is free */
    size_t slot_count;
    struct class_count {
        uint64_t hash; /* 0 is free */
        uint32_t count;
    } * classes;
    size_t class_count, class_slots;
};

void flow_table_fini(struct flow_table *table);

/* Finds the flow of a packet, or adds it; `*half` says which side sent it. */
struct flow *flow_table_find(struct flow_table *table, const struct view *view,
                             unsigned *half);
/* Replaces a flow by a new one between the same endpoints: the connection was
 * opened again.  The old one keeps its number and name. */
struct flow *flow_table_renew(struct flow_table *table, struct flow *flow,
                              const struct view *view);
/* Whether this is the flow of all that came when the table was full. */
bool flow_is_crowd(const struct flow *flow);

#endif
