/* Sets of addresses, written as prefixes. */
#ifndef SET_H
#define SET_H

#include <stdio.h>

#include "prefix.h"

struct set {
    struct prefix *list;
    size_t count, room;
};

/* Adds a prefix.  Returns 0 or -ENOMEM. */
int set_add(struct set *set, const struct prefix *prefix);
void set_fini(struct set *set);

/* Reads one prefix a line; empty lines and those that begin with '#' do not
 * count.  Returns 0; -EINVAL with the number of the bad line in *line and
 * `problem` a phrase about it; -ENOMEM. */
int set_read(struct set *set, FILE *file, size_t *line, const char **problem);

/* Makes it the shortest list of prefixes that has the same addresses, in
 * order. */
void set_aggregate(struct set *set);

/* Adds to `free_list` the shortest list of prefixes for what lies in `whole`
 * but in none of `used`, which is aggregated.  Returns 0 or -ENOMEM. */
int set_free(struct set *free_list, const struct prefix *whole,
             const struct set *used);

#endif
