/* Longest-prefix match by a trie of six bits a node; see lpm.h.
 *
 *      address   | 18 bits      | 6 bits | 6 bits | ...
 *                  direct[i]      node     node
 *
 * A binary trie is slow because each bit is a visit to memory that is in no
 * cache.  Here the first 18 bits index an array, and each node after it decides
 * about six more.  A node has 64 slots, but stores only what differs:
 *
 *   kids     bit s is set: slot s goes on in a further node.  The kids of a
 * node lie side by side, so the one of slot s is as many places from the first
 * as there are ones below bit s: a count of ones is an index. starts   slots
 * without a kid have a hop.  Neighbours mostly have the same, so only the first
 * of a run is stored, and its bit set here; the hop of slot s is that of the
 * last start at or below it.
 *
 * This is the idea of the poptrie (Asai and Ohara, SIGCOMM 2015).  A node has
 * 24 bytes and a hop two, and a full table of the Internet fits into the cache.
 *
 * It is built from sorted routes in one walk.  In that order a prefix comes
 * before those inside it, so painting its slots and letting later ones paint
 * over them makes the longest win. */
#include "lpm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

int lpm_build(struct lpm *lpm, const struct lpm_route *routes, size_t count)
{
    (void)lpm, (void)routes, (void)count;
    unwritten(2, "lpm_build() in lpm.c");
}

/* DOC: lpm-lookup
 * `upto` has ones at and below the slot, so a count of ones under it is the
 * rank of the slot. */
uint32_t lpm_lookup(const struct lpm *lpm, const struct addr *addr)
{
    (void)lpm, (void)addr;
    unwritten(2, "lpm_lookup() in lpm.c");
}

/* DOC: lpm-lookup-many
 * A lookup waits for memory two or three times, and each wait needs what the
 * one before brought.  Sixteen lookups wait for the same level together. */
void lpm_lookup_many(const struct lpm *lpm, const struct addr *addrs,
                     uint32_t *hops, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hops[i] = lpm_lookup(lpm, &addrs[i]);
}

size_t lpm_bytes(const struct lpm *lpm)
{
    size_t direct = lpm->direct ? sizeof(uint32_t) << LPM_FIRST_BITS : 0;
    return direct + lpm->node_room * sizeof(lpm->nodes[0]) +
           lpm->leaf_room * sizeof(lpm->leaves[0]);
}

void lpm_fini(struct lpm *lpm)
{
    free(lpm->direct);
    free(lpm->nodes);
    free(lpm->leaves);
    *lpm = (struct lpm){0};
}
