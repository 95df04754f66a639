/* Sets of addresses; see set.h.
 *
 * Two prefixes never overlap in part: one covers the other, or they have
 * nothing in common.  Both functions below live on that.  In sorted order a
 * prefix stands right before all those it covers, and next to its sibling. */
#include "set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

int set_add(struct set *set, const struct prefix *prefix)
{
    if (set->count == set->room) {
        size_t room = set->room ? 2 * set->room : 64;
        struct prefix *list = realloc(set->list, room * sizeof(*list));
        if (list == NULL)
            return -ENOMEM;
        set->list = list;
        set->room = room;
    }
    set->list[set->count++] = *prefix;
    return 0;
}

void set_fini(struct set *set)
{
    free(set->list);
    *set = (struct set){0};
}

static const char *problem_with(int error)
{
    return error == -EDOM ? "has bits set beyond its length" : "is no prefix";
}

int set_read(struct set *set, FILE *file, size_t *line, const char **problem)
{
    char *text = NULL;
    size_t room = 0;
    int error = 0;
    *line = 0;
    while (error == 0 && getline(&text, &room, file) > 0) {
        struct prefix prefix;
        ++*line;
        text[strcspn(text, "\r\n")] = '\0';
        if (text[0] == '\0' || text[0] == '#')
            continue;
        int wrong = prefix_parse(text, &prefix, NULL);
        *problem = problem_with(wrong);
        error = wrong < 0 ? -EINVAL : set_add(set, &prefix);
    }
    free(text);
    return error;
}

/* DOC: set-aggregate
 * The list itself is the stack: what lies before `kept` is disjoint and cannot
 * be joined any more, but its last one may be joined with what comes. */
void set_aggregate(struct set *set)
{
    (void)set;
    unwritten(1, "set_aggregate() in set.c");
}

int set_free(struct set *free_list, const struct prefix *whole,
             const struct set *used)
{
    (void)free_list, (void)whole, (void)used;
    unwritten(1, "set_free() in set.c");
}
