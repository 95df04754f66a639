/* A plain binary trie: one node a bit.  Right, short, and slow: it is what the
 * faster lpm.h is measured against. */
#ifndef TRIE_H
#define TRIE_H

#include "prefix.h"

enum { HOP_NONE = 0, HOP_MAX = 65535 }; /* next hops are numbered from 1 */

struct trie_node {
    struct trie_node *half[2];
    uint32_t hop; /* of the prefix that ends here, or HOP_NONE */
};

/* Of one family; zero-initialised is empty. */
struct trie {
    struct trie_node *root;
    size_t bytes;
};

/* Returns 0 or -ENOMEM.  A prefix that is there gets the new hop. */
int trie_insert(struct trie *trie, const struct prefix *prefix, uint32_t hop);
/* The hop of the longest prefix that holds the address, or HOP_NONE. */
uint32_t trie_lookup(const struct trie *trie, const struct addr *addr);
void trie_fini(struct trie *trie);

#endif
