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

#include "say.h"

int trie_insert(struct trie *trie, const struct prefix *prefix, uint32_t hop)
{
    (void)trie, (void)prefix, (void)hop;
    unwritten(2, "trie_insert() in trie.c");
}

/* DOC: trie-lookup
 * The root is the prefix of no bits, and so the default route. */
uint32_t trie_lookup(const struct trie *trie, const struct addr *addr)
{
    (void)trie, (void)addr;
    unwritten(2, "trie_lookup() in trie.c");
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
