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

//> #include "say.h"
//>
/* BEGIN SOLUTION 2 */
enum { SLOTS = 1 << LPM_STRIDE_BITS, DIRECT_SLOTS = 1 << LPM_FIRST_BITS };
static const uint32_t is_hop = 1u << 31; /* in direct[]: no node */

/* Routes that lie in one slot of a level. */
struct slice {
    const struct lpm_route *first, *end;
};

/* The six bits that begin at `depth`; behind the last bit come zeros. */
static inline unsigned slot_of(const struct addr *addr, unsigned depth)
{
    if (depth <= 64 - LPM_STRIDE_BITS)
        return addr->high >> (64 - LPM_STRIDE_BITS - depth) & (SLOTS - 1);
    if (depth < 64) /* across the middle: 60 to 65 */
        return (addr->high << (depth - 58) | addr->low >> (122 - depth)) &
               (SLOTS - 1);
    if (depth <= 122)
        return addr->low >> (122 - depth) & (SLOTS - 1);
    return (unsigned)(addr->low << (depth - 122)) & (SLOTS - 1);
}

/* ---- Building ------------------------------------------------------------ */

/* Grows an array so that it holds `count` more.  Returns 0 or -ENOMEM. */
static int reserve(void **array, size_t *room, size_t used, size_t count,
                   size_t size)
{
    if (used + count <= *room)
        return 0;
    size_t more = *room + *room / 2 + count;
    void *moved = realloc(*array, more * size);
    if (moved == NULL)
        return -ENOMEM;
    *array = moved;
    *room = more;
    return 0;
}

static int add_leaf(struct lpm *lpm, uint32_t hop)
{
    int error = reserve((void **)&lpm->leaves, &lpm->leaf_room, lpm->leaf_count,
                        1, sizeof(lpm->leaves[0]));
    if (error == 0)
        lpm->leaves[lpm->leaf_count++] = (uint16_t)hop;
    return error;
}

/* Makes `count` nodes side by side.  Returns the first one's index or -ENOMEM.
 */
static int64_t add_nodes(struct lpm *lpm, unsigned count)
{
    if (reserve((void **)&lpm->nodes, &lpm->node_room, lpm->node_count, count,
                sizeof(lpm->nodes[0])) < 0)
        return -ENOMEM;
    size_t first = lpm->node_count;
    lpm->node_count += count;
    return (int64_t)first;
}

/* A node while it is built. */
struct draft {
    uint32_t hop[SLOTS];
    struct slice kid[SLOTS];
    uint64_t kids;
};

/* DOC: paint
 * Sorts routes into slots: those that end within this node paint theirs, those
 * that are longer go to a kid, which inherits what is painted so far. */
static void paint(struct draft *draft, unsigned depth, struct slice routes)
{
    for (const struct lpm_route *at = routes.first; at < routes.end; at++) {
        unsigned slot = slot_of(&at->prefix.base, depth);
        if (at->prefix.length > depth + LPM_STRIDE_BITS) {
            if (!(draft->kids >> slot & 1))
                draft->kid[slot].first = at;
            draft->kids |= (uint64_t)1 << slot;
            draft->kid[slot].end = at + 1;
            continue;
        }
        unsigned span = depth + LPM_STRIDE_BITS - at->prefix.length;
        for (unsigned i = 0; i < 1u << span; i++)
            draft->hop[slot + i] = at->hop;
    }
}

static int store_leaves(struct lpm *lpm, struct lpm_node *node,
                        const struct draft *draft)
{
    uint32_t previous = UINT32_MAX;
    node->first_leaf = (uint32_t)lpm->leaf_count;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        if (draft->kids >> slot & 1 || draft->hop[slot] == previous)
            continue;
        previous = draft->hop[slot];
        node->starts |= (uint64_t)1 << slot;
        int error = add_leaf(lpm, previous);
        if (error < 0)
            return error;
    }
    return 0;
}

/* Builds the node at `index` for routes that are longer than `depth`.  The
 * array may move while its kids are built, hence indices. */
static int build_node(struct lpm *lpm, size_t index, unsigned depth,
                      struct slice routes, uint32_t inherited)
{
    struct draft draft = {.kids = 0};
    struct lpm_node node = {0};
    for (unsigned i = 0; i < SLOTS; i++)
        draft.hop[i] = inherited;
    paint(&draft, depth, routes);
    int64_t kid = add_nodes(lpm, (unsigned)__builtin_popcountll(draft.kids));
    if (kid < 0 || store_leaves(lpm, &node, &draft) < 0)
        return -ENOMEM;
    node.kids = draft.kids;
    node.first_kid = (uint32_t)kid;
    lpm->nodes[index] = node;
    for (unsigned i = 0; i < SLOTS; i++) {
        if (!(draft.kids >> i & 1))
            continue;
        if (build_node(lpm, (size_t)kid++, depth + LPM_STRIDE_BITS,
                       draft.kid[i], draft.hop[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

static size_t direct_slot(const struct addr *addr)
{
    return addr->high >> (64 - LPM_FIRST_BITS);
}

/* The routes from `first` on that share its direct slot and are too long for
 * it. */
static struct slice same_slot(const struct lpm_route *first,
                              const struct lpm_route *end)
{
    const struct lpm_route *at = first;
    while (at < end &&
           direct_slot(&at->prefix.base) == direct_slot(&first->prefix.base))
        at++;
    return (struct slice){first, at};
}

static int build_direct(struct lpm *lpm, const struct lpm_route *at,
                        const struct lpm_route *end)
{
    while (at < end) {
        size_t slot = direct_slot(&at->prefix.base);
        if (at->prefix.length <= LPM_FIRST_BITS) {
            size_t span = (size_t)1 << (LPM_FIRST_BITS - at->prefix.length);
            for (size_t i = 0; i < span; i++)
                lpm->direct[slot + i] = is_hop | at->hop;
            at++;
            continue;
        }
        struct slice inside = same_slot(at, end);
        int64_t index = add_nodes(lpm, 1);
        if (index < 0 || build_node(lpm, (size_t)index, LPM_FIRST_BITS, inside,
                                    lpm->direct[slot] & ~is_hop) < 0)
            return -ENOMEM;
        lpm->direct[slot] = (uint32_t)index;
        at = inside.end;
    }
    return 0;
}

/* Gives back what was reserved too much. */
static void shrink(struct lpm *lpm)
{
    size_t nodes = lpm->node_count ? lpm->node_count : 1;
    size_t leaves = lpm->leaf_count ? lpm->leaf_count : 1;
    void *moved = realloc(lpm->nodes, nodes * sizeof(lpm->nodes[0]));
    if (moved) {
        lpm->nodes = moved;
        lpm->node_room = nodes;
    }
    moved = realloc(lpm->leaves, leaves * sizeof(lpm->leaves[0]));
    if (moved) {
        lpm->leaves = moved;
        lpm->leaf_room = leaves;
    }
}

/* END SOLUTION */
int lpm_build(struct lpm *lpm, const struct lpm_route *routes, size_t count)
{
    /* BEGIN SOLUTION 2 */
    *lpm = (struct lpm){.direct = malloc(DIRECT_SLOTS * sizeof(uint32_t))};
    if (lpm->direct == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < DIRECT_SLOTS; i++)
        lpm->direct[i] = is_hop | HOP_NONE;
    int error = build_direct(lpm, routes, routes + count);
    if (error < 0)
        lpm_fini(lpm);
    else
        shrink(lpm);
    return error;
    /* END SOLUTION */
    //> (void)lpm, (void)routes, (void)count;
    //> unwritten(2, "lpm_build() in lpm.c");
}

/* DOC: lpm-lookup
 * `upto` has ones at and below the slot, so a count of ones under it is the
 * rank of the slot. */
uint32_t lpm_lookup(const struct lpm *lpm, const struct addr *addr)
{
    /* BEGIN SOLUTION 2 */
    if (lpm->direct == NULL)
        return HOP_NONE;
    uint32_t found = lpm->direct[direct_slot(addr)];
    if (found & is_hop)
        return found & ~is_hop;
    const struct lpm_node *node = &lpm->nodes[found];
    for (unsigned depth = LPM_FIRST_BITS;; depth += LPM_STRIDE_BITS) {
        uint64_t bit = (uint64_t)1 << slot_of(addr, depth);
        uint64_t upto = bit | (bit - 1);
        if (!(node->kids & bit)) {
            int rank = __builtin_popcountll(node->starts & upto);
            return lpm->leaves[node->first_leaf + (unsigned)rank - 1];
        }
        int rank = __builtin_popcountll(node->kids & upto);
        node = &lpm->nodes[node->first_kid + (unsigned)rank - 1];
    }
    /* END SOLUTION */
    //> (void)lpm, (void)addr;
    //> unwritten(2, "lpm_lookup() in lpm.c");
}

/* DOC: lpm-lookup-many
 * A lookup waits for memory two or three times, and each wait needs what the
 * one before brought.  Sixteen lookups wait for the same level together. */
void lpm_lookup_many(const struct lpm *lpm, const struct addr *addrs,
                     uint32_t *hops, size_t count)
{
    /* BEGIN SOLUTION 2 */
    enum { TOGETHER = 16 };
    if (lpm->direct == NULL) {
        memset(hops, 0, count * sizeof(*hops)); /* HOP_NONE */
        return;
    }
    for (size_t at = 0; at < count; at += TOGETHER) {
        size_t end = count - at < TOGETHER ? count : at + TOGETHER;
        for (size_t i = at; i < end; i++)
            __builtin_prefetch(&lpm->direct[direct_slot(&addrs[i])]);
        for (size_t i = at; i < end; i++) {
            uint32_t found = lpm->direct[direct_slot(&addrs[i])];
            if (!(found & is_hop))
                __builtin_prefetch(&lpm->nodes[found]);
        }
        for (size_t i = at; i < end; i++)
            hops[i] = lpm_lookup(lpm, &addrs[i]);
    }
    /* END SOLUTION */
    //> for (size_t i = 0; i < count; i++)
    //>     hops[i] = lpm_lookup(lpm, &addrs[i]);
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
