/* Sets of addresses; see set.h.
 *
 * Two prefixes never overlap in part: one covers the other, or they have
 * nothing in common.  Both functions below live on that.  In sorted order a
 * prefix stands right before all those it covers, and next to its sibling. */
#include "set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

//> #include "say.h"
//>
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

/* BEGIN SOLUTION 1 */
static int by_order(const void *a, const void *b)
{
    return prefix_compare(a, b);
}

/* Whether the two are the halves of one prefix. */
static bool are_siblings(const struct prefix *a, const struct prefix *b)
{
    if (a->length != b->length || a->length == 0 ||
        addr_equal(&a->base, &b->base))
        return false;
    struct prefix parent = prefix_of(&a->base, a->length - 1);
    return prefix_covers(&parent, b);
}

/* END SOLUTION */
/* DOC: set-aggregate
 * The list itself is the stack: what lies before `kept` is disjoint and cannot
 * be joined any more, but its last one may be joined with what comes. */
void set_aggregate(struct set *set)
{
    /* BEGIN SOLUTION 1 */
    size_t kept = 0;
    if (set->count > 0)
        qsort(set->list, set->count, sizeof(set->list[0]), by_order);
    for (size_t i = 0; i < set->count; i++) {
        struct prefix *list = set->list, next = list[i];
        if (kept > 0 && prefix_covers(&list[kept - 1], &next))
            continue;
        while (kept > 0 && are_siblings(&list[kept - 1], &next)) {
            kept--; /* two halves are one whole, which may be a half again */
            next = prefix_of(&next.base, next.length - 1);
        }
        list[kept++] = next;
    }
    set->count = kept;
    /* END SOLUTION */
    //> (void)set;
    //> unwritten(1, "set_aggregate() in set.c");
}

/* BEGIN SOLUTION 1 */
/* DOC: free-within
 * `first` to `end` are those used prefixes that may lie in `whole`. */
static int free_within(struct set *free_list, const struct prefix *whole,
                       const struct prefix *first, const struct prefix *end)
{
    while (first < end && !prefix_covers(whole, first) &&
           !prefix_covers(first, whole))
        first++;
    if (first == end)
        return set_add(free_list, whole);
    if (prefix_covers(first, whole))
        return 0;
    for (int bit = 0; bit < 2; bit++) {
        struct prefix half = prefix_half(whole, bit);
        int error = free_within(free_list, &half, first, end);
        if (error < 0)
            return error;
    }
    return 0;
}

/* END SOLUTION */
int set_free(struct set *free_list, const struct prefix *whole,
             const struct set *used)
{
    /* BEGIN SOLUTION 1 */
    if (used->count == 0)
        return set_add(free_list, whole);
    return free_within(free_list, whole, used->list, used->list + used->count);
    /* END SOLUTION */
    //> (void)free_list, (void)whole, (void)used;
    //> unwritten(1, "set_free() in set.c");
}
