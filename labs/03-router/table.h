/* A routing table in a file: "PREFIX NEXTHOP" lines. */
#ifndef TABLE_H
#define TABLE_H

#include <stdio.h>

#include "lpm.h"

struct table {
    struct lpm_route *routes; /* sorted, no prefix twice */
    size_t count, room;
    struct addr *hops; /* hop 1 is hops[1] */
    size_t hop_count, hop_room;
    uint32_t *slots; /* hash of hops */
};

/* Reads it; of a prefix that stands there twice the last line counts.  Returns
 * 0; -EINVAL with *line and *problem, as set_read(); -ENOMEM. */
int table_read(struct table *table, FILE *file, size_t *line,
               const char **problem);
/* The part of one family: the first such route; *count tells how many. */
const struct lpm_route *table_family(const struct table *table, unsigned bits,
                                     size_t *count);
void table_fini(struct table *table);

#endif
