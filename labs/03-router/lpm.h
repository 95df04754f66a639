/* Longest-prefix match, made once and then asked often.
 *
 * The interface leaves the structure to you.  lpm.c of the reference has six
 * bits a node and counts ones to find its children. */
#ifndef LPM_H
#define LPM_H

#include "prefix.h"
#include "trie.h"

enum { LPM_FIRST_BITS = 18, LPM_STRIDE_BITS = 6 };

struct lpm_route {
    struct prefix prefix;
    uint32_t hop; /* 1 .. HOP_MAX */
};

struct lpm_node {
    uint64_t kids;   /* slots that lead to a further node */
    uint64_t starts; /* other slots: here a run of equal hops begins */
    uint32_t first_kid, first_leaf;
};

/* Of one family; zero-initialised has no route. */
struct lpm {
    uint32_t *direct; /* by the first bits: a hop, or a node */
    struct lpm_node *nodes;
    uint16_t *leaves;
    size_t node_count, node_room, leaf_count, leaf_room;
};

/* Builds it from routes sorted by prefix_compare(), no prefix twice, all of one
 * family.  Returns 0 or -ENOMEM.  The routes are not needed afterwards. */
int lpm_build(struct lpm *lpm, const struct lpm_route *routes, size_t count);
/* The hop of the longest prefix that holds the address, or HOP_NONE. */
uint32_t lpm_lookup(const struct lpm *lpm, const struct addr *addr);
/* The same for many addresses of the family, which may be faster than one by
 * one. */
void lpm_lookup_many(const struct lpm *lpm, const struct addr *addrs,
                     uint32_t *hops, size_t count);
/* Memory it holds. */
size_t lpm_bytes(const struct lpm *lpm);
void lpm_fini(struct lpm *lpm);

#endif
