/* A plain binary trie; see trie.h.
 *
 *      10.0.0.0/8 -> A             root
 *      10.128.0.0/9 -> B           ... (0,0,0,0,1,0,1,0) -> A
 *                                               1 -> B
 *
 * A lookup walks down by the address's bits and remembers the last hop it came
 * by: prefixes of an address are met from the shortest to the longest. */
#include "trie.h"

#include <errno.h>
#include <stdlib.h>

//> #include "say.h"
//>
/* BEGIN SOLUTION 2 */
static struct trie_node *new_node(struct trie *trie)
{
    struct trie_node *node = calloc(1, sizeof(*node));
    if (node)
        trie->bytes += sizeof(*node);
    return node;
}

/* END SOLUTION */
int trie_insert(struct trie *trie, const struct prefix *prefix, uint32_t hop)
{
    /* BEGIN SOLUTION 2 */
    struct trie_node **at = &trie->root;
    for (unsigned i = 0;; i++) {
        if (*at == NULL)
            *at = new_node(trie);
        if (*at == NULL)
            return -ENOMEM;
        if (i == prefix->length)
            break;
        at = &(*at)->half[addr_bit(&prefix->base, i)];
    }
    (*at)->hop = hop;
    return 0;
    /* END SOLUTION */
    //> (void)trie, (void)prefix, (void)hop;
    //> unwritten(2, "trie_insert() in trie.c");
}

/* DOC: trie-lookup
 * The root is the prefix of no bits, and so the default route. */
uint32_t trie_lookup(const struct trie *trie, const struct addr *addr)
{
    /* BEGIN SOLUTION 2 */
    uint32_t best = HOP_NONE;
    const struct trie_node *node = trie->root;
    for (unsigned i = 0; node; i++) {
        if (node->hop != HOP_NONE)
            best = node->hop;
        if (i == addr->bits)
            break;
        node = node->half[addr_bit(addr, i)];
    }
    return best;
    /* END SOLUTION */
    //> (void)trie, (void)addr;
    //> unwritten(2, "trie_lookup() in trie.c");
}

static void free_node(struct trie_node *node)
{
    if (node == NULL)
        return;
    free_node(node->half[0]); /* at most 128 deep */
    free_node(node->half[1]);
    free(node);
}

void trie_fini(struct trie *trie)
{
    free_node(trie->root);
    *trie = (struct trie){0};
}
